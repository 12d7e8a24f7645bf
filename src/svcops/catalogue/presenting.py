"""A service as a person on call, or a program, sees it."""

from collections.abc import Iterator
from typing import Any

from svcops.catalogue.facts import Answering, answering, contacts_of, dependents, runbooks, system_of
from svcops.catalogue.model import Contact, Service, Team
from svcops.store.graph import Entry, Graph

UNKNOWN = "not in the catalogue"
COLUMNS = ("name", "title", "owner", "tier", "system")


def row(entry: Entry[Service]) -> tuple[str, ...]:
    """One line of a list."""
    service = entry.value
    tier = "" if service.tier is None else str(service.tier)
    return (entry.name, service.title, service.owner, tier, service.system or "")


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
        "api": service.api.type if service.api else None,
        "tags": list(service.tags),
        "path": entry.path,
    }


def detail(graph: Graph, entry: Entry[Service]) -> dict[str, Any]:
    """A service as one JSON object: the summary, who answers, dependencies both ways, workflows, runbooks, links."""
    service = entry.value
    named = graph.all("service")
    return {
        **summary(entry),
        "answering": [_answering_json(one) for one in answering(graph, service.owner)],
        "depends_on": [
            {
                "service": one.service,
                "title": named[one.service].value.title if one.service in named else None,
                "kind": one.kind,
                "critical": one.critical,
                "why": one.why,
            }
            for one in service.dependencies
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
        "core_workflows": [
            {
                "name": one.name,
                "title": one.title,
                "slo": one.slo,
                "slo_path": graph.find(("slo",), one.slo) if one.slo else None,
            }
            for one in service.core_workflows
        ],
        "runbooks": [
            {"name": one.name, "title": one.value.title, "kind": one.value.kind, "path": one.path}
            for one in runbooks(graph, entry.name)
        ],
        "links": [{"url": one.url, "title": one.title, "type": one.type} for one in service.links],
    }


def as_text(graph: Graph, entry: Entry[Service]) -> str:
    """A service as a page to read in a terminal."""
    return "\n".join(_lines(graph, entry))


def _lines(graph: Graph, entry: Entry[Service]) -> Iterator[str]:
    service = entry.value
    external = "  (run by somebody else)" if service.external else ""
    yield f"{entry.name}  {service.title}{external}"
    yield from (f"  {line}" for line in service.description.splitlines())
    yield ""
    yield f"  tier         {service.tier if service.tier is not None else 'unknown'}"
    yield f"  lifecycle    {service.lifecycle}"
    if service.system:
        system = system_of(graph, service)
        yield f"  system       {service.system} ({system.title if system else UNKNOWN})"
    if service.api:
        yield f"  API          {service.api.type}"
    yield f"  record       {entry.path}"
    yield ""
    yield "Who answers"
    for one in answering(graph, service.owner):
        yield from _answering(one)
    yield from _section("Depends on", _dependencies(graph, service))
    yield from _section("Needed by", _dependents(graph, entry.name))
    yield from _section(
        "Core workflows", [(one.name, one.title, one.slo or "no SLO") for one in service.core_workflows]
    )
    books = runbooks(graph, entry.name)
    yield from _section("Runbooks", [(one.path, one.value.title, one.value.kind) for one in books])
    yield from _section("Links", [(one.url, one.title or one.type) for one in service.links])


def _dependencies(graph: Graph, service: Service) -> list[tuple[str, ...]]:
    known = graph.all("service")
    return [
        (
            one.service if one.service in known else f"{one.service} ({UNKNOWN})",
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


def _answering(one: Answering) -> Iterator[str]:
    yield f"  {one.name} ({one.title or UNKNOWN})"
    yield from _contacts(one.contacts, "    ")
    for name, person in one.members:
        yield f"    {name} ({person.name if person else UNKNOWN})"
        if person:
            yield from _contacts(contacts_of(person), "      ")


def _contacts(contacts: tuple[Contact, ...], indent: str) -> Iterator[str]:
    width = max((len(one.channel) for one in contacts), default=0)
    yield from (f"{indent}{one.channel:<{width}}  {one.address}" for one in contacts)


def _section(title: str, rows: list[tuple[str, ...]]) -> Iterator[str]:
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
