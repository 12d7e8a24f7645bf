"""What follows for an incident that goes on from what happens to its duplicates, written in the same commit.

Merged, a duplicate is taken over: the other says from then on what it said. Corrected later, it is taken over anew, and
reopened it is given back. Where the other is a duplicate in turn, the next one follows.
"""

from datetime import datetime
from typing import Any

from svcops.incidents.changes import after, event, recorded
from svcops.incidents.duplicates import announced_at, said, says_so, taken_of
from svcops.incidents.facts import State, state
from svcops.incidents.model import Logged, TakenOver
from svcops.store.change import Change
from svcops.store.corrections import short
from svcops.store.entries import Entry
from svcops.store.events import Author
from svcops.store.graph import Graph
from svcops.store.ids import tail


def consequences(graph: Graph, before: State, then: State, author: Author, at: datetime) -> list[Change]:
    """What a step of a duplicate, or one that makes it one, leads to in those that go on in its place."""
    if before.merged_into == then.merged_into and said(before) == said(then):
        return []
    back = before.merged_into != then.merged_into
    return [*(_given_back(graph, before, author, at) if back else []), *passed_on(graph, then, author)]


def passed_on(graph: Graph, one: State, author: Author) -> list[Change]:
    """What has to be written so that whatever goes on in the place of an incident says what that says, in turn."""
    found: list[Change] = []
    if _is_in_a_circle(graph, one):
        return found
    while one.merged_into:
        other = _known(graph, one.merged_into)
        if other is None or (one.id in other.taken and says_so(other, one)):
            break
        new = _taking_over(other, one, author)
        found.append(recorded(other, new, author, "Take over by", f"{tail(one.id)}, {one.incident.title}"))
        one = after(other, new)
    return found


def _taking_over(other: State, one: State, author: Author) -> Entry[Any]:
    """The event by which an incident takes over what a duplicate says, in place of what it took over before.

    It happens when that was merged, or told users more later; so what users were told since is known to be an answer.
    """
    earlier = other.taken.get(one.id)
    replaces = {"supersedes": short(earlier)} if earlier else {}
    return event(other, author, TakenOver, **said(one), **replaces, of=one.id, at=announced_at(one))


def _given_back(graph: Graph, one: State, author: Author, at: datetime) -> list[Change]:
    """What an incident took over counts there no more, as the duplicate goes on by itself."""
    other = then = _known(graph, one.merged_into) if one.merged_into else None
    found: list[Change] = []
    for taken in taken_of(other, one.id) if other else ():
        assert then is not None
        text = f"{tail(one.id)} is no duplicate of it any more: what it said counts here no longer."
        new = event(then, author, Logged, at=at, text=text, supersedes=short(taken))
        found.append(recorded(then, new, author, "Give back by", f"{tail(one.id)}, {one.incident.title}"))
        then = after(then, new)
    return [*found, *(consequences(graph, other, then, author, at) if other and then else [])]


def _is_in_a_circle(graph: Graph, one: State) -> bool:
    """Whether none of those that it was merged into, in turn, goes on: two branches did that (INC011)."""
    into, seen = one.merged_into, {one.id}
    while into and into not in seen:
        seen.add(into)
        other = _known(graph, into)
        into = other.merged_into if other else None
    return into is not None


def _known(graph: Graph, incident_id: str) -> State | None:
    """The incident of that id; None where its record is damaged, or not there."""
    try:
        return state(graph, incident_id)
    except KeyError:
        return None
