"""What damaged files may be: of which incident a measure, of which file an approval. Pure functions of the graph.

Such a file may still tell, in one of its lines, what it is about. Where it does not, it may be about anything.
"""

import re
from collections.abc import Callable, Collection

from svcops.store.graph import Graph


def measures_unread(graph: Graph, incidents: Collection[str]) -> list[str]:
    """The damaged measures that may have come out of one of some incidents."""
    return _naming(graph, "measure", "incident", incidents, lambda name: name in graph.folder_names("incident"))


def approvals_unread(graph: Graph, path: str) -> list[str]:
    """The damaged approvals that may be of a file."""
    return _naming(graph, "approval", "of", (path,), graph.tree.has)


def _naming(graph: Graph, kind: str, key: str, wanted: Collection[str], is_another: Callable[[str], bool]) -> list[str]:
    """The damaged files of a kind, but those that tell at a key that they are of something else which is there."""
    line = re.compile(rf"""^{key}:[ \t]+["']?([^\s"'#]+)""", re.MULTILINE)
    found = []
    for path in graph.damaged(kind):
        data, _ = graph.tree.read(path)
        named = line.findall(data.decode("utf-8", "replace"))
        if not named or not all(name not in wanted and is_another(name) for name in named):
            found.append(path)
    return found
