"""Incidents without their timelines, as the cache holds them: what a list, or a page about a service, tells of them."""

from collections.abc import Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

from svcops.incidents.facts import KINDS, Outline, folded, states
from svcops.incidents.model import Incident
from svcops.store.derivations import Derivation
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.store.ids import is_id, year_of
from svcops.store.layout import kind
from svcops.store.shape import rebuild

_TIMES = attrgetter("impact_started", "declared", "acknowledged", "mitigated", "resolved", "closed", "next_update")


def outlines(graph: Graph) -> Mapping[str, Outline]:
    """What `svcops.incidents.facts.states` gives, without the timelines: of a large store, as the cache holds them."""
    return graph.once(_outlines)


def merged_into(graph: Graph, incident_id: str) -> list[Outline]:
    """The incidents that were merged into one, which goes on in their place."""
    return [one for one in outlines(graph).values() if one.merged_into == incident_id]


def counted_as(graph: Graph, incident_id: str) -> list[str]:
    """The incident, and all that were merged into it, directly or in turn."""
    return [incident_id, *graph.once(_merged).get(incident_id, ())]


def goes_on_as(graph: Graph, incident_id: str) -> str:
    """The incident that goes on in the place of one, merged in turn or not at all; of a circle, some of its own."""
    return last_of(outlines(graph), incident_id)


def services_with(graph: Graph, incident_id: str) -> tuple[str, ...]:
    """The services that an incident disturbed, or the one that goes on in its place, each once.

    With those of what was merged into it, and its own where that one cannot be read; none where nobody knows.
    """
    every = outlines(graph)
    one = every.get(goes_on_as(graph, incident_id)) or every.get(incident_id)
    return tuple(dict.fromkeys(one.services)) if one else ()


def last_of(every: Mapping[str, Outline], incident_id: str) -> str:
    """The same, of incidents that are read already."""
    name, seen = incident_id, {incident_id}
    while (one := every.get(name)) and (into := one.merged_into) and into not in seen:
        name = into
        seen.add(name)
    return name


def without_record(graph: Graph) -> list[str]:
    """The incidents of which there are events, and no incident.yaml: they are in no list, and may be open."""
    return graph.once(_without_record)


def _without_record(graph: Graph) -> list[str]:
    known = outlines(graph)
    lost = [name for name in graph.tree.folder_names(kind("incident")) if name not in known and is_id(name)]
    return [name for name in lost if not graph.tree.has(_record(name)) and _events(graph, name)]


def _record(incident_id: str) -> str:
    return f"incidents/{year_of(incident_id)}/{incident_id}/incident.yaml"


def _events(graph: Graph, incident_id: str) -> Mapping[str, Entry[Any]]:
    return graph.part("incident-event", year=year_of(incident_id), owner=incident_id)


def _merged(graph: Graph) -> Mapping[str, list[str]]:
    """For every incident that goes on in place of others: those."""
    found: dict[str, list[str]] = {}
    for one in outlines(graph).values():
        if one.merged_into and (last := goes_on_as(graph, one.id)) != one.id:
            found.setdefault(last, []).append(one.id)
    return found


def _outlines(graph: Graph) -> Mapping[str, Outline]:
    severities = [level.name for level in graph.settings.severities]
    found = graph.derived(
        Derivation(
            name="outlines of incidents",
            kinds=KINDS,
            given="\n".join(severities),
            make=lambda read: list(folded(read, severities).values()),
            plain=_plain,
            again=_again,
        )
    )
    if found is None:
        return states(graph)
    found.sort(key=lambda one: one.entry.path)
    return {one.id: one for one in found}


def _plain(one: Outline) -> list[Any]:
    """An outline as JSON has it; `_again` reads it."""
    from svcops.store.yaml_writing import plain_of

    times = [moment.isoformat() if moment else None for moment in _TIMES(one)]
    incident = plain_of(one.incident)
    own = one.services == one.incident.services and one.detected_by == one.incident.detected_by
    taken = None if own else [one.services, one.detected_by]
    told = [one.phase, one.severity, one.roles, one.ending, one.merged_into]
    reopened = [moment.isoformat() for moment in one.reopened]
    return [one.entry.path, incident, taken, *told, reopened, *times]


def _again(plain: list[Any]) -> Outline:
    path, incident, taken, phase, severity, roles, ending, merged_into, again, *texts = plain
    times = [text and datetime.fromisoformat(text) for text in texts]
    name = path.split("/")[2]
    entry = Entry("incident", name, path, rebuild(Incident, incident))
    services, detected_by = taken or (entry.value.services, entry.value.detected_by)
    reopened = tuple(map(datetime.fromisoformat, again))
    told = (tuple(services), detected_by, phase, severity, roles, ending, merged_into, reopened)
    return Outline(name, entry, *told, *times)
