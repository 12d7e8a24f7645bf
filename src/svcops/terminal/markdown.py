"""Text and tables as Markdown, to paste into a pull request or an issue."""

import re
from collections.abc import Collection, Iterable, Sequence

from svcops.terminal.session import printable

_MARKS = re.compile(r"[\\`*_{}\[\]|~$!#]")
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_CALLS = re.compile(r"([@#]|:(?=//))")
"""What makes a host tell a person, link an issue or link an address; a joiner of no width behind it keeps it text."""
_JOINER = "\u2060"


def escaped(text: str) -> str:
    """Text on one line that means nothing to Markdown, HTML, or a host that looks for names and numbers in it."""
    plain = _MARKS.sub(r"\\\g<0>", printable(" ".join(text.split())).translate(_HTML))
    return _CALLS.sub(rf"\1{_JOINER}", plain)


def table(columns: Sequence[str], rows: Iterable[Iterable[str]], numbers: Collection[str] = ()) -> str:
    """A table; columns of these names hold numbers, which stand to the right."""
    lines = [
        _row(columns),
        _row("---:" if column in numbers else "---" for column in columns),
        *(_row(map(escaped, row)) for row in rows),
    ]
    return "".join(lines)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
