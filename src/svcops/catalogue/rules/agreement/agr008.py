"""A recovery point that is nearer than that of where the service's data lies."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.catalogue.agreements import in_force, shortest_rpo, today
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.timing.model import format_duration

if TYPE_CHECKING:
    from svcops.catalogue.model import Service
    from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    services: Mapping[str, Entry[Service]] = context.graph.all("service")
    held = in_force(context.graph, today(context.graph, context.now))
    promises = {name: found for name, ones in held.items() if (found := shortest_rpo(ones))}
    for name, own in promises.items():
        dependencies = services[name].value.dependencies if name in services else ()
        for needed in dict.fromkeys(one.service for one in dependencies if one.kind == "data"):
            theirs = promises.get(needed)
            if theirs and theirs.value > own.value:
                ours, longer = format_duration(own.value), format_duration(theirs.value)
                message = f"{name} may lose {ours} of data, and {needed}, where data of it lies, may lose {longer}"
                related = (Related(f"{longer} for {needed}", theirs.agreement.at(*theirs.keys)),)
                help_ = f"Promise no less than {longer}, or have less lost in {needed}."
                yield Finding("AGR008", message, own.agreement.at(*own.keys), help_, related=related)


RULE = Rule("AGR008", "a recovery point that is nearer than that of a data dependency", find=_find)
