"""Which incident spent the error budget: what was bad inside the impact of each, and what no incident explains. Pure.

A count belongs to a time between two samples. So the impact of an incident is widened to the samples beside it, and
what is told is what was counted between these; slices of time are taken whole. Where samples do not speak for the
impact, what it spent is unknown.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction

from svcops.slo import slices
from svcops.slo.answers import counts_of
from svcops.slo.buckets import Reading
from svcops.slo.facts import Amount, Level, whole
from svcops.slo.questions import Judged, Question
from svcops.slo.slices import Counts, Slices
from svcops.slo.windows import Stretch
from svcops.store.frozen import frozen
from svcops.timing.hours import Interval
from svcops.timing.intervals import joined

KNOWN = Fraction(19, 20)
"""For so much of an impact samples have to speak; else what it spent is not known."""
_MICROSECOND = timedelta(microseconds=1)


@frozen
class Impact:
    """From when until when users felt an incident; without an `end`, they still do."""

    incident: str
    start: datetime
    end: datetime | None


@frozen
class Spent:
    """What was bad inside an impact, between two moments; without `bad` that is unknown, and `why` says why."""

    impact: Impact
    between: Interval
    bad: Amount | None = None
    of: Amount | None = None
    """All that happened there, or all slices that were judged."""
    why: str = ""


@frozen
class Attributed:
    """The budget of one objective, by incident.

    `unexplained` is what was bad outside of every impact, None where something of it is unknown.
    """

    question: Question
    level: Level | None
    spent: tuple[Spent, ...]
    unexplained: Amount | None


def spent(question: Question, readings: Mapping[str, Reading], impact: Impact, within: Stretch, at: datetime) -> Spent:
    """What an impact spent of a window, up to a moment. The samples beside the impact must be edges of the readings.

    Impossible where the counts contradict each other.
    """
    judged = question.judged
    assert judged
    counts = counts_of(judged, readings)
    start, end = max(impact.start, within.start), min(impact.end or at, at)
    between = _slices_of(judged.slices, within, start, end, at) if judged.slices else _samples_of(counts, start, end)
    between = Interval(max(between.start, within.start), min(between.end, at))
    missing = sum((one.end - one.start for one in counts.missing([Interval(start, end)])), timedelta(0))
    if end > start and Fraction(missing // _MICROSECOND, (end - start) // _MICROSECOND) > 1 - KNOWN:
        return Spent(impact, between, why="the samples do not cover the incident")
    found = _bad(judged, counts, [between])
    if found is None:
        return Spent(impact, between, why="the samples count nothing")
    return Spent(impact, between, *found)


def attribute(
    question: Question, level: Level | None, found: Sequence[Spent], readings: Mapping[str, Reading]
) -> Attributed:
    """What is left when the impacts are taken off the budget that an objective spent."""
    judged = question.judged
    if judged is None or level is None or any(one.bad is None for one in found):
        return Attributed(question, level, tuple(found), None)
    inside = _bad(judged, counts_of(judged, readings), list(joined(one.between for one in found)))
    explained = inside[0] if inside else 0
    return Attributed(question, level, tuple(found), whole(Fraction(level.bad) - explained))


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


def _bad(judged: Judged, counts: Counts, stretches: Sequence[Interval]) -> tuple[Amount, Amount] | None:
    """What is bad in these stretches, and of how much; None where nothing is known of them."""
    if judged.slices is None:
        found = counts.good(stretches)
        return (whole(Fraction(found[1]) - Fraction(found[0])), found[1]) if found else None
    bad, number = Fraction(0), 0
    for one in stretches:
        edges = slices.edges(Stretch(*one), one.end, judged.slices.length)
        sliced = slices.judge(judged.slices, edges, counts)
        bad, number = bad + sliced.judged - Fraction(sliced.good), number + sliced.judged
    return (whole(bad), number) if number else None
