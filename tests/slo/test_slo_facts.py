from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.slo.facts import Level, cut, decimal, exact, whole


def reached(*, target: str, total: int, bad: int) -> Level:
    return Level(total - bad, total, Fraction(target))


def test_a_quarter_of_the_budget_is_spent_by_250_of_a_million_at_three_nines() -> None:
    found = reached(target="0.999", total=1_000_000, bad=250)
    assert found.budget == 1000
    assert found.budget_left == 750
    assert found.spent_share == Fraction(1, 4)
    assert found.left_share == Fraction(3, 4)
    assert found.sli == Fraction(999_750, 1_000_000)
    assert found.met


def test_reaching_the_target_exactly_is_meeting_it_and_one_less_is_not() -> None:
    assert reached(target="0.999", total=1000, bad=1).met
    assert reached(target="0.999", total=1000, bad=1).left_share == 0
    assert not reached(target="0.999", total=1000, bad=2).met
    assert reached(target="0.999", total=1000, bad=2).left_share == -1


def test_a_target_of_zero_is_met_by_nothing_good() -> None:
    found = reached(target="0", total=5, bad=5)
    assert found.met
    assert found.left_share == 0


@pytest.mark.parametrize("written", [0.1, 0.3, 0.7, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99999, 1e-05])
def test_targets_mean_what_is_written_so_that_equality_is_never_lost_to_binary_numbers(written: float) -> None:
    target = exact(written)
    total = 10**7
    good = target * total
    assert good.denominator == 1
    assert Level(int(good), total, target).met
    assert not Level(int(good) - 1, total, target).met


def test_numbers_are_cut_never_rounded_up() -> None:
    assert cut(Fraction(999_999, 10_000), 3) == "99.999"
    assert cut(Fraction(100) - Fraction(1, 10**9), 3) == "99.999"
    assert cut(Fraction(100), 3) == "100.000"
    assert cut(Fraction(-1, 10**6), 1) == "-0.1"
    assert cut(Fraction(-5, 4), 1) == "-1.3"
    assert cut(Fraction(5, 4), 0) == "1"


@given(st.fractions(), st.integers(0, 6))
def test_what_is_shown_is_at_most_one_last_digit_below_and_never_above(value: Fraction, digits: int) -> None:
    shown = Fraction(cut(value, digits))
    assert shown <= value < shown + Fraction(1, 10**digits)


@given(st.integers(0, 10**30), st.integers(0, 10**18 - 1))
def test_a_count_is_written_with_every_digit(before: int, after: int) -> None:
    value = whole(before + Fraction(after, 10**18))
    assert Fraction(decimal(value)) == value
    assert isinstance(value, int) == (after == 0)


@given(st.integers(1, 10**12), st.data(), st.fractions(0, 1).filter(lambda target: target < 1))
def test_a_level_is_met_exactly_while_budget_is_left(total: int, data: st.DataObject, target: Fraction) -> None:
    found = Level(total - data.draw(st.integers(0, total)), total, target)
    assert found.met == (found.budget_left >= 0) == (found.left_share >= 0) == (found.sli >= target)
    assert found.spent_share + found.left_share == 1
    assert found.good + found.bad == total
