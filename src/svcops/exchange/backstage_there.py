"""What the records of a store say of the entities that they were, or would be: dependencies, members, who said them."""

from collections.abc import Collection, Iterator, Mapping

from svcops.exchange.backstage_entities import FORMAT
from svcops.exchange.kept import named_by, said_of_others
from svcops.exchange.names import Names
from svcops.store.graph import Graph


def needs(graph: Graph) -> dict[str, set[str]]:
    """For each service, the services that it depends on."""
    return {name: {one.service for one in entry.value.dependencies} for name, entry in graph.all("service").items()}


def said_by_the_other(graph: Graph, names: Names) -> Iterator[tuple[str, str]]:
    """The services that depend on others by what those say of themselves (`dependencyOf`), each with the other."""
    every = graph.all("service")
    for service, other in said_of_others(graph, "service", "dependencyOf", "component", names, FORMAT):
        if every[other].value.api is None:
            yield service, other


def said_by_the_person(graph: Graph, names: Names) -> Iterator[tuple[str, str]]:
    """The teams that people say they belong to beside those that name them, each with the person."""
    return said_of_others(graph, "person", "memberOf", "group", names, FORMAT)


def told_twice(graph: Graph, names: Names, said: Mapping[str, Collection[str]]) -> set[str]:
    """The services of which both sides say that they depend on others; `said` is what the other side says."""
    every = graph.all("service")
    return {
        name
        for name, others in said.items()
        if not set(named_by(every[name].value, "dependsOn", "component", names, FORMAT)).isdisjoint(others)
    }
