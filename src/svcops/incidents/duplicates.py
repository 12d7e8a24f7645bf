"""What a duplicate says of the disruption, and whether the incident that goes on says so, too. Pure functions."""

from datetime import datetime
from typing import Any

from svcops.incidents.facts import State
from svcops.incidents.model import TakenOver, Updated
from svcops.incidents.wholes import order_of
from svcops.store.entries import Entry

_APART = ("services", "next_update")
"""Fields that are compared in a way of their own."""


def said(one: State) -> dict[str, Any]:
    """What an incident says of the disruption, by the fields of the event by which another takes it over."""
    return {
        "services": one.services,
        "detected_by": one.detected_by,
        "impact_started": one.impact_started,
        "declared": one.declared,
        "acknowledged": one.acknowledged,
        "next_update": one.next_update,
    }


def says_so(other: State, one: State) -> bool:
    """Whether what was taken over of a duplicate is what that one says now."""
    return not differs(other, one)


def differs(other: State, one: State) -> list[str]:
    """The fields in which what was taken over of a duplicate is not what that one says now.

    What it announced is no news where users were told more since, by the one that goes on.
    """
    taken, now = other.taken[one.id].value, said(one)
    found = [key for key, value in now.items() if key not in _APART and getattr(taken, key) != value]
    if set(taken.services) != set(one.services):
        found = ["services", *found]
    told = _told_at(one)
    is_later = one.next_update is not None and told is not None and told > order_of(taken)
    is_new = is_later or one.next_update != taken.next_update
    return [*found, "next_update"] if is_new and not _is_answered(other, one) else found


def lacks(other: State, one: State) -> list[str]:
    """What a duplicate says that an incident does not, which took nothing over: services, earlier times."""
    found = [] if set(one.services) <= set(other.services) else ["services"]
    for key in ("impact_started", "declared", "acknowledged", "next_update"):
        mine, theirs = getattr(one, key), getattr(other, key)
        if mine and (theirs is None or mine < theirs) and not (key == "next_update" and _is_answered(other, one)):
            found.append(key)
    return found


def announced_at(one: State) -> datetime:
    """Since when what a merged incident announced holds for the other: its merge, or what it told users after that."""
    return _announced(one)[0]


def _announced(one: State) -> tuple[datetime, datetime]:
    assert one.moved is not None  # that merged it
    merged, told = order_of(one.moved.value), _told_at(one)
    return max(merged, told) if told else merged


def _told_at(one: State) -> tuple[datetime, datetime] | None:
    """When an incident told users last, or took over what a duplicate of it had announced."""
    last = last_update(one)
    taken = [order_of(each.value) for each in one.taken.values() if each.value.next_update]
    return max([order_of(last.value), *taken] if last else taken, default=None)


def last_update(one: State) -> Entry[Any] | None:
    """What an incident told users last; None where it told them nothing."""
    told = [each for each in one.counting if isinstance(each.value, Updated)]
    return max(told, key=lambda each: (each.value.at, each.value.recorded_at, each.name), default=None)


def _is_answered(other: State, one: State) -> bool:
    """Whether users were told more since, by the incident that goes on."""
    last = last_update(other)
    return last is not None and order_of(last.value) >= _announced(one)


def taken_of(other: State, incident_id: str) -> list[Entry[TakenOver]]:
    """The events that count by which an incident took over another one: two branches may have written one each."""
    every: tuple[Entry[Any], ...] = other.counting if other.taken else ()
    return [one for one in every if isinstance(one.value, TakenOver) and one.value.of == incident_id]


def goes_on(one: State) -> bool:
    """Whether nobody said yet that it is over for users."""
    return one.phase in ("incident", "remediation")


def ends_later(one: State, other: State) -> bool:
    """Whether an incident was resolved later than another one, as far as both times are known."""
    return one.resolved is not None and other.resolved is not None and one.resolved > other.resolved
