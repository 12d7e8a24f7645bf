"""An anchor that proves nothing."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.anchors import declared, fault
from svcops.incidents.measures import MeasureState, measure_states
from svcops.postmortems.model import Anchored
from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    graph, history = context.graph, context.history
    if history and not history.unknown:  # what all of them say is read at once
        contents = (one.value.anchor for state in measure_states(graph).values() for one in _here(state))
        history.words(one for content in contents for one in (content.before, content.after) if one)
    for state in measure_states(graph).values():
        since = declared(graph, state.measure.incident) if state.anchors else None
        for one in state.anchors:
            found = fault(graph, state.measure.incident, one.value, since, context.now, history)
            if found:
                yield Finding("MEA003", f"the anchor {found.why}", one.at(*found.keys), found.help)


def _here(state: MeasureState) -> list[Entry[Anchored]]:
    return [one for one in state.anchors if isinstance(one.value, Anchored)]


RULE = Rule("MEA003", "an anchor that proves nothing", find=_find)
