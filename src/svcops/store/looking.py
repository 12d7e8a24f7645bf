"""A look at the files of a few kinds and at nothing else: quicker than the walk, which also finds what is no record."""

import os
import stat
from collections.abc import Iterator, Sequence

from svcops.store.files import signature_from
from svcops.store.layout import NO_RECORD, top
from svcops.store.model import Kind
from svcops.store.walk import Inventory

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)


def look(root: str, kinds: Sequence[Kind]) -> Inventory | None:
    """Every file of these kinds, sorted, with its signature, as the walk has them.

    None where the walk has to decide: where anything in a record's place, or on the way to one, is no plain file and no
    plain folder, or cannot be looked at.
    """
    found = Inventory()
    try:
        for kind in kinds:
            paths = found.paths[kind.name]
            *folders, file = kind.pattern.split("/")
            if folders and os.path.islink(f"{root}/{folders[0]}"):
                return None
            for folder in _folders(root, folders):
                _files(root, folder, file, _others(folders) if "{" in file else (), paths, found.signatures)
            paths.sort()
    except OSError:
        return None
    return found


class _Odd(OSError):
    """Something that is no plain file or folder."""


def _folders(root: str, steps: Sequence[str]) -> list[str]:
    """The folders of a pattern's steps, below the root."""
    found = [""]
    for step in steps:
        if "{" in step:
            found = [f"{above}{name}/" for above in found for name in _below(f"{root}/{above}")]
        else:
            found = [f"{above}{step}/" for above in found]
    return found


def _below(folder: str) -> Iterator[str]:
    """The folders in a folder; a file there is in nobody's way, and a link is none of them."""
    try:
        with os.scandir(folder) as items:
            yield from [one.name for one in items if one.name[0] != "." and one.is_dir(follow_symlinks=False)]
    except (FileNotFoundError, NotADirectoryError):
        return


def _others(steps: Sequence[str]) -> frozenset[str]:
    """Names that have a place of their own beside the files of a pattern."""
    place = top()
    for step in steps:
        below = place.child("any" if "{" in step else step)
        assert below, steps
        place = below
    return frozenset((*place.below, NO_RECORD))


def _files(
    root: str, folder: str, file: str, others: Sequence[str] | frozenset[str], paths: list[str], seen: dict[str, str]
) -> None:
    """Add the files of that name, or of names that end so, in a folder."""
    if "{" not in file:
        try:
            _add(f"{folder}{file}", os.lstat(f"{root}/{folder}{file}"), paths, seen)
        except (FileNotFoundError, NotADirectoryError):
            return
        return
    ending = file.partition("}")[2]
    try:
        opened = os.open(f"{root}/{folder[:-1]}", _FOLDER)  # with a slash behind, a link would be followed
    except FileNotFoundError:
        return
    try:
        for name in os.listdir(opened):
            if name.endswith(ending) and name[0] != "." and name != ending and name not in others:
                _add(folder + name, os.stat(name, dir_fd=opened, follow_symlinks=False), paths, seen)
    finally:
        os.close(opened)


def _add(path: str, found: os.stat_result, paths: list[str], seen: dict[str, str]) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise _Odd(path)
    paths.append(path)
    seen[path] = signature_from(found)
