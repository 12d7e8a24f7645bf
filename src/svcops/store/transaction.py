"""Several files written as one: a journal under the git directory makes every interruption undone or finished.

Begin: the journal appears in one rename, with a copy of all that will be overwritten. Then temporary files, then
renames, then the commit. End: the journal is gone. Who finds one that was left, and holds the store's lock, finishes
it if its commit exists, and otherwise puts back what stood before.
"""

import json
import os
import shutil
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from svcops.store.change import digest_of

_MANY = 50


@dataclass(slots=True)
class Step:
    """One file: the digests of what stood there and what will; None stands for no file."""

    path: str
    before: str | None
    after: str | None

    @property
    def temporary(self) -> str:
        """Where the new bytes wait, beside the file."""
        folder, _, name = self.path.rpartition("/")
        return f"{folder}/.{name}.svcops" if folder else f".{name}.svcops"


@dataclass(slots=True)
class Transaction:
    """An open journal in `folder`; `root` is the store, and not the only one that may lie in the repository."""

    root: Path
    folder: Path
    steps: list[Step] = field(default_factory=list)
    new_folders: list[str] = field(default_factory=list)
    started_ns: int = 0
    branch: str | None = None
    head: str | None = None
    committing: bool = False

    @classmethod
    def begin(
        cls, root: Path, place: Path, files: dict[str, bytes | None], branch: str | None, head: str | None
    ) -> "Transaction":
        """Write the journal, with copies of what will be overwritten; `place` is the folder that will hold it.

        `branch` and `head` are where the commit will go, and the commit that is there now.
        """
        shutil.rmtree(place, ignore_errors=True)
        coming = place.with_name(place.name + ".new")
        shutil.rmtree(coming, ignore_errors=True)
        coming.mkdir(parents=True)
        self = cls(root, place, started_ns=time.time_ns() - 2_000_000_000, branch=branch, head=head)
        try:
            self._fill(coming, files)
            os.replace(coming, place)
        except BaseException:
            shutil.rmtree(coming, ignore_errors=True)
            raise
        _flush([place.parent])
        return self

    def _fill(self, coming: Path, files: dict[str, bytes | None]) -> None:
        for number, (path, data) in enumerate(files.items()):
            before = _read(f"{self.root}/{path}")
            if before is not None:
                _write(coming / f"before-{number}", before, like=self.root / path)
            self.steps.append(
                Step(path, None if before is None else digest_of(before), None if data is None else digest_of(data))
            )
        self.new_folders = _missing_folders(self.root, files)
        _write(coming / "journal.json", self._journal())
        _flush([*coming.iterdir(), coming])

    @classmethod
    def left_behind(cls, place: Path) -> "Transaction | None":
        """The journal that an interrupted writer left, or None. A damaged one is put aside: its files are untouched."""
        try:
            held = json.loads((place / "journal.json").read_bytes())
            root = Path(os.path.normpath(os.path.join(os.path.realpath(place), held.pop("root"))))
            steps = [Step(**step) for step in held.pop("steps")]
            return cls(root, place, steps=steps, **held)
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError, AttributeError):
            os.replace(place, place.with_name(f"{place.name}.damaged-{time.time_ns()}"))
            return None

    def _journal(self) -> bytes:
        held = {
            "root": os.path.relpath(os.path.realpath(self.root), os.path.realpath(self.folder)),
            "steps": [{"path": step.path, "before": step.before, "after": step.after} for step in self.steps],
            "new_folders": self.new_folders,
            "started_ns": self.started_ns,
            "branch": self.branch,
            "head": self.head,
            "committing": self.committing,
        }
        return json.dumps(held).encode()

    def write(self, files: dict[str, bytes | None]) -> None:
        """Put the new files in place: all temporary files first, so that a full disk changes nothing."""
        root = f"{self.root}/"  # text, as they may be many thousands, and a Path costs more than what is done with it
        for path in self.new_folders:
            os.makedirs(root + path, exist_ok=True)
        for step in self.steps:
            data = files[step.path]
            if data is not None:
                _write(root + step.temporary, data, like=root + step.path if step.before is not None else None)
        _flush([root + step.temporary for step in self.steps if step.after is not None])
        for step in self.steps:
            if step.after is None:
                os.unlink(root + step.path)
            else:
                os.replace(root + step.temporary, root + step.path)
        _flush({os.path.dirname(root + path) for path in (*self.new_folders, *(step.path for step in self.steps))})

    def about_to_commit(self) -> None:
        """Note that git may now leave locks of its own."""
        self.committing = True
        _write(self.folder / "journal.json.new", self._journal())
        _flush([self.folder / "journal.json.new"])
        os.replace(self.folder / "journal.json.new", self.folder / "journal.json")

    def changed_by_others(self) -> list[str]:
        """The files that are neither what stood there before nor what was to stand there: a person's, or a hook's."""
        return [step.path for step in self.steps if _digest(self.root / step.path) not in (step.before, step.after)]

    def undo(self) -> list[str]:
        """Put back what stood before; a file that somebody changed meanwhile is left, and named."""
        left = []
        for number, step in enumerate(self.steps):
            target = self.root / step.path
            _remove(self.root / step.temporary)
            now = _digest(target)
            if now == step.before:
                continue
            if now != step.after:
                left.append(step.path)
            elif step.before is None:
                target.unlink()
            else:
                kept = self.folder / f"before-{number}"
                target.parent.mkdir(parents=True, exist_ok=True)
                _write(self.root / step.temporary, kept.read_bytes(), like=kept)
                _flush([self.root / step.temporary])
                os.replace(self.root / step.temporary, target)
        for folder in reversed(self.new_folders):
            try:
                (self.root / folder).rmdir()
            except OSError:
                continue
        return left

    def end(self) -> None:
        """Forget the journal; from here on the change stands."""
        for step in self.steps:
            _remove(f"{self.root}/{step.temporary}")
        done = self.folder.with_name(self.folder.name + ".done")
        shutil.rmtree(done, ignore_errors=True)
        os.replace(self.folder, done)
        shutil.rmtree(done, ignore_errors=True)


def _missing_folders(root: Path, files: dict[str, bytes | None]) -> list[str]:
    missing: dict[str, bool] = {}
    for folder in dict.fromkeys(path.rpartition("/")[0] for path in files):
        parts = folder.split("/") if folder else []
        for depth in range(1, len(parts) + 1):
            above = "/".join(parts[:depth])
            if above not in missing:
                missing[above] = not (root / above).is_dir()
    return [folder for folder, is_missing in missing.items() if is_missing]


def _read(path: Path | str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _digest(path: Path) -> str | None:
    try:
        data = _read(path)
    except IsADirectoryError:
        return "a folder"
    return None if data is None else digest_of(data)


def _remove(path: Path | str) -> None:
    with suppress(FileNotFoundError, NotADirectoryError):
        os.unlink(path)


def _write(path: Path | str, data: bytes, *, like: Path | str | None = None) -> None:
    """Write a new file, never through a link that stands there; the permissions of `like` where that exists."""
    try:
        file = open(path, "xb", buffering=0)  # noqa: SIM115 - closed below, whichever of the two it is
    except FileExistsError:
        os.unlink(path)
        file = open(path, "xb", buffering=0)  # noqa: SIM115
    with file:
        left = memoryview(data)
        while left:
            left = left[file.write(left) :]
    if like is not None and os.path.exists(like):
        shutil.copymode(like, path)


def _flush(places: Collection[Path | str]) -> None:
    """Let files and folders reach the disk; where they are many, everything at once is far faster."""
    if len(places) > _MANY:
        os.sync()
        return
    for place in places:
        held = os.open(place, os.O_RDONLY)
        try:
            os.fsync(held)
        finally:
            os.close(held)
