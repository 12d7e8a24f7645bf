"""How far something that takes long has come: one line on standard error, on a terminal alone, after two seconds."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from svcops.terminal.session import Session

_SILENT = 2.0
"""Seconds."""
_CLEAR = "\r\x1b[K"


@contextmanager
def progress(session: Session, what: str, total: int, *, every: int = 50) -> Iterator[Callable[[int], None]]:
    """Gives what is told how many of `total` are done, and shows every so many; the line is gone at the end.

    Without a `total`, as nobody knows it, the number alone.
    """
    begun = time.monotonic()  # the session's clock stands still
    is_shown = False

    def tick(done: int) -> None:
        nonlocal is_shown
        if done % every == 0 and time.monotonic() - begun > _SILENT:
            is_shown = True
            of = f"{done:,} of {total:,}" if total else f"{done:,}"
            print(f"{_CLEAR}{of} {what}", end="", file=session.stderr, flush=True)

    try:
        yield tick if session.stderr.isatty() and not session.options.quiet else lambda _: None
    finally:
        if is_shown:
            print(_CLEAR, end="", file=session.stderr, flush=True)
