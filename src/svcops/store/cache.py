"""What was read and found valid before, as plain data, so that a warm command neither parses nor validates.

One SQLite file under the git directory, a row a file of the store. A row is keyed by the file's content: its git object
id, for which size, times and inode stand while they are certain (a file changed in the same clock tick as it was read
looks unchanged by its time alone). Only clean files are held, and never a finding. Whatever is odd about the cache, a
checksum of a row that is wrong, a table that is not there, a lock, a full disk: it is as if it held nothing. One that
is damaged is thrown away.
"""

import json
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache, cached_property
from hashlib import sha1, sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import finalize
from zlib import crc32

if TYPE_CHECKING:
    import sqlite3

    from svcops.store.files import Signature, Tree
    from svcops.store.model import Kind

Documents = list[Any]
_TICK_NS = 2_000_000_000
"""No file system that git runs on has a coarser clock."""
_TABLE = (
    "CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, kind TEXT, blob TEXT, signature TEXT, checksum INTEGER,"
    " documents BLOB) WITHOUT ROWID"
)
"""A signature is empty where it was not certain."""
_GET = "SELECT path, blob, signature, checksum, documents FROM files WHERE path >= ? AND path < ? AND kind = ?"
_PUT = "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)"
_DELETE = "DELETE FROM files WHERE path = ?"
_ASKED = ("holidays",)
"""Libraries that decide what is valid."""
_encode = json.JSONEncoder(separators=(",", ":")).encode
_Row = tuple[str, str, str, int, bytes]
"""As `_GET` gives it."""
_LAST = "\U0010ffff"
_WAIT = 2.0
"""Seconds to wait for another svcops that writes its cache."""
_DAMAGED = (None, 1, 11, 26)
"""What SQLite says of a damaged file: text that is none, no such column, corrupt, no database
(https://sqlite.org/rescode.html). The others are of the moment, or of the place."""


class Cache:
    """Valid documents by path; `folder` None means that nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._new: dict[str, tuple[Any, ...]] = {}
        self._gone: set[str] = set()

    def documents(self, tree: "Tree", kind: "Kind", paths: Sequence[str], *, all_of_kind: bool) -> dict[str, Documents]:
        """The documents of those of the paths, all of one kind, whose file is what was validated.

        A file whose times prove nothing is read, and its content compared. With `all_of_kind`, what else the cache
        holds of the kind is of files that are no more, and will be forgotten.
        """
        rows = self._rows(kind, paths, all_of_kind=all_of_kind) if paths else {}
        if not rows:
            return {}
        if tree.knows_blobs:
            by_blob = {row[1]: row for row in rows.values()}
            texts = {path: row[-1] for path in paths if (row := by_blob.get(tree.blob(path) or ""))}
        else:
            if all_of_kind:
                self._gone |= rows.keys() - set(paths)
            signature = tree.signature
            texts = {
                path: row[-1]
                for path in paths
                if (row := rows.get(path)) and (row[2] == signature(path) or self._is_of(tree, kind, path, row))
            }
        try:
            return dict(zip(texts, json.loads(b"[%b]" % b",".join(texts.values())), strict=True))
        except (ValueError, RecursionError):
            return {}

    def _is_of(self, tree: "Tree", kind: "Kind", path: str, row: _Row) -> bool:
        """Whether the file still has the content that the row tells of."""
        signature = tree.signature(path)
        data, problem = tree.read(path)
        if problem or blob_of(data) != row[1]:
            return False
        if signature:
            self._new[path] = _put(kind, path, row[1], _certain(signature), row[-1])
        return True

    def put(self, tree: "Tree", kind: "Kind", path: str, data: bytes, documents: Documents) -> None:
        """Remember a file of the work tree that was read and found valid."""
        signature = tree.signature(path)
        if signature is None or not _is_unicode(path):
            return
        certain = _certain(signature) if signature.startswith(f"{len(data)} ") else ""
        self._new[path] = _put(kind, path, blob_of(data), certain, _encode(documents).encode())

    def save(self) -> None:
        """Write what is new; a place that cannot be written is no error."""
        new, self._new = self._new, {}
        gone, self._gone = self._gone, set()
        if not (new or gone) or self._connection is None:
            return
        import sqlite3

        try:
            with self._connection:
                self._connection.executemany(_PUT, new.values())
                self._connection.executemany(_DELETE, ((path,) for path in gone))
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
        if self._folder is not None and (code if code is None else code & 0xFF) in _DAMAGED:
            _remove(self._folder.glob(f"{_name()}*"))

    def _rows(self, kind: "Kind", paths: Sequence[str], *, all_of_kind: bool) -> dict[str, _Row]:
        """The rows of a kind, or from the first path to the last; those alone whose checksum is right."""
        if self._connection is None:
            return {}
        import sqlite3

        first, last = (
            (kind.folder, kind.folder + _LAST) if all_of_kind and kind.folder else (paths[0], paths[-1] + "\0")
        )
        try:
            found = self._connection.execute(_GET, (first, last, kind.name)).fetchall()
        except UnicodeError:
            return {}
        except sqlite3.Error as error:
            self._give_up(error)
            return {}
        return {row[0]: row for row in found if type(row[-1]) is bytes and row[-2] == _checksum(kind.name, *row)}

    @cached_property
    def _connection(self) -> "sqlite3.Connection | None":
        if self._folder is None:
            return None
        import sqlite3

        file = self._folder / _name()
        with suppress(OSError, sqlite3.Error):
            if not file.exists():
                self._folder.mkdir(parents=True, exist_ok=True)
                _remove(other for other in self._folder.glob("records-*") if not other.name.startswith(_name()))
            connection = _open(file)
            finalize(self, connection.close)
            return connection
        return None


def _open(file: Path) -> "sqlite3.Connection":
    """Open the cache; one that is no database is thrown away, once."""
    import sqlite3

    for _ in range(2):
        connection = sqlite3.connect(file, timeout=_WAIT)
        try:
            connection.execute("PRAGMA synchronous = OFF")
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


def _put(kind: "Kind", path: str, blob: str, signature: str, documents: bytes) -> tuple[Any, ...]:
    """What `_PUT` takes."""
    checksum = _checksum(kind.name, path, blob, signature, 0, documents)
    return (path, kind.name, blob, signature, checksum, documents)


def _checksum(kind: str, path: str, blob: str, signature: str, _: int, documents: bytes) -> int:
    """Over all of a row."""
    return crc32(documents, crc32(f"{kind} {path} {blob} {signature}".encode()))


def _name() -> str:
    return f"records-{_stamp()}.db"


@cache
def _stamp() -> str:
    """Changes whenever the code that gives cached data its meaning changes."""
    import svcops

    package = Path(svcops.__file__).parent
    sources = sorted([*package.glob("*/model.py"), *package.glob("store/*.py")])
    digest = sha256(svcops.__version__.encode())
    for source in sources:
        digest.update(source.read_bytes())
    for library in _ASKED:
        found = find_spec(library)
        digest.update(Path(found.origin).with_name("version.py").read_bytes() if found and found.origin else b"")
    return digest.hexdigest()[:16]


def blob_of(data: bytes) -> str:
    """The id that git gives a file of this content, in a repository of SHA-1 objects."""
    return sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _is_unicode(path: str) -> bool:
    """Whether SQLite takes it as text: a name that is not UTF-8 it does not."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _certain(signature: "Signature") -> str:
    """The signature if a later change would show in its times: older than now by more than any clock's tick."""
    _, changed, inode_changed, _ = map(int, signature.split())
    return signature if max(changed, inode_changed) + _TICK_NS < time.time_ns() else ""
