"""What is counted: selectors on long tables, counters with resets, duplicates, and the edges of windows."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tries import tries

from svcops.errors import BadInput, NotDone
from svcops.slo import samples

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NOON = int(AT.timestamp())


def at(minutes: float) -> str:
    """A time so many minutes before the end of the window."""
    return str(NOON - int(minutes * 60))


def long(
    world, *rows: str, counter: bool = False, window: str = "1h", bad: str = "errors", total: str = "total"
) -> None:
    world.csv("metrics/a.csv", "timestamp,metric,value,service,code", *rows)
    world.source(unit="s")
    world.slo(counter=counter, window=window, bad=bad, total=total)


def refused(world) -> BadInput:
    with pytest.raises(BadInput) as caught:
        world.report()
    return caught.value


SERIES = (
    f"{at(5)},requests,1,shop,200",
    f"{at(5)},requests,10,shop,404",
    f"{at(5)},requests,100,shop,503",
    f"{at(5)},requests,1000,ledger,200",
    f"{at(5)},requests,10000,,500",
    f"{at(5)},other,100000,shop,200",
)


@pytest.mark.parametrize(
    ("selector", "sum_"),
    [
        ("requests", 11111),
        ("other", 100000),
        ('requests{code="200"}', 1001),
        ('requests{code!="200"}', 10110),
        ('requests{code=~"5.."}', 10100),
        ('requests{code!~"5.."}', 1011),
        ('requests{code=~"5"}', None),
        ('requests{code!~"5"}', 11111),
        ('requests{code=~"200|404"}', 1011),
        ('requests{service="shop",code!~"5.."}', 11),
        ('requests{service="shop",code=~"4.+",code!="500"}', 10),
        ('requests{service=""}', 10000),
        ('requests{service!=""}', 1111),
        ('requests{service=~".+"}', 1111),
        ('requests{service=~".*"}', 11111),
        ('requests{region=""}', 11111),
        ('requests{region!="eu"}', 11111),
        ('requests{region=~"|eu"}', 11111),
        ('requests{region="eu"}', None),
        ('requests{service=~"(?i)SHOP"}', 111),
        ('requests{service="SHOP"}', None),
        ("Requests", None),
        ('requests{service="shop\' OR 1=1 --"}', None),
        ('requests{service="\'); DROP TABLE raw; --"}', None),
    ],
)
def test_a_selector_sums_the_series_that_prometheus_would_select(world, selector, sum_) -> None:
    long(world, *SERIES, bad=selector, total=selector)
    head = (world.root / "metrics/a.csv").read_text().splitlines()[0]
    world.csv("metrics/with-region.csv", f"{head},region", f"{at(5)},elsewhere,1,shop,200,eu")
    level = world.one().level
    assert (level.total if level else None) == sum_


def test_a_pattern_that_re2_does_not_know_is_refused_at_its_character(world) -> None:
    long(world, *SERIES, bad='requests{code=~"(?=5).."}', total="requests")
    message = refused(world).message
    assert "SLO availability: spec.indicator.spec.ratioMetric.bad.metricSource.spec.query: " in message
    assert "not a regular expression of RE2: invalid perl operator: (?=, at character 16" in message
    assert message.splitlines()[1:] == ['  requests{code=~"(?=5).."}', "                 ^"]


@pytest.mark.parametrize("label", ["region", "metric", "value"])
@pytest.mark.parametrize("op", ["=", "!="])
def test_what_is_no_label_of_any_file_is_refused(world, label, op) -> None:
    long(world, *SERIES, bad=f'requests{{{label}{op}"a"}}', total="requests")
    assert f"no file has a column {label} that is a label; the labels are code, service" in refused(world).message


def test_a_dot_matches_a_line_end_as_in_prometheus(world) -> None:
    long(world, f'{at(5)},requests,1,"a\nb",', bad='requests{service=~"a.b"}', total="requests")
    assert world.counts() == (0, 1)


def test_a_pattern_cannot_break_out_of_its_anchors(world) -> None:
    long(world, *SERIES, bad='requests{code=~"2)|(.*"}', total="requests")
    assert "not a regular expression of RE2" in refused(world).message


def test_a_query_that_is_no_selector_is_refused_at_its_character(world) -> None:
    long(world, *SERIES, total="sum(requests)")
    message = refused(world).message
    assert message.splitlines()[1:] == ["  sum(requests)", "     ^"]
    assert "at character 4" in message


def test_a_path_that_is_none_is_refused_at_its_character(world) -> None:
    world.json_lines("metrics/a.jsonl", {"timestamp": NOON, "a": 1})
    world.source("JSONLines", unit="s")
    world.slo(counter=False, good="a..b", total="a")
    assert refused(world).message.splitlines()[1:] == ["  a..b", "    ^"]


def test_labels_that_only_some_files_have_are_empty_in_the_others(world) -> None:
    world.csv("metrics/a.csv", "timestamp,metric,value,code", f"{at(2)},requests,1,200")
    world.csv("metrics/b.csv", "value,timestamp,metric,region", f"10,{at(1)},requests,eu")
    world.source(unit="s")
    world.slo("both", counter=False, bad="requests", total="requests")
    world.slo("eu", counter=False, bad='requests{region="eu",code=""}', total='requests{region="eu"}')
    world.slo("not-eu", counter=False, bad='requests{region!="eu"}', total='requests{code="200"}')
    assert [one.level.total for one in world.report().results] == [11, 10, 1]


def test_labels_of_parquet_are_compared_as_text(world) -> None:
    world.parquet(
        "metrics/a.parquet",
        f"SELECT {NOON} AS timestamp, 'requests' AS metric, 7 AS value, 503 AS code, true AS cached, NULL AS region",
    )
    world.source("Parquet", unit="s")
    world.slo(counter=False, bad='requests{code=~"5..",cached="true",region=""}', total="requests")
    assert world.counts() == (0, 7)


def test_the_window_is_open_at_its_start_and_closed_at_its_end(world) -> None:
    long(
        world,
        f"{at(60)},total,1,,",
        f"{NOON - 3600}.000001,total,10,,",
        f"{at(30)},total,100,,",
        f"{NOON},total,1000,,",
        f"{NOON}.000001,total,10000,,",
        bad="total",
    )
    assert world.counts() == (0, 1110)


def test_an_increase_belongs_to_the_later_sample_and_grows_from_the_last_one_before_the_window(world) -> None:
    long(
        world,
        f"{at(90)},total,100,,",
        f"{at(61)},total,150,,",
        f"{at(59)},total,157,,",
        f"{NOON},total,160,,",
        f"{at(-1)},total,1000,,",
        counter=True,
        bad="total",
    )
    assert world.counts() == (0, 10)


def test_a_counter_that_falls_began_again_at_zero(world) -> None:
    values = (5, 8, 3, 3, 0, 4)
    long(world, *(f"{at(50 - n)},total,{value},," for n, value in enumerate(values)), counter=True, bad="total")
    assert world.counts() == (0, 3 + 3 + 0 + 0 + 4)


def test_a_restart_across_the_start_of_the_window_is_seen(world) -> None:
    long(world, f"{at(70)},total,1000,,", f"{at(10)},total,7,,", counter=True, bad="total")
    assert world.counts() == (0, 7)


def test_the_first_sample_of_a_series_has_not_grown(world) -> None:
    long(
        world,
        f"{at(50)},total,1000,shop,",
        f"{at(20)},total,1005,shop,",
        f"{at(10)},total,500,ledger,",
        f"{at(5)},total,501,ledger,",
        counter=True,
        bad="total",
    )
    assert world.counts() == (0, 6)


def test_series_grow_each_by_themselves(world) -> None:
    rows = [f"{at(50 - n)},total,{n * 10 + series},{series}," for n in range(5) for series in range(3)]
    long(world, *rows, counter=True, bad="total")
    assert world.counts() == (0, 3 * 40)


@pytest.mark.parametrize("counter", [True, False])
def test_the_same_sample_twice_counts_once(world, counter) -> None:
    rows = (f"{at(50)},total,1,,", f"{at(40)},total,3,,", f"{at(40)},total,3.0,,")
    long(world, *rows, counter=counter, bad="total")
    world.csv("metrics/b.csv", "timestamp,metric,value", f"{at(40)}.000,total,3")
    assert world.counts() == (0, 2 if counter else 4)


@pytest.mark.parametrize("counter", [True, False])
def test_two_values_of_one_series_at_one_time_are_refused(world, counter) -> None:
    long(world, f"{at(50)},total,1,,", f"{at(40)},total,3,,", counter=counter, bad="total")
    world.csv("metrics/b.csv", "timestamp,metric,value", f"{at(50)},total,1", f"{at(40)},total,4")
    assert refused(world).message == (
        "metrics/a.csv, row 3: 3 here and 4 in metrics/b.csv, row 3, of one series at one time (2026-11-23T11:20:00Z)"
    )


def test_two_values_in_one_file_are_refused_at_both_rows(world) -> None:
    long(world, f"{at(40)},total,3,,", f"{at(40)},total,2.5,,", bad="total")
    message = refused(world).message
    assert message.startswith("metrics/a.csv, row 2: 3 here and 2.5 in row 3, ")


def test_other_metrics_of_a_file_may_be_damaged(world) -> None:
    long(world, f"{at(40)},total,3,,", f"{at(40)},other,x,,", f"{at(40)},other,-1,,", bad="total")
    assert world.counts() == (0, 3)


def test_counters_of_json_lines_and_wide_tables_grow_too(world) -> None:
    world.json_lines("metrics/a.jsonl", *({"timestamp": NOON - 60 * n, "a": {"b": 100 - n}} for n in range(90)))
    world.source("JSONLines", unit="s")
    world.slo("json", good="a.b", total="a.b")
    world.csv("wide/a.csv", "timestamp,n", *(f"{at(n)},{100 - n}" for n in range(90)))
    world.source(name="wide", path="wide/*.csv", unit="s")
    world.slo("wide", good="n", total="n", of={"good": "wide", "total": "wide"})
    assert [one.level.total for one in world.report().results] == [60, 60]


def test_sums_beyond_what_can_be_held_are_refused_and_not_wrapped(world) -> None:
    rows = [f"{at(n)},total,99999999999999999999,{n}," for n in range(9)]
    long(world, *rows, bad="total")
    assert "slo/samples.yaml: DataSource samples: " in refused(world).message


def test_asking_again_gives_the_same_answer(world) -> None:
    rows = [f"{at(n % 50)},total,{n % 7},{n}," for n in range(3000)]
    long(world, *rows, bad="total")
    reports = [world.json() for _ in range(3)]
    assert reports[0] == reports[1] == reports[2]


def test_a_file_that_is_written_to_while_it_is_read_is_noticed(world, monkeypatch) -> None:
    long(world, *SERIES, bad="requests", total="requests")
    settle = samples._settle_times

    def append_and_settle(*arguments) -> None:
        with (world.root / "metrics/a.csv").open("a") as more:
            more.write(f"{at(1)},requests,1,shop,200\n")
        settle(*arguments)

    monkeypatch.setattr(samples, "_settle_times", append_and_settle)
    with pytest.raises(NotDone, match=r"metrics/a\.csv changed while it was read"):
        world.report()


# A sample is minutes before the end, a value, a series; a series has one value at one time.
histories = st.dictionaries(
    st.tuples(st.integers(-30, 200), st.integers(0, 2)),
    st.integers(0, 50) | st.decimals(0, 50, places=2),
    max_size=40,
)


def increase(values: list[tuple[int, object]], window: int) -> tuple[object, int]:
    """The growth of one counter in the window, and its samples there: the definition, in plain Python."""
    ordered = sorted(values, key=lambda one: -one[0])
    grown: object = 0
    for (_, before), (minutes, value) in pairwise(ordered):
        if 0 <= minutes < window:
            grown += value if value < before else value - before
    return grown, sum(0 <= minutes < window for minutes, _ in ordered)


@tries(60)
@given(histories, st.randoms(use_true_random=False), st.sampled_from([60, 120]), st.integers(1, 3))
def test_increases_are_those_of_the_definition_in_any_order_of_rows(new_world, history, random, window, files) -> None:
    world = new_world()
    rows = [f"{at(minutes)},total,{value},{series}" for (minutes, series), value in history.items()]
    rows += random.sample(rows, len(rows) // 3)
    random.shuffle(rows)
    for number in range(files):
        world.csv(f"metrics/{number}.csv", "timestamp,metric,value,service", *rows[number::files])
    world.source(unit="s")
    world.slo("grown", bad="total", total="total", window=f"{window}m")
    world.slo("summed", counter=False, bad="total", total="total", window=f"{window}m")

    of_series = [[(m, v) for (m, s), v in history.items() if s == series] for series in range(3)]
    grown = [increase(values, window) for values in of_series]
    inside = [value for (minutes, _), value in history.items() if 0 <= minutes < window]
    by_counter, by_value = world.report(AT).results
    assert (by_counter.level.total if by_counter.level else 0) == sum(value for value, _ in grown)
    assert (by_value.level.total if by_value.level else 0) == sum(inside)
    if not inside:
        assert "no samples" in by_value.reason


@tries(30)
@given(histories)
def test_windows_of_different_lengths_are_cut_from_the_same_buckets(new_world, history) -> None:
    world = new_world()
    rows = [f"{at(minutes)},total,{value},{series}" for (minutes, series), value in history.items()]
    world.csv("metrics/a.csv", "timestamp,metric,value,service", *rows)
    world.source(unit="s")
    lengths = (7, 60, 90, 180)
    for length in lengths:
        world.slo(f"w{length:03}", counter=False, bad="total", total="total", window=f"{length}m")
    together = [one.level.total if one.level else 0 for one in world.report().results]
    assert together == [sum(v for (m, _), v in history.items() if 0 <= m < length) for length in lengths]


def test_a_moment_between_minutes_cuts_the_window_there(world) -> None:
    long(
        world,
        f"{NOON - 3600 + 30},total,1,,",
        f"{NOON - 3600 + 31},total,10,,",
        f"{NOON + 30},total,100,,",
        bad="total",
    )
    assert world.counts(AT + timedelta(seconds=30)) == (0, 110)
