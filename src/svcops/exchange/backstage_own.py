"""What a record says and Backstage has no word for: annotations under `svcops/`, one a field, read back by an import.

`svcops/tier: "2"` stands for a field of the record; JSON where it is no text, null where the record says nothing. Where
somebody has changed the entity since, what Backstage can say comes from the entity, and the annotation only adds what
it cannot: three sides are compared, what the annotation says, what Backstage would say of that, and what it says now.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from svcops.exchange.backstage_entities import RECORD_KINDS, Entity
from svcops.exchange.backstage_records import Around, plain_of
from svcops.exchange.backstage_writing import Known, entity_of, metadata_in_order
from svcops.exchange.drafts import MODELS, as_text, filled, validated, value_of
from svcops.exchange.merging import ADDRESSES, identity, leading
from svcops.store.yaml_writing import plain_of as plain_of_record

PREFIX = "svcops/"
_ANNOTATIONS = "annotations"


def record_plain(entity: Entity, around: Around) -> dict[str, Any]:
    """What an entity says, as plain data of its record, with what its `svcops/` annotations say."""
    stripped, own = _apart(entity)
    plain = plain_of(stripped, around)
    if not own:
        return plain
    patch = own.pop(_ANNOTATIONS, None)
    if isinstance(patch, dict):
        patched = {**plain.get(_ANNOTATIONS, {}), **patch}
        plain[_ANNOTATIONS] = {key: text for key, text in patched.items() if text is not None}
    said = _said(entity, {**plain, **own}, around)
    for field, value in own.items():
        now = plain.get(field)
        plain[field] = value if said.get(field) == now else _merged(field, value, said.get(field), now)
    return {key: value for key, value in plain.items() if value is not None and (key != _ANNOTATIONS or value)}


def with_own(kind: str, name: str, record: Any, known: Known, around: Around) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The entity of a record, and the fields of the record that only its annotations say."""
    plain = plain_of_record(record)
    entity = _without_own(kind, name, plain, known)
    back, _ = validated(kind, filled(kind, entity["metadata"]["name"], plain_of(Entity(entity), around)))
    said = plain_of_record(back) if back is not None else {}
    own = {
        one.name: plain.get(one.name)
        for one in fields(MODELS[kind])
        if one.name != _ANNOTATIONS and plain.get(one.name) != said.get(one.name)
    }
    texts = {f"{PREFIX}{field}": as_text(value) for field, value in own.items()}
    patch = _patch(plain.get(_ANNOTATIONS) or {}, said.get(_ANNOTATIONS) or {})
    if patch:
        texts[f"{PREFIX}{_ANNOTATIONS}"] = as_text(patch)
    if texts:
        metadata = entity["metadata"]
        annotations = {**metadata.get(_ANNOTATIONS, {}), **texts}
        entity["metadata"] = metadata_in_order({**metadata, _ANNOTATIONS: annotations})
    return entity, tuple(own)


def _apart(entity: Entity) -> tuple[Entity, dict[str, Any]]:
    """The entity without its `svcops/` annotations, and what those say of fields that its record has."""
    metadata = entity.part("metadata")
    written = metadata.get(_ANNOTATIONS)
    if not isinstance(written, dict):
        return entity, {}
    known = {f"{PREFIX}{one.name}" for one in fields(MODELS[RECORD_KINDS[entity.kind]])}
    own = {key: value_of(text) for key, text in written.items() if key in known and isinstance(text, str)}
    rest = {key: text for key, text in written.items() if key not in own}
    return Entity({**entity.plain, "metadata": {**metadata, _ANNOTATIONS: rest}}), {
        key.removeprefix(PREFIX): value for key, value in own.items()
    }


def _without_own(kind: str, name: str, plain: Mapping[str, Any], known: Known) -> dict[str, Any]:
    """What Backstage itself can say of a record."""
    annotations = plain.get(_ANNOTATIONS, {})
    others = {key: text for key, text in annotations.items() if not key.startswith(PREFIX)}
    return entity_of(kind, name, {**plain, _ANNOTATIONS: others}, known)


def _said(entity: Entity, plain: Mapping[str, Any], around: Around) -> dict[str, Any]:
    """What would come back of a record, if Backstage had it."""
    kind, name = RECORD_KINDS[entity.kind], around.names.of(entity.meant)
    stated = {key: value for key, value in plain.items() if value is not None}
    try:
        return plain_of(Entity(_without_own(kind, name, stated, Known(names=around.names))), around)
    except (TypeError, KeyError, AttributeError):
        return {}  # an annotation holds what its field may not hold; validation says so


def _merged(field: str, own: Any, said: Any, now: Any) -> Any:
    """What the entity says now, with what the annotation adds to it."""
    if not isinstance(own, list) or not isinstance(now or [], list):
        return now
    if field in ADDRESSES:
        return [one for one in leading(own, now or []) if one in (now or []) or one not in (said or [])] or None
    before = {identity(field, one) for one in said or []}
    after = {identity(field, one): one for one in now or []}
    kept = [one for one in own if identity(field, one) in after or identity(field, one) not in before]
    there = {identity(field, one) for one in kept}
    return kept + [one for key, one in after.items() if key not in there] or None


def _patch(wanted: Mapping[str, str], found: Mapping[str, str]) -> dict[str, str | None]:
    """What turns the annotations that would come back into those of the record."""
    keys = dict.fromkeys([*wanted, *found])
    return {key: wanted.get(key) for key in keys if wanted.get(key) != found.get(key)}
