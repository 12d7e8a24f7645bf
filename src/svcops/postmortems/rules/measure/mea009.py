"""An anchor that was taken back."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.measures import measure_states


def _find(context: Context) -> Iterator[Finding]:
    for state in measure_states(context.graph).values():
        if state.standing == "dropped":
            continue  # that it is not done was agreed on
        for one, wrong in state.taken_back:
            help_ = wrong.help.replace(" ID ", f" {state.id} ")
            yield Finding("MEA009", f"the anchor {wrong.why}", one.at(*wrong.keys), help_, severity="warning")


RULE = Rule("MEA009", "an anchor that was taken back", "warning", whole=True, find=_find)
