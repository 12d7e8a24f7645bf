"""An objective with `op` or `value` whose indicator is a ratio: nobody looks at them."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.slo.model import SLI, SLO, Objective
from svcops.store.graph import Graph

_KEYS = ("op", "value")


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    for entry in graph.all("slo").values():
        slo = entry.value
        if not isinstance(slo, SLO):
            continue
        for number, objective in enumerate(slo.spec.objectives):
            key = next((one for one in _KEYS if getattr(objective, one) is not None), None)
            if key and _is_ratio(graph, slo, objective):
                message = f"{key} is for a metric that is held against a value, and this indicator is a ratio"
                help_ = "The share that has to be good is its target; take op and value out."
                at = entry.at("spec", "objectives", number, key)
                yield Finding("SLO003", message, at, help_, severity="warning")


def _is_ratio(graph: Graph, slo: SLO, objective: Objective) -> bool:
    inline = objective.indicator or slo.spec.indicator
    if inline:
        return inline.spec.ratioMetric is not None
    entry = graph.all("slo").get(f"SLI/{objective.indicatorRef or slo.spec.indicatorRef}")
    return entry is not None and isinstance(entry.value, SLI) and entry.value.spec.ratioMetric is not None


RULE = Rule("SLO003", "a value that nothing is held against", "warning", find=_find)
