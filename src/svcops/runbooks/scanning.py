"""A text of Markdown line by line, with its fenced code told apart: all that the check needs, and no parser."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

_FENCE = re.compile(r"([ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)(`{3,}|~{3,})(.*)")
_COMMENT = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?<!--")
"""How a comment of HTML begins, which git hosts show nobody (CommonMark, "HTML blocks", the second kind)."""
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+")

_UNDERLINE = re.compile(r"^ {0,3}(?:-+|=+)[ \t]*$", re.MULTILINE)
_NO_PARAGRAPH = re.compile(r"(?: {4}|\t| {0,3}(?:[-*+][ \t]|\d{1,9}[.)][ \t]|#{1,6}(?:[ \t]|$)|>|\||(?:-+|=+)[ \t]*$))")


class Line(NamedTuple):
    """A line of a file, counted from 1: text, the opening of fenced code, a line of it, what closes it, a comment."""

    number: int
    text: str
    kind: Literal["text", "open", "code", "close", "comment"]
    language: str = ""
    """Of fenced code that opens here: what stands behind its mark, in single blanks."""
    level: int = 0
    """Of a heading that the next line, of kind close, underlines (CommonMark, "Setext headings"): 1 or 2."""


def lines_of(body: str, first_line: int) -> Iterator[Line]:
    """The lines of a text that begins on that line of its file."""
    if not _UNDERLINE.search(body):
        return _lines_of(body, first_line)
    return _underlined(list(_lines_of(body, first_line)))


def _underlined(lines: list[Line]) -> Iterator[Line]:
    """The same with the headings that are underlined; a heading of several lines is its last one here."""
    for place, line in enumerate(lines):
        after = lines[place + 1] if place + 1 < len(lines) else None
        before = lines[place - 1] if place else None
        if _underlines(line, after):
            yield line._replace(level=1 if after and "=" in after.text else 2)
        elif _underlines(before, line):
            yield line._replace(kind="close")
        else:
            yield line


def _underlines(line: Line | None, after: Line | None) -> bool:
    """Whether a line of text is a heading by the line after it."""
    if not (line and after and line.kind == after.kind == "text" and _UNDERLINE.fullmatch(after.text)):
        return False
    return bool(line.text.strip()) and not _NO_PARAGRAPH.match(line.text)


def _lines_of(body: str, first_line: int) -> Iterator[Line]:
    fence, inside, width, is_comment = "", 0, 0, False
    for number, text in enumerate(body.split("\n"), first_line):
        mark = _FENCE.match(text) if "```" in text or "~~~" in text else None
        if inside and fence and text.strip() and indent_of(text) < inside:
            fence = ""  # the item of a list ends here, and with it the code that stands in it
        if is_comment and text.strip() and indent_of(text) < inside:
            is_comment = False
        comment = _COMMENT.match(text) if "<!--" in text and not fence else None
        if is_comment or (comment and indent_of(text) < width + 4):
            inside = inside if is_comment else width if indent_of(text) >= width else 0
            is_comment = "-->" not in (text if is_comment or not comment else text[comment.end() :])
            yield Line(number, text, "comment")
            continue
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


def without_comments(body: str) -> str:
    """A text with empty lines in place of comments, which nobody sees, so that nothing in them is read or run."""
    if "<!--" not in body:
        return body
    return "\n".join("" if line.kind == "comment" else line.text for line in lines_of(body, 1))
