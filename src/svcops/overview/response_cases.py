"""The incidents that a report counts, with what each of their clocks says, or why it says nothing. Pure.

An incident counts in the days in which it was declared. One that was cancelled was no disruption, and one that was
merged is counted in its place: neither is counted, both are told. One with a damaged file is left out, as its clocks
may be wrong. What is imported is told apart, as the rules of the cycle pass it by.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, TypeAlias

from svcops.catalogue.agreements import zone_of
from svcops.incidents.facts import Clock, State, states
from svcops.incidents.outlines import without_record
from svcops.overview.response_hours import OpenSum, SupportTimes, seconds_in
from svcops.overview.response_period import Period
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.timing.wall import in_zone

By = Literal["service", "severity", "month", "team"]
Reading: TypeAlias = float | str
"""What a clock of an incident says: seconds, or why it says nothing."""
UNKNOWN = "unknown"
"""The group of what nobody can place."""


@frozen
class Case:
    """An incident of a report.

    `wall` is what its clocks say, in the order of `State.clocks`; `support` is the same in the support hours of its
    agreements, worked out where it is asked for.
    """

    id: str
    state: State
    wall: tuple[Reading, ...]
    support: tuple[Reading, ...] = ()

    @property
    def is_imported(self) -> bool:
        """Whether it was written elsewhere."""
        return self.state.incident.imported is not None


@frozen
class Wanted:
    """Which incidents a report is about; empty names are all."""

    services: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()

    def has(self, state: State) -> bool:
        """Whether an incident is among them."""
        if self.services and not any(one in self.services for one in state.services):
            return False
        return not self.severities or state.severity in self.severities


def damaged_incidents(graph: Graph) -> frozenset[str]:
    """The incidents of which a file cannot be read, or the first is not there."""
    return graph.once(_damaged)


def _damaged(graph: Graph) -> frozenset[str]:
    states(graph)  # which reads both kinds together, and a large store by two processes
    damaged = (*graph.damaged("incident"), *graph.damaged("incident-event"))
    return frozenset([*(path.split("/")[2] for path in damaged), *without_record(graph)])


def placed(graph: Graph, wanted: Wanted, period: Period) -> tuple[list[State], list[State]]:
    """The incidents declared in these days, oldest first: those that count, and those cancelled or merged."""
    damaged = damaged_incidents(graph)
    start, end = period.start, period.end
    found = [
        one
        for one in states(graph).values()
        if one.declared is not None and start <= one.declared < end and one.id not in damaged and wanted.has(one)
    ]
    found.sort(key=lambda one: (one.declared, one.id))
    gone = [one for one in found if one.ending in ("cancelled", "merged")]
    return [one for one in found if one.ending not in ("cancelled", "merged")], gone


def undeclared(graph: Graph, wanted: Wanted) -> list[str]:
    """The incidents of which no event says when they were declared: they are in no period."""
    damaged = damaged_incidents(graph)
    return [one.id for one in states(graph).values() if not one.declared and one.id not in damaged and wanted.has(one)]


def cases(graph: Graph, found: Iterable[State], *, in_support_hours: bool) -> list[Case]:
    """Declared incidents with what their clocks say."""
    times = SupportTimes(graph) if in_support_hours else None
    return [_case(one, times) for one in found]


def _case(state: State, times: SupportTimes | None) -> Case:
    clocks = state.clocks
    wall = tuple([_reading(state, one) for one in clocks])
    if times is None:
        return Case(state.id, state, wall)
    hours = times.of(state)
    pairs = zip(clocks, wall, strict=True)
    return Case(state.id, state, wall, tuple([_in_hours(hours, one, reading) for one, reading in pairs]))


def _in_hours(hours: OpenSum | str, clock: Clock, on_wall: Reading) -> Reading:
    if isinstance(on_wall, str) or clock.start is None or clock.end is None:
        return on_wall
    return seconds_in(hours, clock.start, clock.end)


def _reading(state: State, clock: Clock) -> Reading:
    span = clock.span
    if span is not None:
        return span.total_seconds()
    if clock.start is None:
        return f"when {_when(clock.start_name)} is not known"
    if clock.end is not None:
        return f"{clock.end_name} before {clock.start_name}: its times contradict each other"
    if is_going_on(state) and clock.end_name != "detected":  # what was declared was detected, whenever that was
        return f"not {clock.end_name} yet"
    return f"when it was {clock.end_name} is not known"


def _when(name: str) -> str:
    """An end of a clock as a clause: the impact started, it was declared."""
    return f"the {name}" if " " in name else f"it was {name}"


def is_going_on(state: State) -> bool:
    """Whether the disruption is not over for users."""
    return state.phase in ("incident", "remediation")


def grouping(graph: Graph, by: By, wanted: Wanted) -> Callable[[State], Sequence[str]]:
    """What gives the groups of a declared incident, of which it may have several, as it may have several services."""
    if by == "service":
        return lambda one: _services(one, wanted)
    if by == "team":
        owners = {name: entry.value.owner for name, entry in graph.all("service").items()}
        return lambda one: tuple(dict.fromkeys(owners.get(name, UNKNOWN) for name in _services(one, wanted)))
    if by == "severity":
        return lambda one: (one.severity or UNKNOWN,)
    zone = zone_of(graph)
    return lambda one: (f"{in_zone(one.declared, zone):%Y-%m}" if one.declared else UNKNOWN,)


def _services(state: State, wanted: Wanted) -> tuple[str, ...]:
    named = dict.fromkeys(state.services)
    return tuple(one for one in named if not wanted.services or one in wanted.services) or (UNKNOWN,)


def ordered(graph: Graph, by: By, names: Iterable[str]) -> Iterator[str]:
    """The names of groups: severities from the highest, months from the first, others by name; what is unknown last."""
    ranks = {level.name: rank for rank, level in enumerate(graph.settings.severities)} if by == "severity" else {}
    yield from sorted(names, key=lambda name: (name == UNKNOWN, ranks.get(name, len(ranks)), name))
