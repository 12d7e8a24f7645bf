"""A service catalogue as GitLab keeps its own, as drafts of records.

gitlab.com/gitlab-com/runbooks: `services/service-catalog.yml` and `teams.yml` are mappings with the lists `services`,
`teams` and `tiers`, described by `service-catalog-schema.json` beside them; a service once had more fields than that
schema has now. Its `tier` (sv, lb, stor, db, inf) says what kind of thing a service is, not how critical it is. A
service names its `owner`, a team; the older `teams` are those who know it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from svcops.checking.model import Finding
from svcops.exchange.drafts import (
    Batch,
    Draft,
    NoRecord,
    Reference,
    Unsupported,
    annotations_of,
    record_of,
    slug_of,
    stated,
    take_text,
    unique,
    without_nothing,
)
from svcops.exchange.sources import Document, Input, Unreadable, documents_of

PREFIX = "gitlab.com/"

_LISTS = {"services": "service", "teams": "team"}
_LEFT_OUT = {"tiers": "its tiers are kinds of services; each service keeps the name of its own as an annotation"}
"""For each other list that the schema has: why it is not imported."""
_DOCUMENTS = {
    "design": "Design",
    "architecture": "Architecture",
    "readiness_review": "Readiness review",
    "sre_guide": "SRE guide",
    "developer_guide": "Developer guide",
    "service": "Documentation",
    "security": "Security",
}
"""For each document of a service: the title of its link."""

_CHANNELS = ("slack_channel", "slack_alerts_channel")
"""The channels of a team in which somebody answers, the general one first."""


def read(inputs: Sequence[Input], owner: str = "") -> Batch:
    """What the files say; `owner` is who answers for a service that names none. Raises Unreadable."""
    documents, findings = documents_of(inputs)
    findings += [found for one in documents for found in _faults(one)]
    if findings:
        raise Unreadable(findings)
    drafts: list[Draft] = []
    refused: list[Unsupported] = []
    for document in documents:
        refused += _left_out(document)
        for key, kind in _LISTS.items():
            for index, item in enumerate(document.plain.get(key) or []):
                try:
                    drafts.append(_draft(document, key, index, item, owner))
                except NoRecord as reason:
                    source = document.source(key, index, "name")
                    refused.append(Unsupported(kind, item["name"], str(reason), source))
    return Batch("GitLab's service catalogue", PREFIX, len(drafts) + len(refused), tuple(drafts), tuple(refused))


def _faults(document: Document) -> Iterator[Finding]:
    """What keeps a document from being a catalogue."""
    plain = document.plain
    if not isinstance(plain, dict) or not plain.keys() & {*_LISTS, "tiers"}:
        yield document.finding("not a GitLab service catalogue: it has neither services nor teams")
        return
    for key, kind in _LISTS.items():
        items = plain.get(key)
        if items is not None and not isinstance(items, list):
            yield document.finding(f"{key} is no list", key)
            continue
        for index, item in enumerate(items or []):
            name = item.get("name") if isinstance(item, dict) else None
            if not isinstance(name, str) or not name.strip():
                yield document.finding(f"not a {kind}: it has no name", key, index)


def _left_out(document: Document) -> Iterator[Unsupported]:
    """What a catalogue says beside its services and teams."""
    for key, value in document.plain.items():
        if key not in _LISTS and without_nothing(value) is not None:
            yield Unsupported("key", str(key), _LEFT_OUT.get(key, "it has no place in a store"), document.source(key))


def _draft(document: Document, key: str, index: int, item: Mapping[str, Any], owner: str) -> Draft:
    kind, written = _LISTS[key], str(item["name"])
    name = slug_of(written)
    rest = without_nothing(dict(item)) or {}
    del rest["name"]
    plain = _service(rest) if kind == "service" else _team(rest)
    kept = annotations_of(PREFIX, rest if name == written else {"name": written, **rest})
    plain = stated({**plain, "annotations": kept})
    record = record_of(kind, name, plain, written=written, prefix=PREFIX, owner=owner if kind == "service" else "")
    references = tuple(_references(document, key, index)) if kind == "service" else ()
    source, can_say = document.source(key, index, "name"), ("links",) if kind == "service" else ()
    return Draft(kind, name, kind, plain, record, source, references, tuple(kept), can_say=can_say)


def _service(rest: dict[str, Any]) -> dict[str, Any]:
    """Take a service apart; `rest` is left with what has no field."""
    named = take_text(rest, "owner")
    if named != slug_of(named):
        rest["owner"] = named
    technical = rest.get("technical")
    rest["technical"] = _left(technical)
    return {
        "title": take_text(rest, "friendly_name"),
        "owner": slug_of(named),
        "dependencies": [{"service": name} for name in unique(slug_of(one) for _, one in _depended_on(technical))],
        "links": list(_links(technical)),
    }


def _left(technical: Any) -> Any:
    """What dependencies and links do not say of the technical part of a service."""
    if not isinstance(technical, dict):
        return technical
    left = dict(technical)
    documents = left.get("documents")
    if isinstance(documents, dict):
        left["documents"] = {key: value for key, value in documents.items() if not _is_linked(key, value)}
    for key, is_said in (("project", _is_texts), ("dependencies", _is_services), ("logging", _is_logs)):
        if is_said(left.get(key)):
            del left[key]
    return left


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_services(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and set(one) == {"service"} for one in value)


def _is_logs(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and "permalink" in one for one in value)


def _is_linked(key: str, value: Any) -> bool:
    return key in _DOCUMENTS and (isinstance(value, str) or _is_texts(value))


def _depended_on(technical: Any) -> Iterator[tuple[int, str]]:
    """The services that a service depends on, as they are written, each with its place in the list."""
    written = technical.get("dependencies") if isinstance(technical, dict) else None
    for index, one in enumerate(written if isinstance(written, list) else []):
        name = one.get("service") if isinstance(one, dict) else None
        if isinstance(name, str) and name:
            yield index, name


def _links(technical: Any) -> Iterator[dict[str, str]]:
    if not isinstance(technical, dict):
        return
    for url in _texts(technical.get("project")):
        yield {"url": url, "title": "Source", "type": "repository"}
    documents = technical.get("documents")
    for key, title in _DOCUMENTS.items():
        for url in _texts(documents.get(key) if isinstance(documents, dict) else None):
            yield {"url": url, "title": title, "type": key.replace("_", "-")}
    logs = technical.get("logging")
    for log in logs if isinstance(logs, list) else []:
        if isinstance(log, dict) and isinstance(log.get("permalink"), str):
            yield {"url": log["permalink"], "title": f"Logs: {log.get('name', '')}".rstrip(": "), "type": "logs"}


def _texts(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [one for one in items if isinstance(one, str) and one.strip()]


def _team(rest: dict[str, Any]) -> dict[str, Any]:
    """Take a team apart. A contact cannot say that a channel is for alerts: that stays beside."""
    channels = [rest[key] for key in _CHANNELS if isinstance(rest.get(key), str)]
    take_text(rest, _CHANNELS[0])
    contacts = [{"channel": "chat", "address": f"#{one.removeprefix('#')}"} for one in unique(channels)]
    return {"contacts": contacts}


def _references(document: Document, key: str, index: int) -> Iterator[Reference]:
    """Who owns a service, who knows it, and what it depends on."""
    item = document.plain[key][index]
    if isinstance(item.get("owner"), str):
        yield Reference("owner", ("team",), slug_of(item["owner"]), document.source(key, index, "owner"))
    teams = item.get("teams")
    for number, team in enumerate(teams if isinstance(teams, list) else []):
        if isinstance(team, str):
            yield Reference("teams", ("team",), slug_of(team), document.source(key, index, "teams", number))
    for number, name in _depended_on(item.get("technical")):
        place = (key, index, "technical", "dependencies", number)
        yield Reference("dependencies", ("service",), slug_of(name), document.source(*place))
