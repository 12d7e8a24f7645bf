"""The plain data of a record as the Backstage entity that says the same, as far as Backstage has words for it.

The inverse of `backstage_records`: what an import kept as `backstage.io/...` goes back to its place, unless the record
says something else by now. What Backstage demands and a record does not say is filled in by `_STANDS_IN`.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import field, fields
from typing import Any

from svcops.exchange.backstage_entities import FORMAT, PREFIX, slug_of, with_kind
from svcops.exchange.backstage_records import GROUP_TYPE, VERSION, place_of
from svcops.exchange.drafts import MODELS, OWNERS, unique, value_of
from svcops.exchange.names import Names
from svcops.exchange.references import Name, namespace_of
from svcops.store.frozen import frozen

_KINDS = {"system": "System", "team": "Group", "person": "User"}

_STANDS_IN: Mapping[str, Mapping[str, Any]] = {
    "Component": {"type": "service", "lifecycle": "unknown", "owner": "unknown"},
    "API": {"type": "unknown", "lifecycle": "unknown", "owner": "unknown", "definition": "unknown"},
    "System": {"owner": "unknown"},
    "Group": {"type": GROUP_TYPE, "children": []},
    "User": {"memberOf": []},
}
"""What Backstage demands of each kind of entity, and what is said where nothing is known."""

# https://github.com/backstage/backstage, packages/catalog-model/src/validation: names, annotation keys and tags
_NAME = re.compile(r"(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_LABEL = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TAG = re.compile(r"[a-z0-9:+#]+(?:-[a-z0-9:+#]+)*")
_LONGEST = 63
_LONGEST_PREFIX = 253

_METADATA = ("name", "namespace", "title", "description", "labels", "annotations", "tags", "links")
_SPEC = ("type", "lifecycle", "owner", "system", "profile", "parent", "children", "members", "memberOf", "dependsOn")


@frozen
class Known:
    """What one entity has to know of the other records."""

    apis: Collection[str] = ()
    """The services that are APIs."""
    only_people: Collection[str] = ()
    """The persons whose name no team has."""
    teams_of: Mapping[str, list[str]] = field(default_factory=dict)
    """For each person, the teams that name them."""
    names: Names = field(default_factory=Names)
    """In which namespaces the entities are."""
    needs: Mapping[str, Collection[str]] = field(default_factory=dict)
    """For each service, the services that it depends on."""
    told: Mapping[str, Collection[str]] = field(default_factory=dict)
    """For each service, those of them that say so themselves (`dependencyOf`)."""


def is_name(text: str) -> bool:
    """Whether Backstage takes this for the name of an entity."""
    return len(text) <= _LONGEST and bool(_NAME.fullmatch(text))


def is_annotation_key(text: str) -> bool:
    """Whether Backstage takes this for the key of an annotation: a name, or a DNS name, `/` and a name."""
    prefix, slash, name = text.rpartition("/")
    if slash and (len(prefix) > _LONGEST_PREFIX or not all(map(_is_label, prefix.split(".")))):
        return False
    return is_name(name)


def entity_of(kind: str, name: str, plain: Mapping[str, Any], known: Known) -> dict[str, Any]:
    """The entity of a record: apiVersion, kind, metadata and spec in the order in which people write them."""
    shown = _KINDS.get(kind) or ("API" if plain.get("api") else "Component")
    parts: dict[str, dict[str, Any]] = {"metadata": {}, "spec": {}, "entity": {}, "annotations": {}}
    for key, text in (plain.get("annotations") or {}).items():
        if key.startswith(PREFIX):
            part, place = place_of(key.removeprefix(PREFIX))
            whole = f"{PREFIX}{place}" if part == "annotations" else place
            parts[part][whole] = text if part == "annotations" else value_of(text)
        else:
            parts["annotations"][key] = text
    metadata = _metadata(kind, known.names.entity(kind, name), plain, parts["metadata"])
    metadata["annotations"] = {
        key: text for key, text in parts["annotations"].items() if is_annotation_key(key)
    } or metadata.get("annotations")
    spec = _SPECS[kind](_Record(name, plain, parts["spec"], known, namespace_of(metadata.get("namespace"))))
    for key, value in _STANDS_IN[shown].items():
        if spec.get(key) in (None, ""):
            spec[key] = value
    entity = {"apiVersion": VERSION, "kind": shown, **parts["entity"]}
    return {**entity, "metadata": metadata_in_order(metadata), "spec": _ordered(spec, _SPEC)}


def metadata_in_order(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata of an entity, the well-known fields first."""
    return _ordered(metadata, _METADATA)


def _is_label(text: str) -> bool:
    return len(text) <= _LONGEST and bool(_LABEL.fullmatch(text))


def _ordered(said: Mapping[str, Any], order: tuple[str, ...]) -> dict[str, Any]:
    """What is said, the well-known fields first."""
    keys = [*(key for key in order if key in said), *(key for key in said if key not in order)]
    return {key: said[key] for key in keys if said[key] not in (None, "")}


def _metadata(kind: str, name: str, plain: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    written = kept.get("name")
    tags = [tag for tag in plain.get("tags", []) if len(tag) <= _LONGEST and _TAG.fullmatch(tag)]
    said = {
        "description": plain.get("description") or _odd(kept.get("description")),
        "tags": tags or _odd(kept.get("tags")),
        "links": _links(plain.get("links", []), kept.get("links")) or None,
    }
    has = {one.name for one in fields(MODELS[kind])}  # what was kept of anything else is all there is of it
    return {
        **kept,
        "name": written if isinstance(written, str) and slug_of(written) == name else name,
        "title": plain.get("title") or kept.get("title") or plain.get("name"),
        **{key: value for key, value in said.items() if key in has},
    }


def _links(links: list[dict[str, str]], kept: Any) -> list[Any]:
    """The record's links, each with what was kept of it beside."""
    written = list(kept) if isinstance(kept, list) else []
    urls = [one.get("url") if isinstance(one, dict) else None for one in written]
    found = []
    for link in links:
        beside = {}
        if link["url"] in urls:
            index = urls.index(link["url"])
            beside, _ = written.pop(index), urls.pop(index)
        found.append({**beside, **link})
    return found + [one for one, url in zip(written, urls, strict=True) if not isinstance(url, str)]


@frozen
class _Record:
    """A record whose spec is being written; `kept` is what an import kept of its spec."""

    name: str
    plain: Mapping[str, Any]
    kept: Mapping[str, Any]
    known: Known
    namespace: str

    def meant(self, written: str, default_kind: str) -> Name:
        """What a reference of its entity means."""
        return FORMAT.name_of(written, default_kind, self.namespace)

    def written(self, name: str, kinds: tuple[str, ...]) -> str:
        """A name of the store as its entity refers to it."""
        return self.known.names.reference(name, kinds, self.namespace)

    def reference(self, field: str, default_kind: str, kinds: tuple[str, ...]) -> str | None:
        """A reference as it was written where it still means that name, and else as the name."""
        name, kept = self.plain.get(field), self.kept.get(field)
        if not name:
            return None
        if isinstance(kept, str) and self.known.names.of(self.meant(kept, default_kind), kinds) == name:
            return kept
        return self.written(name, kinds)

    def kept_texts(self, field: str) -> list[str] | None:
        """A list of texts that was kept; None where something else was."""
        kept = self.kept.get(field)
        if kept is None:
            return []
        return kept if isinstance(kept, list) and all(isinstance(one, str) for one in kept) else None

    def odd_list(self, field: str) -> Any:
        """What was kept because it was no list of texts."""
        return self.kept.get(field) if self.kept_texts(field) is None else None

    def services(self, field: str, default_kind: str) -> list[tuple[str, str | None]]:
        """A list of references that was kept, each with the service it means; None for what is no service."""
        meant = [(one, self.meant(one, default_kind)) for one in self.kept_texts(field) or []]
        return [(one, self.known.names.of(name) if name.record == "service" else None) for one, name in meant]

    def with_others(self, names: list[str], field: str, default_kind: str, kinds: tuple[str, ...]) -> Any:
        """Names, and what was kept of the same list because nothing here has that name."""
        kept, written = self.kept_texts(field), [self.written(one, kinds) for one in names]
        if kept is None:
            return written or self.kept[field]
        meant = [(one, self.meant(one, default_kind)) for one in kept]
        return written + [
            one for one, name in meant if name.kind != default_kind or self.known.names.of(name) not in names
        ]


def _owner(of: _Record) -> Any:
    owner, kept = of.plain.get("owner"), of.kept.get("owner")
    if owner is None:
        return kept if not isinstance(kept, str) else None
    written = of.reference("owner", "group", OWNERS)
    return f"user:{written}" if owner in of.known.only_people and ":" not in (written or "") else written


def _service(of: _Record) -> dict[str, Any]:
    plain, kept = of.plain, of.kept
    api = plain.get("api")
    spec = {
        **kept,
        "type": (api or plain).get("type") or _odd(kept.get("type")),
        "lifecycle": plain.get("lifecycle", "production"),
        "owner": _owner(of),
        "system": of.reference("system", "system", ("system",)) or _odd(kept.get("system")),
    }
    if api:
        return {**spec, "definition": api.get("definition") or _odd(kept.get("definition"))}
    return {**spec, **_needs(of), "dependencyOf": _dependency_of(of)}


def _odd(kept: Any) -> Any:
    """What was kept because it was no text."""
    return None if isinstance(kept, str) else kept


def _needs(of: _Record) -> dict[str, Any]:
    """What it depends on and which APIs it consumes, as it was written where it still holds; what is no service stays.

    What the other side says (`dependencyOf`) is not said again.
    """
    left = unique(one["service"] for one in of.plain.get("dependencies", []))
    names = {None, *left}
    said: dict[str, list[str]] = {}
    for place, default_kind in (("dependsOn", "component"), ("consumesApis", "api")):
        services = of.services(place, default_kind)
        said[place] = [one for one, name in services if name in names]
        left = [one for one in left if one not in {name for _, name in services}]
    for name in left:
        if name not in of.known.told.get(of.name, ()):
            place = "consumesApis" if name in of.known.apis else "dependsOn"
            said[place].append(of.written(name, ("service",)))
    said["dependsOn"] = [with_kind(one, "component") for one in said["dependsOn"]]
    return {place: listed or of.odd_list(place) for place, listed in said.items()}


def _dependency_of(of: _Record) -> Any:
    """The services that said to depend on it, without those of the store that do not, or no longer."""
    needs = of.known.needs
    services = of.services("dependencyOf", "component")
    still = [
        with_kind(one, "component") for one, name in services if name is None or of.name in needs.get(name, (of.name,))
    ]
    return still or of.odd_list("dependencyOf")


def _system(of: _Record) -> dict[str, Any]:
    return {**of.kept, "owner": _owner(of)}


def _team(of: _Record) -> dict[str, Any]:
    plain, kept = of.plain, of.kept
    mails = [one["address"] for one in plain.get("contacts", []) if one["channel"] == "mail"]
    return {
        **kept,
        "profile": _profile(plain.get("title"), mails, kept.get("profile")),
        "parent": of.reference("parent", "group", ("team",)) or _odd(kept.get("parent")),
        "members": of.with_others(plain.get("members", []), "members", "user", ("person",)) or None,
    }


def _person(of: _Record) -> dict[str, Any]:
    plain, kept = of.plain, of.kept
    teams = of.known.teams_of.get(of.name, [])
    return {
        **kept,
        "profile": _profile(plain.get("name"), plain.get("emails", []), kept.get("profile")),
        "memberOf": of.with_others(teams, "memberOf", "group", ("team",)),
    }


def _profile(shown_name: str | None, mails: list[str], kept: Any) -> Any:
    """A profile with the name that is shown, the first mail address, and what was kept of it."""
    if kept is not None and not isinstance(kept, dict):
        return kept
    profile = {"displayName": shown_name, **({"email": mails[0]} if mails else {})}
    return {
        **profile,
        **{key: value for key, value in (kept or {}).items() if key not in profile or key == "displayName"},
    }


_SPECS = {"service": _service, "system": _system, "team": _team, "person": _person}
