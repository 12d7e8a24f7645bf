"""A recovery point that is nearer than that of where the service's data lies."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.catalogue.agreements import in_force, shortest_rpo, today
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
    promises = {name: found for name, ones in held.items() if (found := shortest_rpo(ones))}
    for one in exceeded(promises, services, lambda dependency: dependency.kind == "data"):
        needed, theirs = one.below[0]
        ours, longer = format_duration(one.own.value), format_duration(theirs.value)
        where = f"{needed.name}, where data of it lies{needed.by_way}"
        message = f"{one.service} may lose {ours} of data, and {where}, may lose {longer}"
        help_ = f"Promise no less than {longer}, or have less lost in {needed.name}."
        yield Finding("AGR008", message, one.own.agreement.at(*one.own.keys), help_, related=one.related)


RULE = Rule("AGR008", "a recovery point that is nearer than that of a data dependency", find=_find)
