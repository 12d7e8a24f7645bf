"""The picture of a budget over its window, as numbers: where each line, band and word of it stands. Pure.

Across, everything is a share of the width, so that the picture is as wide as its place and its words keep their size; a
line is drawn in a space of WIDE by HIGH units that is stretched to that.
"""

from collections.abc import Iterable, Iterator, Sequence
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
_Place = tuple[datetime, float]
"""A point to draw: what was left at a moment, as near as a picture shows it."""
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
    lowest = _lowest(result.course)
    frame = _Frame(result.window, float(lowest))
    runs = list(_runs(result.course, result.missing))
    last = runs[-1][-1] if runs else None
    return Chart(
        line=" ".join(frame.line(run) for run in runs),
        above=" ".join(frame.area(run, up=True) for run in runs),
        below=" ".join(frame.area(run, up=False) for run in runs),
        pace=f"M0 {frame.y(1.0)}L{WIDE} {frame.y(0.0)}",
        zero=frame.y(0.0),
        levels=tuple(Tick(frame.y(float(one)), _level(one)) for one in _LEVELS if lowest <= one),
        dates=tuple(_dates(frame, zone)),
        incidents=tuple(_numbered(frame, incidents)),
        excluded=tuple(frame.band(Interval(one.start, one.end)) for one in result.excluded),
        missing=tuple(map(frame.band, result.missing)),
        now=frame.band(Interval(at, result.window.end)) if at < result.window.end else None,
        end=(frame.x(last[0], 100), frame.y(last[1])) if last else None,
        is_cut=any(one.left is not None and one.left < _DEEPEST for one in result.course),
    )


@frozen
class _Frame:
    """From moments and shares to places: the window across, from what is whole to `lowest` down."""

    window: Stretch
    lowest: float

    def x(self, moment: datetime, of: int = WIDE) -> str:
        return _number((moment - self.window.start) / self.window.length * of, 2 if of == 100 else 1)

    def y(self, left: float) -> str:
        inside = min(max(left, self.lowest), 1.0)
        return _number((1 - inside) / (1 - self.lowest) * (HIGH - 8) + 4, 1)

    def band(self, one: Interval, number: int = 0) -> Band:
        start, end = max(one.start, self.window.start), min(one.end, self.window.end)
        x, until = float(self.x(start, 100)), float(self.x(end, 100))
        return Band(_number(x, 2), _number(until - x, 2), number)

    def line(self, run: Sequence[_Place]) -> str:
        """A line through points; a single one is a dot, as its line has round ends."""
        places = [f"{self.x(at)} {self.y(left)}" for at, left in run]
        return "M" + "L".join(places if len(places) > 1 else places * 2)

    def area(self, run: Sequence[_Place], *, up: bool) -> str:
        """What lies between the points and 0, on one side of that."""
        if not any(left > 0 if up else left < 0 for _, left in run):
            return ""
        clamp, zero = max if up else min, self.y(0.0)
        edge = "L".join(f"{self.x(at)} {self.y(clamp(left, 0.0))}" for at, left in _with_crossings(run))
        return f"M{self.x(run[0][0])} {zero}L{edge}L{self.x(run[-1][0])} {zero}Z"


def _lowest(course: Iterable[Point]) -> Fraction:
    """Down to where the picture reaches: the next of the levels below every point."""
    least = min((one.left for one in course if one.left is not None), default=Fraction(0))
    return next((one for one in _LEVELS if one <= min(least, Fraction(0))), _DEEPEST)


def _runs(course: Sequence[Point], missing: Sequence[Interval]) -> Iterator[list[_Place]]:
    """The points between which all is known: a line never leads over a gap."""
    run: list[_Place] = []
    for one in course:
        is_after_gap = run and any(gap.start < one.at and run[-1][0] < gap.end for gap in missing)
        if run and (is_after_gap or one.left is None):
            yield run
            run = []
        if one.left is not None:
            run.append((one.at, float(one.left)))
    if run:
        yield run


def _with_crossings(run: Sequence[_Place]) -> Iterator[_Place]:
    """The points, and those between two of them at which nothing is left."""
    yield run[0]
    for (at, left), (next_at, next_left) in pairwise(run):
        if left * next_left < 0:
            yield at + (next_at - at) * (left / (left - next_left)), 0.0
        yield next_at, next_left


def _numbered(frame: _Frame, incidents: Sequence[Interval]) -> Iterator[Band]:
    """The bands of incidents, each with its number where there is room for it."""
    taken = -_ROOM
    for number, one in enumerate(incidents, start=1):
        band = frame.band(one, number)
        middle = min(max(float(band.x) + float(band.width) / 2, 1.0), 99.0)
        if middle - taken < _ROOM:
            yield band
            continue
        taken = middle
        yield replace(band, middle=_number(middle, 2))


def _dates(frame: _Frame, zone: tzinfo) -> Iterator[Tick]:
    """A few words below the picture: days of a long window, each once, times of a short one, in the store's zone."""
    window = frame.window
    moments = [window.start + turn * (window.length / (_TICKS - 1)) for turn in range(_TICKS)]
    local = [in_zone(one, zone) for one in moments]
    is_long = window.length > timedelta(days=2)
    texts = [f"{one.day} {one:%b}" if is_long else f"{one:%H:%M}" for one in local]
    for turn, text in enumerate(texts):
        is_last = turn == _TICKS - 1
        if not turn or is_last or text not in (texts[turn - 1], texts[-1]):
            yield Tick(frame.x(moments[turn], 100), text, "start" if not turn else "end" if is_last else "middle")


def _level(share: Fraction) -> str:
    return f"{int(share * 100)} %".replace("-", "\u2212")


def _number(value: float, digits: int) -> str:
    """A place in as few characters as it needs."""
    return f"{value:.{digits}f}".rstrip("0").rstrip(".")
