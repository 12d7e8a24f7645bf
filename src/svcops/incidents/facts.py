"""What an incident's records amount to: phase, severity, clocks. Pure functions of the graph.

Events fold by `recorded_at`, then by file name; clocks use `at` (DESIGN, "The store").
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from svcops.incidents.model import AnyEvent, Closed, ImpactStarted, Incident, Opened, Phase, Resolved
from svcops.store.frozen import frozen
from svcops.store.graph import Entry, Graph

NORMAL: Phase = "normal operations"

_MOVES: dict[type, tuple[tuple[Phase, ...], Phase]] = {
    Opened: ((NORMAL,), "incident"),
    Resolved: (("incident", "remediation"), "post-mortem"),
    Closed: (("post-mortem",), NORMAL),
}
"""For each event that moves the phase: from which phases it may, and to which."""


@frozen
class Clock:
    """A span with both its ends named; `span` is None while an end is unknown."""

    name: str
    start_name: str
    end_name: str
    start: datetime | None
    end: datetime | None

    @property
    def span(self) -> timedelta | None:
        """How long, or None: an end is missing, or the ends stand in the wrong order."""
        if self.start is None or self.end is None or self.end < self.start:
            return None
        return self.end - self.start


@frozen
class State:
    """An incident as its timeline says it is."""

    id: str
    entry: Entry[Incident]
    events: tuple[Entry[AnyEvent], ...]
    """In the order in which they fold."""
    void: tuple[Entry[AnyEvent], ...]
    """Moves that have no effect: the phase they came from was not the phase then."""
    phase: Phase
    severity: str | None
    impact_started: datetime | None
    declared: datetime | None
    resolved: datetime | None
    closed: datetime | None

    @property
    def incident(self) -> Incident:
        """What is set once."""
        return self.entry.value

    @property
    def is_over(self) -> bool:
        """Whether it went through the cycle, back to normal operations."""
        return self.phase == NORMAL and self.closed is not None

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """Every clock, with both its ends; declaring an incident is when it counts as detected."""
        return (
            Clock("time to detect", "impact started", "detected", self.impact_started, self.declared),
            Clock("time to resolve", "impact started", "resolved", self.impact_started, self.resolved),
        )


def overtaken(state: State, void: Entry[AnyEvent]) -> Entry[AnyEvent] | None:
    """The move that counted from the phase that a void move came from: two branches both moved on, the first counts."""
    moves = [one for one in state.events if type(one.value) in _MOVES and one not in state.void]
    before = [one for one in moves if (one.value.recorded_at, one.name) < (void.value.recorded_at, void.name)]
    same = [one for one in before if type(one.value) is type(void.value) and _from(one) == _from(void)]
    return same[-1] if same else None


def _from(move: Entry[AnyEvent]) -> Phase | None:
    event = move.value
    return event.from_ if isinstance(event, (Opened, Resolved, Closed)) else None


def fold(entry: Entry[Incident], events: Iterable[Entry[AnyEvent]]) -> State:
    """The state that the events lead to. A move whose `from` is not the phase at that point is void."""
    ordered = sorted(events, key=lambda one: (one.value.recorded_at, one.name))
    phase, severity = NORMAL, None
    times: dict[type, datetime] = {}
    void = []
    for one in ordered:
        event = one.value
        if isinstance(event, ImpactStarted):
            times[ImpactStarted] = event.at
        if not isinstance(event, (Opened, Resolved, Closed)):
            continue
        allowed, to = _MOVES[type(event)]
        if event.from_ != phase or phase not in allowed or (isinstance(event, Opened) and severity):
            void.append(one)
            continue
        phase = to
        times[type(event)] = event.at
        if isinstance(event, Opened):
            severity = event.severity
    return State(
        id=entry.name,
        entry=entry,
        events=tuple(ordered),
        void=tuple(void),
        phase=phase,
        severity=severity,
        impact_started=times.get(ImpactStarted),
        declared=times.get(Opened),
        resolved=times.get(Resolved),
        closed=times.get(Closed),
    )


def states(graph: Graph) -> Mapping[str, State]:
    """Every incident of the store, folded, by id."""
    return graph.once(_states)


def _states(graph: Graph) -> Mapping[str, State]:
    events: dict[str, list[Entry[AnyEvent]]] = {}
    every: Mapping[str, Entry[AnyEvent]] = graph.all("incident-event")
    for one in every.values():
        events.setdefault(one.name.partition("/")[0], []).append(one)
    return {name: fold(entry, events.get(name, ())) for name, entry in graph.all("incident").items()}


def state(graph: Graph, incident_id: str) -> State:
    """One incident, folded; only its own files are read. KeyError where its incident.yaml cannot be read."""
    from svcops.store.ids import year_of

    year = year_of(incident_id)
    entry: Entry[Incident] = graph.part("incident", year=year, name=incident_id)[incident_id]
    events: Mapping[str, Entry[AnyEvent]] = graph.part("incident-event", year=year, owner=incident_id)
    return fold(entry, events.values())


def read_state(graph: Graph, given: str, *, whole: bool = True) -> State:
    """The incident that `given` names, folded; BadInput where none or several have it, or its files are damaged.

    With `whole` false damaged events are left out: enough to show it or to log, not to decide what its phase is.
    """
    from svcops.errors import BadInput
    from svcops.store.ids import resolve

    incident_id = resolve(given, graph.names("incident"), noun="incident")
    try:
        found = state(graph, incident_id)
    except KeyError:
        found = None
    damaged = [one for one in graph.findings if one.at.path.split("/")[2:3] == [incident_id]]
    if found is None or (whole and damaged):
        detail = f": {damaged[0].at.path}: {damaged[0].message}" if damaged else ""
        raise BadInput(f"{incident_id} has a damaged file{detail}", help="svcops check shows the place.")
    return found


def is_major(graph: Graph, severity: str | None) -> bool:
    """Whether a severity is above the line; one that the settings do not know counts as major: doubt is the higher."""
    level = graph.settings.severity(severity or "")
    return level is None or level.major
