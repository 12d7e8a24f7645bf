"""When somebody attends."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.tries import tries

from svcops.timing.hours import Interval, OpenTimes, weekdays
from svcops.timing.model import Hours, OpenHours

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def hours(*stretches, **more):
    """`hours("mon-fri 08:00-18:00")`."""
    return Hours(open=tuple(stretch(one) for one in stretches), **more)


def stretch(text):
    days, _, clock = text.partition(" ")
    start, _, end = clock.partition("-")
    return OpenHours(days=tuple(days.split(",")), from_=start, until=end)


def when(text, zone=BERLIN):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def stretches_of(times, start, end, zone=BERLIN):
    """What is open, as a person would write it."""
    return [
        f"{one.start.astimezone(zone):%a %d %H:%M} - {one.end.astimezone(zone):%a %d %H:%M}"
        for one in times.within(when(start, zone), when(end, zone))
    ]


OFFICE = hours("mon-fri 08:00-18:00")
NIGHT = hours("mon-sun 22:00-06:00")


class TestAWeek:
    """Monday is 2026-11-23."""

    def test_of_office_hours(self):
        times = OpenTimes(OFFICE, BERLIN)
        assert stretches_of(times, "2026-11-26T12:00", "2026-12-01T00:00") == [
            "Thu 26 12:00 - Thu 26 18:00",
            "Fri 27 08:00 - Fri 27 18:00",
            "Mon 30 08:00 - Mon 30 18:00",
        ]
        assert times.is_open(when("2026-11-23T08:00"))
        assert not times.is_open(when("2026-11-23T18:00"))
        assert times.next_change(when("2026-11-27T08:00")) == when("2026-11-27T18:00")
        assert times.next_change(when("2026-11-27T18:00")) == when("2026-11-30T08:00")
        assert times.next_change(when("2026-11-27T18:00"), before=when("2026-11-30T08:00")) is None

    def test_of_nights_begins_in_the_night_before(self):
        times = OpenTimes(NIGHT, BERLIN)
        assert stretches_of(times, "2026-11-23T00:00", "2026-11-24T23:00") == [
            "Mon 23 00:00 - Mon 23 06:00",
            "Mon 23 22:00 - Tue 24 06:00",
            "Tue 24 22:00 - Tue 24 23:00",
        ]

    def test_of_stretches_that_overlap_or_adjoin(self):
        times = OpenTimes(hours("mon 08:00-12:00", "mon,tue 11:00-24:00", "tue 00:00-01:00"), BERLIN)
        assert stretches_of(times, "2026-11-23T00:00", "2026-11-26T00:00") == [
            "Mon 23 08:00 - Tue 24 01:00",
            "Tue 24 11:00 - Wed 25 00:00",
        ]

    def test_around_the_clock_never_changes(self):
        for always in ("always", hours("mon-sun 00:00-24:00"), hours("mon-sun 09:00-09:00")):
            times = OpenTimes(always, BERLIN)
            assert times.next_change(when("2026-11-23T08:00")) is None
            assert len(list(times.within(when("2026-11-23T08:00"), when("2026-12-23T08:00")))) == 1
            assert times.add(when("2026-10-25T00:00"), 25 * HOUR) == when("2026-10-26T00:00")

    def test_in_another_zone_than_the_store(self):
        times = OpenTimes(hours("mon 09:00-17:00", time_zone="America/New_York"), BERLIN)
        assert stretches_of(times, "2026-11-23T00:00", "2026-11-25T00:00") == ["Mon 23 15:00 - Mon 23 23:00"]

    @pytest.mark.parametrize(
        ("days", "numbers"), [("sat", [5]), ("mon-fri", [0, 1, 2, 3, 4]), ("fri-mon", [4, 5, 6, 0]), ("sun-sun", [6])]
    )
    def test_of_days_that_go_round(self, days, numbers):
        assert weekdays(days) == numbers


class TestHolidays:
    """Christmas Day 2026 is a Friday; in Bavaria Epiphany 2027, a Wednesday, is a holiday too."""

    def test_nobody_attends_on_them(self):
        times = OpenTimes(hours("mon-fri 08:00-18:00", holidays="DE"), BERLIN)
        assert stretches_of(times, "2026-12-24T00:00", "2026-12-29T00:00") == [
            "Thu 24 08:00 - Thu 24 18:00",
            "Mon 28 08:00 - Mon 28 18:00",
        ]

    def test_of_a_part_of_a_country(self):
        epiphany = when("2027-01-06T12:00")
        assert OpenTimes(hours("mon-fri 08:00-18:00", holidays="DE"), BERLIN).is_open(epiphany)
        assert not OpenTimes(hours("mon-fri 08:00-18:00", holidays="DE-BY"), BERLIN).is_open(epiphany)

    def test_are_days_of_the_zone_of_the_hours(self):
        times = OpenTimes(hours("mon-sun 00:00-24:00", holidays="US", time_zone="America/New_York"), BERLIN)
        assert stretches_of(times, "2026-12-24T12:00", "2026-12-26T12:00") == [
            "Thu 24 12:00 - Fri 25 06:00",
            "Sat 26 06:00 - Sat 26 12:00",
        ]

    def test_take_the_whole_stretch_that_begins_on_them_and_no_other(self):
        times = OpenTimes(hours("mon-sun 22:00-06:00", closed=("2026-11-25",)), BERLIN)
        assert stretches_of(times, "2026-11-24T12:00", "2026-11-27T12:00") == [
            "Tue 24 22:00 - Wed 25 06:00",
            "Thu 26 22:00 - Fri 27 06:00",
        ]

    def test_may_be_attended_all_the_same_on_a_day_of_the_week_that_has_hours(self):
        times = OpenTimes(
            hours(
                "mon-fri 08:00-18:00",
                holidays="DE",
                open_on=("2026-12-25", "2026-12-26", "2027-01-01"),
                closed=("2027-01-01",),
            ),
            BERLIN,
        )
        assert stretches_of(times, "2026-12-25T00:00", "2026-12-28T00:00") == ["Fri 25 08:00 - Fri 25 18:00"]
        assert stretches_of(times, "2026-12-31T00:00", "2027-01-02T00:00") == ["Thu 31 08:00 - Thu 31 18:00"]

    def test_a_zone_that_nobody_knows_is_an_error(self):
        with pytest.raises(ValueError, match="Europe/Berln"):
            OpenTimes(hours("mon 08:00-18:00", time_zone="Europe/Berln"), BERLIN)


class TestTheNightsOnWhichClocksChange:
    """In Berlin 2026-03-29 has no hour from 2 to 3, and 2026-10-25 has it twice."""

    @pytest.mark.parametrize(("day", "length"), [("2026-03-28", 7), ("2026-06-01", 8), ("2026-10-24", 9)])
    def test_a_night_is_as_long_as_the_clock_makes_it(self, day, length):
        noon = when(f"{day}T12:00")
        assert OpenTimes(NIGHT, BERLIN).between(noon, noon + timedelta(days=1)) == length * HOUR

    @pytest.mark.parametrize(
        ("clock", "spring", "autumn"),
        [
            ("01:00-02:30", "00:00-01:00", "23:00-00:30"),
            ("02:00-03:00", None, "00:00-02:00"),
            ("02:30-03:30", "01:00-01:30", "00:30-02:30"),
            ("02:00-02:30", None, "00:00-00:30"),
            ("03:00-04:00", "01:00-02:00", "02:00-03:00"),
        ],
    )
    def test_stretches_that_begin_or_end_in_that_hour(self, clock, spring, autumn):
        times = OpenTimes(hours(f"sun {clock}"), BERLIN)
        for day, expected in (("2026-03-29", spring), ("2026-10-25", autumn)):
            noon = when(f"{day}T12:00")
            found = [f"{one.start:%H:%M}-{one.end:%H:%M}" for one in times.within(noon - 24 * HOUR, noon)]
            assert found == ([expected] if expected else [])


class TestDeadlines:
    """Working time added to an instant."""

    @pytest.mark.parametrize(
        ("start", "span", "end"),
        [
            ("2026-11-23T09:00", timedelta(minutes=15), "2026-11-23T09:15"),
            ("2026-11-23T17:50", timedelta(minutes=15), "2026-11-24T08:05"),
            ("2026-11-27T18:00", timedelta(minutes=15), "2026-11-30T08:15"),
            ("2026-11-28T03:00", timedelta(hours=20), "2026-12-01T18:00"),
            ("2026-11-28T03:00", timedelta(), "2026-11-28T03:00"),
        ],
    )
    def test_count_support_hours_only(self, start, span, end):
        assert OpenTimes(OFFICE, BERLIN).add(when(start), span) == when(end)

    def test_that_never_come(self):
        start = when("2026-11-23T08:00")
        for never in (hours(), hours("sun 02:00-03:00", closed=sundays(2026, 2030))):
            times = OpenTimes(never, BERLIN)
            assert times.add(start, MINUTE) is None
            assert times.next_change(start) is None
            assert not times.is_open(start)
        assert OpenTimes("always", BERLIN).add(start, timedelta.max) is None

    def test_may_be_further_away_than_a_year(self):
        start = when("2026-11-23T08:00")
        end = OpenTimes(hours("mon 08:00-09:00"), BERLIN).add(start, 100 * HOUR)
        assert end == when("2028-10-16T09:00")

    def test_are_worked_out_for_ten_years(self):
        start = when("2026-11-23T08:00")
        for times in (OpenTimes("always", BERLIN), OpenTimes(hours("mon-sun 00:00-24:00", holidays="DE"), BERLIN)):
            assert times.add(start, timedelta(days=3000)) is not None
            assert times.add(start, timedelta(days=3654)) is None


def sundays(first, last):
    days = (date(first, 1, 1) + timedelta(days=number) for number in range((last - first) * 366))
    return tuple(day.isoformat() for day in days if day.weekday() == 6)


def test_nothing_is_worked_out_ahead():
    """A window to the end of time costs what is taken from it."""
    times = OpenTimes(OFFICE, BERLIN)
    first = list(islice(times.within(when("2026-11-23T00:00"), when("9990-01-01T00:00")), 2))
    assert first == [
        Interval(when("2026-11-23T08:00"), when("2026-11-23T18:00")),
        Interval(when("2026-11-24T08:00"), when("2026-11-24T18:00")),
    ]


def test_a_window_that_ends_before_it_begins_is_empty():
    for some in ("always", OFFICE):
        times = OpenTimes(some, BERLIN)
        assert times.between(when("2026-11-23T12:00"), when("2026-11-23T10:00")) == timedelta()


# Properties, around the days on which clocks change; Good Friday and Easter Monday 2024 are 03-29 and 04-01.

ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]
EASTER = {date(2024, 3, 29), date(2024, 4, 1)}
CHANGES = [
    datetime(2024, 3, 30),
    datetime(2024, 10, 26),
    datetime(2024, 3, 9),
    datetime(2024, 11, 2),
    datetime(2024, 4, 6),
]
CHANGES += [datetime(2024, 10, 5), datetime(2024, 7, 1)]

clocks = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 59])) | st.just("24:00")
days_of_week = st.sampled_from(["mon-sun", "sat", "sun", "mon-fri", "fri-mon"])
open_hours = st.builds(OpenHours, days=st.tuples(days_of_week), from_=clocks, until=clocks)
some_hours = st.builds(
    Hours,
    open=st.lists(open_hours, max_size=3).map(tuple),
    holidays=st.sampled_from([None, "DE"]),
    closed=st.sampled_from([(), ("2024-03-31",), ("2024-10-27", "2024-03-09")]),
    open_on=st.sampled_from([(), ("2024-04-01",)]),
)
starts = st.builds(
    lambda change, minutes: (change + timedelta(minutes=minutes)).replace(tzinfo=UTC),
    st.sampled_from(CHANGES),
    st.integers(0, 2880),
)
spans = st.integers(0, 6 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
zones = st.sampled_from(ZONES).map(ZoneInfo)


def slowly(some, zone, start, end):
    """The minutes at which it is open, by looking at the clock at each; clocks that go back stand still meanwhile."""
    furthest = datetime.min
    moment = start - 3 * HOUR
    while moment < end:
        furthest = max(furthest, moment.astimezone(zone).replace(tzinfo=None))
        if moment >= start and any(covers(some, one, day, furthest) for one in some.open for day in (0, 1)):
            yield moment
        moment += MINUTE


def covers(some, one, days_ago, clock):
    """Whether a stretch that began so many days ago covers what the clock shows."""
    day = clock.date() - timedelta(days=days_ago)
    opens, closes = (timedelta(hours=int(text[:2]), minutes=int(text[3:])) for text in (one.from_, one.until))
    closes += timedelta(days=closes <= opens)
    return opens <= clock - datetime.combine(day, time()) < closes and begins(some, one, day)


def begins(some, one, day):
    """Whether a stretch begins on a day."""
    if not any(day.weekday() in weekdays(days) for days in one.days) or str(day) in some.closed:
        return False
    return not some.holidays or day not in EASTER or str(day) in some.open_on


@tries(40)
@given(some_hours, zones, starts)
@example(hours("mon-sun 22:00-02:30"), BERLIN, datetime(2024, 10, 26, 12, tzinfo=UTC))
@example(hours("mon-sun 02:15-24:00"), ZoneInfo("Australia/Lord_Howe"), datetime(2024, 4, 6, tzinfo=UTC))
@example(hours("mon-sun 24:00-24:00", closed=("2024-03-31",)), BERLIN, datetime(2024, 3, 30, tzinfo=UTC))
def test_it_is_open_when_the_clock_says_so(some, zone, start):
    end = start + 30 * HOUR
    times = OpenTimes(some, zone)
    expected = set(slowly(some, zone, start, end))
    found = set()
    for one in times.within(start, end):
        found |= {one.start + number * MINUTE for number in range((one.end - one.start) // MINUTE)}
    assert found == expected
    assert times.between(start, end) == len(expected) * MINUTE
    assert times.is_open(start) == (start in expected)


@given(some_hours, zones, starts, spans)
def test_adding_what_is_between_leads_back(some, zone, start, span):
    times = OpenTimes(some, zone)
    end = times.add(start, span)
    if end is None:
        assert not times.between(start, start + timedelta(days=400))
    else:
        assert times.between(start, end) == span
        if span:
            assert times.between(start, end - MINUTE) < span


@given(some_hours, zones, starts, spans, spans)
def test_time_adds_up(some, zone, start, first, second):
    times = OpenTimes(some, zone)
    middle, end = start + first, start + first + second
    assert times.between(start, middle) + times.between(middle, end) == times.between(start, end)
    step = times.add(start, first)
    if step is not None:
        assert times.add(step, second) == times.add(start, first + second)


@given(some_hours, zones, starts)
def test_between_two_changes_nothing_changes(some, zone, start):
    times = OpenTimes(some, zone)
    change = times.next_change(start)
    if change is None:
        assert times.between(start, start + timedelta(days=400)) in (timedelta(), timedelta(days=400))
        return
    assert times.is_open(start) != times.is_open(change)
    assert times.between(start, change) in (timedelta(), change - start)


@given(some_hours, zones, starts)
def test_intervals_are_apart_and_in_order(some, zone, start):
    found = list(OpenTimes(some, zone).within(start, start + timedelta(days=9)))
    edges = [edge for one in found for edge in one]
    assert edges == sorted(set(edges))
