"""What a Backstage entity says, as the plain data of a record.

What a record has no field for is kept among its annotations under `backstage.io/`: a field that Backstage itself
knows by its name (`backstage.io/domain`), any other with the part of the entity it stands in (`backstage.io/spec.x`),
so that `place_of` can tell where each came from.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import field
from typing import Any

from svcops.exchange.backstage_entities import FORMAT, NEEDS_KIND, PREFIX, RECORD_KINDS, Entity, with_kind
from svcops.exchange.drafts import OWNERS, as_text, take_text, take_texts, unique
from svcops.exchange.names import Names
from svcops.exchange.references import Name
from svcops.store.frozen import frozen

VERSION = "backstage.io/v1alpha1"
GROUP_TYPE = "team"
"""The type of a group that goes without saying."""

_PART_OF: Mapping[str, str] = {
    **dict.fromkeys(("name", "namespace", "title", "description", "labels", "tags", "links"), "metadata"),
    **dict.fromkeys(("owner", "type", "lifecycle", "system", "domain", "subdomainOf", "subcomponentOf"), "spec"),
    **dict.fromkeys(("dependsOn", "dependencyOf", "providesApis", "consumesApis", "definition"), "spec"),
    **dict.fromkeys(("profile", "parent", "children", "members", "memberOf", "leader", "leaderOf"), "spec"),
    **dict.fromkeys(("apiVersion", "status", "relations"), "entity"),
}
"""For each field that Backstage's model has: the part of an entity it stands in."""

_PARTS = ("metadata", "spec", "entity", "annotations")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+")
_LINK = ("url", "title", "type")


@frozen
class Around:
    """What one entity has to know of the others."""

    people: Collection[str] = ()
    """The persons that a team may name."""
    groups: Collection[str] = ()
    """The groups that become teams here, and so hold their members themselves."""
    members: Mapping[str, list[str]] = field(default_factory=dict)
    """For each group, the people who say that they belong to it."""
    names: Names = field(default_factory=Names)
    """Whose the names of the store are."""
    needs: Mapping[str, list[str]] = field(default_factory=dict)
    """For each service, the services that say themselves that it depends on them."""
    told_twice: Collection[str] = ()
    """The services whose `dependsOn` names one of these, so that both sides say it."""


def place_of(key: str) -> tuple[str, str]:
    """Where the annotation `backstage.io/KEY` of a record belongs: part of the entity, and key there."""
    part, _, rest = key.partition(".")
    if part in _PARTS and rest:
        return part, rest
    return _PART_OF.get(key, "annotations"), key


def plain_of(entity: Entity, around: Around) -> dict[str, Any]:
    """What an entity says, as plain data of its record; what it does not say is left out."""
    draft = _Draft(entity, around)
    kind = RECORD_KINDS[entity.kind]
    if kind == "service":
        plain = _service(draft)
    elif kind == "system":
        plain = _system(draft)
    elif kind == "team":
        plain = _team(draft)
    else:
        plain = _person(draft)
    plain["annotations"] = draft.annotations()
    return {key: value for key, value in plain.items() if value}


class _Draft:
    """An entity being taken apart: what is taken becomes a field, what is left an annotation."""

    def __init__(self, entity: Entity, around: Around) -> None:
        self.entity = entity
        self.around = around
        self.metadata = entity.part("metadata")
        self.spec = entity.part("spec")
        self.kept: dict[str, Any] = {}
        self.name = around.names.of(entity.meant)
        """That of the record."""
        if self.metadata.pop("name") != self.name:
            self.kept["name"] = entity.written_name
        if str(self.metadata.get("namespace", "default")).lower() == "default":
            self.metadata.pop("namespace", None)

    def title(self) -> str:
        """Take the title; empty where there is none."""
        return take_text(self.metadata, "title").strip()

    def meant(self, reference: str, default_kind: str) -> Name:
        """What a reference of this entity means."""
        return FORMAT.name_of(reference, default_kind, self.entity.namespace)

    def named(self, reference: str, kind: str) -> str:
        """The name in the store that a reference means; empty where it means another kind of entity."""
        meant = self.meant(reference, kind)
        return self.around.names.of(meant) if meant.kind == kind else ""

    def reference(self, field: str, kind: str, kinds: tuple[str, ...]) -> str:
        """Take a reference as the name it means; what the name alone does not say is kept."""
        written = take_text(self.spec, field)
        if not written:
            return ""
        meant = self.meant(written, kind)
        if written.lower().strip().removeprefix(f"{kind}:").removeprefix(f"{meant.namespace}/") != meant.name:
            self.kept[field] = written
        return self.around.names.of(meant, kinds)

    def links(self) -> list[dict[str, str]]:
        """Take the links; where one says more than a link of ours can, all are kept beside."""
        found = self.metadata.get("links")
        if not isinstance(found, list):
            return []
        links = [
            one for one in found if isinstance(one, dict) and isinstance(one.get("url"), str) and one["url"].strip()
        ]
        taken = [{key: link[key] for key in _LINK if isinstance(link.get(key), str)} for link in links]
        if taken == found:
            del self.metadata["links"]
        return taken

    def annotations(self) -> dict[str, str]:
        """The entity's own annotations, and everything that is left of it."""
        found = self.metadata.pop("annotations", None)
        own = found if isinstance(found, dict) else {}
        kept = {_own_key(key): value if isinstance(value, str) else as_text(value) for key, value in own.items()}
        if own is not found:
            self.metadata["annotations"] = found
        entity = {key: value for key, value in self.entity.plain.items() if key not in ("kind", "metadata", "spec")}
        if entity.get("apiVersion") == VERSION:
            del entity["apiVersion"]
        rest = {PREFIX + key: value for key, value in self.kept.items()}
        for part, fields in (("metadata", self.metadata), ("spec", self.spec), ("entity", entity)):
            for key, value in fields.items():
                if value not in (None, "", [], {}):
                    rest[PREFIX + (key if _PART_OF.get(key) == part else f"{part}.{key}")] = value
        return kept | {key: as_text(value) for key, value in rest.items()}


def _own_key(key: str) -> str:
    """The key of an entity's own annotation; one that looks like a field that was kept says that it is none."""
    name = key.removeprefix(PREFIX)
    if name == key or place_of(name) == ("annotations", name):
        return key
    return f"{PREFIX}annotations.{name}"


def _service(draft: _Draft) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "title": draft.title(),
        "description": take_text(draft.metadata, "description"),
        "owner": draft.reference("owner", "group", OWNERS),
        "lifecycle": take_text(draft.spec, "lifecycle"),
        "system": draft.reference("system", "system", ("system",)),
        "links": draft.links(),
        "tags": take_texts(draft.metadata, "tags"),
    }
    needed = draft.around.needs.get(draft.name, [])
    if draft.entity.kind == "api":
        api = {"type": take_text(draft.spec, "type"), "definition": take_text(draft.spec, "definition")}
        plain["api"] = {key: value for key, value in api.items() if value} or {"type": ""}
    else:
        plain["type"] = take_text(draft.spec, "type")
        _say_kinds(draft)
        consumed = _consumes(draft)
        needed = [*_depends_on(draft, consumed), *consumed, *needed]
    plain["dependencies"] = [{"service": name} for name in unique(needed)]
    return plain


def _say_kinds(draft: _Draft) -> None:
    """Let the references say their kind that Backstage wants with it; what is no list of references is left."""
    for key in NEEDS_KIND:
        written = take_texts(draft.spec, key)
        if written:
            draft.spec[key] = [with_kind(one, "component") for one in written]


def _depends_on(draft: _Draft, consumed: Collection[str]) -> list[str]:
    """Take the components and APIs it depends on; a list that names anything else is kept beside.

    So is one that names what says the same of itself, or an API that is `consumed`, as an export could not tell
    otherwise that it was said twice.
    """
    written = take_texts(draft.spec, "dependsOn")
    meant = [draft.meant(one, "component") for one in written]
    found = [draft.around.names.of(one) for one in meant if one.record == "service"]
    is_said_twice = draft.name in draft.around.told_twice or not set(found).isdisjoint(consumed)
    if is_said_twice or any(one.kind != "component" for one in meant):
        draft.spec["dependsOn"] = written
    return found


def _consumes(draft: _Draft) -> list[str]:
    """The APIs it consumes. The list stays: it says which of the dependencies are told in this way."""
    written = take_texts(dict(draft.spec), "consumesApis")
    meant = [draft.meant(one, "api") for one in written]
    return [draft.around.names.of(one) for one in meant if one.record == "service"]


def _system(draft: _Draft) -> dict[str, Any]:
    return {
        "title": draft.title(),
        "description": take_text(draft.metadata, "description"),
        "owner": draft.reference("owner", "group", OWNERS),
        "tags": take_texts(draft.metadata, "tags"),
    }


def _team(draft: _Draft) -> dict[str, Any]:
    around = draft.around
    profile = _profile(draft)
    written = take_texts(draft.spec, "members")
    people = {one: name for one in written if (name := draft.named(one, "user")) in around.people}
    others = [one for one in written if one not in people]
    if others:
        draft.kept["members"] = others
    if draft.spec.get("type") == GROUP_TYPE:
        del draft.spec["type"]
    members = [*people.values(), *around.members.get(draft.name, [])]
    mail = profile.pop("email", "")
    title = draft.title() or profile.get("displayName", "").strip()
    _keep_profile(draft, profile, title)
    return {
        "title": title,
        "description": take_text(draft.metadata, "description"),
        "parent": draft.reference("parent", "group", ("team",)),
        "members": unique(name for name in members if name in around.people),
        "contacts": [{"channel": "mail", "address": mail}] if mail else [],
        "tags": take_texts(draft.metadata, "tags"),
    }


def _person(draft: _Draft) -> dict[str, Any]:
    profile = _profile(draft)
    mail = profile.pop("email") if _MAIL.fullmatch(profile.get("email", "")) else ""
    title = draft.title()
    name = profile.get("displayName", "").strip() or title
    if title not in ("", name):
        draft.kept["title"] = title
    _keep_profile(draft, profile, name)
    groups = draft.around.groups
    elsewhere = [one for one in take_texts(draft.spec, "memberOf") if draft.named(one, "group") not in groups]
    if elsewhere:
        draft.kept["memberOf"] = elsewhere
    return {"name": name, "emails": [mail] if mail else []}


def _profile(draft: _Draft) -> dict[str, str]:
    """Take the profile of a group or user; one that is not of plain text is left."""
    found = draft.spec.get("profile")
    if not isinstance(found, dict) or not all(isinstance(value, str) and value.strip() for value in found.values()):
        return {}
    return dict(draft.spec.pop("profile"))


def _keep_profile(draft: _Draft, profile: dict[str, str], shown_name: str) -> None:
    """Keep what a profile says beyond the name that is shown."""
    if profile.get("displayName", "").strip() == shown_name:
        profile.pop("displayName", None)
    if profile:
        draft.spec["profile"] = profile
