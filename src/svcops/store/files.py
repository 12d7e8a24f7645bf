"""The files of a store in the work tree: listing them by kind, reading them within limits, never following a link out.

`Tree` is what reading a store needs of its files; `svcops.store.git_tree` gives the same of a revision.
"""

import errno
import os
import stat
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from svcops.checking.model import Finding
from svcops.store import walk
from svcops.store.layout import place_of
from svcops.store.model import Kind
from svcops.store.walk import Inventory, leaves, unreadable

if TYPE_CHECKING:
    from svcops.store.cache import Cache

MAX_BYTES = 1024 * 1024
_FILES_OF_A_FOLDER = 7
"""Of a record that is a folder of events."""
_LOOKED_AT = 20
"""Folders from which the size of all that lie beside them is told."""

_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_AT_ONCE = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

Signature = str
"""What changes when a file does: size, time of change in ns, time of change of the inode in ns, inode; in one text."""


class Tree(Protocol):
    """The files of a store, in the work tree or of a revision."""

    knows_blobs: bool
    """Whether `blob` tells what a file holds; otherwise `signature` tells whether it changed."""

    def inventory(self, only: Collection[str] | None = None, *, by_two: bool = False) -> Inventory:
        """Everything at once, in one walk, or some of the first folders; of many folders half by a second process."""

    def sizes(self) -> dict[str, int]:
        """About how many files each first folder holds."""

    def list_kind(self, kind: Kind, within: Mapping[str, str]) -> list[str]:
        """Paths of one kind's files, sorted; `within` fixes named parts of the pattern."""

    def folder_names(self, kind: Kind) -> list[str]:
        """The names of the folders of a kind's records, sorted, whether or not the record's file is there."""

    def unlisted(self, kind: Kind) -> Finding | None:
        """Why records of a kind cannot be listed; None where their folder is not there, or is listed."""

    def read(self, path: str) -> tuple[bytes, Finding | None]:
        """The bytes of a record's file, at most one more than the limit, or why they cannot be had."""

    def read_ahead(self, paths: Iterable[str]) -> None:
        """Say which files will be read next, in this order, where that makes reading them cheaper."""

    def signature(self, path: str) -> Signature | None:
        """What tells whether the file changed; None where nothing does."""

    def signatures(self, paths: Sequence[str]) -> list[Signature | None]:
        """The same of many files at once, in their order."""

    def blob(self, path: str) -> str | None:
        """The git object id of the file's content where it is known without reading the file."""

    def has(self, path: str) -> bool:
        """Whether there is a file of that path in the store, record or not."""

    def is_folder(self, path: str) -> bool:
        """Whether it is a folder, or a link to one inside the store."""


class WorkTree:
    """The files below the folder `root`, as they are when asked for."""

    knows_blobs = False

    def __init__(self, root: Path, cache: "Cache | None" = None) -> None:
        self.root = str(root)
        self._cache = cache
        self._seen: dict[str, Signature] = {}
        self.is_cold = False
        """Whether nothing is known of the files: the walk need not look at what is going to be read anyway."""

    def inventory(self, only: Collection[str] | None = None, *, by_two: bool = False) -> Inventory:
        """Everything at once, or some of the first folders (`svcops.store.walk`)."""
        if self._cache is None:
            found = walk.take(self, only)
        else:
            from svcops.store import forked, held

            tops = walk.first_folders() if only is None else only
            found = held.look(self._cache, self, tops, forked.start if by_two else None)
        self.adopt(found)
        return found

    def adopt(self, seen: Inventory) -> None:
        """Take over what another process has just seen of the same files."""
        if self._seen:
            self._seen |= seen.signatures
        else:
            self._seen = seen.signatures

    def sizes(self) -> dict[str, int]:
        """About how many files each first folder holds, from a look at two levels, and at a few folders there."""
        return {name: self._size(name) for name in walk.first_folders()}

    def _size(self, folder: str) -> int:
        try:
            below = list(os.scandir(f"{self.root}/{folder}"))
        except OSError:
            return 0
        folders = [one.path for one in below if one.is_dir(follow_symlinks=False)]
        looked_at = folders[:_LOOKED_AT]
        number = 0
        for path in looked_at:
            with suppress(OSError):
                names = os.listdir(path)
                number += len(names) * (1 if names and "." in names[0] else _FILES_OF_A_FOLDER)
        return len(below) - len(folders) + number * len(folders) // max(1, len(looked_at))

    def signature_of(self, one: walk.Item) -> Signature | None:
        """What tells whether a file changed, of what a folder was just seen to hold."""
        if self.is_cold:
            return None
        try:
            return signature_from(one.stat(follow_symlinks=False))  # type: ignore[attr-defined]
        except OSError:
            return None

    def signatures_in(self, folder: str, names: Iterable[str]) -> list[Signature] | None:
        """The same of files in a folder, by their names; None where one of them is no plain file."""
        found, above, look, is_file = [], f"{self.root}/{folder}/", os.lstat, stat.S_ISREG
        try:
            for name in names:
                one = look(above + name)
                if not is_file(one.st_mode):
                    return None
                found.append(signature_from(one))
        except OSError:
            return None
        return found

    def signature_of_folder(self, path: str) -> Signature | None:
        """What tells whether the names in a folder changed: an entry that comes or goes changes the folder's times."""
        if self._cache is None:
            return None
        try:
            found = os.lstat(f"{self.root}/{path}")
        except OSError:
            return None
        return signature_from(found) if stat.S_ISDIR(found.st_mode) else None

    def items(self, folder: str) -> list["os.DirEntry[str]"]:
        """What a folder holds; OSError where it cannot be listed."""
        return list(os.scandir(f"{self.root}/{folder}"))

    def list_kind(self, kind: Kind, within: Mapping[str, str]) -> list[str]:
        """Paths below the store of one kind's files, sorted; `within` fixes named parts of the pattern.

        What cannot be read (a pipe, a link to nowhere) is listed too: `read` says why.
        """
        *folders, file = [_filled(segment, within) for segment in kind.pattern.split("/")]
        above = [""]
        for segment in folders:
            below = self._folders_in if "{" in segment else self._folder
            above = [f"{path}/" for here in above for path in below(here, segment)]
        if "{" in file:
            ending = file.rpartition("}")[2]
            found = [path for here in above for path in self._files_in(here, ending)]
        else:
            found = [path for here in above if self._is_file(path := here + file)]
        return sorted(path for path in found if _is_of(kind, path))

    def folder_names(self, kind: Kind) -> list[str]:
        """The names of the folders of a kind's records, sorted, whether or not the record's file is there."""
        first, *steps = kind.pattern.split("/")[:-1]
        found = self._folder("", first)
        for _ in steps:
            found = [path for above in found for path in self._folders_in(f"{above}/")]
        return sorted(path.rpartition("/")[2] for path in found)

    def unlisted(self, kind: Kind) -> Finding | None:
        """FILE003 of a link that leaves the store, FILE005 of a folder that cannot be listed."""
        for folder in _fixed_folders(kind):
            if not self.is_inside(folder):
                return leaves(folder)
            try:
                os.scandir(f"{self.root}/{folder}").close()
            except FileNotFoundError:
                return None
            except OSError as error:
                return unreadable(folder, error.strerror or str(error))
        return None

    def _folder(self, above: str, name: str) -> list[str]:
        """The path of a folder, which need not be there; none for a link."""
        return [] if os.path.islink(f"{self.root}/{above}{name}") else [above + name]

    def _folders_in(self, above: str, _: str = "") -> list[str]:
        """The folders below a path that ends in a slash; none where that cannot be listed."""
        try:
            found = self.items(above)
        except OSError:
            return []
        return [above + one.name for one in found if one.name[0] != "." and one.is_dir(follow_symlinks=False)]

    def _files_in(self, above: str, ending: str) -> list[str]:
        """What ends so below a path that ends in a slash, and is no folder; none where that cannot be listed."""
        try:
            found = self.items(above)
        except OSError:
            return []
        return [
            above + one.name
            for one in found
            if one.name[0] != "." and one.name.endswith(ending)
            if one.is_file(follow_symlinks=False) or not self.is_folder(above + one.name)
        ]

    def _is_file(self, path: str) -> bool:
        """Whether something stands there that is no folder. What was seen of a file is kept: it is asked for next."""
        try:
            found = os.lstat(f"{self.root}/{path}")
        except OSError:
            return False
        if stat.S_ISREG(found.st_mode):
            self._seen[path] = signature_from(found)
            return True
        return not self.is_folder(path)

    def read(self, path: str) -> tuple[bytes, Finding | None]:
        """The bytes of a record's file, at most one more than the limit.

        FILE003 where it is a link that leaves the store, FILE005 where it cannot be read: a pipe would block.
        """
        try:
            file, is_link = self._open(path)
            if file is None:
                return b"", leaves(path)
            try:
                found = os.fstat(file)
                data = _content(file, found)
                if self.is_cold and not is_link:
                    self._seen.setdefault(path, signature_from(found))
                return data, None
            finally:
                os.close(file)
        except OSError as error:
            return b"", unreadable(path, error.strerror or str(error))

    def _open(self, path: str) -> tuple[int | None, bool]:
        """A file to read from, without waiting for who writes to a pipe, and whether a link may have led to it.

        None for a link that leaves the store.
        """
        full = f"{self.root}/{path}"
        if _NO_LINK:
            try:
                return os.open(full, _AT_ONCE | _NO_LINK), False
            except OSError:
                pass  # a link, or what cannot be read either way
        return os.open(full, _AT_ONCE) if self.is_inside(path) else None, True

    def read_ahead(self, paths: Iterable[str]) -> None:
        """Nothing: the operating system reads fast enough."""

    def signature(self, path: str) -> Signature | None:
        """What tells whether the file changed, as the walk saw it or as it is; None for a link, or nothing."""
        seen = self._seen.get(path)
        if seen is not None:
            return seen
        folder, _, name = path.rpartition("/")
        alone = self.signatures_in(folder, (name,))
        return alone[0] if alone else None

    def signatures(self, paths: Sequence[str]) -> list[Signature | None]:
        """The same of many files at once, in their order."""
        found = list(map(self._seen.get, paths))
        return list(map(self.signature, paths)) if None in found else found

    def blob(self, path: str) -> str | None:  # noqa: ARG002 - see Tree
        """None: a file of the work tree has to be read for that."""
        return None

    def has(self, path: str) -> bool:
        """Whether there is a file of that path in the store; one behind a link that leaves the store is not."""
        is_below = ".." not in path.split("/") and not path.startswith("/")
        return is_below and os.path.isfile(f"{self.root}/{path}") and self._steps(path) is not None

    def is_inside(self, path: str) -> bool:
        """Whether a path is no link, or a link to something of the store. Hidden folders, such as .git, are not."""
        if not os.path.islink(f"{self.root}/{path}"):
            return True
        steps = self._steps(path)
        return steps is not None and not any(step.startswith(".") for step in steps)

    def is_folder(self, path: str) -> bool:
        """Whether it is a folder, or a link to one inside the store."""
        return os.path.isdir(f"{self.root}/{path}") and self.is_inside(path)

    def _steps(self, path: str) -> list[str] | None:
        """The path below the store that a path leads to once its links are followed; None outside of the store."""
        store = os.path.realpath(self.root)
        target = os.path.realpath(f"{self.root}/{path}")
        is_below = (target + os.sep).startswith(store.rstrip(os.sep) + os.sep)
        return target[len(store) :].strip(os.sep).split(os.sep) if is_below else None


def signature_from(found: os.stat_result) -> Signature:
    """The signature of a file that was looked at."""
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}"


def _filled(segment: str, within: Mapping[str, str]) -> str:
    """A segment of a pattern with the parts that are fixed."""
    for name, value in within.items():
        segment = segment.replace(f"{{{name}}}", value)
    return segment


def _fixed_folders(kind: Kind) -> list[str]:
    """The folders in which the records of a kind are, as far as they have one name for all."""
    folders = kind.pattern.partition("{")[0].split("/")[:-1]
    return ["/".join(folders[: depth + 1]) for depth in range(len(folders))]


def _is_of(kind: Kind, path: str) -> bool:
    place = place_of(path)
    return place is not None and place.kind is kind


def _content(file: int, found: os.stat_result) -> bytes:
    """At most one byte more than the limit. Python's own files do the same, in three times the time."""
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is no file, but a pipe, a socket or a device")
    data = b""
    while part := os.read(file, min(found.st_size, MAX_BYTES) + 1):
        data += part
        if len(data) > MAX_BYTES:
            return data[: MAX_BYTES + 1]
        if len(data) == found.st_size:  # one byte more was asked for: there is none
            return data
    return data
