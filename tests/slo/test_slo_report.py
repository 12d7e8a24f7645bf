"""The report as a whole: verdicts, what is unknown, what is read, and how it is shown."""

import json
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from hashlib import sha256

import pytest

from svcops.errors import BadInput, NotDone
from svcops.slo.presenting import HEADINGS, rows, to_json
from svcops.slo.windows import Stretch

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ELSEWHERE = {
    "ratioMetric": {"rawType": "success", "raw": {"metricSource": {"type": "Datadog", "spec": {"query": "a"}}}}
}
"""Of an objective: what is not worked out here yet."""


def counts(
    world, good: object, total: object, *, name: str = "availability", target: float = 0.9, **more: object
) -> None:
    world.csv(f"metrics/{name}.csv", "timestamp,good,total", f"2026-11-23T12:00:00Z,{good},{total}")
    world.source(name=name, path=f"metrics/{name}.csv")
    world.slo(name, counter=False, target=target, good="good", total="total", of={"good": name, "total": name}, **more)


def test_a_report_says_what_was_promised_and_reached_and_what_it_was_worked_out_from(world) -> None:
    counts(world, 999_750, 1_000_000, target=0.999, window="28d")
    (result,) = world.report().results
    level = result.level
    assert (result.verdict, result.reason) == ("met", "")
    assert result.window == Stretch(AT - timedelta(days=28), AT)
    assert (level.good, level.bad, level.total, level.target) == (999_750, 250, 1_000_000, Fraction(999, 1000))
    assert (level.budget, level.budget_left, level.spent_share) == (1000, 750, Fraction(1, 4))
    content = (world.root / "metrics/availability.csv").read_bytes()
    (read,) = result.inputs
    assert (read.path, read.sha256) == ("metrics/availability.csv", sha256(content).hexdigest())
    assert (read.first, read.last) == (AT, AT)


def test_the_report_as_json_is_a_contract(world) -> None:
    counts(world, 999_750, 1_000_000, target=0.999)
    content = world.json()
    digest = content["slos"][0]["inputs"][0].pop("sha256")
    assert len(digest) == 64
    assert content == {
        "schema": "svcops.slo-report/1",
        "at": "2026-11-23T12:00:00Z",
        "slos": [
            {
                "name": "availability",
                "service": "shop",
                "objective": "1",
                "weight": None,
                "composite": None,
                "path": "slo/availability.yaml",
                "window": {"duration": "1h", "start": "2026-11-23T11:00:00Z", "end": "2026-11-23T12:00:00Z"},
                "slices": None,
                "good": 999_750,
                "bad": 250,
                "total": 1_000_000,
                "sli": 0.99975,
                "target": 0.999,
                "budget": {"total": 1000, "spent": 250, "left": 750, "spent_share": 0.25, "left_share": 0.75},
                "burn": [],
                "lasts": None,
                "verdict": "met",
                "reason": "",
                "coverage": 0.0,
                "missing": [{"from": "2026-11-23T11:00:00Z", "until": "2026-11-23T12:00:00Z"}],
                "assumed": 0,
                "nothing_selected": False,
                "contradictions": [],
                "excluded": [],
                "without_exclusions": None,
                "inputs": [
                    {
                        "path": "metrics/availability.csv",
                        "first": "2026-11-23T12:00:00Z",
                        "last": "2026-11-23T12:00:00Z",
                    }
                ],
            }
        ],
        "errors": [],
    }


def test_what_is_unknown_is_null_and_never_a_number(world) -> None:
    counts(world, 0, 0)
    (one,) = world.json()["slos"]
    assert one["verdict"] == "not enough data"
    assert [one[key] for key in ("good", "bad", "total", "sli", "budget")] == [None] * 5
    assert one["reason"] == "the total is 0: nothing happened in the window"
    assert rows(world.report())[0][4:] == ("-", "90", "-", "-", "not enough data")


def test_no_sample_in_the_window_is_unknown(world) -> None:
    counts(world, 9, 10)
    for moment in (AT - timedelta(seconds=1), AT + timedelta(hours=1)):
        result = world.one(moment)
        assert (result.verdict, result.level) == ("not enough data", None)
        assert result.reason == "no samples of total in the window"
        assert world.report(moment).exit_code == 4


def test_one_sample_of_a_counter_is_unknown_as_nothing_is_known_to_have_happened(world) -> None:
    world.csv("metrics/a.csv", "timestamp,good,total", "2026-11-23T12:00:00Z,9,10")
    world.source()
    world.slo(good="good", total="total")
    assert world.one().verdict == "not enough data"


def long(world, *lines: str, **parts: str) -> None:
    world.csv("metrics/a.csv", "timestamp,metric,code,value", *(f"2026-11-23T12:00:00Z,{line}" for line in lines))
    world.source()
    world.slo(counter=False, **parts)


def test_a_label_of_which_the_metric_has_no_series_counted_nothing(world) -> None:
    long(world, "requests,200,10", bad='requests{code=~"5.."}', total="requests")
    assert world.counts() == (10, 10)


def test_no_good_series_of_the_metric_is_nothing_good(world) -> None:
    long(world, "requests,500,10", good='requests{code!~"5.."}', total="requests")
    assert world.counts() == (0, 10)
    assert world.one().verdict == "breached"


def test_a_metric_that_was_not_sampled_is_unknown_and_not_free_of_errors(world) -> None:
    long(world, "requests,200,10", bad="reqests_failed", total="requests")
    result = world.one()
    assert (result.verdict, result.level) == ("not enough data", None)
    assert result.reason == "no samples of reqests_failed in the window"


def test_the_same_metric_of_another_source_proves_nothing(world) -> None:
    world.csv("metrics/a.csv", "timestamp,metric,value", "2026-11-23T12:00:00Z,requests,10")
    world.csv("other/a.csv", "timestamp,metric,value", "2026-11-23T10:00:00Z,requests,10")
    world.source()
    world.source(name="other", path="other/a.csv")
    world.slo(counter=False, bad="requests", total="requests", of={"bad": "other"})
    result = world.one()
    assert result.verdict == "not enough data"
    assert [one.path for one in result.inputs] == ["other/a.csv", "metrics/a.csv"]


def test_good_and_total_may_come_from_different_sources(world) -> None:
    world.csv("metrics/a.csv", "timestamp,n", "2026-11-23T12:00:00Z,10")
    world.json_lines("other/a.jsonl", {"timestamp": "2026-11-23T11:30:00Z", "good": 9})
    world.source()
    world.source("JSONLines", name="other", path="other/*")
    world.slo(counter=False, good="good", total="n", of={"good": "other"})
    assert world.counts() == (9, 10)


def test_more_good_than_there_was_is_refused_with_the_slo_and_the_window(world) -> None:
    counts(world, 11, 10)
    with pytest.raises(BadInput) as caught:
        world.report()
    assert caught.value.message == (
        "slo/availability.yaml: SLO availability: spec.indicator.spec.ratioMetric.good.metricSource.spec.query: "
        "11 good of 10 in total, from 2026-11-23T11:00:00Z to 2026-11-23T12:00:00Z"
    )


@pytest.mark.parametrize(
    ("good", "target", "verdict"),
    [
        (999, 0.999, "met"),
        (998, 0.999, "breached"),
        (995, 0.995, "met"),
        (994, 0.995, "breached"),
        (100, 0.1, "met"),
        (700, 0.7, "met"),
        (0, 0, "met"),
    ],
)
def test_exactly_at_the_target_is_met(world, good, target, verdict) -> None:
    counts(world, good, 1000, target=target)
    assert world.one().verdict == verdict


def test_sums_of_tenths_do_not_drift(world) -> None:
    lines = [f"2026-11-23T11:{minute:02}:00Z,0.1,{'0.1' if minute < 9 else '0.2'}" for minute in range(1, 10)]
    world.csv("metrics/a.csv", "timestamp,good,total", *lines)
    world.source()
    world.slo(counter=False, target=0.9, good="good", total="total")
    assert world.counts() == (Fraction(9, 10), 1)
    assert world.one().verdict == "met"
    assert world.json()["slos"][0]["good"] == 0.9


@pytest.mark.parametrize(
    ("good", "total", "target", "shown"),
    [
        (99_999_999, 100_000_000, 0.999, ("99.999", "99.9", "99.9")),
        (100, 100, 0.999, ("100.000", "99.9", "100.0")),
        (998_999, 1_000_000, 0.999, ("99.899", "99.9", "-0.1")),
        (9_989_999_999, 10_000_000_000, 0.999, ("99.899", "99.9", "-0.1")),
        (999_995, 1_000_000, 0.999995, ("99.9995", "99.9995", "0.0")),
        (999_994, 1_000_000, 0.999995, ("99.9994", "99.9995", "-20.0")),
        (2, 3, 0.5, ("66.666", "50", "33.3")),
        (0, 3, 0, ("0.000", "0", "0.0")),
    ],
)
def test_rows_never_show_more_than_was_reached(world, good, total, target, shown) -> None:
    counts(world, good, total, target=target)
    ((name, service, objective, window, *numbers, _, _),) = rows(world.report())
    assert (name, service, objective, window) == ("availability", "shop", "1", "1h")
    assert tuple(numbers) == shown
    assert len(HEADINGS) == len(rows(world.report())[0])


@pytest.mark.parametrize(
    ("good", "total", "target"), [(10**19 - 1, 10**19, 0.5), (999 * 10**16 - 1, 10**19, 0.999), (10**18, 10**18, 0.9)]
)
def test_json_never_shows_more_than_was_reached_where_binary_numbers_end(world, good, total, target) -> None:
    counts(world, good, total, target=target)
    (one,) = world.json()["slos"]
    assert (one["good"], one["total"]) == (good, total)
    assert (one["sli"] >= 1) == (one["bad"] == 0)
    assert (one["sli"] >= one["target"]) == (one["verdict"] == "met")
    assert (one["budget"]["left_share"] >= 0) == (one["verdict"] == "met")


@pytest.mark.parametrize(
    ("names", "code"),
    [
        ([], 0),
        (["met"], 0),
        (["met", "unknown"], 4),
        (["met", "not-computed"], 4),
        (["breached", "unknown", "not-computed", "met"], 1),
    ],
)
def test_the_exit_code_is_the_gravest_verdict(world, names, code) -> None:
    amounts = {"met": (10, 10), "breached": (1, 10), "unknown": (0, 0), "not-computed": (10, 10)}
    for name in names:
        counts(world, *amounts[name], name=name, indicator=ELSEWHERE if name == "not-computed" else None)
    assert world.report().exit_code == code


def test_what_is_not_worked_out_here_says_what_and_reads_nothing(world) -> None:
    world.slo(indicator=ELSEWHERE)
    world.source(path="metrics/there-is-none.csv")
    (one,) = world.json()["slos"]
    assert one["verdict"] == "not computed"
    assert one["reason"] == "not computed here yet: a metric source of type Datadog"
    assert one["window"] == {"duration": "1h", "start": None, "end": None}
    assert (one["target"], one["sli"], one["inputs"]) == (0.9, None, [])
    assert rows(world.report())[0][3:] == ("1h", "-", "90", "-", "-", "not computed")


def test_every_objective_of_an_slo_is_judged_by_itself(world) -> None:
    counts(world, 95, 100)
    path, slo = world.documents[-1]
    objective = slo.spec.objectives[0]
    both = (
        type(objective)(displayName="strict", targetPercent=99.5),
        type(objective)(displayName="lenient", target=0.9),
    )
    world.documents[-1] = (path, _with(slo, spec=_with(slo.spec, objectives=both)))
    found = [(one.question.objective, one.verdict) for one in world.report().results]
    assert found == [("strict", "breached"), ("lenient", "met")]


def _with(value, **changed):
    from dataclasses import replace

    return replace(value, **changed)


def test_the_same_input_gives_the_same_bytes_whatever_the_order_of_documents(world) -> None:
    for number in range(5):
        counts(world, 9 + number, 20, name=f"slo-{number}")
    once = json.dumps(world.json())
    world.documents.reverse()
    assert json.dumps(world.json()) == once


def test_the_moment_may_be_given_in_any_zone(world) -> None:
    counts(world, 9, 10)
    berlin = world.json(AT.astimezone(timezone(timedelta(hours=1))))
    assert berlin == world.json()


def test_everything_that_is_wrong_is_told_at_once(world) -> None:
    counts(world, 11, 10, name="impossible")
    counts(world, "x", 10, name="damaged")
    counts(world, 9, 10, name="target", target=2)
    world.source(name="nowhere", path="metrics/nowhere.csv")
    world.slo("missing", good="a", total="b", of={"good": "nowhere", "total": "nowhere"})
    counts(world, 9, 10, name="fine")
    with pytest.raises(BadInput) as caught:
        world.report()
    told = caught.value.message.splitlines()
    assert len(told) == 4
    assert told[0].startswith("metrics/damaged.csv, row 2: good at 2026-11-23T12:00:00Z: x is not a number")
    assert told[1].startswith("slo/impossible.yaml: SLO impossible: ")
    assert told[2].startswith("slo/nowhere.yaml: DataSource nowhere: spec.connectionDetails.path: no file matches")
    assert told[3].startswith("slo/target.yaml: SLO target: spec.objectives[0].target: ")


def test_one_thing_that_is_wrong_keeps_its_help(world) -> None:
    world.source(path="metrics/nowhere.csv")
    world.slo(good="a", total="b")
    with pytest.raises(BadInput) as caught:
        world.report()
    assert caught.value.help == "Export the samples there, or mend the path."


def test_a_source_that_cannot_be_read_is_no_fault_of_the_input(world, monkeypatch) -> None:
    counts(world, 9, 10)

    def fail(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("svcops.slo.sources.hashlib.file_digest", fail)
    with pytest.raises(NotDone, match=r"metrics/availability\.csv cannot be read: Permission denied"):
        world.report()


def test_nothing_is_written_beside_what_is_read(world, monkeypatch) -> None:
    counts(world, 9, 10)
    monkeypatch.chdir(world.root)
    before = sorted(world.root.rglob("*"))
    world.report()
    assert sorted(world.root.rglob("*")) == before


def test_a_store_without_slos_has_an_empty_report(world) -> None:
    world.source()
    assert to_json(world.report()) == {
        "schema": "svcops.slo-report/1",
        "at": "2026-11-23T12:00:00Z",
        "slos": [],
        "errors": [],
    }
    assert rows(world.report()) == []


@pytest.mark.parametrize(
    "query",
    [
        "total'); DROP TABLE raw; --",
        "total\" FROM read_text('/etc/passwd') --",
        "total, (SELECT 1)",
        "$1",
        "?",
        "*",
        "total{a=\"'; ATTACH 'x'\"}",
    ],
)
@pytest.mark.parametrize("form", ["wide", "long", "json"])
def test_a_hostile_query_is_refused_or_selects_nothing(world, query, form) -> None:
    if form == "json":
        world.json_lines("metrics/a.jsonl", {"timestamp": "2026-11-23T12:00:00Z", "total": 10})
        world.source("JSONLines")
    else:
        extra, value = (",metric,value", ",total,10") if form == "long" else (",total", ",10")
        world.csv("metrics/a.csv", f"timestamp{extra}", f"2026-11-23T12:00:00Z{value}")
        world.source()
    world.slo(counter=False, good=query, total="total")
    try:
        result = world.one()
    except BadInput:
        return
    assert (result.level is None) or result.level.good == 0
