"""Drills of a real PostgreSQL, backed up by real tools: what comes back is compared in full, and each damage noticed."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.recovery import postgresql
from tests.recovery.test_drills import agree, evidence, plan

from svcops.recovery.interface import Failed, Work
from svcops.recovery.plan import PostgresData
from svcops.recovery.registry import data_set_of

PLAN = """\
title: The ledger's database from its backup
services: [ledger]
environment: {{where: here, isolation: a scratch folder}}
backup: {backup}
data: [{{name: ledger, source: "{source}", {data}}}]
"""
BACKUPS = {
    "borg": "{tool: borg, repository: var/backups, archives: ledger-*}",
    "folder": "{tool: folder, repository: var/backups}",
}
INIT = {
    "restic": ["restic", "init", "--quiet", "--repo"],
    "borg": ["borg", "init", "--encryption=repokey"],
    "folder": ["mkdir"],
}
ROOT = Path(__file__).parents[2]
RESTIC = {
    "flip-bytes": "fetch-failed",
    "change-value": "content-differs",
    "break-pipe": "load-failed",
    "delete-snapshot": "no-snapshot",
    "empty-repository": "no-snapshot",
    "old-snapshot": "rpo-missed",
    "slow": "rto-missed",
}
OF_DATA = {"flip-bytes": "said-damaged", "truncate": "said-damaged"}
"""Of a base backup, of which the largest file may be one of the log that is not needed, to a file of a database."""
DUMP, PLAIN = "kind: postgres", "kind: postgres, format: plain"
CLUSTER = "kind: postgres-cluster, databases: [ledger]"
SECRET = "correct-horse-battery"
"""Of a repository that is thrown away."""


def readme_plan() -> str:
    """The plan that README.md shows."""
    text = (ROOT / "README.md").read_text().split("```yaml recovery/plans/ledger-database.yaml\n")[1].split("```")[0]
    assert "/srv/backups/ledger" in text
    assert "service=ledger" in text
    return text


@pytest.fixture
def drilled(console: Any, server: postgresql.Postgres) -> Callable[..., Any]:
    """Makes a store whose plan drills the server, with a backup and its baseline."""

    def make(tool: str, data: str, damage: str = "") -> Any:
        if tool != "folder":
            postgresql.needed(tool, {"borg": "borgbackup"}.get(tool, tool))
        console.store.env |= {"RESTIC_PASSWORD": SECRET, "BORG_PASSPHRASE": SECRET}
        console.store.write(".gitignore", "/var/\n")
        (console.store.root / "var").mkdir()
        subprocess.run(
            [*INIT[tool], str(console.store.root / "var" / "backups")],
            check=True,
            env=console.store.env,
            capture_output=True,
        )
        agree(console, rto="30m")
        database = "postgres" if data == CLUSTER else "ledger"
        if tool == "restic":
            text, _, _ = readme_plan().partition("damage: ")
            text = text.replace("/srv/backups/ledger", "var/backups").replace("service=ledger", server.source("ledger"))
        else:
            text = PLAN.format(backup=BACKUPS[tool], source=server.source(database), data=data)
        plan(console, damage, text)
        now(console)("drill", "baseline", "books")
        return console

    return make


def now(console: Any) -> Any:
    """The console at the time that the tools see."""
    console.now = datetime.now(UTC) - timedelta(minutes=1)
    return console


def cases(*names: str, file: str = "") -> str:
    """Damage cases; `file` is what those of OF_DATA are done to."""
    of = {one: f', file: "{file}"' for one in OF_DATA if file}
    every = [f"{{case: {one}{of.get(one, '')}}}" for one in names]
    return f"damage: [{', '.join(every)}]\n"


@pytest.mark.parametrize(
    ("tool", "data", "damage"),
    [
        ("restic", DUMP, RESTIC),
        ("borg", PLAIN, {"flip-bytes": "fetch-failed", "change-value": "content-differs", "break-pipe": "load-failed"}),
        (
            "folder",
            CLUSTER,
            {"delete-file": "said-damaged", "change-value": "content-differs", "break-pipe": "said-damaged"} | OF_DATA,
        ),
    ],
    ids=["the-readme", "borg-plain", "base-backup"],
)
def test_a_good_backup_passes_and_each_damage_fails_for_its_own_reason(drilled, tool, data, damage):
    console = drilled(tool, data, cases(*damage, file="*/base/*/*" if data == CLUSTER else ""))
    now(console)("drill", "harden", "books")
    found = evidence(console)
    assert found["verdict"] == "passed"
    without, *damaged = found["cases"]
    assert without["noticed"] is True
    assert {one["case"].split()[0].rstrip(":"): one["faults"][0]["reason"] for one in damaged} == damage
    assert all(one["noticed"] for one in found["cases"])
    assert "postgresql" in found["tools"]
    every = b"".join(one.read_bytes() for one in (console.store.root / found["folder"]).rglob("*") if one.is_file())
    assert SECRET.encode() not in every


@pytest.mark.soak
def test_a_million_rows_come_back_as_they_were_and_one_other_value_among_them_is_noticed(drilled, server):
    more = 1_000_000 - postgresql.ROWS
    server.sql(f"INSERT INTO books.entry (amount, note) SELECT one, 'more' FROM generate_series(1, {more}) AS one")
    try:
        console = drilled("restic", DUMP, cases("flip-bytes", "change-value"))
    finally:
        server.sql("DELETE FROM books.entry WHERE note = 'more'")
    now(console)("drill", "harden", "books")
    without, *damaged = evidence(console)["cases"]
    assert (without["noticed"], without.get("faults")) == (True, None)
    assert [one["faults"][0]["reason"] for one in damaged] == ["fetch-failed", "content-differs"]


def test_the_damage_of_the_readme_is_tried_here():
    assert set(re.findall(r"case: ([a-z-]+)", readme_plan())) < RESTIC.keys()


def dumped(server: postgresql.Postgres, work: Work, form: Any = "custom") -> tuple[Any, Path, Any]:
    data = data_set_of(PostgresData(kind="postgres", name="l", source=server.source("ledger"), format=form), work)
    folder = work.scratch / "out"
    folder.mkdir()
    return data, folder, data.export(folder)


def test_a_fingerprint_is_the_same_whatever_is_set_for_the_database_and_in_whatever_order_its_rows_lie(server, work):
    data, folder, before = dumped(server, work)
    settings = {
        "extra_float_digits": "-5",
        "DateStyle": "'SQL, DMY'",
        "TimeZone": "'Asia/Tokyo'",
        "bytea_output": "escape",
    }
    for name, value in {**settings, "search_path": "books", "IntervalStyle": "iso_8601"}.items():
        server.sql(f"ALTER DATABASE ledger SET {name} = {value}")
    server.sql("UPDATE books.entry SET amount = amount WHERE id % 3 = 0")  # those rows lie at the end now
    try:
        assert data.export(folder) == before
    finally:
        server.sql("ALTER DATABASE ledger RESET ALL")
    assert {one.name: one.count for one in before.parts}["table books.entry"] == postgresql.ROWS


def test_rows_and_numbers_that_come_while_a_dump_is_taken_are_in_neither_dump_nor_fingerprint(server, work):
    writer = subprocess.Popen(
        [
            *(str(server.programs / "psql"), "-Xq", "-d", server.source("ledger"), "-c"),
            (
                "DO $$ BEGIN FOR one IN 1..400 LOOP INSERT INTO books.entry (amount) VALUES (one); COMMIT;"
                " PERFORM pg_sleep(0.005); END LOOP; END $$"
            ),
        ]
    )
    try:
        data, folder, expected = dumped(server, work)
    finally:
        writer.wait()
        server.sql(f"DELETE FROM books.entry WHERE id > {postgresql.ROWS}")
    data.load(folder)
    assert data.fingerprint() == expected
    data.stop()


@pytest.mark.parametrize("form", ["custom", "plain"])
def test_a_dump_that_breaks_off_anywhere_does_not_load(server, work, form):
    data, folder, _ = dumped(server, work, form)
    whole = (folder / "l.dump").read_bytes()
    for number, end in enumerate((0, 3, len(whole) // 2, len(whole) - 300)):
        cut = replace(work, scratch=work.scratch / str(number))
        back = cut.scratch / "back"
        back.mkdir(parents=True)
        (back / "l.dump").write_bytes(whole[:end])
        again = data_set_of(data.plan, cut)
        with pytest.raises(Failed) as error:
            again.load(back)
        again.stop()
        assert error.value.reason == "load-failed"


def test_a_password_in_the_source_is_refused(work):
    for source in (
        "host=db password=x",
        "dbname=x sslpassword=x",
        "postgresql://ada:x@db/ledger",
        "postgresql://db/ledger?user=ada&pass%77ord=x",
    ):
        data = data_set_of(PostgresData(kind="postgres", name="l", source=source), work)
        with pytest.raises(Failed, match="belongs into the environment"):
            data.export(work.scratch)


def test_what_leads_to_the_server_in_use_does_not_lead_a_restore_there(server, work):
    _, folder, expected = dumped(server, work)
    astray = {"PGHOSTADDR": "192.0.2.1", "PGSERVICE": "ledger", "PGOPTIONS": "-c default_transaction_read_only=on"}
    data = data_set_of(
        PostgresData(kind="postgres", name="l", source=server.source("ledger")),
        replace(work, env={**work.env, **astray}),
    )
    data.load(folder)
    assert data.fingerprint() == expected
    data.stop()
