"""Budgets of time: which slices are good, which are missing, and what that comes to."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.slo import slices
from svcops.slo.counted import Bucket, Counted, Sampled
from svcops.slo.facts import Impossible, Level
from svcops.slo.slices import Counts, Sliced, Slices, edges, judge, number_in
from svcops.slo.windows import Stretch
from svcops.timing.hours import Interval

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HALF = Slices(MINUTE, Fraction(1, 2))
MEAN = Slices(MINUTE, None)


def counted(counts: dict[int, int]) -> Counted:
    """A bucket for each minute from noon in which something was counted."""
    return Counted(
        "m", [Bucket(NOON + minute * MINUTE, 1, count) for minute, count in sorted(counts.items())], Sampled()
    )


def judged(
    of: Slices,
    part: dict[int, int],
    total: dict[int, int],
    *,
    minutes: int = 4,
    bad: bool = False,
    may_be_absent: bool = False,
    excluded: tuple[tuple[float, float], ...] = (),
) -> Sliced:
    window = Stretch(NOON, NOON + minutes * MINUTE)
    counts = Counts(counted(part), counted(total), not bad, may_be_absent)
    out = [Interval(NOON + start * MINUTE, NOON + end * MINUTE) for start, end in excluded]
    return judge(of, edges(window, window.end, of.length), counts, out)


def test_a_slice_is_good_from_its_target_on() -> None:
    found = judged(HALF, {0: 50, 1: 49, 2: 100, 3: 0}, dict.fromkeys(range(4), 100))
    assert found == Sliced(good=2, judged=4, missing=0)


def test_by_what_is_bad_the_rest_is_good() -> None:
    assert judged(HALF, {0: 50, 1: 51}, {0: 100, 1: 100}, minutes=2, bad=True).good == 1


def test_shares_are_averaged_exactly() -> None:
    found = judged(MEAN, {0: 1, 1: 2, 2: 1, 3: 0}, {0: 3, 1: 3, 2: 7, 3: 5})
    assert found.good == Fraction(1, 3) + Fraction(2, 3) + Fraction(1, 7)


def test_a_mean_that_equals_the_target_reaches_it() -> None:
    found = judged(MEAN, {0: 1, 1: 2}, {0: 3, 1: 3}, minutes=2)
    assert Level(found.good, found.judged, Fraction(1, 2)).met


def test_without_samples_a_slice_is_missing_and_one_in_which_nothing_happened_is_idle() -> None:
    assert judged(HALF, {0: 1, 2: 0}, {0: 1, 1: 5, 2: 0}) == Sliced(good=1, judged=1, missing=2, idle=1)


def test_what_is_excluded_as_a_whole_is_not_judged_and_of_what_is_in_part_the_rest() -> None:
    of = Slices(2 * MINUTE, Fraction(1, 2))
    good, total = {0: 0, 1: 5, 2: 0, 3: 0}, dict.fromkeys(range(4), 5)
    assert judged(of, good, total) == Sliced(good=1, judged=2, missing=0)
    assert judged(of, good, total, excluded=((1, 2),)) == Sliced(good=0, judged=2, missing=0)
    assert judged(of, good, total, excluded=((1, 4),)) == Sliced(good=0, judged=1, missing=0, excluded=1)


def test_where_the_metric_is_sampled_a_part_without_samples_is_none() -> None:
    found = judged(HALF, {}, {0: 9, 1: 9}, minutes=2, bad=True, may_be_absent=True)
    assert found == Sliced(good=2, judged=2, missing=0)


def test_more_good_than_there_was_is_impossible() -> None:
    with pytest.raises(Impossible, match="2 good of 1 in total"):
        judged(HALF, {0: 2}, {0: 1})


def good_of(part: int, total: int, *, bad: bool = False) -> object:
    """Good and total of one minute."""
    counts = Counts(counted({0: part}), counted({0: total}), not bad, part_may_be_absent=False)
    return counts.good([Interval(NOON, NOON + MINUTE)])


def test_good_and_bad_are_two_ways_to_say_the_same() -> None:
    assert good_of(7, 10) == good_of(3, 10, bad=True) == (7, 10)
    assert good_of(0, 0) == good_of(0, 0, bad=True) == (0, 0)


def test_more_good_or_bad_than_there_was_is_impossible_of_events_too() -> None:
    with pytest.raises(Impossible, match="11 good of 10 in total"):
        good_of(11, 10)
    with pytest.raises(Impossible, match="1 bad of 0 in total"):
        good_of(1, 0, bad=True)


def test_what_lies_before_or_after_the_window_is_not_counted() -> None:
    assert judged(HALF, {-1: 1, 0: 1, 4: 1}, {-1: 1, 0: 1, 4: 1}) == Sliced(good=1, judged=1, missing=3)


def test_several_buckets_of_a_slice_are_one() -> None:
    of = Slices(2 * MINUTE, Fraction(1, 2))
    found = judged(of, {0: 0, 1: 5, 2: 0, 3: 4}, dict.fromkeys(range(4), 5))
    assert found == Sliced(good=1, judged=2, missing=0)


def test_of_a_window_that_goes_on_only_slices_that_are_over_are_judged() -> None:
    window = Stretch(NOON, NOON + 10 * MINUTE)
    assert edges(window, NOON + 2.5 * MINUTE, MINUTE) == [NOON, NOON + MINUTE, NOON + 2 * MINUTE]
    assert edges(window, NOON + MINUTE / 2, MINUTE) == [NOON]
    assert len(edges(window, window.end, MINUTE)) == 11


def test_the_last_slice_of_a_window_may_be_shorter() -> None:
    window = Stretch(NOON, NOON + 2.5 * MINUTE)
    assert edges(window, window.end, MINUTE)[-2:] == [NOON + 2 * MINUTE, window.end]
    assert number_in(window, MINUTE) == 3


def test_two_weeks_at_95_percent_in_minutes_are_16_hours_and_48_minutes() -> None:
    number = number_in(Stretch(NOON, NOON + timedelta(weeks=2)), MINUTE)
    assert Level(number, number, Fraction(95, 100)).budget * MINUTE == timedelta(hours=16, minutes=48)


def test_a_week_at_99_95_percent_is_5_minutes_and_2_4_seconds() -> None:
    second = timedelta(seconds=1)
    number = number_in(Stretch(NOON, NOON + timedelta(weeks=1)), second)
    budget = Fraction(Level(number, number, Fraction(9995, 10000)).budget)
    assert budget * 1000 == timedelta(minutes=5, seconds=2, milliseconds=400) // timedelta(milliseconds=1)


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(1, 99)), min_size=1, max_size=40))
def test_a_mean_is_that_of_its_slices_also_where_it_is_cut_off(counts: list[tuple[int, int]]) -> None:
    good = {number: min(pair) for number, pair in enumerate(counts)}
    total = {number: pair[1] for number, pair in enumerate(counts)}
    exactly = sum((Fraction(good[one], total[one]) for one in total), Fraction(0))
    assert judged(MEAN, good, total, minutes=len(counts)).good == exactly
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices, "_EXACT", 0)
        cut = Fraction(judged(MEAN, good, total, minutes=len(counts)).good)
    assert exactly - Fraction(len(counts), 10**60) < cut <= exactly
