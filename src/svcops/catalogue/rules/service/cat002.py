"""A service that stops without one that is less critical than itself."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule

if TYPE_CHECKING:
    from svcops.catalogue.model import Service
    from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    services: Mapping[str, Entry[Service]] = context.graph.all("service")
    for entry in services.values():
        own = entry.value.tier
        for number, dependency in enumerate(entry.value.dependencies):
            needed = services.get(dependency.service)
            theirs = needed.value.tier if needed else None
            if needed and dependency.critical and own is not None and theirs is not None and theirs > own:
                message = f"{entry.name} is tier {own} and stops without {needed.name}, which is only tier {theirs}"
                related = (Related(f"tier {theirs} is said here", needed.at("tier")),)
                help_ = f"Raise {needed.name} to tier {own}, or say critical: false if {entry.name} goes on without it."
                at = entry.at("dependencies", number, "service")
                yield Finding("CAT002", message, at, help_, severity="warning", related=related)


RULE = Rule("CAT002", "a service that stops without one of a lower tier", "warning", find=_find)
