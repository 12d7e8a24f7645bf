"""How fresh something is: as fresh as its last run that passed, whoever typed which date elsewhere.

A run counts from when it ended. One that ends in the future, or before it began, proves nothing; nor does one that
failed, was aborted or was inconclusive. A runbook that failed after it passed is known not to work: nothing is proved
until it passes again.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Any, Generic, NamedTuple, TypeVar

from svcops.recovery.model import Evidence
from svcops.runbooks.model import Exercise
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.timing.wall import START_OF_TIME, in_zone, later

Run = TypeVar("Run", Exercise, Evidence)


@frozen
class Track(Generic[Run]):
    """What all runs of one thing amount to."""

    passed: Entry[Run] | None = None
    """The last one that passed."""
    after: Entry[Run] | None = None
    """The last one after it that did not; the last that failed, where one did."""
    impossible: Entry[Run] | None = None
    """One that says it passed, and cannot have: in the future, over before it began, or contradicted by its steps."""
    runs: tuple[Entry[Run], ...] = ()
    """All that can be, the oldest first."""

    def proofs(self, span: timedelta) -> Iterator["Proof"]:
        """Each run that passed as a proof, the newest first; an exercise that fails ends those before it."""
        failed: datetime | None = None
        for one in reversed(self.runs):
            if result_of(one.value) == "passed":
                until = later(one.value.ended_at, span)
                yield Proof(one.value.ended_at, min(until, failed) if failed else until)
            elif _ends_proofs(one.value):
                failed = one.value.ended_at


class Proof(NamedTuple):
    """From when to when a run that passed counts."""

    proved: datetime
    until: datetime


@frozen
class Age:
    """Whether the proof of one thing counts: `wrong` says why not, `remark` what else should be known of it."""

    wrong: str = ""
    remark: str = ""
    runs: Track[Any] = Track()
    span: timedelta = timedelta()
    """For how long each run that passed counts."""


def result_of(run: Exercise | Evidence) -> str:
    """How a run ended, in its own word."""
    return run.result if isinstance(run, Exercise) else run.verdict


def _ends_proofs(run: Exercise | Evidence) -> bool:
    """Whether what passed before counts no more: a runbook is known not to work, a backup is as good as it was."""
    return isinstance(run, Exercise) and run.result == "failed"


def tracks(
    runs: Iterable[Entry[Run]], of: Callable[[Run], str], now: datetime, contradicted: Container[str] = ()
) -> dict[str, Track[Run]]:
    """The runs by what they are runs of; those whose records are `contradicted`, by their names, count for nothing."""
    found: dict[str, list[Entry[Run]]] = {}
    for entry in runs:
        found.setdefault(of(entry.value), []).append(entry)
    return {name: track(ones, now, contradicted) for name, ones in found.items()}


def track(runs: Iterable[Entry[Run]], now: datetime, contradicted: Container[str] = ()) -> Track[Run]:
    """What these runs of one thing amount to; of two that ended together the later name is the later."""
    passed: Entry[Run] | None = None
    after: Entry[Run] | None = None
    impossible: Entry[Run] | None = None
    possible: list[Entry[Run]] = []
    for one in sorted(runs, key=lambda one: (one.value.ended_at, one.name)):
        if not _can_be(one.value, now) or one.name in contradicted:
            impossible = one if result_of(one.value) == "passed" else impossible
            continue
        possible.append(one)
        if result_of(one.value) == "passed":
            passed, after = one, None
        elif after is None or result_of(after.value) != "failed" or result_of(one.value) == "failed":
            after = one
    return Track(passed, after, impossible, tuple(possible))


def _can_be(run: Exercise | Evidence, now: datetime) -> bool:
    return START_OF_TIME <= run.started_at <= run.ended_at <= now


def _why_impossible(run: Exercise | Evidence, now: datetime) -> str:
    return "is contradicted by its own record" if _can_be(run, now) else "ends in the future, or before it begins"


def age(what: str, runs: Track[Run] | None, span: timedelta, now: datetime, zone: tzinfo) -> Age:
    """Whether the last run of `what` that passed ended less than `span` ago; `zone` is that of the days told."""
    runs = runs or Track()
    since = f"{result_of(runs.after.value)} on {day_of(runs.after, zone)}" if runs.after else ""
    if runs.passed is None:
        tried = f", the last run {since}" if since else ""
        ahead = f"; {runs.impossible.path} {_why_impossible(runs.impossible.value, now)}" if runs.impossible else ""
        return Age(f"{what} never passed{tried}{ahead}")
    passed = f"passed on {day_of(runs.passed, zone)}"
    if runs.after and _ends_proofs(runs.after.value):
        return Age(f"{what} {since}, after it {passed}", "", runs, span)
    is_fresh = now < later(runs.passed.value.ended_at, span)
    wrong = "" if is_fresh else f"{what} last {passed}, too long ago"
    return Age(wrong, f"{what} {since}, after that" if since else "", runs, span)


def day_of(run: Entry[Run], zone: tzinfo) -> str:
    """The day on which a run ended."""
    return in_zone(run.value.ended_at, zone).date().isoformat()
