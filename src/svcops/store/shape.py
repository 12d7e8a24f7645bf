"""The shape of a record class, worked out once: how plain data becomes it again, which fields are references.

`rebuild` trusts its input: it is for data that pydantic has accepted before. `Shape` is the one place that walks type
annotations, so that a field is declared once and known everywhere.
"""

import types
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from svcops.checking.model import KeyPath
from svcops.store.frozen import frozen, maker
from svcops.store.model import Ref, Tagged, tag_of
from svcops.timing.model import parse_duration, trusted_instant

Rebuild = Callable[[Any], Any]
RefsOf = Callable[[Any, KeyPath], Iterator[tuple[KeyPath, Ref, str]]]
Named = tuple[tuple[str, ...], str]
"""A name with the kinds it may be of."""
NamesOf = Callable[[Any, Callable[[Named], None]], None]


@frozen
class Shape:
    """`rebuild` makes a value from plain data (None where that is the value); `refs` yields its references.

    `names` gives the same references without their places, which is several times faster: nearly all lead somewhere.
    """

    rebuild: Rebuild | None
    refs: RefsOf | None = None
    names: NamesOf | None = None
    kinds: tuple[str, ...] | None = None
    """Of a reference, or one that may be left out: the kinds of records it may name."""


_PLAIN = Shape(None)


def rebuild(declared: Any, plain: Any) -> Any:
    """Plain data, accepted by pydantic before, as the record it describes."""
    make = shape_of(declared).rebuild
    return make(plain) if make else plain


def references(declared: Any, value: Any) -> Iterator[tuple[KeyPath, Ref, str]]:
    """The references of a record: key path, allowed kinds, the name written there."""
    walk = shape_of(declared).refs
    return walk(value, ()) if walk else iter(())


@cache
def shape_of(declared: Any) -> Shape:
    """The shape of a type as it stands in a record's annotations; TypeError for a type that records do not use."""
    origin = get_origin(declared)
    if origin is Annotated:
        return _annotated(declared)
    if declared in (str, int, float, bool, object, Any) or origin is Literal or declared is types.NoneType:
        return _PLAIN
    if origin in (Union, types.UnionType):
        return _optional(declared)
    if origin is tuple:
        return _items(shape_of(get_args(declared)[0]))
    if origin is dict:
        return _values(shape_of(get_args(declared)[1]))
    if is_dataclass(declared):
        return _record(declared)
    raise TypeError(f"{declared!r} is no type for a field of a record")


def _annotated(declared: Any) -> Shape:
    inner, *marks = get_args(declared)
    for mark in marks:
        if isinstance(mark, Ref):
            return _reference(mark)
        if isinstance(mark, Tagged):
            return _tagged(inner, mark.key)
    if inner is datetime:
        return Shape(trusted_instant)
    if inner is timedelta:
        return Shape(parse_duration)
    return shape_of(inner)


def _reference(mark: Ref) -> Shape:
    kinds = mark.kinds
    return Shape(
        None, lambda value, path: iter(((path, mark, value),)), lambda value, give: give((kinds, value)), kinds
    )


def _optional(declared: Any) -> Shape:
    members = [member for member in get_args(declared) if member is not types.NoneType]
    shapes = [shape_of(member) for member in members]
    if all(shape == _PLAIN for shape in shapes):
        return _PLAIN
    if len(shapes) > 1:
        return _by_form(members, shapes)
    make, refs, names = shapes[0].rebuild, shapes[0].refs, shapes[0].names
    return Shape(
        (lambda plain: None if plain is None else make(plain)) if make else None,
        (lambda value, path: iter(()) if value is None else refs(value, path)) if refs else None,
        (lambda value, give: None if value is None else names(value, give)) if names else None,
        shapes[0].kinds,
    )


def _by_form(members: list[Any], shapes: list[Shape]) -> Shape:
    """A union whose members differ in their plain form: text, mapping or list."""
    forms: dict[type, Shape] = {}
    for member, shape in zip(members, shapes, strict=True):
        form = (
            dict
            if is_dataclass(member) or get_origin(member) is dict
            else tuple
            if get_origin(member) is tuple
            else str
        )
        if form in forms:
            raise TypeError(f"{members!r} cannot be told apart by their form")
        forms[form] = shape
    plain_forms: dict[type, Shape] = {dict: forms.get(dict, _PLAIN), list: forms.get(tuple, _PLAIN)}

    def make(plain: Any) -> Any:
        inner = plain_forms.get(type(plain), forms.get(str, _PLAIN)).rebuild
        return inner(plain) if inner else plain

    def refs(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Ref, str]]:
        inner = forms.get(_form(value), _PLAIN).refs
        return inner(value, path) if inner and value is not None else iter(())

    def names(value: Any, give: Callable[[Named], None]) -> None:
        inner = forms.get(_form(value), _PLAIN).names
        if inner and value is not None:
            inner(value, give)

    return Shape(make, refs, names) if any(shape.refs for shape in shapes) else Shape(make)


def _form(value: Any) -> type:
    """The form that a value had before it was made a record."""
    return tuple if isinstance(value, tuple) else dict if isinstance(value, dict) or is_dataclass(value) else str


def _items(item: Shape) -> Shape:
    make, refs, names = item.rebuild, item.refs, item.names

    def all_refs(values: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Ref, str]]:
        for index, value in enumerate(values):
            yield from refs(value, (*path, index))  # type: ignore[misc]

    def all_names(values: Any, give: Callable[[Named], None]) -> None:
        for value in values:
            if item.kinds:
                give((item.kinds, value))
            else:
                names(value, give)  # type: ignore[misc]

    rebuild_all = (lambda plain: tuple(map(make, plain))) if make else tuple
    return Shape(rebuild_all, all_refs if refs else None, all_names if names else None)


def _values(value_shape: Shape) -> Shape:
    make, refs, names = value_shape.rebuild, value_shape.refs, value_shape.names

    def all_refs(values: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Ref, str]]:
        for key, value in values.items():
            yield from refs(value, (*path, key))  # type: ignore[misc]

    def all_names(values: Any, give: Callable[[Named], None]) -> None:
        for value in values.values():
            names(value, give)  # type: ignore[misc]

    return Shape(
        (lambda plain: {key: make(value) for key, value in plain.items()}) if make else None,
        all_refs if refs else None,
        all_names if names else None,
    )


def _tagged(union: Any, key: str) -> Shape:
    classes = get_args(union) or (union,)
    members = {tag_of(member, key): shape_of(member).rebuild for member in classes}
    by_class = {member: shape_of(member) for member in classes}

    def refs(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Ref, str]]:
        walk = by_class[type(value)].refs
        return walk(value, path) if walk else iter(())

    def names(value: Any, give: Callable[[Named], None]) -> None:
        inner = by_class[type(value)].names
        if inner:
            inner(value, give)

    def make(plain: Any) -> Any:
        return members[plain[key]](plain)  # type: ignore[misc]

    return Shape(make, refs, names) if any(shape.refs for shape in by_class.values()) else Shape(make)


def _record(declared: Any) -> Shape:
    hints = get_type_hints(declared, include_extras=True)
    shapes = {one.name.rstrip("_"): (one.name, shape_of(hints[one.name])) for one in fields(declared)}
    with_refs = [(key, name, shape.refs) for key, (name, shape) in shapes.items() if shape.refs]

    given = [(attrgetter(name), shape.kinds) for name, shape in shapes.values() if shape.kinds]
    with_names = [(attrgetter(name), shape.names) for name, shape in shapes.values() if shape.names and not shape.kinds]

    def refs(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Ref, str]]:
        for key, name, walk in with_refs:
            yield from walk(getattr(value, name), (*path, key))

    def names(value: Any, give: Callable[[Named], None]) -> None:
        for get, kinds in given:  # without a call each, as there are many
            name = get(value)
            if name is not None:
                give((kinds, name))
        for get, inner in with_names:
            inner(get(value), give)

    make = maker(declared, {key: (name, shape.rebuild) for key, (name, shape) in shapes.items()})
    return Shape(make, refs if with_refs else None, names if given or with_names else None)
