"""History replayed through alerts: when each would have been raised, and what that means beside known incidents. Pure.

At every instant of a grid an alert's burn rates are worked out over its lookback windows, from the counts that end
there. It is raised when all of them have held for as long as it asks, and over at the first instant at which one does
not. Where nothing is known of a window, nothing happened in it, or all of it is excluded, its burn rate does not hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from svcops.slo.attributing import Impact
from svcops.slo.burning import Alarm
from svcops.slo.pacing import Pacing
from svcops.store.frozen import frozen

STEP = timedelta(minutes=1)
"""Alerts are evaluated that often, as by a Prometheus with its defaults; less often where samples are farther apart."""
SILENT_BY_THEN = "an alert was over when it was declared, and when users began to notice is not known"


@frozen
class Firing:
    """From when until when an alert was raised; without an `end` it still is."""

    start: datetime
    end: datetime | None


@frozen
class Caught:
    """What an alert made of one incident: the first firing that overlaps its impact, and how long after its start."""

    impact: Impact
    firing: Firing | None
    delay: timedelta | None
    """Negative where it was raised before the impact is said to have begun; None where it was not raised, or nobody
    knows when the impact began."""
    unseen: str = ""
    """Why nobody knows whether it would have been raised, where it was not."""


@frozen
class Replay:
    """One alert over history. `false` are the firings that no incident explains, or may explain."""

    alarm: Alarm
    firings: tuple[Firing, ...]
    caught: tuple[Caught, ...]
    false: tuple[Firing, ...]

    @property
    def missed(self) -> tuple[Impact, ...]:
        """The incidents during which it was never raised, though it could have been."""
        return tuple(one.impact for one in self.caught if one.firing is None and not one.unseen)

    @property
    def unseen(self) -> tuple[Caught, ...]:
        """The incidents of which nobody knows whether it would have been raised."""
        return tuple(one for one in self.caught if one.unseen)

    def inside(self, firing: Firing) -> tuple[Impact, ...]:
        """The incidents in whose impact a firing lies."""
        return tuple(one.impact for one in self.caught if _overlaps(firing, one.impact, timedelta(0)))

    def before(self, firing: Firing) -> tuple[Impact, ...]:
        """The incidents that the window of the alert still remembers at a firing."""
        return tuple(one.impact for one in self.caught if _overlaps(firing, one.impact, _remembered(self.alarm)))

    def perhaps(self, firing: Firing) -> tuple[Impact, ...]:
        """The incidents that may have begun by a firing which was over when they were declared."""
        return tuple(one.impact for one in self.caught if _may_be_of(firing, one.impact, _remembered(self.alarm)))


def replay(
    alarm: Alarm,
    pacing: Pacing,
    instants: Sequence[datetime],
    impacts: Sequence[Impact],
    unseen: Mapping[Impact, str] | None = None,
) -> Replay:
    """Replay one alert at these instants, which lie evenly; `unseen` are the impacts that no sample speaks for, why."""
    firings = tuple(_firings(alarm, pacing, instants))
    tail = _remembered(alarm)
    caught = tuple(_caught(one, firings, (unseen or {}).get(one, ""), tail) for one in impacts)
    false = tuple(
        one
        for one in firings
        if not any(_overlaps(one, impact, tail) or _may_be_of(one, impact, tail) for impact in impacts)
    )
    return Replay(alarm, firings, caught, false)


def _firings(alarm: Alarm, pacing: Pacing, instants: Sequence[datetime]) -> Iterator[Firing]:
    held: datetime | None = None
    raised: datetime | None = None
    for at in instants:
        if not _holds(alarm, pacing, at):
            if raised is not None:
                yield Firing(raised, at)
            held = raised = None
            continue
        held = held or at
        if raised is None and at - held >= alarm.after:
            raised = at
    if raised is not None:
        yield Firing(raised, None)


def _holds(alarm: Alarm, pacing: Pacing, at: datetime) -> bool:
    """Whether all burn rates hold at an instant; the shortest window is looked at first, as it fails most often."""
    for burn in sorted(alarm.burns, key=lambda one: one.window):
        rate = pacing.rate(at - burn.window, at)
        if rate is None or not burn.holds(rate):
            return False
    return bool(alarm.burns)


def _caught(impact: Impact, firings: Sequence[Firing], unseen: str, tail: timedelta) -> Caught:
    first = next((one for one in firings if _overlaps(one, impact, timedelta(0))), None)
    if first:
        return Caught(impact, first, None if impact.since_declared else first.start - impact.start)
    if not unseen and any(_may_be_of(one, impact, tail) for one in firings):
        unseen = SILENT_BY_THEN
    return Caught(impact, None, None, unseen)


def _remembered(alarm: Alarm) -> timedelta:
    """For how long after an impact the alert still looks at it."""
    return max((one.window for one in alarm.burns), default=timedelta(0))


def _overlaps(firing: Firing, impact: Impact, tail: timedelta) -> bool:
    """Whether an alert was raised during an impact, or within `tail` after it, for which its window remembers it."""
    begins_in_time = impact.end is None or firing.start < impact.end + tail
    return begins_in_time and (firing.end is None or firing.end > impact.start)


def _may_be_of(firing: Firing, impact: Impact, tail: timedelta) -> bool:
    """Whether an alert fell silent so shortly before an impact was declared that it may have been raised by it.

    The same `tail` as after an impact: else any firing since ever might be of one whose start is not known.
    """
    if not impact.since_declared or firing.end is None:
        return False
    return impact.start - tail < firing.end <= impact.start
