"""Backstage entities with their places, and entity references as Backstage reads them.

https://backstage.io/docs/features/software-catalog/descriptor-format and .../references: kinds, namespaces and names
are compared without regard to case, and a reference without a namespace means that of the entity that makes it.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from svcops.checking.model import Finding
from svcops.exchange.drafts import as_text
from svcops.exchange.references import Format, Name, namespace_of
from svcops.exchange.sources import Document, Source
from svcops.store.frozen import frozen

PREFIX = "backstage.io/"

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

NEEDS_KIND = ("dependsOn", "dependencyOf")
"""Fields for which Backstage itself has no default: it refuses an entity with a reference there that has no kind."""

_SEPARATORS = re.compile(r"([._-])[._-]+")
_REFERENCE = re.compile(r"(?:([^:/]+):)?(?:([^:/]+)/)?([^:/]+)")


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
    def namespace(self) -> str:
        """The namespace that it is in."""
        return namespace_of(self.part("metadata").get("namespace"))

    @property
    def meant(self) -> Name:
        """What a reference to it says."""
        return FORMAT.name(self.kind, self.name, self.namespace)

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
    def meant(self) -> Name:
        """What a reference to it says."""
        return self.entity.meant

    @property
    def source(self) -> Source:
        """The line of its name."""
        return self.document.source("metadata", "name")

    def names(self, field: str) -> Iterator[tuple[Name, Source]]:
        """What a field of its spec names, each at its place; text that is no reference is nobody's name."""
        default_kind = REFERENCES.get(self.entity.kind, {}).get(field)
        if default_kind is None:
            return
        written = self.entity.part("spec").get(field)
        items = list(enumerate(written)) if isinstance(written, list) else [(None, written)]
        for index, item in items:
            if isinstance(item, str):
                place = ("spec", field) if index is None else ("spec", field, index)
                yield FORMAT.name_of(item, default_kind, self.entity.namespace), self.document.source(*place)


def with_kind(reference: str, kind: str) -> str:
    """A reference that says its kind; `kind` where it said none."""
    return reference if ":" in reference else f"{kind}:{reference.strip()}"


@cache
def slug_of(name: str) -> str:
    """A Backstage name as a store spells it: lower case, one separator at a time."""
    return _SEPARATORS.sub(r"\1", name.lower())


FORMAT = Format(PREFIX, RECORD_KINDS, "component", _REFERENCE, slug_of)


def entity_in(document: Document) -> Placed | Finding:
    """The entity that a document is, or why it is none."""
    plain = document.plain
    if not isinstance(plain, dict):
        return document.finding("not a Backstage entity: it is no mapping")
    metadata = plain.get("metadata")
    if not isinstance(metadata, dict):
        return document.finding("not a Backstage entity: metadata is " + _wrong(metadata, "mapping"), "metadata")
    for field, value, place in (
        ("kind", plain.get("kind"), ("kind",)),
        ("metadata.name", metadata.get("name"), ("metadata", "name")),
    ):
        if not isinstance(value, str) or not value.strip():
            return document.finding(f"not a Backstage entity: {field} is {_wrong(value, 'text')}", *place)
    return Placed(Entity(plain), document)


def _wrong(value: Any, wanted: str) -> str:
    """What is wrong with a value: `missing`, `empty`, or `123, which is no text: put it in quotes`."""
    if value is None:
        return "missing"
    if isinstance(value, str) and not value.strip():
        return "empty"
    how = ": put it in quotes" if wanted == "text" and not isinstance(value, dict | list) else ""
    return f"{as_text(value)}, which is no {wanted}{how}"
