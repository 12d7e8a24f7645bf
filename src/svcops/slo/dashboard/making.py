"""From a report to the files of the dashboard."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo

from svcops.errors import BadInput
from svcops.slo.damage import but_damaged
from svcops.slo.dashboard.cards import Card, cards
from svcops.slo.dashboard.living import Made, with_earlier
from svcops.slo.dashboard.pages import INDEX, overview, pages
from svcops.slo.dashboard.reading import World, read, world_of
from svcops.slo.dashboard.rendering import render
from svcops.slo.dashboard.watching import patterns_of
from svcops.slo.model import SLO
from svcops.slo.report import Report
from svcops.store.graph import Graph
from svcops.store.made_folder import Maker
from svcops.store.suggest import did_you_mean
from svcops.terminal.session import Session

MAKER = Maker(".svcops-dashboard", "svcops.slo-dashboard-folder/1", "svcops slo dashboard", "--output")


def one_page(graph: Graph, report: Report, zone: tzinfo) -> str:
    """The overview alone, which needs no page beside it."""
    world = world_of(graph, report, zone)
    return render(graph.root, [overview(world, cards(world))])[INDEX].decode()


def all_pages(graph: Graph, world: World) -> Mapping[str, bytes]:
    """The overview, and a page a service, by their paths."""
    return render(graph.root, pages(world, cards(world)))


def renewed(session: Session, at: Callable[[], datetime], service: str, earlier: Sequence[Card]) -> Made:
    """The pages as a server sends them, of the store as it is now: with the last good figures of what is damaged."""
    graph = replace(session).store_untouched.graph  # a call of its own, which reads the store anew
    world = read(graph, at(), session.zone, names_of(graph, service))
    every = with_earlier(cards(world), earlier, world.damaged)
    made = pages(world, every) if not service else [overview(world, every)]
    return Made(tuple(replace(page, is_live=True) for page in made), tuple(every), tuple(patterns_of(graph)))


def names_of(graph: Graph, service: str) -> list[str] | None:
    """The SLOs of a service; None for all, where none is named. BadInput where it has none."""
    if not service:
        return None
    slos = [one.value for one in graph.all("slo").values() if isinstance(one.value, SLO)]
    found = [one.metadata.name for one in slos if one.spec.service == service]
    if not found:
        known = sorted({one.spec.service for one in slos})
        help_ = did_you_mean(service, known) or f"Services with SLOs: {', '.join(known) or 'none'}."
        raise BadInput(f"no SLO{but_damaged(graph)} is of a service {service!r}", help=help_)
    return found
