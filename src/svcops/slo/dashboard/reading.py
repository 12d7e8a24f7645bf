"""What the dashboard is made from, read once: the report, the incidents, who answers. From here on all is pure."""

from collections.abc import Collection, Mapping
from datetime import datetime, tzinfo

from svcops.catalogue.escalation import Reachable, plan
from svcops.catalogue.facts import answering
from svcops.catalogue.model import Service
from svcops.incidents.facts import Outline
from svcops.incidents.outlines import outlines
from svcops.slo.course import POINTS
from svcops.slo.model import SLO
from svcops.slo.report import Report, Way, report_of
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph


@frozen
class Answers:
    """A service of the catalogue: who answers for it, and whom to call first at the moment of the report."""

    service: Service
    owner: str
    first: Reachable | None


@frozen
class World:
    """What the pages are a function of."""

    organisation: str
    report: Report
    slos: Mapping[str, SLO]
    services: Mapping[str, Answers]
    """Those of the catalogue that have SLOs."""
    incidents: Collection[Outline]
    damaged: tuple[str, ...]
    """The files that could not be read, and so are on no page."""
    zone: tzinfo


def read(graph: Graph, at: datetime, zone: tzinfo, names: Collection[str] | None = None) -> World:
    """Read what the dashboard shows of all SLOs, or of those of these names, at an aware time."""
    return world_of(graph, report_of(graph, at, names, way=Way(points=POINTS)), zone)


def world_of(graph: Graph, report: Report, zone: tzinfo) -> World:
    """What the pages show beside a report: the report says how each budget was spent."""
    slos = {one.value.metadata.name: one.value for one in graph.all("slo").values() if isinstance(one.value, SLO)}
    named = {one.question.service for one in report.results} | {one.slo.spec.service for one in report.failures}
    entries = {name: entry for name, entry in graph.all("service").items() if name in named}
    services = {name: _answers(graph, entry, report.at, zone) for name, entry in sorted(entries.items())}
    incidents = tuple(outlines(graph).values())
    damaged = tuple(sorted(graph.left_out()))
    return World(graph.settings.organisation, report, slos, services, incidents, damaged, zone)


def _answers(graph: Graph, entry: Entry[Service], at: datetime, zone: tzinfo) -> Answers:
    owner = entry.value.owner
    severities = graph.settings.severities
    call = plan(graph, entry, severities[0].name if severities else "", at, zone)
    nearest = answering(graph, owner)
    return Answers(entry.value, (nearest[0].title if nearest else "") or owner, call.first)
