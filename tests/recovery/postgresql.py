"""A real PostgreSQL on a Unix socket in a temporary folder, with rows to lose."""

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

ROWS = 50_000
BOOKS = f"""
CREATE ROLE bookkeeper;
CREATE ROLE "odd role";
CREATE SCHEMA books;
CREATE TYPE books.mood AS ENUM ('open', 'closed');
CREATE TABLE books.entry (
    id bigserial PRIMARY KEY, amount numeric(12, 2) NOT NULL, note text, rate float8, at timestamptz, paper bytea,
    mood books.mood NOT NULL DEFAULT 'open', label text GENERATED ALWAYS AS (note || '!') STORED
);
INSERT INTO books.entry (amount, note, rate, at, paper)
    SELECT one, CASE WHEN one % 7 > 0 THEN 'note ' || one END, one / 3.0,
        '2026-11-27T10:00:00Z'::timestamptz + one * '1 s'::interval, sha256(one::text::bytea) FROM generate_series(1, {ROWS}) AS one;
ALTER TABLE books.entry OWNER TO "odd role";
ALTER TABLE books.entry ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON books.entry FOR SELECT TO bookkeeper, "odd role" USING (true);
CREATE TABLE books.period (name text, year int) PARTITION BY LIST (year);
CREATE TABLE books.period_2026 (year int, name text);
ALTER TABLE books.period ATTACH PARTITION books.period_2026 FOR VALUES IN (2026);
INSERT INTO books.period VALUES ('November', 2026);
CREATE TABLE books.nothing ();
SELECT lo_from_bytea(0, 'a paper');
"""


def folder() -> Path:
    """Where its programs are; skip without, in CI it has to be there."""
    places = [Path(one) for one in os.environ["PATH"].split(os.pathsep)]
    places += [Path(one) for one in sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)]
    for one in places:
        if all((one / name).exists() for name in ("initdb", "postgres", "pg_ctl", "psql")):
            return one
    needed("initdb", "postgresql")
    raise AssertionError("skipped")


def needed(program: str, package: str) -> None:
    """Skip where a program is not installed; in CI it has to be."""
    if shutil.which(program) is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{package} is not installed, and in CI its backups are restored")
        pytest.skip(f"{package} is not installed: apt-get install {package}")


def as_user() -> tuple[str, ...]:
    """PostgreSQL does not run as root."""
    if os.geteuid():
        return ()
    user = pwd.getpwnam("postgres")
    return ("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--")


class Postgres:
    """The one that runs."""

    def __init__(self, top: Path, programs: Path, superuser: str) -> None:
        self.top = top
        self.programs = programs
        self.superuser = superuser

    def source(self, database: str) -> str:
        return f"host={self.top} user={self.superuser} dbname={database}"

    def sql(self, text: str, database: str = "ledger", *more: str) -> str:
        words = [word for one in (text, *more) for word in ("-c", one)]
        argv = [str(self.programs / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.source(database), *words]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def running(
    settings: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
    superuser: str = "postgres",
    options: Sequence[str] = (),
) -> Iterator[Postgres]:
    """One without anything in it, until the block ends."""
    programs = folder()
    top = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:
        shutil.chown(top, "postgres")
        top.chmod(0o711)

    def run(*argv: str) -> None:
        whole = [*as_user(), *argv]
        subprocess.run(whole, check=True, stdout=subprocess.DEVNULL, cwd=top, env={**os.environ, **(env or {})})

    try:
        data = str(top / "data")
        words = ["--no-sync", "-E", "UTF8", "--locale=C", "-U", superuser, "-A", "trust", *options]
        run(str(programs / "initdb"), *words, data)
        every = {"listen_addresses": "", "unix_socket_directories": str(top), "fsync": "off", **(settings or {})}
        text = "".join(f"{name} = '{value}'\n" for name, value in every.items())
        with (top / "data" / "postgresql.conf").open("a") as file:
            file.write(text)
        run(str(programs / "pg_ctl"), "-D", data, "-l", str(top / "log"), "-w", "start")
        try:
            yield Postgres(top, programs, superuser)
        finally:
            run(str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(top)
