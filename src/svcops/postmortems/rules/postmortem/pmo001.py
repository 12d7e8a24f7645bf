"""A post-mortem with an empty section."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    if context.graph.files_of("postmortem"):
        from svcops.postmortems.wording import findings_of

        yield from findings_of(context.graph, "PMO001")


RULE = Rule("PMO001", "a post-mortem with an empty section", "warning", find=_find)
