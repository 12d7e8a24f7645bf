"""Increases as Prometheus estimates them; a real one is asked in test_slo_parity.py."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import reduce
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.slo.counted import Sampled
from svcops.slo.extrapolation import FIRST, Extrapolated, Run, increase

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = NOON + 60 * MINUTE


def run(*values: int, first: float = 0, step: float = 1) -> Run:
    """Samples a step of minutes apart, the first of them so many after noon."""
    ones = [Fraction(value) for value in values]
    times = [NOON + (first + number * step) * MINUTE for number in range(len(values))]
    return reduce(Run.then, (Run(at, one, at, one, 1, Fraction(0)) for at, one in zip(times, ones, strict=True)))


def test_to_the_ends_of_the_range_it_goes_on_as_it_did() -> None:
    found = run(*range(100, 160), first=0.5)
    assert found.grown == 59
    assert increase(found, NOON, HOUR, "prometheus2") == pytest.approx(60)


def test_where_a_sample_is_missing_it_goes_on_for_half_a_step() -> None:
    found = run(*range(100, 130), first=20)
    assert increase(found, NOON, HOUR, "prometheus2") == pytest.approx(30)


def test_a_sample_is_missing_when_it_is_late_by_more_than_a_tenth() -> None:
    for late, grown in ((1.05, 30.05), (1.2, 29.5)):
        found = run(*range(100, 130), first=late)
        assert increase(found, NOON, NOON + (late + 29) * MINUTE, "prometheus2") == pytest.approx(grown)


def test_no_counter_was_below_zero() -> None:
    found = run(*range(30), first=0.5)
    assert increase(found, NOON, NOON + 30 * MINUTE, "prometheus2") == pytest.approx(29.5)


def test_of_the_two_releases_the_later_takes_half_a_step_before_it_looks_where_zero_was() -> None:
    found = run(*(2 + 2 * number for number in range(10)), first=30)
    ends = NOON, NOON + 40 * MINUTE
    assert increase(found, *ends, "prometheus2") == pytest.approx(18 * 11 / 9)
    assert increase(found, *ends, "prometheus3") == pytest.approx(18 * 10.5 / 9)


def test_a_single_sample_says_nothing() -> None:
    assert increase(run(7), NOON, HOUR, "prometheus2") is None


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.data())
def test_runs_can_be_put_together_in_any_way(values: list[int], data: st.DataObject) -> None:
    whole = run(*values)
    cut = data.draw(st.integers(0, len(values) - 1))
    parts = [run(*values[:cut]), run(*values[cut:], first=cut)] if cut else [whole]
    assert reduce(Run.then, parts) == whole
    steps = pairwise(values)
    assert whole.grown == sum(later if later < one else later - one for one, later in steps)


def extrapolated(how: str, runs: dict[int, Run]) -> Extrapolated:
    """One series, by the hour after which its runs lie; -1 is the sample at the first edge itself."""
    edges = [NOON + number * 60 * MINUTE for number in range(4)]
    found = {FIRST if hour < 0 else edges[hour]: one for hour, one in runs.items()}
    return Extrapolated("m", [found], edges, Sampled(), how)  # type: ignore[arg-type]


def test_a_range_of_prometheus_2_is_closed_at_its_start() -> None:
    runs = {-1: run(0), 0: run(10, 20, 60, first=20, step=20)}
    assert extrapolated("prometheus2", runs).between(NOON, HOUR).amount == 60
    assert extrapolated("prometheus3", runs).between(NOON, HOUR).amount == 60, "back to where it was 0"
    later = {0: run(50, first=60), 1: run(60, 70, 110, first=80, step=20)}
    two, three = (extrapolated(how, later).between(HOUR, HOUR + 60 * MINUTE) for how in ("prometheus2", "prometheus3"))
    assert (two.samples, two.amount) == (4, 60)
    assert (three.samples, three.amount) == (3, 75)


def test_buckets_are_put_together_with_what_grew_between_them() -> None:
    runs = {0: run(0, 10, first=20, step=40), 1: run(15, 2, first=80, step=40)}
    assert extrapolated("prometheus3", runs).between(NOON, HOUR + 60 * MINUTE).samples == 4
    assert extrapolated("prometheus3", {}).between(NOON, HOUR).samples == 0
