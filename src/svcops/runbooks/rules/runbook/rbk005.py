"""A placeholder that was left in a runbook."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.runbooks.facts import reading

_HELP = "Write what belongs there; at night nobody knows what was meant."


def _find(context: Context) -> Iterator[Finding]:
    for book in context.graph.all("runbook").values():
        for one in reading(context.graph, book).placeholders:
            message = f"a placeholder was left in: {one.text}"
            yield Finding("RBK005", message, book.at(), _HELP, severity="warning", span=one.span)


RULE = Rule("RBK005", "a placeholder that was left in a runbook", "warning", find=_find)
