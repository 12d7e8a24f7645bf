"""Local times without an offset as instants, where a zone's clocks leave no doubt.

Pure. Seconds are whole and counted from 1970.
"""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from svcops.store.frozen import frozen

_DAY = 86_400
_MARGIN = 2 * _DAY


@frozen
class Stretch:
    """Local times from `start` to before `end`, each of which is exactly one instant: local time minus `offset`.

    All three are seconds; local times are counted as if they were UTC.
    """

    start: int
    end: int
    offset: int


def stretches(zone: tzinfo, first: int, last: int) -> list[Stretch]:
    """The stretches that cover local times from `first` to `last` but for those that clocks show twice, or never."""
    edges = [first - _MARGIN, *_changes(zone, first - _MARGIN, last + _MARGIN), last + _MARGIN]
    offsets = [_offset(zone, edge) for edge in edges[:-1]]
    found = []
    for index, offset in enumerate(offsets):
        before, after = offsets[max(index - 1, 0)], offsets[min(index + 1, len(offsets) - 1)]
        start = edges[index] + max(before, offset)
        end = edges[index + 1] + min(offset, after)
        if start < end:
            found.append(Stretch(start, end, offset))
    return found


def _changes(zone: tzinfo, first: int, last: int) -> Iterator[int]:
    """The seconds after `first`, up to `last`, at which the zone's offset changes; no two of one day are told apart."""
    for day in range(first, last, _DAY):
        low, high = day, min(day + _DAY, last)
        before = _offset(zone, low)
        if _offset(zone, high) == before:
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
        yield high


def _offset(zone: tzinfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0
