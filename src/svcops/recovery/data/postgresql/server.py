"""A server of PostgreSQL in the scratch folder: on a Unix socket alone, with no setting of the one it stands in for."""

import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from svcops.recovery.data.postgresql.programs import Programs, checked, give, plain, user
from svcops.recovery.interface import Answer, Failed, Work
from svcops.recovery.model import Reason

if TYPE_CHECKING:
    from svcops.runbooks.processes import Service

SUPERUSER = "postgres"
_PORT = 5432
"""Of the socket's name only: nothing listens on a port."""
_MOST_OF_A_SOCKET = 103
"""Bytes of its path, on every system (unix(7): 108 with Linux, 104 with macOS)."""
_PAUSE = 0.02
_AS_LONG_AS_IT_TAKES = timedelta(days=7)
_STATUS_LINE = 7
"""Of postmaster.pid: what the server says of itself (src/include/utils/pidfile.h)."""

_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(_PORT),
    "ssl": "off",
    # Nothing of it goes out, or acts by itself: it stands beside the one that it is a copy of.
    "archive_mode": "off",
    "archive_command": "",
    "primary_conninfo": "",
    "shared_preload_libraries": "",
    "session_preload_libraries": "",
    "local_preload_libraries": "",
    "max_logical_replication_workers": "0",
    "max_wal_senders": "0",
    "event_source": "",
    # It is thrown away.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "synchronous_standby_names": "",
    "autovacuum": "off",
    "dynamic_shared_memory_type": "mmap",
    "hot_standby": "off",
    "restart_after_crash": "off",
    # What it says goes to the log of the stage.
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_min_messages": "warning",
    "lc_messages": "C",
    "log_line_prefix": "",
}


class Server:
    """One server; `start` it over a folder of its data, `stop` it at the end."""

    def __init__(self, name: str, programs: Programs, work: Work) -> None:
        self.programs = programs
        self.place = work.scratch / f"pg-{name}"
        self.data = self.place / "data"
        self.log = self.place / "server.log"
        # Whatever leads to the server that is in use must not lead this one's programs there.
        self.work = replace(work, env={**plain(work), "HOME": str(self.place)})
        self._service: Service | None = None

    def create(self) -> None:
        """A folder for what it needs, which nobody else may enter; Failed where its socket could not be named."""
        socket = self.place / f".s.PGSQL.{_PORT}"
        if len(str(socket).encode()) > _MOST_OF_A_SOCKET:
            raise Failed("not-possible", f"{socket} is too long for a socket; name a shorter environment.scratch")
        self.place.mkdir(mode=0o700)
        (self.place / "pg_hba.conf").write_text("local all all trust\n")
        (self.place / "pg_ident.conf").touch()
        (self.place / "postgresql.conf").touch()
        give(self.place, self.work)

    def initialise(self) -> None:
        """Empty data."""
        self.create()
        options = ["--no-sync", "--encoding=UTF8", "--locale=C", f"--username={SUPERUSER}", "--auth=trust"]
        self.run("load-failed", "initdb", [*options, f"--pgdata={self.data}"])

    def start(self, settings: Mapping[str, str] | None = None) -> None:
        """Start it over its data, and wait until it answers; Failed where it ends, with what it said."""
        from svcops.runbooks.processes import Command

        assert self.work.kept, "a keeper is there where commands are run"
        files = {name: str(self.place / f"{name}.conf") for name in ("pg_hba", "pg_ident")}
        every = {
            "config_file": str(self.place / "postgresql.conf"),
            "hba_file": files["pg_hba"],
            "ident_file": files["pg_ident"],
            "unix_socket_directories": str(self.place),
            **_SETTINGS,
            **(settings or {}),
        }
        argv = [*self._before, self.programs.path("postgres"), "-D", str(self.data)]
        argv += [word for name, value in every.items() for word in ("-c", f"{name}={value}")]
        self.work.log(f"$ {' '.join(argv)}\n".encode())
        command = Command(tuple(argv), self.work.env, self.place, _AS_LONG_AS_IT_TAKES)
        self._service = self.work.kept.serve(command, self.log)
        try:
            self._wait()
        finally:
            self.work.log(self.log.read_bytes())

    def stop(self) -> None:
        """Ask it to end, breaking off what is under way; what is left of it is ended."""
        service, self._service = self._service, None
        if service:
            service.stop(signal.SIGINT)

    def at(self, database: str) -> str:
        """How a database of it is reached."""
        quoted = database.replace("\\", "\\\\").replace("'", "\\'")
        return f"host='{self.place}' port={_PORT} user={SUPERUSER} dbname='{quoted}'"

    def run(self, reason: Reason, program: str, arguments: Sequence[str]) -> Answer:
        """Run one of its programs; Failed with the reason where that ends badly."""
        argv = [*self._before, self.programs.path(program), *arguments]
        return checked(self.work.run(argv, cwd=self.place), reason, program)

    def sql(self, reason: Reason, database: str, text: str) -> Answer:
        """Run SQL; Failed with the reason at the first error."""
        argv = ["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.at(database), "-c", text]
        return self.run(reason, "psql", argv)

    def databases(self) -> list[str]:
        """Those that are no template."""
        said = self.sql(
            "load-failed", "template1", "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1"
        )
        return said.text.splitlines()

    @property
    def _before(self) -> tuple[str, ...]:
        whom = user()
        return whom.before if whom else ()

    def _wait(self) -> None:
        assert self._service, "it was started"
        while not self._is_ready():
            ended = self._service.ended
            if ended:
                lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
                told = next((line for line in lines if line.startswith(("FATAL", "PANIC"))), lines[-1:] or "nothing")
                raise Failed("load-failed", f"the server did not start: {told}", ended.exit)
            self.work.current.left()
            time.sleep(_PAUSE)

    def _is_ready(self) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > _STATUS_LINE and lines[_STATUS_LINE].strip() == "ready"
