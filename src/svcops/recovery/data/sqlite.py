"""A database of SQLite: taken by the backup API, which gives one state whoever writes meanwhile, and read in full."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from svcops.recovery.copying import changing, inside
from svcops.recovery.fingerprints import digest_of_rows, fingerprint_of
from svcops.recovery.interface import Failed, Work
from svcops.recovery.model import Fingerprint, Part
from svcops.recovery.plan import Reason, SqliteData
from svcops.store.frozen import frozen

if TYPE_CHECKING:
    from sqlite3 import Connection, Cursor

_BEGINNING = b"SQLite format 3\0"
"""https://www.sqlite.org/fileformat.html#magic_header_string"""
_OWN = "name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
"""What of a schema is not SQLite's own (https://www.sqlite.org/fileformat2.html#internal_schema_objects)."""

_OF_AN_APPLICATION = re.compile(r"no such collation sequence|unknown function|no such function")
_TABLE = "table "
_ROWIDS = ("rowid", "_rowid_", "oid")
"""How the number of a row is called (https://www.sqlite.org/lang_createtable.html#rowid)."""
_PAGES = 10_000
"""Of a database that are copied in one step; between two of them whoever is told to end does."""
_MOST_LOCKED = 60
"""Seconds for which nothing may come of a database that somebody else holds."""
_NOTED = ("application_id", "user_version")
"""What applications note in the head of the file, and go by: which migrations were done, for one."""
_UPDATE = """\
UPDATE OR IGNORE {table} SET {column} = CASE typeof({column})
    WHEN 'integer' THEN {column} + 1 WHEN 'real' THEN 2 * {column} + 1 ELSE 'changed by a drill' END
    WHERE ({row}) IN (SELECT {row} FROM {table} ORDER BY {row} DESC LIMIT 1)"""


@frozen
class Sqlite:
    """The database of a plan."""

    plan: SqliteData
    work: Work

    def export(self, folder: Path) -> Fingerprint:
        """A copy by the backup API, and the fingerprint of that copy: of the very state that is kept."""
        from contextlib import closing
        from sqlite3 import Error, connect

        source, to = self.work.place(self.plan.source), inside(folder, self._path, "not-possible")
        if not source.is_file():
            raise Failed("not-possible", f"{self.plan.source}: there is no such file")
        to.parent.mkdir(parents=True, exist_ok=True)
        try:
            with _left_as_it_was(source), closing(_opened(source)) as live, closing(connect(to)) as copy:
                live.backup(copy, pages=_PAGES, progress=self._going())
            self._check_it_agrees(to, "not-possible")
            found = database_of(self.plan.name, to)
        except (Error, UnicodeError) as error:
            raise Failed("not-possible", f"{self.plan.source} cannot be taken: {_told(error)}") from None
        if not any(one.name.startswith(_TABLE) for one in found.parts):
            raise Failed("not-possible", f"{self.plan.source} holds no table: is it the one that is meant?")
        return found

    def load(self, folder: Path) -> None:
        """It is where it was fetched, and opens."""
        from contextlib import closing
        from sqlite3 import Error

        place = inside(folder, self._path)
        if not place.is_file():
            raise Failed("load-failed", f"{self._path}: the backup holds no such file")
        with place.open("rb") as file:
            if file.read(len(_BEGINNING)) != _BEGINNING:
                raise Failed("load-failed", f"{self._path} is no database of SQLite")
        try:
            with closing(_opened_copy(place)) as database:
                database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except Error as error:
            raise Failed("load-failed", f"{self._path} does not open: {error}") from None
        (self.work.scratch / f"loaded-{self.plan.name}").symlink_to(place)

    def fingerprint(self) -> Fingerprint:
        """Of the database as it came back, whose pages and indexes agree (PRAGMA integrity_check)."""
        from sqlite3 import Error

        place = (self.work.scratch / f"loaded-{self.plan.name}").resolve()
        try:
            self._check_it_agrees(place, "said-damaged")
            return database_of(self.plan.name, place)
        except (Error, UnicodeError) as error:
            raise Failed("load-failed", f"{self._path} cannot be read in full: {_told(error)}") from None

    def _check_it_agrees(self, place: Path, reason: Reason) -> None:
        """Failed where its pages and indexes do not; where an application's own functions are asked for, nothing is."""
        from contextlib import closing
        from sqlite3 import OperationalError

        with closing(_opened_copy(place)) as database:
            try:
                said = [str(row[0]) for row in database.execute("PRAGMA integrity_check(10)")]
            except OperationalError as error:
                if not _OF_AN_APPLICATION.match(str(error)):
                    raise
                self.work.log(f"indexes are not checked: {error}, which its application has\n".encode())
                return
        if said != ["ok"]:
            self.work.log("\n".join(said).encode("utf-8", "surrogateescape") + b"\n")
            lines = [line for one in said for line in one.splitlines() if not line.startswith("***")]
            raise Failed(reason, f"{self._path}: {lines[0]}" + (", and more" if len(lines) > 1 else ""))

    def _going(self) -> Callable[[int, int, int], None]:
        """Called after each step of a copy: it ends it at the limit, and where nothing comes, as somebody holds it."""
        import time

        since, last = time.monotonic(), -1

        def step(status: int, remaining: int, total: int) -> None:  # noqa: ARG001 - as it is called
            nonlocal since, last
            self.work.current.left()
            if remaining != last:
                since, last = time.monotonic(), remaining
            elif time.monotonic() - since > _MOST_LOCKED:
                raise Failed("not-possible", f"{self.plan.source} cannot be taken: it is locked: try when it is quiet")

        return step

    def stop(self) -> None:
        """Nothing runs."""
        (self.work.scratch / f"loaded-{self.plan.name}").unlink(missing_ok=True)

    def change_one_value(self, folder: Path) -> str:
        """A value of one row of the first table that has one; where none takes another, a row is taken away."""
        from contextlib import closing
        from sqlite3 import connect

        place = inside(folder, self._path)
        with changing(place, folder), closing(connect(place)) as database:
            tables = [one for one in _tables(database) if not one.startswith("sqlite_")]
            for change in (_change_a_value, _take_a_row_away):
                for table in tables:
                    if told := change(database, table):
                        database.commit()
                        return told
        raise Failed("not-possible", f"{self.plan.name} has no row of which a value could be another")

    def versions(self) -> dict[str, str]:
        """That of SQLite's library."""
        from sqlite3 import sqlite_version

        return {"sqlite": sqlite_version}

    @property
    def _path(self) -> str:
        return self.plan.path or f"{self.plan.name}.sqlite"


def database_of(data: str, path: Path) -> Fingerprint:
    """The fingerprint of a copy of a database: its schema, each table by all of its rows, and what applications note.

    Rows count in an order that their content alone gives.
    Values are told apart by type (https://www.sqlite.org/datatype3.html): 1, 1.0, '1' and x'31' are four values.
    """
    from contextlib import closing

    with closing(_opened_copy(path)) as database:
        return fingerprint_of(data, _parts(database))


def _change_a_value(database: "Connection", table: str) -> str:
    """Make one value another in the last row, of its key only where all is key; what was changed, or nothing."""
    from sqlite3 import Error

    columns = [(row[5], row[1]) for row in database.execute(f"PRAGMA table_info({_quoted(table)})")]
    key = ", ".join(_quoted(name) for number, name in sorted(columns) if number)
    for _, column in sorted(columns, key=lambda one: bool(one[0])):
        for row in filter(None, ("rowid", key)):  # a table WITHOUT ROWID has its key alone
            try:
                done = database.execute(_UPDATE.format(table=_quoted(table), column=_quoted(column), row=row))
            except Error:  # it takes no such value, or has no such row
                continue
            if done.rowcount > 0:
                return f"{column} of one row of {table}"
    return ""


def _take_a_row_away(database: "Connection", table: str) -> str:
    """Where no column takes another value, as of a CHECK; what was done, or nothing."""
    from sqlite3 import Error

    try:
        done = database.execute(f"DELETE FROM {_quoted(table)} WHERE rowid = (SELECT max(rowid) FROM {_quoted(table)})")  # noqa: S608 - quoted
    except Error:
        return ""
    return f"a row of {table} taken away" if done.rowcount > 0 else ""


def _parts(database: "Connection") -> Iterator[Part]:
    schema = database.execute(f"SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE {_OWN}")  # noqa: S608
    lines = [_row(row) for row in schema]
    yield Part(name="schema", count=len(lines), digest=digest_of_rows(lines))
    for table in _tables(database):
        rows = [_row(row) for row in _rows(database, table)]
        yield Part(name=f"{_TABLE}{table}", count=len(rows), digest=digest_of_rows(rows))
    for name in _NOTED:
        value = database.execute(f"PRAGMA {name}").fetchone()
        yield Part(name=name, count=1, digest=digest_of_rows([_row(value)]))


def _rows(database: "Connection", table: str) -> "Cursor":
    """Every row of a table, with its rowid, by which others may name it, where it has one that no column hides."""
    from sqlite3 import OperationalError

    columns = {row[1].lower() for row in database.execute(f"PRAGMA table_info({_quoted(table)})")}
    own = next((one for one in _ROWIDS if one not in columns), "")
    try:
        return database.execute(f"SELECT {own}{', ' if own else ''}* FROM {_quoted(table)}")  # noqa: S608 - quoted
    except OperationalError as error:
        if not own or f"no such column: {own}" not in str(error):
            raise
        return database.execute(f"SELECT * FROM {_quoted(table)}")  # noqa: S608 - quoted


def _told(error: Exception) -> str:
    return "a name in it is no text" if isinstance(error, UnicodeError) else str(error)


def _tables(database: "Connection") -> list[str]:
    """The tables, also those behind virtual ones, and what SQLite itself keeps there, such as the last key it gave."""
    found = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    return [row[0] for row in found]


def _row(values: tuple[object, ...]) -> bytes:
    """A row as bytes of which no other row has the same: each value with its type and its length."""
    parts = []
    for value in values:
        match value:
            case None:
                kind, data = b"n", b""
            case int():
                kind, data = b"i", str(value).encode()
            case float():
                kind, data = b"f", value.hex().encode()
            case bytes():
                kind, data = b"b", value
            case _:
                kind, data = b"t", str(value).encode("utf-8", "surrogateescape")
        parts.append(kind + str(len(data)).encode() + b":" + data)
    return sha256(b"".join(parts)).digest()


def _opened(path: Path, how: str = "mode=ro") -> "Connection":
    """A database that is only read; text that is no UTF-8 is read as it is."""
    from sqlite3 import connect

    database = connect(f"{_uri(path)}?{how}", uri=True, timeout=1)  # who waits longer asks again, and can be ended
    database.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    return database


def _opened_copy(path: Path) -> "Connection":
    """A copy that nobody writes: it is read without files beside it, where nothing has to be taken up from one."""
    has_more = any(path.with_name(f"{path.name}{end}").exists() for end in ("-wal", "-journal"))
    return _opened(path, "mode=ro" if has_more else "immutable=1")


@contextmanager
def _left_as_it_was(path: Path) -> Iterator[None]:
    """Without the files that reading a database in WAL mode makes beside it (https://www.sqlite.org/walformat.html).

    Whoever writes meanwhile needs them: SQLite alone, as the last that closes the database, knows whether they may go.
    """
    from contextlib import closing, suppress
    from sqlite3 import Error, connect

    beside = [path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm")]
    was_there = any(one.exists() for one in beside)
    yield
    if not was_there and any(one.exists() for one in beside):
        with suppress(Error), closing(connect(f"{_uri(path)}?mode=rw", uri=True)) as database:
            database.execute("PRAGMA schema_version")


def _uri(path: Path) -> str:
    return f"file:{quote(os.fspath(path))}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
