"""A service at a glance, for somebody whom it has just woken up, or for a program.

From what one needs first: what it is, whether it is on fire, whom to call, what to do; then the rest.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

from svcops.catalogue import escalation_presenting, presenting
from svcops.catalogue.agreements import zone_of
from svcops.catalogue.escalation import Call, Level, Plan
from svcops.incidents.facts import Outline, is_major
from svcops.incidents.presenting import summary
from svcops.incidents.problems import ProblemState
from svcops.overview.disturbed import Disturbed
from svcops.overview.glance import Glance, Levels
from svcops.overview.score_presenting import profile_text, service_json
from svcops.runbooks.model import Exercise
from svcops.runbooks.runs import Track, day_of, result_of
from svcops.store.graph import Graph
from svcops.store.ids import tail
from svcops.timing.model import format_duration, format_instant
from svcops.timing.wall import in_zone, shown

AT_ONCE = "at once"
_A_WEEK = timedelta(days=6)
_MOST = 3
"""Damaged incidents that are named."""


def as_text(graph: Graph, of: Glance) -> str:
    """The page for a terminal; times are in the store's zone."""
    return "\n".join(_lines(graph, of, zone_of(graph)))


def _lines(graph: Graph, of: Glance, zone: tzinfo) -> Iterator[str]:
    yield from presenting.heading(graph, of.service, of.now)
    yield from _incidents(graph, of.incidents, of.now)
    yield from presenting.section("Disturbed, of what it needs", list(_disturbed(graph, of)))
    yield from presenting.section("Known errors", [_known_error(one) for one in of.known_errors])
    yield from _levels(graph, of.levels, external=of.service.value.external)
    yield from presenting.coming_maintenance(graph, of.service, of.now)
    yield from _call(of, zone)
    yield from _runbooks(graph, of, zone)
    yield from presenting.who_answers(graph, of.service, of.now)
    yield from presenting.what_is_promised(graph, of.service, of.now)
    marks = {name: [_mark(graph, name, one, of.now) for one in ones] for name, ones in of.disturbed.items()}
    yield from presenting.needs(graph, of.service, marks)
    yield from presenting.workflows(graph, of.service, of.now)
    yield from presenting.links(graph, of.service, of.now)
    yield ""
    yield f"Profile: {profile_text(of.score)} (more: svcops score {of.service.name})"


def _incidents(graph: Graph, found: Sequence[Outline], now: datetime) -> Iterator[str]:
    damaged = _damaged_incidents(graph)
    if found:
        rows = [(tail(one.id), _severity(graph, one), _phase(one, now), one.incident.title) for one in found]
        yield from presenting.section("Open incidents", rows)
    else:
        yield ""
        yield f"Open incidents: none{' that can be read' if damaged else ''}"
    if damaged:
        yield f"  damaged, and nobody can tell of which service, or whether it goes on: {damaged}"


def _damaged_incidents(graph: Graph) -> str:
    """The incidents of which a file cannot be read, by the last part of their ids; the first three."""
    paths = [path for kind in ("incident", "incident-event") for path in graph.damaged(kind)]
    names = [tail(name) for name in dict.fromkeys(path.split("/")[2] for path in paths)]
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"{', '.join(names[:_MOST])}{more}"


def _disturbed(graph: Graph, of: Glance) -> Iterator[tuple[str, ...]]:
    """Each incident of each service once."""
    every = {(one.service, one.incident.id): one for ones in of.disturbed.values() for one in ones}
    for one in every.values():
        incident = one.incident
        yield (
            one.service,
            tail(incident.id),
            _severity(graph, incident),
            _phase(incident, of.now),
            incident.incident.title,
        )


def _mark(graph: Graph, name: str, one: Disturbed, now: datetime) -> str:
    way = "" if one.service == name else f"needs {one.service}: "
    told = ", ".join((_severity(graph, one.incident), _phase(one.incident, now)))
    return f"disturbed: {way}{tail(one.incident.id)}, {told}"


def _runbooks(graph: Graph, of: Glance, zone: tzinfo) -> Iterator[str]:
    rows = [(book.path, _exercised(runs, zone), book.value.title) for book, runs in of.runbooks]
    if not rows and not of.service.value.external:
        yield ""
        yield f"Runbooks: none{presenting.but_damaged(graph, 'runbook')}"
    yield from presenting.section("Runbooks", rows)


def _known_error(one: ProblemState) -> tuple[str, ...]:
    workaround = " ".join(one.workaround.value.text.split()) if one.workaround else ""
    return (tail(one.id), one.problem.title, f"workaround: {workaround}")


def _severity(graph: Graph, one: Outline) -> str:
    major = ", major" if is_major(graph, one.severity) else ""
    return f"{one.severity or 'severity unknown'}{major}"


def _phase(one: Outline, now: datetime) -> str:
    """`remediation, 2 h 5 min`: since the impact started, else since it was declared."""
    began = one.impact_started or one.declared
    if began is None or one.declared is None:
        return "phase unknown"
    return f"{one.phase}, {format_duration(now - began)}" if now > began else one.phase


def _levels(graph: Graph, levels: Levels, *, external: bool) -> Iterator[str]:
    """The SLOs, the worst first; what is not known is said, and why."""
    report = levels.report
    if report is None:
        if levels.wrong or not external:
            yield ""
            none = f"no SLO{presenting.but_damaged(graph, 'slo')}"
            yield f"Service levels: {levels.wrong or none}"
        return
    from svcops.slo.naming import named, worst_first
    from svcops.slo.presenting import rows, without_exclusions
    from svcops.slo.remarks import stale

    told = [
        (verdict, name, f"{sli} % of {target} %" if sli != "-" else "unknown", f"{window}, budget left {left} %")
        for name, _, _, window, sli, target, left, _, verdict in rows(report)
    ]
    told += [("not worked out", one.slo.metadata.name, "", "") for one in report.failures]
    yield from presenting.section("Service levels", told)
    yield from (f"  ! {one.question.name}: {one.reason}" for one in worst_first(report) if one.reason)
    yield from (
        f"  ! {named(one.question)}: without exclusions {without_exclusions(one)}"
        for one in worst_first(report)
        if one.excluded
    )
    yield from (f"  ! {line}" for one in report.failures for line in one.error.message.splitlines())
    yield from (f"  ! {line}" for line in stale(report))


def _call(of: Glance, zone: tzinfo) -> Iterator[str]:
    """Whom to call, the number first; the owners where the policy leads to nobody."""
    plan = of.call
    calls = list(_timed(plan, of.now, zone))
    if not plan.has_policy_call:
        calls = [*((call, "answers for it") for call in plan.owner), *calls]
    title = f"Whom to call now ({plan.severity or 'any severity'}; more: svcops escalate {of.service.name})"
    nobody = ("nobody can be reached: no contact of any level, nor of the owners",)
    yield from presenting.section(title, list(_ways(calls, of.now, zone)) or [nobody])
    notes = [note for level in plan.levels for call in level.calls for note in call.notes]
    yield from (f"  ! {note}" for note in dict.fromkeys([*plan.doubts, *notes, *plan.notes]))


def _timed(plan: Plan, now: datetime, zone: tzinfo) -> Iterator[tuple[Call, str]]:
    """Each call with when to make it: of levels that reach nobody, no answer is waited for."""
    first = next((level for level, call in plan.calls if call.reached), None)
    for level, call in plan.calls:
        is_next = first is not None and level.after == first.after > plan.levels[0].after
        yield call, AT_ONCE if is_next else _when(level, now, zone)


def _ways(calls: Iterable[tuple[Call, str]], now: datetime, zone: tzinfo) -> Iterator[tuple[str, ...]]:
    """A line for each who can be reached, with the first way to do it; who stands in is told once."""
    told = set()
    for call, when in calls:
        on_call = _on_call(call, now, zone)
        for number, one in enumerate(call.reached):
            if not number or (one.kind, one.name) not in told:
                others = "or, otherwise than asked for" if one is call.to else "or, in their place"
                note = others if number else on_call if on_call and when == AT_ONCE else when
                if not number and one is not call.to:
                    note = f"{when}, in place of {_missed(call)}"
                yield (one.ways[0].channel, one.ways[0].address, one.title or one.name, note)
            told.add((one.kind, one.name))


def _on_call(call: Call, now: datetime, zone: tzinfo) -> str:
    """Until when somebody who comes from a schedule is on call; nothing of others."""
    if call.to is None or call.schedule is None:
        return ""
    return f"on call until {_clock(call.until, now, zone) if call.until else 'further notice'}"


def _missed(call: Call) -> str:
    """Who should have been called, and cannot be."""
    return (call.to.title or call.to.name) if call.to else f"schedule {call.schedule}"


def _when(level: Level, now: datetime, zone: tzinfo) -> str:
    return f"if no answer by {_clock(level.when, now, zone)}" if level.after else AT_ONCE


def _clock(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """A time to come: with its day where that is not today, with its date where it is not this week."""
    day, date, clock = shown(moment, zone).split(" ", 2)
    if in_zone(moment, zone).date() == in_zone(now, zone).date():
        return clock
    return f"{day} {clock}" if moment - now < _A_WEEK else f"{day} {date[5:]} {clock}"


def _exercised(runs: Track[Exercise], zone: tzinfo) -> str:
    """When it last worked, and what came of it since."""
    passed = f"passed {day_of(runs.passed, zone)}" if runs.passed else ""
    failed = f"{result_of(runs.after.value)} {day_of(runs.after, zone)}" if runs.after else ""
    return ", ".join(filter(None, (failed, passed))) or "never exercised"


def as_json(graph: Graph, of: Glance) -> dict[str, Any]:
    """The catalogue's own object, and with it incidents, service levels, whom to call, exercises and the score."""
    found = presenting.detail(graph, of.service, of.now)
    runs = {book.name: track for book, track in of.runbooks}
    return {
        **found,
        "runbooks": [{**one, **_exercises_json(runs[one["name"]])} for one in found["runbooks"]],
        "depends_on": [
            {**one, "disturbed": [_disturbed_json(other) for other in of.disturbed.get(one["service"], ())]}
            for one in found["depends_on"]
        ],
        "incidents": [summary(one) for one in of.incidents],
        "known_errors": [
            {
                "id": one.id,
                "title": one.problem.title,
                "workaround": one.workaround.value.text if one.workaround else None,
            }
            for one in of.known_errors
        ],
        **_levels_json(of.levels),
        "call_now": escalation_presenting.as_json(of.call),
        "score": service_json(of.score),
    }


def _disturbed_json(one: Disturbed) -> dict[str, Any]:
    return {"service": one.service, "incident": summary(one.incident)}


def _exercises_json(runs: Track[Exercise]) -> dict[str, str | None]:
    return {
        "last_passed": format_instant(runs.passed.value.ended_at) if runs.passed else None,
        "failed_since": format_instant(runs.after.value.ended_at) if runs.after else None,
    }


def _levels_json(levels: Levels) -> dict[str, Any]:
    """As `svcops slo report --json` tells them."""
    if levels.report is None:
        wrong = {"name": None, "path": None, "message": levels.wrong, "help": ""}
        return {"slos": [], "slo_errors": [wrong] if levels.wrong else []}
    from svcops.slo.presenting import to_json

    found = to_json(levels.report)
    return {"slos": found["slos"], "slo_errors": found["errors"]}
