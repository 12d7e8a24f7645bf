"""Increases as Prometheus estimates them, for who compares with it. Pure.

`increase(counter[range])` is no difference: what grew between the first and the last sample in the range is taken for
as much more as the range reaches beyond them. Not further than half an average step where a sample is missing there,
and not further back than to where the counter would have been 0. (Prometheus, promql/functions.go, extrapolatedRate;
here of releases 2.42 and 3.0.) A range of Prometheus 2 is closed at both ends, one of Prometheus 3 open at its start. A
series with a single sample in the range says nothing.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import reduce

from svcops.slo.counted import Count, Counted, Sampled
from svcops.slo.facts import whole
from svcops.slo.terms import Extrapolating
from svcops.store.frozen import frozen

FIRST = datetime.min.replace(tzinfo=UTC)
"""Stands for the edge before the first one."""
_LATE = 1.1
"""Average steps beyond which a sample would have come, were the series there."""
_MICROSECOND = timedelta(microseconds=1)


@frozen
class Run:
    """Samples of one counter that follow one another: the first, the last, and how far it grew between them."""

    first_at: datetime
    first: Fraction
    last_at: datetime
    last: Fraction
    samples: int
    grown: Fraction

    def then(self, later: "Run") -> "Run":
        """This run and the one that follows it."""
        step = later.first - self.last if later.first >= self.last else later.first
        return Run(
            self.first_at,
            self.first,
            later.last_at,
            later.last,
            self.samples + later.samples,
            self.grown + step + later.grown,
        )

    @property
    def end(self) -> "Run":
        """Its last sample alone."""
        return Run(self.last_at, self.last, self.last_at, self.last, 1, Fraction(0))


def increase(run: Run, start: datetime, end: datetime, how: Extrapolating) -> float | None:
    """What a counter is taken to have grown from start to end; None where a single sample says nothing."""
    if run.samples < 2 or run.last_at == run.first_at:
        return None
    sampled = (run.last_at - run.first_at) / _MICROSECOND
    average = sampled / (run.samples - 1)
    before, after = (run.first_at - start) / _MICROSECOND, (end - run.last_at) / _MICROSECOND
    grown = float(run.grown)
    to_zero = sampled * float(run.first) / grown if grown > 0 else None
    if how == "prometheus2" and to_zero is not None:
        before = min(before, to_zero)
    before, after = (one if one < average * _LATE else average / 2 for one in (before, after))
    if how == "prometheus3" and to_zero is not None:
        before = min(before, to_zero)
    return grown * (sampled + before + after) / sampled


class Extrapolated(Counted):
    """What one query selects, of which any stretch between two edges is estimated, series by series."""

    def __init__(
        self,
        metric: str,
        runs: Iterable[Mapping[datetime, Run]],
        edges: Sequence[datetime],
        sampled: Sampled,
        how: Extrapolating,
    ) -> None:
        """`runs` are those of each series by the edge after which they lie; at the first edge itself, by FIRST."""
        super().__init__(metric, (), sampled)
        self._series = list(runs)
        self._edges = list(edges)
        self._how = how

    @property
    def is_empty(self) -> bool:
        """Whether no sample at all was selected."""
        return not any(self._series)

    def between(self, start: datetime, end: datetime) -> Count:
        """The estimate for (start, end], or [start, end] as Prometheus 2 has it; both must be edges."""
        inside = self._edges[bisect_left(self._edges, start) : bisect_left(self._edges, end)]
        samples, amount = 0, Fraction(0)
        for runs in self._series:
            found = [runs[edge] for edge in inside if edge in runs]
            if self._how == "prometheus2" and (at_start := self._at(runs, start)):
                found.insert(0, at_start)
            run = reduce(Run.then, found) if found else None
            grown = increase(run, start, end, self._how) if run else None
            if run and grown is not None:
                samples, amount = samples + run.samples, amount + Fraction(grown)
        return Count(samples, whole(amount))

    def _at(self, runs: Mapping[datetime, Run], start: datetime) -> Run | None:
        """The sample that lies on an edge, which belongs to the bucket before it."""
        number = bisect_left(self._edges, start)
        before = runs.get(self._edges[number - 1] if number else FIRST)
        return before.end if before and before.last_at == start else None
