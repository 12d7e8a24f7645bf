"""More bad in an interval than there was: the sums stay, as an export may count late, and people are told of it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from svcops.slo.explaining import as_text
from svcops.slo.presenting import markdown_of
from svcops.slo.remarks import contradictory

ROWS = [("11:10", 1, 30), ("11:20", 30, 25), ("11:30", 4, 4), ("11:40", 2, 1), ("11:50", 0, 30)]
"""Times, and how many were bad of how many."""


def apiece() -> Iterator[tuple[str, str, int]]:
    """Time, metric and value of each."""
    for at, bad, total in ROWS:
        yield at, "bad", bad
        yield at, "total", total


def wide_csv(world: Any) -> None:
    world.csv("metrics/a.csv", "timestamp,bad,total", *(f"2026-11-23T{at}:00Z,{bad},{all_}" for at, bad, all_ in ROWS))
    world.source()


def quoted_csv(world: Any) -> None:
    lines = (f'"2026-11-23T{at}:00Z",{bad},{all_}' for at, bad, all_ in ROWS)
    world.csv("metrics/a.csv", "timestamp,bad,total", *lines)
    world.source()


def wide_parquet(world: Any) -> None:
    rows = ", ".join(f"(TIMESTAMPTZ '2026-11-23 {at}:00Z', {bad}::DOUBLE, {all_})" for at, bad, all_ in ROWS)
    world.parquet("metrics/a.parquet", f"SELECT * FROM (VALUES {rows}) AS samples(timestamp, bad, total)")
    world.source("Parquet")


def json_lines(world: Any) -> None:
    world.json_lines(
        "metrics/a.jsonl", *({"timestamp": f"2026-11-23T{a}:00Z", "bad": b, "total": t} for a, b, t in ROWS)
    )
    world.source("JSONLines")


def long_csv(world: Any) -> None:
    lines = (f"2026-11-23T{at}:00Z,{name},{value}" for at, name, value in apiece())
    world.csv("metrics/a.csv", "timestamp,metric,value", *lines)
    world.source(metric="metric")


def long_parquet(world: Any) -> None:
    rows = ", ".join(f"(TIMESTAMPTZ '2026-11-23 {at}:00Z', '{name}', {value})" for at, name, value in apiece())
    world.parquet("metrics/a.parquet", f"SELECT * FROM (VALUES {rows}) AS samples(timestamp, metric, value)")
    world.source("Parquet", metric="metric")


WAYS = [wide_csv, quoted_csv, wide_parquet, json_lines, long_csv, long_parquet]


@pytest.mark.parametrize("export", WAYS, ids=lambda export: export.__name__)
def test_they_are_told_with_the_file_and_the_moment_however_samples_are_read(world: Any, export: Any) -> None:
    export(world)
    world.slo(counter=False, bad="bad", total="total", target=0.5)
    result = world.one()
    assert (result.level.bad, result.level.total) == (37, 90)
    assert [(f"{one.at:%H:%M}", one.part, one.total) for one in result.above] == [("11:20", 30, 25), ("11:40", 2, 1)]
    (line,) = contradictory(world.report())
    assert line.startswith("availability: metrics/a.")
    assert "30 bad of 25 in total at 2026-11-23T11:20:00Z, and so at 1 other moment: " in line


def test_every_form_of_the_report_tells_it(world: Any) -> None:
    wide_csv(world)
    world.slo(counter=False, good="bad", total="total", target=0.1)
    told = "metrics/a.csv: 30 good of 25 in total at 2026-11-23T11:20:00Z"
    assert told in markdown_of(world.report())
    assert f"  but      {told}" in as_text(world.one())
    assert world.json()["slos"][0]["contradictions"] == [
        {"at": "2026-11-23T11:20:00Z", "part": 30, "total": 25},
        {"at": "2026-11-23T11:40:00Z", "part": 2, "total": 1},
    ]


def test_the_command_says_it_beside_the_table(console: Any) -> None:
    ratio = {
        part: {"metricSource": {"metricSourceRef": "samples", "spec": {"query": part}}} for part in ("bad", "total")
    }
    slo = {
        "service": "shop",
        "indicator": {"metadata": {"name": "i"}, "spec": {"ratioMetric": {"counter": False, **ratio}}},
        "timeWindow": [{"duration": "1h", "isRolling": True}],
        "budgetingMethod": "Occurrences",
        "objectives": [{"target": 0.5}],
    }
    about = {"apiVersion": "openslo/v1", "metadata": {"name": "samples"}}
    source = {"type": "CSV", "connectionDetails": {"path": "metrics/a.csv"}}
    console.store.write("slo/a.yaml", json.dumps({**about, "kind": "SLO", "spec": slo}))
    console.store.write("slo/b.yaml", json.dumps({**about, "kind": "DataSource", "spec": source}))
    lines = [f"2026-11-23T11:{minute:02}:00Z,{int(minute == 30) * 2},1\n" for minute in range(60)]
    console.store.write("metrics/a.csv", "".join(["timestamp,bad,total\n", *lines]))
    said = console("slo", "report", "--at", "2026-11-23T12:00Z")
    assert "samples: metrics/a.csv: 2 bad of 1 in total at 2026-11-23T11:30:00Z: the export" in said.err


def test_what_lies_before_the_window_is_not_told(world: Any) -> None:
    wide_csv(world)
    world.slo("short", counter=False, bad="bad", total="total", window="25m")
    world.slo("long", counter=False, bad="bad", total="total", window="1h")
    assert {one.question.name: len(one.above) for one in world.report().results} == {"short": 1, "long": 2}


def test_counters_are_not_read_at_one_instant_and_nothing_is_said_of_them(world: Any) -> None:
    world.csv(
        "metrics/a.csv",
        "timestamp,bad,total",
        "2026-11-23T11:00:00Z,0,0",
        "2026-11-23T11:30:00Z,2,1",
        "2026-11-23T12:00:00Z,2,9",
    )
    world.source()
    world.slo(bad="bad", total="total", target=0.5)
    assert world.one().above == ()
