"""The logs of evidence: which files beside it hold what was said, and whether they still do."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from svcops.checking.model import KeyPath
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Callable

    from svcops.recovery.model import CaseResult, Evidence, StageResult
    from svcops.store.entries import Entry


@frozen
class Log:
    """A file that evidence names."""

    name: str
    """As the evidence has it: logs/fetch.txt."""
    path: str
    """Below the store; empty where it would not be below logs/ of the evidence's folder."""
    digest: str | None
    """What the evidence says that it is."""
    named_at: KeyPath = ()
    """The first of its keys that name it."""


def logs_of(entry: "Entry[Evidence]") -> Iterator[Log]:
    """Every log that evidence names, each once."""
    folder = entry.path.rpartition("/")[0]
    one = entry.value
    results: list[tuple[str, int, StageResult | CaseResult]] = [
        *(("stages", number, item) for number, item in enumerate(one.stages)),
        *(("cases", number, item) for number, item in enumerate(one.cases)),
    ]
    named = dict[tuple[str, str | None], KeyPath]()
    for key, number, item in results:
        if item.log is not None:
            named.setdefault((item.log, item.digest), (key, number))
    for (name, digest), at in named.items():
        yield Log(name, f"{folder}/{name}" if is_log(name) else "", digest, at)


def is_log(name: str) -> bool:
    """Whether a name is one of a log: below logs/, where nothing else of evidence, or of a bundle, can be."""
    steps = PurePosixPath(name)
    return name == steps.as_posix() and steps.parts[0] == "logs" and len(steps.parts) > 1 and ".." not in steps.parts


def wrong_log(graph: Graph, log: Log, digest_at: "Callable[[Graph, str], str] | None" = None) -> str:
    """Why a log does not show what its evidence saw; empty where it does.

    `digest_at` gives the digest of a file of the graph, or raises OSError; without it the one in the work tree.
    """
    if not log.path:
        return f"{log.name} is not below logs/ of its folder"
    if log.digest is None:
        return f"{log.name} has no digest, so its signature does not cover it"
    if not graph.tree.has(log.path):
        return f"{log.name} is not there"
    try:
        found = (digest_at or file_digest)(graph, log.path)
    except OSError as error:
        return f"{log.name} cannot be read: {error.strerror}"
    return "" if found == log.digest else f"{log.name} was changed: its digest differs"


def file_digest(graph: Graph, path: str) -> str:
    """The digest of a file of the work tree, however large it is; OSError where it cannot be read."""
    import hashlib

    with open(graph.root / path, "rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
