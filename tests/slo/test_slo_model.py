import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from svcops.slo.model import SLI, SLO, DataSource, Document
from svcops.store.shape import rebuild, references
from svcops.store.yaml_reading import compose

DOCUMENTS: TypeAdapter[Any] = TypeAdapter(Document)

EVERYTHING = """
apiVersion: openslo/v1
kind: SLO
metadata:
  name: everything
  displayName: Every field of an SLO
  labels: {team: [a, b], organization: acme}
  annotations: {openslo.com/key: value}
spec:
  description: text
  service: web
  indicator:
    metadata: {name: inline}
    spec:
      description: text
      ratioMetric:
        counter: true
        good: {metricSource: {metricSourceRef: there, type: Any, spec: {query: q, deep: [1, {x: null}]}}}
        bad: {metricSource: {spec: {}}}
        total: {metricSource: {spec: {}}}
        rawType: failure
        raw: {metricSource: {spec: {}}}
      thresholdMetric: {metricSource: {metricSourceRef: there, spec: {query: q}}}
  indicatorRef: elsewhere
  timeWindow:
    - duration: 1Q
      isRolling: false
      calendar: {startTime: 2020-01-21 12:30:00, timeZone: America/New_York}
  budgetingMethod: RatioTimeslices
  objectives:
    - displayName: first
      op: lte
      value: 3
      target: 0.995
      targetPercent: 99.5
      timeSliceTarget: 1
      timeSliceWindow: 5
      indicatorRef: another
      compositeWeight: 0.5
    - timeSliceWindow: 10m
      indicator: {metadata: {name: x}, spec: {}}
  alertPolicies:
    - alertPolicyRef: policy
    - kind: AlertPolicy
      metadata: {name: inline-policy}
      spec:
        description: text
        alertWhenNoData: true
        alertWhenResolved: true
        alertWhenBreaching: true
        conditions:
          - conditionRef: condition
          - kind: AlertCondition
            metadata: {name: inline-condition}
            spec:
              severity: page
              condition: {kind: burnrate, op: gt, threshold: 2, lookbackWindow: 1h, alertAfter: 0m}
        notificationTargets:
          - targetRef: target
          - kind: AlertNotificationTarget
            metadata: {name: inline-target}
            spec: {target: email, description: text}
"""


def plain(text: str) -> Any:
    parsed = compose(text, "slo.yaml")
    assert not parsed.findings
    return parsed.documents[0]


def read(document: Any) -> Any:
    return DOCUMENTS.validate_json(json.dumps(document))


def changed(**spec: Any) -> Any:
    document = plain(EVERYTHING)
    document["spec"].update(spec)
    return document


def test_every_field_of_the_specification_is_accepted_and_rebuilt_the_same() -> None:
    document = plain(EVERYTHING)
    value = read(document)
    assert isinstance(value, SLO)
    assert rebuild(Document, document) == value
    assert value.metadata.labels == {"team": ("a", "b"), "organization": "acme"}
    assert value.spec.objectives[0].timeSliceWindow == 5
    assert value.spec.objectives[1].timeSliceWindow == "10m"


def test_references_say_which_kind_of_document_they_mean() -> None:
    found = {(name, ref.kinds) for _, ref, name in references(Document, read(plain(EVERYTHING)))}
    assert found == {
        ("web", ("service", "slo:Service")),
        ("elsewhere", ("slo:SLI",)),
        ("another", ("slo:SLI",)),
        ("there", ("slo:DataSource",)),
        ("policy", ("slo:AlertPolicy",)),
        ("condition", ("slo:AlertCondition",)),
        ("target", ("slo:AlertNotificationTarget",)),
    }


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Service", {}),
        ("Service", {"description": "text"}),
        ("SLI", {"thresholdMetric": {"metricSource": {"spec": {"query": "q"}}}}),
        ("DataSource", {"type": "Prometheus", "connectionDetails": {"url": "http://there"}}),
        ("DataSource", {"type": "Datadog", "connectionDetails": [{"apiKey": "a"}, {"appKey": "b"}]}),
        ("DataSource", {"type": "Other", "connectionDetails": "anything that is valid YAML"}),
        ("AlertPolicy", {"conditions": [{"conditionRef": "x"}], "notificationTargets": None}),
        (
            "AlertCondition",
            {"severity": "page", "condition": {"op": "lte", "threshold": 2.5, "lookbackWindow": "1h"}},
        ),
        ("AlertNotificationTarget", {"target": "slack"}),
    ],
)
def test_every_kind_of_document_is_accepted(kind: str, spec: Any) -> None:
    document = {"apiVersion": "openslo/v1", "kind": kind, "metadata": {"name": "OnCallMail"}, "spec": spec}
    assert rebuild(Document, document) == read(document)


def test_alert_policies_that_are_left_empty_are_accepted() -> None:
    document = changed(alertPolicies=None)
    assert rebuild(Document, document) == read(document)


@pytest.mark.parametrize(
    "document",
    [
        changed(budgetingMethod="Guessing"),
        changed(surprise=1),
        changed(objectives=[{"target": "0.9"}]),
        changed(timeWindow=[{"duration": "30"}]),
        changed(timeWindow=[{"duration": "30s"}]),
        changed(timeWindow=[{"duration": "1d", "isRolling": "yes"}]),
        changed(alertPolicies=[{"alertPolicyRef": "x", "surprise": 1}]),
        {**plain(EVERYTHING), "apiVersion": "openslo/v2alpha"},
        {**plain(EVERYTHING), "kind": "Whatever"},
        {**plain(EVERYTHING), "metadata": {"name": "no spaces"}},
    ],
)
def test_what_the_specification_does_not_know_is_refused(document: Any) -> None:
    with pytest.raises(ValidationError):
        read(document)


def test_documents_of_different_kinds_have_their_own_class() -> None:
    meta = {"apiVersion": "openslo/v1", "metadata": {"name": "x"}}
    assert isinstance(read({**meta, "kind": "SLI", "spec": {}}), SLI)
    assert isinstance(
        read({**meta, "kind": "DataSource", "spec": {"type": "CSV", "connectionDetails": {}}}), DataSource
    )


def test_importing_the_model_imports_neither_pydantic_nor_duckdb() -> None:
    code = "import sys, svcops.slo.model; print(sorted({'pydantic', 'duckdb', 'typer'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_env())
    assert done.stdout.strip() == "[]"


def test_importing_the_report_imports_neither_pydantic_nor_duckdb() -> None:
    code = "import sys, svcops.slo.report; print(sorted({'pydantic', 'duckdb', 'typer'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_env())
    assert done.stdout.strip() == "[]"


def _env() -> dict[str, str]:
    source = Path(__file__).resolve().parents[2] / "src"
    return {**os.environ, "PYTHONPATH": str(source)}
