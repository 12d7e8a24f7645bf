"""What entities say of others: `dependencyOf` is the inverse of `dependsOn`, and becomes a dependency of the other."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from svcops.exchange import backstage_there
from svcops.exchange.backstage_entities import Placed
from svcops.exchange.backstage_names import Names
from svcops.exchange.backstage_records import PREFIX
from svcops.exchange.drafts import Draft, Reference
from svcops.exchange.sources import Source
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph


@frozen
class Claims:
    """For each service, the services that say that it depends on them."""

    made: Mapping[str, Mapping[str, Source]]
    """By an entity of the input, where it says so."""
    needs: Mapping[str, list[str]]
    """What the input's own services depend on by these; a record that comes now heeds what the store's others say."""
    told_twice: frozenset[str]
    """The services that say it themselves, too."""


def claims(placed: Iterable[Placed], names: Names, graph: Graph) -> Claims:
    """What the entities, and the records of others, say of the services among them."""
    services: dict[str, Placed] = {}
    for one in placed:
        if one.entity.key[0] == "service":
            services.setdefault(one.entity.name, one)
    there = graph.all("service")
    made: dict[str, dict[str, Source]] = {}
    for name, one in services.items():
        for target, source in _named(one, "dependencyOf", names):
            if target in services or target in there:
                made.setdefault(target, {}).setdefault(name, source)
    every = {target: list(by) for target, by in made.items()}
    needs = {target: list(by) for target, by in made.items()}
    for target, name in backstage_there.said_by_the_other(graph, names):
        if target in services and name not in services:
            every.setdefault(target, []).append(name)
            if target not in there:
                needs.setdefault(target, []).append(name)
    twice = {
        name
        for name, one in services.items()
        if not {target for target, _ in _named(one, "dependsOn", names)}.isdisjoint(every.get(name, ()))
        and _says_how(there.get(name))
    }
    return Claims(made, needs, frozenset(twice))


def referring(found: Claims, draft: Draft) -> Draft:
    """A draft that refers to the services that it depends on by their own word, too: one may be refused."""
    by = found.made.get(draft.name, {}) if draft.kind == "service" else {}
    more = (Reference("dependsOn", ("service",), name, source) for name, source in by.items())
    return replace(draft, references=(*draft.references, *more)) if by else draft


def of_the_store(found: Claims, inputs: Iterable[Draft], graph: Graph) -> Iterator[Draft]:
    """The services that are only in the store, and of which the input says more than their records do."""
    drafted = {one.name for one in inputs if one.kind == "service"}
    for name, entry in graph.all("service").items():
        by = found.made.get(name, {}) if name not in drafted else {}
        missing = by.keys() - {one.service for one in entry.value.dependencies}
        if missing:
            source = min((by[one] for one in missing), key=lambda one: (one.file, one.line))
            yield Draft("service", name, "component", _plain(entry.value, by), entry.value, source)


def _plain(record: Any, by: Iterable[str]) -> dict[str, Any]:
    """The dependencies, and the annotations as they are: the input says nothing else of that record."""
    own = {key: text for key, text in (record.annotations or {}).items() if key.startswith(PREFIX)}
    return {"dependencies": [{"service": one} for one in by], **({"annotations": own} if own else {})}


def _named(one: Placed, field: str, names: Names) -> Iterator[tuple[str, Source]]:
    """The services that a component names."""
    if one.entity.kind == "component":
        for name, source in one.names(field):
            if name.key[0] == "service":
                yield names.of(name), source


def _says_how(entry: Entry[Any] | None) -> bool:
    """Whether a record keeps how its dependencies are written, or will: one without it was not imported with both."""
    return entry is None or backstage_there.kept(entry.value, "dependsOn") is not None
