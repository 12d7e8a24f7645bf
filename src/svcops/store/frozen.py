"""Frozen dataclasses that cost nothing until they are used.

`dataclasses.fields`, `replace` and pydantic take them for what they are. But what `dataclass` would write and compile
anew for every class is shared here by all of them, and the `__init__` of a class is compiled when it is first called: a
call of svcops knows some seventy classes of records and uses a few, and that is a millisecond a class.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, FrozenInstanceError, dataclass, fields
from typing import Any, TypeVar

T = TypeVar("T")


def frozen(cls: type[T]) -> type[T]:
    """Make a class a frozen dataclass with slots, whose fields are given by keyword."""
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True, kw_only=True, match_args=False)(cls)
    made.__init__ = _init_once
    made.__setattr__ = made.__delattr__ = _refuse
    made.__eq__, made.__hash__, made.__repr__ = _equal, _hash, _repr
    made.__getstate__, made.__setstate__ = _values, _restore
    return made  # type: ignore[no-any-return]


def _init_once(self: Any, /, **values: Any) -> None:
    """Stands for the `__init__` of a class until it is first called."""
    cls = type(self)
    cls.__init__ = _init_of(cls)
    cls.__init__(self, **values)


def _init_of(cls: type[Any]) -> Any:
    """Compile `def __init__(self, *, title, tier=...)`; each field is set through its slot."""
    known: dict[str, Any] = {}
    parameters, lines = [], []
    for one in fields(cls):
        assert one.default_factory is MISSING, "a default of a record is a value"
        known[f"set_{one.name}"] = cls.__dict__[one.name].__set__
        default = ""
        if one.default is not MISSING:
            known[f"default_{one.name}"] = one.default
            default = f"=default_{one.name}"
        parameters.append(f", {one.name}{default}")
        lines.append(f"\n  set_{one.name}(self, {one.name})")
    text = f"def __init__(self, *{''.join(parameters)}):{''.join(lines)}"
    exec(text, known)  # noqa: S102 - of the names of fields alone, as dataclasses does it
    return known["__init__"]


def maker(cls: type[T], fields_by_key: Mapping[str, tuple[str, Callable[[Any], Any] | None]]) -> Callable[[Any], T]:
    """What makes a value of a frozen class from plain data that is known to be right: field by field, compiled.

    `fields_by_key` maps a key of the data to the field's name, and to what its value has to go through.
    """
    known: dict[str, Any] = {"new": object.__new__, "cls": cls}
    lines = ["self = new(cls)"]
    defaults = {one.name: one.default for one in fields(cls)}  # type: ignore[arg-type]
    for key, (name, again) in fields_by_key.items():
        known[f"set_{name}"] = cls.__dict__[name].__set__
        value = f"plain[{key!r}]"
        if again:
            known[f"again_{name}"] = again
            value = f"again_{name}({value})"
        if defaults[name] is not MISSING:
            known[f"default_{name}"] = defaults[name]
            value = f"{value} if {key!r} in plain else default_{name}"
        lines.append(f"set_{name}(self, {value})")
    exec("def make(plain):\n  " + "\n  ".join([*lines, "return self"]), known)  # noqa: S102 - of names of fields alone
    made: Callable[[Any], T] = known["make"]
    return made


def _refuse(self: Any, name: str, *_: Any) -> None:
    raise FrozenInstanceError(f"a record does not change: {type(self).__name__}.{name}")


def _values(self: Any) -> tuple[Any, ...]:
    return tuple(getattr(self, name) for name in self.__slots__)


def _restore(self: Any, values: tuple[Any, ...]) -> None:
    for name, value in zip(self.__slots__, values, strict=True):
        object.__setattr__(self, name, value)


def _equal(self: Any, other: object) -> Any:
    return _values(self) == _values(other) if type(other) is type(self) else NotImplemented


def _hash(self: Any) -> int:
    return hash((type(self), _values(self)))


def _repr(self: Any) -> str:
    shown = ", ".join(f"{name}={value!r}" for name, value in zip(self.__slots__, _values(self), strict=True))
    return f"{type(self).__qualname__}({shown})"
