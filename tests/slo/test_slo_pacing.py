"""Burn rates over a stretch of time: what is excluded is left out or good, and what is excluded as a whole unknown."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from svcops.slo.counted import Bucket, Counted, Sampled
from svcops.slo.exclusions import Excluded
from svcops.slo.pacing import Pacing, pacing
from svcops.slo.slices import Counts, Slices

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TENTH = Fraction(1, 10)


def minute(number: int) -> datetime:
    return NOON + number * MINUTE


def counts(bad: range, total: int = 10) -> Counts:
    """So many events in each of twenty minutes after noon; half of those are bad in some of them."""
    of_bad, of_total = (
        Counted("n", [Bucket(minute(number), 1, value(number)) for number in range(20)], Sampled())
        for value in (lambda number: total // 2 if number in bad else 0, lambda _: total)
    )
    return Counts(of_bad, of_total, part_is_good=False, part_may_be_absent=False)


def excluded(start: int, end: int, treatment: Any = "removed") -> Excluded:
    return Excluded(minute(start), minute(end), treatment, "slo/exclusions/restart.yaml", "Restart")


def paced(*out: Excluded, slices: Slices | None = None) -> Pacing:
    """The second ten minutes were bad, and a tenth may be."""
    return pacing(slices, [minute(number) for number in range(21)], counts(range(10, 20)), TENTH, out)


WHOLE = Slices(MINUTE, Fraction(9, 10))


@pytest.mark.parametrize(
    ("treatment", "rate", "sliced"),
    [("removed", Fraction(25, 15), Fraction(50, 15)), ("good", Fraction(25, 20), Fraction(50, 20))],
)
def test_what_is_excluded_is_left_out_or_good_as_its_record_says(treatment: Any, rate: Any, sliced: Any) -> None:
    restart = excluded(15, 20, treatment)
    assert paced(restart).rate(minute(0), minute(20)) == rate
    assert paced(restart, slices=WHOLE).rate(minute(0), minute(20)) == sliced


@pytest.mark.parametrize("treatment", ["removed", "good"])
@pytest.mark.parametrize("slices", [None, WHOLE])
def test_of_a_stretch_that_is_excluded_as_a_whole_nothing_is_known(treatment: Any, slices: Any) -> None:
    of = paced(excluded(10, 18, treatment), slices=slices)
    assert of.rate(minute(11), minute(16)) is None
    assert of.rate(minute(11), minute(19)) is not None


def test_exclusions_that_overlap_leave_out_each_moment_once() -> None:
    of = paced(excluded(12, 18), excluded(15, 20, "good"), excluded(2, 4))
    assert of.rate(minute(0), minute(20)) == Fraction(10, 120) / TENTH


def test_where_counts_contradict_each_other_it_is_unknown() -> None:
    of_bad = Counted("n", [Bucket(minute(0), 1, 3)], Sampled())
    of_total = Counted("n", [Bucket(minute(0), 1, 2)], Sampled())
    of = pacing(None, (), Counts(of_bad, of_total, part_is_good=False, part_may_be_absent=False), TENTH, ())
    assert of.rate(minute(0), minute(1)) is None
