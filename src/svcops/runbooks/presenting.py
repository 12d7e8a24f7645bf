"""Runbooks as a person, or a program, sees them."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any

from svcops.runbooks.facts import is_changed, owner_of, service_of, why_stale
from svcops.runbooks.model import Exercise, Runbook
from svcops.runbooks.runs import Track, day_of, result_of
from svcops.runbooks.scanning import Line, lines_of
from svcops.runbooks.step_settings import StepSettings, needs_person
from svcops.runbooks.structure import Step, Structure
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.timing.model import format_duration, format_instant

_BOLD, _DIM, _GREEN, _CYAN, _END = "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[36m", "\x1b[0m"
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]")
_EXPECTED = re.compile(r"^([ \t]*)(Expected(?: result)?:)", re.IGNORECASE)
COLUMNS = ("runbook", "kind", "exercised", "owner", "title")


def row(
    graph: Graph, entry: Entry[Runbook], runs: Track[Exercise] | None, now: datetime, zone: tzinfo
) -> tuple[str, ...]:
    """One line of a list; what passed once and counts no more, or was changed since, is marked."""
    one = entry.value
    is_old = runs and runs.passed and why_stale(graph, entry.name, runs, now)
    last = exercised(runs, zone) + _since(graph, entry, runs) + (", stale" if is_old else "")
    return (entry.name, one.kind, last, owner_of(graph, entry) or "nobody", one.title)


def exercised(runs: Track[Exercise] | None, zone: tzinfo) -> str:
    """When it last passed, and what became of it since."""
    if runs is None or not (runs.passed or runs.after):
        return "never"
    passed = f"passed {day_of(runs.passed, zone)}" if runs.passed else ""
    since = f"{result_of(runs.after.value)} {day_of(runs.after, zone)}" if runs.after else ""
    return ", ".join(filter(None, (since, passed)))


def _since(graph: Graph, entry: Entry[Runbook], runs: Track[Exercise] | None) -> str:
    return ", changed since" if is_changed(graph, entry, runs) else ""


def as_text(
    graph: Graph, entry: Entry[Runbook], body: str, runs: Track[Exercise] | None, now: datetime, zone: tzinfo
) -> str:
    """A runbook as a page to read in a terminal: what is known of it, then its text as it is written."""
    return "\n".join([*_head(graph, entry, runs, now, zone), "", body.strip()])


def painted(page: str) -> str:
    """A page with colours. No character of it is another, and no line is folded: commands are copied from it."""
    return "\n".join(_painted(one) if one.text.strip() else one.text for one in lines_of(page, 1))


def _painted(line: Line) -> str:
    if line.kind == "text":
        colour = _BOLD if line.number == 1 or line.level or _HEADING.match(line.text) else ""
        return f"{colour}{line.text}{_END}" if colour else _EXPECTED.sub(rf"\1{_GREEN}\2{_END}", line.text)
    return f"{_CYAN if line.kind == 'code' else _DIM}{line.text}{_END}"


def _head(
    graph: Graph, entry: Entry[Runbook], runs: Track[Exercise] | None, now: datetime, zone: tzinfo
) -> Iterator[str]:
    one = entry.value
    yield f"{entry.name}  {one.title}"
    yield f"  kind         {one.kind}"
    yield f"  services     {', '.join(one.services)}"
    yield f"  owner        {owner_of(graph, entry) or 'nobody'}"
    if one.alerts:
        yield f"  answers      {', '.join(one.alerts)}"
    if one.estimated:
        yield f"  takes        {format_duration(one.estimated)}"
    stale = why_stale(graph, entry.name, runs, now)
    last = exercised(runs, zone)
    why = f" ({stale.removeprefix(entry.name).strip()})" if stale and last != "never" else ""
    yield f"  exercised    {last}{_since(graph, entry, runs)}{why}"
    for number, text in enumerate(one.preconditions):
        yield f"  {'' if number else 'before':<12} {text}"
    yield f"  file         {entry.path}"


def detail(
    graph: Graph,
    entry: Entry[Runbook],
    text: Structure,
    settings: Mapping[str, StepSettings | None],
    runs: Track[Exercise] | None,
    now: datetime,
) -> dict[str, Any]:
    """A runbook as one JSON object, with its sections and steps; `settings` are what blocks of steps say, by name."""
    one = entry.value
    passed = runs.passed.value.ended_at if runs and runs.passed else None
    return {
        "name": entry.name,
        "title": one.title,
        "kind": one.kind,
        "service": service_of(entry),
        "services": list(one.services),
        "owner": owner_of(graph, entry) or None,
        "alerts": list(one.alerts),
        "preconditions": list(one.preconditions),
        "estimated": one.estimated.total_seconds() if one.estimated else None,
        "last_exercised": format_instant(passed) if passed else None,
        "changed_since": is_changed(graph, entry, runs),
        "stale": why_stale(graph, entry.name, runs, now) or None,
        "path": entry.path,
        "sections": [{"title": each.title, "line": each.line} for each in text.sections],
        "steps": [step_detail(each, settings.get(each.name)) for each in text.steps],
    }


def step_detail(step: Step, settings: StepSettings | None) -> dict[str, Any]:
    """A step as one JSON object; `settings` is what its block says, None where it has none that can be read."""
    argv = settings.argv if settings else ()
    return {
        "step": step.name,
        "section": step.section,
        "title": step.title,
        "line": step.line,
        "commands": [list(argv)] if argv else [one.text for one in step.commands],
        "expected": step.expected or None,
        "needs": "person" if needs_person(step, settings) else "program",
        "dangerous": settings.dangerous if settings else None,
        "timeout_seconds": int(settings.limit.total_seconds()) if settings else None,
    }
