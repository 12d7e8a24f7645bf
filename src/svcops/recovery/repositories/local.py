"""What is common to repositories that are a folder here: their files, and copies of them that may be damaged."""

import os
from pathlib import Path

from svcops.recovery.copying import copy_tree
from svcops.recovery.interface import Failed, Work


def files_of(top: Path, first: str) -> list[Path]:
    """All of them: those below the folder `first`, in which content lies, before the others, the largest first."""
    every = [one for one in top.rglob("*") if one.is_file() and not one.is_symlink()]
    return sorted(every, key=lambda one: (one.relative_to(top).parts[0] != first, -one.stat().st_size, str(one)))


def copy_of(top: Path, to: Path, work: Work, what: str) -> None:
    """A copy for damage. Failed (not-possible) where a link leads out of it: the original would be damaged there."""
    copy_tree(top, to, work, "not-possible", what)
    inside = to.resolve()
    for folder, folders, files in os.walk(to):
        for name in (*folders, *files):
            path = Path(folder, name)
            if path.is_symlink() and not path.resolve().is_relative_to(inside):
                raise Failed("not-possible", f"{what}: the link {path.relative_to(to)} leads out of it")
