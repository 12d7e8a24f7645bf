"""Source lines with what is marked in them, drawn as compilers draw them.

The line of a mark is shown with its number, and below it a row of `^` or `-`. Lines between two marks are left out
with `...`, a single one is shown. A mark over several lines has a rule down its left: from `/`, or from a `^` below its
first character, to a `^` below its last.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from svcops.checking.formats.paint import Look
from svcops.checking.formats.sources import Sources, columns, printable
from svcops.checking.model import Span
from svcops.store.frozen import frozen

_WHOLE = 5
"""Lines of a span that are all shown; of a longer one the first two and the last two."""
_LAST = 1_000_000_000
"""A column beyond the end of any line."""


@frozen
class Mark:
    """A span that is underlined: the one a finding is about by `^`, another by `-`, with a word on it."""

    span: Span
    role: str
    label: str = ""
    sign: str = "^"


def frame(path: str, marks: Sequence[Mark], sources: Sources, look: Look) -> Iterator[str]:
    """The lines of one file that hold the marks, the first of which is the most important; nothing where none is there.

    Of a mark over several lines the first is drawn with a rule down its lines, another by its first line.
    """
    lines = sources.lines(path)
    there = [mark for mark in marks if 0 < mark.span.line <= len(lines)]
    marks = [_written(mark, lines, is_first=mark is marks[0]) for mark in there]
    if not marks:
        return
    long = next((mark for mark in marks if mark.span.end_line > mark.span.line), None)
    yield look.row("", "")
    before = 0
    for number in _shown(marks, long):
        if before and number > before + 1:
            yield f"{look.paint('...', 'place')}{' ' * look.pad}{_rule(long, number, look)}".rstrip()
        yield from _line(number, printable(lines[number - 1]).rstrip(), marks, long, look)
        before = number


def _written(mark: Mark, lines: Sequence[str], *, is_first: bool) -> Mark:
    """The mark without the blank end of a span, such as that of a block which ends where the next key begins."""
    span = mark.span
    if not is_first:
        end_line, end_column = span.line, span.end_column if span.end_line == span.line else _LAST
        return replace(mark, span=Span(span.line, span.column, end_line, end_column))
    end_line, end_column = min(span.end_line, max(span.line, len(lines))), span.end_column
    if end_line < span.end_line:
        end_column = _LAST
    while end_line > span.line and not lines[end_line - 1][: end_column - 1].strip():
        end_line, end_column = end_line - 1, _LAST
    return replace(mark, span=Span(span.line, span.column, end_line, end_column))


def _shown(marks: Iterable[Mark], long: Mark | None) -> list[int]:
    """The numbers of the lines to show: those of marks, and one that alone stands between two of them."""
    numbers = {mark.span.line for mark in marks}
    if long:
        first, last = long.span.line, long.span.end_line
        whole = last - first < _WHOLE
        numbers |= set(range(first, last + 1)) if whole else {first, first + 1, last - 1, last}
    between = {number + 1 for number in numbers if number + 2 in numbers}
    return sorted(numbers | between)


def _line(number: int, source: str, marks: Sequence[Mark], long: Mark | None, look: Look) -> Iterator[str]:
    """A source line and the rows below it."""
    here = [mark for mark in marks if mark.span.line == number]
    room = look.room - (2 if long else 0)
    cut = cut_to(source, room, here[0].span.column, here[0].span.end_column) if here else cut_to(source, room)
    starts_at_margin = long in here and long is not None and not source[: long.span.column - 1].strip()
    yield look.row(number, f"{_rule(long, number, look, starts_at_margin=starts_at_margin)}{cut.text}")
    if long and long in here and not starts_at_margin:
        reach = columns(cut.text[: cut.at(long.span.column)])
        yield look.row("", look.paint(f" {'_' * (reach + 1)}^", long.role))
    is_inside = long is not None and long.span.line <= number <= long.span.end_line
    edge = "" if long is None else look.paint("|", long.role) + " " if is_inside else "  "
    for mark in here:
        if mark is not long:
            yield from (look.row("", f"{edge}{row}") for row in _underline(mark, cut, room, look))
    if long and long.span.end_line == number:
        reach = columns(cut.text[: max(0, cut.at(long.span.end_column) - 1)])
        label = f" {printable(long.label)}" if long.label else ""
        yield look.row("", look.paint(f"|{'_' * (reach + 1)}^{label}", long.role))


def _rule(long: Mark | None, number: int, look: Look, *, starts_at_margin: bool = False) -> str:
    """The two columns left of a source line that hold the rule of a mark over several lines."""
    if long is None:
        return ""
    is_below = long.span.line < number <= long.span.end_line
    return look.paint("/" if starts_at_margin else "|" if is_below else " ", long.role) + " "


def _underline(mark: Mark, cut: "Cut", room: int, look: Look) -> Iterator[str]:
    start, end = cut.at(mark.span.column), cut.at(mark.span.end_column)
    indent = columns(cut.text[:start])
    line = mark.sign * max(1, columns(cut.text[start:end]))
    label = printable(mark.label)
    if label and indent + len(line) + 1 + columns(label) > room:
        yield " " * indent + look.paint(line, mark.role)
        yield " " * max(0, min(indent, room - columns(label))) + look.paint(label, mark.role)
    else:
        yield " " * indent + look.paint(f"{line} {label}".rstrip(), mark.role)


@frozen
class Cut:
    """What is shown of a line, and by how many characters it begins later than the line does."""

    text: str
    shift: int = 0

    def at(self, column: int) -> int:
        """The index in `text` of a column of the line, within the text or just after it."""
        return min(max(0, column - 1 - self.shift), len(self.text))


def cut_to(source: str, room: int, start: int = 1, end: int = 1) -> Cut:
    """The part of a line that fits the room, with the columns from `start` to `end` in it as far as they fit."""
    if columns(source) <= room:
        return Cut(source)
    first = 0
    if columns(source[: end - 1]) >= room and columns(source[: start - 1]) > room // 3:
        first = min(start - 1, len(source))
        while first and columns(source[first - 1 : start - 1]) < room // 3:
            first -= 1
    lead = "…" if first else ""
    last, free = first, room - len(lead) - 1
    while last < len(source) and (free := free - columns(source[last])) >= 0:
        last += 1
    return Cut(lead + source[first:last] + ("…" if last < len(source) else ""), first - len(lead))
