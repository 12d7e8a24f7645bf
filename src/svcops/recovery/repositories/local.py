"""The files of a repository that is a folder."""

from pathlib import Path


def files_of(top: Path, first: str) -> list[Path]:
    """All of them: those below the folder `first`, in which content lies, before the others, the largest first."""
    every = [one for one in top.rglob("*") if one.is_file() and not one.is_symlink()]
    return sorted(every, key=lambda one: (one.relative_to(top).parts[0] != first, -one.stat().st_size, str(one)))
