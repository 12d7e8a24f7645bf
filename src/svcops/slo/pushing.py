"""What SLOs count, worked out by the hosts where the samples are: pushed down as PromQL, and nothing pulled.

Each count between two moments is a query over just that range, and the slices of a window are one range query. The
figures are those of files, with the differences that PromQL has: counters grow as the host estimates it, and what
stands at a value is read at instants, a step apart.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Self

from svcops.slo import slices
from svcops.slo.bounds import NoSuchBucket
from svcops.slo.buckets import Reading
from svcops.slo.counted import PATIENCE, Count, Counted, Sampled
from svcops.slo.facts import whole
from svcops.slo.histograms import selected
from svcops.slo.model import DataSource
from svcops.slo.prometheus_api import Connection, connected
from svcops.slo.prometheus_host import host_of
from svcops.slo.promql import ESTIMATED, Series, duration, grown, lacking, value_over
from svcops.slo.questions import Question
from svcops.slo.samples import instant, microseconds
from svcops.slo.sources import BadSource, file_source
from svcops.slo.terms import Asked, le_text
from svcops.timing.hours import Interval

_MILLISECOND = timedelta(milliseconds=1)


class Pushed(Counted):
    """What one query selects; the host counts it when it is asked for."""

    def __init__(
        self, connection: Connection, series: Series, asked: Asked, edges: Sequence[datetime], tell: Callable[[], None]
    ) -> None:
        """`edges` are those between which counts are asked for."""
        self.metric = series.selector.metric
        self.buckets = ()
        self._connection = connection
        self._series = series
        self._asked = asked
        self._edges = edges
        self._tell = tell
        self._known: dict[tuple[datetime, datetime], Count] = {}

    @property
    def is_empty(self) -> bool:
        """Whether the host has no sample of it between the edges."""
        return not self.between(self._edges[0], self._edges[-1]).samples

    def between(self, start: datetime, end: datetime) -> Count:
        """What the host counts in (start, end], which are whole milliseconds."""
        if (start, end) not in self._known:
            self._count(start, end, end - start)
        return self._known[start, end]

    def count_slices(self, edges: Sequence[datetime], length: timedelta) -> None:
        """Have all slices of a length between these edges counted at once."""
        ends = [end for start, end in pairwise(edges) if end - start == length]
        if len(ends) > 1:
            self._count(ends[0] - length, ends[-1], length)

    def _count(self, start: datetime, end: datetime, length: timedelta) -> None:
        """Count each stretch of a length from start to end."""
        first, last, step = _milliseconds(start + length), _milliseconds(end), length // _MILLISECOND
        self._tell()
        is_open, measure = self._connection.is_open, self._asked.measure
        # Up to version 2 a range takes in its start, where a count begins after it.
        over = length if is_open else length - _MILLISECOND
        query = (
            grown(self._series, length)
            if measure.kind in ESTIMATED
            else value_over(self._series, measure, over, once=True)
        )
        amounts = self._connection.values(query, first, last, step)
        samples = self._connection.values(
            f"sum(count_over_time({self._series.selector}[{duration(over)}]))", first, last, step
        )
        for moment in range(first, last + 1, step):
            amount, number = amounts.get(moment), samples.get(moment, 0)
            at = instant(moment * 1000)
            known = amount is not None and number
            self._known[at - length, at] = Count(int(number), whole(Fraction(amount or 0))) if known else Count(0, 0)

    @cached_property
    def sampled(self) -> Sampled:  # type: ignore[override]
        """When there were samples of any series: the newest is asked for twice a step, so that none is missed."""
        step = self._series.step
        half = step / 2 // _MILLISECOND
        self._tell()
        query = f"max(timestamp({self._series.selector}))"
        first, last = (_milliseconds(self._edges[number]) for number in (0, -1))
        newest = self._connection.values(query, first, last, half)
        if not newest:
            return Sampled()
        times = sorted({instant(round(value * 1000) * 1000) for value in newest.values()})
        late = step * PATIENCE.numerator / PATIENCE.denominator
        gaps = tuple(Interval(one, other - step) for one, other in pairwise(times) if other - one > late)
        return Sampled(times[0], times[-1], step, gaps)


class Pushing:
    """The hosts that are asked, each connected once, for as long as it is open."""

    def __init__(self, env: Mapping[str, str], root: Path, tell: Callable[[], None] = lambda: None) -> None:
        self._env, self._root, self._tell = env, root, tell
        self._stack = ExitStack()
        self._hosts: dict[str, Connection] = {}
        self._counted: dict[tuple[str, Asked, datetime, datetime], Pushed] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def reading(
        self,
        path: str,
        document: DataSource,
        asked: Mapping[Asked, str],
        questions: Mapping[Question, Sequence[datetime]],
    ) -> Reading:
        """What is asked of a source, each with who asks, to be counted by its host.

        BadInput where the document is wrong, or a histogram lacks the bound that is asked for.
        HostFailed, here or when a count is asked for, where the host does not give it.
        """
        name, source = document.metadata.name, file_source(document, path)
        if source.step is None:
            why = "missing: how far apart samples are, which a host is not asked"
            raise BadSource(path, name, "step", why, help="Such as step: 30s, the interval of its scrapes.")
        connection = self._connection(path, document)
        edges = sorted({moment for between in questions.values() for moment in between})
        counted: dict[Asked, Counted] = {}
        for one, asked_by in asked.items():
            key = (name, one, edges[0], edges[-1])
            if key not in self._counted:
                self._check_bound(connection, one, asked_by, edges)
                series = Series(selected(one), source.step)
                self._counted[key] = Pushed(connection, series, one, edges, self._tell)
            counted[one] = self._counted[key]
        for question, between in questions.items():
            self._count_slices(question, between[-1], name, counted)
        return Reading(counted, ())

    def _check_bound(self, connection: Connection, asked: Asked, asked_by: str, edges: Sequence[datetime]) -> None:
        if asked.le is None or not asked.le.is_finite():
            return
        self._tell()
        at = _milliseconds(edges[-1])
        found = connection.values(lacking(asked, edges[-1] - edges[0]), at, at, 1)
        for number in found.values():
            metric, le = selected(asked).metric, le_text(asked.le)
            why = f"{number:g} of the histograms have no bucket le={le} there; between two bounds nothing is known"
            raise NoSuchBucket(asked_by, why, help=f"This asks which there are: group by (le) ({metric}).")

    def _count_slices(self, question: Question, at: datetime, name: str, counted: Mapping[Asked, Counted]) -> None:
        judged = question.judged
        window = judged.window.around(at) if judged else None
        if judged is None or judged.slices is None or window is None:
            return
        edges = slices.edges(window, at, judged.slices.length)
        for term in (judged.indicator.part, judged.indicator.total):
            found = counted.get(term.asked) if term.source == name else None
            if isinstance(found, Pushed):
                found.count_slices(edges, judged.slices.length)

    def _connection(self, path: str, document: DataSource) -> Connection:
        name = document.metadata.name
        if name not in self._hosts:
            host = host_of(document, path, self._env, self._root)
            self._hosts[name] = self._stack.enter_context(connected(host))
        return self._hosts[name]


def _milliseconds(moment: datetime) -> int:
    return microseconds(moment) // 1000
