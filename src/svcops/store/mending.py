"""Fixes that cannot be wrong, for a value or a key that validation refused.

A guess is no fix: each one here is the only thing that can have been meant, and what would stand there is validated
before the fix is offered. Where it is written, and whether its text can be changed, `svcops.checking.fixing` finds out.
"""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from svcops.checking.model import At, Edit, Fix, KeyPath
from svcops.store.declared import declared_at, keys_at, settle
from svcops.store.model import Matching
from svcops.timing.model import Days

_TRUTH = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?")
_PART = re.compile(
    r"(\d+)\s*(?:(w|weeks?)|(d|days?)|(h|hrs?|hours?)|(m|mins?|minutes?)|(s|secs?|seconds?))\b[\s,]*(?:and\s+)?"
)
_ONE_NAME = re.compile(r"[^\s,;]+")
_LOOSE = re.compile(r"[\s_-]+")
_SEVERITY_KEYS = ("severity", "severities")
_OF_DAYS = get_args(Days)[1]

_Way = tuple[Fix, Any]
"""A fix, and the value that would stand there."""


def fix_of_value(declared: Any, plain: Any, keys: KeyPath, at: At) -> Fix | None:
    """What mends the value at `keys`, of a record that should be `declared`; None where nothing is certain."""
    wanted = declared_at(declared, plain, keys)
    if wanted is None or not keys:
        return None
    value = plain
    for key in keys:
        value = value[key]
    found = [fix for fix, new in _ways(wanted, value, keys, at) if _accepts(wanted, new)]
    return found[0] if len(found) == 1 else None


def fix_of_key(declared: Any, plain: Any, keys: KeyPath, at: At) -> Fix | None:
    """What mends an unknown key that differs from one missing key in letter case, `-` and `_` alone.

    What is wrong with its value comes out once the key is right.
    """
    holder = plain
    for key in keys[:-1]:
        holder = holder[key]
    written = str(keys[-1])
    meant = [key for key in keys_at(declared, plain, keys[:-1]) if loose(key) == loose(written)]
    if len(meant) != 1:
        return None  # of most keys: whatever else stands there need not be looked at
    rivals = [key for key in holder if loose(str(key)) == loose(written)]
    if rivals != [written]:
        return None
    return Fix(f"write {meant[0]}", (Edit(at, meant[0]),))


def fix_of_word(choices: list[str], text: object, at: At) -> Fix | None:
    """What mends a text that is one of the choices but for letter case, `-`, `_` and spaces."""
    meant = [choice for choice in choices if isinstance(text, str) and loose(choice) == loose(text)]
    return _written(meant[0], at)[0] if len(meant) == 1 else None


def loose(text: str) -> str:
    """A word without letter case and without what joins its parts."""
    return _LOOSE.sub("", text).casefold()


def _ways(wanted: Any, value: Any, keys: KeyPath, at: At) -> Iterator[_Way]:
    """What could be meant by a value of another form than the one that is wanted."""
    settled = settle(wanted, value)
    if isinstance(value, str):
        yield from _of_text(wanted, value, keys, at)
    elif type(value) in (int, float, bool) and settled is str:
        yield Fix("put it in quotes", (Edit(at, how="quote"),)), json.dumps(value)
    if _is_list(wanted) and value is not None and not isinstance(value, list):
        is_one = not isinstance(value, str) or _ONE_NAME.fullmatch(value)
        if is_one:
            yield Fix("make it a list of one", (Edit(at, how="list"),)), [value]


def _of_text(wanted: Any, text: str, keys: KeyPath, at: At) -> Iterator[_Way]:
    word = text.strip().casefold()
    if word in _TRUTH:
        yield _written(_TRUTH[word], at)
    if _NUMBER.fullmatch(text):
        yield _written(json.loads(text), at, text)
    meant = [choice for choice in _choices(wanted) if loose(choice) == loose(text)]
    if len(meant) == 1:
        yield _written(meant[0], at)
    if _is_duration(wanted):
        span = _duration(text)
        if span:
            yield _written(span, at)
    if _is_lower_case_word(wanted, text, keys):
        yield _written(text.lower(), at)


def _written(value: Any, at: At, text: str = "") -> _Way:
    text = text or (value if isinstance(value, str) else json.dumps(value))
    return Fix(f"write {text}", (Edit(at, text),)), value


def _is_list(wanted: Any) -> bool:
    return get_origin(settle(wanted, [])) is tuple


def _choices(wanted: Any) -> list[str]:
    """The literal texts that a value may be; a literal may stand beside other forms in a union."""
    inner = get_args(wanted)[0] if get_origin(wanted) is Annotated else wanted
    if get_origin(inner) is Literal:
        return [choice for choice in get_args(inner) if isinstance(choice, str)]
    members = get_args(inner) if get_origin(inner) not in (tuple, dict) else ()
    return [choice for member in members if not isinstance(member, str) for choice in _choices(member)]


def _is_duration(wanted: Any) -> bool:
    return settle(wanted, "") is timedelta or any(mark.what.startswith("not a duration") for mark in _marks(wanted))


def _marks(wanted: Any) -> list[Matching]:
    """The patterns that a text must match, those of the members of a union among them."""
    inner = get_args(wanted) if get_origin(wanted) not in (tuple, dict, Literal) else ()
    of_members = [mark for member in inner if get_origin(member) for mark in _marks(member)]
    return [*(mark for mark in inner if isinstance(mark, Matching)), *of_members]


def _duration(text: str) -> str:
    """`1 h 30 min` as `1h30m`; nothing where the text is no span of time in words, the largest unit first."""
    words = re.sub(r"[A-Za-z]{2,}", lambda found: found[0].lower(), text.strip())
    parts: list[tuple[str, int]] = []
    end = 0
    for found in _PART.finditer(words):
        unit = next(number for number in range(2, 7) if found[number])
        if found.start() != end or (parts and unit <= parts[-1][1]):
            return ""
        parts.append((f"{int(found[1])}{'wdhms'[unit - 2]}", unit))
        end = found.end()
    return "".join(part for part, _ in parts) if end == len(words) else ""


def _is_lower_case_word(wanted: Any, text: str, keys: KeyPath) -> bool:
    """A day of the week, or a severity that is referred to: words of which only the lower-case form exists."""
    named = next((key for key in reversed(keys) if isinstance(key, str)), "")
    return text != text.lower() and (_OF_DAYS in _marks(wanted) or named in _SEVERITY_KEYS)


def _accepts(wanted: Any, value: Any) -> bool:
    try:
        _adapter(wanted).validate_json(json.dumps(value, allow_nan=False), strict=True)
    except (ValidationError, ValueError):
        return False
    return True


@cache
def _adapter(declared: Any) -> TypeAdapter[Any]:
    return TypeAdapter(declared)
