"""A measure that is both dropped and anchored."""

from collections.abc import Iterator
from typing import Any

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.incidents.measures import is_approved, measure_states
from svcops.store.entries import Entry
from svcops.store.ids import tail


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    for state in measure_states(graph).values():
        if state.standing != "anchored":
            continue
        first = min(state.anchors, key=_order)
        for wish in state.drops:
            # Who anchors what waits to be dropped has seen the wish, and answers it; no command makes the two others.
            if _order(wish) > _order(first) or is_approved(graph, wish):
                message = f"dropped by {wish.value.by}, and anchored too: that it is anchored counts"
                related = (Related("anchored here", first.at("type")),)
                help_ = (
                    "Agree which of the two is right: if nothing is in place, remove the anchor; otherwise nothing "
                    f"needs to be done. svcops measure show {tail(state.id)} tells both."
                )
                yield Finding("MEA007", message, wish.at("type"), help_, severity="warning", related=related)


def _order(one: Entry[Any]) -> tuple[Any, str]:
    return (one.value.recorded_at, one.name)


RULE = Rule("MEA007", "a measure that is both dropped and anchored", "warning", whole=True, find=_find)
