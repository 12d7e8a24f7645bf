"""What the check says about the store as a whole when it ends: which profile it meets, what the next one asks for."""

from svcops.checking.rule import Context
from svcops.overview.score import summary


def remark(context: Context) -> str:
    """One line; empty for a store without services."""
    return summary(context.graph, context.now)
