"""What counted in place of an event that has no effect: two branches both went on from what they saw."""

from collections.abc import Sequence

from svcops.incidents.facts import MOVES, State
from svcops.incidents.model import COMMANDER, Acknowledged, AnyEvent, Move, Opened, Phase, RoleGiven
from svcops.store import corrections
from svcops.store.entries import Entry


def overtaken(state: State, void: Entry[AnyEvent]) -> Entry[AnyEvent] | None:
    """What counted in place of what is void: two branches both moved on from one phase, or both gave one role."""
    if isinstance(void.value, RoleGiven):
        return _given_elsewhere(state, void.value, corrections.before(list(state.events), corrections.short(void)))
    came_from = _from(void)
    if came_from not in MOVES[type(void.value)][0]:
        return None
    earlier = corrections.before(list(state.events), corrections.short(void))
    if type(void.value) is not Opened:  # what nothing declared yet is in normal operations, and goes on from there once
        earlier = [one for one in earlier if type(one.value) is not Opened]
    if type(void.value) is Acknowledged:
        first = [
            one for one in earlier if one.value.at == state.own.get(Acknowledged) and _acknowledges(one, came_from)
        ]
        if first:
            return first[0]
    return _counted_from(state, earlier, came_from)


def _counted_from(state: State, earlier: Sequence[Entry[AnyEvent]], phase: Phase) -> Entry[AnyEvent] | None:
    """The last move that counts from a phase.

    Where none does, a branch may have reached that phase by a move that counts no more: what counts in place of it.
    """
    moved = [one for one in earlier if type(one.value) in MOVES and one not in state.void]
    same = [one for one in moved if _from(one) == phase]
    if same:
        return same[-1]
    led = [number for number, one in enumerate(earlier) if _led_to(state, one, phase)]
    if not led:
        return None
    came_from = _from(earlier[led[-1]]) or "incident"
    return _counted_from(state, earlier[: led[-1]], came_from)


def _led_to(state: State, one: Entry[AnyEvent], phase: Phase) -> bool:
    """Whether its writer saw the incident go on to a phase by that event, and another one counts."""
    if type(one.value) in MOVES:
        return one in state.void and MOVES[type(one.value)][1] == phase
    is_commander = isinstance(one.value, RoleGiven) and one.value.role == COMMANDER and one.value.to is not None
    return is_commander and phase == "remediation" and one.value.at != state.own.get(Acknowledged)


def _acknowledges(one: Entry[AnyEvent], came_from: Phase | None) -> bool:
    """Whether it may be what ended the clock to acknowledge, from that phase; a commander names none."""
    event = one.value
    if isinstance(event, RoleGiven):
        return event.role == COMMANDER and event.to is not None
    return isinstance(event, Acknowledged) and event.from_ == came_from


def _from(move: Entry[AnyEvent]) -> Phase | None:
    return move.value.from_ if isinstance(move.value, Move) else None


def _given_elsewhere(state: State, void: RoleGiven, earlier: Sequence[Entry[AnyEvent]]) -> Entry[AnyEvent] | None:
    """Who got that role from the same person last; where a branch saw that one get it by what is void, for that."""
    for one in reversed(earlier):
        event = one.value
        if not isinstance(event, RoleGiven) or event.role != void.role:
            continue
        if one in state.void and event.to == void.from_:
            return overtaken(state, one)
        if one not in state.void and event.from_ == void.from_:
            return one
    return None
