"""Sets of instants as intervals."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from svcops.timing.hours import Interval
from svcops.timing.intervals import joined, overlapping, without

START = datetime(2026, 11, 23, tzinfo=UTC)


def at(minute):
    return START + timedelta(minutes=minute)


some = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda pair: Interval(at(pair[0]), at(pair[1]))))


def minutes(intervals):
    return {number for number in range(31) for one in intervals if one.start <= at(number) < one.end}


@given(some)
def test_joined_are_those_in_any_in_order_and_apart(intervals):
    found = list(joined(intervals))
    assert minutes(found) == minutes(intervals)
    assert all(one.start < one.end for one in found)
    assert all(first.end < second.start for first, second in pairwise(found))


@given(some, some)
def test_without_leaves_those_of_the_first_alone(asked, taken):
    found = list(without(joined(asked), joined(taken)))
    assert minutes(found) == minutes(asked) - minutes(taken)
    assert found == list(joined(found))


@given(some, st.integers(0, 30), st.integers(1, 30))
def test_overlapping_are_those_that_have_an_instant_in_common_with_one(intervals, start, length):
    many, one = list(joined(intervals)), Interval(at(start), at(start + length))
    assert list(overlapping(many, *one)) == [each for each in many if each.start < one.end and one.start < each.end]
