"""How long spans are in support hours, for many spans: the hours of a stretch of time are worked out once.

Of an incident the hours of all agreements count that were in force for its services when it was declared: an instant
is in them where any of these agreements has somebody attend.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from svcops.catalogue.agreements import day_in, standing, zone_of
from svcops.catalogue.model import Agreement
from svcops.incidents.facts import State
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.timing.hours import FARTHEST, OpenTimes
from svcops.timing.intervals import joined
from svcops.timing.wall import END_OF_TIME, START_OF_TIME

_LONGEST = FARTHEST.total_seconds()
"""What is longer is not worked out: whoever mistyped a year waits for nothing."""
_STRETCH = 366 * 24 * 60 * 60
"""Seconds for which hours are worked out at once, from 1970: about a year."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Stretch(NamedTuple):
    """When somebody attends in a stretch of time, in seconds since 1970; and how long all before each opening are."""

    starts: list[float]
    ends: list[float]
    totals: list[float]

    def until(self, moment: float) -> float:
        """For how long it was open in this stretch until an instant."""
        number = bisect_right(self.starts, moment) - 1
        if number < 0:
            return 0.0
        return self.totals[number] + min(moment, self.ends[number]) - self.starts[number]


class OpenSum:
    """For how long any of some opening hours are open between instants."""

    def __init__(self, times: Iterable[OpenTimes]) -> None:
        self._times = tuple(times)
        self._always = any(one.is_always for one in self._times)
        self._stretches: dict[int, _Stretch] = {}

    def between(self, start: datetime, end: datetime) -> float:
        """Seconds from `start` to `end`, which is not before it."""
        first, last = start.timestamp(), end.timestamp()
        if self._always:
            return last - first
        one = int(first // _STRETCH)
        total = self._stretch(one).until(last) - self._stretch(one).until(first)
        for later in range(one + 1, int(last // _STRETCH) + 1):
            total += self._stretch(later).until(last)
        return total

    def _stretch(self, number: int) -> _Stretch:
        found = self._stretches.get(number)
        if found is None:
            found = self._stretches[number] = self._worked_out(number)
        return found

    def _worked_out(self, number: int) -> _Stretch:
        start, end = (_instant(one * _STRETCH) for one in (number, number + 1))
        open_ = list(joined(one for times in self._times for one in times.within(start, end)))
        starts = [one.start.timestamp() for one in open_]
        ends = [one.end.timestamp() for one in open_]
        lengths = (until - since for since, until in zip(starts, ends, strict=True))
        return _Stretch(starts, ends, list(accumulate(lengths, initial=0.0)))


def _instant(seconds: int) -> datetime:
    """An instant by its seconds since 1970, no farther than the ends of time."""
    return min(max(_EPOCH + timedelta(seconds=seconds), START_OF_TIME), END_OF_TIME)


class SupportTimes:
    """The support hours that count for incidents of a store; what cannot be told is a reason in words."""

    def __init__(self, graph: Graph) -> None:
        self._zone = zone_of(graph)
        self._by_service: dict[str, list[Entry[Agreement]]] = {}
        for entry in graph.all("agreement").values():
            for service in dict.fromkeys(entry.value.services):
                self._by_service.setdefault(service, []).append(entry)
        self._none = "no agreement was in force"
        if graph.damaged("agreement"):
            self._none += ", of those that can be read"
        self._sums: dict[tuple[str, ...], OpenSum | str] = {}
        self._by_hours: dict[frozenset[object], OpenSum] = {}

    def of(self, state: State) -> OpenSum | str:
        """The hours that count for a declared incident, or why nobody can tell."""
        assert state.declared
        day = day_in(self._zone, state.declared)
        held = {
            one.name: one
            for service in state.services
            for one in self._by_service.get(service, ())
            if standing(one.value, day) == "in force"
        }
        if not held:
            return self._none if state.services else "its services are unknown"
        names = tuple(sorted(held))
        if names not in self._sums:
            self._sums[names] = self._sum(held)
        return self._sums[names]

    def _sum(self, held: Mapping[str, Entry[Agreement]]) -> OpenSum | str:
        hours = frozenset(one.value.support_hours for one in held.values())
        if hours not in self._by_hours:
            try:
                self._by_hours[hours] = OpenSum(OpenTimes(one, self._zone) for one in hours)
            except ValueError as error:
                return f"the support hours of {', '.join(sorted(held))} cannot be told: {error}"
        return self._by_hours[hours]


def seconds_in(hours: OpenSum | str, start: datetime, end: datetime) -> float | str:
    """Seconds of these hours from `start` to `end`, or why nobody can tell."""
    if isinstance(hours, str):
        return hours
    if (end - start).total_seconds() > _LONGEST:
        return f"longer than {FARTHEST // timedelta(days=365)} years"
    try:
        return round(hours.between(start, end), 3)
    except ValueError as error:  # holidays that nobody knows are only looked up where a day is looked at
        return f"the support hours cannot be told: {error}"
