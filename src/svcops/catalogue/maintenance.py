"""Planned maintenance: how it stands, and what is coming up. Pure functions of the graph and the clock."""

from datetime import datetime
from typing import Literal

from svcops.catalogue.model import Maintenance
from svcops.store.entries import Entry
from svcops.store.graph import Graph

Status = Literal["planned", "under way", "over", "cancelled", "not started"]


def status(maintenance: Maintenance, now: datetime) -> Status:
    """How it stands; `not started` once its planned end is past and nobody said that it began."""
    if maintenance.cancelled:
        return "cancelled"
    if maintenance.actual is None:
        return "planned" if now < maintenance.planned.until else "not started"
    return "under way" if maintenance.actual.until is None else "over"


def maintenance_called(graph: Graph, given: str) -> Entry[Maintenance]:
    """The maintenance that an id, or the beginning of it or of its tail, means; BadInput where it is not just one."""
    from svcops.errors import BadInput
    from svcops.store.ids import resolve

    known = graph.all("maintenance")
    names = graph.names("maintenance")
    name = resolve(
        given,
        names,
        noun="maintenance",
        describe=lambda one: _described(graph, one),
        help="svcops maintenance list shows what there is.",
    )
    if name not in known:
        path = graph.find(("maintenance",), name)
        raise BadInput(f"the maintenance {name} is damaged: {path}", help="svcops check shows the place.")
    found: Entry[Maintenance] = known[name]
    return found


def _described(graph: Graph, name: str) -> str:
    entry = graph.all("maintenance").get(name)
    return f"{name}  {entry.value.title}" if entry else f"{name}  (damaged)"


def all_of(graph: Graph, service: str = "") -> list[Entry[Maintenance]]:
    """Every maintenance (of a service), by the time it is planned for, then id."""
    every = graph.all("maintenance").values()
    found = (one for one in every if not service or service in one.value.services)
    return sorted(found, key=lambda one: (one.value.planned.from_, one.name))


def coming(graph: Graph, service: str, now: datetime) -> list[Entry[Maintenance]]:
    """What is planned for a service or under way, in order."""
    return [one for one in all_of(graph, service) if status(one.value, now) in ("planned", "under way")]
