"""When post-mortems are due: so many working days after the incident was resolved, by its severity. Pure functions.

Working days are Monday to Friday, without the public holidays and closed days of the agreements that were in force for
the incident's services when it was resolved: where nobody was promised an answer, nobody has to write.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta

from svcops.catalogue.agreements import in_force, today, zone_of
from svcops.incidents.closing import damaged_postmortem, postmortems_with
from svcops.incidents.facts import State, is_major, state, states
from svcops.incidents.outlines import goes_on_as
from svcops.postmortems.model import Postmortem
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.timing.model import Hours
from svcops.timing.public_holidays import holidays_in

MAJOR_WITHIN = 10
"""Working days for a major incident, where svcops.yaml says nothing."""
_SATURDAY = 5
_LONGEST = 3653
"""Days that are looked at, ten years: a calendar in which no day is a working day does not hold anybody up."""


@frozen
class Due:
    """A post-mortem that an incident asks for. `entry` is None where nobody has started it, or its file is damaged."""

    state: State
    day: date
    """The last day on which it is in time, in the store's zone."""
    entry: Entry[Postmortem] | None
    damaged: str = ""
    """The path of its file, where that is damaged: whether it is approved, nobody can tell."""

    def is_overdue(self, now: date) -> bool:
        """Whether that day is over."""
        return now > self.day


def within(graph: Graph, severity: str | None) -> int | None:
    """Working days from the resolution to the approval; None where no post-mortem is asked for."""
    level = graph.settings.severity(severity or "")
    if level is not None and level.postmortem_within is not None:
        return level.postmortem_within
    return MAJOR_WITHIN if is_major(graph, severity) else None


def due_day(graph: Graph, state: State) -> date | None:
    """The last day for an incident's post-mortem; None where none is asked for, or it is not resolved."""
    days = within(graph, state.severity)
    if days is None or state.resolved is None or state.incident.imported or state.ending in ("cancelled", "merged"):
        return None
    resolved = state.resolved.astimezone(zone_of(graph)).date()
    codes, closed = _closed_days(graph, state)
    day = resolved
    for _ in range(_LONGEST):
        day += timedelta(days=1)
        days -= _is_working_day(day, codes, closed)
        if not days:
            break
    return day


def due_of(graph: Graph, entry: Entry[Postmortem], known: Mapping[str, State]) -> date | None:
    """The last day for a post-mortem: the first of its incidents' days. `known` are its incidents, by id."""
    days = (due_day(graph, one) for one in going_on(graph, entry, known))
    return min((one for one in days if one), default=None)


def going_on(graph: Graph, entry: Entry[Postmortem], known: Mapping[str, State]) -> list[State]:
    """The incidents that a post-mortem is about, each as the one that goes on in its place, if it can be read.

    `known` are its own, by id.
    """
    found = {}
    for one in entry.value.incidents:
        if one in known:
            name = goes_on_as(graph, one) if known[one].merged_into else one
            with suppress(KeyError):
                found[name] = known[name] if name in known else state(graph, name)
    return list(found.values())


def held_to(graph: Graph, entry: Entry[Postmortem], known: Mapping[str, State]) -> list[State]:
    """The same that ask something of a post-mortem. An imported one is held only to incidents of this store.

    What was imported with it is asked nothing, wherever it was learned from.
    """
    about = going_on(graph, entry, known)
    return [one for one in about if not one.incident.imported] if entry.value.imported else about


def expected(graph: Graph) -> Iterator[Due]:
    """Every post-mortem that an incident asks for, whether it is approved or not; the soonest due first."""
    yield from graph.once(_expected)


def day_of(graph: Graph, now: datetime) -> date:
    """The day that the calendar on the wall shows."""
    return date.fromisoformat(today(graph, now))


def _expected(graph: Graph) -> list[Due]:
    found = []
    for each in states(graph).values():
        day = due_day(graph, each)
        if day is not None:
            written = postmortems_with(graph, each.id)
            entry = min(written, key=lambda one: one.value.imported is not None, default=None)
            found.append(Due(each, day, entry, "" if entry else damaged_postmortem(graph, each.id)))
    return sorted(found, key=lambda one: (one.day, one.state.id))


def _closed_days(graph: Graph, state: State) -> tuple[frozenset[str], frozenset[str]]:
    """The holidays, by their codes, and the further days on which nobody attends."""
    assert state.resolved
    held = in_force(graph, today(graph, state.resolved))
    agreements = [one.value for service in state.services for one in held.get(service, ())]
    hours = [one.support_hours for one in agreements if isinstance(one.support_hours, Hours)]
    codes = frozenset(one.holidays for one in hours if one.holidays)
    return codes, frozenset(day for one in hours for day in one.closed)


def _is_working_day(day: date, codes: Collection[str], closed: Collection[str]) -> bool:
    if day.weekday() >= _SATURDAY or day.isoformat() in closed:
        return False
    return not any(day in holidays_in(code, day.year) for code in codes)
