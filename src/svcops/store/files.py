"""The files of a store: listing them by kind, reading them within limits, never following a link out."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from svcops.checking.model import At, Finding
from svcops.store.layout import FOLDERS_OF_OTHERS, SETTINGS, is_record_folder, kind_of_path, pattern_of
from svcops.store.model import Kind

MAX_BYTES = 1024 * 1024
_NO_RECORD = "README.md"
"""A page for people, welcome in every folder."""


def list_kind(root: Path, kind: Kind, within: dict[str, str]) -> list[str]:
    """Paths below the store of one kind's files, sorted; `within` fixes named parts of the pattern.

    What cannot be read (a pipe, a link to nowhere) is listed too: `read` says why.
    """
    segments = kind.pattern.split("/")
    for name, value in within.items():
        segments = [segment.replace("{" + name + "}", value) for segment in segments]
    matches = pattern_of(kind).fullmatch
    return sorted(path for path in _descend(str(root), "", segments) if matches(path))


def _descend(root: str, below: str, segments: list[str]) -> Iterator[str]:
    head, rest = segments[0], segments[1:]
    if "{" not in head:
        path = below + head
        full = os.path.join(root, path)
        if rest and not os.path.islink(full):
            yield from _descend(root, path + "/", rest)
        elif not rest and os.path.lexists(full) and not os.path.isdir(full):
            yield path
        return
    suffix = head.rpartition("}")[2]
    try:
        found = list(os.scandir(os.path.join(root, below)))
    except OSError:
        return
    for one in found:
        if one.name.startswith(".") or not one.name.endswith(suffix):
            continue
        if rest and one.is_dir(follow_symlinks=False):
            yield from _descend(root, f"{below}{one.name}/", rest)
        elif not rest and one.name != _NO_RECORD and not _is_folder(one):
            yield below + one.name


def _is_folder(one: "os.DirEntry[str]") -> bool:
    """Whether it is a folder, or a link to one. A link to itself, on which `DirEntry.is_dir` raises, is none."""
    return os.path.isdir(one.path) if one.is_symlink() else one.is_dir()


def _is_inside(root: str, path: str) -> bool:
    """Whether a path is no link, or a link to something of the store. Hidden folders, such as .git, are not."""
    full = os.path.join(root, path)
    if not os.path.islink(full):
        return True
    top = os.path.realpath(root)
    target = os.path.realpath(full)
    below = target[len(top) + 1 :].split(os.sep)
    return (target + os.sep).startswith(top + os.sep) and not any(part.startswith(".") for part in below)


def read(root: Path, path: str) -> tuple[bytes, Finding | None]:
    """The bytes of a record's file, at most one more than the limit.

    FILE003 where it is a link that leaves the store, FILE005 where it cannot be read: a pipe, say, that would block.
    """
    if not _is_inside(str(root), path):
        return b"", _leaves(path)
    try:
        with open(root / path, "rb", opener=_open_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return b"", _unreadable(path, "it is no file, but a pipe, a socket or a device")
            return file.read(MAX_BYTES + 1), None
    except OSError as error:
        return b"", _unreadable(path, error.strerror or str(error))


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def strays(root: Path) -> Iterator[Finding]:
    """What lies in the folders of records and is none: links that leave the store, names the layout does not know."""
    top = str(root)
    for one in os.scandir(top):
        if is_record_folder(one.name) and one.name != SETTINGS:
            yield from _strays_below(top, one)
        elif one.name in FOLDERS_OF_OTHERS and not _is_inside(top, one.name):
            yield _leaves(one.name)


def _strays_below(top: str, first: "os.DirEntry[str]") -> Iterator[Finding]:
    waiting = [(first.name, first)]
    while waiting:
        path, one = waiting.pop()
        if one.is_symlink() and not _is_inside(top, path):
            yield _leaves(path)
        elif not _is_folder(one):
            if one.name != _NO_RECORD and kind_of_path(path) is None:
                yield _unknown(path)
        elif one.is_symlink():
            yield _folder_link(path)
        elif kind_of_path(path):
            yield Finding("FILE004", "a folder, where a record of that name is a file", At(path), "Rename the folder.")
        else:
            try:
                waiting += [(f"{path}/{child.name}", child) for child in os.scandir(one.path) if child.name[0] != "."]
            except OSError as error:
                yield _unreadable(path, error.strerror or str(error))


def _unreadable(path: str, reason: str) -> Finding:
    return Finding("FILE005", f"cannot be read: {reason}", At(path))


def _leaves(path: str) -> Finding:
    help_ = "Put the file itself here; a record is never read through a link that leaves the store."
    return Finding("FILE003", "a symbolic link that leaves the store", At(path), help_)


def _folder_link(path: str) -> Finding:
    message = "a symbolic link to a folder: the records behind it are read where they are, not here"
    return Finding("FILE007", message, At(path), "Take the link away.", severity="warning")


def _unknown(path: str) -> Finding:
    from svcops.store.layout import KINDS
    from svcops.store.suggest import nearest

    patterns = {one.pattern.rpartition("/")[0]: one.pattern for one in KINDS if one.pattern != SETTINGS}
    near = nearest(path.rpartition("/")[0], patterns)
    help_ = f"Did you mean {patterns[near]}?" if near else "svcops explain FILE004 shows the layout of a store."
    return Finding("FILE004", "not a record of any kind: this place or name is unknown", At(path), help_)
