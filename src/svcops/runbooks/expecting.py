"""Steps that run a command and do not say what is expected of it, as the check finds them: line by line.

The same steps as `structure` finds, under the same names, without a parser (`tests/runbooks/test_expecting.py` compares
them). A step that is done by hand is judged by its own text.
"""

import re
from collections.abc import Iterator

from svcops.runbooks.outline import key_of, plain
from svcops.runbooks.scanning import Line, indent_of, lines_of
from svcops.runbooks.structure import SHELLS, STEP
from svcops.store.frozen import frozen

_HEADING = re.compile(r" {0,3}(#{2,3})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")
_ITEM = re.compile(r"((?:[ \t]*[-*+][ \t]+)*[ \t]*)(\d{1,9})[.)]([ \t]+|$)")
_BULLET = re.compile(r"[ \t]*[-*+][ \t]+")
_BLOCK = re.compile(r"[ \t]*(?:[-*+][ \t]|#{1,6}(?:[ \t]|$)|>|`{3}|~{3}|([-*_])(?:[ \t]*\1){2,}[ \t]*$)")
"""What begins something new, and so never goes on with a paragraph."""
_EXPECTED = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*Expected(?: result)?:(.*)", re.IGNORECASE)


@frozen
class Mute:
    """A step that does not say what is expected, by its name, and the line on which it begins."""

    step: str
    line: int


class _Open:
    """A step that is being read."""

    def __init__(self, line: int, width: int) -> None:
        self.line, self.width = line, width
        self.has_code = self.runs = self.is_expected = False


class _Reader:
    """Where one stands in the text."""

    def __init__(self) -> None:
        self.section = ""
        self.number = 0
        self.item: _Open | None = None
        self.head: _Open | None = None
        """A heading of the third level, which is a step where code stands below it and no numbered item."""
        self.bullet = 0
        """How far the text of the list without numbers around is set in."""
        self.goes_on = False
        """Whether the line before was text, with which this one may go on."""
        self.awaits = False
        """Whether the line before said `Expected:` and nothing behind it."""

    def read(self, line: Line) -> Iterator[Mute]:
        """Take the next line; the steps that end before it and do not say what is expected."""
        if line.kind in ("code", "close"):
            self.goes_on = False
            return
        if not line.text.strip():
            self.goes_on = self.awaits = False
            return
        if line.level:
            yield from self._heading(line, line.level, plain(line.text))
            return
        if line.kind == "text" and "#" in line.text:
            heading = _HEADING.fullmatch(line.text)
            if heading and not (self.item and indent_of(line.text) >= self.item.width):
                yield from self._heading(line, len(heading[1]), plain(heading[2] or ""))
                return
        yield from self._text(line)

    def _heading(self, line: Line, level: int, title: str) -> Iterator[Mute]:
        if level == 1:
            yield from self._end_item()
            self.goes_on = False
            return
        yield from self.end()
        self.goes_on, self.bullet = False, 0
        if level == 2:
            self.section, self.number = title, 0
        elif self.section:
            self.head = _Open(line.number, 0)

    def _text(self, line: Line) -> Iterator[Mute]:
        indent = indent_of(line.text)
        if self.item and indent < self.item.width and not self._is_lazy(line):
            sibling = bool(_ITEM.match(line.text))
            yield from self._end_item()
            self.goes_on = self.goes_on and not sibling
        if self.item is None:
            self._begin(line, indent)
        if line.kind == "open":
            self._code(line.language)
        else:
            self._words(line.text)

    def _is_lazy(self, line: Line) -> bool:
        """Whether a line goes on with the paragraph above, although it is not set in as that is."""
        is_new = line.kind == "open" or _BLOCK.match(line.text) or _ITEM.match(line.text)
        return self.goes_on and not is_new

    def _begin(self, line: Line, indent: int) -> None:
        """Begin the numbered item that begins on this line; nothing where none does, or no section is open."""
        found = _ITEM.match(line.text)
        if found and self.section and indent <= self.bullet + 3 and not (self.goes_on and found[2] != "1"):
            end = len(found[0].expandtabs(4))
            self.item = _Open(line.number, end if found[3] else end + 1)
            self.head, self.goes_on = None, False
        elif bullet := _BULLET.match(line.text):
            self.bullet = len(bullet[0].expandtabs(4))
        elif indent < self.bullet and not self.goes_on:
            self.bullet = 0

    def _code(self, language: str) -> None:
        self.goes_on = self.awaits = False
        for one in filter(None, (self.item or self.head,)):
            one.has_code = True
            one.runs |= language.partition(" ")[0] in SHELLS
            one.is_expected |= language == STEP

    def _words(self, text: str) -> None:
        of = self.item or self.head
        said = None if self.goes_on and not _BLOCK.match(text) else _EXPECTED.match(text)
        if of and (self.awaits or (said and said[1].strip())):
            of.is_expected = True
        self.awaits = bool(said and not said[1].strip())
        self.goes_on = True

    def end(self) -> Iterator[Mute]:
        """End the step that is open, if one is."""
        yield from self._end_item()
        if self.head and self.head.has_code:
            yield from self._ended(self.head)
        self.head = None

    def _end_item(self) -> Iterator[Mute]:
        if self.item:
            yield from self._ended(self.item)
        self.item = None

    def _ended(self, step: _Open) -> Iterator[Mute]:
        self.number += 1
        if step.runs and not step.is_expected:
            yield Mute(f"{key_of(self.section)}-{self.number}", step.line)


def mute_steps(body: str, first_line: int = 1) -> list[Mute]:
    """The steps of a text, which begins on that line of its file, that run a command and expect nothing of it."""
    reader = _Reader()
    found = [mute for line in lines_of(body, first_line) for mute in reader.read(line)]
    return [*found, *reader.end()]
