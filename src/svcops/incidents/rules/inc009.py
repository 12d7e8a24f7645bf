"""A clock of an incident whose end lies before its start, or a mitigation after the end."""

from collections.abc import Iterator

from svcops.catalogue.agreements import zone_of
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.facts import State, states
from svcops.store.ids import tail
from svcops.timing.wall import shown


def _find(context: Context) -> Iterator[Finding]:
    zone = zone_of(context.graph)
    for state in states(context.graph).values():
        if state.incident.imported:
            continue
        for clock in state.clocks:
            if clock.start is not None and clock.end is not None and clock.end < clock.start:
                start, end = (f"{shown(moment, zone)}" for moment in (clock.start, clock.end))
                message = (
                    f"{clock.end_name} on {end}, before {clock.start_name} on {start}: the {clock.name} stays unknown"
                )
                yield _finding(state, message)
        if state.mitigated and state.resolved and state.resolved < state.mitigated:
            resolved, mitigated = shown(state.resolved, zone), shown(state.mitigated, zone)
            yield _finding(
                state, f"resolved on {resolved}, before mitigated on {mitigated}: one of the two clocks is wrong"
            )


def _finding(state: State, message: str) -> Finding:
    help_ = f"Correct the one that is wrong; svcops incident show {tail(state.id)} --events names both."
    return Finding("INC009", message, state.entry.at(), help_, severity="warning")


RULE = Rule("INC009", "a clock that ends before it begins", "warning", about="incident", find=_find)
