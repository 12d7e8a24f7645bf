"""A step of a runbook that runs a command and does not say what is expected, and a command that no step runs."""

from collections.abc import Iterator

from svcops.checking.model import Finding, Span
from svcops.checking.rule import Context, Rule
from svcops.runbooks.facts import reading
from svcops.runbooks.model import Runbook
from svcops.store.entries import Entry

_MOST = 3
"""Steps, or lines, that are named."""
_LOOSE = "Set it right below a numbered item, or below a heading ### without one; code that is no command is `console`."
_HELP = "Below its command: Expected: what one sees when it worked; or a block `yaml step`, which a program can judge."


def _find(context: Context) -> Iterator[Finding]:
    for book in context.graph.all("runbook").values():
        gaps = reading(context.graph, book).gaps
        if gaps.loose:
            lines = [str(one) for one in gaps.loose]
            many = f"{len(lines)} commands belong" if len(lines) > 1 else "a command belongs"
            where = f"line{'s' if len(lines) > 1 else ''} {_named(lines)}"
            yield _at(
                book,
                gaps.loose[0],
                f"{many} to no step, and no run runs {'them' if len(lines) > 1 else 'it'}: {where}",
                _LOOSE,
            )
        mute = gaps.mute
        if mute:
            names = _named([one.step for one in mute])
            many = f"{len(mute)} steps run a command and do" if len(mute) > 1 else "a step runs a command and does"
            message = f"{many} not say what is expected: {names}"
            yield _at(book, mute[0].line, message, _HELP)


def _named(ones: list[str]) -> str:
    return ", ".join(ones[:_MOST]) + (", ..." if len(ones) > _MOST else "")


def _at(book: Entry[Runbook], line: int, message: str, help_: str) -> Finding:
    return Finding("RBK004", message, book.at(), help_, severity="warning", span=Span(line, 1, line, 2))


RULE = Rule("RBK004", "a step that runs a command and does not say what is expected", "warning", find=_find)
