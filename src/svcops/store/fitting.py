"""Plain data that surely is the record it should be, told without importing pydantic, which takes longer than a commit.

What fits here, pydantic accepts; what does not may yet be right, and pydantic decides and says what is wrong
(`svcops.store.validation`). Commands that go on from an event that was just written read nothing else.
"""

import types
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime, timedelta
from functools import cache
from math import isfinite
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from svcops.store.model import AtLeast, Described, Matching, Offers, Ref, Tagged, tag_of

Check = Callable[[Any], bool]
_LARGE = 2**31
_SAYS_NOTHING = (Ref, Offers, Described)
"""Marks of a field that are for others."""


@cache
def check_of(declared: Any) -> Check | None:
    """What says whether plain data surely is of this type; None for a type of which only pydantic knows."""
    origin, inner = get_origin(declared), get_args(declared)
    if origin is Annotated:
        return _annotated(*inner)
    if origin is Literal:
        return lambda plain: type(plain) is str and plain in inner
    if origin in (Union, types.UnionType):
        return _any_of([check_of(member) for member in inner])
    if origin is tuple:
        return _all_of(check_of(inner[0]))
    if origin is dict:
        return _values_of(check_of(inner[1]))
    return _record(declared) if is_dataclass(declared) else _SIMPLE.get(declared)


def _text(plain: Any) -> bool:
    """A text without any character that a terminal would obey."""
    return type(plain) is str and plain.replace("\n", "").isprintable()


_SIMPLE: dict[Any, Check] = {
    str: _text,
    bool: lambda plain: type(plain) is bool,
    int: lambda plain: type(plain) is int and -_LARGE < plain < _LARGE,
    float: lambda plain: type(plain) is float and isfinite(plain),
    types.NoneType: lambda plain: plain is None,
}


def _annotated(base: Any, *marks: Any) -> Check | None:
    for mark in marks:
        if isinstance(mark, Tagged):
            return _tagged(base, mark.key)
    if base in (datetime, timedelta):
        read = next(mark.read for mark in marks if hasattr(mark, "read"))
        return lambda plain: _text(plain) and _passes(read, plain)
    check = check_of(base)
    for mark in marks:
        if isinstance(mark, Matching | AtLeast):
            check = _marked(check, mark) if check else None
        elif not isinstance(mark, _SAYS_NOTHING):
            return None
    return check


def _marked(check: Check, mark: Matching | AtLeast) -> Check:
    return lambda plain: check(plain) and _passes(mark.check, plain)


def _passes(read: Callable[[Any], Any], plain: Any) -> bool:
    try:
        read(plain)
    except ValueError:
        return False
    return True


def _any_of(checks: list[Check | None]) -> Check | None:
    known = [check for check in checks if check]  # a member that only pydantic knows does not make the others less sure
    return (lambda plain: any(check(plain) for check in known)) if known else None


def _all_of(check: Check | None) -> Check | None:
    return (lambda plain: type(plain) is list and all(map(check, plain))) if check else None


def _values_of(check: Check | None) -> Check | None:
    if check is None:
        return None
    return lambda plain: type(plain) is dict and all(map(_text, plain)) and all(map(check, plain.values()))


def _tagged(union: Any, key: str) -> Check:
    members = {tag_of(member, key): check_of(member) for member in get_args(union) or (union,)}

    def check(plain: Any) -> bool:
        tag = plain.get(key) if type(plain) is dict else None
        inner = members.get(tag) if type(tag) is str else None
        return bool(inner and inner(plain))

    return check


def _record(declared: Any) -> Check | None:
    if hasattr(declared, "__post_init__"):
        return None
    hints = get_type_hints(declared, include_extras=True)
    checks = {one.name.rstrip("_"): check_of(hints[one.name]) for one in fields(declared)}
    needed = {one.name.rstrip("_") for one in fields(declared) if one.default is MISSING}

    def check(plain: Any) -> bool:
        if type(plain) is not dict or not needed <= plain.keys():
            return False
        for key, value in plain.items():  # not `all`: a generator costs as much as what it asks
            inner = checks.get(key)
            if inner is None or not inner(value):
                return False
        return True

    return check
