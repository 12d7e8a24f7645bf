"""Two moves of a problem from one status: two branches both moved on."""

from collections.abc import Iterator

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.incidents.problems import overtaken, problem_states
from svcops.problems.facts import settled


def _find(context: Context) -> Iterator[Finding]:
    for state in problem_states(context.graph).values():
        for event in state.void:
            first = overtaken(state, event)
            if first is None:
                continue
            again = type(event.value) is type(first.value)
            what = "a second time" if again else f"while {first.value.type} was recorded elsewhere"
            message = f"{event.value.type} {what}: the move recorded first counts, this one has no effect"
            related = (Related("the move that counts", first.at("type")),)
            help_ = "Nothing is lost and nothing needs to be done. It stays visible: svcops problem show ID --events."
            if not again:
                help_ = f"Agree which of the two is right, and take that step now; {settled(state.id, event)}"
            yield Finding("PRB006", message, event.at("type"), help_, severity="warning", related=related)


RULE = Rule("PRB006", "a second move of a problem from one status", "warning", whole=True, find=_find)
