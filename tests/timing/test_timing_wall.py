"""Times on the wall clock as instants."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.timing.wall import (
    END_OF_TIME,
    START_OF_TIME,
    days_later,
    instant,
    later,
    minutes_of,
    shown,
    zone_called,
)

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Havana"]


def at(day, clock, zone):
    return instant(date.fromisoformat(day), minutes_of(clock), ZoneInfo(zone)).strftime("%d %H:%MZ")


@pytest.mark.parametrize(
    ("day", "clock", "zone", "expected"),
    [
        ("2026-11-23", "08:15", "Europe/Berlin", "23 07:15Z"),
        ("2026-11-23", "24:00", "Europe/Berlin", "23 23:00Z"),
        ("2026-11-23", "00:00", "Asia/Kathmandu", "22 18:15Z"),
        # 02:00 to 03:00 is skipped: all of it is the instant of the change
        ("2026-03-29", "01:59", "Europe/Berlin", "29 00:59Z"),
        ("2026-03-29", "02:00", "Europe/Berlin", "29 01:00Z"),
        ("2026-03-29", "02:30", "Europe/Berlin", "29 01:00Z"),
        ("2026-03-29", "03:00", "Europe/Berlin", "29 01:00Z"),
        ("2026-03-29", "03:01", "Europe/Berlin", "29 01:01Z"),
        # 02:00 to 03:00 comes twice: the first time counts
        ("2026-10-25", "02:00", "Europe/Berlin", "25 00:00Z"),
        ("2026-10-25", "02:59", "Europe/Berlin", "25 00:59Z"),
        ("2026-10-25", "03:00", "Europe/Berlin", "25 02:00Z"),
        # half an hour
        ("2026-10-04", "02:15", "Australia/Lord_Howe", "03 15:30Z"),
        ("2026-04-05", "01:45", "Australia/Lord_Howe", "04 14:45Z"),
        # a day without a midnight
        ("2026-03-08", "00:00", "America/Havana", "08 05:00Z"),
        # a day that never was
        ("2011-12-30", "12:00", "Pacific/Apia", "30 10:00Z"),
    ],
)
def test_a_time_on_the_clock_is_one_instant(day, clock, zone, expected):
    assert at(day, clock, zone) == expected


@given(st.dates(date(1970, 1, 1), date(2037, 1, 1)), st.integers(0, 2880), st.integers(0, 300), st.sampled_from(ZONES))
def test_a_later_time_is_never_an_earlier_instant(day, minutes, more, zone):
    assert instant(day, minutes, ZoneInfo(zone)) <= instant(day, minutes + more, ZoneInfo(zone))


@given(st.datetimes(datetime(1971, 1, 1), datetime(2037, 1, 1)), st.sampled_from(ZONES))
def test_what_the_clock_shows_leads_back_to_the_first_time_it_was_shown(moment, zone):
    moment = moment.replace(second=0, microsecond=0, tzinfo=UTC)
    local = moment.astimezone(ZoneInfo(zone))
    first = instant(local.date(), local.hour * 60 + local.minute, ZoneInfo(zone))
    assert first == moment - (timedelta() if local.fold == 0 else first_pass_ago(local))


def first_pass_ago(local):
    return local.replace(fold=0).utcoffset() - local.utcoffset()


def test_days_at_the_ends_of_the_calendar_are_the_ends_of_time():
    assert instant(date.max, 1440, ZoneInfo("America/New_York")) == END_OF_TIME
    assert instant(date.min, 0, ZoneInfo("Europe/Berlin")) == START_OF_TIME
    assert later(datetime(2026, 1, 1, tzinfo=UTC), timedelta.max) == END_OF_TIME
    assert later(datetime(2026, 1, 1, tzinfo=UTC), timedelta(1)) == datetime(2026, 1, 2, tzinfo=UTC)


def test_a_zone_that_nobody_knows():
    with pytest.raises(ValueError, match="Europe/Berln is not a known time zone"):
        zone_called("Europe/Berln")


def test_an_instant_is_shown_with_its_weekday_and_in_the_hour_that_comes_twice_with_its_offset():
    berlin = ZoneInfo("Europe/Berlin")
    moments = [datetime(2026, 10, 24, 23, 30, tzinfo=UTC) + timedelta(hours=hours) for hours in range(4)]
    assert [shown(moment, berlin) for moment in moments] == [
        "Sun 2026-10-25 01:30",
        "Sun 2026-10-25 02:30 +0200",
        "Sun 2026-10-25 02:30 +0100",
        "Sun 2026-10-25 03:30",
    ]


@pytest.mark.parametrize(("day", "hours"), [("2027-03-27", 23), ("2026-10-24", 25), ("2026-11-23", 24)])
def test_days_later_the_clock_shows_the_same(day: str, hours: int) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=berlin)
    assert days_later(start, 1, berlin) - start == timedelta(hours=hours)
    assert days_later(START_OF_TIME, 4_000_000, berlin) == END_OF_TIME


def test_at_the_very_ends_of_the_calendar_an_instant_is_told_in_utc() -> None:
    last = datetime(9999, 12, 31, 23, tzinfo=UTC)
    assert shown(last, ZoneInfo("Pacific/Auckland")) == "Fri 9999-12-31 23:00"
