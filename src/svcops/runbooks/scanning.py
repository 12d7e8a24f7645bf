"""A text of Markdown line by line, with its fenced code told apart: all that the check needs, and no parser."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

_FENCE = re.compile(r"([ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)(`{3,}|~{3,})(.*)")

_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+")


class Line(NamedTuple):
    """A line of a file, counted from 1: text, the opening of fenced code, a line of it, or what closes it."""

    number: int
    text: str
    kind: Literal["text", "open", "code", "close"]
    language: str = ""
    """Of fenced code that opens here: what stands behind its mark, in single blanks."""


def lines_of(body: str, first_line: int) -> Iterator[Line]:
    """The lines of a text that begins on that line of its file."""
    fence, inside, width = "", 0, 0
    for number, text in enumerate(body.split("\n"), first_line):
        mark = _FENCE.match(text) if "```" in text or "~~~" in text else None
        if inside and fence and text.strip() and indent_of(text) < inside:
            fence = ""  # the item of a list ends here, and with it the code that stands in it
        if fence:
            closes = mark and mark[2].startswith(fence) and not mark[3].strip()
            if closes:
                fence = ""
            yield Line(number, text, "close" if closes else "code")
            continue
        width = _width(text, width)
        if mark and not (mark[2][0] == "`" and "`" in mark[3]):
            fence, inside = mark[2], width if len(mark[1].expandtabs(4)) >= width else 0
            yield Line(number, text, "open", " ".join(mark[3].split()))
        else:
            yield Line(number, text, "text")


def indent_of(text: str) -> int:
    """How many columns a line is set in (CommonMark, "Tabs")."""
    wide = text.expandtabs(4)
    return len(wide) - len(wide.lstrip(" "))


def _width(text: str, width: int) -> int:
    """How far the text of the item of a list is set in that a line begins or goes on with; 0 where it is in none."""
    head = text.lstrip()[:1]
    if head in "-*+0123456789" and (found := _ITEM.match(text)):
        return len(found[0].expandtabs(4))
    return 0 if width and head and indent_of(text) < width else width
