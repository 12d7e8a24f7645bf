"""What became of measures: open, anchored or dropped. Pure functions of the graph.

Measures are records of a room above (`svcops.postmortems`); what counts of them is asked on many floors.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal

from svcops.postmortems.model import Anchored, AnchoredElsewhere, Dropped, Measure, MeasureEvent
from svcops.store.frozen import frozen
from svcops.store.graph import Entry, Graph
from svcops.trust.facts import standing as standing_approvals

Standing = Literal["open", "anchored", "dropped"]


@frozen
class MeasureState:
    """A measure as its events say it is."""

    entry: Entry[Measure]
    events: tuple[Entry[MeasureEvent], ...]
    """All of them, in the order in which they were recorded."""
    anchors: tuple[Entry[Any], ...]
    """Of these, those that say where it is in place, oldest first."""
    proposed: Entry[Any] | None
    """The latest wish to drop it, approved or not; None where it is anchored."""
    standing: Standing

    @property
    def id(self) -> str:
        """Its id."""
        return self.entry.name

    @property
    def measure(self) -> Measure:
        """What is set once."""
        return self.entry.value

    @property
    def anchored_at(self) -> datetime | None:
        """When it was first in place; None while it is not."""
        return min((one.value.at for one in self.anchors), default=None)

    def overdue_by(self, today: date) -> timedelta | None:
        """How far past its last day it is, while it is open; None where it is not."""
        late = today - date.fromisoformat(self.measure.due)
        return late if self.standing == "open" and late > timedelta(0) else None


def measure_states(graph: Graph) -> Mapping[str, MeasureState]:
    """Every measure of the store, by id."""
    return graph.once(_states)


def measures_of(graph: Graph, incident_id: str) -> list[MeasureState]:
    """The measures that came out of an incident."""
    return graph.once(_by_incident).get(incident_id, [])


def _states(graph: Graph) -> dict[str, MeasureState]:
    events: dict[str, list[Entry[MeasureEvent]]] = {}
    every: Mapping[str, Entry[MeasureEvent]] = graph.all("measure-event")
    for one in every.values():
        events.setdefault(one.name.partition("/")[0], []).append(one)
    return {name: _state(graph, entry, events.get(name, [])) for name, entry in graph.all("measure").items()}


def _by_incident(graph: Graph) -> dict[str, list[MeasureState]]:
    found: dict[str, list[MeasureState]] = {}
    for state in measure_states(graph).values():
        found.setdefault(state.measure.incident, []).append(state)
    return found


def _state(graph: Graph, entry: Entry[Measure], events: list[Entry[MeasureEvent]]) -> MeasureState:
    events.sort(key=lambda one: (one.value.recorded_at, one.name))
    anchors = tuple(one for one in events if isinstance(one.value, Anchored | AnchoredElsewhere))
    wishes = [one for one in events if isinstance(one.value, Dropped)]
    standing: Standing = "anchored" if anchors else "open"
    if not anchors and any(is_approved(graph, one) for one in wishes):
        standing = "dropped"
    return MeasureState(entry, tuple(events), anchors, wishes[-1] if wishes and not anchors else None, standing)


def is_approved(graph: Graph, wish: Entry[Any]) -> bool:
    """Whether somebody who did not write it approved a dropping, in the very bytes that stand there."""
    data, problem = graph.tree.read(wish.path)
    return problem is None and bool(standing_approvals(graph, wish.path, data, {wish.value.by}))
