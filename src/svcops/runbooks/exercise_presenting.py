"""Exercises as a person, or a program, sees them."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from svcops.runbooks.contradicting import Contradiction
from svcops.runbooks.model import Exercise, StepResult
from svcops.store.entries import Entry
from svcops.timing.model import format_duration, format_instant
from svcops.timing.wall import shown

_BACK = ("rollback-", "roll-back-", "backout-", "back-out-")
"""How the names of steps begin that are taken where one failed."""
COLUMNS = ("id", "runbook", "ended", "took", "result", "mode", "by", "why")


def row(entry: Entry[Exercise], against: Sequence[Contradiction], zone: tzinfo) -> tuple[str, ...]:
    """One line of a list, with the first reason why it did not pass, or counts for nothing."""
    one = entry.value
    took = format_duration(one.ended_at - one.started_at)
    mode = one.mode or "by hand"
    result, reason = (f"{one.result}, contradicted", against[0].message) if against else (one.result, why(one))
    return (entry.name, one.runbook, shown(one.ended_at, zone), took, result, mode, one.by, reason)


def why(one: Exercise) -> str:
    """The first reason why it did not pass: what failed, else what nobody knows of, else what was left out."""
    for result in ("failed", "unknown", "skipped"):
        found = [f"{step.step}: {step.reason or result}" for step in one.steps if step.result == result]
        if found and one.result != "passed":
            is_back = found[-1].startswith(_BACK) and not found[0].startswith(_BACK)
            return f"{found[0]}; on the way back {found[-1]}" if is_back else found[0]
    return ""


def detail(entry: Entry[Exercise], against: Sequence[Contradiction] = ()) -> dict[str, Any]:
    """An exercise as one JSON object; where something contradicts it, it counts for nothing."""
    one = entry.value
    return {
        "id": entry.name,
        "runbook": one.runbook,
        "started_at": format_instant(one.started_at),
        "ended_at": format_instant(one.ended_at),
        "by": one.by,
        "result": one.result,
        "contradicted": "; ".join(each.message for each in against) or None,
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
