"""Datadog's service definitions (v2, v2.1, v2.2) and entity definitions (v3) with their places, and what they name.

github.com/DataDog/schema, service-catalog/: v2 has one kind, the service, named by `dd-service`; v3 has kinds, with
`metadata` and `spec`. The name of an entity and its namespace, which is `default` where none is said, tell it from all
others of its kind. Teams are no entities and have none.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from svcops.checking.model import Finding
from svcops.exchange.drafts import as_text, slug_of
from svcops.exchange.references import DEFAULT_NAMESPACE, Format, Name, namespace_of
from svcops.exchange.sources import Document, Source
from svcops.store.frozen import frozen

PREFIX = "datadoghq.com/"
DEFINITIONS = ("v2", "v2.1", "v2.2")

KINDS: Mapping[str, str] = {
    **dict.fromkeys(("service", "datastore", "queue", "api"), "service"),
    **dict.fromkeys(("system", "application"), "system"),
}
"""For each kind of entity that has a place in a store: the kind of record it becomes."""

REFERENCES: Mapping[str, str] = {
    "owner": "team",
    "application": "system",
    "dependsOn": "service",
    "dependencyOf": "service",
    "componentOf": "system",
    "components": "service",
    "implementedBy": "service",
}
"""The fields that name others, and the kind that is meant where a name has none."""

_OLD: Mapping[str, tuple[str, ...]] = {"owner": ("team", "dd-team"), "application": ("application",)}
"""For each of these that v2 has: the keys under which it does, of which the first counts."""

_REFERENCE = re.compile(r"(?:([^:/\s]+):)?(?:([^:/\s]+)/)?(.+)")
"""Names hold nearly everything: `service:aws:lambda` is one, as is `Platform / Operations`."""

FORMAT = Format(PREFIX, KINDS, "service", _REFERENCE, slug_of)


@frozen
class Definition:
    """What one document defines."""

    document: Document

    @property
    def plain(self) -> Mapping[str, Any]:
        """What it says."""
        found: Mapping[str, Any] = self.document.plain
        return found

    @property
    def is_old(self) -> bool:
        """Whether it is of v2: without kinds and namespaces, and with names where v3 has references."""
        return "schema-version" in self.plain

    @property
    def kind(self) -> str:
        """Its kind in lower case."""
        return "service" if self.is_old else str(self.plain["kind"]).lower()

    @property
    def written_name(self) -> str:
        """Its name as it is written."""
        return str(self.plain["dd-service"] if self.is_old else self.plain["metadata"]["name"])

    @property
    def namespace(self) -> str:
        """The namespace that it is in."""
        return DEFAULT_NAMESPACE if self.is_old else namespace_of(self.plain["metadata"].get("namespace"))

    @property
    def meant(self) -> Name:
        """What a reference to it says."""
        return FORMAT.name(self.kind, slug_of(self.written_name), self.namespace)

    @property
    def source(self) -> Source:
        """The line of its name."""
        return self.document.source(*(("dd-service",) if self.is_old else ("metadata", "name")))

    def named(self, written: str, default_kind: str) -> Name:
        """What a reference of it means; of v2, which has names only, what has that name."""
        if self.is_old:
            kind = default_kind if default_kind not in KINDS else ""
            return Name(kind, slug_of(written), DEFAULT_NAMESPACE, KINDS.get(default_kind, ""))
        return FORMAT.name_of(written, default_kind, DEFAULT_NAMESPACE if default_kind == "team" else self.namespace)

    def names(self, field: str) -> Iterator[tuple[Name, Source]]:
        """What one of its fields names, each at its place; what has another shape than the schema says names nobody."""
        for place, written in self._written(field):
            if isinstance(written, str):
                yield self.named(written, REFERENCES[field]), self.document.source(*place)

    def _written(self, field: str) -> Iterator[tuple[tuple[str | int, ...], Any]]:
        """Each place at which a field can name something, and what is written there."""
        if self.is_old:
            keys = [key for key in _OLD.get(field, ()) if isinstance(self.plain.get(key), str)]
            yield from (((key,), self.plain[key]) for key in keys[:1])
        elif field == "owner":
            yield ("metadata", "owner"), self.plain["metadata"].get("owner")
        elif field not in _OLD:
            spec = self.plain.get("spec")
            written = spec.get(field) if isinstance(spec, dict) else None
            if isinstance(written, list) and all(isinstance(one, str) for one in written):
                yield from ((("spec", field, index), one) for index, one in enumerate(written))


def fault(document: Document) -> Finding | None:
    """What keeps a document from being a definition."""
    plain = document.plain
    if not isinstance(plain, dict) or not plain.keys() & {"schema-version", "apiVersion"}:
        return document.finding("not a Datadog definition: it has neither schema-version nor apiVersion")
    if "schema-version" in plain:
        if plain["schema-version"] not in DEFINITIONS:
            return document.finding(_unread("schema-version", plain["schema-version"]), "schema-version")
        named: Any = plain.get("dd-service")
        where = "dd-service"
    else:
        if plain["apiVersion"] != "v3":
            return document.finding(_unread("apiVersion", plain["apiVersion"]), "apiVersion")
        if not isinstance(plain.get("kind"), str):
            return document.finding("not a Datadog entity: it has no kind")
        metadata = plain.get("metadata")
        named = metadata.get("name") if isinstance(metadata, dict) else None
        where = "metadata.name"
    return None if isinstance(named, str) and named.strip() else document.finding(f"{where} is missing, or no text")


def _unread(key: str, value: Any) -> str:
    return f"{key} is {as_text(value)}: what is read is schema-version {', '.join(DEFINITIONS)} and apiVersion v3"
