"""A part of the landscape as text: a tree for a terminal, a Mermaid flowchart, a DOT graph, JSON.

Formats: https://mermaid.js.org/syntax/flowchart.html and https://graphviz.org/doc/info/lang.html.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from svcops.catalogue.dependencies import Edge, Slice, by_source, by_target
from svcops.store.model import SLUG


def tree(part: Slice, roots: Iterable[str], *, up: bool = False, depth: int | None = None) -> Iterator[str]:
    """What services need, one line a service below what needs it; with `up`, what needs them.

    A service with a tree of its own has it where it comes first; after that it is named alone.
    """
    edges = by_target(part.edges) if up else by_source(part.edges)
    shown: set[str] = set()
    for root in roots:
        yield _named(part, root)
        shown.add(root)
        ways = [("", _children(edges, root, depth, 0))]
        path = {root: None}
        while ways:
            indent, children = ways[-1]
            if not children:
                ways.pop()
                path.popitem()
                continue
            edge = children.pop(0)
            name = edge.source if up else edge.target
            below = _children(edges, name, depth, len(ways))
            again = "  (a circle)" if name in path else "  (see above)" if below and name in shown else ""
            yield f"{indent}{'├── ' if children else '└── '}{_named(part, name)}  [{_how(edge)}]{again}"
            if not again:
                ways.append((f"{indent}{'│   ' if children else '    '}", below))
                path[name] = None
            shown.add(name)


def trees(part: Slice, start: str, *, up: bool, down: bool, depth: int | None) -> Iterator[str]:
    """The tree of one service (both ways, where both are asked for), or without `start` of the whole landscape."""
    if not start:
        yield from tree(part, roots(part, up=not down), up=not down, depth=depth)
        return
    if up and down:
        yield f"What {start} needs"
    if down:
        yield from tree(part, [start], depth=depth)
    if up and down:
        yield ""
        yield f"What needs {start}"
    if up:
        yield from tree(part, [start], up=True, depth=depth)


def _children(edges: dict[str, list[Edge]], name: str, depth: int | None, level: int) -> list[Edge]:
    return list(edges.get(name, ())) if depth is None or level < depth else []


def roots(part: Slice, *, up: bool = False) -> list[str]:
    """Services from which all others are reached: those nobody needs (needing nobody, with `up`), one of a circle."""
    ahead = by_target(part.edges) if up else by_source(part.edges)
    behind = by_source(part.edges) if up else by_target(part.edges)
    found: list[str] = []
    seen: set[str] = set()
    for name in sorted(part.services, key=lambda one: (one in behind, one)):
        if name in seen:
            continue
        found.append(name)
        waiting = [name]
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += (edge.source if up else edge.target for edge in ahead.get(one, ()))
    return found


def mermaid(part: Slice) -> str:
    """A Mermaid flowchart. Critical dependencies are solid, others dotted; round services are run by somebody else."""
    ids = {name: _mermaid_id(name, number) for number, name in enumerate(part.services)}
    lines = ["flowchart LR"]
    for name, entry in part.services.items():
        opening, closing = ("([", "])") if entry and entry.value.external else ("[", "]")
        label = f"{_mermaid_text(_title(part, name))}<br/>{_mermaid_text(name)}"
        lines.append(f'    {ids[name]}{opening}"{label}"{closing}{"" if entry else ":::unknown"}')
    for edge in part.edges:
        arrow = "-->" if edge.critical else "-.->"
        lines.append(f"    {ids[edge.source]} {arrow}|{edge.dependency.kind}| {ids[edge.target]}")
    if None in part.services.values():
        lines.append("    classDef unknown stroke-dasharray: 4")
    return "\n".join(lines)


def _mermaid_id(name: str, number: int) -> str:
    """An id of its own for every name; single separators stand in names, so the count of `_` tells them apart."""
    if not re.fullmatch(SLUG, name):
        return f"u{number}"
    return "s_" + name.replace("_", "___").replace(".", "__").replace("-", "_")


def _mermaid_text(text: str) -> str:
    """Letters and digits as they are, what Mermaid might take for its own as the number of its character."""
    return "".join(char if char.isalnum() or char in " .,:-_/()" else f"#{ord(char)};" for char in _one_line(text))


def dot(part: Slice) -> str:
    """A DOT graph. Critical dependencies are solid, others dashed; rounded services are run by somebody else."""
    lines = ["digraph services {", "    rankdir=LR;", '    node [shape=box, fontname="sans-serif"];']
    for name, entry in part.services.items():
        style = ", style=rounded" if entry and entry.value.external else "" if entry else ", style=dashed"
        lines.append(f'    {_quoted(name)} [label="{_dot_text(_title(part, name))}\\n{_dot_text(name)}"{style}];')
    for edge in part.edges:
        style = "" if edge.critical else ", style=dashed"
        lines.append(
            f"    {_quoted(edge.source)} -> {_quoted(edge.target)} [label={_quoted(edge.dependency.kind)}{style}];"
        )
    return "\n".join([*lines, "}"])


def _quoted(text: str) -> str:
    return f'"{_dot_text(text)}"'


def _dot_text(text: str) -> str:
    return _one_line(text).replace("\\", "\\\\").replace('"', '\\"')


def plain(part: Slice) -> dict[str, Any]:
    """The services and dependencies for JSON; of a service that cannot be read only the name is known."""
    return {
        "nodes": [
            {
                "name": name,
                "title": entry.value.title if entry else None,
                "owner": entry.value.owner if entry else None,
                "tier": entry.value.tier if entry else None,
                "external": entry.value.external if entry else None,
                "path": entry.path if entry else None,
                "missing": part.missing.get(name),
            }
            for name, entry in part.services.items()
        ],
        "edges": [
            {
                "from": edge.source,
                "to": edge.target,
                "kind": edge.dependency.kind,
                "critical": edge.critical,
                "why": edge.dependency.why,
            }
            for edge in part.edges
        ],
    }


def _named(part: Slice, name: str) -> str:
    entry = part.services.get(name)
    if entry is None:
        return f"{name} ({part.missing[name]})"
    return f"{name} (run by somebody else)" if entry.value.external else name


def _how(edge: Edge) -> str:
    return edge.dependency.kind if edge.critical else f"{edge.dependency.kind}, not critical"


def _title(part: Slice, name: str) -> str:
    entry = part.services[name]
    return entry.value.title if entry else part.missing[name]


def _one_line(text: str) -> str:
    return " ".join(text.split())
