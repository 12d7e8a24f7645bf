"""A database of PostgreSQL, by pg_dump: taken with its fingerprint in one transaction, and loaded again."""

import re
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from shlex import quote

from svcops.recovery.copying import inside
from svcops.recovery.data.postgresql.dumps import restore, sequence_values
from svcops.recovery.data.postgresql.programs import check_source, checked, plain, programs
from svcops.recovery.data.postgresql.reading import CHANGE, FINGERPRINT, check_it_holds_tables, parts_in, variables
from svcops.recovery.data.postgresql.server import Server
from svcops.recovery.fingerprints import fingerprint_of
from svcops.recovery.interface import Answer, Failed, Work
from svcops.recovery.model import Fingerprint, Part
from svcops.recovery.plan import PostgresData

_SEQUENCE = "sequence "
_TAKE = """\
\\set ON_ERROR_STOP on
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET idle_in_transaction_session_timeout = 0;
SELECT pg_export_snapshot() AS snapshot \\gset
\\setenv SVCOPS_PG_SNAPSHOT :snapshot
\\! {dump}; echo $? > {status}
\\i {fingerprint}
COMMIT;
"""
"""The snapshot is there as long as the transaction that exported it, so pg_dump is run from within. That pg_dump and
the fingerprint see the same rows follows from https://www.postgresql.org/docs/current/functions-admin.html
(pg_export_snapshot). psql before 16 does not tell how a command of \\! ended, hence the file."""


class Postgres:
    """The database of a plan."""

    def __init__(self, plan: PostgresData, work: Work) -> None:
        self.plan = plan
        self.work = work
        self._server: Server | None = None
        self._database = ""

    def export(self, folder: Path) -> Fingerprint:
        """A dump, and the fingerprint of exactly the rows in it."""
        check_source(self.plan.name, self.plan.source)
        to = inside(folder, self._path, "not-possible")
        to.parent.mkdir(parents=True, exist_ok=True)
        work, known = self._reaching(), programs(self.work)
        script, status = self.work.scratch / f"take-{self.plan.name}.sql", self.work.scratch / f"{self.plan.name}.exit"
        dump = [known.path("pg_dump"), f"--format={self.plan.format}", "--create", f"--file={to}"]
        command = " ".join(map(quote, [*dump, f"--dbname={self.plan.source}"]))
        command += ' --snapshot="$SVCOPS_PG_SNAPSHOT"'
        script.write_text(_TAKE.format(dump=command, status=quote(str(status)), fingerprint=_in_psql(FINGERPRINT)))
        argv = [known.path("psql"), "-XAtq", *variables(is_cluster=False), "-d", self.plan.source, "-f", str(script)]
        said = checked(work.run(argv), "not-possible", f"{self.plan.name} cannot be taken")
        self._check_the_dump(said, status)
        parts = {one.name: one for one in parts_in(said.text, "not-possible")}
        check_it_holds_tables(parts.values())
        return fingerprint_of(self.plan.name, {**parts, **self._sequences_of(to, parts)}.values())

    def load(self, folder: Path) -> None:
        """Into a server that is made for it; Failed where a statement of it fails."""
        dump = inside(folder, self._path)
        if not dump.is_file():
            raise Failed("load-failed", f"{self._path}: the backup holds no such file")
        self._server = server = Server(self.plan.name, programs(self.work), self.work)
        self._database = restore(server, dump)

    def fingerprint(self) -> Fingerprint:
        """Of what was loaded, as its server works it out."""
        assert self._server, "it is loaded first"
        begin, end = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "COMMIT"
        argv = ["-XAtq", *variables(is_cluster=False), "-d", self._server.at(self._database)]
        argv += ["-c", begin, "-f", str(FINGERPRINT), "-c", end]
        said = self._server.run("load-failed", "psql", argv)
        return fingerprint_of(self.plan.name, parts_in(said.text, "load-failed"))

    def stop(self) -> None:
        """End the server."""
        server, self._server = self._server, None
        if server:
            server.stop()

    def change_one_value(self, folder: Path) -> str:
        """Loaded, changed by one value, and dumped again."""
        aside = Postgres(self.plan, self.work.aside("changed"))
        aside.work.scratch.mkdir(exist_ok=True)
        try:
            aside.load(folder)
            return aside._change(folder / self._path)
        finally:
            aside.stop()

    def versions(self) -> dict[str, str]:
        """That of the server that it is loaded into."""
        try:
            known = programs(self.work)
        except Failed:
            return {}
        said = replace(self.work, env=plain(self.work)).run([known.path("postgres"), "--version"])
        return {"postgresql": said.last_line.removeprefix("postgres (PostgreSQL) ")}

    @property
    def _path(self) -> str:
        return self.plan.path or f"{self.plan.name}.dump"

    def _reaching(self) -> Work:
        """With the environment as it is, which says how the server that is in use is reached; messages in English."""
        return replace(self.work, env={**self.work.env, "LC_ALL": "C", "PGCLIENTENCODING": "UTF8"})

    def _check_the_dump(self, said: Answer, status: Path) -> None:
        code = status.read_text().strip() if status.exists() else "?"
        if code != "0":
            lines = [line for line in said.text.splitlines() if line.startswith("pg_dump: ")]
            why = lines[0] if lines else said.last_line
            raise Failed("not-possible", f"{self.plan.name} cannot be taken: pg_dump ended with {code}: {why}")

    def _sequences_of(self, dump: Path, parts: Mapping[str, Part]) -> dict[str, Part]:
        """Sequences as the dump has them: they are no part of a snapshot, and go on while it is taken."""
        script = dump
        if self.plan.format == "custom":
            script = self.work.scratch / f"sequences-{self.plan.name}.sql"
            restore_ = programs(self.work).path("pg_restore")
            listed = checked(self.work.run([restore_, "--list", str(dump)]), "not-possible", "pg_restore")
            chosen = [line for line in listed.text.splitlines() if re.search(r" SEQUENCE SET ", line)]
            wanted = self.work.scratch / f"sequences-{self.plan.name}.list"
            wanted.write_text("".join(f"{line}\n" for line in chosen))
            argv = [restore_, f"--use-list={wanted}", f"--file={script}", str(dump)]
            checked(self.work.run(argv), "not-possible", "pg_restore")
        with script.open(encoding="utf-8", errors="replace") as file:
            values = dict(sequence_values(file))
        found = {}
        for name in [one for one in parts if one.startswith(_SEQUENCE)]:
            value = values.get(name.removeprefix(_SEQUENCE))
            if value is None:
                raise Failed("not-possible", f"the dump does not hold the {name}")
            found[name] = replace(parts[name], digest=f"sha256:{sha256(value.encode()).hexdigest()}")
        return found

    def _change(self, dump: Path) -> str:
        assert self._server, "it was loaded"
        server = self._server
        argv = ["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", server.at(self._database), "-f", str(CHANGE)]
        said = server.run("not-possible", "psql", argv)
        options = [f"--format={self.plan.format}", "--create", f"--file={dump}"]
        server.run("not-possible", "pg_dump", [*options, f"--dbname={server.at(self._database)}"])
        found = re.search(r"changed: (.+)", said.text)
        return found[1] if found else "one value"


def _in_psql(path: Path) -> str:
    """A file name as psql's commands take it."""
    return "'" + str(path).replace("\\", "\\\\").replace("'", "''") + "'"
