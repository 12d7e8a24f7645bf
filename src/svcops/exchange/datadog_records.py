"""What a definition of Datadog's says, as the plain data of a record.

Data stores, queues and APIs become services, as everything does here that runs and can fail. A tier is text of any
form: only a number is taken as ours.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from svcops.exchange.datadog_entities import KINDS, PREFIX, Definition
from svcops.exchange.drafts import OWNERS, annotations_of, as_text, stated, take_text, take_texts, unique
from svcops.exchange.names import Names
from svcops.exchange.references import DEFAULT_NAMESPACE
from svcops.store.frozen import frozen

_TIER = re.compile(r"(?:tier[ _-]?)?0*([1-9][0-9]?)", re.IGNORECASE)
_LINK = ("name", "type", "url")
_PART_OF: Mapping[str, str] = {
    **dict.fromkeys(("dependsOn", "dependencyOf", "componentOf", "components"), "spec"),
    **dict.fromkeys(("name", "kind"), ""),
    "namespace": "metadata",
}
"""For what is read again, as a record keeps it: the part of a definition that alone can say it; none has the others."""

_ON_CALL = {"pagerduty": "PagerDuty", "opsgenie": "Opsgenie"}


@frozen
class Around:
    """What one definition has to know of the others."""

    names: Names
    """Whose the names of the store are."""
    needs: Mapping[str, list[str]]
    """For each service, the services that say themselves that it depends on them."""
    systems: Mapping[str, str]
    """For each service, the system that it is part of."""


def plain_of(one: Definition, around: Around) -> dict[str, Any]:
    """What a definition says, as plain data of its record; what it does not say is left out."""
    rest = _flat(one)
    plain = _record(_Draft(one, around, rest))
    if around.names.of(one.meant) != one.written_name:
        rest = {"name": one.written_name, **rest}
    return stated({**plain, "annotations": annotations_of(PREFIX, rest)})


@frozen
class _Draft:
    """A definition being taken apart: `rest` is left with what has no field."""

    one: Definition
    around: Around
    rest: dict[str, Any]

    @property
    def name(self) -> str:
        """That of the record."""
        return self.around.names.of(self.one.meant)


def _flat(one: Definition) -> dict[str, Any]:
    """What a definition says beside version, kind and name, under the names of v3, in one mapping."""
    rest = dict(one.plain)
    if one.is_old:
        del rest["schema-version"], rest["dd-service"]
        if "owner" not in rest and "team" in rest:
            rest = {"owner" if key == "team" else key: value for key, value in rest.items()}
        return {_key("entity", key, ()): value for key, value in rest.items()}
    del rest["apiVersion"], rest["kind"]
    metadata, spec = dict(rest.pop("metadata")), rest.pop("spec", None)
    del metadata["name"]
    if str(metadata.get("namespace", "")).lower() == DEFAULT_NAMESPACE:
        del metadata["namespace"]
    if not isinstance(spec, dict):
        rest["spec"], spec = spec, {}
    flat: dict[str, Any] = {}
    for part, said in (("metadata", metadata), ("spec", spec), ("entity", rest)):
        flat |= {_key(part, key, flat): value for key, value in said.items()}
    return flat


def _key(part: str, key: str, taken: Collection[str]) -> str:
    """The key of what a part of a definition says; with the part where the key is taken, or means something else."""
    return key if key not in taken and _PART_OF.get(key, part) == part else f"{part}.{key}"


def _record(draft: _Draft) -> dict[str, Any]:
    called, rest = draft.one.kind, draft.rest
    plain: dict[str, Any] = {
        "title": take_text(rest, "displayName").strip(),
        "description": take_text(rest, "description"),
        "owner": _owner(draft),
        "tags": take_texts(rest, "tags"),
    }
    if called not in ("service", "api", "system"):
        rest["kind"] = called
    if KINDS[called] == "system":
        return plain
    return plain | {
        "tier": _tier(rest),
        "lifecycle": take_text(rest, "lifecycle"),
        "system": _system(draft),
        "dependencies": _dependencies(draft),
        "links": _links(rest),
        **(_api(rest) if called == "api" else {"type": take_text(rest, "type") or _type_of(called)}),
    }


def _type_of(called: str) -> str:
    return "" if called == "service" else called


def _owner(draft: _Draft) -> str:
    """Take the owner as a name; `dd-team` stands in for it, and what the name does not say is kept."""
    written = take_text(draft.rest, "owner") or take_text(draft.rest, "dd-team")
    if not written:
        return ""
    name = draft.around.names.of(draft.one.named(written, "team"), OWNERS)
    if written != name:
        draft.rest["owner"] = written
    return name


def _tier(rest: dict[str, Any]) -> int | None:
    """Take a tier that is a number from 1 on: `1`, `Tier 2`. 0 and words are nobody's numbers here, and left."""
    found = _TIER.fullmatch(str(rest.get("tier", "")).strip())
    if not found or isinstance(rest["tier"], bool | float):
        return None
    del rest["tier"]
    return int(found[1])


def _system(draft: _Draft) -> str:
    """Take the one system that it is part of, by its own word or that of the system; what says more is left."""
    one, rest = draft.one, draft.rest
    own = own_systems(one, draft.around.names)
    if not own:
        return draft.around.systems.get(draft.name, "")
    if len(own) > 1:
        return ""
    field = "application" if one.is_old else "componentOf"
    if rest[field] == own[0] if one.is_old else len(rest[field]) == 1:
        del rest[field]
    return own[0]


def own_systems(one: Definition, names: Names) -> list[str]:
    """The systems that a definition says itself to be part of: `application` of v2, `componentOf` of v3."""
    meant = (name for field in ("application", "componentOf") for name, _ in one.names(field))
    return unique(names.of(name) for name in meant if name.record == "system")


def _dependencies(draft: _Draft) -> list[dict[str, str]]:
    """Take what it depends on, by its own word and that of others.

    Where that is anything but services, data stores, queues and APIs, the list is left.
    """
    meant = [name for name, _ in draft.one.names("dependsOn")]
    if meant and all(name.record == "service" for name in meant):
        del draft.rest["dependsOn"]
    own = [draft.around.names.of(name) for name in meant if name.record == "service"]
    return [{"service": name} for name in unique([*own, *draft.around.needs.get(draft.name, ())])]


def _api(rest: dict[str, Any]) -> dict[str, Any]:
    """Take the definition of an API; a file elsewhere is left."""
    interface = rest.get("interface")
    definition = interface.get("definition") if isinstance(interface, dict) else None
    if isinstance(interface, dict) and definition:
        rest["interface"] = {key: value for key, value in interface.items() if key != "definition"}
    text = definition if isinstance(definition, str) else as_text(definition) if definition else ""
    return {"api": stated({"type": take_text(rest, "type") or "unknown", "definition": text})}


def _links(rest: dict[str, Any]) -> list[dict[str, str]]:
    """Take links, and the repositories, documents and on-call addresses that v2 has beside; what says more is left."""
    links = _taken(rest, "links", _LINK, lambda one: str(one.get("type", "")))
    links += _taken(rest, "repos", ("name", "url"), lambda _: "repo")
    links += _taken(rest, "docs", ("name", "url"), lambda _: "doc")
    return links + list(_on_call(rest))


def _taken(
    rest: dict[str, Any], key: str, said: Sequence[str], type_of: Callable[[Mapping[str, Any]], str]
) -> list[dict[str, str]]:
    """The items of a list that are links; the list is left where one says more than `said`."""
    found = rest.get(key)
    if not isinstance(found, list):
        return []
    links = [one for one in found if isinstance(one, dict) and isinstance(one.get("url"), str) and one["url"].strip()]
    if len(links) == len(found) and all(_says_only(one, said) for one in links):
        del rest[key]
    return [stated({"url": one["url"], "title": _text(one.get("name")), "type": type_of(one)}) for one in links]


def _says_only(item: Mapping[str, Any], fields: Sequence[str]) -> bool:
    return all(field in fields and isinstance(value, str) for field, value in item.items())


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _on_call(rest: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Take the addresses of on-call tools: text in v2, `service-url` in v2.1 and later, `serviceURL` in v3."""
    integrations = rest.get("integrations")
    if not isinstance(integrations, dict):
        return
    left = dict(integrations)
    for tool, title in _ON_CALL.items():
        written = integrations.get(tool)
        said = (
            {"serviceURL": written} if isinstance(written, str) else dict(written) if isinstance(written, dict) else {}
        )
        url = take_text(said, "serviceURL") or take_text(said, "service-url")
        if url.strip():
            left[tool] = said
            yield {"url": url, "title": title, "type": "oncall"}
    rest["integrations"] = left
