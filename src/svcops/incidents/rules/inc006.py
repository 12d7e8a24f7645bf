"""A major incident that nobody leads, though somebody should have answered by now."""

from collections.abc import Iterator

from svcops.catalogue.agreements import zone_of
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.facts import is_major, states
from svcops.incidents.model import COMMANDER
from svcops.incidents.windows import response_due
from svcops.store.ids import tail
from svcops.timing.wall import shown


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    for state in states(graph).values():
        if state.incident.imported or state.phase not in ("incident", "remediation") or COMMANDER in state.roles:
            continue
        due = response_due(graph, state, context.now) if is_major(graph, state.severity) else None
        if due and due < context.now:
            by = shown(due, zone_of(graph))
            message = f"{state.severity} is major, and nobody is incident commander; an answer was agreed by {by}"
            help_ = f"svcops incident role {tail(state.id)} commander PERSON"
            yield Finding("INC006", message, state.entry.at(), help_, severity="warning")


RULE = Rule("INC006", "a major incident without a commander", "warning", about="incident", find=_find)
