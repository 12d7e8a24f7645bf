"""A plan that names other data than the last drill that passed brought back."""

from collections.abc import Iterator

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.recovery.facts import drills


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    runs = drills(graph, context.now)
    for plan in graph.all("recovery-plan").values():
        track = runs.get(plan.name)
        passed = track.passed if track else None
        if passed is None or not passed.value.scope:
            continue
        never = [one.name for one in plan.value.data if one.name not in passed.value.scope]
        if never:
            message = f"the last drill that passed did not bring back {', '.join(never)}"
            related = (Related("it brought back these", passed.at("scope")),)
            help_ = f"svcops drill baseline {plan.name}, then svcops drill run {plan.name}."
            yield Finding("REC004", message, plan.at("data"), help_, severity="warning", related=related)


RULE = Rule(
    "REC004", "a recovery plan with data that no drill brought back", "warning", find=_find, rests_on=("evidence",)
)
