"""What the check says about the store as a whole when it ends: which profile it meets, what the next one asks for."""

from datetime import datetime

from svcops.overview.score import summary
from svcops.store.graph import Graph


def remark(graph: Graph, now: datetime) -> str:
    """One line; empty for a store without services."""
    return summary(graph, now)
