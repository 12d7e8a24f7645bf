"""A move of an incident's phase that has no effect."""

from collections.abc import Iterator

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.incidents.facts import State, move_of, states
from svcops.incidents.model import AnyEvent
from svcops.store.graph import Entry


def _find(context: Context) -> Iterator[Finding]:
    for state in states(context.graph).values():
        for event in state.void:
            yield _finding(state, event)


def _finding(state: State, event: Entry[AnyEvent]) -> Finding:
    move = move_of(event.value)
    assert move
    came_from = getattr(event.value, "from_")  # noqa: B009 - every event that moves the phase has it
    earlier = [one for one in state.events if move_of(one.value) and one not in state.void and one is not event]
    before = [one for one in earlier if (one.value.recorded_at, one.name) < (event.value.recorded_at, event.name)]
    related = (Related("the move that counted", before[-1].at("type")),) if before else ()
    if came_from not in move[0]:
        message = f"{event.value.type} cannot follow {came_from}: it has no effect"
    else:
        message = f"{event.value.type} came from {came_from}, and the incident was not in it then: it has no effect"
    help_ = f"svcops incident show {state.id} tells the phase. Remove the event if it was a mistake; it stays visible."
    return Finding("INC001", message, event.at("type"), help_, related=related)


RULE = Rule("INC001", "a move of an incident's phase that has no effect", find=_find)
