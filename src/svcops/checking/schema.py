"""JSON Schemas of the records, for editors and other validators.

Draft 7 (https://json-schema.org/draft-07): the newest that every release of the YAML language server reads, which the
common editors use; nothing here needs a later one. In it `$ref` stands alone. What is said beside one is put around it
with `allOf` where it is a name; a record is written out there, as editors otherwise show the record's sentence and not
the key's, and do not know what to insert.

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
from svcops.store.model import Kind, tag_of, with_descriptions

if TYPE_CHECKING:
    from svcops.store.graph import Graph

DRAFT = "http://json-schema.org/draft-07/schema#"
ID = "urn:svcops:schema:"

_REFERRED = "x-names"
"""With which `svcops.store.model.Ref` says what kinds of records a text names."""
_OFFERED = "x-offers"
"""With which `svcops.store.model.Offers` says what may be chosen from."""
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
    with with_descriptions():
        adapter = TypeAdapter(declared)
    raw = adapter.json_schema(ref_template="#/definitions/{model}", schema_generator=_Generator)
    definitions = raw.pop("$defs", {})
    referred: dict[str, tuple[str, ...]] = {}
    raw = _plain(raw, referred, names)
    definitions = {name: _plain(one, referred, names) for name, one in definitions.items()}
    raw, definitions = _written_out(raw, definitions), _written_out(definitions, definitions)
    definitions |= {name: _names(kinds, names) for name, kinds in sorted(referred.items())}
    if kind.many:
        definitions[_DOCUMENT] = raw
        one = {"$ref": f"#/definitions/{_DOCUMENT}"}
        raw = {"anyOf": [one, {"type": "array", "items": one}, {"type": "null"}]}
    raw.pop("title", None)
    head = {"$schema": DRAFT, "$id": f"{ID}{kind.name}", "title": kind.name, "description": description(kind)}
    rest = {key: value for key, value in raw.items() if key not in head}
    return {**head, **rest, "definitions": _used(rest, definitions)}


def names_in(graph: "Graph") -> Names:
    """The names of a store, sorted; none where they are too many to choose from."""

    @cache
    def names(kinds: tuple[str, ...]) -> list[str]:
        if kinds == ("severity",):
            return [level.name for level in graph.settings.severities]
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


def _plain(schema: Any, referred: dict[str, tuple[str, ...]], names: Names | None) -> Any:
    """A schema as draft 7 has it; the kinds that are referred to are added to `referred`, by their definition."""
    if isinstance(schema, list):
        return [_plain(one, referred, names) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    plain: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _VALUES:
            plain |= {key: value} if key != "default" or _is_worth_saying(value) else {}
        elif key == "properties":
            plain[key] = {name: _plain(one, referred, names) for name, one in value.items()}
        elif key not in (_REFERRED, _OFFERED, "discriminator"):
            plain[key] = _plain(value, referred, names)
    known = names((schema[_OFFERED],)) if names and _OFFERED in schema else []
    if known:
        plain["anyOf"] = [{"enum": known}, {}]
    if _REFERRED in schema:
        kinds = tuple(schema[_REFERRED])
        referred[_definition(kinds)] = kinds
        name = {"$ref": f"#/definitions/{_definition(kinds)}"}
        return name if plain.keys() == {"type"} else {**plain, "allOf": [name]}
    return plain


def _is_worth_saying(default: Any) -> bool:
    """Whether a default says more than that the key may be left out, and can be inserted by an editor."""
    is_of_records = default == {} or (isinstance(default, list) and any(isinstance(one, dict) for one in default))
    return default not in _NOTHING and not is_of_records


def _written_out(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """A schema with the definitions of records in the place of `$ref` where something is said beside it."""
    if isinstance(schema, list):
        return [_written_out(one, definitions) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    plain = {key: value if key in _VALUES else _written_out(value, definitions) for key, value in schema.items()}
    if "$ref" in plain and len(plain) > 1:
        return {**_record(plain, definitions), **{key: value for key, value in plain.items() if key != "$ref"}}
    if "description" in plain and "anyOf" in plain:
        said = {"description": plain["description"]}
        members = ((one, _record(one, definitions)) for one in plain["anyOf"])
        plain["anyOf"] = [{**record, **said} if record else one for one, record in members]
    constant = plain.get("properties", {}).get("type")
    if constant and "const" in constant and "description" in plain:
        plain["properties"]["type"] = {"description": plain["description"], **constant}
    return plain


def _used(schema: Any, definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The definitions that a schema refers to, directly or in turn."""
    found: dict[str, Any] = {}
    waiting = [schema]
    while waiting:
        here = waiting.pop()
        name = str(here.get("$ref", "")).rpartition("/")[2] if isinstance(here, Mapping) else ""
        if name and name not in found:
            found[name] = definitions[name]
            waiting.append(definitions[name])
        waiting += here.values() if isinstance(here, Mapping) else here if isinstance(here, list) else ()
    return dict(sorted(found.items()))


def _record(reference: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The definition that is referred to; empty where that is no record."""
    name = str(reference.get("$ref", "")).rpartition("/")[2]
    found: dict[str, Any] = _written_out(definitions[name], definitions) if name in definitions else {}
    return found


def _definition(kinds: tuple[str, ...]) -> str:
    """What the definition of a name of these kinds is called: letters and hyphens, as it stands in a URI."""
    return f"name-of-{'-or-'.join(one.rstrip('/').replace(':', '-').lower() for one in kinds)}"


def _names(kinds: tuple[str, ...], names: Names | None) -> dict[str, Any]:
    """Without a description: an editor would show it in place of the key's own."""
    known = names(kinds) if names else []
    return {"type": "string", "anyOf": [{"type": "string", "enum": known}, {}]} if known else {"type": "string"}
