"""The days on which agreements are judged: today all that are in force, each of those to come on its first day.

So who brings a promise that begins later hears at once that it does not hold, and not on the day on which it begins.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TypeVar

from svcops.catalogue.agreements import begins, in_force, standing, today
from svcops.catalogue.model import Agreement
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

T = TypeVar("T")


@frozen
class Occasion:
    """Agreements to be judged on one day, and what else is in force then."""

    day: str
    """Empty: today."""
    agreements: tuple[Entry[Agreement], ...]
    held: Callable[[str], Sequence[Entry[Agreement]]]
    """The agreements in force on that day that are about a service."""

    def told(self, message: str) -> str:
        """A message, with the day from which on it is so."""
        return f"from {self.day} on: {message}" if self.day else message

    def by_service(self, of: Callable[[Sequence[Entry[Agreement]]], T]) -> Callable[[str], T]:
        """What the agreements about a service amount to on that day, worked out where it is asked for, and once."""
        return cache(lambda service: of(self.held(service)))


def occasions(graph: Graph, now: datetime) -> tuple[Occasion, ...]:
    """Today, then each day on which an agreement begins. Worked out once for a whole store."""
    return graph.once(_occasions, today(graph, now))


def _occasions(graph: Graph, day: str) -> tuple[Occasion, ...]:
    held = in_force(graph, day)
    running: dict[str, Entry[Agreement]] = {one.name: one for ones in held.values() for one in ones}
    coming: dict[str, list[Entry[Agreement]]] = {}
    for entry in graph.all("agreement").values():
        first = begins(entry.value)
        if standing(entry.value, day) == "to come" and standing(entry.value, first) == "in force":
            coming.setdefault(first, []).append(entry)
    about: dict[str, list[Entry[Agreement]]] = {}
    for entry in (*running.values(), *(one for ones in coming.values() for one in ones)) if coming else ():
        for service in dict.fromkeys(entry.value.services):
            about.setdefault(service, []).append(entry)
    later = (Occasion(first, tuple(coming[first]), _held_on(about, first)) for first in sorted(coming))
    return Occasion("", tuple(running.values()), lambda service: held.get(service, ())), *later


def _held_on(about: Mapping[str, Sequence[Entry[Agreement]]], day: str) -> Callable[[str], Sequence[Entry[Agreement]]]:
    """For a service, those of the agreements about it that are in force on a day."""
    return cache(lambda service: [one for one in about.get(service, ()) if standing(one.value, day) == "in force"])
