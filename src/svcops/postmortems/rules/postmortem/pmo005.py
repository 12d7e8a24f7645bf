"""A post-mortem with one root cause and no contributing factor."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    if context.graph.files_of("postmortem"):
        from svcops.postmortems.wording import findings_of

        yield from findings_of(context.graph, "PMO005")


RULE = Rule("PMO005", "a post-mortem with one root cause and no contributing factor", "warning", find=_find)
