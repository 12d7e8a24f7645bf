"""`--engine prometheus`: a real Prometheus counts, and the report is that of the same samples in files."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.slo import prometheus
from tests.slo.conftest import World
from tests.slo.hosts import serving

from svcops.errors import BadInput
from svcops.slo.answers import Result
from svcops.slo.exclusion import Exclusion, Times
from svcops.slo.exclusions import Exclusions
from svcops.slo.presenting import rows
from svcops.slo.pushing import Pushing
from svcops.slo.report import Report, Way, report
from svcops.store.entries import Entry

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
END = int(AT.timestamp())
HOURS = 30


def samples() -> str:
    """Counters with resets, each scraped at its own second of the minute; one with a gap; counts and values a minute."""
    chance = random.Random(42)
    lines = ["# TYPE logins counter\n"]
    for code, offset in (("200", 7), ("404", 7), ("500", 7)):
        value = 0.0
        for minute in range(HOURS * 60):
            if 600 <= minute < 660:
                continue
            lines.append(f'logins_total{{code="{code}"}} {value!r} {END - HOURS * 3600 + 60 * minute + offset}\n')
            value = 0.0 if chance.random() < 0.003 else value + chance.choice((0, 1, 3, 100 if code == "200" else 0))
    counts = [0, 0]
    for minute in range(HOURS * 60):
        counts = [0, 0] if minute % 700 == 500 else [counts[0] + chance.choice((0, 5)), counts[1] + 6]
        at = END - HOURS * 3600 + 60 * minute + 7
        lines += [f'took_bucket{{le="{le}"}} {value} {at}\n' for le, value in zip(("1", "+Inf"), counts, strict=True)]
    for name, values in (
        ("latency", (0.1, 0.3, 0.5, 2)),
        ("share", (0.5, 1, 0.999)),
        ("all", (9, 12)),
        ("bad", (0, 2)),
    ):
        lines.append(f"# TYPE {name} gauge\n")
        minutes = [minute for minute in range(HOURS * 60, -1, -1) if not 100 < minute < 130]
        lines += [f"{name} {chance.choice(values)} {END - 60 * minute}\n" for minute in minutes]
    return "".join([*lines, "# EOF\n"])


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[prometheus.Prometheus, Path]]:
    """A Prometheus, and a folder of files, with the same samples."""
    prometheus.needed()
    folder = tmp_path_factory.mktemp("push")
    text = samples()
    (folder / "metrics").mkdir()
    (folder / "metrics/a.om").write_text(text)
    with prometheus.running(folder, text) as one:
        yield one, folder


def asked(world: World) -> World:
    """SLOs of every measure and method, on whatever `samples` is."""

    def metric(query: str) -> dict[str, Any]:
        return {"metricSource": {"metricSourceRef": "samples", "spec": {"query": query}}}

    for window in ("37m", "12h", "1d"):
        world.slo(f"logins-{window}", bad='logins_total{code=~"5.."}', total="logins_total", window=window)
    world.slo("absent", bad='logins_total{code="302"}', total="logins_total", window="1d")
    world.slo("counts", counter=False, bad="bad", total="all", window="1d")
    world.slo(
        "fast", objective={"op": "lte", "value": 0.3}, indicator={"thresholdMetric": metric("latency")}, window="1d"
    )
    world.slo(
        "took", objective={"op": "lte", "value": 1}, indicator={"thresholdMetric": metric("took_bucket")}, window="1d"
    )
    world.slo(
        "raw", indicator={"ratioMetric": {"counter": False, "rawType": "success", "raw": metric("share")}}, window="1d"
    )
    sliced = {"timeSliceWindow": "5m"}
    target = {**sliced, "timeSliceTarget": 0.9}
    world.slo("slices", bad="bad", total="all", counter=False, window="1d", method="Timeslices", objective=target)
    world.slo(
        "ratios",
        bad="bad",
        total="all",
        counter=False,
        window="1d",
        method="RatioTimeslices",
        objective=sliced,
    )
    return world


def near(one: Any, other: Any) -> bool:
    return one == other or abs(float(one) - float(other)) <= 1e-9 * max(1, abs(float(other)))


def same(one: Result, other: Result) -> bool:
    figures = zip(
        (one.level.good, one.level.total, one.coverage) if one.level else (),
        (other.level.good, other.level.total, other.coverage) if other.level else (),
        strict=True,
    )
    return one.verdict == other.verdict and one.missing == other.missing and all(near(*pair) for pair in figures)


def reports(both: Any, at: datetime = AT) -> tuple[Report, Report]:
    one, folder = both
    files, hosts = asked(World(folder)), asked(World(folder))
    files.source("OpenMetrics", step="1m")
    hosts.add("DataSource", "samples", {"type": "Prometheus", "connectionDetails": {"url": one.url, "step": "1m"}})
    with Pushing({}, folder) as pushing:
        pushed = report(hosts.documents, at, folder, hosts.exclusions, way=Way(pushing=pushing))
    return report(files.documents, at, folder, files.exclusions, way=Way(increase="prometheus2")), pushed


@pytest.mark.parametrize("before", [0, 1, 59, 61, 7 * 60, 3 * 3600 + 0.001, 20 * 3600])
def test_files_and_the_host_give_one_report(both: Any, before: float) -> None:
    files, pushed = reports(both, AT - timedelta(seconds=before))
    wrong = [
        (one.question.name, one.level, other.level, one.coverage, other.coverage, one.missing, other.missing)
        for one, other in zip(files.results, pushed.results, strict=True)
        if not same(one, other)
    ]
    assert not wrong
    assert rows(files) == rows(pushed)


def test_a_bound_that_no_bucket_has_is_refused_as_of_files(both: Any) -> None:
    one, folder = both
    for type_, details in (("OpenMetrics", {"path": "metrics/*"}), ("Prometheus", {"url": one.url})):
        world = World(folder)
        world.add("DataSource", "samples", {"type": type_, "connectionDetails": {"step": "1m", **details}})
        took = {"metricSource": {"metricSourceRef": "samples", "spec": {"query": "took_bucket"}}}
        world.slo(objective={"op": "lte", "value": 0.5}, indicator={"thresholdMetric": took}, window="1d")
        with Pushing({}, folder) as pushing, pytest.raises(BadInput, match=r"no bucket le=0\.5"):
            report(world.documents, AT, folder, way=Way(pushing=pushing))


def test_what_is_excluded_is_not_asked_for(both: Any) -> None:
    one, folder = both
    times = (Times(from_=AT - timedelta(hours=3), until=AT - timedelta(hours=2)),)
    agreed = Exclusion(slos=("counts",), title="Restart", reason="Agreed", reviewed_by="kim", times=times)
    exclusions = Exclusions([Entry("exclusion", "restart", "slo/exclusions/restart.yaml", agreed)])
    found = []
    for type_, details in (("OpenMetrics", {"path": "metrics/*"}), ("Prometheus", {"url": one.url})):
        world = World(folder)
        world.add("DataSource", "samples", {"type": type_, "connectionDetails": {"step": "1m", **details}})
        world.slo("counts", counter=False, bad="bad", total="all", window="1d")
        with Pushing({}, folder) as pushing:
            found += report(world.documents, AT, folder, exclusions, way=Way(pushing=pushing)).results
    files, pushed = found
    assert same(files, pushed)
    assert files.plain == pushed.plain != files.level


SLO = """\
apiVersion: openslo/v1
kind: DataSource
metadata: {name: samples}
spec: {type: Prometheus, connectionDetails: {url: "URL", step: 1m, timeout: 1s}}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: postings}
spec:
  service: ledger
  indicator:
    metadata: {name: accepted}
    spec:
      ratioMetric:
        counter: true
        bad: {metricSource: {metricSourceRef: samples, spec: {query: 'n{code="500"}'}}}
        total: {metricSource: {metricSourceRef: samples, spec: {query: n}}}
  timeWindow: [{duration: 1h, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.99}]
"""


def matrix(*values: tuple[float, str], **labels: str) -> Any:
    series = [{"metric": labels, "values": [list(one) for one in values]}] if values else []
    return {"status": "success", "data": {"resultType": "matrix", "result": series}}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda asked: asked.answer(503, "down"), "answers 503: down"),
        (lambda asked: asked.answer(200, "no json"), "answers with what is no JSON"),
        (lambda asked: asked.answer(200, matrix((1, "2"))), "of another time than was asked for"),
        (lambda asked: asked.answer(200, matrix((0, "NaN"))), "of another time"),
        (lambda asked: asked.answer(200, matrix((float(asked.parameters["start"]), "NaN"))), "with NaN"),
        (lambda asked: asked.answer(200, matrix((float(asked.parameters["start"]), "1"), code="1")), "without labels"),
        (lambda asked: asked.answer(422, {"error": "too many samples"}), "too many samples"),
        (lambda asked: asked.answer(302, "", Location="http://other.example/"), "sends elsewhere (302)"),
    ],
)
def test_a_host_that_fails_or_lies_gives_no_figure(console: Any, answer: Any, why: str) -> None:
    with serving(answer) as server:
        console.store.write("slo/ledger.yaml", SLO.replace("URL", server.url))
        said = console("slo", "report", "--engine", "prometheus", code=3)
    assert why in said.err
    assert "not worked out: postings" in said.err
    assert len([one for one in server.asked if one.path.endswith("query_range")]) == 1, (
        "it is not asked again and again"
    )


def test_a_host_that_says_nothing_is_waited_for_once(console: Any) -> None:
    console.store.write("slo/ledger.yaml", SLO.replace("URL", "http://127.0.0.1:9"))
    assert "cannot be reached" in console("slo", "report", "--engine", "prometheus", code=3).err


def test_without_samples_nothing_is_known(console: Any) -> None:
    with serving(lambda asked: asked.answer(200, matrix())) as server:
        console.store.write("slo/ledger.yaml", SLO.replace("URL", server.url))
        said = console("slo", "report", "--engine", "prometheus", code=4)
    assert "no samples" in said.err


def test_it_is_asked_for_just_what_is_counted(console: Any) -> None:
    def answer(asked: Any) -> None:
        start = float(asked.parameters.get("start", 0))
        value = str(start) if "timestamp" in asked.parameters.get("query", "") else "1000"
        value = "10" if "500" in asked.parameters.get("query", "") else value
        asked.answer(200, matrix((start, value)))

    with serving(answer) as server:
        console.store.write("slo/ledger.yaml", SLO.replace("URL", server.url))
        words = ("postings", "--engine", "prometheus", "--at", "2026-11-23T07:00Z")
        said = console("slo", "explain", *words, code=None)
        report = console("slo", "report", *words, code=None)
    assert "  counted  by the host of samples, which estimates how far counters grew\n" in said.out
    for one in (said, report):
        assert "samples: the host estimates how far counters grew, as files do with --increase prometheus2" in one.err
    queries = {one.query for one in server.asked if one.path.endswith("query_range")}
    assert 'sum(increase(n{code="500"}[1h]))' in queries
    assert "sum(increase(n[1h]))" in queries


@pytest.mark.parametrize(
    ("text", "words", "why"),
    [
        (SLO, ("--engine", "bare"), "--engine bare: not known"),
        (SLO, ("--engine", "prometheus", "--increase", "exact"), "--increase exact: a host estimates how far"),
        (SLO.replace("step: 1m, ", ""), ("--engine", "prometheus"), "connectionDetails.step: missing"),
    ],
)
def test_what_cannot_be_asked_is_refused(console: Any, text: str, words: tuple[str, ...], why: str) -> None:
    console.store.write("slo/ledger.yaml", text.replace("URL", "http://127.0.0.1:9"))
    assert why in console("slo", "report", *words, code=2).err


def test_sources_of_files_are_read_as_ever(console: Any) -> None:
    text = SLO.replace('{type: Prometheus, connectionDetails: {url: "URL", step: 1m, timeout: 1s}}', "{type: CSV, X}")
    details = "connectionDetails: {path: metrics/a.csv, metric: metric, value: value}"
    console.store.write("slo/ledger.yaml", text.replace("X", details).replace("counter: true", "counter: false"))
    lines = ["timestamp,metric,value,code", "2026-11-23T07:10:00Z,n,5,200", "2026-11-23T07:10:00Z,n,1,500"]
    console.store.write("metrics/a.csv", "\n".join(lines) + "\n")
    at = ("--at", "2026-11-23T07:15Z")
    assert (
        console("slo", "report", *at, "--engine", "prometheus", code=None).out
        == console("slo", "report", *at, code=None).out
    )
