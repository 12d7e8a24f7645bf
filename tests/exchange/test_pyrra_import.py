"""SLOs of Pyrra become OpenSLO documents: each of its indicators, its alerts in proportion, its groups listed."""

import pytest

from svcops.exchange.promql import selector_of
from svcops.store.yaml_reading import compose

HEAD = """\
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata:
  name: postings
  namespace: monitoring
  labels: {pyrra.dev/team: books, pyrra.dev/service: ledger}
  annotations: {example.com/page: "7"}
spec:
  target: "99.5"
  window: 4w
  description: Postings are accepted.
"""
RATIO = """\
  indicator:
    ratio:
      errors: {metric: 'postings_total{job="ledger",code=~"5.."}'}
      total: {metric: 'postings_total{job="ledger"}'}
"""
LATENCY = """\
  indicator:
    latency:
      success: {metric: 'seconds_bucket{job="ledger",le="0.5"}'}
      total: {metric: 'seconds_count{job="ledger"}'}
      grouping: [route]
"""
NATIVE = """\
  indicator:
    latencyNative: {latency: 500ms, total: {metric: 'seconds{job="ledger"}'}}
"""
GAUGE = """\
  indicator:
    bool_gauge: {metric: 'probe_success{job="ledger"}'}
"""


def imported(console, text, *options, code=0):
    console.store.write("../slos.yaml", text)
    return console("import", "pyrra", "../slos.yaml", *options, code=code)


def slo(console):
    return compose(console.store.read("slo/postings.yaml"), "slo/postings.yaml").documents[0]


def indicator(console, text):
    said = imported(console, HEAD + text)
    return slo(console)["spec"]["indicator"]["spec"]["ratioMetric"], said.out


def query(metric):
    return metric["metricSource"]["spec"]["query"]


def test_errors_of_all_are_bad_over_total(console):
    ratio, said = indicator(console, RATIO)
    assert ratio["counter"] is True
    assert query(ratio["bad"]) == 'postings_total{job="ledger",code=~"5.."}'
    assert query(ratio["total"]) == 'postings_total{job="ledger"}'
    found = slo(console)
    assert found["metadata"] == {
        "name": "postings",
        "labels": {"pyrra.dev/team": "books", "pyrra.dev/service": "ledger"},
        "annotations": {"example.com/page": "7", "pyrra.dev/namespace": "monitoring"},
    }
    assert found["spec"]["service"] == "ledger"
    assert found["spec"]["timeWindow"] == [{"duration": "4w", "isRolling": True}]
    assert found["spec"]["objectives"] == [{"targetPercent": 99.5}]
    assert "postings" not in said.partition("To know:")[2].partition("DataSource")[0]


def test_a_latency_is_the_bucket_over_all_and_its_groups_are_listed(console):
    ratio, said = indicator(console, LATENCY)
    assert query(ratio["good"]) == 'seconds_bucket{job="ledger",le="0.5"}'
    assert query(ratio["total"]) == 'seconds_count{job="ledger"}'
    assert slo(console)["metadata"]["annotations"]["pyrra.dev/grouping"] == '["route"]'
    assert "one SLO for all of its groups (route)" in said


def test_a_native_histogram_is_asked_of_prometheus(console):
    ratio, said = indicator(console, NATIVE)
    assert ratio["rawType"] == "success"
    assert query(ratio["raw"]) == 'histogram_fraction(0, 0.5, sum(rate(seconds{job="ledger"}[{{.window}}])))'
    assert "not computed from files" in said


def test_a_gauge_that_is_0_or_1_is_a_share_of_success(console):
    ratio, said = indicator(console, GAUGE)
    assert ratio == {
        "rawType": "success",
        "raw": {"metricSource": {"metricSourceRef": "prometheus", "spec": {"query": 'probe_success{job="ledger"}'}}},
    }
    assert "not computed from files" not in said
    assert selector_of(query(ratio["raw"]))


def alerts(console):
    for policy in slo(console)["spec"]["alertPolicies"]:
        (condition,) = policy["spec"]["conditions"]
        spec = condition["spec"]
        asked = spec["condition"]
        short = condition["metadata"].get("annotations", {}).get("svcops/short-window")
        yield spec["severity"], asked["threshold"], asked["lookbackWindow"], short, asked["alertAfter"]


def test_alerts_have_the_windows_of_pyrra(console):
    imported(console, HEAD + RATIO)
    assert list(alerts(console)) == [
        ("critical", 14, "1h", "5m", "2m"),
        ("critical", 7, "6h", "30m", "15m"),
        ("warning", 2, "1d", "2h", "1h"),
        ("warning", 1, "4d", "6h", "3h"),
    ]


def test_alerts_of_a_shorter_window_look_at_shorter_ones(console):
    imported(console, HEAD.replace("4w", "2w") + RATIO)
    assert list(alerts(console)) == [
        ("critical", 14, "30m", "3m", "1m"),
        ("critical", 7, "3h", "15m", "8m"),
        ("warning", 2, "12h", "1h", "30m"),
        ("warning", 1, "2d", "3h", "90m"),
    ]


def test_alerts_keep_the_name_that_routes_know(console):
    imported(console, HEAD + RATIO + "  alerting: {name: PostingsFail}\n")
    policies = slo(console)["spec"]["alertPolicies"]
    assert {one["metadata"]["name"] for one in policies} == {"PostingsFail"}


@pytest.mark.parametrize("written", ["{disabled: true}", "{burnrates: false}"])
def test_alerts_that_are_switched_off_are_none_and_it_is_told_that_the_default_ones_apply(console, written):
    said = imported(console, HEAD + RATIO + f"  alerting: {written}\n").out
    assert "alertPolicies" not in slo(console)["spec"]
    assert "its alerts are switched off there" in said.partition("To know:")[2]


@pytest.mark.parametrize(("written", "duration"), [("30d", "30d"), ("1w3d", "10d"), ("1y", "365d"), ("90m", "90m")])
def test_windows_are_written_in_one_unit(console, written, duration):
    imported(console, HEAD.replace("4w", written) + RATIO)
    assert slo(console)["spec"]["timeWindow"] == [{"duration": duration, "isRolling": True}]


def test_the_service_is_named_by_the_label_or_by_the_option(console):
    nameless = HEAD.replace(", pyrra.dev/service: ledger", "") + RATIO
    assert "it names no service: --service NAME says which" in imported(console, nameless, code=2).out
    imported(console, nameless, "--service", "receipt-scanner")
    assert slo(console)["spec"]["service"] == "receipt-scanner"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('target: "99.5"', "target: high", "its target is no number: high"),
        ('target: "99.5"', "unit: percent", "it has no target"),
        ("window: 4w", "window: 30s", "OpenSLO has no duration of 0:00:30"),
        ("window: 4w", "window: a month", "no duration of Prometheus"),
        ("ratio:", "rate:", "its indicator is not exactly one of"),
        ("errors: {metric: '", "errors: {metric: 'sum ", "its errors.metric is missing, or no PromQL selector"),
    ],
)
def test_what_cannot_be_an_slo_is_listed(console, old, new, why):
    assert why in imported(console, (HEAD + RATIO).replace(old, new), code=2).out.partition("Not imported:")[2]


def test_what_is_no_manifest_of_pyrra_stops_everything(console):
    said = imported(console, HEAD.replace("v1alpha1", "v2") + RATIO, code=2)
    assert "slos.yaml:1:1: not an SLO of Pyrra: its apiVersion is no pyrra.dev/v1alpha1" in said.err


def test_the_second_time_nothing_is_written(console):
    imported(console, HEAD + LATENCY)
    before = console.store.head()
    assert "there already" in imported(console, HEAD + LATENCY, "--update").out
    assert console.store.head() == before


def test_where_nothing_of_it_can_be_imported_that_is_no_success(console):
    nonsense = HEAD + "  indicator: {nonsense: {}}\n"
    said = imported(console, nonsense, code=2)
    assert said.err.splitlines()[-1] == "nothing written: nothing of it could be imported"
    assert imported(console, nonsense, "--json", code=2).json["written"] is None
    assert "not imported" in imported(console, nonsense.replace("postings", "other") + "---\n" + HEAD + RATIO).out
