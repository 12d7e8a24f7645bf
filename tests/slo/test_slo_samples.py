"""How times and values are read from each form of file, and what is said of those that cannot be."""

import gzip
import os
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from svcops.errors import BadInput

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NOON = int(AT.timestamp())


def wide(world, *rows: str, header: str = "timestamp,good,total", window: str = "1h", **details: str) -> None:
    """A wide table of counts with an SLO that is good over total."""
    world.csv("metrics/a.csv", header, *rows)
    world.source(**details)
    world.slo(counter=False, window=window, good="good", total="total")


def refused(world, at: datetime = AT) -> BadInput:
    with pytest.raises(BadInput) as caught:
        world.report(at)
    return caught.value


@pytest.mark.parametrize(
    ("written", "details"),
    [
        ("2026-11-23T12:00:00Z", {}),
        ("2026-11-23t12:00:00z", {}),
        ("2026-11-23 12:00Z", {}),
        ("2026-11-23T13:00:00+01:00", {}),
        ("2026-11-23T13:00:00+0100", {}),
        ("2026-11-23T13:00:00+01", {}),
        ("2026-11-22T23:30:00.000-12:30", {}),
        (" 2026-11-23T12:00:00Z ", {}),
        ("2026-11-23T12:00:00", {"zone": "UTC"}),
        ("2026-11-23 13:00", {"zone": "Europe/Berlin"}),
        (str(NOON), {"unit": "s"}),
        (f"{NOON}.000", {"unit": "s"}),
        (f"{NOON}000", {"unit": "ms"}),
        (f"{NOON / 10**9!r}e9", {"unit": "s"}),
    ],
)
def test_a_sample_at_the_end_of_the_window_is_in_it_however_its_time_is_written(world, written, details) -> None:
    wide(world, f"{written},9,10", **details)
    assert world.counts() == (9, 10)
    assert world.one().inputs[0].last == AT


def test_what_is_finer_than_a_microsecond_stays_on_its_side_of_an_edge(world) -> None:
    rows = (f"{NOON - 3600}.0000001,1,1", f"{NOON - 1},10,10", f"{NOON}.0000001,100,100")
    wide(world, *rows, unit="s")
    assert world.counts() == (11, 11)


@pytest.mark.parametrize(
    ("written", "details", "reason", "help_"),
    [
        ("2026-11-23T12:00:00", {}, "2026-11-23T12:00:00 has no offset, and no zone is stated", "zone:"),
        ("2026-10-25T02:30:00", {"zone": "Europe/Berlin"}, "not one instant in Europe/Berlin", "offset"),
        ("2026-03-29T02:30:00", {"zone": "Europe/Berlin"}, "not one instant in Europe/Berlin", "offset"),
        (str(NOON), {}, f"{NOON} is not a time such as", "unit: iso"),
        (f"{NOON}000", {"unit": "s"}, "outside the years 1970 to 2199", "unit: s"),
        ("-1", {"unit": "s"}, "outside the years 1970 to 2199", ""),
        ("2026-11-23T12:00:00Z", {"unit": "ms"}, "2026-11-23T12:00:00Z is not a number", "unit: ms"),
        ("2026-11-31T12:00:00Z", {}, "is not a time such as", ""),
        ("2026-11-23", {}, "is not a time such as", ""),
        ("0001-01-01T00:00:00", {"zone": "Europe/Berlin"}, "not one instant", ""),
        ("9999-12-31T23:59:59Z", {}, "outside the years", ""),
        ("infinity", {}, "infinity is not a time such as", ""),
        ("noon", {}, "noon is not a time such as", ""),
        ("", {}, "the time is missing", ""),
    ],
)
def test_a_time_that_is_no_instant_is_refused_at_its_row(world, written, details, reason, help_) -> None:
    wide(world, "2026-11-23T11:00:00Z,1,1" if not details else f"{NOON},1,1", f"{written},9,10", **details)
    if details:
        wide_row = (
            f"{NOON}000" if details.get("unit") == "ms" else str(NOON) if "unit" in details else "2026-11-23T12:00:00Z"
        )
        world.csv("metrics/a.csv", "timestamp,good,total", f"{wide_row},1,1", f"{written},9,10")
    error = refused(world)
    assert error.message.startswith("metrics/a.csv, row 3: timestamp: ")
    assert reason in error.message
    assert help_ in error.help


@pytest.mark.parametrize(
    ("written", "exact"),
    [
        ("10", 10),
        ("+10", 10),
        (" 10 ", 10),
        ("10.0", 10),
        ("1e1", 10),
        ("1.5E+2", 150),
        ("0.1", Fraction(1, 10)),
        ("2.5", Fraction(5, 2)),
        ("9007199254740993", 9007199254740993),
        ("18446744073709551615", 18446744073709551615),
        ("0.000000000000000001", Fraction(1, 10**18)),
    ],
)
def test_a_value_is_held_exactly(world, written, exact) -> None:
    wide(world, f"2026-11-23T12:00:00Z,0,{written}")
    assert world.counts() == (0, exact)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "total at 2026-11-23T12:00:00Z: the value is missing"),
        ("nan", "nan is not a number"),
        ("NaN", "NaN is not a number"),
        ("inf", "inf is not a number"),
        ("-1", "-1 is negative"),
        ("-0.5", "-0.5 is negative"),
        ("many", "many is not a number"),
        ("1_000", "1_000 is not a number"),
        ("0x10", "0x10 is not a number"),
        ("100000000000000000000", "is not a number that can be held exactly"),
        ("0.0000000000000000001", "is not a number that can be held exactly"),
        ("1e-30", "is not a number that can be held exactly"),
    ],
)
def test_a_value_that_is_no_count_is_refused_at_its_row_and_time(world, written, reason) -> None:
    wide(world, "2026-11-23T11:59:00Z,1,1", f"2026-11-23T12:00:00Z,0,{written}")
    message = refused(world).message
    assert message.startswith("metrics/a.csv, row 3: total at 2026-11-23T12:00:00Z: ")
    assert reason in message


def test_what_is_damaged_outside_the_window_does_not_matter(world) -> None:
    wide(
        world,
        "2026-11-23T08:00:00Z,x,-1",
        "2026-11-23T10:30:00Z,1,1",
        "2026-11-23T12:00:00Z,9,10",
        "2026-11-23T12:01:00Z,,",
    )
    assert world.counts() == (9, 10)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "an empty file: not even a header"),
        ("timestamp,good\n2026-11-23T12:00:00Z,1\n", "no column total; there are timestamp, good"),
        ("time,good,total\n2026-11-23T12:00:00Z,1,1\n", "no column timestamp; there are time, good, total"),
        ("timestamp;good;total\n2026-11-23T12:00:00Z;1;1\n", "the columns are separated by ;, and commas are read"),
        ("timestamp,good,total,good\n", "two columns of the name good"),
        ("timestamp,good,total\n2026-11-23T12:00:00Z,1\n", "Line: 2, Expected Number of Columns: 3 Found: 2"),
        ("timestamp,good,total\n2026-11-23T12:00:00Z,1,1,1\n", "Line: 2, Expected Number of Columns: 3 Found: 4"),
        ('timestamp,good,total\n2026-11-23T12:00:00Z,"1,1\n', "unterminated quote"),
        (b"timestamp,good,total\n2026-11-23T12:00:00Z,1,\xff\n", "not utf-8"),
        ("timestamp,good,total\n2026-11-23T12:00:00Z,1,1\n".encode("utf-16"), "not utf-8"),
    ],
)
def test_a_damaged_csv_file_is_refused_by_name(world, content, reason) -> None:
    world.write("metrics/a.csv", content)
    world.source()
    world.slo(counter=False, good="good", total="total")
    error = refused(world)
    assert error.message.startswith("metrics/a.csv")
    assert reason in error.message
    assert str(world.root) not in error.message


def test_the_column_that_was_meant_is_suggested(world) -> None:
    wide(world, "2026-11-23T12:00:00Z,1,1", header="timestamp,good,totals")
    assert refused(world).help == "Did you mean totals?"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_byte_order_marks_and_quotes_make_no_difference(world, end) -> None:
    lines = ['"timestamp","good, or ""not""",total', '"2026-11-23T12:00:00Z","9",10', ""]
    world.write("metrics/a.csv", b"\xef\xbb\xbf" + end.join(lines).encode())
    world.source()
    world.slo(counter=False, good='good, or "not"', total="total")
    assert world.counts() == (9, 10)


def test_column_names_are_data_and_never_sql(world) -> None:
    name = "total\"; DROP TABLE raw; --'"
    world.csv("metrics/a.csv", f'timestamp,good,"{name.replace(chr(34), chr(34) * 2)}"', "2026-11-23T12:00:00Z,9,10")
    world.source()
    world.slo(counter=False, good="good", total=name)
    assert world.counts() == (9, 10)


def test_compressed_files_are_read_as_they_are(world) -> None:
    world.write("metrics/a.csv.gz", gzip.compress(b"timestamp,good,total\n2026-11-23T12:00:00Z,9,10\n"))
    world.source()
    world.slo(counter=False, good="good", total="total")
    assert world.counts() == (9, 10)


def test_json_lines_are_read_by_paths(world) -> None:
    zone = {"hg.nginx.org": {"responses": {"5xx": 1, "total": 10}}}
    world.json_lines("metrics/a.jsonl", {"meta": {"at": NOON * 1000}, "zones": zone})
    world.source("JSONLines", time="meta.at", unit="ms")
    world.slo(
        counter=False, bad='zones["hg.nginx.org"].responses["5xx"]', total='zones["hg.nginx.org"].responses.total'
    )
    assert world.counts() == (9, 10)


def test_compressed_json_lines_are_read_and_their_damage_is_found(world) -> None:
    world.write("metrics/a.jsonl.gz", gzip.compress(b'{"timestamp": "2026-11-23T12:00:00Z", "total": 1}\n{"a\n'))
    world.source("JSONLines")
    world.slo(counter=False, good="total", total="total")
    assert refused(world).message == "metrics/a.jsonl.gz, row 2: not JSON"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('{"timestamp": 1, "total": 1}\n\n{"timestamp": 2, "total\n', "metrics/a.jsonl, row 3: not JSON"),
        ('{"timestamp": 1,\n "total": 1}\n', "metrics/a.jsonl, row 1: not JSON"),
        ('{"total": 1}\n', "metrics/a.jsonl, row 1: timestamp: the time is missing"),
        ("[]\n", "metrics/a.jsonl, row 1: timestamp: the time is missing"),
    ],
)
def test_a_damaged_json_line_is_refused_at_its_row(world, lines, message) -> None:
    world.write("metrics/a.jsonl", lines)
    world.source("JSONLines", unit="s")
    world.slo(counter=False, good="total", total="total")
    assert refused(world).message == message


@pytest.mark.parametrize(
    ("value", "reason"),
    [({}, "{} is not a number"), (True, "true is not a number"), (-1, "negative")],
)
def test_a_json_value_that_is_no_count_is_refused_by_its_path(world, value, reason) -> None:
    world.json_lines("metrics/a.jsonl", {"timestamp": NOON, "a": {"b c": value}})
    world.source("JSONLines", unit="s")
    world.slo(counter=False, good="a['b c']", total="a['b c']")
    message = refused(world).message
    assert message.startswith('metrics/a.jsonl, row 1: a["b c"] at 2026-11-23T12:00:00Z: ')
    assert reason in message


def test_a_path_that_leads_nowhere_is_no_count(world) -> None:
    world.json_lines("metrics/a.jsonl", {"timestamp": NOON, "total": 1})
    world.source("JSONLines", unit="s")
    world.slo(counter=False, good="godo", total="total")
    message = refused(world).message
    assert "good.metricSource.spec.query: no line has a value there, at character 1\n  godo\n" in message


@pytest.mark.parametrize(
    ("time", "details"),
    [
        ("TIMESTAMPTZ '2026-11-23 13:00:00+01'", {}),
        ("TIMESTAMP '2026-11-23 13:00:00'", {"zone": "Europe/Berlin"}),
        ("TIMESTAMP_NS '2026-11-23 12:00:00'", {"zone": "UTC"}),
        ("TIMESTAMP_MS '2026-11-23 12:00:00'", {"zone": "UTC"}),
        ("'2026-11-23T12:00:00Z'", {}),
        (f"{NOON}", {"unit": "s"}),
        (f"{NOON}::DOUBLE", {"unit": "s"}),
        (f"{NOON}000::DOUBLE", {"unit": "ms"}),
    ],
)
@pytest.mark.parametrize("type_", ["TINYINT", "UBIGINT", "HUGEINT", "DOUBLE", "FLOAT", "DECIMAL(9, 2)", "VARCHAR"])
def test_parquet_columns_of_every_type_are_read(world, time, details, type_) -> None:
    world.parquet("metrics/a.parquet", f"SELECT {time} AS timestamp, 9::{type_} AS good, 10::{type_} AS total")
    world.source("Parquet", **details)
    world.slo(counter=False, good="good", total="total")
    assert world.counts() == (9, 10)


def test_doubles_of_parquet_mean_their_shortest_decimal(world) -> None:
    world.parquet(
        "metrics/a.parquet",
        "SELECT TIMESTAMPTZ '2026-11-23 12:00:00Z' AS timestamp, 0.1::DOUBLE AS good, 1234567.7::DOUBLE AS total",
    )
    world.source("Parquet")
    world.slo(counter=False, good="good", total="total")
    assert world.counts() == (Fraction(1, 10), Fraction(12345677, 10))


@pytest.mark.parametrize("value", ["'nan'::DOUBLE", "NULL::BIGINT", "'infinity'::DOUBLE", "-1"])
def test_parquet_values_that_are_no_count_are_refused(world, value) -> None:
    world.parquet("metrics/a.parquet", f"SELECT TIMESTAMPTZ '2026-11-23 12:00:00Z' AS timestamp, {value} AS total")
    world.source("Parquet")
    world.slo(counter=False, good="total", total="total")
    assert refused(world).message.startswith("metrics/a.parquet, row 1: total at 2026-11-23T12:00:00Z: ")


def test_a_naive_parquet_time_without_a_zone_is_refused(world) -> None:
    world.parquet("metrics/a.parquet", "SELECT TIMESTAMP '2026-11-23 12:00:00' AS timestamp, 1 AS total")
    world.source("Parquet")
    world.slo(counter=False, good="total", total="total")
    assert "has no offset, and no zone is stated" in refused(world).message


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1 this is no parquet file PAR1", b"x" * 1000])
def test_a_damaged_parquet_file_is_refused_by_name(world, content) -> None:
    world.write("metrics/a.parquet", content)
    world.source("Parquet")
    world.slo(counter=False, good="total", total="total")
    error = refused(world)
    assert error.message.startswith("metrics/a.parquet: ")
    assert str(world.root) not in error.message


def test_a_truncated_parquet_file_is_refused_by_name(world) -> None:
    path = world.parquet(
        "metrics/a.parquet", "SELECT TIMESTAMPTZ '2026-11-23 12:00:00Z' AS timestamp, range AS total FROM range(5000)"
    )
    data = bytearray(path.read_bytes())
    data[20 : len(data) // 2] = bytes(len(data) // 2 - 20)
    path.write_bytes(data)
    world.source("Parquet")
    world.slo(counter=False, good="total", total="total")
    assert refused(world).message.startswith("metrics/a.parquet: ")


@pytest.mark.parametrize("form", ["CSV", "Parquet"])
def test_folders_named_like_partitions_add_no_columns(world, form) -> None:
    if form == "CSV":
        world.csv("metrics/total=7/a", "timestamp,good", "2026-11-23T12:00:00Z,9")
    else:
        world.parquet("metrics/total=7/a", "SELECT '2026-11-23T12:00:00Z' AS timestamp, 9 AS good")
    world.source(form, path="metrics/**/a")
    world.slo(counter=False, good="good", total="total")
    assert "no column total" in refused(world).message


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("form", ["csv", "parquet", "jsonl"])
def test_files_with_the_characters_of_a_pattern_in_their_names_are_read_once_each(world, form) -> None:
    for name, total in (("a1", 1), ("a[1]", 10), ("a*", 100)):
        path = f"metrics/{name}.{form}"
        if form == "parquet":
            world.parquet(path, f"SELECT {NOON - total} AS timestamp, {total} AS total")
        elif form == "jsonl":
            world.json_lines(path, {"timestamp": NOON - total, "total": total})
        else:
            world.csv(path, "timestamp,total", f"{NOON - total},{total}")
    world.source({"csv": "CSV", "parquet": "Parquet", "jsonl": "JSONLines"}[form], unit="s")
    world.slo(counter=False, good="total", total="total")
    assert world.counts() == (111, 111)


def test_files_of_one_source_may_order_their_columns_differently(world) -> None:
    world.csv("metrics/a.csv", "timestamp,good,total", "2026-11-23T11:30:00Z,1,2")
    world.csv("metrics/b.csv", "total,timestamp,other,good", "20,2026-11-23T11:45:00Z,x,10")
    world.source()
    world.slo(counter=False, good="good", total="total")
    assert world.counts() == (11, 22)
    first, second = world.one().inputs
    assert (first.path, first.first, first.last) == (
        "metrics/a.csv",
        AT - timedelta(minutes=30),
        AT - timedelta(minutes=30),
    )
    assert (second.path, second.last) == ("metrics/b.csv", AT - timedelta(minutes=15))


def test_a_file_without_samples_has_no_first_and_last(world) -> None:
    wide(world)
    assert (world.one().inputs[0].first, world.one().inputs[0].last) == (None, None)


def test_long_tables_need_their_columns_in_every_file(world) -> None:
    world.csv("metrics/a.csv", "timestamp,metric,value", "2026-11-23T12:00:00Z,up,1")
    world.csv("metrics/b.csv", "timestamp,name,value", "2026-11-23T12:00:00Z,up,1")
    world.source()
    world.slo(counter=False, good="up", total="up")
    assert refused(world).message == "metrics/b.csv: no column metric; there are timestamp, name, value"


@pytest.mark.parametrize("details", [{"metric": "name"}, {"value": "count"}])
def test_a_table_said_to_be_long_is_not_read_as_wide(world, details) -> None:
    wide(world, "2026-11-23T12:00:00Z,1,1", **details)
    assert "no column" in refused(world).message


def test_a_selector_of_a_table_that_is_not_said_to_be_long_is_told_how_to_say_so(world) -> None:
    world.csv("metrics/a.csv", "timestamp,name,value,code", "2026-11-23T12:00:00Z,up,9,200")
    world.source()
    world.slo(counter=False, good='up{code="200"}', total="up")
    error = refused(world)
    assert error.message == 'metrics/a.csv: no column up{code="200"}; there are timestamp, name, value, code'
    assert error.help == "Where a column names the metric of each row, say in DataSource samples which: metric: COLUMN."


def test_long_tables_may_name_their_columns_otherwise(world) -> None:
    world.csv("metrics/a.csv", "at,name,count,code", "2026-11-23T12:00:00Z,up,9,200", "2026-11-23T12:00:00Z,up,1,500")
    world.source(time="at", metric="name", value="count")
    world.slo(counter=False, good='up{code="200"}', total="up")
    assert world.counts() == (9, 10)


def threshold(world, op: str, value: float, **more: object) -> None:
    metric = {"metricSource": {"metricSourceRef": "samples", "spec": {"query": "latency"}}}
    world.slo(objective={"op": op, "value": value}, indicator={"thresholdMetric": metric}, **more)


@pytest.mark.parametrize(("op", "good"), [("lt", 2), ("lte", 3), ("gt", 3), ("gte", 4)])
def test_samples_are_held_against_a_value(world, op, good) -> None:
    values = ("-1", "0.2", "0.3", "0.30000001", "5e0", "+Inf", "NaN", "")
    world.csv("metrics/a.csv", "timestamp,latency", *(f"2026-11-23T11:5{n}:00Z,{one}" for n, one in enumerate(values)))
    world.source()
    threshold(world, op, 0.3)
    assert world.counts() == (good, 6), "NaN and an empty cell are no samples"


def test_each_series_has_its_samples(world) -> None:
    world.csv(
        "metrics/a.csv", "timestamp,metric,zone,value", *(f"2026-11-23T12:00:00Z,latency,{n},{n}" for n in range(4))
    )
    world.source()
    threshold(world, "lte", 1)
    assert world.counts() == (2, 4)


@pytest.mark.parametrize(("raw_type", "good"), [("success", Fraction(13, 10)), ("failure", Fraction(7, 10))])
def test_of_shares_the_mean_is_taken(world, raw_type, good) -> None:
    world.csv("metrics/a.csv", "timestamp,share", "2026-11-23T11:59:00Z,0.5", "2026-11-23T12:00:00Z,0.8")
    world.source()
    raw = {"metricSource": {"metricSourceRef": "samples", "spec": {"query": "share"}}}
    world.slo(indicator={"ratioMetric": {"raw": raw, "rawType": raw_type}})
    assert world.counts() == (good, 2)


def test_a_share_above_1_is_none(world) -> None:
    world.csv("metrics/a.csv", "timestamp,share", "2026-11-23T12:00:00Z,99.9")
    world.source()
    raw = {"metricSource": {"metricSourceRef": "samples", "spec": {"query": "share"}}}
    world.slo(indicator={"ratioMetric": {"raw": raw, "rawType": "success"}})
    assert "metrics/a.csv, row 2: share at 2026-11-23T12:00:00Z: 99.9 is above 1" in refused(world).message


def test_a_counter_without_a_value_was_not_sampled_then(world) -> None:
    rows = ["2026-11-23T11:57:00Z,1", "2026-11-23T11:58:00Z,", "2026-11-23T11:59:00Z,NaN", "2026-11-23T12:00:00Z,9"]
    world.csv("metrics/a.csv", "timestamp,n", *rows)
    world.source()
    world.slo(good="n", total="n")
    assert world.counts() == (8, 8)
