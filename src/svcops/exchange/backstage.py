"""Backstage entity files as drafts of records: https://backstage.io/docs/features/software-catalog/descriptor-format."""

from collections.abc import Collection, Sequence

from svcops.checking.model import Finding
from svcops.exchange.backstage_entities import RECORD_KINDS, Placed, entity_in, name_of
from svcops.exchange.backstage_own import record_plain
from svcops.exchange.backstage_records import PREFIX, Around
from svcops.exchange.drafts import Batch, Draft, NoRecord, Unsupported, record_of
from svcops.exchange.sources import Input, Unreadable, documents_of


def read(inputs: Sequence[Input], people: Collection[str]) -> Batch:
    """What the files say; `people` are the persons of the store. Raises Unreadable."""
    documents, findings = documents_of(inputs)
    entities = []
    for document in documents:
        found = entity_in(document)
        if isinstance(found, Finding):
            findings.append(found)
        else:
            entities.append(found)
    if findings:
        raise Unreadable(findings)
    placed, unsupported = _sorted_out(entities)
    drafts, refused = _drafts(placed, people)
    others = {one.entity.key for one in entities if one.entity.kind not in RECORD_KINDS}
    return Batch("Backstage", PREFIX, len(entities), drafts, (*unsupported, *refused), frozenset(others))


def _sorted_out(entities: Sequence[Placed]) -> tuple[list[Placed], list[Unsupported]]:
    """The entities of kinds that have a place in a store, and the others."""
    placed, unsupported = [], []
    for one in entities:
        entity = one.entity
        if entity.is_backstage and entity.kind in RECORD_KINDS:
            placed.append(one)
        else:
            kind, version = entity.plain["kind"], entity.plain.get("apiVersion")
            reason = (
                f"{kind} has no place in a store"
                if entity.is_backstage
                else f"{version} {kind} is not of the catalogue"
            )
            unsupported.append(Unsupported(entity.kind, entity.written_name, reason, one.source))
    return placed, unsupported


def _drafts(placed: Sequence[Placed], people: Collection[str]) -> tuple[tuple[Draft, ...], list[Unsupported]]:
    """The entities as drafts, users first: who is no person can be nobody's member."""
    around = Around(people=set(people), groups=_groups(placed), members=_belonging(placed))
    known = set(people)
    drafts: list[Draft] = []
    refused: list[Unsupported] = []
    for one in sorted(placed, key=lambda one: one.entity.kind != "user"):
        if one.entity.kind != "user" and around.people != known:
            around = Around(known, around.groups, around.members)
        try:
            drafts.append(_draft(one, around))
        except NoRecord as reason:
            refused.append(Unsupported(one.entity.kind, one.entity.written_name, str(reason), one.source))
        else:
            known.update([one.entity.name] if one.entity.kind == "user" else [])
    return tuple(drafts), refused


def _draft(one: Placed, around: Around) -> Draft:
    entity = one.entity
    kind, name = entity.key
    plain = record_plain(entity, around)
    record = record_of(kind, name, plain, written=entity.written_name)
    own = entity.part("metadata").get("annotations")
    written = own if isinstance(own, dict) else {}
    kept = tuple(key for key in plain.get("annotations", {}) if key.startswith(PREFIX) and key not in written)
    return Draft(kind, name, entity.kind, plain, record, one.source, tuple(one.references()), kept)


def _groups(placed: Sequence[Placed]) -> set[str]:
    return {one.entity.name for one in placed if one.entity.kind == "group"}


def _belonging(placed: Sequence[Placed]) -> dict[str, list[str]]:
    """For each group, the users who say that they belong to it."""
    members: dict[str, list[str]] = {}
    for one in placed:
        written = one.entity.part("spec").get("memberOf") if one.entity.kind == "user" else None
        if isinstance(written, list) and all(isinstance(group, str) for group in written):
            for name in (name_of(group, "group") for group in written):
                if name.kind == "group":
                    members.setdefault(name.name, []).append(one.entity.name)
    return members
