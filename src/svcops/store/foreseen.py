"""Reading the many files of a large store, which most likely are as they were.

One process takes the cache at its word, another looks at every file meanwhile. What comes out is what a look before
would have given.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from svcops.store import forked
from svcops.store.cache import Cache, Pack
from svcops.store.files import Tree, WorkTree
from svcops.store.held import files_are_as_held, folders_are_as_held, is_whole, listed_in, walked
from svcops.store.model import Kind
from svcops.store.walk import Inventory

_MANY = 500_000
"""Bytes of paths, signatures and ids, of some three thousand files, from which a second process saves more than it
costs."""
Heads = Mapping[str, Mapping[str, bytes]]
"""Which files the cache has, by kind and pack (`Cache.heads`)."""


class Foreseen(NamedTuple):
    """`read` is what was made of the cache; where files are not as it has them, `inventory` says what there is."""

    heads: Heads
    read: Any
    inventory: Inventory | None


def foresee(
    tree: Tree, cache: Cache, kinds: Sequence[Kind], read: Callable[[Heads], Any], *, part: float = 0
) -> Foreseen | None:
    """Read these kinds, all of one first folder; None where one process is as quick, or has to be enough.

    `read` makes of these heads, with what else the cache holds, what is wanted. Where that is soon done, the first
    process then looks at a `part` of the files itself.
    """
    if not isinstance(tree, WorkTree):
        return None
    heads = {kind.name: cache.heads(kind) for kind in kinds}
    every = [head for packs in heads.values() for head in packs.values()]
    size = sum(map(len, every))
    if size <= _MANY:
        return None
    cache.close()
    sums = accumulate(map(len, every))
    number = sum(1 for one in sums if one <= size * part)
    mine, others = every[:number], every[number:]
    second = forked.start(lambda: _not_as_held(tree, cache, kinds, heads, others))
    if second is None:
        return None
    try:
        made = read(heads)
        as_held = _are_as_held(tree.root, mine)
    except BaseException:
        second.give_up()
        raise
    try:
        found = second.result()
    except BrokenPipeError:
        return None
    if found is not None:
        tree.adopt(found)
    elif not as_held:
        found = tree.inventory([_top(kinds)])
    return Foreseen(heads, made, found)


def _not_as_held(
    tree: WorkTree, cache: Cache, kinds: Sequence[Kind], heads: Heads, to_look_at: Sequence[bytes]
) -> Inventory | None:
    """The files there are; None where they are those of the packs, and those to look at are each as they were."""
    top = _top(kinds)
    listed = listed_in(cache, [top])
    number = sum(_files_in(head) for packs in heads.values() for head in packs.values())
    is_known = is_whole(top, number, listed) and folders_are_as_held(tree.root, listed)
    if is_known and _are_as_held(tree.root, to_look_at):
        return None
    inventory = walked(cache, tree, [top], listed)
    tree.adopt(inventory)
    for kind in kinds:
        paths = inventory.paths[kind.name]
        held = {
            path: signature
            for pack in map(Pack, heads[kind.name].values())
            for path, signature in zip(pack.paths, pack.signatures, strict=True)
        }
        if len(held) != len(paths) or any(map(_differ, map(held.get, paths), tree.signatures(paths))):
            return inventory
    return None


def _top(kinds: Sequence[Kind]) -> str:
    """The first folder of them all."""
    return kinds[0].pattern.partition("/")[0]


def _are_as_held(root: str, heads: Iterable[bytes]) -> bool:
    """Whether the files of these heads are as they say; not those of a head that is damaged."""
    try:
        return files_are_as_held(root, map(Pack, heads))
    except ValueError:
        return False


def _files_in(head: bytes) -> int:
    return (head.count(b"\0") + 1) // 3


def _differ(held: str | None, seen: str | None) -> bool:
    """An empty signature is of a file that changed too lately for its times to prove anything."""
    return not held or held != seen
