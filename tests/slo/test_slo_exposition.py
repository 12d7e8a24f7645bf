"""OpenMetrics text and answers of Prometheus: the same samples, whichever way they came."""

import gzip
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.errors import BadInput

NOON = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp())
TEXT = f"""\
# HELP requests Requests, by code.
# TYPE requests counter
requests_total{{code="200",path="/"}} 10 {NOON - 1800}
requests_total{{code="200",path="/"}} 1.2e1 {NOON}.000
requests_total{{code="500",path="a\\"b\\\\c\\nd",}} 0 {NOON - 1800}
requests_total{{code="500",path="a\\"b\\\\c\\nd"}} 3 {NOON} # {{trace="x"}} 1
other{{}} 5 {NOON}
# EOF
"""


def openmetrics(world, text: str = TEXT, name: str = "metrics/a.om", **more: str) -> None:
    world.write(name, text if name.endswith("om") else gzip.compress(text.encode()))
    world.source("OpenMetrics", **more)
    world.slo(bad='requests_total{code=~"5.."}', total="requests_total")


def refused(world) -> str:
    with pytest.raises(BadInput) as caught:
        world.report()
    return caught.value.message


def test_a_scrape_of_openmetrics_is_a_long_table(world) -> None:
    openmetrics(world)
    assert world.counts() == (2, 5)


def test_it_may_be_compressed(world) -> None:
    openmetrics(world, name="metrics/a.om.gz")
    assert world.counts() == (2, 5)


@pytest.mark.parametrize(("path", "total"), [('a\\"b\\\\c\\nd', 3), ("/", 2)])
def test_escapes_in_labels_are_those_of_selectors(world, path, total) -> None:
    world.write("metrics/a.om", TEXT)
    world.source("OpenMetrics")
    world.slo(bad=f'requests_total{{path="{path}"}}', total=f'requests_total{{path="{path}"}}')
    assert world.counts() == (0, total)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (TEXT.replace("# EOF\n", ""), "metrics/a.om: the last line is not # EOF: the file is cut off"),
        ("", "metrics/a.om: the last line is not # EOF"),
        (TEXT.replace("other{} 5", "other{ 5"), "metrics/a.om, row 7: no sample of OpenMetrics: other{ 5"),
        (TEXT.replace(f"other{{}} 5 {NOON}", "other 5"), "metrics/a.om, row 7: a sample without a time"),
        (TEXT.replace(f" 3 {NOON}", " 3 noon"), "metrics/a.om, row 6: time: noon is not a number"),
        (TEXT.replace("} 3 ", "} three "), "metrics/a.om, row 6: value at 2026-11-23T12:00:00Z: three is not a number"),
    ],
)
def test_what_is_damaged_is_refused_at_its_line(world, text, why) -> None:
    openmetrics(world, text)
    assert refused(world).startswith(why)


def test_what_the_format_says_itself_is_no_key(world) -> None:
    openmetrics(world, unit="s")
    assert "spec.connectionDetails.unit: not a key that is known here" in refused(world)


def answer(*series: tuple[dict[str, str], list[tuple[float, str]]], **more: object) -> str:
    result = [{"metric": labels, "values": values} for labels, values in series]
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}, **more})


def matrix(world, text: str) -> None:
    world.write("metrics/a.json", text)
    world.source("PrometheusJSON")
    world.slo(bad='requests_total{code=~"5.."}', total="requests_total")


def test_an_answer_to_a_range_query_is_a_long_table(world) -> None:
    matrix(
        world,
        answer(
            ({"__name__": "requests_total", "code": "200"}, [(NOON - 1800, "10"), (NOON, "12")]),
            ({"__name__": "requests_total", "code": "500", "zone": "a"}, [(NOON - 1800.5, "0"), (NOON, "3")]),
            ({"__name__": "other"}, [(NOON, "NaN")]),
        ),
    )
    assert world.counts() == (2, 5)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"status":"error","errorType":"bad_data","error":"parse error"}', "it says parse error"),
        ('{"status":"success","data":{"resultType":"vector","result":[]}}', "its resultType is vector"),
        ('{"up": 1}', "its status is None"),
        ("[1]", ""),
        ("<html>", ""),
    ],
)
def test_what_is_no_matrix_is_refused(world, text, why) -> None:
    matrix(world, text)
    assert refused(world).startswith("metrics/a.json")
    assert why in refused(world)


def test_folders_are_labels_of_a_long_table(world) -> None:
    for zone, good in (("a", 9), ("b%20c", 7)):
        world.csv(f"metrics/zone={zone}/x.csv", "timestamp,metric,value", f"2026-11-23T12:00:00Z,requests,{good}")
    world.source(path="metrics/**/*.csv")
    world.slo(counter=False, good='requests{zone="b c"}', total="requests")
    assert world.counts() == (7, 16)


values = st.lists(
    st.tuples(st.integers(0, 59), st.sampled_from(["200", "500", 'a"\\\n']), st.integers(0, 99)), max_size=20
)


@given(values)
def test_all_formats_say_the_same(new_world, rows) -> None:
    samples = {(minute, code): value for minute, code, value in rows}
    escaped = {code: code.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for _, code in samples}
    lines = [f'n{{code="{escaped[code]}"}} {value} {NOON - 60 * minute}' for (minute, code), value in samples.items()]
    series = {
        code: [(NOON - 60 * minute, str(value)) for (minute, other), value in samples.items() if other == code]
        for _, code in samples
    }
    found = []
    for kind in ("OpenMetrics", "PrometheusJSON", "CSV"):
        world = new_world()
        if kind == "OpenMetrics":
            world.write("metrics/a", "".join(f"{line}\n" for line in (*lines, "# EOF")))
        elif kind == "PrometheusJSON":
            world.write("metrics/a", answer(*(({"__name__": "n", "code": code}, one) for code, one in series.items())))
        else:
            quoted = {code: '"' + code.replace('"', '""') + '"' for _, code in samples}
            rows_ = [f"{NOON - 60 * minute},n,{quoted[code]},{value}" for (minute, code), value in samples.items()]
            world.csv("metrics/a", "timestamp,metric,code,value", *rows_)
        world.source(kind, **({"unit": "s"} if kind == "CSV" else {}))
        world.slo(counter=False, bad='n{code!="200"}' if samples else "n", total="n")
        found.append([(one.level, one.verdict) for one in world.report().results])
    assert found[0] == found[1] == found[2]
