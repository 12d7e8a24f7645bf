"""A whole server of PostgreSQL, by a base backup: what it holds is known at a restore point that is in the backup."""

import os
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from svcops.recovery.copying import inside
from svcops.recovery.data.postgresql.programs import (
    Programs,
    check_source,
    checked,
    give,
    plain,
    programs,
    version_of,
)
from svcops.recovery.data.postgresql.reading import CHANGE, FINGERPRINT, check_it_holds_tables, parts_in, variables
from svcops.recovery.data.postgresql.server import Server
from svcops.recovery.fingerprints import fingerprint_of
from svcops.recovery.interface import Answer, Failed, Work
from svcops.recovery.model import Fingerprint, Part
from svcops.recovery.plan import PostgresCluster as Plan
from svcops.store.frozen import frozen

_TRIES = 5
_POINT = ".restore-point"
"""What the file beside a base backup ends with that names the point to which it is recovered."""
_STATE = "SELECT pg_current_snapshot()"
_AT_WORK = "SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted"
"""Transactions that have written: each holds a lock on its own id until others see that it is over."""
_OF_CONTROL = {
    "max_connections": "max_connections setting",
    "max_worker_processes": "max_worker_processes setting",
    "max_prepared_transactions": "max_prepared_xacts setting",
    "max_locks_per_transaction": "max_locks_per_xact setting",
}
"""Settings that have to be at least those that the log was written with, and where pg_controldata shows these."""
_SEGMENT = "Bytes per WAL segment"
_FOUND_DAMAGE = 2
"""The exit code of pg_amcheck where a query failed, as on damage; with another it did not check (pg_amcheck.c)."""
_REPORTED = re.compile(r'(?:"| \d+):\n {4}(\S.*)$', re.MULTILINE)
"""The first line of what pg_amcheck reports of a relation, below a line of its name, or of a place in it."""
_BROKE_OFF = re.compile(r"canceling statement|terminating connection|out of (?:shared )?memory")
"""What a query fails by that says nothing of the data."""
_SPACES = ".tablespaces"
"""What the folder beside a base backup ends with that holds its tablespaces."""
_POINT_NAME = re.compile(r"svcops-[0-9T]+-[0-9]+")


@frozen
class Running:
    """The server that is in use, reached as the plan says."""

    plan: Plan
    work: Work
    programs: Programs

    def value(self, sql: str) -> str:
        """One value."""
        argv = [self.programs.path("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.plan.source, "-c", sql]
        return self._checked(self.work.run(argv)).last_line

    def tablespaces(self) -> list[tuple[str, str]]:
        """Those outside of its data: the number of each, and where it lies."""
        place = "pg_tablespace_location(oid)"
        sql = f"SELECT oid || ' ' || {place} FROM pg_tablespace WHERE {place} LIKE '/%'"  # noqa: S608 - no value in it
        argv = [self.programs.path("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.plan.source, "-c", sql]
        lines = self._checked(self.work.run(argv)).text.splitlines()
        return [(number, place) for number, _, place in (one.partition(" ") for one in lines)]

    def at_rest(self) -> str:
        """The state of its transactions, by which two moments of the same content are known; empty where some write."""
        return self.value(_STATE) if self.value(_AT_WORK) == "0" else ""

    def parts(self) -> Iterator[Part]:
        """What its databases hold."""
        for name in self.plan.databases:
            begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            quoted = name.replace("\\", "\\\\").replace("'", "\\'")
            at = f"{self.plan.source} dbname='{quoted}'"  # the last counts
            argv = [self.programs.path("psql"), "-XAtq", *variables(is_cluster=True), "-d", at]
            argv += ["-c", begin, "-f", str(FINGERPRINT), "-c", "COMMIT"]
            said = self._checked(self.work.run(argv))
            yield from parts_in(said.text, "not-possible", name)

    def _checked(self, said: Answer) -> Answer:
        return checked(said, "not-possible", f"{self.plan.name} cannot be taken")


class PostgresCluster:
    """The server of a plan."""

    def __init__(self, plan: Plan, work: Work) -> None:
        self.plan = plan
        self.work = work
        self._server: Server | None = None

    def export(self, folder: Path) -> Fingerprint:
        """A base backup with the log up to a restore point, and what the databases hold at that point.

        The content is that of the point where no transaction was at work, or came to its end, from before it is read
        until after the point. Where one did, it is read again; Failed after five times.
        """
        check_source(self.plan.name, self.plan.source)
        self._check_databases()
        running = self._running()
        to = inside(folder, self._path, "not-possible")
        if to == folder:
            raise Failed("not-possible", f"data {self.plan.name}: path has to name a folder, as more lies beside it")
        to.parent.mkdir(parents=True, exist_ok=True)
        self._take(running, to)
        point, parts = self._read_at_a_point(running)
        self._take_the_log(running, to)
        to.with_name(to.name + _POINT).write_text(f"{point}\n")
        return fingerprint_of(self.plan.name, parts)

    def load(self, folder: Path) -> None:
        """Verified against its manifest, started, and recovered; Failed where it is not whole or does not start."""
        place = inside(folder, self._path)
        _check_links(place, folder.resolve().parent)
        known = programs(self.work, version_of(place))
        settings = _up_to(place.with_name(place.name + _POINT))
        self._server = server = Server(self.plan.name, known, self.work)
        server.create()
        place.chmod(0o700)
        for one in (place, *(link.resolve() for link in (place / "pg_tblspc").glob("*"))):
            give(one, self.work)
        self._verify(server, place)
        server.data = place
        for name in ("standby.signal", "postmaster.pid"):
            (place / name).unlink(missing_ok=True)
        # Nothing of how the server in use is set up is taken over, such as the commands that it runs.
        (place / "postgresql.auto.conf").write_bytes(b"")
        if settings:
            (place / "recovery.signal").touch()
        give(place, self.work)
        server.start({**_settings_of(server), **settings})
        server.find_superuser()

    def fingerprint(self) -> Fingerprint:
        """Of the plan's databases; then, where amcheck is there, whether tables and indexes are sound."""
        assert self._server, "it is loaded first"
        server, parts = self._server, []
        for name in self.plan.databases:
            argv = ["-XAtq", *variables(is_cluster=True), "-d", server.at(name), "-f", str(FINGERPRINT)]
            parts += list(parts_in(server.run("load-failed", "psql", argv).text, "load-failed", name))
        self._check_pages(server)
        return fingerprint_of(self.plan.name, parts)

    def stop(self) -> None:
        """End the server."""
        server, self._server = self._server, None
        if server:
            server.stop()

    def change_one_value(self, folder: Path) -> str:
        """Started where it lies, changed by one value, and stopped, so that it is whole and another."""
        aside = PostgresCluster(self.plan, self.work.aside("changed"))
        aside.work.scratch.mkdir(exist_ok=True)
        try:
            aside.load(folder)
            assert aside._server, "it was loaded"
            said = aside._server.run(
                "not-possible",
                "psql",
                ["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", aside._server.at(self.plan.databases[0]), "-f", str(CHANGE)],
            )
        finally:
            aside.stop()
        place = folder / self._path
        place.with_name(place.name + _POINT).unlink(missing_ok=True)
        (place / "backup_manifest").unlink(missing_ok=True)
        found = re.search(r"changed: (.+)", said.text)
        return found[1] if found else "one value"

    def versions(self) -> dict[str, str]:
        """That of the newest server that is installed; which one runs depends on the backup."""
        try:
            known = programs(self.work)
        except Failed:
            return {}
        said = replace(self.work, env=plain(self.work)).run([known.path("postgres"), "--version"])
        return {"postgresql": said.last_line.removeprefix("postgres (PostgreSQL) ")}

    @property
    def _path(self) -> str:
        return self.plan.path or self.plan.name

    def _check_databases(self) -> None:
        if self.plan.source.startswith(("postgres://", "postgresql://")):
            help_ = "several databases are read: host=db user=ada, or service=ledger"
            raise Failed("not-possible", f"data {self.plan.name}: source is written as keywords, as {help_}")
        if not self.plan.databases:
            raise Failed("not-possible", f"data {self.plan.name} names no databases, so nothing could be compared")

    def _running(self) -> Running:
        work = replace(self.work, env={**self.work.env, "LC_ALL": "C", "PGCLIENTENCODING": "UTF8"})
        return Running(self.plan, work, programs(self.work))

    def _take(self, running: Running, to: Path) -> None:
        """With its tablespaces beside it, to which links lead that hold wherever both are."""
        spaces = {number: (place, to.with_name(to.name + _SPACES) / number) for number, place in running.tablespaces()}
        argv = [running.programs.path("pg_basebackup"), f"--dbname={self.plan.source}", f"--pgdata={to}"]
        argv += ["--wal-method=stream", "--checkpoint=fast", "--no-sync", "--manifest-checksums=SHA256"]
        argv += [f"--tablespace-mapping={_mapped(place)}={_mapped(str(new))}" for place, new in spaces.values()]
        checked(running.work.run(argv), "not-possible", f"{self.plan.name} cannot be taken")
        for number, (_, new) in spaces.items():
            link = to / "pg_tblspc" / number
            link.unlink()
            link.symlink_to(os.path.relpath(new, link.parent), target_is_directory=True)

    def _read_at_a_point(self, running: Running) -> tuple[str, list[Part]]:
        name = f"svcops-{self.work.now():%Y%m%dT%H%M%S%f}"
        for number in range(_TRIES):
            before = running.at_rest()
            parts = list(running.parts()) if before else []
            point = f"{name}-{number}"
            running.value(f"SELECT pg_create_restore_point('{point}')")
            if before and running.at_rest() == before:
                for database in self.plan.databases:
                    check_it_holds_tables(parts, database)
                return point, parts
        raise Failed(
            "not-possible", f"{self.plan.name} was written to while it was read, {_TRIES} times: try when quiet"
        )

    def _take_the_log(self, running: Running, to: Path) -> None:
        """From the end of the base backup up to the restore point, which lies before the switch to another segment."""
        end = running.value("SELECT pg_current_wal_insert_lsn()")
        running.value("SELECT pg_switch_wal()")
        log = self.work.scratch / f"log-{self.plan.name}"
        log.mkdir()
        last = max(one for one in (to / "pg_wal").iterdir() if re.fullmatch(r"[0-9A-F]{24}", one.name))
        (log / last.name).write_bytes(last.read_bytes())  # so that it goes on from there, without a gap
        argv = [running.programs.path("pg_receivewal"), f"--dbname={self.plan.source}", f"--directory={log}"]
        argv += [f"--endpos={end}", "--no-loop", "--no-sync"]
        checked(running.work.run(argv), "not-possible", f"the log of {self.plan.name} cannot be taken")
        for one in log.iterdir():
            one.replace(to / "pg_wal" / one.name.removesuffix(".partial"))

    def _verify(self, server: Server, place: Path) -> None:
        """Files against the manifest that pg_basebackup wrote; other tools write none."""
        if not (place / "backup_manifest").is_file():
            self.work.log(b"no backup_manifest: pg_verifybackup has nothing to compare with\n")
            return
        began = time.monotonic()
        server.run("said-damaged", "pg_verifybackup", ["--exit-on-error", str(place)])
        self.work.current.discount(time.monotonic() - began, "pg_verifybackup read all of it")

    def _check_pages(self, server: Server) -> None:
        """After the fingerprint, as it adds an extension to what is checked. Where that cannot be, nothing is said."""
        if not server.programs.has("pg_amcheck"):
            self.work.log(b"pg_amcheck is not installed: tables and indexes are not checked by it\n")
            return
        for name in self.plan.databases:
            # As a replica, so that no trigger of the database that guards its schema refuses the extension.
            script = ["-c", "SET session_replication_role = replica", "-c", "CREATE EXTENSION IF NOT EXISTS amcheck"]
            at = server.at(name)
            if server.asked("psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", at, *script]).exit:
                self.work.log(b"the extension amcheck cannot be had: tables and indexes are not checked by it\n")
                continue
            said = server.asked("pg_amcheck", [f"--maintenance-db={at}", at])
            is_damage = _finds_damage(said) or server.has_ended  # a damaged page may take the server down
            checked(said, "said-damaged" if is_damage else "not-possible", "pg_amcheck")


def _finds_damage(said: Answer) -> bool:
    """Whether pg_amcheck reports of a relation something else than that a query did not come to its end."""
    reported = _REPORTED.findall(said.text)
    return said.exit == _FOUND_DAMAGE and any(not _BROKE_OFF.search(one) for one in reported)


def _mapped(path: str) -> str:
    """A folder as pg_basebackup takes it."""
    return path.replace("=", "\\=")


def _check_links(place: Path, top: Path) -> None:
    """Nothing is started over a link, such as one to a tablespace, that leads to where the server in use may lie."""
    for folder, folders, files in os.walk(place):
        for one in (Path(folder) / name for name in (*folders, *files)):
            if one.is_symlink() and not one.resolve().is_relative_to(top):
                where = one.relative_to(place)
                raise Failed("not-possible", f"{where} of {place.name} leads out of the backup: not supported")


def _up_to(point: Path) -> dict[str, str]:
    """The settings that recover it to the point which the file beside it names, where there is one."""
    if not point.is_file():
        return {}
    name = point.read_text(errors="replace").strip()
    if not _POINT_NAME.fullmatch(name):
        raise Failed("load-failed", f"{point.name} names no restore point")
    return {"recovery_target_name": name, "recovery_target_action": "promote"}


def _settings_of(server: Server) -> dict[str, str]:
    """What recovery asks for, as the control file says."""
    said = server.run("load-failed", "pg_controldata", [str(server.data)])
    found = dict(re.findall(r"^([^:\n]+):\s*(.*)$", said.text, re.MULTILINE))
    asked = {name: found[line] for name, line in _OF_CONTROL.items() if line in found}
    size = found.get(_SEGMENT, "")
    if size.isdigit():  # what is kept of the log has to hold some of its segments, however long these are
        many = int(size) >> 20
        asked |= {"min_wal_size": f"{max(80, 2 * many)}MB", "max_wal_size": f"{max(1024, 4 * many)}MB"}
    return asked
