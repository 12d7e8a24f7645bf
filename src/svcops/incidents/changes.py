"""Changes to incidents: each a value, applied by the store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from svcops.errors import BadInput, Refused
from svcops.incidents.facts import State, fold
from svcops.incidents.model import AnyEvent, DetectedBy, ImpactStarted, Incident, Move, Opened, RoleGiven
from svcops.incidents.standing import step_of
from svcops.store.change import Change
from svcops.store.entries import Entry
from svcops.store.events import TICK, Author
from svcops.store.events import subject as subject_of
from svcops.store.ids import new_id, tail, year_of
from svcops.store.model import tag_of
from svcops.store.recording import bytes_of
from svcops.timing.wall import shown


def folder_of(incident_id: str) -> str:
    """The folder of an incident."""
    return f"incidents/{year_of(incident_id)}/{incident_id}"


def open_(
    *,
    author: Author,
    title: str,
    services: Sequence[str],
    severity: str,
    detected_by: DetectedBy,
    at: datetime,
    started: datetime | None,
) -> tuple[str, Change]:
    """Declare an incident: its id, and the change that records it."""
    incident_id = new_id("incident", at, author.random_bytes)
    folder = folder_of(incident_id)
    incident = Incident(title=title, services=tuple(services), detected_by=detected_by)
    first = author.after(None)
    events: list[AnyEvent] = []
    if started is not None:
        events.append(ImpactStarted(type="impact-started", at=started, recorded_at=first, by=author.by))
    opened = Opened(type="opened", at=at, recorded_at=first + TICK * len(events), by=author.by, severity=severity)
    files: dict[str, bytes | None] = {f"{folder}/incident.yaml": bytes_of(incident)}
    for event in (*events, opened):
        name = author.file_name(event.recorded_at, event.type)
        files[f"{folder}/timeline/{name}"] = bytes_of(event)
    subject = f"Open incident {tail(incident_id)}: {title} ({severity})"
    return incident_id, Change(subject, files, records=(incident_id,))


def add(state: State, author: Author, what: type[AnyEvent], done: str, told: str, **own: Any) -> Change:
    """One event more, with its `own` fields, `at` among them; the commit says what was `done` to the incident."""
    return recorded(state, event(state, author, what, **own), author, done, told)


def event(state: State, author: Author, what: type[AnyEvent], **own: Any) -> Entry[AnyEvent]:
    """An event of that type with its `own` fields, recorded after all others of the incident."""
    newest = max((one.value.recorded_at for one in state.events), default=None)
    type_: Any = tag_of(what, "type")
    new = what(type=type_, recorded_at=author.after(newest), by=author.by, **own)
    name = author.file_name(new.recorded_at, new.type)
    path = f"{folder_of(state.id)}/timeline/{name}"
    return Entry("incident-event", f"{state.id}/{name.removesuffix('.yaml')}", path, new)


def after(state: State, *events: Entry[AnyEvent]) -> State:
    """The incident with these events more."""
    return fold(state.entry, [*state.events, *events])


def recorded(state: State, new: Entry[AnyEvent], author: Author, done: str, told: str) -> Change:
    """The change that records an event; the commit says what was `done` to the incident.

    A move, and who has a role, rest on the whole timeline: refused where another event came meanwhile. Refused is a
    move that happened before the one that it follows; and a correction that would have no effect in the place where it
    stands, or after which nobody declared the incident.
    """
    if new.value.supersedes or isinstance(new.value, Move):
        then = after(state, new)
        _refuse_too_early(state, then, author)
        if new.value.supersedes:
            _refuse_what_does_not_correct(state, then)
    seen = tuple(sorted(one.path.rpartition("/")[2] for one in state.events))
    folder = new.path.rpartition("/")[0]
    return Change(
        subject_of(f"{done} incident {tail(state.id)}: {told}"),
        {new.path: bytes_of(new.value)},
        listings={folder: seen} if isinstance(new.value, Move | RoleGiven) else {},
        records=(state.id,),
    )


def _refuse_too_early(state: State, then: State, author: Author) -> None:
    """A phase cannot end before it began; what was so before is left to the check."""
    known = {one.name for one, _ in state.early}
    for one, before in then.early:
        if one.name not in known:
            since = shown(before.value.at, author.zone)
            raise BadInput(
                f"it cannot be {step_of(one.value)} before it was {step_of(before.value)}, {since}",
                help=f"See --at. If that one is wrong, correct it first: {_correction(state, before)}",
            )


def _correction(state: State, wrong: Entry[AnyEvent]) -> str:
    if isinstance(wrong.value, Opened):
        return f"svcops incident declared {tail(state.id)} --at TIME"
    return f"svcops incident show {tail(state.id)} --events names it for --corrects."


def _refuse_what_does_not_correct(state: State, then: State) -> None:
    if state.declared and not then.declared:
        raise Refused(
            "after this correction nobody would have declared the incident",
            help=f"svcops incident cancel {tail(state.id)} says that there was none.",
        )
    known = {one.name for one in state.void}
    lost = [one.value.type for one in then.void if one.name not in known]
    if lost:
        raise Refused(
            f"a correction stands where the earlier event stood, and {lost[0]} would have no effect then",
            help=f"svcops incident show {tail(state.id)} --events shows the order.",
        )
