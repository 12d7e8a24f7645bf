"""OpenSLO documents: of v1 as they are, of v1alpha as the v1 documents that say the same.

https://github.com/OpenSLO/OpenSLO, v0.1.0-beta: what v1alpha says at each objective (`ratioMetrics`), v1 says once an
SLO (`indicator`). An SLO whose objectives are measured by different ratios becomes one SLO an objective.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from svcops.checking.model import Finding
from svcops.exchange.drafts import Batch, Draft, NoRecord, annotations_of, as_text
from svcops.exchange.promql import NO_SELECTOR, PROMETHEUS, Asking, elsewhere, growth_of, selector_of
from svcops.exchange.slo_drafts import (
    KIND,
    VERSION,
    Entity,
    Noted,
    Options,
    asking_of,
    batch_of,
    document,
    draft_of,
    gathered,
    shorthand,
)
from svcops.exchange.sources import Document, Input, Unreadable, documents_of, items_of
from svcops.store.graph import Graph

PREFIX = "openslo/v1alpha."
_OLD = "openslo/v1alpha"
_UNITS = {
    "Second": timedelta(seconds=1),
    "Minute": timedelta(minutes=1),
    "Hour": timedelta(hours=1),
    "Day": timedelta(days=1),
    "Week": timedelta(weeks=1),
}
_MONTHS = {"Month": "M", "Quarter": "Q", "Year": "Y"}


def read(inputs: Sequence[Input], graph: Graph, options: Options) -> Batch:
    """What the files say. Raises Unreadable."""
    documents, findings = documents_of(inputs)
    documents = list(items_of(documents))
    findings += [found for one in documents if (found := _fault(one))]
    if findings:
        raise Unreadable(findings)
    asking = asking_of(options, graph)

    def make(one: Document) -> Iterator[Draft]:
        _refuse_double(one.plain["kind"], one.plain["metadata"]["name"], graph)
        yield from _drafts(one, asking, options)

    drafts, refused = gathered(
        Entity(one.plain["kind"], one.plain["metadata"]["name"], one.source("metadata", "name"), partial(make, one))
        for one in documents
    )
    if any(one.plain["apiVersion"] == _OLD for one in documents):
        return batch_of("OpenSLO", PREFIX, len(documents), drafts, refused, graph)
    return Batch("OpenSLO", PREFIX, len(documents), tuple(drafts), tuple(refused))


def _refuse_double(kind: str, name: str, graph: Graph) -> None:
    """A Service of the catalogue says more of it than a document would."""
    if kind == "Service" and graph.find(("service",), name) and not graph.find((f"{KIND}:Service",), name):
        raise NoRecord("the catalogue has this service, and SLOs refer to that")


def _fault(one: Document) -> Finding | None:
    """What keeps a document from being one of OpenSLO."""
    plain = one.plain
    if not isinstance(plain, dict) or "apiVersion" not in plain:
        return one.finding("not an OpenSLO document: it has no apiVersion")
    if plain["apiVersion"] not in (VERSION, _OLD):
        found = as_text(plain["apiVersion"])
        return one.finding(f"apiVersion is {found}: what is read is {VERSION} and {_OLD}", "apiVersion")
    if not isinstance(plain.get("kind"), str):
        return one.finding("not an OpenSLO document: it has no kind")
    metadata = plain.get("metadata")
    named = isinstance(metadata, dict) and isinstance(metadata.get("name"), str)
    return None if named else one.finding("metadata.name is missing, or no text")


def _drafts(one: Document, asking: Asking, options: Options) -> Iterator[Draft]:
    """The drafts of a document: of v1 itself, of v1alpha what says the same."""
    source = one.source("metadata", "name")
    if one.plain["apiVersion"] == VERSION:
        yield draft_of(_mapped(one.plain, options), source, PREFIX, place=one)
    elif one.plain["kind"] != "SLO":
        yield draft_of({**one.plain, "apiVersion": VERSION}, source, PREFIX, place=one)
    else:
        for plain, notes in _slos(one.plain, asking, options):
            yield draft_of(plain, source, PREFIX, notes)


def _mapped(plain: dict[str, Any], options: Options) -> dict[str, Any]:
    """A document of v1, with the service that --map says."""
    spec = plain.get("spec")
    if plain["kind"] != "SLO" or not isinstance(spec, dict) or spec.get("service") not in options.services:
        return plain
    return {**plain, "spec": {**spec, "service": options.services[spec["service"]]}}


def _slos(plain: Mapping[str, Any], asking: Asking, options: Options) -> Iterator[Noted]:
    """An SLO of v1alpha as SLOs of v1, each with what a person should know."""
    rest = dict(plain.get("spec") or {})
    objectives = rest.pop("objectives", None)
    if not isinstance(objectives, list) or not all(isinstance(one, dict) for one in objectives) or not objectives:
        raise NoRecord("its objectives are missing, or no list of mappings")
    indicator = rest.pop("indicator", None) or {}
    metadata = dict(plain["metadata"])
    name, common = metadata.pop("name"), dict(_common(rest, options))
    groups = _by_ratio(objectives)
    for number, (ratio, own) in enumerate(groups, start=1):
        called = name if len(groups) == 1 else f"{name}-{number}"
        said, notes, kept = _indicator(ratio, indicator, asking)
        content = {**common, "indicator": {"metadata": {"name": f"{called}-sli"}, "spec": said}, "objectives": own}
        annotations = {**(metadata.get("annotations") or {}), **annotations_of(PREFIX, {**rest, **kept})}
        if len(groups) > 1:
            notes = (*notes, f"{name} measures its objectives by different ratios: one SLO each")
        yield document("SLO", called, content, **{**metadata, "annotations": annotations}), (*notes, *_lacking(content))


def _common(rest: dict[str, Any], options: Options) -> Iterator[tuple[str, Any]]:
    """Take what an SLO says whatever its objectives are; `rest` is left with what v1 has no field for."""
    yield "description", rest.pop("description", "")
    yield "service", options.service_of(rest.pop("service", None))
    windows = rest.pop("timeWindows", None) or rest.pop("timeWindow", None) or []
    yield "timeWindow", [_window(one) for one in windows] if isinstance(windows, list) else windows
    yield "budgetingMethod", rest.pop("budgetingMethod", None)


def _lacking(content: Mapping[str, Any]) -> Iterator[str]:
    """What v1 asks for and v1alpha has no field for: the check says so too, of the document that is written."""
    if content["budgetingMethod"] == "Timeslices":
        places = [
            f"spec.objectives[{number}].timeSliceWindow"
            for number, one in enumerate(content["objectives"])
            if "timeSliceWindow" not in one
        ]
        if places:
            yield f"how long a slice is has to be added, such as 1m: {', '.join(places)}"


def _window(window: Any) -> Any:
    """A time window: count and unit as one duration. What is no mapping is left for the model to refuse."""
    if not isinstance(window, dict):
        return window
    rest = dict(window)
    count, unit = rest.pop("count", None), str(rest.pop("unit", "")).capitalize()
    if not isinstance(count, int) or isinstance(count, bool) or unit not in {**_UNITS, **_MONTHS}:
        raise NoRecord("its time window has no count, or no unit from Second to Year")
    return {"duration": f"{count}{_MONTHS[unit]}" if unit in _MONTHS else shorthand(count * _UNITS[unit]), **rest}


def _by_ratio(objectives: Sequence[Mapping[str, Any]]) -> list[tuple[Any, list[dict[str, Any]]]]:
    """The objectives without their ratios, those of one ratio together."""
    groups: list[tuple[Any, list[dict[str, Any]]]] = []
    for one in objectives:
        ratio = one.get("ratioMetrics")
        own = {key: value for key, value in one.items() if key != "ratioMetrics"}
        same = next((group for known, group in groups if known == ratio), None)
        if same is None:
            groups.append((ratio, [own]))
        else:
            same.append(own)
    return groups


def _indicator(ratio: Any, indicator: Any, asking: Asking) -> tuple[dict[str, Any], tuple[str, ...], dict[str, Any]]:
    """The indicator of objectives, what a person should know, and what has no field."""
    holder = indicator if isinstance(indicator, dict) else {}
    ratio, threshold = ratio or holder.get("ratioMetrics"), holder.get("thresholdMetric")
    if bool(ratio) == bool(threshold):
        raise NoRecord("exactly one of thresholdMetric and ratioMetrics is needed")
    if threshold:
        metric, notes = _metric(threshold, asking)
        return {"thresholdMetric": metric}, notes, {}
    if not isinstance(ratio, dict):
        raise NoRecord("its ratioMetrics are no mapping")
    rest = dict(ratio)
    is_counter = rest.pop("incremental", rest.pop("counter", None))
    parts = {key: rest.pop(key) for key in ("good", "bad", "total") if key in rest}
    if set(parts) not in ({"good", "total"}, {"bad", "total"}):
        raise NoRecord("its ratioMetrics are not good or bad, and total")
    part = next(iter(parts))
    if all(_is_promql(one) for one in parts.values()) and all(growth_of(one["query"]) for one in parts.values()):
        found, notes = asking.ratio(part, parts[part]["query"], parts["total"]["query"])
        return found, notes, rest
    metrics = {key: _metric(one, asking) for key, one in parts.items()}
    counter = {} if is_counter is None else {"counter": is_counter}
    told = tuple(note for _, notes in metrics.values() for note in notes)
    return {"ratioMetric": {**counter, **{key: metric for key, (metric, _) in metrics.items()}}}, told, rest


def _metric(metric: Any, asking: Asking) -> Noted:
    """A metric: of a Prometheus by its selector, of another source in its own words."""
    if not isinstance(metric, dict) or not isinstance(metric.get("query"), str):
        raise NoRecord("a metric of it has no query")
    if _is_promql(metric) and metric.keys() <= {"source", "queryType", "query"}:
        if selector_of(metric["query"]):
            return asking.series(metric["query"]), ()
        return asking.query(metric["query"]), (NO_SELECTOR,)
    rest = dict(metric)
    return elsewhere(as_text(rest.pop("source", "unknown")), rest)


def _is_promql(metric: Any) -> bool:
    """Whether a metric is PromQL, asked of a Prometheus."""
    if not isinstance(metric, dict) or not isinstance(metric.get("query"), str):
        return False
    type_ = str(metric.get("queryType", "promql")).lower()
    return str(metric.get("source", "")).lower() == PROMETHEUS.lower() and type_ in ("promql", "query")
