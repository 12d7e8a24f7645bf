"""Typer, made of what a room declares: plain fast help, and no pydantic for parameters that are text, flags and paths.

Typer 0.29 builds a pydantic adapter for every parameter, the implicit --help included, which costs 80 ms a call.
The rooms' parameters need none of it: `_Plain` converts them. Where a Typer does not have the hook, it works as
usual, only slower (docs/decisions/0005-start-up.md).
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import FunctionType
from typing import Annotated, Any, get_args, get_origin

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from svcops.terminal.command import App, Argument, Context, Option

_GLOBAL = "Options of every command: svcops --help."


class _Plain:
    """Converts a parameter's text to `str`, `int`, `Path`, or a list of them."""

    def __init__(self, convert: Callable[[str], Any]) -> None:
        self.convert = convert

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value for the command's function; None and the empty list stand for what was not given."""
        many = param.multiple or param.nargs == -1
        if value is None:
            return () if many else None
        if (value == "" or (many and "" in value)) and _was_typed(param, ctx):
            what = "say it." if param.required else "leave it out where there is none."
            raise typer.BadParameter(f"it must not be empty; {what}", ctx=ctx, param=param)
        try:
            return [self.convert(one) for one in value] if many else self.convert(value)
        except ValueError:
            raise typer.BadParameter(f"{value!r} is not a whole number.", ctx=ctx, param=param) from None


def _was_typed(param: Any, ctx: Any) -> bool:
    """Whether a value is none of the defaults: `--at "$WHEN"` in a script would silently be now."""
    source = ctx.get_parameter_source(param.name)
    return source is not None and source.name == "COMMANDLINE"


_CONVERTERS: dict[Any, Callable[[str], Any]] = {str: str, Path: Path, int: int, bool: bool}


def _make_plain(param: Any) -> None:
    descriptor = getattr(param, "type_descriptor", None)
    if descriptor is None or getattr(param, "_runtime_param", param) is not None:
        return
    annotation: Any = descriptor.annotation
    if get_origin(annotation) is list:
        annotation = get_args(annotation)[0]
    members = [member for member in get_args(annotation) if member is not type(None)]
    if len(members) == 1:
        annotation = members[0]
    if annotation in _CONVERTERS:
        param._runtime_param = _Plain(_CONVERTERS[annotation])  # noqa: SLF001 - the hook; see the module's docstring


class _PlainParameters:
    """Makes the parameters of a command, its --help among them, plain."""

    params: list[Any]

    def get_params(self, ctx: Any) -> list[Any]:
        params: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for param in params:
            _make_plain(param)
        return params


class Command(_PlainParameters, TyperCommand):
    """A verb."""

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        """The implicit --help, made plain before it is first parsed."""
        option = super().get_help_option(ctx)
        _make_plain(option)
        return option


class Room(_PlainParameters, TyperGroup):
    """A noun: a group of verbs, listed in the order in which they are used."""

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        """The implicit --help, made plain before it is first parsed."""
        option = super().get_help_option(ctx)
        _make_plain(option)
        return option


def command_of(app: App, words: Sequence[str] = ()) -> Any:
    """The Typer command of a room, or of a command that stands alone.

    Of a room that is called with `words` it has the verb they name alone: to make each of its verbs takes longer than
    to parse the words. It has them all where they name none.
    """
    made = _alone() if app.is_single else _group(app)
    called = app.called(words)
    for verb in [called] if called else app.verbs:
        lines = "\n".join(f"  {line}" for line in verb.examples.strip().splitlines())
        epilog = f"\b\nExamples:\n{lines}\n\n{_GLOBAL}" if lines else _GLOBAL
        made.command(verb.name, cls=Command, epilog=epilog)(_as_typer_reads_it(verb.function))
    return get_command(made)


def _alone() -> typer.Typer:
    return typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def _group(app: App) -> typer.Typer:
    made = typer.Typer(
        cls=Room,
        help=app.help,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        epilog=_GLOBAL,
    )
    made.callback()(_nothing)
    return made


def _as_typer_reads_it(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function with Typer's words in its annotations."""
    assert isinstance(function, FunctionType)
    parts = (function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__)
    made = FunctionType(*parts)
    made.__doc__, made.__kwdefaults__ = function.__doc__, function.__kwdefaults__
    made.__annotations__ = {name: _annotation(one) for name, one in function.__annotations__.items()}
    return made


def _annotation(declared: Any) -> Any:
    if declared is Context:
        return typer.Context
    if get_origin(declared) is not Annotated:
        return declared
    of, *marks = get_args(declared)
    return Annotated[(of, *map(_mark, marks))]


def _mark(declared: Any) -> Any:
    if isinstance(declared, Option):
        return typer.Option(*declared.names, metavar=declared.metavar, help=declared.help, hidden=declared.hidden)
    if isinstance(declared, Argument):
        return typer.Argument(metavar=declared.metavar, help=declared.help, hidden=declared.hidden)
    return declared


def _nothing() -> None:
    """Keeps a room with one verb a group."""
