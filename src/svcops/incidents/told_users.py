"""What users were told last of a disruption: by its incident, or by one that was merged into it."""

from typing import Any

from svcops.incidents.duplicates import last_update
from svcops.incidents.facts import State, duplicates
from svcops.store.entries import Entry
from svcops.store.graph import Graph


def told_last(graph: Graph, one: State) -> Entry[Any] | None:
    """The latest update of an incident and of all that it took over; None where nobody told users anything."""
    updates = [last_update(each) for each in (one, *duplicates(graph, one))]
    return max(filter(None, updates), key=lambda each: (each.value.at, each.value.recorded_at, each.name), default=None)


def incident_of(update: Entry[Any]) -> str:
    """The id of the incident whose update it is."""
    return update.name.partition("/")[0]
