"""Services and runbooks as pages show them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from svcops.catalogue.model import Service
from svcops.catalogue.presenting import damaged_services
from svcops.incidents.measures import measures_with
from svcops.incidents.problems import known_errors
from svcops.portal import levels
from svcops.portal.addresses import Here, nowhere, outside
from svcops.portal.incidents import IncidentRow, is_open, rows
from svcops.portal.levels import Level, Row
from svcops.portal.postmortems import MeasureRow, measure_row
from svcops.portal.problems import HelpRow, helping_rows
from svcops.portal.reading import World
from svcops.portal.teams import Reachable, answering
from svcops.portal.words import UNKNOWN, Fact, Link, Mark, fact
from svcops.runbooks.model import Runbook
from svcops.store.entries import Entry
from svcops.store.frozen import frozen

if TYPE_CHECKING:
    from markupsafe import Markup


@frozen
class DependencyRow:
    """One service that needs another: the other one, as seen from this page."""

    service: Link
    kind: str
    critical: Mark
    why: str


@frozen
class Workflow:
    """A core workflow, and the SLO that measures it."""

    title: str
    slo: Link
    states: tuple[Mark, ...]


@frozen
class RunbookRow:
    """A runbook in a list."""

    title: Link
    kind: str
    service: Link
    alerts: tuple[str, ...]


@frozen
class ServicePage:
    """A service."""

    description: str
    facts: tuple[Fact, ...]
    states: tuple[Mark, ...]
    answering: tuple[Reachable, ...]
    owner: str
    """Why nobody is named, where that is so."""
    links: tuple[Link, ...]
    workflows: tuple[Workflow, ...]
    slos: tuple[Row, ...]
    needs: tuple[DependencyRow, ...]
    needed_by: tuple[DependencyRow, ...]
    damaged: str
    """The services of which nobody can tell what they need."""
    runbooks: tuple[RunbookRow, ...]
    known_errors: tuple[HelpRow, ...]
    open_incidents: tuple[IncidentRow, ...]
    past_incidents: tuple[IncidentRow, ...]
    measures: tuple[MeasureRow, ...]
    definition: str


@frozen
class RunbookPage:
    """A runbook."""

    facts: tuple[Fact, ...]
    answering: tuple[Reachable, ...]
    owner: str
    contents: tuple[Link, ...]
    text: "Markup"


def service_page(here: Here, world: World, entry: Entry[Service], found: tuple[Level, ...]) -> ServicePage:
    """The page of a service; `found` are the levels of all services."""
    service, graph = entry.value, world.graph
    own = tuple(one for one in found if one.service == entry.name)
    concerned = [one for one in world.states.values() if entry.name in one.services]
    measures = {one.id: one for state in concerned for one in measures_with(graph, state.id)}.values()
    return ServicePage(
        description=service.description,
        facts=tuple(_facts(service, world)),
        states=slo_states(entry, own, "SLO"),
        answering=answering(here, graph, service.owner),
        owner=nowhere(graph, service.owner, "team", "person"),
        links=tuple(_link(one.title, one.type, one.url) for one in service.links),
        workflows=tuple(_workflows(here, service, found)),
        slos=tuple(levels.row(here, world, one) for one in own),
        needs=tuple(
            DependencyRow(here.service(graph, one.service), one.kind, _critical(critical=one.critical), one.why)
            for one in service.dependencies
        ),
        needed_by=tuple(_needed_by(here, world, entry.name)),
        damaged=damaged_services(graph),
        runbooks=runbooks(here, world, entry.name),
        known_errors=helping_rows(known_errors(graph, [entry.name])),
        open_incidents=rows(here, world, (one for one in concerned if is_open(world, one)), worst_first=True),
        past_incidents=rows(here, world, (one for one in concerned if not is_open(world, one))),
        measures=tuple(measure_row(here, world, one) for one in measures),
        definition=service.api.definition if service.api else "",
    )


def runbook_page(here: Here, world: World, entry: Entry[Runbook], text: "Markup") -> RunbookPage:
    """The page of a runbook; it is answered for by its owner, or by the owner of its service."""
    runbook, graph = entry.value, world.graph
    home = graph.all("service").get(entry.parts["service"])
    owner = runbook.owner or (home.value.owner if home else "")
    return RunbookPage(
        facts=(
            fact("Kind", runbook.kind),
            fact("Services", *(here.service(graph, one) for one in runbook.services)),
            fact("Answers the alerts", *(runbook.alerts or ("none named",))),
            fact("File", entry.path),
        ),
        answering=answering(here, graph, owner),
        owner=nowhere(graph, owner, "team", "person") if owner else UNKNOWN,
        contents=world.texts[entry.path].contents,
        text=text,
    )


def runbooks(here: Here, world: World, service: str = "") -> tuple[RunbookRow, ...]:
    """The runbooks, or those that are of use for a service, its own first."""
    every = list(world.graph.all("runbook").values())
    if service:
        every = [one for one in every if service in (one.parts["service"], *one.value.services)]
        every.sort(key=lambda one: (one.parts["service"] != service, one.path))
    return tuple(
        RunbookRow(
            here.link("runbook", one.name, one.value.title),
            one.value.kind,
            here.service(world.graph, one.parts["service"]),
            one.value.alerts,
        )
        for one in every
    )


def slo_states(entry: Entry[Service], own: tuple[Level, ...], noun: str = "") -> tuple[Mark, ...]:
    """How the SLOs of a service stand, the worst first."""
    if own:
        return levels.tally(own, noun)
    return (Mark("plain", "none expected: run by others" if entry.value.external else "no SLO"),)


def tier(service: Service) -> str:
    """The tier in words; a service run by others needs none."""
    if service.tier is not None:
        return f"Tier {service.tier}"
    return "Run by others" if service.external else "Tier unknown"


def _facts(service: Service, world: World) -> Iterator[Fact]:
    yield fact("Tier", str(service.tier) if service.tier is not None else UNKNOWN)
    yield fact("Lifecycle", service.lifecycle)
    if service.type:
        yield fact("Type", service.type)
    if service.api:
        yield fact("API", service.api.type)
    if service.system:
        system = world.graph.all("system").get(service.system)
        yield fact("System", system.value.title if system else nowhere(world.graph, service.system, "system"))
    if service.external:
        yield fact("Run by", "somebody else")
    if service.tags:
        yield fact("Tags", *service.tags)


def _workflows(here: Here, service: Service, found: tuple[Level, ...]) -> Iterator[Workflow]:
    for one in service.core_workflows:
        if not one.slo:
            yield Workflow(one.title, Link("none"), (Mark("unknown", "not measured"),))
            continue
        measured = tuple(level for level in found if f"SLO/{level.slo}" == one.slo)
        link = here.link("slo", one.slo, measured[0].title if measured else one.slo)
        states = (measured[0].verdict,) if len(measured) == 1 else levels.tally(measured)
        yield Workflow(one.title, link, states or (Mark("unknown", "unknown: no such SLO"),))


def _needed_by(here: Here, world: World, name: str) -> Iterator[DependencyRow]:
    for entry in world.graph.all("service").values():
        for one in entry.value.dependencies:
            if one.service == name:
                service = here.service(world.graph, entry.name)
                yield DependencyRow(service, one.kind, _critical(critical=one.critical), one.why)


def _critical(*, critical: bool) -> Mark:
    return Mark("warn", "critical") if critical else Mark("plain", "not critical")


def _link(title: str, type_: str, url: str) -> Link:
    """A link as a record has it: its address is shown where it is none that a page may lead to."""
    href = outside(url)
    name = title or type_ or url
    return Link(name if href else f"{name}: {url}", href)
