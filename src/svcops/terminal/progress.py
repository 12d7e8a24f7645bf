"""How far something that takes long has come: one line on standard error, on a terminal alone, after two seconds."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from svcops.terminal.session import Session, printable

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


@contextmanager
def telling(session: Session) -> Iterator[Callable[[str], None]]:
    """Gives what is told what is done now, and shows it: after two seconds the latest, from then on each."""
    if not session.stderr.isatty() or session.options.quiet:
        yield lambda _: None
        return
    latest, is_due, lock = "", False, threading.Lock()

    def show() -> None:
        print(f"{_CLEAR}{printable(latest)}", end="", file=session.stderr, flush=True)

    def begin() -> None:
        nonlocal is_due
        with lock:
            is_due = True
            show()

    def tell(what: str) -> None:
        nonlocal latest
        with lock:
            latest = what
            if is_due:
                show()

    timer = threading.Timer(_SILENT, begin)
    timer.daemon = True
    timer.start()
    try:
        yield tell
    finally:
        timer.cancel()
        with lock:
            if is_due:
                print(_CLEAR, end="", file=session.stderr, flush=True)
