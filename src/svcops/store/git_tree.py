"""The files of a store as a revision has them: what `files.WorkTree` gives, out of git's objects."""

import os
from collections.abc import Mapping
from functools import cached_property

from svcops.checking.model import At, Finding
from svcops.store.files import MAX_BYTES, Inventory, Signature, leaves, unknown_place
from svcops.store.git import Git
from svcops.store.layout import NO_RECORD, is_record_folder, place_of
from svcops.store.model import Kind

_LINK = b"120000"


class GitTree:
    """The files below the store's folder in `tree`, which is anything that git takes for a tree: `main`, `HEAD~3`."""

    def __init__(self, git: Git, tree: str) -> None:
        self.git = git
        self.tree = tree
        self._read: dict[str, bytes] = {}

    @cached_property
    def _blobs(self) -> dict[str, tuple[str, int, bool]]:
        """Every file: object id, size in bytes, whether it is a symbolic link. Submodules are none."""
        listed = self.git.run("ls-tree", "-r", "-z", "--long", self.tree).stdout
        found = {}
        for line in listed.split(b"\0")[:-1]:
            about, _, path = line.partition(b"\t")
            mode, kind, blob, size = about.split()
            if kind == b"blob":
                found[os.fsdecode(path)] = (blob.decode(), int(size), mode == _LINK)
        return found

    @cached_property
    def _inventory(self) -> Inventory:
        found = Inventory()
        for path in sorted(self._blobs):
            first, _, rest = path.partition("/")
            place = place_of(path)
            if place is not None and place.kind:
                found.paths[place.kind.name].append(path)
            elif rest and is_record_folder(first) and not _is_hidden(path) and not path.endswith(f"/{NO_RECORD}"):
                found.findings.append(leaves(path) if self._blobs[path][2] else unknown_place(path))
        return found

    def inventory(self) -> Inventory:
        """Everything at once. FILE004 for what is no record; a symbolic link is never followed."""
        return self._inventory

    def list_kind(self, kind: Kind, within: Mapping[str, str]) -> list[str]:
        """Paths of one kind's files, sorted; `within` fixes named parts of the pattern."""
        paths = self._inventory.paths[kind.name]
        if not within:
            return paths
        place = place_of(paths[0]) if paths else None
        return [path for path in paths if place and within.items() <= place.parts(path).items()]

    def read(self, path: str) -> tuple[bytes, Finding | None]:
        """The bytes of a file, at most one more than the limit; FILE003 for a symbolic link."""
        if path not in self._blobs:
            return b"", Finding("FILE005", f"cannot be read: {self.tree} has no such file", At(path))
        blob, size, is_link = self._blobs[path]
        if is_link:
            return b"", leaves(path)
        if size > MAX_BYTES:
            return b" " * (MAX_BYTES + 1), None
        if blob not in self._read:
            self._read[blob] = self.git.run("cat-file", "blob", blob).stdout
        return self._read[blob], None

    def read_ahead(self, paths: list[str]) -> None:
        """Fetch the contents of many files with one call of git, so that `read` has them at hand."""
        known = (self._blobs[path] for path in paths if path in self._blobs)
        wanted = list(dict.fromkeys(blob for blob, size, is_link in known if size <= MAX_BYTES and not is_link))
        wanted = [blob for blob in wanted if blob not in self._read]
        if not wanted:
            return
        given = self.git.run(
            "cat-file", "--batch", "--buffer", stdin="".join(f"{one}\n" for one in wanted).encode()
        ).stdout
        start = 0
        for blob in wanted:
            head = given.index(b"\n", start)
            size = int(given[start:head].split()[2])
            self._read[blob] = given[head + 1 : head + 1 + size]
            start = head + size + 2

    def signature(self, path: str) -> Signature | None:  # noqa: ARG002 - see Tree
        """None: content is known by its object id."""
        return None

    def blob(self, path: str) -> str | None:
        """The git object id of the file's content."""
        found = self._blobs.get(path)
        return found[0] if found else None

    def has(self, path: str) -> bool:
        """Whether the revision has a file of that path."""
        return path in self._blobs


def _is_hidden(path: str) -> bool:
    return path.startswith(".") or "/." in path
