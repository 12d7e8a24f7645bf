"""A problem as a person, or a program, sees it."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from svcops.catalogue.agreements import zone_of
from svcops.incidents.facts import State
from svcops.incidents.measures import MeasureState, measures_with
from svcops.incidents.problems import ProblemState, links, ruled_out
from svcops.incidents.recurrences import came_back, not_held, outlived_content
from svcops.problems.facts import incidents_of, missing, quiet_until
from svcops.problems.model import (
    AnyEvent,
    Factor,
    IncidentLinked,
    IncidentRuledOut,
    KnownError,
    Move,
    ProblemReopened,
    ProblemResolved,
    Verified,
    Workaround,
)
from svcops.store.corrections import short
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.store.ids import tail
from svcops.timing.model import format_instant
from svcops.timing.wall import in_zone, shown

COLUMNS = ("id", "status", "opened", "services", "incidents", "remarks", "title")
_AFTER = {"investigating": "a known error", "known error": "resolved", "resolved": "verified"}
KNOWN_ERROR_COLUMNS = ("id", "services", "title", "workaround")


def none_of(graph: Graph, noun: str, what: str = "") -> str:
    """That no problem, or known error, does `what`, or there is none; of those that can be read, if some cannot."""
    is_all = not (graph.damaged("problem") or graph.damaged("problem-event"))
    if is_all and not what:
        return f"No {noun}s."
    return f"No {noun}{'' if is_all else ' that can be read'}{f' {what}' if what else ''}."


def row(graph: Graph, state: ProblemState, zone: tzinfo) -> tuple[str, ...]:
    """One line of a list."""
    return (
        state.id,
        state.status,
        f"{in_zone(state.problem.opened_at, zone):%Y-%m-%d %H:%M}",
        ", ".join(state.problem.services),
        str(len(incidents_of(graph, state))),
        _remark(graph, state),
        state.problem.title,
    )


def known_error_row(state: ProblemState) -> tuple[str, ...]:
    """One line of a list of known errors: what helps is what is looked for."""
    assert state.workaround
    return (state.id, ", ".join(state.problem.services), state.problem.title, state.workaround.value.text)


def _remark(graph: Graph, state: ProblemState) -> str:
    """What a list must not pass over."""
    measures = {one.measure.id for one in not_held(graph, state)}
    remarks = []
    if measures:
        remarks.append("a measure did not hold" if len(measures) == 1 else f"{len(measures)} measures did not hold")
    if came_back(graph, state):
        remarks.append("came back")
    return ", ".join(remarks)


def summary(graph: Graph, state: ProblemState) -> dict[str, Any]:
    """A problem in a JSON list: what is unknown, or not there yet, is null."""
    workaround = state.workaround
    moved = {status: format_instant(one.value.at) for status, one in state.moved.items()}
    return {
        "id": state.id,
        "title": state.problem.title,
        "services": list(state.problem.services),
        "status": state.status,
        "opened": format_instant(state.problem.opened_at),
        "known_error": moved.get("known error"),
        "resolved": moved.get("resolved"),
        "verified": moved.get("verified"),
        "incidents": [one.id for one in incidents_of(graph, state)],
        "workaround": workaround.value.text if workaround else None,
        "came_back": list(dict.fromkeys(one.incident.id for one in came_back(graph, state))),
        "did_not_hold": [outlived_content(one) for one in not_held(graph, state)],
    }


def detail(graph: Graph, state: ProblemState, now: datetime) -> dict[str, Any]:
    """A problem as one JSON object: the summary, factors, measures, events, and what is missing to go on."""
    from svcops.store.yaml_writing import plain_of

    void, superseded = ({one.name for one in ones} for ones in (state.void, state.superseded))
    verified = state.moved.get("verified")
    until = quiet_until(graph, state, verified.value.at if verified else now)
    return {
        **summary(graph, state),
        "quiet_until": format_instant(until) if until else None,
        "factors": [
            {"claim": one.value.claim, "evidence": one.value.evidence, "why": one.value.why, "by": one.value.by}
            for one in state.factors
        ],
        "ruled_out": list(ruled_out(graph, state)),
        "measures": [
            {
                "id": one.id,
                "incident": one.measure.incident,
                "title": one.measure.title,
                "type": one.measure.type,
                "standing": one.standing,
                "anchored": format_instant(one.anchored_at) if one.anchored_at else None,
                "taken_back": [fault.why for _, fault in one.taken_back],
            }
            for one in _measures(graph, state)
        ],
        "missing": [{"what": one.what, "command": one.command} for one in missing(graph, state, now, zone_of(graph))],
        "events": [
            {**plain_of(one.value), "path": one.path, "void": one.name in void, "superseded": one.name in superseded}
            for one in state.events
        ],
    }


def _measures(graph: Graph, state: ProblemState) -> list[MeasureState]:
    return [measure for one in incidents_of(graph, state) for measure in measures_with(graph, one.id)]


def as_text(graph: Graph, state: ProblemState, now: datetime, zone: tzinfo, *, with_events: bool = False) -> str:
    """A problem as a report to read in a terminal; `with_events`, each with its name, as --corrects takes it."""
    parts = [
        _header(graph, state, zone),
        _incidents(graph, state, zone),
        _factors(state),
        _workaround(state, zone),
        _measure_lines(graph, state, zone),
        _history(state, zone) if with_events else iter(()),
        _next(graph, state, now, zone),
    ]
    return "\n\n".join(filter(None, ("\n".join(part) for part in parts)))


def _header(graph: Graph, state: ProblemState, zone: tzinfo) -> Iterator[str]:
    yield f"{tail(state.id)}  {state.problem.title}"
    yield f"  id        {state.id}"
    since = state.moved.get(state.status)
    yield f"  status    {state.status}" + (f", since {shown(since.value.at, zone)}" if since else "")
    if since and isinstance(since.value, Move):
        yield from _indented(since.value.text, 12)
    yield f"  services  {', '.join(state.problem.services) or 'unknown'}"
    yield f"  opened    {shown(state.problem.opened_at, zone)}, by {state.problem.by}"
    back = came_back(graph, state)
    if back:
        yield f"  CAME BACK after it was resolved: {', '.join(dict.fromkeys(one.called for one in back))}"


def _incidents(graph: Graph, state: ProblemState, zone: tzinfo) -> Iterator[str]:
    incidents = incidents_of(graph, state)
    yield f"Incidents ({len(incidents)})" if incidents else "Incidents: none is linked"
    linked = links(graph, state)
    for one in incidents:
        yield f"  {incident_line(one, zone)}"
        link = linked.get(one.id)
        if link and isinstance(link.value, IncidentLinked) and link.value.text:
            yield from _indented(link.value.text, 10)
    for name, ruled in ruled_out(graph, state).items():
        assert isinstance(ruled.value, IncidentRuledOut)
        yield f"  {tail(name)}  is something else: {' '.join(ruled.value.text.split())}"


def incident_line(one: State, zone: tzinfo) -> str:
    """An incident in one line: when it was declared, how severe it was, where it stands."""
    declared = shown(one.declared, zone) if one.declared else "unknown when"
    return f"{tail(one.id)}  {declared}  {one.severity or 'unknown'}  {one.incident.title} ({one.ending or one.phase})"


def _factors(state: ProblemState) -> Iterator[str]:
    yield "Factors" if state.factors else "Factors: none is known"
    for number, one in enumerate(state.factors, 1):
        yield f"  {number}. {' '.join(one.value.claim.split())}"
        yield f"     evidence  {' '.join(one.value.evidence.split())}"
        yield f"     why       {' '.join(one.value.why.split())}"


def _workaround(state: ProblemState, zone: tzinfo) -> Iterator[str]:
    one = state.workaround
    yield f"Workaround ({one.value.by}, {shown(one.value.at, zone)})" if one else "Workaround: none is known"
    if one:
        yield from _indented(one.value.text, 2)


def _measure_lines(graph: Graph, state: ProblemState, zone: tzinfo) -> Iterator[str]:
    measures = _measures(graph, state)
    yield "Measures" if measures else "Measures: none"
    failed: dict[str, list[str]] = {}
    for found in not_held(graph, state):
        failed.setdefault(found.measure.id, []).append(found.recurred.called)
    for one in measures:
        stands = ", ".join((f"open, due {one.measure.due}", *one.remarks)) if one.standing == "open" else one.standing
        if one.anchored_at:
            stands = f"anchored {shown(one.anchored_at, zone)}"
        if not one.is_certain:
            stands = "unknown"
        yield f"  {tail(one.id)}  {one.measure.title} ({one.measure.type}, of {tail(one.measure.incident)}; {stands})"
        if one.id in failed:
            yield f"          DID NOT HOLD: {', '.join(dict.fromkeys(failed[one.id]))} came after it"


def _history(state: ProblemState, zone: tzinfo) -> Iterator[str]:
    notes = {one.name: "  (corrected later)" for one in state.superseded}
    notes |= {one.name: "  (no effect)" for one in state.void}
    yield f"Events ({zone})"
    for one in state.events:
        line = " ".join(_words(one.value).split())
        yield f"  {shown(one.value.at, zone)}  {_handle(one)}  {line}  - {one.value.by}{notes.get(one.name, '')}"


def _handle(one: Entry[AnyEvent]) -> str:
    """The last part of an event's name, which --corrects takes."""
    return short(one).rpartition("-")[2] or short(one)


def _words(event: AnyEvent) -> str:
    """What an event says, in one line."""
    match event:
        case IncidentLinked():
            what, text = f"Explains {tail(event.incident)}", event.text
        case IncidentRuledOut():
            what, text = f"Does not explain {tail(event.incident)}", event.text
        case Factor():
            what, text = "Factor", event.claim
        case Workaround():
            what, text = "Workaround", event.text
        case KnownError():
            what, text = "Known error", event.text
        case ProblemResolved():
            what, text = "Resolved", event.text
        case Verified():
            what, text = "Verified", event.text
        case ProblemReopened():
            what, text = "Reopened", event.text
    return f"{what}: {text}" if text else what


def _next(graph: Graph, state: ProblemState, now: datetime, zone: tzinfo) -> Iterator[str]:
    left = missing(graph, state, now, zone)
    if left:
        yield f"Missing to be {_AFTER[state.status]}"
    for one in left:
        yield f"  - {one.what}"
        yield from _indented(one.command, 6)


def _indented(text: str, by: int) -> Iterator[str]:
    return (" " * by + line for line in text.splitlines())
