"""When somebody attends: opening hours on the wall clock, without holidays, as instants.

Pure; everything given back is in UTC. What holds:

- A stretch past midnight belongs to the day on which it begins: a holiday on that day takes all of it, one on the next
  day nothing. Stretches that overlap or adjoin are one.
- Hours are those of the wall clock. `svcops.timing.wall` says which instant a time is on the nights on which clocks
  change: 22:00 to 06:00 is 7 hours when they go forward and 9 when they go back. A stretch that ends in the hour that
  is skipped ends when the clocks skip; one that ends in the hour that comes twice ends the first time.
- `closed` goes before `open_on`, `open_on` before the holidays. On a day of `open_on` the hours of its weekday hold.
- Days are looked at one by one, and only as far as needed.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal, NamedTuple

from svcops.timing.model import Hours, OpenHours
from svcops.timing.public_holidays import holidays_in
from svcops.timing.wall import END_OF_TIME, instant, later, minutes_of, zone_of_its_own

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 24 * 60
_NEVER = 400
"""Days without an opening after which there is none: more than a year, and not much work."""
FARTHEST = timedelta(days=3653)
"""How far ahead an end is worked out, ten years: nobody plans farther, and every day until then is looked at."""


class Interval(NamedTuple):
    """The instants from `start` to before `end`."""

    start: datetime
    end: datetime


class OpenTimes:
    """The instants at which somebody attends. `zone` is for hours that name none.

    ValueError where nobody knows the zone, or the holidays that the hours name.
    """

    def __init__(self, hours: Hours | Literal["always"], zone: tzinfo) -> None:
        self.hours = hours
        if isinstance(hours, Hours):
            self._zone = zone_of_its_own(hours.time_zone, zone)
            self._week = _week(hours.open)
            self._closed = frozenset(map(date.fromisoformat, hours.closed))
            self._open_on = frozenset(map(date.fromisoformat, hours.open_on))
            self._holidays = hours.holidays

    @property
    def is_always(self) -> bool:
        """Whether it is written as open always; hours that leave nothing out are not looked at for that."""
        return self.hours == "always"

    def is_open(self, at: datetime) -> bool:
        """Whether somebody attends at an instant."""
        return any(self.within(at, later(at, datetime.resolution)))

    def next_change(self, at: datetime, before: datetime | None = None) -> datetime | None:
        """When it next opens or closes after `at`; None where it does not before `before`, or within 400 days."""
        limit = before or later(at, timedelta(days=_NEVER))
        first = next(self.within(at, limit), None)
        if first is None:
            return None
        change = first.start if first.start > at else first.end
        return change if change < limit else None

    def within(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """The intervals from `start` to before `end` in which it is open: in order, as long as can be, found lazily."""
        end = end.astimezone(UTC)
        if start >= end:
            return
        held: Interval | None = None
        for piece in self._pieces(start, end):
            found = piece if piece.end <= end else Interval(piece.start, end)
            if held and found.start <= held.end:
                found = Interval(held.start, found.end)
            elif held:
                yield held
            held = found
        if held:
            yield held

    def add(self, start: datetime, span: timedelta) -> datetime | None:
        """The first instant by which it has been open for `span` since `start`; None where that is past `FARTHEST`."""
        if not span:
            return start.astimezone(UTC)
        limit = later(start, FARTHEST)
        if span > limit - start:
            return None
        for piece in self._pieces(start, limit):
            if span <= piece.end - piece.start:
                return piece.start + span if piece.start + span <= limit else None
            span -= piece.end - piece.start
        return None

    def between(self, start: datetime, end: datetime) -> timedelta:
        """For how long it is open from `start` to before `end`; zero where `end` is not after `start`."""
        return sum((one.end - one.start for one in self.within(start, end)), timedelta())

    def _pieces(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """What is open after `start`, in order and without overlaps; the last one may end after `end`."""
        reached = start.astimezone(UTC)
        if not isinstance(self.hours, Hours):
            yield Interval(reached, end)
            return
        quiet, last = 0, end.astimezone(self._zone).date()
        for day in _days_from(reached.astimezone(self._zone).date()):
            quiet += 1
            for opens, closes in self._on(day):
                start = max(reached, opens)
                if start >= end:
                    return
                if closes > start:
                    yield Interval(start, closes)
                    reached, quiet = closes, 0
            if quiet > _NEVER or day > last:
                return

    def _on(self, day: date) -> list[tuple[datetime, datetime]]:
        """The stretches that begin on a day: from when, until when."""
        stretches = self._week[day.weekday()]
        if not stretches or not self._attended(day):
            return []
        return [(instant(day, opens, self._zone), instant(day, closes, self._zone)) for opens, closes in stretches]

    def _attended(self, day: date) -> bool:
        if day in self._closed:
            return False
        if not self._holidays or day in self._open_on:
            return True
        return day not in holidays_in(self._holidays, day.year)


def weekdays(days: str) -> list[int]:
    """The numbers of the days of `sat`, `mon-fri` or `fri-mon`, Monday being 0."""
    first, _, last = days.partition("-")
    start, end = _WEEKDAYS.index(first), _WEEKDAYS.index(last or first)
    return [(start + number) % 7 for number in range((end - start) % 7 + 1)]


def opened(hours: Hours) -> tuple[str, ...]:
    """The days of `open_on` on which somebody attends: that are not closed, and whose weekday has hours."""
    covered = weekdays_of(hours.open)
    days = (one for one in hours.open_on if one not in hours.closed)
    return tuple(one for one in days if date.fromisoformat(one).weekday() in covered)


def weekdays_of(stretches: tuple[OpenHours, ...]) -> frozenset[int]:
    """The numbers of the days on which some of these stretches begin."""
    return frozenset(number for one in stretches for days in one.days for number in weekdays(days))


def _week(stretches: tuple[OpenHours, ...]) -> list[list[tuple[int, int]]]:
    """By weekday, from when until when it is open, in minutes after midnight, sorted."""
    week: list[list[tuple[int, int]]] = [[] for _ in _WEEKDAYS]
    for one in stretches:
        opens, closes = minutes_of(one.from_), minutes_of(one.until)
        for number in {number for days in one.days for number in weekdays(days)}:
            week[number].append((opens, closes if closes > opens else closes + _DAY))
    return [sorted(day) for day in week]


def _days_from(day: date) -> Iterator[date]:
    """The day before `day`, whose stretches may go on, then every day to the end of time."""
    for ordinal in range(max(day.toordinal() - 1, 2), END_OF_TIME.toordinal()):
        yield date.fromordinal(ordinal)
