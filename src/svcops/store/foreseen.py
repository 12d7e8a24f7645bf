"""Reading the many files of a large store, which most likely are as they were.

One process takes the cache at its word, another looks at every file meanwhile. What comes out is what a look before
would have given.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from svcops.store import forked
from svcops.store.cache import Cache, Pack, pack_of
from svcops.store.files import Tree, WorkTree
from svcops.store.held import files_are_as_held, folders_are_as_held, is_whole, listed_in, walked
from svcops.store.model import Kind
from svcops.store.walk import Inventory, Listed

_MANY = 500_000
"""Bytes of paths, signatures and ids, of some three thousand files, from which a second process saves more than it
costs."""
Heads = Mapping[str, Mapping[str, bytes]]
"""Which files the cache has, by kind and pack (`Cache.heads`)."""


class Changed(NamedTuple):
    """What is not as the cache has it: the packs of such files, and what there is, of all packs or of these."""

    packs: set[str]
    inventory: Inventory


class Foreseen(NamedTuple):
    """`read` is what was made of the cache, whose heads these are, and `changed` what is not so by now."""

    heads: Heads
    read: Any
    changed: Changed | None


def foresee(
    tree: Tree, cache: Cache, kinds: Sequence[Kind], read: Callable[[Heads], Any], *, part: float = 0
) -> Foreseen | None:
    """Read these kinds, all of one first folder; None where one process is as quick, or has to be enough.

    `read` makes of these heads, with what else the cache holds, what is wanted. Where that is soon done, and pack by
    pack, the first process then looks at a `part` of the files itself, and of what changed only those packs are told.
    """
    if not isinstance(tree, WorkTree):
        return None
    heads = {kind.name: cache.heads(kind) for kind in kinds}
    every = [head for packs in heads.values() for head in packs.values()]
    size = sum(map(len, every))
    if size <= _MANY:
        return None
    cache.close()
    number = sum(1 for one in accumulate(map(len, every)) if one <= size * part)
    look = _Look(tree, cache, kinds, heads, narrow=part > 0)
    second = forked.start(lambda: look.changed(every[number:]))
    if second is None:
        return None
    try:
        made = read(heads)
        as_held = _are_as_held(tree.root, every[:number])
    except BaseException:
        second.give_up()
        raise
    try:
        found = second.result()
    except BrokenPipeError:
        return None
    if found is None and not as_held:
        try:
            found = look.anew()
        except ValueError:  # a head that is damaged: what was made of the cache is nothing, either
            return None
    if found is not None:
        tree.adopt(found.inventory)
    return Foreseen(heads, made, found)


class _Look:
    """Whether the files of some kinds are those of the heads, and each as it was."""

    def __init__(self, tree: WorkTree, cache: Cache, kinds: Sequence[Kind], heads: Heads, *, narrow: bool) -> None:
        self._tree = tree
        self._cache = cache
        self._kinds = kinds
        self._heads = heads
        self._narrow = narrow
        self._top = kinds[0].pattern.partition("/")[0]

    def changed(self, to_look_at: Sequence[bytes]) -> Changed | None:
        """What changed; of the files only these are looked at, as long as nothing did."""
        listed = listed_in(self._cache, [self._top])
        number = sum(_files_in(head) for packs in self._heads.values() for head in packs.values())
        is_known = is_whole(self._top, number, listed) and folders_are_as_held(self._tree.root, listed)
        return None if is_known and _are_as_held(self._tree.root, to_look_at) else self.anew(listed)

    def anew(self, listed: Mapping[str, Listed] | None = None) -> Changed | None:
        """What changed, by a walk through all of it."""
        before = listed_in(self._cache, [self._top]) if listed is None else listed
        inventory = walked(self._cache, self._tree, [self._top], before)
        packs = {name for kind in self._kinds for name in self._packs(kind, inventory)}
        if not packs:
            return None
        return Changed(packs, self._narrowed(inventory, packs) if self._narrow else inventory)

    def _packs(self, kind: Kind, inventory: Inventory) -> Iterator[str]:
        """The packs of a kind in which a file is another, or that have one more, or one less.

        An empty signature is of a file that changed too lately for its times to prove anything.
        """
        held = {
            path: signature
            for pack in map(Pack, self._heads[kind.name].values())
            for path, signature in zip(pack.paths, pack.signatures, strict=True)
        }
        there = inventory.paths[kind.name]
        for path, signature in zip(there, map(inventory.signatures.get, there), strict=True):
            if not signature or held.get(path) != signature:
                yield pack_of(path)
        yield from map(pack_of, held.keys() - set(there))

    def _narrowed(self, inventory: Inventory, packs: set[str]) -> Inventory:
        found = Inventory()
        for kind in self._kinds:
            paths = [path for path in inventory.paths[kind.name] if pack_of(path) in packs]
            found.paths[kind.name] = paths
            found.signatures.update(
                (path, inventory.signatures[path]) for path in paths if path in inventory.signatures
            )
        return found


def _are_as_held(root: str, heads: Iterable[bytes]) -> bool:
    """Whether the files of these heads are as they say; not those of a head that is damaged."""
    try:
        return files_are_as_held(root, map(Pack, heads))
    except ValueError:
        return False


def _files_in(head: bytes) -> int:
    return (head.count(b"\0") + 1) // 3
