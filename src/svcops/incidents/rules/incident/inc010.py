"""A major incident that became a minor one, and nobody says why."""

from collections.abc import Iterator
from typing import Any

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.facts import State, ends_being_major, states
from svcops.incidents.model import SeverityChanged
from svcops.store.corrections import short
from svcops.store.entries import Entry
from svcops.store.ids import tail


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    for state in states(graph).values():
        if state.incident.imported:
            continue
        for event in state.counting:
            change = event.value
            if type(change) is SeverityChanged and ends_being_major(graph, change.from_, change.to):
                yield from _unless_said(state, event, change.from_, change.to, "to")
        for event in state.superseded:
            change, later = event.value, _correction(state, event)
            if type(change) is SeverityChanged and later and ends_being_major(graph, change.to, change.from_):
                yield from _unless_said(state, later, change.to, change.from_, "supersedes")


def _unless_said(state: State, event: Entry[Any], before: str, after: str, key: str) -> Iterator[Finding]:
    if not getattr(event.value, "text", "").strip():
        message = f"from {before} to {after}, which asks for no post-mortem, without a word why"
        command = f"svcops incident severity {tail(state.id)} {after} --because"
        help_ = f'{command} "..." --corrects {short(event)}'
        yield Finding("INC010", message, event.at(key), help_, severity="warning")


def _correction(state: State, event: Entry[Any]) -> Entry[Any] | None:
    """What stands in the place of a change of severity, where that is no change of severity itself."""
    found = next((one for one in state.counting if one.value.supersedes == short(event)), None)
    return None if found is None or type(found.value) is SeverityChanged else found


RULE = Rule("INC010", "a major incident made a minor one without a reason", "warning", whole=True, find=_find)
