"""Commands and all that they start: run to an end, to a limit, or until they are ended (decision 26, "Processes")."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self, get_args

from svcops.errors import BadInput, NotDone
from svcops.runbooks import keeper
from svcops.store.frozen import frozen

if TYPE_CHECKING:
    from subprocess import Popen

Why = Literal["exit", "limit", "stopped", "signal"]

_CHUNK = 65536
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that some caller may turn into an exception."""
_PAUSE = 0.01
_LAG = 0.2
"""Seconds in which a holder is gone below which nothing is any more."""
_PATIENCE = 15.0
"""Seconds in which a holder has ended what is below it, with some to spare."""


@frozen
class Command:
    """A program with its arguments, its whole environment, the folder it runs in, and how long it may take."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    limit: timedelta


@frozen
class Ended:
    """How a command ended."""

    exit: int | None
    """Its exit code; 127 or 126 where it could not be started, as in shells; None where it was ended from outside."""
    why: Why
    """exit: by itself. limit: at its time limit. stopped: by us. signal: by a signal of somebody else."""
    started_at: datetime
    ended_at: datetime
    seconds: float
    """How long it ran, by a clock that is never set."""


class KeeperGone(NotDone):
    """The program that holds the commands was ended by somebody."""

    def __init__(self) -> None:
        super().__init__(
            "the process that holds the commands was ended from outside, and they with it",
            help="Start it again; what is done is kept.",
        )


class Service:
    """A command that goes on, such as a database server, until it is stopped."""

    def __init__(self, of: "Keeper", number: str) -> None:
        self._keeper = of
        self._number = number

    @property
    def ended(self) -> Ended | None:
        """How it ended; None while it runs. KeeperGone."""
        is_there = self._keeper._hear(0)  # noqa: SLF001 - the two are one
        found = self._keeper._ended.get(self._number)  # noqa: SLF001
        if not is_there and found is None:
            raise self._keeper._gone()  # noqa: SLF001
        return found

    def stop(self, number: signal.Signals = signal.SIGTERM, within: timedelta = timedelta(seconds=30)) -> Ended:
        """Ask it to end by a signal; what is still there `within` that time, and all that it started, is ended."""
        of = self._keeper
        if self.ended is None:
            of._say("signal", self._number, str(int(number)))  # noqa: SLF001
            of._wait_for(self._number, within.total_seconds())  # noqa: SLF001
        return of._stop(self._number)  # noqa: SLF001


class Keeper:
    """All commands of one run. `scratch` is removed at the end, also where svcops is killed.

    `then` is a command, run only where svcops was killed, when everything else is over: it closes the run.
    """

    def __init__(self, scratch: Path | None = None, then: Sequence[str] = ()) -> None:
        self._scratch = scratch
        self._then = tuple(then)
        self._process: Popen[bytes] | None = None
        self._channel = socket.socket()
        self._waiting = bytearray()
        self._ended: dict[str, Ended] = {}
        self._holders: list[int] = []
        self._number = 0

    def __enter__(self) -> Self:
        """Start the program that holds the commands."""
        import subprocess

        ours, theirs = socket.socketpair()
        keeper.take_in_orphans()  # what it holds, where it is killed
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", keeper.__file__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # no ^C of a terminal reaches it
            )
        self._channel.close()
        self._channel = ours
        self._say("begin", str(self._scratch or ""), *self._then)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End everything, and remove the scratch folder."""
        self.end_all()

    def run(
        self, command: Command, on_output: Callable[[bytes], None], on_errors: Callable[[bytes], None] | None = None
    ) -> Ended:
        """Run a command to its end; what it says goes to `on_output` as it comes, on both streams in their order.

        With `on_errors`, what it says on standard error goes there, and in what order the two came is not known. What
        it leaves running goes on, unheard, until the end. KeeperGone; whatever else is raised meanwhile, ^C among it,
        is raised again once all of the command is ended.
        """
        heard, said = os.pipe()
        hearing = {heard: on_output}
        wrong = os.dup(said)
        if on_errors:
            os.close(wrong)
            apart, wrong = os.pipe()
            hearing[apart] = on_errors
        try:
            number = self._start(command, said, wrong)
            try:
                self._listen(number, hearing)
            except BaseException:
                self._drain(hearing)  # who writes into a full pipe would not end
                self._stop(number)
                raise
            self._drain(hearing)
        finally:
            for one in hearing:
                os.close(one)
        return self._ended[number]

    def serve(self, command: Command, log: Path) -> Service:
        """Start a command that goes on; what it says is added to the file `log`."""
        said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        return Service(self, self._start(command, said, os.dup(said)))

    def end_all(self) -> None:
        """End all commands with all that they started, remove the scratch folder, and let the keeper go."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(KeeperGone):
            self._say("close")
            while self._hear(None):
                pass
        self._channel.close()
        process.wait()
        self._see_to_holders()
        if self._scratch:
            keeper.remove(str(self._scratch))
        keeper.take_in_orphans(on=False)

    def _start(self, command: Command, said: int, wrong: int) -> str:
        """Have a command started, whose streams go to two file descriptors, which are closed here."""
        self._number += 1
        number = str(self._number)
        env = [f"{name}={value}" for name, value in command.env.items()]
        limit = str(command.limit.total_seconds())
        fields = ("run", number, limit, str(command.cwd), str(len(command.argv)), *command.argv, *env)
        try:
            told = keeper.message_of(*fields)
            sent = socket.send_fds(self._channel, [told], [said, wrong])
            self._channel.sendall(told[sent:])
        except OSError:
            raise self._gone() from None
        except ValueError:
            raise BadInput(
                "a command, or its environment, holds a NUL character", help="No program takes one."
            ) from None
        finally:
            os.close(said)
            os.close(wrong)
        return number

    def _listen(self, number: str, hearing: Mapping[int, Callable[[bytes], None]]) -> None:
        """Hand on what a command says until it is over."""
        from select import POLLIN, poll

        every = poll()
        every.register(self._channel, POLLIN)
        for heard in hearing:
            every.register(heard, POLLIN)
            os.set_blocking(heard, False)
        while number not in self._ended:
            ready = [fd for fd, _ in every.poll()]
            for heard in hearing:
                if heard in ready and not _hand_on(heard, hearing[heard]):
                    every.unregister(heard)  # it closed its streams, and goes on
            if self._channel.fileno() in ready and not self._hear(0):
                raise self._gone()
        for heard, on_output in hearing.items():
            while _hand_on(heard, on_output):
                pass

    def _drain(self, hearing: Iterable[int]) -> None:
        """Have the keeper read, and drop, what is said from now on."""
        for heard in hearing:
            with suppress(OSError):  # a keeper that is gone needs to read nothing
                socket.send_fds(self._channel, [keeper.message_of("drain")], [heard])

    def leaves_something(self) -> bool:
        """Whether something runs yet that commands started which are over."""
        end = time.monotonic() + _LAG
        while (there := any(map(_is_there, self._holders))) and time.monotonic() < end:
            self._hear(_PAUSE)
        return there

    def _stop(self, number: str) -> Ended:
        """End a command with all that it started, and wait until it is."""
        with suppress(KeeperGone):
            self._say("stop", number)
        while number not in self._ended and self._hear(None):
            pass
        if number not in self._ended:
            raise self._gone()
        return self._ended[number]

    def _wait_for(self, number: str, seconds: float) -> None:
        end = time.monotonic() + seconds
        while number not in self._ended and (left := end - time.monotonic()) > 0 and self._hear(left):
            pass

    def _say(self, *fields: str) -> None:
        try:
            self._channel.sendall(keeper.message_of(*fields))
        except OSError:
            raise self._gone() from None

    def _hear(self, seconds: float | None) -> bool:
        """Take in what the keeper says, waiting so long for it (None: for as long as it takes); False at its end."""
        from select import select

        if not select([self._channel], [], [], seconds)[0]:
            return True
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)  # ^C must not lose what was read
        try:
            told = self._channel.recv(_CHUNK)
            self._take(told)
        except OSError:
            return False
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return bool(told)

    def _take(self, told: bytes) -> None:
        self._waiting += told
        for what, *fields in keeper.messages_in(self._waiting):
            if what == "started":
                self._holders.append(int(fields[1]))
            elif what == "ended":
                self._ended[fields[0]] = _ended(*fields[1:])

    def _gone(self) -> KeeperGone:
        """The keeper is not there any more: see to what it held."""
        if self._process:
            self._process.kill()  # so its end is certain, and its holders are ours
            self._process.wait()
        self._see_to_holders()
        return KeeperGone()

    def _see_to_holders(self) -> None:
        """Wait for holders whose keeper died: each is told so by the kernel, and ends what is below it."""
        end = time.monotonic() + _PATIENCE
        holders, self._holders = self._holders, []
        for one in holders:
            with suppress(ChildProcessError):  # it went before its keeper did
                while not os.waitpid(one, os.WNOHANG)[0] and time.monotonic() < end:
                    time.sleep(_PAUSE)


def _is_there(process: int) -> bool:
    """Whether a process is, and is not over, by /proc; without that nobody knows."""
    try:
        stat = Path(f"/proc/{process}/stat").read_bytes()
    except OSError:
        return False
    return stat.rpartition(b")")[2].split()[0] not in b"ZX"


def _hand_on(heard: int, on_output: Callable[[bytes], None]) -> bool:
    """Hand on what is there to be read; False where nothing is."""
    try:
        data = os.read(heard, _CHUNK)
    except BlockingIOError:
        return False
    if data:
        on_output(data)
    return bool(data)


def _ended(why: str, code: str, started: str, ended: str, seconds: str) -> Ended:
    began, over = (datetime.fromtimestamp(float(one), UTC) for one in (started, ended))
    known: Why = next(one for one in get_args(Why) if one == why)
    return Ended(int(code) if code else None, known, began, over, float(seconds))
