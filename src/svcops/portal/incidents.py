"""Incidents as pages show them: phase, clocks, timeline, and what came out of them."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from svcops.incidents.closing import postmortems_with
from svcops.incidents.facts import Clock, State, is_major
from svcops.incidents.folding import NORMAL
from svcops.incidents.measures import measures_with
from svcops.incidents.model import AnyEvent, Phase, RoleGiven
from svcops.incidents.presenting import notes as notes_of
from svcops.incidents.presenting import words
from svcops.incidents.problems import helping, problems_of
from svcops.portal.addresses import Here
from svcops.portal.postmortems import MeasureRow, PostmortemRow, measure_row, postmortem_row
from svcops.portal.problems import HelpRow, helping_rows
from svcops.portal.reading import World
from svcops.portal.words import UNKNOWN, Fact, Link, Mark, Moment, fact, when
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.ids import tail
from svcops.timing.model import format_duration

_LATE = timedelta(hours=1)
"""An event written down so much later says so."""
_PHASES: tuple[Phase, ...] = (NORMAL, "incident", "remediation", "post-mortem", NORMAL)


@frozen
class IncidentRow:
    """An incident in a list."""

    title: Link
    short: str
    severity: Mark
    phase: str
    declared: Moment
    services: tuple[Link, ...]


@frozen
class Step:
    """A phase of the cycle; `current` is what ARIA calls it."""

    name: str
    current: str


@frozen
class ClockRow:
    """A clock with both its ends."""

    name: str
    span: str
    start_name: str
    start: Moment
    end_name: str
    end: Moment


@frozen
class Happening:
    """One event of the timeline."""

    time: Moment
    what: str
    text: str
    by: Link
    notes: tuple[str, ...]


@frozen
class Day:
    """The events of one day."""

    date: str
    events: tuple[Happening, ...]


@frozen
class IncidentPage:
    """An incident."""

    facts: tuple[Fact, ...]
    severity: Mark
    phase: str
    steps: tuple[Step, ...]
    notes: tuple[str, ...]
    helping: tuple[HelpRow, ...]
    """What helps while it goes on: of its problems, and the known errors of its services."""
    clocks: tuple[ClockRow, ...]
    days: tuple[Day, ...]
    postmortems: tuple[PostmortemRow, ...]
    measures: tuple[MeasureRow, ...]


@frozen
class IncidentsPage:
    """Every incident and post-mortem."""

    open: tuple[IncidentRow, ...]
    over: tuple[IncidentRow, ...]
    postmortems: tuple[PostmortemRow, ...]


def incident_page(here: Here, world: World, state: State) -> IncidentPage:
    """The page of an incident."""
    graph, damaged = world.graph, world.is_damaged("incidents", state.id)
    phase = phase_of(world, state)
    note = "A file of this incident could not be read: its phase and its clocks are not known, events may be missing."
    return IncidentPage(
        facts=(
            fact("Id", state.id),
            fact("Services", *(here.service(graph, one) for one in state.services)),
            fact("Detected by", state.detected_by or "unknown"),
            fact("Declared", when(state.declared, world.zone).text),
            *([fact("Problems", *_problems(world, state))] if problems_of(graph, state.id) else []),
        ),
        severity=severity_of(world, state),
        phase=phase,
        steps=tuple(_steps(state, phase)),
        notes=(note,) if damaged else (),
        helping=() if state.is_over else helping_rows(helping(graph, state.id, state.services)),
        clocks=tuple(_clock(world, one, damaged=damaged) for one in state.clocks),
        days=tuple(_days(here, world, state)),
        postmortems=tuple(postmortem_row(here, world, one) for one in postmortems_with(graph, state.id)),
        measures=tuple(measure_row(here, world, one) for one in measures_with(graph, state.id)),
    )


def incidents_page(here: Here, world: World) -> IncidentsPage:
    """The page of all incidents and post-mortems."""
    every = world.graph.all("postmortem").values()
    texts = sorted(every, key=lambda one: (one.value.started_at, one.name), reverse=True)
    return IncidentsPage(
        open=rows(here, world, open_ones(world), worst_first=True),
        over=rows(here, world, (one for one in world.states.values() if not is_open(world, one))),
        postmortems=tuple(postmortem_row(here, world, one) for one in texts),
    )


def rows(here: Here, world: World, found: Iterable[State], *, worst_first: bool = False) -> tuple[IncidentRow, ...]:
    """Incidents as lines of a list, the newest first; one that was never declared stands above all."""
    ordered = sorted(found, key=lambda one: (one.declared is None, one.declared or world.at, one.id), reverse=True)
    if worst_first:
        names = [level.name for level in world.graph.settings.severities]
        ordered.sort(key=lambda one: names.index(one.severity) if one.severity in names else -1)
    return tuple(
        IncidentRow(
            title=here.link("incident", one.id, one.incident.title),
            short=tail(one.id),
            severity=severity_of(world, one),
            phase=phase_of(world, one),
            declared=when(one.declared, world.zone),
            services=tuple(here.service(world.graph, name) for name in one.services),
        )
        for one in ordered
    )


def open_ones(world: World) -> list[State]:
    """The incidents that are not known to be back in normal operations."""
    return [one for one in world.states.values() if is_open(world, one)]


def is_open(world: World, state: State) -> bool:
    """Whether an incident is still in the cycle; one with a damaged file counts as such."""
    return not state.is_over or world.is_damaged("incidents", state.id)


def phase_of(world: World, state: State) -> str:
    """The phase, where every event could be read."""
    if world.is_damaged("incidents", state.id):
        return UNKNOWN
    return "not declared" if state.declared is None else state.phase


def severity_of(world: World, state: State) -> Mark:
    """The severity: a major one is marked."""
    if state.severity is None:
        return Mark("unknown", UNKNOWN)
    if is_major(world.graph, state.severity):
        return Mark("bad", f"{state.severity}, major")
    return Mark("warn", state.severity)


def _problems(world: World, state: State) -> Iterator[str]:
    """The problems that explain it, each in a line."""
    for one in problems_of(world.graph, state.id):
        yield f"{tail(one.id)} {one.problem.title} ({one.status})"


def _steps(state: State, phase: str) -> Iterator[Step]:
    """The cycle; of the two ends, normal operations is where it goes back to once it is closed."""
    last = len(_PHASES) - 1
    for number, name in enumerate(_PHASES):
        here_now = name == phase and (name != NORMAL or number == (last if state.closed else 0))
        yield Step(name, "step" if here_now else "false")


def _clock(world: World, clock: Clock, *, damaged: bool) -> ClockRow:
    span = format_duration(clock.span) if clock.span is not None else UNKNOWN
    if clock.runs:
        span = "running"
    return ClockRow(
        name=clock.name,
        span=UNKNOWN if damaged else span,
        start_name=clock.start_name,
        start=when(clock.start, world.zone),
        end_name=clock.end_name,
        end=when(clock.end, world.zone),
    )


def _days(here: Here, world: World, state: State) -> Iterator[Day]:
    void, remarks = {one.name for one in state.void}, notes_of(state)
    days: dict[str, list[Happening]] = {}
    for one in sorted(state.events, key=lambda one: (one.value.at, one.value.recorded_at, one.name)):
        what = "role" if isinstance(one.value, RoleGiven) else "phase"
        remark = f"no effect: the {what} had moved on" if one.name in void else remarks.get(one.name, "")
        notes = [remark] if remark else []
        if one.value.recorded_at - one.value.at >= _LATE:
            notes.append(f"recorded {format_duration(one.value.recorded_at - one.value.at)} later")
        date = when(one.value.at, world.zone, "%A, %Y-%m-%d").text
        days.setdefault(date, []).append(_happening(here, world, one, tuple(notes)))
    return (Day(date, tuple(events)) for date, events in days.items())


def _happening(here: Here, world: World, entry: Entry[AnyEvent], notes: tuple[str, ...]) -> Happening:
    event = entry.value
    what, text = words(event)
    return Happening(when(event.at, world.zone, "%H:%M"), what, text, here.who(world.graph, event.by), notes)
