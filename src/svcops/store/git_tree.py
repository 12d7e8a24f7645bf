"""The files of a store as a revision has them: what `files.WorkTree` gives of a checkout, out of git's objects.

Submodules are empty folders, as they are in a fresh clone. The bytes are git's own, before any filter or line end.
"""

import errno
import os
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

from svcops.checking.model import Finding
from svcops.store import walk
from svcops.store.files import MAX_BYTES, Signature
from svcops.store.git import Git, GitFailed
from svcops.store.layout import place_of_kind
from svcops.store.model import Kind
from svcops.store.walk import Inventory, leaves, unreadable

_LINK = b"120000"
_MOST_LINKS = 40
"""That one path may lead through, as the kernel has it."""
_LONGEST_TARGET = 4096
"""Bytes; no file system takes a longer symbolic link."""
_CHUNK = 16 * MAX_BYTES
"""Bytes fetched with one call of git."""


class _Node:
    """A file, a symbolic link (`link` is set) or a folder (`below` is set) of the revision."""

    __slots__ = ("below", "blob", "link", "name", "size")

    def __init__(self, name: str, blob: str = "", size: int = 0, *, link: bool = False, folder: bool = False) -> None:
        self.name = name
        self.blob = blob
        self.size = size
        self.link = link
        self.below: dict[str, _Node] | None = {} if folder else None

    def is_dir(self, *, follow_symlinks: bool) -> bool:  # noqa: ARG002 - see walk.Item
        return self.below is not None

    def is_file(self, *, follow_symlinks: bool) -> bool:  # noqa: ARG002 - see walk.Item
        return self.below is None and not self.link

    def is_symlink(self) -> bool:
        return self.link


class GitTree:
    """The files below the store's folder in `tree`, which is anything that git takes for a tree: `main`, `HEAD~3`."""

    knows_blobs = True

    def __init__(self, git: Git, tree: str, more: Mapping[str, str] | None = None) -> None:
        self.git = git
        self.tree = tree
        self._more = more or {}
        """Files beside those of the tree: their object ids by path."""
        self._held: dict[str, bytes] = {}
        self._next: deque[_Node] = deque()

    @cached_property
    def _top(self) -> _Node:
        """The store's folder, with everything below."""
        top = _Node("", folder=True)
        listed = self.git.run("ls-tree", "-r", "-z", "--long", self.tree).stdout
        folders = {"": top}
        for line in listed.split(b"\0")[:-1]:
            about, _, path = line.partition(b"\t")
            mode, kind, blob, size = about.split()
            folder, _, name = os.fsdecode(path).rpartition("/")
            above = folders.get(folder) or _folder(folders, folder)
            assert above.below is not None, folder
            if kind == b"blob":
                above.below[name] = _Node(name, blob.decode(), int(size) if size.isdigit() else 0, link=mode == _LINK)
            else:
                above.below[name] = _Node(name, folder=True)
        for file, its_blob in self._more.items():
            folder, _, name = file.rpartition("/")
            above = folders.get(folder) or _folder(folders, folder)
            assert above.below is not None, folder
            above.below.setdefault(name, _Node(name, its_blob))
        return top

    @cached_property
    def _inventory(self) -> Inventory:
        return walk.take(self)

    def inventory(self, only: Collection[str] | None = None, *, by_two: bool = False) -> Inventory:  # noqa: ARG002
        """Everything at once, or some of the first folders (`svcops.store.walk`): quick, as all is in memory."""
        return self._inventory if only is None else walk.take(self, only)

    def sizes(self) -> dict[str, int]:
        """How many files each first folder holds."""
        return {name: _count(self._top.below.get(name)) for name in walk.first_folders() if self._top.below}

    def signature_of(self, one: walk.Item) -> Signature | None:  # noqa: ARG002 - see Folders
        """None: content is known by its object id."""
        return None

    def signatures_in(self, folder: str, names: Iterable[str]) -> list[Signature] | None:  # noqa: ARG002 - see Folders
        """None, for the same reason."""
        return None

    def signature_of_folder(self, path: str) -> Signature | None:  # noqa: ARG002 - see Folders
        """None: nothing is gained by remembering what a folder held."""
        return None

    def items(self, folder: str) -> Iterable[_Node]:
        """What a folder holds."""
        node = self._node(folder.split("/") if folder else [])
        assert node is not None, folder
        assert node.below is not None, folder
        return node.below.values()

    def list_kind(self, kind: Kind, within: Mapping[str, str]) -> list[str]:
        """Paths of one kind's files, sorted; `within` fixes named parts of the pattern."""
        paths, place = self._inventory.paths[kind.name], place_of_kind(kind)
        return [path for path in paths if within.items() <= place.parts(path).items()] if within else paths

    def folder_names(self, kind: Kind) -> list[str]:
        """The names of the folders of a kind's records, where the record's file is there."""
        return sorted(path.split("/")[-2] for path in self._inventory.paths[kind.name])

    def unlisted(self, kind: Kind) -> Finding | None:  # noqa: ARG002 - see Tree
        """None: what a revision holds is listed."""
        return None

    def read(self, path: str) -> tuple[bytes, Finding | None]:
        """The bytes of a file, at most one more than the limit; FILE003 and FILE005 as of a checkout."""
        if not self.is_inside(path):
            return b"", leaves(path)
        node = self._leads_to(path)
        if isinstance(node, int):
            return b"", unreadable(path, os.strerror(node))
        if node.below is not None:
            return b"", unreadable(path, os.strerror(errno.EISDIR))
        return (b" " * (MAX_BYTES + 1) if node.size > MAX_BYTES else self._content(node)), None

    def read_ahead(self, paths: Iterable[str]) -> None:
        """Say what will be read next, in this order: many files are then fetched with one call of git."""
        nodes = map(self._leads_to, dict.fromkeys(paths))
        self._next = deque(
            node for node in nodes if isinstance(node, _Node) and node.below is None and node.size <= MAX_BYTES
        )

    def _content(self, node: _Node) -> bytes:
        if node.blob not in self._held:
            wanted, room = {node.blob: None}, _CHUNK
            while self._next and room > 0:
                one = self._next.popleft()
                wanted[one.blob], room = None, room - one.size
            if len(wanted) > 1:
                self._held.clear()
            self._held |= self._fetch(list(wanted))
        return self._held[node.blob]

    def _fetch(self, blobs: list[str]) -> dict[str, bytes]:
        """The contents of all these with one call; GitFailed where git has not all of them."""
        asked = "".join(f"{blob}\n" for blob in blobs).encode()
        given = self.git.run("cat-file", "--batch", "--buffer", stdin=asked).stdout
        found, start = {}, 0
        for blob in blobs:
            head = given.index(b"\n", start)
            about = given[start:head].split()
            if len(about) != 3:
                raise GitFailed(f"git has no object {blob} of {self.tree}", help="git fetch, or git fsck")
            end = head + 1 + int(about[2])
            found[blob], start = given[head + 1 : end], end + 1
        return found

    def signature(self, path: str) -> Signature | None:  # noqa: ARG002 - see Tree
        """None: content is known by its object id."""
        return None

    def signatures(self, paths: Sequence[str]) -> list[Signature | None]:
        """None for each: content is known by its object id."""
        return [None] * len(paths)

    def blob(self, path: str) -> str | None:
        """The git object id of the file's content; None where there is no file that may be read."""
        node = self._node(path.split("/"))
        found = self._leads_to(path) if node is not None and node.link and self.is_inside(path) else node
        return found.blob if isinstance(found, _Node) and found.is_file(follow_symlinks=False) else None

    def has(self, path: str) -> bool:
        """Whether the revision has a file of that path in the store."""
        is_below = ".." not in path.split("/") and not path.startswith("/")
        node = self._leads_to(path) if is_below else None
        return isinstance(node, _Node) and node.below is None and not path.endswith("/")

    def is_inside(self, path: str) -> bool:
        """Whether a path is no link, or a link to something of the store. Hidden folders, such as .git, are not."""
        node = self._node(path.split("/"))
        if node is None or not node.link:
            return True
        steps = self._steps(path)
        return steps is not None and not any(step.startswith(".") for step in steps)

    def is_folder(self, path: str) -> bool:
        """Whether it is a folder, or a link to one inside the store."""
        node = self._leads_to(path)
        return isinstance(node, _Node) and node.below is not None and self.is_inside(path)

    def _leads_to(self, path: str) -> "_Node | int":
        """What a path is once its links are followed, or the number of the error that opening it would be."""
        node = self._node(path.split("/"))
        if node is not None and not node.link:
            return node
        steps = self._steps(path)
        if steps is None:
            return errno.ENOENT
        node = self._node(steps)
        if node is None:
            above = (self._node(steps[:depth]) for depth in range(1, len(steps)))
            stop = next((one for one in above if one is not None and one.below is None), None)
            return errno.ENOENT if stop is None else errno.ELOOP if stop.link else errno.ENOTDIR
        return errno.ELOOP if node.link else node

    def _node(self, steps: list[str]) -> _Node | None:
        """What stands at these very steps; links are not followed."""
        node: _Node | None = self._top
        for step in steps:
            node = node.below.get(step) if node is not None and node.below is not None else None
        return node

    def _steps(self, path: str) -> list[str] | None:
        """The path below the store that a path leads to once its links are followed; None outside of the store."""
        done: list[str] = []
        waiting, links = path.split("/")[::-1], 0
        while waiting:
            step = waiting.pop()
            if step == "..":
                if not done:
                    return None
                done.pop()
            elif step not in ("", "."):
                done.append(step)
                node = self._node(done)
                if node is None or not node.link or links == _MOST_LINKS:
                    continue
                links += 1
                target = self._targets.get(node.blob, "/")
                if target.startswith("/"):
                    return None
                done.pop()
                waiting += target.split("/")[::-1]
        return done

    @cached_property
    def _targets(self) -> dict[str, str]:
        """What every symbolic link holds, by its object id."""
        folders, links = [self._top], []
        while folders:
            for node in (folders.pop().below or {}).values():
                if node.below is not None:
                    folders.append(node)
                elif node.link and node.size <= _LONGEST_TARGET:
                    links.append(node.blob)
        return {blob: os.fsdecode(text) for blob, text in self._fetch(list(dict.fromkeys(links))).items()}


def _folder(folders: dict[str, _Node], path: str) -> _Node:
    """The folder at a path, made with those above it."""
    found = folders.get(path)
    if found is None:
        folder, _, name = path.rpartition("/")
        above = _folder(folders, folder)
        found = folders[path] = _Node(name, folder=True)
        assert above.below is not None, folder
        above.below[name] = found
    return found


def _count(node: _Node | None) -> int:
    """How many files a folder holds, all that lies below it."""
    number, waiting = 0, [node] if node else []
    while waiting:
        here = waiting.pop()
        number += here.below is None
        waiting += here.below.values() if here.below else ()
    return number
