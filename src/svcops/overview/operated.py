"""What the profile operated asks of a service: what was promised, who is called, what is measured, what to do."""

from collections.abc import Iterator
from datetime import date, datetime

from svcops.catalogue.agreements import standing
from svcops.catalogue.escalation_hours import SupportHours
from svcops.catalogue.escalation_policy import Policy
from svcops.catalogue.model import Agreement, Escalation, Service
from svcops.overview.grounds import Grounds
from svcops.overview.judgement import Judgement, listed, met, missing, not_asked, unknown
from svcops.overview.reach import Silence, schedules_of
from svcops.slo.model import SLO
from svcops.slo.raised import raised
from svcops.store.entries import Entry
from svcops.timing.wall import instant, shown

_DAY = 24 * 60
_STANDING = {
    "draft": ("a draft", "agree on it, and write agreed: in"),
    "to come": ("still to come", "agree on the days before it begins, as in"),
    "expired": ("over", "renew it, and write agreed: and valid_until: in"),
}
"""How an agreement without force stands, and what to do about it, before its path."""


def agreement(on: Grounds, service: Entry[Service]) -> Judgement:
    """An agreement in force; of an external service, the provider's with us."""
    held = on.in_force.get(service.name)
    if held:
        last = max(held, key=lambda one: one.value.valid_until or "9999-99-99")
        agreed = last.value.agreed
        return met(last.name, _begin_of(on, agreed.at if agreed else None), _end_of(on, last.value))
    others = on.agreements.get(service.name, [])
    if not others:
        return missing("nothing is agreed", f"catalogue/agreements/NAME.yaml, with services: [{service.name}]")
    stands = [_STANDING[standing(one.value, on.day)] for one in others]
    told = [f"{one.name} is {how}" for one, (how, _) in zip(others, stands, strict=True)]
    return missing(listed(told), f"{stands[0][1]} {others[0].path}")


def _begin_of(on: Grounds, day: str | None) -> datetime | None:
    return instant(date.fromisoformat(day), 0, on.zone) if day else None


def _end_of(on: Grounds, one: Agreement) -> datetime | None:
    """The end of its last day."""
    return instant(date.fromisoformat(one.valid_until), _DAY, on.zone) if one.valid_until else None


def escalation(on: Grounds, service: Entry[Service]) -> Judgement:
    """An escalation policy that reaches somebody, in the support hours and outside them."""
    policy = on.policy(service.value)
    if policy.entry is None:
        next_ = f"svcops service edit {service.name} --escalation NAME, and catalogue/escalations/NAME.yaml"
        return missing(policy.notes[0], next_)
    hours = on.support_hours(service)
    return on.once((_reaches, policy.entry.name, policy.via, hours.of), lambda: _reaches(on, policy, hours))


def _reaches(on: Grounds, policy: Policy, hours: SupportHours) -> Judgement:
    """Whether a policy that is there reaches somebody; the same for all services that it is for at these hours."""
    assert policy.entry
    told = [
        f"{policy.entry.name} reaches nobody{when} at {', '.join(severities)}"
        for when, severities in _silent(on.silence(policy.entry), hours)
        if severities
    ]
    if told:
        return missing("; ".join(told), f"name somebody who has contacts in the levels of {policy.entry.path}")
    return met(f"{policy.entry.name}, named by {policy.via}")


def _silent(silence: Silence, hours: SupportHours) -> Iterator[tuple[str, tuple[str, ...]]]:
    """When, and at which severities, nobody is reached; levels of both kinds count where the hours are not known."""
    if not hours.known:
        yield "", tuple(one for one in silence.in_hours if one in silence.outside)
        return
    yield " in support hours", silence.in_hours
    if not hours.never_end:
        yield " outside support hours", silence.outside


def on_call(on: Grounds, service: Entry[Service]) -> Judgement:
    """Somebody on call at every hour of the schedules that the policy calls, and whenever it calls them."""
    policy = on.policy(service.value).entry
    if policy is None:
        return not_asked("no schedule is called")
    hours = on.support_hours(service)
    return on.once((_attended, policy.name, hours.of), lambda: _attended(on, policy, hours))


def _attended(on: Grounds, policy: Entry[Escalation], hours: SupportHours) -> Judgement:
    """Whether the schedules of a policy are; the same for all services that it is for at these hours."""
    schedules = schedules_of(policy.value)
    if not schedules:
        return not_asked("no schedule is called")
    gaps = [(name, gap) for name in schedules if (gap := on.gap(name))]
    if gaps:
        return missing(listed([gap for _, gap in gaps]), _filled(on, gaps[0][0], policy))
    hole = on.hole(policy, hours)
    if hole:
        when = f"{'in' if hole.in_hours else 'outside'} the support hours of {hours.of}"
        told = f"nobody is on call in {listed(list(hole.schedules))} at {shown(hole.at, on.zone)}"
        return missing(f"{told}, when {policy.name} calls it {when}", _filled(on, hole.schedules[0], policy))
    return met(f"{listed(schedules)}, at every hour of the next {on.span_ahead}")


def _filled(on: Grounds, schedule: str, policy: Entry[Escalation]) -> str:
    """What fills a gap of a schedule."""
    path = on.graph.find(("schedule",), schedule)
    return f"add turns to {path}" if path else f"name a schedule that there is in {policy.path}"


def workflows(_on: Grounds, service: Entry[Service]) -> Judgement:
    """Core workflows: what users come for."""
    named = [one.name for one in service.value.core_workflows]
    if not named:
        next_ = f'svcops service edit {service.name} --add-workflow "NAME=WHAT USERS DO"'
        return missing("nothing says what users come for", next_)
    return met(listed(named))


def slos(on: Grounds, service: Entry[Service]) -> Judgement:
    """An SLO for each core workflow; that it is named is not enough, the document has to be there."""
    if not service.value.core_workflows:
        return not_asked("it names no core workflow")
    documents = on.graph.all("slo")
    wrong, named = [], []
    for one in service.value.core_workflows:
        found = documents.get(one.slo or "")
        if one.slo is None:
            wrong.append(f"{one.name} names no SLO")
        elif found is None or not isinstance(found.value, SLO):
            wrong.append(f"there is no {one.slo}, named by {one.name}")
        else:
            of = found.value.spec.service
            named.append(one.slo if of == service.name else f"{one.slo} (an SLO of {of})")
    if wrong:
        return missing(listed(wrong), f"slo/{service.name}.yaml, and slo: SLO/NAME in {service.path}")
    return met(listed(list(dict.fromkeys(named))))


def alerts(on: Grounds, service: Entry[Service]) -> Judgement:
    """A runbook for each alert that its SLOs raise; where they raise none, for those that its runbooks name.

    What only a runbook names may be raised by another monitoring. It answers no alert of an SLO by that.
    """
    known = on.graph.once(raised).by_slo
    of_slos = [alert for slo in on.slos.get(service.name, []) for alert in known[slo.name]]
    named = [alert for book in on.runbooks.get(service.name, []) for alert in book.value.alerts]
    if not of_slos and not named:
        next_ = f"SLOs of it below slo/, or alerts: in a runbook below runbooks/{service.name}/"
        return unknown("no alert of it is known, so nobody can say that each has a runbook", next_)
    missing_ = list(dict.fromkeys(one.name for one in of_slos if not one.is_answered(on.answered)))
    if missing_:
        next_ = f"alerts: [{missing_[0]}] in a runbook below runbooks/{service.name}/"
        return missing(f"no runbook answers {listed(missing_)}", next_)
    return met(listed(list(dict.fromkeys([*named, *(one.name for one in of_slos)]))))


def dependencies(on: Grounds, service: Entry[Service]) -> Judgement:
    """Every service that it stops without is in the catalogue and promises something."""
    needed = list(dict.fromkeys(one.service for one in service.value.dependencies if one.critical))
    if not needed:
        return not_asked("no dependency is critical")
    strangers = [name for name in needed if name not in on.graph.all("service")]
    if strangers:
        next_ = f'svcops service new {strangers[0]} --title "TITLE" --owner TEAM'
        return missing(f"{listed(strangers)}: not in the catalogue", next_)
    silent = [name for name in needed if name not in on.in_force]
    if silent:
        next_ = f"catalogue/agreements/NAME.yaml, with services: [{silent[0]}]"
        return missing(f"nothing in force promises {listed(silent)}", next_)
    return met(listed(needed))
