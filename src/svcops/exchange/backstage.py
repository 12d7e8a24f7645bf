"""What importing Backstage entities would do to a store: a function of the entities and the graph. Writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from svcops.exchange.backstage_entities import RECORD_KINDS, Entity, Source
from svcops.exchange.backstage_records import MODELS, NoRecord, record_of
from svcops.store.change import Change
from svcops.store.files import MAX_BYTES
from svcops.store.graph import Graph
from svcops.store.layout import kind as kind_called
from svcops.store.yaml_writing import NotWritable, dump, plain_of


@dataclass(frozen=True, slots=True)
class Planned:
    """A record that an entity becomes."""

    kind: str
    name: str
    path: str
    source: Source
    text: str = ""
    """What would be written; empty for one that is there already."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A name that the input defines more than once; the first definition is kept."""

    kind: str
    name: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Dangling:
    """A reference of an entity that leads neither into the input nor into the store."""

    kind: str
    name: str
    field: str
    target: str
    source: Source


@dataclass(frozen=True, slots=True)
class Unsupported:
    """An entity that cannot be a record, and why."""

    kind: str
    name: str
    reason: str
    source: Source


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that an import would do, and would not do."""

    entities: int
    added: tuple[Planned, ...]
    unchanged: tuple[Planned, ...]
    kept: tuple[Planned, ...]
    """There already with other content: left as they are."""
    duplicates: tuple[Duplicate, ...]
    dangling: tuple[Dangling, ...]
    unsupported: tuple[Unsupported, ...]

    def change(self, origin: str) -> Change:
        """The change that writes what is to be added; `origin` is the body of its commit message."""
        number = len(self.added)
        return Change(
            f"Import {number} record{'s' if number != 1 else ''} from Backstage",
            {one.path: one.text.encode() for one in self.added},
            records=tuple(one.name for one in self.added),
            body=origin,
        )


def plan(entities: Sequence[Entity], graph: Graph) -> Plan:
    """What importing these entities would do to the store that the graph shows."""
    placed, unsupported = _sorted_out(entities)
    by_key: dict[tuple[str, str], list[Entity]] = {}
    for one in placed:
        by_key.setdefault(one.key, []).append(one)
    there = {(kind, name) for kind in MODELS for name in graph.names(kind)}
    known = {one.key for one in entities} | there
    belonging = _belonging(placed)
    outcome: dict[str, list[Planned]] = {"added": [], "unchanged": [], "kept": []}
    people = {name for kind, name in known if kind == "person"}
    for key in sorted(by_key, key=lambda key: key[0] != "person"):
        first = by_key[key][0]
        try:
            where, planned = _planned(record_of(first, people, belonging), first, graph)
        except NoRecord as reason:
            unsupported.append(Unsupported(first.kind, first.written_name, str(reason), first.source))
            known -= {key} - there
            people -= {key[1]} if key[0] == "person" else set()
        else:
            outcome[where].append(planned)
    return Plan(
        entities=len(entities),
        **{where: tuple(sorted(found, key=lambda one: one.path)) for where, found in outcome.items()},
        duplicates=tuple(
            Duplicate(same[0].kind, same[0].name, tuple(one.source for one in same))
            for same in by_key.values()
            if len(same) > 1
        ),
        dangling=_dangling(placed, known),
        unsupported=tuple(unsupported),
    )


def _sorted_out(entities: Sequence[Entity]) -> tuple[list[Entity], list[Unsupported]]:
    """The entities of kinds that have a place in a store, and the others."""
    placed, unsupported = [], []
    for one in entities:
        if one.is_backstage and one.kind in RECORD_KINDS:
            placed.append(one)
        else:
            kind, version = one.plain["kind"], one.plain.get("apiVersion")
            reason = (
                f"{kind} has no place in a store" if one.is_backstage else f"{version} {kind} is not of the catalogue"
            )
            unsupported.append(Unsupported(one.kind, one.written_name, reason, one.source))
    return placed, unsupported


def _belonging(entities: Sequence[Entity]) -> dict[str, list[str]]:
    """For each group, the users who say that they belong to it."""
    members: dict[str, list[str]] = {}
    for one in entities:
        for field, target, _ in one.references():
            if one.kind == "user" and field == "memberOf":
                members.setdefault(target.name, []).append(one.name)
    return members


def _planned(record: Any, entity: Entity, graph: Graph) -> tuple[str, Planned]:
    """Where in the plan a record belongs; NoRecord where it cannot be written."""
    kind, name = entity.key
    path = kind_called(kind).pattern.format(name=name)
    planned = Planned(kind, name, path, entity.source)
    if path in graph.paths(kind):
        there = graph.all(kind).get(name)
        return ("unchanged" if there is not None and there.value == record else "kept"), planned
    try:
        text = dump(plain_of(record))
    except NotWritable as error:
        raise NoRecord(error.message) from None
    if len(text.encode()) > MAX_BYTES:
        raise NoRecord(f"more than the {MAX_BYTES:,} bytes that a record may have")
    return "added", replace(planned, text=text)


def _dangling(entities: Sequence[Entity], known: set[tuple[str, str]]) -> tuple[Dangling, ...]:
    return tuple(
        Dangling(one.kind, one.name, field, target.name, source)
        for one in entities
        for field, target, source in one.references()
        if target.key not in known
        and not (field == "owner" and known & {("team", target.name), ("person", target.name)})
    )
