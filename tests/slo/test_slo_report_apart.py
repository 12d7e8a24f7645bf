"""How much of a window is covered, SLOs that are wrong beside SLOs that are sound, and what the terminal shows."""

import io
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from svcops.cli.main import run
from svcops.errors import BadInput, SvcopsError
from svcops.slo import readings as module
from svcops.slo.explaining import as_text
from svcops.slo.naming import worst_first
from svcops.slo.presenting import markdown_of, rows, to_json
from svcops.slo.remarks import stale, unresolved
from svcops.slo.report import report_each
from svcops.terminal.session import Session, take_options

PROJECT = Path(__file__).parents[2]
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def counts(world: Any, name: str, good: object, total: object, *times: str, target: float = 0.9) -> None:
    lines = [f"2026-11-23T{one}:00Z,{good},{total}" for one in times or ("11:00", "12:00")]
    world.csv(f"metrics/{name}.csv", "timestamp,good,total", *lines)
    world.source(name=name, path=f"metrics/{name}.csv")
    world.slo(name, counter=False, target=target, good="good", total="total", of={"good": name, "total": name})


def test_half_of_the_window_is_enough_and_less_is_not(world) -> None:
    world.least_coverage = None
    counts(world, "half", 9, 10, *(f"11:{minute}" for minute in range(31, 60)), "12:00")
    assert (world.one().verdict, world.one().coverage) == ("met", Fraction(1, 2))
    result = world.one(AT - timedelta(minutes=1))
    assert (result.verdict, result.level, result.coverage) == ("not enough data", None, Fraction(29, 60))
    assert result.reason == (
        "samples speak for 29 min of 1 h, and 50 % have to be known; "
        "missing: 2026-11-23T10:59:00Z to 2026-11-23T11:30:00Z"
    )


def test_what_either_source_lacks_is_missing(world) -> None:
    world.least_coverage = None
    every = [f"2026-11-23T{hour}:{minute:02}:00Z" for hour, minute in [(11, n) for n in range(60)] + [(12, 0)]]
    world.csv("metrics/a.csv", "timestamp,n", *(f"{one},10" for one in every))
    world.csv("other/a.csv", "timestamp,good", *(f"{one},9" for one in every[:16]))
    world.source()
    world.source(name="other", path="other/*")
    world.slo(counter=False, good="good", total="n", of={"good": "other"})
    result = world.one()
    assert (result.verdict, result.coverage) == ("not enough data", Fraction(1, 4))
    assert "15 min of 1 h, and 50 % have to be known; missing: 2026-11-23T11:15:00Z to 2026-11-23T12" in result.reason


def test_the_files_of_a_source_cover_a_window_together(world) -> None:
    world.least_coverage = None
    for number in range(2):
        lines = [f"2026-11-23T11:{minute:02}:00Z,1,1" for minute in range(6 + number, 60, 2)]
        world.csv(f"metrics/{number}.csv", "timestamp,good,total", *lines)
    world.source()
    world.slo(counter=False, good="good", total="total")
    assert (world.one().verdict, world.one().coverage) == ("met", Fraction(11, 12))


def test_a_gap_in_the_middle_is_missing_too_and_a_skipped_sample_is_a_gap_of_one_step(world) -> None:
    counts(
        world, "a", 9, 10, *(f"11:{minute:02}" for minute in range(60) if minute not in {7, *range(20, 50)}), "12:00"
    )
    result = world.one()
    assert [(one.start.minute, one.end.minute) for one in result.missing] == [(6, 7), (19, 49)]
    assert result.coverage == Fraction(29, 60)


def test_how_far_apart_samples_are_may_be_stated(world) -> None:
    world.csv("metrics/a.csv", "timestamp,n", "2026-11-23T12:00:00Z,10")
    world.source(step="30m")
    world.slo(counter=False, good="n", total="n")
    assert world.one().coverage == Fraction(1, 2)


@pytest.mark.parametrize(("no_data", "good", "total"), [("gap", 27, 30), ("good", 57, 60), ("bad", 27, 60)])
def test_what_is_missing_counts_as_the_slo_says_at_the_mean_rate_of_the_rest(world, no_data, good, total) -> None:
    lines = [f"2026-11-23T11:{minute:02}:00Z,{minute % 10 != 0:d},1" for minute in range(1, 31)]
    world.csv("metrics/a.csv", "timestamp,good,total", *lines)
    world.source()
    world.slo(counter=False, good="good", total="total", no_data=no_data)
    assert world.counts() == (good, total)
    assert world.one().coverage == Fraction(1, 2)


@pytest.mark.parametrize(("no_data", "good", "judged"), [("gap", 1, 2), ("good", 3, 4), ("bad", 1, 4)])
def test_slices_without_samples_count_as_the_slo_says(world, no_data, good, judged) -> None:
    counts(world, "a", 1, 1, "11:15")
    world.csv("metrics/b.csv", "timestamp,good,total", "2026-11-23T11:30:00Z,0,1")
    world.documents.clear()
    world.source()
    objective = {"timeSliceWindow": "15m", "timeSliceTarget": 1}
    world.slo(counter=False, method="Timeslices", objective=objective, good="good", total="total", no_data=no_data)
    assert world.counts() == (good, judged)


def test_coverage_is_null_where_nothing_is_computed(world) -> None:
    counts(world, "a", 9, 10, *(f"11:{minute:02}" for minute in range(60)), "12:00")
    assert world.json()["slos"][0]["coverage"] == 1
    world.documents.clear()
    raw = {"metricSource": {"type": "Datadog", "spec": {"query": "a"}}}
    world.slo(indicator={"ratioMetric": {"rawType": "success", "raw": raw}})
    assert world.json()["slos"][0]["coverage"] is None


@pytest.mark.parametrize("op", ["=", "!=", "=~", "!~"])
def test_a_label_without_a_column_is_refused_at_its_character(world, op) -> None:
    world.csv("metrics/a.csv", "timestamp,metric,code,zone,value", "2026-11-23T12:00:00Z,requests,500,a,1")
    world.source()
    world.slo(counter=False, bad=f'requests{{zone="a", cod{op}"500"}}', total="requests")
    with pytest.raises(BadInput) as caught:
        world.report()
    message, query, mark = caught.value.message.split("\n")
    assert message.endswith("no file has a column cod that is a label; the labels are code, zone, at character 20")
    assert query[mark.index("^") :].startswith("cod")
    assert caught.value.help == "Did you mean code?"


def test_a_label_that_one_file_has_is_empty_in_the_others(world) -> None:
    world.csv("metrics/a.csv", "timestamp,metric,code,value", "2026-11-23T12:00:00Z,requests,500,1")
    world.csv("metrics/b.csv", "timestamp,metric,value", "2026-11-23T12:00:00Z,requests,9")
    world.source()
    world.slo(counter=False, good='requests{code!="500"}', total="requests")
    assert world.counts() == (9, 10)


def wrong(world: Any) -> None:
    counts(world, "target", 9, 10, target=1.5)
    counts(world, "damaged", "abc", 10)
    counts(world, "sound", 9, 10)
    counts(world, "breached", 8, 10)


def test_what_is_wrong_hides_nothing_that_is_sound(world) -> None:
    wrong(world)
    found = report_each(world.documents, AT, world.root)
    assert [(one.question.name, one.verdict) for one in found.results] == [("breached", "breached"), ("sound", "met")]
    assert [one.slo.metadata.name for one in found.failures] == ["damaged", "target"]
    assert [len(one.asked) for one in found.failures] == [1, 0]
    assert found.exit_code == 2
    errors = to_json(found)["errors"]
    assert errors[0] == {
        "name": "damaged",
        "path": "slo/damaged.yaml",
        "message": "metrics/damaged.csv, row 2: good at 2026-11-23T11:00:00Z: abc is not a number",
        "help": "",
    }
    assert errors[1]["message"].endswith("target is 1.5; it must be at least 0 and below 1, such as 0.995 for 99.5 %")


def test_what_cannot_be_read_is_not_done(world, monkeypatch) -> None:
    wrong(world)
    find = module.find_files

    def fail(source, root):
        if source.name == "sound":
            raise SvcopsError("metrics/sound.csv cannot be read")
        return find(source, root)

    monkeypatch.setattr(module, "find_files", fail)
    found = report_each(world.documents, AT, world.root)
    assert [one.question.name for one in found.results] == ["breached"]
    assert found.exit_code == 3


def test_where_all_is_sound_a_source_is_read_once(world, monkeypatch) -> None:
    counts(world, "a", 9, 10)
    world.slo("b", counter=False, good="good", total="total", of={"good": "a", "total": "a"})
    read = []
    monkeypatch.setattr(
        module, "read_source", lambda *given, then=module.read_source: read.append(given[1].name) or then(*given)
    )
    assert len(report_each(world.documents, AT, world.root).results) == 2
    assert read == ["a"]


def test_a_moment_that_cannot_be_is_an_error_of_the_call(world) -> None:
    counts(world, "a", 9, 10)
    with pytest.raises(BadInput, match="no samples are read of the year 1960"):
        report_each(world.documents, datetime(1960, 1, 1, tzinfo=UTC), world.root)


def test_the_worst_stands_first_and_json_stays_by_name(world) -> None:
    for name, good, total in (("all", 10, 10), ("breach", 5, 10), ("close", 91, 100), ("quiet", 0, 0)):
        counts(world, name, good, total)
    world.slo("sometime", window="1Y", good="good", total="total", of={"good": "all", "total": "all"})
    names = [one.question.name for one in worst_first(world.report())]
    assert names == ["breach", "quiet", "sometime", "close", "all"]
    assert [row[0] for row in rows(world.report())] == names
    assert [one["name"] for one in world.json()["slos"]] == sorted(names)


def test_a_source_is_stale_by_its_newest_file(world) -> None:
    world.csv("metrics/1.csv", "timestamp,good,total", "2026-11-01T00:00:00Z,1,1")
    world.csv("metrics/2.csv", "timestamp,good,total", "2026-11-22T11:00:00Z,1,1")
    world.source()
    world.slo(counter=False, good="good", total="total", window="28d")
    line = "metrics/2.csv: samples up to 2026-11-22T11:00:00Z, 1 d 1 h before the windows end"
    assert stale(world.report()) == [line]
    assert stale(world.report(AT - timedelta(hours=1))) == []


def test_an_exporter_that_died_is_told_though_others_in_its_file_go_on(world) -> None:
    rows = [
        f"2026-11-{day}T00:00:00Z,{job},{metric},1" for day in (19, 20) for job in "ab" for metric in ("good", "all")
    ]
    going = [f"2026-11-{day}T00:00:00Z,b,{metric},1" for day in (21, 22, 23) for metric in ("good", "all")]
    world.csv("metrics/1.csv", "timestamp,job,metric,value", *rows, *going)
    world.source()
    for job in "ab":
        world.slo(job, counter=False, good=f'good{{job="{job}"}}', total=f'all{{job="{job}"}}', window="28d")
    died, alive = sorted(world.report().results, key=lambda one: one.question.name)
    assert [f"{one.newest:%d %H:%M}" for one in (died, alive)] == ["20 00:00", "23 00:00"]
    assert stale(world.report()) == ["a: samples up to 2026-11-20T00:00:00Z, 3 d 12 h before the windows end"]


def test_columns_apart_by_semicolons_are_told(world) -> None:
    world.csv("metrics/a.csv", "timestamp;good;total", "2026-11-23T12:00:00Z;1;1")
    world.source()
    world.slo(good="good", total="total")
    with pytest.raises(BadInput) as caught:
        world.report()
    assert caught.value.message == "metrics/a.csv, row 1: the columns are separated by ;, and commas are read"


@dataclass
class Done:
    status: int
    out: str
    err: str


@pytest.fixture
def landscape(new_store, tmp_path):
    """The reference landscape, and a way to call svcops in it."""
    store = new_store("landscape", name="Robin Sample", mail="robin@example.org")
    for folder in ("catalogue", "slo", "metrics"):
        shutil.copytree(PROJECT / folder, store.root / folder)

    def call(*arguments: str) -> Done:
        options, rest = take_options(arguments)
        out, err = io.StringIO(), io.StringIO()
        session = Session(
            options=options,
            cwd=store.root,
            env=store.env,
            stdin=io.StringIO(),
            stdout=out,
            stderr=err,
            now=lambda: AT,
            random_bytes=bytes,
        )
        return Done(run(session, rest), out.getvalue(), err.getvalue())

    return store, call


def test_one_day_of_28_is_no_level(landscape) -> None:
    _, call = landscape
    done = call("slo", "report", "sign-in", "--at", "2026-12-20T00:00Z")
    assert done.status == 4
    assert done.out.rstrip().split("\t")[4:] == ["-", "99.95", "-", "-", "not enough data"]
    first, second = done.err.splitlines()
    assert first == (
        "sign-in: samples speak for 1 d of 28 d, and 50 % have to be known; "
        "missing: 2026-11-23T00:00:00Z to 2026-12-20T00:00:00Z"
    )
    assert second.endswith(": samples up to 2026-11-23T00:00:00Z, 27 d before the windows end")


def test_a_wrong_slo_leaves_the_table_and_its_error_explains_the_code(landscape) -> None:
    store, call = landscape
    text = store.read("slo/identity.yaml").replace("target: 0.9995", "target: 1.5")
    assert "1.5" in text
    store.write("slo/identity.yaml", text)
    (store.root / "metrics/receipts.csv").unlink()
    done = call("slo", "report", "--at", "2026-11-23T00:00Z")
    assert done.status == 2
    names = [line.split("\t")[0] for line in done.out.splitlines()]
    assert len(names) == 4
    assert not {"sign-in", "receipt-extraction"} & set(names)
    assert "error: slo/identity.yaml: SLO sign-in: spec.objectives[0].target: target is 1.5; it must be" in done.err
    assert "error: slo/sources.yaml: DataSource receipt-samples: " in done.err
    assert "  help: Export the samples there, or mend the path.\n  not worked out: receipt-extraction\n" in done.err
    told = json.loads(call("slo", "report", "--json", "--at", "2026-11-23T00:00Z").out)
    assert [one["name"] for one in told["errors"]] == ["receipt-extraction", "sign-in"]
    assert sorted(names) == [one["name"] for one in told["slos"]]


def test_a_file_that_cannot_be_read_is_said_and_hides_no_other(console):
    console.store.write("slo/damaged.yaml", "kind: [")
    said = console("slo", "report", code=2)
    assert "left out, damaged: slo/damaged.yaml" in said.err


def test_the_formats_of_a_report(landscape) -> None:
    _, call = landscape
    at = ("--at", "2026-11-23T00:00Z")
    as_csv = call("slo", "report", *at, "--format", "csv").out
    assert as_csv.startswith("at,slo,service,")
    assert as_csv.count("\r\n") == 7
    assert call("slo", "report", *at, "--format", "markdown").out.startswith(
        "## Service levels at 2026-11-23T00:00:00Z\n"
    )
    assert call("slo", "report", *at, "--format", "json").out == call("slo", "report", *at, "--json").out
    assert call("slo", "report", "--format", "pdf").status == 2
    assert call("slo", "report", "--json", "--format", "csv").status == 2


def burning(world: Any, bad_minutes: range, **more: Any) -> Any:
    """Two days of ten requests a minute; in some of the last minutes one of them was bad."""
    lines = [
        f"{AT - timedelta(minutes=n):%Y-%m-%dT%H:%M:%SZ},{9 if n in bad_minutes else 10},10" for n in range(2 * 1440)
    ]
    world.csv("metrics/a.csv", "timestamp,good,total", *lines)
    world.source()
    world.slo(counter=False, good="good", total="total", window="2d", target=0.99, **more)
    return world.one()


def test_burn_rates_are_those_of_the_stretches_that_alerts_look_at(world) -> None:
    result = burning(world, range(30))
    paces = {one.window // timedelta(minutes=1): one.rate for one in result.paces}
    assert paces == {5: 10, 60: 5}, "of two days only the first tier looks at less"


def test_what_is_left_lasts_as_long_as_the_pace_of_the_longest_of_them_allows(world) -> None:
    result = burning(world, range(30))
    assert result.level.left_share == 1 - Fraction(30, 288)
    assert result.lasts == timedelta(days=2) * (1 - 30 / 288) / 5
    assert "  burn rate now: 10 over 5 min, 5 over 1 h\n" in as_text(result)
    assert "  at that of the last 1 h the budget lasts 8 h 36 min more" in as_text(result)


def test_where_nothing_is_spent_nobody_says_how_long_it_lasts(world) -> None:
    assert burning(world, range(0)).lasts is None


def test_where_nothing_is_left_it_is_spent(world) -> None:
    spent = burning(world, range(1440))
    assert (spent.lasts, rows(world.report())[0][7]) == (timedelta(0), "spent")


@pytest.mark.parametrize(
    ("total", "target", "told"),
    [
        (1000, 0.9999, "1000 events in the window are too few for 99.99 %: one that is bad misses it"),
        (10_000, 0.9999, None),
        (9, 0.9, "9 events in the window are too few for 90 %: one that is bad misses it"),
    ],
)
def test_a_target_that_the_traffic_cannot_resolve_is_pointed_out(world, total, target, told) -> None:
    counts(world, "a", total, total, "12:00")
    world.documents.clear()
    world.source(name="a", path="metrics/a.csv")
    world.slo("a", counter=False, good="good", total="total", of={"good": "a", "total": "a"}, target=target)
    assert unresolved(world.report()) == ([f"a: {told}"] if told else [])
    assert ("too few" in markdown_of(world.report())) == bool(told)


def test_slices_of_the_whole_window_count_there_and_the_mean_of_shares_does_not(world) -> None:
    counts(world, "a", 10, 10, *(f"11:{minute:02}" for minute in range(1, 60)), "12:00")
    for method in ("Timeslices", "RatioTimeslices"):
        world.documents.clear()
        world.source(name="a", path="metrics/a.csv")
        sliced = {"timeSliceWindow": "1m", "timeSliceTarget": 0.9}
        parts = {"good": "good", "total": "total", "of": {"good": "a", "total": "a"}}
        world.slo("a", counter=False, method=method, objective=sliced, target=0.9999, **parts)
        line = "a: 60 slices of the window are too few for 99.99 %: one that is bad misses it"
        assert unresolved(world.report()) == ([line] if method == "Timeslices" else [])


def test_of_events_nobody_knows_how_many_a_month_will_have(world) -> None:
    counts(world, "a", 10, 10, "12:00")
    world.documents.clear()
    world.source(name="a", path="metrics/a.csv")
    calendar = {"startTime": "2026-01-01 00:00:00", "timeZone": "UTC"}
    parts = {"good": "good", "total": "total", "of": {"good": "a", "total": "a"}}
    world.slo("a", counter=False, window="1M", calendar=calendar, target=0.9999, **parts)
    assert unresolved(world.report()) == []
