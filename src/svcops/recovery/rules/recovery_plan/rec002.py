"""A plan whose drill is due: the last that passed is too long ago, or the last of all did not pass."""

from collections.abc import Iterator

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.recovery.facts import drills, due_at


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    runs = drills(graph, context.now)
    for plan in graph.all("recovery-plan").values():
        track = runs.get(plan.name)
        due = due_at(graph, plan.value, track)
        if due is None or due > context.now or track is None or track.passed is None:
            continue
        day = due.astimezone(graph.zone).date().isoformat()
        last = track.runs[-1]
        if last is not track.passed:
            came_to = "failed" if last.value.verdict == "failed" else "was inconclusive"
            message = f"its last drill {came_to} on {day}: the next is due at once"
            related = (Related(f"the one that {came_to}", last.at("verdict")),)
        elif graph.settings.profile == "provable":  # PRO001 says it of each service
            continue
        else:
            message = f"its drill is overdue since {day}: the last that passed counts no more"
            related = (Related("the last that passed", track.passed.at("ended_at")),)
        help_ = f"svcops drill run {plan.name}" if plan.value.backup else "Do it again, and record the evidence."
        yield Finding("REC002", message, plan.at(), help_, severity="warning", related=related)


RULE = Rule("REC002", "a recovery plan whose drill is overdue", "warning", find=_find, rests_on=("evidence",))
