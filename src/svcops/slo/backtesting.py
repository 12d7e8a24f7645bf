"""History replayed through alerts: when each would have been raised, and what that means beside known incidents. Pure.

At every instant of a grid an alert's burn rates are worked out over its lookback windows, from the counts that end
there. It is raised when all of them have held for as long as it asks, and over at the first instant at which one does
not. Where nothing is known of a window, or nothing happened in it, its burn rate does not hold, as in Prometheus.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from svcops.slo.attributing import Impact
from svcops.slo.burning import Alarm
from svcops.slo.counted import Bucket, Counted, Sampled
from svcops.slo.facts import whole
from svcops.slo.slices import Counts, Slices
from svcops.store.frozen import frozen
from svcops.timing.hours import Interval

STEP = timedelta(minutes=1)
"""Alerts are evaluated that often, as by a Prometheus with its defaults; less often where samples are farther apart."""


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
    """Negative where it was raised before the impact is said to have begun; None where it was missed."""


@frozen
class Replay:
    """One alert over history. `false` are the firings that no incident explains."""

    alarm: Alarm
    firings: tuple[Firing, ...]
    caught: tuple[Caught, ...]
    false: tuple[Firing, ...]

    @property
    def missed(self) -> tuple[Impact, ...]:
        """The incidents during which it was never raised."""
        return tuple(one.impact for one in self.caught if one.firing is None)


def replay(
    alarm: Alarm, counts: Counts, instants: Sequence[datetime], allowed: Fraction, impacts: Sequence[Impact]
) -> Replay:
    """Replay one alert at these instants, which lie evenly; `allowed` is the share that may be bad."""
    firings = tuple(_firings(alarm, counts, instants, allowed))
    caught = tuple(_caught(one, firings) for one in impacts)
    tail = max((one.window for one in alarm.burns), default=timedelta(0))
    false = tuple(one for one in firings if not any(_overlaps(one, impact, tail) for impact in impacts))
    return Replay(alarm, firings, caught, false)


def in_slices(of: Slices, edges: Iterable[datetime], counts: Counts) -> Counts:
    """Counts of slices in the place of events: each slice that can be judged is one, and good by its share."""
    good, total = list[Bucket](), list[Bucket]()
    for start, end in pairwise(edges):
        found = counts.good([Interval(start, end)])
        if found is None or not found[1]:
            continue
        share = Fraction(found[0]) / Fraction(found[1])
        good.append(Bucket(start, 1, whole(share) if of.target is None else int(share >= of.target)))
        total.append(Bucket(start, 1, 1))
    of_good, of_total = (Counted("slices", one, Sampled()) for one in (good, total))
    return Counts(of_good, of_total, part_is_good=True, part_may_be_absent=False)


def _firings(alarm: Alarm, counts: Counts, instants: Sequence[datetime], allowed: Fraction) -> Iterator[Firing]:
    held: datetime | None = None
    raised: datetime | None = None
    for at in instants:
        if not _holds(alarm, counts, at, allowed):
            if raised is not None:
                yield Firing(raised, at)
            held = raised = None
            continue
        held = held or at
        if raised is None and at - held >= alarm.after:
            raised = at
    if raised is not None:
        yield Firing(raised, None)


def _holds(alarm: Alarm, counts: Counts, at: datetime, allowed: Fraction) -> bool:
    """Whether all burn rates hold at an instant; the shortest window is looked at first, as it fails most often."""
    for burn in sorted(alarm.burns, key=lambda one: one.window):
        found = counts.good([Interval(at - burn.window, at)])
        if found is None or not found[1]:
            return False
        good, total = map(Fraction, found)
        if not burn.holds((total - good) / total / allowed):
            return False
    return bool(alarm.burns)


def _caught(impact: Impact, firings: Sequence[Firing]) -> Caught:
    first = next((one for one in firings if _overlaps(one, impact, timedelta(0))), None)
    return Caught(impact, first, first.start - impact.start if first else None)


def _overlaps(firing: Firing, impact: Impact, tail: timedelta) -> bool:
    """Whether an alert was raised during an impact, or within `tail` after it, for which its window remembers it."""
    begins_in_time = impact.end is None or firing.start < impact.end + tail
    return begins_in_time and (firing.end is None or firing.end > impact.start)
