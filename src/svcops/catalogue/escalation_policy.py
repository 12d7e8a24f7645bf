"""Which escalation policy is for a service: its own, else that of its team, of a team above, or of the store.

Pure. Where one that counts before may be named, and nobody can tell, the next that is known applies, and a note says
why it may be another.
"""

from collections.abc import Iterator

from svcops.catalogue.facts import Answering, absent, answering
from svcops.catalogue.model import Escalation, Service, Team
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.layout import SETTINGS


@frozen
class Policy:
    """The escalation policy of a service, None where there is none; `via` says where it is named.

    `unread` are the damaged files, of policies and teams, because of which it may be another one.
    """

    entry: Entry[Escalation] | None
    via: str = ""
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


@frozen
class _Named:
    """A policy that is named, and by what; or, without a name, why nobody can tell whether one is.

    `unread` is the damaged file that is behind it, of the policy or of what may name it.
    """

    name: str
    via: str = ""
    unknown: str = ""
    unread: str | None = None


def policy_of(graph: Graph, service: Service) -> Policy:
    """The policy that the service names, else its team, else the nearest team above, else the store."""
    notes, unknown, unread = list[str](), list[str](), list[str]()
    for one in _named(graph, service):
        entry = graph.all("escalation").get(one.name)
        if entry:
            about = [f"{why} may name another escalation policy" for why in unknown]
            return Policy(entry, one.via, (*notes, *about), tuple(unread))
        if one.name:
            missing = absent(graph, one.name, "escalation")
            notes.append(f"the escalation policy {one.name}, named by {one.via}, is {missing}")
        else:
            unknown.append(one.unknown)
        unread += [one.unread] if one.unread else []
    return Policy(None, "", (*notes, _no_policy(unknown, is_first=not notes)), tuple(unread))


def _no_policy(unknown: list[str], *, is_first: bool) -> str:
    """That nothing names a policy, where `is_first`, or another than those that cannot be followed."""
    which, one = ("escalation policy", "one") if is_first else ("other escalation policy", "another")
    if unknown:
        return f"no {which} is known: {unknown[0]} may name {one}"
    return f"no {which}: neither the service, nor its teams, nor the store name {one}"


def _named(graph: Graph, service: Service) -> Iterator[_Named]:
    """What names a policy, or may, in the order in which it counts."""

    def named(name: str, via: str) -> _Named:
        return _Named(name, via, unread=graph.find(("escalation",), name))

    if service.escalation:
        yield named(service.escalation, "the service")
    below = ""
    for one in answering(graph, service.owner):
        if isinstance(one.record, Team) and one.record.escalation:
            yield named(one.record.escalation, f"team {one.name}")
        elif one.record is None:
            yield from _unknown(graph, one, below)
        below = one.name
    if graph.settings.escalation:
        yield named(graph.settings.escalation, "the store")
    elif graph.damaged("settings"):
        yield _Named("", unknown=f"{SETTINGS} is damaged, and", unread=SETTINGS)


def _unknown(graph: Graph, one: Answering, below: str) -> Iterator[_Named]:
    """Why nobody can tell which policy a team names, `below` the team it is the parent of, empty for the owner.

    Of a damaged person there is nothing to tell, as people name none.
    """
    path = graph.find(("team",), one.name)
    if path:
        yield _Named("", unknown=f"the team {one.name} is damaged, and", unread=path)
    elif below or not graph.find(("person",), one.name):
        which = f"the team {one.name}, the parent of {below}," if below else f"the owner {one.name}"
        missing = absent(graph, one.name, "team")
        yield _Named("", unknown=f"{which} is {missing}, and the one that is meant")
