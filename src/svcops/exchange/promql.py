"""What Sloth, Pyrra, slo-generator and OpenSLO v1alpha ask of Prometheus, as metrics of an OpenSLO v1 indicator.

A ratio of the growth of two counters is asked by their selectors, so that files answer it as well as a Prometheus.
Other PromQL is kept as it is written: what it means is for Prometheus alone to say.
"""

import re
from collections.abc import Mapping
from typing import Any

from svcops.slo.selectors import NotASelector, Selector, parse_selector
from svcops.store.frozen import frozen

PROMETHEUS = "Prometheus"
"""The type of a DataSource that is a Prometheus, or answers as one."""
WINDOW = "{{.window}}"
"""What stands for the window in a query, in Sloth and in the examples of OpenSLO."""
NOT_COUNTERS = "its PromQL is no growth of two counters: kept as it is, not computed from files"
NO_SELECTOR = "its PromQL is no selector: kept as it is, not computed from files"
ASKED_THERE = "kept in the words of {type}: not computed from files"

_GROWTH = re.compile(
    r"\s*sum\s*\(\s*(rate|increase)\s*\((.+)\[\s*(?:\{\{\s*\.window\s*\}\}|\$?window)\s*\]\s*\)\s*\)\s*", re.DOTALL
)
_RANGE = re.compile(r"\[\s*\$?window\s*\]\s*$")


@frozen
class Asking:
    """Whom the imported indicators ask: names of DataSources."""

    counters: str
    """Asked for what a selector says."""
    queries: str
    """Asked for other PromQL; empty where only its type is known."""

    def series(self, selector: str) -> dict[str, Any]:
        """A metric that is a plain selector."""
        return {"metricSource": {"metricSourceRef": self.counters, "spec": {"query": selector.strip()}}}

    def query(self, promql: str) -> dict[str, Any]:
        """A metric that only a Prometheus can work out."""
        named = {"metricSourceRef": self.queries} if self.queries else {}
        return {"metricSource": {**named, "type": PROMETHEUS, "spec": {"query": promql}}}

    def ratio(self, part: str, of_part: str, of_total: str) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The indicator `part` (good or bad) over total, each a PromQL query, and what a person should know of it.

        Both are taken apart or neither: a growth and a rate are no ratio of one another.
        """
        one, other = growth_of(of_part), growth_of(of_total)
        if one and other and one[0] == other[0]:
            return self.counted(part, one[1], other[1]), ()
        ratio = {"counter": False, part: self.query(of_part), "total": self.query(of_total)}
        return {"ratioMetric": ratio}, (NOT_COUNTERS,)

    def counted(self, part: str, of_part: str, of_total: str) -> dict[str, Any]:
        """The indicator `part` (good or bad) over total, each the selector of counters."""
        return {"ratioMetric": {"counter": True, part: self.series(of_part), "total": self.series(of_total)}}

    def raw(self, kind: str, promql: str) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The indicator that is a share of success or failure, worked out by the query."""
        if selector_of(promql):
            return {"ratioMetric": {"rawType": kind, "raw": self.series(promql)}}, ()
        return {"ratioMetric": {"rawType": kind, "raw": self.query(promql)}}, (NOT_COUNTERS,)


def elsewhere(type_: str, spec: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A metric of a source that is no Prometheus, in its own words, and what a person should know of it."""
    return {"metricSource": {"type": type_, "spec": dict(spec)}}, (ASKED_THERE.format(type=type_),)


def selector_of(query: str) -> Selector | None:
    """The selector that a query is, and nothing more; None where it is anything else."""
    try:
        return parse_selector(query)
    except NotASelector:
        return None


def growth_of(query: str) -> tuple[str, str] | None:
    """For `sum(rate(SELECTOR[{{.window}}]))`, or `increase`: the function and the selector; None for other PromQL."""
    found = _GROWTH.fullmatch(query)
    if not found or not selector_of(found[2]):
        return None
    return found[1], found[2].strip()


def without_range(query: str) -> str:
    """A selector without the `[window]` behind it."""
    return _RANGE.sub("", query).strip()
