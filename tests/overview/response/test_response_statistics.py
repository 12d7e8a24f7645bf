import math
import statistics

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from svcops.overview.response_statistics import FEWEST, error_of_median, percentile, shift, spread

SECONDS = st.floats(min_value=0, max_value=1e9, allow_nan=False)
SOME = st.lists(SECONDS, min_size=1, max_size=60)
ENOUGH = st.lists(SECONDS, min_size=FEWEST, max_size=60)
ROUND = st.lists(st.integers(0, 10**6).map(float), min_size=FEWEST, max_size=60)


def test_of_no_values_nothing_is_known():
    assert spread([]) is None


def test_of_one_value_every_number_is_that_value():
    found = spread([7.0])
    assert (found.n, found.median, found.p90, found.mean) == (1, 7, 7, 7)


def test_the_numbers_of_ten_values_as_worked_out_by_hand():
    found = spread([10, 9, 8, 7, 6, 5, 4, 3, 2, 100])
    assert (found.median, found.mean) == (6.5, 15.4)
    assert found.p90 == pytest.approx(10 + 0.1 * (100 - 10))  # 0.9 * 9 = 8.1: a tenth of the way from the ninth


@given(SOME)
def test_percentiles_are_those_of_the_standard_library_inclusive(values):
    assume(len(values) > 1)
    tenths = statistics.quantiles(values, n=10, method="inclusive")
    found = spread(values)
    assert found.p90 == pytest.approx(tenths[8], rel=1e-9, abs=1e-6)
    assert found.median == pytest.approx(statistics.median(values), rel=1e-9, abs=1e-6)


@given(SOME)
def test_every_number_is_between_the_least_and_the_most(values):
    found = spread(values)
    for number in (found.median, found.p90, found.mean):
        assert min(values) <= number <= max(values)
    assert found.median <= found.p90


@given(SOME, st.randoms())
def test_the_order_of_values_changes_nothing(values, random):
    other = list(values)
    random.shuffle(other)
    assert spread(other) == spread(values)


def test_percentiles_reach_both_ends():
    assert (percentile([1, 2, 5], 0), percentile([1, 2, 5], 1)) == (1, 5)


def test_a_published_example_of_the_difference_of_medians():
    """The example of ci.median2 in the package statpsych of one of the method's authors."""
    first = [32.1, 39.8, 26.3, 35.0, 43.1, 27.0, 40.9, 37.4, 34.0, 29.2]
    second = [36.8, 44.0, 47.1, 42.7, 49.0, 39.6, 46.2, 31.6, 33.1, 48.4]
    found = shift(second, first)
    assert (found.change, found.low, found.high) == pytest.approx((-8.85, -17.66002, -0.0399751), abs=1e-5)
    assert found.is_sure
    both = math.hypot(error_of_median(sorted(first)), error_of_median(sorted(second)))
    assert both == pytest.approx(4.494993, abs=1e-6)


def test_a_second_published_example():
    first = [70, 394, 43, 95, 62, 128, 2, 203, 81, 436, 85, 35, 156, 1, 3, 27, 63, 181, 184, 18]
    second = [102, 120, 78, 78, 417, 124, 86, 171, 176, 129, 230, 194, 100, 157, 306, 411, 164, 103, 193, 312]
    found = shift(second, first)
    assert (found.change, found.low, found.high) == pytest.approx((-85, -157.7441, -12.25589), abs=1e-4)


@pytest.mark.parametrize(("before", "now"), [(FEWEST - 1, FEWEST), (FEWEST, FEWEST - 1), (0, 100)])
def test_of_too_few_nothing_is_said(before, now):
    assert shift(map(float, range(before)), map(float, range(now))) is None


@given(ENOUGH, ENOUGH)
def test_the_other_way_round_the_change_has_the_other_sign(before, now):
    there, back = shift(before, now), shift(now, before)
    assert there.change == -back.change
    if there.is_sure is None:
        assert back.is_sure is None
    else:
        assert (there.low, there.high) == (-back.high, -back.low)
        assert there.low <= there.change <= there.high


@pytest.mark.parametrize(("before", "change"), [(600, -300), (300, 0), (60, 240)])
def test_where_most_are_equal_and_some_are_not_nothing_tells_how_sure_a_change_is(before, change):
    found = shift([before] * 12, [300] * 12 + [5400] * 3)
    assert (found.change, found.low, found.high, found.is_sure) == (change, None, None, None)


@pytest.mark.parametrize("now", [300, 600])
def test_where_all_are_equal_the_change_is_exactly_what_was_seen(now):
    found = shift([600] * 12, [now] * 12)
    assert found.change == found.low == found.high == now - 600


@given(ROUND)
def test_the_same_values_again_are_no_sure_change(values):
    found = shift(values, list(reversed(values)))
    assert found.change == 0
    assert not found.is_sure


@given(ROUND)
def test_what_took_a_day_longer_each_time_is_a_change_of_a_day(values):
    found = shift(values, [one + 86_400 for one in values])
    assert found.change == pytest.approx(86_400)


def test_a_large_set_takes_no_time():
    found = shift(map(float, range(20_000)), map(float, range(5_000, 25_000)))
    assert found.change == 5_000
    assert found.is_sure
