"""The pages of the dashboard as plain values for their template: the overview, and one a service. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from svcops import __version__
from svcops.slo.dashboard.cards import Card, link
from svcops.slo.dashboard.reading import World
from svcops.slo.dashboard.states import State
from svcops.slo.dashboard.words import Link, Mark, Moment, Tone, anchor, when
from svcops.store.frozen import frozen

INDEX = "index.html"
_NAMED = 5
"""Damaged files that are named."""
_TALLIES: Mapping[State, tuple[Tone, str]] = {
    State.SPENT: ("bad", "spent {its} budget"),
    State.BURNING: ("warn", "burning too fast"),
    State.LITTLE_LEFT: ("warn", "with little left"),
    State.UNKNOWN: ("unknown", "unknown"),
    State.FINE: ("good", "fine"),
}


@frozen
class Owner:
    """Who answers for a service, and whom to call first."""

    service: Link
    owner: str
    call: str
    ways: tuple[tuple[str, str], ...]


@frozen
class Row:
    """A card, with links to where its service and itself stand in full."""

    card: Card
    service: Link


@frozen
class Page:
    """One page: where it stands, and what its template is given."""

    path: str
    title: str
    lead: str
    organisation: str
    home: str
    """The overview, from here; empty on it, and where there is none."""
    at: Moment
    zone: str
    tally: tuple[Mark, ...]
    rows: tuple[Row, ...]
    owners: tuple[Owner, ...]
    notices: tuple[str, ...]
    version: str
    is_live: bool = False
    """Whether a server renews it."""


def overview(world: World, cards: Sequence[Card], *, linked: bool = False, path: str = INDEX) -> Page:
    """All objectives on one page; `linked`, there is a page a service beside it."""
    rows = [Row(one, link(world, one.service, page_path(one.service) if linked else "")) for one in cards]
    return Page(
        path=path,
        title="Service levels",
        lead=_lead(world, cards),
        organisation=world.organisation,
        home="",
        at=when(world.report.at, world.zone),
        zone=str(world.zone),
        tally=tuple(_tally(cards)),
        rows=tuple(rows),
        owners=tuple(_owners(world, cards, linked=linked)),
        notices=tuple(_notices(world)),
        version=__version__,
    )


def pages(world: World, cards: Sequence[Card]) -> Iterator[Page]:
    """The overview, and a page for each service that has SLOs, in the order of the overview."""
    yield overview(world, cards, linked=True)
    for service in dict.fromkeys(one.service for one in cards):
        of_it = [one for one in cards if one.service == service]
        page = overview(world, of_it, path=page_path(service))
        known = world.services.get(service)
        lead = known.service.description if known else ""
        yield replace(page, title=link(world, service).text, lead=lead or page.lead, home=f"../{INDEX}")


def page_path(service: str) -> str:
    """Where the page of a service stands."""
    return f"services/{anchor(service)}.html"


def _lead(world: World, cards: Sequence[Card]) -> str:
    if not cards and any(path.startswith("slo/") for path in world.damaged):
        return "There is no SLO that can be read."
    if not cards:
        return "There are no SLOs: slo/ holds none."
    spent, all_ = sum(one.state is State.SPENT for one in cards), len(cards)
    objectives = "objective" if all_ == 1 else "objectives"
    if spent:
        return f"{spent} of {all_} {objectives} spent {'its' if spent == 1 else 'their'} error budget."
    unknown = sum(one.state is State.UNKNOWN for one in cards)
    rest = f"; of {unknown} it is unknown" if unknown else ""
    return f"None of {all_} {objectives} is known to have spent its error budget{rest}."


def _tally(cards: Sequence[Card]) -> Iterator[Mark]:
    numbers = Counter(one.state for one in cards)
    for state, (tone, words) in _TALLIES.items():
        if number := numbers[state]:
            yield Mark(tone, f"{number} {words.format(its='its' if number == 1 else 'their')}")


def _owners(world: World, cards: Sequence[Card], *, linked: bool) -> Iterator[Owner]:
    for service in sorted({one.service for one in cards}):
        known = world.services.get(service)
        named = link(world, service, page_path(service) if linked else "")
        if known is None:
            yield Owner(named, "unknown: the catalogue does not have it", "", ())
            continue
        first = known.first
        ways = tuple((way.channel, way.address) for way in first.ways) if first else ()
        yield Owner(named, known.owner, first.title if first else "", ways)


def _notices(world: World) -> Iterator[str]:
    if world.damaged:
        more = " and others" if len(world.damaged) > _NAMED else ""
        yield f"damaged, and left out: {', '.join(world.damaged[:_NAMED])}{more}. svcops check shows the place."
