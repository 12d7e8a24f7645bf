"""Budgets by incident: what each impact spent, what no incident explains, and what an SLO did not see."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
AT = ("--at", "2026-11-23T07:00Z")
DOCUMENTS = """\
apiVersion: openslo/v1
kind: DataSource
metadata: {name: samples}
spec:
  type: CSV
  connectionDetails: {path: metrics/samples.csv}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: postings}
spec:
  service: ledger
  indicator:
    metadata: {name: accepted}
    spec:
      ratioMetric:
        counter: false
        bad: {metricSource: {metricSourceRef: samples, spec: {query: bad}}}
        total: {metricSource: {metricSourceRef: samples, spec: {query: total}}}
  timeWindow: [{duration: 4h, isRolling: true}]
  budgetingMethod: METHOD
  objectives: [{target: 0.9, OBJECTIVE}]
"""
JOURNEY = """
---
apiVersion: openslo/v1
kind: SLI
metadata: {name: accepted}
spec:
  ratioMetric:
    counter: false
    bad: {metricSource: {metricSourceRef: samples, spec: {query: bad}}}
    total: {metricSource: {metricSourceRef: samples, spec: {query: total}}}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: journey, annotations: {svcops/least-coverage: "0"}}
spec:
  service: ledger
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives:
    - {displayName: first, target: 0.999, indicatorRef: accepted}
    - {displayName: second, target: 0.999, indicatorRef: accepted, compositeWeight: 2}
"""


def minute(before: float) -> datetime:
    return NOW - timedelta(minutes=before)


@pytest.fixture
def measured(console: Any) -> Any:
    """Ten postings a minute for five hours; from two hours to one hour ago one of ten was bad."""

    def make(
        method: str = "Occurrences", objective: str = "displayName: most", step: int = 1, without: Any = ()
    ) -> Any:
        text = DOCUMENTS.replace("METHOD", method).replace("OBJECTIVE", objective)
        console.store.write("slo/ledger.yaml", text)
        lines = [
            f"{minute(n):%Y-%m-%dT%H:%M:%SZ},{step if 60 <= n < 120 else 0},{10 * step}"
            for n in range(0, 301, step)
            if n not in without
        ]
        console.store.write("metrics/samples.csv", "\n".join(["timestamp,bad,total", *lines]) + "\n")
        return console

    return make


def incident(console: Any, start: int, end: int | None, *, service: str = "ledger", by: str = "slo") -> str:
    started = f"{minute(start):%Y-%m-%dT%H:%MZ}"
    words = ("--service", service, "--severity", "sev3", "--detected-by", by, "--started", started, "--at", started)
    found = console("incident", "open", "Postings fail", *words).id
    if end is not None:
        console("incident", "resolve", found, "--at", f"{minute(end):%Y-%m-%dT%H:%MZ}")
    return str(found)


def agree(console: Any, start: int, end: int, **more: str) -> None:
    """The minutes from `start` to `end` before now do not count."""
    times = [{"from": minute(start).isoformat(), "until": minute(end).isoformat()}]
    about = {"title": "Restart", "reason": "Agreed", "reviewed_by": "kim", "services": ["ledger"], "times": times}
    console.store.write("slo/exclusions/restart.yaml", json.dumps({**about, **more}))
    console.store.write("catalogue/people/kim.yaml", "name: Kim\nemails: [kim@example.com]\n")


def attributed(console: Any, **more: Any) -> Any:
    (one,) = console("slo", "attribute", *AT, "--json", **more).json["slos"]
    return one


def test_what_was_bad_inside_each_impact_and_what_no_incident_explains(measured: Any) -> None:
    console = measured()
    first, second = incident(console, 120, 100), incident(console, 70, 30, by="user")
    one = attributed(console)
    assert (one["budget"], one["bad"]) == (240, 60)
    assert [(each["incident"], each["bad"], each["detected_by"]) for each in one["incidents"]] == [
        (first, 20, "slo"),
        (second, 10, "user"),
    ]
    assert one["unexplained"] == 30


def test_impacts_that_overlap_are_explained_once(measured: Any) -> None:
    console = measured()
    incident(console, 120, 80)
    incident(console, 100, 60)
    one = attributed(console)
    assert [each["bad"] for each in one["incidents"]] == [40, 40]
    assert one["unexplained"] == 0


def test_an_impact_is_widened_to_the_samples_beside_it(measured: Any) -> None:
    console = measured(step=15)
    incident(console, 112, 98)
    (found,) = attributed(console)["incidents"]
    assert (found["bad"], found["of"]) == (30, 300)
    assert found["counted"] == {"from": "2026-11-23T05:00:00Z", "until": "2026-11-23T05:30:00Z"}


def test_of_slices_whole_ones_are_taken(measured: Any) -> None:
    console = measured("Timeslices", "timeSliceWindow: 30m, timeSliceTarget: 0.95")
    incident(console, 115, 95)
    one = attributed(console)
    assert (one["bad"], one["incidents"][0]["bad"], one["unexplained"]) == (2, 1, 1)


def test_of_an_impact_whose_slice_is_not_over_nothing_is_known_yet(measured: Any) -> None:
    console = measured("Timeslices", "timeSliceWindow: 30m, timeSliceTarget: 0.95")
    text = console.store.read("slo/ledger.yaml")
    calendar = "calendar: {startTime: '2026-11-23 04:15:00', timeZone: UTC}"
    console.store.write("slo/ledger.yaml", text.replace("isRolling: true", calendar))
    incident(console, 10, None)
    (found,) = attributed(console, code=4)["incidents"]
    assert (found["bad"], found["reason"]) == (None, "the samples count nothing")


def test_where_samples_do_not_speak_for_an_impact_what_it_spent_is_unknown(measured: Any) -> None:
    console = measured(without=range(100, 115))
    incident(console, 120, 100)
    one = attributed(console, code=4)
    assert (one["incidents"][0]["bad"], one["bad"], one["unexplained"]) == (None, 45, 39)
    assert "what" in (said := console("slo", "attribute", *AT, code=4)).err
    assert "is unknown: the samples do not cover the incident" in said.err


def test_where_time_without_samples_counts_what_no_incident_explains_is_unknown_then_too(measured: Any) -> None:
    console = measured(without=range(100, 115))
    incident(console, 120, 100)
    text = console.store.read("slo/ledger.yaml")
    console.store.write(
        "slo/ledger.yaml", text.replace("{name: postings}", "{name: postings, annotations: {svcops/no-data: bad}}")
    )
    assert attributed(console, code=4)["unexplained"] is None


@pytest.mark.parametrize("treatment", ["removed", "good"])
@pytest.mark.parametrize(
    ("method", "objective"),
    [("Occurrences", "displayName: most"), ("Timeslices", "timeSliceWindow: 1m, timeSliceTarget: 0.95")],
)
def test_what_is_excluded_spends_nothing_and_is_told_apart(
    measured: Any, method: str, objective: str, treatment: str
) -> None:
    console = measured(method, objective)
    agree(console, 110, 80, treatment=treatment)
    found = incident(console, 120, 100)
    one = attributed(console)
    (reported,) = console("slo", "report", *AT, "--json", code=None).json["slos"]
    assert (one["bad"], one["budget"]) == (reported["bad"], reported["budget"]["total"])
    assert one["bad"] == 30
    assert [(each["bad"], each["excluded"]) for each in one["incidents"]] == [(10, 10)]
    assert one["unexplained"] == 20
    assert one["excluded"] == [{"path": "slo/exclusions/restart.yaml", "title": "Restart", "bad": 30, "after": []}]
    said = console("slo", "attribute", *AT)
    assert [line.split("\t")[2:] for line in said.out.splitlines()][-1] == ["excluded: Restart", "", "", "30", "", ""]
    assert f"{found[-6:]} (Postings fail)" in next(line for line in said.err.splitlines() if "excluded" in line)


@pytest.mark.parametrize(
    ("method", "objective"),
    [("Occurrences", "displayName: most"), ("Timeslices", "timeSliceWindow: 1m, timeSliceTarget: 0.95")],
)
def test_what_several_exclude_is_told_of_the_first_of_them(measured: Any, method: str, objective: str) -> None:
    console = measured(method, objective)
    agree(console, 110, 80)
    first = console.store.read("slo/exclusions/restart.yaml")
    for name, title, start, end in (("second", "Move", 90, 70), ("third", "Drill", 85, 82)):
        times = [{"from": minute(start).isoformat(), "until": minute(end).isoformat()}]
        console.store.write(
            f"slo/exclusions/{name}.yaml", json.dumps(json.loads(first) | {"title": title, "times": times})
        )
    told = [(one["title"], one["bad"], one["after"]) for one in attributed(console)["excluded"]]
    assert told == [("Restart", 30, []), ("Move", 10, ["Restart"]), ("Drill", 0, ["Restart", "Move"])]
    said = console("slo", "attribute", *AT).err
    assert "postings: what was bad in times that Move shares with Restart is told there, and not twice" in said


def test_of_events_what_was_bad_in_excluded_time_comes_on_top(measured: Any) -> None:
    console = measured()
    agree(console, 110, 80)
    found = incident(console, 120, 100)
    said = console("slo", "attribute", *AT).err
    assert f"postings: 10 more bad of {found[-6:]} (Postings fail) was excluded" in said


def test_a_slice_that_is_excluded_in_part_may_be_bad_on_both_sides_and_is_in_no_sum(measured: Any) -> None:
    console = measured("Timeslices", "timeSliceWindow: 30m, timeSliceTarget: 0.95")
    agree(console, 105, 75)
    found = incident(console, 120, 60)
    one = attributed(console)
    assert (one["bad"], one["incidents"][0]["bad"], one["incidents"][0]["excluded"]) == (2, 2, 2)
    said = console("slo", "attribute", *AT).err
    told = f"postings: slices of {found[-6:]} (Postings fail) that were bad in excluded time: 2"
    assert f"{told}; one that is excluded in part may count among the others, too" in said
    assert "more bad" not in said


def test_an_incident_in_excluded_time_was_seen_and_an_excluded_disruption_is_none(measured: Any) -> None:
    console = measured()
    console.store.write(
        "slo/ledger.yaml", console.store.read("slo/ledger.yaml").replace("target: 0.9,", "target: 0.99,")
    )
    agree(console, 120, 60)
    incident(console, 110, 90)
    one = attributed(console)
    assert (one["bad"], one["incidents"][0]["bad"], one["unexplained"]) == (0, 0, 0)
    said = console("slo", "attribute", *AT).err
    assert "saw nothing" not in said
    assert "no incident explains" not in said


def test_samples_may_lack_in_excluded_time(measured: Any) -> None:
    console = measured(without=range(100, 115))
    agree(console, 116, 99)
    incident(console, 120, 90)
    assert attributed(console)["incidents"][0]["bad"] == 13


@pytest.mark.parametrize(
    ("at", "why"),
    [
        ("2026-09-01T00:00Z", "no samples of total in the window"),
        ("2026-11-23T03:00Z", "samples speak for 1 h 1 min of 4 h, and 50 % have to be known"),
    ],
)
def test_an_slo_whose_budget_is_not_known_is_named_with_the_reason(measured: Any, at: str, why: str) -> None:
    console = measured()
    said = console("slo", "attribute", "--at", at, code=4)
    assert said.out.splitlines() == ["postings\tmost\tno incident\t\t\t-\t-\t"]
    assert f"postings: {why}" in said.err
    (one,) = console("slo", "attribute", "--at", at, "--json", code=4).json["slos"]
    assert one["budget"] is None
    assert one["reason"].startswith(why)


def test_an_slo_that_saw_nothing_is_pointed_out(measured: Any) -> None:
    console = measured()
    found = incident(console, 30, 10)
    said = console("slo", "attribute", *AT)
    assert f"postings saw nothing of {found[-6:]} (Postings fail): does it see what users see?" in said.err


def test_a_disruption_that_nobody_declared_is_pointed_out(measured: Any) -> None:
    console = measured()
    console.store.write(
        "slo/ledger.yaml", console.store.read("slo/ledger.yaml").replace("target: 0.9,", "target: 0.99,")
    )
    assert "postings was missed by what no incident explains" in console("slo", "attribute", *AT).err


def test_what_is_of_another_service_over_before_the_window_or_cancelled_is_none(measured: Any) -> None:
    console = measured()
    incident(console, 100, 90, service="receipt-scanner")
    incident(console, 280, 250)
    console("incident", "cancel", incident(console, 100, None), "A test of the alert")
    assert attributed(console)["incidents"] == []


def test_one_that_goes_on_reaches_to_the_moment_of_the_report(measured: Any) -> None:
    console = measured()
    incident(console, 70, None)
    (found,) = attributed(console)["incidents"]
    assert (found["bad"], found["impact"]["until"]) == (10, None)


def test_of_a_composite_slo_the_budgets_of_its_objectives_are_told(measured: Any) -> None:
    console = measured()
    console.store.write("slo/journey.yaml", JOURNEY.partition("---\n")[2])
    said = console("slo", "attribute", "journey", *AT)
    assert [line.split("\t")[:2] for line in said.out.splitlines()] == [["journey", "first"], ["journey", "second"]]
    assert "journey is a composite SLO: the budgets are those of its objectives, not of the whole" in said.err


@pytest.mark.parametrize("verb", ["attribute", "backtest"])
def test_an_slo_that_is_wrong_hides_no_other(measured: Any, verb: str) -> None:
    console = measured()
    other = DOCUMENTS.partition("---\n")[2].replace("METHOD", "Occurrences").replace("OBJECTIVE", "displayName: most")
    other = other.replace("{name: postings}", "{name: uploads}")
    console.store.write("slo/uploads.yaml", other.replace("query: bad", "query: absent"))
    said = console("slo", verb, *AT, "--json", code=2)
    assert [one["name"] for one in said.json["slos"]] == ["postings"]
    assert "absent" in said.json["errors"][0]["message"]
    assert "absent" in said.err
    console.store.write("slo/uploads.yaml", other.replace("target: 0.9", "target: 2"))
    assert [one["name"] for one in console("slo", verb, *AT, "--json", code=2).json["slos"]] == ["postings"]


@pytest.mark.parametrize("verb", ["report", "attribute", "backtest", "watch"])
def test_of_years_in_which_nobody_samples_nothing_is_worked_out(measured: Any, verb: str) -> None:
    said = measured()("slo", verb, "--at", "0001-01-01T00:00Z", code=2)
    assert "no samples are read of the year 1" in said.err
