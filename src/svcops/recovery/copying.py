"""Copies of folders, paths that stay below one, and what may be changed there."""

import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from svcops.recovery.interface import Failed, Work, failed, has_no_room
from svcops.recovery.plan import Reason

_COPY = ("cp", "-a", "--reflink=auto") if sys.platform == "linux" else ("cp", "-a")
"""With modes, times and owners; links as they are, and blocks shared where the file system can do that."""


def copy_tree(source: Path, to: Path, work: Work, reason: Reason, what: str) -> None:
    """A copy with links as they are, into a folder that may be there; Failed with the reason, or a full disk."""
    try:
        to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise failed("not-possible", what, error) from None
    _copy([f"{source}/."], to, work, reason, what)


def copy_of_all(names: Iterable[str], below: Path, to: Path, work: Work, what: str) -> None:
    """Copies of these below a folder, by their names in another; of one that is a link, of what it leads to."""
    try:
        to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise failed("not-possible", what, error) from None
    places = [str(below / one) for one in names]
    if places:
        _copy(["-H", "--", *places], to, work, "not-possible", what)


def _copy(words: list[str], to: Path, work: Work, reason: Reason, what: str) -> None:
    """By a command, so that the time limit of the stage ends it in the middle of a file, too."""
    said = work.run([*_COPY, *words, str(to)], {"LC_ALL": "C"})
    if said.exit:
        raise Failed("not-possible" if has_no_room(said.text) else reason, f"{what}: {said.last_line}", said.exit)


@contextmanager
def changing(path: Path, below: Path) -> Iterator[None]:
    """A file below a copy that may be changed, or taken away, meanwhile.

    Its mode is content too, as that of its folder is: both are as they were at the end. Failed (not-possible) where it,
    or a link on its way, leads out of the copy.
    """
    if not path.resolve().is_relative_to(below.resolve()):
        raise Failed("not-possible", f"{path.name} leads out of the copy: what it leads to would be damaged")
    with _writable(path.parent), _writable(path):
        yield


@contextmanager
def _writable(path: Path) -> Iterator[None]:
    mode = stat.S_IMODE(path.stat().st_mode)
    path.chmod(mode | stat.S_IWUSR)
    try:
        yield
    finally:
        if path.exists():
            path.chmod(mode)


def remove(folder: Path) -> None:
    """Take a folder away, also where what is in it may not be written; what cannot be stays."""
    from svcops.runbooks import keeper

    keeper.remove(str(folder))


def inside(folder: Path, path: str, reason: Reason = "load-failed") -> Path:
    """A path of a plan below the folder of a backup; Failed where it, or a link on its way, leads out of it."""
    place = folder / path
    if not place.resolve().is_relative_to(folder.resolve()):
        raise Failed(reason, f"{path}: it leads out of the backup")
    return place
