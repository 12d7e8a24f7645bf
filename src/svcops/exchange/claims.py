"""What entities say of services that say nothing of it themselves: `dependencyOf` is the inverse of `dependsOn`."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from svcops.exchange.drafts import Draft, Reference
from svcops.exchange.names import Names
from svcops.exchange.references import Entity, Format
from svcops.exchange.sources import Source
from svcops.store.frozen import frozen
from svcops.store.graph import Graph


@frozen
class Claims:
    """For each service, who says of it what one field is for."""

    made: Mapping[str, Mapping[str, Source]]
    """The entities of the input that say so, each with the place."""
    heeded: Mapping[str, list[str]]
    """These, and where the service comes only now, the records of the store that say so."""
    every: Mapping[str, list[str]]
    """All entities and records that say so."""


def firsts(entities: Iterable[Entity], record: str) -> dict[str, Entity]:
    """Of each name, the first entity that becomes such a record: what is defined twice speaks only once."""
    found: dict[str, Entity] = {}
    for one in entities:
        if one.meant.record == record:
            found.setdefault(one.meant.name, one)
    return found


def claims(
    saying: Mapping[str, Entity],
    field: str,
    kept: Iterable[tuple[str, str]],
    services: Collection[str],
    names: Names,
    graph: Graph,
) -> Claims:
    """What the entities `saying` say in a field of services of input and store.

    `kept` is what records say: a service, and who says it of that. `services` are those of the input.
    """
    there = graph.all("service")
    made: dict[str, dict[str, Source]] = {}
    for name, one in saying.items():
        for service, source in _services(one, field, names):
            if service in services or service in there:
                made.setdefault(service, {}).setdefault(name, source)
    heeded = {service: list(by) for service, by in made.items()}
    every = {service: list(by) for service, by in made.items()}
    for service, name in kept:
        if name not in saying:
            every.setdefault(service, []).append(name)
            if service in services and service not in there:
                heeded.setdefault(service, []).append(name)
    return Claims(made, heeded, every)


def referring(found: Claims, draft: Draft, field: str, kind: str) -> Draft:
    """A draft that refers to those who say it of the service, too: one of them may be refused."""
    by = found.made.get(draft.name, {}) if draft.kind == "service" else {}
    more = (Reference(field, (kind,), name, source) for name, source in by.items())
    return replace(draft, references=(*draft.references, *more)) if by else draft


def of_the_store(found: Claims, inputs: Iterable[Draft], graph: Graph, form: Format) -> Iterator[Draft]:
    """The services that are only in the store, and of which the input says more than their records do."""
    drafted = {one.name for one in inputs if one.kind == "service"}
    there = graph.all("service")
    for name, by in found.made.items():
        if name in drafted or name not in there:
            continue
        record = there[name].value
        missing = by.keys() - {one.service for one in record.dependencies}
        if missing:
            source = min((by[one] for one in missing), key=lambda one: (one.file, one.line))
            yield Draft("service", name, form.service, _plain(record, by, form), record, source)


def _plain(record: Any, by: Iterable[str], form: Format) -> dict[str, Any]:
    """The dependencies, and the annotations as they are: the input says nothing else of that record."""
    own = {key: text for key, text in (record.annotations or {}).items() if key.startswith(form.prefix)}
    return {"dependencies": [{"service": one} for one in by], **({"annotations": own} if own else {})}


def _services(one: Entity, field: str, names: Names) -> Iterator[tuple[str, Source]]:
    for name, source in one.names(field):
        if name.record == "service":
            yield names.of(name), source
