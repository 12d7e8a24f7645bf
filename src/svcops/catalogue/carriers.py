"""What a promise about a service stands on: the promises about what it needs. Pure functions of the graph.

A promise is about what users get, so it answers for all that lies below it. Where what is needed promises nothing, what
that one needs itself counts in its place.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from svcops.catalogue.occasions import Occasion, judged, occasions
from svcops.checking.model import Related
from svcops.store.frozen import frozen
from svcops.timing.model import format_duration

if TYPE_CHECKING:
    from svcops.catalogue.agreements import Promise
    from svcops.catalogue.model import Agreement, Dependency, Service
    from svcops.store.entries import Entry
    from svcops.store.graph import Graph

FARTHEST = 1000
"""Services that are looked at below one, so that rules stay linear in a landscape where hardly anything is promised."""

_TOLD = 4
"""Services of a way that a message names."""
RELATED = 6
"""Longer promises that a finding leads to."""


@frozen
class Carrier:
    """A service that promises something, and the way down to it: what lies between, and does not answer for it."""

    name: str
    way: tuple[str, ...] = ()

    @property
    def by_way(self) -> str:
        """The way as the end of a clause: ` by way of books, archive`; empty where it is needed directly."""
        more = (f"{len(self.way) - _TOLD} more",) if len(self.way) > _TOLD else ()
        return f" by way of {', '.join((*self.way[:_TOLD], *more))}" if self.way else ""


def is_critical(dependency: "Dependency") -> bool:
    """Whether the service stops without it."""
    return dependency.critical


def _never(_service: str) -> bool:
    return False


def carriers(
    name: str,
    services: "Mapping[str, Entry[Service]]",
    promises: Callable[[str], object],
    counts: "Callable[[Dependency], bool]" = is_critical,
    beyond: Callable[[str], bool] = _never,
) -> list[Carrier]:
    """The nearest services below one, by dependencies that count, of which something is promised; each once.

    `promises` gives what is promised of a service, which is false where nothing is.
    `beyond` says of which the promise does not answer for what lies below them, so that this is looked at, too.
    """
    found: list[Carrier] = []
    ways: dict[str, tuple[str, ...]] = {name: ()}
    waiting = deque([name])
    while waiting and len(ways) < FARTHEST:
        source = waiting.popleft()
        entry = services.get(source)
        way = ways[source] if source == name else (*ways[source], source)
        for dependency in entry.value.dependencies if entry else ():
            needed = dependency.service
            if needed not in ways and counts(dependency):
                ways[needed] = way
                is_carrier = bool(promises(needed))
                if is_carrier:
                    found.append(Carrier(needed, way))
                if not is_carrier or beyond(needed):
                    waiting.append(needed)
    return found


@frozen
class Exceeded:
    """A time that is promised for a service, and those below it that promise a longer one, the longest first."""

    occasion: Occasion
    service: str
    own: "Promise[timedelta]"
    below: "tuple[tuple[Carrier, Promise[timedelta]], ...]"

    @property
    def related(self) -> tuple[Related, ...]:
        """Where the longer ones are promised, as many as help."""
        return tuple(
            Related(f"{format_duration(theirs.value)} for {one.name}", theirs.agreement.at(*theirs.keys))
            for one, theirs in self.below[:RELATED]
        )


def exceeded(
    graph: "Graph",
    now: datetime,
    shortest: "Callable[[Sequence[Entry[Agreement]]], Promise[timedelta] | None]",
    counts: "Callable[[Dependency], bool]" = is_critical,
) -> Iterator[Exceeded]:
    """The times, each that an agreement promises for a service, that are shorter than one that they stand on."""

    def amount(held: "Sequence[Entry[Agreement]]") -> timedelta | None:
        promise = shortest(held)
        return promise.value if promise else None

    services: Mapping[str, Entry[Service]] = graph.all("service")
    made = [
        (one, [(own, names) for entry, names in judged(graph, one, amount) if (own := shortest([entry]))])
        for one in occasions(graph, now)
    ]
    longest = max((own.value for _, ones in made for own, _ in ones), default=timedelta())
    for occasion, ones in made:
        promised = occasion.by_service(shortest)
        for own, names in ones:
            for name in names if own.value < longest else ():
                below = [(one, promised(one.name)) for one in carriers(name, services, promised, counts)]
                longer = [(one, theirs) for one, theirs in below if theirs and theirs.value > own.value]
                if longer:
                    yield Exceeded(occasion, name, own, tuple(sorted(longer, key=lambda one: -one[1].value)))
