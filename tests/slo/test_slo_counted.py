"""What was counted between two moments, and of which times something is known."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from svcops.slo.counted import Bucket, Count, Counted, Sampled
from svcops.slo.facts import exact
from svcops.timing.hours import Interval

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def minute(number: float) -> datetime:
    return NOON + number * MINUTE


def counted(*buckets: Bucket) -> Counted:
    return Counted("m", buckets, Sampled())


def test_a_window_takes_the_buckets_that_begin_in_it() -> None:
    found = counted(*(Bucket(NOON - timedelta(hours=hours), 1, 10**hours) for hours in (3, 2, 1)))
    assert found.between(NOON - timedelta(hours=2), NOON) == Count(2, 110)
    assert found.between(NOON - timedelta(hours=3), NOON - timedelta(hours=1)) == Count(2, 1100)
    assert counted().between(NOON - timedelta(hours=3), NOON) == Count(0, 0)


def test_several_stretches_are_added() -> None:
    found = counted(*(Bucket(minute(number), 2, 10**number) for number in range(5)))
    assert found.within([Interval(minute(0), minute(2)), Interval(minute(3), minute(4))]) == Count(6, 1011)


def test_fractions_of_events_are_added_exactly() -> None:
    found = counted(*(Bucket(minute(number), 1, exact(0.1)) for number in range(10))).between(NOON, minute(10))
    assert found == Count(10, 1)
    assert isinstance(found.amount, int)


def test_a_sample_speaks_for_the_time_since_the_one_before_it() -> None:
    sampled = Sampled(minute(1), minute(9), MINUTE, (Interval(minute(3), minute(6)),))
    assert sampled.missing(minute(0), minute(9)) == [Interval(minute(3), minute(6))]
    assert sampled.missing(minute(-2), minute(4)) == [
        Interval(minute(-2), minute(0)),
        Interval(minute(3), minute(4)),
    ]


def test_the_newest_sample_may_be_a_little_late() -> None:
    sampled = Sampled(minute(1), minute(9), MINUTE)
    assert sampled.missing(minute(5), minute(10.5)) == []
    assert sampled.missing(minute(5), minute(11)) == [Interval(minute(9), minute(11))]


def test_nobody_knows_for_how_long_a_single_sample_speaks() -> None:
    alone = Sampled(minute(1), minute(1))
    assert alone.missing(minute(0), minute(2)) == [Interval(minute(0), minute(2))]
    assert Sampled().missing(minute(0), minute(2)) == [Interval(minute(0), minute(2))]
    assert Sampled().missing(minute(2), minute(2)) == []


def test_a_window_before_the_first_sample_is_missing_as_a_whole() -> None:
    sampled = Sampled(minute(60), minute(90), MINUTE)
    assert sampled.missing(minute(0), minute(9)) == [Interval(minute(0), minute(9))]
    assert sampled.missing(minute(100), minute(109)) == [Interval(minute(100), minute(109))]


amounts = st.lists(st.integers(0, 10**9) | st.fractions(0, 10**6), max_size=30)


@given(amounts, st.integers(0, 30), st.integers(0, 30))
def test_a_sum_is_that_of_its_buckets(values: list[int | Fraction], one: int, other: int) -> None:
    start, end = sorted((one, other))
    found = counted(*(Bucket(minute(number), 1, value) for number, value in enumerate(values)))
    inside = values[start:end]
    assert found.between(minute(start), minute(end)) == Count(len(inside), sum(map(Fraction, inside), Fraction(0)))
