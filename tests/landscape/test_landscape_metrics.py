"""The sample exports come out of their script as they are committed."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "metrics"
SCRIPT = ROOT / "scripts" / "landscape_metrics.py"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the script has just written into."""
    folder = tmp_path_factory.mktemp("metrics")
    subprocess.run([sys.executable, str(SCRIPT), str(folder)], check=True)
    return folder


def test_writes_what_is_committed_and_nothing_else(written: Path) -> None:
    committed = {path.name for path in COMMITTED.iterdir()} - {"README.md"}
    assert {path.name for path in written.iterdir()} == committed


@pytest.mark.parametrize("name", ["receipts.csv", "archive.jsonl"])
def test_text_is_the_same_byte_for_byte(written: Path, name: str) -> None:
    assert (written / name).read_bytes() == (COMMITTED / name).read_bytes()


def test_parquet_is_the_same_row_for_row(written: Path) -> None:
    assert rows(written / "business.parquet") == rows(COMMITTED / "business.parquet")


def test_parquet_covers_every_quarter_of_an_hour() -> None:
    times = [row[0] for row in rows(COMMITTED / "business.parquet")]
    assert times == list(range(1792454400 + 900, 1795392000 + 1, 900))


def test_readme_names_the_seed() -> None:
    seed = next(line for line in SCRIPT.read_text(encoding="utf-8").splitlines() if line.startswith("SEED = "))
    assert f"the seed {seed.removeprefix('SEED = ')}." in (COMMITTED / "README.md").read_text(encoding="utf-8")


def rows(path: Path) -> list[tuple[object, ...]]:
    """The rows of a Parquet file, the time in seconds."""
    query = "SELECT * REPLACE (epoch(interval_end) AS interval_end) FROM read_parquet(?)"
    with duckdb.connect() as database:
        return database.execute(query, [str(path)]).fetchall()
