"""Which approvals stand over which bytes."""

from svcops.store.change import digest_of
from svcops.store.graph import Entry, Graph
from svcops.trust.model import Approval


def digest_text(data: bytes) -> str:
    """The digest of some bytes as approvals write it."""
    return f"sha256:{digest_of(data)}"


def approvals_of(graph: Graph, path: str) -> list[Entry[Approval]]:
    """Every approval of a file, of whatever bytes, oldest first."""
    found: list[Entry[Approval]] = [one for one in graph.all("approval").values() if one.value.of == path]
    return sorted(found, key=lambda one: (one.value.at, one.name))


def standing(graph: Graph, path: str, data: bytes, authors: set[str]) -> list[Entry[Approval]]:
    """The approvals that count: over exactly these bytes, by somebody who is not among the authors."""
    digest = digest_text(data)
    return [one for one in approvals_of(graph, path) if one.value.digest == digest and one.value.by not in authors]
