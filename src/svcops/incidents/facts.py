"""What an incident's records amount to: phase, severity, clocks. Pure functions of the graph.

Events fold by `recorded_at`, then by file name; clocks use `at` (DESIGN, "The store").
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from svcops.incidents.folding import MOVES, Ending, Tale
from svcops.incidents.judgements import highest, standing
from svcops.incidents.model import (
    Acknowledged,
    AnyEvent,
    Closed,
    DetectedBy,
    Incident,
    Mitigated,
    Move,
    Opened,
    Phase,
    Resolved,
    TakenOver,
)
from svcops.store import corrections
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

KINDS = ("incident", "incident-event")
"""The records of which an incident consists."""


@frozen
class Clock:
    """A span with both its ends named; `span` is None while an end is unknown."""

    name: str
    start_name: str
    end_name: str
    start: datetime | None
    end: datetime | None
    is_kept: bool = True
    """Whether its end is written down once it comes; of what was detected elsewhere it never is."""

    @property
    def runs(self) -> bool:
        """Whether it began, and its end may still come."""
        return self.start is not None and self.end is None and self.is_kept

    @property
    def span(self) -> timedelta | None:
        """How long, or None: an end is missing, or the ends stand in the wrong order."""
        if self.start is None or self.end is None or self.end < self.start:
            return None
        return self.end - self.start


@frozen
class Outline:
    """An incident as its timeline says it is, with what it took over of its duplicates, and without the timeline."""

    id: str
    entry: Entry[Incident]
    services: tuple[str, ...]
    """What is disturbed."""
    detected_by: DetectedBy | None
    """Who detected it first; None where nobody knows."""
    phase: Phase
    severity: str | None
    roles: Mapping[str, str]
    """Who has which role."""
    ending: Ending | None
    """How it went back to normal operations; None while it goes on."""
    merged_into: str | None
    reopened: tuple[datetime, ...]
    """Each time it went on after all, the earliest first."""
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
        knows = self.detected_by is not None
        detected = self.declared if knows else None
        return (
            Clock("time to detect", "impact started", "detected", began, detected, knows),
            Clock("time to acknowledge", "declared", "acknowledged", self.declared, self.acknowledged),
            Clock("time to mitigate", "impact started", "mitigated", began, self.mitigated),
            Clock("time to resolve", "impact started", "resolved", began, self.resolved),
        )


@frozen
class State(Outline):
    """An incident as its timeline says it is."""

    taken: Mapping[str, Entry[TakenOver]]
    """What it took over of its duplicates, by their ids."""
    own: Mapping[type, datetime]
    """The times of its clocks without these, by the events that they are of."""
    events: tuple[Entry[AnyEvent], ...]
    """All of them, in the order in which they were recorded."""
    void: tuple[Entry[AnyEvent], ...]
    """What has no effect: moves from a phase that was not the phase then, or was another time; roles from somebody who
    did not have them; starts of the impact where another branch said an earlier one."""
    overtaken: Mapping[str, Entry[AnyEvent]]
    """What counts in the place of these, by their names: where two branches both went on from what they saw."""
    superseded: tuple[Entry[AnyEvent], ...]
    """Events that a later one corrects, and starts of the impact that a later one follows."""
    moved: Entry[AnyEvent] | None
    """The move that counted last, a first commander among them."""
    entered: Entry[AnyEvent] | None
    """The move with which the phase began; not who acknowledged later what was reopened."""
    given: Mapping[str, Entry[AnyEvent]]
    """The last event that gave each role, or gave it up."""
    starts: tuple[Entry[AnyEvent], ...]
    """What each branch last said of the start of the impact; the earliest counts."""
    early: tuple[tuple[Entry[AnyEvent], Entry[AnyEvent]], ...]
    """Moves that happened, by their `at`, before the move that they follow; each with that one."""
    judgements: tuple[Entry[AnyEvent], ...]
    """What each branch, as far as can be told, last said of the severity: an opening, or a change of it."""

    @property
    def judged_by(self) -> tuple[str, ...]:
        """The names of these, as a change of the severity `follows` them."""
        return tuple(corrections.short(one) for one in self.judgements)

    @property
    def started_by(self) -> tuple[str, ...]:
        """The names of what each branch last said of the start of the impact, as another start `follows` them."""
        return tuple(corrections.short(one) for one in self.starts)

    @property
    def seen(self) -> dict[str, Any]:
        """What a move says of the phase that it leaves, as its writer sees it now: its name, and since which event."""
        return {"from_": self.phase, "follows": (corrections.short(self.entered),) if self.entered else ()}

    def seen_of(self, role: str) -> dict[str, Any]:
        """The same of a role: who has it, and since which event; of one that nobody ever had, since the opening."""
        since = self.given.get(role) or next((one for one in self.counting if type(one.value) is Opened), None)
        return {"from_": self.roles.get(role), "follows": (corrections.short(since),) if since else ()}

    @property
    def counting(self) -> tuple[Entry[AnyEvent], ...]:
        """The events that have an effect: neither void nor corrected later."""
        gone = {one.name for one in (*self.void, *self.superseded)}
        return tuple(one for one in self.events if one.name not in gone) if gone else self.events


def may(state: State, move: type[Move]) -> bool:
    """Whether an event of this type would move the phase now."""
    again = move is Acknowledged and Acknowledged in state.own
    return state.phase in MOVES[move][0] and (state.declared is None) == (move is Opened) and not again


def _order(one: Entry[AnyEvent]) -> tuple[datetime, str]:
    return (one.value.recorded_at, one.name)


def fold(entry: Entry[Incident], events: Iterable[Entry[AnyEvent]], severities: Sequence[str] = ()) -> State:
    """The state that the events lead to. A move whose `from` is not the phase at that point is void.

    `severities` are the names of the settings, the highest first; one that is not among them counts as higher.
    """
    ordered = sorted(events, key=_order)
    return _told(entry, ordered, corrections.counted(ordered), severities)


def before(state: State, name: str, severities: Sequence[str]) -> State:
    """The state that led to the event of that short name: what a correction of it comes from.

    Corrections of what came before stand in their places already, and would lose these if they were folded anew.
    """
    ordered = list(state.events)
    return _told(state.entry, ordered, corrections.before(ordered, name), severities)


def _told(
    entry: Entry[Incident], ordered: list[Entry[AnyEvent]], counted: list[Entry[AnyEvent]], severities: Sequence[str]
) -> State:
    """The state that the counted ones lead to, of all events in the order in which they were recorded."""
    tale = Tale(ordered)
    for one in counted:
        tale.take(one)
    tale.end()
    gone = _gone(ordered, counted, tale.replaced) if len(counted) < len(ordered) or tale.replaced else ()
    judged = tale.judged if len(tale.judged) <= 1 else standing(tale.judged, ordered)
    whole = tale.whole(entry.value)
    return State(
        id=entry.name,
        entry=entry,
        services=whole.services,
        detected_by=whole.detected_by,
        phase=tale.phase,
        severity=highest(judged, severities),
        roles=tale.roles,
        impact_started=whole.impact_started,
        declared=whole.declared,
        acknowledged=whole.acknowledged,
        mitigated=tale.times.get(Mitigated),
        resolved=tale.times.get(Resolved),
        closed=tale.times.get(Closed),
        ending=tale.ending,
        merged_into=tale.merged_into,
        reopened=tuple(sorted(tale.reopened)),
        next_update=whole.next_update,
        taken=tale.taken,
        own=tale.times,
        events=tuple(ordered),
        void=tuple(tale.void),
        overtaken=tale.overtaken,
        superseded=gone,
        moved=tale.moved,
        entered=tale.phases.last,
        given={role: given.last for role, given in tale.holders.items() if given.last},
        starts=tuple(tale.starts),
        early=tuple(tale.early),
        judgements=tuple(judged),
    )


def _gone(
    ordered: list[Entry[AnyEvent]], counted: list[Entry[AnyEvent]], replaced: list[Entry[AnyEvent]]
) -> tuple[Entry[AnyEvent], ...]:
    names = {one.name for one in counted}.difference([one.name for one in replaced])
    return tuple(one for one in ordered if one.name not in names)


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


def duplicates(graph: Graph, one: State) -> list[State]:
    """The incidents that one took over, directly or in turn; only their own files are read, and no damaged ones."""
    found, seen = [one], {one.id}
    for each in found:  # which grows meanwhile
        for name in each.taken.keys() - seen:
            seen.add(name)
            with suppress(KeyError):
                duplicate = state(graph, name)
                found += [duplicate] if duplicate.merged_into == each.id else []
    return found[1:]


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
