"""What agreements promise: which of them hold on a day, and the tightest promise that they make for a service.

A day is one of the store's time zone, as text such as 2026-11-23: so it is written, and so it sorts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from functools import cache
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from svcops.catalogue.model import Agreement, Availability, ResponseWindow
from svcops.checking.model import At, KeyPath
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

if TYPE_CHECKING:
    from fractions import Fraction

T = TypeVar("T")
Standing = Literal["draft", "to come", "in force", "expired"]
Clock = Literal["support-hours", "always"]

LAST_DAY = "9999-12-31"
"""Of the calendar."""


@frozen
class Promise(Generic[T]):
    """One promise: its value, the agreement that makes it, and the key where it is written there."""

    value: T
    agreement: Entry[Agreement]
    keys: KeyPath
    alike: tuple[Entry[Agreement], ...] = ()
    """The other agreements that promise just this."""


ByClock = Mapping[Clock, Promise[timedelta]]
"""The shortest windows, by the hours that count: 1 h of support hours is neither more nor less than 2 h of any."""


def zone_of(graph: Graph) -> tzinfo:
    """The store's time zone, which is shown as UTC where nobody knows it (SET001 says so)."""
    return graph.zone


def today(graph: Graph, now: datetime) -> str:
    """The day that the calendar on the wall shows."""
    return day_in(zone_of(graph), now)


def day_in(zone: tzinfo, now: datetime) -> str:
    """The day that the calendar on a wall in a zone shows."""
    return now.astimezone(zone).date().isoformat()


def begins(agreement: Agreement) -> str:
    """The first day of an agreement: the one on which it is agreed, or a later one that it names."""
    return max(agreement.agreed.at if agreement.agreed else "", agreement.valid_from or "")


def beginning(entry: Entry[Agreement]) -> At:
    """The place that says the first day of an agreement."""
    is_named = entry.value.valid_from == begins(entry.value)
    return entry.at("valid_from") if is_named else entry.at("agreed", "at")


def party(agreement: Agreement) -> str:
    """With whom it is agreed, such that other spaces and capitals are no other party; empty for a draft."""
    return " ".join(agreement.agreed.with_.split()).casefold() if agreement.agreed else ""


def standing(agreement: Agreement, day: str) -> Standing:
    """Whether an agreement holds on a day."""
    if agreement.agreed is None:
        return "draft"
    if day < begins(agreement):
        return "to come"
    return "expired" if agreement.valid_until and agreement.valid_until < day else "in force"


def days_left(agreement: Agreement, day: str) -> int | None:
    """How many days an agreement still holds after this one; None where it names no end."""
    if agreement.valid_until is None:
        return None
    return (date.fromisoformat(agreement.valid_until) - date.fromisoformat(day)).days


def days_on(day: str, days: int) -> str:
    """So many days later, or earlier; the last day of the calendar stays."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat() if day < LAST_DAY else day


def agreements_of(graph: Graph, service: str) -> list[Entry[Agreement]]:
    """Every agreement about a service, those without force too, by name."""
    return [one for one in graph.all("agreement").values() if service in one.value.services]


def in_force(graph: Graph, day: str) -> Mapping[str, list[Entry[Agreement]]]:
    """The agreements that hold on a day, by service. Worked out once for a whole store."""
    return graph.once(_in_force, day)


def _in_force(graph: Graph, day: str) -> Mapping[str, list[Entry[Agreement]]]:
    held: dict[str, list[Entry[Agreement]]] = {}
    for entry in graph.all("agreement").values():
        if standing(entry.value, day) == "in force":
            for service in dict.fromkeys(entry.value.services):
                held.setdefault(service, []).append(entry)
    return held


def percent_of(availability: Availability) -> "Fraction":
    """The percentage exactly as it is written: 99.95 is 9995/100, not the binary fraction next to it."""
    return _exactly(availability.percent)


@cache
def _exactly(percent: float) -> "Fraction":
    from fractions import Fraction

    return Fraction(repr(percent))


def highest_availability(held: Iterable[Entry[Agreement]]) -> "Promise[Fraction] | None":
    """The highest availability that these agreements promise, in percent."""
    found = [
        Promise(percent_of(one.value.availability), one, ("availability", "percent"))
        for one in held
        if one.value.availability
    ]
    return _with_alike(max(found, key=lambda one: one.value), found) if found else None


def availabilities(graph: Graph, day: str) -> "Mapping[str, Promise[Fraction]]":
    """The highest availability that is promised on a day for each service. Worked out once for a whole store."""
    return graph.once(_availabilities, day)


def _availabilities(graph: Graph, day: str) -> "Mapping[str, Promise[Fraction]]":
    return {name: found for name, ones in in_force(graph, day).items() if (found := highest_availability(ones))}


def shortest_rto(held: Iterable[Entry[Agreement]]) -> Promise[timedelta] | None:
    """The shortest recovery time objective of these agreements."""
    return _shortest(Promise(one.value.rto, one, ("rto",)) for one in held if one.value.rto is not None)


def shortest_rpo(held: Iterable[Entry[Agreement]]) -> Promise[timedelta] | None:
    """The shortest recovery point objective of these agreements."""
    return _shortest(Promise(one.value.rpo, one, ("rpo",)) for one in held if one.value.rpo is not None)


def clock_of(agreement: Agreement, window: ResponseWindow) -> Clock:
    """Which hours count for a window of an agreement; support hours that never end are all."""
    return "always" if agreement.support_hours == "always" else window.clock


def shortest_response(held: Iterable[Entry[Agreement]], severity: str) -> ByClock:
    """The shortest windows of these agreements in which somebody answers at a severity."""
    return _by_clock(
        (clock_of(one.value, window), Promise(window.respond, one, ("response", number, "respond")))
        for one in held
        for number, window in enumerate(one.value.response)
        if window.severity == severity
    )


def shortest_resolution(held: Iterable[Entry[Agreement]], severity: str) -> ByClock:
    """The shortest windows of these agreements in which it works again at a severity."""
    return _by_clock(
        (clock_of(one.value, window), Promise(window.resolve, one, ("response", number, "resolve")))
        for one in held
        for number, window in enumerate(one.value.response)
        if window.severity == severity and window.resolve is not None
    )


def _by_clock(found: "Iterable[tuple[Clock, Promise[timedelta]]]") -> ByClock:
    """The shortest by each clock; one of support hours that is no shorter than one of all hours runs out no sooner."""
    every: dict[Clock, list[Promise[timedelta]]] = {"always": [], "support-hours": []}
    for clock, one in found:
        every[clock].append(one)
    shortest = {clock: tightest for clock, ones in every.items() if (tightest := _shortest(ones))}
    always, in_hours = shortest.get("always"), shortest.get("support-hours")
    if always and in_hours and always.value <= in_hours.value:
        del shortest["support-hours"]
    return shortest


def _shortest(found: Iterable[Promise[timedelta]]) -> Promise[timedelta] | None:
    every = list(found)
    return _with_alike(min(every, key=lambda one: one.value), every) if every else None


def _with_alike(tightest: Promise[T], every: Sequence[Promise[T]]) -> Promise[T]:
    if len(every) == 1:
        return tightest
    alike = {one.agreement.name: one.agreement for one in every if one.value == tightest.value}
    del alike[tightest.agreement.name]
    return replace(tightest, alike=tuple(alike.values())) if alike else tightest


def rounded_down(percent: "Fraction") -> "Fraction":
    """A percentage to at most three decimals, never more than it is: what can be promised, and typed."""
    from fractions import Fraction

    return Fraction(percent * 1000 // 1, 1000)


def percent_text(percent: "Fraction") -> str:
    """A percentage with every digit that counts, up to six decimals; what is cut off then shows as `…`."""
    scaled = percent * 10**6
    whole = scaled.numerator // scaled.denominator
    digits = f"{whole // 10**6}.{whole % 10**6:06}".rstrip("0").rstrip(".")
    return digits if whole == scaled else f"{digits}…"
