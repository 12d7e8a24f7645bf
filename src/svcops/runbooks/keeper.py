"""The keeper: a program beside svcops whose descendants all commands are, so that every one of them can be ended.

It is started by its path, with `python -I -S`, and imports little, as it is waited for. Each command has a holder, a
process of its own that takes in what leaves its parent, whatever session it goes to (prctl(2), PR_SET_CHILD_SUBREAPER).
So all that a command started is below its holder, and nothing else is. A holder that is told to end (SIGTERM) ends what
is below it: SIGTERM, and SIGKILL after 2 s. Where its keeper dies the kernel tells it so (PR_SET_PDEATHSIG); where
svcops dies the keeper does, which sees the end of their channel.

Linux alone has this. Elsewhere, macOS among them, a command's process group is ended, and what left that is not found.

A message is its length in four bytes, and fields with NUL between them (`fields_of`). To the keeper: `begin`, scratch,
the command to run where svcops dies; `run`, number, limit in seconds, folder, how many arguments, these, the
environment, with the ends of two pipes, of standard output and error; `drain`, with one that nobody reads any more;
`signal`, number, signal; `stop`, number; `close`. From it: `started`, number, process; `ended`, number, why, exit,
time, time, seconds; `closed`.
"""

import fcntl
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress

GRACE = 2.0
"""Seconds between SIGTERM and SIGKILL."""
_GIVE_UP = 5.0
"""Seconds after SIGKILL: what is still there then cannot be ended, such as what waits for a broken disk."""
_PAUSE = 0.01
_LENGTH = 4
_MOST_FDS = 4
_REPORT = 3
"""The file descriptor of a holder on which it says how its command ended."""
_ALL_FDS = 1 << 20
_CHUNK = 65536
_LONGEST_WAIT = 3_600_000
"""Milliseconds that poll is asked to wait at once: it takes no more than 24 days of them."""
_SUBREAPER, _PDEATHSIG = 36, 1
"""Of prctl(2), in linux/prctl.h."""
_TOLD = (signal.SIGTERM, signal.SIGCHLD)
_NOT_FOUND, _NOT_RUN = 127, 126
"""Exit codes of what could not be run, as shells give them."""


def message_of(*fields: str) -> bytes:
    """A message of these fields."""
    told = b"\0".join(os.fsencode(one) for one in fields)
    if told.count(b"\0") != len(fields) - 1:
        raise ValueError("a field holds NUL")
    return len(told).to_bytes(_LENGTH, "big") + told


def messages_in(waiting: bytearray) -> Iterator[list[str]]:
    """The messages that have come whole, taken away from what waits."""
    while len(waiting) >= _LENGTH:
        end = _LENGTH + int.from_bytes(waiting[:_LENGTH], "big")
        if len(waiting) < end:
            return
        told = bytes(waiting[_LENGTH:end])
        del waiting[:end]
        yield [os.fsdecode(one) for one in told.split(b"\0")]


def take_in_orphans(*, on: bool = True) -> None:
    """Be the parent of what this process's descendants leave behind; without effect where the system has no such."""
    _prctl(_SUBREAPER, int(on))


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def below(above: int) -> list[int]:
    """The processes that descend from one and are not over, by /proc; without it nothing."""
    children: dict[int, list[tuple[int, bool]]] = {}
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else ():
        if name.isdecimal():
            with suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
                state, parent = file.read().rpartition(b")")[2].split()[:2]
                children.setdefault(int(parent), []).append((int(name), state in b"ZX"))
    found: list[int] = []
    waiting = [above]
    while waiting:
        for process, is_over in children.get(waiting.pop(), ()):
            waiting.append(process)
            if not is_over:
                found.append(process)
    return found


def remove(folder: str) -> None:
    """Take a folder away, also where what is in it may not be written."""
    from shutil import rmtree

    rmtree(folder, ignore_errors=True)
    if os.path.isdir(folder):
        with suppress(OSError):
            os.chmod(folder, 0o700)
        for place, _, _ in os.walk(folder):
            for name in os.listdir(place):
                if os.path.isdir(inner := os.path.join(place, name)) and not os.path.islink(inner):
                    with suppress(OSError):
                        os.chmod(inner, 0o700)
        rmtree(folder, ignore_errors=True)


class Holder:
    """The process above one command: it says how that ended, and ends what is below it."""

    def __init__(self, report: int) -> None:
        self.report = report
        self.main = 0
        self.began = 0.0

    def hold(self, argv: Sequence[str], cwd: str, env: dict[str, str]) -> None:
        """Run the command, and stay until nothing is below any more."""
        self.began = time.monotonic()
        self.main = os.fork()
        if not self.main:
            _become(argv, cwd, env)
        self._say("main", self.main, time.time())
        for standard in (1, 2):
            os.dup2(0, standard)
        while self._reap():
            if signal.sigwait(_TOLD) == signal.SIGTERM:
                self.end_all()

    def _say(self, *fields: object) -> None:
        with suppress(OSError):  # who would hear it is gone
            os.write(self.report, message_of(*map(str, fields)))

    def _reap(self) -> bool:
        """Take the exit codes of what ended; whether something is there yet."""
        with suppress(ChildProcessError):
            while True:
                process, status = os.waitpid(-1, os.WNOHANG)
                if not process:
                    return True
                if process == self.main:
                    code = os.waitstatus_to_exitcode(status)
                    self._say("over", code, time.time(), time.monotonic() - self.began)
        return False

    def end_all(self) -> None:
        """SIGTERM, then SIGKILL, to all that is below: again and again, as it may start more meanwhile."""
        self._signal(signal.SIGTERM)
        self._signal(signal.SIGCONT)  # what was stopped does not end before it goes on
        self._wait(GRACE)
        end = time.monotonic() + _GIVE_UP
        while self._reap() and time.monotonic() < end:
            self._signal(signal.SIGKILL)
            self._wait(_PAUSE)

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while self._reap() and time.monotonic() < end:
            time.sleep(_PAUSE)

    def _signal(self, number: signal.Signals) -> None:
        if sys.platform == "linux":
            for process in below(os.getpid()):
                with suppress(OSError):
                    os.kill(process, number)
        else:
            with suppress(OSError):
                os.killpg(self.main, number)


def _become(argv: Sequence[str], cwd: str, env: dict[str, str]) -> None:
    """In a new process: be the command, in a session of its own, that no terminal reaches."""
    try:
        os.setsid()
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.chdir(cwd)
        os.execvpe(argv[0], list(argv), env)  # noqa: S606 - no shell is wanted
    except (OSError, ValueError) as error:
        told = error.strerror if isinstance(error, OSError) else str(error)
        where = error.filename if isinstance(error, OSError) and error.filename == cwd else argv[0]
        os.write(2, os.fsencode(f"{where}: {told}\n"))
        os._exit(_NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_RUN)


class _Held:
    """What the keeper knows of a command and its holder."""

    def __init__(self, number: str, holder: int, report: int, limit: float) -> None:
        self.number = number
        self.holder = holder
        self.report = report
        self.until = time.monotonic() + limit
        self.main = 0
        self.waiting = bytearray()
        self.why = "exit"
        self.started = self.ended = time.time()
        self.seconds = 0.0
        self.code: int | None = None
        self.is_over = False
        self.is_told = False

    def stop(self, why: str) -> None:
        """Have all of it ended."""
        if not self.is_over:
            self.why = why
        self.until = float("inf")
        with suppress(OSError):
            os.kill(self.holder, signal.SIGTERM)

    def take(self, told: bytes) -> None:
        """What its holder says."""
        self.waiting += told
        for what, first, *rest in messages_in(self.waiting):
            if what == "main":
                self.main, self.started = int(first), float(rest[0])
            else:
                self.is_over, self.code = True, int(first)
                self.until = float("inf")  # what it left behind goes on
                self.ended, self.seconds = float(rest[0]), float(rest[1])

    def result(self) -> bytes:
        """How it ended: an exit code only where nobody ended it."""
        why = "signal" if self.why == "exit" and (self.code is None or self.code < 0) else self.why
        code = str(self.code) if why == "exit" else ""
        return message_of("ended", self.number, why, code, str(self.started), str(self.ended), str(self.seconds))


class _Keeper:
    """The loop that serves svcops: one channel, and a pipe from each holder."""

    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel
        self.waiting = bytearray()
        self.fds: list[int] = []
        self.held: dict[int, _Held] = {}
        self.drained: set[int] = set()
        self.poll = select.poll()
        self.scratch = ""
        self.then: list[str] = []
        self.is_open = True

    def serve(self) -> None:
        """Until svcops closes it, or dies."""
        self.poll.register(self.channel, select.POLLIN)
        while self.is_open:
            self._turn()
        if self.then:
            os.execvp(self.then[0], self.then)  # noqa: S606 - no shell is wanted

    def _turn(self) -> None:
        nearest = min((one.until for one in self.held.values()), default=float("inf"))
        wait = min(max(0.0, (nearest - time.monotonic()) * 1000 + 1), _LONGEST_WAIT)
        for fd, _ in self.poll.poll(wait):
            if fd in self.held:
                self._hear(fd)
            elif fd in self.drained:
                if not os.read(fd, _CHUNK):
                    self._forget(fd)
                    self.drained.discard(fd)
            elif fd == self.channel.fileno():
                self._receive()
        for one in self.held.values():
            if time.monotonic() >= one.until:
                one.stop("limit")

    def _receive(self) -> None:
        try:
            told, fds, _, _ = socket.recv_fds(self.channel, _CHUNK, _MOST_FDS)
        except OSError:
            told, fds = b"", []
        self.fds += fds
        if not told:
            self._close(is_dead=True)
            return
        self.waiting += told
        for what, *fields in messages_in(self.waiting):
            self._do(what, fields)

    def _do(self, what: str, fields: list[str]) -> None:
        if what == "begin":
            self.scratch, *self.then = fields
        elif what == "run":
            self._run(*fields)
        elif what == "drain":
            fd = self.fds.pop(0)
            self.drained.add(fd)
            self.poll.register(fd, select.POLLIN)
        elif what == "close":
            self._close(is_dead=False)
        else:
            for one in [one for one in self.held.values() if one.number == fields[0]]:
                if what == "stop":
                    one.stop("stopped")
                elif one.main and not one.is_over:
                    with suppress(OSError):
                        os.kill(one.main, int(fields[1]))

    def _run(self, number: str, limit: str, cwd: str, many: str, *words: str) -> None:
        streams = self.fds.pop(0), self.fds.pop(0)
        report, told = os.pipe()
        holder = os.fork()
        if not holder:
            _be_holder(streams, told, words[: int(many)], cwd, words[int(many) :])
        for one in (*streams, told):
            os.close(one)
        self.held[report] = _Held(number, holder, report, float(limit))
        self.poll.register(report, select.POLLIN)
        self._say(message_of("started", number, str(holder)))

    def _hear(self, fd: int) -> None:
        """What a holder says; its end means that nothing of its command is there any more."""
        one = self.held[fd]
        told = os.read(fd, _CHUNK)
        one.take(told)
        if not told:
            self._forget(fd)
            del self.held[fd]
            _reap()
        if not one.is_told and (not told or (one.is_over and one.why == "exit")):
            one.is_told = True
            self._say(one.result())

    def _forget(self, fd: int) -> None:
        self.poll.unregister(fd)
        os.close(fd)

    def _say(self, told: bytes) -> None:
        with suppress(OSError):  # it died: the end of the channel says so
            self.channel.sendall(told)

    def _close(self, *, is_dead: bool) -> None:
        """End everything, and take the scratch folder away."""
        self.poll.unregister(self.channel)
        for one in self.held.values():
            one.stop("stopped")
        while self.held:
            self._turn()
        Holder(-1).end_all()  # what lost its holder
        if self.scratch:
            remove(self.scratch)
        if not is_dead:
            self.then = []
            self._say(message_of("closed"))
        self.is_open = False


def _be_holder(streams: tuple[int, int], report: int, argv: Sequence[str], cwd: str, env: Sequence[str]) -> None:
    """In a new process: hold one command, with no file open but those that it needs."""
    keeper = os.getppid()
    signal.pthread_sigmask(signal.SIG_BLOCK, _TOLD)
    signal.signal(signal.SIGCHLD, lambda *_: None)  # some systems drop what nobody handles, also for sigwait
    above = [fcntl.fcntl(one, fcntl.F_DUPFD, _REPORT + 1) for one in (*streams, report)]
    nothing = fcntl.fcntl(os.open(os.devnull, os.O_RDWR), fcntl.F_DUPFD, _REPORT + 1)
    for number, one in enumerate((nothing, above[0], above[1])):
        os.dup2(one, number)
    os.dup2(above[2], _REPORT, inheritable=False)
    os.closerange(_REPORT + 1, _ALL_FDS if sys.platform == "linux" else os.sysconf("SC_OPEN_MAX"))
    _prctl(_SUBREAPER, 1)
    _prctl(_PDEATHSIG, signal.SIGTERM)
    try:
        if os.getppid() == keeper:
            Holder(_REPORT).hold(argv, cwd, dict(one.partition("=")[::2] for one in env))
    finally:
        os._exit(0)


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    take_in_orphans()
    with socket.socket(fileno=int(sys.argv[1])) as channel:
        channel.set_inheritable(False)
        _Keeper(channel).serve()
