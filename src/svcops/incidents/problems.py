"""What became of problems: investigating, known error, resolved, verified. Pure functions of the graph.

Problems are records of a room above (`svcops.problems`); what is known of them is asked on many floors: whoever opens
an incident wants to hear of a workaround.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from svcops.incidents.outlines import goes_on_as
from svcops.problems.model import (
    AnyEvent,
    Factor,
    IncidentLinked,
    IncidentRuledOut,
    KnownError,
    Move,
    Problem,
    ProblemReopened,
    ProblemResolved,
    Status,
    Verified,
    Workaround,
)
from svcops.store.corrections import before as events_before
from svcops.store.corrections import counted, short
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

_MOVES: dict[type, tuple[tuple[Status, ...], Status]] = {
    KnownError: (("investigating",), "known error"),
    ProblemResolved: (("investigating", "known error"), "resolved"),
    Verified: (("resolved",), "verified"),
    ProblemReopened: (("resolved", "verified"), "investigating"),
}
"""For each event that moves the status: from which it may, and to which."""
_LONGEST = 200
"""Characters of a workaround that a line has; the rest is in the problem."""


@frozen
class ProblemState:
    """A problem as its events say it is."""

    entry: Entry[Problem]
    events: tuple[Entry[AnyEvent], ...]
    """All of them, in the order in which they were recorded."""
    void: tuple[Entry[AnyEvent], ...]
    """Moves that have no effect: the status they came from was not the status then."""
    superseded: tuple[Entry[AnyEvent], ...]
    """Events that a later one corrects."""
    status: Status
    about: Mapping[str, Entry[AnyEvent]]
    """What it says of incidents by the ids that it names, of each the latest, as that was recorded: see `links`."""
    factors: tuple[Entry[Factor], ...]
    """What contributed, in the order in which it was found."""
    workaround: Entry[Workaround] | None
    """What helps until it is gone: the latest."""
    moved: Mapping[Status, Entry[AnyEvent]]
    """The event that led to a status, of those that it went through since it was opened, or last reopened."""

    @property
    def id(self) -> str:
        """Its id."""
        return self.entry.name

    @property
    def problem(self) -> Problem:
        """What is set once."""
        return self.entry.value

    @property
    def is_over(self) -> bool:
        """Whether what caused it was changed, as far as anybody knows."""
        return self.status in ("resolved", "verified")

    @property
    def resolved_at(self) -> datetime | None:
        """When what caused it was changed; None while it was not, or since it came back."""
        event = self.moved.get("resolved")
        return event.value.at if event else None


def may(state: ProblemState, move: type[Move]) -> bool:
    """Whether an event of this type would move the status now."""
    return state.status in _MOVES[move][0]


def overtaken(state: ProblemState, void: Entry[AnyEvent]) -> Entry[AnyEvent] | None:
    """The move that counted from the status that a void move came from: two branches both moved on."""
    assert isinstance(void.value, Move)
    came_from = void.value.from_
    if came_from not in _MOVES[type(void.value)][0]:
        return None
    earlier = events_before(list(state.events), short(void))
    same = [
        one for one in earlier if isinstance(one.value, Move) and one.value.from_ == came_from and one not in state.void
    ]
    return same[-1] if same else None


def fold(entry: Entry[Problem], events: Iterable[Entry[AnyEvent]]) -> ProblemState:
    """The state that the events lead to, in whichever order they come. A move from another status is void."""
    ordered = sorted(events, key=_order)
    return _told(entry, ordered, counted(ordered))


def before(state: ProblemState, name: str) -> ProblemState:
    """The state that led to the event of that short name: what a correction of it comes from.

    Corrections of what came before stand in their places already, and would lose these if they were folded anew.
    """
    ordered = list(state.events)
    return _told(state.entry, ordered, events_before(ordered, name))


def _told(entry: Entry[Problem], ordered: list[Entry[AnyEvent]], counting: list[Entry[AnyEvent]]) -> ProblemState:
    """The state that the counting ones lead to, of all events in the order in which they were recorded."""
    status: Status = "investigating"
    moved: dict[Status, Entry[AnyEvent]] = {}
    void: list[Entry[AnyEvent]] = []
    about: dict[str, Entry[AnyEvent]] = {}
    for one in counting:
        event = one.value
        if isinstance(event, IncidentLinked | IncidentRuledOut):
            about.pop(event.incident, None)
            about[event.incident] = one
        elif isinstance(event, Move):
            allowed, to = _MOVES[type(event)]
            if event.from_ != status or status not in allowed:
                void.append(one)
                continue
            status = to
            moved = {} if isinstance(event, ProblemReopened) else moved
            moved[to] = one
    workarounds = _of(counting, Workaround)
    return ProblemState(
        entry=entry,
        events=tuple(ordered),
        void=tuple(void),
        superseded=tuple(one for one in ordered if one not in counting) if len(counting) < len(ordered) else (),
        status=status,
        about=about,
        factors=tuple(_of(counting, Factor)),
        workaround=workarounds[-1] if workarounds else None,
        moved=moved,
    )


def _of(events: list[Entry[AnyEvent]], kind: type) -> list[Entry[Any]]:
    return [one for one in events if isinstance(one.value, kind)]


def _order(one: Entry[AnyEvent]) -> tuple[datetime, str]:
    return (one.value.recorded_at, one.name)


def problem_states(graph: Graph) -> Mapping[str, ProblemState]:
    """Every problem of the store, by id."""
    return graph.once(_states)


def _states(graph: Graph) -> dict[str, ProblemState]:
    events: dict[str, list[Entry[AnyEvent]]] = {}
    every: Mapping[str, Entry[AnyEvent]] = graph.all("problem-event")
    for one in every.values():
        events.setdefault(one.name.partition("/")[0], []).append(one)
    return {name: fold(entry, events.get(name, ())) for name, entry in graph.all("problem").items()}


def links(graph: Graph, problem: ProblemState) -> Mapping[str, Entry[AnyEvent]]:
    """The incidents that it explains, by id, each with the event that says so.

    One that was merged is counted as the one that goes on; of all that is said of them the latest counts.
    """
    return {name: one for name, one in _said(graph, problem).items() if isinstance(one.value, IncidentLinked)}


def ruled_out(graph: Graph, problem: ProblemState) -> Mapping[str, Entry[AnyEvent]]:
    """The same of incidents that look like it, or were linked to it, and are something else."""
    return {name: one for name, one in _said(graph, problem).items() if isinstance(one.value, IncidentRuledOut)}


def _said(graph: Graph, problem: ProblemState) -> Mapping[str, Entry[AnyEvent]]:
    return {goes_on_as(graph, name): one for name, one in problem.about.items()}


def problems_of(graph: Graph, incident_id: str) -> list[ProblemState]:
    """The problems that explain an incident, or one that was merged with it."""
    return graph.once(_by_incident).get(goes_on_as(graph, incident_id), [])


def _by_incident(graph: Graph) -> Mapping[str, list[ProblemState]]:
    found: dict[str, list[ProblemState]] = {}
    for problem in problem_states(graph).values():
        for name in links(graph, problem):
            found.setdefault(name, []).append(problem)
    return found


def is_known_error(problem: ProblemState) -> bool:
    """Whether it is one that helps: a known error whose workaround is not there, by hand or by a merge, does not."""
    return problem.status == "known error" and problem.workaround is not None


def known_errors(graph: Graph, services: Collection[str]) -> list[ProblemState]:
    """The known errors of any of these services, each with its workaround, the latest first."""
    found = [
        one
        for one in problem_states(graph).values()
        if is_known_error(one) and not set(services).isdisjoint(one.problem.services)
    ]
    return sorted(found, key=lambda one: (one.moved["known error"].value.at, one.id), reverse=True)


def not_verified(graph: Graph, services: Collection[str]) -> list[ProblemState]:
    """The problems of any of these services that were resolved, and may come back, each with its workaround."""
    found = [
        one
        for one in problem_states(graph).values()
        if one.status == "resolved" and one.workaround and not set(services).isdisjoint(one.problem.services)
    ]
    return sorted(found, key=lambda one: (one.moved["resolved"].value.at, one.id), reverse=True)


def unreadable(graph: Graph, services: Collection[str]) -> list[str]:
    """The damaged files of problems that may tell what helps with any of these services."""
    states = problem_states(graph)
    others = {one.id for one in states.values() if set(services).isdisjoint(one.problem.services)}
    paths = [*graph.damaged("problem"), *graph.damaged("problem-event")]
    return [path for path in paths if path.split("/")[-2] not in others]


def helping(graph: Graph, incident_id: str, services: Collection[str]) -> list[ProblemState]:
    """What helps with an incident: its problems that have a workaround, then the known errors of its services.

    And what was resolved there and is not verified yet: until then it may come back. What was ruled out for it does not
    help.
    """
    linked = [one for one in problems_of(graph, incident_id) if one.workaround and not one.is_over]
    known = {one.id for one in linked}
    others = [one for one in (*known_errors(graph, services), *not_verified(graph, services)) if one.id not in known]
    goes_on = goes_on_as(graph, incident_id) if others else ""
    return [*linked, *(one for one in others if goes_on not in ruled_out(graph, one))]


def workaround_of(problem: ProblemState) -> str:
    """What helps, in one line; empty where nothing is known."""
    text = " ".join(problem.workaround.value.text.split()) if problem.workaround else ""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
