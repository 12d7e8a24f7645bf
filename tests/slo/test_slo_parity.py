"""The same samples by svcops and by a real Prometheus: every kind of indicator, with resets, gaps and disorder."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
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
    return "".join([*lines, "# EOF\n"])


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
