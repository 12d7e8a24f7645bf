"""An availability that no SLO measures."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.catalogue.agreements import standing, today
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule

if TYPE_CHECKING:
    from svcops.catalogue.model import Agreement, Service
    from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    services: Mapping[str, Entry[Service]] = context.graph.all("service")
    agreements: Mapping[str, Entry[Agreement]] = context.graph.all("agreement")
    day = today(context.graph, context.now)
    for entry in agreements.values():
        availability = entry.value.availability
        if availability is None or availability.slos or standing(entry.value, day) in ("draft", "expired"):
            continue
        ours = [name for name in entry.value.services if name in services and not services[name].value.external]
        if ours:
            message = "an availability is promised, and no SLO measures it: nobody can say whether it was kept"
            at = entry.at("availability", "percent")
            help_ = "Name what measures it, as users experience it: slos: [SLO/NAME]."
            yield Finding("AGR009", message, at, help_, severity="warning")


RULE = Rule("AGR009", "an availability that no SLO measures", "warning", rests_on=("slo",), find=_find)
