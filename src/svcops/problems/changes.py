"""The change that opens a problem; `svcops.incidents.problem_changes` adds to it."""

from collections.abc import Sequence
from datetime import datetime

from svcops.incidents.problem_changes import folder_of
from svcops.problems.model import IncidentLinked, Problem
from svcops.store.change import Change
from svcops.store.events import TICK, Author, subject
from svcops.store.ids import new_id, tail
from svcops.store.recording import bytes_of


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
