"""Corrections: which events of a record count, where some supersede others."""

from collections.abc import Mapping
from typing import Any, TypeVar

from svcops.store.entries import Entry

E = TypeVar("E", bound=Entry[Any])


def counted(ordered: list[E]) -> list[E]:
    """The events that count, in the order in which they fold; `ordered` as they were recorded.

    Of an event and all that supersede it, directly or in turn, the latest stands in its place. Where the way leads in
    a circle nothing is superseded.
    """
    if not any([one.value.supersedes for one in ordered]):  # noqa: C419 - most often there is none, and a list is faster
        return ordered
    return list(_by_place(ordered).values())


def before(ordered: list[E], name: str) -> list[E]:
    """The events that count and fold before the place of the event of that short name."""
    places = _by_place(ordered)
    root = _root(name, _earlier(ordered))
    return list(places.values())[: list(places).index(root)]


def at_place(ordered: list[E], one: E) -> list[E]:
    """Every event that stands in the place of one, or stood there before it was corrected."""
    earlier = _earlier(ordered)
    root = _root(short(one), earlier)
    return [other for other in ordered if _root(short(other), earlier) == root]


def _by_place(ordered: list[E]) -> dict[str, E]:
    """The events that count, by the name of the first of each chain, which keeps its place in the order."""
    earlier = _earlier(ordered)
    return {_root(short(one), earlier): one for one in ordered}


def _earlier(ordered: list[E]) -> dict[str, str | None]:
    return {short(one): one.value.supersedes for one in ordered}


def short(one: Entry[Any]) -> str:
    """An event's name within its record, which `supersedes` writes."""
    return one.name.rpartition("/")[2]


def _root(name: str, before: Mapping[str, str | None]) -> str:
    """The event that the chain of corrections begins with; itself where it leads in a circle."""
    here, seen = name, {name}
    while (earlier := before.get(here)) in before:
        assert earlier is not None
        if earlier in seen:
            return name
        seen.add(earlier)
        here = earlier
    return here
