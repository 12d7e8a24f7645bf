"""A measure that is overdue, longer than the policy lets be."""

from collections.abc import Iterator
from datetime import date

from svcops.catalogue.agreements import today
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.measures import measure_states
from svcops.store.ids import tail
from svcops.timing.model import format_duration


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    day, grace = date.fromisoformat(today(graph, context.now)), graph.settings.policy.measure_grace
    for state in measure_states(graph).values():
        late = state.overdue_by(day)
        if late and late > grace:
            due, owner = state.measure.due, state.measure.owner
            after = f" {format_duration(grace)} later" if grace else ""
            message = f"due on {due}, and neither anchored nor dropped{after}; {owner} owns it"
            short = tail(state.id)
            help_ = f"svcops measure anchor {short} --path PATH, or svcops measure drop {short} --because TEXT"
            yield Finding("MEA005", message, state.entry.at("due"), help_)


RULE = Rule("MEA005", "a measure that is overdue, and its grace over", whole=True, find=_find)
