"""What entities say of services that say nothing of it themselves: `dependencyOf` is the inverse of `dependsOn`.

So are the `components` of a system the inverse of the system that a service names.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from svcops.exchange.drafts import Draft, Reference
from svcops.exchange.names import Names
from svcops.exchange.references import Entity, Format
from svcops.exchange.sources import Source
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

E = TypeVar("E", bound=Entity)


@frozen
class Claims:
    """For each service, who says of it what one field is for."""

    made: Mapping[str, Mapping[str, Source]]
    """The entities of the input that say so, each with the place."""
    heeded: Mapping[str, list[str]]
    """These, and where the service comes only now, the records of the store that say so."""
    every: Mapping[str, list[str]]
    """All entities and records that say so."""


def firsts(entities: Iterable[E], record: str, names: Names) -> dict[str, E]:
    """For each such record, the first entity that becomes it: what is defined twice speaks only once."""
    found: dict[str, E] = {}
    for one in entities:
        if one.meant.record == record:
            found.setdefault(names.of(one.meant), one)
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


def systems_of(own: Mapping[str, Sequence[str]], members: Claims, graph: Graph) -> dict[str, str]:
    """For each service that is part of one system, that system: by its own word, else by that of the only system.

    `own` is what each service of the input says itself, `members` what systems say. One that is only in the store and
    has a system keeps it: nobody knows whether that was its own word.
    """
    there = graph.all("service")
    found: dict[str, str] = {}
    for name in dict.fromkeys([*own, *members.made, *members.heeded]):
        said = own[name] if name in own else [one for one in (there[name].value.system,) if one]
        others = members.every.get(name, [])
        if len(said) == 1:
            found[name] = said[0]
        elif not said and len(others) == 1 and others == members.heeded.get(name):
            found[name] = others[0]
    return found


def of_the_store(
    needs: Claims, joined: Mapping[str, tuple[str, Source]], inputs: Iterable[Draft], graph: Graph, form: Format
) -> Iterator[Draft]:
    """The services that are only in the store, and of which the input says more than their records do.

    `joined` says of services which system they are part of, and where a system says so.
    """
    drafted = {one.name for one in inputs if one.kind == "service"}
    there = graph.all("service")
    for name in dict.fromkeys([*needs.made, *joined]):
        if name in drafted or name not in there:
            continue
        record, by = there[name].value, needs.made.get(name, {})
        said: dict[str, Any] = {}
        missing = by.keys() - {one.service for one in record.dependencies}
        places = [by[one] for one in missing]
        if missing:
            said["dependencies"] = [{"service": one} for one in by]
        if name in joined and joined[name][0] != record.system:
            said["system"], place = joined[name]
            places.append(place)
        if places:
            source = min(places, key=lambda one: (one.file, one.line))
            plain = {**said, **_own_annotations(record, form)}
            own = tuple(one.service for one in record.dependencies)  # the input does not speak for it
            yield Draft("service", name, form.service, plain, record, source, needed_there=own)


def referring(draft: Draft, needs: Claims, joined: Mapping[str, tuple[str, Source]]) -> Draft:
    """A draft that knows who says something of the service, too, and refers to them: one of them may be refused."""
    if draft.kind != "service":
        return draft
    more = [Reference("dependsOn", ("service",), *said) for said in needs.made.get(draft.name, {}).items()]
    if draft.name in joined:
        more.append(Reference("componentOf", ("system",), *joined[draft.name]))
    there = needs.every.get(draft.name, ())
    return replace(draft, references=(*draft.references, *more), needed_there=(*draft.needed_there, *there))


def _own_annotations(record: Any, form: Format) -> dict[str, Any]:
    """The format's annotations as they are: they would go if the input did not say them."""
    own = {key: text for key, text in (record.annotations or {}).items() if key.startswith(form.prefix)}
    return {"annotations": own} if own else {}


def _services(one: Entity, field: str, names: Names) -> Iterator[tuple[str, Source]]:
    for name, source in one.names(field):
        if name.record == "service":
            yield names.of(name), source
