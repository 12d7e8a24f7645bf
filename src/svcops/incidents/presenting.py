"""An incident as a person, or a program, sees it."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from svcops.incidents.facts import Clock, State, is_major
from svcops.incidents.model import AnyEvent, Closed, ImpactStarted, Logged, Opened, Resolved
from svcops.store.graph import Graph
from svcops.store.ids import tail
from svcops.timing.model import format_duration, format_instant


def row(state: State, zone: tzinfo) -> tuple[str, ...]:
    """One line of a list."""
    declared = f"{state.declared.astimezone(zone):%Y-%m-%d %H:%M}" if state.declared else "unknown"
    services = ", ".join(state.incident.services)
    return (state.id, state.severity or "unknown", _phase(state), declared, services, state.incident.title)


def _phase(state: State) -> str:
    return state.phase if state.declared else "unknown"


def summary(state: State) -> dict[str, Any]:
    """An incident in a JSON list: unknown times and severities are null."""
    return {
        "id": state.id,
        "title": state.incident.title,
        "services": list(state.incident.services),
        "detected_by": state.incident.detected_by,
        "severity": state.severity,
        "phase": state.phase if state.declared else None,
        "impact_started": _time(state.impact_started),
        "declared": _time(state.declared),
        "resolved": _time(state.resolved),
        "closed": _time(state.closed),
    }


def detail(graph: Graph, state: State) -> dict[str, Any]:
    """An incident as one JSON object: the summary, clocks in seconds, timeline, post-mortem, measures."""
    from svcops.incidents.closing import is_anchored, measures_of, postmortems_of

    void = {one.name for one in state.void}
    return {
        **summary(state),
        "major": is_major(graph, state.severity),
        "clocks": [_clock(clock) for clock in state.clocks],
        "timeline": [{**_event(one.value), "path": one.path, "void": one.name in void} for one in state.events],
        "postmortems": [one.name for one in postmortems_of(graph, state.id)],
        "measures": [
            {
                "id": one.name,
                "title": one.value.title,
                "type": one.value.type,
                "owner": one.value.owner,
                "due": one.value.due,
                "anchored": is_anchored(graph, one.name),
            }
            for one in measures_of(graph, state.id)
        ],
    }


def as_text(graph: Graph, state: State, zone: tzinfo) -> str:
    """An incident as a report to read in a terminal."""
    return "\n".join(_lines(graph, state, zone))


def _lines(graph: Graph, state: State, zone: tzinfo) -> Iterator[str]:
    from svcops.incidents.closing import is_anchored, measures_of, postmortems_of

    incident = state.incident
    major = ", major" if is_major(graph, state.severity) else ""
    yield f"{tail(state.id)}  {incident.title}"
    yield f"  id           {state.id}"
    yield f"  severity     {state.severity or 'unknown'}{major}"
    yield f"  phase        {_phase(state)}"
    yield f"  services     {', '.join(incident.services)}"
    yield f"  detected by  {incident.detected_by}"
    yield ""
    yield "Clocks"
    for clock in state.clocks:
        yield f"  {clock.name:<16} {_span(clock):<12} {clock.start_name} -> {clock.end_name}"
    yield ""
    yield f"Timeline ({zone})"
    for day, line in _timeline(state, zone):
        if day:
            yield f"  {day}"
        yield f"    {line}"
    postmortems, measures = postmortems_of(graph, state.id), measures_of(graph, state.id)
    if postmortems or measures:
        yield ""
    for one in postmortems:
        yield f"Post-mortem  {one.path}"
    for measure in measures:
        status = "anchored" if is_anchored(graph, measure.name) else f"open, due {measure.value.due}"
        yield f"Measure      {tail(measure.name)}  {measure.value.title} ({measure.value.owner}; {status})"


def timeline_lines(state: State, zone: tzinfo) -> list[str]:
    """The timeline for a document: one line an event, with its date and time in the zone."""
    ordered = sorted(state.events, key=lambda one: (one.value.at, one.value.recorded_at, one.name))
    return [f"{one.value.at.astimezone(zone):%Y-%m-%d %H:%M} {_line(one.value)} ({one.value.by})" for one in ordered]


def _timeline(state: State, zone: tzinfo) -> Iterator[tuple[str, str]]:
    void = {one.name for one in state.void}
    day = ""
    for one in sorted(state.events, key=lambda one: (one.value.at, one.value.recorded_at, one.name)):
        moment = one.value.at.astimezone(zone)
        today = f"{moment:%A, %Y-%m-%d}"
        note = "  (no effect)" if one.name in void else ""
        yield (today if today != day else "", f"{moment:%H:%M}  {_line(one.value)}  - {one.value.by}{note}")
        day = today


def words(event: AnyEvent) -> tuple[str, str]:
    """What happened, and what was written about it; either may be empty."""
    match event:
        case ImpactStarted():
            return "Impact started", ""
        case Opened():
            return f"Declared, {event.severity}", ""
        case Logged():
            return "", event.text
        case Resolved():
            return "Resolved", event.text
        case Closed():
            because = f"no measure because {event.no_measure_because}" if event.no_measure_because else ""
            return "Closed", because


def _line(event: AnyEvent) -> str:
    return ": ".join(filter(None, words(event)))


def _event(event: AnyEvent) -> dict[str, Any]:
    from svcops.store.yaml_writing import plain_of

    return dict(plain_of(event))


def _clock(clock: Clock) -> dict[str, Any]:
    return {
        "name": clock.name,
        "from": clock.start_name,
        "to": clock.end_name,
        "start": _time(clock.start),
        "end": _time(clock.end),
        "seconds": clock.span.total_seconds() if clock.span is not None else None,
    }


def _span(clock: Clock) -> str:
    if clock.span is not None:
        return format_duration(clock.span)
    return "running" if clock.start and not clock.end else "unknown"


def _time(moment: datetime | None) -> str | None:
    return format_instant(moment) if moment else None
