"""The times that were agreed for an incident, and whether they were kept. Pure functions of graph, state and clock."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from svcops.catalogue.agreements import in_force, today, zone_of
from svcops.catalogue.model import Agreement, ResponseWindow
from svcops.incidents.facts import State
from svcops.incidents.model import Acknowledged
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.timing.hours import OpenTimes
from svcops.timing.model import Hours

Standing = Literal["met", "missed", "running", "unknown"]


@frozen
class Window:
    """A time that an agreement gives for one of an incident's clocks.

    `due` is when it ends, in the agreement's hours; None where its start is not known, or nobody can tell these hours.
    What is missed may still be going on: `until` is None then.
    """

    what: Literal["respond", "resolve"]
    agreement: Entry[Agreement]
    promised: timedelta
    always: bool
    """Whether every hour counts; else those of the support hours."""
    start_name: str
    end_name: str
    start: datetime | None
    end: datetime | None
    until: datetime | None
    """When that was, or when it was resolved without: an incident that nobody acknowledged is not answered any more."""
    due: datetime | None
    standing: Standing
    late: timedelta
    """By how much it was missed, or is by now, in the hours that count; no time at all where all of it was outside."""
    no_hours: str = ""
    """Why nobody can tell the agreement's hours."""
    overtaken: bool = False
    """Whether it was acknowledged, with no effect, as another branch had gone on: whether in time, nobody can tell."""


def windows(graph: Graph, state: State, now: datetime) -> list[Window]:
    """What the agreements that were in force when it was declared give for its severity, each once; soonest due first.

    Nothing of an incident that was cancelled or merged: what it promised is judged by what goes on.
    """
    if state.declared is None or state.severity is None or state.ending in ("cancelled", "merged"):
        return []
    held = in_force(graph, today(graph, state.declared))
    agreements = {one.name: one for service in state.services for one in held.get(service, ())}
    found = [
        window
        for agreement in agreements.values()
        for promise in agreement.value.response
        if promise.severity == state.severity
        for window in _of(graph, state, agreement, promise, now)
    ]
    return sorted(found, key=lambda one: (one.due is None, one.due, one.agreement.name, one.what))


def unread(graph: Graph, state: State) -> str:
    """The agreements that cannot be read, each of which may promise something of an incident that has services."""
    concerns = state.declared and state.services and state.ending not in ("cancelled", "merged")
    return ", ".join(graph.damaged("agreement")) if concerns else ""


def response_due(graph: Graph, state: State, now: datetime) -> datetime | None:
    """By when somebody had to answer at the latest that was agreed; None where nothing was."""
    return min((one.due for one in windows(graph, state, now) if one.what == "respond" and one.due), default=None)


def _of(
    graph: Graph, state: State, agreement: Entry[Agreement], promise: ResponseWindow, now: datetime
) -> Iterator[Window]:
    always = promise.clock == "always" or agreement.value.support_hours == "always"
    hours = _hours("always" if always else agreement.value.support_hours, zone_of(graph))
    open_ = state.phase in ("incident", "remediation")
    end = None if state.incident.imported else state.resolved  # of an imported one nobody knows who acknowledged it
    overtaken = not state.acknowledged and any(isinstance(one.value, Acknowledged) for one in state.void)
    answered = (state.declared, state.acknowledged, state.acknowledged or (None if overtaken else end))
    window = _window("respond", agreement, promise.respond, hours, answered, now, open_=open_)
    yield replace(window, overtaken=overtaken) if overtaken else window
    if promise.resolve is not None:
        solved = (state.impact_started, state.resolved, state.resolved)
        yield _window("resolve", agreement, promise.resolve, hours, solved, now, open_=open_)


def _hours(hours: Hours | Literal["always"], zone: tzinfo) -> OpenTimes | str:
    """When time counts, or why nobody can tell."""
    try:
        return OpenTimes(hours, zone)
    except ValueError as error:
        return str(error)


def _window(
    what: Literal["respond", "resolve"],
    agreement: Entry[Agreement],
    promised: timedelta,
    hours: OpenTimes | str,
    times: tuple[datetime | None, datetime | None, datetime | None],
    now: datetime,
    *,
    open_: bool,
) -> Window:
    start, end, until = times
    names = ("declared", "acknowledged") if what == "respond" else ("impact started", "resolved")
    counted, no_hours = (None, hours) if isinstance(hours, str) else (hours, "")
    due = counted.add(start, promised) if counted and start else None
    standing: Standing = "unknown"
    if start and end and end < start:
        pass  # one of the two times is wrong, and nobody knows which
    elif due and end:
        standing = "met" if end <= due else "missed"
    elif due and until:
        standing = "unknown" if until <= due else "missed"
    elif due and open_:
        standing = "running" if now <= due else "missed"
    late = counted.between(due, until or now) if counted and due and standing == "missed" else timedelta()
    always = counted is not None and counted.is_always
    return Window(what, agreement, promised, always, *names, start, end, until, due, standing, late, no_hours)
