"""What a new post-mortem is filled with: the facts of the timeline, each as text for Markdown."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from svcops.incidents.facts import State
from svcops.incidents.measures import measures_with
from svcops.incidents.model import RoleGiven, Updated
from svcops.incidents.presenting import timeline_lines
from svcops.incidents.window_presenting import late_by
from svcops.incidents.windows import Window, windows
from svcops.store.graph import Graph
from svcops.store.ids import tail
from svcops.timing.model import format_duration
from svcops.timing.wall import in_zone, on_the_clock

_LONGEST = 400
"""Characters of an event's text; the whole of it stays in the timeline."""


def values(graph: Graph, state: State, now: datetime, zone: tzinfo, budgets: tuple[str, ...] = ()) -> dict[str, Any]:
    """The values of the template `postmortem.md.j2`. Times are shown in `zone`; what is not known is `unknown`.

    `clocks` have name, start_name, end_name and span; services are names; the rest is text, `facts`, `timeline` and
    `measures` lists of lines.
    """
    clocks = [
        {
            "name": clock.name,
            "start_name": clock.start_name,
            "end_name": clock.end_name,
            "span": format_duration(clock.span) if clock.span is not None else "unknown",
        }
        for clock in state.clocks
    ]
    return {
        "title": line(state.incident.title),
        "incident": state.id,
        "short": tail(state.id),
        "severity": state.severity or "unknown",
        "detected_by": state.detected_by or "unknown",
        "services": state.services,
        "clocks": clocks,
        "facts": [*map(line, _facts(graph, state, now, zone)), *budgets],
        "timeline": [line(one) for one in timeline_lines(state, zone)],
        "measures": [line(f"{tail(one.id)} {one.measure.title}") for one in measures_with(graph, state.id)],
    }


def line(text: str) -> str:
    """Text of a record as one line that does nothing in Markdown but be read: no comment begins, no heading."""
    flat = " ".join(text.split()).replace("<!--", "<!\\--")
    return flat if len(flat) <= _LONGEST else f"{flat[:_LONGEST]} …"


def _facts(graph: Graph, state: State, now: datetime, zone: tzinfo) -> Iterator[str]:
    moments = {
        "impact started": state.impact_started,
        "declared": state.declared,
        "acknowledged": state.acknowledged,
        "mitigated": state.mitigated,
        "resolved": state.resolved,
    }
    known = [f"{name} {_moment(one, zone)}" for name, one in moments.items() if one]
    unknown = [name for name, one in moments.items() if not one]
    if known:
        more = f"; unknown: {', '.join(unknown)}" if unknown else ""
        yield f"Times ({zone}): {', '.join(known)}{more}"
    for one in windows(graph, state, now):
        yield _window(one, zone)
    roles = _roles(state)
    if roles:
        yield f"Roles: {', '.join(roles)}"
    told = [one.value.at for one in state.counting if isinstance(one.value, Updated)]
    if told:
        times = "once" if len(told) == 1 else f"{len(told)} times"
        yield f"Users were told {times}, first at {_moment(min(told), zone)}"
    elif state.declared:
        yield "No update to users is recorded"


def _moment(at: datetime, zone: tzinfo) -> str:
    """A day and a time of it; with its offset in the hour that clocks show twice."""
    local = in_zone(at, zone)
    return f"{local:%Y-%m-%d} {on_the_clock(local)}"


def _window(one: Window, zone: tzinfo) -> str:
    due = f", due {_moment(one.due, zone)}" if one.due else ""
    told = f"{one.what} in {format_duration(one.promised)}{due}: {one.standing}{late_by(one)}"
    return f"Agreed in {one.agreement.name}: {told}"


def _roles(state: State) -> list[str]:
    """Who had which role at some time, in the order in which they took it."""
    events = [one.value for one in state.counting]
    given = [(one.role, one.to) for one in events if isinstance(one, RoleGiven) and one.to]
    return [f"{role.replace('-', ' ')} {person}" for role, person in dict.fromkeys(given)]
