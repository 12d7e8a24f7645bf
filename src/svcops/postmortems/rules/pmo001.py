"""A post-mortem with an empty section."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.postmortems.wording import findings_of


def _find(context: Context) -> Iterator[Finding]:
    yield from findings_of(context.graph, "PMO001")


RULE = Rule("PMO001", "a post-mortem with an empty section", "warning", about="postmortem", find=_find)
