"""A measure that somebody dropped, and nobody else agreed to it."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.measures import approvals_of_wish, measure_states
from svcops.store.ids import tail
from svcops.trust.facts import last_approved


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    for state in measure_states(graph).values():
        wish = state.proposed
        if wish is None or state.standing != "open" or not state.is_certain:
            continue
        refused = approvals_of_wish(graph, wish)
        why = [f"; the approval by {one.approval.value.by}: {one.why_not}" for one in refused]
        message = f"dropped by {wish.value.by}, which waits for the approval of somebody else{''.join(why)}"
        help_ = f"Somebody else reads why, and runs svcops measure approve {tail(state.id)}; until then it is open."
        related = last_approved([one.approval for one in refused])
        yield Finding("MEA006", message, wish.at("type"), help_, severity="warning", related=related)


RULE = Rule(
    "MEA006",
    "a dropped measure that waits for approval",
    "warning",
    whole=True,
    rests_on=("person", "approval"),
    find=_find,
)
