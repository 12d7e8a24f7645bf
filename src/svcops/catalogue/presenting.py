"""A service as a person on call, or a program, sees it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from svcops.catalogue import agreement_presenting, maintenance_presenting
from svcops.catalogue.agreements import agreements_of, today, zone_of
from svcops.catalogue.facts import Answering, absent, answering, contacts_of, dependents, runbooks, system_of
from svcops.catalogue.maintenance import coming
from svcops.catalogue.model import Contact, Service, Team
from svcops.store.entries import Entry
from svcops.store.graph import Graph

COLUMNS: dict[str, Callable[[Entry[Service]], str]] = {
    "name": lambda entry: entry.name,
    "title": lambda entry: entry.value.title,
    "owner": lambda entry: entry.value.owner,
    "tier": lambda entry: "" if entry.value.tier is None else str(entry.value.tier),
    "system": lambda entry: entry.value.system or "",
    "lifecycle": lambda entry: entry.value.lifecycle,
    "type": lambda entry: entry.value.type,
    "external": lambda entry: "external" if entry.value.external else "",
    "escalation": lambda entry: entry.value.escalation or "",
    "depends-on": lambda entry: ", ".join(one.service for one in entry.value.dependencies),
    "workflows": lambda entry: ", ".join(one.name for one in entry.value.core_workflows),
    "tags": lambda entry: ", ".join(entry.value.tags),
    "description": lambda entry: " ".join(entry.value.description.split()),
    "path": lambda entry: entry.path,
}
"""The columns that a list may have, each with what stands in it."""

DEFAULT_COLUMNS = ("name", "title", "owner", "tier", "system")

_UNKNOWN = 8
"""Damaged services that are named."""


def row(entry: Entry[Service], columns: Sequence[str] = DEFAULT_COLUMNS) -> tuple[str, ...]:
    """One line of a list."""
    return tuple(COLUMNS[column](entry) for column in columns)


def summary(entry: Entry[Service]) -> dict[str, Any]:
    """A service in a JSON list."""
    service = entry.value
    return {
        "name": entry.name,
        "title": service.title,
        "description": service.description,
        "owner": service.owner,
        "tier": service.tier,
        "system": service.system,
        "lifecycle": service.lifecycle,
        "type": service.type,
        "external": service.external,
        "escalation": service.escalation,
        "api": service.api.type if service.api else None,
        "tags": list(service.tags),
        "path": entry.path,
    }


def in_list(entry: Entry[Service]) -> dict[str, Any]:
    """The same of one among many, with the names of what it needs and of its core workflows."""
    service = entry.value
    return {
        **summary(entry),
        "depends_on": [one.service for one in service.dependencies],
        "core_workflows": [one.name for one in service.core_workflows],
    }


def detail(graph: Graph, entry: Entry[Service], now: datetime) -> dict[str, Any]:
    """A service as one JSON object: summary, who answers, promises, maintenance, dependencies, workflows, runbooks."""
    service = entry.value
    day = today(graph, now)
    return {
        **summary(entry),
        "answering": [_answering_json(one) for one in answering(graph, service.owner)],
        "agreements": [agreement_presenting.detail(one, day) for one in agreements_of(graph, entry.name)],
        "maintenance": [maintenance_presenting.detail(one, now) for one in coming(graph, entry.name, now)],
        **_dependencies_json(graph, entry),
        "core_workflows": [
            {
                "name": one.name,
                "title": one.title,
                "slo": one.slo,
                "slo_path": graph.find(("slo:SLO/",), one.slo) if one.slo else None,
            }
            for one in service.core_workflows
        ],
        "runbooks": [
            {"name": one.name, "title": one.value.title, "kind": one.value.kind, "path": one.path}
            for one in runbooks(graph, entry.name)
        ],
        "links": [{"url": one.url, "title": one.title, "type": one.type} for one in service.links],
    }


def _dependencies_json(graph: Graph, entry: Entry[Service]) -> dict[str, Any]:
    named = graph.all("service")
    return {
        "depends_on": [
            {
                "service": one.service,
                "title": named[one.service].value.title if one.service in named else None,
                "kind": one.kind,
                "critical": one.critical,
                "why": one.why,
            }
            for one in entry.value.dependencies
        ],
        "needed_by": [
            {
                "service": one.name,
                "title": one.title,
                "kind": one.dependency.kind,
                "critical": one.dependency.critical,
                "why": one.dependency.why,
            }
            for one in dependents(graph, entry.name)
        ],
    }


def heading(graph: Graph, entry: Entry[Service], _now: datetime) -> Iterator[str]:
    """What it is."""
    service = entry.value
    external = "  (run by somebody else)" if service.external else ""
    yield f"{entry.name}  {service.title}{external}"
    yield from (f"  {line}" for line in service.description.splitlines())
    yield ""
    yield f"  tier         {service.tier if service.tier is not None else 'unknown'}"
    yield f"  lifecycle    {service.lifecycle}"
    if service.system:
        system = system_of(graph, service)
        yield f"  system       {service.system} ({system.title if system else absent(graph, service.system, 'system')})"
    if service.api:
        yield f"  API          {service.api.type}"
    yield f"  record       {entry.path}"


def who_answers(graph: Graph, entry: Entry[Service], _now: datetime) -> Iterator[str]:
    """Its owner, and the teams above."""
    yield ""
    yield "Who answers"
    for one in answering(graph, entry.value.owner):
        yield from _answering(graph, one)


def what_is_promised(graph: Graph, entry: Entry[Service], now: datetime) -> Iterator[str]:
    """The agreements about it."""
    return agreement_presenting.section(graph, entry.name, today(graph, now))


def coming_maintenance(graph: Graph, entry: Entry[Service], now: datetime) -> Iterator[str]:
    """Maintenance that is planned or under way."""
    return maintenance_presenting.section(graph, entry.name, now, zone_of(graph))


def needs(graph: Graph, entry: Entry[Service], marks: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Its dependencies, both ways; `marks` are what is to be said below one of them, by the service it leads to."""
    lines = list(section("Depends on", _dependencies(graph, entry.value)))
    count = len(entry.value.dependencies)
    yield from lines[: len(lines) - count]
    for one, line in zip(entry.value.dependencies, lines[len(lines) - count :], strict=True):
        yield line
        yield from (f"    ! {mark}" for mark in marks.get(one.service, ()))
    yield from section(
        "Needed by", _dependents(graph, entry.name) or [(f"no other service{but_damaged(graph, 'service')}",)]
    )
    yield from unknown_needs(graph)


def workflows(_graph: Graph, entry: Entry[Service], _now: datetime) -> Iterator[str]:
    """What users come for."""
    rows = [(one.name, one.title, one.slo or "no SLO") for one in entry.value.core_workflows]
    return section("Core workflows", rows)


def links(_graph: Graph, entry: Entry[Service], _now: datetime) -> Iterator[str]:
    """Addresses outside the store."""
    return section("Links", [(one.url, one.title or one.type) for one in entry.value.links])


def but_damaged(graph: Graph, kind: str) -> str:
    """What is added where there is no record of a kind, as one that cannot be read may be it."""
    return " that can be read" if graph.damaged(kind) else ""


def unknown_needs(graph: Graph) -> Iterator[str]:
    """A line about the services of which nobody can tell what they need, where there are any."""
    names = damaged_services(graph)
    if names:
        yield f"  damaged, and nobody can tell what it needs: {names}"


def damaged_services(graph: Graph) -> str:
    """The names of the services whose files are damaged, the first of them; empty where there are none."""
    names = [PurePosixPath(path).stem for path in graph.damaged("service")]
    more = f" and {len(names) - _UNKNOWN} more" if len(names) > _UNKNOWN else ""
    return ", ".join(names[:_UNKNOWN]) + more


def _dependencies(graph: Graph, service: Service) -> list[tuple[str, ...]]:
    known = graph.all("service")
    return [
        (
            one.service if one.service in known else f"{one.service} ({absent(graph, one.service, 'service')})",
            one.kind,
            _weight(one.critical),
            one.why,
        )
        for one in service.dependencies
    ]


def _dependents(graph: Graph, name: str) -> list[tuple[str, ...]]:
    return [
        (one.name, one.dependency.kind, _weight(one.dependency.critical), one.dependency.why)
        for one in dependents(graph, name)
    ]


def _weight(critical: bool) -> str:  # noqa: FBT001 - one value of a record
    return "critical" if critical else "not critical"


def _answering(graph: Graph, one: Answering) -> Iterator[str]:
    yield f"  {one.name} ({one.title or absent(graph, one.name, 'team', 'person')})"
    yield from _contacts(one.contacts, "    ")
    for name, person in one.members:
        yield f"    {name} ({person.name if person else absent(graph, name, 'person')})"
        if person:
            yield from _contacts(contacts_of(person), "      ")


def _contacts(contacts: tuple[Contact, ...], indent: str) -> Iterator[str]:
    width = max((len(one.channel) for one in contacts), default=0)
    yield from (f"{indent}{one.channel:<{width}}  {one.address}" for one in contacts)


def section(title: str, rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """A heading with aligned rows, or nothing."""
    if rows:
        yield ""
        yield title
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for cells in rows:
            yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _answering_json(one: Answering) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": None if one.record is None else "team" if isinstance(one.record, Team) else "person",
        "title": one.title or None,
        "contacts": _contacts_json(one.contacts),
        "members": [
            {
                "name": name,
                "title": person.name if person else None,
                "contacts": _contacts_json(contacts_of(person)) if person else [],
            }
            for name, person in one.members
        ],
    }


def _contacts_json(contacts: tuple[Contact, ...]) -> list[dict[str, str]]:
    return [{"channel": one.channel, "address": one.address} for one in contacts]
