"""The same samples by svcops and by a real Prometheus: every kind of indicator, with resets, gaps and disorder."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from tests.slo import prometheus
from tests.slo.conftest import World

from svcops.slo.report import report

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
END = AT.timestamp()
NUMBER = 40
"""Metrics, each with a few series of its own pattern."""
WINDOWS = ("3m", "5m", "7m", "11m", "17m", "29m", "41m", "1h", "83m", "3h", "6h")


def series(chance: random.Random) -> Iterator[tuple[float, float]]:
    """A counter that is scraped every so often: with jitter, gaps, resets, and sometimes only for a while."""
    step = chance.choice((15, 30, 60, 300))
    jitter = chance.choice((0, 0, 0.3))
    start, end = chance.choice(((0, 1), (0, 1), (0.5, 1), (0, 0.7))) if chance.random() < 0.9 else (0.95, 1)
    value, moment = float(chance.choice((0, 0, 5, 10**6))), END - 8 * 3600 * (1 - start)
    while moment <= END - 8 * 3600 * (1 - end) + 600:
        yield round(moment, 3), value
        value += chance.choice((0, 1, 3, 0.25, 100))
        if chance.random() < 0.01:
            value = float(chance.choice((0, 2)))
        moment += step * (1 + jitter * chance.random())
        if chance.random() < 0.01:
            moment += chance.choice((600, 4000))


def samples() -> str:
    """All metrics as OpenMetrics text."""
    chance = random.Random(4711)
    lines = []
    for number in range(NUMBER):
        lines.append(f"# TYPE n{number} counter\n")
        for code in ("200", "404", "500")[: chance.choice((1, 2, 3))]:
            for moment, value in series(chance):
                lines.append(f'n{number}_total{{code="{code}"}} {value!r} {moment}\n')
    lines.append("# TYPE latency gauge\n")
    minutes = reversed(range(8 * 60))
    lines += [f"latency {chance.choice((0.1, 0.3, 0.5, 2))} {END - 60 * minute}\n" for minute in minutes]
    lines += [f"{name} {value!r} {moment}\n" for name, of in gauges(chance).items() for moment, value in of]
    lines += [line for code in ("200", "500") for line in histogram(chance, code)]
    return "".join([*lines, "# EOF\n"])


def gauges(chance: random.Random) -> dict[str, list[tuple[float, float]]]:
    """A sample a minute, some seconds after it, with gaps; so that none is at the edge of a window or a slice."""
    minutes = [
        END - 60 * before - 7
        for before in reversed(range(8 * 60))
        if chance.random() > 0.05 and before // 20 not in (3, 9)
    ]
    asked = [(moment, float(chance.choice((0, 1, 7, 40)))) for moment in minutes]
    kept = [0, 0.5, 0.9, 1, 1, 1]
    return {
        "asked": asked,
        "made": [(moment, round(value * chance.choice(kept), 1)) for moment, value in asked],
        "share": [(moment, chance.choice((0.25, 0.5, 1))) for moment in minutes],
        "uneven": [(moment + 7, chance.choice((0.1, 0.3, 0.5, 2))) for moment in minutes],
    }


def histogram(chance: random.Random, code: str) -> Iterator[str]:
    """A classic histogram, scraped with jitter and gaps, of a program that starts again now and then."""
    counts, moment = [0, 0, 0], END - 8 * 3600
    while moment <= END:
        for le, value in zip(("0.3", "1", "+Inf"), accumulate(counts), strict=True):
            yield f'took_bucket{{le="{le}",code="{code}"}} {value} {round(moment, 3)}\n'
        yield f'took_count{{code="{code}"}} {sum(counts)} {round(moment, 3)}\n'
        counts = [0, 0, 0] if chance.random() < 0.02 else [one + chance.choice((0, 1, 9)) for one in counts]
        moment += 30 * (1 + 0.3 * chance.random()) + chance.choice((0,) * 60 + (700,))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[prometheus.Prometheus, Path]]:
    """A Prometheus, and a folder of files, with the same samples."""
    prometheus.needed()
    folder = tmp_path_factory.mktemp("parity")
    text = samples()
    (folder / "metrics").mkdir()
    (folder / "metrics/a.om").write_text(text)
    with prometheus.running(folder, text) as one:
        yield one, folder


def near(mine: float | None, theirs: float | None) -> bool:
    if mine is None or theirs is None:
        return mine is theirs
    return abs(mine - theirs) <= 1e-9 * max(1, abs(theirs))


def test_increases_are_those_of_prometheus(both: Any) -> None:
    one, folder = both
    world = World(folder)
    world.source("OpenMetrics")
    asked = {f"n{number:02}-{window}": (f"n{number}_total", window) for number in range(NUMBER) for window in WINDOWS}
    for name, (metric, window) in asked.items():
        world.slo(name, bad=f'{metric}{{code!="200"}}', total=metric, window=window)
    wrong = []
    for result in report(world.documents, AT, folder, increase="prometheus2").results:
        metric, window = asked[result.question.name]
        total = one.value(f"sum(increase({metric}[{window}]))", END)
        bad = one.value(f'sum(increase({metric}{{code!="200"}}[{window}]))', END)
        level = result.level
        found = (float(level.bad), float(level.total)) if level else (0.0, 0.0)
        if not all(map(near, found, (bad or 0.0, total or 0.0))):
            wrong.append((metric, window, found, (bad, total)))
    assert not wrong


def test_at_many_moments_between_samples(both: Any) -> None:
    one, folder = both
    chance = random.Random(17)
    for _ in range(25):
        at = AT - timedelta(milliseconds=chance.randrange(6 * 3600 * 1000))
        number = chance.randrange(NUMBER)
        world = World(folder)
        world.source("OpenMetrics")
        world.slo(good=f"n{number}_total", total=f"n{number}_total", window="30m")
        (result,) = report(world.documents, at, folder, increase="prometheus2").results
        theirs = one.value(f"sum(increase(n{number}_total[30m]))", at.timestamp())
        assert near(float(result.level.total) if result.level else None, theirs or None), (number, at)


def test_samples_that_stand_to_a_value_are_those_of_a_subquery(both: Any) -> None:
    one, folder = both
    world = World(folder)
    world.source("OpenMetrics")
    metric = {"metricSource": {"metricSourceRef": "samples", "spec": {"query": "latency"}}}
    world.slo(objective={"op": "lte", "value": 0.3}, indicator={"thresholdMetric": metric}, window="6h")
    (result,) = report(world.documents, AT, folder).results
    assert result.level is not None
    window = "[6h:1m]"
    # A subquery of Prometheus 2 takes in its start, where a window of ours begins after it.
    first = one.value("latency <= bool 0.3", END - 6 * 3600)
    good = one.value(f"sum_over_time((latency <= bool 0.3){window})", END)
    total = one.value(f"count_over_time((latency <= bool 0.3){window})", END)
    assert (result.level.good, result.level.total) == (good - first, total - 1)


def metric(query: str) -> dict[str, Any]:
    return {"metricSource": {"metricSourceRef": "samples", "spec": {"query": query}}}


def level_of(folder: Path, *, increase: Any = None, **slo: Any) -> Any:
    """Good, bad and total of an SLO, by svcops."""
    world = World(folder)
    world.source("OpenMetrics")
    world.slo(**slo)
    (result,) = report(world.documents, AT, folder, increase=increase).results
    assert result.level is not None
    return tuple(map(float, (result.level.good, result.level.bad, result.level.total)))


@pytest.mark.parametrize("window", ["20m", "1h", "3h", "6h"])
def test_counts_of_intervals_are_their_sum(both: Any, window: str) -> None:
    one, folder = both
    good, _, total = level_of(folder, good="made", total="asked", counter=False, window=window)
    assert near(good, one.value(f"sum(sum_over_time(made[{window}]))", END))
    assert near(total, one.value(f"sum(sum_over_time(asked[{window}]))", END))


@pytest.mark.parametrize("window", ["20m", "1h", "3h", "6h"])
@pytest.mark.parametrize("kind", ["success", "failure"])
def test_a_ratio_that_was_worked_out_before_is_the_mean_of_its_samples(both: Any, window: str, kind: str) -> None:
    one, folder = both
    raw = {"ratioMetric": {"rawType": kind, "raw": metric("share")}}
    good, bad, total = level_of(folder, indicator=raw, window=window)
    assert near((good if kind == "success" else bad) / total, one.value(f"avg_over_time(share[{window}])", END))
    assert near(total, one.value(f"count_over_time(share[{window}])", END))


@pytest.mark.parametrize(("op", "sign"), [("lte", "<="), ("lt", "<"), ("gte", ">="), ("gt", ">")])
def test_where_samples_are_missing_none_stands_to_a_value(both: Any, op: str, sign: str) -> None:
    one, folder = both
    good, _, total = level_of(
        folder, objective={"op": op, "value": 0.3}, indicator={"thresholdMetric": metric("uneven")}, window="6h"
    )
    # A Prometheus looks back for a sample at each instant; here those count that lie at it.
    there = f"((uneven {sign} bool 0.3) and (timestamp(uneven) >= time()))"
    first = one.value(there, END - 6 * 3600)
    assert near(good, one.value(f"sum_over_time({there}[6h:1m])", END) - (first or 0))
    assert near(total, one.value(f"count_over_time({there}[6h:1m])", END) - (first is not None))


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize(("op", "value", "le"), [("lte", 0.3, "0.3"), ("gt", 1, "1")])
def test_what_histograms_observed_is_how_far_their_buckets_grew(
    both: Any, window: str, op: str, value: float, le: str
) -> None:
    one, folder = both
    good, bad, total = level_of(
        folder,
        objective={"op": op, "value": value},
        indicator={"thresholdMetric": metric("took_bucket")},
        window=window,
        increase="prometheus2",
    )
    assert near(good if op == "lte" else bad, one.value(f'sum(increase(took_bucket{{le="{le}"}}[{window}]))', END))
    assert near(total, one.value(f'sum(increase(took_bucket{{le="+Inf"}}[{window}]))', END))


def test_a_ratio_of_a_bucket_and_the_count_is_one_of_counters(both: Any) -> None:
    one, folder = both
    bucket = 'took_bucket{le="0.3",code="200"}'
    good, _, total = level_of(folder, good=bucket, total="took_count", window="3h", increase="prometheus2")
    assert near(good, one.value(f"sum(increase({bucket}[3h]))", END))
    assert near(total, one.value("sum(increase(took_count[3h]))", END))


@pytest.mark.parametrize("method", ["Timeslices", "RatioTimeslices"])
@pytest.mark.parametrize("length", ["5m", "10m", "30m"])
def test_slices_are_instants_of_a_subquery(both: Any, method: str, length: str) -> None:
    one, folder = both
    good, _, total = level_of(
        folder,
        good="made",
        total="asked",
        counter=False,
        method=method,
        objective={"timeSliceWindow": length, "timeSliceTarget": 0.75},
        window="6h",
    )
    share = f"(sum_over_time(made[{length}]) / (sum_over_time(asked[{length}]) > 0))"
    judged = share if method == "RatioTimeslices" else f"({share} >= bool 0.75)"
    first = one.value(judged, END - 6 * 3600)
    assert near(good, one.value(f"sum_over_time({judged}[6h:{length}])", END) - (first or 0))
    assert near(total, one.value(f"count_over_time({judged}[6h:{length}])", END) - (first is not None))
