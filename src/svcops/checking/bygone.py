"""What records of runs name, and is not there any more: a runbook that was renamed since, a person who left.

An exercise, or evidence of a drill, is a record of what was. That its runbook or plan has another name now, or is gone,
is no error of it, and nothing to mend there (HIS001). A name that git's history never had is a slip.
"""

from collections.abc import Iterator

from svcops.store.graph import Graph, Reference
from svcops.store.layout import path_named
from svcops.store.people import is_no_name

RUNS = ("exercise", "evidence")
"""Kinds of records of what is over when it is recorded."""


def leading_nowhere(graph: Graph, kind_name: str) -> Iterator[Reference]:
    """The references of the records of a kind that name nothing, but what there was once when a run was recorded."""
    for one in graph.dangling(kind_name):
        if kind_name not in RUNS or was_there(graph, one.kinds[0], one.name) is False:
            yield one


def nobodies(graph: Graph, kind_name: str) -> dict[str, bool | None]:
    """Who is nobody of the catalogue, of those who ran something; whether there was somebody of that name once."""
    given = {one.value.by for one in graph.all(kind_name).values()}
    return {by: was_there(graph, "person", by) for by in given if is_no_name(graph, by)}


def was_there(graph: Graph, kind_name: str, name: str) -> bool | None:
    """Whether git's history has a record of a kind of that name; None where there is no history to tell by."""
    path = path_named(kind_name, name)
    if graph.history is None or not path:
        return False
    found = bool(graph.history.of(path))
    return None if graph.history.unknown else found
