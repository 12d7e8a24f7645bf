"""Dumps of one database, custom or plain: what they name, whether they are whole, and their way into a server."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from svcops.recovery.data.postgresql.needs import names_needed, provide
from svcops.recovery.data.postgresql.programs import checked, give
from svcops.recovery.data.postgresql.server import Server
from svcops.recovery.interface import Answer, Failed

_CUSTOM = b"PGDMP"
"""How a dump in custom format begins (pg_backup_archiver.c)."""
_COMPLETE = b"-- PostgreSQL database dump complete"
"""What pg_dump writes at the end of a plain one. psql takes data that breaks off as its end, and says nothing."""
_TAIL = 4096
_CONNECT = re.compile(rb"^\\connect ", re.MULTILINE)
_HEAD = 65536
_COPY = re.compile(rb"COPY .+ FROM stdin;\r?\n")
_END_OF_ROWS = b"\\."
_MOST_TRIES = 100
"""How often a dump is tried; each try names another role at least. A statement that names many is refused for one."""
_IN_PSQL = ("-Xq", "-o", "/dev/null", "-v", "VERBOSITY=terse")
"""Without the statement that fails, in which a password may stand, and without its row: logs are kept."""


def restore(server: Server, dump: Path) -> str:
    """Load a dump into a server that is made for it; the name of the database. Failed at the first error.

    A dump of one database does not hold the roles and tablespaces that it names. The server says which it misses: first
    where the dump is tried without its rows, which takes little time.
    """
    with dump.open("rb") as file:
        head = file.read(_HEAD)
    is_custom = head.startswith(_CUSTOM)
    if not is_custom:
        _check_it_is_whole(dump)
    server.create()
    give(dump, server.work)
    give(dump.parent, server.work)
    trial = _without_rows(server, dump, is_custom=is_custom)
    server.initialise()
    server.start({"wal_level": "minimal", "max_wal_size": "16GB"})
    has_database = is_custom or bool(_CONNECT.search(head))
    known: set[str] = set()
    for _ in range(_MOST_TRIES):
        said = _run_script(server, trial, has_database=has_database)
        if not _provided(server, said, trial, known):
            break
    for _ in range(_MOST_TRIES):
        said = _run_archive(server, dump) if is_custom else _run_script(server, dump, has_database, "ON_ERROR_STOP=1")
        if not said.exit or not _provided(server, said, dump, known):
            break
    checked(said, server.reason_of(said, "load-failed"), "pg_restore" if is_custom else "psql")
    return _the_database(server, dump)


def _provided(server: Server, said: Answer, script: Path, known: set[str]) -> bool:
    """Whether something that was missing is there by now."""
    new = [one for one in names_needed(said.text, script) if one.key not in known]
    known |= {one.key for one in new}
    made = server.databases()
    provide(server, new, made[0] if len(made) == 1 else "template1")
    return bool(new)


def _check_it_is_whole(dump: Path) -> None:
    with dump.open("rb") as file:
        file.seek(max(0, dump.stat().st_size - _TAIL))
        if _COMPLETE not in file.read():
            raise Failed("load-failed", f"{dump.name} breaks off: it has not the line with which pg_dump ends")


def _without_rows(server: Server, dump: Path, *, is_custom: bool) -> Path:
    """A script of a dump's statements."""
    script = server.place / "trial.sql"
    if is_custom:
        server.run("load-failed", "pg_restore", ["--schema-only", "--create", f"--file={script}", str(dump)])
    else:
        with dump.open("rb") as file, script.open("wb") as to:
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


def _run_script(server: Server, script: Path, has_database: bool, *settings: str) -> Answer:  # noqa: FBT001
    server.put_databases_aside()
    if not has_database:
        server.sql("load-failed", "template1", "CREATE DATABASE restored TEMPLATE template0")
    database = "template1" if has_database else "restored"
    options = [*_IN_PSQL, *(word for one in settings for word in ("-v", one)), "-d", server.at(database)]
    return server.asked("psql", [*options, "-f", str(script)])


def _run_archive(server: Server, dump: Path) -> Answer:
    server.put_databases_aside()
    options = ["--create", "--exit-on-error", f"--dbname={server.at('template1')}"]
    return server.asked("pg_restore", [*options, str(dump)], edit=_without_statements)


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
