"""Reading the files of a kind, from bytes to records; what is valid goes into the cache. Many are read by two."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from svcops.checking.model import Finding
from svcops.store.cache import Cache, Documents, Row, pack_of
from svcops.store.declared import declared_of
from svcops.store.entries import Entry, entry_of, records_in, validated
from svcops.store.files import Tree
from svcops.store.fitting import check_of
from svcops.store.layout import place_of_kind
from svcops.store.model import Kind
from svcops.store.shape import shape_of
from svcops.store.yaml_flat import flat

_TO_US = re.compile(rb"(?:#[ \t]*|<!--\s*)svcops[ \t:_-]")
"""What may be a waiver beside a record, or be meant as one; a file that holds it is read every time, never cached."""
_AT_A_TIME = 256
"""Files that go through each step together. To do all steps of a file before the next one takes nearly twice as long:
what a processor keeps at hand is little."""
_FIRST = 0.55
"""Of many files, the part that the first process reads: the second has to send what it read, too."""
_MANY = 2_000
"""Files from which a second process saves more than it costs."""


@dataclass(slots=True)
class Read:
    """The records of files by path, what is wrong with the files, and which of them hold a waiver of their own."""

    entries: dict[str, Sequence[Entry[Any]]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)


class Reader:
    """Reads files of one kind, from a tree, into a cache."""

    def __init__(self, tree: Tree, cache: Cache, of: Kind) -> None:
        self.tree = tree
        self.cache = cache
        self.of = of
        self._declared = declared_of(of)
        self._quick = _Quick(of, self._declared)

    def read(self, paths: Sequence[str]) -> Read:
        """Read files one after the other."""
        found = Read()
        for start in range(0, len(paths), _AT_A_TIME):
            self._read_some(paths[start : start + _AT_A_TIME], found)
        return found

    def _read_some(self, paths: Sequence[str], found: Read) -> None:
        files = list(map(self.tree.read, paths))
        plain = self._quick.plain([data for data, _ in files])
        quick = self._quick.entries(paths, plain)
        clean: list[tuple[str, bytes, Documents]] = []
        for path, (data, problem), document, entry in zip(paths, files, plain, quick, strict=True):
            documents: Documents | None = [document]
            if entry:
                found.entries[path] = (entry,)
            elif problem:
                found.findings.append(problem)
                found.entries[path], documents = (), None
            else:
                found.entries[path], documents = self._look(path, data, found.findings)
            if b"svcops" in data and _TO_US.search(data):
                found.marked.append(path)
            elif documents is not None:
                clean.append((path, data, documents))
        for one in clean:
            self.cache.put(self.tree, self.of, *one)

    def read_half(self, paths: Sequence[str]) -> tuple[Read, dict[str, Documents]] | None:
        """Read many files while a second process reads half of them; None where one process has to do.

        Of the second half the documents are given, of those files with which nothing is wrong. The others are left to
        be read again: they are few, or the store is in ruins.
        """
        if len(paths) < _MANY:
            return None
        import pydantic_core  # noqa: F401 - the cache writes much by it

        from svcops.store import forked

        first, second = _halves(paths)
        self.cache.close()
        other = forked.start(lambda: self._rows(second))
        if other is None:
            return None
        try:
            found = self.read(first)
        except BaseException:
            other.give_up()
            raise
        with suppress(BrokenPipeError):
            return found, self.cache.take(other.result())
        return found, {}

    def _rows(self, paths: Sequence[str]) -> list[Row]:
        """What the cache is to hold of the packs of files, once these are read."""
        self.read(paths)
        return self.cache.changed(self.of, paths)

    def _look(self, path: str, data: bytes, findings: list[Finding]) -> tuple[list[Entry[Any]], Documents | None]:
        """The records of a file that is not plain, and its documents if nothing is wrong with them."""
        from svcops.store.documents import parse

        parsed = parse(data, path, many=self.of.many)
        found = list(parsed.findings)
        entries = []
        if not found:
            for place, plain in records_in(self.of, parsed.documents, path):
                value, wrong = validated(self._declared, plain, place)
                found += wrong
                if value is not None:
                    entries.append(entry_of(self.of, place, plain, value))
        findings += found
        return entries, None if found else parsed.documents


class _Quick:
    """Reads files that are plain YAML and surely right; what is anything else is None."""

    def __init__(self, of: Kind, declared: Any) -> None:
        self._kind_name = of.name
        self._name_of = place_of_kind(of).name
        self._check, self._make = check_of(declared), shape_of(declared).rebuild
        self._is_for = bool(self._check and self._make) and not of.many and of.pattern.endswith(".yaml")

    def plain(self, files: Sequence[bytes]) -> list[Any]:
        """The one document of each file."""
        return list(map(_plain, files)) if self._is_for else [None] * len(files)

    def entries(self, paths: Sequence[str], documents: Sequence[Any]) -> list[Entry[Any] | None]:
        """The record that each document surely is."""
        check, make, kind_name, name_of = self._check, self._make, self._kind_name, self._name_of
        sure = [one is not None and check(one) for one in documents]  # type: ignore[misc]
        return [
            Entry(kind_name, name_of(path), path, make(one)) if is_sure else None  # type: ignore[misc]
            for path, one, is_sure in zip(paths, documents, sure, strict=True)
        ]


def _plain(data: bytes) -> dict[str, Any] | None:
    try:
        return flat(data.decode())
    except UnicodeDecodeError:
        return None


def _halves(paths: Sequence[str]) -> tuple[list[str], list[str]]:
    """Two parts that take as long, such that what one row of the cache holds is in one of them."""
    packs: dict[str, list[str]] = {}
    for path in paths:
        packs.setdefault(pack_of(path), []).append(path)
    first: list[str] = []
    second: list[str] = []
    for pack in packs.values():
        (first if len(first) < len(paths) * _FIRST else second).extend(pack)
    return first, second
