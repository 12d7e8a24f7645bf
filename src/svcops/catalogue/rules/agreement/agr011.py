"""A time in which a service works again that is shorter than that of what it needs.

Only what cannot be wrong is compared: by one clock, the lengths; else a longer one that runs while the shorter one runs
out without a break. What lasts longer over a night or a weekend alone is not looked for.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Literal

from svcops.catalogue.carriers import RELATED, Carrier, carriers
from svcops.catalogue.occasions import Occasion, each_once, judged, occasions
from svcops.checking.model import At, Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.store.frozen import frozen
from svcops.timing.hours import OpenTimes
from svcops.timing.model import Hours, format_duration

if TYPE_CHECKING:
    from svcops.catalogue.model import Agreement, ResponseWindow, Service
    from svcops.store.entries import Entry

_MONDAY = datetime(2001, 1, 1, tzinfo=UTC)
_TWO_WEEKS = timedelta(days=14)


@frozen
class _Window:
    """What an agreement promises at a severity: that it works again, or where that is not promised, an answer."""

    agreement: "Entry[Agreement]"
    number: int
    key: Literal["respond", "resolve"]
    span: timedelta
    hours: Hours | Literal["always"]
    """When time counts."""

    @property
    def order(self) -> tuple[timedelta, bool]:
        """Sort key, the shorter first: what counts at some hours only is no shorter than what counts at all."""
        return self.span, self.hours != "always"

    @property
    def told(self) -> str:
        """Its length, and by which clock."""
        return f"{format_duration(self.span)} {'at any hour' if self.hours == 'always' else 'of its support hours'}"


@frozen
class _Slower:
    """A window of a service, and the longer one of what it cannot do without."""

    service: str
    own: _Window
    carrier: Carrier
    theirs: _Window


def _find(context: Context) -> Iterator[Finding]:
    return each_once(_not_kept(context))


def _not_kept(context: Context) -> Iterator[Finding]:
    services: Mapping[str, Entry[Service]] = context.graph.all("service")
    every = occasions(context.graph, context.now)
    longest = _longest(entry for occasion in every for entry in occasion.agreements)
    for occasion in every:
        found: dict[tuple[str, int], list[_Slower]] = {}
        judged_then = list(judged(context.graph, occasion, _response))
        for severity, order in longest.items():
            for one in _slower(severity, occasion, judged_then, order, services):
                found.setdefault((one.own.agreement.name, one.own.number), []).append(one)
        for ones in found.values():
            yield _finding(sorted(ones, key=lambda one: one.theirs.order, reverse=True), occasion)


def _response(held: "Sequence[Entry[Agreement]]") -> "set[tuple[ResponseWindow, Hours | Literal['always']]]":
    """What counts of agreements: their windows, each with the hours that may count for it."""
    return {(window, one.value.support_hours) for one in held for window in one.value.response}


def _longest(agreements: "Iterable[Entry[Agreement]]") -> dict[str, tuple[timedelta, bool]]:
    """The order of the longest window at each severity."""
    found: dict[str, tuple[timedelta, bool]] = {}
    for entry in agreements:
        for number, one in enumerate(entry.value.response):
            order = _window(entry, number, one).order
            found[one.severity] = max(order, found.get(one.severity, order))
    return found


def _windows(severity: str, agreements: "Sequence[Entry[Agreement]]") -> list[_Window]:
    """The windows of a service at a severity: those in which it works again, else those with an answer alone."""
    windows = [
        _window(entry, number, one)
        for entry in agreements
        for number, one in enumerate(entry.value.response)
        if one.severity == severity
    ]
    return [one for one in windows if one.key == "resolve"] or windows


def _window(entry: "Entry[Agreement]", number: int, one: "ResponseWindow") -> _Window:
    hours = "always" if one.clock == "always" else entry.value.support_hours
    if one.resolve is None:
        return _Window(entry, number, "respond", one.respond, hours)
    return _Window(entry, number, "resolve", one.resolve, hours)


def _slower(
    severity: str,
    occasion: Occasion,
    agreements: "Iterable[tuple[Entry[Agreement], list[str]]]",
    longest: tuple[timedelta, bool],
    services: "Mapping[str, Entry[Service]]",
) -> Iterator[_Slower]:
    """What contradicts at one severity. Who promises an answer alone does not say when what is below works again."""
    promised = occasion.by_service(partial(_windows, severity))

    def is_answered(service: str) -> bool:
        windows = promised(service)
        return bool(windows) and windows[0].key == "respond"

    for entry, names in agreements:
        quick = [one for one in _windows(severity, [entry]) if one.key == "resolve" and one.order < longest]
        for name in names if quick else ():
            for carrier in carriers(name, services, promised, beyond=is_answered):
                theirs = promised(carrier.name)
                for own in quick:
                    if all(_is_longer(one, own) for one in theirs):
                        yield _Slower(name, own, carrier, min(theirs, key=lambda one: one.order))


def _is_longer(theirs: _Window, own: _Window) -> bool:
    """Whether there is an hour at which something may fail, and for which the other ends later than the own one."""
    if theirs.hours == own.hours:
        return theirs.span > own.span
    if own.hours == "always":
        return theirs.span > own.span or (theirs.span == own.span and _without_a_break(theirs.hours) < _TWO_WEEKS)
    return theirs.span > own.span and own.span <= _without_a_break(own.hours)


@lru_cache(maxsize=1024)  # a store has few hours, and many windows in them
def _without_a_break(hours: Hours | Literal["always"]) -> timedelta:
    """The longest time for which it is open in a usual week; of what never closes, two weeks."""
    if not isinstance(hours, Hours):
        return _TWO_WEEKS
    open_ = OpenTimes(Hours(open=hours.open), UTC).within(_MONDAY, _MONDAY + _TWO_WEEKS)
    return max((one.end - one.start for one in open_), default=timedelta())


def _finding(ones: list[_Slower], occasion: Occasion) -> Finding:
    """One for a window of an agreement, about the longest that it stands on; the others are beside it."""
    worst = ones[0]
    own, theirs, needed = worst.own, worst.theirs, worst.carrier
    without = f"{needed.name}, without which it stops{needed.by_way},"
    is_answer = theirs.key == "respond"
    then = f"somebody answers for {without}" if is_answer else f"{without} does"
    message = f"{worst.service} works again within {own.told}, and {then} within {theirs.told}"
    clock = "" if theirs.hours in ("always", own.hours) else " by the same clock"
    sooner = f"have somebody answer for {needed.name}" if is_answer else f"have {needed.name} back"
    help_ = f"Promise no less than {format_duration(theirs.span)}{clock}, or {sooner} sooner."
    places: dict[At, str] = {}
    for one in ones:
        made = one.theirs.agreement.at("response", one.theirs.number, one.theirs.key)
        places.setdefault(made, f"{one.theirs.told} for {one.carrier.name}")
    related = tuple(Related(label, made) for made, label in list(places.items())[:RELATED])
    at = own.agreement.at("response", own.number, own.key)
    told = occasion.told(message)
    return Finding("AGR011", told, at, help_, severity="warning", related=related, gist=message)


RULE = Rule(
    "AGR011",
    "a time in which it works again that its dependencies do not keep",
    "warning",
    rests_on=("agreement",),
    find=_find,
)
