"""What the check reads in the texts of runbooks, held with their content: a warm check reads no text again."""

from dataclasses import astuple
from typing import Any

from svcops.checking.model import Span
from svcops.runbooks.blocks import Wrong, wrong_blocks
from svcops.runbooks.gaps import Gaps, Place, gaps_of
from svcops.runbooks.markdown import structure_of
from svcops.runbooks.outline import Heading, Link, Outline, outline_of
from svcops.runbooks.unfinished import Placeholder, placeholders_of
from svcops.store.documents import split_front_matter
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

_HELD = "runbook text"
"""Under which name the cache holds it."""


@frozen
class Reading:
    """What the check reads in the text of a runbook."""

    outline: Outline
    gaps: Gaps
    wrong: tuple[Wrong, ...]
    """What is wrong in blocks `yaml step`."""
    placeholders: tuple[Placeholder, ...]


def reading_at(graph: Graph, path: str) -> Reading:
    """What is read in the file of a runbook."""
    return graph.once(_reading, path)


def is_read(graph: Graph, path: str) -> bool:
    """Whether a file is among those of runbooks."""
    return path in graph.once(_every)


def _every(graph: Graph) -> dict[str, Any]:
    return graph.of_texts("runbook", _HELD, plain_of)


def _reading(graph: Graph, path: str) -> Reading:
    return reading_of(graph.once(_every)[path])


def plain_of(data: bytes) -> Any:
    """What is read in the bytes of a file, as JSON has it."""
    whole = data.decode("utf-8-sig", "replace")
    split = split_front_matter(whole)
    text, line = (split.body, split.body_line) if split else ("", 1)
    outline, structure = outline_of(text, line), structure_of(text, line)
    gaps = gaps_of(structure)
    return [
        [[one.title, one.level, one.line] for one in outline.headings],
        [[one.to, *_place(one.span)] for one in outline.links],
        sorted(outline.anchors),
        [[one.step, one.line] for one in gaps.mute],
        list(gaps.loose),
        [[one.step, one.line] for one in gaps.twice],
        [[one.message, one.help, *astuple(one.span)] for one in wrong_blocks(whole, structure)],
        [[one.text, *_place(one.span)] for one in placeholders_of(text, line)],
    ]


def reading_of(plain: Any) -> Reading:
    """What was read, of its plain form."""
    headings, links, anchors, mute, loose, twice, wrong, placeholders = plain
    outline = Outline(
        tuple(Heading(*one) for one in headings),
        tuple(Link(to, _span(*place)) for to, *place in links),
        frozenset(anchors),
    )
    found = tuple(Placeholder(text, _span(*place)) for text, *place in placeholders)
    gaps = Gaps(tuple(Place(*one) for one in mute), tuple(loose), tuple(Place(*one) for one in twice))
    blocks = tuple(Wrong(message, help_, Span(*place)) for message, help_, *place in wrong)
    return Reading(outline, gaps, blocks, found)


def _place(span: Span) -> tuple[int, int, int]:
    """What is found stands in one line."""
    return span.line, span.column, span.end_column


def _span(line: int, column: int, end_column: int) -> Span:
    return Span(line, column, line, end_column)
