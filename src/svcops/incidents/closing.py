"""What an incident needs before it may return to normal operations, by its severity (DESIGN, "The cycle").

Post-mortems and measures belong to rooms above; only their records are read here.
"""

from collections.abc import Callable

from svcops.incidents.facts import State, is_major
from svcops.incidents.measures import MeasureState, measures_of
from svcops.postmortems.model import Postmortem
from svcops.store.frozen import frozen
from svcops.store.graph import Entry, Graph
from svcops.store.ids import tail
from svcops.trust.facts import approvals_of, standing


@frozen
class Missing:
    """One thing that is not there yet, and the command that adds it."""

    what: str
    command: str


def postmortems_of(graph: Graph, incident_id: str) -> list[Entry[Postmortem]]:
    """The post-mortems that treat an incident."""
    return [one for one in graph.all("postmortem").values() if incident_id in one.value.incidents]


def evidence(graph: Graph, state: State) -> list[str]:
    """The files that a closing rests on: the incident's own, its post-mortems, their approvals, its measures."""
    written = postmortems_of(graph, state.id)
    measures = measures_of(graph, state.id)
    approvals = [approval.path for one in written for approval in approvals_of(graph, one.path)]
    folders = [path.rpartition("/")[0] for path in (state.entry.path, *(one.entry.path for one in measures))]
    return [*folders, *(one.path for one in written), *approvals]


def missing(graph: Graph, state: State, authors: Callable[[Entry[Postmortem]], set[str]]) -> list[Missing]:
    """What stands between an incident and its end; `authors` gives the people who wrote a post-mortem."""
    measures = measures_of(graph, state.id)
    anchored = [one for one in measures if one.standing == "anchored"]
    if not is_major(graph, state.severity):
        if anchored:
            return []
        needed = _no_measure(state, measures)
        reason = f"svcops incident close {tail(state.id)} --no-measure-because REASON"
        return [Missing(f"{needed.what}, or the reason why there is none", f"{needed.command}\n{reason}")]
    found = []
    postmortem = _postmortem(graph, state, authors)
    if postmortem:
        found.append(postmortem)
    if not anchored:
        found.append(_no_measure(state, measures))
    return found


def _postmortem(graph: Graph, state: State, authors: Callable[[Entry[Postmortem]], set[str]]) -> Missing | None:
    short = tail(state.id)
    written = postmortems_of(graph, state.id)
    if not written:
        return Missing(f"a post-mortem: {state.severity} is major", f"svcops postmortem start {short}")
    for one in written:
        data, _ = graph.tree.read(one.path)
        if standing(graph, one.path, data, authors(one)):
            return None
    first = written[0]
    if approvals_of(graph, first.path):
        what = f"an approval of {first.path} as it is now: it changed after it was approved, or its author approved it"
    else:
        what = f"an approval of {first.path} by somebody who did not write it"
    return Missing(what, f"svcops postmortem approve {short}")


def _no_measure(state: State, measures: list[MeasureState]) -> Missing:
    short = tail(state.id)
    waiting = [one for one in measures if one.standing == "open"]
    if waiting:
        listed = ", ".join(f"{tail(one.id)} {one.measure.title}" for one in waiting)
        return Missing(f"an anchored measure: open is {listed}", f"svcops measure anchor {short} --path PATH")
    command = f'svcops measure add {short} "WHAT" --type prevent|detect|mitigate|process --owner TEAM --due DATE'
    return Missing("a measure, and its anchor", command)
