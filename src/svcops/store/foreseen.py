"""Reading the many files of a large store, which most likely are as they were.

One process takes the cache at its word, another looks at every file meanwhile. What comes out is what a look before
would have given.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from svcops.store import forked
from svcops.store.cache import Cache, Documents, Pack
from svcops.store.files import Tree, WorkTree
from svcops.store.held import is_as_held, listed_in, walked
from svcops.store.model import Kind
from svcops.store.walk import Inventory

_MANY = 300_000
"""Bytes of paths and signatures, of some three thousand files, from which a second process saves more than it costs."""


class Foreseen(NamedTuple):
    """`read` is what was made of the cache; where files are not as it has them, `inventory` says what there is."""

    read: Any
    inventory: Inventory | None


def foresee(
    tree: Tree, cache: Cache, kinds: Sequence[Kind], read: Callable[[Mapping[str, Mapping[str, Documents]]], Any]
) -> Foreseen | None:
    """Read these kinds, all of one first folder; None where one process is as quick, or has to be enough.

    `read` makes of the documents, by kind and path in order, what is wanted of them.
    """
    if not isinstance(tree, WorkTree):
        return None
    packs = {kind.name: list(cache.packs(kind).values()) for kind in kinds}
    if sum(len(path) for held in packs.values() for pack in held for path in pack.paths) <= _MANY:
        return None
    cache.close()
    second = forked.start(lambda: _not_as_held(tree, cache, kinds, packs))
    if second is None:
        return None
    try:
        made = read({kind.name: _documents(packs[kind.name]) for kind in kinds})
    except BaseException:
        second.give_up()
        raise
    try:
        found = second.result()
    except BrokenPipeError:
        return None
    if found is not None:
        tree.adopt(found)
    return Foreseen(made, found)


def _not_as_held(
    tree: WorkTree, cache: Cache, kinds: Sequence[Kind], packs: Mapping[str, Sequence[Pack]]
) -> Inventory | None:
    """The files there are; None where they are those of the packs, and each as it was."""
    top = kinds[0].pattern.partition("/")[0]
    listed = listed_in(cache, [top])
    if is_as_held(tree.root, top, [pack for held in packs.values() for pack in held], listed):
        return None
    inventory = walked(cache, tree, [top], listed)
    tree.adopt(inventory)
    for kind in kinds:
        paths = inventory.paths[kind.name]
        held = {
            path: signature
            for pack in packs[kind.name]
            for path, signature in zip(pack.paths, pack.signatures, strict=True)
        }
        if len(held) != len(paths) or any(map(_differ, map(held.get, paths), tree.signatures(paths))):
            return inventory
    return None


def _differ(held: str | None, seen: str | None) -> bool:
    """An empty signature is of a file that changed too lately for its times to prove anything."""
    return not held or held != seen


def _documents(packs: Sequence[Pack]) -> dict[str, Documents]:
    found: dict[str, Documents] = {}
    for pack in packs:
        found.update(zip(pack.paths, pack.documents(), strict=False))
    return dict(sorted(found.items()))
