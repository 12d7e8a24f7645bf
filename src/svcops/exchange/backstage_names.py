"""Whose a name of the store is, where Backstage has namespaces and a store has none.

Of each kind of record one entity has a name. Its record says in which namespace that is (`backstage.io/namespace`, and
nothing for the default one). What means another entity of that name leads nowhere here: it is written with its
namespace, so that nothing takes it for the one that is there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field

from svcops.exchange.backstage_entities import DEFAULT_NAMESPACE, RECORD_KINDS, Name, Placed
from svcops.exchange.drafts import Unsupported
from svcops.store.frozen import frozen

Namespaces = Mapping[tuple[str, str], str]
"""For each kind and name of a record: the namespace of its entity."""


@frozen
class Names:
    """The names of the store, with whose they are."""

    namespaces: Namespaces = field(default_factory=dict)

    def of(self, meant: Name, kinds: tuple[str, ...] = ()) -> str:
        """The name by which a record refers to one of `kinds` (without them, of the kind that is meant)."""
        if not kinds and meant.kind not in RECORD_KINDS:
            return meant.name if meant.namespace == DEFAULT_NAMESPACE else meant.whole
        there = self._namespace(kinds or (RECORD_KINDS[meant.kind],), meant.name)
        return meant.name if there == meant.namespace else meant.whole

    def reference(self, name: str, kinds: tuple[str, ...], namespace: str) -> str:
        """The inverse: how an entity in that namespace refers to a name of the store."""
        if ":" in name or "/" in name:  # leads nowhere, and says itself where
            return name.removeprefix(f"{namespace}/")
        there = self._namespace(kinds, name)
        return name if there == namespace else f"{there}/{name}"

    def _namespace(self, kinds: tuple[str, ...], name: str) -> str:
        found = (self.namespaces.get((kind, name)) for kind in kinds)
        return next((one for one in found if one), DEFAULT_NAMESPACE)


def settled(placed: Iterable[Placed], there: Namespaces) -> tuple[Names, list[Placed], list[Unsupported]]:
    """The names of store and input, the entities that have one, and those whose name is another's.

    Who has a name in the store keeps it; else the default namespace goes first, then the order of the files.
    """
    namespaces = dict(there)
    entities = list(placed)
    for one in sorted(entities, key=lambda one: one.entity.namespace != DEFAULT_NAMESPACE):
        namespaces.setdefault(one.entity.key, one.entity.namespace)
    named = [one for one in entities if namespaces[one.entity.key] == one.entity.namespace]
    others = [
        Unsupported(one.entity.kind, one.entity.meant.whole, _taken(one, namespaces, there), one.source)
        for one in entities
        if namespaces[one.entity.key] != one.entity.namespace
    ]
    return Names(namespaces), named, others


def _taken(one: Placed, namespaces: Namespaces, there: Namespaces) -> str:
    key = one.entity.key
    where = "in the store" if key in there else "here"
    return f"the {key[0]} {key[1]} is {namespaces[key]}/{key[1]} {where}"
