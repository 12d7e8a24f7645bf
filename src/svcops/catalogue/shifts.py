"""Turns as a person reads them: on one line whoever stays on call, and whoever has the same hours day after day.

Pure. Two rotations, one for the day and one for the night, hand over twice a day, and yet only two people have the
week. So turns of one person that follow one another without a break are one, whatever says so; and of those that are
shorter than a day, the ones at the same hours of days that follow one another are one line, until a day is not like
the others: somebody stands in, a weekend lies between, clocks change.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from svcops.catalogue.oncall import Turn
from svcops.store.frozen import frozen

_DAY = timedelta(days=1)


@frozen
class Line:
    """A turn of somebody, or a gap: time for which the schedule asks for somebody, and nobody can come."""

    turn: Turn
    gap: bool


@frozen
class Shift:
    """Turns of one person, or gaps, that are told as one: from `start` to before `until`.

    `turns` are those of the first day; on every one of the `days` they are the same.
    """

    start: datetime
    until: datetime
    gap: bool
    turns: tuple[Turn, ...]
    days: int = 1

    @property
    def person(self) -> str | None:
        """Who it is; of a gap, nobody or somebody whom the catalogue does not have."""
        return self.turns[0].person

    @property
    def daily(self) -> tuple[datetime, datetime] | None:
        """When it begins and ends on the first day, where it is at these hours of several days."""
        return (self.turns[0].start, self.turns[-1].until) if self.days > 1 else None


def shifts(lines: Iterable[Line], zone: tzinfo, end: datetime) -> list[Shift]:
    """The turns and gaps, which are in order, as shifts in the order in which they begin.

    `zone` is the one whose clock is read. What reaches `end` may go on after it, and then ends no day early.
    """
    found: list[Shift] = []
    latest: dict[object, int] = {}
    for one in _without_breaks(lines):
        sources = frozenset(turn.source for turn in one.turns)
        like = (one.person, one.gap, sources, _on_clock(one.start, zone).time())
        number = latest.get(like)
        if number is not None and _goes_on(found[number], one, zone, end):
            found[number] = replace(found[number], until=one.until, days=found[number].days + 1)
        else:
            latest[like] = len(found)
            found.append(one)
    return found


def _without_breaks(lines: Iterable[Line]) -> list[Shift]:
    found: list[Shift] = []
    for line in lines:
        turn, last = line.turn, found[-1] if found else None
        if last and (last.until, last.person, last.gap) == (turn.start, turn.person, line.gap):
            found[-1] = replace(last, until=turn.until, turns=(*last.turns, turn))
        else:
            found.append(Shift(turn.start, turn.until, line.gap, (turn,)))
    return found


def _goes_on(shift: Shift, one: Shift, zone: tzinfo, end: datetime) -> bool:
    """Whether a shift, which begins at the hour of another, is on the day after it, and as long on the clock."""
    first, begins = _on_clock(shift.turns[0].start, zone), _on_clock(one.start, zone)
    long = _on_clock(shift.turns[-1].until, zone) - first
    this = _on_clock(one.until, zone) - begins
    follows = begins.date() == first.date() + shift.days * _DAY
    return follows and (this == long or (this < long and one.until >= end))


def _on_clock(moment: datetime, zone: tzinfo) -> datetime:
    """What the clock and the calendar on the wall show."""
    return moment.astimezone(zone).replace(tzinfo=None)
