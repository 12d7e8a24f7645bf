"""What an incident's records amount to: phase, severity, clocks. Pure functions of the graph.

Events fold by `recorded_at`, then by file name; clocks use `at` (DESIGN, "The store").
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from svcops.incidents.model import (
    COMMANDER,
    Acknowledged,
    AnyEvent,
    Cancelled,
    Closed,
    ImpactStarted,
    Incident,
    Merged,
    Mitigated,
    Move,
    Opened,
    Phase,
    Reopened,
    Resolved,
    RoleGiven,
    SeverityChanged,
    Updated,
)
from svcops.store import corrections
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

KINDS = ("incident", "incident-event")
"""The records of which an incident consists."""
NORMAL: Phase = "normal operations"
Ending = Literal["closed", "cancelled", "merged"]

_MOVES: dict[type, tuple[tuple[Phase, ...], Phase]] = {
    Opened: ((NORMAL,), "incident"),
    Acknowledged: (("incident", "remediation"), "remediation"),
    Resolved: (("incident", "remediation"), "post-mortem"),
    Reopened: (("post-mortem", NORMAL), "remediation"),
    Cancelled: (("incident", "remediation"), NORMAL),
    Merged: (("incident", "remediation", "post-mortem"), NORMAL),
    Closed: (("post-mortem",), NORMAL),
}
"""For each event that moves the phase: from which phases it may, and to which.

In remediation an incident that was reopened before anybody acknowledged it still can be, once.
"""
_ENDINGS: dict[type, Ending] = {Closed: "closed", Cancelled: "cancelled", Merged: "merged"}


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
class Outline:
    """An incident as its timeline says it is, without the timeline."""

    id: str
    entry: Entry[Incident]
    phase: Phase
    severity: str | None
    roles: Mapping[str, str]
    """Who has which role."""
    ending: Ending | None
    """How it went back to normal operations; None while it goes on."""
    merged_into: str | None
    impact_started: datetime | None
    declared: datetime | None
    acknowledged: datetime | None
    mitigated: datetime | None
    """The earliest of several since it was opened, or last reopened."""
    resolved: datetime | None
    closed: datetime | None
    """When it went back to normal operations, in whichever way."""
    next_update: datetime | None
    """By when users were told to hear more."""

    @property
    def incident(self) -> Incident:
        """What is set once."""
        return self.entry.value

    @property
    def is_over(self) -> bool:
        """Whether it went through the cycle, back to normal operations, or out of it."""
        return self.ending is not None

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """Every clock, with both its ends; declaring an incident is when it counts as detected.

        Where nobody knows who detected it, as of an imported one, nobody knows when, either.
        """
        began = self.impact_started
        detected = self.declared if self.incident.detected_by else None
        return (
            Clock("time to detect", "impact started", "detected", began, detected),
            Clock("time to acknowledge", "declared", "acknowledged", self.declared, self.acknowledged),
            Clock("time to mitigate", "impact started", "mitigated", began, self.mitigated),
            Clock("time to resolve", "impact started", "resolved", began, self.resolved),
        )


@frozen
class State(Outline):
    """An incident as its timeline says it is."""

    events: tuple[Entry[AnyEvent], ...]
    """All of them, in the order in which they were recorded."""
    void: tuple[Entry[AnyEvent], ...]
    """Moves that have no effect: the phase they came from was not the phase then."""
    superseded: tuple[Entry[AnyEvent], ...]
    """Events that a later one corrects."""
    moved: Entry[AnyEvent] | None
    """The move that counted last, a first commander among them: with it the phase began."""
    early: tuple[tuple[Entry[AnyEvent], Entry[AnyEvent]], ...]
    """Moves that happened, by their `at`, before the move that they follow; each with that one."""

    @property
    def counting(self) -> tuple[Entry[AnyEvent], ...]:
        """The events that have an effect: neither void nor corrected later."""
        gone = {one.name for one in (*self.void, *self.superseded)}
        return tuple(one for one in self.events if one.name not in gone) if gone else self.events


def may(state: State, move: type[Move]) -> bool:
    """Whether an event of this type would move the phase now."""
    again = move is Acknowledged and state.acknowledged is not None
    return state.phase in _MOVES[move][0] and (state.declared is None) == (move is Opened) and not again


def overtaken(state: State, void: Entry[AnyEvent]) -> Entry[AnyEvent] | None:
    """What counted in place of a void move: two branches both moved on from one phase, or both acknowledged."""
    came_from = _from(void)
    if came_from not in _MOVES[type(void.value)][0]:
        return None
    earlier = corrections.before(list(state.events), corrections.short(void))
    if type(void.value) is not Opened:  # what nothing declared yet is in normal operations, and goes on from there once
        earlier = [one for one in earlier if type(one.value) is not Opened]
    if type(void.value) is Acknowledged:
        first = [one for one in earlier if one.value.at == state.acknowledged and _acknowledges(one, came_from)]
        if first:
            return first[0]
    return _counted_from(state, earlier, came_from)


def _counted_from(state: State, earlier: Sequence[Entry[AnyEvent]], phase: Phase) -> Entry[AnyEvent] | None:
    """The last move that counts from a phase.

    Where none does, a branch may have reached that phase by a move that counts no more: what counts in place of it.
    """
    moved = [one for one in earlier if type(one.value) in _MOVES and one not in state.void]
    same = [one for one in moved if _from(one) == phase]
    if same:
        return same[-1]
    led = [number for number, one in enumerate(earlier) if _led_to(state, one, phase)]
    if not led:
        return None
    came_from = _from(earlier[led[-1]]) or "incident"
    return _counted_from(state, earlier[: led[-1]], came_from)


def _led_to(state: State, one: Entry[AnyEvent], phase: Phase) -> bool:
    """Whether its writer saw the incident go on to a phase by that event, and another one counts."""
    if type(one.value) in _MOVES:
        return one in state.void and _MOVES[type(one.value)][1] == phase
    is_commander = isinstance(one.value, RoleGiven) and one.value.role == COMMANDER and one.value.to is not None
    return is_commander and phase == "remediation" and one.value.at != state.acknowledged


def _acknowledges(one: Entry[AnyEvent], came_from: Phase | None) -> bool:
    """Whether it may be what ended the clock to acknowledge, from that phase; a commander names none."""
    event = one.value
    if isinstance(event, RoleGiven):
        return event.role == COMMANDER and event.to is not None
    return isinstance(event, Acknowledged) and event.from_ == came_from


def _from(move: Entry[AnyEvent]) -> Phase | None:
    return move.value.from_ if isinstance(move.value, Move) else None


def _order(one: Entry[AnyEvent]) -> tuple[datetime, str]:
    return (one.value.recorded_at, one.name)


def fold(entry: Entry[Incident], events: Iterable[Entry[AnyEvent]], severities: Sequence[str] = ()) -> State:
    """The state that the events lead to. A move whose `from` is not the phase at that point is void.

    `severities` are the names of the settings, the highest first; one that is not among them counts as higher.
    """
    ordered = sorted(events, key=_order)
    counted = corrections.counted(ordered)
    names = {one.name for one in counted} if len(counted) < len(ordered) else set[str]()
    tale = _Tale(severities)
    for one in counted:
        tale.take(one)
    return State(
        id=entry.name,
        entry=entry,
        phase=tale.phase,
        severity=tale.severity,
        roles=tale.roles,
        impact_started=tale.times.get(ImpactStarted),
        declared=tale.times.get(Opened),
        acknowledged=tale.times.get(Acknowledged),
        mitigated=tale.times.get(Mitigated),
        resolved=tale.times.get(Resolved),
        closed=tale.times.get(Closed),
        ending=tale.ending,
        merged_into=tale.merged_into,
        next_update=tale.next_update,
        events=tuple(ordered),
        void=tuple(tale.void),
        superseded=tuple(one for one in ordered if one.name not in names) if names else (),
        moved=tale.moved,
        early=tuple(tale.early),
    )


def before(state: State, name: str, severities: Sequence[str]) -> State:
    """The state that led to the event of that short name: what a correction of it comes from."""
    return fold(state.entry, corrections.before(list(state.events), name), severities)


class _Tale:
    """What the events have led to so far."""

    def __init__(self, severities: Sequence[str]) -> None:
        self.severities = severities
        self.phase: Phase = NORMAL
        self.severity: str | None = None
        self.roles: dict[str, str] = {}
        self.times: dict[type, datetime] = {}
        self.void: list[Entry[AnyEvent]] = []
        self.moved: Entry[AnyEvent] | None = None
        self.early: list[tuple[Entry[AnyEvent], Entry[AnyEvent]]] = []
        self.ending: Ending | None = None
        self.merged_into: str | None = None
        self.next_update: datetime | None = None

    def take(self, one: Entry[AnyEvent]) -> None:
        """One event more."""
        event = one.value
        kind = type(event)  # a store may have a hundred thousand events: this is faster than isinstance
        if kind in _MOVES:
            self._move(one, kind)
        elif kind is ImpactStarted:
            self.times[kind] = event.at
        elif kind is Mitigated:  # of two branches that both say so, users could work again from the earlier on
            self.times[kind] = min(event.at, self.times.get(kind, event.at))
        elif isinstance(event, RoleGiven):
            self._role(one, event)
        elif isinstance(event, SeverityChanged):
            self.severity = event.to if event.from_ == self.severity else self._higher(event.to)
        elif isinstance(event, Updated):
            self.next_update = event.next_by

    def _move(self, one: Entry[Any], kind: type) -> None:
        event = one.value
        allowed, to = _MOVES[kind]
        again = kind is Acknowledged and kind in self.times
        is_declared = Opened in self.times
        if event.from_ != self.phase or self.phase not in allowed or again or is_declared == (kind is Opened):
            self.void.append(one)
            if (
                kind is Opened and event.from_ == NORMAL != self.phase
            ):  # two clones did, for one alert: doubt is the higher
                self.severity = self._higher(event.severity)
            return
        if self.moved and event.at < self.moved.value.at:
            self.early.append((one, self.moved))
        self.moved = one
        self.phase = to
        self.ending = _ENDINGS.get(kind)
        self.merged_into = event.into if kind is Merged else None
        if kind is Opened:
            self.severity = event.severity
        if kind is Reopened:
            for end in (Mitigated, Resolved, Closed):
                self.times.pop(end, None)
        elif kind is Resolved and event.time_unknown:
            self.times.pop(kind, None)
        else:
            self.times[Closed if self.ending else kind] = event.at

    def _role(self, one: Entry[AnyEvent], event: RoleGiven) -> None:
        if event.to is None:
            self.roles.pop(event.role, None)
            return
        self.roles[event.role] = event.to
        if event.role != COMMANDER or Acknowledged in self.times:
            return
        if self.phase in _MOVES[Acknowledged][0]:
            self.phase = "remediation"
            self.moved = one
            self.times[Acknowledged] = event.at
        elif Resolved in self.times and event.at <= self.times[Resolved]:  # written down when there was time for it
            self.times[Acknowledged] = event.at

    def _higher(self, other: str) -> str:
        ranks = {name: rank for rank, name in enumerate(self.severities)}
        return min((self.severity or other, other), key=lambda name: ranks.get(name, -1))


def states(graph: Graph) -> Mapping[str, State]:
    """Every incident of the store, folded, by id."""
    return graph.once(_states)


def _states(graph: Graph) -> Mapping[str, State]:
    severities = [level.name for level in graph.settings.severities]
    return graph.together(KINDS, lambda read: folded(read, severities))


def folded(read: Mapping[str, Mapping[str, Entry[Any]]], severities: Sequence[str]) -> Mapping[str, State]:
    """Incidents and their events, by kind and name, as states."""
    events: dict[str, list[Entry[AnyEvent]]] = {}
    for one in read["incident-event"].values():
        events.setdefault(one.name.partition("/")[0], []).append(one)
    return {name: fold(entry, events.get(name, ()), severities) for name, entry in read["incident"].items()}


def state(graph: Graph, incident_id: str) -> State:
    """One incident, folded; only its own files are read. KeyError where its incident.yaml cannot be read."""
    if graph.is_read("incident") and graph.is_read("incident-event"):  # to look for its files among all takes long
        return states(graph)[incident_id]
    from svcops.store.ids import year_of

    year = year_of(incident_id)
    entry: Entry[Incident] = graph.part("incident", year=year, name=incident_id)[incident_id]
    events: Mapping[str, Entry[AnyEvent]] = graph.part("incident-event", year=year, owner=incident_id)
    return fold(entry, events.values(), [level.name for level in graph.settings.severities])


def read_state(graph: Graph, given: str, *, whole: bool = True) -> State:
    """The incident that `given` names, folded; BadInput where none or several have it, or its files are damaged.

    With `whole` false damaged events are left out: enough to show it or to log, not to decide what its phase is.
    """
    from svcops.errors import BadInput
    from svcops.store.ids import resolve

    incident_id = resolve(given, graph.folder_names("incident"), noun="incident")
    try:
        found = state(graph, incident_id)
    except KeyError:
        found = None
    damaged = [one for one in graph.findings if one.at.path.split("/")[2:3] == [incident_id]]
    if found is None or (whole and damaged):
        wrong = f"a damaged file: {damaged[0].at.path}: {damaged[0].message}" if damaged else "no incident.yaml"
        raise BadInput(f"{incident_id} has {wrong}", help="svcops check shows the place.")
    return found


def is_major(graph: Graph, severity: str | None) -> bool:
    """Whether a severity is above the line; one that the settings do not know counts as major: doubt is the higher."""
    level = graph.settings.severity(severity or "")
    return level is None or level.major


def ends_being_major(graph: Graph, before: str, after: str) -> bool:
    """Whether a change of severity takes away what a major incident asks for."""
    return is_major(graph, before) and not is_major(graph, after)
