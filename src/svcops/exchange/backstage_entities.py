"""Backstage entities with their places, and entity references as Backstage reads them.

https://backstage.io/docs/features/software-catalog/descriptor-format and .../references: kinds, namespaces and names
are compared without regard to case. A store has one namespace, so the namespace of a reference plays no part.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from svcops.checking.model import Finding
from svcops.exchange.drafts import OWNERS, Reference
from svcops.exchange.sources import Document, Source
from svcops.store.frozen import frozen

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


@frozen
class Name:
    """What an entity reference says: kind and name in lower case, the name as a store spells it."""

    kind: str
    name: str

    @property
    def key(self) -> tuple[str, str]:
        """The kind of record, or of entity where there is none, and the name."""
        return RECORD_KINDS.get(self.kind, self.kind), self.name


@frozen
class Entity:
    """One entity: `plain` is what it says."""

    plain: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """Its kind in lower case."""
        return str(self.plain["kind"]).lower()

    @property
    def written_name(self) -> str:
        """Its name as it is written."""
        return str(self.plain["metadata"]["name"])

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


@frozen
class Placed:
    """An entity and the document that it was read from."""

    entity: Entity
    document: Document

    @property
    def source(self) -> Source:
        """The line of its name."""
        return self.document.source("metadata", "name")

    def references(self) -> Iterator[Reference]:
        """What it names, each at its place."""
        spec = self.entity.part("spec")
        for field, default_kind in REFERENCES.get(self.entity.kind, {}).items():
            written = spec.get(field)
            items = list(enumerate(written)) if isinstance(written, list) else [(None, written)]
            for index, item in items:
                if isinstance(item, str):
                    target = name_of(item, default_kind)
                    kinds = OWNERS if field == "owner" else (target.key[0],)
                    place = ("spec", field) if index is None else ("spec", field, index)
                    yield Reference(field, kinds, target.name, self.document.source(*place))


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


def entity_in(document: Document) -> Placed | Finding:
    """The entity that a document is, or why it is none."""
    plain = document.plain
    metadata = plain.get("metadata") if isinstance(plain, dict) else None
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(name, str) or not name.strip() or not isinstance(plain.get("kind"), str):
        return document.finding("not a Backstage entity: it has no kind, or no metadata.name")
    return Placed(Entity(plain), document)
