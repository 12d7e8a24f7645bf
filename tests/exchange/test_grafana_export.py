"""The dashboard for Grafana: what it shows, what it leaves out, and that a real Prometheus takes its queries."""

import itertools
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from svcops.exchange.grafana import export
from svcops.store.graph import Graph
from svcops.store.yaml_writing import dump

LANDSCAPE = Path(__file__).resolve().parents[2]
PROMTOOL = shutil.which("promtool")

needs_promtool = pytest.mark.skipif(
    not PROMTOOL and not os.environ.get("CI"), reason="promtool is missing: scripts/components installs it"
)


def slo(name, indicator, *, target=0.999, window="30d", **more):
    spec = {
        "service": "ledger",
        "indicator": {"metadata": {"name": f"{name}-sli"}, "spec": indicator},
        "timeWindow": [{"duration": window, "isRolling": True}],
        "budgetingMethod": "Occurrences",
        "objectives": [{"target": target, **more.pop("objective", {})}],
    }
    return {"apiVersion": "openslo/v1", "kind": "SLO", "metadata": {"name": name}, "spec": {**spec, **more}}


def metric(query, **source):
    return {"metricSource": {**(source or {"type": "Prometheus"}), "spec": {"query": query}}}


def ratio(part, query, total, *, counter=True):
    return {"ratioMetric": {"counter": counter, part: metric(query), "total": metric(total)}}


KINDS = {
    "bad": slo("bad", ratio("bad", 'a_total{code=~"5.."}', "a_total")),
    "good": slo("good", ratio("good", 'a_total{code!~"5.."}', "a_total")),
    "counts": slo("counts", ratio("bad", "failed", "asked", counter=False)),
    "raw": slo("raw", {"ratioMetric": {"rawType": "success", "raw": metric("up")}}),
    "threshold": slo("threshold", {"thresholdMetric": metric("seconds")}, objective={"op": "lte", "value": 0.5}),
}


def put(console, *slos):
    console.store.write("slo/all.yaml", "---\n".join(dump(one) for one in slos))
    console.store.commit()


def dashboard(console):
    return json.loads(console("export", "grafana").out)


def panels(console, type_):
    return [one for one in dashboard(console)["panels"] if one["type"] == type_]


def test_a_service_is_a_row_and_an_objective_a_line_of_three_panels(console):
    put(console, KINDS["bad"], KINDS["raw"])
    found = dashboard(console)
    assert found["schemaVersion"] >= 38, "that of Grafana 10"
    assert [(one["type"], one["title"]) for one in found["panels"]] == [
        ("row", "Ledger"),
        ("stat", "bad: SLI over 30d, target 99.9 %"),
        ("stat", "bad: error budget left"),
        ("timeseries", "bad: burn rate"),
        ("stat", "raw: SLI over 30d, target 99.9 %"),
        ("stat", "raw: error budget left"),
        ("timeseries", "raw: burn rate"),
    ]
    assert [one["id"] for one in found["panels"]] == list(range(1, 8))
    assert found["templating"]["list"][0]["query"] == "prometheus"


def test_panels_lie_beside_and_below_each_other(console):
    put(console, *KINDS.values())
    places = [one["gridPos"] for one in dashboard(console)["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in itertools.combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        assert beside or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]


def steps(panel):
    return [(one["color"], one["value"]) for one in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]]


def test_levels_are_red_below_their_target_and_burn_rates_have_a_line_at_each_that_calls_somebody(console):
    put(console, KINDS["bad"])
    sli, budget = panels(console, "stat")
    (burn,) = panels(console, "timeseries")
    assert steps(sli) == [("red", None), ("green", 0.999)]
    assert steps(budget)[:2] == [("red", None), ("orange", 0)]
    assert steps(burn) == [("transparent", None), ("yellow", 1), ("orange", 6), ("red", 14.4)]
    assert [one["legendFormat"] for one in burn["targets"]] == ["1h", "6h", "3d"]


def test_in_a_shorter_window_the_same_share_of_the_budget_is_another_rate(console):
    put(console, slo("week", KINDS["bad"]["spec"]["indicator"]["spec"], window="1w"))
    (burn,) = panels(console, "timeseries")
    assert [value for _, value in steps(burn)[1:]] == pytest.approx([7 * 0.1 / 3, 28 * 0.05, 168 * 0.02])


def test_the_buckets_of_a_histogram_are_counters(console):
    indicator = {"thresholdMetric": metric("seconds_bucket")}
    put(console, slo("latency", indicator, objective={"op": "gt", "value": 0.5}))
    (sli, _) = panels(console, "stat")
    assert sli["targets"][0]["expr"] == (
        '1 - sum(increase(seconds_bucket{le="0.5"}[30d])) / sum(increase(seconds_bucket{le="+Inf"}[30d]))'
    )


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (
            slo("a", {"thresholdMetric": metric("seconds_bucket")}, objective={"op": "lt", "value": 0.5}),
            "buckets of a histogram cannot tell what is < a value",
        ),
        (slo("a", {"ratioMetric": {"rawType": "success", "raw": metric("rate(x[5m])")}}), "no PromQL selector"),
        (
            slo("a", {"ratioMetric": {"rawType": "success", "raw": metric("x", type="Datadog")}}),
            "but a query of Datadog",
        ),
        (slo("a", ratio("good", "a", "b"), budgetingMethod="Timeslices"), "judged by Timeslices"),
        (slo("a", ratio("good", "a", "b"), window="1M"), "none that rolls over a fixed time"),
        (slo("a", ratio("good", "a", "b"), objective={"indicatorRef": "i"}), "a composite SLO"),
        (slo("a", {"ratioMetric": {"good": metric("a"), "total": metric("b")}}), "its ratio is not whole"),
    ],
)
def test_what_prometheus_cannot_be_asked_for_is_left_out_and_told(console, document, reason):
    put(console, document)
    said = console("export", "grafana")
    assert json.loads(said.out)["panels"] == []
    assert "left out: a (" in said.err
    assert reason in said.err
    assert reason in console("export", "grafana", "--json").json["left_out"][0]["reason"]


def test_the_landscape_is_shown_but_for_what_is_asked_by_paths():
    found = export(Graph(LANDSCAPE))
    assert [one.name for one in found.left_out] == ["document-retrieval"]
    assert len(found.shown) == 5
    assert found.text() == export(Graph(LANDSCAPE)).text()


def test_it_goes_to_a_file_or_into_a_folder(console):
    put(console, KINDS["bad"])
    console("export", "grafana", "--output", "../board.json")
    assert json.loads(console.store.read("../board.json")) == dashboard(console)
    assert "../boards/service-levels.json" in console("export", "grafana", "--output", "../boards").out
    assert console("export", "grafana", "-q").out == "bad\n"


def queries(console):
    return [target["expr"] for panel in dashboard(console)["panels"] for target in panel.get("targets", ())]


@needs_promtool
def test_a_real_prometheus_takes_every_query(console, tmp_path):
    put(console, *KINDS.values())
    asked = queries(console)
    assert len(asked) == 5 * 5
    rules = [{"record": f"r{number}", "expr": query} for number, query in enumerate(asked)]
    file = tmp_path / "rules.yaml"
    file.write_text(json.dumps({"groups": [{"name": "all", "rules": rules}]}), encoding="utf-8")
    done = subprocess.run([str(PROMTOOL), "check", "rules", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(asked)} rules found" in done.stdout


@needs_promtool
@pytest.mark.parametrize("kind", KINDS)
def test_a_real_prometheus_finds_a_burn_of_a_quarter_and_three_quarters_left(console, tmp_path, kind):
    """A target of 99.9 %, and of all events 0.025 % bad: the same in every kind of indicator."""
    put(console, KINDS[kind])
    sli, left, burn = (one["targets"][0]["expr"] for one in dashboard(console)["panels"] if one["type"] != "row")
    short = [re.sub(r"\[(30d|1h)(:?)\]", r"[400m\2]", query) for query in (sli, left, burn)]
    series = [
        {"series": 'a_total{code="200"}', "values": "0+3999x400"},
        {"series": 'a_total{code="500"}', "values": "0+1x400"},
        {"series": "asked", "values": "4000x400"},
        {"series": "failed", "values": "1x400"},
        {"series": "up", "values": "0.99975x400"},
        {"series": "seconds", "values": "0.4x400"},
    ]
    expected = (1, 1, 0) if kind == "threshold" else (0.99975, 0.75, 0.25)
    tests = [
        {
            "expr": f"abs({query} - {value}) < bool 1e-9",
            "eval_time": "400m",
            "exp_samples": [{"labels": "{}", "value": 1}],
        }
        for query, value in zip(short, expected, strict=True)
    ]
    file = tmp_path / "test.yaml"
    content = {"rule_files": [], "evaluation_interval": "1m"}
    content["tests"] = [{"interval": "1m", "input_series": series, "promql_expr_test": tests}]
    file.write_text(json.dumps(content), encoding="utf-8")
    done = subprocess.run([str(PROMTOOL), "test", "rules", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
