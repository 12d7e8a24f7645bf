"""svcops slo report beside its peers in the same run, as whole commands: `make bench`.

Of a hundred SLOs over 28 days, a sample a minute, the report tells the level and every burn rate that the tiers of
alerts look at; the peers are asked about four windows each. Bare DuckDB sums up the same columns in a Python process.
slo-generator has a backend that reads a file once for each SLO and window, as its interface forces; it is given
DuckDB, too, so that what is compared is how often is read. Then a hundred million samples of a thousand counters, as
they lie by series and by time, beside the simplest query of DuckDB that gives the same, in its own process, and a
quarter of them: where time is linear in samples, it takes a quarter of the time, and what a process takes to start.
All is run without svcops' cache; the file system's is warm. `--samples 20000000` takes less time and room.
"""
# ruff: noqa: S608 - SQL is put together from the names of columns that bench/levels.py makes.

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import check
import levels
import pace
import stores

BIN = Path(sys.executable).parent
SVCOPS = (str(BIN / "svcops"), "slo", "report", "--json", "--at", f"{levels.AT:%Y-%m-%dT%H:%MZ}")
SLOS = 100
HELD_TO = {"Parquet": 1.0, "CSV": 1.6}
MEMORY_HELD_TO = 1000
"""Megabytes, whatever number of samples."""
LINE = "{:<48}{:>9}{:>11}{:>10}{:>9}{:>10}"
NO_ANSWER = (2, 3)
"""Exit codes of a report that says nothing."""


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description="Measure svcops slo report beside its peers.")
    options.add_argument("--samples", type=int, default=100_000_000, help="of counters; 100000000, some 2 GB of disk")
    options.add_argument("--runs", type=int, default=5, help="of each command; 5, and 1 of what takes long")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="svcops-bench-") as folder:
        place = Path(folder)
        stores.keep_bytecode(place / "bytecode")
        slower = pace.slower(place)
        print(LINE.format("", "median", "memory", "held to", "ratio", "as there"))
        generator = slo_generator_in(place / "venv")
        for kind in HELD_TO:
            many_slos(place / kind, kind, given.runs, slower, generator)
        for by_time in (False, True):
            root = place / "series"
            many_samples(root, given.samples, by_time=by_time)
            shutil.rmtree(root)


def many_slos(root: Path, kind: str, runs: int, slower: float, generator: Path | None) -> None:
    """Print what a report of many SLOs takes, and its peers."""
    file = levels.write_store(root, SLOS, kind)
    bare = script(root / "bare.py", file, bare_query())
    ours, theirs = in_turn((SVCOPS, bare), root, runs)
    name = f"{SLOS} SLOs over {levels.DAYS} days, {kind}"
    line(name, ours, check.megabytes(SVCOPS, root), (HELD_TO[kind], f"{ours / HELD_TO[kind] / slower:.2f}"), ours)
    line("  bare DuckDB, four windows", theirs, check.megabytes(bare, root), None, ours)
    compare(root, bare)
    if generator and kind == "Parquet":
        write_for_generator(root, file)
        command = (
            str(generator),
            "compute",
            "-f",
            "generator",
            "-c",
            "config.yaml",
            "-t",
            f"{levels.AT.timestamp():.0f}",
        )
        (took,) = in_turn((command,), root, 1)
        line("  slo-generator, four windows", took, check.megabytes(command, root), None, ours)


def many_samples(root: Path, samples: int, *, by_time: bool) -> None:
    """Print what a report on many samples takes, and the simplest query."""
    file = levels.write_series(root, samples, by_time=by_time)
    bare = script(root / "bare.py", file, SIMPLEST)
    theirs, ours = in_turn((bare, SVCOPS), root, 1)
    name = f"{samples / 1e6:.0f} million samples by {'time' if by_time else 'series'}"
    memory = check.megabytes(SVCOPS, root)
    line(name, ours, memory, None, ours)
    line("  bare DuckDB, lag() by series", theirs, check.megabytes(bare, root), None, ours)
    if memory > MEMORY_HELD_TO:
        print(f"  more than the {MEMORY_HELD_TO} MB it is held to")
    shutil.rmtree(root)
    levels.write_series(root, samples // 4, by_time=by_time)
    (quarter,) = in_turn((SVCOPS,), root, 1)
    line("  a quarter as many", quarter, check.megabytes(SVCOPS, root), None, ours)


def in_turn(commands: Sequence[tuple[str, ...]], root: Path, runs: int) -> list[float]:
    """The median seconds of each command; one after the other, so that a busy minute hits all of them."""
    found: list[list[float]] = [[] for _ in commands]
    for _ in range(runs + (runs > 1)):
        for command, of in zip(commands, found, strict=True):
            of.append(seconds(command, root))
    return [statistics.median(of[runs > 1 :]) for of in found]


def seconds(command: tuple[str, ...], root: Path) -> float:
    """How long one run takes, from start to end of its process."""
    started = time.perf_counter()
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    took = time.perf_counter() - started
    if done.returncode in NO_ANSWER or (done.returncode and command is not SVCOPS):
        raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
    return took


SIMPLEST = """
    SELECT metric, sum(CASE WHEN value < before THEN value ELSE value - before END)
    FROM (SELECT metric, value, lag(value) OVER (PARTITION BY metric, instance ORDER BY timestamp) AS before FROM FILE)
    GROUP BY metric ORDER BY metric
"""


def script(path: Path, file: Path, query: str) -> tuple[str, ...]:
    """A Python process that prints what a query gives as JSON."""
    path.write_text(
        "import json\nimport duckdb\ndatabase = duckdb.connect()\ndatabase.execute(\"SET TimeZone = 'UTC'\")\n"
        f"query = {query!r}.replace('FILE', \"'{file}'\")\n"
        "print(json.dumps([[str(one) for one in row] for row in database.execute(query).fetchall()]))\n",
        encoding="utf-8",
    )
    return (sys.executable, str(path))


def bare_query() -> str:
    """What is counted of every SLO between the starts of four windows, a row each."""
    grown, sums = [], []
    for number in range(SLOS):
        kind, counter = levels.shape(number)
        for name in levels.columns(number):
            if counter:
                before = f"lag({name}) OVER (ORDER BY timestamp)"
                grown.append(f"CASE WHEN {name} < {before} THEN {name} ELSE {name} - {before} END AS more_{name}")
            if kind == "within":
                sums.append(f"count(CASE WHEN {name} < {levels.LIMIT} THEN 1 END)")
            else:
                sums.append(f"sum(more_{name})" if counter else f"sum({name})")
    starts = [f"TIMESTAMPTZ '{levels.AT - window:%Y-%m-%d %H:%M:%S}+00'" for window in levels.WINDOWS]
    turn = " + ".join(f"CAST(timestamp > {start} AS INTEGER)" for start in starts)
    inner = f"SELECT *, {turn} AS turn, {', '.join(grown)} FROM FILE"
    return f"SELECT {', '.join(sums)} FROM ({inner}) WHERE turn > 0 GROUP BY turn"


def compare(root: Path, bare: tuple[str, ...]) -> None:
    """Stop where both do not say the same of the longest window."""
    told = subprocess.run(SVCOPS, cwd=root, capture_output=True, text=True, check=False).stdout
    ours = {one["name"]: one for one in json.loads(told)["slos"]}
    rows = json.loads(subprocess.run(bare, cwd=root, capture_output=True, text=True, check=True).stdout)
    sums = iter([sum(map(float, column)) for column in zip(*rows, strict=True)])
    for number in range(SLOS):
        part, _ = levels.shape(number)
        said = ours[f"slo-{number}"]
        counts = [said["good" if part == "within" else part], said["total"]]
        for count, name in zip(counts, levels.columns(number), strict=False):
            theirs = next(sums)
            if count != theirs:
                raise SystemExit(f"{name}: {count} says svcops, {theirs} DuckDB")


def slo_generator_in(folder: Path) -> Path | None:
    """slo-generator in a virtual environment that is thrown away; None where it cannot be had."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    packages = ("slo-generator>=2", "setuptools<80", "duckdb")
    install = (str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", *packages)
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"slo-generator cannot be installed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
        return None
    return folder / "bin" / "slo-generator"


BACKEND = """\
import duckdb


class FileBackend:
    def __init__(self, client=None, **options):
        pass

    def good_bad_ratio(self, timestamp, window, slo_config):
        asked = slo_config["spec"]["service_level_indicator"]
        database = duckdb.connect()
        row = database.execute(asked["query"], [int(timestamp - window)]).fetchone()
        return int(row[0]), int(row[1])
"""


def write_for_generator(root: Path, file: Path) -> None:
    """The same SLOs as slo-generator has them."""
    (root / "generator").mkdir()
    (root / "file_backend.py").write_text(BACKEND, encoding="utf-8")
    steps = [
        {"name": str(one), "window": int(one.total_seconds()), "burn_rate_threshold": 1, "alert": False}
        | {"message_alert": "", "message_ok": ""}
        for one in levels.WINDOWS
    ]
    config = {"backends": {"file": {"class": "file_backend.FileBackend"}}}
    config["error_budget_policies"] = {"default": {"steps": steps}}
    (root / "config.yaml").write_text(json.dumps(config), encoding="utf-8")
    for number in range(SLOS):
        name = f"slo-{number}"
        indicator = {"query": generator_query(number).replace("FILE", f"'{file}'")}
        spec = {"description": name, "backend": "file", "method": "good_bad_ratio", "exporters": [], "goal": 0.95}
        slo = {"apiVersion": "sre.google.com/v2", "kind": "ServiceLevelObjective", "metadata": {"name": name}}
        slo["metadata"]["labels"] = {"service_name": name, "feature_name": name, "slo_name": name}
        slo["spec"] = spec | {"service_level_indicator": indicator, "error_budget_policy": "default"}
        (root / "generator" / f"{name}.yaml").write_text(json.dumps(slo), encoding="utf-8")


def generator_query(number: int) -> str:
    """What is good and bad of one SLO in one window, in one query."""
    part, counter = levels.shape(number)
    names = levels.columns(number)
    after = "WHERE epoch(timestamp) > ?"
    if part == "within":
        good = f"count(*) FILTER ({names[0]} < {levels.LIMIT})"
        return f"SELECT {good}, count(*) - {good} FROM FILE {after}"
    of = [
        f"CASE WHEN {one} < lag({one}) OVER w THEN {one} ELSE {one} - lag({one}) OVER w END" if counter else one
        for one in names
    ]
    parts = f"SELECT timestamp, {of[0]} AS part, {of[1]} AS total FROM FILE WINDOW w AS (ORDER BY timestamp)"
    rest = "sum(total) - sum(part)"
    both = f"sum(part), {rest}" if part == "good" else f"{rest}, sum(part)"
    return f"SELECT {both} FROM ({parts}) {after}"


def line(name: str, took: float, memory: float, held: tuple[float, str] | None, ours: float) -> None:
    """Print what was measured; the ratio of a peer is how many times as long as svcops it took."""
    limit = f"{held[0]:.2f} s" if held else ""
    ratio = f"{took / held[0]:.2f}" if held else f"{took / ours:.2f}"
    print(LINE.format(name, f"{took:.2f} s", f"{memory:.0f} MB", limit, ratio, held[1] if held else ""), flush=True)


if __name__ == "__main__":
    main()
