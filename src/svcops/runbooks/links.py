"""Where links of a runbook lead inside the store. Pure functions of the graph: nothing outside is asked."""

import posixpath
import re
from urllib.parse import unquote

from svcops.runbooks.outline import outline_of
from svcops.runbooks.reading import is_read, reading_at
from svcops.store.graph import Graph

_OUTSIDE = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:|//)")
"""An address, with its scheme or its host (RFC 3986, sections 3 and 4.2)."""


def is_outside(to: str) -> bool:
    """Whether a link leads out of the store, to an address."""
    return bool(_OUTSIDE.match(to))


def why_dead(graph: Graph, path: str, to: str) -> str:
    """Why a link of a file leads nowhere; empty where it leads somewhere, or out of the store."""
    _, _, anchor = to.partition("#")
    place = _place(to)
    target = _target(path, place) if place else path
    if target is None:
        return ""
    if not graph.tree.has(target):
        return "" if place and graph.tree.is_folder(target) else f"there is no {target}"
    if anchor and target.endswith(".md") and unquote(anchor) not in graph.once(_anchors, target):
        return f"{'it' if target == path else target} has no heading for #{anchor}"
    return ""


def is_beyond(path: str, to: str) -> bool:
    """Whether a link of a file leads by its path out of the store, where nobody here knows what stands."""
    place = _place(to)
    return bool(place) and not is_outside(to) and _target(path, place) is None


def _place(to: str) -> str:
    return unquote(to.partition("#")[0].partition("?")[0])


def _target(path: str, place: str) -> str | None:
    """The path below the store; None where that is left: what stands around it, nobody knows here."""
    if place.startswith("/"):
        return posixpath.normpath(place.lstrip("/"))
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), place))
    return None if target == ".." or target.startswith("../") else target


def _anchors(graph: Graph, path: str) -> frozenset[str]:
    if is_read(graph, path):
        return reading_at(graph, path).outline.anchors
    data, _ = graph.tree.read(path)
    return outline_of(data.decode("utf-8-sig", "replace")).anchors
