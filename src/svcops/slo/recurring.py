"""Times that come again and again: what is wrong with how they are written, and when they are. Pure."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime, timedelta

from svcops.slo.exclusion import Recurring
from svcops.timing.faults import Fault
from svcops.timing.hours import Interval
from svcops.timing.wall import on_clock, zone_called

_FARTHEST = timedelta(days=2)
"""By how much a wall clock and UTC differ at most, on the safe side."""
_LEAP = 2000
"""A year in which February is as long as it can be."""
_NUMBERED = re.compile(r"[+-]?(\d+)[A-Z]{2}")
_OF_A_MONTH, _OF_A_YEAR = 5, 53
"""So many Mondays there are at most."""


def recurrences(of: Recurring, start: datetime, end: datetime) -> Iterator[Interval]:
    """The times of a recurrence without faults that reach into (start, end], by its clocks (RFC 5545, 3.8.5.3)."""
    from dateutil.rrule import rrulestr

    zone = zone_called(of.time_zone)
    first = datetime.fromisoformat(of.start)
    rule = rrulestr(of.rule, dtstart=first)
    length = of.duration
    from_local = start.astimezone(zone).replace(tzinfo=None) - length - _FARTHEST
    until_local = end.astimezone(zone).replace(tzinfo=None) + _FARTHEST
    for local in rule.between(from_local, until_local, inc=True):
        begun = on_clock(local, zone)
        if begun < end and start < begun + length:
            yield Interval(begun, begun + length)


def faults_of(of: Recurring) -> Iterator[Fault]:
    """What makes a recurrence such that nobody can tell when it is, or such that it is never."""
    try:
        first = datetime.fromisoformat(of.start)
    except ValueError:
        yield Fault(("start",), f"{of.start} is no time of the calendar", "Such as 2026-01-04T02:00.")
        return
    try:
        zone_called(of.time_zone)
    except ValueError:
        yield Fault(("time_zone",), f"{of.time_zone} is a zone that nobody knows", "Such as Europe/Berlin.")
    if not of.duration:
        yield Fault(("duration",), "it takes no time", "Such as 2h.")
    yield from _of_rule(of.rule, first)


def _of_rule(written: str, first: datetime) -> Iterator[Fault]:
    from dateutil.rrule import rrulestr

    try:
        rule = rrulestr(written, dtstart=first)
        _check_numbers(_parts(written))
    except (ValueError, KeyError, TypeError) as error:
        yield Fault(("rule",), f"{written} is no recurrence: {error}", "Such as FREQ=WEEKLY;BYDAY=SU.")
        return
    if not _has_a_day(_parts(written)) or next(iter(rule), None) is None:
        yield Fault(("rule",), f"{written} never comes", "It has no day after its start.")


def _parts(rule: str) -> dict[str, str]:
    return dict(part.split("=") for part in rule.split(";"))


def _check_numbers(parts: dict[str, str]) -> None:
    """ValueError where RFC 5545 has no such number; dateutil lets them pass, and stumbles over them later."""
    if not all(1 <= month <= 12 for month in _numbers(parts, "BYMONTH")):
        raise ValueError("months are 1 to 12")
    if 0 in _numbers(parts, "BYMONTHDAY"):
        raise ValueError("no month has a day 0")
    most = _OF_A_YEAR if parts["FREQ"] == "YEARLY" and "BYMONTH" not in parts else _OF_A_MONTH
    found = map(_NUMBERED.fullmatch, parts.get("BYDAY", "").split(","))
    if not all(1 <= int(one[1]) <= most for one in found if one):
        raise ValueError(f"a weekday is counted from 1 to {most}")


def _numbers(parts: dict[str, str], key: str) -> list[int]:
    return [int(one) for one in parts[key].split(",")] if key in parts else []


def _has_a_day(parts: dict[str, str]) -> bool:
    """Whether some of its months have some of its days: quick, where dateutil would look through 8,000 years."""
    days, months = _numbers(parts, "BYMONTHDAY"), _numbers(parts, "BYMONTH")
    longest = max(monthrange(_LEAP, month)[1] for month in months or [1])
    return not days or any(abs(day) <= longest for day in days)
