"""Backstage entity files as drafts of records: https://backstage.io/docs/features/software-catalog/descriptor-format."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from svcops.catalogue.answering import owners
from svcops.checking.model import Finding
from svcops.exchange import backstage_there
from svcops.exchange.backstage_entities import FORMAT, PREFIX, RECORD_KINDS, REFERENCES, Placed, entity_in
from svcops.exchange.backstage_own import record_plain
from svcops.exchange.backstage_records import Around
from svcops.exchange.claims import Claims, claims, firsts, of_the_store, referring
from svcops.exchange.drafts import OWNERS, Batch, Draft, NoRecord, Reference, Unsupported, record_of
from svcops.exchange.kept import awaited, holders, kept
from svcops.exchange.names import Names, settled
from svcops.exchange.references import Entity
from svcops.exchange.sources import Input, Unreadable, documents_of
from svcops.store.graph import Graph

_NEEDS = {"dependsOn": "component", "consumesApis": "api"}
"""The lists that become dependencies, and the kind that is meant where a reference has none."""
_CAN_SAY = {
    "service": ("description", "system", "links", "tags"),
    "system": ("description", "tags"),
    "team": ("description", "parent", "tags"),
}


def read(inputs: Sequence[Input], graph: Graph) -> Batch:
    """What the files say, beside what the store says. Raises Unreadable."""
    documents, findings = documents_of(inputs)
    entities = []
    for document in documents:
        found = entity_in(document)
        if isinstance(found, Finding):
            findings.append(found)
        else:
            entities.append(found)
    if findings:
        raise Unreadable(findings)
    supported, unsupported = _sorted_out(entities)
    named_so, owning = awaited(graph, _NEEDS, FORMAT), _people_who_own(supported, graph)
    names, placed, unnamed = settled(supported, holders(graph, FORMAT), FORMAT, named_so, owning)
    services = firsts(placed, "service", names)
    told_by_others = backstage_there.said_by_the_other(graph, names)
    needs = claims(services, "dependencyOf", told_by_others, services, names, graph)
    around = Around(
        people=set(graph.names("person")),
        groups=firsts(placed, "team", names).keys(),
        members=_belonging(firsts(placed, "person", names), names),
        names=names,
        needs=needs.heeded,
        told_twice=_told_twice(services, needs, names, graph),
    )
    drafts, refused = _drafts(placed, around)
    drafts += of_the_store(needs, {}, drafts, graph, FORMAT)
    drafts = [referring(one, needs, {}) for one in drafts]
    others = {(one.entity.kind, names.of(one.entity.meant)) for one in entities if one.entity.kind not in RECORD_KINDS}
    return Batch(
        "Backstage", PREFIX, len(entities), tuple(drafts), (*unsupported, *unnamed, *refused), frozenset(others)
    )


def _sorted_out(entities: Sequence[Placed]) -> tuple[list[Placed], list[Unsupported]]:
    """The entities of kinds that have a place in a store, and the others."""
    placed, unsupported = [], []
    for one in entities:
        entity = one.entity
        if entity.is_backstage and entity.kind in RECORD_KINDS:
            placed.append(one)
        else:
            kind, version = entity.plain["kind"], entity.plain.get("apiVersion")
            if entity.is_backstage:
                reason = f"{kind} has no place in a store"
            else:
                reason = f"{version} {kind} is not of the catalogue" if version else "apiVersion is missing"
            unsupported.append(Unsupported(entity.kind, entity.written_name, reason, one.source))
    return placed, unsupported


def _people_who_own(entities: Sequence[Placed], graph: Graph) -> set[str]:
    """The names by which the input means a user as an owner, or the store a person: a team could take them over."""
    meant = {name.name for one in entities for name, _ in one.names("owner") if name.kind == "user"}
    return meant | (owners(graph) & graph.all("person").keys() - graph.all("team").keys())


def _drafts(placed: Sequence[Placed], around: Around) -> tuple[list[Draft], list[Unsupported]]:
    """The entities as drafts, users first: who is no person can be nobody's member."""
    known = set(around.people)
    drafts: list[Draft] = []
    refused: list[Unsupported] = []
    for one in sorted(placed, key=lambda one: one.entity.kind != "user"):
        if one.entity.kind != "user" and around.people != known:
            around = replace(around, people=known)
        try:
            drafts.append(_draft(one, around))
        except NoRecord as reason:
            refused.append(Unsupported(one.entity.kind, one.entity.written_name, str(reason), one.source))
        else:
            known.update([around.names.of(one.meant)] if one.entity.kind == "user" else [])
    return drafts, refused


def _draft(one: Placed, around: Around) -> Draft:
    entity = one.entity
    kind, name = RECORD_KINDS[entity.kind], around.names.of(entity.meant)
    plain = record_plain(entity, around)
    record = record_of(kind, name, plain, written=entity.written_name, prefix=PREFIX)
    own = entity.part("metadata").get("annotations")
    written = own if isinstance(own, dict) else {}
    known = {*written, *_told_as_dependencies(one, around)}
    listed = tuple(key for key in plain.get("annotations", {}) if key.startswith(PREFIX) and key not in known)
    references, notes = tuple(_references(one, around.names)), tuple(_notes(one, around.names))
    can_say = _CAN_SAY.get(kind, ())
    return Draft(kind, name, entity.kind, plain, record, one.source, references, listed, notes, can_say=can_say)


def _told_as_dependencies(one: Placed, around: Around) -> Iterator[str]:
    """The annotations that only keep how dependencies are written, for an export."""
    name, needs = around.names.of(one.meant), around.needs
    if _is_told(one, "consumesApis", lambda _: True, around):
        yield f"{PREFIX}consumesApis"
    if _is_told(one, "dependencyOf", lambda service: name in needs.get(service, ()), around):
        yield f"{PREFIX}dependencyOf"


def _is_told(one: Placed, field: str, is_dependency: Callable[[str], bool], around: Around) -> bool:
    """Whether everything that a list says became dependencies."""
    written = one.entity.part("spec").get(field)
    meant = [name for name, _ in one.names(field)]
    return (
        isinstance(written, list)
        and len(meant) == len(written)
        and all(name.record == "service" and is_dependency(around.names.of(name)) for name in meant)
    )


def _references(one: Placed, names: Names) -> Iterator[Reference]:
    """What an entity names, each at its place."""
    for field in REFERENCES.get(one.entity.kind, {}):
        kinds = OWNERS if field == "owner" else ()
        for name, source in one.names(field):
            if not names.hides(name, kinds or (name.key[0],)):
                yield Reference(field, kinds or (name.key[0],), names.of(name, kinds), source, name.absent)


def _notes(one: Placed, names: Names) -> Iterator[str]:
    """What to know of the record of an entity: its name, and an owner who cannot be named."""
    yield from names.notes(one.meant)
    for owner, _ in one.names("owner"):
        if names.hides(owner, OWNERS):
            record = f"{owner.record} {names.records[owner]}"
            yield f"its owner is the {record}, and an owner of that name is the team: rename one of the two"


def _belonging(users: Mapping[str, Placed], names: Names) -> dict[str, list[str]]:
    """For each group, the users who say that they belong to it."""
    members: dict[str, list[str]] = {}
    for user, one in users.items():
        written = one.entity.part("spec").get("memberOf")
        if isinstance(written, list) and all(isinstance(group, str) for group in written):
            for name, _ in one.names("memberOf"):
                if name.kind == "group":
                    members.setdefault(names.of(name), []).append(user)
    return members


def _told_twice(services: Mapping[str, Entity], needs: Claims, names: Names, graph: Graph) -> frozenset[str]:
    """The services that say themselves, too, what others say of them.

    A record that does not keep how its dependencies are written was not imported with both.
    """
    there = graph.all("service")
    return frozenset(
        name
        for name, one in services.items()
        if not {names.of(meant) for meant, _ in one.names("dependsOn") if meant.record == "service"}.isdisjoint(
            needs.every.get(name, ())
        )
        and (name not in there or kept(there[name].value, "dependsOn", FORMAT) is not None)
    )
