"""Whose a name of the store is, where other catalogues have kinds and namespaces and a folder of a store has neither.

A record says which entity it is: its own annotations tell name, namespace and kind, where those are not the usual ones.
What means an entity that is not here is written so that nothing takes it for another one of that name.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import field
from typing import TypeVar

from svcops.exchange.drafts import OWNERS, Unsupported
from svcops.exchange.references import DEFAULT_NAMESPACE, Entity, Format, Name
from svcops.store.frozen import frozen

Holders = Mapping[tuple[str, str], Name]
"""For each kind and name of a record: its entity; of one that cannot be read, an entity without a kind."""

E = TypeVar("E", bound=Entity)


@frozen
class Names:
    """The names of the store, with whose they are."""

    holders: Holders = field(default_factory=dict)
    records: Mapping[Name, str] = field(default_factory=dict)
    """The inverse: for each entity the name of its record."""

    def of(self, meant: Name, kinds: tuple[str, ...] = ()) -> str:
        """The name by which a record refers to one of `kinds` (without them, of the kind that is meant)."""
        name = self.records.get(meant, meant.name)
        holder = self._holder(kinds or (meant.key[0],), name)
        if holder is None:
            return name if meant.namespace == DEFAULT_NAMESPACE else meant.absent
        if (holder.name, holder.namespace) == (meant.name, meant.namespace) and _may_be(holder, meant):
            return name
        return meant.absent if holder.record == meant.key[0] else meant.reference

    def reference(self, name: str, kinds: tuple[str, ...], namespace: str) -> str:
        """The inverse: how an entity in that namespace refers to a name of the store."""
        if ":" in name or "/" in name:  # leads nowhere, and says itself where
            return name.removeprefix(f"{namespace}/")
        holder = self._holder(kinds, name) or Name("", name, DEFAULT_NAMESPACE, "")
        return holder.name if holder.namespace == namespace else holder.whole

    def entity(self, kind: str, name: str) -> str:
        """The name of the entity that a record is."""
        holder = self.holders.get((kind, name))
        return holder.name if holder else name

    def notes(self, meant: Name) -> tuple[str, ...]:
        """What to know of an entity whose record could not have its name."""
        holder = self._holder(OWNERS if meant.record in OWNERS else (meant.record,), meant.name)
        if holder is None or self.of(meant) == meant.name:
            return ()
        return (f"this is {meant.reference}, as the {holder.record} {meant.name} is {holder.reference}",)

    def hides(self, meant: Name, kinds: tuple[str, ...]) -> bool:
        """Whether an entity has a record that cannot be named where several kinds may be, as another has its name."""
        record = self.records.get(meant)
        return record is not None and self.of(meant, kinds) != record

    def _holder(self, kinds: tuple[str, ...], name: str) -> Name | None:
        found = (self.holders.get((kind, name)) for kind in kinds)
        return next((one for one in found if one), None)


def names_of(holders: Holders) -> Names:
    """The names that these records have."""
    return Names(holders, {one: name for (_, name), one in holders.items()})


def settled(
    entities: Iterable[E],
    there: Holders,
    form: Format,
    awaited: Collection[Name] = (),
    people_who_own: Collection[str] = (),
) -> tuple[Names, list[E], list[Unsupported]]:
    """The names of store and input, the entities that have one, and those whose name is another namespace's.

    Who has a name in the store keeps it; else the default namespace goes first, then the order of the files. Of several
    kinds the one has it that the store awaits: some record names it so already. An owner is a team or a person, by name
    alone: a team and one of the `people_who_own` share no name.
    """
    meant = [(one, one.meant) for one in entities]
    asking = sorted(dict.fromkeys(name for _, name in meant), key=_is_elsewhere)
    taken = dict(_taken_by_others(asking, there))
    holders = dict(there)
    known = set(there.values())
    new = [one for one in asking if one not in taken and one not in known]
    order = list(form.kinds)
    new.sort(key=lambda one: (one not in awaited, _is_elsewhere(one), order.index(one.kind)))
    for one, record in _new_names(new, there, people_who_own):
        holders[one.record, record] = one
    names = names_of(holders)
    named = [one for one, name in meant if name not in taken]
    others = [
        Unsupported(name.kind, name.whole, _reason(name, taken[name], names, there), one.source)
        for one, name in meant
        if name in taken
    ]
    return names, named, others


def _taken_by_others(asking: Iterable[Name], there: Holders) -> Iterator[tuple[Name, Name]]:
    """The entities of whose kind one in another namespace has the name, each with that one."""
    first = {(one.record, one.kind, one.name): one for one in there.values()}
    for one in asking:
        unread = first.get((one.record, "", one.name))
        holder = unread or first.setdefault((one.record, one.kind, one.name), one)
        if holder.namespace != one.namespace:
            yield one, holder


def _new_names(asking: Iterable[Name], there: Holders, people_who_own: Collection[str]) -> Iterator[tuple[Name, str]]:
    """Names for entities that have no record: their own, of several kinds to the first; the others add their kind.

    All that can have their own get it before, so that what the others are called does not hang on the order of files.
    """

    def key_of(record: str, name: str) -> tuple[tuple[str, ...], str]:
        """A name, with the kinds of records of which only one may have it."""
        return OWNERS if record in OWNERS and name in people_who_own else (record,), name

    taken = {key_of(*key) for key, one in there.items() if one.kind}
    others = []
    for one in asking:
        key = key_of(*one.key)
        if key in taken:
            others.append(one)
        else:
            taken.add(key)
            yield one, one.name
    for one in sorted(others, key=lambda one: (one.name, one.kind)):
        record = one.name
        while key_of(one.record, record) in taken:
            record = f"{record}-{one.kind}"
        taken.add(key_of(one.record, record))
        yield one, record


def _is_elsewhere(one: Name) -> bool:
    return one.namespace != DEFAULT_NAMESPACE


def _may_be(holder: Name, meant: Name) -> bool:
    """Whether they are of one kind, as far as is known: old formats name no kinds, damaged records tell none."""
    return holder.kind == meant.kind or not holder.kind or not meant.kind


def _reason(name: Name, holder: Name, names: Names, there: Holders) -> str:
    record = names.records.get(holder, holder.name)
    where = "in the store" if (name.record, record) in there else "here"
    return f"the {name.record} {record} is {holder.whole} {where}"
