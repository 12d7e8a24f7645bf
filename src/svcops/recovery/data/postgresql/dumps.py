"""Dumps of one database, custom or plain: what they name, whether they are whole, and their way into a server."""

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Self

from svcops.recovery.data.postgresql.needs import Missing, misses_something
from svcops.recovery.data.postgresql.programs import checked, give
from svcops.recovery.data.postgresql.server import Server
from svcops.recovery.interface import Answer, Failed
from svcops.store.frozen import frozen

_CUSTOM = b"PGDMP"
"""How a dump in custom format begins (pg_backup_archiver.c)."""
_COMPLETE = b"-- PostgreSQL database dump complete"
"""What pg_dump writes at the end of a plain one. psql takes data that breaks off as its end, and says nothing."""
_TAIL = 4096
_CONNECT = re.compile(rb"^\\connect ", re.MULTILINE)
_ENCODING = re.compile(rb"SET client_encoding = '(\w+)';")
"""The first statement of a dump of either format."""
_HEAD = 65536
_COPY = re.compile(rb"COPY .+ FROM stdin;\r?\n")
_GRANTS = re.compile(rb"^(?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES) ", re.MULTILINE)
_GRANTS_LISTED = re.compile(rb"^\d+; \d+ \d+ (?:ACL|DEFAULT ACL) ", re.MULTILINE)
"""The same in the list of an archive (pg_restore(1), --list)."""
_MISSED = "the roles and tablespaces that it names, which no dump holds"
_END_OF_ROWS = b"\\."
_MOST_TRIES = 100
"""How often a dump is tried; each try names another role at least. A statement that names many is refused for one."""
_IN_PSQL = ("-Xq", "-o", "/dev/null", "-v", "VERBOSITY=terse")
"""Without the statement that fails, in which a password may stand, and without its row: logs are kept."""


@frozen
class Dump:
    """A dump of one database, and what its beginning says of it."""

    path: Path
    is_custom: bool
    has_database: bool
    """Whether it makes its database itself."""
    encoding: str
    """That of its text, as PostgreSQL calls it."""

    @classmethod
    def of(cls, path: Path) -> Self:
        """The one in a file."""
        with path.open("rb") as file:
            head = file.read(_HEAD)
        is_custom = head.startswith(_CUSTOM)
        has_database = is_custom or bool(_CONNECT.search(head))
        encoding = _ENCODING.search(head)
        return cls(path, is_custom, has_database, encoding[1].decode() if encoding else "UTF8")


def restore(server: Server, path: Path) -> str:
    """Load a dump into a server that is made for it; the name of the database. Failed at the first error."""
    dump = Dump.of(path)
    if not dump.is_custom:
        _check_it_is_whole(path)
    server.create()
    give(path, server.work)
    give(path.parent, server.work)
    server.initialise()
    server.start({"wal_level": "minimal", "max_wal_size": "16GB"})
    said = _loaded(server, dump)
    checked(said, server.reason_of(said, "load-failed"), "pg_restore" if dump.is_custom else "psql")
    return _the_database(server, path)


def _loaded(server: Server, dump: Dump) -> Answer:
    """What is said of the try that counts: the first, or that after all was made that the first ones missed.

    A dump of one database does not hold the roles and tablespaces that it names. Where the server misses one, the rest
    is found by trying the dump without its rows; at once where it grants anything, as that comes after all rows. In a
    recovery all of these are there before, so the tries do not count.
    """
    missing = Missing(server, dump.encoding)
    grants, began = _grants(server, dump), time.monotonic()
    if grants:
        _make_in_trials(server, dump, missing)
    server.clear_databases()
    for number in range(_MOST_TRIES):
        if number or grants:
            server.work.current.discount(time.monotonic() - began, f"{dump.path.name} was tried for {_MISSED}")
            began = time.monotonic()
        said = _run(server, dump)
        if not said.exit or not misses_something(said):
            break
        made = not number and not grants and _make_in_trials(server, dump, missing)
        if not made and not missing.make(said, dump.path):
            break
        server.clear_databases()
    return said


def _grants(server: Server, dump: Dump) -> bool:
    """Whether a dump names somebody at its end; a wrong answer costs time alone."""
    if dump.is_custom:
        listed = server.asked("pg_restore", ["--list", str(dump.path)])
        return bool(_GRANTS_LISTED.search(listed.output))
    with dump.path.open("rb") as file:
        file.seek(max(0, dump.path.stat().st_size - _HEAD))
        return bool(_GRANTS.search(file.read()))


def _make_in_trials(server: Server, dump: Dump, missing: Missing) -> bool:
    """Whether something was missed where the dump is tried without its rows, and is there by now."""
    trial = replace(dump, path=_without_rows(server, dump), is_custom=False)
    for number in range(_MOST_TRIES):
        server.clear_databases()
        if not missing.make(_run_script(server, trial), trial.path):
            return number > 0
    return True


def _check_it_is_whole(dump: Path) -> None:
    with dump.open("rb") as file:
        file.seek(max(0, dump.stat().st_size - _TAIL))
        if _COMPLETE not in file.read():
            raise Failed("load-failed", f"{dump.name} breaks off: it has not the line with which pg_dump ends")


def _without_rows(server: Server, dump: Dump) -> Path:
    """A script of a dump's statements."""
    script = server.place / "trial.sql"
    if dump.is_custom:
        server.run("load-failed", "pg_restore", ["--schema-only", "--create", f"--file={script}", str(dump.path)])
    else:
        with dump.path.open("rb") as file, script.open("wb") as to:
            to.writelines(_statements(file))
        give(script, server.work)
    return script


def _statements(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines that are no rows. A text may look like the beginning of some: then something is missed in the trial."""
    is_row = False
    for line in lines:
        if is_row:
            is_row = line.rstrip() != _END_OF_ROWS
        elif _COPY.fullmatch(line):
            is_row = True
        else:
            yield line


def _run(server: Server, dump: Dump) -> Answer:
    """Load it up to the first error."""
    if not dump.is_custom:
        return _run_script(server, dump, "-v", "ON_ERROR_STOP=1")
    options = ["--create", "--exit-on-error", f"--dbname={server.at('template1')}"]
    return server.asked("pg_restore", [*options, str(dump.path)], edit=_without_statements)


def _run_script(server: Server, dump: Dump, *options: str) -> Answer:
    if not dump.has_database:
        server.sql("load-failed", "template1", "CREATE DATABASE restored TEMPLATE template0")
    at = server.at("template1" if dump.has_database else "restored")
    return server.asked("psql", [*_IN_PSQL, *options, "-d", at, "-f", str(dump.path)])


def _without_statements(said: str) -> str:
    """What pg_restore says of itself, without statements and rows, which it writes in lines of their own."""
    lines = [line for line in said.splitlines() if line.startswith("pg_restore: ") and "Command was: " not in line]
    return "".join(f"{line}\n" for line in lines)


def _the_database(server: Server, dump: Path) -> str:
    found = server.databases()
    if not found:
        raise Failed("load-failed", f"{dump.name} made no database")
    if len(found) > 1:
        raise Failed("load-failed", f"{dump.name} made {len(found)} databases, and one was dumped: {', '.join(found)}")
    return found[0]


def sequence_values(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Of a dump's statements, each sequence with what it is set to: name and value, as fingerprints put them."""
    pattern = re.compile(r"^SELECT pg_catalog\.setval\('((?:[^']|'')+)', (-?\d+), (true|false)\);$")
    for line in lines:
        if match := pattern.match(line.rstrip()):
            yield match[1].replace("''", "'"), f"{match[2]} {match[3][0]}"
