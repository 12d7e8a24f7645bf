"""Datadog's service definitions (v2, v2.1, v2.2) and entity definitions (v3) as drafts of records.

github.com/DataDog/schema, service-catalog/: v2 has one kind, the service, named by `dd-service`; v3 has kinds, with
`metadata` and `spec`. Data stores, queues and APIs become services, as everything does here that runs and can fail. A
tier is text of any form: only a number is taken as ours.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from svcops.checking.model import Finding
from svcops.exchange.drafts import (
    OWNERS,
    Batch,
    Draft,
    NoRecord,
    Reference,
    Unsupported,
    annotations_of,
    as_text,
    record_of,
    slug_of,
    stated,
    take_text,
    take_texts,
    unique,
)
from svcops.exchange.sources import Document, Input, Unreadable, documents_of

PREFIX = "datadoghq.com/"
DEFINITIONS = ("v2", "v2.1", "v2.2")

KINDS: Mapping[str, str] = {
    **dict.fromkeys(("service", "datastore", "queue", "api"), "service"),
    **dict.fromkeys(("system", "application"), "system"),
}
"""For each kind of entity that has a place in a store: the kind of record it becomes."""

_REFERENCE = re.compile(r"(?:([^:/]+):)?(?:([^:/]+)/)?(.+)")
_TIER = re.compile(r"(?:tier[ _-]?)?0*([1-9][0-9]?)", re.IGNORECASE)
_LINK = ("name", "type", "url")
_ON_CALL = {"pagerduty": "PagerDuty", "opsgenie": "Opsgenie"}
_NAMED: Mapping[str, str] = {"dependsOn": "service", "dependencyOf": "service", "componentOf": "system"}
"""The fields of a spec that name other entities, and the kind meant where a name has none; `components`, too."""


def read(inputs: Sequence[Input], owner: str = "") -> Batch:
    """What the files say; `owner` is who answers for what names nobody. Raises Unreadable."""
    documents, findings = documents_of(inputs)
    findings += [found for one in documents if (found := _fault(one))]
    if findings:
        raise Unreadable(findings)
    drafts: list[Draft] = []
    refused: list[Unsupported] = []
    for one in documents:
        try:
            drafts.append(_draft(one, owner))
        except NoRecord as reason:
            refused.append(
                Unsupported(_kind(one.plain), _name(one.plain), str(reason), one.source(*_name_at(one.plain)))
            )
    others = {(_kind(one.plain), slug_of(_name(one.plain))) for one in documents if _kind(one.plain) not in KINDS}
    return Batch("Datadog", PREFIX, len(documents), tuple(drafts), tuple(refused), frozenset(others))


def _fault(document: Document) -> Finding | None:
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


def _is_v2(plain: Mapping[str, Any]) -> bool:
    return "schema-version" in plain


def _kind(plain: Mapping[str, Any]) -> str:
    return "service" if _is_v2(plain) else str(plain["kind"]).lower()


def _name_at(plain: Mapping[str, Any]) -> tuple[str, ...]:
    return ("dd-service",) if _is_v2(plain) else ("metadata", "name")


def _name(plain: Mapping[str, Any]) -> str:
    return str(plain["dd-service"] if _is_v2(plain) else plain["metadata"]["name"])


def _draft(document: Document, owner: str) -> Draft:
    written, called = _name(document.plain), _kind(document.plain)
    kind, name = KINDS.get(called, ""), slug_of(written)
    if not kind:
        raise NoRecord(f"{called} has no place in a store")
    rest = _flat(document.plain)
    plain = _record(rest, called)
    if name != written:
        rest = {"name": written, **rest}
    kept = annotations_of(PREFIX, rest)
    plain = stated({**plain, "annotations": kept})
    record = record_of(kind, name, plain, written=written, owner=owner)
    source = document.source(*_name_at(document.plain))
    return Draft(kind, name, called, plain, record, source, tuple(_references(document)), tuple(kept))


def _flat(plain: Mapping[str, Any]) -> dict[str, Any]:
    """What a definition says beside version and name, under the names of v3, in one mapping."""
    rest = dict(plain)
    if _is_v2(plain):
        del rest["schema-version"], rest["dd-service"]
        named = {"team": "owner"} if "owner" not in rest else {}
        return {named.get(key, key): value for key, value in rest.items()}
    for key in ("apiVersion", "kind"):
        del rest[key]
    metadata, spec = rest.pop("metadata"), rest.pop("spec", None)
    flat = {key: value for key, value in metadata.items() if key != "name"}
    if not isinstance(spec, dict):
        return {**flat, "spec": spec, **rest}
    flat |= {f"spec.{key}" if key in flat else key: value for key, value in spec.items()}
    return flat | {f"entity.{key}" if key in flat else key: value for key, value in rest.items()}


def _record(rest: dict[str, Any], called: str) -> dict[str, Any]:
    """Take a definition apart; `rest` is left with what has no field."""
    plain: dict[str, Any] = {
        "title": take_text(rest, "displayName").strip(),
        "description": take_text(rest, "description"),
        "owner": _owner(rest),
        "tags": take_texts(rest, "tags"),
    }
    if KINDS[called] == "system":
        return plain
    if called not in ("service", "api"):
        rest["kind"] = called
    return plain | {
        "tier": _tier(rest),
        "lifecycle": take_text(rest, "lifecycle"),
        "system": _system(rest),
        "dependencies": _dependencies(rest),
        "links": _links(rest),
        **(_api(rest) if called == "api" else {"type": take_text(rest, "type") or _type_of(called)}),
    }


def _type_of(called: str) -> str:
    return "" if called == "service" else called


def _owner(rest: dict[str, Any]) -> str:
    """Take the owner as a name; `dd-team` stands in for it, and what the name does not say is kept."""
    written = take_text(rest, "owner") or take_text(rest, "dd-team")
    _, name = _named(written, "team")
    if written not in ("", name):
        rest["owner"] = written
    return name


def _tier(rest: dict[str, Any]) -> int | None:
    """Take a tier that is a number from 1 on: `1`, `Tier 2`. 0 and words are nobody's numbers here, and left."""
    found = _TIER.fullmatch(str(rest.get("tier", "")).strip())
    if not found or isinstance(rest["tier"], bool | float):
        return None
    del rest["tier"]
    return int(found[1])


def _system(rest: dict[str, Any]) -> str:
    """Take the one system that it is part of: `application` of v2, `componentOf` of v3, left where it says more."""
    application = take_text(rest, "application")
    if application:
        if application != slug_of(application):
            rest["application"] = application
        return slug_of(application)
    written = take_texts(rest, "componentOf")
    systems = [name for kind, name in (_named(one, "system") for one in written) if KINDS.get(kind) == "system"]
    if len(written) != 1 or len(systems) != 1:
        rest["componentOf"] = written
    return systems[0] if len(systems) == 1 else ""


def _dependencies(rest: dict[str, Any]) -> list[dict[str, str]]:
    """Take what it depends on; where that is anything but services, data stores, queues and APIs, the list is left."""
    written = take_texts(rest, "dependsOn")
    named = [_named(one, "service") for one in written]
    if any(KINDS.get(kind) != "service" for kind, _ in named):
        rest["dependsOn"] = written
    return [{"service": name} for name in unique(name for kind, name in named if KINDS.get(kind) == "service")]


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


def _named(reference: str, default_kind: str) -> tuple[str, str]:
    """`[kind:][namespace/]name`: the kind in lower case, and the name as a store spells it."""
    found = _REFERENCE.fullmatch(reference.strip())
    if not found:
        return default_kind, slug_of(reference)
    return (found[1] or default_kind).lower(), slug_of(found[3])


def _references(document: Document) -> Iterator[Reference]:
    """What a definition names, each at its place."""
    plain = document.plain
    at: tuple[str, ...] = () if _is_v2(plain) else ("metadata",)
    holder = plain if _is_v2(plain) else plain["metadata"]
    for field in ("team", "dd-team") if _is_v2(plain) else ("owner",):
        if isinstance(holder.get(field), str):
            yield Reference("owner", OWNERS, _named(holder[field], "team")[1], document.source(*at, field))
            break
    if _is_v2(plain) and isinstance(plain.get("application"), str):
        yield Reference("application", ("system",), slug_of(plain["application"]), document.source("application"))
    spec = plain.get("spec")
    for field, default_kind in {**_NAMED, "components": "service"}.items():
        written = spec.get(field) if isinstance(spec, dict) and not _is_v2(plain) else None
        for index, one in enumerate(written if isinstance(written, list) else []):
            if isinstance(one, str):
                kind, name = _named(one, default_kind)
                yield Reference(field, (KINDS.get(kind, kind),), name, document.source("spec", field, index))
