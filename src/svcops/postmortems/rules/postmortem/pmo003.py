"""A post-mortem that names a person as a cause."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    if context.graph.files_of("postmortem"):
        from svcops.postmortems.wording import findings_of

        yield from findings_of(context.graph, "PMO003")


RULE = Rule("PMO003", "a post-mortem that names a person as a cause", "warning", find=_find)
