"""A move of a problem, or a workaround, from before anybody looked into it."""

from collections.abc import Iterator

from svcops.catalogue.agreements import zone_of
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.incidents.problems import problem_states
from svcops.problems.model import Move, Workaround
from svcops.store.ids import tail
from svcops.timing.wall import shown


def _find(context: Context) -> Iterator[Finding]:
    zone = zone_of(context.graph)
    for state in problem_states(context.graph).values():
        opened = state.problem.opened_at
        for event in state.events:
            counts = event not in state.void and event not in state.superseded
            if isinstance(event.value, Move | Workaround) and counts and event.value.at < opened:
                moments = f"{shown(event.value.at, zone)}, before it was opened on {shown(opened, zone)}"
                message = f"{event.value.type} on {moments}: one of the two is wrong"
                related = (Related("opened here", state.entry.at("opened_at")),)
                help_ = f"Correct the one that is wrong; svcops problem show {tail(state.id)} --events names the event."
                yield Finding("PRB008", message, event.at("at"), help_, severity="warning", related=related)


RULE = Rule("PRB008", "a move of a problem, or a workaround, before it was opened", "warning", whole=True, find=_find)
