"""Generated stores of service levels for `bench/slo.py`: documents, and the samples that they are about.

A wide file has a row a minute and a column a metric, a long one a row for each metric in each minute. Of every five
SLOs two are on counters by what is good and one by what is bad, one on counts of each minute, one on a threshold.
"""
# ruff: noqa: S608 - SQL is put together from the numbers and names of this module.

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

AT = datetime(2026, 11, 22, tzinfo=UTC)
"""Where all windows end."""
DAYS = 28
WINDOWS = (timedelta(days=28), timedelta(days=3), timedelta(hours=6), timedelta(hours=1))
"""What the peers are asked about; svcops tells every burn rate that the tiers of alerts look at, which are more."""
RATIOS = ("good", "good", "bad", "bad", "within")
LIMIT = 80
"""Of the thresholds: what a latency has to stay below."""
INSTANCES = 500
"""Of each of the two metrics of `write_series`: a thousand series."""
_MINUTES = DAYS * 24 * 60
_HEAD = "apiVersion: openslo/v1\nkind: {kind}\nmetadata:\n  name: {name}\n"


def shape(number: int) -> tuple[str, bool]:
    """What the part of an SLO is, and whether it counts with counters."""
    turn = number % len(RATIOS)
    return RATIOS[turn], turn < 3


def columns(number: int) -> tuple[str, ...]:
    """The columns of an SLO: the part and the total, or the one that is held against a value."""
    part, _ = shape(number)
    return (f"latency_{number}",) if part == "within" else (f"{part}_{number}", f"total_{number}")


def write_store(root: Path, slos: int, kind: str, *, long: bool = False) -> Path:
    """A store of that many SLOs over one file of this type, CSV or Parquet; returns the file."""
    file = root / "metrics" / f"samples.{kind.lower()}"
    for folder in ("slo", "metrics"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "svcops.yaml").write_text("organisation: Example\ntime_zone: Europe/Berlin\n", encoding="utf-8")
    for number in range(slos):
        (root / "slo" / f"slo-{number}.yaml").write_text(_slo(number), encoding="utf-8")
    _write_source(root, kind, f"metrics/{file.name}")
    how = "(FORMAT parquet)" if kind == "Parquet" else "(FORMAT csv, HEADER)"
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        database.execute(f"COPY ({_long(slos) if long else _wide(slos)}) TO '{file}' {how}")
    return file


def _write_source(root: Path, kind: str, path: str) -> None:
    source = f"spec:\n  type: {kind}\n  connectionDetails:\n    path: {path}\n"
    text = _HEAD.format(kind="DataSource", name="samples") + source
    (root / "slo" / "samples.yaml").write_text(text, encoding="utf-8")


def _slo(number: int) -> str:
    part, counter = shape(number)
    head = _HEAD.format(kind="SLO", name=f"slo-{number}")
    if part == "within":
        indicator = f"        thresholdMetric:\n{_metric(columns(number)[0])}"
        objective = f"    - target: 0.9\n      op: lt\n      value: {LIMIT}\n"
    else:
        of_part, of_total = columns(number)
        indicator = f"        ratioMetric:\n          counter: {str(counter).lower()}\n"
        indicator += f"          {part}:\n{_metric(of_part)}          total:\n{_metric(of_total)}"
        objective = "    - target: 0.95\n"
    return (
        f"{head}spec:\n  service: service-{number % 20}\n  budgetingMethod: Occurrences\n"
        f"  timeWindow:\n    - duration: {DAYS}d\n      isRolling: true\n"
        f"  indicator:\n    metadata:\n      name: slo-{number}-sli\n    spec:\n{_indented(indicator)}"
        f"  objectives:\n{objective}"
    )


def _indented(indicator: str) -> str:
    return "".join(f"{line.removeprefix('  ')}\n" for line in indicator.splitlines())


def _metric(query: str) -> str:
    return (
        f"            metricSource:\n              metricSourceRef: samples\n"
        f"              spec:\n                query: {query}\n"
    )


def _values(number: int) -> Iterator[tuple[str, str]]:
    """The columns of an SLO, and SQL for each in minute k."""
    part, counter = shape(number)
    if part == "within":
        yield columns(number)[0], f"20 + (k * {number + 7} % 700) / 10"
        return
    since = f"(k % {9000 + number * 101})" if counter else "(k % 1440)"
    bad = f"{since} // {20 + number}" if counter else f"CASE WHEN {since} % 97 = {number % 97} THEN 3 ELSE 0 END"
    total = f"{since} * {100 + number}" if counter else f"50 + {since} % 13"
    yield columns(number)[0], f"{total} - ({bad})" if part == "good" else bad
    yield columns(number)[1], total


def _timed(each: str) -> str:
    start = int((AT - timedelta(days=DAYS)).timestamp())
    return (
        f"SELECT k, make_timestamptz(({start} + k * 60) * 1000000) AS timestamp{each} FROM range({_MINUTES + 1}) t(k)"
    )


def _wide(slos: int) -> str:
    every = "".join(f", {sql} AS {name}" for number in range(slos) for name, sql in _values(number))
    return f"SELECT * EXCLUDE (k) FROM ({_timed(every)}) ORDER BY timestamp"


def _long(slos: int) -> str:
    return f"UNPIVOT (SELECT * FROM ({_columns_as_double(slos)})) ON * EXCLUDE (timestamp) INTO NAME metric VALUE value"


def _columns_as_double(slos: int) -> str:
    every = "".join(f", CAST({sql} AS DOUBLE) AS {name}" for number in range(slos) for name, sql in _values(number))
    return f"SELECT * EXCLUDE (k) FROM ({_timed(every)}) ORDER BY timestamp"


def write_series(root: Path, samples: int, *, by_time: bool) -> Path:
    """A store of one SLO over that many samples of a thousand counters with restarts; returns the file."""
    each = samples // (2 * INSTANCES)
    for folder in ("slo", "metrics"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "svcops.yaml").write_text("organisation: Example\ntime_zone: Europe/Berlin\n", encoding="utf-8")
    ratio = f"        ratioMetric:\n          counter: true\n          bad:\n{_metric('errors')}"
    text = _slo(0)
    before, rest = text.split("      ratioMetric:")[0], text[text.index("  objectives:") :]
    indicator = _indented(f"{ratio}          total:\n{_metric('requests')}")
    (root / "slo" / "errors.yaml").write_text(f"{before}{indicator}{rest}", encoding="utf-8")
    _write_source(root, "Parquet", "metrics/samples.parquet")
    file = root / "metrics" / "samples.parquet"
    series, turn = ("i % 1000", "i // 1000") if by_time else (f"i // {each}", f"i % {each}")
    start = int((AT - timedelta(days=DAYS)).timestamp())
    at = f"CAST({start} AS BIGINT) * 1000000 + ({turn} + 1) * {DAYS * 86_400_000_000 // each}"
    since = f"({turn} % (20000 + {series} * 11))"
    errors = f"{series} < {INSTANCES}"
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        database.execute("SET memory_limit = '2GB'")
        database.execute(
            f"COPY (SELECT make_timestamptz({at}) AS timestamp, "
            f"CASE WHEN {errors} THEN 'errors' ELSE 'requests' END AS metric, 'instance-' || "
            f"lpad(CAST({series} % {INSTANCES} AS VARCHAR), 4, '0') AS instance, "
            f"CAST({since} * CASE WHEN {errors} THEN 1 ELSE 50 + {series} % 7 END AS BIGINT) AS value "
            f"FROM range({each * 2 * INSTANCES}) t(i)) TO '{file}' (FORMAT parquet)"
        )
    return file
