"""SLOs over samples that this project did not make, and the OpenSLO examples; see ../shared/data/README.md."""

import json
import os
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from svcops.errors import BadInput
from svcops.slo.model import Document
from svcops.slo.presenting import rows, to_json
from svcops.slo.report import report
from svcops.store.shape import rebuild
from svcops.store.yaml_reading import compose

DATA = Path(os.environ.get("SVCOPS_REAL_DATA") or Path(__file__).resolve().parents[2].parent / "shared" / "data")
DOCUMENTS: TypeAdapter[Any] = TypeAdapter(Document)

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the real data is not at {DATA}; SVCOPS_REAL_DATA says where"
)


def document(kind: str, name: str, spec: Any) -> tuple[str, Any]:
    plain = {"apiVersion": "openslo/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}
    return f"slo/{name}.yaml", DOCUMENTS.validate_json(json.dumps(plain))


def ratio(name: str, *, counter: bool, window: str, target: float, **parts: str) -> tuple[str, Any]:
    metrics = {
        part: {"metricSource": {"metricSourceRef": "samples", "spec": {"query": query}}}
        for part, query in parts.items()
    }
    spec = {
        "service": "nginx-org",
        "indicator": {"metadata": {"name": "sli"}, "spec": {"ratioMetric": {"counter": counter, **metrics}}},
        "timeWindow": [{"duration": window, "isRolling": True}],
        "budgetingMethod": "Occurrences",
        "objectives": [{"target": target}],
    }
    return document("SLO", name, spec)


NGINX = document(
    "DataSource",
    "samples",
    {"type": "JSONLines", "connectionDetails": {"path": "metrics/nginx-plus/*.jsonl", "unit": "ms"}},
)
ZONE = 'server_zones["hg.nginx.org"].responses'


def test_nginx_org_had_3_errors_in_298_responses() -> None:
    slo = ratio("hg", counter=True, window="1h", target=0.99, bad=f'{ZONE}["5xx"]', total=f"{ZONE}.total")
    found = report([NGINX, slo], datetime(2015, 10, 31, 0, 41, tzinfo=UTC), DATA)
    (result,) = found.results
    assert result.level is not None
    assert (result.level.bad, result.level.total) == (3, 298)
    assert result.verdict == "breached"
    assert result.coverage is not None
    assert abs(result.coverage - Fraction(43, 60)) < Fraction(1, 100)
    assert rows(found) == [("hg", "nginx-org", "1", "1h", "98.993", "99", "-0.7", "-", "spent", "71.1", "breached")]
    (read,) = result.inputs
    assert read.path == "metrics/nginx-plus/nginxplus_json_logs.jsonl"
    assert read.first == datetime(2015, 10, 30, 23, 58, 19, 322_000, tzinfo=UTC)
    assert read.last == datetime(2015, 10, 31, 0, 40, 53, 399_000, tzinfo=UTC)


def test_nginx_org_is_the_sum_of_its_stretches() -> None:
    end = datetime(2015, 10, 31, 0, 41, tzinfo=UTC)
    levels = []
    for number, window in enumerate(("10m", "10m", "10m", "10m", "3m")):
        slo = ratio("hg", counter=True, window=window, target=0.99, bad=f"{ZONE}.5xx", total=f"{ZONE}.total")
        levels.append(report([NGINX, slo], end - timedelta(minutes=10 * number), DATA).results[0].level)
    assert sum(one.total for one in levels if one) == 298
    assert sum(one.bad for one in levels if one) == 3
    assert all(levels)


def test_of_a_day_of_nginx_org_43_minutes_are_not_enough() -> None:
    slo = ratio("hg", counter=True, window="1d", target=0.99, bad=f"{ZONE}.5xx", total=f"{ZONE}.total")
    (result,) = report([NGINX, slo], datetime(2015, 10, 31, 0, 41, tzinfo=UTC), DATA).results
    assert (result.verdict, result.level) == ("not enough data", None)
    assert result.reason == (
        "samples speak for 42 min 40 s of 1 d, and 50 % have to be known; "
        "missing: 2015-10-30T00:41:00Z to 2015-10-30T23:58:14.218Z, and 1 more"
    )


def test_request_counts_of_a_load_balancer_are_summed_in_their_zone_only() -> None:
    details = {"path": "metrics/nab/elb_request_count_8c0756.csv"}
    slo = ratio("elb", counter=False, window="15d", target=0.5, good="value", total="value")
    at = datetime(2014, 4, 25, tzinfo=UTC)
    naive = document("DataSource", "samples", {"type": "CSV", "connectionDetails": details})
    with pytest.raises(BadInput, match="has no offset, and no zone is stated"):
        report([naive, slo], at, DATA)
    zoned = document("DataSource", "samples", {"type": "CSV", "connectionDetails": {**details, "zone": "UTC"}})
    (result,) = report([zoned, slo], at, DATA).results
    lines = (DATA / details["path"]).read_text().splitlines()[1:]
    assert result.level is not None
    assert result.level.total == sum(int(float(line.split(",")[1])) for line in lines)


def test_50_points_of_the_latency_of_a_server_are_above_50_milliseconds() -> None:
    details = {"path": "metrics/nab/ec2_request_latency_system_failure.csv", "zone": "UTC"}
    source = document("DataSource", "samples", {"type": "CSV", "connectionDetails": details})
    metric = {"metricSource": {"metricSourceRef": "samples", "spec": {"query": "value"}}}
    spec = {
        "service": "shop",
        "indicator": {"metadata": {"name": "sli"}, "spec": {"thresholdMetric": metric}},
        "timeWindow": [{"duration": "15d", "isRolling": True}],
        "budgetingMethod": "Occurrences",
        "objectives": [{"target": 0.98, "op": "lte", "value": 50}],
    }
    slo = document("SLO", "latency", spec)
    (result,) = report([source, slo], datetime(2014, 3, 21, 4, 0, tzinfo=UTC), DATA).results
    assert result.level is not None
    assert (result.level.bad, result.level.total) == (50, 4_032)
    longest = max(one.end - one.start for one in result.missing[1:-1])
    assert longest == timedelta(minutes=59), "of the gap of 64 minutes all but one step"


def test_the_examples_of_openslo_are_valid_and_read_back_the_same() -> None:
    seen = []
    for path in sorted((DATA / "openslo-v1").glob("*.yaml")):
        parsed = compose(path.read_text(encoding="utf-8"), path.name, many=True)
        assert not parsed.findings
        for plain in (one for items in parsed.documents for one in items):
            value = DOCUMENTS.validate_json(json.dumps(plain))
            assert rebuild(Document, plain) == value
            seen.append((path.name, value))
    assert len(seen) == 16
    found = to_json(report(seen, datetime(2026, 11, 23, tzinfo=UTC), DATA))
    assert [(one["name"], one["verdict"]) for one in found["slos"]] == [("web-availability", "not computed")]
