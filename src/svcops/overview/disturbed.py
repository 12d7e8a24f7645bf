"""What a service needs and what is disturbed of it: at night that explains more than its own incidents."""

from svcops.catalogue.dependencies import around
from svcops.catalogue.model import Service
from svcops.incidents.facts import Outline
from svcops.incidents.outlines import outlines
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

_HURTING = ("incident", "remediation")


@frozen
class Disturbed:
    """A service that is needed, and an incident of it that still hurts."""

    service: str
    incident: Outline


def disturbed(graph: Graph, service: Entry[Service]) -> dict[str, tuple[Disturbed, ...]]:
    """For each service that one depends on: what is disturbed of it, then of all that it needs in turn."""
    hurting: dict[str, list[Outline]] = {}
    for one in outlines(graph).values():
        if one.phase in _HURTING:
            for name in one.services:
                hurting.setdefault(name, []).append(one)
    hurting.pop(service.name, None)  # its own are told as its own
    found = {}
    for name in dict.fromkeys(one.service for one in service.value.dependencies) if hurting else ():
        below = around(graph, name, up=False, down=True).services
        needed = [name, *sorted(below.keys() - {name})]
        found[name] = tuple(Disturbed(one, incident) for one in needed for incident in hurting.get(one, ()))
    return {name: ones for name, ones in found.items() if ones}
