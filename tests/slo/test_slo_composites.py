"""Composite SLOs: a journey over several services, worked out from its objectives as OpenSLO v1 says.

SLO, "Notes (Composite SLO)": burn rates are added by weight (Occurrences), a slice that is bad for one is bad
(Timeslices), what is missed is added by weight up to 100 percent (RatioTimeslices).
"""

from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from tests.slo.conftest import AT, World

from svcops.errors import BadInput
from svcops.slo.exclusions import Excluded
from svcops.slo.explaining import as_text
from svcops.slo.naming import worst_first
from svcops.slo.presenting import markdown_of, rows


def part(name: str, target: float = 0.9, **more: Any) -> dict[str, Any]:
    """An objective with its own indicator: the columns NAME_good and NAME_all of the source NAME."""
    metrics = {
        key: {"metricSource": {"metricSourceRef": name, "spec": {"query": f"{name}_{column}"}}}
        for key, column in (("good", "good"), ("total", "all"))
    }
    indicator = {"metadata": {"name": name}, "spec": {"ratioMetric": {"counter": False, **metrics}}}
    return {"displayName": name, "target": target, "indicator": indicator, **more}


def journey(world: World, *objectives: Any, method: str = "Occurrences", target: str = "", **spec: Any) -> None:
    annotations = {"svcops/least-coverage": "0", **({"svcops/composite-target": target} if target else {})}
    content = {
        "service": "shop",
        "timeWindow": [{"duration": "4m", "isRolling": True}],
        "budgetingMethod": method,
        "objectives": list(objectives),
        **spec,
    }
    world.add("SLO", "journey", content, annotations)


def minutes(world: World, **counts: list[tuple[int, int] | None]) -> None:
    """For each name a file of what was good and of all, minute by minute until noon; without a line of None."""
    for name, every in counts.items():
        world.source(name=name, path=f"metrics/{name}.csv")
        times = (AT - timedelta(minutes=len(every) - 1 - minute) for minute in range(len(every)))
        lines = [f"{at:%Y-%m-%dT%H:%M:%SZ},{one[0]},{one[1]}" for at, one in zip(times, every, strict=True) if one]
        world.csv(f"metrics/{name}.csv", f"timestamp,{name}_good,{name}_all", *lines)


def whole(world: World) -> Any:
    """The result for the composite SLO as a whole, which is the first one."""
    found = world.report().results
    assert found[0].question.composite
    assert found[0].parts == found[1:]
    return found[0]


SLICED = {"timeSliceWindow": "1m", "timeSliceTarget": 0.5}


# With Occurrences


def test_burn_rates_are_added_by_weight(world) -> None:
    minutes(world, find=[(98, 100)], pay=[(99, 100)])
    journey(world, part("find"), part("pay", compositeWeight=3))
    found = whole(world)
    assert found.level.spent_share == Fraction(2, 10) + 3 * Fraction(1, 10)
    assert found.level.sli == Fraction(95, 100), "of equal targets what is bad is added as well"
    assert found.verdict == "met"


def test_an_objective_burns_the_whole_at_its_own_rate_whatever_its_target(world) -> None:
    minutes(world, find=[(99_950, 100_000)], pay=[(9, 10)])
    journey(world, part("find", 0.999), part("pay", 0.8))
    found = whole(world)
    assert found.level.spent_share == Fraction(1, 2) + Fraction(1, 2)
    assert found.verdict == "met", "exactly what is allowed"
    assert found.level.target == Fraction("0.999"), "the strictest, as a scale"


def test_each_within_its_budget_may_be_too_much_together(world) -> None:
    minutes(world, find=[(94, 100)], pay=[(94, 100)])
    journey(world, part("find"), part("pay"))
    assert [one.verdict for one in world.report().results] == ["breached", "met", "met"]
    assert world.report().exit_code == 1


def test_a_target_of_the_whole_is_an_annotation_and_changes_no_burn_rate(world) -> None:
    minutes(world, find=[(98, 100)], pay=[(99, 100)])
    journey(world, part("find"), part("pay"), target="0.5")
    found = whole(world)
    assert found.level.target == Fraction(1, 2)
    assert found.level.spent_share == Fraction(3, 10)
    assert found.level.sli == 1 - Fraction(3, 10) / 2


def test_no_more_than_everything_is_bad(world) -> None:
    minutes(world, find=[(10, 100)], pay=[(10, 100)])
    journey(world, part("find"), part("pay", compositeWeight=100))
    assert whole(world).level.sli == 0


# With Timeslices


def test_a_slice_that_is_bad_for_one_is_bad(world) -> None:
    minutes(world, find=[(9, 10), (1, 10), (9, 10), (9, 10)], pay=[(9, 10), (1, 10), (1, 10), (9, 10)])
    journey(world, part("find", **SLICED), part("pay", compositeWeight=7, **SLICED), method="Timeslices")
    found = whole(world)
    assert (found.level.good, found.level.total) == (2, 4)


def test_of_a_slice_something_may_be_known_though_not_of_all(world) -> None:
    minutes(world, find=[(9, 10), None, None, (0, 0)], pay=[(9, 10), (1, 10), (9, 10), (9, 10)])
    journey(world, part("find", **SLICED), part("pay", **SLICED), method="Timeslices")
    found = whole(world)
    assert (found.level.good, found.level.total) == (2, 3), "bad for one is bad; good for one says nothing of the other"
    assert found.coverage == Fraction(3, 4)


def test_slices_in_which_nothing_happened_at_all_do_not_count(world) -> None:
    minutes(world, find=[(9, 10), (0, 0), (9, 10)], pay=[(9, 10), (0, 0), (9, 10)])
    journey(world, part("find", **SLICED), part("pay", **SLICED), method="Timeslices")
    assert whole(world).level.total == 2


def test_without_one_target_of_all_slices_need_one_of_the_whole(world) -> None:
    minutes(world, find=[(9, 10)], pay=[(9, 10)])
    objectives = (part("find", 0.9, **SLICED), part("pay", 0.8, **SLICED))
    journey(world, *objectives, method="Timeslices")
    with pytest.raises(BadInput, match="svcops/composite-target: missing, and the objectives"):
        world.report()
    world.documents.pop()
    journey(world, *objectives, method="Timeslices", target="0.75")
    assert whole(world).level.target == Fraction(3, 4)


def test_slices_of_two_lengths_are_not_put_together(world) -> None:
    minutes(world, find=[(9, 10)] * 4, pay=[(9, 10)] * 4)
    longer = {**SLICED, "timeSliceWindow": "2m"}
    journey(world, part("find", **SLICED), part("pay", **longer), method="Timeslices")
    found = whole(world)
    assert (found.verdict, found.reason) == (
        "not computed",
        "not computed here yet: a composite SLO with slices of several lengths",
    )
    assert [one.verdict for one in found.parts] == ["met", "met"]


# With RatioTimeslices


def test_two_of_95_percent_are_one_of_90(world) -> None:
    minutes(world, find=[(90, 100), (100, 100)], pay=[(95, 100), (95, 100)])
    sliced = {"timeSliceWindow": "1m"}
    journey(world, part("find", 0.8, **sliced), part("pay", 0.8, **sliced), method="RatioTimeslices")
    found = whole(world)
    assert found.level.sli == Fraction(90, 100)
    assert (found.level.good, found.level.total) == (Fraction(18, 10), 2), "as slices"


def test_what_is_missed_is_taken_by_its_weight_and_up_to_everything(world) -> None:
    minutes(world, find=[(90, 100)], pay=[(95, 100)])
    sliced = {"timeSliceWindow": "1m"}
    both = (part("find", 0.8, compositeWeight=0.5, **sliced), part("pay", 0.8, compositeWeight=2, **sliced))
    journey(world, *both, method="RatioTimeslices")
    assert whole(world).level.sli == Fraction(85, 100)
    world.documents.pop()
    journey(world, part("find", compositeWeight=50, **sliced), part("pay", **sliced), method="RatioTimeslices")
    assert whole(world).level.sli == 0


# What is not known, excluded, wrong


@pytest.mark.parametrize("method", ["Occurrences", "Timeslices", "RatioTimeslices"])
def test_without_one_objective_nothing_is_known_of_the_whole(world, method) -> None:
    minutes(world, find=[(9, 10)], pay=[None])
    sliced = {} if method == "Occurrences" else SLICED
    journey(world, part("find", **sliced), part("pay", **sliced), method=method)
    found = whole(world)
    assert (found.verdict, found.level) == ("not enough data", None)
    assert found.reason.startswith("objective pay: ")
    assert found.paces == ()


def test_an_objective_that_is_not_worked_out_is_told_for_the_whole(world) -> None:
    minutes(world, find=[(9, 10)])
    other = part("pay")
    other["indicator"]["spec"]["ratioMetric"]["good"] = {"metricSource": {"type": "Datadog", "spec": {"query": "x"}}}
    journey(world, part("find"), other)
    found = whole(world)
    assert found.verdict == "not computed"
    assert found.reason == "objective pay: not computed here yet: a metric source of type Datadog"
    assert found.parts[0].verdict == "met"


def test_the_least_known_objective_says_how_much_is_known(world) -> None:
    minutes(world, find=[(9, 10)] * 4, pay=[None, None, (9, 10), (9, 10)])
    journey(world, part("find"), part("pay"))
    assert whole(world).coverage == Fraction(1, 2)


class Agreed:
    """The minute before noon is excluded."""

    def __init__(self, treatment: str) -> None:
        self.treatment = treatment

    def within(self, *_: Any) -> tuple[Excluded, ...]:
        start = AT - timedelta(minutes=1)
        return (Excluded(start, AT, self.treatment, "slo/exclusions/a.yaml", "Works"),)


@pytest.mark.parametrize("treatment", ["removed", "good"])
@pytest.mark.parametrize("method", ["Occurrences", "Timeslices", "RatioTimeslices"])
def test_what_is_excluded_is_excluded_of_every_objective(world, method, treatment) -> None:
    minutes(world, find=[(10, 10), (10, 10), (10, 10), (0, 10)], pay=[(10, 10)] * 4)
    sliced = {} if method == "Occurrences" else SLICED
    world.exclusions = Agreed(treatment)
    journey(world, part("find", **sliced), part("pay", **sliced), method=method)
    found = whole(world)
    assert found.level.sli == 1
    assert found.plain.sli == Fraction(3, 4)
    assert found.excluded


@pytest.mark.parametrize("weight", [0, -1])
def test_a_weight_is_above_nothing(world, weight) -> None:
    minutes(world, find=[(9, 10)], pay=[(9, 10)])
    journey(world, part("find"), part("pay", compositeWeight=weight))
    with pytest.raises(BadInput, match=r"spec.objectives\[1\].compositeWeight: .* is no number above 0"):
        world.report()


def test_an_indicator_stands_in_every_objective_or_in_none(world) -> None:
    minutes(world, find=[(9, 10)], pay=[(9, 10)])
    journey(world, part("find"), {"target": 0.9})
    with pytest.raises(BadInput, match=r"spec.objectives\[1\]: exactly one of indicator and indicatorRef is needed"):
        world.report()
    world.documents.pop()
    journey(world, part("find"), part("pay"), indicator=part("find")["indicator"])
    with pytest.raises(BadInput, match=r"spec\.indicator: an objective has an indicator of its own"):
        world.report()


def test_a_target_of_the_whole_needs_a_whole(world) -> None:
    minutes(world, find=[(9, 10)])
    shared = part("find")
    journey(world, {"target": 0.9}, target="0.9", indicator=shared["indicator"])
    with pytest.raises(BadInput, match="svcops/composite-target: no objective has an indicator of its own"):
        world.report()


def test_one_objective_with_its_own_indicator_is_an_slo_as_any_other(world) -> None:
    minutes(world, find=[(9, 10)])
    journey(world, part("find"))
    (found,) = world.report().results
    assert (found.question.composite, found.question.weight, found.verdict) == (None, None, "met")


def test_burn_rates_of_the_last_stretches_are_added_as_well(world) -> None:
    minutes(world, find=[(98, 100)] * 30, pay=[(99, 100)] * 30)
    window = [{"duration": "30d", "isRolling": True}]
    journey(world, part("find"), part("pay", 0.95, compositeWeight=3), timeWindow=window)
    found = whole(world)
    assert {one.rate for one in found.paces} == {Fraction(2, 10) + 3 * Fraction(1, 5)}
    assert found.lasts == timedelta(days=30) * (1 - 0.8) / 0.8


# What is shown


def test_the_objectives_stand_below_the_whole(world) -> None:
    minutes(world, find=[(94, 100)], pay=[(94, 100)])
    journey(world, part("find", compositeWeight=2), part("pay"))
    world.slo("another", good="find_good", total="find_all", counter=False, of={"good": "find", "total": "find"})
    shown = [(row[0], row[2], row[-1]) for row in rows(world.report())]
    assert shown == [
        ("journey", "composite", "breached"),
        ("journey", "- find (weight 2)", "met"),
        ("journey", "- pay (weight 1)", "met"),
        ("another", "1", "met"),
    ]
    assert len(worst_first(world.report())) == len(world.report().results)
    assert "| journey | shop | composite |" in markdown_of(world.report())


def test_json_tells_the_whole_from_its_objectives(world) -> None:
    minutes(world, find=[(94, 100)], pay=[(94, 100)])
    journey(world, part("find", compositeWeight=2), part("pay"))
    first, *others = world.json()["slos"]
    assert first["composite"] == {"method": "Occurrences", "objectives": ["find", "pay"]}
    assert (first["weight"], first["objective"]) == (None, "composite")
    assert [(one["objective"], one["weight"], one["composite"]) for one in others] == [
        ("find", 2, None),
        ("pay", 1, None),
    ]


def test_explain_shows_each_objective_its_weight_and_the_sum(world) -> None:
    minutes(world, find=[(98, 100)], pay=[(99, 100)])
    journey(world, part("find"), part("pay", compositeWeight=3))
    told = as_text(whole(world)).splitlines()
    assert "  find  weight 1  SLI 98 %  target 90 %  burn rate 0.2" in told
    assert "  pay   weight 3  SLI 99 %  target 90 %  burn rate 0.1" in told
    assert "  burn rate = sum of weight x burn rate = 1 x 0.2 + 3 x 0.1 = 0.5" in told
    assert "  bad = burn rate x (1 - target), at most all = 0.5 x 10 % = 5 %" in told


def test_explain_says_how_slices_and_their_shares_are_put_together(world) -> None:
    minutes(world, find=[(98, 100)], pay=[(99, 100)])
    for method in ("Timeslices", "RatioTimeslices"):
        journey(world, part("find", **SLICED), part("pay", compositeWeight=3, **SLICED), method=method)
        told = as_text(whole(world))
        world.documents.pop()
        if method == "Timeslices":
            assert "  slices of 1 min, each bad where it is for one of them, whatever its weight" in told
        else:
            assert "  bad = sum of weight x (1 - SLI), at most all = 1 x 2 % + 3 x 1 % = 5 %" in told
