"""A major incident's post-mortem that nobody moderates, or somebody who led the incident."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.facts import states
from svcops.postmortems.checks import no_moderator


def _find(context: Context) -> Iterator[Finding]:
    known = states(context.graph)
    for entry in context.graph.all("postmortem").values():
        yield from no_moderator(context.graph, entry, known)


RULE = Rule(
    "PMO006",
    "a major incident's post-mortem without a moderator",
    "warning",
    rests_on=("incident", "incident-event", "person"),
    find=_find,
)
