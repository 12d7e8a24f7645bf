"""What an indicator counts: a part and a total, each a query of a source and a measure of its samples.

OpenSLO v1, SLI: a ratio of two metrics, a ratio that the source has worked out (raw), or a metric whose samples are
held against a value (threshold).
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from svcops.slo.documents import BadSLO, Documents, NotYet
from svcops.slo.histograms import LE, is_histogram
from svcops.slo.model import Metric, Objective, RatioMetric, SLISpec
from svcops.slo.policies import Policy
from svcops.slo.selectors import NotASelector, Selector, parse_selector
from svcops.slo.sources import FORMS, JSON_LINES, PROMETHEUS
from svcops.slo.terms import ESTIMATES, INCREASE, INFINITE, SAMPLES, SHARE, SUM, Asked, Measure, Term
from svcops.store.frozen import frozen
from svcops.store.suggest import did_you_mean


@frozen
class Indicator:
    """Good over total, or 1 less bad over total."""

    part: Term
    part_is_good: bool
    total: Term

    @property
    def sources(self) -> set[str]:
        """The names of the DataSources it needs."""
        return {self.part.source, self.total.source}


class Asking(Protocol):
    """The SLO that asks, for errors, what it may refer to, and how its counters grow."""

    path: str
    known: Documents
    policy: Policy
    for_rules: bool
    """Whether a Prometheus will be asked, and no file read."""

    def bad(self, field: str, why: str, *, help: str = "", lacks: bool = False) -> BadSLO:
        """An error about a field."""

    def place(self, field: str) -> str:
        """A field, with the SLO that asks."""


def indicator_of(asking: Asking, field: str, spec: SLISpec, objective: Objective, objective_field: str) -> Indicator:
    """Read an indicator, at a field, for an objective.

    BadSLO where it contradicts the specification or refers to nothing, NotYet where its source cannot be asked that.
    """
    if (spec.thresholdMetric is None) == (spec.ratioMetric is None):
        raise asking.bad(field, "exactly one of ratioMetric and thresholdMetric is needed", lacks=not spec.ratioMetric)
    if spec.ratioMetric is not None:
        return _ratio(asking, f"{field}.ratioMetric", spec.ratioMetric)
    assert spec.thresholdMetric is not None
    return _threshold(asking, f"{field}.thresholdMetric", spec.thresholdMetric, objective, objective_field)


def _ratio(asking: Asking, field: str, metric: RatioMetric) -> Indicator:
    if metric.raw is not None:
        return _raw(asking, field, metric, metric.raw)
    if metric.rawType is not None:
        raise asking.bad(f"{field}.rawType", "says what raw is, and there is no raw")
    if (metric.good is None) == (metric.bad is None):
        raise asking.bad(field, "exactly one of good and bad is needed beside total", lacks=metric.good is None)
    if metric.total is None:
        raise asking.bad(field, "total is missing", lacks=True)
    name, part = ("good", metric.good) if metric.good is not None else ("bad", metric.bad)
    assert part is not None
    if metric.counter is None:
        help_ = "true for counters that only grow, false for counts of each interval."
        raise asking.bad(f"{field}.counter", "missing, and nothing is assumed", help=help_, lacks=True)
    measure = _growth(asking) if metric.counter else SUM
    return Indicator(
        _term(asking, f"{field}.{name}", part, measure),
        name == "good",
        _term(asking, f"{field}.total", metric.total, measure),
    )


def _raw(asking: Asking, field: str, metric: RatioMetric, raw: Metric) -> Indicator:
    """A share that the source has worked out: the mean of its samples."""
    other = next((one for one in ("good", "bad", "total") if getattr(metric, one) is not None), None)
    if other is not None:
        raise asking.bad(f"{field}.{other}", "beside raw, which is a ratio already")
    if metric.rawType is None:
        raise asking.bad(f"{field}.rawType", "missing: is raw a share of success, or of failure?", lacks=True)
    share, samples = (_term(asking, f"{field}.raw", raw, one) for one in (SHARE, SAMPLES))
    return Indicator(share, metric.rawType == "success", samples)


def _threshold(asking: Asking, field: str, metric: Metric, objective: Objective, objective_field: str) -> Indicator:
    """The samples whose value stands as it should to that of the objective; of a histogram what was observed."""
    for key in ("op", "value"):
        if getattr(objective, key) is None:
            help_ = "lt, lte, gt or gte." if key == "op" else "In the metric's unit."
            why = "missing, and a threshold metric is held against it"
            raise asking.bad(f"{objective_field}.{key}", why, help=help_)
    value = Decimal(str(objective.value))
    within = _term(asking, field, metric, Measure("within", objective.op, value))
    if histogram := _histogram(asking, within):
        _check_observed(asking, f"{field}.metricSource.spec.query", histogram, objective, objective_field)
        part, total = (replace(within, asked=Asked(within.query, _growth(asking), le)) for le in (value, INFINITE))
        return Indicator(part, objective.op == "lte", total)
    return Indicator(within, True, _term(asking, field, metric, SAMPLES))


def _histogram(asking: Asking, term: Term) -> Selector | None:
    """The selector of a term, where that is of the buckets of histograms."""
    if term.source and asking.known.sources[term.source][1].spec.type == JSON_LINES:
        return None
    try:
        selector = parse_selector(term.query)
    except NotASelector:
        return None
    return selector if is_histogram(selector) else None


def _check_observed(asking: Asking, field: str, selector: Selector, objective: Objective, objective_field: str) -> None:
    """BadSLO where buckets cannot tell how what was observed stands to a value.

    A bucket counts what is at its bound, too: what is below a value, or at least that, is not known.
    """
    other = {"lt": "lte", "gte": "gt"}.get(objective.op or "")
    if other:
        why = f"{objective.op}: a bucket counts what is at its bound, too, so that histograms cannot tell"
        raise asking.bad(f"{objective_field}.op", why, help=f"Write {other}.")
    if any(one.label == LE for one in selector.matchers):
        raise asking.bad(field, "le names a bucket, and so does the objective's value", help="Take le out.")


def _growth(asking: Asking) -> Measure:
    """How far counters grew, by the policy of the SLO."""
    return ESTIMATES.get(asking.policy.increase, INCREASE)


def _term(asking: Asking, field: str, metric: Metric, measure: Measure) -> Term:
    """One count; NotYet where its source cannot be asked that."""
    asked, field = metric.metricSource, f"{field}.metricSource"
    if asked.metricSourceRef is None:
        if asked.type in FORMS and asked.type != PROMETHEUS:
            help_ = "A DataSource document says where its files are."
            raise asking.bad(
                f"{field}.metricSourceRef", f"missing for a source of type {asked.type}", help=help_, lacks=True
            )
        if not (asking.for_rules and asked.type == PROMETHEUS):
            lack = ", without a DataSource" if asked.type == PROMETHEUS else ""
            raise NotYet(f"a metric source of type {asked.type or 'unknown'}{lack}")
        return Term(
            "", Asked(_query(asking, f"{field}.spec", asked.spec), measure), asking.place(f"{field}.spec.query")
        )
    name, sources = asked.metricSourceRef, asking.known.sources
    if name not in sources:
        help_ = did_you_mean(name, sources)
        raise asking.bad(f"{field}.metricSourceRef", f"no DataSource is called {name}", help=help_, lacks=True)
    type_ = sources[name][1].spec.type
    if asked.type and asked.type != type_:
        raise asking.bad(f"{field}.type", f"{asked.type}, but DataSource {name} is of type {type_}")
    if type_ not in FORMS:
        help_ = did_you_mean(type_, FORMS)
        raise NotYet(f"a metric source of type {type_}" + (f" ({help_})" if help_ else ""))
    query = _query(asking, f"{field}.spec", asked.spec)
    if type_ == PROMETHEUS and not asking.for_rules:
        _check_pulled(query)
    return Term(name, Asked(query, measure), asking.place(f"{field}.spec.query"))


def _check_pulled(query: str) -> None:
    """NotYet where a Prometheus is asked for more than samples: only these can be pulled."""
    try:
        parse_selector(query)
    except NotASelector as error:
        raise NotYet(f"PromQL that is no selector ({error.reason}, at character {error.column})") from None


def _query(asking: Asking, field: str, spec: Mapping[str, object]) -> str:
    """The one thing that a source is asked."""
    query = spec.get("query")
    if not isinstance(query, str) or not query.strip():
        raise asking.bad(f"{field}.query", "missing, or not text", lacks="query" not in spec)
    other = next((key for key in spec if key != "query"), None)
    if other is not None:
        raise asking.bad(f"{field}.{other}", "not a key that is known here: a source is asked a query")
    return query
