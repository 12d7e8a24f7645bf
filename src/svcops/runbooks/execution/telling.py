"""What the timeline of an incident is told of a run: its start, steps that failed, its end."""

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

from svcops.runbooks.execution.journal import Journal, moment_of
from svcops.store.events import Author

if TYPE_CHECKING:
    from svcops.store.change import Change
    from svcops.terminal.session import Session

Told = tuple[datetime, str]


def start_of(journal: Journal) -> Told:
    """That it began."""
    head = journal.head
    return moment_of(head.started_at), f"Runbook {head.runbook}: a run began ({head.id})"


def course_of(journal: Journal) -> list[Told]:
    """What failed, and how it ended; its start too, where nothing tells of that yet."""
    head, over = journal.head, journal.over
    told = [] if journal.told else [start_of(journal)]
    failed = [one for one in journal.results.values() if one.result == "failed"]
    told += [
        (one.ended_at, f"Runbook {head.runbook}: {one.step} failed ({one.title}): {one.reason}")
        for one in failed
        if one.ended_at
    ]
    return [*told, (moment_of(over["at"]), f"Runbook {head.runbook}: the run {over['result']} ({head.id})")]


def events(session: "Session", incident: str, author: Author, told: Sequence[Told]) -> "Change":
    """The change that logs all that to an incident."""
    from svcops.incidents import changes
    from svcops.incidents.facts import read_state
    from svcops.incidents.model import Logged

    state = read_state(session.store.graph, incident, whole=False)
    made = []
    for at, text in told:
        new = changes.event(state, author, Logged, at=author.written(at), text=text)
        made.append(changes.recorded(state, new, author, "Log to", text))
        state = changes.after(state, new)
    return reduce(add, made)
