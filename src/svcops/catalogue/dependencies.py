"""What services need of each other: both ways, in circles, and what suffers when one of them fails.

Pure functions of the graph. Nothing here recurses: a landscape may be one long chain.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Literal

from svcops.catalogue.facts import absent
from svcops.catalogue.model import Dependency, Service
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

MOST_CIRCLES = 50
"""Of services that all need each other: many of them have more circles than anybody can read."""

LONGEST_WAY = 10
"""Steps up to which a way is given in full: all ways of a landscape that is one long chain are too much."""


@frozen
class Edge:
    """One service needs another; `number` is the place in its list of dependencies."""

    source: str
    target: str
    dependency: Dependency
    number: int

    @property
    def critical(self) -> bool:
        """Whether the source stops without the target."""
        return self.dependency.critical


@frozen
class Slice:
    """A part of the landscape: services by name, and edges."""

    services: Mapping[str, Entry[Service] | None]
    edges: tuple[Edge, ...]
    missing: Mapping[str, str]
    """Why there is None of some: the catalogue has no such service, or its file is damaged."""


@frozen
class Suffering:
    """A service that suffers when another fails, as `edge`, a dependency of its own, leads to the failing one."""

    name: str
    effect: Literal["stops", "degraded"]
    edge: Edge
    steps: int
    """Dependencies between the failing one and this one."""
    path: tuple[Edge, ...]
    """The way from the failing one up to this one; empty where it has more than LONGEST_WAY steps."""

    @property
    def via(self) -> str:
        """The service that this one needs and that fails, or suffers, itself."""
        return self.edge.target


def edges_of(graph: Graph) -> list[Edge]:
    """Every dependency of every service, by name of the service, then in the order in which they are written."""
    return [
        Edge(entry.name, dependency.service, dependency, number)
        for entry in sorted(graph.all("service").values(), key=lambda one: one.name)
        for number, dependency in enumerate(entry.value.dependencies)
    ]


def by_source(edges: Iterable[Edge]) -> dict[str, list[Edge]]:
    """What each service needs."""
    found: dict[str, list[Edge]] = {}
    for edge in edges:
        found.setdefault(edge.source, []).append(edge)
    return found


def by_target(edges: Iterable[Edge]) -> dict[str, list[Edge]]:
    """By whom each service is needed."""
    found: dict[str, list[Edge]] = {}
    for edge in edges:
        found.setdefault(edge.target, []).append(edge)
    return found


def impact(graph: Graph, name: str) -> list[Suffering]:
    """What suffers when a service fails, what stops first, then by distance and name; the failing one is left out.

    A service stops where a way of critical dependencies leads from it to the failing one. It is degraded where every
    way has a dependency that is not critical. The way given is a shortest one.
    """
    return suffering(edges_of(graph), name)


def suffering(edges: Iterable[Edge], name: str) -> list[Suffering]:
    """What suffers when a service fails, as `impact`, over any edges."""
    needed_by = by_target(edges)
    found = list(_reached(name, needed_by, "stops"))
    stops = {one.name for one in found}
    found += [one for one in _reached(name, needed_by, "degraded") if one.name not in stops]
    return sorted(found, key=lambda one: (one.effect != "stops", one.steps, one.name))


def _reached(
    start: str, needed_by: Mapping[str, list[Edge]], effect: Literal["stops", "degraded"]
) -> Iterable[Suffering]:
    """What is reached upwards from a service, breadth first; what stops, by critical dependencies alone."""
    reached: dict[str, Suffering] = {}
    waiting = deque([start])
    while waiting:
        below = waiting.popleft()
        steps, way = (reached[below].steps, reached[below].path) if below in reached else (0, ())
        for edge in needed_by.get(below, ()):
            name = edge.source
            if (edge.critical or effect == "degraded") and name != start and name not in reached:
                path = (*way, edge) if steps < LONGEST_WAY else ()
                reached[name] = Suffering(name, effect, edge, steps + 1, path)
                waiting.append(name)
    return reached.values()


def landscape(graph: Graph) -> Slice:
    """Every service, and every dependency."""
    edges = edges_of(graph)
    return _slice(graph, sorted(graph.all("service")), edges)


def around(graph: Graph, name: str, *, up: bool, down: bool, depth: int | None = None) -> Slice:
    """A service with what it needs (`down`), with what needs it (`up`), or both, up to `depth` dependencies away."""
    edges = edges_of(graph)
    found: dict[Edge, None] = {}
    if down:
        found |= dict.fromkeys(_walk(name, by_source(edges), depth, lambda edge: edge.target))
    if up:
        found |= dict.fromkeys(_walk(name, by_target(edges), depth, lambda edge: edge.source))
    return _slice(graph, [name], found)


def _slice(graph: Graph, names: Iterable[str], edges: Iterable[Edge]) -> Slice:
    edges = sorted(edges, key=lambda edge: (edge.source, edge.number))
    known = graph.all("service")
    found = dict.fromkeys([*names, *(name for edge in edges for name in (edge.source, edge.target))])
    missing = {name: absent(graph, name, "service") for name in found if name not in known}
    return Slice({name: known.get(name) for name in found}, tuple(edges), missing)


def _walk(
    start: str, edges: Mapping[str, list[Edge]], depth: int | None, following: Callable[[Edge], str]
) -> Iterator[Edge]:
    """Every edge on the ways from a service, each once, breadth first."""
    distance = {start: 0}
    waiting = deque([start])
    while waiting:
        name = waiting.popleft()
        if depth is not None and distance[name] >= depth:
            continue
        for edge in edges.get(name, ()):
            yield edge
            if following(edge) not in distance:
                distance[following(edge)] = distance[name] + 1
                waiting.append(following(edge))


def circles(edges: Iterable[Edge]) -> list[tuple[Edge, ...]]:
    """Circles of services that need each other, each from the first of their names round to it.

    Every dependency between services of such a circle is in one of those given, so that a new one is in a new circle;
    of one tangle at most MOST_CIRCLES are given.
    """
    needs = by_source(edges)
    found: list[tuple[Edge, ...]] = []
    for group in _groups(needs):
        inside = {name: [edge for edge in needs[name] if edge.target in group] for name in sorted(group)}
        found += islice(_circles_in(inside), MOST_CIRCLES)
    return sorted(found, key=lambda circle: [edge.source for edge in circle])


def _circles_in(needs: Mapping[str, list[Edge]]) -> Iterator[tuple[Edge, ...]]:
    """Of services that all need each other: a shortest circle through each dependency that is in none before it."""
    told: set[tuple[str, str]] = set()
    for edge in (edge for edges in needs.values() for edge in edges):
        if (edge.source, edge.target) not in told:
            circle = [edge, *_shortest_way(edge.target, edge.source, needs)]
            told.update((one.source, one.target) for one in circle)
            first = min(range(len(circle)), key=lambda number: circle[number].source)
            yield (*circle[first:], *circle[:first])


def _shortest_way(start: str, end: str, needs: Mapping[str, list[Edge]]) -> list[Edge]:
    """The way from one service down to another that there is a way to; none where they are one."""
    came_by: dict[str, Edge] = {}
    waiting = deque([start])
    while end != start and end not in came_by:
        for edge in needs[waiting.popleft()]:
            if edge.target not in came_by:
                came_by[edge.target] = edge
                waiting.append(edge.target)
    way: list[Edge] = []
    while end != start:
        way.append(came_by[end])
        end = way[-1].source
    return way[::-1]


def _groups(needs: Mapping[str, list[Edge]]) -> Iterator[set[str]]:
    """The strongly connected components, by Tarjan's algorithm (https://doi.org/10.1137/0201010) with a stack.

    A service that needs nobody is in none of them.
    """
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_: dict[str, None] = {}
    for start in needs:
        if start in order:
            continue
        order[start] = lowest[start] = len(order)
        open_[start] = None
        ways = [(start, iter(needs[start]))]
        while ways:
            name, edges = ways[-1]
            for edge in edges:
                target = edge.target
                if target in needs and target not in order:
                    order[target] = lowest[target] = len(order)
                    open_[target] = None
                    ways.append((target, iter(needs[target])))
                    break
                if target in open_:
                    lowest[name] = min(lowest[name], order[target])
            else:
                ways.pop()
                if ways:
                    above = ways[-1][0]
                    lowest[above] = min(lowest[above], lowest[name])
                if lowest[name] == order[name]:
                    yield _taken(open_, name)


def _taken(open_: dict[str, None], name: str) -> set[str]:
    """The last names up to this one, taken off."""
    group = set()
    while name not in group:
        group.add(open_.popitem()[0])
    return group
