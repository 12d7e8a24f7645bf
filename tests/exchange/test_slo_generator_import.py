"""SLOs of slo-generator become OpenSLO documents; the shared configuration says windows and alerts."""

import pytest

from svcops.store.yaml_reading import compose

SLO = """\
apiVersion: sre.google.com/v2
kind: ServiceLevelObjective
metadata:
  name: ledger-postings
  labels: {service_name: ledger, feature_name: postings, slo_name: availability}
spec:
  description: Postings are accepted.
  backend: prometheus
  method: good_bad_ratio
  exporters: [bigquery]
  goal: 0.999
  service_level_indicator:
    filter_good: postings_total{job="ledger",code!~"5.."}[window]
    filter_valid: postings_total{job="ledger"}[window]
"""
CONFIGURATION = """\
backends: {prometheus: {url: "https://prometheus.example.com"}}
error_budget_policies:
  default:
    steps:
      - {name: 1 hour, burn_rate_threshold: 9, alert: true, window: 3600, message_alert: Page, message_ok: Calm}
      - {name: 28 days, burn_rate_threshold: 1, alert: false, window: 2419200}
"""


def imported(console, text, *options, files=("../config.yaml",), code=0):
    console.store.write("../slos.yaml", text)
    console.store.write("../config.yaml", CONFIGURATION)
    return console("import", "slo-generator", "../slos.yaml", *files, *options, code=code)


def slo(console):
    return compose(console.store.read("slo/ledger-postings.yaml"), "").documents[0]


def with_indicator(method, text):
    head, _, _ = SLO.partition("    filter_good")
    return head.replace("good_bad_ratio", method) + text


def ratio(console, text):
    said = imported(console, text)
    return slo(console)["spec"]["indicator"]["spec"]["ratioMetric"], said.out


def query(metric):
    return metric["metricSource"]["spec"]["query"]


def test_good_over_valid_events_are_counters(console):
    found, _ = ratio(console, SLO)
    assert found["counter"] is True
    assert query(found["good"]) == 'postings_total{job="ledger",code!~"5.."}'
    assert query(found["total"]) == 'postings_total{job="ledger"}'
    document = slo(console)
    assert document["metadata"] == {
        "name": "ledger-postings",
        "labels": {"service_name": "ledger", "feature_name": "postings", "slo_name": "availability"},
        "annotations": {
            "sre.google.com/exporters": '["bigquery"]',
            "sre.google.com/backend": "prometheus",
            "sre.google.com/method": "good_bad_ratio",
        },
    }
    assert document["spec"]["service"] == "ledger"
    assert document["spec"]["objectives"] == [{"target": 0.999}]


def test_window_and_alerts_are_those_of_the_error_budget_policy(console):
    imported(console, SLO)
    spec = slo(console)["spec"]
    assert spec["timeWindow"] == [{"duration": "4w", "isRolling": True}]
    (policy,) = spec["alertPolicies"]
    assert policy["metadata"] == {
        "name": "ledger-postings-1h",
        "displayName": "1 hour",
        "annotations": {"sre.google.com/message_alert": "Page", "sre.google.com/message_ok": "Calm"},
    }
    condition = policy["spec"]["conditions"][0]["spec"]["condition"]
    assert (condition["op"], condition["threshold"], condition["lookbackWindow"]) == ("gt", 9, "1h")


def test_without_the_configuration_the_window_has_to_be_said(console):
    said = imported(console, SLO, files=(), code=2)
    assert "give the shared configuration too, or --window 28d" in said.out
    imported(console, SLO, "--window", "28d", files=())
    assert slo(console)["spec"]["timeWindow"] == [{"duration": "28d", "isRolling": True}]
    assert "alertPolicies" not in slo(console)["spec"]


def test_good_beside_bad_events_is_promql_as_no_counter_is_both(console):
    text = SLO.replace("filter_valid: postings_total{job=", 'filter_bad: postings_total{code=~"5..",job=')
    found, said = ratio(console, text)
    good = 'sum(increase(postings_total{job="ledger",code!~"5.."}[{{.window}}]))'
    assert query(found["good"]) == good
    assert query(found["total"]).startswith(f"{good} + sum(increase(")
    assert "no growth of two counters" in said


def test_a_cut_through_a_histogram_is_a_bucket_over_all(console):
    found, _ = ratio(
        console,
        with_indicator(
            "distribution_cut", "    expression: 'seconds_bucket{job=\"ledger\"}[window]'\n    threshold_bucket: 0.25\n"
        ),
    )
    assert query(found["good"]) == 'seconds_bucket{job="ledger",le="0.25"}'
    assert query(found["total"]) == 'seconds_count{job="ledger"}'


def test_a_query_is_kept_with_its_window_as_the_other_formats_write_it(console):
    found, said = ratio(console, with_indicator("query_sli", "    expression: rate(a[window]) / rate(b[window])\n"))
    assert found["rawType"] == "success"
    assert query(found["raw"]) == "rate(a[{{.window}}]) / rate(b[{{.window}}])"
    assert "not computed from files" in said


def test_other_operators_are_kept_as_promql(console):
    text = SLO + "    operators: [rate, max]\n"
    found, said = ratio(console, text)
    assert query(found["total"]) == 'max(rate(postings_total{job="ledger"}[{{.window}}]))'
    assert "no growth of two counters" in said


def test_another_backend_is_kept_in_its_own_words(console):
    text = SLO.replace("backend: prometheus", "backend: cloud_monitoring")
    found, said = ratio(console, text)
    assert found["raw"]["metricSource"] == {
        "type": "cloud_monitoring",
        "spec": {
            "method": "good_bad_ratio",
            "filter_good": 'postings_total{job="ledger",code!~"5.."}[window]',
            "filter_valid": 'postings_total{job="ledger"}[window]',
        },
    }
    assert "kept in the words of cloud_monitoring: not computed from files" in said


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("goal: 0.999", "target: 0.999", "it has no target"),
        ("backend: prometheus", "frequency: '* * * * *'", "it names no backend"),
        ("filter_valid:", "valid:", "its filter_bad is missing, or no text"),
        ("service_name: ledger, ", "", "it names no service"),
    ],
)
def test_what_cannot_be_an_slo_is_listed(console, old, new, why):
    assert why in imported(console, SLO.replace(old, new), code=2).out.partition("Not imported:")[2]


def test_what_is_no_slo_of_slo_generator_stops_everything(console):
    assert "its apiVersion is no sre.google.com/v2" in imported(console, SLO.replace("/v2", "/v1"), code=2).err


def test_the_second_time_nothing_is_written(console):
    imported(console, SLO)
    before = console.store.head()
    assert "there already" in imported(console, SLO, "--update").out
    assert console.store.head() == before
