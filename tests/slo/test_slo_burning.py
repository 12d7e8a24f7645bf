"""Tiers, how they scale, and the conditions of an SLO's own alert policies."""

from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.errors import BadInput
from svcops.slo.burning import TIERS, Alarm, Burn, fitting, own_alarms, period_of
from svcops.slo.documents import sort_out
from svcops.slo.windows import Window

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
PERIODS = st.integers(1, 400 * 24 * 60).map(lambda minutes: minutes * MINUTE)
RATES = st.fractions(0, 1000)
THOUSANDTH = Fraction(1, 1000)


def names(period: timedelta, allowed: Fraction = THOUSANDTH, wanted: Any = None) -> list[str]:
    return [one.name for one in fitting(period, allowed, wanted)[0]]


def test_of_thirty_days_the_factors_are_those_of_the_workbook() -> None:
    assert [(one.severity, one.factor(30 * DAY), one.long, one.short) for one in TIERS] == [
        ("page", Fraction("14.4"), HOUR, 5 * MINUTE),
        ("page", 6, 6 * HOUR, 30 * MINUTE),
        ("ticket", 3, DAY, 2 * HOUR),
        ("ticket", 1, 3 * DAY, 6 * HOUR),
    ]


@pytest.mark.parametrize(
    ("days", "factors"),
    [(28, ("13.44", "5.6", "2.8", "14/15")), (7, ("3.36", "1.4", "0.7", "7/30")), (90, ("43.2", "18", "9", "3"))],
)
def test_of_other_periods_they_are_the_same_share_of_the_budget(days: int, factors: tuple[str, ...]) -> None:
    assert tuple(one.factor(days * DAY) for one in TIERS) == tuple(map(Fraction, factors))


@given(PERIODS, st.sampled_from(TIERS))
def test_a_factor_held_for_the_long_window_spends_just_the_share(period: timedelta, tier: Any) -> None:
    minutes = Fraction(tier.long // MINUTE, period // MINUTE)
    assert tier.factor(period) * minutes == tier.share


@given(RATES, RATES, st.sampled_from(TIERS), PERIODS)
def test_both_windows_have_to_burn_faster_than_the_factor(
    long: Fraction, short: Fraction, tier: Any, period: timedelta
) -> None:
    first, second = tier.alarm(period).burns
    factor = tier.factor(period)
    assert (first.window, second.window, first.threshold) == (tier.long, tier.short, second.threshold)
    assert (first.holds(long) and second.holds(short)) == (min(long, short) > factor)


def test_just_the_factor_is_not_faster() -> None:
    burn = TIERS[0].alarm(30 * DAY).burns[0]
    assert not burn.holds(Fraction("14.4"))
    assert burn.holds(Fraction("14.4000000000000001"))


@given(PERIODS, st.fractions(Fraction(1, 10**6), 1))
def test_a_tier_that_is_kept_can_alert_and_only_where_the_target_is_at_stake(
    period: timedelta, allowed: Fraction
) -> None:
    kept, left_out = fitting(period, allowed)
    assert len(kept) + len(left_out) == len(TIERS)
    for tier in kept:
        assert Fraction(9, 10) <= tier.factor(period) < 1 / allowed
        assert tier.long <= period


def test_a_short_period_keeps_the_tiers_that_alert_above_the_pace_it_allows() -> None:
    assert names(28 * DAY) == ["1h", "6h", "1d", "3d"]
    assert names(7 * DAY) == ["1h", "6h"]
    assert names(DAY) == []


def test_whoever_names_a_tier_gets_it_unless_it_looks_back_too_far() -> None:
    assert names(7 * DAY, wanted=("1d", "3d")) == ["1d", "3d"]
    assert names(2 * DAY, wanted=("1d", "3d")) == ["1d"]
    assert names(30 * DAY, wanted=()) == []


def test_a_tier_that_no_burn_rate_can_reach_is_left_out() -> None:
    """Where a tenth may be bad, ten times as fast is as fast as it gets."""
    kept, left_out = fitting(30 * DAY, Fraction(1, 10))
    assert [one.name for one in kept] == ["6h", "1d", "3d"]
    assert left_out == [(TIERS[0], "it alerts above a burn rate of 14.4, and if all is bad the burn rate is 10")]


@pytest.mark.parametrize(
    ("window", "days"), [("30d", 30), ("4w", 28), ("1M", 30), ("1Q", 91), ("3M", 91), ("12M", 365), ("1Y", 365)]
)
def test_months_count_as_their_part_of_a_year(window: str, days: int) -> None:
    assert period_of(Window(window)) == days * DAY


CONDITION = {
    "severity": "page",
    "condition": {"op": "gte", "threshold": 2.5, "lookbackWindow": "1h", "alertAfter": "5m"},
}
POLICY = {"alertWhenBreaching": True, "conditions": [{"conditionRef": "fast"}]}


def alarms(policies: Any, read: Any) -> list[Alarm]:
    spec = {
        "service": "shop",
        "indicatorRef": "sli",
        "budgetingMethod": "Occurrences",
        "objectives": [{"target": 0.9}],
        "alertPolicies": policies,
    }
    documents = [
        read("SLO", "availability", spec),
        read("AlertPolicy", "burn", POLICY),
        read("AlertCondition", "fast", CONDITION),
    ]
    ((path, slo),), known = sort_out([(f"slo/{number}.yaml", one) for number, one in enumerate(documents)])
    return own_alarms(path, slo, known)


def inline(**policy: Any) -> Any:
    condition = {"metadata": {"name": "fast"}, "spec": {**CONDITION, **policy.pop("condition", {})}}
    return [{"metadata": {"name": "burn"}, "spec": {"conditions": [condition], **policy}}]


FAST = Burn(HOUR, "gte", Fraction(5, 2))


def test_a_condition_by_reference_and_one_written_out_are_the_same(read: Any) -> None:
    asked = [Alarm("page", (FAST,), 5 * MINUTE, "burn", "fast")]
    assert alarms([{"alertPolicyRef": "burn"}], read) == asked
    assert alarms(inline(alertWhenBreaching=True), read) == asked


def test_a_policy_tells_of_missing_data_where_it_says_so(read: Any) -> None:
    (both,) = alarms(inline(alertWhenBreaching=True, alertWhenNoData=True), read)
    assert (both.burns, both.when_no_data) == ((FAST,), HOUR)
    (alone,) = alarms(inline(alertWhenNoData=True), read)
    assert (alone.burns, alone.when_no_data) == ((), HOUR)


SHORT = "svcops/short-window"


def annotated(**annotations: str) -> Any:
    """A policy whose condition, over one hour, has these annotations."""
    metadata = {"name": "fast", "annotations": annotations}
    return [{"metadata": {"name": "burn"}, "spec": {"conditions": [{"metadata": metadata, "spec": CONDITION}]}}]


def test_a_condition_with_a_short_window_has_to_hold_over_both(read: Any) -> None:
    (alarm,) = alarms(annotated(**{SHORT: "5m", "sloth.dev/other": "x"}), read)
    assert alarm.burns == (FAST, Burn(5 * MINUTE, FAST.op, FAST.threshold))


@pytest.mark.parametrize(
    ("annotations", "why"),
    [
        ({SHORT: "soon"}, f"{SHORT}: soon is no length of time"),
        ({SHORT: "1M"}, f"{SHORT}: 1M has no fixed length"),
        ({SHORT: "0m"}, f"{SHORT}: 0m is nothing, or not shorter than the lookbackWindow of 1h"),
        ({SHORT: "1h"}, f"{SHORT}: 1h is nothing, or not shorter than the lookbackWindow of 1h"),
        ({"svcops/short": "5m"}, f"svcops/short: not an annotation that is known here. Did you mean {SHORT}?"),
    ],
)
def test_a_short_window_that_cannot_be_is_refused(read: Any, annotations: Any, why: str) -> None:
    with pytest.raises(BadInput) as caught:
        alarms(annotated(**annotations), read)
    where = "spec.alertPolicies[0].spec.conditions[0].metadata.annotations"
    assert caught.value.message == f"slo/0.yaml: SLO availability: {where}.{why}"


@pytest.mark.parametrize(
    ("policies", "why"),
    [
        ([{}], "spec.alertPolicies[0]: exactly one of alertPolicyRef and spec is needed"),
        ([{"alertPolicyRef": "bern"}], "spec.alertPolicies[0].alertPolicyRef: no AlertPolicy is called bern"),
        (
            [{"spec": {"conditions": [{"conditionRef": "fsat"}]}}],
            "spec.alertPolicies[0].spec.conditions[0].conditionRef: no AlertCondition is called fsat",
        ),
        (
            inline(condition={"condition": {**CONDITION["condition"], "lookbackWindow": "1M"}}),
            "spec.alertPolicies[0].spec.conditions[0].spec.condition.lookbackWindow: 1M has no fixed length",
        ),
        (
            inline(condition={"condition": {**CONDITION["condition"], "lookbackWindow": "0m"}}),
            "spec.alertPolicies[0].spec.conditions[0].spec.condition.lookbackWindow: a window has to have a length",
        ),
        (
            inline(condition={"condition": {**CONDITION["condition"], "threshold": -1}}),
            "spec.alertPolicies[0].spec.conditions[0].spec.condition.threshold: -1 is negative",
        ),
    ],
)
def test_a_policy_that_cannot_be_followed_is_refused_at_its_field(read: Any, policies: Any, why: str) -> None:
    with pytest.raises(BadInput) as caught:
        alarms(policies, read)
    assert caught.value.message.startswith(f"slo/0.yaml: SLO availability: {why}")
