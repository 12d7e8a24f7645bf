"""Who is on call when, by a schedule: its overrides, then its rotations. Pure; instants given back are in UTC.

Hand-overs are times of the wall clock in the zone of the schedule: 09:00 stays 09:00 when clocks change. A rotation
begins at the hand-over of the day `starts`, and ends at that of the day `until`, so that the next may begin there. One
that cannot hold (rule SCH002 says why) has nobody.
"""

from bisect import bisect_right
from collections.abc import Container, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from heapq import heappop, heappush
from itertools import pairwise
from typing import Literal

from svcops.catalogue.model import Override, Rotation, Schedule
from svcops.checking.model import KeyPath
from svcops.store.frozen import frozen
from svcops.timing.faults import Fault, faults_of_zone
from svcops.timing.hours import OpenTimes
from svcops.timing.model import Hours, format_duration
from svcops.timing.wall import END_OF_TIME, instant, later, minutes_of, zone_called

AHEAD = timedelta(days=400)
"""How far ahead the end of a turn, or the next one, is looked for."""

_DAY = timedelta(days=1)


@frozen
class Turn:
    """A person, or nobody, from `start` to before `until`; `source` is the way to what says so in the schedule."""

    start: datetime
    until: datetime
    person: str | None
    source: tuple[Literal["overrides", "rotations"], int] | None


def on_call(schedule: Schedule, at: datetime, zone: tzinfo) -> Turn:
    """Who is on call at an instant, and until their turn, its hours or the override ends (at most `AHEAD`).

    `zone` is the store's, for a schedule that names none. ValueError where the schedule's zone is unknown.
    """
    end = later(at, AHEAD)
    return _turn(_layers(schedule, at, end, zone), at.astimezone(UTC), end)


def next_turn(schedule: Schedule, after: datetime, zone: tzinfo) -> Turn | None:
    """The turn of the first person who is on call at or after an instant, as `on_call`; None where there is none."""
    end = later(after, AHEAD)
    return next((turn for turn in turns(schedule, after, end, zone) if turn.person), None)


def turns(schedule: Schedule, start: datetime, end: datetime, zone: tzinfo) -> Iterator[Turn]:
    """The turns from `start` to before `end`, without a break between them: where there is nobody, a turn of nobody.

    The first and the last may have begun before, and go on after.
    """
    return _walk(_layers(schedule, start, end, zone), start, end)


def gaps(
    schedule: Schedule, start: datetime, end: datetime, zone: tzinfo, known: Container[str] | None = None
) -> Iterator[Turn]:
    """When the hours of the schedule ask for somebody, and there is nobody, or a person who is not among `known`.

    Hours of the schedule that name no zone are in the schedule's. ValueError where a zone or holidays are unknown.
    """
    asked = OpenTimes(schedule.hours, _zone(schedule, zone))
    layers = _layers(schedule, start, end, zone)
    for interval in asked.within(start, end):
        for turn in _walk(layers, interval.start, interval.end):
            if turn.person is None or (known is not None and turn.person not in known):
                yield turn


def faults(schedule: Schedule) -> Iterator[Fault]:
    """What makes a schedule one that cannot hold; its `hours` are judged apart."""
    if schedule.time_zone:
        yield from faults_of_zone(schedule.time_zone)
    if not schedule.rotations:
        yield Fault(("rotations",), "a schedule without a rotation", "Add one: people, and the day on which it starts.")
    for number, rotation in enumerate(schedule.rotations):
        yield from _faults_of_rotation(rotation, ("rotations", number))
    for number, one in enumerate(schedule.overrides):
        if one.until <= one.from_:
            help_ = "Write when it ends, or take the override away."
            yield Fault(("overrides", number, "until"), "an override that ends before it begins", help_)


def _faults_of_rotation(one: Rotation, keys: KeyPath) -> Iterator[Fault]:
    if not one.people:
        yield Fault((*keys, "people"), "a rotation without people", "Name at least one person.")
    if one.turn < _DAY or one.turn % _DAY:
        message = f"a turn of {format_duration(one.turn)}: not whole days"
        yield Fault((*keys, "turn"), message, "Write 1d, 7d, 2w; hours tell which part of a day.")
    if one.until and one.until <= one.starts:
        yield Fault(
            (*keys, "until"), f"ends on {one.until}, and starts on {one.starts}", "Write the first day without it."
        )


_Source = tuple[Literal["overrides", "rotations"], int]


class _Overrides:
    """A layer: the overrides, of several at one instant the last one written.

    Laid out once as stretches that follow one another, so that a long list of them costs no more at every turn.
    """

    def __init__(self, overrides: list[tuple[int, Override]]) -> None:
        self._stretches = _laid_out(overrides)
        self._starts = [one.start for one in self._stretches]

    def at(self, moment: datetime, limit: datetime) -> Turn:
        """Who it is at an instant, and until when that stays so, as far as `limit`."""
        number = bisect_right(self._starts, moment)
        held = self._stretches[number - 1] if number else None
        if held and moment < held.until:
            return Turn(moment, min(limit, held.until), held.person, held.source)
        coming = self._starts[number] if number < len(self._starts) else limit
        return Turn(moment, min(limit, coming), None, None)


def _laid_out(overrides: list[tuple[int, Override]]) -> list[Turn]:
    """The overrides as turns in order, without overlaps: at every instant the one with the highest number."""
    waiting = sorted(((one.from_.astimezone(UTC), -number, one) for number, one in overrides), reverse=True)
    edges = sorted({edge.astimezone(UTC) for _, one in overrides for edge in (one.from_, one.until)})
    running: list[tuple[int, datetime, str]] = []
    found: list[Turn] = []
    for start, end in pairwise(edges):
        while waiting and waiting[-1][0] <= start:
            _, rank, one = waiting.pop()
            heappush(running, (rank, one.until.astimezone(UTC), one.person))
        while running and running[0][1] <= start:
            heappop(running)
        if not running:
            continue
        source: _Source = ("overrides", -running[0][0])
        if found and found[-1].source == source and found[-1].until == start:
            found[-1] = replace(found[-1], until=end)
        else:
            found.append(Turn(start, end, running[0][2], source))
    return found


@frozen
class _Rotation:
    """A layer: people who take turns of whole days. The number of a turn is calculated, not counted."""

    source: _Source
    people: tuple[str, ...]
    first: date
    days: int
    minutes: int
    end: datetime
    zone: tzinfo
    open: OpenTimes | None

    def at(self, moment: datetime, limit: datetime) -> Turn:
        """Who it is at an instant, and until when that stays so, as far as `limit`."""
        person, until = self._at(moment, limit)
        return Turn(moment, until, person, self.source if person else None)

    def _at(self, moment: datetime, limit: datetime) -> tuple[str | None, datetime]:
        if moment < self._starts(0):
            return None, min(limit, self._starts(0))
        if moment >= self.end:
            return None, limit
        number = (moment.astimezone(self.zone).date() - self.first).days // self.days
        if moment < self._starts(number):
            number -= 1
        person = self.people[number % len(self.people)]
        until = min(limit, self.end, self._starts(number + 1))
        if self.open is None:
            return person, until
        stretch = next(self.open.within(moment, until), None)
        if stretch is None:
            return None, until
        return (None, stretch.start) if moment < stretch.start else (person, stretch.end)

    def _starts(self, number: int) -> datetime:
        """When a turn starts; turns after the end of time start there."""
        ordinal = self.first.toordinal() + number * self.days
        if ordinal >= END_OF_TIME.toordinal():
            return END_OF_TIME
        return instant(date.fromordinal(ordinal), self.minutes, self.zone)


def _walk(layers: list[_Overrides | _Rotation], start: datetime, end: datetime) -> Iterator[Turn]:
    """The turns from `start` to before `end`; what follows one another and says the same is one turn."""
    at, end = start.astimezone(UTC), end.astimezone(UTC)
    held: Turn | None = None
    while at < end:
        turn = _turn(layers, at, end)
        if held and (held.person, held.source) == (turn.person, turn.source):
            held = replace(held, until=turn.until)
        else:
            if held:
                yield held
            held = turn
        at = turn.until
    if held:
        yield held


def _turn(layers: list[_Overrides | _Rotation], at: datetime, limit: datetime) -> Turn:
    """The first layer that has somebody; the turn ends where that may change."""
    until = limit
    for layer in layers:
        turn = layer.at(at, until)
        if turn.person is not None:
            return turn
        until = turn.until
    return Turn(at, until, None, None)


def _layers(schedule: Schedule, start: datetime, end: datetime, zone: tzinfo) -> list[_Overrides | _Rotation]:
    """What says who is on call from `start` to `end`, in the order in which it counts."""
    zone = _zone(schedule, zone)
    overrides = [
        (number, one)
        for number, one in enumerate(schedule.overrides)
        if one.from_ < one.until and one.from_ < end and start < one.until
    ]
    rotations = (_rotation(number, one, zone) for number, one in enumerate(schedule.rotations))
    layers: list[_Overrides | _Rotation] = [_Overrides(overrides)] if overrides else []
    return layers + [one for one in rotations if one and one.end > start]


def _rotation(number: int, one: Rotation, zone: tzinfo) -> _Rotation | None:
    """The layer of a rotation, or None of one that cannot hold."""
    if not one.people or one.turn < _DAY or one.turn % _DAY:
        return None
    minutes = minutes_of(one.hand_over)
    return _Rotation(
        source=("rotations", number),
        people=one.people,
        first=date.fromisoformat(one.starts),
        days=one.turn // _DAY,
        minutes=minutes,
        end=instant(date.fromisoformat(one.until), minutes, zone) if one.until else END_OF_TIME,
        zone=zone,
        open=OpenTimes(Hours(open=one.hours), zone) if one.hours else None,
    )


def _zone(schedule: Schedule, zone: tzinfo) -> tzinfo:
    return zone_called(schedule.time_zone) if schedule.time_zone else zone
