"""Folders such as `date=2026-11-01` above files: those that say when hold parts of a series, all others name another."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import groupby

import pytest

from svcops.errors import BadInput
from svcops.slo import chains, partitions

AT = datetime(2026, 11, 4, tzinfo=UTC)
HOURS = [AT - timedelta(hours=72 - hour) for hour in range(73)]


def of_three_days(world, folder: Callable[[datetime], str], form: str, good: str = "good") -> None:
    """Two counters, hour by hour for three days, each day in a folder: the total grows by 10 an hour, what is good by 9."""
    for path, moments in groupby(HOURS, folder):
        rows = [(one, metric, HOURS.index(one) * by) for one in moments for metric, by in (("good", 9), ("total", 10))]
        name = f"metrics/{path}/x.{form}"
        if form == "csv":
            world.csv(name, "timestamp,metric,value", *(f"{when.isoformat()},{what},{v}" for when, what, v in rows))
        else:
            values = ", ".join(f"({int(when.timestamp())}, '{what}', {v})" for when, what, v in rows)
            world.parquet(name, f"FROM (VALUES {values}) t(timestamp, metric, value)")
    world.source("CSV" if form == "csv" else "Parquet", path="metrics/**/*", unit="iso" if form == "csv" else "s")
    world.slo(window="3d", good=good, total="total")


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize(
    "folder",
    ["flat", "date=%Y-%m-%d", "zone=a/day=%-d", "Year=%Y/Month=%-m/Day=%-d", "taken=%Y%m%d", "taken=%Y-%m-%dT%H"],
)
def test_a_counter_goes_on_from_one_day_to_the_next(world, form, folder) -> None:
    of_three_days(world, lambda moment: moment.strftime(folder), form)
    assert world.counts(AT) == (648, 720)


def test_the_pass_and_the_general_way_say_the_same(world, monkeypatch) -> None:
    of_three_days(world, lambda moment: moment.strftime("zone=a/day=%-d"), "parquet")
    fast = world.one(AT)
    monkeypatch.setattr(chains, "read", lambda *_: None)
    assert world.one(AT) == fast


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_folder_that_names_something_else_is_a_label_beside_it(world, form) -> None:
    of_three_days(world, lambda moment: moment.strftime("zone=a/day=%-d"), form, 'good{zone=~"a|b"}')
    assert world.counts(AT) == (648, 720)


@pytest.mark.parametrize("label", ["date", "day"])
def test_a_selector_cannot_ask_for_a_folder_that_says_when(world, label) -> None:
    of_three_days(world, lambda moment: moment.strftime(f"{label}=%Y-%m-%d"), "csv", f'good{{{label}="2026-11-01"}}')
    with pytest.raises(BadInput, match=f"the folders {label}=... say when samples were taken, and are no label"):
        world.report(AT)


@pytest.mark.parametrize(
    ("paths", "of_time"),
    [
        (["zone=a/x.csv"], set()),
        (["dt=a/HOUR=b/x.csv"], {"dt", "HOUR"}),
        (["run=2026-11/x", "run=2026-12-31/x", "run=20261101/x", "run=2026-11-01T10:30:00Z/x"], {"run"}),
        (["run=2026-11-01%2010%3A00/x"], {"run"}),
        (["run=2026-11/x", "run=nightly/x"], set()),
        (["shard=20269901/x", "shard=12345678/y"], set()),
        (["year=2026.csv", "x"], set()),
    ],
)
def test_what_says_when_is_known_by_its_name_or_by_all_its_values(paths, of_time) -> None:
    assert partitions.of_time(paths) == of_time
