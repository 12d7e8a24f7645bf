"""Where branches went from what they saw, and which of them counts: of the phase of an incident, and of each role."""

from collections.abc import Iterable, Sequence
from typing import Any

from svcops.store.corrections import at_place, short
from svcops.store.entries import Entry

ROOT = ""
"""The place where everything begins."""


class Branches:
    """The ways that branches went, as a tree: from each place one way counts, the one that was recorded first.

    A place is a phase that was entered, or somebody who got a role; entered once more, it is another place. Ways from
    one place to the same phase, or the same person, lead to one place: of two branches that both resolved one
    remediation, whoever reopens the one resolution reopens the other.

    Most often one event follows the other: only where one does not is the tree made.
    """

    __slots__ = ("_begun", "_ordered", "_tree", "_waiting", "last")

    def __init__(self, ordered: list[Any], begun: Iterable[Entry[Any]] = ()) -> None:
        self.last: Entry[Any] | None = None
        """The event that led here."""
        self._ordered = ordered
        self._begun = begun
        self._waiting: list[tuple[Entry[Any], str | None, str | None]] = []
        self._tree: _Tree | None = None

    def leads_on(self, follows: Sequence[str], came_from: str | None, here: str | None) -> bool:
        """Whether an event goes on from here, by the events that it follows, else by name."""
        if not follows and came_from == here:
            return True
        if self.last and short(self.last) in follows:
            return True
        tree = self.tree
        return tree.origin(follows, came_from) == tree.here

    def go(self, one: Entry[Any], to: str | None) -> None:
        """An event leads on from here."""
        self.last = one
        self._waiting.append((one, to, ROOT))

    def pass_by(self, one: Entry[Any], came_from: str, to: str) -> None:
        """An event would have led on from what is called so, and somebody may have gone on from there."""
        self._waiting.append((one, to, came_from))

    @property
    def tree(self) -> "_Tree":
        """All ways so far."""
        tree = self._tree
        if tree is None:
            begun = {name: ROOT for one in self._begun for name in names_of(one, self._ordered)}
            tree = self._tree = _Tree(begun)
        for one, to, came_from in self._waiting:
            names = names_of(one, self._ordered)
            if came_from == ROOT:
                tree.go(one, names, to)
            else:
                tree.miss(names, tree.origin((), came_from), to)
        self._waiting.clear()
        return tree


class _Tree:
    """Places, and what led from one to the next."""

    __slots__ = ("_been", "_latest", "_left", "_places", "_ways", "here")

    def __init__(self, begun: dict[str, str]) -> None:
        self.here = ROOT
        self._places = begun
        """Where an event leads to, by its short name."""
        self._ways: dict[tuple[str, str | None], str] = {}
        self._been = {ROOT}
        self._latest: dict[str | None, str] = {None: ROOT}
        """The place that a phase, or a person, stands for where an event names no other that it follows."""
        self._left: dict[str, Entry[Any]] = {}
        """What counts of all that went on from a place; from one that a branch alone reached, what counts instead."""

    def origin(self, follows: Iterable[str], came_from: str | None) -> str | None:
        """The place that an event goes on from; None where none is known.

        Where it follows several, and one of them led here, it goes on from here.
        """
        known = [self._places[name] for name in follows if name in self._places]
        if not known:
            return self._latest.get(came_from)
        return self.here if self.here in known else known[-1]

    def go(self, one: Entry[Any], names: Iterable[str], to: str | None) -> None:
        """An event leads on from here; `names` are those by which a writer may have seen it."""
        self._left[self.here] = one
        self.here = self._latest[to] = self._arrive(names, self.here, to)
        self._been.add(self.here)

    def stay(self, names: Iterable[str]) -> None:
        """An event says again what is: who follows it goes on from here."""
        self._places.update(dict.fromkeys(names, self.here))

    def miss(self, names: Iterable[str], origin: str | None, to: str | None) -> Entry[Any] | None:
        """An event leads on from another place, or does not count; what counts of all that went on from there."""
        if origin is None:
            self._places.update((name, name) for name in names)
            return None
        place = self._arrive(names, origin, to)
        first = self._left.get(origin)
        if place not in self._been:
            if self._latest.get(to) != self.here:
                self._latest[to] = place
            if first:
                self._left.setdefault(place, first)
        return first

    def left(self, place: str | None) -> Entry[Any] | None:
        """What counts of all that went on from a place."""
        return self._left.get(place) if place is not None else None

    def also(self, values: Iterable[str | None]) -> None:
        """By these names, too, somebody may have seen this place: what was said of it before it was corrected."""
        for value in values:
            self._latest[value] = self.here

    def _arrive(self, names: Iterable[str], origin: str, to: str | None) -> str:
        seen = list(names)
        place = self._ways.setdefault((origin, to), seen[0])
        for name in seen:
            self._places[name] = place
        return place


def names_of(one: Entry[Any], ordered: list[Any]) -> list[str]:
    """The names by which a writer may have seen an event: its own, and those of what it corrects."""
    return [short(other) for other in at_place(ordered, one)] if one.value.supersedes else [short(one)]


def ends(said: list[Entry[Any]], ordered: list[Any]) -> list[Entry[Any]]:
    """Of events that say the same thing anew, those that no other one follows: what each branch said last."""
    followed = {name for one in said for name in one.value.follows}
    return [one for one in said if followed.isdisjoint(names_of(one, ordered))]
