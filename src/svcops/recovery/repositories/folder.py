"""Copies in a folder: one below it a snapshot, named by the time of its data. It takes nothing but a disk."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

from svcops.recovery.interface import Failed, Snapshot, Work
from svcops.recovery.model import FolderBackup
from svcops.store.frozen import frozen

_FORMAT = "%Y%m%dt%H%M%S.%fz"
_NEW = ".new"
"""What the name of a snapshot ends with that is not whole yet."""


@frozen
class Folder:
    """The folder of a plan."""

    plan: FolderBackup
    work: Work

    def snapshots(self) -> list[Snapshot]:
        """Its folders that are called by a time; Failed where it cannot be listed."""
        try:
            names = sorted(one.name for one in self._place.iterdir() if one.is_dir())
        except OSError as error:
            raise Failed("no-snapshot", f"{self.plan.repository} cannot be listed: {error.strerror}") from None
        return [Snapshot(name, moment) for name in names if (moment := _moment(name))]

    def fetch(self, snapshot: str, folder: Path) -> None:
        """A copy of the snapshot's folder."""
        try:
            copytree(self._place / snapshot, folder, symlinks=True, dirs_exist_ok=True)
        except OSError as error:
            raise Failed("fetch-failed", f"{snapshot} cannot be copied: {error.strerror or error}") from None

    def keep(self, folder: Path) -> Snapshot:
        """A copy under the time of now, whole or not at all."""
        moment = datetime.now(UTC)
        name = moment.strftime(_FORMAT)
        try:
            self._place.mkdir(parents=True, exist_ok=True)
            copytree(folder, self._place / f"{name}{_NEW}", symlinks=True)
            (self._place / f"{name}{_NEW}").rename(self._place / name)
        except OSError as error:
            raise Failed(
                "not-possible", f"{self.plan.repository}: nothing was kept: {error.strerror or error}"
            ) from None
        return Snapshot(name, moment)

    def copied(self, to: Path) -> "Folder":
        """A copy of all of it."""
        if not self._place.is_dir():
            raise Failed("not-possible", f"{self.plan.repository} is no folder here")
        copytree(self._place, to, symlinks=True)
        return replace(self, plan=replace(self.plan, repository=str(to)))

    def files(self) -> list[Path]:
        """Every file of every snapshot, the largest first."""
        every = [one for one in self._place.rglob("*") if one.is_file() and not one.is_symlink()]
        return sorted(every, key=lambda one: (-one.stat().st_size, str(one)))

    def versions(self) -> dict[str, str]:
        """It takes nothing."""
        return {}

    @property
    def _place(self) -> Path:
        return self.work.place(self.plan.repository)


def _moment(name: str) -> datetime | None:
    try:
        return datetime.strptime(name, _FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None
