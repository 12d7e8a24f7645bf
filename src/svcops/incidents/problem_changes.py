"""Events of problems, each a change applied by the store: an incident is linked to a problem from either side."""

from collections.abc import Sequence
from typing import Any

from svcops.incidents.problems import ProblemState
from svcops.problems.model import AnyEvent, Move
from svcops.store.change import Change
from svcops.store.events import TICK, Author, subject
from svcops.store.ids import tail, year_of
from svcops.store.model import tag_of
from svcops.store.recording import bytes_of


def folder_of(problem_id: str) -> str:
    """The folder of a problem."""
    return f"problems/{year_of(problem_id)}/{problem_id}"


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
