"""What an incident needs before it may return to normal operations, by its severity (DESIGN, "The cycle").

Post-mortems and measures belong to rooms above; only their records are read here.
"""

from collections.abc import Callable

from svcops.incidents.facts import State, is_major
from svcops.postmortems.model import Anchored, Measure, Postmortem
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


def measures_of(graph: Graph, incident_id: str) -> list[Entry[Measure]]:
    """The measures that came out of an incident."""
    return [one for one in graph.all("measure").values() if one.value.incident == incident_id]


def is_anchored(graph: Graph, measure_id: str) -> bool:
    """Whether a measure has an anchor."""
    events = graph.all("measure-event").values()
    return any(one.name.partition("/")[0] == measure_id and isinstance(one.value, Anchored) for one in events)


def evidence(graph: Graph, state: State) -> list[str]:
    """The files that a closing rests on: the incident's own, its post-mortems, their approvals, its measures."""
    written = postmortems_of(graph, state.id)
    measures = measures_of(graph, state.id)
    approvals = [approval.path for one in written for approval in approvals_of(graph, one.path)]
    folders = [path.rpartition("/")[0] for path in (state.entry.path, *(one.path for one in measures))]
    return [*folders, *(one.path for one in written), *approvals]


def missing(graph: Graph, state: State, authors: Callable[[Entry[Postmortem]], set[str]]) -> list[Missing]:
    """What stands between an incident and its end; `authors` gives the people who wrote a post-mortem."""
    measures = measures_of(graph, state.id)
    anchored = [one for one in measures if is_anchored(graph, one.name)]
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


def _no_measure(state: State, measures: list[Entry[Measure]]) -> Missing:
    short = tail(state.id)
    if measures:
        listed = ", ".join(f"{tail(one.name)} {one.value.title}" for one in measures)
        return Missing(f"an anchored measure: open is {listed}", f"svcops measure anchor {short} --path PATH")
    command = f'svcops measure add {short} "WHAT" --type prevent|detect|mitigate|process --owner TEAM --due DATE'
    return Missing("a measure, and its anchor", command)
