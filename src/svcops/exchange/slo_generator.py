"""The SLOs of slo-generator (https://github.com/google/slo-generator, sre.google.com/v2) as OpenSLO.

Over which time an SLO is judged stands in the shared configuration: the longest step of its error budget policy. That
file may be given with the others; its steps that alert become alert policies.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from functools import partial
from typing import Any

from svcops.exchange.drafts import Batch, NoRecord, annotations_of, as_text
from svcops.exchange.promql import Asking, elsewhere, growth_of, selector_of, without_range
from svcops.exchange.slo_drafts import (
    Noted,
    Options,
    asking_of,
    batch_of,
    burn_policy,
    document,
    gathered,
    manifest_entity,
    manifest_fault,
    objective_of,
    rolling,
    shorthand,
    texts_of,
)
from svcops.exchange.sources import Document, Input, Unreadable, documents_of, items_of
from svcops.slo.selectors import Matcher, Selector
from svcops.store.graph import Graph

PREFIX = "sre.google.com/"
_VERSION, _KIND = "sre.google.com/v2", "ServiceLevelObjective"
_POLICIES = "error_budget_policies"
_DEFAULT = "default"
_OPERATORS = ["increase", "sum"]
"""What slo-generator does to a selector where nothing else is said, the innermost first."""
_BUCKET, _COUNT = "_bucket", "_count"

_Steps = Sequence[Mapping[str, Any]]


def read(inputs: Sequence[Input], graph: Graph, options: Options) -> Batch:
    """What the files say; a shared configuration among them says windows and alerts. Raises Unreadable."""
    documents, findings = documents_of(inputs)
    documents = list(items_of(documents))
    policies = dict(_steps(documents))
    slos = [one for one in documents if not _is_configuration(one)]
    findings += [found for one in slos if (found := manifest_fault(one, "slo-generator", _VERSION, _KIND))]
    if findings:
        raise Unreadable(findings)
    asking = asking_of(options, graph)

    def make(one: Document) -> Noted:
        return _slo(one.plain, policies, asking, options)

    drafts, refused = gathered(manifest_entity(one, PREFIX, partial(make, one)) for one in slos)
    return batch_of("slo-generator", PREFIX, len(slos), drafts, refused, graph)


def _is_configuration(one: Document) -> bool:
    return isinstance(one.plain, dict) and "kind" not in one.plain and isinstance(one.plain.get(_POLICIES), dict)


def _steps(documents: Sequence[Document]) -> Iterator[tuple[str, _Steps]]:
    """The steps of each error budget policy of the shared configurations."""
    for one in filter(_is_configuration, documents):
        for name, policy in one.plain[_POLICIES].items():
            steps = policy.get("steps") if isinstance(policy, dict) else policy
            yield name, [step for step in steps or () if isinstance(step, dict) and _seconds(step)]


def _seconds(step: Mapping[str, Any]) -> int:
    found = step.get("window")
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def _slo(plain: Mapping[str, Any], policies: Mapping[str, _Steps], asking: Asking, options: Options) -> Noted:
    """An SLO as an OpenSLO document, and what a person should know of it."""
    metadata, rest = dict(plain["metadata"]), dict(plain["spec"])
    name, labels = metadata.pop("name"), texts_of(metadata.pop("labels", None))
    backend, method = str(rest.pop("backend", "")), str(rest.pop("method", ""))
    indicator, notes = _indicator(backend, method, rest.pop("service_level_indicator", None), asking)
    policy = rest.get("error_budget_policy", _DEFAULT)
    steps = policies.get(policy, ()) if isinstance(policy, str) else ()
    content = {
        "description": rest.pop("description", ""),
        "service": options.service_of(labels.get("service_name")),
        "indicator": {"metadata": {"name": f"{name}-sli"}, "spec": indicator},
        "timeWindow": rolling(options.window or _window(policy, steps)),
        "budgetingMethod": "Occurrences",
        "objectives": [objective_of(rest.pop("goal", None), "target")],
        "alertPolicies": list(_alerts(name, steps)),
    }
    kept = annotations_of(PREFIX, {**metadata, **rest, "backend": backend, "method": method})
    return document("SLO", name, content, labels=labels, annotations=kept), notes


def _window(policy: object, steps: _Steps) -> str:
    """The longest step of the error budget policy."""
    if not steps:
        help_ = "give the shared configuration too, or --window 28d"
        raise NoRecord(f"its window is that of the error budget policy {as_text(policy)}: {help_}")
    return shorthand(timedelta(seconds=max(map(_seconds, steps))))


def _alerts(slo: str, steps: _Steps) -> Iterator[dict[str, Any]]:
    """The steps that alert: a burn rate above their threshold, over their window."""
    for step in steps:
        if step.get("alert") is not True:
            continue
        lookback, burn = shorthand(timedelta(seconds=_seconds(step))), step.get("burn_rate_threshold")
        if not isinstance(burn, int | float):
            raise NoRecord("a step of its error budget policy alerts, and has no burn_rate_threshold")
        told = {key: value for key, value in step.items() if key in ("message_alert", "message_ok")}
        yield burn_policy(
            f"{slo}-{lookback}",
            "page",
            Fraction(str(burn)),
            lookback,
            displayName=str(step.get("name") or ""),
            annotations=annotations_of(PREFIX, told),
        )


def _indicator(backend: str, method: str, sli: Any, asking: Asking) -> Noted:
    """The indicator: of a Prometheus taken apart, of another backend in its own words."""
    if not isinstance(sli, dict):
        raise NoRecord("its service_level_indicator is missing, or no mapping")
    if backend.partition("/")[0].lower() == "prometheus" and method in _METHODS:
        return _METHODS[method](sli, asking)
    if not backend:
        raise NoRecord("it names no backend")
    metric, notes = elsewhere(backend, {"method": method, **sli})
    return {"ratioMetric": {"rawType": "success", "raw": metric}}, notes


def _good_bad_ratio(sli: Mapping[str, Any], asking: Asking) -> Noted:
    """Good over valid events; where bad ones are said beside good ones, the total is both."""
    good = _applied(_text(sli, "filter_good"), sli)
    if sli.get("filter_valid"):
        return asking.ratio("good", good, _applied(_text(sli, "filter_valid"), sli))
    bad = _applied(_text(sli, "filter_bad"), sli)
    return asking.ratio("good", good, f"{good} + {bad}")


def _query_sli(sli: Mapping[str, Any], asking: Asking) -> Noted:
    return asking.raw("success", _in_window(_text(sli, "expression")))


def _distribution_cut(sli: Mapping[str, Any], asking: Asking) -> Noted:
    """The bucket of a histogram up to the threshold, over all of its observations."""
    selector = selector_of(without_range(_text(sli, "expression")))
    bound = sli.get("threshold_bucket")
    if not selector or not selector.metric.endswith(_BUCKET) or bound is None:
        raise NoRecord("its expression is no selector of buckets (..._bucket), or threshold_bucket is missing")
    others = tuple(one for one in selector.matchers if one.label != "le")
    cut = Selector(selector.metric, (*others, Matcher("le", "=", as_text(bound))))
    count = Selector(selector.metric.removesuffix(_BUCKET) + _COUNT, others)
    return asking.ratio("good", _applied(str(cut), sli), _applied(str(count), sli))


_METHODS = {"good_bad_ratio": _good_bad_ratio, "query_sli": _query_sli, "distribution_cut": _distribution_cut}


def _text(sli: Mapping[str, Any], key: str) -> str:
    found = sli.get(key)
    if not isinstance(found, str) or not found.strip():
        raise NoRecord(f"its {key} is missing, or no text")
    return found


def _applied(filter_: str, sli: Mapping[str, Any]) -> str:
    """A filter as the PromQL that slo-generator makes of it: a selector with functions around it, over the window."""
    selector = without_range(filter_)
    if growth_of(filter_) or not selector_of(selector):
        return _in_window(filter_)
    query = f"{selector}[{{{{.window}}}}]"
    for operator in sli.get("operators") or _OPERATORS:
        query = f"{operator}({query})"
    return query


def _in_window(query: str) -> str:
    """A query with the window written as the other formats write it."""
    return query.replace("[window]", "[{{.window}}]")
