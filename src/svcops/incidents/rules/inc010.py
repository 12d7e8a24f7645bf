"""A major incident that became a minor one, and nobody says why."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.facts import ends_being_major, states
from svcops.incidents.model import SeverityChanged
from svcops.store.ids import tail


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    for state in states(graph).values():
        for event in () if state.incident.imported else state.counting:
            change = event.value
            if type(change) is not SeverityChanged or change.text.strip():
                continue
            if ends_being_major(graph, change.from_, change.to):
                message = f"from {change.from_} to {change.to}, which asks for no post-mortem, without a word why"
                command = f"svcops incident severity {tail(state.id)} {change.to} --because"
                help_ = f'{command} "..." --corrects {event.name.rpartition("/")[2]}'
                yield Finding("INC010", message, event.at("to"), help_, severity="warning")


RULE = Rule("INC010", "a major incident made a minor one without a reason", "warning", about="incident", find=_find)
