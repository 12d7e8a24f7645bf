"""Hours at which nobody is on call."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, tzinfo
from itertools import islice

from svcops.catalogue.agreements import zone_of
from svcops.catalogue.model import Schedule
from svcops.catalogue.oncall import AHEAD, Turn, faults, gaps
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.store.entries import Entry
from svcops.timing.model import format_duration
from svcops.timing.wall import later, shown

_MOST = 3
"""Gaps of one schedule that are told one by one; most schedules that have more have them every day."""
_GIST = "nobody is on call"
"""Of a gap that is there every day, tomorrow's is the same finding; one more than there were is a new one."""


def _find(context: Context) -> Iterator[Finding]:
    zone = zone_of(context.graph)
    end = later(context.now, context.graph.settings.policy.on_call_ahead)
    for entry in context.graph.all("schedule").values():
        if not any(faults(entry.value)):
            told = _judge(entry, context.now, end, zone)
            yield from (replace(one, nth=number) for number, one in enumerate(told))


def _judge(entry: Entry[Schedule], now: datetime, end: datetime, zone: tzinfo) -> Iterator[Finding]:
    try:
        found = list(_merged(gaps(entry.value, now, end, zone)))
        if found and found[-1].until >= end:  # it goes on: until when?
            found[-1] = next(_merged(gaps(entry.value, found[-1].start, later(end, AHEAD), zone)))
    except ValueError:  # hours that cannot be told are HRS001's
        return
    help_ = "Add an override for these hours, or a rotation that has them; svcops schedule show " + entry.name + "."
    for gap in islice(found, _MOST):
        message = f"nobody is on call {_when(entry.value, gap, now, later(end, AHEAD), zone)}"
        yield Finding("SCH001", message, entry.at("rotations"), help_, gist=_GIST)
    if len(found) > _MOST:
        more = len(found) - _MOST
        span = format_duration(end - now)
        message = f"nobody is on call on {more} more {'occasion' if more == 1 else 'occasions'} within {span}"
        yield Finding("SCH001", message, entry.at("rotations"), help_, gist=_GIST)


def _merged(found: Iterator[Turn]) -> Iterator[Turn]:
    """Gaps that adjoin as one."""
    held: Turn | None = None
    for gap in found:
        if held and held.until == gap.start:
            held = Turn(held.start, gap.until, None, None)
        else:
            if held:
                yield held
            held = gap
    if held:
        yield held


def _when(schedule: Schedule, gap: Turn, now: datetime, seen: datetime, zone: tzinfo) -> str:
    """From when until when; `seen`, where looking ended, and the present moment are no such times."""
    start = "at this moment" if gap.start <= now else f"from {shown(gap.start, zone)}"
    if gap.until < seen:
        return f"{start} until {shown(gap.until, zone)}"
    more = "not before " + shown(seen, zone) if _goes_on(schedule, seen) else "at no time after that"
    return f"{start}, and {more}"


def _goes_on(schedule: Schedule, after: datetime) -> bool:
    """Whether a rotation or an override ends after an instant, or never."""
    day = after.date().isoformat()
    ends_later = any(one.until is None or one.until > day for one in schedule.rotations)
    return ends_later or any(one.until > after for one in schedule.overrides)


RULE = Rule("SCH001", "hours at which nobody is on call", find=_find)
