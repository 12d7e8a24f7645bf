"""The keys of records in the order in which the model has them. Whole entries are moved, nothing is written anew.

An entry is its key, its value and the comments that belong to it: those directly above it, the one behind it, and those
below it that stand further right. What a document begins with, with a blank line behind it, is about the whole of it,
as is the line that names a schema to an editor, and what stands below all entries is about none of them: they stay
where they are. A mapping whose keys are in order is not touched.
"""

import re
from collections.abc import Iterable
from typing import Any

from svcops.checking.model import KeyPath
from svcops.store.declared import child, fields_of, settle
from svcops.store.yaml_reading import compose
from svcops.store.yaml_text import CannotEdit, YamlText
from svcops.store.yaml_writing import is_same

_COMMENT = re.compile(r"[ \t]*#")
_SCHEMA = re.compile(r"^[ \t]*#[ \t]*(?:yaml-language-server|\$schema):", re.MULTILINE)
"""As the YAML language server, and the editors of JetBrains, have it."""
_DASHES = re.compile(r"(?: *- +)+(?=#)")
_BLANK = re.compile(r"[ \t]*(?:\r\n|[\r\n])")
_IN_DOCUMENT = 2
"""Steps to a key of a document: the document's number, and the key."""

_Edit = tuple[int, int, str]
"""Characters to stand between two offsets."""


def in_order(declared: Any, plain: Any) -> Any:
    """Plain data of a record with its keys, and those of the records in it, in the order of the model."""
    if isinstance(plain, list):
        return [in_order(child(declared, plain, index), item) for index, item in enumerate(plain)]
    if not isinstance(plain, dict):
        return plain
    return {key: in_order(child(declared, plain, key), plain[key]) for key in _order(declared, plain)}


def is_in_order(declared: Any, plain: Any) -> bool:
    """Whether `in_order` would change nothing."""
    return is_same(in_order(declared, plain), plain)


def formatted(text: str, records: Iterable[tuple[KeyPath, Any]], path: str = "") -> str:
    """A YAML text with the keys of its records in order; each record is its place and what it is declared to be.

    A place is a key path led by the document's number. Raises CannotEdit where the text cannot be changed so that its
    data is the same but for the order of keys; `path` only serves its message.
    """
    here = YamlText(text, path, ())
    wanted = list(here.data)
    edits: list[_Edit] = []
    for place, declared in records:
        plain = here.at(place)
        _put(wanted, place, in_order(declared, plain))
        edits += _edits(here, place, declared, plain)
    new = _applied(here.text, 0, len(here.text), edits)
    parsed = compose(new, path, many=True)
    if parsed.findings or not is_same(parsed.documents, wanted):
        raise here.cannot()
    return here.mark_of_order + new


def kept_in_order(before: str, after: str, declared: Any, path: str = "") -> str:
    """What an edit made of a record's file, with the keys that it added where they belong if those before stood so.

    Keys that a person has in an order of their own stay in it, and what is added then stays at the end.
    """
    was = compose(before, path)
    if was.findings or not is_in_order(declared, was.documents[0]):
        return after
    try:
        return formatted(after, [((0,), declared)], path)
    except CannotEdit:
        return after


def _put(documents: list[Any], place: KeyPath, value: Any) -> None:
    """Put a record in its place: a document, or an item of a list of documents, which is made anew."""
    if len(place) == 1:
        documents[int(place[0])] = value
    else:
        items = documents[int(place[0])] = list(documents[int(place[0])])
        items[int(place[1])] = value


def _order(declared: Any, plain: dict[str, Any]) -> list[str]:
    """The keys of a mapping as they should stand; those of a mapping that is no record as they do."""
    known = [key for key in fields_of(settle(declared, plain)) if key in plain]
    return [*known, *(key for key in plain if key not in known)]


def _edits(here: YamlText, place: KeyPath, declared: Any, plain: Any) -> list[_Edit]:
    """What puts a value in order: edits that do not touch each other. Behind an alias there are none."""
    if not isinstance(plain, (dict, list)) or not plain or is_in_order(declared, plain):
        return []
    keys = list(plain) if isinstance(plain, dict) else range(len(plain))
    below = {key: _edits(here, (*place, key), child(declared, plain, key), plain[key]) for key in keys}
    if isinstance(plain, list) or (order := _order(declared, plain)) == list(plain):
        return [edit for key in keys for edit in below[key]]
    places = [(*place, key) for key in plain]
    stretches = _in_brackets(here, place, places) if here.is_flow(place) else _in_lines(here, places)
    texts = {
        key: _applied(here.text, start, end, below[key]) for key, (start, end) in zip(plain, stretches, strict=True)
    }
    if here.is_flow(place):
        return [(start, end, texts[key]) for key, (start, end) in zip(order, stretches, strict=True)]
    return [_joined(here, (stretches[0][0], stretches[-1][1]), texts, order)]


def _in_brackets(here: YamlText, place: KeyPath, places: list[KeyPath]) -> list[tuple[int, int]]:
    """Where the entries of a mapping in brackets stand, without what separates them."""
    stretches = [(here.entry_start(one), here.end(one)) for one in places]
    if "#" in here.text[here.start(place) : here.end(place)] and "\n" in here.text[here.start(place) : here.end(place)]:
        raise here.cannot("a comment in brackets may belong to either side")
    return stretches


def _in_lines(here: YamlText, places: list[KeyPath]) -> list[tuple[int, int]]:
    """Where the entries of a mapping without brackets stand, with their comments, without the last line's break."""
    starts = [here.key(one)[0] for one in places]
    column = here.column(starts[0])
    if any(here.text[here.line_start(start) : start].strip(" ") for start in starts[1:]):
        raise here.cannot()
    ends = [_end_of_entry(here, one, column) for one in places]
    begin = here.line_start(starts[0])
    beside_dash, is_document = bool(here.text[begin : starts[0]].strip(" ")), len(places[0]) == _IN_DOCUMENT
    above = starts[0] if beside_dash else _comments_above(here, begin, column)
    first = _below_schema(here, above, begin) if is_document else above
    following = [here.next_line(end) for end in ends[:-1]]
    return list(zip([first, *following], ends, strict=True))


def _end_of_entry(here: YamlText, place: KeyPath, column: int) -> int:
    """Where the last line of an entry ends, with the comments below it that stand further right than its key."""
    end = here.line_end(here.end(place))
    at = here.next_line(end)
    while at < len(here.text):
        stop = here.line_end(at)
        line = here.text[at:stop]
        if line.strip() and not (_COMMENT.match(line) and len(line) - len(line.lstrip()) > column):
            break
        if line.strip():
            end = stop
        if stop == len(here.text):
            break
        at = here.next_line(stop)
    return end


def _comments_above(here: YamlText, start: int, column: int) -> int:
    """Where the comments begin that stand directly above the line at `start`, the first perhaps beside a dash."""
    while start:
        above = here.line_start(here.end_of_line_before(start))
        if not _COMMENT.match(here.text, above, start):
            dash = _DASHES.match(here.text, above, start)
            return dash.end() if dash and dash.end() - above == column else start
        start = above
    return start


def _below_schema(here: YamlText, start: int, end: int) -> int:
    """Where the comments between two offsets begin that stand below the line which names a schema to an editor."""
    found = list(_SCHEMA.finditer(here.text, start, end))
    return here.next_line(here.line_end(found[-1].end())) if found else start


def _joined(here: YamlText, stretch: tuple[int, int], texts: dict[str, str], order: list[str]) -> _Edit:
    """The entries in their new order, in place of the old ones. The blank lines above the new first one stay behind it.

    The first entry of an item begins beside the dash: the indent that it lacks is that which its successor has.
    """
    begin, end = stretch
    first, was_first = order[0], next(iter(texts))
    if first != was_first:
        beside_dash = bool(here.text[here.line_start(begin) : begin].strip(" "))
        indent = " " * here.column(begin) if beside_dash else ""
        blank = _blank_lines(texts[first])
        head = texts[first][len(blank) :]
        texts |= {
            first: head.lstrip(" ") if beside_dash else head,
            was_first: blank + indent + texts[was_first],
        }
    return begin, end, here.eol.join(texts[key] for key in order)


def _blank_lines(text: str) -> str:
    """The blank lines that a text begins with."""
    end = 0
    while found := _BLANK.match(text, end):
        end = found.end()
    return text[:end]


def _applied(text: str, start: int, end: int, edits: Iterable[_Edit]) -> str:
    """The characters between two offsets with the edits that lie in them made."""
    parts, at = [], start
    for begin, stop, new in sorted(edits):
        parts += [text[at:begin], new]
        at = stop
    return "".join([*parts, text[at:end]])


__all__ = ("CannotEdit", "formatted", "in_order", "is_in_order", "kept_in_order")
