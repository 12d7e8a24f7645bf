"""Times that do not count, as agreed: which they are, how they are treated, and the figures with and without them."""

import csv
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.catalogue.model import Actual, Maintenance, Planned
from svcops.slo.exclusion import Exclusion, Recurring, Times
from svcops.slo.exclusions import Excluded, Exclusions, of_treatment
from svcops.slo.explaining import as_json, as_text
from svcops.slo.presenting import HEADINGS, columns, csv_of, markdown_of, rows
from svcops.slo.recurring import recurrences
from svcops.store.entries import Entry
from svcops.timing.hours import Interval

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SHOP = """\
apiVersion: openslo/v1
kind: DataSource
metadata: {name: samples}
spec: {type: CSV, connectionDetails: {path: metrics/shop.csv}}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: orders, annotations: {svcops/least-coverage: "0"}}
spec:
  service: shop
  indicator:
    metadata: {name: taken}
    spec:
      ratioMetric:
        counter: false
        good: {metricSource: {metricSourceRef: samples, spec: {query: good}}}
        total: {metricSource: {metricSourceRef: samples, spec: {query: total}}}
  timeWindow: [{duration: 7d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.9}]
"""


def minute(number: float) -> datetime:
    return NOON + number * MINUTE


def agreed(name: str = "restart", **fields: Any) -> Entry[Exclusion]:
    given = {"slos": ("availability",), "title": "Restart", "reason": "Agreed", "reviewed_by": "kim", **fields}
    return Entry("exclusion", name, f"slo/exclusions/{name}.yaml", Exclusion(**given))


def between(start: float, end: float) -> Times:
    """Minutes after noon."""
    return Times(from_=minute(start), until=minute(end))


def maintained(planned: tuple[float, float], actual: tuple[float, float | None] | None, **fields: Any) -> Any:
    until = None if not actual or actual[1] is None else minute(actual[1])
    took = Actual(from_=minute(actual[0]), until=until) if actual else None
    plan = Planned(from_=minute(planned[0]), until=minute(planned[1]))
    one = Maintenance(
        title="New disks",
        services=("shop",),
        reason="R",
        planned=plan,
        actual=took,
        by="kim",
        reviewed_by=None,
        **fields,
    )
    return Entry("maintenance", "m", "maintenance/2026/m.yaml", one)


def found(exclusions: Exclusions, start: float = -60, end: float = 60) -> list[tuple[float, float, str]]:
    stretches = exclusions.within("availability", "shop", minute(start), minute(end))
    return [((one.start - NOON) / MINUTE, (one.end - NOON) / MINUTE, one.title) for one in stretches]


def test_stretches_are_cut_to_the_window() -> None:
    every = (between(-90, -50), between(-10, 10), between(50, 90), between(70, 80))
    assert found(Exclusions([agreed(times=every)])) == [
        (-60, -50, "Restart"),
        (-10, 10, "Restart"),
        (50, 60, "Restart"),
    ]


def test_they_are_about_some_slos_or_all_of_a_service() -> None:
    one = between(0, 1)
    other = agreed("other", slos=("another",), times=(one,))
    assert found(Exclusions([other])) == []
    assert found(Exclusions([agreed(slos=(), services=("shop",), times=(one,))])) == [(0, 1, "Restart")]


@pytest.mark.parametrize(
    ("planned", "actual", "excluded"),
    [
        ((0, 30), (5, 20), [(5, 20, "New disks")]),
        ((0, 30), (-5, 45), [(0, 30, "New disks")]),
        ((0, 30), (10, None), [(10, 30, "New disks")]),
        ((0, 30), None, []),
        ((0, 30), (40, 50), []),
    ],
)
def test_of_a_maintenance_what_was_planned_and_took_place(planned: Any, actual: Any, excluded: Any) -> None:
    exclusion = agreed(slos=(), services=("shop",), maintenance=True)
    assert found(Exclusions([exclusion], [maintained(planned, actual)])) == excluded
    assert found(Exclusions([agreed(slos=(), services=("shop",))], [maintained(planned, actual)])) == []


def test_of_a_cancelled_maintenance_nothing() -> None:
    exclusion = agreed(slos=(), services=("shop",), maintenance=True)
    assert found(Exclusions([exclusion], [maintained((0, 30), (5, 20), cancelled="Too late")])) == []


def weekly(
    start: str = "2026-03-01T02:30", zone: str = "Europe/Berlin", rule: str = "FREQ=WEEKLY;BYDAY=SU"
) -> Recurring:
    return Recurring(rule=rule, start=start, time_zone=zone, duration=HOUR)


def test_what_comes_again_keeps_its_time_on_the_clock() -> None:
    start = datetime(2026, 3, 15, tzinfo=UTC)
    times = [one.start.isoformat() for one in recurrences(weekly(), start, start + timedelta(weeks=3))]
    assert times == ["2026-03-15T01:30:00+00:00", "2026-03-22T01:30:00+00:00", "2026-03-29T01:00:00+00:00"], (
        "on 29 March clocks skip 02:30"
    )


def test_one_that_began_before_the_window_reaches_into_it() -> None:
    start = datetime(2026, 3, 15, 2, 0, tzinfo=UTC)
    (one,) = recurrences(weekly(), start, start + HOUR)
    assert one == Interval(start - HOUR / 2, start + HOUR / 2)


@given(st.integers(0, 500), st.sampled_from(["Europe/Berlin", "UTC", "Pacific/Kiritimati", "America/New_York"]))
def test_every_week_has_one(week: int, zone: str) -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(weeks=week)
    one = weekly(zone=zone, rule="FREQ=WEEKLY;BYDAY=WE")
    assert len(list(recurrences(one, start, start + timedelta(weeks=1)))) == 1


def test_where_both_treatments_meet_it_is_removed() -> None:
    both = [
        Excluded(minute(0), minute(10), "good", "a", "A"),
        Excluded(minute(5), minute(20), "removed", "b", "B"),
        Excluded(minute(15), minute(30), "good", "c", "C"),
    ]
    assert of_treatment(both, "removed") == [Interval(minute(5), minute(20))]
    assert of_treatment(both, "good") == [Interval(minute(0), minute(5)), Interval(minute(20), minute(30))]


@pytest.fixture
def restarted(world: Any) -> Any:
    """An hour of one request a minute, of which those from 11:10 to 11:20 failed."""
    lines = [f"2026-11-23T11:{number:02}:00Z,{not 10 < number <= 20:d},1" for number in range(1, 60)]
    world.csv("metrics/a.csv", "timestamp,good,total", *lines, "2026-11-23T12:00:00Z,1,1")
    world.source()
    return world


@pytest.mark.parametrize(
    ("treatment", "good", "total"), [("removed", 50, 55), ("good", 55, 60)], ids=["removed", "counted as good"]
)
def test_a_figure_stands_beside_the_one_without_exclusions(
    restarted: Any, treatment: Any, good: int, total: int
) -> None:
    restarted.slo(counter=False, good="good", total="total", target=0.9)
    restarted.exclusions = Exclusions([agreed(treatment=treatment, times=(between(-50, -45),))])
    result = restarted.one()
    assert (result.level.good, result.level.total) == (good, total)
    assert (result.plain.good, result.plain.total, result.plain.met) == (50, 60, False)
    assert (result.verdict, result.coverage) == ("met", 1)
    said = restarted.json()["slos"][0]
    assert said["without_exclusions"] == {"good": 50, "bad": 10, "total": 60, "sli": 50 / 60, "met": False}
    assert [one["path"] for one in said["excluded"]] == ["slo/exclusions/restart.yaml"]


def test_every_form_of_the_report_shows_both_where_something_was_excluded(restarted: Any) -> None:
    restarted.slo("kept", counter=False, good="good", total="total", target=0.8)
    restarted.slo(counter=False, good="good", total="total", target=0.9)
    restarted.exclusions = Exclusions([agreed(times=(between(-50, -45),))])
    found = restarted.report()
    assert [row[-2:] for row in columns(found)[1]] == [("met", "83.333 %, breached"), ("met", "")]
    head, *_ = [line for line in markdown_of(found).splitlines() if line.startswith("|")]
    assert head.endswith("| verdict | without exclusions |")
    assert "| met | 83.333 %, breached |" in markdown_of(found)
    first, second = csv.DictReader(csv_of(found).splitlines())
    assert (first["slo"], first["verdict"], first["verdict_without_exclusions"]) == ("availability", "met", "breached")
    assert first["sli_without_exclusions"] == str(50 / 60)
    assert (second["sli_without_exclusions"], second["verdict_without_exclusions"]) == ("", "")


def test_what_is_unknown_without_exclusions_is_told_so(restarted: Any) -> None:
    restarted.csv("metrics/a.csv", "timestamp,good,total", *(f"2026-11-23T11:{n:02}:00Z,1,1" for n in range(1, 31)))
    restarted.least_coverage = "0.9"
    restarted.slo(counter=False, good="good", total="total")
    restarted.exclusions = Exclusions([agreed(times=(between(-30, 0),))])
    found = restarted.report()
    assert columns(found)[1][0][-2:] == ("met", "not enough data")
    (row,) = csv.DictReader(csv_of(found).splitlines())
    assert (row["sli_without_exclusions"], row["verdict_without_exclusions"]) == ("", "not enough data")


def test_without_any_there_is_no_second_figure(restarted: Any) -> None:
    restarted.slo(counter=False, good="good", total="total")
    assert restarted.one().plain is None
    assert columns(restarted.report()) == (HEADINGS, rows(restarted.report()))
    assert restarted.json()["slos"][0]["without_exclusions"] is None


IN_SLICES = {"method": "Timeslices", "objective": {"timeSliceWindow": "5m", "timeSliceTarget": 1}}


@pytest.mark.parametrize("treatment", ["removed", "good"])
@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({}, "all of the window is excluded"),
        (IN_SLICES, "all of its slices of 5 min that are over are excluded"),
    ],
    ids=["of events", "in slices"],
)
def test_of_a_window_that_is_excluded_as_a_whole_nothing_is_judged_and_nothing_is_missing(
    restarted: Any, treatment: Any, how: Any, reason: str
) -> None:
    restarted.slo(counter=False, good="good", total="total", **how)
    restarted.exclusions = Exclusions([agreed(treatment=treatment, times=(between(-90, 30),))])
    result = restarted.one()
    assert (result.verdict, result.reason) == ("not enough data", reason)
    assert (result.coverage, result.missing) == (None, ())
    explained = as_text(result)
    assert "without samples" not in explained
    assert "  excluded 2026-11-23T11:00:00Z to 2026-11-23T12:00:00Z" in explained


def test_what_was_excluded_before_a_window_of_a_calendar_is_left_out_of_burn_rates_too(restarted: Any) -> None:
    calendar = {"startTime": "2026-11-23 11:30:00", "timeZone": "UTC"}
    restarted.slo(counter=False, good="good", total="total", target=0.99, window="30d", calendar=calendar)
    (hour,) = [one.rate for one in restarted.one().paces if one.window == HOUR]
    assert hour
    restarted.exclusions = Exclusions([agreed(times=(between(-55, -35),))])
    (hour,) = [one.rate for one in restarted.one().paces if one.window == HOUR]
    assert hour == 0


def test_what_is_excluded_need_not_be_sampled(restarted: Any) -> None:
    restarted.csv("metrics/a.csv", "timestamp,good,total", *(f"2026-11-23T11:{n:02}:00Z,1,1" for n in range(1, 31)))
    restarted.slo(counter=False, good="good", total="total")
    restarted.exclusions = Exclusions([agreed(times=(between(-30, 0),))])
    assert restarted.one().coverage == 1


@pytest.mark.parametrize(("treatment", "good", "judged"), [("removed", 10, 11), ("good", 11, 12)])
def test_slices_are_left_out_or_good(restarted: Any, treatment: Any, good: int, judged: int) -> None:
    objective = {"timeSliceWindow": "5m", "timeSliceTarget": 1}
    restarted.slo(counter=False, method="Timeslices", objective=objective, good="good", total="total")
    restarted.exclusions = Exclusions([agreed(treatment=treatment, times=(between(-50, -45),))])
    assert restarted.counts() == (good, judged)


def test_the_explanation_names_the_times_and_both_figures(restarted: Any) -> None:
    restarted.slo(counter=False, good="good", total="total", target=0.9)
    restarted.exclusions = Exclusions([agreed(times=(between(-50, -45),))])
    said = as_text(restarted.one())
    assert (
        "  excluded 2026-11-23T11:10:00Z to 2026-11-23T11:15:00Z, removed: Restart (slo/exclusions/restart.yaml)\n"
    ) in said
    assert said.endswith("  without exclusions: SLI = 50 / 60 = 83.333333… %, target missed")
    assert as_json(restarted.report())["slos"][0]["excluded"][0]["treatment"] == "removed"


RECURRING = {"rule": "FREQ=WEEKLY;BYDAY=SU", "start": "2026-01-04T02:00", "time_zone": "UTC", "duration": "30m"}
EXCLUDED = {"from": "2026-11-23T10:00:00Z", "until": "2026-11-23T11:00:00Z"}


def store_with(console: Any, **exclusion: Any) -> None:
    """A store with kim, who may agree to it, one SLO and ten events at 11:00, one of them bad."""
    about = {"title": "Restart", "reason": "Agreed", "reviewed_by": "kim", "services": ["shop"]}
    console.store.write("slo/exclusions/restart.yaml", json.dumps({**about, **exclusion}))
    console.store.write("catalogue/people/kim.yaml", "name: Kim\nemails: [kim@example.com]\n")
    console.store.write("slo/shop.yaml", SHOP)
    console.store.write("metrics/shop.csv", "timestamp,good,total\n2026-11-23T11:00:00Z,9,10\n")


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"recurring": [RECURRING, {**RECURRING, "time_zone": "Europe/Berlyn"}]}, id="no such zone"),
        pytest.param({"recurring": [RECURRING, {**RECURRING, "rule": "FREQ=MONTHLY;BYDAY=99MO"}]}, id="no such day"),
        pytest.param({"recurring": [RECURRING, {**RECURRING, "start": "2026-02-30T02:00"}]}, id="no such start"),
        pytest.param({"times": [EXCLUDED, {"from": EXCLUDED["until"], "until": EXCLUDED["from"]}]}, id="ends first"),
        pytest.param({"times": []}, id="no time"),
        pytest.param({"times": [EXCLUDED], "services": []}, id="about nothing"),
        pytest.param({"times": [EXCLUDED], "reviewed_by": ""}, id="nobody agreed to it"),
        pytest.param({"times": [EXCLUDED], "reviewed_by": "tim"}, id="nobody known agreed to it"),
    ],
)
def test_one_that_cannot_hold_or_nobody_known_agreed_to_is_left_out_as_what_is_damaged_is(
    console: Any, wrong: Any
) -> None:
    store_with(console, **wrong)
    for verb in ("report", "attribute"):
        said = console("slo", verb, "--at", "2026-11-23T12:00Z", "--json", code=2)
        (one,) = said.json["slos"]
        assert (one["name"], one["bad"], one["excluded"]) == ("orders", 1, [])
        assert said.json["damaged"] == ["slo/exclusions/restart.yaml"]
        assert "left out, damaged: slo/exclusions/restart.yaml" in said.err
    explained = console("slo", "explain", "orders", "--at", "2026-11-23T12:00Z", code=2)
    assert "  excluded nothing\n" in explained.out
    assert "without exclusions" not in explained.out
