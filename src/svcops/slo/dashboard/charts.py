"""The picture of a budget over its window, as numbers: where each line, band and word of it stands. Pure.

Across, everything is a share of the width, so that the picture is as wide as its place and its words keep their size; a
line is drawn in a space of WIDE by HIGH units that is stretched to that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from fractions import Fraction
from itertools import pairwise

from svcops.slo.answers import Result
from svcops.slo.course import Point
from svcops.slo.windows import Stretch
from svcops.store.frozen import frozen
from svcops.timing.hours import Interval
from svcops.timing.wall import in_zone

WIDE, HIGH = 1000, 160
"""The space of the line; HIGH is pixels."""
_DEEPEST = Fraction(-2)
"""What is overdrawn by more than that is drawn at the bottom, and said in words."""
_TICKS = 5
"""Dates below the picture, at most: more do not fit on a phone."""
_ROOM = 6.0
"""Per cent of the width that a number needs, on a phone."""
_LEVELS = (Fraction(1), Fraction(1, 2), Fraction(0), Fraction(-1, 2), Fraction(-1), Fraction(-3, 2), Fraction(-2))


@frozen
class Band:
    """A stretch of the window: where it begins, and how wide it is, in per cent of the width."""

    x: str
    width: str
    number: int = 0
    """By which a band of an incident is known below the picture."""
    middle: str = ""
    """Where the number stands; nowhere, where it would stand on another."""


@frozen
class Tick:
    """A word at a place: in per cent across, or in pixels down."""

    place: str
    text: str
    anchor: str = "middle"


@frozen
class Chart:
    """A budget over its window. Without `line` there is nothing that is known to draw."""

    line: str
    above: str
    """The area between the line and 0, above that."""
    below: str
    pace: str
    """What would be left if the budget were spent evenly over the window."""
    zero: str
    levels: tuple[Tick, ...]
    dates: tuple[Tick, ...]
    incidents: tuple[Band, ...]
    excluded: tuple[Band, ...]
    missing: tuple[Band, ...]
    now: Band | None
    """What of the window is still to come."""
    end: tuple[str, str] | None
    """Where the line ends: per cent across, pixels down."""
    is_cut: bool
    """Whether the line leaves the picture at the bottom."""


def chart(result: Result, at: datetime, zone: tzinfo, incidents: Sequence[Interval]) -> Chart | None:
    """The picture of one objective; None where no window was looked at."""
    if result.window is None:
        return None
    frame = _Frame(result.window, _lowest(result.course))
    runs = list(_runs(result.course, result.missing))
    last = runs[-1][-1] if runs else None
    return Chart(
        line=" ".join(frame.line(run) for run in runs),
        above=" ".join(frame.area(run, up=True) for run in runs),
        below=" ".join(frame.area(run, up=False) for run in runs),
        pace=f"M0 {frame.y(Fraction(1))}L{WIDE} {frame.y(Fraction(0))}",
        zero=frame.y(Fraction(0)),
        levels=tuple(Tick(frame.y(one), _level(one)) for one in _LEVELS if frame.lowest <= one),
        dates=tuple(_dates(frame, zone)),
        incidents=tuple(_numbered(frame, incidents)),
        excluded=tuple(frame.band(Interval(one.start, one.end)) for one in result.excluded),
        missing=tuple(map(frame.band, result.missing)),
        now=frame.band(Interval(at, result.window.end)) if at < result.window.end else None,
        end=(frame.x(last.at, 100), frame.y(last.left)) if last and last.left is not None else None,
        is_cut=any(one.left is not None and one.left < _DEEPEST for one in result.course),
    )


@frozen
class _Frame:
    """From moments and shares to places: the window across, from what is whole to `lowest` down."""

    window: Stretch
    lowest: Fraction

    def x(self, moment: datetime, of: int = WIDE) -> str:
        share = Fraction((moment - self.window.start) // timedelta(microseconds=1), self._microseconds)
        return _number(share * of, 2 if of == 100 else 1)

    def y(self, left: Fraction) -> str:
        inside = min(max(left, self.lowest), Fraction(1))
        return _number((1 - inside) / (1 - self.lowest) * (HIGH - 8) + 4, 1)

    def band(self, one: Interval, number: int = 0) -> Band:
        start, end = max(one.start, self.window.start), min(one.end, self.window.end)
        x, until = Fraction(self.x(start, 100)), Fraction(self.x(end, 100))
        return Band(_number(x, 2), _number(until - x, 2), number)

    def line(self, run: Sequence[Point]) -> str:
        """A line through points; a single one is a dot, as its line has round ends."""
        places = [f"{self.x(one.at)} {self.y(one.left)}" for one in run if one.left is not None]
        return "M" + "L".join(places if len(places) > 1 else places * 2)

    def area(self, run: Sequence[Point], *, up: bool) -> str:
        """What lies between the points and 0, on one side of that."""
        places = [(one.at, one.left) for one in _with_crossings(run) if one.left is not None]
        clamp = max if up else min
        edge = "L".join(f"{self.x(at)} {self.y(clamp(left, Fraction(0)))}" for at, left in places)
        if not any(left > 0 if up else left < 0 for _, left in places):
            return ""
        zero = self.y(Fraction(0))
        return f"M{self.x(places[0][0])} {zero}L{edge}L{self.x(places[-1][0])} {zero}Z"

    @property
    def _microseconds(self) -> int:
        return self.window.length // timedelta(microseconds=1)


def _lowest(course: Iterable[Point]) -> Fraction:
    """Down to where the picture reaches: the next of the levels below every point."""
    least = min((one.left for one in course if one.left is not None), default=Fraction(0))
    return next((one for one in _LEVELS if one <= min(least, Fraction(0))), _DEEPEST)


def _runs(course: Sequence[Point], missing: Sequence[Interval]) -> Iterable[list[Point]]:
    """The points between which all is known: a line never leads over a gap."""
    run: list[Point] = []
    for one in course:
        if run and any(gap.start < one.at and run[-1].at < gap.end for gap in missing):
            yield run
            run = []
        if one.left is not None:
            run.append(one)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _with_crossings(run: Sequence[Point]) -> Iterable[Point]:
    """The points, and those between two of them at which nothing is left."""
    if len(run) == 1:
        yield run[0]
    for number, (one, other) in enumerate(pairwise(run)):
        assert one.left is not None
        assert other.left is not None
        if not number:
            yield one
        if one.left * other.left < 0:
            share = one.left / (one.left - other.left)
            yield Point(one.at + (other.at - one.at) * float(share), Fraction(0))
        yield other


def _numbered(frame: _Frame, incidents: Sequence[Interval]) -> Iterable[Band]:
    """The bands of incidents, each with its number where there is room for it."""
    taken = -_ROOM
    for number, one in enumerate(incidents, start=1):
        band = frame.band(one, number)
        middle = min(max(float(band.x) + float(band.width) / 2, 1.0), 99.0)
        if middle - taken < _ROOM:
            yield band
            continue
        taken = middle
        yield replace(band, middle=_number(Fraction(middle), 2))


def _dates(frame: _Frame, zone: tzinfo) -> Iterable[Tick]:
    """A few words below the picture: days of a long window, times of a short one, in the store's zone."""
    window = frame.window
    for turn in range(_TICKS):
        moment = window.start + turn * (window.length / (_TICKS - 1))
        local = in_zone(moment, zone)
        text = f"{local.day} {local:%b}" if window.length > timedelta(days=2) else f"{local:%H:%M}"
        yield Tick(frame.x(moment, 100), text, "start" if not turn else "end" if turn == _TICKS - 1 else "middle")


def _level(share: Fraction) -> str:
    return f"{int(share * 100)} %".replace("-", "\u2212")


def _number(value: Fraction, digits: int) -> str:
    """A place in as few characters as it needs."""
    return f"{float(value):.{digits}f}".rstrip("0").rstrip(".") or "0"
