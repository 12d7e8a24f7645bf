"""The items of a JSON file, each with the line on which it begins: one a line, a list, or a list inside an object."""

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

from svcops.checking.model import At, Finding, Span
from svcops.exchange.sources import MAX_BYTES, Input, Source, Unreadable

_BLANK = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


class _NotJson(Exception):
    """The text is no JSON, or not of the expected form, at a place."""

    def __init__(self, place: int, message: str) -> None:
        super().__init__(message)
        self.place = place


class _Text:
    """A text that is read from its beginning to its end; `line` counts along."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.here = 0
        self._counted, self._line = 0, 1

    def next(self) -> str:
        """The next character that is no blank, which stays; empty at the end."""
        self.here = _BLANK.match(self.text, self.here).end()  # type: ignore[union-attr]
        return self.text[self.here : self.here + 1]

    def skip(self, wanted: str) -> None:
        """Go past a character that has to come now."""
        if self.next() != wanted:
            raise _NotJson(self.here, f"not JSON: {wanted} is missing here")
        self.here += 1

    def value(self) -> Any:
        """The value that begins here."""
        self.next()
        try:
            found, self.here = _DECODER.raw_decode(self.text, self.here)
        except json.JSONDecodeError as error:
            raise _NotJson(error.pos, f"not JSON: {error.msg}") from None
        except RecursionError:
            raise _NotJson(self.here, "JSON that is nested too deep") from None
        except ValueError as error:  # a number of thousands of digits
            raise _NotJson(self.here, f"not JSON: {error}") from None
        return found

    def line(self, place: int) -> int:
        """The line of a place that is not before the one asked for last."""
        self._line += self.text.count("\n", self._counted, place)
        self._counted = max(self._counted, place)
        return self._line


def items(file: Input, lists: Collection[str]) -> list[tuple[Source, Any]]:
    """The items of a file: of a list, of the lists of these names inside an object, or each line. Raises Unreadable."""
    if len(file.data) > MAX_BYTES:
        raise Unreadable([Finding("FILE002", f"more than {MAX_BYTES // 1024 // 1024} MiB", At(file.name))])
    try:
        text = _Text(file.data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = file.data.count(b"\n", 0, error.start) + 1
        raise Unreadable([Finding("FILE001", "not UTF-8", At(file.name), span=Span(line, 1, line, 1))]) from None
    try:
        return [(Source(file.name, text.line(place)), item) for place, item in _items(text, lists)]
    except _NotJson as error:
        line = text.text.count("\n", 0, error.place) + 1
        column = error.place - text.text.rfind("\n", 0, error.place)
        raise Unreadable(
            [Finding("YAML001", str(error), At(file.name), span=Span(line, column, line, column))]
        ) from None


def _items(text: _Text, lists: Collection[str]) -> Iterator[tuple[int, Any]]:
    if text.next() == "[":
        yield from _list(text)
    elif text.next() == "{" and _first_key(text) not in ("id", None) and (found := _lists(text, lists)) is not None:
        yield from found
    else:
        while text.next():
            place = text.here
            yield place, text.value()
        return
    if text.next():
        raise _NotJson(text.here, "not JSON: something follows where it should end")


def _first_key(text: _Text) -> str | None:
    """The first key of the object that begins here, without going on."""
    here = text.here
    text.skip("{")
    key = text.value() if text.next() == '"' else None
    text.here = here
    return key


def _lists(text: _Text, lists: Collection[str]) -> list[tuple[int, Any]] | None:
    """The items of an object's lists; None, and not gone on, where it has none of them: it is itself an item."""
    here = text.here
    found: list[tuple[int, Any]] = []
    has_any = False
    text.skip("{")
    while text.next() != "}":
        key = text.value()
        text.skip(":")
        if key in lists and text.next() == "[":
            has_any = True
            found += _list(text)
        else:
            text.value()
        if text.next() != "}":
            text.skip(",")
    text.skip("}")
    if not has_any:
        text.here = here
        return None
    return sorted(found, key=lambda one: one[0])


def _list(text: _Text) -> Iterator[tuple[int, Any]]:
    text.skip("[")
    while text.next() != "]":
        place = text.here
        yield place, text.value()
        if text.next() != "]":
            text.skip(",")
    text.skip("]")
