"""How a budget was spent over its window: it ends where the report does, and is known only where samples speak."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from svcops.slo.exclusion import Exclusion, Times
from svcops.slo.exclusions import Exclusions
from svcops.slo.report import report
from svcops.store.entries import Entry

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def samples(world: Any, *of: tuple[int, int, int], more: str = "") -> None:
    """Samples that end so many minutes before the end of the window: good, total."""
    lines = (f"{(AT - back * MINUTE).isoformat()},{good},{total}" for back, good, total in of)
    world.csv("metrics/a.csv", "timestamp,good,total", *lines)
    world.source(**({"step": more} if more else {}))


def course(world: Any, points: int = 6, at: datetime = AT) -> list[tuple[int, Fraction | None]]:
    """The points: minutes before the end, and what is left."""
    (result,) = report(world.documents, at, world.root, world.exclusions, points=points).results
    return [((at - one.at) // MINUTE, one.left) for one in result.course]


def every_ten_minutes(world: Any, bad_at: int, bad: int = 5) -> None:
    samples(world, *((back, 100 - (bad if back == bad_at else 0), 100) for back in range(60, -1, -10)))


def test_a_budget_falls_where_something_was_bad_and_ends_with_what_is_left(world) -> None:
    every_ten_minutes(world, bad_at=30, bad=15)
    world.slo(counter=False, target=0.95, good="good", total="total")
    whole, half = Fraction(1), Fraction(1, 2)
    assert course(world) == [(60, whole), (50, whole), (40, whole), (30, half), (20, half), (10, half), (0, half)]
    assert world.one().level.left_share == half


def test_without_points_there_is_no_course(world) -> None:
    every_ten_minutes(world, bad_at=30)
    world.slo(counter=False, good="good", total="total")
    assert world.one().course == ()


def test_where_the_level_is_unknown_so_is_the_course(world) -> None:
    samples(world, (60, 0, 0), (0, 0, 0))
    world.slo(counter=False, good="good", total="total")
    assert course(world) == []


def test_in_a_gap_nothing_is_known(world) -> None:
    samples(world, *((back, 100, 100) for back in (60, 50, 20, 10, 0)), more="10m")
    world.slo(counter=False, good="good", total="total")
    assert [back for back, left in course(world) if left is None] == [40, 30]


def test_missing_time_that_counts_as_bad_is_spent_while_it_is_missing(world) -> None:
    samples(world, *((back, 100, 100) for back in (60, 50, 20, 10, 0)), more="10m")
    world.slo(counter=False, good="good", total="total", no_data="bad")
    found = dict(course(world))
    assert (found[50], found[40], found[30]) == (1, None, None)
    assert found[20] == found[0] == world.one().level.left_share
    assert found[0] < 0


def test_what_is_excluded_spends_nothing(world) -> None:
    times = Times(from_=AT - 40 * MINUTE, until=AT - 20 * MINUTE)
    agreed = Exclusion(slos=("availability",), title="Restart", reason="Agreed", reviewed_by="kim", times=(times,))
    every_ten_minutes(world, bad_at=30, bad=50)
    world.slo(counter=False, target=0.95, good="good", total="total")
    world.exclusions = Exclusions([Entry("exclusion", "a", "slo/exclusions/a.yaml", agreed)])
    assert {left for _, left in course(world)} == {Fraction(1)}


@pytest.mark.parametrize("method", ["Timeslices", "RatioTimeslices"])
def test_slices_are_spent_one_by_one(world, method) -> None:
    every_ten_minutes(world, bad_at=30, bad=50)
    objective = {"timeSliceWindow": "10m", **({"timeSliceTarget": 0.9} if method == "Timeslices" else {})}
    world.slo(counter=False, target=0.75, good="good", total="total", method=method, objective=objective)
    found = course(world)
    assert [back for back, _ in found] == [60, 50, 40, 30, 20, 10, 0]
    spent = Fraction(2, 3) if method == "Timeslices" else Fraction(1, 3)
    assert [left for _, left in found] == [1, 1, 1, *[1 - spent] * 4]
    assert found[-1][1] == world.one().level.left_share


def test_of_many_slices_some_are_points(world) -> None:
    every_ten_minutes(world, bad_at=30)
    objective = {"timeSliceWindow": "10m", "timeSliceTarget": 0.99}
    world.slo(counter=False, target=0.5, good="good", total="total", method="Timeslices", objective=objective)
    assert [back for back, _ in course(world, points=4)] == [60, 40, 20, 0]


def test_a_window_of_the_calendar_ends_at_the_moment_of_the_report(world) -> None:
    every_ten_minutes(world, bad_at=30)
    calendar = {"startTime": "2026-11-23 11:00:00", "timeZone": "UTC"}
    world.slo(counter=False, target=0.5, good="good", total="total", window="1d", calendar=calendar)
    found = course(world, points=3)
    assert [back for back, _ in found] == [60, 40, 20, 0]
    assert found[-1][1] == world.one().level.left_share


def test_counters_are_counted_up_to_each_point(world) -> None:
    samples(world, (60, 0, 0), (45, 10, 10), (30, 15, 20), (15, 25, 30), (0, 35, 40))
    world.slo(counter=True, target=0.5, good="good", total="total")
    assert [left for _, left in course(world, points=4)] == [1, 1, Fraction(3, 4), Fraction(3, 4), Fraction(3, 4)]
