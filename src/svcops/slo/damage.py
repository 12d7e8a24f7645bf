"""What is told of an OpenSLO document that cannot be read, when somebody asks for it by name.

Documents are named by what their files say, so the name of a damaged one stands nowhere else.
"""

import re
from typing import Any

from svcops.checking.model import Finding
from svcops.errors import BadInput
from svcops.store.graph import Graph


def refuse_damaged(graph: Graph, kind: str, name: str) -> None:
    """BadInput where a damaged file says that it has the document of this kind and name: which file, and what is wrong.

    `kind` is one of OpenSLO: SLO, DataSource.
    """
    for path in graph.damaged("slo"):
        finding = _of(graph, path, kind, name)
        if finding:
            where = f"{_place(graph, finding)}: {finding.message}"
            raise BadInput(f"the {kind} {name} is damaged: {where}", help="svcops check shows the place.")


def none_of(graph: Graph) -> str:
    """What is said where there is no SLO to tell of."""
    if graph.damaged("slo"):
        return "No SLO that can be read."
    return "No SLOs: slo/ holds none."


def but_damaged(graph: Graph) -> str:
    """What follows `no SLO` where one of the damaged files may hold it."""
    return " that can be read" if graph.damaged("slo") else ""


def _of(graph: Graph, path: str, kind: str, name: str) -> Finding | None:
    """What is wrong with that document of a damaged file; nothing where the file does not have it."""
    from svcops.store.documents import parse

    found = [one for one in graph.findings if one.at.path == path and one.severity == "error"]
    data, _ = graph.tree.read(path)
    documents = parse(data, path, many=True).documents
    meant = [number for number, one in enumerate(documents) if _is_called(one, kind, name)]
    if not meant and not _names(data, kind, name):
        return None
    return next((one for one in found if one.at.document in meant), found[0])


def _is_called(document: Any, kind: str, name: str) -> bool:
    if not isinstance(document, dict) or document.get("kind") != kind:
        return False
    metadata = document.get("metadata")
    return isinstance(metadata, dict) and metadata.get("name") == name


def _names(data: bytes, kind: str, name: str) -> bool:
    """Whether a file that is no YAML has such a kind and such a name, each in a line or between braces."""
    text = data.decode("utf-8", "replace")
    told = (("kind", kind), ("name", name))
    patterns = (rf"\b{key}:\s*([\"']?){re.escape(value)}\1\s*(?:[,}}#]|$)" for key, value in told)
    return all(re.search(one, text, re.MULTILINE) for one in patterns)


def _place(graph: Graph, finding: Finding) -> str:
    """The file, with the line and column where these are known."""
    from svcops.store.documents import Locator

    span = finding.span or Locator(graph.tree).span(finding.at)
    return f"{finding.at.path}:{span.line}:{span.column}" if span else finding.at.path
