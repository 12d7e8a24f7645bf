"""A move of an incident's phase that has no effect, as the incident never was in the phase it came from."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.facts import overtaken, states
from svcops.incidents.model import Acknowledged, Move
from svcops.incidents.standing import settled


def _find(context: Context) -> Iterator[Finding]:
    for state in states(context.graph).values():
        for event in state.void:
            if overtaken(state, event):
                continue
            assert isinstance(event.value, Move)
            message = f"{event.value.type} came from {event.value.from_}, where the incident was not: it has no effect"
            if type(event.value) is Acknowledged and event.value.from_ == "remediation" and state.acknowledged:
                message = "acknowledged came from remediation, where the incident was acknowledged: it has no effect"
            help_ = f"Take the step that it should have been, if any is left out; {settled(state.id, event)}"
            yield Finding("INC001", message, event.at("from" if event.value.type != "opened" else "type"), help_)


RULE = Rule("INC001", "a move of an incident's phase that has no effect", whole=True, find=_find)
