"""What is known of recovery plans: their targets, how fresh their proof is, whether they are hardened. Pure."""

from datetime import datetime, timedelta

from svcops.catalogue.agreements import in_force, shortest_rpo, shortest_rto
from svcops.recovery.model import Baseline, CaseResult, Evidence, Target
from svcops.recovery.plan import Damage, RecoveryPlan
from svcops.runbooks.runs import Age, Track, age, tracks
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.timing.wall import later

_ONE_NAME_EACH = ("folder", "restic", "borg")
"""Tools whose snapshots have names that no other repository has: the time to the microsecond, or an id."""


@frozen
class Hardening:
    """Whether a plan was seen to fail when it must; `wrong` says why it does not count."""

    wrong: str = ""
    evidence: Entry[Evidence] | None = None
    """The last hardening."""

    @property
    def is_hardened(self) -> bool:
        """Whether good passed, and every case failed for its own reason, of the plan as it is now."""
        return not self.wrong


def target_of(graph: Graph, plan: RecoveryPlan, day: str) -> Target:
    """What is agreed on a day: by the agreement that the plan names, else by the strictest of its services."""
    every = in_force(graph, day)
    held = {one.name: one for service in plan.services for one in every.get(service, ())}
    if plan.agreement:
        held = {name: one for name, one in held.items() if name == plan.agreement}
    rto, rpo = shortest_rto(held.values()), shortest_rpo(held.values())
    names = dict.fromkeys(one.agreement.name for one in (rto, rpo) if one)
    return Target(agreement=", ".join(names) or None, rto=rto.value if rto else None, rpo=rpo.value if rpo else None)


def baselines_of(graph: Graph, plan: str) -> dict[str, Entry[Baseline]]:
    """The baselines of a plan, by the snapshot that they are of; of two of one snapshot the later."""
    every = sorted(graph.all("baseline").values(), key=lambda one: (one.value.taken_at, one.name))
    return {one.value.snapshot: one for one in every if one.value.plan == plan}


def others_of(graph: Graph, plan: Entry[RecoveryPlan]) -> dict[str, str]:
    """The snapshots that are another plan's alone, as its baselines say, each with its name.

    Of tools that call no two snapshots the same: then it is of no account where the other plan keeps them by now, or
    whether it is there.
    """
    if plan.value.backup is None or plan.value.backup.tool not in _ONE_NAME_EACH:
        return {}
    every = [one.value for one in graph.all("baseline").values()]
    own = {one.snapshot for one in every if one.plan == plan.name}
    return {one.snapshot: one.plan for one in every if one.plan != plan.name and one.snapshot not in own}


def drills(graph: Graph, now: datetime) -> dict[str, Track[Evidence]]:
    """What drills of each plan amount to, by its name."""
    return tracks(ran(graph), lambda run: run.plan, now)


def ran(graph: Graph) -> list[Entry[Evidence]]:
    """The evidence of every drill; a copy under another id (EVD016) is of none."""
    return [one for one in graph.all("evidence").values() if one.value.id in (None, one.name)]


def span_of(graph: Graph, plan: RecoveryPlan) -> timedelta:
    """For how long a drill that passed counts."""
    return plan.every or graph.settings.policy.restore_proved


def age_of(graph: Graph, plan: Entry[RecoveryPlan], runs: Track[Evidence] | None, now: datetime) -> Age:
    """Whether a restore counts as proved."""
    return age(plan.name, runs, span_of(graph, plan.value), now, graph.zone)


def due_at(graph: Graph, plan: RecoveryPlan, runs: Track[Evidence] | None) -> datetime | None:
    """When the next drill is due: at once after one that did not pass; None where none ever passed."""
    if runs is None or runs.passed is None:
        return None
    if runs.runs[-1] is not runs.passed:
        return runs.runs[-1].value.ended_at
    return later(runs.passed.value.ended_at, span_of(graph, plan))


def hardening_of(graph: Graph, plan: Entry[RecoveryPlan], runs: Track[Evidence] | None) -> Hardening:
    """What the last hardening of a plan showed; a plan that is another since is not hardened."""
    last = next((one for one in reversed(runs.runs if runs else ()) if one.value.hardening), None)
    if last is None:
        return Hardening("never hardened")
    if followed(last.value, plan.path) != blob_of_plan(graph, plan):
        return Hardening("the plan was changed since it was hardened", last)
    return Hardening(why_not_hardened(last.value, plan.value), last)


def needs_copy(damage: Damage) -> bool:
    """Whether a case is one of a copy of the backup, and not of how the drill goes."""
    return damage.case != "slow"


def why_not_hardened(found: Evidence, plan: RecoveryPlan) -> str:
    """Why a hardening does not count, of the plan that it followed; empty where it does."""
    if any(one.reason == "interrupted" for one in found.faults):
        return "its hardening was stopped before its end"
    if found.verdict != "passed":
        return f"the good case {'failed' if found.verdict == 'failed' else 'was inconclusive'}"
    without = [one for one in found.cases if not one.expected]
    cases = [one for one in found.cases if one.expected]
    if any(not one.noticed for one in without):
        did_not = "did not pass" if any(map(is_tried, without)) else "could not be tried"
        return f"a copy without damage {did_not}, so damage to one shows nothing"
    missed = [one.case for one in cases if not one.noticed and is_tried(one)]
    untried = [one.case for one in cases if not is_tried(one)]
    reasons = {
        f"not noticed: {', '.join(missed)}": bool(missed),
        f"not tried: {', '.join(untried)}": bool(untried),
        "its hardening was not run to the end": len(cases) < len(plan.damage),
        "none of its cases was noticed by comparing content, as change-value is": not any(map(_compared, cases)),
        "no copy without damage was tried": not without and any(map(needs_copy, plan.damage)),
    }
    return next((why for why, holds in reasons.items() if holds), "")


def is_tried(case: CaseResult) -> bool:
    """Whether a case came so far that it shows anything: a disk may be full, or a tool unable to do it."""
    return case.noticed or case.verdict != "inconclusive"


def _compared(case: CaseResult) -> bool:
    """Whether a case was noticed as content differs: without one nothing shows that this can be noticed."""
    return case.noticed and any(one.reason == "content-differs" for one in case.faults)


def followed(evidence: Evidence, path: str) -> str:
    """The blob of what a drill followed at a path; empty where it says none."""
    return next((one.blob for one in evidence.followed if one.path == path), "")


def blob_of_plan(graph: Graph, plan: Entry[RecoveryPlan]) -> str:
    """The exact text of a plan as it is now, as git names it."""
    from svcops.store.cache import blob_of

    return blob_of(graph.tree.read(plan.path)[0])


def may_execute(graph: Graph, plan: RecoveryPlan, who: str) -> bool:
    """Whether somebody may run drills of a plan: named there, or a member of a team that is; without any, everybody."""
    if not plan.may_execute:
        return True
    teams = graph.all("team")
    members = {one for team in plan.may_execute if team in teams for one in teams[team].value.members}
    return who in members | set(plan.may_execute)
