"""What an indicator counts, as PromQL: a query of a source, and how its samples become a count over a window.

https://prometheus.io/docs/prometheus/latest/querying/basics/ (selectors, subqueries) and .../querying/functions/
(rate, sum_over_time, count_over_time). The series of a selector are summed, as everywhere here.
"""

from dataclasses import replace
from datetime import timedelta

from svcops.slo.documents import Documents
from svcops.slo.histograms import LE, selected
from svcops.slo.selectors import NotASelector, Selector
from svcops.slo.sources import JSON_LINES
from svcops.slo.terms import INFINITE, SIGNS, Asked, Kind, Measure, Term
from svcops.store.frozen import frozen
from svcops.timing.model import parse_duration

STEP = timedelta(minutes=1)
"""How far apart the instants are at which a gauge is read, where its DataSource states no `step`."""
OPERATIONS: dict[Kind, str] = {
    "increase": "rate",
    "prometheus2": "rate",
    "prometheus3": "rate",
    "sum": "sum",
    "share": "sum",
    "samples": "count",
    "within": "count",
}
"""What is done to the samples, in a word of the names of recorded series."""
ESTIMATED: tuple[Kind, ...] = ("increase", "prometheus2", "prometheus3")
"""The measures of counters: PromQL has but its own estimate of how far they grew."""
_UNITS = ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "m"), (timedelta(seconds=1), "s"))
_MILLISECOND = timedelta(milliseconds=1)


class NoPromQL(Exception):
    """What has no words in PromQL; the text says why, as a sentence without its full stop."""


@frozen
class Series:
    """The series that a term counts, and how far apart their samples are read where a gauge is."""

    selector: Selector
    step: timedelta


def series_of(term: Term, known: Documents) -> Series:
    """What a term selects; NoPromQL where it is no selector, or may be a column."""
    step = STEP
    if term.source:
        source = known.sources[term.source][1].spec
        details = source.connectionDetails if isinstance(source.connectionDetails, dict) else {}
        if source.type == JSON_LINES:
            raise NoPromQL(f"{term.query} is a path into the JSON lines of {term.source}, and no selector")
        if source.type in ("CSV", "Parquet") and not details.keys() & {"metric", "value"}:
            why = "does not say that it is a long table, and the columns of a wide one are no series"
            raise NoPromQL(f"the DataSource {term.source} {why} (metric: and value: say so)")
        step = _step(term.source, details.get("step"))
    try:
        return Series(selected(term.asked), step)
    except NotASelector as error:
        place = f"at character {error.column} of {' '.join(term.query.split())}"
        raise NoPromQL(f"{error.reason}, {place}; what it selects is summed by itself") from None


def _step(source: str, written: object) -> timedelta:
    if written is None:
        return STEP
    try:
        step = parse_duration(str(written))
    except ValueError:
        step = timedelta(0)
    if not step:
        raise NoPromQL(f"the step of the DataSource {source} is no duration such as 1m")
    return step


def counted(series: Series, measure: Measure, window: timedelta) -> str:
    """A count over a window; counters as their rate, as one window has one length."""
    if measure.kind in ESTIMATED:
        return f"sum(rate({series.selector}[{duration(window)}]))"
    return value_over(series, measure, window)


def grown(series: Series, window: timedelta) -> str:
    """How far counters grew over a window, as the host estimates it."""
    return f"sum(increase({series.selector}[{duration(window)}]))"


def lacking(asked: Asked, window: timedelta) -> str:
    """How many of the histograms that a selector selects had no bucket with the bound that is asked for."""
    every, these = (
        f"sum without ({LE}) (last_over_time({selected(one)}[{duration(window)}]))"
        for one in (replace(asked, le=INFINITE), asked)
    )
    return f"count({every} unless {these})"


def value_over(series: Series, measure: Measure, window: timedelta, *, once: bool = False) -> str:
    """A count over a window of what is no counter.

    With `once` a sample is read at one instant: Prometheus repeats the last one for minutes where no other comes.

    What stands at a value (a share, what is held against a bound) is read at instants, a step apart, so that NaN can be
    left out: it says that nothing was measured, and one of them would make a whole window NaN.
    """
    selector, over = str(series.selector), duration(window)
    if measure.kind == "sum":
        return f"sum(sum_over_time({selector}[{over}]))"
    is_new = f" and timestamp({selector}) > time() - {series.step.total_seconds():g}" if once else ""
    measured = f"({selector} >= -Inf{is_new})"
    instants = f"[{over}:{duration(series.step)}]"
    if measure.kind == "within":
        assert measure.op
        assert measure.bound is not None
        return f"sum(sum_over_time(({measured} {SIGNS[measure.op]} bool {measure.bound:f}){instants}))"
    return f"sum({'sum' if measure.kind == 'share' else 'count'}_over_time({measured}{instants}))"


def duration(length: timedelta) -> str:
    """A duration as Prometheus writes it, in one unit: 5m, 36h, 3d."""
    for unit, name in _UNITS:
        if length >= unit and not length % unit:
            return f"{length // unit}{name}"
    if length % _MILLISECOND:
        raise NoPromQL(f"{length.total_seconds()} s is no whole number of milliseconds")
    return f"{length // _MILLISECOND}ms"
