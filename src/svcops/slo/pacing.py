"""How fast an error budget is spent over a stretch of time: the burn rates of report, alerts and backtests. Pure.

What is excluded is left out, or counts as good, as its record says. Of a stretch that is excluded as a whole nothing is
known, whatever its record says: nobody can tell whether a disruption goes on in it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from fractions import Fraction
from itertools import pairwise

from svcops.slo.counted import Bucket, Counted, Sampled
from svcops.slo.exclusions import Excluded, of_treatment
from svcops.slo.facts import Amount, Impossible, whole
from svcops.slo.slices import Counts, Joint, Slices
from svcops.store.frozen import frozen
from svcops.timing.hours import Interval
from svcops.timing.intervals import joined, overlapping, without


@frozen
class Apart:
    """What is excluded, each moment once and in the order of time: all of it, and what of it counts as good."""

    out: Sequence[Interval] = ()
    good: Sequence[Interval] = ()

    def kept(self, start: datetime, end: datetime) -> list[Interval]:
        """What is left of a stretch."""
        every = [Interval(start, end)]
        near = self.out and overlapping(self.out, start, end)
        return list(without(every, near)) if near else every

    def as_good(self, start: datetime, end: datetime) -> list[Interval]:
        """What of a stretch counts as good."""
        near = self.good and overlapping(self.good, start, end)
        return [Interval(max(one.start, start), min(one.end, end)) for one in near]


def apart(excluded: Sequence[Excluded]) -> Apart:
    """What is excluded, by how it is treated."""
    out = tuple(joined(Interval(one.start, one.end) for one in excluded))
    return Apart(out, tuple(of_treatment(excluded, "good")))


@frozen
class Pacing:
    """What was counted, of events or of slices, what of that is excluded, and the share that may be bad."""

    counts: Counts
    allowed: Fraction
    apart: Apart = Apart()

    def rate(self, start: datetime, end: datetime) -> Fraction | None:
        """The burn rate in (start, end].

        None where nothing of that is known, all is excluded or nothing happened, and where the counts contradict each
        other, as those of two metrics may that are not read at one instant. Both, and where excluded times begin and
        end, must be edges of the counts.
        """
        try:
            found = self.counts.good(self.apart.kept(start, end))
        except Impossible:
            return None
        if found is None:
            return None
        good, total = map(Fraction, found)
        if as_good := self.apart.as_good(start, end):
            more = self.counts.total.within(as_good).amount
            good, total = good + more, total + more
        return (total - good) / total / self.allowed if total else None


def pacing(
    of: Slices | None,
    edges: Iterable[datetime],
    counts: Counts | Joint,
    allowed: Fraction,
    excluded: Sequence[Excluded],
) -> Pacing:
    """The burn rates of an objective; of one that is judged by slices, of those between these edges.

    Impossible where the counts of a slice contradict each other.
    """
    if of:
        return Pacing(in_slices(of, edges, counts, apart(excluded)), allowed)
    assert isinstance(counts, Counts)
    return Pacing(counts, allowed, apart(excluded))


def in_slices(of: Slices, edges: Iterable[datetime], counts: Counts | Joint, excluded: Apart) -> Counts:
    """Counts of slices in the place of events: each slice that can be judged is one, and good by its share.

    Of a slice that is excluded in part, the rest is judged. One that is excluded as a whole is left out, or where any
    of it counts as good, is a good one, of which there is no sample.
    """
    good, total = list[Bucket](), list[Bucket]()
    for start, end in pairwise(edges):
        kept = excluded.kept(start, end)
        if not kept:
            if excluded.as_good(start, end):
                good.append(Bucket(start, 0, 1))
                total.append(Bucket(start, 0, 1))
            continue
        found = counts.good(kept)
        if found is None or not found[1]:
            continue
        good.append(Bucket(start, 1, _share(of, *found)))
        total.append(Bucket(start, 1, 1))
    of_good, of_total = (Counted("slices", one, Sampled()) for one in (good, total))
    return Counts(of_good, of_total, part_is_good=True, part_may_be_absent=False)


def _share(of: Slices, good: Amount, total: Amount) -> Amount:
    """What a slice adds to what is good."""
    return whole(Fraction(good) / Fraction(total)) if of.target is None else int(good >= of.target * total)
