"""What git's history says of the contents of a file: what stood when, what says the same, what may have been lost.

Where no squash or rebase made a commit anew, history knows every content that a file ever had, and one that it does not
know was invented.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from svcops.store.ids import year_of
from svcops.store.layout import FOLDERS_OF_OTHERS, SETTINGS, top

if TYPE_CHECKING:
    from svcops.store.file_history import FileHistory, Touch

_PAST = (
    "incidents/",
    "problems/",
    "postmortems/",
    "measures/",
    "approvals/",
    "exercises/",
    "recovery/evidence/",
    "metrics/",
)


def is_anchor_place(path: str) -> bool:
    """Whether a path can hold what works next time: records of what happened cannot."""
    return not path.startswith((*_PAST, "."))


def places() -> tuple[str, ...]:
    """The first folders in which there are such paths."""
    return tuple(one for one in (*top().below, *FOLDERS_OF_OTHERS) if is_anchor_place(f"{one}/"))


def marker_of(incident_id: str) -> str:
    """The file of an incident: what stood before it was first committed stood when the incident was declared."""
    return f"incidents/{year_of(incident_id)}/{incident_id}/incident.yaml"


def says_the_same(history: "FileHistory", one: str | None, other: str | None) -> bool:
    """Whether two contents, by object id, differ in white space at most; not, where git does not have both."""
    if not one or not other:
        return False
    words = history.words((one, other))
    return one == other or (len(words) == 2 and words[one] == words[other])


def is_blank(history: "FileHistory", content: str) -> bool:
    """Whether a content is nothing, or nothing but white space."""
    return history.words([content]).get(content) == ""


def stood_at(history: "FileHistory", path: str, moment: datetime) -> str | None:
    """The object id of the content of a path that was the last to come into force by a moment; None where none was.

    Git counts seconds: what came in the very second of the moment is taken for what stood then. What the first commit
    of a store brought stood before it: nobody wrote it for an incident that was recorded later than it happened.
    """
    touches = history.of(path)
    before = (one for one in touches if one.earliest <= moment.timestamp())
    last = max(before, key=lambda one: one.earliest, default=None)
    if last is None and touches and _began_with(history, touches[-1].commit):
        last = touches[-1]
    return (last.after or None) if last else None


def _began_with(history: "FileHistory", commit: str) -> bool:
    """Whether a commit is the one that made the store."""
    settings = history.of(SETTINGS)
    return bool(settings) and settings[-1].commit == commit


def brought(history: "FileHistory", path: str, content: str, declared: datetime | None) -> "Touch | None":
    """The first change that brought a path a content in force after an incident was declared; None where none did."""
    after = declared.timestamp() if declared else 0
    found = (one for one in history.of(path) if one.after == content and one.since > after)
    return min(found, key=lambda one: one.since, default=None)


def had(history: "FileHistory", path: str, content: str) -> bool:
    """Whether a path ever had a content, by object id."""
    return any(one.after == content for one in history.of(path))


def came_anew(history: "FileHistory", record: str, others: Iterable[str]) -> bool:
    """Whether the commit that brought a record as it is may stand for others that are not there any more.

    A rebase makes a commit later than its author did. A squash brings with a record one of those `others` that no
    command writes together with it; so does the first commit of a store that was copied.
    """
    touches = history.of(record)
    if not touches:
        return False
    last = touches[0]
    return last.is_remade or any(one.commit == last.commit for other in others for one in history.of(other))


def came_twice(history: "FileHistory", record: str) -> bool:
    """Whether two branches brought a record alike, as of one alert: each saw what stood there before."""
    contents = [one.after for one in history.of(record)]
    return len(set(contents)) < len(contents)


def is_of_another(history: "FileHistory", path: str, content: str) -> bool:
    """Whether another file had a content, and this one never: no squash lost it there."""
    if had(history, path, content):
        return False
    return content in history.contents(places())
