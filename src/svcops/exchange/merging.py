"""A record that is there and what an input says of it, as one: the input adds and changes, and never takes away.

What only the store says (a tier, why a dependency is there, a second contact) was written by somebody and stays. Only
the annotations of the input's own format follow it in everything: nobody else writes them.
"""

import json
from collections.abc import Mapping
from typing import Any

from svcops.checking.model import KeyPath
from svcops.store.yaml_editing import CannotEdit, append, remove, set_value
from svcops.store.yaml_writing import dump

_KEYS = {"dependencies": "service", "links": "url", "core_workflows": "name"}
"""For each list of mappings whose items have one: the key that says which item it is."""


def identity(field: str, item: Any) -> str:
    """What makes two items of a list the same item."""
    key = _KEYS.get(field)
    if key and isinstance(item, dict) and isinstance(item.get(key), str):
        return str(item[key])
    return json.dumps(item, sort_keys=True, ensure_ascii=False)


def merged(there: Mapping[str, Any], said: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The plain data of the record with what the input says of it; `prefix` begins the input's own annotations."""
    result = dict(there)
    for field, value in said.items():
        result[field] = _joined(field, there.get(field), value)
    kept = annotations_after(there.get("annotations", {}), said.get("annotations", {}), prefix)
    if kept:
        result["annotations"] = kept
    else:
        result.pop("annotations", None)
    return result


def annotations_after(there: Mapping[str, str], said: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Annotations of both; those that begin with the input's own prefix are there only where it says them."""
    return {key: text for key, text in {**there, **said}.items() if key in said or not key.startswith(prefix)}


def differing(there: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys at which two records differ; of annotations each one."""
    found: list[str] = []
    for key in dict.fromkeys([*after, *there]):
        one, other = there.get(key), after.get(key)
        if key == "annotations":
            both = dict.fromkeys([*(one or {}), *(other or {})])
            found += [f"annotations {name}" for name in both if (one or {}).get(name) != (other or {}).get(name)]
        elif one != other:
            found.append(key)
    return tuple(found)


def rewritten(text: str, there: Mapping[str, Any], after: Mapping[str, Any], path: str) -> str:
    """The record's file with the values changed that differ; all of it anew where its layout cannot be kept."""
    try:
        return edited(text, (), there, after, path)
    except CannotEdit:
        return dump(dict(after))


def edited(text: str, keys: KeyPath, there: Any, after: Any, path: str, document: int = 0) -> str:
    """The text with what differs below a key path changed value by value: items keep their places, new ones follow.

    Raises CannotEdit where its layout cannot be kept.
    """
    if there == after:
        return text
    if isinstance(there, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*there, *after]):
            if key not in after:
                text = remove(text, (*keys, key), path=path, document=document)
            elif key in there:
                text = edited(text, (*keys, key), there[key], after[key], path, document)
            else:
                text = set_value(text, (*keys, key), after[key], path=path, document=document)
        return text
    if isinstance(there, list) and isinstance(after, list) and len(there) <= len(after):
        for index, (old, new) in enumerate(zip(there, after, strict=False)):
            text = edited(text, (*keys, index), old, new, path, document)
        for new in after[len(there) :]:
            text = append(text, keys, new, path=path, document=document)
        return text
    return set_value(text, keys, after, path=path, document=document)


def _joined(field: str, there: Any, said: Any) -> Any:
    if isinstance(there, dict) and isinstance(said, dict):
        return {**there, **{key: _joined(key, there.get(key), value) for key, value in said.items()}}
    if not isinstance(there, list) or not isinstance(said, list):
        return said
    new: dict[str, list[Any]] = {}
    for item in said:
        new.setdefault(identity(field, item), []).append(item)
    both = []
    for item in there:
        same = new.get(identity(field, item))
        both.append(_joined("", item, same.pop(0) if same else item))
    return both + [item for items in new.values() for item in items]
