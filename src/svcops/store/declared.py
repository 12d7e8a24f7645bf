"""What the annotations of a record declare at a place inside it: which keys there may be, of which type each value is.

A union is settled by the plain data that stands there: by its tag, or by its form (text, list, mapping).
"""

import types
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import import_module
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from svcops.checking.model import KeyPath
from svcops.store.model import Kind, Tagged, tag_of


def declared_of(kind: Kind) -> Any:
    """What the records of a kind are declared to be: a class, or a union of classes told apart by a tag."""
    module, _, attribute = kind.model.partition(":")
    return getattr(import_module(module), attribute)


def declared_at(declared: Any, plain: Any, keys: KeyPath) -> Any:
    """The type of the value at `keys` of plain data of the type `declared`; None where nothing is declared."""
    return _follow(declared, plain, keys)[0]


def keys_at(declared: Any, plain: Any, keys: KeyPath) -> tuple[str, ...]:
    """The keys that the record at `keys` of plain data may have; none where no record is declared to be."""
    declared, plain = _follow(declared, plain, keys)
    return tuple(fields_of(settle(declared, plain)))


def child(declared: Any, plain: Any, key: str | int) -> Any:
    """The type of one key or item of plain data of the type `declared`; None where nothing is declared."""
    settled = settle(declared, plain)
    if is_dataclass(settled):
        return fields_of(settled).get(str(key))
    origin = get_origin(settled)
    return get_args(settled)[0 if origin is tuple else 1] if origin in (tuple, dict) else None


def settle(declared: Any, plain: Any) -> Any:
    """The member of a union that plain data of this form is of; a type that is no union is that type, unmarked."""
    if get_origin(declared) is Annotated:
        inner, *marks = get_args(declared)
        tagged = next((mark for mark in marks if isinstance(mark, Tagged)), None)
        return _tagged(inner, tagged.key, plain) if tagged else settle(inner, plain)
    if get_origin(declared) not in (Union, types.UnionType):
        return declared
    members = [settle(member, plain) for member in get_args(declared) if member is not types.NoneType]
    if len(members) == 1:
        return members[0]
    return next((member for member in members if _is_of_form(member, plain)), None)


def fields_of(declared: Any) -> dict[str, Any]:
    """The keys of a record in the order of its fields, each with its type; empty where `declared` is no record."""
    return _fields_of(declared) if is_dataclass(declared) else {}  # type: ignore[arg-type]


@cache
def _fields_of(declared: Any) -> dict[str, Any]:
    hints = get_type_hints(declared, include_extras=True)
    return {one.name.rstrip("_"): hints[one.name] for one in fields(declared)}


def _follow(declared: Any, plain: Any, keys: KeyPath) -> tuple[Any, Any]:
    """The type of the value at `keys` and the value, each None where there is none."""
    for key in keys:
        declared = child(declared, plain, key)
        try:
            plain = plain[key]
        except (KeyError, IndexError, TypeError):
            plain = None
    return declared, plain


def _tagged(union: Any, key: str, plain: Any) -> Any:
    members = {tag_of(member, key): member for member in get_args(union) or (union,)}
    return members.get(str(plain.get(key))) if isinstance(plain, dict) else None


def _is_of_form(member: Any, plain: Any) -> bool:
    origin = get_origin(member)
    if isinstance(plain, dict):
        return is_dataclass(member) or origin is dict
    if isinstance(plain, list):
        return origin is tuple
    return not (is_dataclass(member) or origin in (dict, tuple)) and (origin is not Literal or isinstance(plain, str))
