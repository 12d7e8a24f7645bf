"""Checking a large store with two processes: the work is Python's, and a second core does half of it.

The store's first folders are shared out by about how many files they hold. The second process lists, reads and judges
its share, and sends what it found back through a pipe. Where there is no fork, or it fails, one process does it all.
"""

from collections.abc import Mapping
from datetime import datetime

from svcops.checking import engine
from svcops.store import forked
from svcops.store.graph import Graph
from svcops.store.layout import KINDS
from svcops.store.model import Kind

_DESCRIBING = ("svcops.yaml", "catalogue", "slo", "runbooks", "exercises")
_WEIGHT = 4


def check_apart(
    graph: Graph, now: datetime, sizes: Mapping[str, int], *, with_remarks: bool = False
) -> list[engine.Outcome] | None:
    """Both parts; None where it cannot be done by two. Remarks are worked out while the second is at work."""
    mine, others = shares(sizes)
    if not others:
        return None
    graph.let_go()
    second = forked.start(lambda: engine.part(graph, now, others))
    if second is None:
        return None
    try:
        part = engine.part(graph, now, mine)
        if with_remarks:
            engine.remarks(graph, now)
    except BaseException:
        second.give_up()
        raise
    try:
        return [part, second.result()]
    except BrokenPipeError:
        return [part, engine.part(graph, now, others)]


def shares(sizes: Mapping[str, int]) -> tuple[list[Kind], list[Kind]]:
    """The kinds in two shares, by the size of their first folders.

    The first has what describes the store, of which most rules are; a file of it counts as four of what happened.
    """
    folders: dict[str, list[Kind]] = {}
    for kind in KINDS:
        folders.setdefault(kind.pattern.partition("/")[0], []).append(kind)
    first, second = [name for name in folders if name in _DESCRIBING], list[str]()
    sums = [_WEIGHT * sum(sizes[name] for name in first), 0]
    for folder in sorted(folders.keys() - set(first), key=lambda name: (-sizes[name], name)):
        smaller = 0 if sums[0] <= sums[1] else 1
        (first, second)[smaller].append(folder)
        sums[smaller] += sizes[folder]
    return [kind for one in first for kind in folders[one]], [kind for one in second for kind in folders[one]]
