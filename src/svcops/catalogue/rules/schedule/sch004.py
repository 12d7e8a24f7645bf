"""Somebody takes turns for a team without being one of its people."""

from collections.abc import Iterator

from svcops.catalogue.agreements import today
from svcops.catalogue.model import Schedule, Team
from svcops.checking.model import Finding, KeyPath, Related
from svcops.checking.rule import Context, Rule
from svcops.store.entries import Entry
from svcops.store.graph import Graph


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    schedules, teams = graph.all("schedule"), graph.all("team")
    day = today(graph, context.now) if schedules else ""
    people_of: dict[str, set[str]] = {}
    for entry in schedules.values():
        team = teams.get(entry.value.team or "")
        if team is None or not team.value.members:
            continue
        if team.name not in people_of:
            people_of[team.name] = _people_of(graph, team)
        for name, keys in _strangers(entry.value, people_of[team.name], day).items():
            if name in graph.all("person"):
                yield _finding(entry, team, name, keys)


def _strangers(schedule: Schedule, people: set[str], day: str) -> dict[str, KeyPath]:
    """Those in rotations that are not over who are not among the people, each with the first place that names them."""
    found: dict[str, KeyPath] = {}
    for number, rotation in enumerate(schedule.rotations):
        if rotation.until is None or rotation.until >= day:
            for place, name in enumerate(rotation.people):
                if name not in people:
                    found.setdefault(name, ("rotations", number, "people", place))
    return found


def _people_of(graph: Graph, team: Entry[Team]) -> set[str]:
    """The members of a team, of those above and below it, and whoever stands in for one of them."""
    teams, people = graph.all("team"), graph.all("person")
    names = {team.name}
    above = team.value.parent or ""
    while above in teams and above not in names:
        names.add(above)
        above = teams[above].value.parent or ""
    below = [team.name]
    children = graph.once(_children)
    while below:
        new = [one for one in children.get(below.pop(), ()) if one not in names]
        names.update(new)
        below += new
    members = {member for name in names for member in teams[name].value.members}
    return members.union(*(people[one].value.deputies for one in members if one in people))


def _children(graph: Graph) -> dict[str, list[str]]:
    """The teams right below each team."""
    found: dict[str, list[str]] = {}
    for name, entry in graph.all("team").items():
        if entry.value.parent:
            found.setdefault(entry.value.parent, []).append(name)
    return found


def _finding(entry: Entry[Schedule], team: Entry[Team], name: str, keys: KeyPath) -> Finding:
    message = f"{name} takes turns for {team.name}, and is not one of its people"
    help_ = f"Add them to the members of {team.name}, or take them out of the rotation if they left."
    related = (Related("its members", team.at("members")),)
    return Finding("SCH004", message, entry.at(*keys), help_, severity="note", related=related)


RULE = Rule(
    "SCH004", "somebody takes turns for a team they are not in", "note", rests_on=("team", "person"), find=_find
)
