"""What the records of a store say of the entities that they were, or would be: names, dependencies, who said them."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from svcops.exchange.backstage_entities import DEFAULT_NAMESPACE, RECORD_KINDS, name_of, namespace_of
from svcops.exchange.backstage_names import Names, Namespaces
from svcops.exchange.backstage_records import PREFIX
from svcops.exchange.drafts import value_of
from svcops.store.graph import Graph

KINDS = tuple(dict.fromkeys(RECORD_KINDS.values()))


def namespaces(graph: Graph) -> Namespaces:
    """The namespace of every record's entity; of a damaged one nobody can say that it is no other than the default."""
    found = {(kind, name): DEFAULT_NAMESPACE for kind in KINDS for name in graph.names(kind)}
    for kind in KINDS:
        for name, entry in graph.all(kind).items():
            found[kind, name] = _namespace(entry.value)
    return found


def needs(graph: Graph) -> dict[str, set[str]]:
    """For each service, the services that it depends on."""
    return {name: {one.service for one in entry.value.dependencies} for name, entry in graph.all("service").items()}


def said_by_the_other(graph: Graph, names: Names) -> Iterator[tuple[str, str]]:
    """The services that depend on others by what those say of themselves (`dependencyOf`), each with the other."""
    for name, entry in graph.all("service").items():
        if entry.value.api is None:
            for service in _named(entry.value, "dependencyOf", "component", names):
                yield service, name


def said_by_the_person(graph: Graph, names: Names) -> Iterator[tuple[str, str]]:
    """The teams that people say they belong to beside those that name them, each with the person."""
    for name, entry in graph.all("person").items():
        for team in _named(entry.value, "memberOf", "group", names):
            yield team, name


def told_twice(graph: Graph, names: Names, said: Mapping[str, Collection[str]]) -> set[str]:
    """The services of which both sides say that they depend on others; `said` is what the other side says."""
    every = graph.all("service")
    return {
        name
        for name, others in said.items()
        if not _named(every[name].value, "dependsOn", "component", names).isdisjoint(others)
    }


def kept(record: Any, field: str) -> Any:
    """What a record keeps of a field of its entity; None where it keeps nothing."""
    text = (record.annotations or {}).get(f"{PREFIX}{field}")
    return None if text is None else value_of(text)


def _namespace(record: Any) -> str:
    return namespace_of(kept(record, "namespace"))


def _named(record: Any, field: str, default_kind: str, names: Names) -> set[str]:
    """The records of the kind of `default_kind` that a kept list of references means."""
    written = kept(record, field)
    if not isinstance(written, list) or not all(isinstance(one, str) for one in written):
        return set()
    meant = (name_of(one, default_kind, _namespace(record)) for one in written)
    return {names.of(one) for one in meant if one.key[0] == RECORD_KINDS[default_kind]}
