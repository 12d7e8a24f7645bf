"""A composite SLO on the dashboard: its whole, put together from its objectives, and each of these."""

import json
from datetime import UTC, datetime

import pytest
from tests.html_page import Page

from svcops.slo.report import report_of
from svcops.store.opening import Store

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def composite(board, method, **of_objective):
    def metric(name):
        return {"metricSource": {"metricSourceRef": "samples", "spec": {"query": name}}}

    def objective(name, target, good):
        ratio = {"ratioMetric": {"counter": False, "good": metric(good), "total": metric("total")}}
        indicator = {"metadata": {"name": name}, "spec": ratio}
        return {"displayName": name, "target": target, "indicator": indicator, "compositeWeight": 1, **of_objective}

    slo = {
        "apiVersion": "openslo/v1",
        "kind": "SLO",
        "metadata": {
            "name": "journey",
            "displayName": "The journey",
            "annotations": {"svcops/composite-target": "0.9"},
        },
        "spec": {
            "service": "shop",
            "budgetingMethod": method,
            "timeWindow": [{"duration": "1h", "isRolling": True}],
            "objectives": [objective("search", 0.9, "good"), objective("pay", 0.95, "paid")],
        },
    }
    source = board.read("slo/slo.yaml").split("---\n")[1]
    board.write("slo/slo.yaml", f"{json.dumps(slo)}\n---\n{source}")
    rows = (f"2026-11-23T11:{minute:02}:00Z,{98 if minute < 30 else 95},99,100\n" for minute in range(1, 60))
    board.write("metrics/a.csv", "timestamp,good,paid,total\n" + "".join(rows) + "2026-11-23T12:00:00Z,95,99,100\n")


def results(board, points=6):
    graph = Store(board.root, {}, print).graph
    found = report_of(graph, NOON, points=points)
    assert not found.failures, found.failures[0].error.message
    return found.results


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("Occurrences", {}),
        ("RatioTimeslices", {"timeSliceWindow": "5m"}),
        ("Timeslices", {"timeSliceWindow": "5m", "timeSliceTarget": 0.97}),
    ],
)
def test_the_course_of_the_whole_ends_with_what_is_left_of_it(small, method, more):
    board = small()
    composite(board, method, **more)
    whole, *parts = results(board)
    assert whole.parts == tuple(parts)
    assert len(whole.course) == len(parts[0].course) >= 4
    assert whole.course[0].left == 1
    assert whole.course[-1].left == whole.level.left_share
    left = [point.left for point in whole.course]
    assert left == sorted(left, reverse=True)
    assert left[len(left) // 2] > left[-1]


def test_the_whole_and_each_objective_have_a_card(small):
    board = small()
    composite(board, "Occurrences")
    done = board.call("slo", "report", "--format", "html", "--at", NOON.isoformat())
    page = Page("-", done.out)
    assert page.wrong == []
    cards = [" ".join(one.text.split()) for one in page.all("article")]
    assert len(cards) == 3
    (whole,) = (one for one in cards if "Shop: composite journey" in one)
    assert "its objectives together spent" in whole
    assert "Bad of total" not in whole
    assert any("Shop: search (weight 1 in the composite)" in one for one in cards)
