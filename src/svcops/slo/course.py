"""How an error budget was spent over its window: what was left of it, moment by moment. Pure.

The budget is that of the report, and the course ends with what the report says is left: each point takes off what was
bad up to then. So it falls where something went wrong, and a point is never at odds with the figure.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction

from svcops.slo import slices
from svcops.slo.facts import Impossible, Level
from svcops.slo.policies import Policy
from svcops.slo.slices import Counts, Joint, Slices
from svcops.slo.windows import Stretch
from svcops.store.frozen import frozen
from svcops.timing.hours import Interval
from svcops.timing.intervals import joined, without

POINTS = 200
"""Of a course, for a picture: as many as the eye tells apart."""
_SECOND = timedelta(seconds=1)
_MICROSECOND = timedelta(microseconds=1)


@frozen
class Point:
    """The share of the budget that is left at a moment; None where no sample speaks for it, or its counts cannot be."""

    at: datetime
    left: Fraction | None


def moments(of: Slices | None, window: Stretch, at: datetime, number: int) -> list[datetime]:
    """About so many moments of a window up to one, evenly apart, with both ends; of slices, where some of them end."""
    if of:
        edges = slices.edges(window, at, of.length)
        step = max(1, -(-(len(edges) - 1) // number))
        return sorted({*edges[::step], edges[-1]})
    step_ = max((at - window.start) // number // _SECOND, 1) * _SECOND
    return [*(window.start + turn * step_ for turn in range(-((window.start - at) // step_))), at]


@frozen
class Spending:
    """One objective over one window, up to a moment, with what the report says of it.

    `removed` does not count, `good` counts as good; `missing` is what no sample speaks for.
    """

    slices: Slices | None
    policy: Policy
    counts: Counts | Joint
    window: Stretch
    at: datetime
    level: Level
    removed: Sequence[Interval]
    good: Sequence[Interval]
    missing: Sequence[Interval]

    def course(self, number: int) -> tuple[Point, ...]:
        """What was left of the budget at about so many moments, which are edges of what was counted."""
        asked = moments(self.slices, self.window, self.at, number)
        out = list(joined([*self.removed, *self.good]))
        bad = list(self._bad_slices(self.slices, asked, out) if self.slices else self._bad_events(asked, out))
        budget, whole_ = Fraction(self.level.budget), Fraction(self.level.bad)
        unseen = whole_ - (bad[-1] or 0) if bad else Fraction(0)  # missing time that the policy takes for bad
        gaps = _Gaps(self.missing)
        return tuple(
            Point(moment, None if one is None or gaps.hold(moment) else 1 - (one + unseen * gaps.over(moment)) / budget)
            for moment, one in zip(asked, bad, strict=True)
        )

    def _bad_events(self, asked: Sequence[datetime], out: Sequence[Interval]) -> Iterator[Fraction | None]:
        """How many events were bad up to each moment."""
        kept = list(without([Interval(self.window.start, self.at)], out))
        for moment in asked:
            until = [Interval(one.start, min(one.end, moment)) for one in kept if one.start < moment]
            try:
                found = self.counts.good(until) if until else (0, 0)
            except Impossible:  # of a part of the window; of the whole the report would have said so
                found = None
            if found is not None:
                yield Fraction(found[1]) - Fraction(found[0])
            else:
                yield None if moment > self.window.start else Fraction(0)

    def _bad_slices(self, of: Slices, asked: Sequence[datetime], out: Sequence[Interval]) -> Iterator[Fraction | None]:
        """How many slices were bad up to each moment, or how much of them."""
        edges = slices.edges(self.window, self.at, of.length)
        bad, place = Fraction(0), 0
        for moment in asked:
            end = bisect_right(edges, moment) - 1
            found = slices.judge(of, edges[place : end + 1], self.counts, out)
            bad, place = bad + found.judged - Fraction(found.good), end
            yield bad


class _Gaps:
    """The stretches of which nothing is known, in the order of time."""

    def __init__(self, missing: Sequence[Interval]) -> None:
        self._missing = missing
        self._whole = sum((one.end - one.start for one in missing), timedelta(0))

    def hold(self, moment: datetime) -> bool:
        """Whether a moment lies in one of them."""
        return any(one.start < moment <= one.end for one in self._missing)

    def over(self, moment: datetime) -> Fraction:
        """The share of them that is over at a moment."""
        over = sum((max(min(one.end, moment) - one.start, timedelta(0)) for one in self._missing), timedelta(0))
        return Fraction(over // _MICROSECOND, self._whole // _MICROSECOND) if self._whole else Fraction(0)
