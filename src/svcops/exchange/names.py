"""Whose a name of the store is, where other catalogues have namespaces and a store has none.

Of each kind of record one entity has a name. Its record says in which namespace that is (`backstage.io/namespace`, and
nothing for the default one). What means another entity of that name leads nowhere here: it is written with its
namespace, so that nothing takes it for the one that is there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import TypeVar

from svcops.exchange.drafts import Unsupported
from svcops.exchange.references import DEFAULT_NAMESPACE, Entity, Name
from svcops.store.frozen import frozen

Namespaces = Mapping[tuple[str, str], str]
"""For each kind and name of a record: the namespace of its entity."""

E = TypeVar("E", bound=Entity)


@frozen
class Names:
    """The names of the store, with whose they are."""

    namespaces: Namespaces = field(default_factory=dict)

    def of(self, meant: Name, kinds: tuple[str, ...] = ()) -> str:
        """The name by which a record refers to one of `kinds` (without them, of the kind that is meant)."""
        there = self._namespace(kinds or (meant.record,), meant.name)
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


def settled(entities: Iterable[E], there: Namespaces) -> tuple[Names, list[E], list[Unsupported]]:
    """The names of store and input, the entities that have one, and those whose name is another's.

    Who has a name in the store keeps it; else the default namespace goes first, then the order of the files.
    """
    namespaces = dict(there)
    meant = [(one, one.meant) for one in entities]
    for _, name in sorted(meant, key=lambda one: one[1].namespace != DEFAULT_NAMESPACE):
        namespaces.setdefault(name.key, name.namespace)
    named = [one for one, name in meant if namespaces[name.key] == name.namespace]
    others = [
        Unsupported(name.kind, name.whole, _taken(name, namespaces[name.key], there), one.source)
        for one, name in meant
        if namespaces[name.key] != name.namespace
    ]
    return Names(namespaces), named, others


def _taken(name: Name, namespace: str, there: Namespaces) -> str:
    where = "in the store" if name.key in there else "here"
    return f"the {name.record} {name.name} is {namespace}/{name.name} {where}"
