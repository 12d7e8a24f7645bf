"""Plain tables are counted in a fast way of their own: what it says is what the general way says, or it says nothing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tries import tries

from svcops.errors import BadInput
from svcops.slo import buckets, columns
from svcops.slo.counted import Counted
from svcops.slo.engine import open_database
from svcops.slo.sources import FileSource, find_files
from svcops.slo.terms import INCREASE, SAMPLES, SHARE, SUM, Asked, Measure

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NOON = int(AT.timestamp())
EDGES = [AT - timedelta(minutes=one) for one in (30, 20, 7, 0)]
MEASURES = (
    INCREASE,
    SUM,
    SHARE,
    SAMPLES,
    Measure("within", "lt", Decimal("2.5")),
    Measure("within", "gte", Decimal(1)),
)


class General(Exception):
    """The fast way was not taken."""


def read(world, source: FileSource, asked: dict[Asked, str], near=()) -> buckets.Reading:
    files = find_files(source, world.root)
    with open_database(one.full for one in files) as database:
        return buckets.read_source(database, source, files, asked, EDGES, near)


def plain_form(reading: buckets.Reading) -> object:
    def of(one: Counted) -> object:
        return one.metric, list(one.buckets), one.sampled

    return {asked: of(one) for asked, one in reading.counted.items()}, reading.inputs


def both(world, monkeypatch, source, asked, near=()) -> tuple[object, object, bool]:
    """What the fast way makes of it, what the general way does, and whether the fast way had something to say."""
    said: list[bool] = []
    original = columns.read

    def watched(*given, **more):
        found = original(*given, **more)
        said.append(found is not None)
        return found

    def outcome() -> object:
        try:
            return plain_form(read(world, source, asked, near))
        except BadInput as error:
            return error.message

    with monkeypatch.context() as patch:
        patch.setattr(columns, "read", watched)
        fast = outcome()
        patch.setattr(columns, "read", lambda *_: None)
        return fast, outcome(), any(said)


whole = st.integers(0, 5).map(str)
fine = st.sampled_from(["0", "0.5", "1", "2.5", "2.500001", "3.25"])
odd = st.sampled_from(["", "NaN", "1e0", "-1", "x", "0.1234567", "inf", '"2"', "+1", " 3", "12345678901234567890"])
cells = st.one_of(st.lists(whole, min_size=1), st.lists(fine, min_size=1), st.lists(st.one_of(whole, odd), min_size=1))
steps = st.one_of(
    st.just([1]), st.lists(st.sampled_from([1, 1, 1, 2, 5]), min_size=1), st.lists(st.sampled_from([0, 1, -1]))
)


@tries(60)
@given(
    st.data(),
    st.sampled_from(["csv", "parquet"]),
    st.integers(1, 40),
    st.integers(1, 3),
    st.booleans(),
)
def test_plain_tables_are_counted_as_any_tables_are(new_world, data, form, rows, files, near) -> None:
    world = new_world()
    world.monkeypatch = pytest.MonkeyPatch()
    measures = data.draw(st.lists(st.sampled_from(MEASURES), min_size=1, max_size=4))
    values = [data.draw(cells) for _ in measures]
    moves = data.draw(steps)
    at, lines = NOON - data.draw(st.integers(0, 45)) * 60, []
    for row in range(rows):
        at += 60 * (moves[row % len(moves)] if moves else 1)
        lines.append([str(at), *(one[row % len(one)] for one in values)])
    head = ["timestamp", *(f"m{number}" for number in range(len(measures)))]
    for number in range(files):
        part = lines[number * rows // files : (number + 1) * rows // files]
        world.csv(f"metrics/{number}.csv", *(",".join(one) for one in [head, *part]))
        if form == "parquet":
            as_parquet(world, f"metrics/{number}.csv", data.draw(st.sampled_from(["BIGINT", "DOUBLE", "DECIMAL(9,2)"])))
    source = FileSource("slo/samples.yaml", "samples", form, f"metrics/*.{form}", unit="s")
    asked = {Asked(f"m{number}", one): "somebody" for number, one in enumerate(measures)}
    with pytest.MonkeyPatch.context() as patch:
        fast, general, _ = both(world, patch, source, asked, EDGES[1:2] if near else ())
    assert fast == general


def as_parquet(world, path: str, type_: str) -> None:
    """The same table as Parquet, what is no number of the type left out."""
    full = world.root / path
    names = full.read_text().splitlines()[0].split(",")
    kept = ", ".join(f"TRY_CAST(nullif({name}, '') AS {type_}) AS {name}" for name in names[1:])
    select = f"SELECT CAST(timestamp AS BIGINT) AS timestamp, {kept} FROM read_csv('{full}', all_varchar = true, header = true, delim = ',')"
    world.parquet(path.replace(".csv", ".parquet"), select)


@pytest.mark.parametrize(
    ("rows", "plain"),
    [
        (["1", "2", "3"], True),
        (["1", "2.5", "3"], True),
        (["1", "", "3"], True),
        (["1", "2.1234567", "3"], False),
        (["1", "2e0", "3"], False),
        (["1", "-2", "3"], False),
        (["1", "1_0", "3"], False),
        (["1", '"2"', "3"], False),
    ],
)
def test_what_needs_a_second_look_is_left_to_the_general_way(world, monkeypatch, rows, plain) -> None:
    lines = [f"2026-11-23T11:5{number}:00Z,{value}" for number, value in enumerate(rows)]
    world.csv("metrics/a.csv", "timestamp,requests", *lines)
    source = FileSource("slo/samples.yaml", "samples", "csv", "metrics/*.csv")
    fast, general, was_plain = both(world, monkeypatch, source, {Asked("requests", INCREASE): "somebody"})
    assert (fast, was_plain) == (general, plain)


@pytest.mark.parametrize("order", ["12:00,11:59", "11:59,11:59"])
def test_times_out_of_order_are_left_to_the_general_way(world, monkeypatch, order) -> None:
    lines = [f"2026-11-23T{one}:00Z,7" for one in order.split(",")]
    world.csv("metrics/a.csv", "timestamp,requests", *lines)
    source = FileSource("slo/samples.yaml", "samples", "csv", "metrics/*.csv")
    fast, general, was_plain = both(world, monkeypatch, source, {Asked("requests", SUM): "somebody"})
    assert fast == general
    assert not was_plain


@pytest.mark.parametrize(("op", "good"), [("lt", 1), ("lte", 2), ("gte", 2), ("gt", 1)])
@pytest.mark.parametrize("type_", ["DOUBLE", "DECIMAL(4, 2)"])
def test_values_are_held_against_a_bound_exactly(world, monkeypatch, type_, op, good) -> None:
    values = ", ".join(
        f"(TIMESTAMPTZ '2026-11-23 11:5{number}:00+00', {one}::{type_})" for number, one in enumerate((0.2, 0.3, 0.4))
    )
    world.parquet("metrics/a.parquet", f"SELECT * FROM (VALUES {values}) t(timestamp, latency)")
    source = FileSource("slo/samples.yaml", "samples", "parquet", "metrics/*.parquet")
    asked = {Asked("latency", Measure("within", op, Decimal("0.3"))): "somebody"}
    fast, general, was_plain = both(world, monkeypatch, source, asked)
    assert fast == general
    assert was_plain
    counted, _ = fast
    ((_, found, _),) = counted.values()
    assert sum(one.amount for one in found) == good
