"""An incident of a lower severity than one that was merged into it: two branches each did one of the two."""

from collections.abc import Iterator

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.incidents.closing import worse_ones
from svcops.incidents.facts import states
from svcops.store.ids import tail


def _find(context: Context) -> Iterator[Finding]:
    every = states(context.graph)
    for name in dict.fromkeys(one.merged_into for one in every.values() if one.merged_into):
        state = every.get(name)
        if state is None or state.merged_into or state.ending == "cancelled":
            continue
        for other in worse_ones(context.graph, state):
            message = f"{state.severity}, and {other.id}, which was merged into it, is {other.severity}"
            help_ = f"The higher severity counts: svcops incident severity {tail(state.id)} {other.severity}"
            related = (Related("merged into it", other.entry.at()),)
            yield Finding("INC014", message, state.entry.at(), help_, related=related)


RULE = Rule(
    "INC014",
    "an incident of a lower severity than one merged into it",
    whole=True,
    rests_on=("incident", "incident-event"),
    find=_find,
)
