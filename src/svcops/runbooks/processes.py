"""Commands of a run: each in a session of its own, ended with all that it started (decision 26, "Processes").

They are children of a small program beside, the keeper (`svcops.runbooks.keeper`), which ends them where svcops is
killed; where the keeper is killed, this does. Their standard input is empty.
"""

import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from svcops.errors import NotDone
from svcops.runbooks import keeper
from svcops.store.frozen import frozen

_LONGEST_END = 30.0
"""Seconds in which the keeper ends everything, before it is thought to hang."""
_CHUNK = 1 << 16


class CannotStart(NotDone):
    """A command that cannot be started: it is not installed, or no program."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name} cannot be started: {why}", help=f"Is it installed, and on PATH? command -v {name}")
        self.name = name


@frozen
class Command:
    """An argument list with the world that it is run in, and how long it may take."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    limit: timedelta


@frozen
class Ended:
    """How a command ended. `exit` is None where it was ended: at its `limit`, as it was `stopped`, by a `signal`."""

    exit: int | None
    why: Literal["exit", "limit", "stopped", "signal"]
    started_at: datetime
    ended_at: datetime
    seconds: float
    """By a clock that is never set."""
    signal: int | None = None
    """By which signal it was ended, where it was not us who did."""


class Keeper:
    """The keeper of one run: `with Keeper(...) as kept: kept.run(command, print)`.

    `scratch` is removed at the end, also where svcops is killed; `then` is run by the keeper in that case alone.
    `mark` is the id of the run, by which its processes are known.
    """

    def __init__(self, scratch: Path | None = None, then: Sequence[str] = (), *, mark: str = "") -> None:
        self.scratch = scratch
        self.is_clean: bool | None = None
        """Whether the scratch folder is gone; None before the end."""
        self._then = tuple(then)
        self.mark = mark or f"{os.getpid()}.{time.monotonic_ns()}"
        self._number = 0
        self._said: dict[int, dict[str, Any]] = {}
        self._text = b""

    def __enter__(self) -> Self:
        from subprocess import Popen

        keeper.adopt()
        self._control, theirs = socket.socketpair()
        words = [sys.executable, "-I", "-S", keeper.__file__, str(self.scratch or ""), *self._then]
        with theirs:
            self._process = Popen(words, stdin=theirs.fileno(), start_new_session=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._send({"do": "done"})
            self._control.settimeout(_LONGEST_END)
            while self.is_clean is None:
                self._hear()
        except (OSError, KeeperGone):
            self._take_over()
        finally:
            self._control.close()
            self._process.wait()
            keeper.adopt_no_more()

    def run(self, command: Command, on_output: Callable[[bytes], None]) -> Ended:
        """Run a command to its end, or to its limit; what it says comes as it says it, both streams together.

        CannotStart where there is no such program; KeeperGone where the keeper was killed.
        """
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        started_at, started = datetime.now(UTC), time.monotonic()
        try:
            try:
                number = self._start(command, writing)
            finally:
                os.close(writing)
            said = self._follow(number, reading, started + command.limit.total_seconds(), on_output)
        except KeeperGone:
            self._take_over()
            raise
        finally:
            os.close(reading)
        code, was_ended = said["exit"], said.get("ended")
        why: Literal["exit", "limit", "signal"] = "limit" if was_ended else "exit" if code >= 0 else "signal"
        number_of_signal = -code if why == "signal" else None
        took = time.monotonic() - started
        return Ended(code if why == "exit" else None, why, started_at, datetime.now(UTC), took, number_of_signal)

    def serve(self, command: Command, log: Path) -> "Service":
        """Start something that goes on, such as a database server; what it says goes to `log`."""
        with log.open("ab") as file:
            return Service(self, self._start(command, file.fileno()), command.argv[0])

    def end_all(self) -> None:
        """End everything that was started."""
        for number in [one for one, said in self._said.items() if "exit" not in said]:
            self.end(number)

    def end(self, number: int) -> int:
        """End a command and what it started; its exit code, below 0 for a signal."""
        self._send({"do": "end", "id": number})
        while "exit" not in self._said[number]:
            self._hear()
        return int(self._said[number]["exit"])

    def tell(self, number: int, what: signal.Signals) -> None:
        """Send a signal to a command."""
        self._send({"do": "signal", "id": number, "signal": int(what)})

    def exit_of(self, number: int, wait: float) -> int | None:
        """The exit code of a command; None where it has none within so many seconds."""
        deadline = time.monotonic() + wait
        while "exit" not in self._said[number]:
            left = max(deadline - time.monotonic(), 0)
            if not select.select([self._control], [], [], left)[0]:
                return None
            self._hear()
        return int(self._said[number]["exit"])

    def _start(self, command: Command, output: int) -> int:
        self._number += 1
        number = self._number
        env = {**command.env, keeper.MARK: f"{self.mark}:{number}"}
        asked = {"do": "start", "id": number, "argv": command.argv, "env": env, "cwd": str(command.cwd)}
        self._send(asked, output)
        self._said[number] = {}
        while not self._said[number]:
            self._hear()
        if why := self._said[number].get("error"):
            self._said[number]["exit"] = 127
            raise CannotStart(command.argv[0], why)
        return number

    def _follow(self, number: int, reading: int, deadline: float, on_output: Callable[[bytes], None]) -> dict[str, Any]:
        """Hand on what a command says until it ends; at the deadline, or where that is broken off, end it."""
        said, watched = self._said[number], [self._control.fileno(), reading]
        try:
            while "exit" not in said:
                left = deadline - time.monotonic()
                if left <= 0:
                    self.end(number)
                    said["ended"] = True
                    break
                ready, _, _ = select.select(watched, [], [], left)
                if reading in ready and not _hand_on(reading, on_output):
                    watched.remove(reading)
                if self._control.fileno() in ready:
                    self._hear()
        except KeeperGone:
            raise
        except BaseException:
            self.end(number)
            raise
        while _hand_on(reading, on_output):
            pass
        return said

    def _send(self, content: dict[str, Any], *files: int) -> None:
        data = json.dumps(content).encode() + b"\n"
        try:
            sent = socket.send_fds(self._control, [data], list(files)) if files else 0
            self._control.sendall(data[sent:])
        except OSError:
            raise KeeperGone from None

    def _hear(self) -> None:
        """Take in what the keeper says next."""
        data = self._control.recv(_CHUNK)
        if not data:
            raise KeeperGone
        *lines, self._text = (self._text + data).split(b"\n")
        for line in lines:
            content = json.loads(line)
            if "removed" in content:
                self.is_clean = content["removed"]
            else:
                self._said[content["id"]].update(content)

    def _take_over(self) -> None:
        """Do what the keeper would have done."""
        end_what_is_left(self.mark)
        self.is_clean = keeper.remove(str(self.scratch)) if self.scratch else True


class KeeperGone(NotDone):
    """The program beside was killed: all that it had started was ended."""

    def __init__(self) -> None:
        super().__init__("the program that keeps the commands of this run was killed", help="Run it again.")


@frozen
class Service:
    """Something that goes on while other commands run."""

    kept: Keeper
    number: int
    name: str

    def exit(self, wait: float = 0) -> int | None:
        """Its exit code; None where it goes on for so many seconds."""
        return self.kept.exit_of(self.number, wait)

    def stop(self, how: signal.Signals = signal.SIGTERM, wait: float = 60) -> int:
        """Ask it to end, and end it where it does not in so many seconds; its exit code, below 0 for a signal."""
        if self.exit() is None:
            self.kept.tell(self.number, how)
        code = self.exit(wait)
        return self.kept.end(self.number) if code is None else code


def end_what_is_left(mark: str) -> None:
    """End the processes of a run of which neither svcops nor the keeper is there any more."""
    keeper.end(lambda: keeper.family(keeper.marked(mark)))


def _hand_on(reading: int, on_output: Callable[[bytes], None]) -> bool:
    """Hand on what is there now; whether there was anything."""
    try:
        data = os.read(reading, _CHUNK)
    except BlockingIOError:
        return False
    if data:
        on_output(data)
    return bool(data)
