"""A post-mortem that ends its search at human error."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    if context.graph.files_of("postmortem"):
        from svcops.postmortems.wording import findings_of

        yield from findings_of(context.graph, "PMO004")


RULE = Rule("PMO004", "a post-mortem that ends its search at human error", "warning", find=_find)
