"""Finding post-mortems by what people type."""

from svcops.store.graph import Graph
from svcops.store.ids import resolve


def find_postmortem(graph: Graph, given: str) -> str:
    """The post-mortem's id; it shares its tail with its first incident, whose id will do."""
    return resolve(
        given.replace("incident-", "postmortem-", 1),
        graph.names("postmortem"),
        noun="post-mortem",
        help=f"svcops postmortem list shows them; svcops postmortem start {given} begins one.",
    )
