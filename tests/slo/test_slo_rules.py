"""`svcops slo rules`: what is written, for whom, where to, and what is left out. A Prometheus tries the rules elsewhere."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

SNAPSHOT = Path(__file__).parent / "snapshots" / "slo-rules.yaml"
HEADER = "# Written by svcops slo rules: changes here are lost when it runs again.\n"
FLAGS = ("--tiers", "1h", "--no-recording")


def metric(query: str, ref: str = "prometheus") -> Any:
    return {"metricSource": {"metricSourceRef": ref, "spec": {"query": query}}}


def ratio(good: str = 'postings_total{code!~"5.."}', total: str = "postings_total", ref: str = "prometheus") -> Any:
    return {"ratioMetric": {"counter": True, "good": metric(good, ref), "total": metric(total, ref)}}


@pytest.fixture
def write(console: Any) -> Any:
    """Adds a document to the store; spec is as given, an SLO's what is left of that of 99.9 % of postings in 30 days."""

    def add(kind: str, name: str, spec: Any, display: str = "") -> None:
        metadata = {"name": name, **({"displayName": display} if display else {})}
        plain = {"apiVersion": "openslo/v1", "kind": kind, "metadata": metadata, "spec": spec}
        console.store.write(f"slo/{name}.yaml", json.dumps(plain))

    add("DataSource", "prometheus", {"type": "Prometheus", "connectionDetails": {"url": "http://prometheus.example"}})
    return add


@pytest.fixture
def slo(write: Any) -> Any:
    def add(
        name: str = "postings", *, service: str = "ledger", indicator: Any = None, composite: bool = False, **spec: Any
    ) -> None:
        plain = {
            "service": service,
            "indicator": None if composite else {"metadata": {"name": "sli"}, "spec": indicator or ratio()},
            "timeWindow": [{"duration": "30d", "isRolling": True}],
            "budgetingMethod": "Occurrences",
            "objectives": [{"target": 0.999}],
            **spec,
        }
        write("SLO", name, {key: value for key, value in plain.items() if value is not None}, name.capitalize())

    return add


def groups(said: Any) -> dict[str, list[Any]]:
    return {one["name"]: one["rules"] for one in said.json["groups"]}


def alerts(said: Any) -> list[Any]:
    return [rule for rules in groups(said).values() for rule in rules if "alert" in rule]


def test_a_person_reads_the_rules_of_an_objective(console: Any, slo: Any) -> None:
    console.store.write("svcops.yaml", "organisation: Example\nsite: https://ops.example.org/\n")
    console.store.write(
        "runbooks/ledger/postings.md",
        "---\ntitle: Postings fail\nkind: operation\nservices: [ledger]\nalerts: [PostingsBudgetBurn]\n---\n\nLook.\n",
    )
    slo()
    text = console("slo", "rules", "--tiers", "1h").out
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.parent.mkdir(exist_ok=True)
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert text == SNAPSHOT.read_text(encoding="utf-8")


def test_links_lead_to_pages_of_the_site(console: Any, slo: Any, tmp_path: Path) -> None:
    console.store.write("svcops.yaml", "organisation: Example\nsite: https://ops.example.org/pages\n")
    book = (
        "---\ntitle: Postings fail\nkind: operation\nservices: [ledger]\nalerts: [PostingsBudgetBurn]\n---\n\nLook.\n"
    )
    console.store.write("runbooks/ledger/postings.md", book)
    slo()
    console("site", "build", "--output", str(tmp_path / "site"), code=None)
    (alert,) = alerts(console("slo", "rules", *FLAGS, "--json"))
    for link in ("runbook_url", "dashboard_url"):
        page = alert["annotations"][link].removeprefix("https://ops.example.org/pages/")
        assert (tmp_path / "site" / page).is_file()


def test_a_runbook_of_the_service_goes_before_others_and_without_a_site_its_path_is_told(
    console: Any, slo: Any
) -> None:
    book = "---\ntitle: Fails\nkind: operation\nservices: [ledger]\nalerts: [PostingsBudgetBurn]\n---\n\nLook.\n"
    console.store.write("runbooks/accounts/a.md", book)
    console.store.write("runbooks/ledger/z.md", book)
    slo()
    (alert,) = alerts(console("slo", "rules", *FLAGS, "--json"))
    assert alert["annotations"]["runbook"] == "runbooks/ledger/z.md"
    assert "dashboard_url" not in alert["annotations"]


def test_where_no_runbook_answers_it_is_said_which_line_is_missing(console: Any, slo: Any) -> None:
    slo()
    said = console("slo", "rules")
    told = "no runbook answers PostingsBudgetBurn: write alerts: [PostingsBudgetBurn] in one below runbooks/ledger/\n"
    assert said.err == told


@pytest.mark.parametrize(
    ("tiers", "windows"),
    [
        ("page, ticket", ["1h", "6h", "1d", "3d"]),
        ("page", ["1h", "6h"]),
        ("ticket", ["1d", "3d"]),
        ("1h, ticket", ["1h", "1d", "3d"]),
    ],
)
def test_tiers_are_chosen_by_name_or_severity(console: Any, slo: Any, tiers: str, windows: list[str]) -> None:
    slo()
    said = console("slo", "rules", "--json", "--tiers", tiers)
    assert [one["labels"]["window"] for one in alerts(said)] == windows
    recorded = [rule["record"] for rule in groups(said)["postings"] if "record" in rule]
    assert len(recorded) == 3 * 2 * len(windows) - (3 if "6h" in windows and "3d" in windows else 0)


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ((), ["Hour"]),
        (("--tiers", "1d"), ["PostingsBudgetBurn", "Hour"]),
        (("--tiers", "none"), ["Hour"]),
    ],
)
def test_the_alert_policies_of_an_slo_stand_instead_of_the_tiers_unless_these_are_named(
    console: Any, slo: Any, more: tuple[str, ...], named: list[str]
) -> None:
    """As `slo watch` and `slo backtest` have it: two alerts for one thing are one too many."""
    burn = {"kind": "burnrate", "op": "gt", "threshold": 14.4, "lookbackWindow": "1h"}
    condition = {
        "kind": "AlertCondition",
        "metadata": {"name": "hour"},
        "spec": {"severity": "page", "condition": burn},
    }
    policy = {"kind": "AlertPolicy", "metadata": {"name": "Hour"}, "spec": {"conditions": [condition]}}
    slo(alertPolicies=[policy])
    assert [one["alert"] for one in alerts(console("slo", "rules", "--json", *more))] == named


def test_recording_rules_and_alerts_may_be_had_apart(console: Any, slo: Any) -> None:
    slo()
    (both,) = groups(console("slo", "rules", "--json")).values()
    (recording,) = groups(console("slo", "rules", "--json", "--no-alerts")).values()
    (alerting,) = groups(console("slo", "rules", "--json", "--no-recording")).values()
    assert both == recording + alerting
    said = console("slo", "rules", "--no-alerts", "--no-recording", code=2)
    assert "nothing to write" in said.err


def test_each_window_is_recorded_before_what_rests_on_it(console: Any, slo: Any) -> None:
    slo()
    seen: list[str] = []
    for rule in groups(console("slo", "rules", "--json"))["postings"]:
        rests_on = {word for word in seen if word + "{" in rule["expr"]}
        assert rests_on or rule["expr"].startswith("sum(rate(postings_total[")
        seen += [rule["record"]] if "record" in rule else []


def test_the_same_store_gives_the_same_bytes(console: Any, slo: Any) -> None:
    slo("b")
    slo("a", service="receipt-scanner")
    first = console("slo", "rules").out
    assert first == console("slo", "rules").out
    assert first.startswith(f"{HEADER}# From slo/a.yaml, slo/b.yaml\ngroups:\n  - name: a\n")


def test_a_folder_gets_a_file_a_service(console: Any, slo: Any, tmp_path: Path) -> None:
    slo("a")
    slo("b")
    slo("c", service="receipt-scanner")
    folder = tmp_path / "rules"
    said = console("slo", "rules", "--output", str(folder))
    assert said.out.splitlines() == [f"{folder}/ledger.yaml", f"{folder}/receipt-scanner.yaml"]
    assert "name: a\n" in (folder / "ledger.yaml").read_text(encoding="utf-8")
    assert "name: b\n" in (folder / "ledger.yaml").read_text(encoding="utf-8")
    before = (folder / "ledger.yaml").read_bytes()
    console("slo", "rules", "--output", str(folder))
    assert before == (folder / "ledger.yaml").read_bytes()


def test_a_file_of_somebody_else_is_not_overwritten_nor_is_any_beside_it(
    console: Any, slo: Any, tmp_path: Path
) -> None:
    slo("a")
    slo("b", service="receipt-scanner")
    (tmp_path / "receipt-scanner.yaml").write_text("groups: []\n", encoding="utf-8")
    said = console("slo", "rules", "--output", str(tmp_path), code=2)
    assert f"{tmp_path}/receipt-scanner.yaml: there already, and not written by svcops slo rules" in said.err
    assert (tmp_path / "receipt-scanner.yaml").read_text(encoding="utf-8") == "groups: []\n"
    assert not (tmp_path / "ledger.yaml").exists()


def test_records_have_their_folders_to_themselves(console: Any, slo: Any) -> None:
    slo()
    assert "a folder of the store's records" in console("slo", "rules", "--output", "slo/rules", code=2).err
    console("slo", "rules", "--output", "prometheus")
    assert (console.store.root / "prometheus/ledger.yaml").exists()


def test_a_file_is_no_folder(console: Any, slo: Any) -> None:
    slo()
    console.store.write("rules.yml", "")
    assert "rules.yml is a file" in console("slo", "rules", "--output", "rules.yml", code=2).err


def test_without_slos_there_are_no_rules(console: Any) -> None:
    said = console("slo", "rules")
    assert said.out == f"{HEADER}groups: []\n"
    assert said.err == "No SLOs: slo/ holds none.\n"


def test_a_service_with_an_slo_that_is_wrong_keeps_the_alerts_it_has(console: Any, slo: Any) -> None:
    slo("a")
    slo("b")
    slo("c", service="receipt-scanner")
    console("slo", "rules", "--output", "out")
    before = (console.store.root / "out/ledger.yaml").read_text(encoding="utf-8")
    slo("b", objectives=[{"target": 2}])
    said = console("slo", "rules", "--output", "out", code=2)
    assert "error: slo/b.yaml: SLO b: spec.objectives[0].target" in said.err
    assert "no rules for: b\n" in said.err
    assert said.out == "out/receipt-scanner.yaml\n"
    assert (console.store.root / "out/ledger.yaml").read_text(encoding="utf-8") == before


def test_a_file_of_a_service_that_has_no_rules_any_more_is_pointed_out(console: Any, slo: Any) -> None:
    slo("a")
    slo("c", service="receipt-scanner")
    console("slo", "rules", "--output", "out")
    (console.store.root / "out/other.yaml").write_text("groups: []\n", encoding="utf-8")
    (console.store.root / "slo/c.yaml").unlink()
    said = console("slo", "rules", "--output", "out")
    assert "out/receipt-scanner.yaml: from an earlier run" in said.err
    assert "other.yaml" not in said.err


def test_a_name_that_is_no_file_is_refused(console: Any, slo: Any) -> None:
    slo(service="../ledger")
    assert "../ledger is no name for a file" in console("slo", "rules", "--output", "out", code=2).err
    assert not (console.store.root / "ledger.yaml").exists()


def test_a_file_has_all_slos_of_its_service(console: Any, slo: Any) -> None:
    slo()
    said = console("slo", "rules", "postings", "--output", "out", code=2)
    assert "a file holds all SLOs of its service" in said.err


def test_one_that_is_named_is_written_alone_and_one_that_is_not_there_is_asked_about(console: Any, slo: Any) -> None:
    slo("a")
    slo("b")
    assert console("slo", "rules", "b", "--quiet").out == "b\n"
    assert "there is no SLO 'c'" in console("slo", "rules", "c", code=2).err
    said = console("slo", "rules", "--tiers", "2h", code=2)
    assert "there is no tier '2h'" in said.err
    assert "Some of 1h, 6h, 1d, 3d, page, ticket; or none." in said.err


def test_objectives_of_one_name_are_told_apart(console: Any, slo: Any) -> None:
    slo(objectives=[{"displayName": "Good", "target": 0.9}, {"displayName": "Good", "target": 0.99}])
    found = groups(console("slo", "rules", "--json", "--tiers", "6h"))
    assert list(found) == ["postings/1", "postings/2"]
    assert [rules[0]["labels"]["objective"] for rules in found.values()] == ["Good (1)", "Good (2)"]


WIDE = {"type": "CSV", "connectionDetails": {"path": "metrics/*.csv"}}
LONG = {"type": "CSV", "connectionDetails": {"path": "metrics/*.csv", "metric": "name"}}
LINES = {"type": "JSONLines", "connectionDetails": {"path": "metrics/*.jsonl"}}


@pytest.mark.parametrize(
    ("source", "spec", "why"),
    [
        (
            WIDE,
            {"indicator": ratio("good", "all", "other")},
            "the DataSource other does not say that it is a long table",
        ),
        (LINES, {"indicator": ratio("a.b", "a.c", "other")}, "a.b is a path into the JSON lines of other"),
        (
            LONG,
            {"indicator": {"ratioMetric": {"counter": True, "bad": metric("a"), "total": metric("b", "other")}}},
            "its part and its total are in two sources, prometheus and other",
        ),
        (LONG, {"indicator": ratio("sum(a)", "b")}, "at character 4 of sum(a)"),
        ({"type": "Datadog", "connectionDetails": {}}, {"indicator": ratio("a", "b", "other")}, "of type Datadog"),
        (LONG, {"timeWindow": [{"duration": "1h", "isRolling": True}]}, "no alert is asked for that its window allows"),
        (LONG, {"objectives": [{"target": 0.9999999999999}]}, "is a share that Prometheus cannot tell from none"),
    ],
)
def test_what_has_no_words_in_promql_is_left_out_and_the_others_are_written(
    console: Any, slo: Any, write: Any, source: Any, spec: Any, why: str
) -> None:
    slo("fine")
    slo("odd", **spec)
    write("DataSource", "other", source)
    said = console("slo", "rules", "--json", code=4)
    assert list(groups(said)) == ["fine"]
    (left_out,) = said.json["left_out"]
    assert (left_out["slo"], left_out["objective"]) == ("odd", "1")
    assert why in left_out["reason"]
    assert f"left out: odd (1): {left_out['reason']}\n" in said.err


def test_a_composite_slo_has_rules_for_each_objective_and_the_whole_is_left_out(console: Any, slo: Any) -> None:
    each = [{"target": 0.9, "indicator": {"metadata": {"name": "a"}, "spec": ratio(name, "all")}} for name in "ab"]
    slo("journey", composite=True, objectives=each)
    said = console("slo", "rules", "--json", "--tiers", "6h", code=4)
    assert list(groups(said)) == ["journey/1", "journey/2"]
    (left_out,) = said.json["left_out"]
    assert left_out["reason"] == "a composite SLO as a whole: rules are written of its objectives"


@pytest.mark.parametrize(
    ("type_", "details"),
    [("Parquet", {"metric": "name"}), ("CSV", {"value": "v"}), ("OpenMetrics", {}), ("PrometheusJSON", {})],
)
def test_what_was_exported_has_the_selectors_of_the_prometheus_that_it_came_from(
    console: Any, slo: Any, write: Any, type_: str, details: Any
) -> None:
    slo(indicator=ratio(ref="other"))
    write("DataSource", "other", {"type": type_, "connectionDetails": {"path": "metrics/*", **details}})
    assert groups(console("slo", "rules", "--json"))["postings"][0]["expr"] == "sum(rate(postings_total[5m]))"


def test_however_the_report_counts_an_increase_prometheus_has_its_rate(console: Any, slo: Any) -> None:
    slo()
    text = console("slo", "rules").out
    path = console.store.root / "slo/postings.yaml"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["metadata"]["annotations"] = {"svcops/increase": "prometheus3"}
    path.write_text(json.dumps(document), encoding="utf-8")
    assert console("slo", "rules").out == text


def test_the_buckets_of_a_histogram_are_counters_each_of_its_bound(console: Any, slo: Any) -> None:
    slo(
        indicator={"thresholdMetric": metric('took_bucket{path="/"}')},
        objectives=[{"target": 0.99, "op": "lte", "value": 1}],
    )
    expressions = [rule["expr"] for rule in groups(console("slo", "rules", "--json", "--tiers", "6h"))["postings"]]
    assert expressions[0] == 'sum(rate(took_bucket{path="/",le="+Inf"}[30m]))'
    total = 'sum(slo:total:rate30m{service="ledger",slo="postings",objective="1"})'
    assert expressions[1] == total + ' - sum(rate(took_bucket{path="/",le=~"1|1\\\\.0"}[30m]))'


def test_a_gauge_is_read_as_often_as_its_source_says(console: Any, slo: Any, write: Any) -> None:
    source = {"type": "Prometheus", "connectionDetails": {"step": "30s"}}
    slo(
        indicator={"thresholdMetric": metric("latency", "other")},
        objectives=[{"target": 0.9, "op": "lt", "value": 0.3}],
    )
    write("DataSource", "other", source)
    expressions = [rule["expr"] for rule in groups(console("slo", "rules", "--json", "--tiers", "6h"))["postings"]]
    assert expressions[0] == "sum(count_over_time((latency >= -Inf)[30m:30s]))"
    assert "sum(sum_over_time(((latency >= -Inf) < bool 0.3)[30m:30s]))" in expressions[1]


def test_a_tier_whose_windows_are_no_whole_number_of_slices_is_left_out_and_told(console: Any, slo: Any) -> None:
    slo(budgetingMethod="RatioTimeslices", objectives=[{"target": 0.999, "timeSliceWindow": "30m"}])
    said = console("slo", "rules")
    assert "postings (1): no tier 1h: 5 min is no whole number of slices of 30 min\n" in said.err
    assert "slo:bad_per_total:ratio6h" in said.out


def test_months_of_a_calendar_are_scaled_as_thirty_days(console: Any, slo: Any) -> None:
    calendar = {"startTime": "2026-01-01 00:00:00", "timeZone": "Europe/Berlin"}
    slo(timeWindow=[{"duration": "1M", "calendar": calendar}])
    (alert,) = alerts(console("slo", "rules", "--json", "--tiers", "1h"))
    assert alert["expr"].endswith(" > 0.0144")
    assert alert["labels"]["period"] == "1M"


def test_a_prometheus_knows_no_exclusions_which_is_told_of_those_to_come(console: Any, slo: Any) -> None:
    slo()
    about = {"reason": "Agreed", "reviewed_by": "kim", "services": ["ledger"]}
    over = [{"from": "2026-11-01T00:00Z", "until": "2026-11-02T00:00Z"}]
    weekly = [{"rule": "FREQ=WEEKLY;BYDAY=SU", "start": "2026-01-04T02:00", "time_zone": "UTC", "duration": "2h"}]
    console.store.write("slo/exclusions/move.yaml", json.dumps({**about, "title": "Move", "times": over}))
    console.store.write("slo/exclusions/restart.yaml", json.dumps({**about, "title": "Restart", "recurring": weekly}))
    console.store.write("catalogue/people/kim.yaml", "name: Kim\nemails: [kim@example.com]\n")
    told = [one for one in console("slo", "rules", *FLAGS).err.splitlines() if "exclusions" in one]
    why = "a Prometheus does not know that Restart (slo/exclusions/restart.yaml) is excluded: silence the alerts then"
    assert told == [f"postings: {why}"]
    assert "exclusions" not in console("slo", "rules", "--no-alerts").err
