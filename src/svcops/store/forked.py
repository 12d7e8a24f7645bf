"""Work that a second process does meanwhile: Python's own work, which a second core does half of."""

import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

_DONE = b"done"
"""Behind an answer that is whole."""


class Forked:
    """A child of this process that is at work; `result` waits for it."""

    def __init__(self, child: int, reading: int) -> None:
        self._child = child
        self._reading = reading

    def result(self) -> Any:
        """What the work gave; BrokenPipeError where the child did not end well."""
        try:
            with os.fdopen(self._reading, "rb") as pipe:
                answer = pipe.read()
            self._wait()
        except BaseException:
            self._stop()
            raise
        if not answer.endswith(_DONE):
            raise BrokenPipeError("the second process did not finish")
        # The bytes are those of this program's own child, which wrote them all: nobody else can have.
        return pickle.loads(answer.removesuffix(_DONE))  # noqa: S301

    def give_up(self) -> None:
        """Stop it: its result is not wanted any more."""
        os.close(self._reading)
        self._stop()

    def _stop(self) -> None:
        import signal

        with suppress(ProcessLookupError):
            os.kill(self._child, signal.SIGKILL)
        self._wait()

    def _wait(self) -> None:
        """Until it has ended; where whoever started us has us ignore children, nobody is told how."""
        with suppress(ChildProcessError):
            os.waitpid(self._child, 0)


def start(work: Callable[[], Any]) -> Forked | None:
    """Begin the work in a second process; None where there can be none, or nothing would be gained.

    Nor where there are other threads, as in a server: what one of them holds at that moment, such as a lock, the child
    would wait for for ever. What both would share and must not, such as a connection to a database, is closed by the
    caller before.
    """
    import threading

    if not hasattr(os, "fork") or (os.cpu_count() or 1) < 2 or threading.active_count() > 1:
        return None
    reading, writing = os.pipe()
    try:
        child = os.fork()
    except OSError:
        os.close(reading)
        os.close(writing)
        return None
    if child == 0:
        _send(reading, writing, work)
    os.close(writing)
    return Forked(child, reading)


def _send(reading: int, writing: int, work: Callable[[], Any]) -> NoReturn:
    """What the second process does, and all it does. It keeps no end to read from: its parent's death must show."""
    status = 1
    try:
        os.close(reading)
        with os.fdopen(writing, "wb") as out:
            out.write(pickle.dumps(work()) + _DONE)
        status = 0
    finally:
        os._exit(status)
