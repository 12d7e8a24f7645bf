"""Which incident spent the error budget: what was bad inside the impact of each, and what no incident explains. Pure.

A count belongs to a time between two samples. So the impact of an incident is widened to the samples beside it, and
what is told is what was counted between these; slices of time are taken whole. Where samples do not speak for the
impact, what it spent is unknown. What is excluded spends nothing of the budget, and what was bad then is told apart.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction

from svcops.slo import slices
from svcops.slo.answers import counts_of
from svcops.slo.buckets import Reading
from svcops.slo.exclusions import Excluded
from svcops.slo.facts import Amount, Level, whole
from svcops.slo.questions import Judged, Question
from svcops.slo.slices import Counts, Slices
from svcops.slo.windows import Stretch
from svcops.store.frozen import frozen
from svcops.timing.hours import Interval
from svcops.timing.intervals import joined, without

KNOWN = Fraction(19, 20)
"""For so much of an impact samples have to speak; else what it spent is not known."""
UNCOVERED = "the samples do not cover the incident"
_MICROSECOND = timedelta(microseconds=1)


@frozen
class Impact:
    """From when until when users felt an incident; without an `end`, they still do."""

    incident: str
    start: datetime
    end: datetime | None
    since_declared: bool = False
    """Nobody knows when it began: it is told from when it was declared, and it began by then."""


@frozen
class Spent:
    """What was bad inside an impact, between two moments; without `bad` that is unknown, and `why` says why."""

    impact: Impact
    between: Interval
    bad: Amount | None = None
    of: Amount | None = None
    """All that happened there, or all slices that were judged."""
    why: str = ""
    excluded: Amount | None = 0
    """What was bad there in excluded time, beside `bad`: nothing of the budget. None where that is unknown."""


@frozen
class Apart:
    """What was bad in the times that one record excludes, and none before it; None where that is unknown."""

    path: str
    title: str
    bad: Amount | None
    after: tuple[str, ...] = ()
    """The titles of the records before it that exclude some of its times, too: what was bad then is told of these."""


@frozen
class Attributed:
    """The budget of one objective, by incident.

    `unexplained` is what was bad outside of every impact and counts, None where something of it is unknown. It is a
    bound where an impact began earlier than it is told.
    """

    question: Question
    level: Level | None
    spent: tuple[Spent, ...]
    unexplained: Amount | None
    apart: tuple[Apart, ...] = ()
    reason: str = ""
    """Why the budget is not known, where it is not."""

    @property
    def undated(self) -> tuple[Impact, ...]:
        """The impacts that began earlier than is told: they spent at least what is told, and nobody else more."""
        return tuple(one.impact for one in self.spent if one.impact.since_declared)

    @property
    def is_at_most(self) -> bool:
        """Whether what is unexplained may be less: part of it may be of an impact whose start is not known."""
        return bool(self.unexplained and self.undated)

    @property
    def is_known(self) -> bool:
        """Whether nothing of it is unknown, or only a bound."""
        return self.unexplained is not None and not self.undated and all(one.bad is not None for one in self.spent)


@frozen
class Spending:
    """What is asked of one objective, up to a moment of a window: its readings, and the times that are excluded.

    The samples beside the impacts, and where excluded times begin and end, must be edges of the readings.
    """

    question: Question
    readings: Mapping[str, Reading]
    within: Stretch
    at: datetime
    excluded: Sequence[Excluded] = ()

    @property
    def judged(self) -> Judged:
        """How the objective is worked out."""
        assert self.question.judged
        return self.question.judged

    @property
    def counts(self) -> Counts:
        """What was counted of its indicator."""
        return counts_of(self.judged, self.readings)

    @property
    def out(self) -> list[Interval]:
        """What is excluded, each moment once."""
        return list(joined(Interval(one.start, one.end) for one in self.excluded))

    def beside(self, start: datetime, end: datetime) -> Interval:
        """The stretch that is counted for an impact: between the samples beside it, or whole slices."""
        of = self.judged.slices
        found = _slices_of(of, self.within, start, end, self.at) if of else _samples_of(self.counts, start, end)
        return Interval(max(found.start, self.within.start), min(found.end, self.at))


def spent(of: Spending, impact: Impact) -> Spent:
    """What an impact spent of a window; Impossible where the counts contradict each other."""
    judged, counts, out = of.judged, of.counts, of.out
    start, end = max(impact.start, of.within.start), min(impact.end or of.at, of.at)
    between = of.beside(start, end)
    if not is_covered(counts, list(without(joined([Interval(start, end)]), out))):
        return Spent(impact, between, why=UNCOVERED)
    found = _bad(judged, counts, [between], out) if between.start < between.end else None
    if found is None:
        return Spent(impact, between, why="the samples count nothing")
    return Spent(impact, between, *found, excluded=_bad_of_excluded(judged, counts, [between], out))


def is_covered(counts: Counts, kept: Sequence[Interval]) -> bool:
    """Whether samples speak for what is kept of an impact."""
    return _length(counts.missing(kept)) <= (1 - KNOWN) * _length(kept)


def attribute(of: Spending, level: Level | None, found: Sequence[Spent]) -> Attributed:
    """What is left when the impacts are taken off the budget that an objective spent; `level` is that of the report.

    Where time without samples does not count, what is outside of every impact is known, whatever an impact spent.
    """
    apart = tuple(_apart(of))
    is_known = of.question.policy.no_data == "gap" or all(one.bad is not None for one in found)
    if level is None or not is_known:
        return Attributed(of.question, level, tuple(found), None, apart)
    inside = _bad(of.judged, of.counts, list(joined(one.between for one in found)), of.out)
    explained = inside[0] if inside else 0
    return Attributed(of.question, level, tuple(found), whole(Fraction(level.bad) - explained), apart)


def _apart(of: Spending) -> Iterator[Apart]:
    """What was bad in excluded time, record by record; where several exclude a time, of the first of them."""
    by_record: dict[tuple[str, str], list[Interval]] = {}
    for one in of.excluded:
        by_record.setdefault((one.path, one.title), []).append(Interval(one.start, one.end))
    told: dict[str, list[Interval]] = {}
    for (path, title), every in by_record.items():
        own = list(joined(every))
        after = tuple(other for other, times in told.items() if list(without(own, joined(times))) != own)
        times = list(without(own, joined(one for before in told.values() for one in before)))
        touched = [_slices_of(of.judged.slices, of.within, *one, of.at) for one in times] if of.judged.slices else times
        yield Apart(path, title, _bad_of_excluded(of.judged, of.counts, list(joined(touched)), times), after)
        told.setdefault(title, []).extend(own)


def near(impacts: Iterable[Impact], at: datetime) -> set[datetime]:
    """The moments beside which samples are looked for."""
    return {moment for one in impacts for moment in (one.start, one.end or at)}


def _samples_of(counts: Counts, start: datetime, end: datetime) -> Interval:
    """The stretch between the samples beside an impact."""
    beside = counts.total.sampled.beside
    before, after = beside.get(start, (None, None))[0], beside.get(end, (None, None))[1]
    return Interval(before or start, after or end)


def _slices_of(of: Slices, within: Stretch, start: datetime, end: datetime, at: datetime) -> Interval:
    """The slices that an impact touches."""
    edges = slices.edges(within, at, of.length)
    before = [one for one in edges if one <= start]
    after = [one for one in edges if one >= end]
    return Interval(before[-1] if before else edges[0], after[0] if after else edges[-1])


def _bad(
    judged: Judged, counts: Counts, stretches: Sequence[Interval], out: Sequence[Interval]
) -> tuple[Amount, Amount] | None:
    """What is bad in these stretches without what is left `out`, and of how much; None where nothing is known of them.

    Of slices that are left out in part, the rest is judged.
    """
    kept = list(without(stretches, out))
    if not kept:
        return 0, 0
    if judged.slices is None:
        found = counts.good(kept)
        return (whole(Fraction(found[1]) - Fraction(found[0])), found[1]) if found else None
    bad, number = Fraction(0), 0
    for one in stretches:
        edges = slices.edges(Stretch(*one), one.end, judged.slices.length)
        sliced = slices.judge(judged.slices, edges, counts, out)
        bad, number = bad + sliced.judged - Fraction(sliced.good), number + sliced.judged
    return (whole(bad), number) if number else None


def _bad_of_excluded(
    judged: Judged, counts: Counts, stretches: Sequence[Interval], times: Sequence[Interval]
) -> Amount | None:
    """What is bad of these stretches in excluded times; slices are judged by that part of them alone."""
    found = _bad(judged, counts, stretches, list(without(stretches, times)))
    return found[0] if found else None


def _length(stretches: Iterable[Interval]) -> int:
    """How many microseconds."""
    return sum((one.end - one.start for one in stretches), timedelta(0)) // _MICROSECOND
