"""A plan that was drilled, and never seen to fail when it must."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.recovery.facts import drills, hardening_of


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    runs = drills(graph, context.now)
    for plan in graph.all("recovery-plan").values():
        track = runs.get(plan.name)
        if plan.value.backup is None or track is None or track.passed is None:
            continue
        wrong = hardening_of(graph, plan, track).wrong
        if wrong:
            help_ = f"svcops drill harden {plan.name}"
            if not plan.value.damage:
                help_ = f"Write `damage` with the cases that it must notice, then {help_}."
            message = f"a drill of it passed, and nobody knows whether it could fail: {wrong}"
            yield Finding("REC001", message, plan.at(), help_, severity="note")


RULE = Rule(
    "REC001", "a recovery plan that was drilled and is not hardened", "note", find=_find, rests_on=("evidence",)
)
