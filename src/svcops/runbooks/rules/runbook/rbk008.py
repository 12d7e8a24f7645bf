"""A step of a runbook that cannot be run as it is written: its block, or its name."""

from collections.abc import Iterator

from svcops.checking.model import Finding, Span
from svcops.checking.rule import Context, Rule
from svcops.runbooks.facts import reading

_HELP = "Give one of the two sections another title: steps are called by it. No run begins before."


def _find(context: Context) -> Iterator[Finding]:
    for book in context.graph.all("runbook").values():
        text = reading(context.graph, book)
        for one in text.wrong:
            yield Finding("RBK008", one.message, book.at(), one.help, span=one.span)
        for step in text.gaps.twice:
            place, message = Span(step.line, 1, step.line, 2), f"two steps are called {step.step}"
            yield Finding("RBK008", message, book.at(), _HELP, span=place)


RULE = Rule("RBK008", "a step of a runbook that cannot be run as it is written", find=_find)
