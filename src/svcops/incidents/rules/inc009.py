"""A clock of an incident whose end lies before its start."""

from collections.abc import Iterator

from svcops.catalogue.agreements import zone_of
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.facts import states
from svcops.store.ids import tail
from svcops.timing.wall import shown


def _find(context: Context) -> Iterator[Finding]:
    zone = zone_of(context.graph)
    for state in states(context.graph).values():
        for clock in () if state.incident.imported else state.clocks:
            if clock.start is not None and clock.end is not None and clock.end < clock.start:
                start, end = (f"{shown(moment, zone)}" for moment in (clock.start, clock.end))
                message = (
                    f"{clock.end_name} on {end}, before {clock.start_name} on {start}: the {clock.name} stays unknown"
                )
                help_ = f"Correct the one that is wrong; svcops incident show {tail(state.id)} --events names both."
                yield Finding("INC009", message, state.entry.at(), help_, severity="warning")


RULE = Rule("INC009", "a clock that ends before it begins", "warning", about="incident", find=_find)
