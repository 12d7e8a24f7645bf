"""A YAML text with the places of its values as offsets, for `svcops.store.yaml_editing`.

A place is a key path led by the document's number. Offsets count characters; columns and indents count from 0.
"""

import re
from bisect import bisect_right
from typing import Any

from svcops.checking.model import KeyPath
from svcops.errors import NotDone
from svcops.store.yaml_reading import compose

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_PROPERTIES = re.compile(r"(?:[&!]\S*[ \t]+)*")
_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*")
_COLON = re.compile(r"[ \t]*:(?=\s|\Z)")


class CannotEdit(NotDone):
    """The text cannot be changed without touching what is around the place."""

    def __init__(self, path: str, keys: KeyPath, why: str) -> None:
        place = ".".join(map(str, keys)) or "the whole"
        super().__init__(f"{place}{f' in {path}' if path else ''} cannot be changed: {why}", help="Use an editor.")


class YamlText:
    """A text, its data, and where each value stands. `path` and `keys` only serve the message of CannotEdit."""

    def __init__(self, text: str, path: str, keys: KeyPath) -> None:
        self.mark_of_order = "\ufeff" if text.startswith("\ufeff") else ""
        self.text = text.removeprefix("\ufeff")
        self.path, self.keys = path, keys
        parsed = compose(self.text, path, many=True, locate=True)
        if parsed.findings:
            raise self.cannot(f"it is damaged: {parsed.findings[0].message}")
        self.data, self.places = parsed.documents, parsed.places
        breaks = list(_BREAK.finditer(self.text))
        self.starts = [0, *(one.end() for one in breaks)]
        self.eol = breaks[0].group() if breaks else "\n"

    def cannot(self, why: str = "its layout is one that only a person can keep") -> CannotEdit:
        """The error to raise."""
        return CannotEdit(self.path, self.keys, why)

    def has(self, place: KeyPath) -> bool:
        """Whether there is a value at a place."""
        value: Any = self.data
        for key in place:
            if not (key in value if isinstance(value, dict) else isinstance(value, list) and key in range(len(value))):
                return False
            value = value[key]
        return True

    def at(self, place: KeyPath) -> Any:
        """The value at a place; None where there is none."""
        value: Any = self.data if self.has(place) else None
        for key in place if self.has(place) else ():
            value = value[key]
        return value

    def start(self, place: KeyPath) -> int:
        """Where a value begins, its anchor and tag included."""
        span = self.places.values.get(place)
        if span is None:
            raise self.cannot("it stands behind an alias, which repeats what stands elsewhere")
        return self.starts[span.line - 1] + span.column - 1

    def end(self, place: KeyPath) -> int:
        """Where a value ends, without the comments and blank lines that libyaml counts to it."""
        if self.is_block(place):
            return self.end(self.last(place))
        start, span = self.start(place), self.places.values[place]
        end = (
            self.starts[span.end_line - 1] + span.end_column - 1
            if span.end_line <= len(self.starts)
            else len(self.text)
        )
        if not self.is_block_scalar(place):
            return end
        header = self.header_end(place)
        if "+" in self.text[start:header]:
            return end - len(_last_break(self.text[header:end]))
        return max(header + len(self.text[header:end].rstrip(" \t\r\n")), self.line_end(header))

    def key(self, place: KeyPath) -> tuple[int, int]:
        """Where a key begins and ends."""
        span = self.places.keys[place]
        return self.starts[span.line - 1] + span.column - 1, self.starts[span.end_line - 1] + span.end_column - 1

    def entry_start(self, place: KeyPath) -> int:
        """Where the key, or the item inside brackets, begins."""
        return self.key(place)[0] if place in self.places.keys else self.start(place)

    def last(self, place: KeyPath) -> KeyPath:
        """The place of the last key or item of a collection."""
        holder = self.at(place)
        return (*place, len(holder) - 1 if isinstance(holder, list) else list(holder)[-1])

    def is_flow(self, place: KeyPath) -> bool:
        """Whether a value is a collection in brackets."""
        return isinstance(self.at(place), (dict, list)) and self._form(place) in ("[", "{")

    def is_block(self, place: KeyPath) -> bool:
        """Whether a value is a collection without brackets."""
        return isinstance(self.at(place), (dict, list)) and self._form(place) not in ("[", "{", "*")

    def is_block_scalar(self, place: KeyPath) -> bool:
        """Whether a value is text written behind `|` or `>`."""
        return isinstance(self.at(place), str) and self._form(place) in ("|", ">")

    def _form(self, place: KeyPath) -> str:
        found = _PROPERTIES.match(self.text, self.start(place))
        return self.text[found.end() : found.end() + 1] if found else ""

    def header_end(self, place: KeyPath) -> int:
        """The offset behind a block scalar's `|-`."""
        found = _BLOCK_HEADER.search(self.text, self.start(place))
        assert found, place
        return found.end()

    def mark(self, place: KeyPath) -> tuple[int, int]:
        """The offset behind the colon or the dash that a value follows, and the column of that entry."""
        if place in self.places.keys:
            start, end = self.key(place)
            colon = _COLON.match(self.text, end)
            if colon:
                return colon.end(), self.column(start)
            raise self.cannot()
        dash = self.dash(place)
        return dash + 1, self.column(dash)

    def dash(self, place: KeyPath) -> int:
        """The offset of the dash of an item: the nearest one before it in the column of its list."""
        first, start = self.start(place[:-1]), self.start(place)
        column = self.column(first)
        for line in range(bisect_right(self.starts, start), bisect_right(self.starts, first) - 1, -1):
            at = self.starts[line - 1] + column
            if at < start and re.match(r"-(?:\s|\Z)", self.text[at : at + 2]):
                return at
        raise self.cannot()

    def column(self, offset: int) -> int:
        """The column of an offset, from 0."""
        return offset - self.starts[bisect_right(self.starts, offset) - 1]

    def line_start(self, offset: int) -> int:
        """Where the line of an offset begins."""
        return offset - self.column(offset)

    def line_end(self, offset: int) -> int:
        """Where the line of an offset ends, its line break left out."""
        found = _BREAK.search(self.text, offset)
        return found.start() if found else len(self.text)

    def next_line(self, offset: int) -> int:
        """Where the line after the one of an offset begins."""
        found = _BREAK.search(self.text, offset)
        return found.end() if found else len(self.text)

    def end_of_line_before(self, start: int) -> int:
        """Where the line before the one that begins at `start` ends, its line break left out."""
        return start - len(_last_break(self.text[:start]))

    def offset_of_lists(self) -> int:
        """How far this text sets the items of its lists right of their key; 2 where it has none."""
        for place in self.places.keys:
            if isinstance(self.at(place), list) and place in self.places.values and self.is_block(place):
                return max(0, self.column(self.start(place)) - self.column(self.key(place)[0]))
        return 2

    def splice(self, start: int, end: int, new: str) -> str:
        """The text with other characters between two offsets."""
        return self.text[:start] + new + self.text[end:]


def _last_break(text: str) -> str:
    """The line break that a text ends with, or nothing."""
    if text.endswith("\r\n"):
        return "\r\n"
    return text[-1:] if _BREAK.fullmatch(text[-1:]) else ""
