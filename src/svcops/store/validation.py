"""Plain data against the record it should be, by pydantic: strict, unknown keys refused, findings for a person."""

import json
import re
from collections.abc import Iterator
from functools import cache
from math import isfinite
from typing import Annotated, Any, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, to_json

from svcops.checking.model import At, Finding, KeyPath, Part
from svcops.store.declared import keys_at
from svcops.store.frozen import frozen
from svcops.store.hints import hint
from svcops.store.layout import kind_of_path
from svcops.store.mending import fix_of_key, fix_of_value, fix_of_word
from svcops.store.model import Tagged
from svcops.store.suggest import did_you_mean

_LONGEST = 60
"""Of a key or value in a message."""

_MOST = 100
"""Problems of one record that are told one by one; who has that many fixes their common cause."""

_MAX_BITS = 14_000
"""Some 4,200 digits: past 4,300 Python refuses to write a whole number as text."""

_PERHAPS_ODD = (b"NaN", b"Infinity", b"\\", b"\x7f")
"""What JSON holds where a number is none that it can carry, or a text holds a control character; or looks like it."""
_LONG = 4_000
"""Bytes in which a number may have too many digits."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

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
_OF_TYPE = {*_EXPECTED, "literal_error"}
"""What other members of a union say of a value in which one member found fault."""

_NUMBERS = "Write a number that JSON can carry, or put it in quotes if it is text."


def _schema_help(where: At) -> str:
    """Where to read what the keys of a record take."""
    found = kind_of_path(where.path)
    return f"svcops schema {found[0].name if found else 'KIND'} shows what every key takes."


def validate(declared: Any, plain: Any, where: At) -> tuple[Any, list[Finding]]:
    """The record that plain data describes, or None and what is wrong, each finding at its key below `where`."""
    try:
        text = to_json(plain, inf_nan_mode="constants")
    except ValueError:  # half of a character, which JSON can spell out: pydantic says what is wrong with it
        text = json.dumps(plain).encode()
    if len(text) > _LONG or any(one in text for one in _PERHAPS_ODD) or not text.isascii():
        odd = _number_beyond_json(plain, where) or _control_character(plain, where)
        if odd:
            return None, [odd]
    try:
        return _adapter(declared).validate_json(text), []
    except ValidationError as error:
        problems = _problems(declared, plain, error.errors(include_url=False, include_input=False))
        found = [_finding(declared, plain, one, where) for one in problems[:_MOST]]
        if len(problems) > _MOST:
            message = f"{len(problems) - _MOST:,} more values or keys are wrong here"
            found.append(Finding("SCHEMA003", message, where, "Mend these first; then the others are listed."))
        return None, found


def _number_beyond_json(plain: Any, where: At) -> Finding | None:
    """The first number that JSON cannot carry: not finite, or of more digits than Python reads."""
    for keys, value in _walk(plain):
        too_long = isinstance(value, int) and value.bit_length() > _MAX_BITS
        if too_long or (isinstance(value, float) and not isfinite(value)):
            message = f"{_name(keys)} is a number that is {'too long' if too_long else 'not finite'}"
            return Finding("SCHEMA003", message, _below(where, keys, "value"), _NUMBERS)
    return None


def _control_character(plain: Any, where: At) -> Finding | None:
    """The first character that a terminal would obey: no file holds one, but quoted text can spell it out."""
    for keys, value in _walk(plain):
        places: tuple[tuple[Part, Any], ...] = (("key", keys[-1] if keys else None), ("value", value))
        for part, text in places:
            found = _CONTROL.search(text) if isinstance(text, str) else None
            if found:
                message = f"{_shown(text)} holds the control character U+{ord(found.group()):04X}"
                help_ = "Take it out: terminals obey such characters, and nobody sees them."
                return Finding("SCHEMA003", message, _below(where, keys, part), help_)
    return None


def _walk(plain: Any) -> Iterator[tuple[KeyPath, Any]]:
    """Every value of a document with its key path, containers first; no recursion, as aliases may nest it deep."""
    yield (), plain
    waiting: list[tuple[KeyPath, Iterator[tuple[Any, Any]]]] = [((), _items(plain))]
    while waiting:
        above, items = waiting[-1]
        for key, value in items:
            yield (*above, key), value
            if isinstance(value, (dict, list)):
                waiting.append(((*above, key), _items(value)))
                break
        else:
            waiting.pop()


def _items(plain: Any) -> Iterator[tuple[Any, Any]]:
    return iter(plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ())


@cache
def _adapter(declared: Any) -> TypeAdapter[Any]:
    return TypeAdapter(declared)


@frozen
class _Problem:
    """What pydantic says of one place: a union reports every member that did not match."""

    keys: KeyPath
    error: ErrorDetails
    expected: str
    """What the value may be, where the type is what is wrong."""


def _problems(declared: Any, plain: Any, errors: list[ErrorDetails]) -> list[_Problem]:
    """One problem a place. Of a union, the member that came nearest speaks: the one that found fault deeper inside."""
    places: dict[tuple[KeyPath, str | int], list[ErrorDetails]] = {}
    for one in errors:
        loc = one["loc"][1:] if _is_tagged(declared) else one["loc"]
        about = {"missing": loc[-1] if loc else "", "unexpected_keyword_argument": "unknown"}.get(one["type"], "")
        places.setdefault((_keys_in(plain, loc), about), []).append(one)
    above = {keys[:depth] for keys, _ in places for depth in range(len(keys))}
    above |= {keys for keys, about in places if about}
    found = []
    for (keys, _), ones in places.items():
        of_other_members = _OF_TYPE if keys in above else _EXPECTED.keys()
        of_form = [one for one in ones if one["type"] not in of_other_members]
        if of_form or keys not in above:
            expected = " or ".join(dict.fromkeys(_EXPECTED.get(one["type"], "") for one in ones))
            found.append(_Problem(keys, of_form[0] if of_form else ones[0], expected))
    return found


def _finding(declared: Any, plain: Any, problem: _Problem, where: At) -> Finding:
    keys, error = problem.keys, problem.error
    kind = error["type"]
    if kind == "unexpected_keyword_argument":
        known = keys_at(declared, plain, keys[:-1])
        help_ = did_you_mean(str(keys[-1]), known) or f"Known here: {', '.join(known)}."
        at = _below(where, keys, "key")
        fix = fix_of_key(declared, plain, keys, at)
        return Finding("SCHEMA001", f"{_name(keys)} is not a key of this record", at, help_, fix=fix)
    if kind in ("missing", "union_tag_not_found"):
        name = error["loc"][-1] if kind == "missing" else error["ctx"]["discriminator"].strip("'")
        return Finding("SCHEMA002", f"the key {name} is missing", _below(where, keys, "key"), f"Add {name}: ...")
    return _wrong_value(declared, problem, plain, where)


def _wrong_value(declared: Any, problem: _Problem, plain: Any, where: At) -> Finding:
    keys, error = problem.keys, problem.error
    kind, context = error["type"], error.get("ctx", {})
    value = _value_at(plain, keys)
    name = _name(keys)
    at = _below(where, keys, "value")
    if kind in ("literal_error", "union_tag_invalid"):
        expected = str(context.get("expected") or context["expected_tags"])
        if kind == "union_tag_invalid":
            name = context["discriminator"].strip("'")
            value, at = value[name], _below(where, (*keys, name), "value")
        choices = [choice.strip().strip("'") for choice in expected.replace(" or ", ", ").split(",")]
        help_ = did_you_mean(str(value), choices) or f"Write {name}: {choices[0]}, or another of them."
        message = f"{name} is {_shown(value)}, not one of {', '.join(choices)}"
        return Finding("SCHEMA003", message, at, help_, fix=fix_of_word(choices, value, at))
    fix = fix_of_value(declared, plain, keys, at)
    if kind in _EXPECTED:
        message = f"{name} must be {problem.expected}, not {_shown(value)}"
        return Finding("SCHEMA003", message, at, hint(declared, plain, keys) or _schema_help(where), fix=fix)
    reason = str(context["error"]) if kind == "value_error" else error["msg"]
    return Finding("SCHEMA003", f"{name} is {_shown(value)}: {reason}", at, _schema_help(where), fix=fix)


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
    text = _CONTROL.sub(lambda found: f"\\u{ord(found.group()):04x}", json.dumps(value, ensure_ascii=False))
    if len(text) <= _LONGEST:
        return text
    return text[: _LONGEST - 2] + ('…"' if isinstance(value, str) else "…")
