"""What the profile provable asks of a service: that what was written down was done, lately, and worked."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from svcops.catalogue.agreements import shortest_rpo, shortest_rto
from svcops.catalogue.model import Service
from svcops.keydates.model import KeyDate
from svcops.overview import proofs
from svcops.overview.grounds import Grounds
from svcops.overview.judgement import Judgement, doubted, listed, met, missing, not_asked, unknown
from svcops.recovery.facts import hardening_of, span_of
from svcops.recovery.model import Evidence
from svcops.recovery.plan import RecoveryPlan
from svcops.runbooks.runs import Age, age
from svcops.store.entries import Entry
from svcops.store.ids import tail
from svcops.timing.model import format_duration
from svcops.timing.wall import instant

_DAY = 24 * 60


def exercises(on: Grounds, service: Entry[Service]) -> Judgement:
    """Each of its runbooks was exercised, passed, and not too long ago."""
    books = on.runbooks.get(service.name, [])
    if not books:
        return missing("it has no runbook", f"runbooks/{service.name}/NAME.md")
    ages = [_age_of_runbook(on, one.name) for one in books]
    first = next((one.path for one, age in zip(books, ages, strict=True) if age.wrong), "")
    many = f"{len(books)} runbooks" if len(books) > 1 else books[0].name
    return proofs.judge(ages, many, f"exercise {first}, and record it below exercises/", on.zone)


def _age_of_runbook(on: Grounds, name: str) -> Age:
    span = on.graph.settings.policy.runbook_exercised
    return age(name, on.exercises.get(name), span, on.now, on.zone)


def restore(on: Grounds, service: Entry[Service]) -> Judgement:
    """For each recovery plan a drill that passed, not too long ago, within the RTO and RPO that are agreed."""
    held = on.in_force.get(service.name, [])
    plans = on.plans.get(service.name, [])
    rto, rpo = shortest_rto(held), shortest_rpo(held)
    if not plans:
        if rto is None and rpo is None:
            return not_asked("no RTO or RPO is agreed, and no recovery plan names it")
        return missing("no recovery plan names it", f"recovery/plans/NAME.yaml, with services: [{service.name}]")
    ages = [_age_of_plan(on, one) for one in plans]
    first = next((one for one, age in zip(plans, ages, strict=True) if age.wrong), plans[0])
    found = proofs.judge(
        ages,
        f"drill of {listed([one.name for one in plans])}",
        f"svcops drill run {first.name}"
        if first.value.backup
        else f"drill {first.path}, and record it below recovery/evidence/",
        on.zone,
    )
    promised = [(name, one.value) for name, one in (("RTO", rto), ("RPO", rpo)) if one]
    outside = _outside(on, plans, promised) if found.until else None
    if not found.holds_back:
        return outside or found
    return found._replace(proved=None, until=None) if outside else found  # what was too slow never counted


def _age_of_plan(on: Grounds, plan: Entry[RecoveryPlan]) -> Age:
    runs = on.drills.get(plan.name)
    found = age(plan.name, runs, span_of(on.graph, plan.value), on.now, on.zone)
    if found.wrong or plan.value.backup is None or hardening_of(on.graph, plan, runs).is_hardened:
        return found
    amber = f"{plan.name} is not hardened (amber)"
    return replace(found, remark=f"{found.remark}; {amber}" if found.remark else amber)


def _outside(on: Grounds, plans: list[Entry[RecoveryPlan]], promised: list[tuple[str, timedelta]]) -> Judgement | None:
    """What the last passed drills measured against what is agreed; None where it is within."""
    too_long: list[tuple[str, str]] = []
    not_measured: list[tuple[str, str]] = []
    for plan in plans:
        passed = on.drills[plan.name].passed
        assert passed, "judged before"
        for name, most in promised:
            took = _measured(passed.value, name)
            if took is None:
                not_measured.append((f"the drill of {plan.name} did not measure its {name}", plan.path))
            elif took > most:
                agreed = f"{format_duration(most)} is agreed"
                too_long.append((f"{plan.name} showed an {name} of {format_duration(took)}, {agreed}", plan.path))
    if too_long:
        why, again = _told(too_long)
        return missing(why, f"make it faster and drill {again} again, or agree on more")
    if not_measured:
        why, again = _told(not_measured)
        return unknown(why, f"drill {again}, with rto and rpo in its evidence")
    return None


def _told(wanting: list[tuple[str, str]]) -> tuple[str, str]:
    """What is said of plans, and which plans these are."""
    return listed([why for why, _ in wanting]), listed(list(dict.fromkeys(path for _, path in wanting)))


def _measured(evidence: Evidence, name: str) -> timedelta | None:
    return evidence.rto if name == "RTO" else evidence.rpo


def key_dates(on: Grounds, service: Entry[Service]) -> Judgement:
    """The procedures of each key date that names it were exercised, passed, and not too long ago."""
    dates = on.keydates.get(service.name, [])
    if not dates:
        return not_asked("no key date names it")
    without = [one for one in dates if not one.value.runbooks]
    if without:
        return missing(f"{listed([one.name for one in without])} names no runbook", f"runbooks: in {without[0].path}")
    ages = [(one, age) for one in dates for age in _ages_of(on, one)]
    first = next((one.path for one, age in ages if age.wrong), "")
    next_ = f"exercise the runbooks of {first}, and record it below exercises/"
    return proofs.judge([age for _, age in ages], listed([one.name for one in dates]), next_, on.zone)


def _ages_of(on: Grounds, keydate: Entry[KeyDate]) -> Iterator[Age]:
    for name in dict.fromkeys(keydate.value.runbooks):
        if name in on.graph.all("runbook"):
            yield _age_of_runbook(on, name)
        else:
            yield Age(f"{name}, named by {keydate.name}, is not there")


def measures(on: Grounds, service: Entry[Service]) -> Judgement:
    """No measure that came out of its incidents is past its day and not anchored."""
    open_ = on.open_measures.get(service.name, [])
    overdue = [one for one in open_ if one.measure.due < on.day]
    if overdue:
        certain = [one for one in overdue if one.is_certain]
        told = [f"{tail(one.id)} {one.measure.title} was due on {one.measure.due}" for one in certain or overdue]
        if certain:
            return missing(listed(told), f"svcops measure anchor {tail(certain[0].id)} --path PATH")
        return doubted(listed(told), [path for one in overdue for path in one.unreadable])
    if not open_:
        return met("none is open")
    due = date.fromisoformat(min(one.measure.due for one in open_))
    many = f"{len(open_)} open" if len(open_) > 1 else f"{tail(open_[0].id)} is open"
    return met(many, until=instant(due, _DAY, on.zone))
