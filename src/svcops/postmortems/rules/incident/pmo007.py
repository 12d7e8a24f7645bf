"""A post-mortem that is not approved in time."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.postmortems.checks import overdue


def _find(context: Context) -> Iterator[Finding]:
    yield from overdue(context.graph, context.now)


RULE = Rule(
    "PMO007", "a post-mortem that is overdue", "warning", rests_on=("postmortem", "approval", "person"), find=_find
)
