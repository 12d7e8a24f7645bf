"""Latency from the buckets of histograms: exactly what was observed up to a bound, and never a guess between two."""

import json
from decimal import Decimal
from typing import Any

import pytest
from tests.slo.conftest import AT, World

from svcops.errors import BadInput
from svcops.slo.explaining import as_text
from svcops.slo.histograms import with_bound
from svcops.slo.policies import Increase
from svcops.slo.report import report
from svcops.slo.selectors import parse_selector

NOON = int(AT.timestamp())
BUCKETS = {"0.1": (10, 60), "0.3": (20, 95), "1.0": (30, 108), "+Inf": (30, 110)}
"""By their bound, what was observed half an hour before noon, and at noon."""


def histogram(buckets: Any = BUCKETS, name: str = "took", **labels: str) -> list[str]:
    """Lines of OpenMetrics: the buckets of one histogram, at two times."""
    more = "".join(f',{label}="{value}"' for label, value in labels.items())
    return [
        f'{name}_bucket{{le="{le}"{more}}} {value} {NOON - 1800 + 1800 * time}'
        for le, values in buckets.items()
        for time, value in enumerate(values)
    ]


def openmetrics(world: World, *lines: str) -> None:
    world.write("metrics/a.om", "\n".join(["# TYPE took histogram", *lines, "# EOF\n"]))
    world.source("OpenMetrics")


def latency(world: World, value: float, op: str = "lte", query: str = "took_bucket", **more: Any) -> None:
    """An SLO of a threshold metric that is held against a value."""
    metric = {"metricSource": {"metricSourceRef": "samples", "spec": {"query": query}}}
    world.slo(objective={"op": op, "value": value}, indicator={"thresholdMetric": metric}, **more)


def refused(world: World) -> BadInput:
    with pytest.raises(BadInput) as caught:
        world.report()
    return caught.value


def test_what_was_observed_up_to_the_value_is_good(world) -> None:
    openmetrics(world, *histogram())
    latency(world, 0.3)
    assert world.counts() == (75, 80)


def test_what_was_observed_above_the_value_is_the_rest(world) -> None:
    openmetrics(world, *histogram())
    latency(world, 0.3, "gt")
    assert world.counts() == (5, 80)


@pytest.mark.parametrize("written", ["0.3", "0.30", "3e-1", "+0.3"])
def test_a_bound_is_a_number_however_it_is_written(world, written) -> None:
    openmetrics(world, *histogram({written: (20, 95), "+Inf": (30, 110)}))
    latency(world, 0.3)
    assert world.counts() == (75, 80)


def test_a_prometheus_that_writes_bounds_otherwise_from_one_day_on_changes_nothing(world) -> None:
    lines = list(histogram({"+Inf": (0, 20)}))
    lines += [f'took_bucket{{le="1"}} {value} {NOON - 60 * ago}' for ago, value in ((30, 0), (20, 8))]
    lines += [f'took_bucket{{le="1.0"}} {value} {NOON - 60 * ago}' for ago, value in ((10, 8), (0, 12))]
    openmetrics(world, *lines)
    latency(world, 1)
    assert world.counts() == (12, 20)


def test_histograms_are_summed_each_by_its_bound(world) -> None:
    openmetrics(world, *histogram(code="200"), *histogram(code="500"), *histogram(code="500", path="/x"))
    latency(world, 0.1, query='took_bucket{code="500"}')
    assert world.counts() == (100, 160)


@pytest.mark.parametrize("how", ["prometheus2", "prometheus3"])
def test_buckets_grow_as_counters_do_where_that_is_estimated(world, how: Increase) -> None:
    openmetrics(world, *histogram())
    latency(world, 0.3)
    (found,) = report(world.documents, AT, world.root, increase=how).results
    assert found.level
    assert found.level.total > 80  # test_slo_parity.py asks a real Prometheus how far


@pytest.mark.parametrize(
    ("value", "told", "help_"),
    [
        (0.2, "no bucket le=0.2, but 0.1 and 0.3; what lies between is not known", "Known here as value: 0.1, 0.3, 1."),
        (2, "no bucket le=2, but 1 and +Inf; what lies between is not known", "Known here as value: 0.1, 0.3, 1."),
        (0.05, "no bucket le=0.05, but 0.1; what lies between is not known", "Known here as value: 0.1, 0.3, 1."),
    ],
)
def test_between_two_bounds_nothing_is_guessed(world, value, told, help_) -> None:
    openmetrics(world, *histogram())
    latency(world, value)
    error = refused(world)
    assert told in error.message
    assert "spec.indicator.spec.thresholdMetric.metricSource.spec.query: took_bucket has" in error.message
    assert error.help == help_


def test_one_histogram_without_the_bound_is_named(world) -> None:
    other = histogram({"0.5": (1, 2), "+Inf": (1, 3)}, code="500")
    openmetrics(world, *histogram(code="200"), *other)
    latency(world, 0.3)
    assert 'took_bucket{code="500"} has no bucket le=0.3, but 0.5' in refused(world).message


def test_a_histogram_without_all_that_was_observed_is_none(world) -> None:
    openmetrics(world, *histogram({"0.3": (1, 2)}))
    latency(world, 0.3)
    error = refused(world)
    assert "no bucket le=+Inf, which counts all that was observed" in error.message


@pytest.mark.parametrize(("op", "other"), [("lt", "lte"), ("gte", "gt")])
def test_what_is_at_a_bound_cannot_be_told_apart(world, op, other) -> None:
    openmetrics(world, *histogram())
    latency(world, 0.3, op)
    error = refused(world)
    assert f"spec.objectives[0].op: {op}: a bucket counts what is at its bound, too" in error.message
    assert error.help == f"Write {other}."


def test_a_query_does_not_name_the_bucket_that_the_value_names(world) -> None:
    openmetrics(world, *histogram())
    latency(world, 0.3, query='took_bucket{le="0.3"}')
    assert "le names a bucket, and so does the objective's value" in refused(world).message


def test_a_metric_of_that_name_without_bounds_is_no_histogram(world) -> None:
    openmetrics(world, f"leaky_bucket 3 {NOON}", *histogram())
    latency(world, 3, query="leaky_bucket")
    assert "leaky_bucket has no label le, so that it is no histogram" in refused(world).message


def test_a_column_is_no_histogram(world) -> None:
    world.csv("metrics/a.csv", "timestamp,leaky_bucket", "2026-11-23T11:55:00Z,3")
    world.source()
    latency(world, 3, query="leaky_bucket")
    assert "the buckets of a histogram are series of a long table, and no column" in refused(world).message


def test_a_histogram_is_asked_for_by_its_buckets(world) -> None:
    openmetrics(world, *histogram(code="200"))
    latency(world, 0.3, query='took{code="200"}')
    error = refused(world)
    assert "took is a histogram, which has buckets and no samples of its own" in error.message
    assert error.help == 'Ask for took_bucket{code="200"}.'


def test_buckets_that_hold_more_than_everything_are_named_at_their_row(world) -> None:
    openmetrics(world, *histogram({"0.3": (20, 200), "+Inf": (30, 110)}))
    latency(world, 0.3)
    assert refused(world).message == (
        "metrics/a.om, row 3: 200 up to 0.3 at 2026-11-23T12:00:00Z, of 110 in all: "
        "the buckets of a histogram count everything below, too"
    )


def test_nothing_observed_yet_is_not_known_and_no_error(world) -> None:
    openmetrics(world, f"other 1 {NOON}", f'other{{le="1"}} 1 {NOON}')
    latency(world, 0.3)
    assert world.one().verdict == "not enough data"


def test_explain_names_the_bucket(world) -> None:
    openmetrics(world, *histogram())
    latency(world, 0.3)
    told = as_text(world.one())
    assert "increase of buckets le=0.3 of took_bucket in samples" in told
    assert "increase of buckets le=+Inf of took_bucket in samples" in told


def test_one_bound_written_twice_at_one_time_is_not_counted_twice(world) -> None:
    openmetrics(world, *histogram(), *histogram({"0.30": (20, 95)}))
    latency(world, 0.3)
    error = refused(world)
    assert error.message.startswith("metrics/a.om, row 4: two buckets le=0.3 of one histogram at 2026-11-23T11:30:00Z")


# Native histograms, in answers of Prometheus


def native(world: World, *samples: list[tuple[int, float, float, int]], **labels: str) -> None:
    """The answer to a range: the buckets of one native histogram, at times half an hour apart until noon."""
    given = [
        [
            NOON - 1800 * (len(samples) - 1 - number),
            {
                "count": str(sum(bucket[3] for bucket in buckets)),
                "sum": "1.5",
                "buckets": [[rule, str(low), str(high), str(count)] for rule, low, high, count in buckets],
            },
        ]
        for number, buckets in enumerate(samples)
    ]
    result = [{"metric": {"__name__": "took", **labels}, "histograms": given}]
    world.write("metrics/a.json", json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}))
    world.source("PrometheusJSON")


@pytest.mark.parametrize(
    ("value", "good"),
    [(0.25, 7), (0.5, 10), (0.35, 10), (1, 15), (100, 16), (0.0001, 2)],
)
def test_up_to_the_end_of_a_bucket_and_where_there_is_none_all_is_known(world, value, good) -> None:
    first = [(3, -0.0001, 0.0001, 1), (0, 0.125, 0.25, 10)]
    last = [(3, -0.0001, 0.0001, 3), (0, 0.125, 0.25, 15), (0, 0.25, 0.35, 3), (0, 0.7, 1.0, 5), (0, 2.0, 2.5, 1)]
    native(world, first, last, code="200")
    latency(world, value, query='took_bucket{code="200"}')
    assert world.counts() == (good, 16)


def test_in_a_bucket_nothing_is_guessed(world) -> None:
    native(world, [(0, 0.25, 0.5, 1)], [(0, 0.25, 0.5, 2), (0, 0.5, 1.0, 1)])
    latency(world, 0.3)
    error = refused(world)
    assert "took_bucket has no bucket le=0.3, but 0.25 and 0.5; what lies between is not known" in error.message
    assert error.help == "Known here as value: 0.25, 0.5, 1."


@pytest.mark.parametrize(("rule", "is_known"), [(0, True), (1, False), (2, True), (3, False)])
def test_what_is_at_the_left_end_of_a_bucket_is_in_it_where_the_rule_says_so(world, rule, is_known) -> None:
    native(world, [(0, 0.25, 0.5, 1)], [(0, 0.25, 0.5, 2), (rule, 0.5, 1.0, 1)])
    latency(world, 0.5)
    if is_known:
        assert world.counts() == (1, 2)
    else:
        assert "has no bucket le=0.5" in refused(world).message


def test_a_ratio_has_the_count_and_a_bucket_of_it_by_their_names(world) -> None:
    native(world, [(0, 0.25, 0.5, 1)], [(0, 0.25, 0.5, 3), (0, 0.5, 1.0, 1)])
    world.slo(good='took_bucket{le="0.5"}', total="took_count")
    assert world.counts() == (2, 3)


@pytest.mark.parametrize(
    "bucket", [(7, 0.25, 0.5, 1), (0, 0.5, 0.25, 1), (0, 0.25, 0.5, "x"), ("", 0.25, 0.5, 1), (0, "a", 0.5, 1)]
)
def test_what_is_no_histogram_is_refused_with_its_name(world, bucket) -> None:
    native(world, [(0, 0.25, 0.5, 1)])
    path = world.root / "metrics/a.json"
    wrong = json.dumps([bucket[0], *map(str, bucket[1:])])
    path.write_text(path.read_text().replace('[0, "0.25", "0.5", "1"]', wrong))
    latency(world, 0.5)
    assert refused(world).message == f"metrics/a.json: what took has at {NOON} is no native histogram of Prometheus"


# A ratio of counters, as OpenSLO documents often have it: selectors, which compare text.


def test_a_ratio_of_a_bucket_and_the_count_is_one_of_counters(world) -> None:
    openmetrics(world, *histogram(), f"took_count 30 {NOON - 1800}", f"took_count 110 {NOON}")
    world.slo(good='took_bucket{le="0.3"}', total="took_count")
    assert world.counts() == (75, 80)


@pytest.mark.parametrize(
    ("written", "asked", "help_"),
    [
        ("1.0", "1", 'The same number stands there as le="1.0", and a selector compares text.'),
        ("1", "1.0", 'The same number stands there as le="1", and a selector compares text.'),
        ("0.30", "0.3", 'The same number stands there as le="0.30", and a selector compares text.'),
        ("3e-1", "0.3", 'The same number stands there as le="3e-1", and a selector compares text.'),
        ("0.5", "0.3", ""),
    ],
)
def test_a_selector_compares_text_as_in_promql_and_says_what_is_there(world, written, asked, help_) -> None:
    lines = histogram({written: (20, 95), "+Inf": (30, 110)})
    openmetrics(world, *lines, f"took_count 30 {NOON - 1800}", f"took_count 110 {NOON}")
    world.slo(good=f'took_bucket{{le="{asked}"}}', total="took_count")
    error = refused(world)
    assert f"no series of took_bucket has le={asked}; there are {written}, +Inf" in error.message
    assert error.help == help_


@pytest.mark.parametrize(
    ("bound", "matcher"),
    [
        ("0.3", 'le="0.3"'),
        ("0.30", 'le="0.3"'),
        ("1", 'le=~"1|1\\\\.0"'),
        ("2.5", 'le="2.5"'),
        ("0.00005", 'le=~"0\\\\.00005|5e\\\\-05"'),
        ("1000000", 'le=~"1000000|1000000\\\\.0|1e\\\\+06"'),
        ("Infinity", 'le="+Inf"'),
    ],
)
def test_a_prometheus_is_asked_for_a_bound_as_it_is_usually_written(bound, matcher) -> None:
    assert str(with_bound(parse_selector("took_bucket"), Decimal(bound))) == f"took_bucket{{{matcher}}}"
