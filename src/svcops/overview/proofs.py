"""How fresh something is: as fresh as its last run that passed, whoever typed which date elsewhere.

A run counts from when it ended. One that ends in the future, or before it began, proves nothing; nor does one that
failed, was aborted or was inconclusive. A runbook that failed after it passed is known not to work: nothing is proved
until it passes again.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, tzinfo
from typing import Generic, TypeVar

from svcops.overview.judgement import Judgement, listed, met, missing
from svcops.recovery.model import Evidence
from svcops.runbooks.model import Exercise
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.timing.wall import START_OF_TIME, in_zone, later

_MOST = 20
"""Proofs that are missing of which each is told: somebody has to bring them all."""

Run = TypeVar("Run", Exercise, Evidence)


@frozen
class Track(Generic[Run]):
    """What all runs of one thing amount to."""

    passed: Entry[Run] | None = None
    """The last one that passed."""
    after: Entry[Run] | None = None
    """The last one after it that did not; the last that failed, where one did."""
    impossible: Entry[Run] | None = None
    """One that passed at a time that cannot be: in the future, or over before it began."""


@frozen
class Age:
    """Whether the proof of one thing counts: `wrong` says why not, `remark` what else should be known of it.

    One that is `outdated` counted until then; what failed since, or never passed, did not.
    """

    proved: datetime | None
    until: datetime | None
    wrong: str = ""
    remark: str = ""
    outdated: bool = False


def result_of(run: Exercise | Evidence) -> str:
    """How a run ended, in its own word."""
    return run.result if isinstance(run, Exercise) else run.verdict


def tracks(runs: Iterable[Entry[Run]], of: Callable[[Run], str], now: datetime) -> dict[str, Track[Run]]:
    """The runs by what they are runs of."""
    found: dict[str, list[Entry[Run]]] = {}
    for entry in runs:
        found.setdefault(of(entry.value), []).append(entry)
    return {name: track(ones, now) for name, ones in found.items()}


def track(runs: Iterable[Entry[Run]], now: datetime) -> Track[Run]:
    """What these runs of one thing amount to; of two that ended together the later name is the later."""
    passed: Entry[Run] | None = None
    after: Entry[Run] | None = None
    impossible: Entry[Run] | None = None
    for one in sorted(runs, key=lambda one: (one.value.ended_at, one.name)):
        if not START_OF_TIME <= one.value.started_at <= one.value.ended_at <= now:
            impossible = one if result_of(one.value) == "passed" else impossible
        elif result_of(one.value) == "passed":
            passed, after = one, None
        elif after is None or result_of(after.value) != "failed" or result_of(one.value) == "failed":
            after = one
    return Track(passed, after, impossible)


def age(what: str, runs: Track[Run] | None, span: timedelta, now: datetime, zone: tzinfo) -> Age:
    """Whether the last run of `what` that passed ended less than `span` ago; `zone` is that of the days told."""
    runs = runs or Track()
    since = f"{result_of(runs.after.value)} on {day_of(runs.after, zone)}" if runs.after else ""
    remark = f"{what} {since}, after that" if since else ""
    if runs.passed is None:
        tried = f", the last run {since}" if since else ""
        ahead = f"; {runs.impossible.path} ends in the future, or before it begins" if runs.impossible else ""
        return Age(None, None, f"{what} never passed{tried}{ahead}", remark)
    ended = runs.passed.value.ended_at
    until = later(ended, span)
    passed = f"passed on {day_of(runs.passed, zone)}"
    if runs.after and isinstance(runs.after.value, Exercise) and runs.after.value.result == "failed":
        return Age(ended, until, f"{what} {since}, after it {passed}", remark)
    if now < until:
        return Age(ended, until, "", remark)
    return Age(ended, until, f"{what} last {passed}, too long ago", remark, outdated=True)


def judge(ages: list[Age], what: str, next_: str, zone: tzinfo) -> Judgement:
    """Of several proofs each has to count; together they are as old as the oldest, and count as long as the first.

    Where some do not count, the times are those of what grew too old.
    """
    wrong = [one.wrong for one in ages if one.wrong]
    told = [one for one in ages if one.outdated] if wrong else ages
    proved = min((one.proved for one in told if one.proved), default=None)
    until = min((one.until for one in told if one.until), default=None)
    if wrong or proved is None:
        return missing(listed(wrong, _MOST), next_, proved, until)
    oldest = "the oldest " if len(ages) > 1 else ""
    remarks = [one.remark for one in ages if one.remark]
    passed = f"{what}, {oldest}passed on {in_zone(proved, zone).date()}"
    return met("; but ".join([passed, *remarks[:1]]), proved, until)


def day_of(run: Entry[Run], zone: tzinfo) -> str:
    """The day on which a run ended."""
    return in_zone(run.value.ended_at, zone).date().isoformat()
