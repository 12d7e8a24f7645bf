"""Times on the wall clock of a zone as instants, right on the nights on which clocks change.

Every time on the clock is one instant: the first at which the clocks of the zone show it, or, where they skip it, the
instant at which they skip. It is as if clocks that go back stood still until they are where they were. So a later time
is never an earlier instant, and stretches that adjoin on the clock adjoin in time: none is counted twice, nothing falls
between them.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from svcops.store.zones import known

START_OF_TIME = datetime(2, 1, 1, tzinfo=UTC)
END_OF_TIME = datetime(9998, 1, 1, tzinfo=UTC)
"""Before and after anything that is planned; far enough from the days Python knows to go on calculating."""


def zone_called(name: str) -> tzinfo:
    """The zone of that name; ValueError where this machine knows no such zone."""
    from svcops.store.settings import Settings

    return Settings(time_zone=name).zone()


def zone_of_its_own(name: str | None, store: tzinfo) -> tzinfo:
    """The zone of that name, or without one the store's; ValueError where nobody knows it."""
    return zone_called(name) if name else known(store)


def minutes_of(clock: str) -> int:
    """Minutes from midnight to a time of day; `24:00` is 1440."""
    return int(clock[:2]) * 60 + int(clock[3:])


@lru_cache(maxsize=8192)  # the schedules of a store ask for the same days and hours over and over
def instant(day: date, minutes: int, zone: tzinfo) -> datetime:
    """When clocks of `zone` first show the time `minutes` after the midnight that begins `day`, or skip it; in UTC.

    `minutes` are those of the clock, not of a stopwatch: 540 is 09:00 on every day, 1440 the next midnight. Days at
    the ends of the calendar (`9999-12-31` for ever) are the ends of time.
    """
    if not START_OF_TIME.year <= day.year < END_OF_TIME.year:
        return START_OF_TIME if day.year < START_OF_TIME.year else END_OF_TIME
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return first if first <= second else _skip(second, first, zone)


def on_clock(local: datetime, zone: tzinfo) -> datetime:
    """The instant, in UTC, at which clocks of `zone` first show a date and time, or skip it."""
    return instant(local.date(), local.hour * 60 + local.minute, zone) + timedelta(seconds=local.second)


def _skip(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The instant at which the offset changes, between one before it and one not before it."""
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def later(moment: datetime, span: timedelta) -> datetime:
    """An instant `span` later, in UTC; at most the end of time."""
    moment = moment.astimezone(UTC)
    return moment + span if span < END_OF_TIME - moment else END_OF_TIME


def days_later(moment: datetime, days: int, zone: tzinfo) -> datetime:
    """The same time of the clock on a day so many days later, in UTC; at most the end of time."""
    local = in_zone(moment, zone)
    if local.toordinal() + days >= END_OF_TIME.toordinal():
        return END_OF_TIME
    return (local + timedelta(days=days)).astimezone(UTC)


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """An instant as a zone has it; in UTC at the very ends of the calendar, where the zone may not have it."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment.astimezone(UTC)


def shown(moment: datetime, zone: tzinfo) -> str:
    """An instant for a person: `Mon 2026-11-23 08:15`; with its offset in the hour that clocks show twice."""
    local = in_zone(moment, zone)
    return f"{local:%a %Y-%m-%d} {on_the_clock(local)}"


def on_the_clock(local: datetime) -> str:
    """The time of day of an instant in its zone: `08:15`; with its offset in the hour that clocks show twice."""
    other = local.replace(fold=1 - local.fold)
    return f"{local:%H:%M}" if other.utcoffset() == local.utcoffset() else f"{local:%H:%M %z}"


def shown_near(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """The same, without its date while the weekday is enough: `Mon 08:15` is at most six days from now."""
    near = abs(moment - now) <= timedelta(days=6)
    local = in_zone(moment, zone)
    return f"{local:%a} {on_the_clock(local)}" if near else shown(moment, zone)
