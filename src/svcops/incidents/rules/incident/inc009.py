"""An incident whose times are out of order: of a clock, of a mitigation and the end, of a phase."""

from collections.abc import Iterator
from datetime import tzinfo

from svcops.catalogue.agreements import zone_of
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.incidents.facts import State, states
from svcops.incidents.model import Reopened, Resolved, Updated
from svcops.incidents.standing import step_of
from svcops.store.ids import tail
from svcops.timing.wall import shown


def _find(context: Context) -> Iterator[Finding]:
    zone = zone_of(context.graph)
    for state in states(context.graph).values():
        if not state.incident.imported:
            found = list(_of_clocks(state, zone))
            yield from found
            yield from _of_moves(state, zone, [one.message for one in found])
            yield from _of_updates(state, zone)


def _of_clocks(state: State, zone: tzinfo) -> Iterator[Finding]:
    for clock in state.clocks:
        if clock.start is not None and clock.end is not None and clock.end < clock.start:
            start, end = (f"{shown(moment, zone)}" for moment in (clock.start, clock.end))
            message = f"{clock.end_name} on {end}, before {clock.start_name} on {start}: the {clock.name} stays unknown"
            yield _finding(state, message)
    if state.mitigated and state.resolved and state.resolved < state.mitigated:
        resolved, mitigated = shown(state.resolved, zone), shown(state.mitigated, zone)
        yield _finding(
            state, f"resolved on {resolved}, before mitigated on {mitigated}: one of the two clocks is wrong"
        )


def _of_moves(state: State, zone: tzinfo, found: list[str]) -> Iterator[Finding]:
    """Of moves that happened before the move that they follow; alerts end when they end, whoever came to help later."""
    for one, before in state.early:
        if state.incident.alert and isinstance(one.value, Resolved) and not isinstance(before.value, Reopened):
            continue
        then, since = (shown(event.value.at, zone) for event in (one, before))
        told = step_of(before.value)
        begins = f"{step_of(one.value)} on {then}, before "
        if any(message.startswith(begins) for message in found):
            continue
        message = f"{begins}{told} on {since}, which it follows: one of the two is wrong"
        related = (Related(f"{told} here", before.at("at")),)
        yield Finding("INC009", message, one.at("at"), _help(state), severity="warning", related=related)


def _of_updates(state: State, zone: tzinfo) -> Iterator[Finding]:
    for one in state.counting if state.next_update else ():
        if isinstance(one.value, Updated) and one.value.next_by and one.value.next_by < one.value.at:
            told, promised = shown(one.value.at, zone), shown(one.value.next_by, zone)
            message = f"the next update announced for {promised}, before this one on {told}: one of the two is wrong"
            yield Finding("INC009", message, one.at("next_by"), _help(state), severity="warning")


def _finding(state: State, message: str) -> Finding:
    return Finding("INC009", message, state.entry.at(), _help(state), severity="warning")


def _help(state: State) -> str:
    return f"Correct the one that is wrong; svcops incident show {tail(state.id)} --events names both."


RULE = Rule("INC009", "an incident whose times are out of order", "warning", whole=True, find=_find)
