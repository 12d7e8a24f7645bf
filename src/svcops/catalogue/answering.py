"""Who answers for anything at all: the teams and people that the catalogue's other records lead to.

Each answer is worked out once for a graph (`Graph.once`), and reads nothing but the catalogue.
"""

from collections.abc import Iterator

from svcops.catalogue.model import Escalation, Responder, Schedule
from svcops.store.graph import Graph


def owners(graph: Graph) -> set[str]:
    """Who owns a service or a system; a team and a person may have the same name."""
    return {one.value.owner for kind in ("service", "system") for one in graph.all(kind).values()}


def called_teams(graph: Graph) -> dict[str, str]:
    """The teams that an escalation policy calls, or whose schedule there is, each with which it is, in words."""
    found: dict[str, str] = {}
    for policy, one in _responders(graph):
        if one.team:
            found.setdefault(one.team, f"is called by the escalation policy {policy}")
    for name, schedule in graph.all("schedule").items():
        if schedule.value.team:
            found.setdefault(schedule.value.team, f"has the schedule {name}")
    return found


def called_schedules(graph: Graph) -> set[str]:
    """The schedules that an escalation policy calls."""
    return {one.schedule for _, one in _responders(graph) if one.schedule}


def named_policies(graph: Graph) -> set[str]:
    """The escalation policies that a service, a team or the store names."""
    named = (one.value.escalation for kind in ("service", "team") for one in graph.all(kind).values())
    return {one for one in (*named, graph.settings.escalation) if one}


def people_on_duty(graph: Graph) -> set[str]:
    """The people whom a schedule or an escalation policy names."""
    people = {name for one in graph.all("schedule").values() for name in _people_of(one.value)}
    return people | {one.person for _, one in _responders(graph) if one.person}


def teams_that_answer(graph: Graph) -> dict[str, str]:
    """The teams that somebody will want to reach, owners and those that are called, each with why, in words."""
    why = graph.once(called_teams) | dict.fromkeys(graph.once(owners), "answers for something")
    return {name: why[name] for name in graph.all("team") if name in why}


def idle_teams(graph: Graph) -> set[str]:
    """The teams that own and do nothing, that no team is part of, and of which nobody is on duty."""
    teams = graph.all("team")
    on_duty = graph.once(people_on_duty)
    busy = graph.once(teams_that_answer).keys() | {one.value.parent for one in teams.values()}
    return {name for name, one in teams.items() if name not in busy and on_duty.isdisjoint(one.value.members)}


def idle_people(graph: Graph) -> set[str]:
    """The people in no team, that own and do nothing, and stand in for nobody."""
    people = graph.all("person")
    members = {name for one in graph.all("team").values() for name in one.value.members}
    deputies = {name for one in people.values() for name in one.value.deputies if name != one.name}
    return people.keys() - members - deputies - graph.once(owners) - graph.once(people_on_duty)


def _people_of(schedule: Schedule) -> Iterator[str]:
    for rotation in schedule.rotations:
        yield from rotation.people
    yield from (one.person for one in schedule.overrides)


def _responders(graph: Graph) -> Iterator[tuple[str, Responder]]:
    """Whom each policy calls, with its name."""
    for name, entry in graph.all("escalation").items():
        policy: Escalation = entry.value
        for level in policy.levels:
            yield from ((name, one) for one in level.notify)
