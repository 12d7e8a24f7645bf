"""A problem that counts as verified, and is not proved to be."""

from collections.abc import Iterator

from svcops.catalogue.agreements import zone_of
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.problems import problem_states
from svcops.problems.facts import unproved


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    for state in problem_states(graph).values():
        if state.status != "verified":
            continue
        event = state.moved["verified"]
        at = event.value.at
        for one in unproved(graph, state, at, at, zone_of(graph)):
            help_ = f"{one.command}. Or remove the event: it is resolved, and no more is proved."
            yield Finding("PRB004", f"verified without {one.what}", event.at("type"), help_)


RULE = Rule(
    "PRB004",
    "a problem verified without proof",
    whole=True,
    rests_on=("incident", "incident-event", "measure", "measure-event"),
    find=_find,
)
