"""Budgets of time: a window in slices, each of which is judged by what was counted in it.

OpenSLO v1, SLO, `budgetingMethod`: with Timeslices a slice is good or not, with RatioTimeslices the shares that the
slices reached are averaged. A slice without samples is missing, one in which nothing happened is idle: neither is good
or bad. Of a slice that is excluded in part, the rest is judged; one that is excluded as a whole is left out.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from svcops.slo.counted import Count, Counted
from svcops.slo.facts import Amount, Impossible, decimal, whole
from svcops.slo.windows import Stretch
from svcops.store.frozen import frozen
from svcops.timing.hours import Interval
from svcops.timing.intervals import joined, overlapping, without

MOST = 1_000_000
"""Slices of one window: no fewer minutes than two years have."""
_EXACT = 2_000
"""Different totals of slices up to which their shares are added without cutting anything off."""
_SCALE = 10**60
"""Beyond that a share is cut off after so many digits: the sum of a million of them is right to 54."""


@frozen
class Slices:
    """Slices of this length. `target` is the share that makes one good; without it their shares are averaged."""

    length: timedelta
    target: Fraction | None


@frozen
class Sliced:
    """What the slices of a window came to: those that were judged, what is good of them, and how many were not."""

    good: Amount
    judged: int
    missing: int
    idle: int = 0
    excluded: int = 0


@frozen
class Counts:
    """What was counted of an indicator: the part, as what is good or as what is bad, and the total.

    `part_may_be_absent`: where there are no samples of the part it is none, as its metric is known to be sampled.
    """

    part: Counted
    total: Counted
    part_is_good: bool
    part_may_be_absent: bool

    @property
    def newest(self) -> datetime | None:
        """Up to when there are samples of all that is counted; None where there are none of some."""
        ends = [one.sampled.last for one in self._needed]
        return None if None in ends else min(one for one in ends if one)

    @property
    def _needed(self) -> list[Counted]:
        return [self.total] if self.part_may_be_absent else [self.part, self.total]

    def missing(self, stretches: Sequence[Interval]) -> Iterator[Interval]:
        """The parts of these stretches for which no sample speaks."""
        return joined(gap for one in stretches for term in self._needed for gap in term.sampled.missing(*one))

    def good(self, stretches: Sequence[Interval]) -> tuple[Amount, Amount] | None:
        """What is good, and the total, of these stretches; None where one of the two is not known.

        Impossible where more is good, or bad, than there was in total.
        """
        total, part = self.total.within(stretches), self.part.within(stretches)
        if not total.samples or not (part.samples or self.part_may_be_absent):
            return None
        if part.amount > total.amount:
            name = "good" if self.part_is_good else "bad"
            raise Impossible(f"{decimal(part.amount)} {name} of {decimal(total.amount)} in total")
        return part.amount if self.part_is_good else _rest(part, total), total.amount


@frozen
class Joint:
    """Slices of several objectives as one, each with what was counted of it.

    OpenSLO v1, "Composite SLO": a slice that is bad for one of them is bad. So it is whatever is not known of others;
    it is good where all that happened in it was good, and all of it is known.
    """

    parts: tuple[tuple[Slices, Counts], ...]

    def missing(self, stretches: Sequence[Interval]) -> Iterator[Interval]:
        """The parts of these stretches for which no sample of one of them speaks."""
        return joined(gap for _, counts in self.parts for gap in counts.missing(stretches))

    def good(self, stretches: Sequence[Interval]) -> tuple[Amount, Amount] | None:
        """1 of 1 of a good slice, 0 of 1 of a bad one, 0 of 0 where nothing happened; None where it is not known."""
        known, happened = True, False
        for of, counts in self.parts:
            found = counts.good(stretches)
            known = known and found is not None
            if found is not None and found[1]:
                happened = True
                if of.target is not None and found[0] < of.target * found[1]:
                    return 0, 1
        return (int(happened), int(happened)) if known else None


def _rest(part: Count, total: Count) -> Amount:
    return whole(Fraction(total.amount) - part.amount)


def edges(window: Stretch, at: datetime, length: timedelta) -> list[datetime]:
    """Where the slices of a window begin that are over at a moment, and where the last of them ends.

    The last slice of a window that is no whole number of them is shorter.
    """
    number = (min(at, window.end) - window.start) // length
    found = [window.start + turn * length for turn in range(number + 1)]
    return [*found, window.end] if at >= window.end > found[-1] else found


def number_in(window: Stretch, length: timedelta) -> int:
    """How many slices a window has."""
    return -((window.start - window.end) // length)


def judge(of: Slices, edges: Sequence[datetime], counts: Counts | Joint, excluded: Sequence[Interval] = ()) -> Sliced:
    """Judge the slices between these edges; Impossible where more is good, or bad, than there was in total.

    What is `excluded` is in the order of time, and edges of the buckets too.
    """
    judged, missing, idle, left_out, good, sums = 0, 0, 0, 0, 0, dict[Amount, Amount]()
    for start, end in pairwise(edges):
        stretches = [Interval(start, end)]
        if excluded and not (stretches := list(without(stretches, overlapping(excluded, start, end)))):
            left_out += 1
            continue
        found = counts.good(stretches)
        if found is None:
            missing += 1
            continue
        if not found[1]:
            idle += 1
            continue
        judged += 1
        well, all_of_it = found
        if of.target is None:
            sums[all_of_it] = sums.get(all_of_it, 0) + well
        elif well >= of.target * all_of_it:
            good += 1
    return Sliced(good if of.target is not None else _added(sums), judged, missing, idle, left_out)


def _added(sums: dict[Amount, Amount]) -> Amount:
    """The sum of shares: what is well of each total, by that total."""
    if len(sums) <= _EXACT:
        return whole(sum((Fraction(well) / Fraction(total) for total, well in sums.items()), Fraction(0)))
    scaled = sum(Fraction(well) * _SCALE // Fraction(total) for total, well in sums.items())
    return whole(Fraction(scaled, _SCALE))
