"""A gap in the evidence of a plan: a stretch in which no drill that passed counted."""

from collections.abc import Iterator
from itertools import pairwise

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.recovery.facts import drills, span_of
from svcops.runbooks.runs import result_of
from svcops.timing.wall import later


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    plans = graph.all("recovery-plan")
    for name, track in drills(graph, context.now).items():
        if name not in plans:
            continue
        span = span_of(graph, plans[name].value)
        passed = [one for one in track.runs if result_of(one.value) == "passed"]
        for before, after in pairwise(passed):
            until = later(before.value.ended_at, span)
            if until < after.value.ended_at:
                days = [one.astimezone(graph.zone).date().isoformat() for one in (until, after.value.ended_at)]
                message = f"a gap in the evidence of {name}: from {days[0]} to {days[1]} no drill counted"
                help_ = "It stays: drill as often as the plan says, or say another `every` if that is enough."
                related = (Related("the drill before", before.at("ended_at")),)
                yield Finding("DRL002", message, after.at("ended_at"), help_, severity="note", related=related)


RULE = Rule("DRL002", "a gap in the evidence of a recovery plan", "note", find=_find, rests_on=("recovery-plan",))
