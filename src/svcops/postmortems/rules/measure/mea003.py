"""An anchor that proves nothing."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.anchors import fault, is_unchanged
from svcops.incidents.measures import measure_states


def _find(context: Context) -> Iterator[Finding]:
    for state in measure_states(context.graph).values():
        for one in state.anchors:
            found = fault(context.graph, state.measure.incident, one, context.now)
            if found and not is_unchanged(one.value):  # which MEA002 says
                yield Finding("MEA003", f"the anchor {found.why}", one.at(*found.keys), found.help)


RULE = Rule("MEA003", "an anchor that proves nothing", find=_find)
