"""Edits of one file as text: where exactly each stands, what is to stand there, and the text with all of them made.

Only what leaves everything around it as it is can be made: nothing that an alias repeats, and nothing in a layout in
which it does not stand by itself.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from svcops.checking.model import Edit, KeyPath, Span

_SIMPLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*(?: [A-Za-z0-9._/-]+)*")
"""Text that needs no escapes in quotes of any kind."""
_INDICATORS = "&!*|>?"
"""What an alias, an anchor, a tag or a block of text begins with."""
_NOT_IN_BRACKETS = re.compile(r"[\[\]{},#]|: |:\Z")
_BREAK = re.compile("\r\n|[\n\r]")
_COMMENT = re.compile(r"(?:^|\s)#")
_REST_OF_LINE = re.compile(r"[ \t]*(?=[\n\r]|\Z)")


class Source:
    """The YAML of a file, with its places, and the way from the lines of the file to offsets in it.

    UnicodeDecodeError where it is no UTF-8.
    """

    def __init__(self, data: bytes, path: str) -> None:
        from svcops.store.documents import split_front_matter
        from svcops.store.yaml_reading import compose

        whole = data.decode("utf-8")
        self.before = "\ufeff" if whole.startswith("\ufeff") else ""
        self.text, self.after, self.first_line = whole.removeprefix("\ufeff"), "", 1
        split = split_front_matter(self.text) if path.endswith(".md") else None
        if split:
            start = self.text.index("\n") + 1
            self.before, self.first_line = self.before + self.text[:start], 2
            self.text, self.after = split.front, self.text[start + len(split.front) :]
        self.parsed = compose(self.text, path, many=True, first_line=self.first_line, locate=True)
        self.starts = [0, *(one.end() for one in _BREAK.finditer(self.text))]
        self._keys = {span: place for place, span in self.parsed.places.keys.items()}

    @property
    def is_sound(self) -> bool:
        """Whether all of it could be read; a key that is set twice is no obstacle to that."""
        return all(finding.code == "YAML002" for finding in self.parsed.findings)

    def offsets(self, span: Span) -> tuple[int, int]:
        """Where a stretch of the file begins and ends in the text."""
        return self._offset(span.line, span.column), self._offset(span.end_line, span.end_column)

    def _offset(self, line: int, column: int) -> int:
        number = line - self.first_line
        return self.starts[number] + column - 1 if number < len(self.starts) else len(self.text)

    def span(self, start: int, end: int) -> Span:
        """The lines and columns in the file of a stretch of the text."""
        line, end_line = bisect_right(self.starts, start), bisect_right(self.starts, end)
        more = self.first_line - 1
        return Span(
            line + more, start - self.starts[line - 1] + 1, end_line + more, end - self.starts[end_line - 1] + 1
        )

    def written(self, span: Span) -> str:
        """The characters of a stretch."""
        start, end = self.offsets(span)
        return self.text[start:end]

    def key_at(self, span: Span | None) -> KeyPath | None:
        """The place whose key is written there. Of a key that is set twice, the last one has the place."""
        return self._keys.get(span) if span else None

    def data(self, text: str) -> bytes:
        """The whole file, with another text for its YAML."""
        return (self.before + text + self.after).encode()


def made(source: Source, edit: Edit) -> Edit | None:
    """An edit with its final text and span; None where the place cannot be changed by itself."""
    if edit.how == "remove":
        return _removal(source, edit)
    place = (edit.at.document, *edit.at.keys)
    places = source.parsed.places
    span = (places.keys if edit.at.part == "key" else places.values).get(place)
    if span is None or _is_shared(source, place):
        return None
    raw = source.written(span)
    if not raw or raw[0] in _INDICATORS or (raw[0] in "[{" and edit.how != "list"):
        return None
    if edit.how != "list" and _BREAK.search(raw):
        return None
    text = _text(source, edit, raw, place)
    return replace(edit, text=text, span=span) if text and text != raw else None


def _is_shared(source: Source, place: KeyPath) -> bool:
    """Whether the value, or what it is in, stands behind an alias or has an anchor for one."""
    spans = [source.parsed.places.values.get(place[:depth]) for depth in range(1, len(place) + 1)]
    return any(span is None or source.written(span)[:1] == "&" for span in spans)


def _text(source: Source, edit: Edit, raw: str, place: KeyPath) -> str:
    """What is to stand in place of `raw`; nothing where that is not certain."""
    is_quoted = raw[0] in "'\""
    if edit.how == "quote":
        return "" if is_quoted or set(raw) & set('"\\') else f'"{raw}"'
    if edit.how == "list":
        return f"[{raw}]" if _fits_in_brackets(source, raw, place) else ""
    is_text = edit.at.part == "key" or isinstance(_read(edit.text), str)
    return f"{raw[0]}{edit.text}{raw[0]}" if is_quoted and is_text and _SIMPLE.fullmatch(edit.text) else edit.text


def _fits_in_brackets(source: Source, raw: str, place: KeyPath) -> bool:
    value: Any = source.parsed.documents
    for key in place:
        value = value[key]
    if raw[0] in "[{" or raw[0] in "'\"":
        return True
    return not (isinstance(value, (dict, list)) or _BREAK.search(raw) or _NOT_IN_BRACKETS.search(raw))


def _removal(source: Source, edit: Edit) -> Edit | None:
    """The whole lines of an entry, or its part of a mapping in brackets; None where a comment would go with it."""
    place = source.key_at(edit.span) if edit.span else (edit.at.document, *edit.at.keys)
    if place is None:
        return edit  # its span is final: no key stands exactly there
    key, value = source.parsed.places.keys.get(place), source.parsed.places.values.get(place)
    holder = source.parsed.places.values.get(place[:-1])
    if key is None or value is None or holder is None:
        return None
    text, start = source.text, source.offsets(key)[0]
    end = start + len(_without_comments_behind(text[start : source.offsets(value)[1]]))
    if source.written(holder)[:1] == "{":
        start = _comma_before(text, start)
    else:
        above = text[:start].rstrip(" \t")
        behind = _REST_OF_LINE.match(text, end)
        if behind is None or not above.endswith(("\n", "\r")):
            return None
        start, end = len(above) - (2 if above.endswith("\r\n") else 1), behind.end()
    if start < 0 or _COMMENT.search(text[start:end]):
        return None
    return replace(edit, text="", span=source.span(start, end))


def _comma_before(text: str, start: int) -> int:
    """Where the comma stands that goes before an entry in brackets; -1 where there is none."""
    before = text[:start].rstrip()
    return len(before) - 1 if before.endswith(",") else -1


def _without_comments_behind(text: str) -> str:
    """Text without the lines at its end that are blank or a comment: libyaml counts them to a collection."""
    lines = text.splitlines(keepends=True)
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return "".join(lines).rstrip()


def applied(source: Source, edits: Iterable[Edit]) -> str | None:
    """The text with final edits made, which do not touch each other; None unless its data is what they say."""
    from svcops.store.yaml_reading import compose
    from svcops.store.yaml_writing import is_same

    placed = sorted((*source.offsets(edit.span), edit) for edit in edits if edit.span)
    parts, end = [], 0
    for start, stop, edit in placed:
        parts += [source.text[end:start], edit.text]
        end = stop
    text = "".join([*parts, source.text[end:]])
    parsed = compose(text, "", many=True)
    is_sound = all(finding.code == "YAML002" for finding in parsed.findings)
    return text if is_sound and is_same(parsed.documents, _expected(source, [edit for *_, edit in placed])) else None


def _expected(source: Source, edits: list[Edit]) -> Any:
    """The documents as the edits would have them; keys are renamed last, the deepest first, as places name the old."""
    documents = _copy(source.parsed.documents)
    for edit in sorted(edits, key=lambda one: (one.at.part == "key", -len(one.at.keys))):
        if edit.how == "remove":
            continue
        *above, last = (edit.at.document, *edit.at.keys)
        holder = documents
        for key in above:
            holder = holder[key]
        if edit.at.part == "key":
            renamed = {_read(edit.text) if key == last else key: value for key, value in holder.items()}
            holder.clear()
            holder.update(renamed)
        else:
            holder[last] = _read(edit.text)
    return documents


def _copy(plain: Any) -> Any:
    """Plain data once more, with nothing shared: what an alias repeats stands for itself."""
    if isinstance(plain, dict):
        return {key: _copy(value) for key, value in plain.items()}
    return [_copy(item) for item in plain] if isinstance(plain, list) else plain


def _read(text: str) -> Any:
    """What a piece of YAML says; None where it says nothing."""
    from svcops.store.yaml_reading import compose

    documents = compose(text, "").documents
    return documents[0] if documents else None
