"""What the folders of the work tree listed when they were last looked at: most need not be listed again.

A name that comes, goes or is replaced changes the times of its folder, as a change of content does those of a file. So
a large store is looked at by asking for the times of what is known, which costs half of listing it. Held are only
folders in which nothing was odd: what is found fault with is looked at every time.
"""

import os
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from svcops.store import walk
from svcops.store.cache import Cache, Pack, certain, pack_of, row
from svcops.store.files import signature_from
from svcops.store.layout import KINDS, is_record_folder
from svcops.store.walk import Inventory, Listed, Start

if TYPE_CHECKING:
    from svcops.store.files import WorkTree

_KEY = "folders of "
"""Before the name of a first folder: a kind of packs in which folders stand for files, and the names in them for the
object id."""


def listed_in(cache: Cache, tops: Iterable[str]) -> dict[str, Listed]:
    """The folders in these first ones, these too, that were listed before, by path."""
    packs = [pack for name in tops for pack in cache.rows(_KEY + name).values()]
    return {
        path: (signature, names)
        for pack in packs
        for path, signature, names in zip(pack.paths, pack.signatures, pack.blobs, strict=True)
    }


def look(cache: Cache, tree: "WorkTree", tops: Collection[str], start: Start | None) -> Inventory:
    """What the walk finds in some of the first folders, by the times of what is known, which is held from then on."""
    known: dict[str, Listed] = {}
    whole: list[Inventory] = []
    for top in filter(is_record_folder, tops):
        listed = listed_in(cache, [top])
        as_held = _inventory_as_held(cache, tree.root, top, listed)
        if as_held:
            whole.append(as_held)
            tops = [name for name in tops if name != top]
        else:
            known |= listed
    found = walked(cache, tree, tops, known, start)
    for one in whole:
        found.add(one)
    return found


def walked(
    cache: Cache, tree: "WorkTree", tops: Collection[str], known: Mapping[str, Listed], start: Start | None = None
) -> Inventory:
    """The same, of which it is known that something is not as it was."""
    began = time.time_ns()
    tree.is_cold = not known
    if start:
        cache.close()
    found = walk.take(tree, tops, known, start)
    if found.is_news or len(found.listed) < len(known):
        _keep(cache, tree.root, known, found.listed, began)
    return found


def _keep(cache: Cache, root: str, before: Mapping[str, Listed], now: Mapping[str, Listed], began: int) -> None:
    """Hold what folders list `now`, in place of what was held `before`.

    Only where their times tell of every change. What changed within a tick of the clock before it was looked at is not
    held: another change in that tick may have come after the look.
    """
    held = {path: one for path, one in now.items() if one == before.get(path) or _proves(path, one, began)}
    changed = {path for path, one in held.items() if before.get(path) != one} | (before.keys() - held.keys())
    confirmed = any(now.get(path) == one for path, one in before.items())  # so it was tried here, and not elsewhere
    if not changed or not (confirmed or _times_tell(cache, root)):
        return
    packs: dict[tuple[str, str], list[str]] = {}
    stale = {_pack(path) for path in changed}
    for path, (signature, names) in held.items():
        if (pack := _pack(path)) in stale:
            packs.setdefault(pack, []).extend((path, signature, names))
    cache.write(row(*pack, packs.get(pack, ()), b"") for pack in stale)


@lru_cache(maxsize=1 << 16)
def _pack(path: str) -> tuple[str, str]:
    """Where a folder is held."""
    return _KEY + path.partition("/")[0], pack_of(path)


def _proves(path: str, listed: Listed, began: int) -> bool:
    """Whether a folder's times prove something, and its names are such as records have."""
    signature, names = listed
    return path.isascii() and names.isascii() and bool(certain(signature, began))


def _times_tell(cache: Cache, root: str) -> bool:
    """Whether the times of a folder change with what it holds, as they do not on every file system."""
    from tempfile import TemporaryDirectory

    try:
        if cache.folder is None or os.lstat(cache.folder).st_dev != os.lstat(root).st_dev:
            return False
        with TemporaryDirectory(dir=cache.folder) as probe:
            return all(_shows(probe, change) for change in (os.mkdir, os.rmdir))
    except OSError:
        return False


def _shows(folder: str, change: Callable[[str], None]) -> bool:
    """Whether a change of what a folder holds changes its time."""
    os.utime(folder, (0, 0))
    change(f"{folder}/entry")
    return os.lstat(folder).st_mtime_ns != 0


def _inventory_as_held(cache: Cache, root: str, top: str, listed: Mapping[str, Listed]) -> Inventory | None:
    """The records of a first folder, where all of it is as it was; None where it has to be walked."""
    packs = {kind.name: list(cache.packs(kind).values()) for kind in KINDS if kind.pattern.startswith(f"{top}/")}
    if not is_as_held(root, top, [pack for of_kind in packs.values() for pack in of_kind], listed):
        return None
    found = Inventory()
    for name, of_kind in packs.items():
        cache.whole[name] = partial(list, of_kind)
        found.paths[name] = sorted(path for pack in of_kind for path in pack.paths)
    return found


def is_as_held(root: str, top: str, packs: Sequence[Pack], listed: Mapping[str, Listed]) -> bool:
    """Whether packs hold every file of a first folder, each as it was, and nothing in it was odd."""
    number = sum(len(pack.paths) for pack in packs)
    return is_whole(top, number, listed) and folders_are_as_held(root, listed) and files_are_as_held(root, packs)


def is_whole(top: str, number: int, listed: Mapping[str, Listed]) -> bool:
    """Whether all folders in a first one are known, and list that many files.

    If none of them changed, and that many files of it are known and there, then there are no others.
    """
    for path, (_, names) in listed.items():
        files, _, inside = names.partition("//")
        number -= files.count("/") + 1 if files else 0
        for name in inside.split("/") if inside else ():
            if f"{path}/{name}" not in listed:
                return False
    return number == 0 and top in listed


def folders_are_as_held(root: str, listed: Mapping[str, Listed]) -> bool:
    """Whether each folder is as it was."""
    return _are_as_held(root, listed, (signature for signature, _ in listed.values()))


def files_are_as_held(root: str, packs: Iterable[Pack]) -> bool:
    """Whether each file in these packs is as it was."""
    return all(_are_as_held(root, pack.paths, pack.signatures) for pack in packs)


def _are_as_held(root: str, paths: Iterable[str], signatures: Iterable[str]) -> bool:
    look = os.lstat
    try:
        above = os.open(root, os.O_RDONLY)  # from here a path has fewer steps, each of which takes time
        try:
            for path, signature in zip(paths, signatures, strict=True):
                if signature_from(look(path, dir_fd=above)) != signature:
                    return False
        finally:
            os.close(above)
    except OSError:
        return False
    return True
