"""The scorecard: which profile each service meets, which the store meets, what is missing, and what changed.

Pure functions of graph and clock.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from svcops.catalogue.model import Service
from svcops.overview.grounds import Grounds, grounds
from svcops.overview.judgement import HOLDING_BACK, Judgement, listed
from svcops.overview.profiles import BY_NAME, PROFILES, REQUIREMENTS, Requirement, ceiling, judge, judge_asked, rank
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.settings import Profile

What = Literal["gained", "lost", "newly asked", "no longer asked", "too old", "new service", "service gone", "unknown"]
_MOST = 3
"""Requirements that a line names."""


@frozen
class Score:
    """What a service meets: a judgement for each requirement that was looked at, in the order of the table."""

    service: Entry[Service]
    judged: Mapping[str, Judgement]

    @property
    def ceiling(self) -> Profile:
        """The highest profile that is asked of it."""
        return ceiling(self.service.value)

    def meets(self, profile: Profile) -> bool:
        """Whether it meets all that a profile, and those before it, ask of it."""
        return not self.lacks(profile)

    def lacks(self, profile: Profile) -> list[Requirement]:
        """What stands between it and a profile; requirements that were not looked at are not among them."""
        held_back = [BY_NAME[name] for name, one in self.judged.items() if one.standing in HOLDING_BACK]
        return [one for one in held_back if rank(one.profile) <= rank(profile)]

    @property
    def profile(self) -> Profile | None:
        """The highest profile it meets, at most its ceiling."""
        met = [one for one in PROFILES if rank(one) <= rank(self.ceiling) and self.meets(one)]
        return met[-1] if met else None

    @property
    def next(self) -> Profile | None:
        """The lowest profile it does not meet; None where it meets all that is asked of it."""
        return next((one for one in PROFILES if not self.meets(one)), None)


class Lacking(NamedTuple):
    """A requirement that holds services back: how many lack it, and of how many nobody can tell."""

    requirement: Requirement
    missing: int
    unknown: int

    @property
    def services(self) -> int:
        """How many it holds back."""
        return self.missing + self.unknown

    def said(self, missing: str, unknown: str) -> str:
        """It in words: `missing` says of how many it is; `unknown` is of how many nobody can tell, if that is all."""
        if not self.missing:
            return f"of {unknown} nobody can tell whether they have {self.requirement.title}"
        return f"{missing}, of {self.unknown} nobody can tell" if self.unknown else missing


@frozen
class Standing:
    """What a store meets: the profile that all services run here meet, and what they lack for the next one."""

    profile: Profile | None
    next: Profile | None
    services: int
    """How many are run here,"""
    experimental: int = 0
    """and how many of them are experimental, so that no more than basic is asked of these."""
    lacking: tuple[Lacking, ...] = ()
    """For the next profile: each requirement that holds services back, what holds back most of them first."""


@frozen
class Changed:
    """One thing that changed in the score; `requirement` is empty where it is about the service as a whole."""

    service: str
    what: What
    requirement: str
    why: str


def score(graph: Graph, service: Entry[Service], now: datetime, up_to: Profile = "provable") -> Score:
    """The score of one service, as far as a profile."""
    found = Score(service, {})
    for profile in PROFILES[: rank(up_to) + 1]:
        found = _one_further(found, grounds(graph, now), profile)
    return found


def scores(graph: Graph, now: datetime) -> list[Score]:
    """The scores of all services, by name."""
    return [score(graph, one, now) for one in _services(graph)]


def _services(graph: Graph) -> list[Entry[Service]]:
    return sorted(graph.all("service").values(), key=lambda one: one.name)


def _one_further(so_far: Score, on: Grounds, profile: Profile) -> Score:
    """A score that was judged as far as the profile before, judged as far as this one."""
    judged = {one.name: judge(one, on, so_far.service) for one in REQUIREMENTS if one.profile == profile}
    return Score(so_far.service, {**so_far.judged, **judged})


def standing(found: Sequence[Score]) -> Standing:
    """What the store meets by these scores. Services that others run are told, and not counted."""
    here = [one for one in found if not one.service.value.external]
    asked = [one for one in PROFILES if any(rank(one) <= rank(each.ceiling) for each in here)]
    met = [one for one in asked if all(each.meets(one) for each in here)]
    next_ = next((one for one in asked if one not in met), None)
    every = [one for one in REQUIREMENTS if rank(one.profile) <= rank(next_)]
    lacking = _lacking((one, [each.judged[one.name] for each in here if one.name in each.judged]) for one in every)
    experimental = sum(each.ceiling == PROFILES[0] for each in here)
    return Standing(met[-1] if met else None, next_, len(here), experimental, lacking)


def _lacking(judged: Iterable[tuple[Requirement, Iterable[Judgement]]]) -> tuple[Lacking, ...]:
    """The requirements that hold services back by these judgements of them."""
    found = []
    for requirement, every in judged:
        standings = [one.standing for one in every]
        one = Lacking(requirement, standings.count("missing"), standings.count("unknown"))
        found += [one] if one.services else []
    return tuple(sorted(found, key=lambda one: -one.services))


def summary(graph: Graph, now: datetime) -> str:
    """The closing line of the check: which profile the store meets, and what is missing for the next one.

    Empty where no services are run here. What lies above the first profile that is not met is not judged.
    """
    found = _standing(graph, now)
    damaged = len(graph.damaged("service"))
    if not found.services and not damaged:
        return ""
    met = f"profile: {found.profile or 'none yet'}"
    if damaged:
        met += f", but of {damaged} damaged service{'s' if damaged != 1 else ''} nobody can tell"
    if not found.next:
        return met
    return f"{met}; for {found.next} {abridged(_told(found))}: svcops score"


def _standing(graph: Graph, now: datetime) -> Standing:
    """What `standing` says of all scores, without working them out: one look at each requirement, one profile on."""
    on, met = grounds(graph, now), None
    here = [one for one in graph.all("service").values() if not one.value.external]
    highest = [rank(ceiling(one.value)) for one in here]
    experimental = highest.count(0)
    for profile in PROFILES[: max(highest, default=-1) + 1]:
        asked = [one for one, most in zip(here, highest, strict=True) if most >= rank(profile)]
        of_profile = [one for one in REQUIREMENTS if one.profile == profile]
        lacking = _lacking((one, (judge_asked(one, on, service) for service in asked)) for one in of_profile)
        if lacking:
            return Standing(met, profile, len(here), experimental, lacking)
        met = profile
    return Standing(met, None, len(here), experimental)


def _told(of: Standing) -> list[str]:
    """`3 of 7 services lack a tier, of 1 nobody can tell`, `1 lacks a description`: one text a requirement."""
    told: list[str] = []
    for one in of.lacking:
        first = one.missing or one.unknown
        many = str(first) if told else f"{first} of {_services_run(of)}"
        lack = "lacks" if one.missing == 1 else "lack"
        told.append(one.said(f"{many} {lack} {one.requirement.title}", many))
    return told


def abridged(told: list[str]) -> str:
    """What is said of each requirement that holds services back: of the first few, and how many others do."""
    others = len(told) - _MOST
    if others <= 0:
        return ", ".join(told)
    more = "1 more requirement is" if others == 1 else f"{others} more requirements are"
    return ", ".join([*told[:_MOST], f"{more} not met"])


def _services_run(of: Standing) -> str:
    return f"{of.services} service{'s' if of.services != 1 else ''}"


def unread(graph: Graph) -> set[str]:
    """The names of the services whose records cannot be read."""
    return {name for name in graph.names("service") if name not in graph.all("service")}


def changes(
    then: Sequence[Score],
    before: Sequence[Score],
    after: Sequence[Score],
    unread_there: Collection[str] = (),
    unread: Collection[str] = (),
) -> list[Changed]:
    """What changed from a revision to now, by service.

    `before` are the records of the revision judged now, so that only records make a difference to `after`; `then` are
    the same records judged when they were committed: what held then and holds no more lost it to the clock. Of a
    service whose record is unread, in the revision or now, nobody can tell.
    """
    old = {one.service.name: one for one in before}
    held = {one.service.name: one for one in then}
    new = {one.service.name: one for one in after}
    found: list[Changed] = []
    for name in sorted(old.keys() | new.keys() | set(unread)):
        if name in unread:
            found.append(Changed(name, "unknown", "", "its record is damaged"))
        elif name in unread_there:
            found.append(Changed(name, "unknown", "", "its record was damaged there"))
        elif name not in old:
            found.append(Changed(name, "new service", "", _profile(new[name])))
        elif name not in new:
            found.append(Changed(name, "service gone", "", _profile(old[name])))
        else:
            found += _changes(held[name], old[name], new[name])
    return found


def _changes(then: Score, before: Score, after: Score) -> Iterator[Changed]:
    for one in REQUIREMENTS:
        changed = _change(*(each.judged[one.name] for each in (then, before, after)))
        if changed:
            yield Changed(after.service.name, changed[0], one.name, changed[1])


def _change(held: Judgement, old: Judgement, new: Judgement) -> tuple[What, str] | None:
    """What changed of one requirement, and why; what damaged records leave open is neither gained nor lost."""
    if old.damaged and not new.holds_back:
        was = "was" if len(old.damaged) == 1 else "were"
        return "unknown", f"{new.why}, but {listed(list(old.damaged))} {was} damaged there"
    if old.standing != "met" and new.standing == "met":
        return "gained", new.why
    if not old.holds_back and new.holds_back:
        lost: What = "lost" if old.standing == "met" else "newly asked"
        return "unknown" if new.damaged else lost, new.why
    if old.standing != "not asked" and new.standing == "not asked":
        return "no longer asked", new.why
    if held.standing == "met" and old.holds_back and new.holds_back and not old.damaged:
        return "too old", new.why
    return None


def _profile(of: Score) -> str:
    lacking = [one.name for one in of.lacks(of.next)] if of.next else []
    lacks = f"; {of.next} lacks {listed(lacking)}" if lacking else ""
    return f"meets {of.profile or 'no profile'}{lacks}"
