"""What a drill asks of a tool that holds a backup, and of a kind of data that is in it (decision 27).

Each tool is a module of `svcops.recovery.repositories`, each kind of data one of `svcops.recovery.data`; a drill knows
neither (`svcops.recovery.registry`). What a tool or a server says goes to the log of the stage.
"""

import errno
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from svcops.errors import SvcopsError
from svcops.recovery.model import Fingerprint
from svcops.recovery.plan import Reason
from svcops.store.frozen import frozen

if TYPE_CHECKING:
    from svcops.runbooks.processes import Ended, Keeper

MOST_HEARD = 50_000_000
"""Bytes of what one command says that are read for what they mean."""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NOT_DONE_HERE = re.compile(
    r"permission denied|authentication failed|wrong passw|host key verification|connection (?:refused|reset|timed out)"
    r"|no route to host|network is unreachable|(?:could not|cannot) resolve|name or service not known|timed out"
    r"|command not found",
    re.IGNORECASE,
)
_NO_ROOM_SAID = ("no space left on device", "disk quota exceeded", "file too large", "wrote only ")


class Failed(SvcopsError):
    """A reason why a drill does not pass, found on the way; `code` is the exit code of the command that ended badly."""

    def __init__(self, reason: Reason, text: str, code: int | None = None) -> None:
        super().__init__(text)
        self.reason = reason
        self.code = code


def failed(reason: Reason, what: str, error: OSError) -> Failed:
    """What an error of the system means: a full disk here says nothing of the backup."""
    return Failed("not-possible" if error.errno in _NO_ROOM else reason, f"{what}: {error.strerror or error}")


def says_nothing_of_the_backup(said: str) -> bool:
    """Whether a command of a plan says that it could not do its work here: a full disk, a host that does not answer."""
    return has_no_room(said) or bool(_NOT_DONE_HERE.search(said))


def has_no_room(said: str) -> bool:
    """Whether a tool says that a disk is full."""
    return any(one in said.lower() for one in _NO_ROOM_SAID)


@frozen
class Snapshot:
    """One state that a repository holds: its id, as the tool names it, and the time of its data."""

    id: str
    taken_at: datetime


@frozen
class Answer:
    """What a command said, and its exit code."""

    exit: int
    output: bytes
    is_cut: bool = False
    """Whether it said more than is read."""

    @property
    def text(self) -> str:
        """What it said; Failed (not-possible) where it ended well and said more than is read."""
        if self.is_cut and not self.exit:
            raise Failed("not-possible", f"{len(self.output):,} bytes of what it said were read, and there was more")
        return self.output.decode("utf-8", "replace")

    @property
    def last_line(self) -> str:
        """The last thing that was read of it."""
        lines = [line.strip() for line in self.output.decode("utf-8", "replace").splitlines() if line.strip()]
        return lines[-1] if lines else "it said nothing"


class Current:
    """The stage that is at work: where its log goes, until when it may take, the exit code of its last command."""

    def __init__(
        self, on_output: Callable[[bytes], None] = lambda _: None, limit: timedelta = timedelta(hours=1)
    ) -> None:
        self.exit: int | None = None
        self._discounted: dict[str, float] = {}
        self.begin(on_output, limit)

    def begin(self, on_output: Callable[[bytes], None], limit: timedelta) -> None:
        """Another stage begins."""
        self.log = on_output
        self.limit = limit
        self.exit = None
        self._end = time.monotonic() + limit.total_seconds()

    def discount(self, seconds: float, what: str) -> None:
        """Time that only the drill takes: kept out of the stage's limit and of recovery, and said in the record."""
        self._end += seconds
        self._discounted[what] = self._discounted.get(what, 0) + seconds
        self.log(f"{seconds:.1f} s do not count as recovery time: {what}\n".encode())

    @property
    def discounted(self) -> float:
        """Seconds of all stages that do not count as recovery."""
        return sum(self._discounted.values())

    @property
    def deviations(self) -> list[str]:
        """The same in words."""
        every = self._discounted.items()
        return [f"{seconds:.1f} s that do not count as recovery time: {what}" for what, seconds in every]

    def left(self) -> timedelta:
        """How much of its time is left; Failed (timed-out) where none is."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise Failed("timed-out", f"it took longer than {_span(self.limit)}, all tries of the tool among it")
        return timedelta(seconds=left)


@frozen
class Work:
    """What a stage works with: the keeper of all commands, a scratch folder, and the stage itself."""

    kept: "Keeper | None"
    """None where nothing may be run."""
    scratch: Path
    root: Path
    """The top of the store, where relative paths of a plan begin."""
    env: Mapping[str, str]
    now: Callable[[], datetime]
    current: Current

    def aside(self, name: str) -> "Work":
        """Another scratch folder, below this one, for work whose time is not that of a recovery."""
        return replace(self, scratch=self.scratch / name, current=Current(self.log, self.current.left()))

    def place(self, path: str) -> Path:
        """A path of a plan."""
        return self.root / path

    def log(self, data: bytes) -> None:
        """Add to the log of the stage."""
        self.current.log(data)

    def run(
        self,
        argv: Sequence[str],
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        edit: Callable[[str], str] | None = None,
        *,
        name: str = "",
        is_data: bool = False,
    ) -> Answer:
        """Run a command to its end within what is left of the stage's time, with `env` beside the whole environment.

        What `edit` takes out of what it says is neither logged nor answered; it is logged at the end then. What it says
        on standard error is no part of the answer where that `is_data`. `name` is the program, where others run it.
        Failed (timed-out) at the limit, (not-possible) where it is not there or was ended by somebody else.
        """
        from svcops.runbooks.processes import Command

        assert self.kept, "a keeper is there where commands are run"
        heard, warned, said = bytearray(), bytearray(), 0

        def hear(data: bytes) -> None:
            nonlocal said
            said += len(data)
            heard.extend(data[: max(0, MOST_HEARD - len(heard))])
            if edit is None:
                self.log(data)

        def hear_apart(data: bytes) -> None:
            warned.extend(data[: max(0, MOST_HEARD - len(warned))])
            self.log(data)

        self.log(f"$ {' '.join(argv)}\n".encode("utf-8", "surrogateescape"))
        command = Command(tuple(argv), {**self.env, **(env or {})}, cwd or self.root, self.current.left())
        try:
            ended = self.kept.run(command, hear, hear_apart if is_data else None)
        finally:
            if edit:
                kept = edit(heard.decode("utf-8", "surrogateescape"))
                heard = bytearray(kept.encode("utf-8", "surrogateescape"))
                self.log(bytes(heard))
        self.current.exit = ended.exit
        code = self._code_of(name or argv[0], ended)
        return Answer(code, bytes(heard + warned if code else heard), said > MOST_HEARD)

    def _code_of(self, name: str, ended: "Ended") -> int:
        if ended.why == "limit":
            limit = _span(self.current.limit)
            raise Failed("timed-out", f"{name} took longer than {limit}, with all that it tried again, and was ended")
        if ended.exit is None:
            raise Failed("not-possible", f"{name} was ended from outside, by a signal")
        if ended.exit in (126, 127):
            raise Failed("not-possible", f"{name} cannot be run: it is not installed, or not on the PATH", ended.exit)
        return ended.exit


class Repository(Protocol):
    """Where the backup lies."""

    def snapshots(self) -> list[Snapshot]:
        """What it holds, the oldest first; Failed where that cannot be listed."""

    def fetch(self, snapshot: str, folder: Path) -> None:
        """Bring a snapshot into a folder that is there and empty; Failed where it does not come, or not whole."""

    def keep(self, folder: Path) -> Snapshot:
        """Keep a folder as a new snapshot; Failed where it is not kept."""

    def forget(self, snapshot: str) -> None:
        """Take a snapshot away; Failed (not-possible) where that cannot be. Done to copies alone, as damage."""

    def copied(self, to: Path) -> "Repository":
        """The same over a copy of it below `to`, for damage; Failed (not-possible) where it lies on no disk here."""

    def files(self, snapshot: str) -> list[Path]:
        """Its files in which content of a snapshot lies, or may lie, the largest first: what damage is done to."""

    @property
    def top(self) -> Path:
        """The folder in which `files` are."""

    def versions(self) -> dict[str, str]:
        """The versions of what it takes."""


class DataSet(Protocol):
    """One kind of data of a backup."""

    def export(self, folder: Path) -> Fingerprint:
        """Take the data in, into a folder that becomes a snapshot, with the fingerprint of exactly that state."""

    def load(self, folder: Path) -> None:
        """Make it usable from a fetched folder: start what serves it. Failed where it does not load."""

    def fingerprint(self) -> Fingerprint:
        """Of what was loaded, in full."""

    def stop(self) -> None:
        """End what `load` started, if it did."""

    def change_one_value(self, folder: Path) -> str:
        """In an exported folder, make one value another; what was changed, in words."""

    def versions(self) -> dict[str, str]:
        """The versions of what it takes."""


def _span(limit: timedelta) -> str:
    from svcops.timing.model import format_duration

    return format_duration(limit)
