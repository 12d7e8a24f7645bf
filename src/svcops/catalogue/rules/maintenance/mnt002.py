"""Maintenances of one service that are planned for the same time."""

from collections.abc import Iterator
from datetime import datetime

from svcops.catalogue.maintenance import status
from svcops.catalogue.model import Maintenance
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.store.entries import Entry

_Planned = Entry[Maintenance]


def _find(context: Context) -> Iterator[Finding]:
    found: dict[tuple[str, str], tuple[_Planned, _Planned, list[str]]] = {}
    for service, planned in _by_service(context).items():
        for one, other in _at_one_time(planned):
            found.setdefault((one.name, other.name), (one, other, []))[2].append(service)
    for one, other, services in found.values():
        message = f"{', '.join(sorted(services))}: at this time {other.name} is planned too, {other.value.title}"
        help_ = "Plan one after the other, or make one record of the two; svcops maintenance cancel takes one back."
        related = (Related("planned here", other.at("planned", "from")),)
        yield Finding("MNT002", message, one.at("planned", "from"), help_, severity="warning", related=related)


def _by_service(context: Context) -> dict[str, list[_Planned]]:
    """What is planned or under way, by service; what is over, cancelled or never began disturbs nobody any more."""
    found: dict[str, list[_Planned]] = {}
    for entry in context.graph.all("maintenance").values():
        if _is_ahead(entry.value, context.now):
            for service in dict.fromkeys(entry.value.services):
                found.setdefault(service, []).append(entry)
    return found


def _is_ahead(one: Maintenance, now: datetime) -> bool:
    """Whether it is planned or under way, for a time that can be (MNT001 finds the others)."""
    return one.planned.from_ < one.planned.until and status(one, now) in ("planned", "under way")


def _at_one_time(planned: list[_Planned]) -> Iterator[tuple[_Planned, _Planned]]:
    """Every maintenance that begins while others go on, with the one of these that goes on longest."""
    longest: _Planned | None = None
    for one in sorted(planned, key=lambda entry: (entry.value.planned.from_, entry.name)):
        if longest and one.value.planned.from_ < longest.value.planned.until:
            yield one, longest
        if longest is None or longest.value.planned.until < one.value.planned.until:
            longest = one


RULE = Rule("MNT002", "a maintenance planned for the time of another", "warning", find=_find)
