"""What contradicts the record of an exercise: its own steps, or the files that it names. Functions of the graph."""

import posixpath
from collections.abc import Iterator, Mapping

from svcops.runbooks.model import Exercise
from svcops.store.change import digest_of
from svcops.store.entries import Entry
from svcops.store.files import MAX_BYTES
from svcops.store.frozen import frozen
from svcops.store.graph import Graph


@frozen
class Contradiction:
    """What is wrong, and the keys of the record under which it stands."""

    message: str
    keys: tuple[str | int, ...]


def contradictions(graph: Graph) -> Mapping[str, tuple[Contradiction, ...]]:
    """Those of each exercise that has some, by its id."""
    every = ((name, tuple(_of(graph, one))) for name, one in graph.all("exercise").items() if one.value.steps)
    return {name: found for name, found in every if found}


def _of(graph: Graph, entry: Entry[Exercise]) -> Iterator[Contradiction]:
    against = entry.value.against
    if against:
        told = ", ".join(f"{one.step} {_WORDS[one.result]}" for one in against)
        yield Contradiction(f"it is said to have passed, and {told}", ("result",))
    for number, step in enumerate(entry.value.steps):
        if step.output is not None:
            yield from _of_output(graph, posixpath.dirname(entry.path), step.output, step.digest, number)


def _of_output(graph: Graph, folder: str, output: str, digest: str | None, number: int) -> Iterator[Contradiction]:
    """What is wrong with a file beside a record; of one past the size limit of records no digest is known here."""
    path = posixpath.normpath(posixpath.join(folder, output))
    at = ("steps", number, "output")
    if not path.startswith(f"{folder}/"):
        yield Contradiction(f"{output} leads out of the folder of the record", at)
    elif not graph.tree.has(path):
        yield Contradiction(f"there is no {output} beside the record", at)
    elif digest is not None:
        data, problem = graph.tree.read(path)
        if problem is not None or (len(data) <= MAX_BYTES and f"sha256:{digest_of(data)}" != digest):
            yield Contradiction(f"{output} is not the file that was recorded", ("steps", number, "digest"))


_WORDS = {"failed": "failed", "skipped": "was skipped", "unknown": "is unknown"}
