"""Changes to incidents: each a value, applied by the store."""

from collections.abc import Sequence
from datetime import datetime

from svcops.incidents.facts import State
from svcops.incidents.model import AnyEvent, Closed, DetectedBy, ImpactStarted, Incident, Logged, Opened, Resolved
from svcops.store.change import Change
from svcops.store.events import TICK, Author
from svcops.store.events import subject as subject_of
from svcops.store.ids import new_id, tail, year_of
from svcops.store.yaml_writing import dump, plain_of


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
    files: dict[str, bytes | None] = {f"{folder}/incident.yaml": dump(plain_of(incident)).encode()}
    for event in (*events, opened):
        name = author.file_name(event.recorded_at, event.type)
        files[f"{folder}/timeline/{name}"] = dump(plain_of(event)).encode()
    subject = f"Open incident {tail(incident_id)}: {title} ({severity})"
    return incident_id, Change(subject, files, records=(incident_id,))


def log(state: State, *, author: Author, text: str, at: datetime) -> Change:
    """Note what somebody saw or did."""
    event = Logged(type="log", at=at, recorded_at=_recorded(state, author), by=author.by, text=text)
    return _event(state, event, author, f"Log to incident {tail(state.id)}: {text}")


def resolve(state: State, *, author: Author, text: str, at: datetime) -> Change:
    """The disruption is over for users."""
    event = Resolved(
        type="resolved", at=at, recorded_at=_recorded(state, author), by=author.by, from_=state.phase, text=text
    )
    return _move(state, event, author, f"Resolve incident {tail(state.id)}: {state.incident.title}")


def close(state: State, *, author: Author, at: datetime, because: str) -> Change:
    """Return to normal operations."""
    event = Closed(
        type="closed",
        at=at,
        recorded_at=_recorded(state, author),
        by=author.by,
        from_=state.phase,
        no_measure_because=because,
    )
    return _move(state, event, author, f"Close incident {tail(state.id)}: {state.incident.title}")


def _recorded(state: State, author: Author) -> datetime:
    newest = max((one.value.recorded_at for one in state.events), default=None)
    return author.after(newest)


def _event(state: State, event: AnyEvent, author: Author, subject: str) -> Change:
    name = author.file_name(event.recorded_at, event.type)
    path = f"{folder_of(state.id)}/timeline/{name}"
    return Change(subject_of(subject), {path: dump(plain_of(event)).encode()}, records=(state.id,))


def _move(state: State, event: AnyEvent, author: Author, subject: str) -> Change:
    """An event whose legality rests on the whole timeline: void if another event came meanwhile."""
    folder = f"{folder_of(state.id)}/timeline"
    seen = {folder: tuple(sorted(one.path.rpartition("/")[2] for one in state.events))}
    change = _event(state, event, author, subject)
    return Change(change.subject, change.files, listings=seen, records=change.records)
