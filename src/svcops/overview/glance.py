"""A service at a glance: what an engineer asks at night, from every room. A function of graph, clock and samples.

What cannot be worked out never hides the rest: it becomes a remark.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from svcops.catalogue.agreements import zone_of
from svcops.catalogue.escalation import Plan, plan
from svcops.catalogue.facts import runbooks
from svcops.catalogue.maintenance import coming
from svcops.catalogue.model import Maintenance, Service
from svcops.errors import SvcopsError
from svcops.incidents.facts import Outline
from svcops.incidents.outlines import outlines
from svcops.incidents.problems import ProblemState, known_errors
from svcops.overview.disturbed import Disturbed, disturbed
from svcops.overview.grounds import grounds
from svcops.overview.score import Score, score
from svcops.runbooks.model import Exercise, Runbook
from svcops.runbooks.runs import Track
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

if TYPE_CHECKING:
    from svcops.slo.report import Report

_PHASES = ("incident", "remediation", "post-mortem", "normal operations")
"""As the order in which open incidents are told: what still hurts first."""


@frozen
class Levels:
    """The service levels of a service now; `report` is None where it has no SLO, or where `wrong` says why not."""

    report: "Report | None"
    wrong: str = ""


@frozen
class Glance:
    """Everything that is told of a service at a moment."""

    service: Entry[Service]
    now: datetime
    incidents: tuple[Outline, ...]
    """Those that are not over, what still hurts first, then the one declared last."""
    disturbed: Mapping[str, tuple[Disturbed, ...]]
    """For each service that it depends on: what is disturbed of that, or of what that needs."""
    known_errors: tuple[ProblemState, ...]
    """What goes wrong now and then, and what helps: the latest first."""
    levels: Levels
    maintenance: tuple[Entry[Maintenance], ...]
    """What is planned or under way, in order."""
    call: Plan
    """Who is called now, at the highest severity."""
    runbooks: tuple[tuple[Entry[Runbook], Track[Exercise]], ...]
    score: Score


def glance(graph: Graph, service: Entry[Service], now: datetime) -> Glance:
    """What is known of a service now."""
    severities = graph.settings.severities
    exercised = grounds(graph, now).exercises
    never: Track[Exercise] = Track()
    books = ((book, exercised.get(book.name, never)) for book in runbooks(graph, service.name))
    return Glance(
        service=service,
        now=now,
        incidents=tuple(open_incidents(graph, service.name)),
        disturbed=disturbed(graph, service),
        known_errors=tuple(known_errors(graph, [service.name])),
        levels=levels(graph, service.name, now),
        maintenance=tuple(coming(graph, service.name, now)),
        call=plan(graph, service, severities[0].name if severities else "", now, zone_of(graph)),
        runbooks=tuple(books),
        score=score(graph, service, now),
    )


def open_incidents(graph: Graph, service: str) -> list[Outline]:
    """The incidents of a service that are not over."""
    found = [one for one in outlines(graph).values() if service in one.services and not one.is_over]
    found.sort(key=lambda one: one.id)
    found.sort(key=lambda one: one.declared.timestamp() if one.declared else 0.0, reverse=True)
    return sorted(found, key=lambda one: _PHASES.index(one.phase))


def levels(graph: Graph, service: str, now: datetime) -> Levels:
    """The report on the SLOs of one service, and on no others, so that only their samples are read."""
    names = {one.name.removeprefix("SLO/") for one in grounds(graph, now).slos.get(service, [])}
    if not names:
        return Levels(None)
    from svcops.slo.report import report_of

    try:
        return Levels(report_of(graph, now, names))
    except SvcopsError as error:
        return Levels(None, error.message)
