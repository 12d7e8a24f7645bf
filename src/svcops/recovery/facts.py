"""What is known of recovery plans: their targets, how fresh their proof is, whether they are hardened. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from svcops.catalogue.agreements import in_force, shortest_rpo, shortest_rto
from svcops.recovery.model import Baseline, Evidence, RecoveryPlan, Target
from svcops.runbooks.runs import Age, Track, age, tracks
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.timing.wall import later


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
    """The baselines of a plan, by the snapshot that they are of."""
    every = graph.all("baseline").values()
    return {one.value.snapshot: one for one in every if one.value.plan == plan}


def drills(graph: Graph, now: datetime) -> Mapping[str, Track[Evidence]]:
    """What drills of each plan amount to, by its name."""
    return tracks(ran(graph), lambda run: run.plan, now)


def ran(graph: Graph) -> list[Entry[Evidence]]:
    """The evidence of every drill; a copy under another id (EVD016) is of none."""
    every: Mapping[str, Entry[Evidence]] = graph.all("evidence")
    return [one for one in every.values() if one.value.id in (None, one.name)]


def span_of(graph: Graph, plan: RecoveryPlan) -> timedelta:
    """For how long a drill that passed counts."""
    return plan.every or graph.settings.policy.restore_proved


def age_of(graph: Graph, plan: Entry[RecoveryPlan], runs: Track[Evidence] | None, now: datetime) -> Age:
    """Whether a restore counts as proved."""
    return age(plan.name, runs, span_of(graph, plan.value), now, graph.zone)


def due_at(graph: Graph, plan: RecoveryPlan, runs: Track[Evidence] | None) -> datetime | None:
    """When the next drill is due; None where none ever passed, so that it is due now."""
    if runs is None or runs.passed is None:
        return None
    return later(runs.passed.value.ended_at, span_of(graph, plan))


def hardening_of(graph: Graph, plan: Entry[RecoveryPlan], runs: Track[Evidence] | None) -> Hardening:
    """What the last hardening of a plan showed; a plan that is another since is not hardened."""
    last = next((one for one in reversed(runs.runs if runs else ()) if one.value.cases), None)
    if last is None:
        return Hardening("never hardened")
    if followed(last.value, plan.path) != blob_of_plan(graph, plan):
        return Hardening("the plan was changed since it was hardened", last)
    if last.value.verdict != "passed":
        return Hardening(f"the good case {'failed' if last.value.verdict == 'failed' else 'was inconclusive'}", last)
    missed = [one.case for one in last.value.cases if not one.noticed]
    if missed:
        return Hardening(f"not noticed: {', '.join(missed)}", last)
    if len(last.value.cases) < len(plan.value.damage):
        return Hardening("its hardening was not run to the end", last)
    return Hardening("", last)


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
