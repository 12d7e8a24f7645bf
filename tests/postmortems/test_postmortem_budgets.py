"""What an incident cost of error budgets, from real samples; unknown, with the reason, where they do not tell."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from svcops.postmortems.budgets import budgets_spent
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
    (line,) = budgets_spent(measured(part=part, query=part), ["receipt-scanner"], START, END)
    assert (
        line
        == "Error budget of receipts (most, 1d) from 2026-11-23 07:55 to 08:15 UTC: 40 bad in these 20 min, of 1440 allowed: 2.7 %"
    )


def test_what_was_bad_in_excluded_time_spends_nothing_of_it(measured, store):
    times = [{"from": START.isoformat(), "until": (START + timedelta(minutes=5)).isoformat()}]
    about = {"title": "Restart", "reason": "Agreed", "reviewed_by": "kim", "services": ["receipt-scanner"]}
    store.write("slo/exclusions/restart.yaml", json.dumps({**about, "times": times}))
    store.write("catalogue/people/kim.yaml", "name: Kim\nemails: [kim@example.com]\n")
    (line,) = budgets_spent(measured(), ["receipt-scanner"], START, END)
    head, said = line.split(": ", 1)
    assert head == "Error budget of receipts (most, 1d) from 2026-11-23 07:55 to 08:15 UTC"
    assert said == "30 bad in these 20 min, of 1435 allowed: 2.0 %; 10 more were bad in excluded time"


def test_of_an_incident_whose_start_is_not_known_it_is_at_least_what_was_spent_since_it_was_declared(measured):
    declared = START + timedelta(minutes=5)
    (line,) = budgets_spent(measured(), ["receipt-scanner"], declared, END, since_declared=True)
    head, said = line.split(": ", 1)
    assert head == "Error budget of receipts (most, 1d) from 2026-11-23 08:00 to 08:15 UTC"
    assert said == "at least 30 bad in these 15 min, of 1440 allowed: at least 2.0 %"


def test_nothing_is_said_of_another_service(measured):
    assert budgets_spent(measured(), ["ledger"], START, END) == ()


def unknown(graph):
    (line,) = budgets_spent(graph, ["receipt-scanner"], START, END)
    head, _, why = line.partition("): unknown, ")
    assert head == "Error budget of receipts (most, 1d"
    return why


def test_it_is_unknown_where_the_samples_end_before_the_incident_does(measured):
    assert unknown(measured(last=END - timedelta(minutes=5))) == "the samples do not cover the incident"


def test_it_is_unknown_where_most_of_the_window_is(measured):
    assert unknown(measured(first=END - timedelta(hours=11))).startswith("samples speak for 11 h of 1 d, and 50 % have")


def test_times_are_told_in_utc_wherever_the_incident_was_recorded(measured):
    ends = (moment.astimezone(ZoneInfo("Europe/Berlin")) for moment in (START, END))
    (line,) = budgets_spent(measured(first=END - timedelta(hours=11)), ["receipt-scanner"], *ends)
    assert line.endswith("missing: 2026-11-22T08:15:00Z to 2026-11-22T21:15:00Z")


def test_it_is_unknown_where_samples_are_missing_during_the_incident(measured, store):
    graph = measured()
    path = store.root / "metrics/samples.csv"
    lost = {f"{START + timedelta(minutes=n):%Y-%m-%dT%H:%M}" for n in range(3, 18)}
    path.write_text("".join(f"{line}\n" for line in path.read_text().splitlines() if line[:16] not in lost))
    assert unknown(graph) == "the samples do not cover the incident"


def test_what_lies_between_two_samples_is_told_as_such(measured, store):
    graph = measured()
    path = store.root / "metrics/samples.csv"
    lines = path.read_text().splitlines()
    kept = [line for line in lines if line[14:16] in {"00", "15", "30", "45"}]
    path.write_text("".join(f"{line}\n" for line in (lines[0], *kept)))
    (line,) = budgets_spent(graph, ["receipt-scanner"], *(END - timedelta(minutes=n) for n in (10, 5)))
    assert ": 2 bad in the 15 min between samples, from 08:00 to 08:15 UTC, of 95 allowed: 2.1 %" in line


def test_it_is_unknown_without_samples_and_where_the_file_is_none_of_samples(measured, store):
    graph = measured()
    (store.root / "metrics/samples.csv").write_bytes(bytes(range(256)) * 20)
    assert "metrics/samples.csv" in unknown(graph)
    (store.root / "metrics/samples.csv").unlink()
    assert "no file matches metrics/samples.csv" in unknown(graph)


def test_it_is_unknown_where_the_slo_asks_what_is_no_question(measured):
    assert unknown(measured(query="bad{")).endswith("a label's name is missing, at character 5")


def test_an_incident_longer_than_the_window_takes_what_the_window_holds(measured):
    (line,) = budgets_spent(measured(), ["receipt-scanner"], END - timedelta(days=3), END)
    assert "40 bad in these 1 d, of 1440 allowed" in line


WHEN = "from 2026-11-23 06:56 to 07:17 UTC"
TOLD = f"- Error budget of receipts (most, 1d) {WHEN}: 21 bad in these 21 min, of 1440 allowed: 1.4 %\n"


@pytest.fixture
def started(console):
    """A post-mortem of a resolved incident whose samples are there, and are not committed."""
    console.store.write("slo/receipts.yaml", SLO.format(part="bad", query="bad"))
    console.store.write("slo/samples.yaml", SOURCE)
    moments = [console.now - timedelta(minutes=n) for n in range(-10, 1441)]
    lines = [
        f"{one:%Y-%m-%dT%H:%M:%SZ},{name},{value}" for one in moments for name, value in (("total", 10), ("bad", 1))
    ]
    console.store.write("metrics/samples.csv", "\n".join(["timestamp,metric,value", *lines]) + "\n")
    console.store.write(".gitignore", "metrics/\n")
    console.store.git("add", "--all")
    console.store.git("commit", "-qm", "Objectives")
    words = ("--service", "receipt-scanner", "--severity", "sev1", "--detected-by", "slo")
    short = console("incident", "open", "Receipts are not extracted", *words, "--started", "-20m").id[-6:]
    console("incident", "resolve", short)
    console("postmortem", "start", short)
    return short


def text_of(console):
    return next(console.store.root.glob("postmortems/2026/*.md")).read_text()


def test_the_post_mortem_tells_it(console, started):
    assert TOLD in text_of(console)


def test_who_has_no_samples_renews_the_facts_and_keeps_the_figure(console, started):
    (console.store.root / "metrics/samples.csv").unlink()
    console("incident", "log", started, "Nothing of note")
    said = console("postmortem", "start", started, "--facts", code=2)
    assert "are what the timeline gives" in said.err
    assert (
        f"kept, as the samples to work it out anew are not here: Error budget of receipts (most, 1d) {WHEN}: 21 bad"
        in said.err
    )
    console("incident", "role", started, "scribe", "noor")
    console("postmortem", "start", started, "--facts")
    assert TOLD in text_of(console)
    assert "scribe noor" in text_of(console)


def test_an_unknown_one_becomes_a_figure_where_the_samples_are(console, started):
    path = next(console.store.root.glob("postmortems/2026/*.md"))
    path.write_text(path.read_text().replace(TOLD, "- Error budget of receipts (most, 1d): unknown, no samples\n"))
    console.store.git("commit", "-qam", "As where there were none")
    console("postmortem", "start", started, "--facts")
    assert TOLD in text_of(console)


def test_each_objective_of_an_slo_has_its_line_also_when_they_are_renewed(console, started):
    slo = console.store.root / "slo/receipts.yaml"
    slo.write_text(slo.read_text().replace("target: 0.9}]", "target: 0.9}, {displayName: all, target: 0.99}]"))
    console.store.git("commit", "-qam", "Another objective")
    console("postmortem", "start", started, "--facts")
    assert TOLD in text_of(console)
    assert f"- Error budget of receipts (all, 1d) {WHEN}: 21 bad in these 21 min, of 144 allowed: 14.5 %\n" in text_of(
        console
    )


def test_a_figure_of_before_a_reopening_is_found_and_kept_by_nobody(console, started):
    (console.store.root / "metrics/samples.csv").unlink()
    console("incident", "reopen", started, "It is back")
    assert "the timeline gives no such thing" in facts_found(console, started)[0]
    console.now += timedelta(days=4)
    console("incident", "resolve", started)
    text, *_ = facts_found(console, started)
    assert text.endswith("the timeline now gives: an incident from 2026-11-23 06:56 to 2026-11-27 07:21 UTC")
    said = console("postmortem", "start", started, "--facts")
    assert "kept, as" not in said.err
    assert "Error budget of receipts (most, 1d): unknown, " in text_of(console)
    assert facts_found(console, started) == []


def facts_found(console, short):
    """What is found about the facts of a post-mortem: of error budgets first."""
    found = console("postmortem", "check", short, "--json", code=None).json["findings"]
    told = [one["message"] for one in found if one["code"] == "PMO008"]
    return sorted(told, key=lambda one: "no such thing" not in one and "an incident from" not in one)
