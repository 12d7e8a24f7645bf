"""How disruptions go, in figures: of which incidents each is made, and of which it is unknown. Pure.

Nothing unknown is counted as 0: it is told beside the figure, with the reason of each incident.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from svcops.catalogue.agreements import zone_of
from svcops.incidents.facts import State, states
from svcops.overview.response_cases import (
    By,
    Case,
    Reading,
    Wanted,
    cases,
    damaged_incidents,
    grouping,
    ordered,
    placed,
    undeclared,
)
from svcops.overview.response_outcome import Closings, Grounds, Measures, Recurrences, Share
from svcops.overview.response_period import Period, month_before
from svcops.overview.response_statistics import Shift, Spread, shift, spread
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

Imported = Literal["apart", "with", "without", "only"]
Of = Literal["written here", "imported", "all"]
ALL = "all"
"""The group of all incidents of a population."""


@frozen
class Figure:
    """The durations of some incidents: seconds by id, the shortest first; and why it is unknown of others, by id."""

    known: Mapping[str, float]
    unknown: Mapping[str, str]
    spread: Spread | None


@frozen
class ClockFigures:
    """One clock of some incidents, in wall-clock time and in support hours; and the same clock in the time before.

    `shift` is how its median changed since then; None where there are too few to say.
    """

    name: str
    start_name: str
    end_name: str
    wall: Figure
    support: Figure
    before: Figure
    shift: Shift | None


@frozen
class Group:
    """The figures of some incidents."""

    name: str
    incidents: tuple[str, ...]
    """Ids, in the order of declaration."""
    clocks: tuple[ClockFigures, ...]
    noticed: Share
    """Of those whose source is known: noticed by an SLO or by monitoring, before a user or somebody else said so."""
    postmortems: Share
    """Of the major ones that are over for users: with an approved post-mortem."""
    proved: tuple[str, ...]
    """Of those with one: where the approval is signed."""
    no_measure: Closings
    """Of the minor ones that are closed: with a stated reason why nothing is changed, and nothing else."""
    measures: Measures
    recurrences: Recurrences
    is_partial: bool
    """Whether it is a month that is only partly in the period."""


@frozen
class Population:
    """The figures of what was written here, of what was imported, or of both; `groups` is empty without --by."""

    of: Of
    total: Group
    groups: tuple[Group, ...]
    cancelled: tuple[str, ...]
    merged: tuple[str, ...]


@frozen
class Report:
    """The figures of a period."""

    period: Period
    by: By | None
    wanted: Wanted
    imported: Imported
    populations: tuple[Population, ...]
    """Those that have an incident, counted or not."""
    undeclared: tuple[str, ...]
    """In no period, as no event says when they were declared."""
    damaged: tuple[str, ...]
    """Left out, as a file of theirs cannot be read, or the first is not there."""
    unjudged: str = ""
    """Why git's history cannot tell whether what is anchored is so; empty where it can, or nothing is anchored."""

    @property
    def counted(self) -> int:
        """How many incidents the figures are about."""
        return sum(len(one.total.incidents) for one in self.populations)


def report(
    graph: Graph,
    period: Period,
    now: datetime,
    *,
    by: By | None = None,
    wanted: Wanted | None = None,
    imported: Imported = "apart",
) -> Report:
    """The figures of the incidents declared in a period, beside those of the period before.

    By month, each is beside the month before it; so the period should begin with a month.
    """
    wanted = wanted or Wanted()
    counted, gone = placed(graph, wanted, period)
    now_cases = cases(graph, counted, in_support_hours=True)
    before_cases = cases(graph, placed(graph, wanted, period.before)[0], in_support_hours=False)
    grounds = Grounds(graph, now.astimezone(zone_of(graph)).date())
    makes = _Maker(graph, by, wanted, period, grounds)
    if by == "month":
        months = placed(graph, wanted, period.with_month_before)[0]
        makes.months = cases(graph, months, in_support_hours=False)
    populations = [
        makes.population(of, _among(now_cases, is_of), _among(before_cases, is_of), [one for one in gone if is_of(one)])
        for of, is_of in _populations(imported)
    ]
    anchored = any(one.total.measures.anchored for one in populations)
    return Report(
        period=period,
        by=by,
        wanted=wanted,
        imported=imported,
        populations=tuple(one for one in populations if one.total.incidents or one.cancelled or one.merged),
        undeclared=tuple(undeclared(graph, wanted)),
        damaged=tuple(sorted(damaged_incidents(graph))),
        unjudged=graph.history.unknown if anchored and graph.history else "",
    )


def nearest(graph: Graph, report: Report) -> tuple[datetime | None, datetime | None]:
    """When the last incident before a period was declared, and the first after it, of those that would count."""
    wanted, damaged = [is_of for _, is_of in _populations(report.imported)], damaged_incidents(graph)
    counting = [
        one.declared
        for one in states(graph).values()
        if one.declared and one.id not in damaged and report.wanted.has(one) and any(is_of(one) for is_of in wanted)
        if one.ending not in ("cancelled", "merged")
    ]
    before = (moment for moment in counting if moment < report.period.start)
    after = (moment for moment in counting if moment >= report.period.end)
    return max(before, default=None), min(after, default=None)


_IsOf = Callable[[State], bool]


def _populations(imported: Imported) -> list[tuple[Of, _IsOf]]:
    own: tuple[Of, _IsOf] = ("written here", lambda one: one.incident.imported is None)
    others: tuple[Of, _IsOf] = ("imported", lambda one: one.incident.imported is not None)
    if imported == "with":
        return [("all", lambda _: True)]
    return {"apart": [own, others], "without": [own], "only": [others]}[imported]


def _among(found: Iterable[Case], is_of: _IsOf) -> list[Case]:
    return [one for one in found if is_of(one.state)]


class _Maker:
    """Makes populations and groups of one report; `months` are the incidents that months are compared with."""

    def __init__(self, graph: Graph, by: By | None, wanted: Wanted, period: Period, grounds: Grounds) -> None:
        self.graph = graph
        self.by = by
        self.period = period
        self.grounds = grounds
        self.groups_of = grouping(graph, by, wanted) if by else None
        self.months: list[Case] = []

    def population(self, of: Of, found: list[Case], before: list[Case], gone: list[State]) -> Population:
        return Population(
            of=of,
            total=self._group(ALL, found, before),
            groups=tuple(self._groups(of, found, before)),
            cancelled=tuple(one.id for one in gone if one.ending == "cancelled"),
            merged=tuple(one.id for one in gone if one.ending == "merged"),
        )

    def _groups(self, of: Of, found: list[Case], before: list[Case]) -> Iterable[Group]:
        if self.by is None or self.groups_of is None:
            return
        if self.by == "month":
            before = [one for one in self.months if of == "all" or one.is_imported == (of == "imported")]
        now, then = self._split(found), self._split(before)
        for name in ordered(self.graph, self.by, now):
            earlier = month_before(name) if self.by == "month" else name
            yield self._group(name, now[name], then.get(earlier, []))

    def _split(self, found: Iterable[Case]) -> dict[str, list[Case]]:
        assert self.groups_of
        split: dict[str, list[Case]] = {}
        for one in found:
            for name in self.groups_of(one.state):
                split.setdefault(name, []).append(one)
        return split

    def _group(self, name: str, found: Sequence[Case], before: Sequence[Case]) -> Group:
        states = [one.state for one in found]
        approved, proved = self.grounds.postmortems(states)
        return Group(
            name=name,
            incidents=tuple(one.id for one in found),
            clocks=tuple(_clocks(found, before)),
            noticed=self.grounds.noticed(states),
            postmortems=approved,
            proved=proved,
            no_measure=self.grounds.no_measure(states),
            measures=self.grounds.measures(states),
            recurrences=self.grounds.recurrences(states),
            is_partial=self.by == "month" and name != ALL and not self.period.has_all_of(name),
        )


def _clocks(found: Sequence[Case], before: Sequence[Case]) -> Iterable[ClockFigures]:
    example = next(iter((*found[:1], *before[:1])), None)
    if example is None:
        return
    for number, clock in enumerate(example.state.clocks):
        wall = figure((one.id, one.wall[number]) for one in found)
        then = figure((one.id, one.wall[number]) for one in before)
        yield ClockFigures(
            name=clock.name,
            start_name=clock.start_name,
            end_name=clock.end_name,
            wall=wall,
            support=figure((one.id, one.support[number]) for one in found),
            before=then,
            shift=shift(then.known.values(), wall.known.values()),
        )


def figure(readings: Iterable[tuple[str, Reading]]) -> Figure:
    """What some incidents' readings of one clock amount to, in whichever order they come."""
    known: list[tuple[float, str]] = []
    unknown: dict[str, str] = {}
    for name, reading in readings:
        if isinstance(reading, str):
            unknown[name] = reading
        else:
            known.append((reading, name))
    known.sort()
    by_id = {name: seconds for seconds, name in known}
    return Figure(by_id, dict(sorted(unknown.items())), spread(by_id.values()))
