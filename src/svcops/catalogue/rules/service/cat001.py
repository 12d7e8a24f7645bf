"""Services that cannot do without each other, in a circle."""

from collections.abc import Iterator, Sequence

from svcops.catalogue.dependencies import Edge, circles, edges_of
from svcops.checking.model import At, Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.store.graph import Graph

_LONGEST = 8
"""Services of a circle that a message names."""

_RELATED = 10
"""Dependencies of a circle whose places a finding gives, from its beginning on."""


def _find(context: Context) -> Iterator[Finding]:
    critical = [edge for edge in edges_of(context.graph) if edge.critical]
    for circle in circles(critical):
        shown = circle[: _RELATED + 1]
        first, *others = (Related(f"{edge.source} needs {edge.target}", _place(context.graph, edge)) for edge in shown)
        help_ = "Say critical: false where a core workflow goes on without it; otherwise part what both need."
        whole = " -> ".join(edge.source for edge in circle)  # of a long one the message leaves names out
        yield Finding("CAT001", circle_text(circle), first.at, help_, related=tuple(others), gist=whole)


def circle_text(circle: Sequence[Edge]) -> str:
    """What is wrong with a circle, the services in it by name."""
    if len(circle) == 1:
        return f"{circle[0].source} names itself as what it cannot do without"
    names = [edge.source for edge in circle]
    between = [f"{len(names) - _LONGEST} more"] if len(names) > _LONGEST else []
    shown = [*names[: _LONGEST - 1], *between, names[-1]] if between else names
    return f"none of these works without the next, in a circle: {' -> '.join([*shown, names[0]])}"


def _place(graph: Graph, edge: Edge) -> At:
    return graph.all("service")[edge.source].at("dependencies", edge.number, "service")


RULE = Rule("CAT001", "a circle of services that cannot do without each other", find=_find)
