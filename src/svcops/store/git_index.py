"""Git's index: prepared as a copy, put in place before the branch moves, and taken back where that does not move.

Before, as `git commit` reads HEAD, then the index, and takes its lock only then: one that begins after a branch moved
and before the index did writes an old index back, in which what was just committed shows as deleted. The index itself
is always replaced in one rename, under git's own lock (`store/lock.py`).
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from svcops.store.git import Git, Held

_FEW = 200
"""Paths that are named to git one by one."""


def copy_of_index(git_dir: Path, to: Path) -> Path:
    """A copy of git's index, if there is one; a copy, and git's lock on it, that a killed call left go away."""
    to.unlink(missing_ok=True)
    to.with_name(f"{to.name}.lock").unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        shutil.copy2(git_dir / "index", to)
    return to


def entries(git: Git, paths: Iterable[str], *, index: Path | None = None) -> dict[str, Held]:
    """What the index holds at these paths."""
    wanted = list(paths)
    if not wanted:
        return {}
    flags = ("--stage", "-z", "--")
    listed = git.text("ls-files", *flags, *(wanted if len(wanted) <= _FEW else ()), index=index).split("\0")
    found = {}
    for line in filter(None, listed):
        about, _, path = line.partition("\t")
        mode, blob, _ = about.split()
        found[path] = Held(mode, blob)
    return {path: found[path] for path in wanted if path in found}


def move_entries(git: Git, moves: Mapping[str, tuple[Held | None, Held | None]], *, index: Path) -> None:
    """Let an index hold the second at each path, where it holds the first."""
    now = entries(git, moves, index=index)
    prefix = git.text("rev-parse", "--show-prefix")
    lines = ""
    for path, (was, new) in moves.items():
        if now.get(path) == was != new:
            entry = new or Held("0", "0" * len(was.blob if was else ""))
            lines += f"{entry.mode} {entry.blob}\t{prefix}{path}\0"
    git.run("update-index", "--replace", "-z", "--index-info", stdin=os.fsencode(lines), index=index)


@contextmanager
def placed(git_dir: Path, index: Path, folder: Path) -> Iterator[None]:
    """Put a prepared index in place; where what follows fails, the one before comes back.

    The caller holds git's lock on the index. For whoever finds `folder` after a kill, it holds both (`take_back`).
    """
    if not os.path.exists(index):  # before the first commit, and with nothing to come
        yield
        return
    before = _keep(git_dir / "index", folder / "index-before")
    _keep(index, folder / "index-placed")
    os.replace(index, git_dir / "index")
    try:
        yield
    except BaseException:
        if before.stat().st_size:
            os.replace(before, git_dir / "index")
        else:
            os.unlink(git_dir / "index")
            before.unlink()
        raise


def _keep(index: Path, to: Path) -> Path:
    """The same file under a second name, or a copy where the file system has no links; empty where there is none."""
    to.unlink(missing_ok=True)
    try:
        os.link(index, to)
    except FileNotFoundError:
        to.touch()
    except OSError:
        shutil.copy2(index, to)
    return to


def is_placed(folder: Path) -> bool:
    """Whether whoever made `folder` may have put an index in place, and did not take it back."""
    return os.path.exists(folder / "index-placed") and os.path.exists(folder / "index-before")


def take_back(git: Git, git_dir: Path, folder: Path, paths: Iterable[str]) -> None:
    """Let git's index hold what it held before a kill, at the paths where nobody staged anything since.

    The caller holds git's lock on the index.
    """
    if not os.path.exists(git_dir / "index"):
        return
    wanted = list(paths)
    kept = folder / "index-before"
    before = entries(git, wanted, index=kept) if kept.stat().st_size else {}
    now = entries(git, wanted, index=folder / "index-placed")
    coming = copy_of_index(git_dir, folder / "index-to-come")
    move_entries(git, {path: (now.get(path), before.get(path)) for path in wanted}, index=coming)
    os.replace(coming, git_dir / "index")
