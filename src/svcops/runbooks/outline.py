"""The text of a runbook as the check reads it: its headings and its links, line by line.

A scanner of lines and no parser of Markdown: `structure` reads what is walked, and takes ten times as long. Both find
the same sections (`tests/runbooks/test_outline.py` compares them).
"""

import re
from collections.abc import Iterator

from svcops.checking.model import Span
from svcops.runbooks.scanning import lines_of
from svcops.store.frozen import frozen

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_LINK = re.compile(
    r"!?\[(?:[^\[\]\n]|\[[^\[\]\n]*\])*\]\(\s*(<[^<>\n]*>|(?:[^()\s]|\([^()\s]*\))*)(?:\s+[\"'(][^\n]*?)?\s*\)"
)
_ADDRESS = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]+:[^\s<>]*)>")
_DEFINITION = re.compile(r" {0,3}\[[^\]\n]+\]:[ \t]*(<[^<>\n]*>|\S+)")
_NAMED = re.compile(r"<a\s[^>]*?\b(?:name|id)\s*=\s*[\"']([^\"']+)[\"']", re.IGNORECASE)
_MARKUP = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\n]*\)|[`*]|(?<![^\W_])_+|_+(?![^\W_])")
_NO_ANCHOR = re.compile(r"[^\w\- ]")
_NO_WORD = re.compile(r"[^\w]+")


@frozen
class Heading:
    """A heading, of a level from 1 to 6, on a line of the file counted from 1."""

    title: str
    level: int
    line: int


@frozen
class Link:
    """Where something leads, as it is written, and where that stands in the file."""

    to: str
    span: Span


@frozen
class Outline:
    """The headings and links of a text, in order, and the anchors that others can lead to."""

    headings: tuple[Heading, ...]
    links: tuple[Link, ...]
    anchors: frozenset[str]

    @property
    def sections(self) -> tuple[Heading, ...]:
        """The headings of the second level."""
        return tuple(one for one in self.headings if one.level == 2)


def key_of(title: str) -> str:
    """A title as it is compared, and as the name of a step begins: `After the run:` is after-the-run."""
    return _NO_WORD.sub("-", title.casefold()).strip("-")


def plain(title: str) -> str:
    """What a heading says, without its markup."""
    return _MARKUP.sub(r"\1", title).strip()


def outline_of(body: str, first_line: int = 1) -> Outline:
    """The headings and links of a text that begins on that line of its file."""
    headings: list[Heading] = []
    links: list[Link] = []
    named = set[str]()
    for number, line, kind, _, level in lines_of(body, first_line):
        if kind != "text":
            continue
        heading = _HEADING.fullmatch(line) if "#" in line else None
        if heading:
            headings.append(Heading(plain(heading[2] or ""), len(heading[1]), number))
        elif level:
            headings.append(Heading(plain(line), level, number))
        if "](" in line or "]:" in line or "<" in line:
            links += _links(line, number)
        if "<a" in line or "<A" in line:
            named.update(_NAMED.findall(line))
    return Outline(tuple(headings), tuple(links), frozenset(named.union(_anchors(headings))))


def _links(line: str, number: int) -> Iterator[Link]:
    bare = _CODE.sub(lambda found: " " * len(found[0]), line) if "`" in line else line
    definition = _DEFINITION.match(bare)
    every = [definition] if definition else [*_LINK.finditer(bare), *_ADDRESS.finditer(bare)]
    for start, end in sorted({found.span(1) for found in every if found[1]}):
        inside = 1 if bare[start] == "<" else 0
        yield Link(bare[start + inside : end - inside], Span(number, start + 1, number, end + 1))


def _anchors(headings: list[Heading]) -> Iterator[str]:
    """How headings are led to on the pages that git hosts make: a second of the same words has -1 behind."""
    seen: dict[str, int] = {}
    for one in headings:
        anchor = _NO_ANCHOR.sub("", one.title.lower()).replace(" ", "-")
        number = seen.get(anchor, 0)
        seen[anchor] = number + 1
        yield f"{anchor}-{number}" if number else anchor
