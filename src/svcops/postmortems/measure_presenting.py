"""A measure as a person, or a program, sees it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from svcops.incidents.anchors import fault, in_place
from svcops.incidents.measures import MeasureState, approvals_of_wish, measure_states
from svcops.incidents.recurrences import NotHeld, failures_of, outlived_content
from svcops.postmortems.measure_facts import UNKNOWN, Overdue, lacking, services_of
from svcops.postmortems.model import AnchoredElsewhere
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.store.ids import tail
from svcops.timing.model import format_instant
from svcops.timing.wall import shown

if TYPE_CHECKING:
    from svcops.incidents.model import Incident

COLUMNS = ("id", "standing", "due", "owner", "incident", "title")
OVERDUE_COLUMNS = ("id", "overdue", "due", "owner", "services", "incident", "title")
_MOST_LINES = 12
"""Lines of a difference that are shown; git shows the others."""


def standing_of(graph: Graph, state: MeasureState, today: date) -> str:
    """`open`, `open, 3 d overdue`, `open, dropping waits for approval`, `anchored`, `dropped`, or `unknown`.

    Of an anchored one it says where it `did not hold`: what it was to prevent happened all the same.
    Of an open one that has anchors it says why these do not count: `taken back`, or `no anchor proves it`.
    """
    if not state.is_certain:
        return UNKNOWN
    late = state.overdue_by(today)
    is_late = [f"{late.days} d overdue"] if late else []
    failed = ["did not hold"] if failures_of(graph, state.id) else []
    return ", ".join((state.standing, *is_late, *state.remarks, *failed))


def none_of(graph: Graph, what: str) -> str:
    """That no measure is or does `what`, or that there is none; of those that can be read, where some cannot."""
    is_all = not graph.damaged("measure") and all(one.is_certain for one in measure_states(graph).values())
    if is_all and not what:
        return "No measures."
    return f"No measure{'' if is_all else ' that can be read'}{f' {what}' if what else ''}."


def row(graph: Graph, state: MeasureState, today: date) -> tuple[str, ...]:
    """One line of a list."""
    measure = state.measure
    return (
        state.id,
        standing_of(graph, state, today),
        measure.due,
        measure.owner,
        tail(measure.incident),
        measure.title,
    )


def overdue_row(graph: Graph, state: MeasureState, today: date) -> tuple[str, ...]:
    """One line of the list of those that are late."""
    measure = state.measure
    services = ", ".join(services_of(graph, state)) or UNKNOWN
    late = f"{(state.overdue_by(today) or timedelta()).days} d"
    return (state.id, late, measure.due, measure.owner, services, tail(measure.incident), measure.title)


def group_row(group: Overdue) -> tuple[str, ...]:
    """One line of those that are late, by owner or service: name, how many, by how much at most, which."""
    which = ", ".join(f"{tail(one.id)} {one.measure.title}" for one in group.measures)
    return (group.name, str(len(group.measures)), f"{group.longest.days} d", which)


def group_detail(group: Overdue) -> dict[str, Any]:
    """The same, for JSON; a service that nobody knows is null."""
    return {
        "name": None if group.name == UNKNOWN else group.name,
        "measures": [one.id for one in group.measures],
        "longest_days": group.longest.days,
    }


def detail(graph: Graph, state: MeasureState, today: date) -> dict[str, Any]:
    """A measure as one JSON object; `standing` is null where a damaged file may say another one.

    `taken_back` says of its anchors how each was taken back, where none stands.
    """
    measure = state.measure
    late = state.overdue_by(today)
    lack = lacking(state)
    return {
        "id": state.id,
        "title": measure.title,
        "type": measure.type,
        "incident": measure.incident,
        "services": list(services_of(graph, state)),
        "owner": measure.owner,
        "due": measure.due,
        "overdue_days": late.days if late else None,
        "standing": state.standing if state.is_certain else None,
        "added_at": format_instant(measure.added_at),
        "by": measure.by,
        "anchored_at": format_instant(state.anchored_at) if state.anchored_at else None,
        "anchors": [_anchor(graph, state, one) for one in state.anchors],
        "taken_back": [fault.why for _, fault in state.taken_back],
        "did_not_hold": [outlived_content(one) for one in failures_of(graph, state.id)],
        "drops": [_drop(graph, one) for one in state.drops],
        "missing": {"what": lack.what, "commands": lack.commands.splitlines()} if lack else None,
        "path": state.entry.path,
    }


def _anchor(graph: Graph, state: MeasureState, one: Entry[Any]) -> dict[str, Any]:
    """`at` is since when it is in place as somebody said, `in_place` by git's history."""
    event = one.value
    happened = {
        "at": format_instant(event.at),
        "in_place": format_instant(in_place(graph, state.measure.incident, one)),
        "recorded_at": format_instant(event.recorded_at),
        "by": event.by,
    }
    if isinstance(event, AnchoredElsewhere):
        return {**happened, "url": event.url, "because": event.text, "file": one.path}
    content = event.anchor
    return {**happened, "path": content.path, "before": content.before, "after": content.after, "file": one.path}


def _drop(graph: Graph, one: Entry[Any]) -> dict[str, Any]:
    event = one.value
    return {
        "at": format_instant(event.at),
        "recorded_at": format_instant(event.recorded_at),
        "by": event.by,
        "because": event.text,
        "approved_by": [found.approval.value.by for found in approvals_of_wish(graph, one) if found.counts],
        "file": one.path,
    }


Differences = Mapping[str, Sequence[str] | None]
"""What changed, by the name of the event that anchors it: lines of a diff, or None where the content is not here."""


def as_text(
    graph: Graph,
    state: MeasureState,
    today: date,
    zone: tzinfo,
    differences: Differences,
) -> str:
    """A measure as a page to read in a terminal."""
    lines = list(_lines(graph, state, today, zone, differences))
    if state.anchors and state.standing == "open":
        lines += ["", *(f"The anchor {why}" for why in _doubts(graph, state))]
    return "\n".join(lines)


def _lines(graph: Graph, state: MeasureState, today: date, zone: tzinfo, differences: Differences) -> Iterator[str]:
    measure = state.measure
    yield f"{tail(state.id)}  {measure.title}"
    yield f"  id        {state.id}"
    yield f"  standing  {standing_of(graph, state, today)}"
    yield f"  type      {measure.type}"
    yield f"  owner     {measure.owner}"
    yield f"  due       {measure.due}{_until(state, today)}"
    yield f"  incident  {_incident(graph, measure.incident)}"
    yield f"  services  {', '.join(services_of(graph, state)) or UNKNOWN}"
    yield f"  added     {shown(measure.added_at, zone)} by {measure.by}"
    yield f"  record    {state.entry.path}"
    for one in state.anchors:
        yield ""
        yield from _anchor_lines(one, _since(graph, state, one, zone), differences.get(one.name, ()))
    failures = failures_of(graph, state.id)
    if failures:
        yield ""
        yield "DID NOT HOLD: what came after it"
    for failure in failures:
        yield f"  {_failure(failure, zone)}"
    for one in state.drops:
        yield ""
        yield from _drop_lines(graph, state, one, zone)
    lack = lacking(state)
    if lack:
        yield ""
        yield f"Missing: {lack.what}"
        for command in lack.commands.splitlines():
            yield f"  {command}"


def _doubts(graph: Graph, state: MeasureState) -> Iterator[str]:
    """Why each anchor of a measure that none holds in place does not."""
    back = {one.name: wrong for one, wrong in state.taken_back}
    for one in state.anchors:
        wrong = back.get(one.name) or fault(graph, state.measure.incident, one)
        if wrong:
            yield wrong.why


def _failure(one: NotHeld, zone: tzinfo) -> str:
    """What happened though the measure was anchored, in one line."""
    recurred = one.recurred
    problem = f", problem {tail(one.problem.id)}" if one.problem else ""
    since = "; a measure was anchored since" if one.answered else ""
    return f"incident {tail(recurred.incident.id)} was {recurred.how} {shown(recurred.at, zone)}{problem}{since}"


def _until(state: MeasureState, today: date) -> str:
    """How far the day is ahead, while it matters."""
    ahead = date.fromisoformat(state.measure.due) - today
    if state.standing != "open" or not state.is_certain:
        return ""
    if ahead < timedelta():
        return f", {-ahead.days} d ago"
    return f", in {ahead.days} d" if ahead else ", today"


def _incident(graph: Graph, incident_id: str) -> str:
    incidents: Mapping[str, Entry[Incident]] = graph.all("incident")
    incident = incidents.get(incident_id)
    return f"{tail(incident_id)}  {incident.value.title if incident else UNKNOWN}"


def _since(graph: Graph, state: MeasureState, one: Entry[Any], zone: tzinfo) -> str:
    """Since when it is in place, and who says so."""
    event, since = one.value, in_place(graph, state.measure.incident, one)
    if since == event.at:
        return f"{shown(event.at, zone)}, said by {event.by}"
    return f"{shown(since, zone)}, by git's history; {event.by} said {shown(event.at, zone)}"


def _anchor_lines(one: Entry[Any], since: str, difference: Sequence[str] | None) -> Iterator[str]:
    event = one.value
    if isinstance(event, AnchoredElsewhere):
        yield f"Anchored in {event.url}"
        yield f"  since   {since}"
        yield f"  because {event.text}"
        return
    content = event.anchor
    yield f"Anchored in {content.path}"
    yield f"  since   {since}"
    yield f"  before  {content.before or 'nothing'}"
    yield f"  after   {content.after}"
    if difference is None:
        yield "  what changed is not in this clone: git fetch"
    else:
        yield from (f"    {line}" for line in difference[:_MOST_LINES])
        if len(difference) > _MOST_LINES:
            shown_by = f"git diff {content.before} {content.after}" if content.before else f"git show {content.after}"
            yield f"    and {len(difference) - _MOST_LINES} lines more: {shown_by}"


def _drop_lines(graph: Graph, state: MeasureState, one: Entry[Any], zone: tzinfo) -> Iterator[str]:
    event = one.value
    approvals = approvals_of_wish(graph, one)
    is_approved = any(found.counts for found in approvals)
    yield f"{'Dropped' if is_approved else 'Wish to drop it'}, {shown(event.at, zone)} by {event.by}"
    yield f"  because   {event.text}"
    for found in approvals:
        approval = found.approval.value
        why_not = "" if found.counts else f", which does not count: {found.why_not}"
        yield f"  approved  {shown(approval.at, zone)} by {approval.by}{why_not}"
    if state.standing == "anchored":
        yield "  no effect: it is anchored"
    elif not is_approved:
        yield "  it waits for the approval of somebody else"
