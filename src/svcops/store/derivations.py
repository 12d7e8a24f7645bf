"""What follows from the records of some kinds and from nothing else, such as the phase of an incident.

It is worked out pack by pack (`svcops.store.cache`), as what belongs together is in one pack, and held there with a
digest of all that it follows from: the paths and contents of the files, and what the settings give. So a list of ten
thousand incidents reads ten thousand outlines, and not their sixty thousand events. Findings are never held: they
follow from clock and history, too.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import Any, Generic, NamedTuple, TypeVar

from svcops.store.cache import Cache, Row, is_dated, row
from svcops.store.declared import declared_of
from svcops.store.entries import Entry, from_packs
from svcops.store.files import Tree
from svcops.store.foreseen import Foreseen, Heads, foresee
from svcops.store.model import Kind

T = TypeVar("T")
_PART = 0.6
"""Of the files, how many the first process looks at: what it reads itself is soon read."""
_encode = json.JSONEncoder(separators=(",", ":")).encode


class Derivation(NamedTuple, Generic[T]):
    """How values follow from records: a pure function, and each value of records of one day alone."""

    name: str
    """Under which the cache holds them."""
    kinds: tuple[str, ...]
    """Of the records; all of one first folder."""
    given: str
    """What else they follow from, as text."""
    make: Callable[[Mapping[str, Mapping[str, Entry[Any]]]], list[T]]
    """The values that follow from records, by kind and name."""
    plain: Callable[[T], Any]
    """A value as JSON has it."""
    again: Callable[[Any], T]
    """The value of which that is the plain form."""


def held(tree: Tree, cache: Cache, kinds: Sequence[Kind], of: Derivation[T]) -> Foreseen | None:
    """The values by pack as the cache has them, those worked out that it has not; see `foresee`.

    None in their place where it is damaged, or the packs do not keep together what belongs together.
    """
    fresh: list[Row] = []
    found = foresee(tree, cache, kinds, lambda heads: _from_cache(cache, kinds, of, heads, fresh), part=_PART)
    if found and found.changed is None and found.read is not None:
        cache.write(fresh)
        for kind in kinds:
            cache.whole[kind.name] = partial(cache.packs_of, kind, found.heads[kind.name])
    return found


def _from_cache(
    cache: Cache, kinds: Sequence[Kind], of: Derivation[T], heads: Heads, fresh: list[Row]
) -> dict[str, list[T]] | None:
    """All values by pack, and the rows for those that were not held."""
    rows = cache.plain_rows(of.name)
    names = dict.fromkeys(name for packs in heads.values() for name in packs)
    if not all(map(is_dated, names)):
        return None
    fresh += [(of.name, gone, b"", b"", 0) for gone in rows.keys() - names]
    found: dict[str, list[T]] = {}
    for name in names:
        digest = _digest(of, [packs.get(name, b"") for packs in heads.values()])
        proof, text = rows.get(name, (b"", b""))
        if proof == digest.encode():
            found[name] = list(map(of.again, json.loads(text)))
            continue
        entries = _entries(cache, kinds, heads, name)
        if entries is None:
            return None
        found[name] = of.make(entries)
        fresh.append(row(of.name, name, (digest,), _encode(list(map(of.plain, found[name]))).encode()))
    return found


def _entries(cache: Cache, kinds: Sequence[Kind], heads: Heads, name: str) -> dict[str, dict[str, Entry[Any]]] | None:
    """The records of a pack, by kind and name; None where it is damaged, or another by now."""
    found: dict[str, dict[str, Entry[Any]]] = {}
    for kind in kinds:
        head = heads[kind.name].get(name)
        packs = cache.packs_of(kind, {name: head} if head else {}, (name,))
        own = None if packs is None else from_packs(kind, declared_of(kind), packs)
        if own is None:
            return None
        found[kind.name] = own
    return found


def _digest(of: Derivation[T], heads: Sequence[bytes]) -> str:
    digest = sha256(of.given.encode())
    for head in heads:
        digest.update(b"\0%d\0" % len(head))
        digest.update(head)
    return digest.hexdigest()
