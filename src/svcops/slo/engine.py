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
_ADVICE = ("Possible ", "* ", "LINE ")


class BadFile(BadInput):
    """A file whose content cannot be used: which, where in it, and why."""

    def __init__(self, path: str, reason: str, *, row: int | None = None, help: str = "") -> None:
        place = path if row is None else f"{path}, row {row}"
        super().__init__(f"{place}: {reason}", help=help)


@contextmanager
def open_database(paths: Iterable[str]) -> Iterator["duckdb.DuckDBPyConnection"]:
    """An empty database that can read the files at these absolute paths (`as_named`), and nothing else here."""
    import duckdb

    with TemporaryDirectory(prefix="svcops-", ignore_cleanup_errors=True) as overflow:
        config: dict[str, Any] = {
            "allow_community_extensions": False,
            "allow_persistent_secrets": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
            "temp_directory": overflow,
        }
        with duckdb.connect(":memory:", config=config) as database:
            database.execute("SET TimeZone = 'UTC'")
            allowed = ", ".join(_literal(one) for path in paths for one in (path, as_named(path)))
            database.execute(f"SET allowed_paths = [{allowed}]")
            database.execute("SET enable_external_access = false")
            database.execute("SET lock_configuration = true")
            yield database


def as_named(path: str) -> str:
    """A path for DuckDB, which takes every path for a pattern: the file of exactly this name."""
    return glob.escape(path)


def _literal(text: str) -> str:
    """Text as a literal of SQL; settings take no parameters."""
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def about(path: str, full: str = "") -> Iterator[None]:
    """Turn what DuckDB says of a file into an error that names it: BadFile, or NotDone where memory is short.

    `path` is how people know the file, `full` how DuckDB does.
    """
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise NotDone(f"{path}: there is not enough memory for its samples: {reason(error)}") from None
    except duckdb.Error as error:
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
