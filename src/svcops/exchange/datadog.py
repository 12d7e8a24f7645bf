"""Datadog's definitions as drafts of records."""

from collections.abc import Iterator, Sequence

from svcops.exchange.claims import claims, firsts, of_the_store, referring, systems_of
from svcops.exchange.datadog_entities import FORMAT, KINDS, PREFIX, REFERENCES, Definition, fault
from svcops.exchange.datadog_records import Around, own_systems, plain_of
from svcops.exchange.drafts import OWNERS, Batch, Draft, NoRecord, Reference, Unsupported, record_of
from svcops.exchange.kept import holders, said_of_others
from svcops.exchange.names import Names, settled
from svcops.exchange.sources import Input, Unreadable, documents_of
from svcops.store.graph import Graph

_CAN_SAY = {"service": ("description", "links", "tags"), "system": ("description", "tags")}
"""Not the system of a service: where several systems name it as theirs, the input speaks of it, and says none."""


def read(inputs: Sequence[Input], graph: Graph, owner: str = "") -> Batch:
    """What the files say, beside what the store says; `owner` answers for what names nobody. Raises Unreadable."""
    documents, findings = documents_of(inputs)
    findings += [found for one in documents if (found := fault(one))]
    if findings:
        raise Unreadable(findings)
    definitions = [Definition(one) for one in documents]
    others = [one for one in definitions if one.kind not in KINDS]
    unsupported = [
        Unsupported(one.kind, one.written_name, f"{one.kind} has no place in a store", one.source) for one in others
    ]
    supported = [one for one in definitions if one.kind in KINDS]
    names, named, unnamed = settled(supported, holders(graph, FORMAT), FORMAT)
    services, systems = firsts(named, "service", names), firsts(named, "system", names)
    told = said_of_others(graph, "service", "dependencyOf", "service", names, FORMAT)
    needs = claims(services, "dependencyOf", told, services, names, graph)
    told = said_of_others(graph, "system", "components", "service", names, FORMAT)
    members = claims(systems, "components", told, services, names, graph)
    system_of = systems_of({name: own_systems(one, names) for name, one in services.items()}, members, graph)
    joined = {
        name: (one, members.made[name][one]) for name, one in system_of.items() if one in members.made.get(name, ())
    }
    drafts, refused = _drafts(named, Around(names, needs.heeded, system_of), owner)
    drafts += of_the_store(needs, joined, drafts, graph, FORMAT)
    return Batch(
        "Datadog",
        PREFIX,
        len(documents),
        tuple(referring(one, needs, joined) for one in drafts),
        (*unsupported, *unnamed, *refused),
        frozenset((one.kind, names.of(one.meant)) for one in others),
    )


def _drafts(named: Sequence[Definition], around: Around, owner: str) -> tuple[list[Draft], list[Unsupported]]:
    drafts: list[Draft] = []
    refused: list[Unsupported] = []
    for one in named:
        try:
            drafts.append(_draft(one, around, owner))
        except NoRecord as reason:
            refused.append(Unsupported(one.kind, one.written_name, str(reason), one.source))
    return drafts, refused


def _draft(one: Definition, around: Around, owner: str) -> Draft:
    kind, name = KINDS[one.kind], around.names.of(one.meant)
    plain = plain_of(one, around)
    record = record_of(kind, name, plain, written=one.written_name, prefix=PREFIX, owner=owner)
    told = {f"{PREFIX}{field}" for field in ("dependencyOf", "components") if _is_told(one, field, around)}
    listed = tuple(key for key in plain.get("annotations", {}) if key not in told)
    references, notes = tuple(_references(one, around.names)), around.names.notes(one.meant)
    can_say = _CAN_SAY[kind]
    return Draft(kind, name, one.kind, plain, record, one.source, references, listed, notes, can_say=can_say)


def _is_told(one: Definition, field: str, around: Around) -> bool:
    """Whether the services that a list names say what it says of them, so that it is only kept for imports to come."""
    named = list(one.names(field))
    return bool(named) and all(
        name.record == "service" and _says(around, around.names.of(name), field, around.names.of(one.meant))
        for name, _ in named
    )


def _says(around: Around, service: str, field: str, name: str) -> bool:
    if field == "components":
        return around.systems.get(service) == name
    return name in around.needs.get(service, ())


def _references(one: Definition, names: Names) -> Iterator[Reference]:
    """What a definition names, each at its place."""
    for field in REFERENCES:
        kinds = OWNERS if field == "owner" else ()
        for name, source in one.names(field):
            yield Reference(field, kinds or (name.key[0],), names.of(name, kinds), source, name.absent)
