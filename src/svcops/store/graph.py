"""The frozen graph of a store: every record of every kind, every reference resolved once.

Lazy by kind and by owner: what a command does not ask for is not read. Reading never raises for a bad record; what is
wrong is collected in `findings`, and the record is left out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from svcops.checking.model import At, Finding, KeyPath, Part
from svcops.store import files
from svcops.store.cache import Cache
from svcops.store.layout import KINDS, kind, pattern_of
from svcops.store.model import Kind
from svcops.store.settings import Settings
from svcops.store.shape import rebuild, references

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """One record with its place: `at()` names a key inside it for a finding."""

    kind: str
    name: str
    path: str
    value: T
    parts: Mapping[str, str]
    document: int = 0
    base: KeyPath = ()

    def at(self, *keys: str | int, part: Part = "value") -> At:
        """The place of a key of this record; without keys, the record."""
        return At(self.path, (*self.base, *keys), part, self.document)


@dataclass(frozen=True, slots=True)
class Reference:
    """One name that one record writes of another, and what it leads to: None where it leads nowhere."""

    source: Entry[Any]
    keys: KeyPath
    kinds: tuple[str, ...]
    name: str
    target: str | None
    """The path of the record that the name leads to."""


class Graph:
    """The records of the store at `root` as they are on disk when first asked for."""

    def __init__(self, root: Path, cache_folder: Path | None = None) -> None:
        self.root = root
        self._cache_folder = cache_folder
        self._paths: dict[str, list[str]] = {}
        self._loaded: dict[str, Mapping[str, Entry[Any]]] = {}
        self._names: dict[str, Mapping[str, str]] = {}
        self._findings: list[Finding] = []

    @cached_property
    def settings(self) -> Settings:
        """svcops.yaml, or what holds without it."""
        entry: Entry[Settings] | None = self.all("settings").get("settings")
        return entry.value if entry else Settings()

    def all(self, kind_name: str) -> Mapping[str, Entry[Any]]:
        """Every readable record of a kind by name, in the order of paths."""
        found = self._loaded.get(kind_name)
        if found is None:
            entries, findings = self._read(kind(kind_name), {})
            self._findings += findings
            found = self._loaded[kind_name] = MappingProxyType(entries)
        return found

    def part(self, kind_name: str, **within: str) -> Mapping[str, Entry[Any]]:
        """The readable records of a kind whose path has these named parts, such as the events of one incident."""
        if kind_name in self._loaded:
            every = self._loaded[kind_name].items()
            return {name: one for name, one in every if all(one.parts[key] == value for key, value in within.items())}
        entries, findings = self._read(kind(kind_name), within)
        self._findings += findings
        return MappingProxyType(entries)

    def names(self, kind_name: str) -> list[str]:
        """The names of a kind's records, from their paths alone where a file holds one record."""
        return list(self.all(kind_name) if kind(kind_name).many else self.paths(kind_name).values())

    def read_everything(self) -> None:
        """Read every kind, so that `findings` is complete."""
        for one in KINDS:
            self.all(one.name)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was wrong with what has been read so far."""
        return tuple(dict.fromkeys(self._findings))

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Every reference of every readable record."""
        return tuple(reference for one in KINDS for reference in self._references_of(one))

    def find(self, kinds: tuple[str, ...], name: str) -> str | None:
        """The path of the record of one of `kinds` with that name; `slo:SLI` is an SLO document of kind SLI."""
        for one in kinds:
            base, _, prefix = one.partition(":")
            found = self._by_name(base).get(f"{prefix}/{name}" if prefix else name)
            if found:
                return found
        return None

    def place(self, kinds: tuple[str, ...], name: str) -> At | None:
        """Where the record of one of `kinds` with that name is defined."""
        for one in kinds:
            base, _, prefix = one.partition(":")
            entry = self.all(base).get(f"{prefix}/{name}" if prefix else name)
            if entry:
                return entry.at("metadata", "name") if prefix else entry.at()
        return None

    def candidates(self, kinds: tuple[str, ...]) -> list[str]:
        """The names that a reference of these kinds may write."""
        names = []
        for one in kinds:
            base, _, prefix = one.partition(":")
            known = self._by_name(base)
            names += [name.removeprefix(f"{prefix}/") for name in known if not prefix or name.startswith(f"{prefix}/")]
        return names

    def paths(self, kind_name: str) -> Mapping[str, str]:
        """Every file of a kind that has one record a file, by path, with the record's name; nothing is read."""
        of = kind(kind_name)
        return {path: of.key.format_map(self._parts(of, path)) for path in self._list(of)}

    def _by_name(self, kind_name: str) -> Mapping[str, str]:
        found = self._names.get(kind_name)
        if found is None:
            if kind(kind_name).many:
                found = {name: entry.path for name, entry in self.all(kind_name).items()}
            else:
                found = {name: path for path, name in reversed(list(self.paths(kind_name).items()))}
            self._names[kind_name] = found
        return found

    def _references_of(self, of: Kind) -> Iterator[Reference]:
        declared = _declared(of)
        for entry in self.all(of.name).values():
            for keys, ref, name in references(declared, entry.value):
                yield Reference(entry, keys, ref.kinds, name, self.find(ref.kinds, name))

    def _list(self, of: Kind) -> list[str]:
        found = self._paths.get(of.name)
        if found is None:
            found = self._paths[of.name] = files.list_kind(self.root, of, {})
        return found

    def _parts(self, of: Kind, path: str) -> dict[str, str]:
        found = pattern_of(of).fullmatch(path)
        assert found, path
        return found.groupdict()

    def _read(self, of: Kind, within: dict[str, str]) -> tuple[dict[str, Entry[Any]], list[Finding]]:
        """Read the files of a kind (those `within`), from the cache where they are unchanged."""
        paths = files.list_kind(self.root, of, within) if within else self._list(of)
        if within:
            paths = [path for path in paths if within.items() <= self._parts(of, path).items()]
        if not paths:
            return {}, []
        held = Cache(self._cache_folder, of.name)
        entries: dict[str, Entry[Any]] = {}
        findings: list[Finding] = []
        for path in paths:
            for entry in self._read_file(of, path, held, findings):
                self._add(entry, entries, findings)
        held.save()
        return entries, findings

    def _add(self, entry: Entry[Any], entries: dict[str, Entry[Any]], findings: list[Finding]) -> None:
        first = entries.setdefault(entry.name, entry)
        if first is not entry:
            from svcops.checking.model import Related

            message = f"a second {entry.kind} of the name {entry.name}"
            help_ = "Names are unique within a store: rename one of the two."
            findings.append(
                Finding("NAME002", message, entry.at(), help_, related=(Related("first defined here", first.at()),))
            )

    def _read_file(self, of: Kind, path: str, held: Cache, findings: list[Finding]) -> Iterator[Entry[Any]]:
        full = f"{self.root}/{path}"
        documents = held.get(path, full, lambda: files.read(self.root, path)[0])
        if documents is not None:
            declared = _declared(of)
            for place, plain in _records_in(of, documents, path):
                yield self._entry(of, place, plain, rebuild(declared, plain))
            return
        data, problem = files.read(self.root, path)
        if problem:
            findings.append(problem)
            return
        from svcops.store.documents import parse
        from svcops.store.validation import validate

        parsed = parse(data, path, many=of.many)
        found = list(parsed.findings)
        if not found:
            for place, plain in _records_in(of, parsed.documents, path):
                value, wrong = validate(_declared(of), plain, place)
                found += wrong
                if value is not None:
                    yield self._entry(of, place, plain, value)
        if not found:
            held.put(path, full, data, parsed.documents)
        findings += found

    def _entry(self, of: Kind, place: At, plain: Any, value: Any) -> Entry[Any]:
        parts = self._parts(of, place.path)
        name = f"{plain['kind']}/{plain['metadata']['name']}" if of.many else of.key.format_map(parts)
        return Entry(of.name, name, place.path, value, parts, place.document, place.keys)


def _records_in(of: Kind, documents: list[Any], path: str) -> Iterator[tuple[At, Any]]:
    """The records of a file: its one document, or with `many` every document and every item of a list of documents."""
    for number, document in enumerate(documents):
        if of.many and isinstance(document, list):
            yield from ((At(path, (index,), document=number), one) for index, one in enumerate(document))
        elif not of.many or document is not None:
            yield At(path, document=number), document


def _declared(of: Kind) -> Any:
    module, _, attribute = of.model.partition(":")
    return getattr(import_module(module), attribute)
