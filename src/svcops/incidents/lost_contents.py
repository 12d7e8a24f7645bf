"""Contents that an anchor names and history does not know: whether a squash or a rebase may have lost them.

Where nothing was made anew, history knows every content that a file ever had, and what it does not know was invented.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from svcops.store.layout import FOLDERS_OF_OTHERS, top

if TYPE_CHECKING:
    from svcops.store.file_history import FileHistory


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
    return content in history.contents((*top().below, *FOLDERS_OF_OTHERS))
