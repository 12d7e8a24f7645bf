"""What the check says when git's history is not there: which names in records of runs may have been right once."""

from collections.abc import Iterator

from svcops.checking.bygone import RUNS, nobodies, was_there
from svcops.checking.rule import Context
from svcops.store.graph import Graph

_MOST = 3


def remark(context: Context) -> str:
    """One line; empty where history is there, or nothing of the store needs it."""
    graph, history = context.graph, context.history
    if history is None or not any(map(graph.files_of, RUNS)) or not history.unknown:
        return ""
    names = sorted(set(_unknown(graph)))
    if not names:
        return ""
    more = [f"{len(names) - _MOST} more names"] if len(names) > _MOST else []
    told = ", ".join([*names[:_MOST], *more])
    return f"not judged by history, whether there once was {told}: {history.unknown}"


def _unknown(graph: Graph) -> Iterator[str]:
    for kind_name in RUNS:
        for one in graph.dangling(kind_name):
            if was_there(graph, one.kinds[0], one.name) is None:
                yield one.name
        yield from (name for name, was in nobodies(graph, kind_name).items() if was is None)
