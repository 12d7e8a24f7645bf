"""A tier-1 service with a promise that stands on a service for which nothing is promised."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.catalogue.agreements import availabilities, percent_text, today
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule

if TYPE_CHECKING:
    from svcops.catalogue.model import Service
    from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    services: Mapping[str, Entry[Service]] = context.graph.all("service")
    promises = availabilities(context.graph, today(context.graph, context.now))
    for entry in services.values():
        own = promises.get(entry.name)
        if own is None or entry.value.tier != 1:
            continue
        for number, dependency in enumerate(entry.value.dependencies):
            needed = services.get(dependency.service)
            if needed and dependency.critical and not needed.value.external and needed.name not in promises:
                percent = percent_text(own.value)
                message = (
                    f"{entry.name} promises {percent} %, and {needed.name}, without which it stops, promises nothing"
                )
                related = (Related(f"{percent} % is promised here", own.agreement.at(*own.keys)),)
                help_ = f"Agree on an availability of {needed.name}, or say critical: false."
                at = entry.at("dependencies", number, "service")
                yield Finding("AGR006", message, at, help_, severity="warning", related=related)


RULE = Rule("AGR006", "a promise that stands on a service without one", "warning", rests_on=("agreement",), find=_find)
