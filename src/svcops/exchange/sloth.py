"""Sloth's SLOs (https://sloth.dev, prometheus/v1, and the PrometheusServiceLevel of Kubernetes) as OpenSLO.

An SLO is called SERVICE-NAME, as Sloth itself calls it. Its alerts are those that Sloth writes: two of page and two of
ticket, each a share of the budget that a long window uses up.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any

from svcops.checking.model import Finding
from svcops.exchange.drafts import Batch, Draft, NoRecord, annotations_of, as_text
from svcops.exchange.promql import Asking, elsewhere
from svcops.exchange.slo_drafts import (
    SILENCED,
    Entity,
    Noted,
    Options,
    asking_of,
    batch_of,
    burn_policy,
    document,
    draft_of,
    fixed_length,
    gathered,
    name_of,
    objective_of,
    rolling,
    texts_of,
)
from svcops.exchange.sources import Document, Input, Source, Unreadable, documents_of
from svcops.store.graph import Graph

PREFIX = "sloth.dev/"
PERIOD = "30d"
"""Over which time Sloth judges SLOs where nobody tells it otherwise."""
_VERSION, _KUBERNETES, _KIND = "prometheus/v1", "sloth.slok.dev/v1", "PrometheusServiceLevel"
_PLUGIN = "Sloth plugin"

_ALERTS = {
    "page": (("1h", "5m", Fraction(2, 100)), ("6h", "30m", Fraction(5, 100))),
    "ticket": (("1d", "2h", Fraction(10, 100)), ("3d", "6h", Fraction(10, 100))),
}
"""For each alert its long and short windows, and the share of the budget that the long one may use up.

Google, The Site Reliability Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts": over 30 days burn rates of
14.4, 6, 3 and 1.
"""
_LENGTHS = {"1h": 1, "6h": 6, "1d": 24, "3d": 72}
"""Of the long windows, in hours."""

_Rest = dict[str, Any]
"""What is left of a mapping once its fields were taken."""


def read(inputs: Sequence[Input], graph: Graph, options: Options) -> Batch:
    """What the files say. Raises Unreadable."""
    documents, findings = documents_of(inputs)
    findings += [found for one in documents if (found := _fault(one))]
    if findings:
        raise Unreadable(findings)
    asking = asking_of(options, graph)
    entities = [entity for one in documents for entity in _entities(one, asking, options)]
    drafts, refused = gathered(entities)
    return batch_of("Sloth", PREFIX, len(entities), drafts, refused, graph)


def _entities(one: Document, asking: Asking, options: Options) -> Iterator[Entity]:
    """The SLOs of a document."""
    spec, at = _spec(one)
    for number, slo in enumerate(spec["slos"]):
        source = one.source(*at, "slos", number)

        def make(slo: Any = slo, source: Source = source) -> list[Draft]:
            plain, notes = _slo(one.plain, spec, slo, asking, options)
            return [draft_of(plain, source, PREFIX, notes)]

        name = slo.get("name") if isinstance(slo, dict) else None
        yield Entity("SLO", str(name or number + 1), source, make)


def _fault(one: Document) -> Finding | None:
    """What keeps a document from being one of Sloth."""
    plain = one.plain
    if not isinstance(plain, dict) or not plain.keys() & {"version", "apiVersion"}:
        return one.finding("not a file of Sloth: it has neither version nor apiVersion")
    key, wanted = ("version", _VERSION) if "version" in plain else ("apiVersion", _KUBERNETES)
    if plain[key] != wanted:
        found = as_text(plain[key])
        return one.finding(f"{key} is {found}: what is read is version {_VERSION} and apiVersion {_KUBERNETES}", key)
    if key == "apiVersion" and plain.get("kind") != _KIND:
        return one.finding(f"kind is no {_KIND}", "kind")
    spec, at = _spec(one)
    if not isinstance(spec, dict):
        return one.finding("spec is no mapping", *at)
    return None if isinstance(spec.get("slos"), list) else one.finding("slos is missing, or no list", *at)


def _spec(one: Document) -> tuple[Any, tuple[str, ...]]:
    """What holds service and SLOs, and where: the document, or the spec of one for Kubernetes."""
    return (one.plain, ()) if "version" in one.plain else (one.plain.get("spec"), ("spec",))


def _slo(plain: Mapping[str, Any], spec: Mapping[str, Any], slo: Any, asking: Asking, options: Options) -> Noted:
    """An SLO as an OpenSLO document, and what a person should know of it."""
    if not isinstance(slo, dict) or not isinstance(slo.get("name"), str):
        raise NoRecord("its name is missing, or no text")
    rest = dict(slo)
    name = name_of(str(spec.get("service") or ""), rest.pop("name"))
    indicator, notes = _indicator(_taken(rest, "sli"), asking)
    period = options.window or PERIOD
    policies = list(_policies(name, _taken(rest, "alerting"), fixed_length(period)))
    content = {
        "description": rest.pop("description", ""),
        "service": options.service_of(spec.get("service")),
        "indicator": {"metadata": {"name": f"{name}-sli"}, "spec": indicator},
        "timeWindow": rolling(period),
        "budgetingMethod": "Occurrences",
        "objectives": [objective_of(rest.pop("objective", None), "targetPercent")],
        "alertPolicies": policies,
    }
    if not policies:
        notes = (*notes, SILENCED)
    labels = {**texts_of(spec.get("labels")), **texts_of(rest.pop("labels", None))}
    kept = annotations_of(PREFIX, {**_around(plain, spec), **rest})
    return document("SLO", name, content, labels=labels, annotations=kept), notes


def _around(plain: Mapping[str, Any], spec: Mapping[str, Any]) -> _Rest:
    """What stands around the SLOs of a document and has no field of theirs."""
    rest = {key: value for key, value in spec.items() if key not in ("version", "service", "labels", "slos")}
    if spec is plain:
        return rest
    metadata = plain.get("metadata")
    return {**rest, **({"metadata": metadata} if metadata else {})}


def _indicator(sli: _Rest, asking: Asking) -> Noted:
    """The one indicator of an SLO: two counts of events, a ratio that is worked out, or a plugin of Sloth."""
    events, raw, plugin = (_taken(sli, key) for key in ("events", "raw", "plugin"))
    if sum(map(bool, (events, raw, plugin))) != 1:
        raise NoRecord("its sli is not exactly one of events, raw and plugin")
    if plugin:
        metric, notes = elsewhere(_PLUGIN, plugin)
        return {"ratioMetric": {"rawType": "failure", "raw": metric}}, notes
    if raw:
        return asking.raw("failure", _query(raw, "error_ratio_query", "errorRatioQuery"))
    bad, total = _query(events, "error_query", "errorQuery"), _query(events, "total_query", "totalQuery")
    return asking.ratio("bad", bad, total)


def _query(holder: _Rest, *names: str) -> str:
    """A query, in the spelling of files or in that of Kubernetes."""
    found = next((holder[name] for name in names if name in holder), None)
    if not isinstance(found, str) or not found.strip():
        raise NoRecord(f"its {names[0]} is missing, or no text")
    return found


def _policies(slo: str, alerting: _Rest, period: timedelta) -> Iterator[dict[str, Any]]:
    """The alerts that are not switched off: a policy a pair of windows, as OpenSLO has one condition a policy."""
    title = alerting["name"] if isinstance(alerting.get("name"), str) else ""
    for severity, tiers in _ALERTS.items():
        own = _taken(alerting, f"{severity}_alert") or _taken(alerting, f"{severity}Alert")
        if own.get("disable") is True:
            continue
        labels, annotations = (
            {**texts_of(alerting.get(key)), **texts_of(own.get(key))} for key in ("labels", "annotations")
        )
        for long, short, share in tiers:
            threshold = share * Fraction(period // timedelta(minutes=1), 60) / _LENGTHS[long]
            yield burn_policy(
                f"{slo}-{severity}-{long}",
                severity,
                threshold,
                long,
                short=short,
                alert=title,
                labels=labels,
                annotations=annotations,
            )


def _taken(rest: _Rest, key: str) -> _Rest:
    """Take a mapping out of another; empty where there is none."""
    found = rest.get(key)
    return dict(rest.pop(key)) if isinstance(found, dict) else {}
