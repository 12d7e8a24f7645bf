"""The keys of records in the order in which the model has them. Whole entries are moved, nothing is written anew.

What belongs to an entry, `yaml_entries` says. What a document begins with, with a blank line behind it, is about the
whole of it, as is the line that names a schema to an editor, and what stands below all entries is about none of them:
they stay where they are. A mapping whose keys are in order is not touched.
"""

import re
from collections.abc import Iterable
from typing import Any

from svcops.checking.model import KeyPath
from svcops.store.declared import child, fields_of, settle
from svcops.store.yaml_entries import in_brackets, in_lines, joined
from svcops.store.yaml_reading import compose
from svcops.store.yaml_text import CannotEdit, YamlText
from svcops.store.yaml_writing import is_same

_SCHEMA = re.compile(r"^[ \t]*#[ \t]*(?:yaml-language-server|\$schema):", re.MULTILINE)
"""As the YAML language server, and the editors of JetBrains, have it."""
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
    stretches = in_brackets(here, place, places) if here.is_flow(place) else _in_lines(here, places)
    texts = {
        key: _applied(here.text, start, end, below[key]) for key, (start, end) in zip(plain, stretches, strict=True)
    }
    if here.is_flow(place):
        return [(start, end, texts[key]) for key, (start, end) in zip(order, stretches, strict=True)]
    begin, end = stretches[0][0], stretches[-1][1]
    return [(begin, end, joined(here, begin, texts, order))]


def _in_lines(here: YamlText, places: list[KeyPath]) -> list[tuple[int, int]]:
    """Where the entries of a mapping without brackets stand; of a document, without the line for an editor above it."""
    (start, end), *others = in_lines(here, places)
    if len(places[0]) == _IN_DOCUMENT:
        start = _below_schema(here, start, here.line_start(here.key(places[0])[0]))
    return [(start, end), *others]


def _below_schema(here: YamlText, start: int, end: int) -> int:
    """Where the comments between two offsets begin that stand below the line which names a schema to an editor."""
    found = list(_SCHEMA.finditer(here.text, start, end))
    return here.next_line(here.line_end(found[-1].end())) if found else start


def _applied(text: str, start: int, end: int, edits: Iterable[_Edit]) -> str:
    """The characters between two offsets with the edits that lie in them made."""
    parts, at = [], start
    for begin, stop, new in sorted(edits):
        parts += [text[at:begin], new]
        at = stop
    return "".join([*parts, text[at:end]])


__all__ = ("CannotEdit", "formatted", "in_order", "is_in_order", "kept_in_order")
