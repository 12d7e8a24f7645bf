"""JSON Schemas of the records, for editors and other validators.

Draft 7 (https://json-schema.org/draft-07): the newest that every release of the YAML language server reads, which the
common editors use; nothing here needs a later one. In it `$ref` stands alone: what is said beside one is put around it
with `allOf`.

What a schema cannot say the check says: the days of a month, characters that a terminal obeys, that 1.0 is not written
where a whole number is wanted, and whether a name leads anywhere.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from svcops.store.declared import declared_of
from svcops.store.model import Kind, tag_of

if TYPE_CHECKING:
    from svcops.store.graph import Graph

DRAFT = "http://json-schema.org/draft-07/schema#"
ID = "urn:svcops:schema:"

_REFERRED = "x-names"
"""With which `svcops.store.model.Ref` says what kinds of records a text names."""
_MOST_NAMES = 1_000
"""A longer list helps nobody who types, and makes the editor slow."""
_DOCUMENT = "Document"
_VALUES = ("default", "enum", "const", "examples", "required")
"""Keywords that hold values of records, or names of keys, and no schemas."""
_NOTHING: tuple[object, ...] = (None, "", [])
"""Defaults that say no more than that the key may be left out."""

Names = Callable[[tuple[str, ...]], list[str]]
"""The names that a reference to records of these kinds may write."""


class _Generator(GenerateJsonSchema):
    """pydantic's schema in our words: no titles made of keys, defaults as a record writes them, fields in order."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's name
        return False

    def encode_default(self, dft: Any) -> Any:
        from svcops.store.yaml_writing import plain_of

        return plain_of(dft)

    def sort(self, value: Any, parent_key: str | None = None) -> Any:  # noqa: ARG002 - pydantic's name
        return value


def schema_of(kind: Kind, names: Names | None = None) -> dict[str, Any]:
    """The JSON Schema of a kind's files; of Markdown, of the front matter.

    `names` are offered where a record is referred to, and others accepted: a schema written to a file is older than the
    store, and a name that leads nowhere is a finding of the check, REF001.
    """
    declared = declared_of(kind)
    raw = TypeAdapter(declared).json_schema(ref_template="#/definitions/{model}", schema_generator=_Generator)
    definitions = raw.pop("$defs", {})
    referred: dict[str, tuple[str, ...]] = {}
    raw = _plain(raw, referred)
    definitions = {name: _plain(one, referred) for name, one in definitions.items()}
    definitions |= {name: _names(kinds, names) for name, kinds in sorted(referred.items())}
    if kind.many:
        definitions[_DOCUMENT] = raw
        one = {"$ref": f"#/definitions/{_DOCUMENT}"}
        raw = {"anyOf": [one, {"type": "array", "items": one}]}
    raw.pop("title", None)
    head = {"$schema": DRAFT, "$id": f"{ID}{kind.name}", "title": kind.name, "description": description(kind)}
    return {**head, **{key: value for key, value in raw.items() if key not in head}, "definitions": definitions}


def names_in(graph: "Graph") -> Names:
    """The names of a store, sorted; none where they are too many to choose from."""

    @cache
    def names(kinds: tuple[str, ...]) -> list[str]:
        found = sorted(set(graph.candidates(kinds)))
        return found if len(found) <= _MOST_NAMES else []

    return names


def description(kind: Kind) -> str:
    """What a record of the kind is, in a sentence."""
    declared = declared_of(kind)
    if isinstance(declared, type):
        return re.sub(r"\s+", " ", declared.__doc__ or "").strip()
    union, tagged = get_args(declared)
    tags = [tag_of(member, tagged.key) for member in get_args(union) or (union,)]
    return f"By its {tagged.key}: {', '.join(tags)}."


def glob(kind: Kind) -> str:
    """The paths of a kind's files, as editors match them."""
    return re.sub(r"{[a-z]+}", "*", kind.pattern)


def _plain(schema: Any, referred: dict[str, tuple[str, ...]]) -> Any:
    """A schema as draft 7 has it; the kinds that are referred to are added to `referred`, by their definition."""
    if isinstance(schema, list):
        return [_plain(one, referred) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    plain: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _VALUES:
            plain |= {key: value} if key != "default" or value not in _NOTHING else {}
        elif key == "properties":
            plain[key] = {name: _plain(one, referred) for name, one in value.items()}
        elif key not in (_REFERRED, "discriminator"):
            plain[key] = _plain(value, referred)
    if _REFERRED in schema:
        kinds = tuple(schema[_REFERRED])
        referred[_definition(kinds)] = kinds
        plain["$ref"] = f"#/definitions/{_definition(kinds)}"
        del plain["type"]
    return _alone(plain)


def _alone(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with `$ref` alone, or without it."""
    if "$ref" not in schema or len(schema) == 1:
        return schema
    return {"allOf": [{"$ref": schema.pop("$ref")}], **schema}


def _definition(kinds: tuple[str, ...]) -> str:
    """What the definition of a name of these kinds is called: letters and hyphens, as it stands in a URI."""
    return f"name-of-{'-or-'.join(one.rstrip('/').replace(':', '-').lower() for one in kinds)}"


def _names(kinds: tuple[str, ...], names: Names | None) -> dict[str, Any]:
    words = " or ".join(_words(one) for one in kinds)
    what = {"description": f"The name of a record that exists: {words}."}
    known = names(kinds) if names else []
    return {**what, "anyOf": [{"enum": known}, {"type": "string"}]} if known else {**what, "type": "string"}


def _words(one: str) -> str:
    base, _, document = one.partition(":")
    if base == "slo":
        return f"OpenSLO {document.rstrip('/')}{f', as {document}NAME' if document.endswith('/') else ''}"
    return base
