"""What a duplicate says of the disruption, and whether the incident that goes on says so, too. Pure functions."""

from typing import Any

from svcops.incidents.facts import State
from svcops.incidents.model import TakenOver
from svcops.store.entries import Entry


def said(one: State) -> dict[str, Any]:
    """What an incident says of the disruption, by the fields of the event by which another takes it over."""
    return {
        "services": one.services,
        "detected_by": one.detected_by,
        "impact_started": one.impact_started,
        "declared": one.declared,
        "acknowledged": one.acknowledged,
    }


def says_so(taken: TakenOver, one: State) -> bool:
    """Whether what was taken over of a duplicate is what that one says now."""
    return not differs(taken, one)


def differs(taken: TakenOver, one: State) -> list[str]:
    """The fields in which what was taken over of a duplicate is not what that one says now."""
    now = said(one)
    found = [key for key, value in now.items() if key != "services" and getattr(taken, key) != value]
    return found if set(taken.services) == set(one.services) else ["services", *found]


def lacks(other: State, one: State) -> list[str]:
    """What a duplicate says that an incident does not, which took nothing over: services, earlier times."""
    found = [] if set(one.services) <= set(other.services) else ["services"]
    for key in ("impact_started", "declared", "acknowledged"):
        mine, theirs = getattr(one, key), getattr(other, key)
        if mine and (theirs is None or mine < theirs):
            found.append(key)
    return found


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
