"""What whoever declares an incident has to know at once: whom to call, who answers, what to do."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from svcops.catalogue.agreements import zone_of
from svcops.catalogue.escalation import plan
from svcops.catalogue.escalation_presenting import headline
from svcops.catalogue.facts import runbooks
from svcops.store.graph import Graph

_MOST = 5
"""Runbooks of a service that are listed; the service's page has them all."""


def briefing(graph: Graph, services: Sequence[str], severity: str, now: datetime) -> Iterator[str]:
    """Lines about each service; what is missing in the catalogue is said, too."""
    for name in services:
        service = graph.all("service").get(name)
        if service is None:
            yield f"{name} answers: unknown, its record is damaged; svcops check shows the place"
            continue
        called = plan(graph, service, severity, now, zone_of(graph))
        if called.has_policy_call:
            yield f"{headline(called)} (more: svcops escalate {name} --severity {severity})"
            yield from (f"! {note}" for note in called.notes)
        yield f"{name} answers: {service.value.owner} ({_where(graph, service.value.owner)})"
        found = runbooks(graph, name)
        for book in found[:_MOST]:
            yield f"runbook: {book.path}  {book.value.title}"
        if len(found) > _MOST:
            yield f"and {len(found) - _MOST} more runbooks: svcops service show {name}"


def _where(graph: Graph, owner: str) -> str:
    entry = graph.all("team").get(owner) or graph.all("person").get(owner)
    contacts = ", ".join(f"{one.channel} {one.address}" for one in entry.value.contacts) if entry else ""
    return contacts or ("no contacts in the catalogue" if entry else "not in the catalogue")
