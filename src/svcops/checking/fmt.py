"""Which files of a store have keys out of order, and what they are with their keys in order."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from svcops.checking.edits import Source
from svcops.checking.fixing import approvals_by_path, proof_of
from svcops.checking.model import At, Finding, KeyPath
from svcops.store.declared import declared_of
from svcops.store.formatting import CannotEdit, formatted, is_in_order
from svcops.store.layout import KINDS, place_of
from svcops.store.model import Kind

if TYPE_CHECKING:
    from svcops.store.files import Tree
    from svcops.store.graph import Graph

_RECORDED = ("approval", "evidence", "exercise")
"""Kinds whose bytes stay as they were recorded; events do, too."""


@dataclass(slots=True)
class Formatted:
    """What putting the keys of some files in order comes to."""

    files: int = 0
    """How many were looked at."""
    changed: dict[str, bytes] = field(default_factory=dict)
    """The new bytes of those whose keys are out of order."""
    damaged: dict[str, str] = field(default_factory=dict)
    """Files left alone because they are no sound records, with what is wrong."""
    kept: dict[str, str] = field(default_factory=dict)
    """Files left alone although keys are out of order, with the reason."""


def is_formatted(kind: Kind) -> bool:
    """Whether files of that kind may be put in order; what happened stays as it was recorded."""
    return kind.name not in _RECORDED and "{owner}" not in kind.pattern


def format_files(graph: "Graph", paths: Iterable[str]) -> Formatted:
    """The records at these paths with their keys in order. Nothing is written."""
    done = Formatted()
    approved: Mapping[str, str] | None = None
    for path in paths:
        place = place_of(path)
        if place is None or place.kind is None or not is_formatted(place.kind):
            continue
        done.files += 1
        data, records, wrong = _read(graph.tree, place.kind, path)
        declared = declared_of(place.kind)
        if wrong:
            done.damaged[path] = wrong.message
        elif not all(is_in_order(declared, plain) for _, plain in records):
            approved = approvals_by_path(graph) if approved is None else approved
            proof = proof_of(path, graph.tree, approved)
            new = _formatted(data, path, [(place, declared) for place, _ in records])
            if new and not proof:
                done.changed[path] = new
            else:
                done.kept[path] = proof or "its layout is one that only a person can keep"
    return done


def all_files(graph: "Graph") -> list[str]:
    """Every file of the store that may be put in order."""
    return sorted(path for kind in KINDS if is_formatted(kind) for path in graph.files_of(kind.name))


def _read(tree: "Tree", kind: Kind, path: str) -> tuple[bytes, list[tuple[KeyPath, Any]], Finding | None]:
    """A file's bytes, its records with their places, and the first thing that is wrong with its form."""
    from svcops.store.documents import parse
    from svcops.store.validation import validate

    data, problem = tree.read(path)
    if problem:
        return data, [], problem
    parsed = parse(data, path, many=kind.many)
    if parsed.findings:
        return data, [], parsed.findings[0]
    records = list(_records(kind, parsed.documents))
    declared = declared_of(kind)
    wrong = (one for _, plain in records for one in validate(declared, plain, At(path))[1])
    return data, records, next(wrong, None)


def _formatted(data: bytes, path: str, records: list[tuple[KeyPath, Any]]) -> bytes:
    """The bytes of a file with its keys in order; none where its layout does not allow that."""
    source = Source(data, path)
    try:
        return source.data(formatted(source.text, records, path))
    except CannotEdit:
        return b""


def _records(kind: Kind, documents: list[Any]) -> Iterator[tuple[KeyPath, Any]]:
    """The records of a file by place: its one document, or every document, and every item of a list of them."""
    for number, document in enumerate(documents):
        if kind.many and isinstance(document, list):
            yield from (((number, index), item) for index, item in enumerate(document))
        elif not kind.many or document is not None:
            yield (number,), document
