"""What to write where a value has the wrong type: the line as it should stand, with what was meant where it shows."""

from dataclasses import MISSING, fields, is_dataclass
from datetime import timedelta
from typing import Annotated, Any, get_args, get_origin

from svcops.checking.model import KeyPath
from svcops.store.declared import child, declared_at, fields_of, settle
from svcops.store.model import Ref

_LONGEST = 40
"""Of a value that a hint repeats."""


def hint(declared: Any, plain: Any, keys: KeyPath) -> str:
    """How to write the value at `keys` of a record that should be `declared`; nothing where there is no way to say."""
    wanted, value = declared_at(declared, plain, keys), plain
    for key in keys:
        value = value[key]
    if wanted is None or not keys:
        return ""
    lead = "- " if isinstance(keys[-1], int) else f"{str(keys[-1])[:_LONGEST]}: "
    record = settle(wanted, {})
    if is_dataclass(record) and not isinstance(value, dict):
        written = _record(record, value, flow=not isinstance(keys[-1], int))
        return f"Write {lead}{written}" if written else ""
    if get_origin(settle(wanted, [])) is tuple and not isinstance(value, list):
        return f"Write a list: {lead}[{_item(wanted, value)}]"
    return _of_one(wanted, value, lead)


def _of_one(wanted: Any, value: Any, lead: str) -> str:
    """How to write a value that is neither a record nor a list."""
    form = settle(wanted, "")
    if form is bool:
        return f"Write {lead}true, or {lead}false"
    if form in (int, float):
        return f"Write a {'whole ' if form is int else ''}number, without quotes."
    if form is timedelta:
        return f"Write a span of time with its unit, such as {lead}4h"
    if form is not str:
        return ""
    if isinstance(value, (bool, int, float)):  # how it was written is lost: 0001 is read as 1, 1.10 as 1.1
        return "Put it in quotes, as it stands there."
    what, word = ("name", "NAME") if _is_name(wanted) else ("text", "TEXT")
    first = value[0] if isinstance(value, list) and value else None
    return f"Write one {what}: {lead}{_as_text(first) or word}"


def _item(wanted: Any, value: Any) -> str:
    """The first item of a list, with the text that stood in the list's place."""
    item = settle(child(wanted, [], 0), {})
    written = _record(item, value, flow=True) if is_dataclass(item) else _as_text(value)
    return written or "..."


def _record(record: Any, value: Any, *, flow: bool) -> str:
    """The keys that a record needs, or else its first; the text that stood in its place is the first one's value.

    Nothing where it needs none and no text says what is meant.
    """
    known = fields_of(record)
    needs = [one.name.rstrip("_") for one in fields(record) if _has_no_default(one)]
    needed = needs or [next(iter(known))]
    first = _as_text(value) if settle(child(record, {}, needed[0]), "") is str else ""
    if not needs and not first:
        return ""
    written = ", ".join(f"{key}: {first if first and key == needed[0] else '...'}" for key in needed)
    return f"{{{written}}}" if flow or len(needed) > 1 else written


def _has_no_default(one: Any) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _as_text(value: Any) -> str:
    """A short text as it is written in YAML; nothing for anything else."""
    from svcops.store.yaml_writing import dump_flow

    return dump_flow(value) if isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isprintable() else ""


def _is_name(wanted: Any) -> bool:
    """Whether a text, or what a union has beside null, names a record."""
    if get_origin(wanted) is Annotated:
        return any(isinstance(mark, Ref) for mark in get_args(wanted))
    return any(_is_name(member) for member in get_args(wanted))
