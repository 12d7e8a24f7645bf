"""What was read and found valid before, as plain data, so that a warm command neither parses nor validates.

One SQLite file under the git directory. A row is a pack: some files of one kind, those of a day where paths hold a
date. So a command about one incident reads a row or two, and a check of the whole store compares and decodes hundreds
of files at once. A file is known by its content: its git object id, for which size, times and inode stand while they
are certain (a file changed in the same clock tick as it was read looks unchanged by its time alone). Only clean files
are held, and never a finding. Whatever is odd about the cache, a checksum of a row that is wrong, a table that is not
there, a lock, a full disk: it is as if it held nothing. One that is damaged is thrown away.
"""

import json
import os
import re
import sys
import time
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import finalize
from zlib import crc32

from svcops.store.cache_version import stamp

if TYPE_CHECKING:
    import sqlite3

    from svcops.store.files import Signature, Tree
    from svcops.store.model import Kind

Documents = list[Any]
Row = tuple[str, str, bytes, bytes, int]
"""Kind, pack, files, documents and checksum, as the table has them."""
_TICK_NS = 2_000_000_000
"""No file system that git runs on has a coarser clock."""
_TABLE = (
    "CREATE TABLE IF NOT EXISTS packs (kind TEXT, pack TEXT, files BLOB, documents BLOB, checksum INTEGER,"
    " PRIMARY KEY (kind, pack))"
)
"""`files` are path, signature and object id of each file, in turn, with zero bytes between; a signature is empty where
it was not certain. `documents` is a JSON array with the documents of each file."""
_GET_SOME = "SELECT pack, files, documents, checksum FROM packs WHERE kind = ?"
_GET = f"{_GET_SOME} ORDER BY pack"
_GET_ONE = f"{_GET_SOME} AND pack = ?"
_GET_HEADS = "SELECT pack, files FROM packs WHERE kind = ? ORDER BY pack"
_PUT = "INSERT OR REPLACE INTO packs VALUES (?, ?, ?, ?, ?)"
_DELETE = "DELETE FROM packs WHERE kind = ? AND pack = ?"
_DATED = re.compile(r"-([0-9]{8})-[0-9a-z]{6}\b")
_PACKS = 64
"""Of the files of a kind that are in no folder or file named by a date."""
_encode = json.JSONEncoder(separators=(",", ":")).encode
_WAIT = 2.0
"""Seconds to wait for another svcops that writes its cache."""
_DAMAGED = (None, 1, 11, 26)
"""What SQLite says of a damaged file: text that is none, no such column, corrupt, no database
(https://sqlite.org/rescode.html). The others are of the moment, or of the place."""


class _File(NamedTuple):
    """What is held of one file."""

    signature: str
    blob: str
    documents: Documents


class Pack:
    """A row of the cache, its documents not decoded yet. `head` says which files it holds, as the table has it."""

    __slots__ = ("_text", "blobs", "head", "paths", "signatures")

    def __init__(self, files: bytes, text: bytes = b"") -> None:
        told = files.decode().split("\0")
        self.head = files
        self.paths, self.signatures, self.blobs = told[0::3], told[1::3], told[2::3]
        self._text = text

    def documents(self) -> list[Documents]:
        """The documents of each file, or none of any where they cannot be decoded."""
        try:
            found = json.loads(self._text)
        except (ValueError, RecursionError):
            return []
        return found if type(found) is list and len(found) == len(self.paths) else []

    def files(self) -> dict[str, _File]:
        """What is held, by path."""
        return dict(zip(self.paths, map(_File, self.signatures, self.blobs, self.documents()), strict=False))


class Cache:
    """Valid documents by path; `folder` None means that nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.whole: dict[str, Callable[[], list[Pack] | None]] = {}
        """What gives all packs of a kind, of which it was just seen that each file is as it was, and there is no other.
        Whoever reads all of the kind takes them from here."""
        self._open: dict[tuple[str, str], dict[str, _File]] = {}
        """Packs of which single files were looked at, by kind and name."""
        self._changed: set[tuple[str, str]] = set()
        self._rows: dict[tuple[str, str], Row] = {}
        """Packs that are to be written as another process gave them."""

    def documents(
        self, tree: "Tree", kind: "Kind", paths: Sequence[str], *, whole: Collection[str] | bool
    ) -> dict[str, Documents]:
        """The documents of those of the paths, all of one kind, whose file is what was validated; in their order.

        A file whose times prove nothing is read, and its content compared. `whole` names the packs of which these are
        all paths, or says whether they are all of the kind: what else is held is of files that are no more, and will be
        forgotten.
        """
        packs = self.packs(kind, None if whole is True else whole or dict.fromkeys(map(pack_of, paths)))
        if tree.knows_blobs:
            held = {one.blob: one.documents for pack in packs.values() for one in pack.files().values()}
            return {path: held[blob] for path in paths if (blob := tree.blob(path) or "") in held}
        found: dict[str, Documents] = {}
        asked = set(paths)
        for name, pack in packs.items():
            if not whole or pack.signatures != tree.signatures(pack.paths):
                files = self._open[kind.name, name] = pack.files()
                if _sift(tree, files, asked, whole=bool(whole)):
                    self._changed.add((kind.name, name))
                found.update((path, files[path].documents) for path in asked & files.keys())
            else:
                found.update(zip(pack.paths, pack.documents(), strict=False))
        return found if list(found) == paths else {path: found[path] for path in paths if path in found}

    def put(self, tree: "Tree", kind: "Kind", path: str, data: bytes, documents: Documents) -> None:
        """Remember a file of the work tree that was read and found valid."""
        signature = tree.signature(path)
        if signature is None or not (path.isascii() or _is_unicode(path)):
            return
        proof = certain(signature) if signature.startswith(f"{len(data)} ") else ""
        self._add(kind, path, _File(proof, blob_of(data), documents))

    def changed(self, kind: "Kind", paths: Iterable[str]) -> list[Row]:
        """What is to be written of the packs of these files, for `take` of another process's cache."""
        keys = dict.fromkeys((kind.name, pack_of(path)) for path in paths)
        return [_row(*key, self._open[key]) for key in keys if key in self._changed]

    def take(self, rows: Iterable[Row]) -> dict[str, Documents]:
        """Put in what another process is to write; the documents of each file, by path."""
        found: dict[str, Documents] = {}
        for one in rows:
            self._open.pop(one[:2], None)
            self._rows[one[:2]] = one
            pack = _pack(one)
            found.update(zip(pack.paths, pack.documents(), strict=False))
        return found

    def _add(self, kind: "Kind", path: str, file: _File) -> None:
        key = (kind.name, pack_of(path))
        if key not in self._open:
            given = self._rows.pop(key, None)
            held = [_pack(given)] if given else list(self.packs(kind, (key[1],)).values())
            self._open[key] = held[0].files() if held else {}
        self._open[key][path] = file
        self._changed.add(key)

    def save(self) -> None:
        """Write what is new; a place that cannot be written is no error."""
        changed, rows = {key: self._open[key] for key in self._changed}, self._rows
        self._open, self._changed, self._rows = {}, set(), {}
        if changed or rows:
            self.write(chain(rows.values(), (_row(*key, files) for key, files in changed.items())))

    def forget(self, kind: "Kind") -> None:
        """Hold nothing of a kind of which there are no files any more; nothing is opened for that."""
        if self.__dict__.get("_connection") is not None:
            self.write((kind.name, name, b"", b"", 0) for name in self.packs(kind))

    def write(self, rows: Iterable[Row]) -> None:
        """Write packs, or take away those that hold no file; a place that cannot be written is no error."""
        if self._connection is None:
            return
        import sqlite3

        try:
            with self._connection:
                for row in rows:
                    put, values = (_PUT, row) if row[2] else (_DELETE, row[:2])
                    self._connection.execute(put, values)
        except (sqlite3.Error, UnicodeError) as error:
            self._give_up(error)

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        connection = self.__dict__.pop("_connection", None)
        if connection is not None:
            connection.close()

    def _give_up(self, error: Exception) -> None:
        """Do without for this process; without what is damaged, for good."""
        self.close()
        self.__dict__["_connection"] = None
        code = getattr(error, "sqlite_errorcode", None)
        if self.folder is not None and (code if code is None else code & 0xFF) in _DAMAGED:
            _remove(self.folder.glob(f"{_name()}*"))

    def packs(self, kind: "Kind", names: Iterable[str] | None = None) -> dict[str, Pack]:
        """The packs of a kind, or those of these names; those alone whose checksum is right."""
        return self.rows(kind.name, names)

    def packs_of(
        self, kind: "Kind", heads: Mapping[str, bytes], names: Iterable[str] | None = None
    ) -> list[Pack] | None:
        """The same; None where they are not, or not any more, those that have these heads."""
        packs = self.packs(kind, names)
        return list(packs.values()) if {name: pack.head for name, pack in packs.items()} == heads else None

    def rows(self, kind: str, names: Iterable[str] | None = None) -> dict[str, Pack]:
        """The same of whatever is held under the name of a kind."""
        return {name: Pack(files, text) for name, (files, text) in self.plain_rows(kind, names).items()}

    def plain_rows(self, kind: str, names: Iterable[str] | None = None) -> dict[str, tuple[bytes, bytes]]:
        """The same, neither part of a row decoded."""
        rows = (
            self._ask(_GET, (kind,))
            if names is None
            else [row for name in names for row in self._ask(_GET_ONE, (kind, name))]
        )
        return {
            name: (files, text)
            for name, files, text, checksum in rows
            if type(files) is type(text) is bytes and checksum == _checksum(kind, name, files, text)
        }

    def heads(self, kind: "Kind") -> dict[str, bytes]:
        """Which files the packs of a kind hold, in a third of the time; whether that is so, nothing has checked yet."""
        return {name: files for name, files in self._ask(_GET_HEADS, (kind.name,)) if type(files) is bytes}

    def _ask(self, question: str, given: tuple[str, ...]) -> list[Any]:
        """What the table answers: nothing, where anything is odd."""
        if self._connection is None:
            return []
        import sqlite3

        try:
            return self._connection.execute(question, given).fetchall()
        except UnicodeError:
            return []
        except sqlite3.Error as error:
            self._give_up(error)
            return []

    @cached_property
    def _connection(self) -> "sqlite3.Connection | None":
        if self.folder is None:
            return None
        import sqlite3

        file = self.folder / _name()
        with suppress(OSError, sqlite3.Error):
            if not file.exists():
                self.folder.mkdir(parents=True, exist_ok=True)
                _remove(other for other in self.folder.glob("records-*") if not other.name.startswith(_name()))
            connection = _open(file)
            finalize(self, connection.close)
            return connection
        return None


def _open(file: Path) -> "sqlite3.Connection":
    """Open the cache; one that is no database is thrown away, once."""
    import sqlite3

    for _ in range(2):
        connection = sqlite3.connect(
            file, timeout=_WAIT, check_same_thread=False
        )  # a thread may end the work of another
        try:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA cache_size = 20")  # pages, each of which is asked for once
            connection.execute(_TABLE)
        except sqlite3.OperationalError:
            raise
        except (sqlite3.DatabaseError, UnicodeError):  # also where it cannot say in UTF-8 what is damaged
            connection.close()
            _remove(file.parent.glob(f"{file.name}*"))
        else:
            return connection
    raise sqlite3.DatabaseError(f"{file} is no database")


def _remove(files: Iterable[Path]) -> None:
    for file in files:
        with suppress(OSError):
            file.unlink()


def _sift(tree: "Tree", files: dict[str, _File], asked: Container[str], *, whole: bool) -> bool:
    """Take out of a pack what is not so any more; whether anything in it is another now."""
    before = dict(files)
    for path, file in before.items():
        if path not in asked:
            if whole:
                del files[path]
            continue
        signature = tree.signature(path)
        if signature == file.signature:
            continue
        data, problem = tree.read(path)
        if problem or blob_of(data) != file.blob:
            del files[path]
        elif signature and certain(signature) != file.signature:
            files[path] = file._replace(signature=certain(signature))
    return len(files) != len(before) or any(files[path] is not before[path] for path in files)


def pack_of(path: str) -> str:
    """The name of the pack in which a file is held."""
    dated = _DATED.search(path)
    return dated[1] if dated else str(crc32(os.fsencode(path)) % _PACKS)


def is_dated(pack: str) -> bool:
    """Whether a pack holds the files of a day: then all that belong to one record of that day are in it."""
    return len(pack) == len("20261123")


def _pack(row: Row) -> Pack:
    return Pack(row[2], row[3])


def row(kind: str, name: str, heads: Iterable[str], text: bytes) -> Row:
    """A pack as it is written: path, signature and object id of each file in turn, and the documents of all."""
    files = "\0".join(heads).encode()
    return (kind, name, files, text, _checksum(kind, name, files, text))


def _row(kind: str, name: str, files: dict[str, _File]) -> Row:
    heads = (part for path, one in files.items() for part in (path, one.signature, one.blob))
    return row(kind, name, heads, _json([one.documents for one in files.values()]))


def _json(documents: list[Documents]) -> bytes:
    """As JSON, by pydantic's writer where that is imported: it is six times as fast, and takes long to import."""
    core = sys.modules.get("pydantic_core")
    return core.to_json(documents) if core else _encode(documents).encode()


def _checksum(kind: str, name: str, files: bytes, text: bytes) -> int:
    """Over all of a row."""
    return crc32(text, crc32(files, crc32(f"{kind} {name}".encode())))


def _name() -> str:
    return f"records-{stamp()}.db"


def blob_of(data: bytes) -> str:
    """The id that git gives a file of this content, in a repository of SHA-1 objects."""
    from hashlib import sha1  # here, as the library that it brings takes 3 ms: a warm call needs none

    return sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _is_unicode(path: str) -> bool:
    """Whether SQLite takes it as text: a name that is not UTF-8 it does not."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def certain(signature: "Signature", seen_ns: int | None = None) -> str:
    """The signature if a later change would show in its times: older than now by more than any clock's tick.

    `seen_ns` is when one began to look, where that was before.
    """
    _, changed, inode_changed, _ = map(int, signature.split())
    return signature if max(changed, inode_changed) + _TICK_NS < (seen_ns or time.time_ns()) else ""
