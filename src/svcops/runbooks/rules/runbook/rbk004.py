"""A step of a runbook that runs a command and does not say what is expected."""

from collections.abc import Iterator

from svcops.checking.model import Finding, Span
from svcops.checking.rule import Context, Rule
from svcops.runbooks.facts import reading

_MOST = 3
"""Steps that are named."""
_HELP = "Below its command: Expected: what one sees when it worked; or a block `yaml step`, which a program can judge."


def _find(context: Context) -> Iterator[Finding]:
    for book in context.graph.all("runbook").values():
        mute = reading(context.graph, book).mute
        if mute:
            names = ", ".join(one.step for one in mute[:_MOST]) + (", ..." if len(mute) > _MOST else "")
            many = f"{len(mute)} steps run a command and do" if len(mute) > 1 else "a step runs a command and does"
            message = f"{many} not say what is expected: {names}"
            line = mute[0].line
            yield Finding("RBK004", message, book.at(), _HELP, severity="warning", span=Span(line, 1, line, 2))


RULE = Rule("RBK004", "a step that runs a command and does not say what is expected", "warning", find=_find)
