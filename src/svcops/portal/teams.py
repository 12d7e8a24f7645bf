"""Who answers: teams with their members, persons with their deputies, and how to reach each of them."""

from svcops.catalogue.model import Contact, Person, Team
from svcops.portal.addresses import Here, anchor, contact, nowhere
from svcops.portal.words import Fact, Link, fact
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph


@frozen
class Reachable:
    """A team or a person, and the ways to reach them."""

    id: str
    name: Link
    description: str
    contacts: tuple[Fact, ...]
    members: "tuple[Reachable, ...]" = ()
    facts: tuple[Fact, ...] = ()


@frozen
class TeamsPage:
    """Every team and every person."""

    teams: tuple[Reachable, ...]
    people: tuple[Reachable, ...]


def teams_page(here: Here, graph: Graph) -> TeamsPage:
    """The page of all who answer."""
    return TeamsPage(
        tuple(_team(here, graph, one, in_full=True) for one in graph.all("team").values()),
        tuple(_person(here, graph, one, in_full=True) for one in graph.all("person").values()),
    )


def answering(here: Here, graph: Graph, owner: str) -> tuple[Reachable, ...]:
    """Who answers for something: the owner, then the teams above it; empty where the owner is not in the catalogue."""
    person = graph.all("person").get(owner)
    found: list[Reachable] = []
    seen = set()
    team = graph.all("team").get(owner)
    if team is None and person:
        return (_person(here, graph, person),)
    while team and team.name not in seen:
        seen.add(team.name)
        found.append(_team(here, graph, team))
        team = graph.all("team").get(team.value.parent or "")
    return tuple(found)


def _team(here: Here, graph: Graph, entry: Entry[Team], *, in_full: bool = False) -> Reachable:
    team = entry.value
    known = graph.all("person")
    members = tuple(
        _person(here, graph, known[name])
        if name in known
        else Reachable("", Link(nowhere(graph, name, "person")), "", ())
        for name in team.members
    )
    facts = []
    if in_full:
        owned = [one for one in graph.all("service").values() if one.value.owner == entry.name]
        facts = [fact("Part of", here.answering(graph, team.parent))] if team.parent else []
        facts += [fact("Answers for", *(here.service(graph, one.name) for one in owned))] if owned else []
    name = Link(team.title) if in_full else here.link("team", entry.name, team.title)
    return Reachable(
        anchor("team", entry.name), name, team.description, _contacts(team.contacts), members, tuple(facts)
    )


def _person(here: Here, graph: Graph, entry: Entry[Person], *, in_full: bool = False) -> Reachable:
    """A person; `in_full` stands on their own place, and needs no link to it."""
    person = entry.value
    contacts = _contacts(person.contacts)
    if person.emails:
        contacts = (*contacts, fact("mail", contact(person.emails[0])))
    deputies = tuple(fact("deputy", here.who(graph, name)) for name in person.deputies)
    name = Link(person.name) if in_full else here.link("person", entry.name, person.name)
    return Reachable(anchor("person", entry.name), name, "", (*contacts, *deputies))


def _contacts(contacts: tuple[Contact, ...]) -> tuple[Fact, ...]:
    return tuple(fact(one.channel, contact(one.address)) for one in contacts)
