"""Whole servers of PostgreSQL: a copy of one that is set up in its own way stays within the scratch folder."""

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import Any

import pytest
from tests.recovery import postgresql

from svcops.recovery.data.postgres_cluster import _finds_damage
from svcops.recovery.data.postgresql.programs import checked
from svcops.recovery.fingerprints import fingerprint_of
from svcops.recovery.interface import Answer, Failed, Work
from svcops.recovery.plan import PgbackrestBackup, PostgresCluster
from svcops.recovery.registry import data_set_of, repository_of
from svcops.recovery.repositories.pgbackrest import _segments

SECRETS = {"RESTIC_PASSWORD": "correct-horse", "BORG_PASSPHRASE": "battery-staple"}
COMMANDS = ("recovery_end_command", "archive_cleanup_command", "restore_command", "ssl_passphrase_command")
CONTENT = (
    "CREATE TABLE entry (id int PRIMARY KEY)",
    "INSERT INTO entry SELECT generate_series(1, 1000)",
    "CREATE TABLE quick (id int, größe int) TABLESPACE fast",
    "INSERT INTO quick VALUES (1), (2)",
    "ALTER DATABASE ledger SET session_preload_libraries = auto_explain",
    "ALTER DATABASE ledger SET default_transaction_read_only = off",
    "CREATE FUNCTION guard() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not by hand'; END $$",
    "CREATE EVENT TRIGGER guard ON ddl_command_start EXECUTE FUNCTION guard()",
    "ALTER DATABASE ledger SET statement_timeout = '1ms'",
    "ALTER DATABASE ledger SET client_encoding = 'LATIN1'",
)


@pytest.fixture(scope="module")
def pgbackrest(tmp_path_factory):
    """The environment of pgBackRest, and where its repository lies."""
    top = Path(mkdtemp(prefix="pgbackrest-"))
    top.chmod(0o711)
    for name in ("repository", "lock"):
        (top / name).mkdir()
        (top / name).chmod(0o777)
    yield {
        "PGBACKREST_CONFIG": "/dev/null",
        "PGBACKREST_STANZA": "main",
        "PGBACKREST_REPO1_PATH": str(top / "repository"),
        "PGBACKREST_LOCK_PATH": str(top / "lock"),
        "PGBACKREST_LOG_LEVEL_FILE": "off",
        "PGBACKREST_PG1_USER": "app",
        "PGBACKREST_START_FAST": "y",
        "PGBACKREST_COMPRESS_LEVEL": "1",
    }
    shutil.rmtree(top)


@pytest.fixture(scope="module")
def odd(pgbackrest):
    """A server whose superuser is `app`, with a tablespace, long segments of the log, and commands that it would run."""
    archiving = {}
    if shutil.which("pgbackrest"):
        archiving = {"archive_mode": "on", "archive_command": 'pgbackrest --pg1-path="$PWD" archive-push %p'}
    with postgresql.running(archiving, pgbackrest, "app", ["--wal-segsize=64"]) as one:
        (one.top / "fast").mkdir()
        if os.geteuid() == 0:
            shutil.chown(one.top / "fast", "postgres")
        one.sql(f"CREATE TABLESPACE fast LOCATION '{one.top}/fast'", "postgres")
        one.sql("CREATE DATABASE ledger", "postgres")
        one.sql(*CONTENT[:1], "ledger", *CONTENT[1:])
        commands = [f"ALTER SYSTEM SET {name} = 'echo {name} >> {one.top}/ran'" for name in COMMANDS]
        one.sql("SELECT 1", "postgres", *commands, "ALTER SYSTEM SET shared_buffers = '1000GB'")
        yield one


def cluster(odd: postgresql.Postgres, work: Work, path: str = "") -> Any:
    source = f"{odd.source('postgres')} options='-c statement_timeout=0'"  # that of the database ends what is read
    plan = PostgresCluster(kind="postgres-cluster", name="c", source=source, databases=("ledger",), path=path)
    return data_set_of(plan, work)


@pytest.fixture(scope="module")
def exported(odd, module_work):
    """A base backup of it, and the fingerprint of what is in it."""
    folder = module_work.scratch / "exported"
    folder.mkdir()
    return SimpleNamespace(folder=folder, fingerprint=cluster(odd, module_work).export(folder))


@pytest.fixture(scope="module")
def loaded(odd, exported, module_work):
    """That base backup, started from a copy."""
    back = module_work.scratch / "back"
    shutil.copytree(exported.folder, back, symlinks=True)
    data = cluster(odd, module_work)
    data.load(back)
    yield data
    data.stop()


def asked(data: Any, text: str) -> str:
    said: str = data._server.sql("load-failed", "ledger", text).last_line
    return said


def of_one_version(data: Path, to: Path) -> None:
    """A folder of which no more is known than the version."""
    (to / "base" / "1").mkdir(parents=True)
    for name in ("PG_VERSION", "base/1/PG_VERSION"):
        shutil.copy(data / name, to / name)


def test_what_comes_back_is_what_the_server_held_whoever_its_superuser_is_and_whatever_its_triggers_guard(
    loaded, exported
):
    assert {"ledger: table public.entry", "ledger: table public.quick"} < {
        one.name for one in exported.fingerprint.parts
    }
    assert loaded.fingerprint() == exported.fingerprint
    assert asked(loaded, "SELECT current_user") == "app"
    assert asked(loaded, "SELECT count(*) FROM pg_extension WHERE extname = 'amcheck'") == "1"


def test_no_command_and_no_library_of_the_server_in_use_is_run(loaded, odd):
    assert not (odd.top / "ran").exists()
    assert asked(loaded, "SELECT count(*) FROM pg_settings WHERE name LIKE 'auto_explain.%'") == "0"


def test_a_tablespace_comes_back_in_the_scratch_folder(loaded, odd):
    place = asked(loaded, "SELECT pg_tablespace_location(oid) FROM pg_tablespace WHERE spcname = 'fast'")
    assert (loaded._server.data / "pg_tblspc" / place).resolve().is_relative_to(loaded.work.scratch)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes show no environment here")
def test_no_secret_of_another_tool_is_in_the_environment_of_the_server(loaded):
    assert SECRETS.items() < loaded.work.env.items()
    number = (loaded._server.data / "postmaster.pid").read_text().split()[0]
    held = Path(f"/proc/{number}/environ").read_bytes()
    assert b"PATH=" in held
    assert not any(one.encode() in held for pair in SECRETS.items() for one in pair)


@pytest.mark.parametrize("said", [b"\x80\x81\n", b"1\n", b"", b"75\n", b"15.\n"])
def test_a_damaged_version_is_damage_of_the_backup_and_no_server_that_is_not_installed(odd, exported, work, said):
    of_one_version(exported.folder / "c", work.scratch / "c")
    (work.scratch / "c" / "PG_VERSION").write_bytes(said)
    with pytest.raises(Failed, match="PG_VERSION") as error:
        cluster(odd, work).load(work.scratch)
    assert error.value.reason == "load-failed"


def test_a_damaged_restore_point_is_damage_of_the_backup(odd, exported, work):
    of_one_version(exported.folder / "c", work.scratch / "c")
    (work.scratch / "c.restore-point").write_bytes(b"\xff\0")
    with pytest.raises(Failed, match="names no restore point") as error:
        cluster(odd, work).load(work.scratch)
    assert error.value.reason == "load-failed"


@pytest.mark.parametrize("name", ["pg_wal", "pg_tblspc/16400", "base/1"])
def test_a_link_that_leads_out_is_refused_before_anything_is_written(odd, work, tmp_path, name):
    (work.scratch / "back" / "c" / "pg_tblspc").mkdir(parents=True)
    (work.scratch / "back" / "c" / "base").mkdir()
    (work.scratch / "back" / "c" / name).symlink_to(tmp_path)
    with pytest.raises(Failed, match="leads out of the backup"):
        cluster(odd, work).load(work.scratch / "back")
    assert list(work.scratch.iterdir()) == [work.scratch / "back"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("why", [b"No space left on device", b"wrote only 4096 of 8192 bytes at block 0"])
def test_a_full_disk_says_nothing_of_the_backup(why):
    said = Answer(1, b'psql: ERROR:  could not extend file "base/5/2": ' + why)
    with pytest.raises(Failed, match="could not extend file") as error:
        checked(said, "load-failed", "psql")
    assert error.value.reason == "not-possible"


def test_pgbackrest_restores_what_the_server_held_and_notices_a_damaged_file_that_verify_ends_with_0_on(
    odd, pgbackrest, work
):
    postgresql.needed("pgbackrest", "pgbackrest")
    env = {**os.environ, **pgbackrest}
    env |= {"PGBACKREST_PG1_PATH": str(odd.top / "data"), "PGBACKREST_PG1_SOCKET_PATH": str(odd.top)}
    for verb in ("stanza-create", "backup"):
        argv = [*postgresql.as_user(), "pgbackrest", verb]
        subprocess.run(argv, check=True, capture_output=True, env=env, cwd="/")
    expected = fingerprint_of("c", cluster(odd, work)._running().parts())
    plan = PgbackrestBackup(tool="pgbackrest", repository=pgbackrest["PGBACKREST_REPO1_PATH"], stanza="main")
    backup = repository_of(plan, work)
    (snapshot,) = backup.snapshots()
    back = work.scratch / "back"
    back.mkdir()
    backup.fetch(snapshot.id, back)
    assert (work.scratch / "back-tablespaces" / "fast").is_dir(), "and not where that of the server in use lies"
    data = cluster(odd, work, ".")
    data.load(back)
    assert data.fingerprint() == expected
    data.stop()
    copy = backup.copied(work.scratch / "copy")
    (largest, *_) = copy.files(snapshot.id)
    largest.write_bytes(largest.read_bytes()[:-50] + b"x" * 50)
    (work.scratch / "again").mkdir()
    with pytest.raises(Failed, match="pgbackrest restore"):
        copy.fetch(snapshot.id, work.scratch / "again")
    info = list(copy.top.glob("backup/main/backup.info*"))
    kept = [one.read_bytes() for one in info]
    for one in info:
        one.write_bytes(b"damaged" + one.read_bytes())
    with pytest.raises(Failed, match="unable to load info file") as error:
        copy.snapshots()
    assert error.value.reason == "said-damaged"
    for one, data_ in zip(info, kept, strict=True):
        one.write_bytes(data_)
    copy.forget(snapshot.id)
    assert copy.snapshots() == []


def test_segments_of_the_log_are_counted_by_their_length():
    assert list(_segments("00000001000000000000003F", "000000010000000100000000", 64 << 20)) == [
        *("00000001000000000000003F", "000000010000000100000000")
    ]
    assert len(list(_segments("0000000100000000000000FE", "000000010000000100000001", 16 << 20))) == 4


TABLE = 'heap table "ledger.public.entry":\n'
PLACE = 'heap table "ledger.public.entry", block 1, offset 1:\n    xmin 4294967295 precedes oldest valid transaction ID 0:716\n'
INDEX = 'btree index "ledger.public.entry_pkey":\n    ERROR:  line pointer points past end of tuple space in index "entry_pkey"\n'
CANCELED = "    ERROR:  canceling statement due to statement timeout\n"


@pytest.mark.parametrize(
    ("code", "said", "expected"),
    [
        (2, PLACE, True),
        (2, f"{INDEX}    DETAIL:  Index tid=(5,20) lp_off=21845, lp_len=10922 lp_flags=2.\n", True),
        (2, f"{TABLE}{CANCELED}", False),
        (2, f"{TABLE}    ERROR:  out of memory\n    DETAIL:  Failed on request of size 8192.\n", False),
        (2, f"{TABLE}{CANCELED}{PLACE}", True),
        (1, "pg_amcheck: error: query failed: ERROR:  relation is damaged\n", False),
    ],
)
def test_only_what_amcheck_reports_of_relations_is_damage_and_no_query_that_was_broken_off(code, said, expected):
    assert _finds_damage(Answer(code, said.encode())) is expected
