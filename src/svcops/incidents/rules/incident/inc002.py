"""An incident closed without what its severity asks for."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.anchors import unproved
from svcops.incidents.closing import authors_of, missing
from svcops.incidents.facts import State, states
from svcops.incidents.model import Closed


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    for state in states(graph).values():
        if state.incident.imported:
            continue  # what was learned from it, and where that is anchored, was not written here
        if state.ending == "closed" and not _has_reason(context, state):
            needs = missing(
                graph,
                state,
                lambda entry: authors_of(graph, entry),
                lambda measure, since: unproved(graph, measure, context.now, since),
            )
            closing = next(one for one in reversed(state.events) if isinstance(one.value, Closed))
            for need in needs:
                help_ = f"Add what is missing: {need.command}"
                at = closing.at("type")
                yield Finding("INC002", f"closed without {need.what}", at, help_, related=need.related)


def _has_reason(context: Context, state: State) -> bool:
    """A minor incident may close with a stated reason why nothing is changed."""
    from svcops.incidents.facts import is_major

    closings = [one.value for one in state.events if isinstance(one.value, Closed) and one not in state.void]
    return not is_major(context.graph, state.severity) and bool(closings and closings[-1].no_measure_because.strip())


RULE = Rule(
    "INC002",
    "an incident closed without what its severity asks for",
    whole=True,
    rests_on=("person", "approval", "postmortem", "measure", "measure-event", "problem", "problem-event"),
    find=_find,
)
