"""The chain of evidence: each names the heads before it, so none can be taken away without a trace (decision 28)."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.recovery.model import Evidence, Head
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

if TYPE_CHECKING:
    from svcops.store.entries import Entry


@frozen
class Break:
    """A place at which the chain does not hold: what one evidence names is not there as it names it."""

    entry: "Entry[Evidence]"
    number: int
    """Which of those that it names."""
    why: str


def heads(graph: Graph) -> tuple[Head, ...]:
    """What the next evidence names in `after`: every evidence that no other names as it is now, by id.

    A damaged one is among them, as nobody can tell what it names, but what its bytes are. So is one that others name
    with other bytes: whatever stands here now will be missed.
    """
    named = {head for entry in _all(graph).values() for head in entry.value.after if head.id != entry.name}
    return tuple(head for head in _there(graph).values() if head not in named)


def breaks(graph: Graph, entry: "Entry[Evidence]") -> Iterator[Break]:
    """What an evidence names and is not there, or there with other bytes."""
    there = graph.once(_there)
    for number, head in enumerate(entry.value.after):
        found = there.get(head.id)
        if head.id == entry.name:
            yield Break(entry, number, "it names itself")
        elif found is None:
            yield Break(entry, number, f"it names {head.id}, which is not there")
        elif found.digest != head.digest:
            yield Break(entry, number, f"it names {head.id}, which was changed since")


def _all(graph: Graph) -> "Mapping[str, Entry[Evidence]]":
    return graph.all("evidence")


def _there(graph: Graph) -> Mapping[str, Head]:
    """Every evidence with the digest of its bytes, also of those whose record cannot be read; by id."""
    from svcops.trust.facts import digest_text

    paths = graph.paths("evidence")
    graph.tree.read_ahead(paths)
    read = {name: graph.tree.read(path) for path, name in paths.items()}
    return {name: Head(id=name, digest=digest_text(read[name][0])) for name in sorted(read) if read[name][1] is None}
