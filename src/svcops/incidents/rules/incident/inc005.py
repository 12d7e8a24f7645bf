"""Two moves of an incident from one phase: two branches both moved on."""

from collections.abc import Iterator

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.incidents.facts import overtaken, states
from svcops.incidents.model import Opened, RoleGiven
from svcops.incidents.standing import settled


def _find(context: Context) -> Iterator[Finding]:
    for state in states(context.graph).values():
        for event in state.void:
            first = overtaken(state, event)
            if first is None:
                continue
            again = type(event.value) is type(first.value) or type(first.value) is RoleGiven  # a commander acknowledges
            what = "a second time" if again else f"while {first.value.type} was recorded elsewhere"
            rest = "of this one a higher severity alone" if type(event.value) is Opened else "this one has no effect"
            message = f"{event.value.type} {what}: the move recorded first counts, {rest}"
            related = (Related("the move that counts", first.at("type")),)
            help_ = "Nothing is lost and nothing needs to be done. It stays visible in the timeline."
            if not again:
                help_ = f"Agree which of the two is right, and take that step now; {settled(state.id, event)}"
            yield Finding("INC005", message, event.at("type"), help_, severity="warning", related=related)


RULE = Rule("INC005", "a second move of an incident from one phase", "warning", whole=True, find=_find)
