"""Frozen dataclasses that cost nothing until they are used.

`dataclasses.fields`, `replace` and pydantic take them for what they are. But what `dataclass` would write and compile
anew for every class is shared here by all of them, and the `__init__` of a class is compiled when it is first called: a
call of svcops knows some two hundred classes and uses a few, and that is half a millisecond a class.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """Make a class a frozen dataclass with slots: a value, equal to others by its fields."""
    return _made(dataclass(init=False, repr=False, eq=False, slots=True, match_args=False)(cls))


def frozen_by_keyword(cls: type[T]) -> type[T]:
    """The same, of which the fields are given by keyword."""
    return _made(dataclass(init=False, repr=False, eq=False, slots=True, kw_only=True, match_args=False)(cls))


def _made(made: Any) -> type[T]:
    made.__init__ = _init_once
    made.__setattr__ = made.__delattr__ = _refuse
    made.__eq__, made.__hash__, made.__repr__ = _equal, _hash, _repr
    made.__getstate__, made.__setstate__ = _state, _restore
    compared = [one.name for one in made.__dataclass_fields__.values() if one.compare]
    made.__values__ = attrgetter(*compared) if compared else staticmethod(_nothing)
    return made  # type: ignore[no-any-return]


def _init_once(self: Any, /, *given: Any, **named: Any) -> None:
    """Stands for the `__init__` of a class until it is first called."""
    cls = type(self)
    cls.__init__ = _init_of(cls)
    cls.__init__(self, *given, **named)


def _init_of(cls: type[Any]) -> Any:
    """Compile `def __init__(self, title, tier=...)`; each field is set through its slot."""
    known: dict[str, Any] = {}
    parameters, lines = [], []
    for one in fields(cls):
        known[f"set_{one.name}"] = getattr(cls, one.name).__set__
        parameter, given = one.name, one.name
        if one.default is not MISSING:
            known[f"default_{one.name}"] = one.default
            parameter = f"{one.name}=default_{one.name}"
        elif one.default_factory is not MISSING:
            known["absent"], known[f"make_{one.name}"] = MISSING, one.default_factory
            parameter, given = f"{one.name}=absent", f"make_{one.name}() if {one.name} is absent else {one.name}"
        if one.kw_only and "*" not in parameters:
            parameters.append("*")
        parameters.append(parameter)
        lines.append(f"\n  set_{one.name}(self, {given})")
    text = f"def __init__({', '.join(['self', *parameters])}):{''.join(lines) or ' pass'}"
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
        known[f"set_{name}"] = getattr(cls, name).__set__
        text = f"plain[{key!r}]"
        if again:
            known[f"again_{name}"] = again
            text = f"again_{name}({text})"
        if defaults[name] is not MISSING:
            known[f"default_{name}"] = defaults[name]
            text = f"{text} if {key!r} in plain else default_{name}"
        lines.append(f"set_{name}(self, {text})")
    exec("def make(plain):\n  " + "\n  ".join([*lines, "return self"]), known)  # noqa: S102 - of names of fields alone
    made: Callable[[Any], T] = known["make"]
    return made


def _refuse(self: Any, name: str, *_: Any) -> None:
    raise FrozenInstanceError(f"a value does not change: {type(self).__name__}.{name}")


def _nothing(_self: Any) -> tuple[()]:
    return ()


def _state(self: Any) -> tuple[Any, ...]:
    return tuple(getattr(self, name) for name in self.__dataclass_fields__)


def _restore(self: Any, state: tuple[Any, ...]) -> None:
    for name, held in zip(self.__dataclass_fields__, state, strict=True):
        object.__setattr__(self, name, held)


def _equal(self: Any, other: Any) -> Any:
    if type(other) is not type(self):
        return NotImplemented
    values: Callable[[Any], Any] = self.__values__
    return values(self) == values(other)


def _hash(self: Any) -> int:
    return hash((type(self), self.__values__(self)))


def _repr(self: Any) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__dataclass_fields__)
    return f"{type(self).__qualname__}({shown})"
