"""An anchor that proves nothing."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.anchors import fault, is_unchanged, unreadable
from svcops.incidents.measures import measure_states


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    for state in measure_states(graph).values():
        for one in state.anchors:
            found = fault(graph, state.measure.incident, one, context.now) or unreadable(graph, one.value)
            if found and not is_unchanged(one.value):  # which MEA002 says
                yield Finding("MEA003", f"the anchor {found.why}", one.at(*found.keys), found.help)


RULE = Rule("MEA003", "an anchor that proves nothing", find=_find)
