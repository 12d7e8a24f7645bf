"""A ratio in PromQL of which one side alone is filled with 0 where it has no samples."""

import re
from collections.abc import Iterator

from svcops.checking.model import At, Finding
from svcops.checking.rule import Context, Rule
from svcops.slo.model import SLI, SLO, Metric, RatioMetric
from svcops.slo.sources import PROMETHEUS
from svcops.store.entries import Entry
from svcops.store.graph import Graph

_HELP = "Fill both sides or none: what is not sampled is missing, and svcops/no-data says what that counts as."
_FILL = re.compile(r"\bor\s*(?:on\s*\([^()]*\)\s*)?\(?\s*vector\s*\(\s*0(?:\.0*)?\s*\)", re.IGNORECASE)
_QUOTED_OR_COMMENT = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|`[^`]*`|#[^\n]*')


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    for entry in graph.all("slo").values():
        for at, ratio in _ratios(entry):
            why = _one_sided(graph, ratio)
            if why:
                yield Finding("SLO005", why, at, _HELP, severity="warning")


def _ratios(entry: Entry[object]) -> Iterator[tuple[At, RatioMetric]]:
    """The ratios of a document, and where they stand."""
    document = entry.value
    if isinstance(document, SLI) and document.spec.ratioMetric:
        yield entry.at("spec", "ratioMetric"), document.spec.ratioMetric
    if not isinstance(document, SLO):
        return
    if document.spec.indicator and document.spec.indicator.spec.ratioMetric:
        ratio = document.spec.indicator.spec.ratioMetric
        yield entry.at("spec", "indicator", "spec", "ratioMetric"), ratio
    for number, one in enumerate(document.spec.objectives):
        if one.indicator and one.indicator.spec.ratioMetric:
            at = entry.at("spec", "objectives", number, "indicator", "spec", "ratioMetric")
            yield at, one.indicator.spec.ratioMetric


def _one_sided(graph: Graph, ratio: RatioMetric) -> str:
    """What is filled alone; empty where nothing is.

    Bad events may be: where there is a total and no series of them yet, there were none.
    """
    if ratio.raw:
        part, total = _sides(_query(graph, ratio.raw))
        name = "good" if ratio.rawType == "success" else "bad"
    else:
        part, total = (_query(graph, one) for one in (ratio.good or ratio.bad, ratio.total))
        name = "good" if ratio.good else "bad"
    if not part or not total:
        return ""
    filled = [bool(_FILL.search(one)) for one in (part, total)]
    if filled == [True, False] and name == "good":
        return "what is good is 0 where it has no samples, and the total is not: a gap in the samples counts as failure"
    if filled == [False, True]:
        return f"the total is 0 where it has no samples, and what is {name} is not: a gap in the samples is not seen"
    return ""


def _query(graph: Graph, metric: Metric | None) -> str:
    """The PromQL of a metric without its texts and comments; empty where it is none."""
    if metric is None:
        return ""
    source = metric.metricSource
    entry = graph.all("slo").get(f"DataSource/{source.metricSourceRef}") if source.metricSourceRef else None
    type_ = entry.value.spec.type if entry else source.type
    query = source.spec.get("query")
    return _QUOTED_OR_COMMENT.sub('""', query) if type_ == PROMETHEUS and isinstance(query, str) else ""


def _sides(query: str) -> tuple[str, str]:
    """What is divided, and by what; empty where nothing is divided, or more than once."""
    depth, places = 0, []
    for place, char in enumerate(query):
        depth += (char in "([{") - (char in ")]}")
        if char == "/" and not depth:
            places.append(place)
    return (query[: places[0]], query[places[0] + 1 :]) if len(places) == 1 else ("", "")


RULE = Rule("SLO005", "a ratio of which one side alone is filled with 0", "warning", find=_find)
