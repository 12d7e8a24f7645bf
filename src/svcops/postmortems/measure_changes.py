"""Changes to measures: each a value, applied by the store."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from svcops.incidents.measures import MeasureState
from svcops.postmortems.model import Anchored, AnchoredElsewhere, Content, Dropped, Measure, MeasureType
from svcops.store.change import Change
from svcops.store.entries import Entry
from svcops.store.events import Author, subject
from svcops.store.ids import new_id, tail, year_of
from svcops.store.model import tag_of
from svcops.store.recording import bytes_of
from svcops.trust.changes import approve as approve_bytes


def add(
    author: Author, *, incident_id: str, title: str, type_: MeasureType, owner: str, due: str
) -> tuple[str, Change]:
    """Record a measure: its id, and the change. `due` is a day such as 2026-12-20."""
    measure_id = new_id("measure", author.now, author.random_bytes)
    measure = Measure(
        title=title,
        type=type_,
        incident=incident_id,
        owner=owner,
        due=due,
        added_at=author.after(None),
        by=author.by,
    )
    path = f"measures/{year_of(measure_id)}/{measure_id}/measure.yaml"
    line = subject(f"Add measure {tail(measure_id)}: {title}")
    return measure_id, Change(line, {path: bytes_of(measure)}, records=(measure_id, incident_id))


def anchor(author: Author, state: MeasureState, content: Content, at: datetime) -> Change:
    """The measure is in place since `at`, in content of the store."""
    return _event(author, state, Anchored, f"Anchor measure {tail(state.id)} in {content.path}", at=at, anchor=content)


def anchor_elsewhere(author: Author, state: MeasureState, *, url: str, text: str, at: datetime) -> Change:
    """The measure is in place since `at`, outside the store."""
    return _event(author, state, AnchoredElsewhere, f"Anchor measure {tail(state.id)}", at=at, url=url, text=text)


def drop(author: Author, state: MeasureState, text: str, at: datetime) -> Change:
    """Somebody wishes not to do it, and says why."""
    return _event(author, state, Dropped, f"Propose to drop measure {tail(state.id)}", at=at, text=text)


def approve(author: Author, state: MeasureState, wish: Entry[Dropped], data: bytes) -> tuple[str, Change]:
    """Agree to a dropping, in the bytes of its file: the approval's id, and the change that records it."""
    approval_id, change = approve_bytes(author, wish.path, data, f"the dropping of measure {tail(state.id)}")
    return approval_id, replace(change, listings=_seen(state), records=(*change.records, state.id))


def _event(author: Author, state: MeasureState, what: type[Any], done: str, **own: Any) -> Change:
    """One event more. It rests on all that are there: the change is refused where another came meanwhile."""
    newest = max((one.value.recorded_at for one in state.events), default=state.measure.added_at)
    event = what(type=tag_of(what, "type"), recorded_at=author.after(newest), by=author.by, **own)
    path = f"{_folder(state)}/{author.file_name(event.recorded_at, event.type)}"
    files: dict[str, bytes | None] = {path: bytes_of(event)}
    line = subject(f"{done}: {state.measure.title}")
    return Change(line, files, listings=_seen(state), records=(state.id, state.measure.incident))


def _folder(state: MeasureState) -> str:
    return state.entry.path.rpartition("/")[0]


def _seen(state: MeasureState) -> dict[str, tuple[str, ...]]:
    """The files of its folder that were read."""
    names = [path.rpartition("/")[2] for path in (state.entry.path, *(one.path for one in state.events))]
    return {_folder(state): tuple(sorted(names))}
