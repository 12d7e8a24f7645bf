"""Agreements that are over, and what is promised since. Pure functions of the graph."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from svcops.catalogue.agreements import beginning, begins, in_force, party, standing, today
from svcops.catalogue.occasions import occasions
from svcops.checking.model import Related
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

if TYPE_CHECKING:
    from svcops.catalogue.model import Agreement
    from svcops.store.entries import Entry

_DAY = timedelta(days=1)


@frozen
class Ended:
    """An agreement that is over, and those of its services for which its party is promised nothing today."""

    entry: "Entry[Agreement]"
    services: tuple[str, ...]
    is_covered: bool
    """Whether something is promised for them today, to others."""
    coming: "Entry[Agreement] | None"
    """The first agreement that begins later: with the same party where others are covered."""

    @property
    def until(self) -> str:
        """Until when nothing is promised, in words."""
        return f"until {begins(self.coming.value)}" if self.coming else "any more"

    @property
    def help(self) -> str:
        """What closes the gap."""
        if self.coming is None:
            return "Agree on it anew: another day in valid_until and agreed, or a new agreement beside this one."
        first, last = (
            date.fromisoformat(day) for day in (begins(self.coming.value), self.entry.value.valid_until or "")
        )
        return f"Let it end on {first - _DAY}, or {self.coming.name} begin on {last + _DAY}."

    @property
    def related(self) -> tuple[Related, ...]:
        """Where the next one begins."""
        return (Related("the next one begins here", beginning(self.coming)),) if self.coming else ()


def ended(graph: Graph, now: datetime) -> tuple[Ended, ...]:
    """The agreements that are over, by what is promised since; those of which all goes on are left out."""
    return graph.once(_ended, now)


def _ended(graph: Graph, now: datetime) -> tuple[Ended, ...]:
    day = today(graph, now)
    held, services = in_force(graph, day), graph.all("service")
    every: Mapping[str, Entry[Agreement]] = graph.all("agreement")
    over = [one for one in every.values() if standing(one.value, day) == "expired"]
    coming = dict(_coming(graph, now)) if over else {}
    found: list[Ended] = []
    for entry in over:
        whom = party(entry.value)
        left: dict[tuple[bool, str], list[str]] = {}
        for name in dict.fromkeys(entry.value.services):
            parties = {party(one.value) for one in held.get(name, ())}
            if name in services and whom not in parties:
                left.setdefault((bool(parties), coming.get((name, whom if parties else ""), "")), []).append(name)
        found += [Ended(entry, tuple(names), covered, every.get(after)) for (covered, after), names in left.items()]
    return tuple(found)


def _coming(graph: Graph, now: datetime) -> Iterator[tuple[tuple[str, str], str]]:
    """The names of agreements to come, by service and party, and by service alone; the first to begin last."""
    for occasion in reversed(occasions(graph, now)[1:]):
        for entry in reversed(occasion.agreements):
            for name in entry.value.services:
                yield (name, ""), entry.name
                yield (name, party(entry.value)), entry.name
