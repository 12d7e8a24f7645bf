"""Copies in a folder: one below it a snapshot, named by the time of its data. It takes nothing but a disk."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from svcops.recovery.copying import copy_of_all, copy_tree, remove
from svcops.recovery.interface import Failed, Snapshot, Work, failed
from svcops.recovery.plan import FolderBackup
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
            names = sorted(one.name for one in self.top.iterdir() if one.is_dir())
        except OSError as error:
            raise Failed("no-snapshot", f"{self.plan.repository} cannot be listed: {error.strerror}") from None
        for one in names:
            if _moment(one.removesuffix(_NEW)) and one.endswith(_NEW):
                self.work.log(f"{one} is no snapshot: it is not whole, or was not when this began\n".encode())
        return [Snapshot(name, moment) for name in names if (moment := _moment(name))]

    def fetch(self, snapshot: str, folder: Path) -> None:
        """A copy of the snapshot's folder."""
        copy_tree(self.top / snapshot, folder, self.work, "fetch-failed", f"{snapshot} cannot be copied")

    def keep(self, folder: Path) -> Snapshot:
        """A copy under the time of now, whole or not at all. What one left that was killed is taken away."""
        moment = self.work.now().astimezone(UTC)
        name = moment.strftime(_FORMAT)
        beside = self.top / f"{name}{_NEW}"
        what = f"{self.plan.repository}: nothing was kept"
        try:
            self.top.mkdir(parents=True, exist_ok=True)
            for one in self.top.glob(f"*{_NEW}"):
                _remove_what_nobody_holds(one)
            beside.mkdir()
            with _held(beside):
                copy_tree(folder, beside, self.work, "not-possible", what)
                beside.rename(self.top / name)
        except OSError as error:
            raise failed("not-possible", what, error) from None
        finally:
            remove(beside)
        return Snapshot(name, moment)

    def forget(self, snapshot: str) -> None:
        """Without its folder it is gone."""
        remove(self.top / snapshot)
        if (self.top / snapshot).exists():
            raise Failed("not-possible", f"{snapshot} cannot be taken away")

    def copied(self, to: Path) -> "Folder":
        """A copy of all of its snapshots; of one that is a link, of what it leads to."""
        if not self.top.is_dir():
            raise Failed("not-possible", f"{self.plan.repository} is no folder here")
        names = [one.id for one in self.snapshots()]
        copy_of_all(names, self.top, to, self.work, f"{self.plan.repository} cannot be copied")
        return replace(self, plan=replace(self.plan, repository=str(to)))

    def files(self, snapshot: str) -> list[Path]:
        """Every file of the snapshot, the largest first."""
        every = [one for one in (self.top / snapshot).rglob("*") if one.is_file() and not one.is_symlink()]
        return sorted(every, key=lambda one: (-one.stat().st_size, str(one)))

    def versions(self) -> dict[str, str]:
        """It takes nothing."""
        return {}

    @property
    def top(self) -> Path:
        """The folder."""
        return self.work.place(self.plan.repository)


@contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """Hold a folder that is made, which ends with the process that does so; whether nobody else does."""
    import fcntl

    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def _remove_what_nobody_holds(folder: Path) -> None:
    with suppress(OSError), _held(folder) as is_free:
        if is_free and _moment(folder.name.removesuffix(_NEW)):
            remove(folder)


def _moment(name: str) -> datetime | None:
    try:
        return datetime.strptime(name, _FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None
