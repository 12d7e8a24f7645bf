"""The files of a store in the work tree: listing them by kind, reading them within limits, never following a link out.

`Tree` is what reading a store needs of its files; `svcops.store.git_tree` gives the same of a revision.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from svcops.checking.model import At, Finding
from svcops.store.layout import FOLDERS_OF_OTHERS, KINDS, NO_RECORD, SETTINGS, Place, is_record_folder, place_of, top
from svcops.store.model import Kind

MAX_BYTES = 1024 * 1024

Signature = tuple[int, int, int, int]
"""What changes when a file does: size, time of change in ns, time of change of the inode in ns, inode."""


@dataclass(slots=True)
class Inventory:
    """Every record's file, by kind and in the order of paths, and what lies among them and is no record."""

    paths: dict[str, list[str]] = field(default_factory=lambda: {kind.name: [] for kind in KINDS})
    findings: list[Finding] = field(default_factory=list)


class Tree(Protocol):
    """The files of a store, in the work tree or of a revision."""

    def inventory(self) -> Inventory:
        """Everything at once, in one walk."""

    def list_kind(self, kind: Kind, within: Mapping[str, str]) -> list[str]:
        """Paths of one kind's files, sorted; `within` fixes named parts of the pattern."""

    def read(self, path: str) -> tuple[bytes, Finding | None]:
        """The bytes of a record's file, at most one more than the limit, or why they cannot be had."""

    def signature(self, path: str) -> Signature | None:
        """What tells whether the file changed; None where nothing does."""

    def blob(self, path: str) -> str | None:
        """The git object id of the file's content where it is known without reading the file."""

    def has(self, path: str) -> bool:
        """Whether there is a file of that path, record or not."""


class WorkTree:
    """The files below the folder `root`, as they are when asked for."""

    def __init__(self, root: Path) -> None:
        self.root = str(root)
        self._seen: dict[str, Signature] = {}

    def inventory(self) -> Inventory:
        """Everything at once. FILE003, FILE004, FILE005, FILE007 for what is no record."""
        found = Inventory()
        for one in os.scandir(self.root):
            if one.name == SETTINGS:
                found.paths["settings"].append(SETTINGS)
            elif is_record_folder(one.name):
                self._first_folder(one, found)
            elif one.name in FOLDERS_OF_OTHERS and not self._is_inside(one.name):
                found.findings.append(leaves(one.name))
        for paths in found.paths.values():
            paths.sort()
        return found

    def _first_folder(self, one: "os.DirEntry[str]", found: Inventory) -> None:
        if one.is_dir(follow_symlinks=False):
            self._walk(one.name, found)
        elif one.is_symlink() and not self._is_inside(one.name):
            found.findings.append(leaves(one.name))
        elif _is_folder(one):
            found.findings.append(_folder_link(one.name))
        else:
            found.findings.append(unknown_place(one.name))

    def _walk(self, folder: str, found: Inventory) -> None:
        waiting: list[tuple[str, Place | None]] = [(folder, top().child(folder))]
        while waiting:
            below, place = waiting.pop()
            try:
                children = list(os.scandir(f"{self.root}/{below}"))
            except OSError as error:
                found.findings.append(_unreadable(below, error.strerror or str(error)))
                continue
            for one in children:
                name = one.name
                if name[0] == ".":
                    continue
                path = f"{below}/{name}"
                here = place.child(name) if place else None
                if here is not None and here.kind and one.is_file(follow_symlinks=False):
                    found.paths[here.kind.name].append(path)
                    self._seen[path] = _signature(one.stat(follow_symlinks=False))
                elif one.is_dir(follow_symlinks=False) and not (here and here.kind):
                    waiting.append((path, here))
                else:
                    self._odd(path, one, here, found)

    def _odd(self, path: str, one: "os.DirEntry[str]", here: Place | None, found: Inventory) -> None:
        """What is neither a plain file in a record's place nor a folder above one."""
        if here is not None and here.kind and not _is_folder(one):
            found.paths[here.kind.name].append(path)
        if one.is_symlink() and not self._is_inside(path):
            found.findings.append(leaves(path))
        elif not _is_folder(one):
            if one.name != NO_RECORD and not (here and here.kind):
                found.findings.append(unknown_place(path))
        elif one.is_symlink():
            found.findings.append(_folder_link(path))
        else:
            message = "a folder, where a record of that name is a file"
            found.findings.append(Finding("FILE004", message, At(path), "Rename the folder."))

    def list_kind(self, kind: Kind, within: Mapping[str, str]) -> list[str]:
        """Paths below the store of one kind's files, sorted; `within` fixes named parts of the pattern.

        What cannot be read (a pipe, a link to nowhere) is listed too: `read` says why.
        """
        segments = kind.pattern.split("/")
        for name, value in within.items():
            segments = [segment.replace("{" + name + "}", value) for segment in segments]
        found = (path for path in _descend(self.root, "", segments) if _is_of(kind, path))
        return sorted(found)

    def read(self, path: str) -> tuple[bytes, Finding | None]:
        """The bytes of a record's file, at most one more than the limit.

        FILE003 where it is a link that leaves the store, FILE005 where it cannot be read: a pipe would block.
        """
        if not self._is_inside(path):
            return b"", leaves(path)
        try:
            with open(f"{self.root}/{path}", "rb", opener=_open_at_once) as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    return b"", _unreadable(path, "it is no file, but a pipe, a socket or a device")
                return file.read(MAX_BYTES + 1), None
        except OSError as error:
            return b"", _unreadable(path, error.strerror or str(error))

    def signature(self, path: str) -> Signature | None:
        """What tells whether the file changed, as the walk saw it or as it is; None for a link, or nothing."""
        if path in self._seen:
            return self._seen[path]
        try:
            found = os.lstat(f"{self.root}/{path}")
        except OSError:
            return None
        return _signature(found) if stat.S_ISREG(found.st_mode) else None

    def blob(self, path: str) -> str | None:  # noqa: ARG002 - see Tree
        """None: a file of the work tree has to be read for that."""
        return None

    def has(self, path: str) -> bool:
        """Whether there is a file of that path inside the store."""
        is_below = ".." not in path.split("/") and not path.startswith("/")
        return is_below and os.path.isfile(f"{self.root}/{path}")

    def _is_inside(self, path: str) -> bool:
        """Whether a path is no link, or a link to something of the store. Hidden folders, such as .git, are not."""
        full = f"{self.root}/{path}"
        if not os.path.islink(full):
            return True
        store = os.path.realpath(self.root)
        target = os.path.realpath(full)
        below = target[len(store) + 1 :].split(os.sep)
        return (target + os.sep).startswith(store + os.sep) and not any(part.startswith(".") for part in below)


def _is_of(kind: Kind, path: str) -> bool:
    place = place_of(path)
    return place is not None and place.kind is kind


def _signature(found: os.stat_result) -> Signature:
    return (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


def _descend(root: str, below: str, segments: list[str]) -> Iterator[str]:
    head, rest = segments[0], segments[1:]
    if "{" not in head:
        path = below + head
        full = f"{root}/{path}"
        if rest and not os.path.islink(full):
            yield from _descend(root, path + "/", rest)
        elif not rest and os.path.lexists(full) and not os.path.isdir(full):
            yield path
        return
    suffix = head.rpartition("}")[2]
    try:
        found = list(os.scandir(f"{root}/{below}"))
    except OSError:
        return
    for one in found:
        if one.name.startswith(".") or not one.name.endswith(suffix):
            continue
        if rest and one.is_dir(follow_symlinks=False):
            yield from _descend(root, f"{below}{one.name}/", rest)
        elif not rest and not _is_folder(one):
            yield below + one.name


def _is_folder(one: "os.DirEntry[str]") -> bool:
    """Whether it is a folder, or a link to one. A link to itself, on which `DirEntry.is_dir` raises, is none."""
    return os.path.isdir(one.path) if one.is_symlink() else one.is_dir()


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _unreadable(path: str, reason: str) -> Finding:
    return Finding("FILE005", f"cannot be read: {reason}", At(path))


def leaves(path: str) -> Finding:
    """FILE003, of a link that is not followed."""
    help_ = "Put the file itself here; a record is never read through a link that leaves the store."
    return Finding("FILE003", "a symbolic link that leaves the store", At(path), help_)


def _folder_link(path: str) -> Finding:
    message = "a symbolic link to a folder: the records behind it are read where they are, not here"
    return Finding("FILE007", message, At(path), "Take the link away.", severity="warning")


def unknown_place(path: str) -> Finding:
    """FILE004, of a file among the records that is none, with the nearest place that would be one."""
    from svcops.store.suggest import nearest

    patterns = {one.pattern.rpartition("/")[0]: one.pattern for one in KINDS if one.pattern != SETTINGS}
    near = nearest(path.rpartition("/")[0], patterns)
    help_ = f"Did you mean {patterns[near]}?" if near else "svcops explain FILE004 shows the layout of a store."
    return Finding("FILE004", "not a record of any kind: this place or name is unknown", At(path), help_)
