"""DuckDB, closed in: in memory, reading the named files and nothing else, installing and loading nothing."""

import glob
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from svcops.errors import BadInput, NotDone

if TYPE_CHECKING:
    import duckdb

_CLASS = re.compile(r"^[A-Z][A-Za-z ]* Error: ")
_ECHO = "Original Line:"
_AFTER_ECHO = ("Expected Number of Columns:", "Value with unterminated quote", "Invalid unicode", "Maximum line size")
_TEMPORARY = ("duckdb_temp", "No space left")
"""What DuckDB says of an IO error that is about its temporary files, and not about a file that is read."""
_MEMORY = 800_000_000
"""The bytes that DuckDB keeps to, and exceeds by some 7 %: a report takes less than 1 GB, whatever the samples."""
_OF_A_WHOLE = 25
"""So many times as many are needed for what is one object, such as an answer in JSON: it cannot be read in parts."""
_ADVICE = ("Possible ", "* ", "LINE ")


class BadFile(BadInput):
    """A file whose content cannot be used: which, where in it, and why."""

    def __init__(self, path: str, reason: str, *, row: int | None = None, help: str = "") -> None:
        place = path if row is None else f"{path}, row {row}"
        super().__init__(f"{place}: {reason}", help=help)


@contextmanager
def open_database(paths: Iterable[str], whole: int = 0) -> Iterator["duckdb.DuckDBPyConnection"]:
    """An empty database that can read the files at these absolute paths (`as_named`), and nothing else here.

    `whole` are the bytes of those among them that can only be read as a whole.
    """
    import duckdb

    with _overflow() as overflow:
        config: dict[str, Any] = {
            "allow_community_extensions": False,
            "allow_persistent_secrets": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "memory_limit": f"{_MEMORY + _OF_A_WHOLE * whole} bytes",
            "python_enable_replacements": False,
            "temp_directory": overflow,
        }
        with duckdb.connect(":memory:", config=config) as database:
            database.execute("SET TimeZone = 'UTC'")
            allowed = ", ".join(_literal(one) for path in paths for one in (path, as_named(path)))
            database.execute(f"SET allowed_paths = [{allowed}]")
            database.execute("SET enable_external_access = false")
            database.execute("SET lock_configuration = true")
            try:
                yield database
            except duckdb.Error as error:
                if not lacks_room(error):
                    raise
                raise _no_room("samples cannot be read", error) from None


@contextmanager
def _overflow() -> Iterator[str]:
    """A folder of its own for what does not fit in memory; NotDone where there is no room even for that."""
    try:
        folder = TemporaryDirectory(prefix="svcops-", ignore_cleanup_errors=True)
    except OSError as error:
        raise NotDone(f"no temporary folder can be made: {error.strerror or error}", help=_HELP) from None
    with folder as overflow:
        yield overflow


_HELP = "Free room where temporary files go, or let TMPDIR name a folder that has some."


def lacks_room(error: Exception) -> bool:
    """Whether memory or the disk is short; then no file is at fault."""
    import duckdb

    if isinstance(error, duckdb.OutOfMemoryException):
        return True
    return isinstance(error, duckdb.IOException) and any(one in str(error) for one in _TEMPORARY)


def _no_room(what: str, error: Exception) -> NotDone:
    import duckdb

    lack = "memory" if isinstance(error, duckdb.OutOfMemoryException) else "room on disk"
    return NotDone(f"{what}: there is not enough {lack} for them: {reason(error)}", help=_HELP)


def as_named(path: str) -> str:
    """A path for DuckDB, which takes every path for a pattern: the file of exactly this name."""
    return glob.escape(path)


def _literal(text: str) -> str:
    """Text as a literal of SQL; settings take no parameters."""
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def about(path: str, full: str = "") -> Iterator[None]:
    """Turn what DuckDB says of a file into an error that names it: BadFile, or NotDone where memory or disk is short.

    `path` is how people know the file, `full` how DuckDB does.
    """
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        if lacks_room(error):
            raise _no_room(f"{path}: its samples cannot be read", error) from None
        raise BadFile(path, reason(error).replace(full, path) if full else reason(error)) from None


def reason(error: Exception) -> str:
    """What DuckDB says, on one line: without its class, its advice, the row it read and the text of the query."""
    told: list[str] = []
    in_echo = False
    for line in str(error).splitlines():
        if line.startswith(_ADVICE) or not (line.strip() or in_echo):
            break
        in_echo = in_echo or line.startswith(_ECHO)
        if not in_echo or line.startswith(_AFTER_ECHO):
            told.append(line.strip())
    return _CLASS.sub("", ", ".join(told)) or type(error).__name__
