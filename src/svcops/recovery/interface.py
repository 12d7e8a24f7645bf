"""What a drill asks of a tool that holds a backup, and of a kind of data that is in it (decision 27).

Each tool is a module of `svcops.recovery.repositories`, each kind of data one of `svcops.recovery.data`; a drill knows
neither. What a tool or a server says goes to the log of the stage.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from svcops.errors import SvcopsError
from svcops.recovery.model import Fingerprint, Reason
from svcops.store.frozen import frozen

if TYPE_CHECKING:
    from svcops.runbooks.processes import Keeper


class Failed(SvcopsError):
    """A reason why a drill does not pass, found on the way; `code` is the exit code of the command that ended badly."""

    def __init__(self, reason: Reason, text: str, code: int | None = None) -> None:
        super().__init__(text)
        self.reason = reason
        self.code = code


@frozen
class Snapshot:
    """One state that a repository holds: its id, as the tool names it, and the time of its data."""

    id: str
    taken_at: datetime


@frozen
class Work:
    """What a stage works with: the keeper of all commands, a scratch folder, the log, and how long it may take."""

    kept: "Keeper"
    scratch: Path
    root: Path
    """The top of the store, where relative paths of a plan begin."""
    env: Mapping[str, str]
    log: Callable[[bytes], None]
    limit: timedelta

    def place(self, path: str) -> Path:
        """A path of a plan."""
        return self.root / path


class Repository(Protocol):
    """Where the backup lies."""

    def snapshots(self) -> list[Snapshot]:
        """What it holds, the oldest first; Failed where that cannot be listed."""

    def fetch(self, snapshot: str, folder: Path) -> None:
        """Bring a snapshot into a folder that is there and empty; Failed where it does not come, or not whole."""

    def keep(self, folder: Path) -> Snapshot:
        """Keep a folder as a new snapshot; Failed where it is not kept."""

    def copied(self, to: Path) -> "Repository":
        """The same over a copy of it below `to`, for damage; Failed (not-possible) where it lies on no disk here."""

    def files(self) -> list[Path]:
        """Its files in which content lies, the largest first: what damage can be done to."""

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
        """End what `load` started."""

    def change_one_value(self, folder: Path) -> str:
        """In an exported folder, make one value another; what was changed, in words."""

    def versions(self) -> dict[str, str]:
        """The versions of what it takes."""
