"""What an incident cost of error budgets, from real samples; nothing is said where they do not know."""

from datetime import UTC, datetime, timedelta

import pytest

from svcops.postmortems.budgets import spent
from svcops.store.graph import Graph

END = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
START = END - timedelta(minutes=20)
SLO = """\
apiVersion: openslo/v1
kind: SLO
metadata: {{name: receipts}}
spec:
  service: receipt-scanner
  indicator:
    metadata: {{name: answered}}
    spec:
      ratioMetric:
        counter: false
        {part}:
          metricSource: {{metricSourceRef: samples, spec: {{query: '{query}'}}}}
        total:
          metricSource: {{metricSourceRef: samples, spec: {{query: 'total'}}}}
  timeWindow: [{{duration: 1d, isRolling: true}}]
  budgetingMethod: Occurrences
  objectives: [{{displayName: most, target: 0.9}}]
"""
SOURCE = """\
apiVersion: openslo/v1
kind: DataSource
metadata: {name: samples}
spec:
  type: CSV
  connectionDetails: {path: metrics/samples.csv, time: timestamp, metric: metric, value: value}
"""


@pytest.fixture
def measured(store):
    """A store with samples each minute: 10 of total, and 2 bad each minute of the incident."""

    def make(first=END - timedelta(days=1), last=END, part="bad", query="bad"):
        store.write("slo/receipts.yaml", SLO.format(part=part, query=query))
        store.write("slo/samples.yaml", SOURCE)
        lines = ["timestamp,metric,value"]
        moment = first + timedelta(minutes=1)
        while moment <= last:
            bad = 2 if START < moment <= END else 0
            lines += [
                f"{moment:%Y-%m-%dT%H:%M:%SZ},{name},{value}"
                for name, value in (("total", 10), ("bad", bad), ("good", 10 - bad))
            ]
            moment += timedelta(minutes=1)
        store.write("metrics/samples.csv", "\n".join(lines) + "\n")
        return Graph(store.root)

    return make


@pytest.mark.parametrize("part", ["bad", "good"])
def test_the_part_of_the_budget_that_the_incident_took(measured, part):
    (line,) = spent(measured(part=part, query=part), ["receipt-scanner"], START, END)
    assert line == "Error budget of receipts (most, 1d): 40 bad in these 20 min, of 1440 allowed: 2.7 %"


def test_nothing_is_said_of_another_service(measured):
    assert spent(measured(), ["ledger"], START, END) == ()


def test_nothing_is_said_where_the_samples_end_before_the_incident_does(measured):
    assert spent(measured(last=END - timedelta(minutes=5)), ["receipt-scanner"], START, END) == ()


def test_nothing_is_said_where_most_of_the_window_is_unknown(measured):
    assert spent(measured(first=END - timedelta(hours=11)), ["receipt-scanner"], START, END) == ()


def test_nothing_is_said_without_samples_or_with_an_slo_that_is_wrong(measured, store):
    graph = measured()
    (store.root / "metrics/samples.csv").unlink()
    assert spent(graph, ["receipt-scanner"], START, END) == ()
    measured(query="bad{")
    assert spent(Graph(store.root), ["receipt-scanner"], START, END) == ()


def test_an_incident_longer_than_the_window_takes_what_the_window_holds(measured):
    (line,) = spent(measured(), ["receipt-scanner"], END - timedelta(days=3), END)
    assert "40 bad in these 1 d, of 1440 allowed" in line


def test_the_post_mortem_tells_it(console):
    console.store.write("slo/receipts.yaml", SLO.format(part="bad", query="bad"))
    console.store.write("slo/samples.yaml", SOURCE)
    moments = [console.now - timedelta(minutes=n) for n in range(-10, 1441)]
    lines = [
        f"{one:%Y-%m-%dT%H:%M:%SZ},{name},{value}" for one in moments for name, value in (("total", 10), ("bad", 1))
    ]
    console.store.write("metrics/samples.csv", "\n".join(["timestamp,metric,value", *lines]) + "\n")
    console.store.commit("Samples")
    words = ("--service", "receipt-scanner", "--severity", "sev1", "--detected-by", "slo")
    short = console("incident", "open", "Receipts are not extracted", *words, "--started", "-20m").id[-6:]
    console("incident", "resolve", short)
    console("postmortem", "start", short)
    text = next(console.store.root.glob("postmortems/2026/*.md")).read_text()
    assert "- Error budget of receipts (most, 1d): 21 bad in these 21 min, of 1440 allowed: 1.4 %\n" in text
