"""A post-mortem in which text of the template is left."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    if context.graph.files_of("postmortem"):
        from svcops.postmortems.wording import findings_of

        yield from findings_of(context.graph, "PMO002")


RULE = Rule("PMO002", "a post-mortem in which text of the template is left", "warning", find=_find)
