"""Plans and drills as a person, or a program, sees them."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Any

from svcops.recovery.facts import Hardening, due_at, hardening_of, is_tried, target_of
from svcops.recovery.model import CaseResult, Evidence, StageResult, Target
from svcops.recovery.plan import RecoveryPlan
from svcops.runbooks.runs import Track, day_of
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.store.yaml_writing import plain_of
from svcops.timing.model import format_duration, format_instant
from svcops.timing.wall import shown

PLANS = ("plan", "last drill", "due", "recovery", "rto", "hardened", "services")
TREND = ("id", "ended", "verdict", "recovery", "of rto", "age of data", "of rpo", "why")
AMBER = "amber"
"""A plan that was never seen to fail: what its drills show may be nothing."""
MOST_FAULTS = 6
"""Faults of a damage case that are shown: the record has all."""


def plan_row(graph: Graph, entry: Entry[RecoveryPlan], runs: Track[Evidence] | None, now: datetime) -> tuple[str, ...]:
    """One line of the list of plans."""
    zone = graph.zone
    last = runs.runs[-1] if runs and runs.runs else None
    target = target_of(graph, entry.value, now.astimezone(zone).date().isoformat())
    return (
        entry.name,
        f"{last.value.verdict} {day_of(last, zone)}" if last else "never",
        due_text(graph, entry, runs, now),
        _span(runs.passed.value.rto) if runs and runs.passed else "",
        _span(target.rto),
        "yes" if hardening_of(graph, entry, runs).is_hardened else AMBER,
        ", ".join(entry.value.services),
    )


def due_text(graph: Graph, entry: Entry[RecoveryPlan], runs: Track[Evidence] | None, now: datetime) -> str:
    """When the next drill is due: the day, or that it is overdue."""
    due = due_at(graph, entry.value, runs)
    if due is None:
        return "now, as none passed yet"
    last = runs.runs[-1] if runs else None
    if last and last.value.verdict != "passed":
        return f"now, as the last {_came_to(last.value)}"
    day = due.astimezone(graph.zone).date().isoformat()
    return f"overdue since {day}" if due <= now else day


def _came_to(one: Evidence) -> str:
    return "failed" if one.verdict == "failed" else "was inconclusive"


def plan_detail(
    graph: Graph, entry: Entry[RecoveryPlan], runs: Track[Evidence] | None, now: datetime
) -> dict[str, Any]:
    """A plan as one JSON object, with what its drills amount to."""
    day = now.astimezone(graph.zone).date().isoformat()
    due = due_at(graph, entry.value, runs)
    hardening = hardening_of(graph, entry, runs)
    return {
        "name": entry.name,
        **plain_of(entry.value),
        "target": _plain_target(target_of(graph, entry.value, day)),
        "last_drill": runs.runs[-1].name if runs and runs.runs else None,
        "last_passed": runs.passed.name if runs and runs.passed else None,
        "due_at": format_instant(due) if due else None,
        "is_overdue": due is None or due <= now,
        "hardened": hardening.is_hardened,
        "why_not_hardened": hardening.wrong or None,
        "path": entry.path,
    }


def plan_text(graph: Graph, entry: Entry[RecoveryPlan], runs: Track[Evidence] | None, now: datetime) -> str:
    """A plan as a page to read in a terminal."""
    return "\n".join(_plan_lines(graph, entry, runs, now))


def painted(text: str) -> str:
    """The page of a plan with its amber, for a terminal that has colours."""
    label = "\n  hardened     "
    return text.replace(f"{label}{AMBER}", f"{label}\x1b[33m{AMBER}\x1b[0m", 1)


def _plan_lines(graph: Graph, entry: Entry[RecoveryPlan], runs: Track[Evidence] | None, now: datetime) -> Iterator[str]:
    one = entry.value
    target = target_of(graph, one, now.astimezone(graph.zone).date().isoformat())
    hardening = hardening_of(graph, entry, runs)
    last = runs.runs[-1] if runs and runs.runs else None
    yield f"{entry.name}  {one.title}"
    yield f"  services     {', '.join(one.services)}"
    if one.scenario:
        yield f"  scenario     {one.scenario}"
    if one.backup:
        yield f"  backup       {one.backup.tool} {getattr(one.backup, 'repository', '') or ''}, {one.snapshot} snapshot"
    for number, data in enumerate(one.data):
        yield f"  {'' if number else 'data':<12} {data.name} ({data.kind})"
    yield f"  agreed       RTO {_span(target.rto) or 'none'}, RPO {_span(target.rpo) or 'none'}{_by(target)}"
    if one.environment:
        yield f"  where        {one.environment.where}: {one.environment.isolation}"
    if one.runbook:
        yield f"  runbook      {one.runbook}"
    told = f"{last.value.verdict} {shown(last.value.ended_at, graph.zone)} ({last.name})" if last else "never"
    yield f"  last drill   {told}"
    yield f"  next due     {due_text(graph, entry, runs, now)}"
    yield f"  hardened     {_hardened(hardening)}"
    yield f"  file         {entry.path}"


def _hardened(found: Hardening) -> str:
    if not found.is_hardened:
        return f"{AMBER}, not hardened: {found.wrong}"
    assert found.evidence, "hardened by one"
    cases = sum(bool(one.expected) for one in found.evidence.value.cases)
    return f"yes, all {cases} damage cases were noticed ({found.evidence.name})"


def evidence_text(evidence_id: str, one: Evidence, zone: tzinfo, baseline: str = "") -> str:
    """A drill as one reads it at night: the verdict, then each judgement with what was measured and what is agreed."""
    return "\n".join(_evidence_lines(evidence_id, one, zone, baseline))


def _evidence_lines(evidence_id: str, one: Evidence, zone: tzinfo, baseline: str) -> Iterator[str]:
    what = "hardening" if one.hardening else "drill"
    yield f"{one.verdict.upper()}  {what} of {one.plan}  {evidence_id}"
    for fault in one.faults:
        yield f"  {fault.reason:<16} {fault.text}"
    if one.backup and one.backup.snapshot:
        taken = f" of {shown(one.backup.taken_at, zone)}" if one.backup.taken_at else ""
        chosen = f", {one.backup.chosen}" if one.backup.chosen else ""
        yield f"  snapshot         {one.backup.snapshot}{taken}{chosen} ({one.backup.tool})"
    yield from _content(one, baseline)
    target = one.target or Target()
    yield f"  recovery         {_judged(one.rto, target.rto, 'RTO')}{_by(target)}"
    yield f"  age of the data  {_judged(one.rpo, target.rpo, 'RPO')}{_by(target)}"
    yield from (_stage(stage) for stage in one.stages)
    yield from (_case(case) for case in one.cases)
    cases = [case for case in one.cases if case.expected]
    if cases:
        noticed = sum(case.noticed for case in cases)
        yield f"  damage           {noticed} of {len(cases)} cases noticed, each for its own reason"
    if one.cleaned_up is not None:
        yield f"  clean-up         {'nothing of it is left' if one.cleaned_up else 'its scratch folder is still there'}"
    if one.next_due:
        yield f"  next due         {one.next_due}"


def _content(one: Evidence, baseline: str) -> Iterator[str]:
    known = {found.data: found.digest for found in one.expected}
    for found in one.actual:
        same = known.get(found.data)
        told = "as the baseline says, in full" if same == found.digest else "is not what the baseline says"
        yield f"  data             {found.data}: {told if same else 'no baseline of it'}{baseline}"


def _judged(measured: timedelta | None, most: timedelta | None, name: str) -> str:
    if measured is None:
        return f"not measured, {name} {_span(most)}" if most is not None else "not measured"
    told = "less than 1 s" if measured <= timedelta(seconds=1) else format_duration(measured)
    if most is None:
        return f"{told}, and no {name} is agreed"
    return f"{told}, {'within' if measured <= most else 'over'} the {name} of {format_duration(most)}"


def _stage(one: StageResult) -> str:
    exit_ = f"  exit {one.exit}" if one.exit is not None else ""
    return f"  {'':<16} {one.name:<24}{one.seconds:8.2f} s{exit_}"


def _case(one: CaseResult) -> str:
    said = "; ".join(f"{fault.reason}: {fault.text}" for fault in one.faults[:MOST_FAULTS]) or "the drill passed"
    as_it_must = ("noticed", "NOT NOTICED") if one.expected else ("passed", "DID NOT PASS")
    told = as_it_must[not one.noticed] if is_tried(one) else "not tried"
    return f"  {told:<16} {one.case}: {said}"


def evidence_detail(entry: Entry[Evidence]) -> dict[str, Any]:
    """A drill as one JSON object."""
    return {"id": entry.name, **plain_of(entry.value), "path": entry.path}


def trend_row(entry: Entry[Evidence], zone: tzinfo) -> tuple[str, ...]:
    """One line of how recovery moves."""
    one = entry.value
    target = one.target or Target()
    why = one.faults[0].reason if one.faults else ""
    return (
        entry.name,
        shown(one.ended_at, zone),
        one.verdict,
        _span(one.rto),
        _share(one.rto, target.rto),
        _span(one.rpo),
        _share(one.rpo, target.rpo),
        why,
    )


def _share(measured: timedelta | None, most: timedelta | None) -> str:
    return f"{measured / most:.0%}" if measured is not None and most else ""


def _span(span: timedelta | None) -> str:
    return format_duration(span) if span is not None else ""


def _by(target: Target) -> str:
    return f" ({target.agreement})" if target.agreement else ""


def _plain_target(target: Target) -> dict[str, Any]:
    return {
        "agreement": target.agreement,
        "rto_seconds": target.rto.total_seconds() if target.rto is not None else None,
        "rpo_seconds": target.rpo.total_seconds() if target.rpo is not None else None,
    }
