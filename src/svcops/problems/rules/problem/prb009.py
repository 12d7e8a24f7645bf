"""A verified problem that nothing holds any more: the anchors on which it was verified were taken back."""

from collections.abc import Iterator

from svcops.catalogue.agreements import zone_of
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.incidents.problems import problem_states
from svcops.problems.facts import anchored_measures, no_anchor
from svcops.store.ids import tail


def _find(context: Context) -> Iterator[Finding]:
    graph, zone = context.graph, zone_of(context.graph)
    for state in problem_states(graph).values():
        if state.status != "verified":
            continue
        gone = anchored_measures(graph, state, may_be_gone=True)
        if not gone or any(one.standing == "anchored" for one in gone):
            continue  # of what never had an anchor PRB004 tells
        related = tuple(Related("taken back", anchor.at("type")) for one in gone for anchor, _ in one.taken_back)
        named = ", ".join(f"{tail(one.id)} {one.measure.title}" for one in gone)
        message = f"verified, and no measure is anchored any more: {named} was taken back"
        reopen = f'svcops problem reopen {tail(state.id)} "WHAT WAS TAKEN BACK"'
        help_ = f"{no_anchor(graph, state, zone).command}. Or say that it may be back: {reopen}"
        place = state.moved["verified"].at("type")
        yield Finding("PRB009", message, place, help_, severity="warning", related=related)


RULE = Rule(
    "PRB009",
    "a verified problem that no measure holds any more",
    "warning",
    whole=True,
    rests_on=("incident", "incident-event", "measure", "measure-event"),
    find=_find,
)
