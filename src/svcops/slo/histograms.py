"""Histograms of Prometheus: series that count what was observed up to a bound, which their label `le` says. Pure.

https://prometheus.io/docs/concepts/metric_types/, "Histogram", and OpenMetrics 1.0, "Histogram": `X_bucket{le="0.3"}`
counts what was at most 0.3, and that of `+Inf` everything. A bound is a number, however it is written: as text `1` and
`1.0` are two (Prometheus 3 writes the second where clients write the first).
"""

import re
from decimal import Decimal

from svcops.slo.selectors import Matcher, Selector, parse_selector
from svcops.slo.terms import INFINITE, Asked, le_text

LE = "le"
SUFFIX = "_bucket"
_EXPONENTS = range(-4, 6)
"""Powers of ten of numbers that Go, in which most clients are written, writes without an exponent."""


def is_histogram(selector: Selector) -> bool:
    """Whether the buckets of histograms are selected: OpenMetrics keeps the suffix for them."""
    return selector.metric.endswith(SUFFIX)


def selected(asked: Asked) -> Selector:
    """The series that are counted, for a Prometheus; NotASelector where the query is none."""
    selector = parse_selector(asked.query)
    return selector if asked.le is None else with_bound(selector, asked.le)


def with_bound(selector: Selector, bound: Decimal) -> Selector:
    """The same series of one bound, for a Prometheus, which compares bounds as text: in each way that is usual."""
    texts = _written(bound)
    if len(texts) == 1:
        return Selector(selector.metric, (*selector.matchers, Matcher(LE, "=", texts[0])))
    pattern = "|".join(re.escape(one) for one in texts)
    return Selector(selector.metric, (*selector.matchers, Matcher(LE, "=~", pattern)))


def _written(bound: Decimal) -> list[str]:
    """How clients, and Prometheus 2 and 3, write a bound."""
    plain = le_text(bound)
    if bound == INFINITE:
        return [plain]
    sign, digits, _ = bound.normalize().as_tuple()
    exponent = bound.adjusted() if bound else 0
    found = [plain] if "." in plain else [plain, f"{plain}.0"]
    if exponent in _EXPONENTS:
        return found
    first, *rest = map(str, digits)
    mantissa = f"{first}.{''.join(rest)}" if rest else first
    return [*found, f"{'-' * sign}{mantissa}e{exponent:+03d}"]
