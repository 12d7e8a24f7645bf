"""Long Parquet files are counted in the order in which they lie: what that says is what the general way says."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tries import tries

from svcops.errors import BadInput
from svcops.slo import buckets, chains
from svcops.slo.engine import open_database
from svcops.slo.samples import instant
from svcops.slo.sources import FileSource, find_files
from svcops.slo.terms import INCREASE, SAMPLES, SHARE, SUM, Asked, Measure

EDGES = [instant(minute * 60_000_000) for minute in (100, 103, 110, 120)]
ANY = Asked("requests", INCREASE)
QUERIES = ("requests", 'requests{instance="0"}', 'requests{instance!="1"}', "nothing", 'errors{zone=~"a|"}')
MEASURES = (
    INCREASE,
    SUM,
    SHARE,
    SAMPLES,
    Measure("within", "lte", Decimal("2.5")),
    Measure("within", "gt", Decimal(1)),
)


def both(world, asked, near=()) -> tuple[object, object, bool]:
    """What the fast way makes of the files, what the general way does, and whether the fast way had something to say."""
    source = FileSource("slo/samples.yaml", "samples", "parquet", "metrics/*.parquet", unit="s")
    files = find_files(source, world.root)
    said = []
    original = chains.read

    def watched(*given):
        said.append(original(*given))
        return said[-1]

    def outcome() -> object:
        try:
            with open_database(one.full for one in files) as database:
                reading = buckets.read_source(database, source, files, asked, EDGES, near)
        except BadInput as error:
            return error.message
        counted = {one: (of.metric, list(of.buckets), of.sampled) for one, of in reading.counted.items()}
        return counted, reading.inputs

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chains, "read", watched)
        fast = outcome()
        patch.setattr(chains, "read", lambda *_: None)
        return fast, outcome(), any(said)


def write(world, name, rows, type_="BIGINT") -> None:
    """A file of rows: minute, metric, instance, zone, value; a minute may be a fraction of whole seconds."""
    values = ", ".join(
        f"({round(minute * 60)}, '{metric}', {instance}, {'NULL' if zone is None else repr(zone)}, "
        f"{'NULL' if value is None else repr(str(value))}::{type_})"
        for minute, metric, instance, zone, value in rows
    )
    world.parquet(f"metrics/{name}.parquet", f"FROM (VALUES {values}) t(timestamp, metric, instance, zone, value)")


def history(instances=4, minutes=range(95, 121), metrics=("requests", "errors")):
    """Counters that restart, minute by minute and series by series in the same order."""
    return [
        (minute, metric, one, "a" if one % 2 else None, (minute * (one + 1)) % 17)
        for minute in minutes
        for metric in metrics
        for one in range(instances)
    ]


ORDERS = {
    "by time": lambda rows: rows,
    "by series": lambda rows: sorted(rows, key=lambda row: (row[1], row[2], row[0])),
    "newest first": lambda rows: rows[::-1],
    "as they came": lambda rows: rows[1::2] + rows[::2],
    "with a gap": lambda rows: [row for row in rows if row[:3] not in {(101, "errors", 1), (107, "requests", 2)}],
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("part", [5, 64, 4_000_000])
def test_series_are_found_in_whatever_order_they_lie(world, monkeypatch, order, part) -> None:
    monkeypatch.setattr(chains, "_PART", part)
    write(world, "a", ORDERS[order](history()))
    fast, general, _ = both(world, {Asked(query, INCREASE): "somebody" for query in QUERIES})
    assert fast == general


@pytest.mark.parametrize("order", ["by time", "by series", "with a gap"])
def test_plain_files_are_counted_in_a_pass(world, order) -> None:
    write(world, "a", ORDERS[order](history()))
    fast, general, was_plain = both(world, {ANY: "somebody"})
    assert was_plain
    assert fast == general


def test_what_lies_beside_a_moment_before_the_first_edge_is_told_alike(world) -> None:
    late = [(minute, "requests", 1, None, minute) for minute in (90, 112, 119)]
    write(world, "a", ORDERS["by series"]([*history(3, [94, 95, 96, 98, 105, 118], ("errors",)), *late]))
    asked = {Asked(query, one): "somebody" for query in ("requests", "errors") for one in (INCREASE, SUM)}
    fast, general, was_plain = both(world, asked, near=EDGES[:2])
    assert was_plain
    assert fast == general


@pytest.mark.parametrize("order", ["by time", "by series"])
@pytest.mark.parametrize("part", [7, 4_000_000])
def test_how_far_apart_samples_are_is_told_alike_within_a_series(world, monkeypatch, order, part) -> None:
    monkeypatch.setattr(chains, "_PART", part)
    rows = [(minute + Fraction(5 + one, 60), metric, one, *more) for minute, metric, one, *more in history()]
    write(world, "a", ORDERS[order](rows))
    fast, general, was_plain = both(world, {ANY: "somebody"}, near=EDGES[:2])
    assert was_plain
    assert fast == general
    ((_, _, sampled),) = fast[0].values()
    assert sampled.step == timedelta(minutes=1)


def test_series_go_on_in_the_next_file(world) -> None:
    for number in range(3):
        write(world, str(number), history(minutes=range(95 + number * 9, 104 + number * 9)))
    fast, general, was_plain = both(world, {ANY: "somebody"}, near=EDGES[1:3])
    assert was_plain
    assert fast == general


@pytest.mark.parametrize(
    ("more", "plain"),
    [
        ([(121, "requests", 0, None, 5)], True),
        ([(110, "requests", 0, None, 110 % 17)], False),
        ([(110, "requests", 0, None, 1)], False),
        ([(110, "other", 0, None, -1)], True),
        ([(110, "requests", 9, None, -1)], False),
        ([(110, "requests", 9, None, None)], False),
        ([(80, "requests", 9, None, 7)], True),
    ],
)
def test_what_needs_a_second_look_is_left_to_the_general_way(world, more, plain) -> None:
    write(world, "a", ORDERS["by series"](history()))
    write(world, "b", more)
    fast, general, was_plain = both(world, {ANY: "somebody"})
    assert fast == general
    assert was_plain == plain


@pytest.mark.parametrize("value", [0.5, 2.000001, 1e-7, 0.1 + 0.2, 3e15, float("nan"), float("inf"), 1e300])
@pytest.mark.parametrize("measure", [INCREASE, SUM, Measure("within", "lte", Decimal("0.3"))])
def test_doubles_mean_what_they_are_written_as(world, value, measure) -> None:
    write(
        world,
        "a",
        [(100 + turn, "requests", 1, None, one) for turn, one in enumerate((0.1, 0.3, value, 0.2))],
        "DOUBLE",
    )
    fast, general, _ = both(world, {Asked("requests", measure): "somebody"})
    assert fast == general


@tries(60)
@given(st.data())
def test_the_pass_says_what_the_general_way_says(new_world, data) -> None:
    world = new_world()
    minutes = data.draw(st.lists(st.integers(90, 125), min_size=1, max_size=25, unique=True).map(sorted))
    rows = [one for one in history(data.draw(st.integers(1, 3)), minutes) if data.draw(st.integers(0, 30))]
    late = data.draw(st.lists(st.integers(0, 59), min_size=3, max_size=3))
    rows = [(minute + Fraction(late[one], 60), metric, one, *more) for minute, metric, one, *more in rows]
    rows = data.draw(st.sampled_from(list(ORDERS.values())))(rows) or history(1, [100])
    rows += data.draw(st.lists(st.sampled_from(rows), max_size=1))
    cut = data.draw(st.integers(0, len(rows) - 1))
    type_ = data.draw(st.sampled_from(["BIGINT", "DOUBLE", "DECIMAL(9, 2)", "VARCHAR", "FLOAT"]))
    for number, part in enumerate(filter(None, (rows[:cut], rows[cut:]))):
        write(world, str(number), part, type_)
    asked = data.draw(
        st.lists(st.builds(Asked, st.sampled_from(QUERIES), st.sampled_from(MEASURES)), min_size=1, max_size=4)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chains, "_PART", data.draw(st.sampled_from([7, 50, 4_000_000])))
        fast, general, _ = both(world, dict.fromkeys(asked, "somebody"), data.draw(st.sampled_from([(), EDGES[1:2]])))
    assert fast == general
