"""The Markdown of a post-mortem as lines and sections: as much of it as the checks of its text need.

A scanner of lines and no parser of Markdown: a large store has thousands of post-mortems, and building a tree of each
takes fifty times as long. It knows headings, fenced code, code between backticks and comments; nothing else matters
here. Everything keeps its place, so that what is found can be shown where it stands.
"""

import re
from collections.abc import Iterable, Iterator

from svcops.checking.model import Span
from svcops.store.frozen import frozen

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*")
_NO_PARAGRAPH = re.compile(r"[ \t]*(?:$|[#>|*+-]|\d+[.)] )")
"""How a line begins that an underline below it does not make a heading."""
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_BEGINS = re.compile(r"[ \t]*(?:(?:[-*+]|\d+[.)])(?:[ \t]|$)|\|)")
_MARKS = frozenset("-*+|0123456789")
"""How a line begins that _BEGINS may match."""
_EMPHASIS = re.compile(r"\*+|~~|(?<![^\W_])_+|_+(?![^\W_])")
_LINK = re.compile(r"!?\[([^\[\]\n]*)\](\([^()\s]*\)|\[[^\[\]\n]*\])")
_DECORATION = re.compile(r"[*_`?!.:]+")


@frozen
class Line:
    """A line of the file, counted from 1. What does not count is blank in it, and nothing moves.

    `text` is without comments, `words` without code as well: what somebody says in words of their own.
    """

    number: int
    text: str
    words: str

    def span(self, start: int, end: int) -> Span:
        """The place of some characters of it."""
        return Span(self.number, start + 1, self.number, end + 1)


@frozen
class Block:
    """What is read in one go: a paragraph, an item of a list, a row of a table, a heading.

    `words` are those of its lines, with a line's break between two of them. Marks of emphasis and of quotes are blank
    in it, and so is where a link leads; code is none of its words, and nothing moves.
    """

    lines: tuple[Line, ...]
    words: str

    def span(self, start: int, end: int) -> Span:
        """The place of some characters of it; where they go on below, those of the first line."""
        line = self.lines[self.words.count("\n", 0, start)]
        before = self.words.rfind("\n", 0, start) + 1
        below = self.words.find("\n", start, end)
        return line.span(start - before, len(self.words[before : end if below < 0 else below].rstrip()))


@frozen
class Section:
    """A heading and all that stands below it, up to the next heading that is not lower."""

    title: str
    level: int
    heading: Span
    lines: tuple[Line, ...]
    """Without the heading itself; headings of lower levels are among them."""

    @property
    def key(self) -> str:
        """Its title as it is compared: whatever the letters' case, without marks."""
        return key_of(self.title)


@frozen
class Prose:
    """A text, with its sections in order."""

    lines: tuple[Line, ...]
    sections: tuple[Section, ...]

    def section(self, title: str) -> Section | None:
        """The first section of that title."""
        wanted = key_of(title)
        return next((one for one in self.sections if one.key == wanted), None)


def key_of(title: str) -> str:
    """A title as it is compared."""
    return " ".join(_DECORATION.sub("", title).casefold().split())


def read(body: str, first_line: int = 1) -> Prose:
    """A text whose first line is that line of its file."""
    lines = tuple(_lines(body, first_line))
    return Prose(lines, tuple(_sections(lines)))


def blocks(lines: Iterable[Line]) -> Iterator[Block]:
    """The blocks of a text, in order."""
    block: list[Line] = []
    texts: list[str] = []
    quoted = ended = False
    for line in lines:
        words = line.words if line.words == line.text else _without_code(line)
        first = words.lstrip(" \t")[:1]
        mark = ""
        if first == ">":
            mark = words[: len(words) - len(words.lstrip(" \t>"))]
            words = " " * len(mark) + words[len(mark) :]
            first = words.lstrip(" \t")[:1]
        heads = first == "#" and is_heading(line)
        begins = heads or (first in _MARKS and _BEGINS.match(words)) or bool(mark) is not quoted
        if block and (not first or ended or begins):
            yield _block(block, texts)
            block, texts = [], []
        quoted, ended = bool(mark), heads
        if first:
            block.append(line)
            texts.append(words)
    if block:
        yield _block(block, texts)


def _block(lines: list[Line], texts: list[str]) -> Block:
    words = "\n".join(texts)
    if "](" in words or "][" in words:
        words = _LINK.sub(_text_of_link, words)
    if "*" in words or "_" in words or "~" in words:
        words = _EMPHASIS.sub(lambda mark: " " * len(mark[0]), words)
    return Block(tuple(lines), words)


def _text_of_link(link: re.Match[str]) -> str:
    """The text of a link first, so that it is beside what follows; blank is what it takes to keep the places."""
    before = link[0].index("[") + 1
    return " " * before + link[1] + " " * (len(link[0]) - before - len(link[1]))


def _without_code(line: Line) -> str:
    """Its words, with a sign that is part of none where code stands: what is around it is not side by side."""
    pairs = zip(line.words, line.text, strict=True)
    return "".join(word if word == char else "\ufffc" for word, char in pairs)


def is_heading(line: Line) -> bool:
    """Whether a line is a heading, written with number signs: `# a`, and not `#` with code right behind it."""
    return bool(_HEADING.fullmatch(line.words) and _HEADING.fullmatch(line.text))


def _lines(body: str, first_line: int) -> Iterator[Line]:
    fence, in_comment = "", False
    for number, raw in enumerate(body.split("\n"), first_line):
        line = raw.removesuffix("\r")
        if fence:
            closing = _FENCE.fullmatch(line)
            if closing and closing[1].startswith(fence) and not closing[2].strip():
                fence = ""
            yield Line(number, line, " " * len(line))
            continue
        text, in_comment = _without_comments(line, inside=in_comment)
        opening = _FENCE.fullmatch(text)
        if opening and not (opening[1][0] == "`" and "`" in opening[2]):
            fence = opening[1]
            yield Line(number, text, " " * len(text))
        else:
            yield Line(number, text, _CODE.sub(lambda code: " " * len(code[0]), text))


def _without_comments(line: str, *, inside: bool) -> tuple[str, bool]:
    """A line with what is a comment blank, and whether the next one begins inside of one."""
    if not inside and "<!--" not in line:
        return line, False
    kept, place = [], 0
    while place < len(line):
        mark = "-->" if inside else "<!--"
        found = line.find(mark, place)
        end = len(line) if found < 0 else found + len(mark) if inside else found
        kept.append(" " * (end - place) if inside else line[place:end])
        if found < 0:
            break
        if not inside:
            kept.append(" " * len(mark))
            end += len(mark)
        inside, place = not inside, end
    return "".join(kept), inside


def _sections(lines: tuple[Line, ...]) -> Iterator[Section]:
    heads = list(_heads(lines))
    for number, (index, level, title, below) in enumerate(heads):
        later = (start for start, other, _, _ in heads[number + 1 :] if other <= level)
        end = next(later, len(lines))
        line = lines[index]
        start = len(line.text) - len(line.text.lstrip())
        span = line.span(start, max(start + 1, len(line.text.rstrip())))
        yield Section(title, level, span, lines[index + below : end])


def _heads(lines: tuple[Line, ...]) -> Iterator[tuple[int, int, str, int]]:
    """Every heading: the index of its line, its level, its title, and how many lines it takes."""
    for index, line in enumerate(lines):
        found = _HEADING.fullmatch(line.text) if is_heading(line) else None
        if found:
            yield index, len(found[1]), found[2] or "", 1
        elif index + 1 < len(lines) and not _NO_PARAGRAPH.match(line.words):
            under = _UNDERLINE.fullmatch(lines[index + 1].words)
            if under:
                yield index, 1 if under[1][0] == "=" else 2, line.text.strip(), 2
