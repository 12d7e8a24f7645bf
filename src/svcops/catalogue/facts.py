"""What the catalogue says about a service beyond its own record. Pure functions of the graph."""

from typing import Any

from svcops.catalogue.model import Contact, Dependency, Person, Service, System, Team
from svcops.errors import BadInput
from svcops.runbooks.model import Runbook
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

UNKNOWN = "not in the catalogue"


def absent(graph: Graph, name: str, *kinds: str) -> str:
    """Why there is no record of that name to go by."""
    path = graph.find(kinds, name)
    return f"damaged: {path}" if path else UNKNOWN


@frozen
class Dependent:
    """A service that needs another, and how."""

    name: str
    title: str
    dependency: Dependency


@frozen
class Answering:
    """A team or person that answers for something; None for the record where the catalogue has none of that name."""

    name: str
    record: Team | Person | None
    members: tuple[tuple[str, Person | None], ...] = ()

    @property
    def title(self) -> str:
        """What people call them."""
        if self.record is None:
            return ""
        return self.record.title if isinstance(self.record, Team) else self.record.name

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """How to reach them; the mail addresses of a person count."""
        return () if self.record is None else contacts_of(self.record)


def called(graph: Graph, kind: str, name: str) -> Entry[Any]:
    """The record that somebody typed the name of; BadInput with the nearest name, or where its file is damaged.

    `kind` is one with a verb `list`: service, agreement, schedule.
    """
    wanted = name.strip().lower()
    every = graph.all(kind)
    found = every.get(name.strip()) or every.get(wanted)  # a file may have a name that is none, which the check finds
    if found is not None:
        return found
    path = graph.find((kind,), wanted)
    if path:
        raise BadInput(f"the {kind} {wanted} is damaged: {path}", help="svcops check shows the place.")
    from svcops.store.suggest import did_you_mean

    near = did_you_mean(wanted, graph.names(kind))
    raise BadInput(f"there is no {kind} {name!r}", help=near or f"svcops {kind} list shows what there is.")


@frozen
class Filter:
    """Which services are wanted; what is left empty lets everything pass."""

    owner: str = ""
    tier: int | None = None
    system: str = ""
    lifecycle: str = ""
    tag: str = ""
    external: bool | None = None
    depends_on: str = ""
    """A service that they need themselves, not by way of another."""
    text: str = ""
    """Words that each stand in the name, title, description or tags, in small letters or capitals."""

    def passes(self, one: Entry[Service]) -> bool:
        """Whether a service is wanted."""
        service = one.value
        return (
            self.owner in ("", service.owner)
            and self.tier in (None, service.tier)
            and self.system in ("", service.system)
            and self.lifecycle in ("", service.lifecycle)
            and (not self.tag or self.tag in service.tags)
            and self.external in (None, service.external)
            and (not self.depends_on or any(self.depends_on == needs.service for needs in service.dependencies))
            and self._speaks_of(one)
        )

    def _speaks_of(self, one: Entry[Service]) -> bool:
        if not self.text:
            return True
        said = " ".join((one.name, one.value.title, one.value.description, *one.value.tags)).casefold()
        return all(word in said for word in self.text.casefold().split())


EVERY_SERVICE = Filter()


def services(graph: Graph, wanted: Filter = EVERY_SERVICE) -> list[Entry[Service]]:
    """The services that match, by name."""
    return sorted(filter(wanted.passes, graph.all("service").values()), key=lambda one: one.name)


def owners(graph: Graph) -> list[str]:
    """Every name that may own a service, or does."""
    named = (one.value.owner for one in graph.all("service").values())
    return list(dict.fromkeys([*graph.names("team"), *graph.names("person"), *named]))


def systems(graph: Graph) -> list[str]:
    """Every name of a system, those that services name and nobody defined among them."""
    named = (one.value.system for one in graph.all("service").values() if one.value.system)
    return list(dict.fromkeys([*graph.names("system"), *named]))


def tags(graph: Graph) -> list[str]:
    """Every tag that a service has."""
    return list(dict.fromkeys(tag for one in graph.all("service").values() for tag in one.value.tags))


STAGES = ("experimental", "production", "deprecated")
"""Of a service's life, in common words; a store may have others."""


def lifecycles(graph: Graph) -> list[str]:
    """Every stage of life that a service is in."""
    return list(dict.fromkeys(one.value.lifecycle for one in graph.all("service").values()))


def needed(graph: Graph) -> list[str]:
    """Every service, and every name that one of them needs."""
    named = (dependency.service for one in graph.all("service").values() for dependency in one.value.dependencies)
    return list(dict.fromkeys([*graph.names("service"), *named]))


def system_of(graph: Graph, service: Service) -> System | None:
    """The system that a service belongs to, where the catalogue has it."""
    entry = graph.all("system").get(service.system or "")
    return entry.value if entry else None


def dependents(graph: Graph, name: str) -> list[Dependent]:
    """The services that need this one, those that stop without it first."""
    found = [
        Dependent(one.name, one.value.title, dependency)
        for one in graph.all("service").values()
        for dependency in one.value.dependencies
        if dependency.service == name
    ]
    return sorted(found, key=lambda one: (not one.dependency.critical, one.name))


def runbooks(graph: Graph, name: str) -> list[Entry[Runbook]]:
    """The runbooks for a service: those in its folder, then others that name it."""
    found = (one for one in graph.all("runbook").values() if name in (one.parts["service"], *one.value.services))
    return sorted(found, key=lambda one: (one.parts["service"] != name, one.path))


def answering(graph: Graph, name: str) -> list[Answering]:
    """Who answers where `name` is the owner: that team or person, then the teams above, the nearest first."""
    person = graph.all("person").get(name)
    team = graph.all("team").get(name)
    if team is None:
        return [Answering(name, person.value if person else None)]
    chain: dict[str, Answering] = {}
    while name and name not in chain:
        team = graph.all("team").get(name)
        members = tuple((one, _person(graph, one)) for one in team.value.members) if team else ()
        chain[name] = Answering(name, team.value if team else None, members)
        name = team.value.parent or "" if team else ""
    return list(chain.values())


def deputies_of(person: Entry[Person]) -> tuple[str, ...]:
    """Who is called in a person's place, the first to be tried first."""
    return tuple(one for one in person.value.deputies if one != person.name)


def stand_ins_of(graph: Graph, team: Entry[Team]) -> tuple[str, ...]:
    """Who is called in a team's place, each once: its members, then their deputies."""
    people, members = graph.all("person"), team.value.members
    deputies = (deputy for one in members if one in people for deputy in deputies_of(people[one]))
    return tuple(dict.fromkeys((*members, *deputies)))


def contacts_of(record: Team | Person) -> tuple[Contact, ...]:
    """How to reach a team or person."""
    mails = record.emails[:1] if isinstance(record, Person) else ()
    return (*record.contacts, *(Contact(channel="mail", address=mail) for mail in mails))


def _person(graph: Graph, name: str) -> Person | None:
    entry = graph.all("person").get(name)
    return entry.value if entry else None
