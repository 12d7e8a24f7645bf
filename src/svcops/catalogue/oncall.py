"""Who is on call when, by a schedule: its overrides, then its rotations. Pure; instants given back are in UTC.

Hand-overs are times of the wall clock in the zone of the schedule: 09:00 stays 09:00 when clocks change. A rotation
begins at the hand-over of the day `starts`, and ends at that of the day `until`, so that the next may begin there. One
that cannot hold (rule SCH002 says why) has nobody.
"""

from collections.abc import Container, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import reduce
from heapq import heappop, heappush
from itertools import pairwise
from typing import Literal

from svcops.catalogue.model import Override, Rotation, Schedule
from svcops.checking.model import KeyPath
from svcops.store.frozen import frozen
from svcops.timing.faults import Fault, faults_of_zone
from svcops.timing.hours import OpenTimes
from svcops.timing.model import Hours, format_duration
from svcops.timing.wall import END_OF_TIME, START_OF_TIME, instant, later, minutes_of, zone_of_its_own

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
    """Who is on call at an instant, and until somebody else is, or nobody (at most `AHEAD`).

    An override and the person's own turn after it are one. `zone` is the store's, for a schedule that names none.
    ValueError where nobody knows the zone.
    """
    at = at.astimezone(UTC)
    coming = turns(schedule, at, later(at, AHEAD), zone)
    found = next(coming, Turn(at, at, None, None))
    for turn in coming:
        if turn.person != found.person:
            break
        found = replace(found, until=turn.until)
    return found


def is_relieved(current: Turn, at: datetime) -> bool:
    """Whether it is in sight when the turn ends that `on_call` gave for an instant."""
    return current.until < later(at, AHEAD)


def next_turn(schedule: Schedule, after: datetime, zone: tzinfo) -> Turn | None:
    """The first turn of a person that goes on, or begins, after an instant; None where there is none in sight."""
    end = later(after, AHEAD)
    return next((turn for turn in turns(schedule, after, end, zone) if turn.person), None)


def turns(schedule: Schedule, start: datetime, end: datetime, zone: tzinfo) -> Iterator[Turn]:
    """The turns from `start` to before `end`, without a break between them: where there is nobody, a turn of nobody.

    The first and the last may have begun before, and go on after. What follows one another and says the same is one.
    """
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    return _without_breaks(_pieces(schedule, start, end, zone), start, end)


def gaps(
    schedule: Schedule, start: datetime, end: datetime, zone: tzinfo, known: Container[str] | None = None
) -> Iterator[Turn]:
    """When the hours of the schedule ask for somebody, and there is nobody, or a person who is not among `known`.

    Hours of the schedule that name no zone are in the schedule's. ValueError where a zone or holidays are unknown.
    """
    asked = OpenTimes(schedule.hours, _zone(schedule, zone)).within(start, end)
    one = next(asked, None)
    for turn in turns(schedule, start, end, zone):
        if turn.person is not None and (known is None or turn.person in known):
            continue
        while one and one.start < turn.until:
            if one.end > turn.start:
                yield Turn(max(one.start, turn.start), min(one.end, turn.until), turn.person, turn.source)
            if one.end > turn.until:
                break
            one = next(asked, None)
        if one is None:
            return


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

    def turns(self, start: datetime, end: datetime) -> Iterator[Turn]:
        """Its turns from `start` to before `end`, in order; between them, outside its hours, there is nobody.

        The hours are gone through once, whatever the length of a turn, and cut where one hands over to the next.
        """
        start, end = max(start, self._starts(0)), min(end, self.end)
        if start >= end:
            return
        number = self._number(start)
        until = self._starts(number + 1)
        for opens, closes in self.open.within(start, end) if self.open else ((start, end),):
            at = opens
            while at < closes:
                while until <= at:
                    number += 1
                    until = self._starts(number + 1)
                person = self.people[number % len(self.people)]
                yield Turn(at, min(closes, until), person, self.source)
                at = until

    def _number(self, at: datetime) -> int:
        """Of the turn that an instant is in."""
        number = (at.astimezone(self.zone).date() - self.first).days // self.days
        return number if at >= self._starts(number) else number - 1

    def _starts(self, number: int) -> datetime:
        """When a turn starts; turns after the end of time start there."""
        ordinal = self.first.toordinal() + number * self.days
        if ordinal >= END_OF_TIME.toordinal():
            return END_OF_TIME
        return instant(date.fromordinal(ordinal), self.minutes, self.zone)


def _without_breaks(pieces: Iterator[Turn], start: datetime, end: datetime) -> Iterator[Turn]:
    """The pieces with turns of nobody between them; what follows one another and says the same is one turn."""
    held = Turn(start, start, None, None)
    for one in pieces:
        if one.start == held.until and one.person == held.person and one.source == held.source:
            held = Turn(held.start, one.until, one.person, one.source)
            continue
        if held.start < held.until:
            yield held
        if held.until < one.start:
            yield Turn(held.until, one.start, None, None)
        held = one
    if held.start < held.until:
        yield held
    if held.until < end:
        yield Turn(held.until, end, None, None)


def _pieces(schedule: Schedule, start: datetime, end: datetime, zone: tzinfo) -> Iterator[Turn]:
    """When somebody is on call from `start` to before `end`, both in UTC, and who: in order, without overlaps."""
    zone = _zone(schedule, zone)
    layers = [_overrides(schedule, start, end)] if schedule.overrides else []
    rotations = (_rotation(number, one, zone) for number, one in enumerate(schedule.rotations))
    layers += [one.turns(start, end) for one in rotations if one]
    return reduce(_filled, layers) if layers else iter(())


def _overrides(schedule: Schedule, start: datetime, end: datetime) -> Iterator[Turn]:
    """A layer: the overrides, of several at one instant the last one written.

    They are laid out once as stretches that follow one another, so that a long list costs no more at every turn.
    """
    some = [
        (number, one)
        for number, one in enumerate(schedule.overrides)
        if one.from_ < one.until and one.from_ < end and start < one.until
    ]
    for one in _laid_out(some):
        if one.start < end and start < one.until:
            yield Turn(max(one.start, start), min(one.until, end), one.person, one.source)


def _filled(upper: Iterator[Turn], lower: Iterator[Turn]) -> Iterator[Turn]:
    """What goes before, and where it has nobody the other; each is gone through once, and no farther than asked."""
    over = next(upper, None)
    taken = START_OF_TIME
    for one in lower:
        at = max(one.start, taken)
        while over and over.start < one.until:
            if at < over.start:
                yield Turn(at, over.start, one.person, one.source)
            yield over
            taken = over.until
            at = max(at, taken)
            over = next(upper, None)
        if at < one.until:
            yield Turn(at, one.until, one.person, one.source)
    if over:
        yield over
        yield from upper


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
    return zone_of_its_own(schedule.time_zone, zone)
