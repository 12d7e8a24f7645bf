"""Who is called when a service fails: its escalation policy at an instant, level by level, with ways to reach people.

Pure. What is missing or cannot be read never hides who can be called: it becomes a note, and the plan goes on.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from svcops.catalogue.agreements import agreements_of, standing
from svcops.catalogue.escalation_hours import SupportHours, support_hours
from svcops.catalogue.escalation_policy import Policy, policy_of
from svcops.catalogue.facts import Answering, absent, answering, contacts_of, deputies_of, stand_ins_of
from svcops.catalogue.model import Agreement, Contact, Escalation, EscalationLevel, Person, Responder, Service, Team
from svcops.catalogue.oncall import is_relieved, next_turn, on_call
from svcops.errors import BadInput
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.timing.hours import OpenTimes
from svcops.timing.wall import later, shown

_SOON = timedelta(days=1)
"""A level that is reached later than this is no answer to a disruption: the owners are called before."""
_TELEPHONES = ("telephone", "phone", "mobile")


@frozen
class Reachable:
    """A person or a team with the ways to reach them, the first to be tried first."""

    kind: Literal["person", "team"]
    name: str
    title: str
    ways: tuple[Contact, ...]
    as_asked: bool = True
    """Whether the ways are of the channels that are asked for; else they are whatever there is."""


@frozen
class Call:
    """One call of a level: to whom, and whom to try where that fails.

    These are deputies of a person; of a team its members, then their deputies.

    `schedule` is where the person comes from, `until` when somebody else is on call, or nobody: None where that
    is not in sight.
    """

    to: Reachable | None
    instead: tuple[Reachable, ...] = ()
    schedule: str | None = None
    until: datetime | None = None
    notes: tuple[str, ...] = ()

    @property
    def reached(self) -> tuple[Reachable, ...]:
        """Those of them who can be reached, in the order in which to try them: as is asked for before otherwise."""
        able = (one for one in (self.to, *self.instead) if one and one.ways)
        return tuple(sorted(able, key=lambda one: not one.as_asked))


@frozen
class Level:
    """A level of the policy that applies: `number` as it stands in the policy, from 1; `when` it is reached."""

    number: int
    after: timedelta
    during: Literal["always", "support-hours", "outside-hours"]
    when: datetime
    calls: tuple[Call, ...]


@frozen
class Deadline:
    """What an agreement in force promises; `end` is None where it is more than ten years away."""

    agreement: Entry[Agreement]
    what: Literal["respond", "resolve"]
    span: timedelta
    clock: Literal["support-hours", "always"]
    end: datetime | None


@frozen
class Plan:
    """Who is called for a service at a severity, declared `at` an instant."""

    service: Entry[Service]
    severity: str
    at: datetime
    policy: Policy
    hours: SupportHours
    in_hours: bool | None
    """Whether it is in the support hours; None where nobody can tell."""
    levels: tuple[Level, ...]
    owner: tuple[Call, ...]
    """The team or person that answers for the service, then the teams above."""
    deadlines: tuple[Deadline, ...]
    """The first to run out first."""
    doubts: tuple[str, ...]
    """Why the levels may not be the right ones."""
    notes: tuple[str, ...]

    @property
    def first(self) -> Reachable | None:
        """Whom to call first: the first of the policy who can be reached soon, else of the owners; None for nobody.

        Of those who are called at one instant somebody who can be reached as the policy asks goes first.
        """
        soon = [(level.after, not one.as_asked, one) for level, call in self._soon for one in call.reached]
        if soon:
            return min(soon, key=lambda one: one[:2])[2]
        return next((one for call in (*self.owner, *(call for _, call in self.calls)) for one in call.reached), None)

    @property
    def has_policy_call(self) -> bool:
        """Whether the policy leads to somebody who can be reached, and not only days later."""
        return any(call.reached for _, call in self._soon)

    @property
    def calls(self) -> tuple[tuple[Level, Call], ...]:
        """Every call with its level, in the order in which to make them.

        Where nobody knows which kind of level applies, of those at one instant the calls that reach whom they call go
        before those that only reach somebody in their place; and what rings before what may be read in the morning.
        """
        found = [(level, call) for level in self.levels for call in level.calls]
        if self.in_hours is None:
            found.sort(key=lambda one: (one[0].after, not (one[1].to and one[1].to.ways), not _rings(one[1])))
        return tuple(found)

    @property
    def _soon(self) -> tuple[tuple[Level, Call], ...]:
        """The calls of the levels that are reached soon."""
        return tuple((level, call) for level, call in self.calls if level.after <= _SOON)


def _rings(call: Call) -> bool:
    return bool(call.to and call.to.ways and call.to.ways[0].channel.lower() in _TELEPHONES)


def severity_called(graph: Graph, name: str) -> str:
    """The severity of that name, or without one the highest; BadInput with the nearest name."""
    known = [level.name for level in graph.settings.severities]
    if not known:
        raise BadInput("svcops.yaml names no severities", help="svcops explain SET001 says more.")
    wanted = name.strip().lower() or known[0]
    if wanted not in known:
        from svcops.store.suggest import did_you_mean

        near = did_you_mean(wanted, known)
        raise BadInput(f"there is no severity {name!r}", help=f"{near} svcops.yaml names {', '.join(known)}.".strip())
    return wanted


def plan(graph: Graph, service: Entry[Service], severity: str, at: datetime, zone: tzinfo) -> Plan:
    """Who is called for an incident declared `at` an instant, at a severity, while nobody acknowledges it.

    Whether a level is in support hours is judged at the instant at which it is reached. `zone` is the store's: for
    hours and schedules that name none.
    """
    policy = policy_of(graph, service.value)
    day = at.astimezone(zone).date().isoformat()
    agreements = agreements_of(graph, service.name)
    hours = support_hours(graph, policy.entry, agreements, day, zone)
    levels = tuple(_levels(graph, policy.entry, severity, at, hours, zone)) if policy.entry else ()
    level = graph.settings.severity(severity)
    in_force = [one for one in agreements if standing(one.value, day) == "in force"]
    return Plan(
        service=service,
        severity=severity,
        at=at,
        policy=policy,
        hours=hours,
        in_hours=hours.hold(at),
        levels=levels,
        owner=tuple(_owners(graph, service.value, urgent=level is not None and level.major)),
        deadlines=tuple(sorted(_deadlines(in_force, severity, at, zone), key=_by_end)),
        doubts=hours.doubts if policy.entry and _minds_hours(policy.entry.value) else (),
        notes=(*policy.notes, *_about_levels(policy.entry, levels, severity, at, zone)),
    )


def _minds_hours(policy: Escalation) -> bool:
    return any(level.during != "always" for level in policy.levels)


def _levels(
    graph: Graph, policy: Entry[Escalation], severity: str, at: datetime, hours: SupportHours, zone: tzinfo
) -> Iterator[Level]:
    """The levels that apply, in the order in which they are reached."""
    numbered = sorted(enumerate(policy.value.levels, 1), key=lambda one: one[1].after)
    for number, level in numbered:
        when = later(at, level.after)
        if applies(level, severity, in_hours=hours.hold(when)):
            calls = tuple(call for responder in level.notify for call in _calls(graph, responder, when, zone))
            yield Level(number, level.after, level.during, when, calls)


def applies(level: EscalationLevel, severity: str, *, in_hours: bool | None) -> bool:
    """Whether a level is for that severity, in or outside the support hours; where nobody knows (None), in either."""
    wanted = level.during == "always" or in_hours is None or (level.during == "support-hours") is in_hours
    return wanted and (not level.severities or severity in level.severities)


def _calls(graph: Graph, responder: Responder, when: datetime, zone: tzinfo) -> Iterator[Call]:
    """The calls of a responder; one that names several of person, schedule and team stands for all of them."""
    if responder.person is not None:
        yield _call_person(graph, responder.person, responder.by)
    if responder.schedule is not None:
        yield _call_schedule(graph, responder.schedule, responder.by, when, zone)
    if responder.team is not None:
        yield _call_team(graph, responder.team, responder.by)


def _call_schedule(graph: Graph, name: str, by: tuple[str, ...], when: datetime, zone: tzinfo) -> Call:
    entry = graph.all("schedule").get(name)
    if entry is None:
        return Call(None, schedule=name, notes=(f"the schedule {name} is {absent(graph, name, 'schedule')}",))
    team = _call_team(graph, entry.value.team, by) if entry.value.team else Call(None)
    others = (team.to, *team.instead) if team.to else ()
    try:
        turn = on_call(entry.value, when, zone)
    except ValueError as error:
        return Call(None, others, name, notes=(f"the schedule {name} cannot be read: {error}",))
    if turn.person is not None:
        found = _call_person(graph, turn.person, by)
        until = turn.until if is_relieved(turn, when) else None
        return Call(found.to, found.instead if found.reached else others, name, until, found.notes)
    coming = next_turn(entry.value, when, zone)
    after = f"; the next is {coming.person} from {shown(coming.start, zone)}" if coming else ""
    return Call(None, others, name, None, (f"nobody is on call in {name} at {shown(when, zone)}{after}",))


def _call_person(graph: Graph, name: str, by: tuple[str, ...]) -> Call:
    entry: Entry[Person] | None = graph.all("person").get(name)
    if entry is None:
        return Call(Reachable("person", name, "", ()), notes=(f"{name} is {absent(graph, name, 'person')}",))
    instead = _people(graph, deputies_of(entry), by)
    return Call(_reachable(name, entry.value, by), instead, notes=_missing(name, entry.value, by))


def _call_team(graph: Graph, name: str, by: tuple[str, ...]) -> Call:
    entry: Entry[Team] | None = graph.all("team").get(name)
    if entry is None:
        return Call(Reachable("team", name, "", ()), notes=(f"the team {name} is {absent(graph, name, 'team')}",))
    instead = _people(graph, stand_ins_of(graph, entry), by)
    return Call(_reachable(name, entry.value, by), instead, notes=_missing(name, entry.value, by))


def _people(graph: Graph, names: Iterable[str], by: tuple[str, ...]) -> tuple[Reachable, ...]:
    """Those of some people whom the catalogue has, each once."""
    people = graph.all("person")
    return tuple(_reachable(one, people[one].value, by) for one in dict.fromkeys(names) if one in people)


def _owners(graph: Graph, service: Service, *, urgent: bool) -> Iterator[Call]:
    """Who answers for the service, as somebody to call; where it is urgent, by telephone before all else."""
    for one in answering(graph, service.owner):
        call = _answering(graph, one, service.owner)
        if not urgent:
            yield call
            continue
        to = _by_telephone(call.to) if call.to else None
        yield replace(call, to=to, instead=tuple(map(_by_telephone, call.instead)))


def _answering(graph: Graph, one: Answering, owner: str) -> Call:
    if one.record is None:
        which, kinds = ("owner", ("team", "person")) if one.name == owner else ("team", ("team",))
        why = f"the {which} {one.name} is {absent(graph, one.name, *kinds)}"
        return Call(Reachable("team", one.name, "", ()), notes=(why,))
    return (_call_team if isinstance(one.record, Team) else _call_person)(graph, one.name, ())


def _by_telephone(one: Reachable) -> Reachable:
    return replace(one, ways=tuple(sorted(one.ways, key=lambda way: way.channel.lower() not in _TELEPHONES)))


def _reachable(name: str, record: Person | Team, by: tuple[str, ...]) -> Reachable:
    """The ways of `by` in its order, or where there is none of these, every way there is."""
    contacts = contacts_of(record)
    chosen = tuple(one for channel in by for one in contacts if one.channel.lower() == channel)
    as_asked = bool(chosen) or not by
    if isinstance(record, Person):
        return Reachable("person", name, record.name, chosen or contacts, as_asked)
    return Reachable("team", name, record.title, chosen or contacts, as_asked)


def _missing(name: str, record: Person | Team, by: tuple[str, ...]) -> tuple[str, ...]:
    """What is missing to reach somebody as asked for."""
    channels = {one.channel.lower() for one in contacts_of(record)}
    if not channels:
        return (f"{name} has no contact",)
    missing = [channel for channel in by if channel not in channels]
    return (f"{name} has no {' or '.join(missing)}",) if missing else ()


def _deadlines(agreements: list[Entry[Agreement]], severity: str, at: datetime, zone: tzinfo) -> Iterator[Deadline]:
    """What is promised for the severity, counted from `at`."""
    for entry in agreements:
        for window in entry.value.response:
            if window.severity != severity:
                continue
            counted = _clock(entry.value, window.clock, zone)
            yield Deadline(entry, "respond", window.respond, window.clock, counted.add(at, window.respond))
            if window.resolve is not None:
                yield Deadline(entry, "resolve", window.resolve, window.clock, counted.add(at, window.resolve))


def _by_end(one: Deadline) -> tuple[bool, datetime, str]:
    """Sort key: what runs out first, then by name; what is out of sight comes last."""
    return one.end is None, one.end or datetime.max.replace(tzinfo=UTC), one.agreement.name


def _clock(agreement: Agreement, clock: Literal["support-hours", "always"], zone: tzinfo) -> OpenTimes:
    """When time counts; always where the support hours cannot be told, as too early is better than too late."""
    try:
        return OpenTimes(agreement.support_hours if clock == "support-hours" else "always", zone)
    except ValueError:
        return OpenTimes("always", zone)


def _about_levels(
    policy: Entry[Escalation] | None, levels: tuple[Level, ...], severity: str, at: datetime, zone: tzinfo
) -> Iterator[str]:
    """What a person should know about the levels as a whole."""
    if policy is None:
        return
    if not levels:
        yield f"the policy {policy.name} calls nobody at {severity} at this hour"
    elif levels[0].when > at:
        yield f"the policy {policy.name} calls nobody before {shown(levels[0].when, zone)}"
    yield from (f"level {one.number} names nobody" for one in levels if not one.calls)
