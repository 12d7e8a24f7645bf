"""An incident as a person, or a program, sees it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from svcops.catalogue.agreements import zone_of
from svcops.incidents.facts import Clock, Outline, State, is_major
from svcops.incidents.folding import NORMAL
from svcops.incidents.judgements import severity_of
from svcops.incidents.model import (
    Acknowledged,
    Alerted,
    AnyEvent,
    Cancelled,
    Closed,
    ImpactStarted,
    Incident,
    Linked,
    Logged,
    Merged,
    Mitigated,
    NoticeFailed,
    Opened,
    Reopened,
    Resolved,
    RoleGiven,
    SeverityChanged,
    TakenOver,
    Updated,
)
from svcops.incidents.told_users import incident_of, told_last
from svcops.incidents.window_presenting import kept, plain, promise
from svcops.incidents.windows import unread, windows
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.store.ids import tail
from svcops.timing.model import format_duration, format_instant
from svcops.timing.wall import in_zone, on_the_clock, shown


def row(state: Outline, zone: tzinfo) -> tuple[str, ...]:
    """One line of a list."""
    declared = in_zone(state.declared, zone).isoformat(" ", "minutes")[:16] if state.declared else "unknown"
    incident = state.incident
    services = ", ".join(state.services or (incident.imported.parts if incident.imported else ()))
    phase = f"{_phase(state)}{how_it_ended(state)}"
    return (state.id, state.severity or "unknown", phase, declared, services, incident.title)


def concerned(state: Outline) -> Iterator[tuple[str, str]]:
    """What is disturbed: services, and of an imported one components that are no service; and where it comes from."""
    source = state.incident.imported
    parts = source.parts if source else ()
    if state.services or not parts:
        yield "services", ", ".join(state.services) or "unknown"
    if parts:
        yield "components", ", ".join(parts)
    if source:
        yield "imported", ", ".join(filter(None, (source.system, source.url or source.key)))


def _phase(state: Outline) -> str:
    return state.phase if state.declared else "unknown"


def summary(state: Outline) -> dict[str, Any]:
    """An incident in a JSON list: unknown times and severities are null."""
    return {
        "id": state.id,
        "title": state.incident.title,
        "services": list(state.services),
        "detected_by": state.detected_by,
        "imported": _imported(state.incident),
        "severity": state.severity,
        "phase": state.phase if state.declared else None,
        "impact_started": _time(state.impact_started),
        "declared": _time(state.declared),
        "acknowledged": _time(state.acknowledged),
        "mitigated": _time(state.mitigated),
        "resolved": _time(state.resolved),
        "closed": _time(state.closed),
        "ending": state.ending,
        "merged_into": state.merged_into,
    }


def _imported(incident: Incident) -> dict[str, Any] | None:
    source = incident.imported
    if source is None:
        return None
    return {
        "system": source.system,
        "key": source.key,
        "url": source.url,
        "parts": list(source.parts),
        "stated_minutes": source.stated_minutes,
    }


def detail(graph: Graph, state: State, now: datetime) -> dict[str, Any]:
    """An incident as one JSON object: the summary, clocks in seconds, timeline, and what belongs to it."""
    from svcops.incidents.closing import postmortems_with
    from svcops.incidents.measures import measures_with
    from svcops.incidents.outlines import counted_as
    from svcops.incidents.problems import helping, problems_of

    void, superseded = ({one.name for one in ones} for ones in (state.void, state.superseded))
    return {
        **summary(state),
        "major": is_major(graph, state.severity),
        "roles": dict(state.roles),
        "next_update": _time(state.next_update),
        "clocks": [_clock(clock) for clock in state.clocks],
        "windows": [plain(one, zone_of(graph)) for one in windows(graph, state, now)],
        "timeline": [
            {**_event(one.value), "path": one.path, "void": one.name in void, "superseded": one.name in superseded}
            for one in state.events
        ],
        "merged": counted_as(graph, state.id)[1:],
        "problems": [
            {"id": one.id, "title": one.problem.title, "status": one.status} for one in problems_of(graph, state.id)
        ],
        "workarounds": [
            {"problem": one.id, "title": one.problem.title, "status": one.status, "text": one.workaround.value.text}
            for one in ([] if state.is_over else helping(graph, state.id, state.services))
            if one.workaround
        ],
        "postmortems": [one.name for one in postmortems_with(graph, state.id)],
        "measures": [
            {
                "id": one.id,
                "title": one.measure.title,
                "type": one.measure.type,
                "owner": one.measure.owner,
                "due": one.measure.due,
                "standing": one.standing,
                "anchored": one.standing == "anchored",
            }
            for one in measures_with(graph, state.id)
        ],
    }


def as_text(graph: Graph, state: State, now: datetime, zone: tzinfo, *, with_names: bool = False) -> str:
    """An incident as a report to read in a terminal; `with_names` of its events, as --corrects takes them."""
    return "\n".join(_lines(graph, state, now, zone, with_names=with_names))


def _lines(graph: Graph, state: State, now: datetime, zone: tzinfo, *, with_names: bool) -> Iterator[str]:
    incident = state.incident
    major = ", major" if is_major(graph, state.severity) else ""
    yield f"{tail(state.id)}  {incident.title}"
    yield f"  id           {state.id}"
    yield f"  severity     {state.severity or 'unknown'}{major}"
    yield f"  phase        {_phase(state)}{how_it_ended(state)}"
    yield from (f"  {what:<11}  {told}" for what, told in concerned(state))
    yield f"  detected by  {state.detected_by or 'unknown'}"
    for number, (role, person) in enumerate(sorted(state.roles.items())):
        yield f"  {'roles' if not number else '':<11}  {role}: {person}"
    if state.taken and (told := told_last(graph, state)) and incident_of(told) != state.id:
        yield f"  told users   {shown(told.value.at, zone)}, in {tail(incident_of(told))}: {told.value.text}"
    if state.next_update and not state.is_over:
        yield f"  next update  {shown(state.next_update, zone)}, {due_in(state.next_update, now)}"
    yield ""
    yield "Clocks"
    over = state.phase not in ("incident", "remediation")
    for clock in state.clocks:
        yield f"  {clock.name:<19}  {_span(clock, over=over):<12} {clock.start_name} -> {clock.end_name}"
    agreed = windows(graph, state, now)
    nothing = not agreed and state.declared and state.services and state.ending not in ("cancelled", "merged")
    damaged = unread(graph, state)
    if agreed or nothing:
        yield ""
        yield "Agreed"
    if damaged:
        yield f"  {'what else was agreed' if agreed else 'what was agreed'} is unknown: {damaged} cannot be read"
    elif nothing:
        yield f"  nothing agreed for {state.severity}"
    for window in agreed:
        yield f"  {promise(window):<19}  {kept(window, now, zone)}"
    yield ""
    yield f"Timeline ({zone})"
    for day, line in _timeline(state, zone, with_names=with_names):
        if day:
            yield f"  {day}"
        yield f"    {line}"
    belongs = list(_what_belongs(graph, state))
    yield from ["", *belongs] if belongs else []


def _what_belongs(graph: Graph, state: State) -> Iterator[str]:
    from svcops.incidents.closing import postmortems_with
    from svcops.incidents.measures import measures_with
    from svcops.incidents.outlines import counted_as, outlines
    from svcops.incidents.problems import helping, problems_of, workaround_of
    from svcops.incidents.recurrences import failures_of

    for name in counted_as(graph, state.id)[1:]:
        yield f"Merged       {tail(name)}  {outlines(graph)[name].incident.title}"
    for problem in problems_of(graph, state.id):
        yield f"Problem      {tail(problem.id)}  {problem.problem.title} ({problem.status})"
    for problem in [] if state.is_over else helping(graph, state.id, state.services):
        yield f"Workaround   {tail(problem.id)}  {problem.problem.title} ({problem.status}): {workaround_of(problem)}"
    for one in postmortems_with(graph, state.id):
        yield f"Post-mortem  {one.path}"
    for measure in measures_with(graph, state.id):
        due = [f"due {measure.measure.due}"] if measure.standing == "open" else []
        failed = ["did not hold"] if failures_of(graph, measure.id) else []
        status = ", ".join((measure.standing, *due, *measure.remarks, *failed)) if measure.is_certain else "unknown"
        yield f"Measure      {tail(measure.id)}  {measure.measure.title} ({measure.measure.owner}; {status})"


def timeline_lines(state: State, zone: tzinfo) -> list[str]:
    """The timeline for a document: one line an event, with its date and time in the zone, and why it does not count."""
    remarks = {name: f" ({why})" for name, why in notes(state).items()}
    ordered = sorted(state.events, key=lambda one: (one.value.at, one.value.recorded_at, one.name))
    moments = [(one.value, in_zone(one.value.at, zone), remarks.get(one.name, "")) for one in ordered]
    return [f"{at:%Y-%m-%d} {on_the_clock(at)} {_line(event)} ({event.by}){why}" for event, at, why in moments]


def due_in(due: datetime, now: datetime) -> str:
    """How far ahead something is due, or how long it is late: what is due in this very second is not late yet."""
    return f"in {format_duration(due - now)}" if due >= now else f"OVERDUE by {format_duration(now - due)}"


def how_it_ended(state: Outline) -> str:
    """In whose place it went on, or that there was nothing; behind the phase."""
    if state.ending == "merged":
        return f", merged into {tail(state.merged_into or '')}"
    return ", cancelled" if state.ending == "cancelled" else ""


def notes(state: State) -> dict[str, str]:
    """Why an event does not count, by its name."""
    corrected = {one.name: "corrected later" for one in state.superseded}
    lower = {
        one.name: f"{state.severity} of another branch is higher, and counts"
        for one in state.judgements
        if severity_of(one.value) != state.severity
    }
    return _of_duplicates(state) | lower | corrected | {one.name: _why_void(one) for one in state.void}


def _of_duplicates(state: State) -> dict[str, str]:
    """Of what starts a clock, said earlier by a duplicate: that the other one counts."""
    counts = {ImpactStarted: state.impact_started, Opened: state.declared}
    starts = [one for one in state.counting if type(one.value) in counts] if state.taken else []
    later = [one for one in starts if one.value.at != counts[type(one.value)]]
    return {one.name: "that of a duplicate is earlier, and counts" for one in later}


def _why_void(move: Entry[AnyEvent]) -> str:
    if isinstance(move.value, ImpactStarted):
        return "that of another branch is earlier, and counts"
    is_second = isinstance(move.value, Opened) and move.value.from_ == NORMAL
    return "opened already; of both severities the higher counts" if is_second else "no effect"


def _timeline(state: State, zone: tzinfo, *, with_names: bool) -> Iterator[tuple[str, str]]:
    remarks = notes(state)
    at = {one.name.rpartition("/")[2]: one.value.at for one in state.events}
    day = ""
    for one in sorted(state.events, key=lambda one: (one.value.at, one.value.recorded_at, one.name)):
        moment = in_zone(one.value.at, zone)
        today = f"{moment:%A, %Y-%m-%d}"
        said = [remarks.get(one.name, ""), _corrects(one, at, moment)]
        note = "".join(f"  ({text})" for text in said if text)
        name = f"{_handle(one)}  " if with_names else ""
        told = _line(one.value).replace("\n", "\n           ")
        yield (today if today != day else "", f"{on_the_clock(moment)}  {name}{told}  - {one.value.by}{note}")
        day = today


def _corrects(one: Entry[AnyEvent], at: Mapping[str, datetime], moment: datetime) -> str:
    """Which event this one stands in place of: by its time, with its day where that is another one."""
    earlier = at.get(one.value.supersedes or "")
    if earlier is None:
        return ""
    earlier = in_zone(earlier, moment.tzinfo or UTC)
    day = "" if earlier.date() == moment.date() else f" on {earlier:%Y-%m-%d}"
    return f"corrects what was said for {on_the_clock(earlier)}{day}"


def _handle(one: Entry[AnyEvent]) -> str:
    """The last part of an event's name, which --corrects takes; the whole name where a person gave it another form."""
    name = one.name.rpartition("/")[2]
    return name.rpartition("-")[2] or name


def words(event: AnyEvent) -> tuple[str, str]:
    """What happened, and what was written about it; either may be empty."""
    if isinstance(event, TakenOver):
        return f"Takes over {event.of}", _taken_over(event)
    because = getattr(event, "no_measure_because", "")
    return _WHAT[type(event)](event), getattr(event, "text", "") or (f"no measure because {because}" if because else "")


def _taken_over(event: TakenOver) -> str:
    """What the duplicate says, in the zone in which that was written down."""
    zone = event.at.tzinfo or UTC
    moments = {
        "impact started": event.impact_started,
        "declared": event.declared,
        "acknowledged": event.acknowledged,
        "next update": event.next_update,
    }
    times = [f"{name} {in_zone(one, zone):%Y-%m-%d %H:%M}" for name, one in moments.items() if one]
    return ", ".join([f"of {', '.join(event.services)}", *times] if event.services else times)


def _role(event: RoleGiven) -> str:
    role = event.role.replace("-", " ").capitalize()
    if event.to is None:
        return f"{role}: nobody any more"
    return f"{role}: {event.from_} -> {event.to}" if event.from_ else f"{role}: {event.to}"


_WHAT: dict[type, Callable[[Any], str]] = {
    ImpactStarted: lambda _: "Impact started",
    Opened: lambda event: f"Declared, {event.severity}",
    Acknowledged: lambda _: "Acknowledged",
    RoleGiven: _role,
    Logged: lambda _: "",
    SeverityChanged: lambda event: f"Severity {event.from_} -> {event.to}",
    Updated: lambda _: "Told users",
    Mitigated: lambda _: "Mitigated",
    Resolved: lambda one: "Resolved; since when is not known" if one.time_unknown else "Resolved",
    Reopened: lambda _: "Reopened",
    Cancelled: lambda _: "Cancelled",
    Merged: lambda event: f"Merged into {event.into}",
    Linked: lambda event: f"Link {event.to}",
    Alerted: lambda event: f"Alerts {event.status}" + (f" ({event.firing})" if event.firing else ""),
    NoticeFailed: lambda event: f"Notice to {event.to} failed",
    Closed: lambda _: "Closed",
}


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


def _span(clock: Clock, *, over: bool) -> str:
    if clock.span is not None:
        return format_duration(clock.span)
    return "running" if clock.runs and not over else "unknown"


def _time(moment: datetime | None) -> str | None:
    return format_instant(moment) if moment else None
