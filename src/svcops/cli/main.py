"""The entry point: the fast answers first, then one room, and the one place where errors become exit codes."""

import sys

TYPE_CHECKING = False  # not from typing, whose import takes a third of the time of --version
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from pathlib import Path
    from typing import IO, NoReturn

    from svcops.errors import SvcopsError
    from svcops.terminal.session import Session


def main() -> None:
    """The console script."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from svcops import __version__

        print(f"svcops {__version__}")
        return
    sys.meta_path[:0] = [_Later("inspect"), _Later("ipaddress")]
    if not arguments or arguments in (["--help"], ["-h"]):
        from svcops.cli.nouns import help_text

        print(help_text())
    else:
        _leave(_run_in_this_process(arguments))


def _leave(status: int) -> "NoReturn":
    """End the process at once: taking a large store's values apart one by one takes a tenth of what reading it did."""
    import os
    from contextlib import suppress

    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody reads any more: whoever wrote last has said so
            stream.flush()
    os._exit(status)


class _Later:
    """Finds a module of the standard library that is loaded when it is first looked into (`importlib.util.LazyLoader`).

    Dataclasses import inspect for classes without a docstring, of which there are none here, and pathlib, by way of
    urllib, ipaddress for addresses in brackets: together they take an eighth of a short call.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def find_spec(self, name: str, path: object = None, target: object = None) -> "ModuleSpec | None":  # noqa: ARG002
        """The module, once; for whoever asks again, and for other modules, the finders after this one."""
        if name != self._name:
            return None
        from importlib.util import LazyLoader, find_spec

        sys.meta_path.remove(self)
        found = find_spec(name)
        if found and found.loader:
            found.loader = LazyLoader(found.loader)
        return found


def _run_in_this_process(arguments: list[str]) -> int:
    import gc
    import os
    from datetime import UTC, datetime

    from svcops.errors import SvcopsError
    from svcops.terminal.session import Session, take_options

    gc.disable()  # a call is short, and makes many small values that live as long as it does
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for the life of the process
        getattr(sys, name).reconfigure(errors="backslashreplace")
    try:
        options, rest = take_options(arguments)
    except SvcopsError as error:
        return _fail(error, sys.stderr)
    started = datetime.now(UTC)  # one now a call: every time that it records is measured from the same instant
    session = Session(
        options=options,
        cwd=_folder(),
        env=os.environ,
        stdin=sys.stdin,
        stdout=sys.stdout,
        stderr=sys.stderr,
        now=lambda: started,
        random_bytes=os.urandom,
    )
    try:
        status = run(session, rest)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status


def _folder() -> "Path | None":
    """The folder of the call; None where somebody removed it meanwhile."""
    from pathlib import Path

    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


def run(session: "Session", arguments: list[str]) -> int:
    """Run one command and return its exit code. Nothing a user can do leaves this function as an exception."""
    from svcops.errors import INTERRUPTED, NotDone, SvcopsError

    try:
        return _call(session, arguments)
    except KeyboardInterrupt:
        print("interrupted", file=session.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except SystemExit:  # Typer's answer to a reader that went away
        raise BrokenPipeError from None
    except SvcopsError as error:
        return _fail(error, session.stderr)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _fail(NotDone(f"{place}{error.strerror or error}"), session.stderr)
    except Exception as error:
        if _is_typers(error):
            return _usage(error, session)
        raise


def _call(session: "Session", arguments: list[str]) -> int:
    from importlib import import_module

    from svcops.cli.nouns import find, help_text, names
    from svcops.errors import BadInput

    if not arguments or arguments[0] in ("--help", "-h"):
        session.show(help_text())
        return 0
    if arguments == ["--version"]:
        from svcops import __version__

        session.show(f"svcops {__version__}")
        return 0
    _refuse_what_is_no_text(session, arguments)
    noun = find(arguments[0])
    if noun is None:
        from svcops.store.suggest import did_you_mean

        near = did_you_mean(arguments[0], names())
        raise BadInput(f"there is no command {arguments[0]!r}", help=near or "svcops --help lists them.")
    module, _, attribute = noun.app.partition(":")
    app = getattr(import_module(module), attribute)
    verb = app.bare(arguments[1:])
    if verb:
        from svcops.terminal.command import Context

        done = verb.function(Context(session))
    else:
        from svcops.terminal.parsing import command_of

        words = arguments[1:]
        made = command_of(app, words)
        done = made.main(args=words, prog_name=f"svcops {noun.name}", standalone_mode=False, obj=session)
    return done if isinstance(done, int) else 0


def _refuse_what_is_no_text(session: "Session", arguments: list[str]) -> None:
    """A record holds UTF-8 alone; only the name of a file that is there may be other bytes."""
    from os.path import join, lexists

    from svcops.errors import BadInput

    for word in arguments:
        try:
            word.encode()
        except UnicodeEncodeError:
            if not any(lexists(join(session.cwd or "", name)) for name in (word, word.partition("=")[2]) if name):
                raise BadInput(
                    f"{word} is not UTF-8 text", help="Set the terminal to UTF-8; iconv turns other texts into it."
                ) from None


def _is_typers(error: Exception) -> bool:
    from typer import Abort, Exit, TyperException

    return isinstance(error, (TyperException, Abort, Exit))


def _usage(error: Exception, session: "Session") -> int:
    """An error of the call itself, as Typer found it."""
    from typer import Abort, Exit

    from svcops.errors import BAD_INPUT, INTERRUPTED

    if isinstance(error, Exit):
        return error.exit_code
    if isinstance(error, Abort):
        print("interrupted", file=session.stderr)
        return INTERRUPTED
    if type(error).__name__ == "NoArgsIsHelpError":
        session.show(str(getattr(error, "message", "")))
        return BAD_INPUT
    context = getattr(error, "ctx", None)
    _say(f"error: {error.format_message()}", session.stderr)  # type: ignore[attr-defined]
    if context is not None:
        _say(f"{context.get_usage()}\n  help: {context.command_path} --help", session.stderr)
    return BAD_INPUT


def _fail(error: "SvcopsError", stream: "IO[str]") -> int:
    _say(f"error: {error.message}", stream)
    if error.help:
        lines = error.help.replace("\n", "\n        ")
        _say(f"  help: {lines}", stream)
    return error.exit_code


def _say(text: str, stream: "IO[str]") -> None:
    """An error often repeats what was typed, or what a file says: a terminal must obey none of it."""
    from svcops.terminal.session import printable

    print(printable(text), file=stream)
