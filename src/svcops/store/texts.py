"""What is read in the texts of a kind's files, held in the cache with their content (`svcops.store.cache`)."""

from collections.abc import Callable, Sequence
from typing import Any

from svcops.store.cache import Cache
from svcops.store.files import Tree
from svcops.store.model import Kind


def of_texts(tree: Tree, cache: Cache, paths: Sequence[str], name: str, make: Callable[[bytes], Any]) -> dict[str, Any]:
    """What `make` gives of the bytes of each file, as JSON has it, by path.

    It is held under `name`. `make` is a pure function, and `cache_version` knows the code of it.
    """
    held_as = Kind(name, "", "")
    if not paths:
        cache.forget(held_as)
        return {}
    held = cache.documents(tree, held_as, paths, whole=True)
    missing = [path for path in paths if path not in held]
    tree.read_ahead(missing)
    for path in missing:
        data, problem = tree.read(path)
        held[path] = [make(data)]
        if problem is None:
            cache.put(tree, held_as, path, data, held[path])
    cache.save()
    return {path: documents[0] for path, documents in held.items()}
