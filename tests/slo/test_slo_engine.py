import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from svcops.errors import NotDone
from svcops.slo.engine import BadFile, about, as_named, open_database, reason


def test_only_the_named_files_can_be_read(world) -> None:
    named, other = world.csv("it's named.csv", "a", "1"), world.csv("other.csv", "a", "2")
    with open_database([str(named)]) as database:
        assert database.execute("SELECT a FROM read_csv(?)", [str(named)]).fetchall() == [(1,)]
        for path in (str(other), "/etc/passwd", str(world.root / "*.csv")):
            with pytest.raises(duckdb.PermissionException):
                database.execute("SELECT * FROM read_csv(?)", [path])
        with pytest.raises(duckdb.PermissionException):
            database.execute("SELECT * FROM read_text(?)", [str(other)])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_name_with_the_characters_of_a_pattern_is_that_file_and_no_other(world) -> None:
    names = ["a1", "a[1]", "a*", "a?", "[x]/a1"]
    paths = [str(world.csv(f"{name}.csv", "a", str(number))) for number, name in enumerate(names)]
    with open_database(paths) as database:
        read = [database.execute("SELECT a FROM read_csv(?)", [as_named(path)]).fetchall() for path in paths]
    assert read == [[(number,)] for number in range(len(names))]


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 1) TO '{here}/out.csv'",
        "ATTACH '{here}/other.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET autoload_known_extensions = true",
        "RESET lock_configuration",
        "SELECT * FROM 'http://localhost/x.csv'",
        "CREATE PERSISTENT SECRET s (TYPE http)",
    ],
)
def test_nothing_is_written_loaded_or_opened_up(tmp_path: Path, sql: str) -> None:
    with open_database([]) as database, pytest.raises(duckdb.Error):
        database.execute(sql.format(here=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_what_does_not_fit_in_memory_goes_to_a_folder_of_its_own_and_is_gone_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    (tmp_path / "store").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path / "store")
    with open_database([]) as database:
        assert len(os.listdir(tmp_path / "temporary")) == 1
        (used,) = database.execute("SELECT current_setting('temp_directory')").fetchone() or ("",)
        assert used.startswith(str(tmp_path / "temporary"))
    assert os.listdir(tmp_path / "temporary") == []
    assert os.listdir(tmp_path / "store") == []


def test_what_the_database_says_of_a_file_is_told_on_one_line_without_the_row_it_read(world) -> None:
    path = world.csv("metrics/a.csv", "a,b", "1,2", "1,secret,3")
    columns = "columns = {'a': 'VARCHAR', 'b': 'VARCHAR'}, auto_detect = false, header = true"
    with (
        open_database([str(path)]) as database,
        pytest.raises(BadFile) as caught,
        about("metrics/a.csv", str(path)),
    ):
        database.execute(f"SELECT * FROM read_csv(?, {columns})", [str(path)])
    assert caught.value.message == ("metrics/a.csv: CSV Error on Line: 3, Expected Number of Columns: 2 Found: 3")


def test_a_lack_of_memory_is_no_fault_of_the_file() -> None:
    with pytest.raises(NotDone, match=r"metrics/a\.csv: .* not enough memory") as caught, about("metrics/a.csv"):
        raise duckdb.OutOfMemoryException("Out of Memory Error: failed to allocate")
    assert "TMPDIR" in caught.value.help


FILLED = """
import resource
from svcops.errors import NotDone
from svcops.slo import engine

resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
engine._MEMORY = 30_000_000
try:
    with engine.open_database([]) as database:
        database.execute("CREATE TEMP TABLE a AS SELECT hash(i) AS h, i FROM range(3000000) t(i) ORDER BY h")
except NotDone as error:
    print(error.message, error.help)
"""


def test_a_disk_that_fills_is_told_with_what_to_do() -> None:
    pytest.importorskip("resource")
    done = subprocess.run([sys.executable, "-c", FILLED], capture_output=True, text=True, check=True)
    assert "there is not enough room on disk for them" in done.stdout
    assert "TMPDIR" in done.stdout


def test_a_folder_for_temporary_files_that_cannot_be_made_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    with pytest.raises(NotDone, match="no temporary folder can be made") as caught, open_database([]):
        pass
    assert "TMPDIR" in caught.value.help


def test_an_error_without_words_is_told_by_its_name() -> None:
    assert reason(duckdb.InternalException("")) == "InternalException"


def test_a_place_in_a_file_is_told_with_its_row() -> None:
    assert BadFile("metrics/a.csv", "wrong", row=7).message == "metrics/a.csv, row 7: wrong"
    assert BadFile("metrics/a.csv", "wrong").message == "metrics/a.csv: wrong"
