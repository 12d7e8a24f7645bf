"""A Backstage entity as a record of the catalogue.

What a record has no field for is kept among its annotations under `backstage.io/`: text as it is, other values as JSON.
"""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from svcops.catalogue.model import Person, Service, System, Team
from svcops.checking.model import At
from svcops.exchange.backstage_entities import RECORD_KINDS, Entity, name_of
from svcops.store.model import SLUG

MODELS: Mapping[str, Any] = {"service": Service, "system": System, "team": Team, "person": Person}
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")
_SLUG = re.compile(SLUG)
_MAIL = re.compile(r"[^@\s]+@[^@\s]+")


class NoRecord(Exception):
    """The entity cannot be a record; the reason is the message."""


def record_of(entity: Entity, people: Collection[str], members: Mapping[str, list[str]]) -> Any:
    """The record that an entity becomes; NoRecord where the catalogue would not take it.

    `people` are the persons that a team may name, `members` the people who say that they belong to each team.
    """
    if not _SLUG.fullmatch(entity.name) or _DEVICE.fullmatch(entity.name):
        raise NoRecord(f"{entity.written_name} cannot be the name of a record")
    from svcops.store.validation import validate

    kind = RECORD_KINDS[entity.kind]
    draft = _Draft(entity)
    if kind == "service":
        plain = _service(draft, is_api=entity.kind == "api")
    elif kind == "system":
        plain = _system(draft)
    elif kind == "team":
        plain = _team(draft, people, members.get(entity.name, []))
    else:
        plain = _person(draft)
    record, findings = validate(MODELS[kind], {key: value for key, value in plain.items() if value}, At(""))
    if findings:
        raise NoRecord("; ".join(one.message for one in findings))
    return record


class _Draft:
    """An entity being taken apart: what is taken becomes a field, what is left an annotation."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        self.metadata = entity.part("metadata")
        self.spec = entity.part("spec")
        self.kept: dict[str, str] = {}
        if self.metadata.pop("name") != entity.name:
            self.kept["name"] = entity.written_name
        if str(self.metadata.get("namespace", "default")).lower() == "default":
            self.metadata.pop("namespace", None)

    def text(self, holder: dict[str, Any], key: str) -> str:
        """Take text; empty where there is none."""
        return str(holder.pop(key)) if isinstance(holder.get(key), str) else ""

    def title(self) -> str:
        """Take the title, or what stands for it."""
        return self.text(self.metadata, "title").strip() or self.entity.written_name

    def reference(self, field: str, kind: str) -> str:
        """Take a reference as the name it means; what the name alone does not say is kept."""
        written = self.text(self.spec, field)
        if not written:
            return ""
        if written.lower().strip().removeprefix(f"{kind}:").removeprefix("default/") != name_of(written, kind).name:
            self.kept[field] = written
        return name_of(written, kind).name

    def texts(self, holder: dict[str, Any], key: str) -> list[str]:
        """Take a list of texts; a list of anything else is left."""
        found = holder.get(key)
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            return []
        return list(holder.pop(key))

    def links(self) -> list[dict[str, str]]:
        """Take the links; where one says more than a link of ours can, all are kept beside."""
        found = self.metadata.get("links")
        known = ("url", "title", "type")
        if not isinstance(found, list):
            return []
        links = [
            one for one in found if isinstance(one, dict) and isinstance(one.get("url"), str) and one["url"].strip()
        ]
        taken = [{key: link[key] for key in known if isinstance(link.get(key), str)} for link in links]
        if taken == found:
            del self.metadata["links"]
        return taken

    def annotations(self) -> dict[str, str]:
        """Everything that is left."""
        own = self.metadata.pop("annotations", None)
        own = own if isinstance(own, dict) else {}
        found = {key: value if isinstance(value, str) else as_text(value) for key, value in own.items()}
        rest: dict[str, Any] = {**self.kept}
        if self.entity.plain.get("apiVersion") != "backstage.io/v1alpha1":
            rest["apiVersion"] = self.entity.plain.get("apiVersion")
        parts = {**self.entity.plain, "apiVersion": None, "kind": None, "metadata": None, "spec": None}
        for prefix, part in (("metadata.", self.metadata), ("spec.", self.spec), ("entity.", parts)):
            for key, value in part.items():
                if value not in (None, "", [], {}):
                    rest[prefix + key if key in rest or f"backstage.io/{key}" in found else key] = value
        return found | {f"backstage.io/{key}": as_text(value) for key, value in rest.items()}


def as_text(value: Any) -> str:
    """A value as an annotation holds it: JSON, and text that is not itself JSON as it is."""
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    try:
        json.loads(value)
    except ValueError:
        return value
    return json.dumps(value, ensure_ascii=False)


def _service(draft: _Draft, *, is_api: bool) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "title": draft.title(),
        "description": draft.text(draft.metadata, "description"),
        "owner": draft.reference("owner", "group"),
        "lifecycle": draft.text(draft.spec, "lifecycle") or "unknown",
        "system": draft.reference("system", "system"),
        "links": draft.links(),
        "tags": draft.texts(draft.metadata, "tags"),
    }
    if is_api:
        api = {"type": draft.text(draft.spec, "type"), "definition": draft.text(draft.spec, "definition")}
        plain["api"] = {key: value for key, value in api.items() if value} or {"type": ""}
    else:
        plain["type"] = draft.text(draft.spec, "type")
        plain["dependencies"] = _dependencies(draft)
    return plain | {"annotations": draft.annotations()}


def _dependencies(draft: _Draft) -> list[dict[str, str]]:
    """Components and APIs that an entity depends on; where it names anything else, its list is kept beside."""
    written = draft.texts(draft.spec, "dependsOn")
    names = [name_of(one, "component") for one in written]
    if any(one.kind != "component" for one in names):
        draft.spec["dependsOn"] = written
    return [{"service": name} for name in dict.fromkeys(one.name for one in names if one.kind in ("component", "api"))]


def _system(draft: _Draft) -> dict[str, Any]:
    return {
        "title": draft.title(),
        "description": draft.text(draft.metadata, "description"),
        "owner": draft.reference("owner", "group"),
        "tags": draft.texts(draft.metadata, "tags"),
        "annotations": draft.annotations(),
    }


def _team(draft: _Draft, people: Collection[str], belonging: list[str]) -> dict[str, Any]:
    profile = _profile(draft)
    written = draft.texts(draft.spec, "members")
    members = [name for one in written if (name := name_of(one, "user").name) in people]
    others = [one for one in written if name_of(one, "user").name not in people]
    if others:
        draft.kept["members"] = ", ".join(others)
    mail = profile.pop("email", "")
    title = draft.text(draft.metadata, "title").strip() or profile.get("displayName", "") or draft.entity.written_name
    _keep_profile(draft, profile, title)
    return {
        "title": title,
        "description": draft.text(draft.metadata, "description"),
        "parent": draft.reference("parent", "group"),
        "members": list(dict.fromkeys([*members, *(name for name in belonging if name in people)])),
        "contacts": [{"channel": "mail", "address": mail}] if mail else [],
        "tags": draft.texts(draft.metadata, "tags"),
        "annotations": draft.annotations(),
    }


def _person(draft: _Draft) -> dict[str, Any]:
    profile = _profile(draft)
    mail = profile.pop("email") if _MAIL.fullmatch(profile.get("email", "")) else ""
    name = profile.get("displayName", "") or draft.text(draft.metadata, "title").strip() or draft.entity.written_name
    _keep_profile(draft, profile, name)
    return {"name": name, "emails": [mail] if mail else [], "annotations": draft.annotations()}


def _profile(draft: _Draft) -> dict[str, str]:
    """Take the profile of a group or user; one that is not of plain text is left."""
    found = draft.spec.get("profile")
    if not isinstance(found, dict) or not all(isinstance(value, str) and value.strip() for value in found.values()):
        return {}
    return dict(draft.spec.pop("profile"))


def _keep_profile(draft: _Draft, profile: dict[str, str], shown_name: str) -> None:
    """Keep what a profile says beyond the name that is shown."""
    if profile.get("displayName") == shown_name:
        del profile["displayName"]
    if profile:
        draft.spec["profile"] = profile
