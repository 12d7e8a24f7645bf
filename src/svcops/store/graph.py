"""The frozen graph of a store: every record of every kind, every reference resolved once.

Lazy by kind and by owner: what a command does not ask for is not read. Reading never raises for a bad record; what is
wrong is collected in `findings`, and the record is left out.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from svcops.checking.model import At, Finding, KeyPath
from svcops.store.cache import Cache, is_dated
from svcops.store.declared import declared_of
from svcops.store.entries import Entry, from_packs, rebuilding, rebuilt, second
from svcops.store.files import Tree, WorkTree
from svcops.store.layout import KINDS, kind, parts_of, place_of_kind
from svcops.store.model import Kind
from svcops.store.settings import Settings
from svcops.store.shape import Named, shape_of
from svcops.store.walk import Inventory

if TYPE_CHECKING:
    from svcops.store.derivations import Derivation
    from svcops.store.file_history import FileHistory
    from svcops.store.foreseen import Changed

T = TypeVar("T")


class Reference(NamedTuple):
    """One name that one record writes of another."""

    source: Entry[Any]
    keys: KeyPath
    kinds: tuple[str, ...]
    name: str


class Graph:
    """The records of the store at `root`, as they are when first asked for: in the work tree, or in another `tree`."""

    def __init__(
        self,
        root: Path,
        cache_folder: Path | None = None,
        tree: Tree | None = None,
        history: "Callable[[], FileHistory] | None" = None,
    ) -> None:
        self.root = root
        self._history = history
        self._cache = Cache(cache_folder)
        self.tree: Tree = tree or WorkTree(root, self._cache if cache_folder else None)
        self._paths: dict[str, list[str]] = {}
        self._walked: set[str] = set()
        """The kinds whose folders were walked: who did that tells what is wrong with them."""
        self._loaded: dict[str, Mapping[str, Entry[Any]]] = {}
        self._names_by_path: dict[str, Mapping[str, str]] = {}
        self._names: dict[str, Mapping[str, str]] = {}
        self._findings: list[Finding] = []
        self._made: dict[Any, Any] = {}
        self._may_fork = True
        """Whether a second process would find a core that is idle."""
        self.marked: list[str] = []
        """Files read so far that hold a waiver of their own."""
        self.unusable: set[str] = set()
        """Files that can be read, and whose record nobody could go by: what is left out beside what is damaged."""

    @cached_property
    def settings(self) -> Settings:
        """svcops.yaml, or what holds without it; of a damaged one, what can be read of it."""
        entry: Entry[Settings] | None = self.all("settings").get("settings")
        if entry is None and self.files_of("settings"):
            from svcops.store.salvage import salvaged

            return salvaged(self.tree)
        return entry.value if entry else Settings()

    @cached_property
    def zone(self) -> tzinfo:
        """The store's time zone; where nobody can tell which that is, an `UnknownZone`."""
        try:
            return self.settings.zone()
        except ValueError as error:
            from svcops.store.zones import UnknownZone

            return UnknownZone(str(error))

    @cached_property
    def history(self) -> "FileHistory | None":
        """What git says of its files, an input like the files; None where nobody asks git."""
        return self._history() if self._history else None

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
            begin = _beginning(kind(kind_name), within)
            every = [(name, one) for name, one in self._loaded[kind_name].items() if one.path.startswith(begin)]
            return {name: one for name, one in every if within.items() <= one.parts.items()}
        entries, findings = self._read(kind(kind_name), within)
        self._findings += findings
        return MappingProxyType(entries)

    def is_read(self, kind_name: str) -> bool:
        """Whether every record of a kind was read already."""
        return kind_name in self._loaded

    def names(self, kind_name: str) -> list[str]:
        """The names of a kind's records, from their paths alone where a file holds one record."""
        return list(self.all(kind_name) if kind(kind_name).many else self.paths(kind_name).values())

    def folder_names(self, kind_name: str) -> list[str]:
        """The same of records that are folders, quickly: one may be among them whose file is not there."""
        if kind_name in self._paths:
            return self.names(kind_name)
        return self.once(_folder_names, kind_name)

    def damaged(self, kind_name: str) -> list[str]:
        """The files of a kind that cannot be read as records, or only in part."""
        self.all(kind_name)
        damaged = {one.at.path for one in self._findings if one.severity == "error"}
        return sorted(damaged.intersection(self.files_of(kind_name))) if damaged else []

    def let_go(self) -> None:
        """Close what two processes must not share, as there will be two of them; it is opened again where needed."""
        self._cache.close()
        self._may_fork = False

    def take_inventory(self, kinds: Iterable[Kind] = KINDS) -> Inventory:
        """List every file of these kinds in one walk, before anything is read; a first folder's kinds go together."""
        return self._take(list(kinds))

    def _take(self, of: Sequence[Kind], seen: Inventory | None = None) -> Inventory:
        tops = {one.pattern.partition("/")[0] for one in of}
        inventory = self.tree.inventory(tops, by_two=self._may_fork) if seen is None else seen
        self._paths.update({one.name: inventory.paths[one.name] for one in of})
        self._walked.update(one.name for one in of)
        return inventory

    def together(self, kind_names: Sequence[str], work: Callable[[Mapping[str, Mapping[str, Entry[Any]]]], T]) -> T:
        """What `work` gives of the records of these kinds, all of one first folder, which are read in one walk.

        In a large store a second process looks meanwhile whether every file is as the cache has it; where one is not,
        `work` is done again. So it must have no other effect.
        """
        kinds = [kind(name) for name in kind_names]
        if self._is_untouched(kind_names):
            from svcops.store.foreseen import foresee

            found = foresee(self.tree, self._cache, kinds, lambda heads: _worked(self._cache, kinds, heads, work))
            if found and found.changed is None and found.read:
                entries: Mapping[str, dict[str, Entry[Any]]]
                result: T
                entries, result = found.read
                for name in kind_names:
                    self._paths[name] = [entry.path for entry in entries[name].values()]
                    self._loaded[name] = MappingProxyType(entries[name])
                return result
            self._take(kinds, found.changed.inventory if found and found.changed else None)
        return work({name: self.all(name) for name in kind_names})

    def derived(self, of: "Derivation[T]") -> list[T] | None:
        """What follows from all records of some kinds, as it is held; None where nothing is saved by that."""
        if not self._is_untouched(of.kinds):
            return None
        from svcops.store.derivations import held

        kinds = [kind(name) for name in of.kinds]
        found = held(self.tree, self._cache, kinds, of)
        if found is None:
            return None
        if found.read is None or not found.changed:
            return None if found.read is None else [one for values in found.read.values() for one in values]
        return self._derived_anew(of, kinds, found.read, found.changed)

    def _derived_anew(
        self, of: "Derivation[T]", kinds: Sequence[Kind], held: Mapping[str, list[T]], changed: "Changed"
    ) -> list[T] | None:
        """The same where some files are not as the cache has them: their packs are read, and no others."""
        if not all(map(is_dated, changed.packs)):
            return None
        read = {}
        for one in kinds:
            read[one.name], findings = self._read_these(one, changed.inventory.paths[one.name], whole=changed.packs)
            self._findings += findings
        others = (values for name, values in held.items() if name not in changed.packs)
        return [*of.make(read), *(one for values in others for one in values)]

    def _is_untouched(self, kind_names: Iterable[str]) -> bool:
        """Whether nothing of these kinds was read or listed yet, and a second process may help with that."""
        return self._may_fork and self._walked.isdisjoint(kind_names) and self._loaded.keys().isdisjoint(kind_names)

    def read_everything(self) -> None:
        """Read every kind, so that `findings` is complete."""
        for one in KINDS:
            self.all(one.name)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was wrong with what has been read so far."""
        return tuple(dict.fromkeys(self._findings))

    def left_out(self) -> set[str]:
        """The files read so far that are damaged, or of which nobody can make use."""
        return self.unusable | {one.at.path for one in self._findings if one.severity == "error"}

    def dangling(self, kind_name: str) -> Iterator[Reference]:
        """The references of the readable records of a kind that lead nowhere."""
        shape = shape_of(declared_of(kind(kind_name)))
        if not (self.files_of(kind_name) and shape.names and shape.refs):
            return
        named: set[Named] = set()
        for entry in self.all(kind_name).values():
            shape.names(entry.value, named.add)
        lost = self._lost(named)
        if lost:
            for entry in self.all(kind_name).values():
                for keys, ref, name in shape.refs(entry.value, ()):
                    if (ref.kinds, name) in lost:
                        yield Reference(entry, keys, ref.kinds, name)

    def _lost(self, named: Iterable[Named]) -> set[Named]:
        """Those of some names that no record has: those of the same kinds together, where `find` takes one."""
        by_kinds: dict[tuple[str, ...], set[str]] = {}
        for kinds, name in named:
            by_kinds.setdefault(kinds, set()).add(name)
        lost: set[Named] = set()
        for kinds, names in by_kinds.items():
            for one in kinds:
                base, _, document = one.partition(":")
                known = self._by_name(base)
                names.difference_update([name for name in names if _whole(document, name) in known])
            lost.update((kinds, name) for name in names)
        return lost

    def once(self, make: Callable[..., T], *given: Any) -> T:
        """What `make` gives for this graph, and for what else is given, worked out the first time it is asked for."""
        key = (make, *given)
        if key not in self._made:
            self._made[key] = make(self, *given)
        made: T = self._made[key]
        return made

    def find(self, kinds: tuple[str, ...], name: str) -> str | None:
        """The path of the record of one of `kinds` with that name (`store.model.Ref` says how kinds are written)."""
        for one in kinds:
            base, _, document = one.partition(":")
            found = self._by_name(base).get(_whole(document, name))
            if found:
                return found
        return None

    def place(self, kinds: tuple[str, ...], name: str) -> At | None:
        """Where the record of one of `kinds` with that name is defined."""
        for one in kinds:
            base, _, document = one.partition(":")
            entry = self.all(base).get(_whole(document, name))
            if entry:
                return entry.named_at()
        return None

    def candidates(self, kinds: tuple[str, ...]) -> list[str]:
        """The names that a reference of these kinds may write."""
        names = []
        for one in kinds:
            base, _, document = one.partition(":")
            known, before = self._by_name(base), f"{document.rstrip('/')}/" if document else ""
            written = "" if document.endswith("/") else before
            names += [name.removeprefix(written) for name in known if name.startswith(before)]
        return names

    def paths(self, kind_name: str) -> Mapping[str, str]:
        """Every file of a kind that has one record a file, by path, with the record's name; nothing is read."""
        found = self._names_by_path.get(kind_name)
        if found is None:
            name = place_of_kind(kind(kind_name)).name
            found = MappingProxyType({path: name(path) for path in self.files_of(kind_name)})
            self._names_by_path[kind_name] = found
        return found

    def files_of(self, kind_name: str) -> list[str]:
        """Every file of a kind, sorted; nothing is read."""
        found = self._paths.get(kind_name)
        if found is None:
            found = self._paths[kind_name] = self.tree.list_kind(kind(kind_name), {})
        return found

    def of_texts(self, kind_name: str, name: str, make: Callable[[bytes], Any]) -> dict[str, Any]:
        """What a pure function gives of each file of a kind, by path; see `svcops.store.texts`."""
        from svcops.store.texts import of_texts

        return of_texts(self.tree, self._cache, self.files_of(kind_name), name, make)

    def _by_name(self, kind_name: str) -> Mapping[str, str]:
        found = self._names.get(kind_name)
        if found is None:
            if kind(kind_name).many:
                found = {name: entry.path for name, entry in self.all(kind_name).items()}
            else:
                found = {name: path for path, name in reversed(list(self.paths(kind_name).items()))}
            self._names[kind_name] = found
        return found

    def _read(self, of: Kind, within: dict[str, str]) -> tuple[dict[str, Entry[Any]], list[Finding]]:
        """Read the files of a kind (those `within`), from the cache where they are unchanged."""
        whole = None if within else self._from_whole_packs(of)
        if whole is not None:
            return whole, []
        paths = self.tree.list_kind(of, within) if within else self.files_of(of.name)
        if within:
            paths = [path for path in paths if within.items() <= parts_of(path).items()]
        if not paths:
            if within:
                return {}, []
            self._cache.forget(of)
            problem = None if of.name in self._walked else self.tree.unlisted(of)
            return {}, [problem] if problem else []
        return self._read_these(of, paths, whole=not within)

    def _read_these(
        self, of: Kind, paths: list[str], *, whole: Collection[str] | bool
    ) -> tuple[dict[str, Entry[Any]], list[Finding]]:
        """Read these files of a kind; `whole` as `Cache.documents` has it."""
        declared = declared_of(of)
        held = self._cache.documents(self.tree, of, paths, whole=whole)
        self.tree.read_ahead([path for path in paths if path not in held])
        if len(held) == len(paths) and (records := rebuilt(of, declared, held)):
            self._cache.save()
            return records, []
        entries: dict[str, Entry[Any]] = {}
        findings, again = list[Finding](), rebuilding(of, declared)
        read = self._read_anew(of, [path for path in paths if path not in held], held, findings)
        for path in paths:
            for entry in read[path] if path in read else again(path, held[path]):
                first = entries.setdefault(entry.name, entry)
                if first is not entry:
                    findings.append(second(entry, first))
        self._cache.save()
        return entries, findings

    def _from_whole_packs(self, of: Kind) -> dict[str, Entry[Any]] | None:
        """The records of a kind of which it was seen that each file is as the cache has it; None where it was not."""
        packs = self._cache.whole.pop(of.name, lambda: None)()
        found = from_packs(of, declared_of(of), packs) if packs else None
        if found is not None and of.name not in self._paths:
            self._paths[of.name] = list(dict.fromkeys(entry.path for entry in found.values()))
        return found

    def _read_anew(
        self, of: Kind, paths: list[str], held: dict[str, list[Any]], findings: list[Finding]
    ) -> Mapping[str, Sequence[Entry[Any]]]:
        """The records of files by reading them; of those that a second process reads, `held` gets the documents."""
        from svcops.store.reading import Read, Reader

        reader = Reader(self.tree, self._cache, of)
        found, others = (self._may_fork and reader.read_half(paths)) or (Read(), {})
        held |= others
        rest = reader.read([path for path in paths if path not in found.entries and path not in others])
        findings += found.findings + rest.findings
        self.marked += found.marked + rest.marked
        return {**found.entries, **rest.entries} if found.entries else rest.entries


def _folder_names(graph: Graph, kind_name: str) -> list[str]:
    return graph.tree.folder_names(kind(kind_name))


def _beginning(of: Kind, within: Mapping[str, str]) -> str:
    """What the paths of a kind begin with where these named parts are fixed."""
    return re.sub(r"{([a-z]+)}", lambda part: within.get(part[1], part[0]), of.pattern).partition("{")[0]


def _worked(
    cache: Cache, kinds: Sequence[Kind], heads: Mapping[str, Mapping[str, bytes]], work: Callable[[Any], T]
) -> tuple[dict[str, dict[str, Entry[Any]]], T] | None:
    """The records of these kinds from the cache, and what `work` gives of them; None where it has others by now."""
    entries = {}
    for of in kinds:
        packs = cache.packs_of(of, heads[of.name])
        found = None if packs is None else from_packs(of, declared_of(of), packs)
        if found is None:
            return None
        entries[of.name] = found
    return entries, work(entries)


def _whole(document: str, name: str) -> str:
    """The name of a record, of which a reference leaves the document's kind out unless that ends in a slash."""
    if document.endswith("/"):
        return name if name.startswith(document) else ""
    return f"{document}/{name}" if document else name
