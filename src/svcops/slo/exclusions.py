"""Times that do not count against an SLO, as agreed: which of them fall into a window, and how they are treated. Pure.

Only what was agreed is excluded: of a maintenance the time that was planned and in which it took place.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal

from svcops.catalogue.model import Maintenance
from svcops.slo.exclusion import Exclusion
from svcops.slo.recurring import recurrences
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.timing.hours import Interval
from svcops.timing.intervals import joined, without

Treatment = Literal["removed", "good"]


@frozen
class Excluded:
    """A stretch of a window that is excluded: by which record, and why."""

    start: datetime
    end: datetime
    treatment: Treatment
    path: str
    title: str


@frozen
class Exclusions:
    """What is excluded in a store: the agreed times, and the maintenances that some of them take in."""

    agreed: Sequence[Entry[Exclusion]] = ()
    maintenances: Sequence[Entry[Maintenance]] = ()

    def within(self, slo: str, service: str, start: datetime, end: datetime) -> tuple[Excluded, ...]:
        """What is excluded of (start, end] for an SLO of a service, in the order of time."""
        found = [
            Excluded(max(one.start, start), min(one.end, end), entry.value.treatment, path, title)
            for entry in self._about(slo, service)
            for path, title, stretches in self._stretches(entry, service, start, end)
            for one in stretches
            if one.start < end and start < one.end
        ]
        return tuple(sorted(found, key=lambda one: (one.start, one.end, one.path)))

    def to_come(self, slo: str, service: str, now: datetime) -> Iterator[Entry[Exclusion]]:
        """What may exclude something from now on for an SLO of a service, whatever is planned."""
        for entry in self._about(slo, service):
            of = entry.value
            if of.recurring or of.maintenance or any(one.until > now for one in of.times):
                yield entry

    def _about(self, slo: str, service: str) -> Iterator[Entry[Exclusion]]:
        return (one for one in self.agreed if slo in one.value.slos or service in one.value.services)

    def _stretches(
        self, entry: Entry[Exclusion], service: str, start: datetime, end: datetime
    ) -> Iterator[tuple[str, str, Iterable[Interval]]]:
        of = entry.value
        yield entry.path, of.title, (Interval(*_in_utc(one.from_, one.until)) for one in of.times)
        for recurring in of.recurring:
            yield entry.path, of.title, recurrences(recurring, start, end)
        for one in self.maintenances if of.maintenance else ():
            if service in one.value.services:
                yield one.path, one.value.title, _agreed(one.value, end)


def of_treatment(excluded: Iterable[Excluded], treatment: Treatment) -> list[Interval]:
    """The stretches that are treated so, each moment once; where both treatments meet, it is removed."""
    found = {
        name: list(joined(Interval(one.start, one.end) for one in excluded if one.treatment == name))
        for name in ("removed", "good")
    }
    return found["removed"] if treatment == "removed" else list(without(found["good"], found["removed"]))


def _agreed(of: Maintenance, now: datetime) -> Iterator[Interval]:
    """The part of a maintenance that was planned and took place; nothing of one that never began."""
    if of.cancelled or of.actual is None:
        return
    start, end = _in_utc(of.planned.from_, of.planned.until)
    begun = of.actual.from_.astimezone(UTC)
    over = of.actual.until.astimezone(UTC) if of.actual.until else now
    if max(start, begun) < min(end, over):
        yield Interval(max(start, begun), min(end, over))


def _in_utc(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    return start.astimezone(UTC), end.astimezone(UTC)
