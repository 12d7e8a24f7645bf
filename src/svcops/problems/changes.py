"""Changes to problems: each a value, applied by the store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from svcops.incidents.problems import ProblemState
from svcops.problems.model import AnyEvent, IncidentLinked, Move, Problem
from svcops.store.change import Change
from svcops.store.events import TICK, Author, subject
from svcops.store.ids import new_id, tail, year_of
from svcops.store.model import tag_of
from svcops.store.recording import bytes_of


def folder_of(problem_id: str) -> str:
    """The folder of a problem."""
    return f"problems/{year_of(problem_id)}/{problem_id}"


def open_(
    author: Author, *, title: str, services: Sequence[str], incidents: Sequence[str], at: datetime
) -> tuple[str, Change]:
    """Begin to look into a problem, with the incidents that it explains: its id, and the change that records it."""
    problem_id = new_id("problem", at, author.random_bytes)
    folder = folder_of(problem_id)
    problem = Problem(title=title, services=tuple(services), opened_at=at, by=author.by)
    files: dict[str, bytes | None] = {f"{folder}/problem.yaml": bytes_of(problem)}
    first = author.after(None)
    for number, incident in enumerate(incidents):
        moment = first + TICK * number
        event = IncidentLinked(type="incident", at=at, recorded_at=moment, by=author.by, incident=incident)
        files[f"{folder}/{author.file_name(moment, event.type)}"] = bytes_of(event)
    line = subject(f"Open problem {tail(problem_id)}: {title}")
    return problem_id, Change(line, files, records=(problem_id, *incidents))


def add(state: ProblemState, author: Author, what: type[AnyEvent], done: str, told: str, **own: Any) -> Change:
    """One event more, with its `own` fields, `at` among them; the commit says what was `done` to the problem.

    A move rests on all events: the change is refused where another one came meanwhile.
    """
    return add_all(state, author, what, done, told, [own])


def add_all(
    state: ProblemState, author: Author, what: type[AnyEvent], done: str, told: str, each: Sequence[dict[str, Any]]
) -> Change:
    """As `add`, several events of one type, such as one for each incident that is linked."""
    newest = max((one.value.recorded_at for one in state.events), default=None)
    type_: Any = tag_of(what, "type")
    folder = folder_of(state.id)
    files: dict[str, bytes | None] = {}
    first = author.after(newest)
    for number, own in enumerate(each):
        event = what(type=type_, recorded_at=first + TICK * number, by=author.by, **own)
        files[f"{folder}/{author.file_name(event.recorded_at, event.type)}"] = bytes_of(event)
    named = tuple(own["incident"] for own in each if "incident" in own)
    return Change(
        subject(f"{done} problem {tail(state.id)}: {told}"),
        files,
        listings={folder: _seen(state)} if issubclass(what, Move) else {},
        records=(state.id, *named),
    )


def _seen(state: ProblemState) -> tuple[str, ...]:
    """The names that were read in a problem's folder."""
    paths = [state.entry.path, *(one.path for one in state.events)]
    return tuple(sorted(path.rpartition("/")[2] for path in paths))
