"""Dumps of one database, custom or plain: who they name, whether they are whole, and their way into a server."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from svcops.recovery.data.postgresql.server import SUPERUSER, Server
from svcops.recovery.interface import Failed

_CUSTOM = b"PGDMP"
"""How a dump in custom format begins (pg_backup_archiver.c)."""
_COMPLETE = b"-- PostgreSQL database dump complete"
"""What pg_dump writes at the end of a plain one. psql takes data that breaks off as its end, and says nothing."""
_TAIL = 4096
_CONNECT = re.compile(rb"^\\connect ", re.MULTILINE)
_HEAD = 65536
_NAME = r'("(?:[^"]|"")+"|[^\s",;]+)'
_NAMES = rf"{_NAME}(?:, {_NAME})*"
_NAMING = (
    re.compile(rf" OWNER TO {_NAME};$"),
    re.compile(rf"^ALTER DEFAULT PRIVILEGES FOR ROLE {_NAME} "),
    re.compile(rf"^SET SESSION AUTHORIZATION {_NAME};$"),
    re.compile(rf"^(?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES) .* (?:TO|FROM) {_NAME}(?: WITH GRANT OPTION)?;$"),
    re.compile(rf"^CREATE POLICY .* TO {_NAMES}(?: USING| WITH CHECK|;)"),
)
_NO_ROLES = {"PUBLIC", "public", "CURRENT_USER", "SESSION_USER", SUPERUSER, "DEFAULT", "'pg_monitor'"}


def roles_in(lines: Iterable[str]) -> set[str]:
    """The roles that the statements of a dump name, as they are written there."""
    found: set[str] = set()
    for line in lines:
        for pattern in _NAMING:
            if match := pattern.search(line.rstrip()):
                found |= {name for name in match.groups() if name}
    return {name for name in found - _NO_ROLES if not name.startswith("pg_")}


def restore(server: Server, dump: Path) -> str:
    """Load a dump into a server that is empty but for its own; the name of the database. Failed at the first error."""
    with dump.open("rb") as file:
        head = file.read(_HEAD)
    server.sql("load-failed", "template1", f"DROP DATABASE {SUPERUSER}")  # the dump may be of one of that name
    if head.startswith(_CUSTOM):
        schema = server.place / "schema.sql"
        server.run("load-failed", "pg_restore", ["--schema-only", f"--file={schema}", str(dump)])
        _create_roles(server, schema)
        options = ["--create", "--exit-on-error", f"--dbname={server.at('template1')}"]
        server.run("load-failed", "pg_restore", [*options, str(dump)])
    else:
        _check_it_is_whole(dump)
        _create_roles(server, dump)
        _run_plain(server, dump, has_database=bool(_CONNECT.search(head)))
    (name,) = server.databases() or ("",)
    if not name:
        raise Failed("load-failed", f"{dump.name} made no database")
    return name


def _create_roles(server: Server, script: Path) -> None:
    """Without the right to log in: owners and policies name them, and a dump of one database does not hold them."""
    with script.open(encoding="utf-8", errors="replace") as file:
        names = sorted(roles_in(file))
    if names:
        server.sql("load-failed", "template1", "; ".join(f"CREATE ROLE {name}" for name in names))


def _check_it_is_whole(dump: Path) -> None:
    with dump.open("rb") as file:
        file.seek(max(0, dump.stat().st_size - _TAIL))
        if _COMPLETE not in file.read():
            raise Failed("load-failed", f"{dump.name} breaks off: it has not the line with which pg_dump ends")


def _run_plain(server: Server, dump: Path, *, has_database: bool) -> None:
    if not has_database:
        server.sql("load-failed", "template1", "CREATE DATABASE restored TEMPLATE template0")
    database = "template1" if has_database else "restored"
    options = ["-Xq", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-d", server.at(database)]
    server.run("load-failed", "psql", [*options, "-f", str(dump)])


def sequence_values(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Of a dump's statements, each sequence with what it is set to: name and value, as fingerprints put them."""
    pattern = re.compile(r"^SELECT pg_catalog\.setval\('((?:[^']|'')+)', (-?\d+), (true|false)\);$")
    for line in lines:
        if match := pattern.match(line.rstrip()):
            yield match[1].replace("''", "'"), f"{match[2]} {match[3][0]}"
