"""Steps that run a command and do not say what is expected of it, and commands of no step, as the check finds them.

Line by line: the same steps as `structure` finds, under the same names, without a parser
(`tests/runbooks/test_expecting.py` compares them). A step that is done by hand is judged by its own text.
"""

import re
from collections.abc import Iterator

from svcops.runbooks.outline import key_of, plain
from svcops.runbooks.scanning import Line, indent_of, lines_of
from svcops.runbooks.sections import READ_ONLY
from svcops.runbooks.structure import SHELLS, STEP
from svcops.store.frozen import frozen

_HEADING = re.compile(r" {0,3}(#{2,3})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")
_ITEM = re.compile(r"((?:[ \t]*[-*+][ \t]+)*[ \t]*)(\d{1,9})[.)]([ \t]+|$)")
_BULLET = re.compile(r"[ \t]*[-*+][ \t]+")
_BLOCK = re.compile(r"[ \t]*(?:[-*+][ \t]|#{1,6}(?:[ \t]|$)|>|`{3}|~{3}|([-*_])(?:[ \t]*\1){2,}[ \t]*$)")
"""What begins something new, and so never goes on with a paragraph."""
_ATX = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_MARGIN = 3
"""Columns that a block may be set in without being code."""
_EXPECTED = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*Expected(?: result)?:(.*)", re.IGNORECASE)


@frozen
class Place:
    """A step by its name, and the line on which it begins."""

    step: str
    line: int


@frozen
class Gaps:
    """What a run cannot do with the steps of a text."""

    mute: tuple[Place, ...]
    """Steps that do not say what is expected."""
    loose: tuple[int, ...]
    """The lines on which commands begin that belong to no step."""
    twice: tuple[Place, ...] = ()
    """The first step of each section whose steps are called like those of one before it."""


class _Open:
    """A step that is being read."""

    def __init__(self, line: int, width: int, *, is_at_margin: bool = False) -> None:
        self.line, self.width = line, width
        self.has_code = self.is_expected = False
        self.commands: list[int] = []
        """The lines on which they begin."""
        self.is_at_margin = is_at_margin
        """Whether it is an item of a list that is in no other, so that code at the margin may belong to it."""
        self.is_left = False
        """Whether such code came, so that what is set in is no more of the item."""


class _Reader:
    """Where one stands in the text."""

    def __init__(self) -> None:
        self.section = ""
        self.number = 0
        self.item: _Open | None = None
        self.head: _Open | None = None
        """A heading of the third level, which is a step where code stands below it and no numbered item."""
        self.bullets: list[int] = []
        """How far the text of each list without numbers around is set in, the innermost last."""
        self.goes_on = False
        """Whether the line before was text, with which this one may go on."""
        self.yields = False
        """Whether that text gives way to a numbered item below it whatever its number, and not to a first one alone."""
        self.awaits = False
        """Whether the line before said `Expected:` and nothing behind it."""
        self.loose: list[int] = []
        """The lines on which commands begin that belong to no step, of sections that have some."""
        self.unwalked: list[int] = []
        """The same of sections that have none, and that a run would walk."""
        self.waiting: list[int] = []
        """The same of this section."""
        self.keys = set[str]()
        """Those of sections that have steps."""
        self.twice: list[Place] = []

    def read(self, line: Line) -> Iterator[Place]:
        """Take the next line; the steps that end before it and do not say what is expected."""
        if line.kind in ("code", "close"):
            self.goes_on = False
            return
        if line.kind == "comment" or not line.text.strip():
            self.goes_on = self.awaits = False
            return
        if line.level:
            yield from self._heading(line, line.level, plain(line.text))
            return
        if line.kind == "text" and "#" in line.text:
            heading = _HEADING.fullmatch(line.text)
            if heading and not self._is_inside(indent_of(line.text)):
                yield from self._heading(line, len(heading[1]), plain(heading[2] or ""))
                return
        yield from self._text(line)

    def _heading(self, line: Line, level: int, title: str) -> Iterator[Place]:
        if level == 1:
            yield from self._end_item()
            self.goes_on = False
            return
        yield from self.end()
        self.goes_on = self.awaits = False
        self.bullets = []
        if level == 2:
            self._end_section()
            self.section, self.number = title, 0
        elif self.section:
            self.head = _Open(line.number, 0)

    def _text(self, line: Line) -> Iterator[Place]:
        indent = indent_of(line.text)
        if self.item and not self._is_inside(indent) and not self._is_lazy(line):
            if self._belongs(line, indent):
                self.item.is_left, self.goes_on = True, False
            else:
                sibling = bool(_ITEM.match(line.text))
                yield from self._end_item()
                self.goes_on = self.goes_on and not sibling
        if self.item is None:
            self._begin(line, indent)
        if line.kind == "open":
            self._code(line)
        else:
            self._words(line.text)

    def _is_inside(self, indent: int) -> bool:
        """Whether a line that is set in so far stands in the item."""
        return bool(self.item and not self.item.is_left and indent >= self.item.width)

    def _belongs(self, line: Line, indent: int) -> bool:
        """Whether a line at the left margin begins code, or what is expected, that belongs to the item before it."""
        if not (self.item and self.item.is_at_margin and indent <= _MARGIN):
            return False
        begins = line.text.lstrip()[:1]
        if line.kind == "open":
            return begins in "`~"
        return not self.goes_on and begins in "Ee" and bool(_EXPECTED.match(line.text))

    def _is_lazy(self, line: Line) -> bool:
        """Whether a line goes on with the paragraph above, although it is not set in as that is."""
        is_new = line.kind == "open" or _BLOCK.match(line.text) or _ITEM.match(line.text)
        return self.goes_on and not is_new

    def _begin(self, line: Line, indent: int) -> None:
        """Begin the numbered item that begins on this line; nothing where none does, or no section is open."""
        found = _ITEM.match(line.text)
        around = self.bullets[-1] if self.bullets else 0
        may = not self.goes_on or indent < around or (self.yields and not around)
        if found and self.section and indent <= around + 3 and (may or found[2] == "1"):
            self._leave_bullets(indent)
            end = len(found[0].expandtabs(4))
            is_at_margin = not (self.bullets or found[1].strip())
            self.item = _Open(line.number, end if found[3] else end + 1, is_at_margin=is_at_margin)
            self.waiting += self.head.commands if self.head else []
            self.head, self.goes_on, self.awaits = None, False, False
        elif bullet := _BULLET.match(line.text):
            self._leave_bullets(indent)
            self.bullets.append(len(bullet[0].expandtabs(4)))
        elif not self._is_lazy(line):
            self._leave_bullets(indent)

    def _leave_bullets(self, indent: int) -> None:
        while self.bullets and indent < self.bullets[-1]:
            self.bullets.pop()

    def _code(self, line: Line) -> None:
        self.goes_on = self.awaits = False
        commands = [line.number] if line.language.partition(" ")[0] in SHELLS else []
        of = self.item or self.head
        if of:
            of.has_code = True
            of.commands += commands
            of.is_expected |= line.language == STEP
        else:
            self.waiting += commands

    def _words(self, text: str) -> None:
        of = self.item or self.head
        begins = bool(_BLOCK.match(text))
        said = None if self.goes_on and not begins else _EXPECTED.match(text)
        if begins or not self.goes_on:
            self.yields = begins or (said is not None and indent_of(text) <= _MARGIN)
        follows = self.awaits and not (begins or _ITEM.match(text))
        if of and (follows or (said and said[1].strip())):
            of.is_expected = True
        self.awaits = bool(said and not said[1].strip())
        self.goes_on = not _ATX.match(text)

    def end(self) -> Iterator[Place]:
        """End the step that is open, if one is."""
        yield from self._end_item()
        if self.head and self.head.has_code:
            yield from self._ended(self.head)
        self.head = None

    def finish(self) -> tuple[int, ...]:
        """End the last section; the commands of no step."""
        self._end_section()
        is_walked = not self.keys <= READ_ONLY
        return tuple(sorted([*self.loose, *(self.unwalked if is_walked else ())]))

    def _end_section(self) -> None:
        if self.number:
            self.loose += self.waiting
        elif key_of(self.section) not in READ_ONLY:
            self.unwalked += self.waiting
        self.waiting = []

    def _end_item(self) -> Iterator[Place]:
        if self.item:
            yield from self._ended(self.item)
        self.item = None

    def _ended(self, step: _Open) -> Iterator[Place]:
        self.number += 1
        if self.number == 1:
            key = key_of(self.section)
            self.twice += [Place(f"{key}-1", step.line)] if key in self.keys else []
            self.keys.add(key)
        if step.commands and not step.is_expected:
            yield Place(f"{key_of(self.section)}-{self.number}", step.line)


def gaps_of(body: str, first_line: int = 1) -> Gaps:
    """What is missing in a text that begins on that line of its file."""
    reader = _Reader()
    found = [mute for line in lines_of(body, first_line) for mute in reader.read(line)]
    return Gaps((*found, *reader.end()), reader.finish(), tuple(reader.twice))
