"""How the rooms declare their commands: as plain data, of which Typer is made only where there is something to parse.

To import Typer takes half the time of a small call, and many calls have nothing for it: `svcops check`, `svcops
incident list`. The words are Typer's, so that a room reads as any Typer app does (`svcops.terminal.parsing`).
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from svcops.store.frozen import frozen

F = TypeVar("F", bound=Callable[..., Any])


class _Parameter:
    """What is said of a parameter in its annotation; an option's `names` begin with dashes."""

    def __init__(self, *names: str, metavar: str | None = None, help: str | None = None, hidden: bool = False) -> None:
        self.names = names
        self.metavar = metavar
        self.help = help
        self.hidden = hidden


class Option(_Parameter):
    """A parameter that is given by name."""


class Argument(_Parameter):
    """A parameter that is given by its place."""


@frozen
class Context:
    """What a command is called with: `obj` is the session."""

    obj: Any


@frozen
class Verb:
    """A command of a room; `examples` are command lines, one a line, shown at the end of its help."""

    name: str
    function: Callable[..., Any]
    examples: str = ""

    def is_enough(self) -> bool:
        """Whether it can be called without any parameter but the context."""
        code, known = self.function.__code__, len(self.function.__defaults__ or ())
        by_name = len(self.function.__kwdefaults__ or {})
        return known + 1 >= code.co_argcount and by_name == code.co_kwonlyargcount


class App:
    """The commands of a room."""

    def __init__(self, help: str = "", *, is_single: bool = False) -> None:
        self.help = help
        self.is_single = is_single
        """Whether its one command stands beside the nouns, and not below one."""
        self.verbs: list[Verb] = []

    def verb(self, name: str, *, examples: str = "") -> Callable[[F], F]:
        """Register a verb."""

        def register(function: F) -> F:
            self.verbs.append(Verb(name, function, examples))
            return function

        return register

    def put_in_order(self, names: str) -> None:
        """List the verbs in this order, with blanks between, whichever module they are in; others come last."""
        order = {name: number for number, name in enumerate(names.split())}
        self.verbs.sort(key=lambda one: order.get(one.name, len(order)))

    def called(self, words: Sequence[str]) -> Verb | None:
        """The command that these words call; None where they name none: help is asked for, or it is misspelt."""
        return next((one for one in self.verbs if self.is_single or (words and one.name == words[0])), None)

    def bare(self, words: Sequence[str]) -> Verb | None:
        """The command that these words call, where they say no more than its name and it needs no more."""
        called = self.called(words)
        is_bare = len(words) == (0 if self.is_single else 1)
        return called if called and is_bare and called.is_enough() else None


def single(function: Callable[..., Any], *, name: str, examples: str = "") -> App:
    """The app of a command that stands beside the nouns, such as `check`."""
    app = App(is_single=True)
    app.verbs.append(Verb(name, function, examples))
    return app
