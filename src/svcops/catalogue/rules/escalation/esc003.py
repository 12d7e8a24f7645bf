"""A channel by which nobody of those called can be reached."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.catalogue.facts import contacts_of, deputies_of, stand_ins_of
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.store.suggest import did_you_mean

if TYPE_CHECKING:
    from svcops.catalogue.model import Escalation, Person, Responder, Schedule, Team
    from svcops.store.entries import Entry

_Channels = Mapping[str, frozenset[str]]
"""By name of a person, team or schedule: the channels of those who are called."""


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    policies = graph.all("escalation")
    if not any(
        responder.by for entry in policies.values() for level in entry.value.levels for responder in level.notify
    ):
        return
    people, teams, schedules = graph.all("person"), graph.all("team"), graph.all("schedule")
    of_people = {name: _channels(entry.value) for name, entry in people.items()}
    called = {
        "person": {name: _with(of_people, (name, *deputies_of(entry))) for name, entry in people.items()},
        "team": {
            name: _channels(entry.value) | _with(of_people, stand_ins_of(graph, entry)) for name, entry in teams.items()
        },
    }
    called["schedule"] = {name: _of_schedule(called, entry.value) for name, entry in schedules.items()}
    for entry in policies.values():
        for number, level in enumerate(entry.value.levels):
            for place, responder in enumerate(level.notify):
                yield from _unknown(entry, (number, place), responder, called)


def _unknown(
    entry: "Entry[Escalation]", where: tuple[int, int], responder: "Responder", called: Mapping[str, _Channels]
) -> Iterator[Finding]:
    """The channels of one responder that lead to nobody; where nobody can be reached at all, other rules say so."""
    named = [(kind, name) for kind in called if (name := getattr(responder, kind)) is not None]
    known = frozenset[str]().union(*(called[kind].get(name, frozenset()) for kind, name in named))
    if not known:
        return
    for index, channel in enumerate(responder.by):
        if channel not in known:
            who = " or ".join(f"{kind} {name}" for kind, name in named)
            help_ = did_you_mean(channel, known) or f"Channels there: {', '.join(sorted(known))}."
            at = entry.at("levels", where[0], "notify", where[1], "by", index)
            yield Finding(
                "ESC003", f"nobody called through {who} has the channel {channel}", at, help_, severity="warning"
            )


def _channels(record: "Person | Team") -> frozenset[str]:
    return frozenset(one.channel.lower() for one in contacts_of(record))


def _with(known: _Channels, names: tuple[str, ...]) -> frozenset[str]:
    return frozenset[str]().union(*(known.get(name, frozenset()) for name in names))


def _of_schedule(called: Mapping[str, _Channels], schedule: "Schedule") -> frozenset[str]:
    """The channels of whoever may be on call, and of the schedule's team, which is called where nobody is."""
    names = {name for rotation in schedule.rotations for name in rotation.people}
    names |= {one.person for one in schedule.overrides}
    return _with(called["person"], tuple(names)) | called["team"].get(schedule.team or "", frozenset())


RULE = Rule(
    "ESC003",
    "a channel by which nobody who is called can be reached",
    "warning",
    rests_on=("person", "team", "schedule"),
    find=_find,
)
