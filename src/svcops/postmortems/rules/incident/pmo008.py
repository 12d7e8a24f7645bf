"""A post-mortem with facts that the timeline contradicts."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    if not context.graph.files_of("postmortem"):
        return
    from svcops.incidents.facts import states
    from svcops.postmortems.renewing import contradicted

    known = states(context.graph)
    for entry in context.graph.all("postmortem").values():
        state = known.get(entry.value.incidents[0]) if entry.value.incidents else None
        if state:
            yield from contradicted(context.graph, entry, state, context.now)


RULE = Rule(
    "PMO008",
    "a post-mortem with facts that the timeline contradicts",
    "warning",
    rests_on=("incident", "incident-event"),
    find=_find,
)
