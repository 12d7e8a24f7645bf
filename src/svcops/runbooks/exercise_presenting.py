"""Exercises as a person, or a program, sees them."""

from datetime import tzinfo
from typing import Any

from svcops.runbooks.model import Exercise, StepResult
from svcops.store.entries import Entry
from svcops.timing.model import format_duration, format_instant
from svcops.timing.wall import shown

COLUMNS = ("id", "runbook", "ended", "took", "result", "mode", "by", "why")


def row(entry: Entry[Exercise], zone: tzinfo) -> tuple[str, ...]:
    """One line of a list, with the first reason why it did not pass."""
    one = entry.value
    took = format_duration(one.ended_at - one.started_at)
    mode = one.mode or "by hand"
    return (entry.name, one.runbook, shown(one.ended_at, zone), took, one.result, mode, one.by, why(one))


def why(one: Exercise) -> str:
    """The first reason why it did not pass: what failed, else what nobody knows of, else what was left out."""
    for result in ("failed", "unknown", "skipped"):
        for step in one.steps:
            if one.result != "passed" and step.result == result:
                return f"{step.step}: {step.reason or result}"
    return ""


def detail(entry: Entry[Exercise]) -> dict[str, Any]:
    """An exercise as one JSON object."""
    one = entry.value
    return {
        "id": entry.name,
        "runbook": one.runbook,
        "started_at": format_instant(one.started_at),
        "ended_at": format_instant(one.ended_at),
        "by": one.by,
        "result": one.result,
        "text": one.text,
        "blob": one.blob,
        "mode": one.mode,
        "incident": one.incident,
        "steps": [_step(step) for step in one.steps],
        "path": entry.path,
    }


def _step(one: StepResult) -> dict[str, Any]:
    return {
        "step": one.step,
        "title": one.title,
        "result": one.result,
        "started_at": format_instant(one.started_at) if one.started_at else None,
        "ended_at": format_instant(one.ended_at) if one.ended_at else None,
        "exit": one.exit,
        "attempts": one.attempts,
        "judged_by": one.judged_by,
        "reason": one.reason,
        "output": one.output,
        "digest": one.digest,
    }
