"""A schedule as a person, or a program, sees it."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from typing import Any

from svcops.catalogue.facts import absent, contacts_of
from svcops.catalogue.model import Schedule
from svcops.catalogue.oncall import Turn, gaps, is_relieved, next_turn, on_call, turns
from svcops.catalogue.shifts import Line, Shift, shifts
from svcops.errors import BadInput
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.zones import UnknownZone
from svcops.timing.model import format_duration, format_instant
from svcops.timing.wall import shown

COLUMNS = ("name", "on call", "until", "next", "title")
_NOBODY = "NOBODY"


@frozen
class Outlook:
    """The turns and gaps of a schedule from `start` to before `end`, by time."""

    start: datetime
    end: datetime
    lines: list[Line]


def outlook(graph: Graph, entry: Entry[Schedule], start: datetime, end: datetime, zone: tzinfo) -> Outlook:
    """What is to come from `start` to `end`; BadInput where the schedule's zone or holidays are unknown."""
    people = graph.all("person")
    try:
        found = [Line(turn, gap=False) for turn in turns(entry.value, start, end, zone) if turn.person in people]
        found += [Line(turn, gap=True) for turn in gaps(entry.value, start, end, zone, people)]
    except ValueError as error:
        raise BadInput(f"the schedule {entry.name} cannot be read: {error}", help=f"See {entry.path}.") from None
    return Outlook(start, end, sorted(found, key=lambda one: one.turn.start))


def row(graph: Graph, entry: Entry[Schedule], now: datetime, zone: tzinfo) -> tuple[str, ...]:
    """One line of a list."""
    current, after = _now_and_next(entry, now, zone)
    if current is None:
        return (entry.name, "cannot be read: svcops check", "", "", entry.value.title)
    until = _end(current, now, zone) if current.person else ""
    then = f"{_short(graph, after.person)} from {shown(after.start, zone)}" if after else ""
    return (entry.name, _short(graph, current.person), until, then, entry.value.title)


def summary(graph: Graph, entry: Entry[Schedule], now: datetime, zone: tzinfo) -> dict[str, Any]:
    """A schedule in a JSON list: `on_call` is null where nobody is, or where the schedule cannot be read.

    Its `until` is null where nobody takes over in sight, and `time_zone` where nobody knows the store's.
    """
    current, after = _now_and_next(entry, now, zone)
    schedule = entry.value
    return {
        "name": entry.name,
        "title": schedule.title,
        "team": schedule.team,
        "time_zone": schedule.time_zone or (None if isinstance(zone, UnknownZone) else str(zone)),
        "on_call": _on_call_json(graph, current, now) if current and current.person else None,
        "next": _turn_json(graph, after) if after else None,
        "path": entry.path,
    }


def unreadable(found: Iterable[Entry[Schedule]], now: datetime, zone: tzinfo) -> list[str]:
    """The names of the schedules of which nobody can tell who is on call, as their zone is unknown."""
    return [one.name for one in found if _now_and_next(one, now, zone)[0] is None]


def detail(graph: Graph, entry: Entry[Schedule], ahead: Outlook, now: datetime, zone: tzinfo) -> dict[str, Any]:
    """A schedule as one JSON object: the summary, every turn of the time looked at, and the gaps between them."""
    return {
        **summary(graph, entry, now, zone),
        "from": format_instant(ahead.start.astimezone(UTC)),
        "until": format_instant(ahead.end.astimezone(UTC)),
        "turns": [_turn_json(graph, one.turn) for one in ahead.lines if not one.gap],
        "gaps": [_turn_json(graph, one.turn) for one in ahead.lines if one.gap],
    }


def as_text(graph: Graph, entry: Entry[Schedule], ahead: Outlook, now: datetime, zone: tzinfo) -> str:
    """A schedule as a page to read in a terminal."""
    return "\n".join(_lines(graph, entry, ahead, now, zone))


def _lines(graph: Graph, entry: Entry[Schedule], ahead: Outlook, now: datetime, zone: tzinfo) -> Iterator[str]:
    schedule = entry.value
    yield from _current(graph, schedule, now, zone)
    yield ""
    yield f"{entry.name}  {schedule.title}"
    yield from (f"  {line}" for line in schedule.description.splitlines())
    if schedule.team:
        yield f"  team    {schedule.team}"
    yield f"  times   {zone}{f' (hand-overs: {schedule.time_zone})' if schedule.time_zone else ''}"
    yield f"  record  {entry.path}"
    yield ""
    yield f"Turns from {shown(ahead.start, zone)} until {shown(ahead.end, zone)}"
    found = shifts(ahead.lines, zone, ahead.end)
    rows = [
        (
            shown(one.start, zone),
            shown(one.until, zone),
            _NOBODY if one.gap else _title(graph, one.person),
            ", ".join(filter(None, (_hours(one, zone), *_why(graph, schedule, one, zone)))),
        )
        for one in found
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    if not found:
        yield "  nobody, and nobody is asked for"


def _current(graph: Graph, schedule: Schedule, now: datetime, zone: tzinfo) -> Iterator[str]:
    """Who is on call now, and how to reach them."""
    turn = on_call(schedule, now, zone)
    if turn.person is None:
        after = _after(schedule, turn, now, zone)
        then = f"; {_title(graph, after.person)} is from {shown(after.start, zone)}" if after else ""
        yield f"Nobody is on call now{then}"
        return
    left = f" ({format_duration(turn.until - now)})" if is_relieved(turn, now) else ""
    yield f"On call now: {_title(graph, turn.person)} until {_end(turn, now, zone)}{left}"
    person = graph.all("person").get(turn.person)
    contacts = contacts_of(person.value) if person else ()
    width = max((len(one.channel) for one in contacts), default=0)
    yield from (f"  {one.channel:<{width}}  {one.address}" for one in contacts)


def _after(schedule: Schedule, current: Turn, now: datetime, zone: tzinfo) -> Turn | None:
    """The first turn after that of now; None where there is none, or nobody relieves who is on call."""
    ends = current.person is None or is_relieved(current, now)
    return next_turn(schedule, current.until, zone) if ends else None


def _end(turn: Turn, now: datetime, zone: tzinfo) -> str:
    return shown(turn.until, zone) if is_relieved(turn, now) else "further notice"


def _hours(shift: Shift, zone: tzinfo) -> str:
    """At which hours it is, where it is so every day."""
    if shift.daily is None:
        return ""
    begin, end = (moment.astimezone(zone) for moment in shift.daily)
    return f"daily {begin:%H:%M} to {end:%H:%M}"


def _why(graph: Graph, schedule: Schedule, shift: Shift, zone: tzinfo) -> Iterator[str]:
    """What says so, each once: overrides with their reasons, rotations where there are several; of a gap, how long."""
    if shift.gap:
        yield "gap" if shift.daily else f"gap of {format_duration(shift.until - shift.start)}"
        if shift.person:
            yield f"{shift.person} is {absent(graph, shift.person, 'person')}"
        return
    firsts: dict[object, Turn] = {}
    for turn in shift.turns:
        firsts.setdefault(turn.source, turn)
    for turn in firsts.values():
        kind, number = turn.source or ("", 0)
        if kind == "overrides":
            reason = schedule.overrides[number].reason
            yield f"override{_part(turn, shift, zone)}{f': {reason}' if reason else ''}"
        elif len(schedule.rotations) > 1:
            yield f"rotation {number + 1}"


def _part(turn: Turn, shift: Shift, zone: tzinfo) -> str:
    """When an override is, which is only part of what it is told with."""
    begin = f" from {shown(turn.start, zone)}" if turn.start > shift.start else ""
    return begin + (f" until {shown(turn.until, zone)}" if turn.until < shift.until else "")


def _now_and_next(entry: Entry[Schedule], now: datetime, zone: tzinfo) -> tuple[Turn | None, Turn | None]:
    """The turn of now and the next one of somebody; nothing where the schedule cannot be read."""
    try:
        current = on_call(entry.value, now, zone)
        return current, _after(entry.value, current, now, zone)
    except ValueError:
        return None, None


def _short(graph: Graph, name: str | None) -> str:
    """What people call them; lists are narrow."""
    person = graph.all("person").get(name or "")
    return person.value.name if person else _title(graph, name)


def _title(graph: Graph, name: str | None) -> str:
    if name is None:
        return "nobody"
    person = graph.all("person").get(name)
    return f"{person.value.name} ({name})" if person else f"{name} ({absent(graph, name, 'person')})"


def _on_call_json(graph: Graph, turn: Turn, now: datetime) -> dict[str, Any]:
    found = _turn_json(graph, turn)
    return found if is_relieved(turn, now) else {**found, "until": None}


def _turn_json(graph: Graph, turn: Turn) -> dict[str, Any]:
    """A turn: instants in UTC; `source` is the way to what says so in the record."""
    person = graph.all("person").get(turn.person or "")
    return {
        "from": format_instant(turn.start),
        "until": format_instant(turn.until),
        "person": turn.person,
        "title": person.value.name if person else None,
        "source": list(turn.source) if turn.source else None,
    }
