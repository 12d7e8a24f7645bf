from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.errors import BadInput
from svcops.overview.response_period import Period, month_before, period

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
"""In Berlin it is the 24th."""


def days(since="", until=""):
    found = period(since, until, now=NOW, zone=BERLIN)
    return str(found.first), str(found.last)


def test_without_days_it_is_the_ninety_until_today_on_the_clock_of_the_store():
    assert days() == ("2026-08-27", "2026-11-24")
    assert period("", "", now=NOW, zone=BERLIN).days == 90


def test_days_are_typed_as_dates_or_as_so_many_days_ago():
    assert days("2026-11-01", "2026-11-10") == ("2026-11-01", "2026-11-10")
    assert days("-7d") == ("2026-11-18", "2026-11-24")
    assert days("-2w", "-1w") == ("2026-11-11", "2026-11-17")
    assert days("-90d") == days()
    assert days("", "2026-03-31") == ("2026-01-01", "2026-03-31")


def test_days_to_come_are_not_counted():
    assert days("2026-11-20", "2027-12-31") == ("2026-11-20", "2026-11-24")


@pytest.mark.parametrize(
    ("since", "until", "message"),
    [
        ("soon", "", "--since soon: no day of the calendar"),
        ("2026-02-30", "", "no day of the calendar"),
        ("20261101", "", "no day of the calendar"),
        ("2026-W45-1", "", "no day of the calendar"),
        ("-90", "", "no day of the calendar"),
        ("-36h", "", "no day of the calendar"),
        ("-99999999w", "", "no day of the calendar"),
        ("", "yesterday", "--until yesterday"),
        ("1969-12-31", "", "outside the years"),
        ("2026-11-25", "", "still to come"),
        ("-0d", "", "--since -0d: no day is meant; -1d is today alone"),
        ("2026-11-10", "2026-11-09", "after the last day, 2026-11-09"),
    ],
)
def test_what_is_no_period_is_refused(since, until, message):
    with pytest.raises(BadInput, match=message) as refused:
        days(since, until)
    assert "2026-11-01" in refused.value.help


def test_a_day_is_one_of_the_clock_on_the_wall_also_when_clocks_change():
    night = Period(date(2026, 10, 25), date(2026, 10, 25), BERLIN)
    assert (night.start, night.end) == (
        datetime(2026, 10, 24, 22, tzinfo=UTC),
        datetime(2026, 10, 25, 23, tzinfo=UTC),
    )
    assert datetime(2026, 10, 25, 22, 59, tzinfo=UTC) in night
    assert night.end not in night


@given(st.dates(date(1980, 1, 1), date(2100, 1, 1)), st.integers(0, 4000))
def test_the_time_before_is_as_long_and_ends_where_it_begins(first, length):
    now = Period(first, date.fromordinal(first.toordinal() + length), BERLIN)
    assert now.before.days == now.days
    assert now.before.end == now.start


def test_the_month_before_may_be_of_another_year():
    assert month_before("2026-01") == "2025-12"
    found = Period(date(2026, 1, 15), date(2026, 2, 3), BERLIN)
    assert found.with_month_before.first == date(2025, 12, 1)


def test_a_month_is_whole_where_no_day_of_it_is_left_out():
    leap = Period(date(2028, 2, 1), date(2028, 2, 29), BERLIN)
    assert leap.has_all_of("2028-02")
    assert not Period(date(2028, 2, 1), date(2028, 2, 28), BERLIN).has_all_of("2028-02")
    assert not Period(date(2028, 2, 2), date(2028, 3, 31), BERLIN).has_all_of("2028-02")
    assert Period(date(2026, 11, 30), date(2027, 1, 1), BERLIN).has_all_of("2026-12")
