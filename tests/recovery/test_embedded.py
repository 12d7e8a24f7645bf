"""The embedded default: SQLite and files in a folder. What comes back is what went in, and any other is noticed."""

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.recovery.data.files import Files
from svcops.recovery.data.sqlite import Sqlite, database_of
from svcops.recovery.fingerprints import differences
from svcops.recovery.interface import Current, Failed, Work
from svcops.recovery.plan import FilesData, FolderBackup, SqliteData
from svcops.recovery.repositories.folder import Folder
from svcops.runbooks.processes import Keeper


@pytest.fixture
def work(tmp_path):
    with Keeper(tmp_path / "scratch") as keeper:
        (tmp_path / "scratch").mkdir()
        yield Work(keeper, tmp_path / "scratch", tmp_path, dict(os.environ), lambda: datetime.now(UTC), Current())


@pytest.fixture
def database(tmp_path, work):
    with closing(sqlite3.connect(tmp_path / "live.db")) as live:
        live.executescript(
            "CREATE TABLE entry (id INTEGER PRIMARY KEY, amount, note TEXT);"
            "CREATE TABLE pair (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID;"
            "CREATE INDEX by_note ON entry (note);"
        )
        live.executemany("INSERT INTO entry (amount, note) VALUES (?, ?)", [(one, f"n{one % 7}") for one in range(500)])
        live.executemany("INSERT INTO pair VALUES (?, ?)", [(1, "1"), (1.5, b"1"), ("x", "ü")])
        live.commit()
    return Sqlite(SqliteData(kind="sqlite", name="books", source="live.db"), work)


@pytest.fixture
def tree(tmp_path, work):
    top = tmp_path / "live"
    (top / "deep" / "empty").mkdir(parents=True)
    (top / "a.txt").write_text("one")
    (top / "deep" / "b.bin").write_bytes(bytes(range(256)))
    (top / "link").symlink_to("a.txt")
    return Files(FilesData(kind="files", name="papers", source="live", path="papers"), work)


@pytest.fixture
def repository(work):
    return Folder(FolderBackup(tool="folder", repository="backups"), work)


def there_and_back(data, repository, tmp_path):
    """What went in, and the folder with what came back."""
    out, back = tmp_path / "out", tmp_path / "back"
    out.mkdir()
    back.mkdir()
    expected = data.export(out)
    snapshot = repository.keep(out)
    assert [one.id for one in repository.snapshots()] == [snapshot.id]
    repository.fetch(snapshot.id, back)
    return expected, back


def came_to(data, back, expected):
    """Why what came back is not right; `as expected` where only what nobody reads is another."""
    try:
        data.load(back)
        return "as expected" if data.fingerprint() == expected else "content-differs"
    except Failed as error:
        return error.reason
    finally:
        data.stop()


@pytest.mark.parametrize("kind", ["database", "tree"])
def test_what_comes_back_is_what_went_in(kind, request, repository, tmp_path):
    data = request.getfixturevalue(kind)
    expected, back = there_and_back(data, repository, tmp_path)
    data.load(back)
    assert data.fingerprint() == expected
    data.stop()


@pytest.mark.parametrize("kind", ["database", "tree"])
def test_one_other_value_is_noticed_and_named(kind, request, repository, tmp_path):
    data = request.getfixturevalue(kind)
    expected, back = there_and_back(data, repository, tmp_path)
    told = data.change_one_value(back)
    data.load(back)
    (line,) = differences(expected, data.fingerprint())
    assert "as expected, and the content is another" in line
    assert line.split(":")[0].split()[-1] in told


def test_a_database_of_which_a_page_is_another_does_not_load_or_differs(database, repository, tmp_path):
    expected, back = there_and_back(database, repository, tmp_path)
    data = bytearray((back / "books.sqlite").read_bytes())
    seen = set()
    for place in range(5000, len(data), 997):
        (back / "books.sqlite").write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
        seen.add(came_to(database, back, expected))
    assert seen <= {"said-damaged", "load-failed", "content-differs", "as expected"}, "never a traceback"
    assert seen & {"said-damaged", "load-failed"}
    assert "content-differs" in seen


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda file: file.write_bytes(file.read_bytes()[:5000]), "does not open|malformed|integrity|Page|Tree"),
        (lambda file: file.unlink(), "the backup holds no such file"),
        (lambda file: file.write_bytes(b"PK" + file.read_bytes()[2:]), "is no database of SQLite"),
        (lambda file: file.write_bytes(b""), "is no database of SQLite"),
    ],
)
def test_a_database_that_is_cut_off_or_gone_does_not_load(database, repository, tmp_path, damage, why):
    _, back = there_and_back(database, repository, tmp_path)
    damage(back / "books.sqlite")
    with pytest.raises(Failed, match=why):
        database.load(back)


def test_a_row_that_is_missing_is_told_with_both_numbers(database, repository, tmp_path):
    expected, back = there_and_back(database, repository, tmp_path)
    with closing(sqlite3.connect(back / "books.sqlite")) as copy:
        copy.execute("DELETE FROM entry WHERE id = 7")
        copy.commit()
    database.load(back)
    assert list(differences(expected, database.fingerprint())) == ["table entry: 499 in place of 500"]


def test_an_index_that_is_gone_is_noticed(database, repository, tmp_path):
    expected, back = there_and_back(database, repository, tmp_path)
    with closing(sqlite3.connect(back / "books.sqlite")) as copy:
        copy.execute("DROP INDEX by_note")
        copy.commit()
    database.load(back)
    assert list(differences(expected, database.fingerprint())) == ["schema: 2 in place of 3"]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE sqlite_sequence SET seq = 5", "table sqlite_sequence: 1 as expected, and the content is another"),
        ("PRAGMA user_version = 6", "user_version: 1 as expected, and the content is another"),
        ("PRAGMA application_id = 6", "application_id: 1 as expected, and the content is another"),
    ],
)
def test_what_sqlite_and_applications_note_in_a_database_is_compared(database, repository, tmp_path, statement, told):
    with closing(sqlite3.connect(tmp_path / "live.db")) as live:
        live.execute("CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT)")
        live.execute("INSERT INTO numbered VALUES (10)")
        live.execute("PRAGMA user_version = 7")
        live.commit()
    expected, back = there_and_back(database, repository, tmp_path)
    with closing(sqlite3.connect(back / "books.sqlite")) as copy:
        copy.execute(statement)
        copy.commit()
    database.load(back)
    assert list(differences(expected, database.fingerprint())) == [told]


def in_wal_mode(path):
    with closing(sqlite3.connect(path)) as live:
        live.execute("PRAGMA journal_mode = WAL")
        live.execute("CREATE TABLE more (id)")
        live.commit()


def test_a_database_in_wal_mode_is_read_and_nothing_is_left_beside_it(database, repository, tmp_path):
    in_wal_mode(tmp_path / "live.db")
    before = (tmp_path / "live.db").read_bytes()
    expected, back = there_and_back(database, repository, tmp_path)
    assert [one.name for one in tmp_path.glob("live.db*")] == ["live.db"]
    assert (tmp_path / "live.db").read_bytes() == before
    database.load(back)
    assert database.fingerprint() == expected
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["books.sqlite"]
    assert [one.name for one in back.iterdir()] == ["books.sqlite"]


def test_who_writes_a_database_in_wal_mode_meanwhile_goes_on(database, tmp_path):
    in_wal_mode(tmp_path / "live.db")
    out = tmp_path / "out"
    out.mkdir()
    with closing(sqlite3.connect(tmp_path / "live.db")) as live:
        live.execute("INSERT INTO more VALUES (1)")
        live.commit()
        taken = database.export(out)
        live.execute("INSERT INTO more VALUES (2)")
        live.commit()
    assert next(one.count for one in taken.parts if one.name == "table more") == 1
    with closing(sqlite3.connect(tmp_path / "live.db")) as live:
        assert live.execute("SELECT count(*) FROM more").fetchone() == (2,)


def test_what_a_backup_holds_in_a_wal_file_is_read_too(database, repository, tmp_path):
    _, back = there_and_back(database, repository, tmp_path)
    in_wal_mode(back / "books.sqlite")
    with closing(sqlite3.connect(back / "books.sqlite")) as copy:
        copy.execute("INSERT INTO more VALUES (1)")
        copy.commit()
        taken = tmp_path / "taken"
        shutil.copytree(back, taken)
    database.load(taken)
    assert next(one.count for one in database.fingerprint().parts if one.name == "table more") == 1


@pytest.mark.parametrize(
    "table",
    [
        "CREATE TABLE t (a PRIMARY KEY, b) WITHOUT ROWID",
        "CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER UNIQUE) STRICT",
        "CREATE TABLE t (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID",
        "CREATE TABLE t (a INTEGER, b INTEGER, PRIMARY KEY (a, b))",
        "CREATE TABLE t (a REAL, b REAL)",
    ],
)
def test_a_value_of_any_table_can_be_made_another(tmp_path, work, table):
    with closing(sqlite3.connect(tmp_path / "t.sqlite")) as database:
        database.execute(table)
        database.executemany("INSERT INTO t VALUES (?, ?)", [(one, one) for one in range(5)])
        database.commit()
    before = database_of("t", tmp_path / "t.sqlite")
    told = Sqlite(SqliteData(kind="sqlite", name="t", source="t"), work).change_one_value(tmp_path)
    assert told.endswith("of one row of t")
    assert list(differences(before, database_of("t", tmp_path / "t.sqlite"))) == [
        "table t: 5 as expected, and the content is another"
    ]


def test_a_writer_meanwhile_makes_no_difference_to_what_was_taken(database, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    with closing(sqlite3.connect(tmp_path / "live.db")) as live:
        live.execute("INSERT INTO entry (note) VALUES ('not committed')")
        taken = database.export(out)
    assert taken == database_of("books", out / "books.sqlite")
    assert next(one.count for one in taken.parts if one.name == "table entry") == 500


def test_a_tree_that_lost_a_mode_a_link_or_an_empty_folder_differs(tree, repository, tmp_path):
    expected, back = there_and_back(tree, repository, tmp_path)
    (back / "papers" / "a.txt").chmod(0o600)
    (back / "papers" / "link").unlink()
    (back / "papers" / "deep" / "empty").rmdir()
    tree.load(back)
    assert [one.split(":")[0] for one in differences(expected, tree.fingerprint())] == ["a.txt", "deep/empty", "link"]


def test_what_is_not_whole_is_no_snapshot(repository, tmp_path):
    (tmp_path / "backups" / "20261127t100000.000000z.new").mkdir(parents=True)
    (tmp_path / "backups" / "notes").mkdir()
    assert repository.snapshots() == []


def test_damage_is_done_to_a_copy(repository, tree, tmp_path):
    there_and_back(tree, repository, tmp_path)
    (snapshot,) = repository.snapshots()
    copy = repository.copied(tmp_path / "copy")
    copy.files(snapshot.id)[0].write_bytes(b"")
    assert repository.files(snapshot.id)[0].stat().st_size == 256


def test_a_link_of_the_backup_that_leads_out_of_it_is_not_followed(tree, database, repository, tmp_path):
    _, back = there_and_back(tree, repository, tmp_path)
    (back / "papers").rename(back / "elsewhere")
    (back / "papers").symlink_to(tmp_path / "live")
    (back / "books.sqlite").symlink_to(tmp_path / "live.db")
    for one in (tree, database):
        with pytest.raises(Failed, match="it leads out of the backup"):
            one.load(back)


def test_a_path_that_leaves_the_backup_is_a_finding_and_nothing_is_taken(console):
    for number, path in enumerate(("/srv/books", "../books", "papers/../../books", "papers/..")):
        console.store.write(
            f"recovery/plans/p{number}.yaml",
            "title: Papers\nservices: [ledger]\nbackup: {tool: folder, repository: var}\n"
            f"data:\n  - {{kind: files, name: papers, source: papers, path: {path}}}\n"
            f"  - {{kind: sqlite, name: a, source: a, path: {path}}}\n"
            f"  - {{kind: postgres, name: b, source: b, path: {path}}}\n"
            f"  - {{kind: postgres-cluster, name: c, source: c, databases: [c], path: {path}}}\n",
        )
    found = [one for one in console("check", "--json", code=1).json["findings"] if one["path"].startswith("recovery/")]
    assert [one["line"] for one in found] == [5, 6, 7, 8] * 4
    assert all("not a path inside the backup" in one["message"] for one in found)


def test_a_link_in_data_that_was_taken_leads_no_other_data_out_of_the_backup(tree, database, tmp_path):
    (tmp_path / "live" / "away").symlink_to(tmp_path)
    (tmp_path / "out").mkdir()
    tree.export(tmp_path / "out")
    astray = replace(database, plan=replace(database.plan, path="papers/away/books.sqlite"))
    with pytest.raises(Failed, match="it leads out of the backup"):
        astray.export(tmp_path / "out")


_VALUES = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.text(), st.binary())


@given(rows=st.lists(_VALUES, max_size=6), other=st.lists(_VALUES, max_size=6))
def test_two_tables_have_one_fingerprint_only_where_they_have_the_same_values(rows, other, tmp_path_factory):
    """In the same rows, as others may name these by number."""
    folder = tmp_path_factory.mktemp("two")

    def made(name, values):
        with closing(sqlite3.connect(folder / name)) as database:
            database.execute("CREATE TABLE t (v)")
            database.executemany("INSERT INTO t (rowid, v) VALUES (?, ?)", values)
            database.commit()
        return database_of("d", folder / name).digest

    def kinds(values):
        return [(type(one).__name__, repr(one)) for one in values]

    numbered = list(enumerate(rows))
    assert (made("a", numbered) == made("b", enumerate(other))) == (kinds(rows) == kinds(other))
    assert made("c", numbered) == made("d", numbered[::-1])


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("CREATE TABLE t (v)", "UPDATE t SET rowid = 9 WHERE rowid = 1"),
        ("CREATE TABLE t (rowid, v)", "UPDATE t SET _rowid_ = 9 WHERE _rowid_ = 1"),
        ("CREATE TABLE t (v PRIMARY KEY, w) WITHOUT ROWID", "UPDATE t SET w = 'other'"),
        ("CREATE TABLE t (RowID, _rowid_, OID, v)", "UPDATE t SET v = 'other'"),
    ],
)
def test_the_number_of_a_row_is_content_where_it_has_one(tmp_path, table, change):
    with closing(sqlite3.connect(tmp_path / "t.sqlite")) as database:
        database.execute(table)
        database.execute("INSERT INTO t (v) VALUES ('a')")
        database.commit()
        before = database_of("t", tmp_path / "t.sqlite")
        database.execute(change)
        database.commit()
    assert list(differences(before, database_of("t", tmp_path / "t.sqlite"))) == [
        "table t: 1 as expected, and the content is another"
    ]


def test_a_database_without_a_table_and_an_empty_folder_are_not_taken(work, tmp_path):
    (tmp_path / "none.db").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "out").mkdir()
    with pytest.raises(Failed, match="holds no table: is it the one that is meant"):
        Sqlite(SqliteData(kind="sqlite", name="a", source="none.db"), work).export(tmp_path / "out")
    with pytest.raises(Failed, match="empty is empty: is it the one that is meant, and mounted"):
        Files(FilesData(kind="files", name="b", source="empty", path="b"), work).export(tmp_path / "out")


def test_a_database_that_somebody_holds_is_waited_for_and_no_longer_than_may_be(database, tmp_path, monkeypatch):
    monkeypatch.setattr("svcops.recovery.data.sqlite._MOST_LOCKED", 0.5)
    (tmp_path / "out").mkdir()
    with closing(sqlite3.connect(tmp_path / "live.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Failed, match="it is locked: try when it is quiet"):
            database.export(tmp_path / "out")


def test_a_table_whose_name_is_no_text_fails_and_ends_nothing(database, repository, tmp_path):
    _, back = there_and_back(database, repository, tmp_path)
    file = back / "books.sqlite"
    with closing(sqlite3.connect(file)) as copy:
        copy.execute("CREATE TABLE emptier (a)")
        copy.commit()
    file.write_bytes(file.read_bytes().replace(b"emptier", b"emp\xf4\xf9er"))
    database.load(back)
    with pytest.raises(Failed, match="cannot be read in full: a name in it is no text"):
        database.fingerprint()


def test_an_index_of_an_applications_own_collation_is_not_checked_and_its_content_is(work, repository, tmp_path):
    with closing(sqlite3.connect(tmp_path / "own.db")) as own:
        own.create_collation("german", lambda one, other: (one > other) - (one < other))
        own.executescript("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT COLLATE german); CREATE INDEX i ON t (b)")
        own.executemany("INSERT INTO t (b) VALUES (?)", [(f"n{one}",) for one in range(50)])
        own.commit()
    data = Sqlite(SqliteData(kind="sqlite", name="own", source="own.db"), work)
    expected, back = there_and_back(data, repository, tmp_path)
    assert came_to(data, back, expected) == "as expected"


def test_what_is_damaged_before_it_is_taken_is_not_taken(work, tmp_path):
    """A faithful copy would fail each drill, and the backup would be blamed."""
    with closing(sqlite3.connect(tmp_path / "bad.db")) as bad:
        bad.executescript("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 2); CREATE INDEX i ON t (a)")
        bad.execute("PRAGMA writable_schema = on")
        bad.execute("UPDATE sqlite_schema SET sql = 'CREATE INDEX i ON t (b)' WHERE name = 'i'")
        bad.commit()
    (tmp_path / "out").mkdir()
    with pytest.raises(Failed, match=r"bad\.sqlite: .*index i") as found:
        Sqlite(SqliteData(kind="sqlite", name="bad", source="bad.db"), work).export(tmp_path / "out")
    assert found.value.reason == "not-possible"


def test_where_no_value_may_be_another_a_row_is_taken_away(work, tmp_path):
    with closing(sqlite3.connect(tmp_path / "t.sqlite")) as database:
        database.execute("CREATE TABLE t (k TEXT CHECK (k IN ('open', 'shut')))")
        database.execute("INSERT INTO t VALUES ('open')")
        database.commit()
    data = Sqlite(SqliteData(kind="sqlite", name="t", source="t"), work)
    assert data.change_one_value(tmp_path) == "a row of t taken away"
