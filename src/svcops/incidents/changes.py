"""Changes to incidents: each a value, applied by the store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from svcops.incidents.facts import State
from svcops.incidents.model import AnyEvent, DetectedBy, ImpactStarted, Incident, Move, Opened
from svcops.store.change import Change
from svcops.store.events import TICK, Author
from svcops.store.events import subject as subject_of
from svcops.store.ids import new_id, tail, year_of
from svcops.store.model import tag_of
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


def add(state: State, author: Author, what: type[AnyEvent], done: str, told: str, **own: Any) -> Change:
    """One event more, with its `own` fields, `at` among them; the commit says what was `done` to the incident.

    A move rests on the whole timeline: the change is refused where another event came meanwhile.
    """
    newest = max((one.value.recorded_at for one in state.events), default=None)
    type_: Any = tag_of(what, "type")
    event = what(type=type_, recorded_at=author.after(newest), by=author.by, **own)
    folder = f"{folder_of(state.id)}/timeline"
    path = f"{folder}/{author.file_name(event.recorded_at, event.type)}"
    files: dict[str, bytes | None] = {path: dump(plain_of(event)).encode()}
    seen = tuple(sorted(one.path.rpartition("/")[2] for one in state.events))
    return Change(
        subject_of(f"{done} incident {tail(state.id)}: {told}"),
        files,
        listings={folder: seen} if isinstance(event, Move) else {},
        records=(state.id,),
    )
