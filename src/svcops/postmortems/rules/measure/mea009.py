"""An anchor that was taken back."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.anchors import declared, taken_back
from svcops.incidents.measures import measure_states


def _find(context: Context) -> Iterator[Finding]:
    for state in measure_states(context.graph).values():
        since = declared(context.graph, state.measure.incident) if state.anchors else None
        found = [(one, taken_back(context.graph, one.value, since, context.history)) for one in state.anchors]
        if all(wrong for _, wrong in found):  # where one of several stands, the measure is in place
            for one, wrong in found:
                if wrong:
                    help_ = wrong.help.replace(" ID ", f" {state.id} ")
                    yield Finding("MEA009", f"the anchor {wrong.why}", one.at(*wrong.keys), help_, severity="warning")


RULE = Rule("MEA009", "an anchor that was taken back", "warning", find=_find)
