"""The days on which agreements are judged: today, then every day on which something else is promised than before.

So who writes what begins later hears at once what does not hold from then on, and not on the day itself.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TypeVar

from svcops.catalogue.agreements import begins, days_on, in_force, standing, today
from svcops.catalogue.model import Agreement
from svcops.checking.model import Finding
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

T = TypeVar("T")

_Agreements = Sequence[Entry[Agreement]]
_ByService = Mapping[str, _Agreements]


def _none(_service: str) -> _Agreements:
    return ()


@frozen
class Occasion:
    """A day on which agreements are judged, and what is in force then."""

    day: str
    """Empty: today."""
    agreements: tuple[Entry[Agreement], ...]
    """Those that begin on that day; today all that are in force."""
    held: Callable[[str], _Agreements]
    """The agreements in force on that day that are about a service."""
    changing: tuple[str, ...] = ()
    """The services about which an agreement begins then, or ended the day before while another one goes on."""
    held_before: Callable[[str], _Agreements] = _none
    """The agreements in force the day before that are about a service."""

    def told(self, message: str) -> str:
        """A message, with the day from which on it is so."""
        return f"from {self.day} on: {message}" if self.day else message

    def by_service(self, of: Callable[[_Agreements], T]) -> Callable[[str], T]:
        """What the agreements about a service amount to on that day, worked out where it is asked for, and once."""
        return cache(lambda service: of(self.held(service)))

    def changed(self, amount: Callable[[_Agreements], object]) -> list[str]:
        """The services whose agreements amount to something else than the day before, or that had none then."""
        return [
            service
            for service in self.changing
            if not (before := self.held_before(service)) or amount(before) != amount(self.held(service))
        ]


def occasions(graph: Graph, now: datetime) -> tuple[Occasion, ...]:
    """Today, then each day on which an agreement begins, or another goes on alone. Worked out once for a whole store.

    Where the last agreement about a service ends, nothing is judged: rules about ends tell of that.
    """
    return graph.once(_occasions, today(graph, now))


def _occasions(graph: Graph, day: str) -> tuple[Occasion, ...]:
    held: _ByService = in_force(graph, day)
    running = {one.name: one for ones in held.values() for one in ones}
    coming: dict[str, list[Entry[Agreement]]] = {}
    for entry in graph.all("agreement").values():
        first = begins(entry.value)
        if standing(entry.value, day) == "to come" and standing(entry.value, first) == "in force":
            coming.setdefault(first, []).append(entry)
    about = _by_service((*running.values(), *(one for ones in coming.values() for one in ones))) if coming else held
    changing = {first: {service for one in ones for service in one.value.services} for first, ones in coming.items()}
    for after, services in _ends(about):
        changing.setdefault(after, set()).update(services)
    later = (
        Occasion(
            first,
            tuple(coming.get(first, ())),
            _held_on(about, first),
            tuple(sorted(changing[first])),
            _held_on(about, days_on(first, -1)),
        )
        for first in sorted(changing)
    )
    return Occasion("", tuple(running.values()), lambda service: held.get(service, ())), *later


def _by_service(agreements: Iterable[Entry[Agreement]]) -> _ByService:
    found: dict[str, list[Entry[Agreement]]] = {}
    for entry in agreements:
        for service in dict.fromkeys(entry.value.services):
            found.setdefault(service, []).append(entry)
    return found


def _ends(about: _ByService) -> Iterator[tuple[str, set[str]]]:
    """The days after an agreement ended, each with the services about which another one goes on then."""
    ending: dict[str, set[str]] = {}
    for service, ones in about.items():
        for one in ones if len(ones) > 1 else ():
            if one.value.valid_until:
                ending.setdefault(one.value.valid_until, set()).add(service)
    for last, services in ending.items():
        after = days_on(last, 1)
        held = _held_on(about, after)
        left = {service for service in services if held(service)}
        if left and after > last:
            yield after, left


def _held_on(about: _ByService, day: str) -> Callable[[str], _Agreements]:
    """For a service, those of the agreements about it that are in force on a day."""
    return cache(lambda service: [one for one in about.get(service, ()) if standing(one.value, day) == "in force"])


def judged(
    graph: Graph, occasion: Occasion, amount: Callable[[_Agreements], object]
) -> Iterator[tuple[Entry[Agreement], list[str]]]:
    """The agreements to be judged on an occasion, each with the services for which.

    Those of the occasion for all of theirs. Those that go on for what stands on a service whose agreements `amount` to
    something else from then on, at any depth; what is equal contradicts as much, or as little, as the day before.
    """
    for entry in occasion.agreements:
        yield entry, list(dict.fromkeys(entry.value.services))
    going_on: dict[str, tuple[Entry[Agreement], list[str]]] = {}
    for service in _above(occasion.changed(amount), graph):
        for entry in occasion.held(service):
            if begins(entry.value) != occasion.day:
                going_on.setdefault(entry.name, (entry, []))[1].append(service)
    yield from going_on.values()


def _above(services: Iterable[str], graph: Graph) -> dict[str, None]:
    """The services that stand on these, at any depth, the nearest first."""
    found: dict[str, None] = {}
    waiting = list(services)
    needed_by = graph.once(_needed_by) if waiting else {}
    for below in waiting:  # grows while it is gone through
        for name in needed_by.get(below, ()):
            if name not in found:
                found[name] = None
                waiting.append(name)
    return found


def _needed_by(graph: Graph) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for entry in graph.all("service").values():
        for dependency in entry.value.dependencies:
            found.setdefault(dependency.service, []).append(entry.name)
    return found


def each_once(found: Iterable[Finding]) -> Iterator[Finding]:
    """Findings in the order of their days: what is so on several is told of the first of them alone."""
    told: set[tuple[object, str]] = set()
    for one in found:
        if (one.at, one.gist) not in told:
            told.add((one.at, one.gist))
            yield one
