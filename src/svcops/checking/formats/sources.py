"""The source lines that findings point into, and what may be printed of them."""

import re
from unicodedata import category, east_asian_width

from svcops.store.files import Tree

_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""Where the YAML reader begins a new line; `splitlines` knows more ends, at which its count would go astray."""


class Sources:
    """The lines of the files that findings point into, read once each."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._lines: dict[str, list[str]] = {}

    def lines(self, path: str) -> list[str]:
        """Every line of a file, as it is; empty where it cannot be read."""
        if path not in self._lines:
            data, _ = self.tree.read(path)
            self._lines[path] = _LINE_END.split(data.decode("utf-8-sig", "replace")) if data else []
        return self._lines[path]

    def line(self, path: str, number: int) -> str | None:
        """One line, made safe to print, or None where there is no such line."""
        lines = self.lines(path)
        return printable(lines[number - 1]) if 0 < number <= len(lines) else None


def printable(text: str, *, keep_lines: bool = False) -> str:
    """Nothing that a terminal would obey: every kind of space as a space, other control characters as a dot."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or (keep_lines and char == "\n") else " " if char.isspace() else "·" for char in text
    )


def columns(text: str) -> int:
    """How many terminal columns a text takes: wide characters take two, marks on another none."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(char: str) -> int:
    return 0 if category(char) in ("Mn", "Me") else 2 if east_asian_width(char) in "WF" else 1
