"""The profiles basic, operated and provable: what each asks of a service, on top of the one before it, as one table."""

from collections.abc import Callable
from typing import get_args

from svcops.catalogue.model import Service
from svcops.overview import basic, operated, provable
from svcops.overview.grounds import Grounds
from svcops.overview.judgement import Judgement, listed, not_asked, unknown
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.settings import Profile

PROFILES: tuple[Profile, ...] = get_args(Profile)
"""The lowest first."""


@frozen
class Requirement:
    """One thing that a profile asks for; `title` completes "it lacks". `external`: of services run by others, too."""

    name: str
    title: str
    profile: Profile
    judge: Callable[[Grounds, Entry[Service]], Judgement]
    rests_on: tuple[str, ...] = ()
    """The kinds of records that show it; while one of them is damaged, nobody can say that it is missing."""
    asked_by: tuple[str, ...] = ()
    """The kinds of records that ask for it; while one of them is damaged, nobody can say that it is not asked."""
    external: bool = False


_CALLED = ("escalation", "schedule", "team", "person")
"""The kinds of records that say who is called."""

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement("owner", "an owner who can be reached", "basic", basic.owner, ("team", "person"), external=True),
    Requirement("description", "a description", "basic", basic.description),
    Requirement("tier", "a tier", "basic", basic.tier),
    Requirement("lifecycle", "a lifecycle", "basic", basic.lifecycle),
    Requirement("agreement", "an agreement in force", "operated", operated.agreement, ("agreement",), external=True),
    Requirement(
        "escalation", "an escalation that reaches somebody at every hour", "operated", operated.escalation, _CALLED
    ),
    Requirement("on-call", "an on-call schedule without a gap", "operated", operated.on_call, _CALLED, ("escalation",)),
    Requirement("workflows", "core workflows", "operated", operated.workflows),
    Requirement("slos", "an SLO on each core workflow", "operated", operated.slos, ("slo",)),
    Requirement("alerts", "a runbook for each alert", "operated", operated.alerts, ("slo", "runbook")),
    Requirement(
        "dependencies",
        "promises of each critical dependency",
        "operated",
        operated.dependencies,
        ("service", "agreement"),
    ),
    Requirement(
        "exercises", "fresh exercises of each runbook", "provable", provable.exercises, ("runbook", "exercise")
    ),
    Requirement(
        "restore",
        "fresh evidence of a restore",
        "provable",
        provable.restore,
        ("recovery-plan", "evidence"),
        ("agreement", "recovery-plan"),
    ),
    Requirement(
        "key-dates",
        "rehearsed key dates",
        "provable",
        provable.key_dates,
        ("keydate", "runbook", "exercise"),
        ("keydate",),
    ),
    Requirement("measures", "measures that are done in time", "provable", provable.measures),
)


BY_NAME = {one.name: one for one in REQUIREMENTS}


_RANKS: dict[Profile | None, int] = {None: -1, **{one: number for number, one in enumerate(PROFILES)}}


def rank(profile: Profile | None) -> int:
    """How high a profile is; None, which asks for nothing, is below all."""
    return _RANKS[profile]


def ceiling(service: Service) -> Profile:
    """The highest profile that is asked of a service (docs/decisions/0009-profiles.md)."""
    if service.external:
        return "operated"
    return "basic" if service.lifecycle.strip().lower() == "experimental" else "provable"


def judge(requirement: Requirement, on: Grounds, service: Entry[Service]) -> Judgement:
    """Whether a service meets a requirement, if it is asked of it at all."""
    if service.value.external and not requirement.external:
        return not_asked("somebody else runs it")
    if rank(requirement.profile) > rank(ceiling(service.value)):
        return not_asked("it is experimental")
    return judge_asked(requirement, on, service)


def judge_asked(requirement: Requirement, on: Grounds, service: Entry[Service]) -> Judgement:
    """The same of a profile that is asked of it; unknown where a damaged record may be what shows it."""
    found = requirement.judge(on, service)
    if found.standing in ("met", "unknown"):
        return found
    kinds = requirement.rests_on if found.standing == "missing" else requirement.asked_by
    damaged = on.damaged(kinds) if kinds else ()
    return unknown(f"{found.why}, but {listed(damaged)} cannot be read", "svcops check") if damaged else found
