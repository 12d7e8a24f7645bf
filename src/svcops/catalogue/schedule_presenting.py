"""A schedule as a person, or a program, sees it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from typing import Any

from svcops.catalogue.escalation import absent
from svcops.catalogue.facts import contacts_of
from svcops.catalogue.model import Schedule
from svcops.catalogue.oncall import Turn, gaps, next_turn, on_call, turns
from svcops.errors import BadInput
from svcops.store.frozen import frozen
from svcops.store.graph import Entry, Graph
from svcops.timing.model import format_duration, format_instant
from svcops.timing.wall import shown

COLUMNS = ("name", "on call", "until", "next", "title")
_NOBODY = "NOBODY"


@frozen
class Line:
    """A turn of somebody, or a gap: time for which the schedule asks for somebody, and nobody can come."""

    turn: Turn
    gap: bool


def coming(graph: Graph, entry: Entry[Schedule], start: datetime, end: datetime, zone: tzinfo) -> list[Line]:
    """Turns and gaps from `start` to `end`, by time; BadInput where the schedule's zone or holidays are unknown."""
    people = graph.all("person")
    try:
        found = [Line(turn, gap=False) for turn in turns(entry.value, start, end, zone) if turn.person in people]
        found += [Line(turn, gap=True) for turn in gaps(entry.value, start, end, zone, people)]
    except ValueError as error:
        raise BadInput(f"the schedule {entry.name} cannot be read: {error}", help=f"See {entry.path}.") from None
    return sorted(found, key=lambda one: one.turn.start)


def row(graph: Graph, entry: Entry[Schedule], now: datetime, zone: tzinfo) -> tuple[str, ...]:
    """One line of a list."""
    current, after = _now_and_next(entry, now, zone)
    until = shown(current.until, zone) if current and current.person else ""
    who = _short(graph, current.person) if current else "cannot be read: svcops check"
    then = f"{_short(graph, after.person)} from {shown(after.start, zone)}" if after else ""
    return (entry.name, who, until, then, entry.value.title)


def summary(graph: Graph, entry: Entry[Schedule], now: datetime, zone: tzinfo) -> dict[str, Any]:
    """A schedule in a JSON list: `on_call` is null where nobody is, or where the schedule cannot be read."""
    current, after = _now_and_next(entry, now, zone)
    schedule = entry.value
    return {
        "name": entry.name,
        "title": schedule.title,
        "team": schedule.team,
        "time_zone": schedule.time_zone or str(zone),
        "on_call": _turn_json(graph, current) if current and current.person else None,
        "next": _turn_json(graph, after) if after else None,
        "path": entry.path,
    }


def unreadable(found: Iterable[Entry[Schedule]], now: datetime, zone: tzinfo) -> list[str]:
    """The names of the schedules of which nobody can tell who is on call, as their zone is unknown."""
    return [one.name for one in found if _now_and_next(one, now, zone)[0] is None]


def detail(graph: Graph, entry: Entry[Schedule], lines: list[Line], now: datetime, zone: tzinfo) -> dict[str, Any]:
    """A schedule as one JSON object: the summary, the coming turns, and the gaps between them."""
    return {
        **summary(graph, entry, now, zone),
        "turns": [_turn_json(graph, one.turn) for one in lines if not one.gap],
        "gaps": [_turn_json(graph, one.turn) for one in lines if one.gap],
    }


def as_text(graph: Graph, entry: Entry[Schedule], lines: list[Line], now: datetime, zone: tzinfo) -> str:
    """A schedule as a page to read in a terminal."""
    return "\n".join(_lines(graph, entry, lines, now, zone))


def _lines(graph: Graph, entry: Entry[Schedule], lines: list[Line], now: datetime, zone: tzinfo) -> Iterator[str]:
    schedule = entry.value
    yield from _current(graph, schedule, on_call(schedule, now, zone), now, zone)
    yield ""
    yield f"{entry.name}  {schedule.title}"
    yield from (f"  {line}" for line in schedule.description.splitlines())
    if schedule.team:
        yield f"  team    {schedule.team}"
    yield f"  times   {zone}{f' (hand-overs: {schedule.time_zone})' if schedule.time_zone else ''}"
    yield f"  record  {entry.path}"
    if not lines:
        return
    yield ""
    yield "Turns"
    people = [_NOBODY if one.gap else _title(graph, one.turn.person) for one in lines]
    width = max(map(len, people))
    for one, who in zip(lines, people, strict=True):
        turn = one.turn
        start, until = shown(turn.start, zone), shown(turn.until, zone)
        yield f"  {start}  {until}  {who:<{width}}  {_why(graph, schedule, one)}".rstrip()


def _current(graph: Graph, schedule: Schedule, turn: Turn, now: datetime, zone: tzinfo) -> Iterator[str]:
    """Who is on call now, and how to reach them."""
    if turn.person is None:
        after = next_turn(schedule, turn.until, zone)
        then = f"; {_title(graph, after.person)} is from {shown(after.start, zone)}" if after else ""
        yield f"Nobody is on call now{then}"
        return
    left = format_duration(turn.until - now)
    yield f"On call now: {_title(graph, turn.person)} until {shown(turn.until, zone)} ({left})"
    person = graph.all("person").get(turn.person)
    contacts = contacts_of(person.value) if person else ()
    width = max((len(one.channel) for one in contacts), default=0)
    yield from (f"  {one.channel:<{width}}  {one.address}" for one in contacts)


def _why(graph: Graph, schedule: Schedule, line: Line) -> str:
    """What says so: an override with its reason; of a gap, how long it is."""
    turn = line.turn
    if line.gap:
        unknown = f", {turn.person} is {absent(graph, turn.person, 'person')}" if turn.person else ""
        return f"gap of {format_duration(turn.until - turn.start)}{unknown}"
    if turn.source and turn.source[0] == "overrides":
        reason = schedule.overrides[turn.source[1]].reason
        return f"override: {reason}" if reason else "override"
    return f"rotation {turn.source[1] + 1}" if turn.source and len(schedule.rotations) > 1 else ""


def _now_and_next(entry: Entry[Schedule], now: datetime, zone: tzinfo) -> tuple[Turn | None, Turn | None]:
    """The turn of now and the next one of somebody; nothing where the schedule cannot be read."""
    try:
        current = on_call(entry.value, now, zone)
        return current, next_turn(entry.value, current.until, zone)
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
