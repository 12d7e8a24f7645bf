"""Budgets of time: a window in slices, each of which is judged by what was counted in it.

OpenSLO v1, SLO, `budgetingMethod`: with Timeslices a slice is good or not, with RatioTimeslices the shares that the
slices reached are averaged. A slice in which nothing was counted, or nothing happened, is missing: it is neither good
nor bad.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction

from svcops.slo.facts import Amount, Bucket, Impossible, decimal, whole
from svcops.slo.windows import Stretch
from svcops.store.frozen import frozen

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
    """What the slices of a window came to: those that were judged, what is good of them, and how many are missing."""

    good: Amount
    judged: int
    missing: int

    @property
    def over(self) -> int:
        """How many slices are over."""
        return self.judged + self.missing


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


def judge(
    of: Slices, edges: Sequence[datetime], part: Sequence[Bucket], total: Sequence[Bucket], how: "Counting"
) -> Sliced:
    """Judge the slices between these edges; Impossible where more is good, or bad, than there was in total.

    Buckets are in the order of time, and each lies inside one slice.
    """
    parts, totals = _amounts(part, edges, how), _amounts(total, edges, how)
    judged, good, sums = 0, 0, dict[Amount, Amount]()
    for number, all_of_it in totals.items():
        found = parts.get(number, 0 if how.part_may_be_absent else None)
        if found is None or not all_of_it:
            continue
        if found > all_of_it:
            raise Impossible(f"{decimal(found)} of {decimal(all_of_it)} in total in the slice after {edges[number]}")
        judged += 1
        well = found if how.part_is_good else whole(Fraction(all_of_it) - found)
        if of.target is None:
            sums[all_of_it] = sums.get(all_of_it, 0) + well
        elif well >= of.target * all_of_it:
            good += 1
    return Sliced(good if of.target is not None else _added(sums), judged, len(edges) - 1 - judged)


@frozen
class Counting:
    """How buckets are read: of counters or of counts, the part as what is good or as what is bad.

    `part_may_be_absent`: a slice without samples of the part has none of it, as its metric is known to be sampled.
    """

    counter: bool
    part_is_good: bool
    part_may_be_absent: bool


def _amounts(buckets: Sequence[Bucket], edges: Sequence[datetime], how: Counting) -> dict[int, Amount]:
    """What was counted, by the number of the slice; of those with samples."""
    found: dict[int, Amount] = {}
    for number, bucket in _numbered(buckets, edges):
        found[number] = whole(Fraction(found.get(number, 0)) + bucket.count(counter=how.counter))
    return found


def _numbered(buckets: Sequence[Bucket], edges: Sequence[datetime]) -> Iterator[tuple[int, Bucket]]:
    """The buckets between the edges, with the number of the slice in which each lies."""
    for bucket in buckets:
        number = bisect_right(edges, bucket.start) - 1
        if 0 <= number < len(edges) - 1:
            yield number, bucket


def _added(sums: dict[Amount, Amount]) -> Amount:
    """The sum of shares: what is well of each total, by that total."""
    if len(sums) <= _EXACT:
        return whole(sum((Fraction(well) / Fraction(total) for total, well in sums.items()), Fraction(0)))
    scaled = sum(Fraction(well) * _SCALE // Fraction(total) for total, well in sums.items())
    return whole(Fraction(scaled, _SCALE))
