"""Whether anybody can be reached at all: owners, escalation policies, on-call schedules.

`svcops escalate` says who it is at one instant; this says in advance where there would be nobody.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from svcops.catalogue.escalation import applies
from svcops.catalogue.escalation_hours import SupportHours
from svcops.catalogue.facts import contacts_of
from svcops.catalogue.model import Contact, Escalation, EscalationLevel, Person, Responder, Schedule, Team
from svcops.catalogue.oncall import AHEAD, faults, gaps, turns
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.timing.hours import Interval
from svcops.timing.intervals import joined, without
from svcops.timing.wall import later, shown

if TYPE_CHECKING:
    from svcops.store.entries import Entry


@frozen
class Silence:
    """The major severities at which a policy reaches nobody."""

    in_hours: tuple[str, ...]
    outside: tuple[str, ...]


def ways_to_owner(graph: Graph, name: str) -> tuple[Contact, ...] | None:
    """How the team, or person, of that name is reached; None where nobody has the name."""
    if name in graph.all("team"):
        return _ways_to_team(graph, name)
    return _ways_to_person(graph, name) if name in graph.all("person") else None


def silence_of(graph: Graph, policy: Escalation, day: str) -> Silence:
    """When a policy reaches nobody, judged at the severities that cannot wait: the major ones, else the highest.

    `day` is today: turns in rotations that are over do not count.
    """
    severities = _urgent(graph)
    reached = [any(_reaches(graph, one, day) for one in level.notify) for level in policy.levels]
    silent = {
        in_hours: tuple(
            name
            for name in severities
            if not any(
                applies(level, name, in_hours=in_hours)
                for level, reaches in zip(policy.levels, reached, strict=True)
                if reaches
            )
        )
        for in_hours in (True, False)
    }
    return Silence(silent[True], silent[False])


def _urgent(graph: Graph) -> list[str]:
    known = graph.settings.severities
    return [one.name for one in known if one.major] or [one.name for one in known[:1]]


def ahead(graph: Graph, now: datetime) -> datetime:
    """Until when somebody has to be on call at every hour: as svcops.yaml says, and no farther than is looked."""
    return later(now, min(graph.settings.policy.on_call_ahead, AHEAD))


def gap_of(graph: Graph, name: str, now: datetime, zone: tzinfo) -> str:
    """What is wrong with a schedule from now on, as far ahead as svcops.yaml says; empty where nothing is."""
    entry: Entry[Schedule] | None = graph.all("schedule").get(name)
    if entry is None:
        return f"there is no schedule {name}"
    fault = next(faults(entry.value), None)
    if fault:
        return f"the schedule {name} cannot hold: {fault.message}"
    end = ahead(graph, now)
    try:
        gap = next(gaps(entry.value, now, end, zone, graph.all("person")), None)
    except ValueError as error:
        return f"the schedule {name} cannot be read: {error}"
    if gap is None:
        return ""
    when = "at this moment" if gap.start <= now else f"from {shown(gap.start, zone)}"
    return f"nobody of the catalogue is on call in {name} {when}"


@frozen
class Hole:
    """Schedules that are called, in the support hours or outside them, at an instant at which they have nobody."""

    schedules: tuple[str, ...]
    at: datetime
    in_hours: bool


def hole_of(
    graph: Graph, policy: Escalation, hours: SupportHours, now: datetime, attended: Callable[[str], list[Interval]]
) -> Hole | None:
    """When a policy first calls schedules that have nobody, and nobody beside them.

    Levels that are always called are judged in the support hours only: nothing is promised outside them. `attended`
    gives the time for which a schedule has somebody, as `attended_of`.
    """
    end = ahead(graph, now)
    called = dict.fromkeys(
        (in_hours, names) for in_hours in (True, False) for names in _called_alone(graph, policy, in_hours=in_hours)
    )
    holes = []
    for in_hours, names in called:
        covered = list(joined(one for name in names for one in attended(name)))
        if covered == [Interval(now, end)]:
            continue  # whatever the hours are, which take longer to tell
        asked = hours.inside(now, end) if in_hours else hours.outside(now, end)
        hole = next(without(asked, covered), None)
        if hole:
            holes.append(Hole(names, hole.start, in_hours))
    return min(holes, key=lambda one: one.at, default=None)


def attended_of(graph: Graph, name: str, now: datetime, zone: tzinfo) -> list[Interval]:
    """When somebody of the catalogue is on call in a schedule; never where it cannot be read (`gap_of` says why)."""
    entry: Entry[Schedule] | None = graph.all("schedule").get(name)
    people = graph.all("person")
    try:
        found = turns(entry.value, now, ahead(graph, now), zone) if entry else ()
        return list(joined(Interval(one.start, one.until) for one in found if one.person in people))
    except ValueError:
        return []


def _called_alone(graph: Graph, policy: Escalation, *, in_hours: bool) -> Iterator[tuple[str, ...]]:
    """The schedules that are called at the same time, where no person and no team is called with them."""
    for severity in _urgent(graph):
        stages: dict[object, list[EscalationLevel]] = {}
        for level in policy.levels:
            if applies(level, severity, in_hours=in_hours):
                stages.setdefault(level.after, []).append(level)
        for levels in stages.values():
            called = [one for level in levels for one in level.notify]
            alone = all(one.schedule and one.person is None and one.team is None for one in called)
            if called and alone and (in_hours or any(level.during == "outside-hours" for level in levels)):
                yield tuple(dict.fromkeys(one.schedule for one in called if one.schedule))


def schedules_of(policy: Escalation) -> list[str]:
    """The schedules that a policy calls."""
    named = (one.schedule for level in policy.levels for one in level.notify if one.schedule)
    return list(dict.fromkeys(named))


def _reaches(graph: Graph, one: Responder, day: str) -> bool:
    """Whether somebody answers where a responder is called: with contacts, or with a member or deputy who has some."""
    return (
        (one.person is not None and _person_is_reached(graph, one.person))
        or (one.team is not None and _team_is_reached(graph, one.team))
        or (one.schedule is not None and _schedule_is_reached(graph, one.schedule, day))
    )


def _team_is_reached(graph: Graph, name: str) -> bool:
    entry: Entry[Team] | None = graph.all("team").get(name)
    members = entry.value.members if entry else ()
    return bool(_ways_to_team(graph, name)) or any(_person_is_reached(graph, one) for one in members)


def _person_is_reached(graph: Graph, name: str) -> bool:
    entry: Entry[Person] | None = graph.all("person").get(name)
    stand_ins = (name, *entry.value.deputies) if entry else ()
    return any(_ways_to_person(graph, one) for one in stand_ins)


def _schedule_is_reached(graph: Graph, name: str, day: str) -> bool:
    """Whether everybody who takes turns is reached, or else the team whose schedule it is."""
    entry: Entry[Schedule] | None = graph.all("schedule").get(name)
    if entry is None:
        return False
    if entry.value.team and _team_is_reached(graph, entry.value.team):
        return True
    turns = [one for one in entry.value.rotations if one.until is None or one.until > day]
    people = dict.fromkeys(person for one in turns for person in one.people)
    return bool(people) and all(_person_is_reached(graph, one) for one in people)


def _ways_to_team(graph: Graph, name: str) -> tuple[Contact, ...]:
    """The contacts of a team, else those of its members."""
    entry: Entry[Team] | None = graph.all("team").get(name)
    if entry is None:
        return ()
    members = entry.value.members
    return contacts_of(entry.value) or tuple(way for one in members for way in _ways_to_person(graph, one))


def _ways_to_person(graph: Graph, name: str) -> tuple[Contact, ...]:
    entry: Entry[Person] | None = graph.all("person").get(name)
    return contacts_of(entry.value) if entry else ()
