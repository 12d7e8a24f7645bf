"""What became of measures: open, anchored or dropped. Pure functions of the graph and its history.

Measures are records of a room above (`svcops.postmortems`); what counts of them is asked on many floors. What their
events say is read for all of them at once; whether an anchor still stands is asked of the measures that are wanted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from svcops.incidents.outlines import counted_as
from svcops.incidents.unread import approvals_unread
from svcops.postmortems.model import Anchored, AnchoredElsewhere, Dropped, Measure, MeasureEvent
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.trust.facts import Judged, judged

if TYPE_CHECKING:
    from svcops.incidents.anchors import Fault

Standing = Literal["open", "anchored", "dropped"]


@frozen
class MeasureState:
    """A measure as its events say it is, and as what it is anchored in stands there."""

    entry: Entry[Measure]
    events: tuple[Entry[MeasureEvent], ...]
    """All of them, in the order in which they were recorded."""
    anchors: tuple[Entry[Any], ...]
    """Of these, those that say where it is in place, oldest first, whether they still stand or not."""
    proposed: Entry[Any] | None
    """The latest wish to drop it, approved or not; None where it is anchored."""
    standing: Standing
    unreadable: tuple[str, ...] = ()
    """The files that are damaged, and of which any may be what anchors or drops it: its own, of a wish to drop it
    also approvals, and who approved or wrote it."""
    taken_back: "tuple[tuple[Entry[Any], Fault], ...]" = ()
    """Where no anchor stands: those that proved something until they were taken back, and how each was."""
    anchored_at: datetime | None = None
    """When it was first in place; None while it is not."""

    @property
    def is_certain(self) -> bool:
        """Whether `standing` holds whatever its damaged files say; what has one anchor that stands is anchored."""
        return self.standing == "anchored" or not self.unreadable

    @property
    def id(self) -> str:
        """Its id."""
        return self.entry.name

    @property
    def measure(self) -> Measure:
        """What is set once."""
        return self.entry.value

    @property
    def drops(self) -> tuple[Entry[Any], ...]:
        """Every wish to drop it, oldest first; whether one counts, `is_approved` says."""
        return tuple(one for one in self.events if isinstance(one.value, Dropped))

    @property
    def remarks(self) -> tuple[str, ...]:
        """What must be said of an open one: that its dropping waits, and why the anchors that it has do not count."""
        if self.standing != "open":
            return ()
        waits = ("dropping waits for approval",) if self.proposed else ()
        return (*waits, "taken back" if self.taken_back else "no anchor proves it") if self.anchors else waits

    def overdue_by(self, today: date) -> timedelta | None:
        """How far past its last day it is, while it is open; None where it is not, or nobody knows."""
        late = today - date.fromisoformat(self.measure.due)
        return late if self.standing == "open" and self.is_certain and late > timedelta(0) else None


def measure_states(graph: Graph) -> Mapping[str, MeasureState]:
    """Every measure of the store, by id."""
    return graph.once(_states)


def measures_of(graph: Graph, incident_id: str) -> list[MeasureState]:
    """The measures that came out of an incident."""
    return [graph.once(_state, name) for name in graph.once(_by_incident).get(incident_id, ())]


def measures_with(graph: Graph, incident_id: str) -> list[MeasureState]:
    """The same, with those of the incidents that were merged into it; every incident has to be read for that."""
    return [measure for one in counted_as(graph, incident_id) for measure in measures_of(graph, one)]


def _states(graph: Graph) -> dict[str, MeasureState]:
    return {name: graph.once(_state, name) for name in graph.once(_told)}


def _told(graph: Graph) -> dict[str, MeasureState]:
    """Every measure as its events alone say it is: anchored where any of them says so."""
    events: dict[str, list[Entry[MeasureEvent]]] = {}
    every: Mapping[str, Entry[MeasureEvent]] = graph.all("measure-event")
    for one in every.values():
        events.setdefault(one.name.partition("/")[0], []).append(one)
    unreadable: dict[str, list[str]] = {}
    for path in graph.damaged("measure-event"):
        unreadable.setdefault(path.rsplit("/", 2)[1], []).append(path)
    return {
        name: _folded(graph, entry, events.get(name, []), unreadable.get(name, ()))
        for name, entry in graph.all("measure").items()
    }


def _by_incident(graph: Graph) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, state in graph.once(_told).items():
        found.setdefault(state.measure.incident, []).append(name)
    return found


def _folded(
    graph: Graph, entry: Entry[Measure], events: list[Entry[MeasureEvent]], unreadable: Sequence[str]
) -> MeasureState:
    events.sort(key=lambda one: (one.value.recorded_at, one.name))
    anchors = tuple(one for one in events if isinstance(one.value, Anchored | AnchoredElsewhere))
    state = MeasureState(entry, tuple(events), anchors, None, "anchored", tuple(unreadable))
    return state if anchors else _unanchored(graph, state)


def _unanchored(
    graph: Graph, state: MeasureState, taken_back: "Sequence[tuple[Entry[Any], Fault]]" = ()
) -> MeasureState:
    """A measure that nothing holds in place: open, or dropped where somebody else agreed to that."""
    wishes = state.drops
    if any(is_approved(graph, one) for one in wishes):
        return replace(state, standing="dropped", proposed=wishes[-1], taken_back=tuple(taken_back))
    approvals = [path for one in wishes for path in _unread_of_wish(graph, one)]
    return replace(
        state,
        standing="open",
        proposed=wishes[-1] if wishes else None,
        taken_back=tuple(taken_back),
        unreadable=tuple(dict.fromkeys((*state.unreadable, *approvals))),
    )


def _state(graph: Graph, name: str) -> MeasureState:
    """A measure as it is: an anchor that proves nothing, or was taken back, holds nothing in place."""
    told = graph.once(_told)[name]
    if not told.anchors:
        return told
    from svcops.incidents.anchors import fault, in_place, taken_back

    incident, back = told.measure.incident, []
    for one in told.anchors:
        if fault(graph, incident, one):
            continue
        wrong = taken_back(graph, incident, one)
        if wrong is None:
            return replace(told, anchored_at=min(in_place(graph, incident, each) for each in told.anchors))
        back.append((one, wrong))
    return _unanchored(graph, told, back)


def is_approved(graph: Graph, wish: Entry[Any]) -> bool:
    """Whether somebody who did not write it approved a dropping, in the very bytes that stand there."""
    return any(one.counts for one in approvals_of_wish(graph, wish))


def _unread_of_wish(graph: Graph, wish: Entry[Any]) -> list[str]:
    """The damaged files for which no approval of a dropping counts, though one may."""
    return [
        *approvals_unread(graph, wish.path),
        *(one.damaged for one in approvals_of_wish(graph, wish) if one.damaged),
    ]


def approvals_of_wish(graph: Graph, wish: Entry[Any]) -> list[Judged]:
    """Every approval of a dropping, and why it counts or not: it has to be another person's than who wrote the wish."""
    data, problem = graph.tree.read(wish.path)
    return judged(graph, wish.path, data, wish.value.by) if problem is None else []
