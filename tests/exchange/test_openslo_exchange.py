"""OpenSLO documents come in as they are and go out again the same; those of v1alpha become documents of v1."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.checking.model import At
from svcops.exchange.openslo import read
from svcops.exchange.openslo_export import export
from svcops.exchange.slo_drafts import Options
from svcops.exchange.slo_merging import differing, merged
from svcops.exchange.sources import Input
from svcops.slo.model import Document
from svcops.store.graph import Graph
from svcops.store.validation import validate
from svcops.store.yaml_reading import compose
from svcops.store.yaml_writing import dump

LANDSCAPE = Path(__file__).resolve().parents[2]

V1 = """\
- apiVersion: openslo/v1
  kind: SLO
  metadata: {name: Postings, displayName: Postings are accepted, labels: {team: [books, core]}}
  spec:
    service: ledger
    indicatorRef: accepted
    timeWindow: [{duration: 28d, isRolling: true}]
    budgetingMethod: Occurrences
    objectives: [{target: 0.99}]
    alertPolicies: [{alertPolicyRef: fast}]
- apiVersion: openslo/v1
  kind: SLI
  metadata: {name: accepted}
  spec:
    ratioMetric:
      counter: true
      good: {metricSource: {metricSourceRef: samples, spec: {query: 'postings_total{code!~"5.."}'}}}
      total: {metricSource: {metricSourceRef: samples, spec: {query: postings_total}}}
- apiVersion: openslo/v1
  kind: AlertPolicy
  metadata: {name: fast}
  spec:
    alertWhenNoData: false
    alertWhenBreaching: true
    conditions:
      - kind: AlertCondition
        metadata: {name: fast-burn}
        spec:
          severity: page
          condition: {kind: burnrate, op: gt, threshold: 14.4, lookbackWindow: 1h}
"""

OLD = """\
apiVersion: openslo/v1alpha
kind: SLO
metadata: {name: postings, displayName: Postings}
spec:
  service: ledger
  description: Postings are accepted.
  budgetingMethod: Occurrences
  timeWindows: [{count: 4, unit: Week, isRolling: true}]
  objectives:
    - displayName: most
      target: 0.99
      ratioMetrics:
        incremental: true
        good: {source: prometheus, queryType: promql, query: 'postings_total{code!~"5.."}'}
        total: {source: prometheus, queryType: promql, query: postings_total}
"""
THRESHOLD = """\
apiVersion: openslo/v1alpha
kind: SLO
metadata: {name: latency}
spec:
  service: ledger
  budgetingMethod: Timeslices
  indicator:
    thresholdMetric: {source: datadog, queryType: query, query: "p99:trace.seconds{*}", metadata: {team: books}}
  timeWindows:
    - count: 1
      unit: Month
      isRolling: false
      calendar: {startTime: 2026-01-01 00:00:00, timeZone: Europe/Berlin}
  objectives:
    - {displayName: fast, op: lte, value: 1, target: 0.95, timeSliceTarget: 0.9}
"""


def documents(text):
    """The documents of YAML, of lists each item."""
    parsed = compose(text, "input.yaml", many=True)
    assert not parsed.findings
    return [one for plain in parsed.documents for one in (plain if isinstance(plain, list) else [plain])]


def stored(console, path):
    return compose(console.store.read(path), path).documents[0]


def imported(console, text, *options, code=0):
    console.store.write("../input.yaml", text)
    return console("import", "openslo", "../input.yaml", *options, code=code)


def record(plain):
    found, wrong = validate(Document, plain, At(""))
    assert not wrong
    return found


def test_documents_of_v1_are_written_as_they_are_each_to_its_file(console):
    said = imported(console, V1)
    slo, sli, policy = documents(V1)
    assert stored(console, "slo/postings.yaml") == slo
    assert stored(console, "slo/accepted.sli.yaml") == sli
    assert stored(console, "slo/fast.alertpolicy.yaml") == policy
    assert "SLI accepted      metricSource" not in said.out
    assert "spec.ratioMetric.good.metricSource.metricSourceRef: samples" in said.out


def test_json_is_read_as_well(console):
    console.store.write("../input.json", json.dumps(documents(V1)))
    console("import", "openslo", "../input.json")
    assert stored(console, "slo/postings.yaml") == documents(V1)[0]


def test_what_differs_is_left_until_an_update_takes_it_over(console):
    imported(console, V1)
    console.store.put("slo/postings.yaml", console.store.read("slo/postings.yaml").replace("0.99", "0.99  # agreed"))
    changed = V1.replace("{target: 0.99}", "{target: 0.995}")
    assert "spec.objectives" in imported(console, changed).out
    assert "0.99  # agreed" in console.store.read("slo/postings.yaml")
    assert "+    - target: 0.995  # agreed" in imported(console, changed, "--update").out
    assert "nothing written" in imported(console, changed, "--update").err


def test_of_a_file_with_several_documents_only_those_that_differ_are_changed(console):
    text = "# all of ours\n" + "---\n".join(f"# one\n{dump(one)}" for one in documents(V1))
    console.store.put("slo/all.yaml", text)
    imported(console, V1.replace("0.99", "0.995").replace("14.4", "13.44"), "--update")
    assert console.store.read("slo/all.yaml") == text.replace("0.99", "0.995").replace("14.4", "13.44")
    assert sorted(path.name for path in (console.store.root / "slo").iterdir()) == ["all.yaml"]


def test_what_only_the_store_says_stays():
    there = {
        "metadata": {"name": "a", "labels": {"ours": "1"}, "annotations": {"svcops/no-data": "bad", "x/old": "1"}},
        "spec": {
            "indicatorRef": "one",
            "alertPolicies": [{"alertPolicyRef": "ours"}],
            "objectives": [{"target": 0.9}, {"target": 0.8}],
        },
    }
    said = {
        "metadata": {"name": "a", "labels": {"theirs": "2"}, "annotations": {"x/new": "1"}},
        "spec": {
            "indicator": {"metadata": {"name": "i"}},
            "alertPolicies": [{"alertPolicyRef": "theirs"}],
            "objectives": [{"target": 0.95}],
        },
    }
    after = merged(there, said, "x/")
    assert after["metadata"]["labels"] == {"ours": "1", "theirs": "2"}
    assert after["metadata"]["annotations"] == {"svcops/no-data": "bad", "x/new": "1"}
    assert after["spec"]["alertPolicies"] == [{"alertPolicyRef": "ours"}, {"alertPolicyRef": "theirs"}]
    assert "indicatorRef" not in after["spec"], "an SLO has one indicator"
    assert after["spec"]["objectives"] == [{"target": 0.95}]
    assert set(differing(there, after)) == {
        "metadata.labels.theirs",
        "metadata.annotations.x/new",
        "metadata.annotations.x/old",
        "spec.indicator",
        "spec.indicatorRef",
        "spec.alertPolicies",
        "spec.objectives",
    }


def test_a_file_that_holds_something_else_is_never_overwritten(console):
    console.store.put("slo/postings.yaml", dump(documents(V1)[1]))
    imported(console, V1)
    assert stored(console, "slo/postings.slo.yaml") == documents(V1)[0]
    assert stored(console, "slo/postings.yaml") == documents(V1)[1]


def test_a_damaged_file_is_left_as_it_is(console):
    console.store.put("slo/postings.yaml", "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: Postings}\n")
    said = imported(console, V1, "--update", code=None)
    assert "slo/postings.yaml" in said.out.partition("Already there, and no update can change them:\n")[2]
    assert "--update" not in said.out
    assert "spec" not in stored(console, "slo/postings.yaml")


def test_a_service_that_the_catalogue_has_is_not_doubled(console):
    text = "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: ledger}\nspec: {}\n"
    assert "the catalogue has this service" in imported(console, text, code=2).out
    imported(console, text.replace("ledger", "till"))
    assert stored(console, "slo/till.service.yaml")["kind"] == "Service"


def test_an_old_slo_becomes_one_of_v1(console):
    said = imported(console, OLD)
    assert stored(console, "slo/postings.yaml") == {
        "apiVersion": "openslo/v1",
        "kind": "SLO",
        "metadata": {"name": "postings", "displayName": "Postings"},
        "spec": {
            "description": "Postings are accepted.",
            "service": "ledger",
            "timeWindow": [{"duration": "4w", "isRolling": True}],
            "budgetingMethod": "Occurrences",
            "indicator": {
                "metadata": {"name": "postings-sli"},
                "spec": {
                    "ratioMetric": {
                        "counter": True,
                        "good": {
                            "metricSource": {
                                "metricSourceRef": "prometheus",
                                "spec": {"query": 'postings_total{code!~"5.."}'},
                            }
                        },
                        "total": {
                            "metricSource": {"metricSourceRef": "prometheus", "spec": {"query": "postings_total"}}
                        },
                    }
                },
            },
            "objectives": [{"displayName": "most", "target": 0.99}],
        },
    }
    assert "DataSource prometheus" in said.out


def test_an_old_threshold_of_another_source_is_kept_in_its_words(console):
    said = imported(console, THRESHOLD)
    spec = stored(console, "slo/latency.yaml")["spec"]
    assert spec["indicator"]["spec"]["thresholdMetric"]["metricSource"] == {
        "type": "datadog",
        "spec": {"queryType": "query", "query": "p99:trace.seconds{*}", "metadata": {"team": "books"}},
    }
    assert spec["timeWindow"] == [
        {
            "duration": "1M",
            "isRolling": False,
            "calendar": {"startTime": "2026-01-01 00:00:00", "timeZone": "Europe/Berlin"},
        }
    ]
    assert spec["objectives"][0]["timeSliceTarget"] == 0.9
    assert "kept in the words of datadog" in said.out
    assert "how long a slice is has to be added, such as 1m: spec.objectives[0].timeSliceWindow" in said.out
    assert "DataSource prometheus" not in said.out


def test_objectives_of_different_ratios_are_slos_of_their_own(console):
    more = OLD + (
        "    - displayName: all\n      target: 0.9\n      ratioMetrics:\n        incremental: true\n"
        "        good: {source: prometheus, query: a}\n        total: {source: prometheus, query: b}\n"
    )
    said = imported(console, more)
    assert stored(console, "slo/postings-1.yaml")["spec"]["objectives"] == [{"displayName": "most", "target": 0.99}]
    assert stored(console, "slo/postings-2.yaml")["spec"]["objectives"] == [{"displayName": "all", "target": 0.9}]
    assert "measures its objectives by different ratios" in said.out


def test_an_old_service_becomes_one_of_v1(console):
    imported(
        console, "apiVersion: openslo/v1alpha\nkind: Service\nmetadata: {name: till}\nspec: {description: Takes}\n"
    )
    assert stored(console, "slo/till.service.yaml") == {
        "apiVersion": "openslo/v1",
        "kind": "Service",
        "metadata": {"name": "till"},
        "spec": {"description": "Takes"},
    }


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("unit: Week", "unit: Fortnight", "its time window has no count, or no unit"),
        ("count: 4, unit: Week", "count: 30, unit: Second", "OpenSLO has no duration of 0:00:30"),
        ("good: {", "fine: {", "its ratioMetrics are not good or bad, and total"),
        ("ratioMetrics:", "metrics:", "exactly one of thresholdMetric and ratioMetrics is needed"),
        ("budgetingMethod: Occurrences", "budgetingMethod: Often", "budgetingMethod"),
    ],
)
def test_what_v1_cannot_say_is_listed(console, old, new, why):
    assert why in imported(console, OLD.replace(old, new), code=2).out.partition("Not imported:")[2]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("kind: SLO\n", "input.yaml:1:1: not an OpenSLO document: it has no apiVersion"),
        ("apiVersion: openslo/v2\nkind: SLO\n", "input.yaml:1:13: apiVersion is openslo/v2: what is read is"),
        ("- apiVersion: openslo/v1\n  kind: SLO\n- 7\n", "input.yaml:3:3: not an OpenSLO document"),
    ],
)
def test_what_is_no_openslo_stops_everything(console, text, where):
    assert where in imported(console, text, code=2).err


def test_an_export_has_the_services_that_slos_refer_to(console):
    console.store.write("catalogue/services/ledger.yaml", "title: Ledger\nowner: platform\ndescription: Keeps books.\n")
    imported(console, V1)
    said = console("export", "openslo")
    service, sli, policy, slo = documents(said.out)
    assert service == {
        "apiVersion": "openslo/v1",
        "kind": "Service",
        "metadata": {"name": "ledger", "displayName": "Ledger"},
        "spec": {"description": "Keeps books."},
    }
    assert [one["kind"] for one in (sli, policy, slo)] == ["SLI", "AlertPolicy", "SLO"]
    assert policy["spec"]["conditions"][0]["spec"]["condition"]["kind"] == "burnrate", "OpenSLO asks for it"
    assert "lead nowhere, in the store and so in the export: metricSourceRef samples" in said.err
    assert console("export", "openslo", "-q").out.split() == [
        "Service/ledger",
        "SLI/accepted",
        "AlertPolicy/fast",
        "SLO/Postings",
    ]


def test_an_export_goes_to_a_file_or_a_file_a_kind_and_overwrites_nothing(console):
    imported(console, V1)
    console("export", "openslo", "--output", "../out.yaml")
    text = console.store.read("../out.yaml")
    assert text == console("export", "openslo").out
    assert "there already" in console("export", "openslo", "--output", "../out.yaml", code=2).err
    console("export", "openslo", "--output", "../out")
    names = sorted(path.name for path in (console.store.root.parent / "out").iterdir())
    assert names == ["alert-policies.yaml", "services.yaml", "slis.yaml", "slos.yaml"]
    assert "lies in the store" in console("export", "openslo", "--output", "slo/out.yaml", code=2).err


def test_the_landscape_goes_out_and_comes_back_as_the_same_documents(empty):
    graph = Graph(LANDSCAPE)
    found = export(graph)
    assert found.text() == export(Graph(LANDSCAPE)).text()
    empty.store.write("../input.yaml", found.text())
    empty("import", "openslo", "../input.yaml")
    again = Graph(empty.store.root)
    assert not list(again.dangling("slo")), "every reference resolves"
    assert export(again).documents == found.documents


TEXT = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=8) | st.sampled_from(
    ["yes", "1.10", "'q'", "two\nlines\n", " padded ", "null", "2026-01-01 00:00:00"]
)
NAMES = st.sampled_from(["a", "B.c", "d_e-f", "7"])
METRIC = st.fixed_dictionaries(
    {"metricSource": st.fixed_dictionaries({"spec": st.dictionaries(TEXT, TEXT | st.lists(TEXT), max_size=2)})}
)
OBJECTIVE = st.fixed_dictionaries(
    {"target": st.floats(0, 0.999_999)},
    optional={"displayName": TEXT, "op": st.sampled_from(["lt", "gte"]), "value": st.floats(-1e9, 1e9)},
)
SLOS = st.fixed_dictionaries(
    {
        "apiVersion": st.just("openslo/v1"),
        "kind": st.just("SLO"),
        "metadata": st.fixed_dictionaries(
            {"name": NAMES},
            optional={
                "displayName": TEXT,
                "labels": st.dictionaries(TEXT, TEXT | st.lists(TEXT, max_size=2), max_size=2),
                "annotations": st.dictionaries(TEXT, TEXT, max_size=2),
            },
        ),
        "spec": st.fixed_dictionaries(
            {
                "service": NAMES,
                "indicator": st.fixed_dictionaries(
                    {
                        "metadata": st.fixed_dictionaries({"name": NAMES}),
                        "spec": st.fixed_dictionaries({"thresholdMetric": METRIC}),
                    }
                ),
                "timeWindow": st.just([{"duration": "28d", "isRolling": True}]),
                "budgetingMethod": st.sampled_from(["Occurrences", "Timeslices"]),
                "objectives": st.lists(OBJECTIVE, min_size=1, max_size=2),
            },
            optional={"description": TEXT},
        ),
    }
)


@given(SLOS)
def test_what_is_imported_reads_back_as_it_was(slo):
    """Without a disk: what an import would write, and what an export of that gives, are the same record."""
    draft = read(
        [Input("input.json", json.dumps(slo, ensure_ascii=False).encode())], Graph(LANDSCAPE), Options()
    ).drafts[0]
    (written,) = documents(dump(dict(draft.plain)))
    assert record(written) == record(slo)
