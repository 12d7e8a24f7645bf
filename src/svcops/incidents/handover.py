"""The brief for whoever takes an incident over: one screen, what counts first. Functions of graph, state, clock."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from svcops.catalogue.facts import runbooks
from svcops.incidents.facts import State, is_major
from svcops.incidents.model import COMMANDER, AnyEvent, Linked, Updated
from svcops.incidents.presenting import (
    concerned,
    detail,
    due_in,
    how_it_ended,
    notes,
    words,
)
from svcops.incidents.problems import helping, workaround_of
from svcops.incidents.standing import next_step
from svcops.incidents.told_users import incident_of, told_last
from svcops.incidents.window_presenting import kept, promise
from svcops.incidents.windows import unread, windows
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.store.ids import tail
from svcops.timing.model import format_duration, format_instant
from svcops.timing.wall import shown, shown_near

_LATEST = 8
"""Events that are told; `incident show` has them all."""
_LONGEST = 110
"""Characters of one event's text on a screen."""


def lines(graph: Graph, state: State, now: datetime, zone: tzinfo) -> Iterator[str]:
    """The brief as text: where it stands, who does what, what is due, what was told and done last, where help is."""
    major = ", major" if is_major(graph, state.severity) else ""
    yield f"{tail(state.id)}  {state.incident.title}"
    yield f"  {state.severity or 'unknown severity'}{major}, {state.phase}{how_it_ended(state)}{_since(state, now)}"
    yield from (f"  {what}: {told}" for what, told in concerned(state))
    yield ""
    yield "Who"
    yield from list(_who(graph, state)) or ["  nobody"]
    due = list(_due(graph, state, now, zone))
    if due:
        yield ""
        yield "Due"
        yield from due
    yield ""
    yield "Users were told"
    yield f"  {_told(graph, state, now, zone)}"
    yield ""
    yield f"Latest ({zone})"
    yield from (f"  {_moment(one, now, zone)}  {_what(one)}  - {one.value.by}" for one in latest(state))
    help_ = list(_help(graph, state))
    if help_:
        yield ""
        yield "Where help is"
        yield from help_
    yield ""
    yield f"Next: {next_step(graph, state)}"


def _since(state: State, now: datetime) -> str:
    """How long ago it was declared, or resolved where its post-mortem is due."""
    what, moment = ("resolved", state.resolved) if state.resolved else ("declared", state.declared)
    return f", {what} {format_duration(now - moment)} ago" if moment and not state.is_over else ""


def content(graph: Graph, state: State, now: datetime) -> dict[str, Any]:
    """The brief for a program: the incident in full, and what of it the brief shows."""
    told = told_last(graph, state)
    return {
        "incident": detail(graph, state, now),
        "last_update": {"at": format_instant(told.value.at), "text": told.value.text, "in": incident_of(told)}
        if told
        else None,
        "latest": [one.path for one in latest(state)],
        "runbooks": [one.path for name in state.services for one in runbooks(graph, name)],
        "next": next_step(graph, state),
    }


def latest(state: State) -> list[Entry[AnyEvent]]:
    """The last events that count, in the order in which they happened; without what users were told and links."""
    elsewhere = notes(state)
    told = [one for one in state.events if one.name not in elsewhere and not isinstance(one.value, Updated | Linked)]
    return sorted(told, key=lambda one: (one.value.at, one.value.recorded_at, one.name))[-_LATEST:]


def _told(graph: Graph, state: State, now: datetime, zone: tzinfo) -> str:
    """What users were told last, and of which incident where that is a duplicate."""
    told = told_last(graph, state)
    if told is None:
        return "nothing yet"
    elsewhere = "" if incident_of(told) == state.id else f"told in {tail(incident_of(told))}: "
    return f"{_moment(told, now, zone)}  {elsewhere}{_short(told.value.text)}"


def _who(graph: Graph, state: State) -> Iterator[str]:
    if COMMANDER not in state.roles and not state.is_over:
        yield f"  incident-commander: nobody (svcops incident role {tail(state.id)} commander PERSON)"
    for role, person in sorted(state.roles.items()):
        entry = graph.all("person").get(person)
        ways = ", ".join(f"{one.channel} {one.address}" for one in entry.value.contacts) if entry else ""
        yield f"  {role}: {person}{f' ({ways})' if ways else ''}"


def _due(graph: Graph, state: State, now: datetime, zone: tzinfo) -> Iterator[str]:
    for window in windows(graph, state, now):
        if window.due and window.standing in ("running", "missed") and window.until is None:
            yield f"  {promise(window)}: {kept(window, now, zone)}"
    if damaged := unread(graph, state):
        yield f"  what was agreed is unknown: {damaged} cannot be read"
    if state.next_update and not state.is_over:
        yield f"  next update for users: {shown(state.next_update, zone)}, {due_in(state.next_update, now)}"


def _help(graph: Graph, state: State) -> Iterator[str]:
    for problem in [] if state.is_over else helping(graph, state.id, state.services):
        status = problem.status if problem.status == "known error" else f"problem ({problem.status})"
        yield f"  {status} {tail(problem.id)}: {problem.problem.title}; workaround: {workaround_of(problem)}"
    for name in state.services:
        yield from (f"  {one.path}  {one.value.title}" for one in runbooks(graph, name))
    for one in state.counting:
        if isinstance(one.value, Linked):
            yield f"  {one.value.to}  {one.value.text}".rstrip()


def _moment(one: Entry[Any], now: datetime, zone: tzinfo) -> str:
    return shown_near(one.value.at, now, zone)


def _what(one: Entry[AnyEvent]) -> str:
    return _short(": ".join(filter(None, words(one.value))))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
