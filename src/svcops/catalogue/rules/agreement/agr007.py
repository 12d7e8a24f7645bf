"""A recovery time that is shorter than that of what the service needs."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.catalogue.agreements import in_force, shortest_rto, today
from svcops.catalogue.carriers import exceeded
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.timing.model import format_duration

if TYPE_CHECKING:
    from svcops.catalogue.model import Service
    from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    services: Mapping[str, Entry[Service]] = context.graph.all("service")
    held = in_force(context.graph, today(context.graph, context.now))
    promises = {name: found for name, ones in held.items() if (found := shortest_rto(ones))}
    for one in exceeded(promises, services):
        needed, theirs = one.below[0]
        ours, longer = format_duration(one.own.value), format_duration(theirs.value)
        without = f"{needed.name}, without which it stops{needed.by_way}"
        message = f"{one.service} has to be back after {ours}, and {without}, after {longer}"
        help_ = f"Promise no less than {longer}, or have {needed.name} back sooner."
        yield Finding("AGR007", message, one.own.agreement.at(*one.own.keys), help_, related=one.related)


RULE = Rule("AGR007", "a recovery time that is shorter than that of a critical dependency", find=_find)
