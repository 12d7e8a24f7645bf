"""Which hours are support hours when a service fails: those of its policy, else of its agreements.

Pure. Where nobody can tell, that is said and not guessed: levels of both kinds count then, as a person called too many
is better than nobody called.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Literal

from svcops.catalogue.agreements import begins, standing
from svcops.catalogue.model import Agreement, Escalation
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.timing.hours import Interval, OpenTimes
from svcops.timing.intervals import joined, without
from svcops.timing.model import Hours

_BOTH = "levels for the support hours and for other hours both count"


@frozen
class SupportHours:
    """The support hours of a service: of several `times` each counts.

    `of` is what says so, empty for nothing, `each` the name of that for every one of `times`. Where not `known`, there
    may be more of them than `times`. `doubts` is what a person should know who relies on them.
    """

    of: str
    times: tuple[OpenTimes, ...] = ()
    each: tuple[str, ...] = ()
    known: bool = True
    doubts: tuple[str, ...] = ()

    def hold(self, at: datetime) -> bool | None:
        """Whether an instant is in the support hours; None where nobody can tell."""
        if any(one.is_open(at) for one in self.times):
            return True
        return False if self.known else None

    def holding(self, at: datetime) -> str:
        """What says that an instant is in the support hours; all that says which they are where it is in none."""
        found = [name for name, times in zip(self.each, self.times, strict=False) if times.is_open(at)]
        kind, _, _ = self.of.partition(" ")
        return f"{kind} {', '.join(found)}" if found else self.of

    @property
    def never_end(self) -> bool:
        """Whether every hour is a support hour."""
        return any(one.is_always for one in self.times)

    def inside(self, start: datetime, end: datetime) -> list[Interval]:
        """When it is support hours for certain."""
        return list(joined(one for times in self.times for one in times.within(start, end)))

    def outside(self, start: datetime, end: datetime) -> list[Interval]:
        """When it is not for certain."""
        return list(without([Interval(start, end)], self.inside(start, end))) if self.known else []


def support_hours(
    graph: Graph, policy: Entry[Escalation] | None, agreements: Sequence[Entry[Agreement]], day: str, zone: tzinfo
) -> SupportHours:
    """The support hours on a day of a service with this policy and these agreements, those without force too.

    Without an agreement in force they are those of the last one that was, else of the next that is to come.
    """
    if policy and policy.value.support_hours is not None:
        return _read(f"policy {policy.name}", policy.value.support_hours, zone)
    held = [one for one in agreements if standing(one.value, day) == "in force"]
    damaged = graph.once(_damaged)
    if held:
        return _with_unread(_of_agreements(held, zone), damaged)
    told = f"; {', '.join(damaged)} cannot be read" if damaged else ""
    last = _last_known(agreements, day)
    if last is None:
        return SupportHours("", known=False, doubts=(f"no agreement says which are the support hours{told}: {_BOTH}",))
    found = _of_agreements([last], zone)
    about = f"no agreement is in force{told}: the support hours are those of {last.name}, which {_stands(last, day)}"
    return replace(found, doubts=(about, *found.doubts))


def _with_unread(found: SupportHours, damaged: Sequence[str]) -> SupportHours:
    """The support hours where agreements cannot be read: any of them may add some."""
    if not damaged or found.never_end:
        return found
    doubt = (
        f"{', '.join(damaged)} cannot be read, and may name more support hours than {found.of}: {_BOTH} outside them"
    )
    return replace(found, known=False, doubts=(*found.doubts, doubt))


def _damaged(graph: Graph) -> list[str]:
    """The agreements that cannot be read: any of them may be about any service."""
    readable = graph.all("agreement")
    return [path for path, name in graph.paths("agreement").items() if name not in readable][:3]


def _last_known(agreements: Iterable[Entry[Agreement]], day: str) -> Entry[Agreement] | None:
    """The agreement that ended last, else the one that begins first; a draft is none."""
    ended = [one for one in agreements if standing(one.value, day) == "expired"]
    if ended:
        return max(ended, key=lambda one: one.value.valid_until or "")
    coming = (one for one in agreements if standing(one.value, day) == "to come")
    return min(coming, key=lambda one: begins(one.value), default=None)


def _stands(entry: Entry[Agreement], day: str) -> str:
    if standing(entry.value, day) == "expired":
        return f"ended on {entry.value.valid_until}"
    return f"begins on {begins(entry.value)}"


def _of_agreements(agreements: Sequence[Entry[Agreement]], zone: tzinfo) -> SupportHours:
    found = [_read(f"agreement {one.name}", one.value.support_hours, zone) for one in agreements]
    return SupportHours(
        of=f"agreement {', '.join(one.name for one in agreements)}",
        times=tuple(times for one in found for times in one.times),
        each=tuple(name for one in found for name in one.each),
        known=all(one.known for one in found),
        doubts=tuple(doubt for one in found for doubt in one.doubts),
    )


def _read(of: str, hours: Hours | Literal["always"], zone: tzinfo) -> SupportHours:
    try:
        return SupportHours(of, (OpenTimes(hours, zone),), (of.partition(" ")[2],))
    except ValueError as error:
        return SupportHours(of, known=False, doubts=(f"the support hours of {of} cannot be told, as {error}: {_BOTH}",))
