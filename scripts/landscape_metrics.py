"""Write the sample exports of the reference landscape.

    python scripts/landscape_metrics.py [FOLDER]

The SLOs of the landscape need something to be worked out from, in each form that svcops reads, small enough to commit
and the same on every machine. So the samples are made here: synthetic, from a fixed seed, with the shape of real load
(office hours, weekends, a payroll run, a period-end close) and one disruption of the receipt scanner. They are not
measurements of any system. Without FOLDER they go to the metrics folder of this repository.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import duckdb

SEED = 20261123
START = datetime(2026, 10, 20, tzinfo=UTC)
END = datetime(2026, 11, 23, tzinfo=UTC)
STEP = timedelta(minutes=15)
WINTER_TIME = datetime(2026, 10, 25, 1, tzinfo=UTC)
"""When Berlin goes from UTC+2 to UTC+1; written out, as a machine without time zone data must give the same bytes."""

OFFICE_HOURS = (0, 1, 1, 1, 1, 3, 12, 35, 75, 100, 100, 92, 60, 78, 95, 90, 72, 45, 22, 14, 10, 8, 5, 3)
MORNING = (0, 1, 1, 1, 2, 8, 45, 90, 100, 62, 40, 32, 25, 38, 30, 24, 18, 12, 9, 8, 7, 5, 3, 2)
PAYROLL_RUN = (0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 100, 60, 4, 3, 3, 2, 2, 0, 0, 0, 0, 0, 0, 0)
"""Percent of the peak for each hour of a local day. Nothing happens in the first hour, which holds midnight UTC: so the
figures of whole days are the same whether a sample on the boundary counts for the day before or after."""

SATURDAY, SUNDAY = 5, 6
FIRST_DAYS_OF_NOVEMBER = tuple(date(2026, 11, day) for day in (2, 3, 4))


@dataclass(frozen=True)
class Trouble:
    """A stretch of time in which a share of what users ask for fails."""

    start: datetime
    end: datetime
    share: float


@dataclass(frozen=True)
class Load:
    """What users ask of a service, and how much of it fails."""

    name: str
    peak: int
    """Requests in the busiest quarter of an hour of a working day."""
    failing: float
    hours: tuple[int, ...] = OFFICE_HOURS
    weekday: float = 1.0
    weekend: float = 0.12
    days: Mapping[date, float] = field(default_factory=dict)
    """Days with a load of their own; like the two above, a share of the peak."""
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True)
class Count:
    """What happened in the interval that ends at `end`."""

    end: datetime
    total: int
    failed: int


RECEIPTS = Load(
    "receipts",
    peak=40,
    failing=0.0012,
    troubles=(
        Trouble(datetime(2026, 11, 18, 8, 15, tzinfo=UTC), datetime(2026, 11, 18, 9, tzinfo=UTC), 0.35),
        Trouble(datetime(2026, 11, 18, 9, tzinfo=UTC), datetime(2026, 11, 18, 11, tzinfo=UTC), 0.82),
        Trouble(datetime(2026, 11, 18, 11, tzinfo=UTC), datetime(2026, 11, 18, 11, 30, tzinfo=UTC), 0.15),
    ),
)
DOCUMENTS = Load("documents", peak=60, failing=0.0004)
SIGN_INS = Load(
    "sign-ins",
    peak=130,
    failing=0.0002,
    hours=MORNING,
    troubles=(Trouble(datetime(2026, 11, 10, 7, tzinfo=UTC), datetime(2026, 11, 10, 7, 30, tzinfo=UTC), 0.05),),
)
PAYSLIPS = Load(
    "payslips",
    peak=160,
    failing=0.0006,
    hours=PAYROLL_RUN,
    weekday=0,
    weekend=0,
    days={date(2026, 10, 28): 1},
)
CORRECTIONS = Load("payslip corrections", peak=3, failing=0, weekend=0)
POSTINGS = Load("postings", peak=110, failing=0.0003, days=dict.fromkeys(FIRST_DAYS_OF_NOVEMBER, 2.2))
REPORTS = Load(
    "reports",
    peak=9,
    failing=0.004,
    days=dict.fromkeys(FIRST_DAYS_OF_NOVEMBER, 4.0),
    troubles=(Trouble(datetime(2026, 11, 3, 14, tzinfo=UTC), datetime(2026, 11, 3, 15, tzinfo=UTC), 0.2),),
)

RECEIPT_SCANNER_RESTARTS = (datetime(2026, 11, 4, 3, 30, tzinfo=UTC), datetime(2026, 11, 18, 11, tzinfo=UTC))
"""An update at night, and the restart with which the disruption ends: counters begin again at 0."""
ARCHIVE_RESTARTS = (datetime(2026, 11, 11, 3, tzinfo=UTC),)


def main(arguments: list[str]) -> None:
    """Write the three exports."""
    folder = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent / "metrics"
    folder.mkdir(parents=True, exist_ok=True)
    write_lines(folder / "receipts.csv", receipt_rows())
    write_lines(folder / "archive.jsonl", archive_snapshots())
    write_parquet(folder / "business.parquet", business_columns())


def receipt_rows() -> Iterator[str]:
    """The receipt scanner's counters as a long table: one row a series and sample."""
    yield "timestamp,metric,service,code,value"
    for end, total, failed in counters(counts(RECEIPTS), RECEIPT_SCANNER_RESTARTS):
        row = f"{end:%Y-%m-%dT%H:%M:%SZ},receipts_total,receipt-scanner"
        yield f"{row},200,{total - failed}"
        yield f"{row},503,{failed}"


def archive_snapshots() -> Iterator[str]:
    """The document archive's counters as nested snapshots, one object a line, the time in seconds."""
    for end, total, failed in counters(counts(DOCUMENTS), ARCHIVE_RESTARTS):
        zones = {"archive": {"total": total, "5xx": failed}}
        yield json.dumps({"time": int(end.timestamp()), "zones": zones}, separators=(",", ":"))


def business_columns() -> dict[str, list[int]]:
    """Counts of each interval as a wide table: what was asked for and what succeeded, and when the interval ended."""
    payslips = [add(run, few) for run, few in zip(counts(PAYSLIPS), counts(CORRECTIONS), strict=True)]
    columns = {"interval_end": [int(one.end.timestamp()) for one in payslips]}
    columns |= asked_and_done("payslips_requested", "payslips_produced", payslips)
    columns |= asked_and_done("postings_submitted", "postings_accepted", counts(POSTINGS))
    columns |= asked_and_done("reports_requested", "reports_on_time", counts(REPORTS))
    columns |= asked_and_done("sign_ins_attempted", "sign_ins_succeeded", counts(SIGN_INS))
    return columns


def asked_and_done(asked: str, done: str, of: list[Count]) -> dict[str, list[int]]:
    """Two columns of the wide table."""
    return {asked: [one.total for one in of], done: [one.total - one.failed for one in of]}


def add(one: Count, other: Count) -> Count:
    """Two counts of the same interval as one."""
    return Count(one.end, one.total + other.total, one.failed + other.failed)


def counts(load: Load) -> list[Count]:
    """The counts of every interval. Each load has random numbers of its own, so that changing one leaves the others."""
    random = Random(f"{SEED} {load.name}")  # noqa: S311 - nothing here is secret
    return [count(load, START + STEP * number, random) for number in range((END - START) // STEP)]


def count(load: Load, start: datetime, random: Random) -> Count:
    """The count of the interval that begins at `start`; basic arithmetic only, which every machine does alike."""
    total = int(expected(load, start) * (0.75 + 0.5 * random.random()) + random.random())
    failing = next((one.share for one in load.troubles if one.start <= start < one.end), load.failing)
    return Count(start + STEP, total, sum(random.random() < failing for _ in range(total)))


def expected(load: Load, start: datetime) -> float:
    """How much is asked for on average, by local time."""
    local = start + timedelta(hours=2 if start < WINTER_TIME else 1)
    usual = load.weekend if local.weekday() in (SATURDAY, SUNDAY) else load.weekday
    return load.peak * load.hours[local.hour] / 100 * load.days.get(local.date(), usual)


def counters(of: Iterable[Count], restarts: tuple[datetime, ...]) -> Iterator[tuple[datetime, int, int]]:
    """Counts as counters that only grow, and that begin again at 0 with a restart: time, total, failed."""
    total = failed = 0
    yield START, total, failed
    for one in of:
        if one.end - STEP in restarts:
            total = failed = 0
        total += one.total
        failed += one.failed
        yield one.end, total, failed


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write text with the same bytes on every system."""
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())


def write_parquet(path: Path, columns: Mapping[str, list[int]]) -> None:
    """Write a table; the first column is a time in seconds and becomes a timestamp in UTC."""
    time, *others = columns
    fields = [f"to_timestamp(unnest(${time})) AS {time}", *(f"unnest(${one})::INTEGER AS {one}" for one in others)]
    with duckdb.connect() as database:
        rows = database.sql(f"SELECT {', '.join(fields)}", params=dict(columns))
        rows.write_parquet(str(path), compression="zstd")


if __name__ == "__main__":
    main(sys.argv[1:])
