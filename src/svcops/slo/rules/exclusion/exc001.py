"""An exclusion that cannot hold: it excludes nothing, or no one can tell what."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.slo.exclusion import Exclusion, Recurring
from svcops.store.entries import Entry

_LEAP = 2000
"""A year in which February is as long as it can be."""


def _find(context: Context) -> Iterator[Finding]:
    for entry in context.graph.all("exclusion").values():
        yield from _of_what(entry)
        yield from _times(entry)
        for number, one in enumerate(entry.value.recurring):
            yield from _recurring(entry, number, one)


def _of_what(entry: Entry[Exclusion]) -> Iterator[Finding]:
    of = entry.value
    if not of.slos and not of.services:
        yield Finding("EXC001", "it is about no SLO and no service", entry.at(), "Name slos, or services.")
    if not of.times and not of.recurring and not of.maintenance:
        help_ = "Write times, recurring, or maintenance: true."
        yield Finding("EXC001", "it excludes no time", entry.at(), help_)
    if of.maintenance and not of.services:
        help_ = "Maintenance is of services: name them."
        yield Finding("EXC001", "the maintenance of no service", entry.at("maintenance"), help_)


def _times(entry: Entry[Exclusion]) -> Iterator[Finding]:
    for number, one in enumerate(entry.value.times):
        if one.until <= one.from_:
            related = (Related("it begins here", entry.at("times", number, "from")),)
            at = entry.at("times", number, "until")
            yield Finding("EXC001", "it is over before it begins", at, "Correct one of the two.", related=related)


def _recurring(entry: Entry[Exclusion], number: int, one: Recurring) -> Iterator[Finding]:
    from dateutil.rrule import rrulestr

    from svcops.timing.wall import zone_called

    try:
        first = datetime.fromisoformat(one.start)
    except ValueError:
        at = entry.at("recurring", number, "start")
        yield Finding("EXC001", f"{one.start} is no time of the calendar", at, "Such as 2026-01-04T02:00.")
        return
    try:
        zone_called(one.time_zone)
    except ValueError:
        at = entry.at("recurring", number, "time_zone")
        yield Finding("EXC001", f"{one.time_zone} is a zone that nobody knows", at, "Such as Europe/Berlin.")
    if not one.duration:
        at = entry.at("recurring", number, "duration")
        yield Finding("EXC001", "it takes no time", at, "Such as 2h.")
    try:
        rule = rrulestr(one.rule, dtstart=first)
    except (ValueError, KeyError, TypeError) as error:
        at = entry.at("recurring", number, "rule")
        yield Finding("EXC001", f"{one.rule} is no recurrence: {error}", at, "Such as FREQ=WEEKLY;BYDAY=SU.")
        return
    if not _has_a_day(one.rule) or next(iter(rule), None) is None:
        at = entry.at("recurring", number, "rule")
        yield Finding("EXC001", f"{one.rule} never comes", at, "It has no day after its start.")


def _has_a_day(rule: str) -> bool:
    """Whether some of its months have some of its days: quick, where dateutil would look through 8,000 years."""
    parts = dict(part.split("=") for part in rule.split(";"))
    days, months = (
        [int(one) for one in parts[key].split(",")] if key in parts else [] for key in ("BYMONTHDAY", "BYMONTH")
    )
    longest = max(monthrange(_LEAP, month)[1] for month in months or [1])
    return not days or any(abs(day) <= longest for day in days)


RULE = Rule("EXC001", "an exclusion that cannot hold", find=_find)
