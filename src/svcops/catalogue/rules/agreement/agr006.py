"""A tier-1 service with a promise that stands on a service for which nothing is promised."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from svcops.catalogue.agreements import Promise, availabilities, highest_availability, percent_text, today
from svcops.catalogue.occasions import Occasion, each_once, judged, occasions
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule

if TYPE_CHECKING:
    from fractions import Fraction

    from svcops.catalogue.model import Agreement, Service
    from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    return each_once(_without_one(context))


def _without_one(context: Context) -> Iterator[Finding]:
    services: Mapping[str, Entry[Service]] = context.graph.all("service")
    of_today = availabilities(context.graph, today(context.graph, context.now))
    for occasion in occasions(context.graph, context.now):
        promised = occasion.by_service(highest_availability) if occasion.day else of_today.get
        for name in dict.fromkeys(name for _, names in judged(context.graph, occasion, _is_promised) for name in names):
            own, entry = promised(name), services.get(name)
            if own and entry and entry.value.tier == 1:
                yield from _judge(entry, own, services, occasion, promised)


def _is_promised(held: "Sequence[Entry[Agreement]]") -> bool:
    return any(one.value.availability for one in held)


def _judge(
    entry: "Entry[Service]",
    own: "Promise[Fraction]",
    services: "Mapping[str, Entry[Service]]",
    occasion: Occasion,
    promised: "Callable[[str], Promise[Fraction] | None]",
) -> Iterator[Finding]:
    percent = percent_text(own.value)
    for number, dependency in enumerate(entry.value.dependencies):
        needed = services.get(dependency.service)
        if needed and dependency.critical and not needed.value.external and not promised(needed.name):
            message = f"{entry.name} promises {percent} %, and {needed.name}, without which it stops, promises nothing"
            related = (Related(f"{percent} % is promised here", own.agreement.at(*own.keys)),)
            help_ = f"Agree on an availability of {needed.name}, or say critical: false."
            at, told = entry.at("dependencies", number, "service"), occasion.told(message)
            yield Finding("AGR006", told, at, help_, severity="warning", related=related, gist=message)


RULE = Rule("AGR006", "a promise that stands on a service without one", "warning", rests_on=("agreement",), find=_find)
