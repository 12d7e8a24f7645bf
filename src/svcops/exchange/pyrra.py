"""Pyrra's SLOs (https://github.com/pyrra-dev/pyrra, pyrra.dev/v1alpha1 ServiceLevelObjective) as OpenSLO.

Its metrics are vector selectors. Groups, each of which Pyrra judges by itself, have no place in OpenSLO.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from fractions import Fraction
from functools import partial
from typing import Any

from svcops.exchange.drafts import Batch, NoRecord, annotations_of, as_text
from svcops.exchange.promql import NOT_COUNTERS, WINDOW, Asking, selector_of
from svcops.exchange.slo_drafts import (
    SILENCED,
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
from svcops.store.graph import Graph

PREFIX = "pyrra.dev/"
_SERVICE = "pyrra.dev/service"
_VERSION, _KIND = "pyrra.dev/v1alpha1", "ServiceLevelObjective"
_INDICATORS = ("ratio", "latency", "latencyNative", "bool_gauge")

# Prometheus, "Time durations": units in this order, each at most once; a day has 24 hours, a week 7 days, a year 365.
_DURATION = re.compile(
    r"(?:([0-9]+)y)?(?:([0-9]+)w)?(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?(?:([0-9]+)ms)?"
)
_LENGTHS = (
    timedelta(days=365),
    timedelta(weeks=1),
    timedelta(days=1),
    timedelta(hours=1),
    timedelta(minutes=1),
    timedelta(seconds=1),
    timedelta(milliseconds=1),
)

_MINUTE = timedelta(minutes=1)
_BASE = timedelta(weeks=4)
_ALERTS = (
    ("critical", 14, timedelta(hours=1), timedelta(minutes=5), timedelta(minutes=2)),
    ("critical", 7, timedelta(hours=6), timedelta(minutes=30), timedelta(minutes=15)),
    ("warning", 2, timedelta(days=1), timedelta(hours=2), timedelta(hours=1)),
    ("warning", 1, timedelta(days=4), timedelta(hours=6), timedelta(hours=3)),
)
"""Pyrra's alerts over four weeks: severity, burn rate, long and short window, how long it holds; scaled for others."""
_BY_DEFAULT = {"alerting.disabled", "alerting.burnrates"}


def read(inputs: Sequence[Input], graph: Graph, options: Options) -> Batch:
    """What the files say. Raises Unreadable."""
    files, findings = documents_of(inputs)
    documents = list(items_of(files))
    findings += [found for one in documents if (found := manifest_fault(one, "Pyrra", _VERSION, _KIND))]
    if findings:
        raise Unreadable(findings)
    asking = asking_of(options, graph)

    def make(one: Document) -> Noted:
        return _slo(one.plain, asking, options)

    drafts, refused = gathered(manifest_entity(one, PREFIX, partial(make, one)) for one in documents)
    return batch_of("Pyrra", PREFIX, len(documents), drafts, refused, graph)


def _slo(plain: dict[str, Any], asking: Asking, options: Options) -> Noted:
    """An SLO as an OpenSLO document, and what a person should know of it."""
    metadata, rest = dict(plain["metadata"]), dict(plain["spec"])
    name, labels = metadata.pop("name"), texts_of(metadata.pop("labels", None))
    written = texts_of(metadata.pop("annotations", None))
    indicator, grouping, notes = _indicator(rest.pop("indicator", None), asking)
    window = _length(rest.pop("window", None) or options.window)
    alerting = rest.pop("alerting", None) or {}
    content = {
        "description": rest.pop("description", ""),
        "service": options.service_of(labels.get(_SERVICE)),
        "indicator": {"metadata": {"name": f"{name}-sli"}, "spec": indicator},
        "timeWindow": rolling(shorthand(window)),
        "budgetingMethod": "Occurrences",
        "objectives": [objective_of(_percent(rest.pop("target", None)), "targetPercent")],
        "alertPolicies": list(_policies(name, alerting, window)),
    }
    if grouping:
        rest["grouping"] = grouping
        notes = (*notes, f"one SLO for all of its groups ({', '.join(map(str, grouping))}), which OpenSLO has not")
    if not content["alertPolicies"]:
        notes = (*notes, SILENCED)
    rest |= {f"alerting.{key}": value for key, value in alerting.items() if f"alerting.{key}" not in _BY_DEFAULT}
    kept = {**written, **annotations_of(PREFIX, {**metadata, **rest})}
    return document("SLO", name, content, labels=labels, annotations=kept), notes


def _indicator(indicator: Any, asking: Asking) -> tuple[dict[str, Any], list[Any], tuple[str, ...]]:
    """The one indicator of an SLO, the labels that it is grouped by, and what a person should know."""
    said = {key: value for key, value in (indicator or {}).items() if value} if isinstance(indicator, dict) else {}
    if len(said) != 1 or not isinstance(said.get(kind := next(iter(said))), dict) or kind not in _INDICATORS:
        raise NoRecord(f"its indicator is not exactly one of {', '.join(_INDICATORS)}")
    of = said[kind]
    grouping = of.get("grouping") if isinstance(of.get("grouping"), list) else []
    if kind == "ratio":
        return asking.counted("bad", _metric(of, "errors"), _metric(of, "total")), grouping, ()
    if kind == "latency":
        return asking.counted("good", _metric(of, "success"), _metric(of, "total")), grouping, ()
    if kind == "bool_gauge":
        found, notes = asking.raw("success", _selector(of.get("metric"), "metric"))
        return found, grouping, notes
    longest = _length(of.get("latency")) / timedelta(seconds=1)
    rate = f"sum(rate({_metric(of, 'total')}[{WINDOW}]))"
    promql = f"histogram_fraction(0, {longest:g}, {rate})"
    return {"ratioMetric": {"rawType": "success", "raw": asking.query(promql)}}, grouping, (NOT_COUNTERS,)


def _metric(of: dict[str, Any], key: str) -> str:
    holder = of.get(key)
    return _selector(holder.get("metric") if isinstance(holder, dict) else None, f"{key}.metric")


def _selector(found: Any, key: str) -> str:
    if not isinstance(found, str) or not selector_of(found):
        raise NoRecord(f"its {key} is missing, or no PromQL selector")
    return found


def _percent(target: Any) -> float | None:
    """A target, which Pyrra writes as text, in percent; None where there is none."""
    try:
        return None if target is None else float(target)
    except (TypeError, ValueError):
        raise NoRecord(f"its target is no number: {as_text(target)}") from None


def _length(window: Any) -> timedelta:
    """A duration of Prometheus."""
    found = _DURATION.fullmatch(window) if isinstance(window, str) and window else None
    if not found:
        raise NoRecord(f"its window or latency is no duration of Prometheus: {as_text(window)}")
    return sum((int(number or 0) * one for number, one in zip(found.groups(), _LENGTHS, strict=True)), timedelta())


def _policies(slo: str, alerting: Any, window: timedelta) -> Iterator[dict[str, Any]]:
    """The alerts that Pyrra writes, their windows in proportion to the SLO's, in whole minutes."""
    if not isinstance(alerting, dict) or alerting.get("disabled") is True or alerting.get("burnrates") is False:
        return
    title = alerting["name"] if isinstance(alerting.get("name"), str) else ""
    for number, (severity, burn, long, short, after) in enumerate(_ALERTS, start=1):
        lookback, shorter, held = (_in_minutes(one * (window / _BASE)) for one in (long, short, after))
        yield burn_policy(
            f"{slo}-{severity}-{number}",
            severity,
            Fraction(burn),
            lookback,
            short=shorter,
            after=held,
            alert=title,
        )


def _in_minutes(length: timedelta) -> str:
    """A length, rounded to minutes, a half up as Go's Duration.Round does, and at least one."""
    return shorthand(max(1, (length + _MINUTE / 2) // _MINUTE) * _MINUTE)
