"""A page of figures as Markdown, to paste into a pull request or an issue."""

import re
from collections.abc import Iterable, Iterator

from svcops.overview.response_presenting import Heading, Lines, Part, Table
from svcops.terminal.session import printable

_TOP = 2
"""How deep the first heading stands: what it is pasted into has a title of its own."""
_MARKS = re.compile(r"[\\`*_{}\[\]|~$!#]")
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_CALLS = re.compile(r"([@#]|:(?=//))")
"""What makes a host tell a person, or link an address; a joiner of no width behind it keeps it text."""
_JOINER = "\u2060"
_NUMBERS = ("n", "unknown", "median", "90 %", "mean", "before", "now", "incidents", "value", "support hours")


def blocks(parts: Iterable[Part], legend: Iterable[str]) -> Iterator[str]:
    """The page, a block a part, and at its end how the figures are worked out."""
    for part in parts:
        if isinstance(part, Heading):
            yield f"{'#' * (_TOP + part.level - 1)} {escaped(part.text)}\n"
        elif isinstance(part, Lines):
            yield "".join(f"- {escaped(line)}\n" for line in part.lines)
        else:
            yield _table(part)
    told = list(legend)
    if told:
        yield "How these are worked out:\n\n" + "".join(f"- {escaped(line)}\n" for line in told)


def _table(table: Table) -> str:
    lines = [
        _row(table.columns),
        _row("---:" if column in _NUMBERS else "---" for column in table.columns),
        *(_row(map(escaped, row)) for row in table.rows),
    ]
    return "".join(lines)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def escaped(text: str) -> str:
    """Text on one line that means nothing to Markdown, HTML, or a host that looks for names and numbers in it."""
    plain = _MARKS.sub(r"\\\g<0>", printable(" ".join(text.split())).translate(_HTML))
    return _CALLS.sub(rf"\1{_JOINER}", plain)
