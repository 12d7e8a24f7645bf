"""Instances are asked one shortly after the other: how far apart samples usually are is told within a series."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from svcops.slo import chains

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NOON = int(AT.timestamp())
OUTAGE = range(20, 40)
"""Minutes before noon in which every request fails."""


def instances(world, seconds: Sequence[int], form: str, silent: range = range(0), stops: range = range(0)) -> None:
    """Instances that are asked each minute, each at its second, and answer ten requests a minute.

    In the minutes of `silent` there are no samples at all, in those of `stops` none of the last instance.
    """
    rows = []
    for minutes in range(62, 0, -1):
        for number, second in enumerate(seconds):
            if minutes in silent or (number == len(seconds) - 1 and minutes in stops):
                continue
            so_far, failed = 62 - minutes, sum(minutes <= one for one in OUTAGE)
            when = NOON - minutes * 60 + second
            rows += [(when, "total", f"i{number}", so_far * 10), (when, "bad", f"i{number}", failed * 10)]
    if form == "CSV":
        lines = (",".join(map(str, row)) for row in rows)
        world.csv("metrics/a.csv", "timestamp,metric,instance,value", *lines)
    else:
        values = ", ".join(map(str, rows))
        world.parquet("metrics/a.parquet", f"FROM (VALUES {values}) t(timestamp, metric, instance, value)")
    world.least_coverage = None
    world.source(form, unit="s")
    world.slo(bad="bad", total="total")


SPREADS = {
    "two": (5, 10),
    "one second apart": (5, 6, 7, 8),
    "evenly spread": (1, 16, 31, 46),
    "together": (5, 5, 5),
}


@pytest.mark.parametrize("form", ["CSV", "Parquet"])
@pytest.mark.parametrize("spread", SPREADS)
def test_an_outage_is_seen_at_whatever_seconds_instances_are_asked(world, form, spread) -> None:
    instances(world, SPREADS[spread], form)
    result = world.one(AT)
    assert result.level is not None
    assert result.coverage == 1
    assert (result.level.good, result.level.total) == (400 * len(SPREADS[spread]), 600 * len(SPREADS[spread]))


@pytest.mark.parametrize("form", ["CSV", "Parquet"])
def test_minutes_in_which_no_instance_is_seen_are_a_gap(world, form) -> None:
    instances(world, (5, 10), form, silent=range(10, 25))
    (gap,) = world.one(AT).missing
    assert gap.end - gap.start == timedelta(minutes=15, seconds=-5)


@pytest.mark.parametrize("form", ["CSV", "Parquet"])
def test_while_one_instance_goes_on_the_end_of_another_is_no_gap(world, form) -> None:
    instances(world, (5, 10), form, stops=range(1, 30))
    result = world.one(AT)
    assert result.coverage == 1
    assert not result.missing


def test_series_of_a_single_sample_each_are_as_far_apart_as_they_come(world) -> None:
    rows = (f"{NOON - minute * 60},runs,run-{minute},1" for minute in range(60))
    world.csv("metrics/a.csv", "timestamp,metric,run,value", *rows)
    world.least_coverage = None
    world.source(unit="s")
    world.slo(counter=False, good="runs", total="runs")
    assert world.one(AT).coverage == 1


def test_the_pass_and_the_general_way_say_the_same(world, monkeypatch) -> None:
    instances(world, (5, 10, 30), "Parquet", silent=range(10, 25), stops=range(30, 50))
    fast = world.one(AT)
    monkeypatch.setattr(chains, "read", lambda *_: None)
    assert world.one(AT) == fast
