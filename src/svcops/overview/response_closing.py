"""What minor incidents were closed with, as it stands now: a measure, a problem, a reason. Pure functions of the graph.

An anchor may be taken back since, and a problem unlinked; a measure may be anchored after a reason was given.
"""

from typing import Literal, TypeAlias

from svcops.incidents.closing import back_since, is_since
from svcops.incidents.facts import State
from svcops.incidents.measures import measures_with
from svcops.incidents.model import Closed
from svcops.incidents.problems import problems_of
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

ClosedWith: TypeAlias = Literal["measure", "problem", "reason", "nothing"]


@frozen
class Unknown:
    """Why nobody can tell what an incident was closed with."""

    why: str


def closed_with(graph: Graph, state: State) -> ClosedWith | Unknown:
    """What stands of what a minor incident may be closed with; of several, the first as they are named above."""
    if state.incident.imported:
        return Unknown("imported: its measures are not told")
    back = back_since(state)
    measures = measures_with(graph, state.id)
    if any(one.standing == "anchored" and is_since(graph, one, back) for one in measures):
        return "measure"
    if problems_of(graph, state.id):
        return "problem"
    if graph.damaged("measure") or not all(one.is_certain for one in measures):
        return Unknown("a file of a measure is damaged, which may be anchored")
    if damaged_problem(graph):
        return Unknown("a file of a problem is damaged, which may explain it")
    last = [one.value for one in state.counting if type(one.value) is Closed]
    return "reason" if last and last[-1].no_measure_because.strip() else "nothing"


def damaged_problem(graph: Graph) -> bool:
    """Whether any problem cannot be read, or only in part: it may explain any incident."""
    return bool(graph.damaged("problem") or graph.damaged("problem-event"))
