"""A record that is there and what an input says of it, as one: the input adds and changes, and never takes away.

What only the store says (a tier, why a dependency is there, a second contact) was written by somebody and stays. Only
the annotations of the input's own format follow it in everything: nobody else writes them.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from svcops.checking.model import KeyPath
from svcops.store.yaml_editing import Added, CannotEdit, arrange, remove, set_value
from svcops.store.yaml_writing import dump

_KEYS = {"dependencies": "service", "links": "url", "core_workflows": "name"}
"""For each list of mappings whose items have one: the key that says which item it is."""
_NAMES = (*_KEYS.values(), "displayName")
"""The keys by which an item of any list may be called."""

ADDRESSES = ("emails", "contacts")
"""Lists of which the first counts, of contacts the first of each channel: so another catalogue has one of them."""


def identity(field: str, item: Any) -> str:
    """What makes two items of a list the same item."""
    key = _KEYS.get(field)
    if key and isinstance(item, dict) and isinstance(item.get(key), str):
        return str(item[key])
    return json.dumps(item, sort_keys=True, ensure_ascii=False)


def channel(address: Any) -> Any:
    """The channel of a contact; mail addresses by themselves have none."""
    return address.get("channel") if isinstance(address, dict) else None


def leading(others: Sequence[Any], said: Sequence[Any]) -> list[Any]:
    """Addresses with those that the input says before others of their channel, each once."""
    waiting: dict[Any, list[Any]] = {}
    for one in said:
        waiting.setdefault(channel(one), []).append(one)
    found: list[Any] = []
    for one in others:
        found += waiting.pop(channel(one), [])
        found += [] if one in said else [one]
    return [*found, *(one for ones in waiting.values() for one in ones)]


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
    """The text with what differs below a key path changed value by value: items in their places, new ones at the end.

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
    if isinstance(there, list) and isinstance(after, list):
        with suppress(CannotEdit):
            return _edited_items(text, keys, there, after, path, document)
    return set_value(text, keys, after, path=path, document=document)


def _edited_items(text: str, keys: KeyPath, there: list[Any], after: list[Any], path: str, document: int) -> str:
    """The text with the items of a list changed, each with its comments: one never comes to stand beside another."""
    partners = _partners(there, after)
    items = [partners.get(index, Added(new)) for index, new in enumerate(after)]
    text = arrange(text, keys, items, path=path, document=document)
    for index, old in partners.items():
        text = edited(text, (*keys, index), there[old], after[index], path, document)
    return text


def _partners(there: list[Any], after: list[Any]) -> dict[int, int]:
    """For the place of each item that was there, changed perhaps: where it was.

    It is known by what it says, else by its name, else by its place.
    """
    signs: tuple[Callable[[int, Any], Any], ...] = (
        lambda _, item: identity("", item),
        lambda _, item: _name(item),
        lambda place, _: place,
    )
    found: dict[int, int] = {}
    for sign in signs:
        taken = set(found.values())
        left: dict[Any, list[int]] = {}
        for old, item in enumerate(there):
            if old not in taken:
                left.setdefault(sign(old, item), []).append(old)
        left.pop(None, None)
        for new, item in enumerate(after):
            if new not in found and (same := left.get(sign(new, item))):
                found[new] = same.pop(0)
    return found


def _name(item: Any) -> Any:
    """What an item of a list is called; None where it has no name."""
    if not isinstance(item, dict):
        return None
    return next((item[key] for key in _NAMES if isinstance(item.get(key), str)), None)


def _joined(field: str, there: Any, said: Any) -> Any:
    if isinstance(there, dict) and isinstance(said, dict):
        return {**there, **{key: _joined(key, there.get(key), value) for key, value in said.items()}}
    if not isinstance(there, list) or not isinstance(said, list):
        return said
    if field in ADDRESSES:
        return leading(there, said)
    new: dict[str, list[Any]] = {}
    for item in said:
        new.setdefault(identity(field, item), []).append(item)
    both = []
    for item in there:
        same = new.get(identity(field, item))
        both.append(_joined("", item, same.pop(0) if same else item))
    return both + [item for items in new.values() for item in items]
