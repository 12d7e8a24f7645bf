"""What imports of things that happened share: the records that stand for them already, options, and what to write."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from svcops.errors import BadInput
from svcops.exchange.drafts import slug_of
from svcops.exchange.merging import differing, merged, rewritten
from svcops.exchange.outside_records import said_digest
from svcops.exchange.plan import Plan
from svcops.exchange.sources import MAX_BYTES, Input, read_inputs
from svcops.store.change import Change
from svcops.store.entries import Entry
from svcops.store.formatting import kept_in_order
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.suggest import did_you_mean
from svcops.store.yaml_writing import plain_of

if TYPE_CHECKING:
    from svcops.terminal.session import Session

STDIN = "-"


@frozen
class Outcome:
    """A plan, and the files that carry it out: path to text, digests of those that are there, names in folders."""

    plan: Plan
    files: Mapping[str, str]
    before: Mapping[str, str]
    listings: Mapping[str, tuple[str, ...]]
    unknown_parts: Mapping[str, int]
    """What was concerned and is no service of the catalogue, with how often."""
    remarks: tuple[str, ...] = ()
    """What else a person should know of the input."""

    @property
    def is_refused(self) -> bool:
        """Whether something was given, and none of it can be a record."""
        return self.plan.is_refused

    def change(self, origin: str) -> Change:
        """The change that writes it; `origin` is the body of its commit message."""
        added, updated = self.plan.added, self.plan.updated
        told = " and ".join(
            f"{verb} {len(ones)} record{'s' if len(ones) != 1 else ''}"
            for verb, ones in (("import", added), ("update", updated))
            if ones
        )
        return Change(
            f"{told.capitalize()} from {self.plan.format}",
            {path: text.encode() for path, text in self.files.items()},
            before=self.before,
            listings=self.listings,
            records=tuple(one.name for one in (*added, *updated)),
            body=origin.encode("utf-8", "backslashreplace").decode(),  # a file's name may be no UTF-8
        )


@frozen
class Choices:
    """What whoever imports says: how services and severities are called here."""

    services: Mapping[str, str]
    """Component as it is written there, to the name of a service."""
    severities: Mapping[str, str]
    """Impact or severity as it is written there, to a severity of the settings."""
    known: Mapping[str, str]
    """Names and titles of the catalogue's services, as slugs, to their names."""

    def services_of(self, parts: Iterable[str]) -> tuple[str, ...]:
        """The services that components are; those that nobody knows are left out."""
        found = (self.services.get(part) or self.known.get(slug_of(part)) for part in parts)
        return tuple(dict.fromkeys(one for one in found if one))

    def unknown(self, parts: Iterable[str]) -> list[str]:
        """The components that are no service."""
        return [part for part in parts if not self.services_of([part])]

    def unused(self, parts: Iterable[str]) -> tuple[str, ...]:
        """A line for each `--map` of a component that is never named."""
        named = set(parts)
        lost = [part for part in self.services if part not in named]
        return tuple(
            f'--map "{one}=...": nothing there is called so. {did_you_mean(one, named)}'.strip() for one in lost
        )


def inputs_of(session: "Session", names: list[str]) -> list[Input]:
    """The files of these names, `-` being standard input; BadInput for one that cannot be read."""
    found = []
    for name in names:
        if name != STDIN:
            found += read_inputs(session.place, [name])
            continue
        try:
            text = session.stdin.read(MAX_BYTES + 1)
        except UnicodeDecodeError:
            raise BadInput("standard input is not UTF-8") from None
        found.append(Input("standard input", text.encode("utf-8", "surrogateescape")))
    return found


def pairs(option: str, given: Iterable[str], example: str) -> dict[str, str]:
    """`NAME=VALUE` of an option that may be repeated; BadInput where it is not that, or one name has two values."""
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = (part.strip() for part in text.rpartition("="))
        if not (name and equals and value):
            raise BadInput(f"{option} {text}: not NAME=VALUE", help=f'Such as {option} "{example}".')
        if found.get(name, value) != value:
            raise BadInput(f"{option} {name}={value}: {name} is {found[name]} already", help="Say it once.")
        found[name] = value
    return found


def known_services(graph: Graph, chosen: Mapping[str, str]) -> dict[str, str]:
    """Names and titles of services as slugs, to their names; BadInput for a chosen one that is none."""
    names = graph.names("service")
    for part, name in chosen.items():
        if name not in names:
            help_ = did_you_mean(name, names) or "svcops service list"
            raise BadInput(f'--map "{part}={name}": there is no service {name}', help=help_)
    titles = {slug_of(entry.value.title): name for name, entry in graph.all("service").items()}
    return {**titles, **{slug_of(name): name for name in names}}


def known_severity(graph: Graph, option: str, name: str) -> str:
    """A severity of the settings; BadInput where it is none."""
    levels = [level.name for level in graph.settings.severities]
    if name not in levels:
        raise BadInput(f"{option}={name}: svcops.yaml has no severity {name}", help=f"One of {', '.join(levels)}.")
    return name


def by_origin(graph: Graph, kind: str, system: str) -> dict[str, Entry[Any]]:
    """The records of a kind that were imported from a system, by what they are called there."""
    found: dict[str, Entry[Any]] = {}
    for entry in graph.all(kind).values():
        origin = entry.value.imported
        if origin and origin.system == system:
            found.setdefault(origin.key, entry)
    return found


@frozen
class Compared:
    """A record that is there and what the input says of it."""

    differs: tuple[str, ...]
    """The keys that the input says otherwise."""
    kept: tuple[str, ...]
    """Those of them that were edited here since they were imported: they stay."""
    front: str
    """What the record's YAML would be."""
    takes_text: bool = False
    """Whether the text below it would become that of the input."""

    @property
    def told(self) -> tuple[str, ...]:
        """The keys that differ, and of those that stay, why."""
        return tuple(f"{key} kept: edited here since" if key in self.kept else key for key in self.differs)

    @property
    def writes(self) -> bool:
        """Whether anything would be taken over."""
        return len(self.differs) > len(self.kept)


def compared(entry: Entry[Any], record: Any, front: str, texts: tuple[str, str] | None = None) -> Compared:
    """What an import changes in a record that is there, of the YAML `front`; `texts` are those below it, old and new.

    The input adds and changes, and never takes away what only the store says (`merging`). What is not as an import
    wrote it was edited here, and stays.
    """
    there, says = plain_of(entry.value), plain_of(record)
    was: dict[str, str] = there["imported"].get("said") or {}
    told = {key: value for key, value in says.items() if value is not None and key != "imported"}
    would = merged(there, told, "")
    differs = differing(there, would)
    kept = [key for key in differs if said_digest(there.get(key)) != was.get(key, "")]
    after = merged(there, {key: told[key] for key in differs if key not in kept}, "")
    origin = {**says["imported"], "said": None}
    imported = {**there["imported"], **{key: value for key, value in origin.items() if value is not None}}
    if imported != there["imported"]:
        differs = (*differs, "imported")
    said = {**was, **{key: said_digest(after[key]) for key in differs if key not in (*kept, "imported")}}
    is_new_text = texts is not None and texts[0] != texts[1]
    if texts and is_new_text:
        differs = (*differs, "text")
        if said_digest(texts[0]) == was.get("text"):
            said["text"] = said_digest(texts[1])
        else:
            kept.append("text")
    after["imported"] = {**imported, "said": said} if said else imported
    if there != after:
        front = kept_in_order(front, rewritten(front, there, after, entry.path), type(entry.value), entry.path)
    return Compared(differs, tuple(kept), front, is_new_text and "text" not in kept)
