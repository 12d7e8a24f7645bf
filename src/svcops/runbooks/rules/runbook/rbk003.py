"""A link of a runbook that leads nowhere in the store."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.runbooks.facts import outline
from svcops.runbooks.links import is_outside, why_dead

_HELP = "Mend or take it away: who follows it at night finds nothing. Paths begin at the folder of the runbook."


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    for book in graph.all("runbook").values():
        for link in outline(graph, book).links:
            why = "" if is_outside(link.to) else why_dead(graph, book.path, link.to)
            if why:
                message = f"a link that leads nowhere: {why}"
                yield Finding("RBK003", message, book.at(), _HELP, severity="warning", span=link.span)


RULE = Rule("RBK003", "a link of a runbook that leads nowhere in the store", "warning", find=_find)
