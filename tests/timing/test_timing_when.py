"""Times as people type them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.errors import BadInput
from svcops.timing.model import format_duration, format_instant, parse_duration, parse_instant, parse_recorded
from svcops.timing.when import BadTime, parse_coming, parse_past, parse_today, parse_when

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 7, 15, 30, 999000, tzinfo=UTC)


def when(text, now=NOW):
    return parse_when(text, now=now, zone=BERLIN, option="--at")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("now", "2026-11-23T08:15:30+01:00"),
        ("-20m", "2026-11-23T07:55:30+01:00"),
        ("-1h30m", "2026-11-23T06:45:30+01:00"),
        ("08:15", "2026-11-23T08:15:00+01:00"),
        ("8:05", "2026-11-23T08:05:00+01:00"),
        ("23:50", "2026-11-22T23:50:00+01:00"),
        ("2026-11-23T08:15", "2026-11-23T08:15:00+01:00"),
        ("2026-11-23T00:00Z", "2026-11-23T01:00:00+01:00"),
        ("2026-07-01", "2026-07-01T00:00:00+02:00"),
    ],
)
def test_what_people_type(text, instant):
    assert when(text).isoformat() == instant


@pytest.mark.parametrize(
    "text", ["", "soon", "-", "-5", "25:00", "2026-13-01", "-99999999999w", "0001-01-01T00:00+14:00", "20m"]
)
def test_what_is_no_time_is_refused_with_examples(text):
    with pytest.raises(BadInput) as error:
        when(text)
    assert "-20m" in error.value.help


def test_an_hour_that_the_clocks_skip_or_repeat_is_asked_about():
    with pytest.raises(BadTime, match="does not exist that night"):
        when("2026-03-29T02:30")
    with pytest.raises(BadTime, match="happens twice that night"):
        when("2026-10-25T02:30")
    assert when("2026-10-25T02:30+01:00").utcoffset() == timedelta(hours=1)


def coming(text, now=NOW, after=None):
    return parse_coming(text, now=now, zone=BERLIN, option="--from", after=after)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("now", "2026-11-23T08:15:30+01:00"),
        ("+30m", "2026-11-23T08:45:30+01:00"),
        ("-20m", "2026-11-23T07:55:30+01:00"),
        ("08:15", "2026-11-23T08:15:00+01:00"),
        ("08:14", "2026-11-24T08:14:00+01:00"),
        ("23:50", "2026-11-23T23:50:00+01:00"),
        ("2026-11-23T08:00", "2026-11-23T08:00:00+01:00"),
    ],
)
def test_what_people_type_in_a_plan(text, instant):
    assert coming(text).isoformat() == instant


def test_a_plan_counts_on_from_where_it_begins():
    begin = datetime(2026, 12, 5, 21, 0, tzinfo=UTC)
    assert coming("02:00", after=begin).isoformat() == "2026-12-06T02:00:00+01:00"
    assert coming("+2h", after=begin).isoformat() == "2026-12-06T00:00:00+01:00"
    assert coming("now", after=begin) == NOW.replace(microsecond=0)


@pytest.mark.parametrize("text", ["", "soon", "+", "+5", "25:00", "+-5m", "+99999999999w"])
def test_what_is_no_time_of_a_plan_is_refused_with_examples(text):
    with pytest.raises(BadTime) as error:
        coming(text)
    assert "+30m" in error.value.help


def test_only_an_hour_to_come_that_the_clocks_skip_or_repeat_is_asked_about():
    assert coming("02:30", now=datetime(2026, 3, 29, 9, tzinfo=UTC)).isoformat() == "2026-03-30T02:30:00+02:00"
    assert coming("02:30", now=datetime(2026, 10, 25, 9, tzinfo=UTC)).isoformat() == "2026-10-26T02:30:00+01:00"
    with pytest.raises(BadTime, match="does not exist that night"):
        coming("02:30", now=datetime(2026, 3, 29, 0, 15, tzinfo=UTC))
    for hour in (23, 0):  # before both of them, and between the two
        with pytest.raises(BadTime, match="happens twice that night"):
            coming("02:30", now=datetime(2026, 10, 24 + (hour == 0), hour, 45, tzinfo=UTC))


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1), timezones=st.just(UTC)), st.times())
def test_a_time_of_day_to_come_is_the_first_that_is_not_past(now, clock):
    try:
        found = coming(f"{clock:%H:%M}", now=now)
    except BadTime:
        return
    assert f"{found:%H:%M}" == f"{clock:%H:%M}"
    assert now.replace(second=0, microsecond=0) <= found <= now + timedelta(hours=25)


def today(text, now=NOW):
    return parse_today(text, now=now, zone=BERLIN, option="--at")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("now", "2026-11-23T08:15:30+01:00"),
        ("+2h", "2026-11-23T10:15:30+01:00"),
        ("-20m", "2026-11-23T07:55:30+01:00"),
        ("00:00", "2026-11-23T00:00:00+01:00"),
        ("08:14", "2026-11-23T08:14:00+01:00"),
        ("23:50", "2026-11-23T23:50:00+01:00"),
        ("2026-11-22T08:00", "2026-11-22T08:00:00+01:00"),
    ],
)
def test_a_time_of_day_that_is_looked_at_is_todays(text, instant):
    assert today(text).isoformat() == instant


def test_today_is_a_day_of_the_store_and_not_of_utc():
    assert today("23:00", datetime(2026, 11, 22, 23, 30, tzinfo=UTC)).isoformat() == "2026-11-23T23:00:00+01:00"
    assert today("00:10", datetime(2026, 11, 23, 22, 30, tzinfo=UTC)).isoformat() == "2026-11-23T00:10:00+01:00"


@pytest.mark.parametrize("text", ["", "soon", "+", "+5", "25:00", "+99999999999w"])
def test_what_is_no_time_to_look_at_is_refused_with_examples(text):
    with pytest.raises(BadTime) as error:
        today(text)
    assert "+30m" in error.value.help


def test_today_has_the_hours_that_its_clocks_show_once():
    change = datetime(2026, 3, 29, 9, tzinfo=UTC)
    assert today("01:59", change).isoformat() == "2026-03-29T01:59:00+01:00"
    assert today("03:00", change).isoformat() == "2026-03-29T03:00:00+02:00"
    with pytest.raises(BadTime, match="does not exist that night"):
        today("02:30", change)
    with pytest.raises(BadTime, match="happens twice that night"):
        today("02:30", datetime(2026, 10, 25, 9, tzinfo=UTC))


CLOCK_CHANGES = [
    ("Europe/Berlin", "2027-03-28T01:00Z"),
    ("Europe/Berlin", "2027-10-31T01:00Z"),
    ("America/New_York", "2027-03-14T07:00Z"),
    ("America/New_York", "2027-11-07T06:00Z"),
    ("Australia/Lord_Howe", "2027-04-03T15:00Z"),  # by half an hour
    ("Africa/Casablanca", "2027-02-07T02:00Z"),  # before Ramadan
    ("Pacific/Apia", "2011-12-30T10:00Z"),  # over the date line: a day that never was
    ("Asia/Kolkata", "2027-03-28T01:00Z"),  # none
]
ZONES_AND_CHANGES = st.sampled_from([(ZoneInfo(zone), datetime.fromisoformat(at)) for zone, at in CLOCK_CHANGES])
MINUTES_NEAR_IT = st.integers(-24 * 60, 24 * 60)


@given(ZONES_AND_CHANGES, MINUTES_NEAR_IT, MINUTES_NEAR_IT)
def test_instants_stay_as_far_apart_as_they_are_and_have_the_offset_of_the_zone(zone_and_change, first, second):
    zone, change = zone_and_change
    typed = [change + timedelta(minutes=minutes) for minutes in (first, second)]
    read = [parse_when(one.astimezone(zone).isoformat(), now=NOW, zone=zone, option="--at") for one in typed]
    assert [one.isoformat() for one in read] == [one.astimezone(zone).isoformat() for one in typed]
    assert read[1] - read[0] == timedelta(minutes=second - first)
    assert (read[0] < read[1]) is (first < second)


@given(ZONES_AND_CHANGES, MINUTES_NEAR_IT, st.integers(0, 48 * 60), st.booleans())
def test_a_span_is_as_long_as_it_says_whatever_the_clocks_do(zone_and_change, minutes, span, is_in_zone):
    zone, change = zone_and_change
    base = change + timedelta(minutes=minutes)
    now = base.astimezone(zone) if is_in_zone else base
    ahead = timedelta(minutes=span)
    for found, meant in (
        (parse_coming(f"+{span}m", now=NOW, zone=zone, option="--until", after=now), base + ahead),
        (parse_today(f"+{span}m", now=now, zone=zone, option="--at"), base + ahead),
        (parse_past(f"-{span}m", now=now, zone=zone, option="--at"), base - ahead),
    ):
        assert found - base == meant - base
        assert found.isoformat() == meant.astimezone(zone).isoformat()


@given(ZONES_AND_CHANGES, MINUTES_NEAR_IT, st.times())
def test_a_time_of_day_is_one_that_the_clocks_of_the_zone_show(zone_and_change, minutes, clock):
    zone, change = zone_and_change
    now = change + timedelta(minutes=minutes)
    for parse, is_meant in (
        (parse_when, lambda found: now - timedelta(hours=49) < found <= now),
        (parse_coming, lambda found: now <= found < now + timedelta(hours=49)),
    ):
        try:
            found = parse(f"{clock:%H:%M}", now=now, zone=zone, option="--at")
        except BadTime as error:
            assert "the clocks change" in error.message  # noqa: PT017 - most times raise nothing
            continue
        assert f"{found.astimezone(zone):%H:%M}" == f"{clock:%H:%M}"
        assert found.utcoffset() == found.astimezone(zone).utcoffset()
        assert is_meant(found)


def test_what_has_happened_is_not_in_the_future():
    with pytest.raises(BadTime, match="1 h 1 s in the future"):
        parse_past("2026-11-23T09:15:31", now=NOW.replace(microsecond=0), zone=BERLIN, option="--at")


@given(
    st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1)),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata"]),
)
def test_an_instant_is_read_as_it_was_written(moment, zone):
    aware = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=ZoneInfo(zone))
    assert parse_instant(format_instant(aware)) == aware.astimezone(UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23",
        "2026-11-23T08:15:00",
        "12:30",
        "yesterday",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_an_instant_of_a_record_needs_date_time_and_offset(text):
    with pytest.raises(ValueError, match=r"offset|not a time|outside"):
        parse_instant(text)


def test_durations():
    assert parse_duration("1h30m") == timedelta(minutes=90)
    assert parse_duration("4w") == timedelta(days=28)
    for bad in ("", "5", "m", "5x", "1m1h", "99999999999999w"):
        with pytest.raises(ValueError, match="duration"):
            parse_duration(bad)
    assert [format_duration(timedelta(seconds=s)) for s in (0, 59, 3600, 90061, -60)] == [
        "0 s",
        "59 s",
        "1 h",
        "1 d 1 h",
        "-1 min",
    ]


@pytest.mark.parametrize("text", ["9999-12-31T23:00:00Z", "9999-01-01T00:00:00Z", "0001-12-31T00:00:00Z"])
def test_no_record_is_of_the_first_or_the_last_year(text):
    assert parse_instant(text)
    with pytest.raises(ValueError, match="outside the years 2 to 9998"):
        parse_recorded(text)
