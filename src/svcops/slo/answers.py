"""From what was counted to what came out for one objective: what is excluded, what is missing, the verdict. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from svcops.slo import slices
from svcops.slo.buckets import Reading
from svcops.slo.burning import period_of
from svcops.slo.contradictions import Above
from svcops.slo.course import Point, Spending, moments
from svcops.slo.documents import BadSLO
from svcops.slo.exclusions import Excluded, Exclusions, of_treatment
from svcops.slo.facts import Amount, Impossible, Level, Verdict, decimal, verdict_of, whole
from svcops.slo.pacing import pacing
from svcops.slo.policies import Policy
from svcops.slo.questions import Judged, Question
from svcops.slo.slices import Counts, Joint, Sliced, Slices
from svcops.slo.sources import Input
from svcops.slo.windows import Stretch
from svcops.store.frozen import frozen
from svcops.timing.hours import Interval
from svcops.timing.intervals import joined, without
from svcops.timing.model import format_duration, format_instant

_MICROSECOND = timedelta(microseconds=1)


@frozen
class Pace:
    """The burn rate over the last `window`; None where nothing of it is known, or nothing happened."""

    window: timedelta
    rate: Fraction | None


@frozen
class Result:
    """What came out for one objective. Without `level` it is unknown, or not worked out here, and `reason` says why.

    The window is (start, end], judged up to the moment of the report where that is before its end.
    """

    question: Question
    window: Stretch | None
    level: Level | None
    verdict: Verdict
    reason: str
    coverage: Fraction | None = None
    """The share of what is judged of which something is known; None where nothing is judged, or worked out."""
    inputs: tuple[Input, ...] = ()
    newest: datetime | None = None
    """Up to when there are samples of what it counts, whatever else its files hold; None where there are none."""
    missing: tuple[Interval, ...] = ()
    """The stretches of what is judged for which no sample speaks."""
    excluded: tuple[Excluded, ...] = ()
    above: tuple[Above, ...] = ()
    """When more was good, or bad, than there was in total, though not so of the window as a whole."""
    assumed: Amount = 0
    """How many of the events nobody counted: they stand for the missing time."""
    nothing_selected: bool = False
    """Whether what is good, or bad, is 0 as no series is selected, although its metric is there: nothing of the kind
    happened, or the selector is wrong."""
    plain: Level | None = None
    """The level with nothing excluded; None where nothing is, or where that is unknown."""
    paces: tuple[Pace, ...] = ()
    """The burn rates over the last stretches that alerts look at, the shortest first."""
    course: tuple[Point, ...] = ()
    """How the budget was spent, where that is asked for and the level is known."""
    parts: tuple["Result", ...] = ()
    """What came out for the objectives of a composite SLO, of which this is the whole."""

    @property
    def lasts(self) -> timedelta | None:
        """How long what is left of the budget lasts at the pace of the longest of these stretches.

        None where that is unknown, or where nothing is spent at this pace. A share of the budget lasts as long as that
        share of the period, divided by the burn rate.
        """
        pace = next((one.rate for one in reversed(self.paces) if one.rate is not None), None)
        if not pace or self.level is None or self.question.over is None:
            return None
        left = max(self.level.left_share, Fraction(0)) / pace
        microseconds = left * (period_of(self.question.over) // _MICROSECOND)
        return int(microseconds) * _MICROSECOND if microseconds <= timedelta.max // _MICROSECOND else None


def edges_of(question: Question, exclusions: Exclusions, at: datetime, points: int = 0) -> list[datetime]:
    """Between which moments it has to be known what was counted; none where nothing is worked out.

    For the course of the budget, at so many `points`.
    """
    window = question.judged.window.around(at) if question.judged else None
    if window is None or question.judged is None:
        return []
    excluded = exclusions.within(question.name, question.service, _first(question, window, at), at)
    inside = {moment for one in excluded for moment in (one.start, one.end)}
    backs = {at - one for one in question.lookbacks}
    on_the_way = moments(question.judged.slices, window, at, points) if points else ()
    return sorted(inside.union(backs, on_the_way, question.judged.edges(window, at)))


def answer(
    question: Question, readings: Mapping[str, Reading], exclusions: Exclusions, at: datetime, points: int = 0
) -> Result:
    """What came out for one objective, with the course of its budget at so many points, or without.

    BadSLO where its counts contradict each other.
    """
    judged = question.judged
    if judged is None:
        return Result(question, None, None, "not computed", question.reason)
    window = judged.window.around(at)
    if window is None:
        return Result(question, None, None, "not enough data", "its first window is still to come")
    inputs = tuple(one for name in sorted(judged.indicator.sources) for one in readings[name].inputs)
    excluded, recent = (
        exclusions.within(question.name, question.service, start, at)
        for start in (window.start, _first(question, window, at))
    )
    counts = counts_of(judged, readings)
    over = Over(question, judged.slices, counts, window, at)
    try:
        found = over.judge(excluded)
        plain = over.judge(()) if excluded else None
    except Impossible as error:
        field = judged.indicator.part.asked_by.rpartition(": ")[2]
        between = f"from {format_instant(window.start)} to {format_instant(at)}"
        raise BadSLO(question.path, question.name, field, f"{error}, {between}") from None
    return Result(
        question=question,
        window=window,
        level=found.level,
        verdict=found.verdict,
        reason=found.reason,
        coverage=found.coverage,
        inputs=inputs,
        newest=counts.newest,
        missing=found.missing,
        excluded=excluded,
        above=_above(judged, readings, window, at),
        assumed=found.assumed,
        nothing_selected=found.level is not None and counts.part_may_be_absent and counts.part.is_empty,
        plain=plain.level if plain else None,
        paces=over.paces(recent),
        course=over.course(found, excluded, points) if points else (),
    )


def _first(question: Question, window: Stretch, at: datetime) -> datetime:
    """Since when something is looked at: a window of a calendar may begin within the last stretches of alerts."""
    return min([window.start, *(at - one for one in question.lookbacks)])


def counts_of(judged: Judged, readings: Mapping[str, Reading]) -> Counts:
    """What was counted of the indicator of an objective, by the readings of its sources."""
    indicator = judged.indicator
    part, total = (readings[term.source].counted[term.asked] for term in (indicator.part, indicator.total))
    # Where the metric is sampled a part without samples is none: no 5xx yet is no error. Not so of a histogram, which
    # has all its buckets from the first.
    is_one = indicator.part.source == indicator.total.source and part.metric == total.metric
    is_sampled = is_one and indicator.part.asked.le is None
    return Counts(part, total, indicator.part_is_good, is_sampled)


def lacking(judged: Judged, counts: Counts, kept: Sequence[Interval]) -> str:
    """The query without samples in these stretches, where what was counted in them is not known."""
    indicator = judged.indicator
    term = indicator.part if counts.total.within(kept).samples else indicator.total
    return term.query.strip()


def _above(judged: Judged, readings: Mapping[str, Reading], window: Stretch, at: datetime) -> tuple[Above, ...]:
    """When more was counted of the part than of the total, in the window."""
    part, total = judged.indicator.part, judged.indicator.total
    found = readings[part.source].above.get((part.asked, total.asked), ()) if part.source == total.source else ()
    return tuple(one for one in found if window.start < one.at <= at)


@frozen
class Found:
    """The level, or why it is not known, and of how much something is known."""

    level: Level | None
    reason: str
    coverage: Fraction | None
    missing: tuple[Interval, ...]
    assumed: Amount = 0
    """How many of the events nobody counted: they stand for the missing time."""

    @property
    def verdict(self) -> Verdict:
        """What it means for the target."""
        return verdict_of(self.level)


@frozen
class Over:
    """One objective over one window, up to a moment."""

    question: Question
    slices: Slices | None
    counts: Counts | Joint
    window: Stretch
    at: datetime

    def judge(self, excluded: Sequence[Excluded]) -> Found:
        """What came out with these times excluded; Impossible where the counts contradict each other."""
        removed, good = (of_treatment(excluded, name) for name in ("removed", "good"))
        kept = list(without([Interval(self.window.start, self.at)], joined([*removed, *good])))
        missing = tuple(self.counts.missing(kept))
        assumed: Amount = 0
        if self.slices:
            level, coverage, why = self._by_slices(self.slices, removed, good)
        else:
            coverage = 1 - share_of(missing, kept) if kept else None
            assert isinstance(self.counts, Counts)
            level, assumed, why = self._of_events(self.counts, kept, good, coverage)
        if level and coverage is not None and coverage < self.question.policy.least_coverage:
            needed = f", and {_percent(self.question.policy)} have to be known"
            level, why = None, f"{why}{needed}" if why else _told(missing, kept, needed)
        return Found(level, why if level is None else "", coverage, missing, assumed)

    def paces(self, excluded: Sequence[Excluded]) -> tuple[Pace, ...]:
        """The burn rates over the last stretches that alerts look at, judged as the window is."""
        backs = self.question.lookbacks
        if not backs:
            return ()
        edges = slices.edges(self.window, self.at, self.slices.length) if self.slices else []
        recent = edges[bisect_left(edges, self.at - backs[-1]) :]
        of = pacing(self.slices, recent, self.counts, 1 - self.question.target, excluded)
        return tuple(Pace(one, of.rate(self.at - one, self.at)) for one in backs)

    def course(self, found: Found, excluded: Sequence[Excluded], points: int) -> tuple[Point, ...]:
        """How the budget was spent; nothing where the level is not known."""
        if found.level is None:
            return ()
        spending = Spending(
            slices=self.slices,
            policy=self.question.policy,
            counts=self.counts,
            window=self.window,
            at=self.at,
            level=found.level,
            removed=of_treatment(excluded, "removed"),
            good=of_treatment(excluded, "good"),
            missing=found.missing,
        )
        return spending.course(points)

    def _of_events(
        self, counts: Counts, kept: list[Interval], good: list[Interval], known: Fraction | None
    ) -> tuple[Level | None, Amount, str]:
        """The level by what was counted in the window as a whole, of which so much is `known`, or nothing is kept.

        With how many of its events are assumed for the time of which nothing is known.
        """
        if known is None:
            return None, 0, "all of the window is excluded"
        found = counts.good(kept)
        if found is None:
            assert self.question.judged
            return None, 0, f"no samples of {lacking(self.question.judged, counts, kept)} in the window"
        well, counted = map(Fraction, found)
        well, total = _filled(well, counted, known, self.question.policy)
        assumed = whole(total - counted)
        if good:
            of_good = Fraction(counts.total.within(good).amount)
            well, total = well + of_good, total + of_good
        if not total:
            return None, 0, "the total is 0: nothing happened in the window"
        return Level(whole(well), whole(total), self.question.target), assumed, ""

    def _by_slices(
        self, of: Slices, removed: list[Interval], good: list[Interval]
    ) -> tuple[Level | None, Fraction | None, str]:
        """The level that the slices reached, of how many something is known (None of none), and the same in words."""
        edges = slices.edges(self.window, self.at, of.length)
        found = slices.judge(of, edges, self.counts, list(joined([*removed, *good])))
        known, length = found.judged + found.idle, format_duration(of.length)
        over = known + found.missing
        if not over and found.excluded:
            return None, None, f"all of its slices of {length} that are over are excluded"
        if not over:
            return None, None, f"none of its slices of {length} is over"
        coverage = Fraction(known, over)
        if not found.judged:
            return None, coverage, f"nothing was counted in any of {over} slices of {length}"
        level = self._level(of, found, self._all_good(edges, found, removed), len(edges) - 1)
        return level, coverage, f"of {over} slices of {length} {found.missing} are without samples"

    def _all_good(self, edges: Sequence[datetime], found: Sliced, removed: list[Interval]) -> int:
        """How many of the excluded slices count as good: those of which no more than a part is removed."""
        if not found.excluded or not removed:
            return found.excluded
        pairs = (Interval(*pair) for pair in pairwise(edges))
        return found.excluded - sum(not list(without([one], removed)) for one in pairs)

    def _level(self, of: Slices, found: Sliced, as_good: int, number: int) -> Level:
        policy = self.question.policy
        missing = found.missing if policy.no_data != "gap" else 0
        well = Fraction(found.good) + as_good + (missing if policy.no_data == "good" else 0)
        judged = found.judged + as_good + missing
        to_come = slices.number_in(self.window, of.length) - number
        return Level(whole(well), judged, self.question.target, judged + to_come if to_come else None)


def _filled(good: Fraction, total: Fraction, known: Fraction, policy: Policy) -> tuple[Fraction, Fraction]:
    """The counts with those of the missing time, at the mean rate of the time that is known."""
    if policy.no_data == "gap" or not known:
        return good, total
    more: Amount = total * (1 - known) / known
    return (good + more if policy.no_data == "good" else good), total + more


def share_of(missing: Iterable[Interval], kept: Iterable[Interval]) -> Fraction:
    """How much of what is kept is missing."""
    whole_ = _length(kept)
    return Fraction(_length(missing) // _MICROSECOND, whole_ // _MICROSECOND) if whole_ else Fraction(1)


def _length(stretches: Iterable[Interval]) -> timedelta:
    return sum((one.end - one.start for one in stretches), timedelta(0))


def _told(missing: Sequence[Interval], kept: Sequence[Interval], needed: str) -> str:
    """How much is known of what is kept, how much is needed, and the longest stretch that is missing."""
    known, all_ = _length(kept) - _length(missing), _length(kept)
    longest = max(missing, key=lambda one: one.end - one.start)
    more = f", and {len(missing) - 1} more" if len(missing) > 1 else ""
    gap = f"{format_instant(longest.start)} to {format_instant(longest.end)}{more}"
    return f"samples speak for {format_duration(known)} of {format_duration(all_)}{needed}; missing: {gap}"


def _percent(policy: Policy) -> str:
    return f"{decimal(whole(policy.least_coverage * 100))} %"
