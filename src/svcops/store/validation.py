"""Plain data against the record it should be, by pydantic: strict, unknown keys refused, findings for a person."""

import json
from collections.abc import Iterator
from functools import cache
from math import isfinite
from typing import Annotated, Any, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from svcops.checking.model import At, Finding, KeyPath, Part
from svcops.store.model import Tagged
from svcops.store.shape import keys_at
from svcops.store.suggest import did_you_mean

_LONGEST = 60
"""Of a key or value in a message."""

_MAX_BITS = 14_000
"""Some 4,200 digits: past 4,300 Python refuses to write a whole number as text."""

_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "dataclass_type": "a mapping",
    "none_required": "null",
}


def validate(declared: Any, plain: Any, where: At) -> tuple[Any, list[Finding]]:
    """The record that plain data describes, or None and what is wrong, each finding at its key below `where`."""
    try:
        text = json.dumps(plain, allow_nan=False)
    except ValueError:
        return None, [_number_beyond_json(plain, where)]
    except RecursionError:
        return None, [Finding("YAML007", "nested too deep once its aliases are written out", where)]
    try:
        return _adapter(declared).validate_json(text), []
    except ValidationError as error:
        return None, [_finding(declared, plain, one, where) for one in _most_telling(error.errors())]


def _number_beyond_json(plain: Any, where: At) -> Finding:
    """The first number that JSON cannot carry: not finite, or of more digits than Python writes."""
    keys: list[str | int] = []
    open_: list[Iterator[tuple[str | int, Any]]] = [_items(plain)]
    while open_:
        key, value = next(open_[-1], (None, None))
        if key is None:
            open_.pop()
            del keys[-1:]
        elif isinstance(value, (dict, list)):
            open_.append(_items(value))
            keys.append(key)
        elif isinstance(value, (int, float)) and not _fits_json(value):
            path = (*keys, key)
            message = f"{_name(path)} is a number that is too long, or not finite"
            return Finding("SCHEMA003", message, _below(where, path, "value"))
    return Finding("SCHEMA003", "a number that is too long, or not finite", where)


def _items(plain: Any) -> Iterator[tuple[str | int, Any]]:
    return iter(plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ())


def _fits_json(number: float) -> bool:
    return isfinite(number) if isinstance(number, float) else number.bit_length() <= _MAX_BITS


@cache
def _adapter(declared: Any) -> TypeAdapter[Any]:
    return TypeAdapter(declared)


def _most_telling(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """One error a place: a union reports every member that did not match."""
    first: dict[tuple[int | str, ...], ErrorDetails] = {}
    for one in errors:
        first.setdefault((*one["loc"], one["type"] == "unexpected_keyword_argument"), one)
    return list(first.values())


def _finding(declared: Any, plain: Any, error: ErrorDetails, where: At) -> Finding:
    loc = error["loc"]
    if loc and _is_tagged(declared):
        loc = loc[1:]
    keys = _keys_in(plain, loc)
    kind = error["type"]
    if kind == "unexpected_keyword_argument":
        known = keys_at(declared, plain, keys[:-1])
        help_ = did_you_mean(str(keys[-1]), known) or f"Known here: {', '.join(known)}."
        return Finding("SCHEMA001", f"{_name(keys)} is not a key of this record", _below(where, keys, "key"), help_)
    if kind in ("missing", "union_tag_not_found"):
        name = loc[-1] if kind == "missing" else error["ctx"]["discriminator"].strip("'")
        return Finding("SCHEMA002", f"the key {name} is missing", _below(where, keys, "key"), f"Add {name}: ...")
    return _wrong_value(error, plain, keys, where)


def _wrong_value(error: ErrorDetails, plain: Any, keys: KeyPath, where: At) -> Finding:
    kind, context = error["type"], error.get("ctx", {})
    value = _value_at(plain, keys)
    name = _name(keys)
    at = _below(where, keys, "value")
    if kind in ("literal_error", "union_tag_invalid"):
        expected = str(context.get("expected") or context["expected_tags"])
        if kind == "union_tag_invalid":
            name, value = context["discriminator"].strip("'"), context["tag"]
            at = _below(where, (*keys, name), "value")
        choices = [choice.strip().strip("'") for choice in expected.replace(" or ", ", ").split(",")]
        help_ = did_you_mean(str(value), choices)
        return Finding("SCHEMA003", f"{name} is {_shown(value)}, not one of {', '.join(choices)}", at, help_)
    if kind in _EXPECTED:
        return Finding("SCHEMA003", f"{name} must be {_EXPECTED[kind]}, not {_shown(value)}", at)
    reason = str(context["error"]) if kind == "value_error" else error["msg"]
    return Finding("SCHEMA003", f"{name} is {_shown(value)}: {reason}", at)


def _below(where: At, keys: KeyPath, part: Part) -> At:
    return At(where.path, (*where.keys, *keys), part, where.document)


def _is_tagged(declared: Any) -> bool:
    return get_origin(declared) is Annotated and any(isinstance(mark, Tagged) for mark in get_args(declared))


def _keys_in(plain: Any, loc: tuple[int | str, ...]) -> KeyPath:
    """The part of pydantic's location that leads through the data; what it adds for unions leads nowhere."""
    keys: list[str | int] = []
    for step in loc:
        if isinstance(plain, dict) and step in plain:
            plain = plain[step]
        elif isinstance(plain, list) and isinstance(step, int) and step < len(plain):
            plain = plain[step]  # the same words, but another type for the type checker
        else:
            continue
        keys.append(step)
    return tuple(keys)


def _value_at(plain: Any, keys: KeyPath) -> Any:
    for step in keys:
        plain = plain[step]
    return plain


def _name(keys: KeyPath) -> str:
    """What a message calls the value at a key path: its key, or which item it is of the list that has a key."""
    key = keys[-1] if keys else None
    if isinstance(key, int):
        return f"item {key + 1} of {_name(keys[:-1])}" if keys[:-1] else f"item {key + 1}"
    if key is None:
        return "this"
    return key if len(key) <= _LONGEST else key[: _LONGEST - 1] + "…"


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= _LONGEST:
        return text
    return text[: _LONGEST - 2] + ('…"' if isinstance(value, str) else "…")
