"""Turns as a person reads them: one line a stay, and one for the same hours of days that follow one another."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from svcops.catalogue.model import OpenHours, Override, Rotation, Schedule
from svcops.catalogue.oncall import gaps, turns
from svcops.catalogue.shifts import Line, shifts
from svcops.timing.model import Hours

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
OFFICE = OpenHours(days=("mon-fri",), from_="09:00", until="17:00")
DAYS = OpenHours(from_="08:00", until="20:00")
NIGHTS = OpenHours(from_="20:00", until="08:00")


def when(text):
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def schedule(*rotations, overrides=(), **more):
    return Schedule(title="On call", rotations=rotations, overrides=overrides, **more)


def rotation(*people, **more):
    return Rotation(people=people, starts="2026-01-05", hand_over="08:00", **more)


def override(person, start, until):
    return Override(person=person, from_=when(start), until=when(until))


def lines(some, start, end, zone=BERLIN):
    found = [Line(turn, gap=False) for turn in turns(some, start, end, zone) if turn.person]
    found += [Line(turn, gap=True) for turn in gaps(some, start, end, zone)]
    return sorted(found, key=lambda one: one.turn.start)


def read(some, start, until):
    """`Mon 23 08:00 - Fri 27 17:00 ada daily`."""
    start, until = when(start), when(until)
    return [
        f"{one.start.astimezone(BERLIN):%a %d %H:%M} - {one.until.astimezone(BERLIN):%a %d %H:%M} "
        f"{one.person}{' daily' if one.daily else ''}{' gap' if one.gap else ''}"
        for one in shifts(lines(some, start, until), BERLIN, until)
    ]


def test_what_follows_without_a_break_is_one_whatever_says_so():
    some = schedule(rotation("ada", hours=(DAYS,)), rotation("noor", "ada"))
    assert read(some, "2026-11-23T12:00", "2026-12-02T12:00") == [
        "Mon 23 12:00 - Mon 23 20:00 ada",
        "Mon 23 20:00 - Mon 30 08:00 noor daily",
        "Tue 24 08:00 - Sun 29 20:00 ada daily",
        "Mon 30 08:00 - Wed 02 12:00 ada",
    ]


def test_a_weekend_ends_a_line():
    assert read(
        schedule(rotation("ada", hours=(OFFICE,)), hours=Hours(open=(OFFICE,))), "2026-11-26", "2026-12-02"
    ) == [
        "Thu 26 09:00 - Fri 27 17:00 ada daily",
        "Mon 30 09:00 - Tue 01 17:00 ada daily",
    ]


def test_a_day_on_which_somebody_stands_in_ends_a_line():
    stand_in = override("kim", "2026-11-25T12:00", "2026-11-25T14:00")
    some = schedule(rotation("ada", hours=(DAYS,)), rotation("noor", hours=(NIGHTS,)), overrides=(stand_in,))
    assert read(some, "2026-11-23T08:00", "2026-11-28T08:00") == [
        "Mon 23 08:00 - Tue 24 20:00 ada daily",
        "Mon 23 20:00 - Sat 28 08:00 noor daily",
        "Wed 25 08:00 - Wed 25 12:00 ada",
        "Wed 25 12:00 - Wed 25 14:00 kim",
        "Wed 25 14:00 - Wed 25 20:00 ada",
        "Thu 26 08:00 - Fri 27 20:00 ada daily",
    ]


def test_people_who_hand_over_every_day_have_a_line_a_day():
    assert read(schedule(rotation("noor", "ada", turn=DAY)), "2026-11-23T08:00", "2026-11-26T08:00") == [
        "Mon 23 08:00 - Tue 24 08:00 noor",
        "Tue 24 08:00 - Wed 25 08:00 ada",
        "Wed 25 08:00 - Thu 26 08:00 noor",
    ]


def test_the_last_day_may_be_cut_off_where_nobody_looks_further():
    some = schedule(rotation("ada", hours=(DAYS,)), hours=Hours(open=(DAYS,)))
    assert read(some, "2026-11-23T08:00", "2026-11-25T10:00") == ["Mon 23 08:00 - Wed 25 10:00 ada daily"]
    assert read(some, "2026-11-23T10:00", "2026-11-25T20:00") == [
        "Mon 23 10:00 - Mon 23 20:00 ada",
        "Tue 24 08:00 - Wed 25 20:00 ada daily",
    ]


def test_a_last_day_that_is_longer_than_the_others_is_a_line_of_its_own():
    some = schedule(rotation("ada", hours=(OFFICE,)))
    found = read(some, "2026-11-30T09:00", "2026-12-05T09:30")
    assert found[1:] == ["Mon 30 17:00 - Fri 04 09:00 None daily gap", "Fri 04 17:00 - Sat 05 09:30 None gap"]


def test_a_gap_is_never_told_with_a_turn():
    some = schedule(rotation("ada", hours=(DAYS,)))
    assert read(some, "2026-11-23T08:00", "2026-11-25T08:00") == [
        "Mon 23 08:00 - Tue 24 20:00 ada daily",
        "Mon 23 20:00 - Wed 25 08:00 None daily gap",
    ]


def test_hours_that_a_clock_change_cuts_are_a_line_of_their_own():
    night = OpenHours(from_="02:30", until="06:00")
    some = schedule(rotation("ada", hours=(night,)), hours=Hours(open=(night,)))
    assert read(some, "2026-03-27", "2026-03-31") == [
        "Fri 27 02:30 - Sat 28 06:00 ada daily",
        "Sun 29 03:00 - Sun 29 06:00 ada",
        "Mon 30 02:30 - Mon 30 06:00 ada",
    ]


moments = st.builds(
    lambda day, minutes: datetime(2026, *day, tzinfo=UTC) + timedelta(minutes=15 * minutes),
    st.sampled_from([(3, 27), (10, 23), (11, 23)]),
    st.integers(0, 96 * 6),
)
stretches = st.sampled_from([(), (OFFICE,), (DAYS,), (NIGHTS,), (OpenHours(from_="02:30", until="06:00"),)])
people = st.lists(st.sampled_from(["ada", "noor", "kim"]), min_size=1, max_size=3)
schedules = st.builds(
    lambda some, others, hours: schedule(*some, overrides=tuple(others), hours=hours),
    st.lists(
        st.builds(
            lambda who, hours, days: rotation(*who, hours=hours, turn=days * DAY), people, stretches, st.integers(1, 8)
        ),
        max_size=3,
    ),
    st.lists(
        st.builds(
            lambda start, hours: Override(person="kim", from_=start, until=start + timedelta(hours=hours)),
            moments,
            st.integers(1, 30),
        ),
        max_size=2,
    ),
    st.sampled_from(["always", Hours(open=(OFFICE,))]),
)


@given(schedules, moments, st.integers(1, 10), st.sampled_from([BERLIN, ZoneInfo("UTC")]))
def test_the_lines_say_who_is_on_call_at_every_quarter_of_an_hour(some, start, days, zone):
    """A line is read as a person reads it: from its first instant to its last, at these hours of every day."""
    end = start + days * DAY
    told = lines(some, start, end, zone)
    found = shifts(told, zone, end)
    for number in range(days * 96):
        at = start + number * timedelta(minutes=15)
        true = {(one.turn.person, one.gap) for one in told if one.turn.start <= at < one.turn.until}
        assert {(one.person, one.gap) for one in found if holds(one, at, zone)} == true


def holds(shift, at, zone):
    if not shift.start <= at < shift.until:
        return False
    if shift.daily is None:
        return True
    begin, end = (f"{moment.astimezone(zone):%H:%M}" for moment in shift.daily)
    latest = max((at - timedelta(minutes=15 * back)).astimezone(zone).replace(tzinfo=None) for back in range(5))
    clock = f"{latest:%H:%M}"  # clocks that go back stand still until they are where they were
    return begin <= clock < end if begin < end else clock >= begin or clock < end
