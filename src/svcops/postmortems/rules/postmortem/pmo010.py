"""A post-mortem whose author is nobody of the catalogue."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    if not context.graph.files_of("postmortem"):
        return
    from svcops.incidents.facts import states
    from svcops.postmortems.checks import unknown_author

    known = states(context.graph)
    for entry in context.graph.all("postmortem").values():
        yield from unknown_author(context.graph, entry, known)


RULE = Rule(
    "PMO010",
    "a post-mortem whose author is nobody of the catalogue",
    "warning",
    rests_on=("person",),
    find=_find,
)
