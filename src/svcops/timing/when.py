"""Times as people type them: `-20m`, `08:15`, `2026-11-23T08:15`, with an offset or without.

What is given back has an offset of its own and no zone (`with_offset`), so that nobody reckons on the wall clock.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from svcops.errors import BadInput
from svcops.store.zones import known
from svcops.timing.model import format_duration, parse_duration, with_offset

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_FIRST_YEAR = 1970
_HELP = "Write -20m, 08:15, 2026-11-23T08:15 or 2026-11-23T08:15:00+01:00."
_HELP_TO_COME = "Write +30m, 08:15, 2026-11-23T08:15 or 2026-11-23T08:15:00+01:00."
_HELP_WITHOUT_ZONE = "Write -20m, or 2026-11-23T08:15:00+01:00; svcops check shows what to mend."


class BadTime(BadInput):
    """A time that cannot be read, or that says two things."""

    def __init__(self, text: str, reason: str, option: str, help: str = _HELP) -> None:
        super().__init__(f"{option} {text}: {reason}", help=help)


def parse_when(text: str, *, now: datetime, zone: tzinfo, option: str) -> datetime:
    """An instant, with the offset of the store's zone. A time of day is the last one of that reading.

    Whole seconds: nobody types, or remembers, finer ones. `option` serves the error.
    """
    text = text.strip()
    now = _whole_seconds(now)
    if text == "now":
        return with_offset(now, zone)
    if text.startswith("-"):
        try:
            return with_offset(now - parse_duration(text[1:]), zone)
        except (ValueError, OverflowError):
            raise BadTime(text, "not a span such as -20m or -1h30m", option) from None
    clock = _CLOCK.fullmatch(text)
    if clock:
        return _last(int(clock[1]), int(clock[2]), now=now, zone=zone, text=text, option=option)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadTime(text, "not a time", option) from None
    if moment.tzinfo is None:
        return _local(moment, zone, text=text, option=option)
    try:
        return with_offset(moment, zone)
    except OverflowError:
        raise BadTime(text, "outside the years 1 to 9999", option) from None


def parse_past(text: str, *, now: datetime, zone: tzinfo, option: str) -> datetime:
    """As `parse_when`, but not in the future: for what has happened."""
    if text.strip().startswith("+"):
        raise BadTime(text, "in the future, and this has happened", option)
    moment = parse_when(text, now=now, zone=zone, option=option)
    if moment.year < _FIRST_YEAR:
        raise BadTime(text, f"before {_FIRST_YEAR}", option)
    ahead = moment - now
    if ahead > timedelta(seconds=60):
        raise BadTime(text, f"{format_duration(ahead)} in the future, and this has happened", option)
    return moment


def parse_today(text: str, *, now: datetime, zone: tzinfo, option: str) -> datetime:
    """As `parse_when`, for looking at any hour, past or to come: a time of day is today's, and `+2h` is ahead."""
    return _parse_ahead(text, _today, base=now, now=now, zone=zone, option=option)


def parse_coming(text: str, *, now: datetime, zone: tzinfo, option: str, after: datetime | None = None) -> datetime:
    """As `parse_when`, for what is planned: a time of day is the next one of that reading, and `+30m` is ahead.

    Both count from `after`, such as the beginning of what is planned, or from now. The minute under way counts as to
    come: at 10:47:30, 10:47 is today's. What `parse_when` takes besides may be in the past.
    """
    return _parse_ahead(text, _next, base=after or now, now=now, zone=zone, option=option)


_OnClock = Callable[[int, int, datetime, tzinfo], datetime]
"""The time on the clock, without a zone, that an hour and a minute mean to whoever types them at an instant."""


def _parse_ahead(text: str, meant: _OnClock, *, base: datetime, now: datetime, zone: tzinfo, option: str) -> datetime:
    text = text.strip()
    base = _whole_seconds(base)
    if text.startswith("+"):
        try:
            return with_offset(base + parse_duration(text[1:]), zone)
        except (ValueError, OverflowError):
            raise BadTime(text, "not a span such as +30m or +2h", option, _HELP_TO_COME) from None
    try:
        clock = _CLOCK.fullmatch(text)
        if clock:
            return _local(meant(int(clock[1]), int(clock[2]), base, zone), zone, text=text, option=option)
        return parse_when(text, now=now, zone=zone, option=option)
    except BadTime as error:
        error.help = _HELP_TO_COME if error.help == _HELP else error.help
        raise


def _today(hour: int, minute: int, base: datetime, zone: tzinfo) -> datetime:
    return base.astimezone(zone).replace(hour=hour, minute=minute, second=0, microsecond=0, tzinfo=None, fold=0)


def _next(hour: int, minute: int, base: datetime, zone: tzinfo) -> datetime:
    """That day's, or where that is past, the next day's; of a reading that happens twice, the second has to be past."""
    day = _today(hour, minute, base, zone)
    if day.replace(tzinfo=zone, fold=1).astimezone(UTC) < base.replace(second=0):
        day += timedelta(days=1)
    return day


def _last(hour: int, minute: int, *, now: datetime, zone: tzinfo, text: str, option: str) -> datetime:
    """Today's, or where that is still to come, yesterday's."""
    today = _today(hour, minute, now, zone)
    moment = _local(today, zone, text=text, option=option)
    if moment > now:
        moment = _local(today - timedelta(days=1), zone, text=text, option=option)
    return moment


def _local(naive: datetime, zone: tzinfo, *, text: str, option: str) -> datetime:
    """A wall-clock time in the zone; refused in the hour that a clock change skips or repeats, or in no known zone."""
    try:
        known(zone)
    except ValueError as error:
        raise BadTime(text, f"a time without an offset, and {error}", option, _HELP_WITHOUT_ZONE) from None
    first, second = (naive.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        exists = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == naive
        what = "happens twice that night" if exists else "does not exist that night"
        raise BadTime(text, f"{what}, the clocks change: add an offset", option)
    offset = first.utcoffset()
    assert offset is not None
    return naive.replace(tzinfo=timezone(offset), fold=0)


def _whole_seconds(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
