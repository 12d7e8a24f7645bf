"""The time over which an SLO is judged: rolling windows, and those of a calendar, right where clocks change.

OpenSLO v1, SLO, `timeWindow`: a rolling window ends now; windows of a calendar follow one another from `startTime` in
`timeZone`. Minutes and hours are elapsed time. In a calendar a day, a week, a month, a quarter and a year are those of
its clocks, so that a day may have 23 hours; in a rolling window a day is 24 hours, and months are those of UTC.
"""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta, tzinfo

from svcops.store.frozen import frozen
from svcops.timing.wall import on_clock

_DURATION = re.compile(r"([0-9]+)([mhdwMQY])")
_FIXED = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DAYS = {"d": 1, "w": 7}
_MONTHS = {"M": 1, "Q": 3, "Y": 12}
LONGEST = timedelta(days=36_525)
"""A hundred years: no window is longer."""
_LONGEST_MONTH = timedelta(days=31)


@frozen
class Stretch:
    """One window: what comes after `start`, until `end`, which may be still to come."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """From start to end."""
        return self.end - self.start


@frozen
class Window:
    """`text` as OpenSLO writes a duration. With `first`, on a clock in `zone`, those of a calendar; else rolling."""

    text: str
    first: datetime | None = None
    zone: tzinfo = UTC

    def around(self, at: datetime) -> Stretch | None:
        """The window that ends at a moment (UTC), or in which that lies; None where the first is still to come.

        A moment at which one window ends and the next begins is the end of the earlier.
        """
        number, unit = _parts(self.text)
        if self.first is None:
            start = _months_before(at, number * _MONTHS[unit]) if unit in _MONTHS else at - length_of(self.text)
            return Stretch(start, at)
        if not self._start(0) < at:
            return None
        turn = self._near(at)
        while self._start(turn) >= at:
            turn -= 1
        while self._start(turn + 1) < at:
            turn += 1
        return Stretch(self._start(turn), self._start(turn + 1))

    def _near(self, at: datetime) -> int:
        """About how many windows there were before a moment."""
        return max(0, (at - self._start(0)) // length_of(self.text))

    def _start(self, turn: int) -> datetime:
        """When the window of that number begins; the first is 0."""
        assert self.first is not None
        number, unit = _parts(self.text)
        first, steps = self.first, turn * number
        if unit in _MONTHS:
            return on_clock(_months_on(first, steps * _MONTHS[unit]), self.zone)
        if unit in _DAYS:
            return on_clock(first + timedelta(days=steps * _DAYS[unit]), self.zone)
        return on_clock(first, self.zone) + turn * length_of(self.text)


def length_of(duration: str) -> timedelta:
    """The length of an OpenSLO duration, of months the longest that they can have; at most what a timedelta holds."""
    number, unit = _parts(duration)
    try:
        return number * _MONTHS[unit] * _LONGEST_MONTH if unit in _MONTHS else timedelta(**{_FIXED[unit]: number})
    except OverflowError:
        return timedelta.max


def is_fixed(duration: str) -> bool:
    """Whether an OpenSLO duration has the same length wherever it begins."""
    return _parts(duration)[1] in _FIXED


def months_of(duration: str) -> int:
    """How many months an OpenSLO duration of months, quarters or years has."""
    number, unit = _parts(duration)
    return number * _MONTHS[unit]


def _parts(duration: str) -> tuple[int, str]:
    found = _DURATION.fullmatch(duration)
    if found is None:
        raise ValueError(f"{duration!r} is no duration of OpenSLO")
    return int(found[1]), found[2]


def _months_on(local: datetime, months: int) -> datetime:
    """The same day and time so many months later, or the last day of a month that is shorter."""
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    return local.replace(year=year, month=month + 1, day=min(local.day, monthrange(year, month + 1)[1]))


def _months_before(at: datetime, months: int) -> datetime:
    return _months_on(at, -months)
