"""Typer, as every room uses it: plain fast help, and no pydantic for parameters that are text, flags and paths.

Typer 0.29 builds a pydantic adapter for every parameter, the implicit --help included, which costs 80 ms a call.
The rooms' parameters need none of it: `_Plain` converts them. Where a Typer does not have the hook, it works as
usual, only slower (docs/decisions/0005-start-up.md).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

F = TypeVar("F", bound=Callable[..., Any])
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


class App(typer.Typer):
    """The Typer app of a room."""

    def __init__(self, help: str) -> None:
        super().__init__(
            cls=Room,
            help=help,
            no_args_is_help=True,
            add_completion=False,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
            epilog=_GLOBAL,
        )
        self.callback()(_nothing)

    def verb(self, name: str, *, examples: str = "") -> Callable[[F], F]:
        """Register a verb; `examples` are command lines, one a line, shown at the end of its help."""
        lines = "\n".join(f"  {line}" for line in examples.strip().splitlines())
        epilog = f"\b\nExamples:\n{lines}\n\n{_GLOBAL}" if lines else _GLOBAL
        return self.command(name, cls=Command, epilog=epilog)

    def put_in_order(self, names: str) -> None:
        """List the verbs in this order, with blanks between, whichever module they are in; others come last."""
        order = {name: number for number, name in enumerate(names.split())}
        self.registered_commands.sort(key=lambda one: order.get(one.name or "", len(order)))


def single(function: Callable[..., Any], *, name: str, examples: str = "") -> typer.Typer:
    """The app of a command that stands beside the nouns, such as `check`."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    lines = "\n".join(f"  {line}" for line in examples.strip().splitlines())
    app.command(name, cls=Command, epilog=f"\b\nExamples:\n{lines}\n\n{_GLOBAL}" if lines else _GLOBAL)(function)
    return app


def _nothing() -> None:
    """Keeps a room with one verb a group."""
