"""How far something that takes long has come: one line on standard error, on a terminal alone, after two seconds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from svcops.terminal.session import Session

_SILENT = timedelta(seconds=2)
_EVERY = 50
_CLEAR = "\r\x1b[K"


@contextmanager
def progress(session: Session, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Gives what is told how many of `total` are done; the line is gone at the end."""
    begun = session.now()
    is_shown = False

    def tick(done: int) -> None:
        nonlocal is_shown
        if done % _EVERY == 0 and session.now() - begun > _SILENT:
            is_shown = True
            print(f"{_CLEAR}{done:,} of {total:,} {what}", end="", file=session.stderr, flush=True)

    try:
        yield tick if session.stderr.isatty() and not session.options.quiet else lambda _: None
    finally:
        if is_shown:
            print(_CLEAR, end="", file=session.stderr, flush=True)
