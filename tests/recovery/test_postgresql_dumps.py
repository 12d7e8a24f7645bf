"""Dumps of PostgreSQL that name what no dump holds, and what of them is never kept."""

import re
import subprocess
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from svcops.recovery.data.postgresql.reading import CHANGE
from svcops.recovery.interface import Current, Failed
from svcops.recovery.plan import PostgresData
from svcops.recovery.registry import data_set_of

PASSWORD = "hunter2pw"
ROLES = ("dba", "ro", "r1", "r2", "r3", "um", '"odd ""role"', "chief SUPERUSER")
DATABASE = (
    "ALTER DATABASE rich OWNER TO dba",
    "GRANT CONNECT ON DATABASE rich TO ro",
    "ALTER ROLE ro IN DATABASE rich SET work_mem = '8MB'",
    "ALTER DATABASE rich IS_TEMPLATE true",
)
CONTENT = (
    "CREATE TABLE entry (id int, note text)",
    "INSERT INTO entry VALUES (1, 'ALTER TABLE entry OWNER TO user;'), (2, E'COPY entry FROM stdin;\\n')",
    'ALTER TABLE entry OWNER TO "odd ""role"',
    "CREATE TABLE quick TABLESPACE quick AS SELECT 1 AS id",
    "CREATE POLICY own ON entry TO r1, r2, r3 USING (true)",
    "CREATE FOREIGN DATA WRAPPER wrapper",
    "ALTER FOREIGN DATA WRAPPER wrapper OWNER TO chief",
    "CREATE SERVER s FOREIGN DATA WRAPPER wrapper",
    f"CREATE USER MAPPING FOR um SERVER s OPTIONS (password '{PASSWORD}')",
    "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT '\nALTER TABLE entry OWNER TO current_user;\n' $$",
    "CREATE FUNCTION g() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$",
    "CREATE EVENT TRIGGER seen ON ddl_command_end EXECUTE FUNCTION g()",
    "ALTER EVENT TRIGGER seen OWNER TO chief",
    "CREATE SUBSCRIPTION news CONNECTION 'dbname=nowhere' PUBLICATION news WITH (connect = false)",
)


@pytest.fixture(scope="session")
def rich(server):
    """A database beside the ledger, with what other roles own and may do."""
    (server.top / "quick").mkdir()
    if (server.top / "data").owner() == "postgres":
        import shutil

        shutil.chown(server.top / "quick", "postgres")
    roles = [f"CREATE ROLE {one}" for one in ROLES]
    space = f"CREATE TABLESPACE quick LOCATION '{server.top}/quick'"
    server.sql("CREATE DATABASE rich", "postgres", *roles, space, *DATABASE)
    server.sql(CONTENT[0], "rich", *CONTENT[1:])
    return server


@pytest.fixture(params=["custom", "plain"])
def dump(request, rich, work):
    """That database, a folder with its dump, and what is in it."""
    plan = PostgresData(kind="postgres", name="d", source=rich.source("rich"), format=request.param)
    data: Any = data_set_of(plan, work)
    folder = work.scratch / "out"
    folder.mkdir()
    return data, folder, data.export(folder)


def test_a_dump_loads_whatever_roles_and_tablespaces_it_names_and_whatever_its_rows_and_functions_look_like(dump):
    data, folder, expected = dump
    data.load(folder)
    assert data.fingerprint() == expected
    owner = "SELECT datdba::regrole FROM pg_database WHERE datname = 'rich'"
    assert data._server.sql("load-failed", "rich", owner).last_line == "dba"
    data.stop()


@pytest.mark.parametrize("form", ["custom", "plain"])
def test_a_dump_that_names_nothing_else_is_loaded_once(server, work, form):
    """As the bare command does: what a recovery takes is measured by it."""
    server.sql(f"CREATE DATABASE alone_{form}", "postgres")
    server.sql("CREATE TABLE entry AS SELECT 1 AS id", f"alone_{form}")
    log = bytearray()
    work = replace(work, current=Current(log.extend))
    data = data_set_of(
        PostgresData(kind="postgres", name="d", source=server.source(f"alone_{form}"), format=form), work
    )
    data.export(work.scratch)
    log.clear()
    data.load(work.scratch)
    data.stop()
    assert len(re.findall(rb"(?:--exit-on-error|ON_ERROR_STOP=1) .*d\.dump\n", log)) == 1
    assert work.current.deviations == []


def test_tries_of_a_dump_that_names_what_it_does_not_hold_are_no_part_of_the_recovery_and_told(dump):
    data, folder, _ = dump
    log = bytearray()
    data = data_set_of(data.plan, replace(data.work, current=Current(log.extend)))
    data.load(folder)
    data.stop()
    (told,) = data.work.current.deviations
    assert told.endswith("d.dump was tried for the roles and tablespaces that it names, which no dump holds")
    assert b"s do not count as recovery time: d.dump was tried for" in log
    assert data.work.current.discounted > 0


@pytest.mark.parametrize("form", ["custom", "plain"])
def test_who_is_granted_something_after_all_rows_is_found_without_loading_these(server, work, form):
    """So neither the limit of the stage nor the time of the drill has them twice."""
    server.sql(f"CREATE DATABASE granted_{form}", "postgres")
    server.sql("CREATE TABLE entry AS SELECT 1 AS id", f"granted_{form}")
    server.sql(f"CREATE ROLE reader_{form}", "postgres")
    server.sql(f"GRANT SELECT ON entry TO reader_{form}", f"granted_{form}")
    log = bytearray()
    work = replace(work, current=Current(log.extend))
    source = server.source(f"granted_{form}")
    data = data_set_of(PostgresData(kind="postgres", name="d", source=source, format=form), work)
    expected = data.export(work.scratch)
    log.clear()
    data.load(work.scratch)
    assert data.fingerprint() == expected
    data.stop()
    assert len(re.findall(rb"(?:--exit-on-error|ON_ERROR_STOP=1) .*d\.dump\n", log)) == 1
    assert len(work.current.deviations) == 1


def test_time_that_does_not_count_is_no_part_of_the_limit():
    current = Current(limit=timedelta(seconds=10))
    current.discount(3600, "a try")
    assert current.left() > timedelta(minutes=59)


@pytest.fixture(params=["custom", "plain"])
def latin(request, server, work):
    """A database in LATIN1 that belongs to a role of its own, a folder for its dump, and that role."""
    name, owner = f"latin_{request.param}", f"möller {request.param}"
    server.sql(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'", "postgres")
    content = (
        f'CREATE ROLE "{owner}"',
        'CREATE TABLE "größe" (ä text)',
        "INSERT INTO \"größe\" VALUES ('ö')",
        f'ALTER TABLE "größe" OWNER TO "{owner}"',
        f'ALTER DATABASE {name} OWNER TO "{owner}"',
        f"ALTER DATABASE {name} SET client_encoding = 'LATIN1'",
    )
    server.sql("SET client_encoding = 'UTF8'", name, *content)
    data: Any = data_set_of(
        PostgresData(kind="postgres", name="d", source=server.source(name), format=request.param), work
    )
    folder = work.scratch / "out"
    folder.mkdir()
    yield data, folder, owner
    data.stop()
    drop = [f"DROP DATABASE {name}", f'DROP ROLE "{owner}"']
    server.sql(f"ALTER DATABASE {name} OWNER TO postgres", "postgres")
    server.sql("SET client_encoding = 'UTF8'", name, f'DROP OWNED BY "{owner}"', drop[1])
    server.sql(drop[0], "postgres")


def test_a_database_of_another_encoding_comes_back_with_its_names(latin):
    """Roles are of the whole server, and their names the bytes that the database gave them."""
    data, folder, _ = latin
    expected = data.export(folder)
    assert 'table public."größe"' in {one.name for one in expected.parts}
    data.load(folder)
    assert data.fingerprint() == expected


def test_a_dump_that_is_itself_in_another_encoding_loads(latin, server):
    """So pg_dump writes it where nobody asks for UTF-8, and errors on the way are in that encoding too."""
    data, folder, owner = latin
    dump = [server.programs / "pg_dump", "--create", f"--format={data.plan.format}", "-f", folder / "d.dump"]
    subprocess.run([*dump, "-d", data.plan.source], check=True)
    assert owner.encode("latin-1") in (folder / "d.dump").read_bytes()
    data.load(folder)
    found = data._server.sql(
        "load-failed", data._database, "SELECT tableowner FROM pg_tables WHERE tablename = 'größe'"
    )
    assert found.last_line == owner


def test_the_statement_that_fails_is_kept_nowhere_as_a_password_may_stand_in_it(dump, work):
    data, folder, _ = dump
    path = folder / "d.dump"
    path.write_bytes(path.read_bytes().replace(b"FOR um SERVER", b"FOR um SERVED"))
    assert PASSWORD.encode() in path.read_bytes()
    log = bytearray()
    again = data_set_of(data.plan, replace(work, current=Current(log.extend)))
    with pytest.raises(Failed, match="syntax error") as error:
        again.load(folder)
    again.stop()
    assert b"syntax error" in log
    assert PASSWORD.encode() not in log
    assert PASSWORD not in error.value.message


def test_two_dumps_in_one_file_do_not_load(rich, work):
    plan = PostgresData(kind="postgres", name="d", source=rich.source("rich"), format="plain")
    data = data_set_of(plan, work)
    data.export(work.scratch)
    text = (work.scratch / "d.dump").read_text()
    (work.scratch / "d.dump").write_text(text + text.replace("rich", "poor"))
    with pytest.raises(Failed, match="made 2 databases") as error:
        data.load(work.scratch)
    data.stop()
    assert error.value.reason == "load-failed"


def test_a_database_without_a_table_is_not_taken_as_it_is_hardly_the_one_that_is_meant(server, work):
    data = data_set_of(PostgresData(kind="postgres", name="d", source=server.source("postgres")), work)
    with pytest.raises(Failed, match="holds no table"):
        data.export(work.scratch)


def test_a_value_of_any_type_can_be_made_another(server):
    server.sql("CREATE DATABASE types", "postgres")
    server.sql("CREATE TYPE mood AS ENUM ('open', 'closed')", "types")
    for kind, value in {
        "jsonb": '{"a": 1}',
        "json": "[]",
        "text[]": "{a}",
        "mood": "open",
        "inet": "192.0.2.1",
        "int": "1",
    }.items():
        row = f"INSERT INTO one VALUES (gen_random_uuid(), '{value}')"
        server.sql(f"CREATE TABLE one (id uuid PRIMARY KEY, value {kind})", "types", row)
        argv = [server.programs / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", server.source("types"), "-f", CHANGE]
        said = subprocess.run(argv, check=True, capture_output=True, text=True).stderr
        assert "changed: value of one row of table public.one" in said, kind
        assert server.sql("SELECT value FROM one", "types") != value
        server.sql("DROP TABLE one", "types")
    server.sql("CREATE TABLE one AS SELECT gen_random_uuid() AS id", "types", "ALTER TABLE one ADD PRIMARY KEY (id)")
    assert "changed: id" in subprocess.run(argv, check=True, capture_output=True, text=True).stderr
