"""Sets of instants as intervals: in order, none of them touching the next. Pure; all is in UTC."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import attrgetter

from svcops.timing.hours import Interval

_START, _END = attrgetter("start"), attrgetter("end")


def joined(intervals: Iterable[Interval]) -> Iterator[Interval]:
    """What is in any of these, which may overlap and stand in any order; those that are empty are left out."""
    held: Interval | None = None
    for one in sorted(one for one in intervals if one.start < one.end):
        if held is None:
            held = one
        elif one.start <= held.end:
            held = Interval(held.start, max(held.end, one.end))
        else:
            yield held
            held = one
    if held:
        yield held


def without(asked: Iterable[Interval], taken: Iterable[Interval]) -> Iterator[Interval]:
    """What is in `asked` and not in `taken`; both as `joined` gives them."""
    rest = iter(taken)
    next_ = next(rest, None)
    for one in asked:
        start = one.start
        while next_ and next_.start < one.end:
            if start < next_.start:
                yield Interval(start, next_.start)
            start = max(start, next_.end)
            if next_.end > one.end:
                break
            next_ = next(rest, None)
        if start < one.end:
            yield Interval(start, one.end)


def overlapping(intervals: Sequence[Interval], start: datetime, end: datetime) -> Sequence[Interval]:
    """Those of many that have something in common with one; as `joined` gives them."""
    first = bisect_right(intervals, start, key=_END)
    return intervals[first : bisect_left(intervals, end, lo=first, key=_START)]
