"""What one query counted over time, and of which times something is known. Pure.

A sample speaks for the time since the one before it. Where that is longer than one and a half times the usual step
between samples, it speaks for one step only, and the rest is a gap: one skipped sample is a gap of one step. The usual
step is stated by the source, else it is the median of those that were seen within each of the series that are summed:
several that are asked one after the other speak together, and no faster.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import accumulate

from svcops.slo.facts import Amount, whole
from svcops.store.frozen import frozen
from svcops.timing.hours import Interval
from svcops.timing.intervals import joined

PATIENCE = Fraction(3, 2)
"""Steps after which a sample is late."""


@frozen
class Bucket:
    """What was counted in the time after `start` up to and including the start of the next bucket."""

    start: datetime
    samples: int
    amount: Amount


@frozen
class Count:
    """What was counted in a stretch of time; without samples the count is unknown, not 0."""

    samples: int
    amount: Amount


@frozen
class Sampled:
    """When there were samples: the first and the last that were looked at, their usual step, and gaps between them.

    Without `step` a single sample is all there is, and nobody knows for how long it speaks.
    """

    first: datetime | None = None
    last: datetime | None = None
    step: timedelta | None = None
    gaps: tuple[Interval, ...] = ()
    beside: Mapping[datetime, tuple[datetime | None, datetime | None]] = field(default_factory=dict)
    """For moments that were asked about: the last sample not after, and the first not before them."""

    def missing(self, start: datetime, end: datetime) -> list[Interval]:
        """The parts of (start, end] for which no sample speaks, in the order of time."""
        if self.first is None or self.last is None or self.step is None:
            return [Interval(start, end)] if start < end else []
        late = self.last + self.step * 3 / 2
        tail = [Interval(self.last, end)] if late < end else []
        every = [Interval(start, min(self.first - self.step, end)), *_inside(self.gaps, start, end), *tail]
        return list(joined(Interval(max(one.start, start), one.end) for one in every))


def _inside(gaps: Sequence[Interval], start: datetime, end: datetime) -> Iterator[Interval]:
    for one in gaps:
        if one.start < end and start < one.end:
            yield Interval(max(one.start, start), min(one.end, end))


class Counted:
    """What one query selects: the metric it is about, its buckets in the order of time, and when it was sampled."""

    def __init__(self, metric: str, buckets: Sequence[Bucket], sampled: Sampled) -> None:
        self.metric = metric
        self.sampled = sampled
        self.buckets = buckets
        self._starts = [one.start for one in buckets]
        self._samples = [0, *accumulate(one.samples for one in buckets)]
        self._amounts: list[Amount] = [0, *accumulate((one.amount for one in buckets), _add)]

    @property
    def is_empty(self) -> bool:
        """Whether no sample at all was selected."""
        return not self._samples[-1]

    def between(self, start: datetime, end: datetime) -> Count:
        """What was counted in (start, end]; both must be edges of the buckets."""
        first, last = bisect_left(self._starts, start), bisect_left(self._starts, end)
        amount = self._amounts[last] - self._amounts[first]
        return Count(self._samples[last] - self._samples[first], whole(amount))

    def within(self, stretches: Sequence[Interval]) -> Count:
        """The same of several stretches, none of which overlaps another."""
        if len(stretches) == 1:
            return self.between(*stretches[0])
        found = [self.between(*one) for one in stretches]
        amount: Amount = 0
        for one in found:
            amount += one.amount
        return Count(sum(one.samples for one in found), whole(amount))


def _add(one: Amount, other: Amount) -> Amount:
    return one + other
