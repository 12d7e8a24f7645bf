"""A tree of files: each file by its content, its modes and links too. Times are no content: restoring may set them."""

import os
import stat
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from svcops.recovery.copying import changing, copy_tree, inside
from svcops.recovery.fingerprints import fingerprint_of
from svcops.recovery.interface import Failed, Work
from svcops.recovery.model import Fingerprint, Part
from svcops.recovery.plan import FilesData
from svcops.store.frozen import frozen

_CHUNK = 1 << 20


@frozen
class Files:
    """The tree of a plan."""

    plan: FilesData
    work: Work

    def export(self, folder: Path) -> Fingerprint:
        """A copy; Failed where the tree changed while it was taken."""
        source, to = self.work.place(self.plan.source), inside(folder, self.plan.path, "not-possible")
        if not source.is_dir():
            raise Failed("not-possible", f"{self.plan.source}: there is no such folder")
        if not any(source.iterdir()):
            raise Failed("not-possible", f"{self.plan.source} is empty: is it the one that is meant, and mounted?")
        before = tree_of(self.plan.name, source)
        copy_tree(source, to, self.work, "not-possible", f"{self.plan.source} cannot be taken")
        if tree_of(self.plan.name, source) != before or tree_of(self.plan.name, to) != before:
            raise Failed(
                "not-possible", f"{self.plan.source} was changed while it was taken: try again when it is quiet"
            )
        return before

    def load(self, folder: Path) -> None:
        """It is usable where it was fetched."""
        place = inside(folder, self.plan.path)
        if not place.is_dir():
            raise Failed("load-failed", f"{self.plan.path}: the backup holds no such folder")
        link = self.work.scratch / f"loaded-{self.plan.name}"
        link.symlink_to(place, target_is_directory=True)

    def fingerprint(self) -> Fingerprint:
        """Of the tree as it came back."""
        return tree_of(self.plan.name, (self.work.scratch / f"loaded-{self.plan.name}").resolve())

    def stop(self) -> None:
        """Nothing runs."""
        (self.work.scratch / f"loaded-{self.plan.name}").unlink(missing_ok=True)

    def change_one_value(self, folder: Path) -> str:
        """The first byte of the first file that has one."""
        top = inside(folder, self.plan.path)
        path = next(filter(has_content, sorted(top.rglob("*"))), None)
        if path is None:
            raise Failed("not-possible", f"{self.plan.name} has no file whose content could be another")
        return change_first_byte(folder, path)

    def versions(self) -> dict[str, str]:
        """It takes nothing."""
        return {}


def has_content(path: Path) -> bool:
    """Whether it is a file that could hold something else."""
    return path.is_file() and not path.is_symlink() and path.stat().st_size > 0


def change_first_byte(folder: Path, path: Path) -> str:
    """Make the first byte of a file below the folder another, or what it was; which that is."""
    with changing(path, folder), path.open("r+b") as file:
        first = file.read(1)
        file.seek(0)
        file.write(bytes([first[0] ^ 1]))
    return f"the first byte of {path.relative_to(folder)}"


def tree_of(data: str, top: Path) -> Fingerprint:
    """The fingerprint of a tree. Links are where they lead, and are not followed; odd files are what they are."""
    return fingerprint_of(data, _parts(top))


def _parts(top: Path) -> Iterator[Part]:
    for folder, folders, files in os.walk(top):
        for name in (*folders, *files):
            path = Path(folder) / name
            yield _part(path, path.relative_to(top).as_posix())


def _part(path: Path, name: str) -> Part:
    state = path.lstat()
    digest, size = sha256(f"{stat.S_IFMT(state.st_mode):o} {stat.S_IMODE(state.st_mode):o}\0".encode()), 0
    if stat.S_ISLNK(state.st_mode):
        digest = sha256(b"link\0" + os.fsencode(os.readlink(path)))  # its mode says nothing, and differs by system
    elif stat.S_ISREG(state.st_mode):
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    return Part(name=name, count=size, digest=f"sha256:{digest.hexdigest()}")
