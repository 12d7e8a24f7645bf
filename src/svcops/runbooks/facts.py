"""What is known of runbooks: their texts, read once a call. Pure functions of the graph."""

from svcops.runbooks.model import Runbook
from svcops.runbooks.outline import Outline, outline_of
from svcops.store.documents import split_front_matter
from svcops.store.entries import Entry
from svcops.store.graph import Graph


def outline(graph: Graph, entry: Entry[Runbook]) -> Outline:
    """The headings and links of a runbook."""
    return graph.once(_outline, entry.path)


def _outline(graph: Graph, path: str) -> Outline:
    data, _ = graph.tree.read(path)
    split = split_front_matter(data.decode("utf-8-sig", "replace"))
    return outline_of(split.body, split.body_line) if split else outline_of("")
