"""Every page of the site, as plain values for its template: a pure function of what was read."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from svcops import __version__
from svcops.portal import checks, incidents, levels, services
from svcops.portal.addresses import Addresses, Here, in_store, outside
from svcops.portal.markdown import render
from svcops.portal.postmortems import postmortem_page
from svcops.portal.reading import World
from svcops.portal.teams import teams_page
from svcops.portal.words import Link, Mark, Moment, counted, one_line, when
from svcops.store.frozen import frozen

if TYPE_CHECKING:
    from markupsafe import Markup

_NAV = (("Overview", "index.html"), ("Runbooks", "runbooks.html"), ("Incidents", "incidents.html"))
_NAV_END = (("Teams", "teams.html"),)


@frozen
class NavLink:
    """A line of the navigation; `current` is what ARIA calls it."""

    text: str
    href: str
    current: str


@frozen
class Page:
    """One page: where it stands, its template, and what that is given as `page`."""

    path: str
    template: str
    title: str
    kind: str
    """What the page is about, in a word; empty for a list."""
    root: str
    nav: tuple[NavLink, ...]
    trail: tuple[Link, ...]
    """The way from the top, without the page itself."""
    content: Any
    """What the template shows, under the name `content`."""


@frozen
class Site:
    """What all pages share."""

    name: str
    at: Moment
    commit: str
    changed: str
    left_out: str
    version: str


@frozen
class ServiceRow:
    """A service on the overview."""

    name: Link
    description: str
    owner: Link
    incidents: tuple[incidents.IncidentRow, ...]
    states: tuple[Mark, ...]
    runbooks: str


@frozen
class Tier:
    """The services of a tier."""

    title: str
    services: tuple[ServiceRow, ...]


@frozen
class LeftOut:
    """A file that is on no page, and why."""

    path: str
    reason: str


@frozen
class Overview:
    """The first page."""

    summary: tuple[Mark, ...]
    open_incidents: tuple[incidents.IncidentRow, ...]
    tiers: tuple[Tier, ...]
    slos: tuple[levels.Row, ...]
    sources: tuple[levels.Source, ...]
    left_out: tuple[LeftOut, ...]


@frozen
class RunbooksPage:
    """Every runbook."""

    runbooks: tuple[services.RunbookRow, ...]


def site(world: World) -> Site:
    """What all pages share."""
    revision = world.revision
    damaged = len({one.at.path for one in world.left_out})
    return Site(
        name=one_line(world.graph.settings.organisation) or "Services",
        at=when(world.at, world.zone),
        commit=revision.commit or f"none: {revision.why_none}",
        changed="with changes that are not committed" if revision.changed else "",
        left_out=f"{counted(damaged, 'damaged file')} left out" if damaged else "",
        version=__version__,
    )


def pages(world: World) -> Iterator[Page]:
    """Every page, in the order of what a reader needs first."""
    graph, addresses = world.graph, Addresses(world.graph)
    found = levels.levels(world)
    here = Here("index.html", addresses)
    yield _page(here, "index.html", site(world).name, _overview(here, world, found))
    here = Here("runbooks.html", addresses)
    yield _page(here, "runbooks.html", "Runbooks", RunbooksPage(services.runbooks(here, world)))
    here = Here("incidents.html", addresses)
    yield _page(here, "incidents.html", "Incidents", incidents.incidents_page(here, world))
    here = Here("teams.html", addresses)
    yield _page(here, "teams.html", "Teams", teams_page(here, graph))
    for service in graph.all("service").values():
        here = addresses.here("service", service.name)
        content = services.service_page(here, world, service, found)
        trail = Link("Services", here.to("index.html", "services"))
        yield _page(here, "service.html", service.value.title, content, "Service", trail)
    for runbook in graph.all("runbook").values():
        here = addresses.here("runbook", runbook.name)
        up = (Link("Runbooks", here.to("runbooks.html")), here.service(graph, runbook.parts["service"]))
        text = services.runbook_page(here, world, runbook, _text(here, world, runbook.path))
        yield _page(here, "runbook.html", runbook.value.title, text, "Runbook", *up)
    yield from _stories(world, addresses)
    yield from _checks(addresses)


def _checks(addresses: Addresses) -> Iterator[Page]:
    """What the codes of findings mean."""
    here = Here(checks.LIST, addresses)
    yield _page(here, "checks.html", "What the check finds", checks.checks_page(here))
    for code, title, content in checks.rule_pages():
        here = Here(checks.address(code), addresses)
        trail = Link("What the check finds", here.to(checks.LIST))
        yield _page(here, "check.html", title, content, "Rule", trail)


def _stories(world: World, addresses: Addresses) -> Iterator[Page]:
    """Incidents and post-mortems."""
    for state in world.states.values():
        here = addresses.here("incident", state.id)
        trail = Link("Incidents", here.to("incidents.html"))
        content = incidents.incident_page(here, world, state)
        yield _page(here, "incident.html", state.incident.title, content, "Incident", trail)
    for entry in world.graph.all("postmortem").values():
        here = addresses.here("postmortem", entry.name)
        trail = Link("Incidents", here.to("incidents.html", "postmortems"))
        text = postmortem_page(here, world, entry, _text(here, world, entry.path))
        yield _page(here, "postmortem.html", entry.value.title, text, "Post-mortem", trail)


def _page(here: Here, template: str, title: str, content: Any, kind: str = "", *trail: Link) -> Page:
    nav = tuple(
        NavLink(text, here.to(path), "page" if path == here.path else "false") for text, path in (*_NAV, *_NAV_END)
    )
    return Page(here.path, f"site/{template}", one_line(title), kind, here.root, nav, trail, content)


def _text(here: Here, world: World, path: str) -> "Markup":
    """The Markdown of a record, its links made links of the site."""

    def resolve(href: str) -> str:
        meant = in_store(path, href)
        if meant is None:
            return outside(href)
        target, fragment = meant
        place = here.addresses.of_path(target)
        ids = world.texts[target].ids if target in world.texts else {}
        return here.to(place.page, ids.get(fragment, place.fragment)) if place else ""

    return render(world.texts[path], resolve)


def _overview(here: Here, world: World, found: tuple[levels.Level, ...]) -> Overview:
    open_ones = incidents.open_ones(world)
    age = levels.data_age(world)
    trouble: Mark = Mark("bad", f"{counted(len(open_ones), 'incident')} in the cycle")
    summary = (trouble if open_ones else Mark("good", "no incident in the cycle"), *_of_slos(found))
    findings = {one.at.path: one.message for one in reversed(world.left_out)}
    return Overview(
        summary=(*summary, age) if age else summary,
        open_incidents=incidents.rows(here, world, open_ones, worst_first=True),
        tiers=tuple(_tiers(here, world, found)),
        slos=tuple(levels.row(here, world, one, home=True) for one in found),
        sources=levels.sources(world),
        left_out=tuple(LeftOut(path, findings[path]) for path in sorted(findings)),
    )


def _of_slos(found: tuple[levels.Level, ...]) -> tuple[Mark, ...]:
    return levels.tally(found, "SLO") or (Mark("plain", "no SLOs"),)


def _tiers(here: Here, world: World, found: tuple[levels.Level, ...]) -> Iterator[Tier]:
    """Services by tier: the most critical first, those without a tier after them, those run by others last."""
    by_tier: dict[tuple[bool, float, str], list[ServiceRow]] = {}
    open_ones = incidents.open_ones(world)
    for name, entry in world.graph.all("service").items():
        service = entry.value
        own = tuple(one for one in found if one.service == name)
        concerned = (one for one in open_ones if name in one.services)
        number = float("inf") if service.tier is None else float(service.tier)
        key = (service.tier is None and service.external, number, services.tier(service))
        by_tier.setdefault(key, []).append(
            ServiceRow(
                name=here.service(world.graph, name),
                description=service.description,
                owner=here.answering(world.graph, service.owner),
                incidents=incidents.rows(here, world, concerned, worst_first=True),
                states=services.slo_states(entry, own),
                runbooks=counted(len(services.runbooks(here, world, name)), "runbook"),
            )
        )
    return (Tier(key[2], tuple(by_tier[key])) for key in sorted(by_tier))
