"""The picture of a budget: where its lines stand, and that none leads over what is not known."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from svcops.slo.answers import Pace, Result
from svcops.slo.burning import Alarm, Burn
from svcops.slo.course import Point
from svcops.slo.dashboard.charts import HIGH, Chart, chart
from svcops.slo.dashboard.states import State, alarm_of, state_of
from svcops.slo.exclusions import Excluded
from svcops.slo.facts import Level
from svcops.slo.policies import Policy
from svcops.slo.questions import Question
from svcops.slo.windows import Stretch
from svcops.timing.hours import Interval

START = datetime(2026, 11, 1, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WINDOW = Stretch(START, START + 10 * DAY)
QUESTION = Question("slo/a.yaml", "a", "shop", "1", "10d", Fraction(9, 10), Policy(), None)


def result(*left: float | None, **more: Any) -> Result:
    """What came out, where so much was left from day to day."""
    course = (Point(START + day * DAY, None if one is None else Fraction(one)) for day, one in enumerate(left))
    given = {"level": None, "verdict": "met", "reason": "", "course": tuple(course), **more}
    return Result(QUESTION, WINDOW, **given)


def drawn(*left: float | None, incidents: list[Interval] | None = None, at: int = 10, **more: Any) -> Chart:
    found = chart(result(*left, **more), START + at * DAY, UTC, incidents or [])
    assert found
    return found


def places(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", path)]


def days(first: float, last: float) -> Interval:
    return Interval(START + first * DAY, START + last * DAY)


def test_a_line_goes_from_the_whole_budget_to_what_is_left() -> None:
    found = drawn(1, 0.5, 0)
    assert places(found.line) == [(0, 4), (100, 80), (200, 156)]
    assert found.zero == "156"
    assert found.end == ("20", "156")
    assert [one.text for one in found.levels] == ["100 %", "50 %", "0 %"]


def test_a_budget_that_is_overdrawn_has_an_area_below_zero_that_begins_where_it_was_spent() -> None:
    found = drawn(1, -1)
    zero = float(found.zero)
    assert [one.text for one in found.levels] == ["100 %", "50 %", "0 %", "\u221250 %", "\u2212100 %"]
    assert places(found.below)[2] == (50, zero)
    assert max(y for _, y in places(found.below)) == HIGH - 4
    assert max(y for _, y in places(found.above)) == zero
    assert not found.is_cut


def test_what_is_far_below_is_cut_and_said() -> None:
    found = drawn(1, -200)
    assert found.is_cut
    assert max(y for _, y in places(found.line)) == HIGH - 4


def test_no_line_leads_over_a_gap() -> None:
    found = drawn(1, 1, None, None, 0.5, 0.5, missing=(days(1, 4),))
    assert found.line.count("M") == 2
    assert [place[0] for place in places(found.line)] == [0, 100, 400, 500]
    assert [(one.x, one.width) for one in found.missing] == [("10", "30")]


def test_not_over_one_that_lies_between_two_points_either() -> None:
    assert drawn(1, 1, 1, missing=(days(1.2, 1.4),)).line.count("M") == 2


def test_a_single_point_between_gaps_is_a_dot() -> None:
    assert drawn(None, 1, None).line == "M100 4L100 4"


def test_without_anything_known_there_is_no_line() -> None:
    found = drawn(missing=(days(0, 10),))
    assert (found.line, found.above, found.below, found.end) == ("", "", "", None)


def test_bands_stay_inside_the_window_and_are_numbered_where_there_is_room() -> None:
    incidents = [days(-5, 1), days(1.1, 1.2), days(5, 20)]
    excluded = (Excluded(START + 2 * DAY, START + 3 * DAY, "removed", "a", "b"),)
    found = drawn(1, 1, incidents=incidents, excluded=excluded)
    assert [(one.number, one.x, one.width) for one in found.incidents] == [
        *((1, "0", "10"), (2, "11", "1"), (3, "50", "50")),
    ]
    assert [one.middle for one in found.incidents] == ["5", "11.5", "75"]
    assert [(one.x, one.width) for one in found.excluded] == [("20", "10")]
    crowded = drawn(1, incidents=[days(1, 1.1), days(1.2, 1.3)])
    assert [one.middle for one in crowded.incidents] == ["10.5", ""]


def test_what_of_a_window_is_still_to_come_is_told_apart() -> None:
    found = drawn(1, 1, at=4)
    assert found.now
    assert (found.now.x, found.now.width) == ("40", "60")
    assert drawn(1, 1).now is None


def test_below_a_long_window_stand_days_and_below_a_short_one_times() -> None:
    assert [one.text for one in drawn(1).dates] == ["1 Nov", "3 Nov", "6 Nov", "8 Nov", "11 Nov"]
    short = replace(result(1), window=Stretch(START, START + HOUR))
    found = chart(short, START + HOUR, UTC, [])
    assert found
    assert [one.text for one in found.dates] == ["00:00", "00:15", "00:30", "00:45", "01:00"]


LEVELS = {
    "spent": Level(8, 10, Fraction(9, 10)),
    "low": Level(92, 100, Fraction(9, 10)),
    "well": Level(99, 100, Fraction(9, 10)),
}
ALARM = Alarm("page", (Burn(HOUR, "gt", Fraction(10)), Burn(HOUR / 12, "gt", Fraction(10))))


@pytest.mark.parametrize(
    ("level", "rates", "state"),
    [
        (LEVELS["spent"], (0, 0), State.SPENT),
        (LEVELS["spent"], (20, 20), State.SPENT),
        (LEVELS["well"], (11, 11), State.BURNING),
        (LEVELS["well"], (10, 11), State.FINE),
        (LEVELS["well"], (11, None), State.FINE),
        (LEVELS["low"], (0, 0), State.LITTLE_LEFT),
        (None, (20, 20), State.UNKNOWN),
        (LEVELS["well"], (None, None), State.FINE),
    ],
)
def test_how_an_objective_stands(level, rates, state) -> None:
    paces = tuple(
        Pace(window, None if rate is None else Fraction(rate))
        for window, rate in zip((HOUR, HOUR / 12), rates, strict=True)
    )
    one = replace(result(1, level=level, paces=paces), question=replace(QUESTION, alarms=(ALARM,)))
    assert state_of(one) is state
    assert (alarm_of(one) is ALARM) == all((rate or 0) > 10 for rate in rates)


def test_states_are_told_from_the_worst_to_what_is_fine() -> None:
    assert [one.name for one in sorted(State)] == ["SPENT", "BURNING", "LITTLE_LEFT", "UNKNOWN", "FINE"]


def test_a_day_stands_below_the_picture_once() -> None:
    three = replace(result(1), window=Stretch(START + 11 * HOUR, START + 11 * HOUR + 3 * DAY))
    found = chart(three, START + 11 * HOUR + 3 * DAY, UTC, [])
    assert found
    assert [one.text for one in found.dates] == ["1 Nov", "2 Nov", "3 Nov", "4 Nov"]
