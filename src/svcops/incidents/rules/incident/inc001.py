"""A step of an incident that has no effect: the incident never was in the phase that it came from; so of a role."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.facts import State, states
from svcops.incidents.model import Acknowledged, AnyEvent, Move, Opened, RoleGiven
from svcops.incidents.standing import settled


def _find(context: Context) -> Iterator[Finding]:
    for state in states(context.graph).values():
        for event in state.void:
            if event.name in state.overtaken:
                continue
            help_ = f"Take the step that it should have been, if any is left out; {settled(state.id, event)}"
            yield Finding("INC001", _message(state, event.value), event.at(_key(event.value)), help_)


def _message(state: State, event: AnyEvent) -> str:
    if isinstance(event, RoleGiven):
        return f"{event.role} came from {event.from_ or 'nobody'}, who did not have it: it has no effect"
    assert isinstance(event, Move)
    if type(event) is Acknowledged and event.from_ == "remediation" and state.acknowledged:
        return "acknowledged came from remediation, where the incident was acknowledged: it has no effect"
    return f"{event.type} came from {event.from_}, where the incident was not: it has no effect"


def _key(event: AnyEvent) -> str:
    """What is underlined: an opening, and who takes what nobody had, need no `from`."""
    return "type" if isinstance(event, Opened) or (isinstance(event, RoleGiven) and event.from_ is None) else "from"


RULE = Rule("INC001", "a step of an incident that has no effect", whole=True, find=_find)
