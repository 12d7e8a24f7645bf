"""An SLO on whether a server is up, of a service that has core workflows: its users do not use its servers."""

import re
from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.slo.model import SLI, SLO, Metric, Objective, SLISpec, SLOSpec
from svcops.store.graph import Graph

_UPTIME = re.compile(
    r"(?<![A-Za-z0-9_:])(?:up|probe_success|[a-z0-9_]*_up|[a-z0-9_]*uptime[a-z0-9_]*|[a-z0-9_]*boot_time_seconds)"
    r"(?![A-Za-z0-9_:])"
)
"""Names of metrics that say whether something runs: up of Prometheus and its exporters, uptime, boot time."""


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    services = graph.all("service")
    for entry in graph.all("slo").values():
        slo = entry.value
        if not isinstance(slo, SLO) or not (service := services.get(slo.spec.service)):
            continue
        workflows = service.value.core_workflows
        name = next((found for spec in _indicators(graph, slo) for found in _uptime_in(spec)), None)
        if workflows and name:
            message = f"it measures whether a server is up ({name}), not what users of {service.name} experience"
            help_ = f"Measure a core workflow of it: {', '.join(one.title for one in workflows[:3])}."
            yield Finding("SLO004", message, entry.named_at(), help_, severity="warning")


def _indicators(graph: Graph, slo: SLO) -> Iterator[SLISpec]:
    places: list[SLOSpec | Objective] = [slo.spec, *slo.spec.objectives]
    for one in places:
        if one.indicator:
            yield one.indicator.spec
        named = graph.all("slo").get(f"SLI/{one.indicatorRef}")
        if named and isinstance(named.value, SLI):
            yield named.value.spec


def _uptime_in(spec: SLISpec) -> Iterator[str]:
    ratio = spec.ratioMetric
    metrics = (spec.thresholdMetric, *((ratio.good, ratio.bad, ratio.total, ratio.raw) if ratio else ()))
    for metric in metrics:
        found = _UPTIME.search(_query(metric)) if metric else None
        if found:
            yield found.group()


def _query(metric: Metric) -> str:
    query = metric.metricSource.spec.get("query")
    return re.sub(r'"[^"]*"', '""', query) if isinstance(query, str) else ""


RULE = Rule("SLO004", "an SLO on whether a server is up", "warning", find=_find)
