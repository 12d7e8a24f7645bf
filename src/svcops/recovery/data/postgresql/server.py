"""A server of PostgreSQL in the scratch folder: on a Unix socket alone, with no setting of the one it stands in for."""

import re
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from svcops.recovery.data.postgresql.programs import Programs, checked, give, plain, user
from svcops.recovery.data.postgresql.settings import PORT, client_options, settings
from svcops.recovery.interface import Answer, Failed, Work, has_no_room
from svcops.recovery.plan import Reason

if TYPE_CHECKING:
    from svcops.runbooks.processes import Service

SUPERUSER = "postgres"
_MOST_OF_A_SOCKET = 103
"""Bytes of its path, on every system (unix(7): 108 with Linux, 104 with macOS)."""
_PAUSE = 0.02
_AS_LONG_AS_IT_TAKES = timedelta(days=7)
_ASIDE = "'put aside ' || oid"
"""What a database is called that was put aside, in SQL."""
_LAST = 65_536
"""Bytes of what a server said last that are read for what they mean."""
_STATUS_LINE = 7
"""Of postmaster.pid: what the server says of itself (src/include/utils/pidfile.h)."""

_ALONE = "SELECT rolname FROM pg_authid WHERE rolsuper AND rolcanlogin ORDER BY oid LIMIT 1;\n"
_TOLD = re.compile(r'rolname = "(.+)"\t\(typeid')
"""How a server without others answers (src/backend/access/common/printtup.c)."""


class Server:
    """One server; `start` it over a folder of its data, `stop` it at the end."""

    def __init__(self, name: str, programs: Programs, work: Work) -> None:
        self.programs = programs
        self.place = work.scratch / f"pg-{name}"
        self.data = self.place / "data"
        self.log = self.place / "server.log"
        self.superuser = SUPERUSER
        # Whatever leads to the server that is in use must not lead this one's programs there.
        # Names and values are compared in one encoding, whatever a database or a role asks for.
        more = {"HOME": str(self.place), "PGOPTIONS": client_options(programs.major), "PGCLIENTENCODING": "UTF8"}
        self.work = replace(work, env={**plain(work), **more})
        self._service: Service | None = None
        self._settings: Mapping[str, str] = {}

    def create(self) -> None:
        """A folder for what it needs, which nobody else may enter; Failed where its socket could not be named."""
        socket = self.place / f".s.PGSQL.{PORT}"
        if len(str(socket).encode()) > _MOST_OF_A_SOCKET:
            raise Failed("not-possible", f"{socket} is too long for a socket; name a shorter environment.scratch")
        self.place.mkdir(mode=0o700)
        (self.place / "pg_hba.conf").write_text("local all all trust\n")
        (self.place / "pg_ident.conf").touch()
        (self.place / "postgresql.conf").touch()
        give(self.place, self.work)

    def initialise(self) -> None:
        """Empty data."""
        options = ["--no-sync", "--encoding=UTF8", "--locale=C", f"--username={SUPERUSER}", "--auth=trust"]
        self.run("load-failed", "initdb", [*options, f"--pgdata={self.data}"])

    def start(self, more: Mapping[str, str] | None = None) -> None:
        """Start it over its data, and wait until it answers; Failed where it ends, with what it said.

        `more` are settings beside those of every one; they are those of the next start too.
        """
        from svcops.runbooks.processes import Command

        assert self.work.kept, "a keeper is there where commands are run"
        self._settings = self._settings if more is None else more
        argv = [*self._before, self.programs.path("postgres"), "-D", str(self.data), *self._options]
        self.work.log(f"$ {' '.join(argv)}\n".encode())
        command = Command(tuple(argv), self.work.env, self.place, _AS_LONG_AS_IT_TAKES)
        self._service = self.work.kept.serve(command, self.log)
        try:
            self._wait()
        finally:
            self.work.log(self.log.read_bytes())

    def find_superuser(self) -> None:
        """Find whom its own data lets do everything, who may be called as they like; Failed where there is nobody.

        Without a name nothing answers but a server without others, which asks for none; so it is started anew.
        """
        query = "SELECT usesuper FROM pg_user WHERE usename = current_user"
        if self.asked("psql", ["-XAtq", "-d", self.at("template1"), "-c", query]).last_line == "t":
            return
        self.stop()
        (self.place / "alone.sql").write_text(_ALONE)
        give(self.place / "alone.sql", self.work)
        alone = [self.programs.path("postgres"), "--single", "-D", str(self.data), *self._options, "template1"]
        said = self.work.run(["sh", "-c", 'exec "$@" <alone.sql', "sh", *self._before, *alone], cwd=self.place)
        found = _TOLD.search(said.text)
        if not found:
            raise Failed("load-failed", f"no role of the backup may do everything: {said.last_line}", said.exit)
        self.superuser = found[1]
        self.start()

    def stop(self) -> None:
        """Ask it to end, breaking off what is under way; what is left of it is ended."""
        service, self._service = self._service, None
        if service:
            service.stop(signal.SIGINT)

    def at(self, database: str) -> str:
        """How a database of it is reached."""
        return f"host='{self.place}' port={PORT} user={_quoted(self.superuser)} dbname={_quoted(database)}"

    def run(self, reason: Reason, program: str, arguments: Sequence[str]) -> Answer:
        """Run one of its programs; Failed with the reason where that ends badly."""
        said = self.asked(program, arguments)
        return checked(said, self.reason_of(said, reason), program)

    def asked(self, program: str, arguments: Sequence[str], edit: Callable[[str], str] | None = None) -> Answer:
        """What one of its programs says, however it ends, as `edit` leaves it."""
        argv = [*self._before, self.programs.path(program), *arguments]
        return self.work.run(argv, cwd=self.place, edit=edit, name=program)

    def reason_of(self, said: Answer, reason: Reason) -> Reason:
        """The reason, or a full disk, of which the server speaks; a client may only see that it is gone."""
        return "not-possible" if said.exit and has_no_room(self._last_words) else reason

    def sql(self, reason: Reason, database: str, *texts: str) -> Answer:
        """Run SQL; Failed with the reason at the first error."""
        return self.run(reason, "psql", self._psql(database, *texts))

    @property
    def has_ended(self) -> bool:
        """Whether it does not run."""
        return self._service is None or self._service.ended is not None

    def databases(self) -> list[str]:
        """Those that are no template of a new server, and were not put aside."""
        return self._databases("datname")

    def clear_databases(self) -> None:
        """Have none of a name that a dump may have; what cannot be dropped, as with a subscription, is put aside."""
        for one in self._databases("format('DROP DATABASE %I', datname)"):
            self.asked("psql", self._psql("template1", one))
        for one in self._databases(f"format('ALTER DATABASE %I RENAME TO %I', datname, {_ASIDE})"):
            self.sql("load-failed", "template1", one)

    def _databases(self, what: str) -> list[str]:
        chosen = f"datname NOT IN ('template0', 'template1') AND datname <> {_ASIDE}"
        query = f"SELECT {what} FROM pg_database WHERE {chosen} ORDER BY 1"  # noqa: S608 - no value in it
        return self.sql("load-failed", "template1", query).text.splitlines()

    def _psql(self, database: str, *texts: str) -> list[str]:
        words = [word for one in texts for word in ("-c", one)]
        return ["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.at(database), *words]

    @property
    def _before(self) -> tuple[str, ...]:
        whom = user()
        return whom.before if whom else ()

    @property
    def _options(self) -> list[str]:
        """Its settings, as a server takes them."""
        every = {
            "config_file": str(self.place / "postgresql.conf"),
            "hba_file": str(self.place / "pg_hba.conf"),
            "ident_file": str(self.place / "pg_ident.conf"),
            "unix_socket_directories": str(self.place),
            **settings(self.programs.major),
            **self._settings,
        }
        return [word for name, value in every.items() for word in ("-c", f"{name}={value}")]

    @property
    def _last_words(self) -> str:
        """The end of what the server said."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - _LAST))
            return file.read().decode("utf-8", "replace")

    def _wait(self) -> None:
        assert self._service, "it was started"
        while not self._is_ready():
            ended = self._service.ended
            if ended:
                lines = [line for line in self._last_words.splitlines() if line.strip()]
                last = lines[-1] if lines else "it said nothing"
                told = next((line for line in lines if line.startswith(("FATAL", "PANIC"))), last)
                reason: Reason = "not-possible" if has_no_room(self._last_words) else "load-failed"
                raise Failed(reason, f"the server did not start: {told}", ended.exit)
            self.work.current.left()
            time.sleep(_PAUSE)

    def _is_ready(self) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text(errors="replace").splitlines()
        except OSError:
            return False
        return len(lines) > _STATUS_LINE and lines[_STATUS_LINE].strip() == "ready"


def _quoted(value: str) -> str:
    """A value of a connection string (https://www.postgresql.org/docs/current/libpq-connect.html)."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
