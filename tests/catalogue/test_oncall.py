"""Who is on call when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.catalogue.model import Override, Rotation, Schedule
from svcops.catalogue.oncall import faults, gaps, next_turn, on_call, turns
from svcops.timing.model import Hours, OpenHours
from svcops.timing.wall import shown

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def when(text, zone=BERLIN):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def schedule(*rotations, overrides=(), **more):
    return Schedule(title="On call", rotations=rotations, overrides=overrides, **more)


def override(person, start, until):
    return Override(person=person, from_=when(start), until=when(until))


def written(found, zone=BERLIN):
    return [f"{shown(one.start, zone)[4:]} {shown(one.until, zone)[4:]} {one.person}" for one in found]


def turns_of(some, start, until):
    return written(turns(some, when(start), when(until), BERLIN))


WEEKLY = Rotation(people=("ada", "noor", "kim"), starts="2026-11-02")
"""Ada from Monday 2026-11-02 09:00, then Noor, then Kim."""


class TestTurns:
    """Of a rotation."""

    def test_follow_one_another_at_the_hand_over(self):
        assert turns_of(schedule(WEEKLY), "2026-11-09T08:00", "2026-11-24T00:00") == [
            "2026-11-09 08:00 2026-11-09 09:00 ada",
            "2026-11-09 09:00 2026-11-16 09:00 noor",
            "2026-11-16 09:00 2026-11-23 09:00 kim",
            "2026-11-23 09:00 2026-11-24 00:00 ada",
        ]

    def test_end_at_the_hand_over(self):
        turn = on_call(schedule(WEEKLY), when("2026-11-23T08:59"), BERLIN)
        assert (turn.person, turn.until, turn.source) == ("kim", when("2026-11-23T09:00"), ("rotations", 0))
        turn = on_call(schedule(WEEKLY), when("2026-11-23T09:00"), BERLIN)
        assert (turn.person, turn.until) == ("ada", when("2026-11-30T09:00"))

    def test_begin_on_the_day_it_starts_and_end_on_the_first_day_without_it(self):
        some = schedule(Rotation(people=("ada",), starts="2026-11-02", until="2026-11-05", turn=DAY))
        assert turns_of(some, "2026-11-01T00:00", "2026-11-07T00:00") == [
            "2026-11-01 00:00 2026-11-02 09:00 None",
            "2026-11-02 09:00 2026-11-05 09:00 ada",
            "2026-11-05 09:00 2026-11-07 00:00 None",
        ]

    @pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
    def test_hand_over_by_the_wall_clock_when_clocks_change(self, day):
        some = schedule(Rotation(people=("ada", "noor"), starts="2026-01-01", turn=DAY))
        change = on_call(some, when(f"{day}T08:59"), BERLIN)
        assert change.until == when(f"{day}T09:00")
        assert on_call(some, when(f"{day}T09:00"), BERLIN).person != change.person

    def test_hand_over_in_the_zone_of_the_schedule(self):
        some = schedule(WEEKLY, time_zone="America/New_York")
        assert on_call(some, when("2026-11-23T14:59"), BERLIN).until == when("2026-11-23T15:00")

    def test_hand_over_at_the_end_of_a_day(self):
        some = schedule(Rotation(people=("ada", "noor"), starts="2026-11-02", turn=DAY, hand_over="24:00"))
        assert turns_of(some, "2026-11-03T00:00", "2026-11-05T00:00") == [
            "2026-11-03 00:00 2026-11-04 00:00 ada",
            "2026-11-04 00:00 2026-11-05 00:00 noor",
        ]

    def test_are_calculated_however_long_ago_it_started(self):
        some = schedule(Rotation(people=("ada", "noor"), starts="0001-01-01", turn=DAY))
        first = on_call(some, when("2026-11-23T12:00"), BERLIN).person
        assert on_call(some, when("2026-11-24T12:00"), BERLIN).person != first
        assert on_call(some, when("2026-11-25T12:00"), BERLIN).person == first

    def test_may_never_end(self):
        some = schedule(Rotation(people=("ada",), starts="2026-11-02", turn=timedelta(days=999_999_999)))
        assert on_call(some, when("2026-11-23T12:00"), BERLIN).person == "ada"

    def test_of_some_hours_only(self):
        day = Rotation(people=("ada",), starts="2026-11-02", hours=(OpenHours(from_="08:00", until="20:00"),))
        night = Rotation(people=("noor",), starts="2026-11-02", hours=(OpenHours(from_="20:00", until="08:00"),))
        assert turns_of(schedule(day, night), "2026-11-23T12:00", "2026-11-24T12:00") == [
            "2026-11-23 12:00 2026-11-23 20:00 ada",
            "2026-11-23 20:00 2026-11-24 08:00 noor",
            "2026-11-24 08:00 2026-11-24 12:00 ada",
        ]

    def test_of_the_first_rotation_that_has_somebody(self):
        weekend = Rotation(people=("kim",), starts="2026-11-02", hours=(OpenHours(days=("sat-sun",)),))
        some = schedule(weekend, WEEKLY)
        assert turns_of(some, "2026-11-27T00:00", "2026-12-01T00:00") == [
            "2026-11-27 00:00 2026-11-28 00:00 ada",
            "2026-11-28 00:00 2026-11-30 00:00 kim",
            "2026-11-30 00:00 2026-11-30 09:00 ada",
            "2026-11-30 09:00 2026-12-01 00:00 noor",
        ]

    def test_go_on_past_a_hand_over_of_a_rotation_that_has_nobody_then(self):
        weekend = Rotation(people=("kim",), starts="2026-11-02", turn=DAY, hours=(OpenHours(days=("sat-sun",)),))
        some = schedule(weekend, Rotation(people=("ada",), starts="2026-11-02", until="2026-12-07"))
        assert on_call(some, when("2026-11-30T12:00"), BERLIN).until == when("2026-12-05T00:00")
        some = schedule(weekend)
        assert on_call(some, when("2026-11-30T12:00"), BERLIN).until == when("2026-12-05T00:00")


class TestOverrides:
    """Go before the rotations."""

    def test_for_a_while(self):
        some = schedule(WEEKLY, overrides=(override("kim", "2026-11-24T12:00", "2026-11-25T12:00"),))
        assert turns_of(some, "2026-11-24T00:00", "2026-11-26T00:00") == [
            "2026-11-24 00:00 2026-11-24 12:00 ada",
            "2026-11-24 12:00 2026-11-25 12:00 kim",
            "2026-11-25 12:00 2026-11-26 00:00 ada",
        ]
        assert on_call(some, when("2026-11-24T00:00"), BERLIN).until == when("2026-11-24T12:00")
        assert on_call(some, when("2026-11-24T13:00"), BERLIN).source == ("overrides", 0)

    def test_before_the_own_turn_it_is_one_stay(self):
        weekly = Rotation(people=("ada", "kim"), starts="2026-11-23")
        some = schedule(weekly, overrides=(override("kim", "2026-11-26T09:00", "2026-11-30T09:00"),))
        turn = on_call(some, when("2026-11-27T12:00"), BERLIN)
        assert (turn.person, turn.until, turn.source) == ("kim", when("2026-12-07T09:00"), ("overrides", 0))

    def test_the_last_one_written_counts(self):
        long = override("kim", "2026-11-24T00:00", "2026-11-26T00:00")
        short = override("noor", "2026-11-24T12:00", "2026-11-25T12:00")
        assert turns_of(schedule(WEEKLY, overrides=(long, short)), "2026-11-24T00:00", "2026-11-26T00:00") == [
            "2026-11-24 00:00 2026-11-24 12:00 kim",
            "2026-11-24 12:00 2026-11-25 12:00 noor",
            "2026-11-25 12:00 2026-11-26 00:00 kim",
        ]
        assert turns_of(schedule(WEEKLY, overrides=(short, long)), "2026-11-24T00:00", "2026-11-26T00:00") == [
            "2026-11-24 00:00 2026-11-26 00:00 kim"
        ]

    def test_that_end_before_they_begin_have_no_effect(self):
        some = schedule(WEEKLY, overrides=(override("kim", "2026-11-25T12:00", "2026-11-24T12:00"),))
        assert turns_of(some, "2026-11-24T00:00", "2026-11-26T00:00") == ["2026-11-24 00:00 2026-11-26 00:00 ada"]
        assert on_call(some, when("2026-11-24T00:00"), BERLIN).until == when("2026-11-30T09:00")

    def test_one_that_others_begin_and_end_in_stays_one_turn_until_a_later_one_begins(self):
        some = schedule(
            WEEKLY,
            overrides=(
                override("noor", "2026-11-24T12:00", "2026-11-24T14:00"),
                override("kim", "2026-11-24T10:00", "2026-11-24T20:00"),
                override("ada", "2026-11-24T18:00", "2026-11-24T19:00"),
            ),
        )
        assert turns_of(some, "2026-11-24T10:00", "2026-11-24T20:00") == [
            "2026-11-24 10:00 2026-11-24 18:00 kim",
            "2026-11-24 18:00 2026-11-24 19:00 ada",
            "2026-11-24 19:00 2026-11-24 20:00 kim",
        ]
        assert on_call(some, when("2026-11-24T11:00"), BERLIN).until == when("2026-11-24T18:00")

    def test_of_a_long_list_each_goes_before_the_one_above_it(self):
        begin = when("2026-11-24T00:00")
        many = tuple(
            Override(person="kim", from_=begin + number * MINUTE, until=begin + (number + 2) * MINUTE)
            for number in range(5000)
        )
        found = list(turns(schedule(WEEKLY, overrides=many), begin, begin + 5001 * MINUTE, BERLIN))
        assert [one.start for one in found] == [one.from_ for one in many]


class TestGaps:
    """Hours that ask for somebody, and have nobody."""

    def test_between_rotations(self):
        some = schedule(Rotation(people=("ada",), starts="2026-11-02", until="2026-11-24"), WEEKLY_FROM_DECEMBER)
        found = gaps(some, when("2026-11-20T00:00"), when("2026-12-20T00:00"), BERLIN)
        assert written(found) == ["2026-11-24 09:00 2026-12-01 09:00 None"]

    def test_only_where_somebody_is_asked_for(self):
        office = Hours(open=(OpenHours(days=("mon-fri",), from_="08:00", until="18:00"),), closed=("2026-11-26",))
        some = schedule(Rotation(people=("ada",), starts="2026-11-02", until="2026-11-25"), hours=office)
        found = gaps(some, when("2026-11-25T00:00"), when("2026-11-28T00:00"), BERLIN)
        assert written(found) == ["2026-11-25 09:00 2026-11-25 18:00 None", "2026-11-27 08:00 2026-11-27 18:00 None"]

    def test_of_hours_in_the_zone_of_the_schedule(self):
        office = Hours(open=(OpenHours(from_="08:00", until="18:00"),))
        some = schedule(Rotation(people=("ada",), starts="2026-12-24"), hours=office, time_zone="America/New_York")
        found = gaps(some, when("2026-11-25T00:00"), when("2026-11-26T00:00"), BERLIN)
        assert written(found) == ["2026-11-25 14:00 2026-11-26 00:00 None"]

    def test_of_people_whom_nobody_knows(self):
        found = gaps(schedule(WEEKLY), when("2026-11-09T00:00"), when("2026-11-30T00:00"), BERLIN, {"ada", "kim"})
        assert written(found) == ["2026-11-09 09:00 2026-11-16 09:00 noor"]

    def test_a_schedule_of_nobody_is_one_gap(self):
        for nobody in (schedule(), schedule(Rotation(people=(), starts="2026-11-02"))):
            found = gaps(nobody, when("2026-11-09T00:00"), when("2026-11-30T00:00"), BERLIN)
            assert written(found) == ["2026-11-09 00:00 2026-11-30 00:00 None"]
            assert on_call(nobody, when("2026-11-09T00:00"), BERLIN).person is None
            assert next_turn(nobody, when("2026-11-09T00:00"), BERLIN) is None
            assert list(faults(nobody))


WEEKLY_FROM_DECEMBER = Rotation(people=("noor",), starts="2026-12-01")


def test_the_next_turn_is_that_of_the_next_person():
    some = schedule(Rotation(people=("ada",), starts="2026-11-02", until="2026-11-24"), WEEKLY_FROM_DECEMBER)
    turn = next_turn(some, when("2026-11-24T09:00"), BERLIN)
    assert (turn.person, turn.start) == ("noor", when("2026-12-01T09:00"))


def test_an_unknown_zone_is_an_error():
    with pytest.raises(ValueError, match="Europe/Berln is not a known time zone"):
        on_call(schedule(WEEKLY, time_zone="Europe/Berln"), when("2026-11-24T09:00"), BERLIN)


# Properties: two days around each change of the clocks, by the hour.

ZONES = [
    ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC")
]
STARTS = [
    datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 27), (10, 23), (3, 6), (10, 30), (4, 3), (10, 2))
]

moments = st.builds(lambda start, hours: start + timedelta(hours=hours), st.sampled_from(STARTS), st.integers(0, 72))
people = st.lists(st.sampled_from(["ada", "noor", "kim"]), min_size=1, max_size=3).map(tuple)
clocks = st.sampled_from(["00:00", "01:30", "02:30", "09:00", "24:00"])
shifts = st.lists(st.builds(OpenHours, from_=clocks, until=clocks), max_size=1).map(tuple)
rotations = st.builds(
    Rotation,
    people=people,
    starts=st.sampled_from(["2026-01-01", "2026-03-28", "2026-10-24", "2027-01-01"]),
    until=st.sampled_from([None, "2026-03-30", "2026-10-26"]),
    hand_over=clocks,
    turn=st.integers(1, 3).map(lambda days: days * DAY),
    hours=shifts,
)
overrides = st.builds(
    lambda person, start, hours: Override(person=person, from_=start, until=start + timedelta(hours=hours)),
    st.sampled_from(["ada", "noor", "kim"]),
    moments,
    st.integers(-3, 30),
)
schedules = st.builds(
    lambda some, more: schedule(*some, overrides=tuple(more)),
    st.lists(rotations, max_size=2),
    st.lists(overrides, max_size=3),
)


def slowly(some, at, zone):
    """Who is on call, by counting every hand-over from the start on the clock."""
    for one in reversed(some.overrides):
        if one.from_ <= at < one.until:
            return one.person
    for one in some.rotations:
        local = furthest(at, zone)
        hand_over = timedelta(hours=int(one.hand_over[:2]), minutes=int(one.hand_over[3:]))
        if one.until and local >= datetime.fromisoformat(one.until) + hand_over:
            continue
        turn, count = datetime.fromisoformat(one.starts) + hand_over, -1
        while turn <= local:
            turn, count = turn + one.turn, count + 1
        if count >= 0 and (not one.hours or on_shift(one.hours[0], local)):
            return one.people[count % len(one.people)]
    return None


def furthest(at, zone):
    """What the clock shows, or has shown before it went back."""
    return max((at - timedelta(minutes=minutes)).astimezone(zone).replace(tzinfo=None) for minutes in range(61))


def on_shift(shift, local):
    clock = f"{local:%H:%M}"
    if shift.until > shift.from_:
        return shift.from_ <= clock < shift.until
    if shift.from_ == "24:00":
        return clock < shift.until or shift.until == "24:00"
    return clock >= shift.from_ or clock < shift.until


@given(schedules, moments, st.sampled_from(ZONES))
def test_arithmetic_agrees_with_counting(some, at, zone):
    assert on_call(some, at, zone).person == slowly(some, at, zone)


@given(schedules, moments, st.integers(1, 100), st.sampled_from(ZONES))
def test_turns_leave_nothing_out_and_agree_with_who_is_on_call(some, start, hours, zone):
    end = start + timedelta(hours=hours)
    found = list(turns(some, start, end, zone))
    assert [one.until for one in found] == [*(one.start for one in found[1:]), end]
    assert found[0].start == start
    for one in found:
        assert one.start < one.until
        for inside in (one.start, one.start + (one.until - one.start) / 2, one.until - timedelta(minutes=1)):
            current = on_call(some, max(inside, one.start), zone)
            assert (current.person, current.source) == (one.person, one.source)
    assert list(gaps(some, start, end, zone)) == [one for one in found if one.person is None]


@given(
    schedules,
    st.none() | st.builds(OpenHours, from_=clocks, until=clocks),
    st.none() | st.sets(st.sampled_from(["ada", "noor", "kim"])),
    moments,
    st.integers(1, 30),
    st.sampled_from(ZONES),
)
def test_turns_and_gaps_are_what_asking_every_quarter_of_an_hour_gives(some, office, known, start, hours, zone):
    """Everything above begins and ends at a quarter of an hour, in every one of these zones."""
    some = replace(some, hours=Hours(open=(office,)) if office else "always")
    end = start + timedelta(hours=hours)
    found, missing = list(turns(some, start, end, zone)), list(gaps(some, start, end, zone, known))
    for number in range(hours * 4):
        at = start + number * 15 * MINUTE
        person = slowly(some, at, zone)
        assert [one.person for one in found if one.start <= at < one.until] == [person]
        asked = office is None or on_shift(office, furthest(at, zone))
        there = person is not None and (known is None or person in known)
        gap = [one.person for one in missing if one.start <= at < one.until]
        assert gap == ([person] if asked and not there else [])
