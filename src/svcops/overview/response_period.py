"""The days that a report is about, and as many days before them. Pure; a day is one of the store's time zone."""

import re
from datetime import date, datetime, timedelta, tzinfo

from svcops.errors import BadInput
from svcops.store.frozen import frozen
from svcops.timing.model import parse_duration
from svcops.timing.wall import instant

USUAL = 90
"""Days of a report that names no first one: a quarter."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NO_DAY = re.compile("-0+[a-z]+")
_YEARS = range(1970, 9001)
_HELP = "Write a day as 2026-11-01, or how many days ago it was: -90d."


class BadDay(BadInput):
    """A day that cannot be read, or that no report can be about."""

    def __init__(self, text: str, reason: str, option: str) -> None:
        super().__init__(f"{option} {text}: {reason}", help=_HELP)


@frozen
class Period:
    """From the first day to the last one, both of them in it, on the calendar of a zone."""

    first: date
    last: date
    zone: tzinfo

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        """The instant at which it begins, in UTC."""
        return instant(self.first, 0, self.zone)

    @property
    def end(self) -> datetime:
        """The instant before which it ends, in UTC."""
        return instant(self.last + timedelta(days=1), 0, self.zone)

    @property
    def before(self) -> "Period":
        """As many days, which end where this begins."""
        length = timedelta(days=self.days)
        return Period(self.first - length, self.last - length, self.zone)

    @property
    def with_month_before(self) -> "Period":
        """The same, from the first day of the month before the one in which it begins."""
        return Period((self.first.replace(day=1) - timedelta(days=1)).replace(day=1), self.last, self.zone)

    def has_all_of(self, month: str) -> bool:
        """Whether every day of a month, as 2026-11, is one of its days."""
        first = date.fromisoformat(f"{month}-01")
        after = (first + timedelta(days=31)).replace(day=1)
        return self.first <= first and after - timedelta(days=1) <= self.last

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


def month_before(month: str) -> str:
    """The month before one, both as 2026-11."""
    return f"{date.fromisoformat(f'{month}-01') - timedelta(days=1):%Y-%m}"


def period(since: str, until: str, *, now: datetime, zone: tzinfo) -> Period:
    """The days from `since` to `until`, as people type them: 2026-11-01, -90d; at most until today.

    Without `until` it ends today, without `since` it is the 90 days until its end. `-90d` is as many days, too: so
    many until today, with today. BadInput where a day cannot be read, or the first is after the last.
    """
    today = now.astimezone(zone).date()
    last = min(_day(until, today, "--until"), today) if until else today
    if _NO_DAY.fullmatch(since.strip()):
        raise BadDay(since, "no day is meant; -1d is today alone", "--since")
    first = _day(since, today + timedelta(days=1), "--since") if since else last - timedelta(days=USUAL - 1)
    if first > today:
        raise BadDay(since, "a day that is still to come", "--since")
    if first > last:
        raise BadDay(since, f"after the last day, {last}", "--since")
    return Period(first, last, zone)


def _day(text: str, today: date, option: str) -> date:
    given = text.strip()
    try:
        found = today - _whole_days(given[1:]) if given.startswith("-") else _on_calendar(given)
    except (ValueError, OverflowError):
        raise BadDay(text, "no day of the calendar", option) from None
    if found.year not in _YEARS:
        raise BadDay(text, f"outside the years {_YEARS[0]} to {_YEARS[-1]}", option)
    return found


def _whole_days(text: str) -> timedelta:
    span = parse_duration(text)
    if span % timedelta(days=1):
        raise ValueError("not whole days")
    return span


def _on_calendar(text: str) -> date:
    if not _DAY.fullmatch(text):
        raise ValueError("not a day such as 2026-11-01")
    return date.fromisoformat(text)
