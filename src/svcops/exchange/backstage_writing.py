"""The plain data of a record as the Backstage entity that says the same, as far as Backstage has words for it.

The inverse of `backstage_records`: what an import kept as `backstage.io/...` goes back to its place, unless the record
says something else by now. What Backstage demands and a record does not say is filled in by `_STANDS_IN`.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import field
from typing import Any

from svcops.exchange.backstage_entities import Name, name_of, slug_of
from svcops.exchange.backstage_records import GROUP_TYPE, PREFIX, VERSION, place_of
from svcops.exchange.drafts import unique, value_of
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
    metadata = _metadata(name, plain, parts["metadata"])
    metadata["annotations"] = {
        key: text for key, text in parts["annotations"].items() if is_annotation_key(key)
    } or metadata.get("annotations")
    spec = _SPECS[kind](name, plain, parts["spec"], known)
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


def _metadata(name: str, plain: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    written = kept.get("name")
    tags = [tag for tag in plain.get("tags", []) if len(tag) <= _LONGEST and _TAG.fullmatch(tag)]
    return {
        **kept,
        "name": written if isinstance(written, str) and slug_of(written) == name else name,
        "title": plain.get("title") or kept.get("title") or plain.get("name"),
        "description": plain.get("description") or _odd(kept.get("description")),
        "tags": tags or _odd(kept.get("tags")),
        "links": _links(plain.get("links", []), kept.get("links")) or None,
    }


def _links(links: list[dict[str, str]], kept: Any) -> list[Any]:
    """The record's links, each with what was kept of it beside."""
    written = kept if isinstance(kept, list) else []
    full = {one["url"]: one for one in written if isinstance(one, dict) and isinstance(one.get("url"), str)}
    odd = [one for one in written if not isinstance(one, dict) or not isinstance(one.get("url"), str)]
    return [{**full.get(link["url"], {}), **link} for link in links] + odd


def _reference(name: str | None, kept: Any, default_kind: str) -> str | None:
    """A reference as it was written, where it still means that name."""
    if name and isinstance(kept, str) and name_of(kept, default_kind).name == name:
        return kept
    return name


def _owner(plain: Mapping[str, Any], kept: Any, known: Known) -> Any:
    owner = plain.get("owner")
    if owner is None:
        return kept if not isinstance(kept, str) else None
    written = _reference(owner, kept, "group")
    return f"user:{owner}" if written == owner and owner in known.only_people else written


def _service(_name: str, plain: Mapping[str, Any], kept: Mapping[str, Any], known: Known) -> dict[str, Any]:
    api = plain.get("api")
    spec = {
        **kept,
        "type": (api or plain).get("type") or _odd(kept.get("type")),
        "lifecycle": plain.get("lifecycle", "production"),
        "owner": _owner(plain, kept.get("owner"), known),
        "system": _reference(plain.get("system"), kept.get("system"), "system") or _odd(kept.get("system")),
    }
    if api:
        return {**spec, "definition": api.get("definition") or _odd(kept.get("definition"))}
    return {**spec, "dependsOn": _depends_on(plain, kept.get("dependsOn"), known) or None}


def _odd(kept: Any) -> Any:
    """What was kept because it was no text."""
    return None if isinstance(kept, str) else kept


def _depends_on(plain: Mapping[str, Any], kept: Any, known: Known) -> Any:
    """What the record depends on, as it was written where it still holds; what is no service stays."""
    names = unique(one["service"] for one in plain.get("dependencies", []))
    if kept is not None and not (isinstance(kept, list) and all(isinstance(one, str) for one in kept)):
        return names or kept
    meant = [(written, name_of(written, "component")) for written in kept or []]
    still = [written for written, one in meant if one.key[0] != "service" or one.name in names]
    there = {one.name for _, one in meant if one.key[0] == "service"}
    return still + [f"api:{name}" if name in known.apis else name for name in names if name not in there]


def _system(_name: str, plain: Mapping[str, Any], kept: Mapping[str, Any], known: Known) -> dict[str, Any]:
    return {**kept, "owner": _owner(plain, kept.get("owner"), known)}


def _team(_name: str, plain: Mapping[str, Any], kept: Mapping[str, Any], _known: Known) -> dict[str, Any]:
    mails = [one["address"] for one in plain.get("contacts", []) if one["channel"] == "mail"]
    profile = _profile(plain.get("title"), mails, kept.get("profile"))
    members = plain.get("members", [])
    return {
        **kept,
        "profile": profile,
        "parent": _reference(plain.get("parent"), kept.get("parent"), "group") or _odd(kept.get("parent")),
        "members": _with_others(members, kept.get("members"), "user") or None,
    }


def _person(name: str, plain: Mapping[str, Any], kept: Mapping[str, Any], known: Known) -> dict[str, Any]:
    teams = known.teams_of.get(name, [])
    return {
        **kept,
        "profile": _profile(plain.get("name"), plain.get("emails", []), kept.get("profile")),
        "memberOf": _with_others(teams, kept.get("memberOf"), "group"),
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


def _with_others(names: list[str], kept: Any, default_kind: str) -> Any:
    """Names, and what was kept of the same list because nothing here has that name."""
    if kept is not None and not (isinstance(kept, list) and all(isinstance(one, str) for one in kept)):
        return names or kept
    known = {Name(default_kind, one) for one in names}
    return names + [one for one in kept or [] if name_of(one, default_kind) not in known]


_SPECS = {"service": _service, "system": _system, "team": _team, "person": _person}
