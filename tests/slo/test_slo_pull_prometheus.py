"""`svcops slo pull` from a real Prometheus: what was pulled gives the figures of the same samples in OpenMetrics files."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.slo import prometheus
from tests.slo.conftest import World

from svcops.slo.report import report

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
END = int(AT.timestamp())
HOURS = 40


def samples() -> str:
    """Counters with resets and gaps, scraped at odd moments, some at the edge of a day; and a gauge with NaN."""
    chance = random.Random(815)
    lines = ["# TYPE logins counter\n"]
    for code in ("200", "404", "500"):
        value, moment = 0.0, float(END - HOURS * 3600)
        while moment <= END:
            lines.append(f'logins_total{{code="{code}",zone="a b\\"c"}} {value!r} {round(moment, 3)}\n')
            value = 0.0 if chance.random() < 0.01 else value + chance.choice((0, 1, 0.25, 1000))
            moment += chance.choice((15, 30, 30.007, 4000 if chance.random() < 0.02 else 30))
    lines += [
        f'logins_total{{code="edge"}} {number + 1} {END - 12 * 3600 + number}\n' for number in (-0.001, 0, 0.001, 60)
    ]
    lines.append("# TYPE latency gauge\n")
    lines += [
        f"latency {chance.choice((0.1, 0.3, 2, 'NaN'))} {END - 60 * minute}\n" for minute in range(HOURS * 60, -1, -1)
    ]
    return "".join([*lines, "# EOF\n"])


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[prometheus.Prometheus, Path]]:
    """A Prometheus, and a folder of files, with the same samples."""
    prometheus.needed()
    folder = tmp_path_factory.mktemp("pull")
    text = samples()
    (folder / "metrics").mkdir()
    (folder / "metrics/a.om").write_text(text)
    with prometheus.running(folder, text) as one:
        yield one, folder


def of(world: World) -> World:
    """SLOs of every measure, on whatever `samples` is."""
    metric = {"metricSource": {"metricSourceRef": "samples", "spec": {"query": "latency"}}}
    for window in ("37m", "12h", "1d"):
        world.slo(f"logins-{window}", bad='logins_total{code=~"5.."}', total="logins_total", window=window)
    world.slo("edge", good='logins_total{code="edge"}', total="logins_total", window="13h")
    world.slo("zone", good='logins_total{zone="a b\\"c"}', total="logins_total", window="1h")
    world.slo("fast", objective={"op": "lte", "value": 0.3}, indicator={"thresholdMetric": metric}, window="1d")
    return world


def figures(documents: Any, root: Path) -> Any:
    found = report(documents, AT, root)
    return [(one.question.name, one.level, one.verdict, one.coverage, one.missing) for one in found.results]


def test_what_was_pulled_gives_the_report_of_the_same_samples_in_files(console: Any, both: Any) -> None:
    one, folder = both
    files = of(World(folder))
    files.source("OpenMetrics")
    host = of(World(console.store.root))
    host.add("DataSource", "samples", {"type": "Prometheus", "connectionDetails": {"url": one.url}})
    for path, document in host.documents:
        plain = {"apiVersion": "openslo/v1", "kind": document.kind, "metadata": {"name": document.metadata.name}}
        console.store.write(path, json.dumps({**plain, "spec": spec_of(document)}))
    console.now = AT
    said = console("slo", "pull", "--json", "--until", "2026-11-23T12:00Z").json
    assert [(one["selector"], len(one["files"])) for one in said["pulled"]] == [("latency", 2), ("logins_total", 2)]
    assert figures(host.documents, host.root) == figures(files.documents, files.root)


def spec_of(document: Any) -> Any:
    from svcops.store.yaml_writing import plain_of

    return plain_of(document.spec)
