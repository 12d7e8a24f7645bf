"""A move of a problem's status that has no effect, as the problem never was where it came from."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.problems import overtaken, problem_states
from svcops.problems.facts import settled
from svcops.problems.model import Move


def _find(context: Context) -> Iterator[Finding]:
    for state in problem_states(context.graph).values():
        for event in state.void:
            if overtaken(state, event):
                continue
            assert isinstance(event.value, Move)
            message = f"{event.value.type} came from {event.value.from_}, from where it cannot go on: it has no effect"
            help_ = f"Take the step that it should have been, if any is left out; {settled(state.id, event)}"
            yield Finding("PRB002", message, event.at("from"), help_)


RULE = Rule("PRB002", "a move of a problem's status that has no effect", whole=True, find=_find)
