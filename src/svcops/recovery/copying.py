"""Copies of folders, and paths that stay below one. A full disk is told apart from a file that cannot be read."""

import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from svcops.recovery.interface import Failed, Work, failed
from svcops.recovery.model import Reason

if TYPE_CHECKING:
    from os import PathLike


def copy_tree(source: Path, to: Path, work: Work, reason: Reason, what: str) -> None:
    """A copy with links as they are, into a folder that may be there; Failed with the reason, or a full disk.

    It ends at the time limit of the stage.
    """

    def copy(one: "str | PathLike[str]", other: "str | PathLike[str]") -> object:
        work.current.left()
        try:
            return shutil.copy2(one, other, follow_symlinks=False)
        except OSError as error:
            raise failed(reason, f"{what}: {Path(one).name}", error) from None

    try:
        shutil.copytree(source, to, symlinks=True, dirs_exist_ok=True, copy_function=copy)
    except shutil.Error as error:
        first = error.args[0][0][2] if isinstance(error.args[0], list) else error
        raise Failed(reason, f"{what}: {first}") from None
    except OSError as error:
        raise failed(reason, what, error) from None


@contextmanager
def writable(path: Path) -> Iterator[None]:
    """A file that may be written meanwhile; its mode is content too, and is as it was at the end."""
    mode = stat.S_IMODE(path.stat().st_mode)
    path.chmod(mode | stat.S_IWUSR)
    try:
        yield
    finally:
        if path.exists():
            path.chmod(mode)


def inside(folder: Path, path: str, reason: Reason = "load-failed") -> Path:
    """A path of a plan below the folder of a backup; Failed where it, or a link on its way, leads out of it."""
    place = folder / path
    if not place.resolve().is_relative_to(folder.resolve()):
        raise Failed(reason, f"{path}: it leads out of the backup")
    return place
