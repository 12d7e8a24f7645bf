"""SLOs of Sloth become OpenSLO documents that files can answer; what is more than two counters stays PromQL."""

import pytest

from svcops.exchange.promql import growth_of
from svcops.store.yaml_reading import compose

FILE = """\
version: prometheus/v1
service: ledger
labels: {team: books, tier: 1}
slos:
  - name: postings
    objective: 99.9
    description: Postings are accepted.
    labels: {category: availability}
    sli:
      events:
        error_query: sum(rate(postings_total{job="ledger",code=~"5.."}[{{.window}}]))
        total_query: sum(rate(postings_total{job="ledger"}[{{.window}}]))
    alerting:
      name: PostingsFail
      labels: {channel: books}
      annotations: {summary: Postings fail}
      page_alert: {labels: {severity: critical}}
      ticket_alert: {annotations: {summary: Some postings fail}}
  - name: reports
    objective: 95
    sli:
      raw:
        error_ratio_query: 1 - (sum(rate(on_time[{{.window}}])) / sum(rate(asked[{{.window}}])))
    alerting: {page_alert: {disable: true}, ticket_alert: {disable: true}}
  - name: closing
    objective: 99
    sli: {plugin: {id: books/closing, options: {region: eu}}}
    alerting: {page_alert: {disable: true}, ticket_alert: {disable: true}}
"""

KUBERNETES = """\
apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata: {name: ledger-slos, namespace: monitoring}
spec:
  service: ledger
  labels: {team: books, tier: "1"}
  slos:
    - name: postings
      objective: 99.9
      description: Postings are accepted.
      labels: {category: availability}
      sli:
        events:
          errorQuery: sum(rate(postings_total{job="ledger",code=~"5.."}[{{.window}}]))
          totalQuery: sum(rate(postings_total{job="ledger"}[{{.window}}]))
      alerting:
        name: PostingsFail
        labels: {channel: books}
        annotations: {summary: Postings fail}
        pageAlert: {labels: {severity: critical}}
        ticketAlert: {annotations: {summary: Some postings fail}}
"""


def document(console, path):
    return compose(console.store.read(path), path).documents[0]


def imported(console, text, *options, code=0):
    console.store.write("../slos.yml", text)
    return console("import", "sloth", "../slos.yml", *options, code=code)


def test_a_ratio_of_two_rates_becomes_bad_over_total_counters(console):
    imported(console, FILE)
    slo = document(console, "slo/ledger-postings.yaml")
    assert slo["metadata"] == {
        "name": "ledger-postings",
        "labels": {"team": "books", "tier": "1", "category": "availability"},
    }
    spec = slo["spec"]
    ratio = spec["indicator"]["spec"]["ratioMetric"]
    assert ratio["counter"] is True
    assert ratio["bad"]["metricSource"] == {
        "metricSourceRef": "prometheus",
        "spec": {"query": 'postings_total{job="ledger",code=~"5.."}'},
    }
    assert ratio["total"]["metricSource"]["spec"] == {"query": 'postings_total{job="ledger"}'}
    assert (spec["service"], spec["description"]) == ("ledger", "Postings are accepted.")
    assert spec["timeWindow"] == [{"duration": "30d", "isRolling": True}]
    assert spec["objectives"] == [{"targetPercent": 99.9}]
    assert spec["budgetingMethod"] == "Occurrences"


def alerts(slo):
    found = {}
    for policy in slo["spec"]["alertPolicies"]:
        (condition,) = policy["spec"]["conditions"]
        asked = condition["spec"]["condition"]
        assert (asked["kind"], asked["op"]) == ("burnrate", "gt")
        called = condition["metadata"]["name"]
        short = condition["metadata"]["annotations"]["svcops/short-window"]
        found[called] = (condition["spec"]["severity"], asked["threshold"], asked["lookbackWindow"], short)
    return found


def test_its_alerts_are_those_that_sloth_writes(console):
    imported(console, FILE)
    slo = document(console, "slo/ledger-postings.yaml")
    assert alerts(slo) == {
        "ledger-postings-page-1h-burn": ("page", 14.4, "1h", "5m"),
        "ledger-postings-page-6h-burn": ("page", 6, "6h", "30m"),
        "ledger-postings-ticket-1d-burn": ("ticket", 3, "1d", "2h"),
        "ledger-postings-ticket-3d-burn": ("ticket", 1, "3d", "6h"),
    }
    page, *_, ticket = slo["spec"]["alertPolicies"]
    assert page["metadata"]["name"] == ticket["metadata"]["name"] == "PostingsFail"
    assert "displayName" not in page["metadata"]
    assert page["metadata"]["labels"] == {"channel": "books", "severity": "critical"}
    assert page["metadata"]["annotations"] == {"summary": "Postings fail"}
    assert ticket["metadata"]["annotations"]["summary"] == "Some postings fail"
    assert "alertPolicies" not in document(console, "slo/ledger-reports.yaml")["spec"]


def test_routes_and_runbooks_know_its_alerts_by_the_names_that_they_had(console):
    imported(console, FILE)
    rules = console("slo", "rules", "ledger-postings", "--no-recording", "--json", code=None).json["groups"]
    alerts_of = [rule for group in rules for rule in group["rules"]]
    assert {rule["alert"] for rule in alerts_of} == {"PostingsFail"}
    assert len({tuple(sorted(rule["labels"].items())) for rule in alerts_of}) == len(alerts_of) == 4


def test_both_windows_have_to_burn_as_sloth_has_it(console):
    imported(console, FILE)
    (group,) = console("slo", "rules", "ledger-postings", "--no-recording", "--json", code=None).json["groups"]
    (first, *_) = group["rules"]
    long, short = first["expr"].split("\nand\n")
    assert ("ratio1h" in long, "ratio5m" in short) == (True, True)
    assert long.partition(" > ")[2] == short.partition(" > ")[2] == "0.0144"


def test_a_name_that_openslo_does_not_take_is_what_people_read(console):
    imported(console, FILE.replace("name: PostingsFail", "name: Postings fail"))
    page, *_ = document(console, "slo/ledger-postings.yaml")["spec"]["alertPolicies"]
    assert (page["metadata"]["name"], page["metadata"]["displayName"]) == ("ledger-postings-page-1h", "Postings fail")


def test_over_another_period_each_alert_may_use_up_the_same_share_of_the_budget(console):
    imported(console, FILE, "--window", "28d")
    slo = document(console, "slo/ledger-postings.yaml")
    assert [round(threshold, 6) for _, threshold, *_ in alerts(slo).values()] == [13.44, 5.6, 2.8, 0.933333]


def test_other_promql_and_plugins_are_kept_and_listed(console):
    said = imported(console, FILE).out
    raw = document(console, "slo/ledger-reports.yaml")["spec"]["indicator"]["spec"]["ratioMetric"]
    assert raw["rawType"] == "failure"
    assert raw["raw"]["metricSource"] == {
        "metricSourceRef": "prometheus",
        "type": "Prometheus",
        "spec": {"query": "1 - (sum(rate(on_time[{{.window}}])) / sum(rate(asked[{{.window}}])))"},
    }
    plugin = document(console, "slo/ledger-closing.yaml")["spec"]["indicator"]["spec"]["ratioMetric"]
    assert plugin["raw"]["metricSource"]["spec"] == {"id": "books/closing", "options": {"region": "eu"}}
    assert "SLO ledger-reports" in said.partition("To know:")[2]
    assert "no growth of two counters" in said
    assert "kept in the words of Sloth plugin" in said
    assert said.count("its alerts are switched off there") == 2
    assert "ledger-postings" not in said.partition("To know:")[2]


def test_the_data_source_is_added_once_and_no_other_is_touched(console):
    imported(console, FILE)
    assert document(console, "slo/prometheus.datasource.yaml")["spec"] == {
        "type": "Prometheus",
        "connectionDetails": {},
    }
    console.store.write(
        "slo/prometheus.datasource.yaml",
        "apiVersion: openslo/v1\nkind: DataSource\nmetadata: {name: prometheus}\n"
        "spec: {type: Prometheus, connectionDetails: {url: 'https://prometheus.example.com'}}\n",
    )
    console.store.commit()
    assert "nothing written" in imported(console, FILE, "--update").err


def test_the_kubernetes_form_says_the_same(console):
    imported(console, KUBERNETES)
    slo = document(console, "slo/ledger-postings.yaml")
    metadata = slo["metadata"].pop("annotations")
    assert metadata == {"sloth.dev/metadata": '{"name": "ledger-slos", "namespace": "monitoring"}'}
    console.store.git("rm", "-q", "-r", "slo")
    console.store.commit()
    imported(console, FILE)
    assert document(console, "slo/ledger-postings.yaml") == slo


def test_selectors_ask_the_files_of_a_source_that_is_named(console):
    console.store.put(
        "slo/samples.yaml",
        "apiVersion: openslo/v1\nkind: DataSource\nmetadata: {name: samples}\n"
        "spec: {type: CSV, connectionDetails: {path: metrics/a.csv}}\n",
    )
    console.store.write(
        "metrics/a.csv",
        "timestamp,metric,value,job,code\n"
        + "".join(
            f"2026-11-23T0{hour}:00:00Z,postings_total,{hour * each},ledger,{code}\n"
            for hour in range(8)
            for each, code in ((99, 200), (1, 500))
        ),
    )
    imported(console, FILE, "--source", "samples", "--window", "7d")
    said = console("slo", "report", "--at", "2026-11-23T07:00Z", "--json", code=None).json
    (level,) = [one for one in said["slos"] if one["name"] == "ledger-postings"]
    assert level["verdict"] == "not enough data", "8 hours of 7 days: computed, and judged as any other"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("sum(rate(a[{{.window}}]))", ("rate", "a")),
        (" sum ( increase ( a{b='c'} [ {{ .window }} ] ) )\n", ("increase", "a{b='c'}")),
        ('sum(rate({"a.b", c=~"d]"}[{{.window}}]))', ("rate", '{"a.b", c=~"d]"}')),
        ("rate(a[{{.window}}])", None),
        ("sum(rate(a[5m]))", None),
        ("sum by (b) (rate(a[{{.window}}]))", None),
        ("sum(irate(a[{{.window}}]))", None),
        ("sum(rate(a[{{.window}}])) or vector(0)", None),
        ("sum(rate(a[{{.window}}])) - sum(rate(b[{{.window}}]))", None),
        ("sum(rate(a[{{.window}}] offset 1h))", None),
        ("sum(rate(a offset 1h[{{.window}}]))", None),
        ("sum(rate((a > 1)[{{.window}}]))", None),
    ],
)
def test_promql_is_taken_apart_only_where_that_is_certain(query, found):
    assert growth_of(query) == found


@pytest.mark.parametrize(("bad", "total"), [("rate", "increase"), ("increase", "rate")])
def test_a_rate_and_a_growth_are_no_ratio_of_counters(console, bad, total):
    text = FILE.replace('sum(rate(postings_total{job="ledger",', f'sum({bad}(postings_total{{job="ledger",')
    imported(
        console, text.replace('sum(rate(postings_total{job="ledger"}', f'sum({total}(postings_total{{job="ledger"}}')
    )
    ratio = document(console, "slo/ledger-postings.yaml")["spec"]["indicator"]["spec"]["ratioMetric"]
    assert ratio["counter"] is False
    assert ratio["total"]["metricSource"]["spec"]["query"].startswith(f"sum({total}(")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("objective: 99.9", "target: 99.9", "it has no target"),
        ("  - name: postings", "  - title: postings", "its name is missing, or no text"),
        ("      events:", "      raw: {error_ratio_query: a}\n      events:", "its sli is not exactly one of"),
        ("error_query: sum", "errors: sum", "its error_query is missing, or no text"),
        ("objective: 99.9", "objective: high", "targetPercent"),
    ],
)
def test_what_cannot_be_an_slo_is_listed_and_the_others_are_imported(console, old, new, why):
    said = imported(console, FILE.replace(old, new))
    assert why in said.out.partition("Not imported:")[2]
    assert console.store.read("slo/ledger-reports.yaml")
    assert not (console.store.root / "slo/ledger-postings.yaml").exists()


def test_a_service_that_is_called_otherwise_is_mapped_and_an_unknown_one_listed(console):
    text = FILE.replace("service: ledger", "service: Books API")
    assert "spec.service: Books API" in imported(console, text, "--dry-run").out
    said = imported(console, text, "--map", "Books API=ledger")
    assert "Lead nowhere" not in said.out
    assert document(console, "slo/books-api-postings.yaml")["metadata"]["name"] == "Books-API-postings"
    assert document(console, "slo/books-api-postings.yaml")["spec"]["service"] == "ledger"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--window", "a month"), "not a duration of OpenSLO"),
        (("--source", "nowhere"), "the store has no DataSource of that name"),
        (("--map", "ledger=ledgr"), "there is no service ledgr"),
    ],
)
def test_options_that_cannot_be_are_refused(console, options, why):
    assert why in imported(console, FILE, *options, code=2).err


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("version: prometheus/v2\nslos: []\n", "slos.yml:1:10: version is prometheus/v2: what is read is"),
        ("service: a\n", "slos.yml:1:1: not a file of Sloth"),
        ("version: prometheus/v1\n", "slos.yml:1:1: slos is missing, or no list"),
        ("apiVersion: sloth.slok.dev/v1\nkind: Pod\n", "slos.yml:2:7: kind is no PrometheusServiceLevel"),
    ],
)
def test_what_is_no_file_of_sloth_stops_everything(console, text, where):
    assert where in imported(console, text, code=2).err
