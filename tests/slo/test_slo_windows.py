"""Windows: rolling ones end now, those of a calendar follow its clocks, also on the nights on which these change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.slo.windows import Stretch, Window, is_fixed, length_of

BERLIN = ZoneInfo("Europe/Berlin")
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
NEW_YEAR = datetime(2026, 1, 1)
HOUR = timedelta(hours=1)


def z(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def around(window: Window, at: datetime) -> Stretch:
    found = window.around(at)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("5m", "2026-11-23T11:55"),
        ("12h", "2026-11-23T00:00"),
        ("28d", "2026-10-26T12:00"),
        ("4w", "2026-10-26T12:00"),
        ("1M", "2026-10-23T12:00"),
        ("1Q", "2026-08-23T12:00"),
        ("1Y", "2025-11-23T12:00"),
    ],
)
def test_a_rolling_window_ends_now(text: str, start: str) -> None:
    assert Window(text).around(AT) == Stretch(z(start), AT)


def test_a_rolling_month_begins_on_the_last_day_of_a_shorter_one() -> None:
    assert around(Window("1M"), z("2026-03-31T08:00")).start == z("2026-02-28T08:00")


@pytest.mark.parametrize(
    ("window", "at", "start", "end"),
    [
        # in winter Berlin is an hour ahead of UTC, in summer two
        (Window("1M", NEW_YEAR, BERLIN), "2026-03-15T12:00", "2026-02-28T23:00", "2026-03-31T22:00"),
        (Window("1Q", NEW_YEAR, BERLIN), "2026-11-23T12:00", "2026-09-30T22:00", "2026-12-31T23:00"),
        (Window("1Y", NEW_YEAR, BERLIN), "2027-05-01T00:00", "2026-12-31T23:00", "2027-12-31T23:00"),
        (Window("1w", datetime(2026, 1, 5), BERLIN), "2026-03-25T00:00", "2026-03-22T23:00", "2026-03-29T22:00"),
        (Window("1d", NEW_YEAR, BERLIN), "2026-10-25T12:00", "2026-10-24T22:00", "2026-10-25T23:00"),
        (Window("1d", NEW_YEAR, BERLIN), "2026-03-29T12:00", "2026-03-28T23:00", "2026-03-29T22:00"),
        (Window("12h", NEW_YEAR, BERLIN), "2026-06-01T12:00", "2026-06-01T11:00", "2026-06-01T23:00"),
        # a day that a month does not have is its last one
        (Window("1M", datetime(2026, 1, 31), UTC), "2026-03-01T00:00", "2026-02-28T00:00", "2026-03-31T00:00"),
        # where the clocks skip the time at which a day begins, it begins when they do
        (
            Window("1d", datetime(2026, 3, 1, 2, 30), BERLIN),
            "2026-03-29T12:00",
            "2026-03-29T01:00",
            "2026-03-30T00:30",
        ),
    ],
)
def test_a_window_of_a_calendar_is_one_of_its_clocks(window: Window, at: str, start: str, end: str) -> None:
    assert window.around(z(at)) == Stretch(z(start), z(end))


def test_the_moment_at_which_one_ends_is_the_end_of_the_earlier() -> None:
    day = Window("1d", NEW_YEAR, UTC)
    assert around(day, z("2026-01-02T00:00")) == Stretch(z("2026-01-01T00:00"), z("2026-01-02T00:00"))
    assert around(day, z("2026-01-02T00:00") + timedelta(microseconds=1)).start == z("2026-01-02T00:00")


def test_before_the_first_there_is_none() -> None:
    assert Window("1d", NEW_YEAR, UTC).around(z("2026-01-01T00:00")) is None
    assert Window("1Y", datetime(9999, 1, 1), UTC).around(AT) is None


UNITS = st.sampled_from(["m", "h", "d", "w", "M", "Q", "Y"])


@given(
    number=st.integers(1, 40),
    unit=UNITS,
    first=st.datetimes(datetime(1990, 1, 1), datetime(2026, 11, 1)).map(lambda one: one.replace(microsecond=0)),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Tehran"]),
    at=st.datetimes(datetime(2026, 11, 2), datetime(2190, 1, 1), timezones=st.just(UTC)),
)
def test_windows_of_a_calendar_adjoin_and_every_moment_lies_in_one(
    number: int, unit: str, first: datetime, zone: str, at: datetime
) -> None:
    window = Window(f"{number}{unit}", first, ZoneInfo(zone))
    found = around(window, at)
    assert found.start < at <= found.end
    assert around(window, found.end) == found
    assert around(window, found.end + timedelta(microseconds=1)).start == found.end
    if unit in "mh":
        assert found.length == length_of(window.text)


def test_lengths_of_months_are_the_longest_and_nothing_is_too_long_to_be_told() -> None:
    assert [length_of(one) for one in ("5m", "12h", "30d", "4w")] == [HOUR / 12, 12 * HOUR, 720 * HOUR, 672 * HOUR]
    assert [length_of(one).days for one in ("1M", "1Q", "1Y")] == [31, 93, 372]
    assert length_of("9" * 40 + "d") == length_of("9" * 40 + "Y") == timedelta.max
    assert [is_fixed(one) for one in ("1m", "1w", "1M", "1Q", "1Y")] == [True, True, False, False, False]
