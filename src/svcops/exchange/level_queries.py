"""The PromQL that shows a service level, from the selectors of an SLO; the one place that writes such queries.

Prometheus, "Query functions": `increase` of counters, `sum_over_time` and `count_over_time` of other samples.
"""

from decimal import Decimal
from fractions import Fraction

from svcops.exchange.promql import PROMETHEUS, selector_of
from svcops.slo.histograms import is_histogram, with_bound
from svcops.slo.model import SLI, SLO, DataSource, Metric, Objective, RatioMetric, SLISpec
from svcops.slo.selectors import Selector
from svcops.slo.terms import INFINITE, SIGNS, Operator
from svcops.slo.windows import is_fixed
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

_TABLES = ("CSV", "Parquet")
"""Types of files that are asked by PromQL selectors, too."""


class NoQuery(Exception):
    """Prometheus cannot be asked for this level; the reason is the message."""


@frozen
class Level:
    """How the level of one objective is asked for: the counted part and the total, as PromQL over `{range}`."""

    part: str
    part_is_good: bool
    total: str
    target: Fraction
    window: str

    def sli(self, length: str = "") -> str:
        """The share that was good in the last `length`, or in the SLO's window."""
        share = f"{self.part} / {self.total}".replace("{range}", length or self.window)
        return share if self.part_is_good else f"1 - {share}"

    def burn(self, length: str) -> str:
        """How fast the error budget was used up: 1 uses it up in just the window."""
        return f"(1 - ({self.sli(length)})) / {_number(1 - self.target)}"

    def budget_left(self) -> str:
        """The share of the error budget that is left."""
        return f"1 - {self.burn(self.window)}"


def level_of(slo: SLO, objective: Objective, graph: Graph) -> Level:
    """How an objective is asked for; NoQuery where it cannot be."""
    spec = slo.spec
    if any(one.indicator or one.indicatorRef for one in spec.objectives):
        raise NoQuery("a composite SLO")
    if spec.budgetingMethod != "Occurrences":
        raise NoQuery(f"judged by {spec.budgetingMethod}")
    window = spec.timeWindow[0] if len(spec.timeWindow) == 1 else None
    if window is None or not window.isRolling or not is_fixed(window.duration):
        raise NoQuery("its window is none that rolls over a fixed time")
    if (objective.target is None) == (objective.targetPercent is None):
        raise NoQuery("no target, or two")
    target = Fraction(str(objective.target)) if objective.target is not None else _percent(objective)
    if not 0 <= target < 1:
        raise NoQuery("its target is not below 1")
    part, is_good, total = _counted(_indicator(slo, graph), objective, graph)
    return Level(part, is_good, total, target, window.duration)


def _percent(objective: Objective) -> Fraction:
    return Fraction(str(objective.targetPercent)) / 100


def _indicator(slo: SLO, graph: Graph) -> SLISpec:
    if slo.spec.indicator is not None:
        return slo.spec.indicator.spec
    entry = graph.all("slo").get(f"SLI/{slo.spec.indicatorRef}")
    if entry is None or not isinstance(entry.value, SLI):
        raise NoQuery("no indicator")
    return entry.value.spec


def _counted(spec: SLISpec, objective: Objective, graph: Graph) -> tuple[str, bool, str]:
    """What is counted: the part, whether it is the good one, and the total."""
    if spec.ratioMetric is not None:
        return _ratio(spec.ratioMetric, graph)
    if spec.thresholdMetric is None or objective.op is None or objective.value is None:
        raise NoQuery("neither a ratio nor a threshold")
    series = _selector(spec.thresholdMetric, graph)
    if is_histogram(series):
        return _observed(series, objective.op, Decimal(str(objective.value)))
    within = f"({series} {SIGNS[objective.op]} bool {_number(Fraction(str(objective.value)))})"
    return f"sum(sum_over_time({within}[{{range}}:]))", True, f"sum(count_over_time({series}[{{range}}:]))"


def _observed(buckets: Selector, op: Operator, value: Decimal) -> tuple[str, bool, str]:
    """What histograms observed up to a value; NoQuery where their buckets cannot tell."""
    if op not in ("lte", "gt"):
        raise NoQuery(f"buckets of a histogram cannot tell what is {SIGNS[op]} a value")
    part, total = (f"sum(increase({with_bound(buckets, one)}[{{range}}]))" for one in (value, INFINITE))
    return part, op == "lte", total


def _ratio(metric: RatioMetric, graph: Graph) -> tuple[str, bool, str]:
    if metric.raw is not None:
        series = _selector(metric.raw, graph)
        share, samples = (f"sum({function}({series}[{{range}}]))" for function in ("sum_over_time", "count_over_time"))
        return share, metric.rawType == "success", samples
    part = metric.good or metric.bad
    if part is None or metric.total is None or metric.counter is None:
        raise NoQuery("its ratio is not whole")
    function = "increase" if metric.counter else "sum_over_time"
    one, total = (f"sum({function}({_selector(each, graph)}[{{range}}]))" for each in (part, metric.total))
    # No series yet of what is counted is none of it, as long as there is a total.
    return f"({one} or vector(0))", metric.good is not None, total


def _selector(metric: Metric, graph: Graph) -> Selector:
    """The selector of a metric; NoQuery where it has none that Prometheus knows."""
    asked = metric.metricSource
    entry = graph.all("slo").get(f"DataSource/{asked.metricSourceRef}")
    type_ = entry.value.spec.type if entry and isinstance(entry.value, DataSource) else asked.type
    query = asked.spec.get("query")
    selector = selector_of(query) if isinstance(query, str) else None
    if type_ not in (PROMETHEUS, *_TABLES):
        raise NoQuery(f"no PromQL selector, but a query of {type_ or 'an unknown source'}")
    if selector is None:
        raise NoQuery("its query is no PromQL selector")
    return selector


def _number(exact: Fraction) -> str:
    """A number as PromQL reads it."""
    return repr(float(exact))
