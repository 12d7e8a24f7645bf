"""Backstage catalogue files as entities with places, and entity references as Backstage reads them.

https://backstage.io/docs/features/software-catalog/descriptor-format and .../references: kinds, namespaces and names
are compared without regard to case. A store has one namespace, so the namespace of a reference plays no part.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from svcops.checking.model import At, Finding, KeyPath, Span
from svcops.errors import BadInput
from svcops.store.yaml_reading import Places, compose, decode

MAX_BYTES = 64 * 1024 * 1024
MAX_NODES = 20_000_000

RECORD_KINDS = {"component": "service", "api": "service", "system": "system", "group": "team", "user": "person"}
"""For each kind of entity that has a place in a store: the kind of record it becomes."""

REFERENCES: Mapping[str, Mapping[str, str]] = {
    "component": {
        "owner": "group",
        "system": "system",
        "subcomponentOf": "component",
        "providesApis": "api",
        "consumesApis": "api",
        "dependsOn": "component",
        "dependencyOf": "component",
    },
    "api": {"owner": "group", "system": "system"},
    "system": {"owner": "group", "domain": "domain"},
    "group": {"parent": "group", "children": "group"},
    "user": {"memberOf": "group"},
}
"""For each kind of entity: the fields of its spec that name others, and the kind meant where the reference has none."""

_SEPARATORS = re.compile(r"([._-])[._-]+")
_REFERENCE = re.compile(r"(?:([^:/]+):)?(?:([^:/]+)/)?([^:/]+)")


class Unreadable(BadInput):
    """Files that are not YAML, or not Backstage."""

    def __init__(self, findings: list[Finding]) -> None:
        listed = [f"{_place(one.at.path, one.span)}: {one.message}" for one in findings]
        more = [f"and {len(listed) - 10} more"] if len(listed) > 10 else []
        super().__init__("\n  ".join(["nothing imported, these files cannot be read:", *listed[:10], *more]))


@dataclass(frozen=True, slots=True)
class Source:
    """A place in a file that was given."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Name:
    """What an entity reference says: kind and name in lower case, the name as a store spells it."""

    kind: str
    name: str

    @property
    def key(self) -> tuple[str, str]:
        """The kind of record, or of entity where there is none, and the name."""
        return RECORD_KINDS.get(self.kind, self.kind), self.name


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity as it was written; `kind` is in lower case."""

    kind: str
    written_name: str
    plain: Mapping[str, Any]
    source: Source
    lines: Mapping[KeyPath, int]
    """The lines of what its spec says."""

    @property
    def name(self) -> str:
        """The name as a store spells it."""
        return slug_of(self.written_name)

    @property
    def key(self) -> tuple[str, str]:
        """The kind of record, or of entity where there is none, and the name."""
        return RECORD_KINDS.get(self.kind, self.kind), self.name

    @property
    def is_backstage(self) -> bool:
        """Whether its API version is one of the catalogue's."""
        return str(self.plain.get("apiVersion", "")).startswith("backstage.io/")

    def part(self, key: str) -> dict[str, Any]:
        """A copy of `metadata` or `spec`; empty where it is no mapping."""
        found = self.plain.get(key)
        return dict(found) if isinstance(found, dict) else {}

    def references(self) -> Iterator[tuple[str, Name, Source]]:
        """The field, what it names, and where it says so."""
        spec = self.part("spec")
        for field, default_kind in REFERENCES.get(self.kind, {}).items():
            written = spec.get(field)
            items = written if isinstance(written, list) else [written]
            for index, item in enumerate(items):
                if isinstance(item, str):
                    line = self.lines.get((field, index), self.lines.get((field,), self.source.line))
                    yield field, name_of(item, default_kind), Source(self.source.file, line)


def name_of(reference: str, default_kind: str) -> Name:
    """`[kind:][namespace/]name`, without regard to case."""
    found = _REFERENCE.fullmatch(reference.strip())
    if not found:
        return Name(default_kind, reference.strip().lower())
    return Name((found[1] or default_kind).lower(), slug_of(found[3]))


@cache
def slug_of(name: str) -> str:
    """A Backstage name as a store spells it: lower case, one separator at a time."""
    return _SEPARATORS.sub(r"\1", name.lower())


def read(file: str, data: bytes) -> tuple[list[Entity], list[Finding]]:
    """The entities of one file, and what is wrong with it; empty documents are passed by."""
    text, problem = decode(data, file, max_bytes=MAX_BYTES)
    if problem:
        return [], [problem]
    parsed = compose(text, file, many=True, locate=True, max_nodes=MAX_NODES)
    if parsed.findings:
        return [], parsed.findings
    lines: list[dict[KeyPath, int]] = [{} for _ in parsed.documents]
    for place, span in parsed.places.values.items():
        if place[1:2] == ("spec",) and len(place) <= 4:
            lines[int(place[0])][place[2:]] = span.line
    entities, findings = [], []
    for number, plain in enumerate(parsed.documents):
        entity = _entity(file, plain, number, parsed.places, lines[number])
        if isinstance(entity, Finding):
            findings.append(entity)
        elif entity:
            entities.append(entity)
    return entities, findings


def _entity(file: str, plain: Any, number: int, places: Places, lines: dict[KeyPath, int]) -> Entity | Finding | None:
    if plain is None:
        return None
    span = places.values.get((number,), Span(1, 1, 1, 1))
    metadata = plain.get("metadata") if isinstance(plain, dict) else None
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(name, str) or not name.strip() or not isinstance(plain.get("kind"), str):
        return Finding("YAML001", "not a Backstage entity: it has no kind, or no metadata.name", At(file), span=span)
    named = places.values.get((number, "metadata", "name"), span)
    return Entity(plain["kind"].lower(), name, plain, Source(file, named.line), lines)


def _place(path: str, span: Span | None) -> str:
    return f"{path}:{span.line}:{span.column}" if span else path
