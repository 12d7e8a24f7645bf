import json
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter

from svcops.errors import BadInput
from svcops.slo.burning import TIERS
from svcops.slo.documents import sort_out
from svcops.slo.indicators import Indicator
from svcops.slo.model import Document
from svcops.slo.policies import Policy
from svcops.slo.questions import Judged, Question, questions
from svcops.slo.slices import Slices
from svcops.slo.terms import INCREASE, SAMPLES, SHARE, SUM, Asked, Measure, Term
from svcops.slo.windows import Window

MINUTE = timedelta(minutes=1)
DOCUMENTS: TypeAdapter[Any] = TypeAdapter(Document)


def read(kind: str, name: str, spec: Any, **metadata: Any) -> Any:
    plain = {"apiVersion": "openslo/v1", "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}
    return DOCUMENTS.validate_json(json.dumps(plain))


def metric(query: object = "q", ref: str | None = "files", **more: object) -> Any:
    source = {"metricSourceRef": ref, "spec": {"query": query}, **more}
    return {"metricSource": {key: value for key, value in source.items() if value is not None}}


RATIO: Any = {"counter": True, "bad": metric("errors"), "total": metric("all")}
SPEC: Any = {
    "service": "shop",
    "indicator": {"metadata": {"name": "sli"}, "spec": {"ratioMetric": RATIO}},
    "timeWindow": [{"duration": "30d", "isRolling": True}],
    "budgetingMethod": "Occurrences",
    "objectives": [{"target": 0.999}],
}
THRESHOLD: Any = {"metadata": {"name": "x"}, "spec": {"thresholdMetric": metric("latency")}}
OTHERS = [
    ("slo/files.yaml", read("DataSource", "files", {"type": "CSV", "connectionDetails": {"path": "x"}})),
    ("slo/prometheus.yaml", read("DataSource", "prometheus", {"type": "Prometheus", "connectionDetails": {}})),
    ("slo/typo.yaml", read("DataSource", "typo", {"type": "Csv", "connectionDetails": {}})),
    ("slo/sli.yaml", read("SLI", "shared", {"ratioMetric": {**RATIO, "counter": False}})),
]


def ask(**spec: Any) -> list[Question]:
    slos, known = sort_out([("slo/shop.yaml", read("SLO", "availability", {**SPEC, **spec})), *OTHERS])
    ((path, slo),) = slos
    return questions(path, slo, known)


def with_ratio(**ratio: Any) -> Any:
    kept = {key: value for key, value in {**RATIO, **ratio}.items() if value is not None}
    return {"metadata": {"name": "sli"}, "spec": {"ratioMetric": kept}}


def test_an_objective_asks_for_a_part_and_the_total_over_a_window() -> None:
    place = "slo/shop.yaml: SLO availability: spec.indicator.spec.ratioMetric"
    assert ask() == [
        Question(
            path="slo/shop.yaml",
            name="availability",
            service="shop",
            objective="1",
            window="30d",
            target=Fraction(999, 1000),
            policy=Policy(),
            judged=Judged(
                Indicator(
                    part=Term("files", Asked("errors", INCREASE), f"{place}.bad.metricSource.spec.query"),
                    part_is_good=False,
                    total=Term("files", Asked("all", INCREASE), f"{place}.total.metricSource.spec.query"),
                ),
                window=Window("30d"),
            ),
            lookbacks=tuple(number * MINUTE for number in (5, 30, 60, 120, 360, 1440, 4320)),
            alarms=tuple(tier.alarm(timedelta(days=30)) for tier in TIERS),
        )
    ]


def test_windows_of_a_calendar_begin_on_its_clocks() -> None:
    calendar = {"startTime": "2026-01-01 00:00:00", "timeZone": "Europe/Berlin"}
    (found,) = ask(timeWindow=[{"duration": "1M", "calendar": calendar}])
    assert found.judged
    assert found.judged.window == Window("1M", datetime(2026, 1, 1), ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("method", "objective", "slices"),
    [
        ("Timeslices", {"timeSliceWindow": "1m", "timeSliceTarget": 0.95}, Slices(MINUTE, Fraction(95, 100))),
        ("Timeslices", {"timeSliceWindow": 5, "timeSliceTarget": 1}, Slices(5 * MINUTE, Fraction(1))),
        ("Timeslices", {"timeSliceWindow": 0.5, "timeSliceTarget": 1}, Slices(MINUTE / 2, Fraction(1))),
        ("RatioTimeslices", {"timeSliceWindow": "1h"}, Slices(60 * MINUTE, None)),
    ],
)
def test_a_budget_of_time_is_counted_in_slices(method: str, objective: Any, slices: Slices) -> None:
    (found,) = ask(budgetingMethod=method, objectives=[{"target": 0.99, **objective}])
    assert found.judged
    assert found.judged.slices == slices


@pytest.mark.parametrize(
    ("objective", "why"),
    [
        ({"timeSliceTarget": 0.9}, "timeSliceWindow: missing, and Timeslices needs it"),
        ({"timeSliceWindow": "1m"}, "timeSliceTarget: missing, and Timeslices needs it"),
        ({"timeSliceWindow": "1M", "timeSliceTarget": 0.9}, "timeSliceWindow: 1M has no fixed length"),
        ({"timeSliceWindow": "0m", "timeSliceTarget": 0.9}, "timeSliceWindow: a slice has to have a length"),
        ({"timeSliceWindow": -1, "timeSliceTarget": 0.9}, "timeSliceWindow: a slice has to have a length"),
        ({"timeSliceWindow": 1e300, "timeSliceTarget": 0.9}, "timeSliceWindow: 1e+300 minutes cannot be measured"),
        ({"timeSliceWindow": 1e-9, "timeSliceTarget": 0.9}, "timeSliceWindow: 1e-09 minutes cannot be measured"),
        ({"timeSliceWindow": 0.001, "timeSliceTarget": 0.9}, "timeSliceWindow: more than 1,000,000 slices in"),
        ({"timeSliceWindow": "7m", "timeSliceTarget": 0.9}, "timeSliceWindow: the window of 30d is no whole number of"),
        ({"timeSliceWindow": "1m", "timeSliceTarget": 0}, "timeSliceTarget: must be above 0 and at most 1"),
        ({"timeSliceWindow": "1m", "timeSliceTarget": 1.5}, "timeSliceTarget: must be above 0 and at most 1"),
    ],
)
def test_slices_that_cannot_be_judged_are_refused_at_their_field(objective: Any, why: str) -> None:
    with pytest.raises(BadInput) as caught:
        ask(budgetingMethod="Timeslices", objectives=[{"target": 0.99, **objective}])
    assert caught.value.message.startswith(f"slo/shop.yaml: SLO availability: spec.objectives[0].{why}")


def test_every_objective_has_its_name_or_number_and_its_target() -> None:
    found = ask(objectives=[{"displayName": "Good", "targetPercent": 99.95}, {"target": 0, "op": "gte"}])
    assert [(one.objective, one.target) for one in found] == [("Good", Fraction(9995, 10000)), ("2", Fraction(0))]


def test_an_indicator_may_stand_in_a_document_of_its_own() -> None:
    (found,) = ask(indicator=None, indicatorRef="shared")
    assert found.judged is not None
    part = found.judged.indicator.part
    assert part.asked == Asked("errors", SUM)
    assert part.asked_by == (
        "slo/shop.yaml: SLO availability: SLI shared: spec.ratioMetric.bad.metricSource.spec.query"
    )


def of_parts(indicator: Any, **objective: Any) -> tuple[Any, bool, Any]:
    (found,) = ask(indicator=indicator, objectives=[{"target": 0.9, **objective}])
    assert found.judged
    counted = found.judged.indicator
    return counted.part.asked, counted.part_is_good, counted.total.asked


def test_a_threshold_metric_counts_the_samples_that_stand_as_they_should_to_the_value() -> None:
    within = Asked("latency", Measure("within", "lte", Decimal("0.3")))
    assert of_parts(THRESHOLD, op="lte", value=0.3) == (within, True, Asked("latency", SAMPLES))


@pytest.mark.parametrize(("raw_type", "is_good"), [("success", True), ("failure", False)])
def test_a_ratio_that_was_worked_out_before_is_the_mean_of_its_samples(raw_type: str, is_good: bool) -> None:
    raw = {"metadata": {"name": "x"}, "spec": {"ratioMetric": {"raw": metric("share"), "rawType": raw_type}}}
    assert of_parts(raw) == (Asked("share", SHARE), is_good, Asked("share", SAMPLES))


@pytest.mark.parametrize(
    ("annotations", "policy"),
    [
        ({}, Policy()),
        ({"svcops/no-data": "bad", "svcops/least-coverage": "0.9"}, Policy("bad", Fraction(9, 10))),
        ({"example.org/no-data": "whatever"}, Policy()),
    ],
)
def test_what_openslo_has_no_field_for_stands_in_annotations(annotations: Any, policy: Policy) -> None:
    document = read("SLO", "availability", SPEC, annotations=annotations)
    slos, known = sort_out([("slo/shop.yaml", document), *OTHERS])
    assert questions(*slos[0], known)[0].policy == policy


@pytest.mark.parametrize(
    ("annotations", "why"),
    [
        ({"svcops/no-data": "zero"}, "svcops/no-data: zero is none of gap, good, bad"),
        ({"svcops/nodata": "bad"}, "svcops/nodata: not an annotation that is known here. Did you mean svcops/no-data?"),
        ({"svcops/least-coverage": "90"}, "svcops/least-coverage: 90 is no share from 0 to 1"),
        ({"svcops/least-coverage": "all"}, "svcops/least-coverage: all is no share from 0 to 1"),
    ],
)
def test_an_annotation_of_ours_that_cannot_be_followed_is_refused(annotations: Any, why: str) -> None:
    slos, known = sort_out([("slo/shop.yaml", read("SLO", "availability", SPEC, annotations=annotations)), *OTHERS])
    with pytest.raises(BadInput) as caught:
        questions(*slos[0], known)
    assert f"SLO availability: metadata.annotations.{why}" in caught.value.message


@pytest.mark.parametrize(
    ("spec", "what"),
    [
        (
            {"indicator": with_ratio(bad=metric(ref=None, type="Prometheus"))},
            "a metric source of type Prometheus, without",
        ),
        ({"indicator": with_ratio(bad=metric("rate(q[5m])", ref="prometheus"))}, "PromQL that is no selector"),
        ({"indicator": with_ratio(bad=metric(ref=None, type="Datadog"))}, "a metric source of type Datadog"),
        ({"indicator": with_ratio(bad=metric(ref=None))}, "a metric source of type unknown"),
        ({"indicator": with_ratio(bad=metric(ref="typo"))}, "a metric source of type Csv (Did you mean CSV?)"),
    ],
)
def test_what_is_valid_and_not_worked_out_here_says_so(spec: Any, what: str) -> None:
    (found,) = ask(**spec)
    assert found.judged is None
    assert found.reason.startswith(f"not computed here yet: {what}")


@pytest.mark.parametrize("source", [{"ref": "prometheus"}, {"ref": None, "type": "Prometheus"}])
def test_whoever_can_ask_other_sources_is_told_what_to_ask_them(source: Any) -> None:
    indicator = with_ratio(bad=metric("errors", **source), total=metric("all", **source))
    slos, known = sort_out([("slo/shop.yaml", read("SLO", "availability", {**SPEC, "indicator": indicator})), *OTHERS])
    (found,) = questions(*slos[0], known, for_rules=True)
    assert found.judged
    assert found.judged.indicator.part.asked == Asked("errors", INCREASE)
    assert found.judged.indicator.sources == {source["ref"] or ""}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"objectives": []}, "spec.objectives: an SLO needs at least one objective"),
        ({"objectives": [{}]}, "spec.objectives[0]: neither target nor targetPercent"),
        ({"objectives": [{"target": 0.9}, {"target": 0.9, "targetPercent": 90}]}, "spec.objectives[1]: target and"),
        (
            {"objectives": [{"target": 1}]},
            "spec.objectives[0].target: target is 1; it must be at least 0 and below 1, such as 0.995 for 99.5 %",
        ),
        (
            {"objectives": [{"target": 1.5}]},
            "spec.objectives[0].target: target is 1.5; it must be at least 0 and below 1",
        ),
        ({"objectives": [{"target": 99.9}]}, "spec.objectives[0].target: target is 99.9; it must be"),
        ({"objectives": [{"target": -0.1}]}, "spec.objectives[0].target: target is -0.1; it must be"),
        (
            {"objectives": [{"targetPercent": 100}]},
            "spec.objectives[0].targetPercent: targetPercent is 100; it must be at least 0 and below 100",
        ),
        ({"timeWindow": []}, "spec.timeWindow: exactly one is needed, not 0"),
        ({"timeWindow": SPEC["timeWindow"] * 2}, "spec.timeWindow: exactly one is needed, not 2"),
        ({"timeWindow": [{"duration": "1d"}]}, "spec.timeWindow[0]: neither isRolling: true nor a calendar"),
        ({"timeWindow": [{"duration": "0d", "isRolling": True}]}, "spec.timeWindow[0].duration: 0d is not above 0"),
        ({"timeWindow": [{"duration": "9999999999w", "isRolling": True}]}, "spec.timeWindow[0].duration: 9999999999w"),
        (
            {
                "timeWindow": [
                    {
                        "duration": "1d",
                        "isRolling": True,
                        "calendar": {"startTime": "2026-01-01 00:00:00", "timeZone": "UTC"},
                    }
                ]
            },
            "spec.timeWindow[0]: a rolling window has no calendar",
        ),
        (
            {"timeWindow": [{"duration": "1M", "calendar": {"startTime": "2026-01-01 00:00:00", "timeZone": "UTC+1"}}]},
            "spec.timeWindow[0].calendar.timeZone: UTC+1 is a zone that this machine's zone database does not know",
        ),
        ({"indicator": None}, "spec: exactly one of indicator and indicatorRef is needed"),
        ({"indicatorRef": "shared"}, "spec: exactly one of indicator and indicatorRef is needed"),
        ({"indicator": None, "indicatorRef": "sharde"}, "spec.indicatorRef: no SLI is called sharde"),
        ({"indicator": {"metadata": {"name": "x"}, "spec": {}}}, "spec.indicator.spec: exactly one of ratioMetric"),
        ({"indicator": with_ratio(counter=None)}, "spec.indicator.spec.ratioMetric.counter: missing"),
        ({"indicator": with_ratio(bad=None)}, "spec.indicator.spec.ratioMetric: exactly one of good and bad"),
        ({"indicator": with_ratio(good=metric())}, "spec.indicator.spec.ratioMetric: exactly one of good and bad"),
        ({"indicator": with_ratio(total=None)}, "spec.indicator.spec.ratioMetric: total is missing"),
        ({"indicator": with_ratio(raw=metric(), rawType="success")}, "ratioMetric.bad: beside raw, which is a ratio"),
        ({"indicator": with_ratio(raw=metric(), bad=None, total=None)}, "ratioMetric.rawType: missing: is raw a share"),
        ({"indicator": with_ratio(rawType="success")}, "ratioMetric.rawType: says what raw is, and there is no raw"),
        ({"indicator": THRESHOLD, "objectives": [{"target": 0.9, "value": 1}]}, "spec.objectives[0].op: missing, and"),
        (
            {"indicator": THRESHOLD, "objectives": [{"target": 0.9, "op": "lt"}]},
            "spec.objectives[0].value: missing, and",
        ),
        (
            {"indicator": with_ratio(bad=metric(ref="filse"))},
            "bad.metricSource.metricSourceRef: no DataSource is called filse",
        ),
        ({"indicator": with_ratio(bad=metric(ref=None, type="CSV"))}, "bad.metricSource.metricSourceRef: missing"),
        ({"indicator": with_ratio(bad=metric(type="Parquet"))}, "bad.metricSource.type: Parquet, but DataSource files"),
        ({"indicator": with_ratio(bad=metric(query=5))}, "bad.metricSource.spec.query: missing, or not text"),
        ({"indicator": with_ratio(bad=metric(query=" "))}, "bad.metricSource.spec.query: missing, or not text"),
        (
            {"indicator": with_ratio(bad=metric(spec={"query": "q", "times": 5}))},
            "bad.metricSource.spec.times: not a key",
        ),
    ],
)
def test_what_contradicts_the_specification_is_named_with_the_slo_and_the_field(spec: Any, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        ask(**spec)
    assert caught.value.message.startswith("slo/shop.yaml: SLO availability: ")
    assert message in caught.value.message


def test_the_name_that_was_meant_is_suggested() -> None:
    with pytest.raises(BadInput) as caught:
        ask(indicator=None, indicatorRef="sharde")
    assert caught.value.help == "Did you mean shared?"


def test_slos_come_in_the_order_of_their_names_and_of_two_of_one_name_the_first_is_referred_to() -> None:
    one, two = (read("SLO", name, SPEC) for name in ("b", "a"))
    first, second = (read("SLI", "shared", {"description": text}) for text in ("first", "second"))
    slos, known = sort_out([("1", one), ("2", two), ("3", first), ("4", second)])
    assert [path for path, _ in slos] == ["2", "1"]
    assert known.indicators["shared"].spec.description == "first"
