"""Where git keeps what it knows of a work tree, found without starting it."""

import os
from pathlib import Path


def git_dir_of(root: Path) -> Path | None:
    """The git directory of the work tree around `root`, found without starting git; of a linked worktree, its own."""
    dot_git = _dot_git(root)
    if dot_git is None or dot_git.is_dir():
        return dot_git
    line = dot_git.read_text(encoding="utf-8", errors="surrogateescape").strip()
    return Path(os.path.normpath(dot_git.parent / line.removeprefix("gitdir:").strip()))


def folder_of(root: Path) -> str:
    """The folder `root` below the top of its work tree, with a slash behind it; empty where it is the top."""
    dot_git = _dot_git(root)
    here = os.path.relpath(os.path.realpath(root), dot_git.parent) if dot_git else "."
    return "" if here == "." else f"{here}/"


def _dot_git(root: Path) -> Path | None:
    here = Path(os.path.realpath(root))
    every = (folder / ".git" for folder in (here, *here.parents))
    return next((one for one in every if one.is_dir() or one.is_file()), None)


def common_dir_of(git_dir: Path) -> Path:
    """Where the branches are: the git directory itself, or for a linked worktree that of its repository."""
    pointer = git_dir / "commondir"
    try:
        return Path(os.path.normpath(git_dir / pointer.read_text(encoding="utf-8").strip()))
    except OSError:
        return git_dir
