"""An availability that is promised, and that what the service stands on does not carry."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING

from svcops.catalogue.agreements import (
    Promise,
    availabilities,
    highest_availability,
    percent_of,
    percent_text,
    rounded_down,
    today,
)
from svcops.catalogue.carriers import FARTHEST, carriers
from svcops.catalogue.occasions import Occasion, each_once, judged, occasions
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule

if TYPE_CHECKING:
    from fractions import Fraction

    from svcops.catalogue.model import Agreement, Service
    from svcops.store.entries import Entry

_SHOWN = 6
"""Factors that a message names."""

Promises = Mapping[str, Promise["Fraction"]]


def _find(context: Context) -> Iterator[Finding]:
    return each_once(_not_carried(context))


def _not_carried(context: Context) -> Iterator[Finding]:
    services: Mapping[str, Entry[Service]] = context.graph.all("service")
    of_today = availabilities(context.graph, today(context.graph, context.now))
    for occasion in occasions(context.graph, context.now):
        promised = occasion.by_service(highest_availability) if occasion.day else of_today.get
        for entry, names in judged(context.graph, occasion, _promises):
            own = highest_availability([entry])
            for name in names if own else ():
                if own and name in services:
                    yield from _judge(name, own, services, occasion, promised)


def _promises(held: "Sequence[Entry[Agreement]]") -> "set[tuple[Fraction, tuple[str, ...]]]":
    """What counts of agreements: each percentage, and the services that it is about together."""
    return {(percent_of(one.value.availability), one.value.services) for one in held if one.value.availability}


def _judge(
    name: str,
    own: "Promise[Fraction]",
    services: "Mapping[str, Entry[Service]]",
    occasion: Occasion,
    promised: "Callable[[str], Promise[Fraction] | None]",
) -> Iterator[Finding]:
    def carried_by(together: set[str]) -> "dict[str, Promise[Fraction]]":
        """The promises that the service stands on, each once, the nearest first.

        Where the same agreement promises a critical dependency, or one of those `together` with it, what that one
        stands on counts in its place: its one percentage is about them together, and who lowers it for the upper one
        lowers the lower one with it. Multiplied, it would be asked to be lower again each time.
        """

        def promise_of_its_own(needed: str) -> "Promise[Fraction] | None":
            made = promised(needed)
            return made if made and together.isdisjoint(_promising(needed, occasion)) else None

        found = ((one.name, promised(one.name)) for one in carriers(name, services, promise_of_its_own))
        return {needed: theirs for needed, theirs in found if theirs}

    below = carried_by({own.agreement.name})
    if below and _may_exceed(own, below) and own.value > _carried(below):  # no part carries less than all
        below = carried_by(_together(own, services, occasion))
        tightest = min(_counted_once(below, services), key=_carried, default={})
        if own.value > _carried(tightest):
            yield _finding(name, own, tightest, occasion)


def _promising(service: str, occasion: Occasion) -> "dict[str, Entry[Agreement]]":
    """The agreements that promise an availability of a service."""
    return {one.name: one for one in occasion.held(service) if one.value.availability}


def _together(own: "Promise[Fraction]", services: "Mapping[str, Entry[Service]]", occasion: Occasion) -> set[str]:
    """The agreement, and those that stand on it while it stands on them: lowering one would ask to lower the other."""
    mine = own.agreement.value.services
    others = {name: one for below in _below(mine, services) for name, one in _promising(below, occasion).items()}
    back = (name for name, one in others.items() if not _below(one.value.services, services).isdisjoint(mine))
    return {own.agreement.name, *back}


def _below(names: Iterable[str], services: "Mapping[str, Entry[Service]]") -> set[str]:
    """The services that these cannot do without, at any depth."""
    found: set[str] = set()
    waiting = deque(names)
    while waiting and len(found) < FARTHEST:
        entry = services.get(waiting.popleft())
        for dependency in entry.value.dependencies if entry else ():
            if dependency.critical and dependency.service not in found:
                found.add(dependency.service)
                waiting.append(dependency.service)
    return found


def _counted_once(carriers: Promises, services: "Mapping[str, Entry[Service]]") -> list[Promises]:
    """What may be multiplied: those that no other stands on, together; each of the others by itself.

    Where one stands on another, the outages of the lower are among those of the upper, and would count twice.
    """
    below = _below(carriers, services)
    apart = {name: one for name, one in carriers.items() if name not in below}
    alone: list[Promises] = [{name: one} for name, one in carriers.items() if name in below]
    return [apart, *alone] if apart else alone


def _may_exceed(own: "Promise[Fraction]", carriers: Promises) -> bool:
    """Whether it is worth to be worked out exactly: floats are off by far less than a millionth of a percent."""
    return float(own.value) > 100 * prod(float(one.value) / 100 for one in carriers.values()) - 1e-6


def _carried(carriers: Promises) -> "Fraction":
    """What is left of 100 % when these fail at different times."""
    from fractions import Fraction

    return prod((one.value / 100 for one in carriers.values()), start=Fraction(100))


def _finding(name: str, own: "Promise[Fraction]", carriers: Promises, occasion: Occasion) -> Finding:
    carried = _carried(carriers)
    factors = [f"{needed} {percent_text(one.value)} %" for needed, one in carriers.items()]
    more = [f"{len(factors) - _SHOWN} more"] if len(factors) > _SHOWN else []
    product = " x ".join([*factors[:_SHOWN], *more])
    is_ = f" = {percent_text(carried)} %" if len(factors) > 1 else ""
    message = f"promises {percent_text(own.value)} % for {name}, which stops without what promises less: {product}{is_}"
    related = [
        Related(f"{needed}: {percent_text(one.value)} %", one.agreement.at(*one.keys))
        for needed, one in list(carriers.items())[:_SHOWN]
    ]
    most = percent_text(rounded_down(carried))
    help_ = f"Promise at most {most} %, have more promised to you, or make it go on without them."
    at = own.agreement.at(*own.keys)
    told = occasion.told(message)
    return Finding("AGR005", told, at, help_, severity="warning", related=tuple(related), gist=message)


RULE = Rule(
    "AGR005", "an availability that its dependencies do not carry", "warning", rests_on=("agreement",), find=_find
)
