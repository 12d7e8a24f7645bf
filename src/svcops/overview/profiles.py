"""The profiles basic, operated and provable: what each asks of a service, on top of the one before it, as one table."""

from collections.abc import Callable
from typing import get_args

from svcops.catalogue.model import Service
from svcops.overview import basic, doubts, operated, provable
from svcops.overview.doubts import Doubt
from svcops.overview.grounds import Grounds
from svcops.overview.judgement import Judgement, Standing, doubted, not_asked
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.settings import Profile

_SETTINGS = doubts.any_of("settings")
PROFILES: tuple[Profile, ...] = get_args(Profile)
"""The lowest first."""


@frozen
class Requirement:
    """One thing that a profile asks for; `title` completes "it lacks". `external`: of services run by others, too.

    What damaged records may say, nobody knows: `shown_by` are those because of which nobody can say that it is missing,
    `undone_by` those because of which nobody can say that it is met, and `asked_by` that it is not asked.
    """

    name: str
    title: str
    profile: Profile
    judge: Callable[[Grounds, Entry[Service]], Judgement]
    shown_by: tuple[Doubt, ...] = ()
    undone_by: tuple[Doubt, ...] = ()
    asked_by: tuple[Doubt, ...] = ()
    external: bool = False
    by_settings: bool = False
    """Whether what svcops.yaml says makes a difference: how old a proof may be, which severities there are."""

    def doubts(self, standing: Standing) -> tuple[Doubt, ...]:
        """What may undo a judgement of this standing; one that is unknown cannot become less certain."""
        of = {"missing": self.shown_by, "met": self.undone_by, "not asked": self.asked_by}
        found = of.get(standing, ())
        return (*found, _SETTINGS) if self.by_settings and standing in ("met", "missing") else found


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        "owner", "an owner who can be reached", "basic", basic.owner, (doubts.any_of("team", "person"),), external=True
    ),
    Requirement("description", "a description", "basic", basic.description),
    Requirement("tier", "a tier", "basic", basic.tier),
    Requirement(
        "agreement", "an agreement in force", "operated", operated.agreement, (doubts.agreements,), external=True
    ),
    Requirement(
        "escalation",
        "an escalation that reaches somebody at every hour",
        "operated",
        operated.escalation,
        shown_by=(doubts.policy, doubts.called, doubts.hours_of_escalation),
        undone_by=(doubts.policy, doubts.hours_of_escalation),
        by_settings=True,
    ),
    Requirement(
        "on-call",
        "an on-call schedule without a gap",
        "operated",
        operated.on_call,
        shown_by=(doubts.policy, doubts.called, doubts.hours_of_on_call),
        undone_by=(doubts.policy, doubts.hours_of_on_call),
        asked_by=(doubts.policy,),
        by_settings=True,
    ),
    Requirement("workflows", "core workflows", "operated", operated.workflows),
    Requirement("slos", "an SLO on each core workflow", "operated", operated.slos, (doubts.any_of("slo"),)),
    Requirement(
        "alerts",
        "a runbook for each alert",
        "operated",
        operated.alerts,
        shown_by=(doubts.any_of("slo", "runbook"),),
        undone_by=(doubts.slos,),
    ),
    Requirement(
        "dependencies",
        "promises of each critical dependency",
        "operated",
        operated.dependencies,
        (doubts.any_of("service", "agreement"),),
    ),
    Requirement(
        "exercises",
        "fresh exercises of each runbook",
        "provable",
        provable.exercises,
        shown_by=(doubts.only_runbooks, doubts.exercises),
        undone_by=(doubts.runbooks, doubts.exercises),
        by_settings=True,
    ),
    Requirement(
        "restore",
        "fresh evidence of a restore",
        "provable",
        provable.restore,
        shown_by=(doubts.only_plans, doubts.drills),
        undone_by=(doubts.plans, doubts.drills, doubts.agreements),
        asked_by=(doubts.agreements, doubts.plans),
        by_settings=True,
    ),
    Requirement(
        "key-dates",
        "rehearsed key dates",
        "provable",
        provable.key_dates,
        shown_by=(doubts.runbooks_of_key_dates, doubts.rehearsals),
        undone_by=(doubts.key_dates, doubts.rehearsals),
        asked_by=(doubts.key_dates,),
        by_settings=True,
    ),
    Requirement(
        "measures",
        "measures that are done in time",
        "provable",
        provable.measures,
        undone_by=(doubts.measures, doubts.incidents),
        by_settings=True,
    ),
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
    """The same of a profile that is asked of it; unknown where a damaged record may say otherwise."""
    found = requirement.judge(on, service)
    paths = [path for doubt in requirement.doubts(found.standing) for path in doubt(on, service)]
    return doubted(found.why, paths) if paths else found
