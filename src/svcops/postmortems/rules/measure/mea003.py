"""An anchor that proves nothing."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.anchors import declared, fault
from svcops.incidents.measures import measure_states


def _find(context: Context) -> Iterator[Finding]:
    graph, history = context.graph, context.history
    for state in measure_states(graph).values():
        since = declared(graph, state.measure.incident) if state.anchors else None
        for one in state.anchors:
            found = fault(graph, state.measure.incident, one.value, since, context.now, history)
            if found:
                yield Finding("MEA003", f"the anchor {found.why}", one.at(*found.keys), found.help)


RULE = Rule("MEA003", "an anchor that proves nothing", find=_find)
