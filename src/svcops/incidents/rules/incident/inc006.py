"""A major incident that nobody leads, or led, though somebody should have answered by then."""

from collections.abc import Iterator

from svcops.catalogue.agreements import zone_of
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.closing import led
from svcops.incidents.facts import is_major, states
from svcops.incidents.folding import NORMAL
from svcops.incidents.model import COMMANDER
from svcops.incidents.windows import response_due
from svcops.store.ids import tail
from svcops.timing.wall import shown


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    for state in states(graph).values():
        if state.incident.imported or state.phase == NORMAL or COMMANDER in state.roles:
            continue
        due = response_due(graph, state, context.now) if is_major(graph, state.severity) else None
        if not due:
            continue
        over = state.resolved if state.phase == "post-mortem" else None
        if due < (over or context.now) and not (over and led(graph, state)):
            by = shown(due, zone_of(graph))
            message = f"{state.severity} is major, and nobody {'was' if over else 'is'} incident commander"
            help_ = f"svcops incident role {tail(state.id)} commander PERSON{' --at TIME' if over else ''}"
            answer = f"an answer was agreed by {by}"
            yield Finding("INC006", f"{message}; {answer}", state.entry.at(), help_, severity="warning")


RULE = Rule("INC006", "a major incident without a commander", "warning", whole=True, find=_find)
