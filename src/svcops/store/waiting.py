"""What waits to be committed: files of a record that were written, and a hook refused them, say.

An event in a commit without the rest of its record is damage to whoever clones: so the rest is committed first. It is
not swept in, as somebody may be at work on it.
"""

import os
from pathlib import Path

from svcops.errors import NotDone
from svcops.store.change import Change
from svcops.store.git import Git
from svcops.store.layout import kind_of_path


def refuse_waiting(git: Git, root: Path, change: Change, head: str | None) -> None:
    """NotDone where a record gets another event, and files of it are in the work tree and not in `head`."""
    folders = {folder for path, data in change.files.items() if data is not None and (folder := _owner_of(path))}
    there = {path: folder for folder in sorted(folders) for path in _records_in(root, folder)}
    waiting = there.keys() - change.files.keys()
    if not waiting:
        return
    if head:
        flags = ("-r", "-z", "--name-only", head)
        waiting -= set(git.about("ls-tree", *flags, paths=sorted(folders)))
    if waiting:
        first = min(waiting)
        raise NotDone(
            f"{first} is written, and not committed",
            help=f"git add -- {there[first]} && git commit -- {there[first]}\n"
            "Until git is content again, write without a commit: --no-commit.",
        )


def _owner_of(path: str) -> str | None:
    """The folder of the record that an event belongs to; None where the path is that of no event."""
    known = kind_of_path(path)
    owner = known[1].get("owner") if known else None
    return f"{path.partition(f'/{owner}/')[0]}/{owner}" if owner else None


def _records_in(root: Path, folder: str) -> list[str]:
    """The files of records in a folder and below, of which the layout knows what they are."""
    found = [
        os.path.relpath(os.path.join(place, name), root).replace(os.sep, "/")
        for place, _, names in os.walk(root / folder)
        for name in names
        if not name.startswith(".")
    ]
    return [path for path in found if kind_of_path(path)]
