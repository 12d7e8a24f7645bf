"""What a drill comes to: its faults, and the verdict that they make. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from math import ceil
from typing import Literal

from svcops.recovery.fingerprints import differences
from svcops.recovery.interface import Snapshot
from svcops.recovery.model import Baseline, Fault, Fingerprint, Target
from svcops.recovery.plan import Reason
from svcops.store.frozen import frozen
from svcops.timing.model import format_duration

Verdict = Literal["passed", "failed", "inconclusive"]

INCONCLUSIVE: frozenset[Reason] = frozenset({"no-baseline", "no-target", "interrupted", "not-possible"})
"""Reasons that say nothing of the backup; any other is a failure."""
MOST_DIFFERENCES = 5
"""Parts that differ which are named; the others are counted."""


@frozen
class Measured:
    """What a drill measured; None where it did not come so far."""

    rto: float | None = None
    """Seconds from the start until all data answered."""
    rpo: timedelta | None = None
    """The age of the data at the start."""


def verdict_of(faults: Iterable[Fault]) -> Verdict:
    """Passed without any; failed where one is known to be wrong; else nobody can tell."""
    reasons = {one.reason for one in faults}
    if reasons - INCONCLUSIVE:
        return "failed"
    return "inconclusive" if reasons else "passed"


def faults_of_time(measured: Measured, target: Target, more: str = "") -> list[Fault]:
    """What was measured against what is agreed; without an agreement nobody can judge it, `more` says perhaps why."""
    found = []
    if target.rto is None or target.rpo is None:
        missing = " and ".join(name for name, value in (("RTO", target.rto), ("RPO", target.rpo)) if value is None)
        found.append(Fault(reason="no-target", text=f"no agreement in force says an {missing}{more}"))
    if target.rto is not None and measured.rto is not None and measured.rto > target.rto.total_seconds():
        over = measured.rto - target.rto.total_seconds()
        text = f"the recovery took {in_words(measured.rto)}, {_more(over, 'RTO', target.rto)}"
        found.append(Fault(reason="rto-missed", text=text))
    if target.rpo is not None and measured.rpo is not None and measured.rpo > target.rpo:
        age = measured.rpo.total_seconds()
        text = f"the data was {in_words(age)} old, {_more(age - target.rpo.total_seconds(), 'RPO', target.rpo)}"
        found.append(Fault(reason="rpo-missed", text=text))
    return found


def _more(seconds: float, name: str, agreed: timedelta) -> str:
    return f"{in_words(seconds)} more than the {name} of {format_duration(agreed)}"


def faults_of_content(expected: Sequence[Fingerprint], actual: Sequence[Fingerprint]) -> list[Fault]:
    """What came back and is not what the baseline holds; data that was not worked out is no fault of its content."""
    known = {one.data: one for one in expected}
    found = []
    for one in actual:
        if one.data not in known:
            found.append(Fault(reason="no-baseline", text=f"the baseline of the snapshot does not hold {one.data}"))
            continue
        lines = list(differences(known[one.data], one))
        if lines:
            more = len(lines) - MOST_DIFFERENCES
            told = "; ".join(lines[:MOST_DIFFERENCES]) + (f"; and {more} more" if more > 0 else "")
            found.append(Fault(reason="content-differs", text=f"{one.data}: {told}"))
    return found


def for_the_record(expected: Sequence[Fingerprint], actual: Sequence[Fingerprint]) -> tuple[Fingerprint, ...]:
    """What came back, with only those parts that differ: the others are those of the baseline."""
    known = {one.data: {part.name: part for part in one.parts} for one in expected}
    return tuple(
        replace(one, parts=tuple(part for part in one.parts if known.get(one.data, {}).get(part.name) != part))
        if known.get(one.data)
        else replace(one, parts=())
        for one in actual
    )


def without_parts(found: Iterable[Fingerprint]) -> tuple[Fingerprint, ...]:
    """Fingerprints without their parts, which the baseline holds."""
    return tuple(replace(one, parts=()) for one in found)


def expected_of(baselines: Mapping[str, Baseline], snapshot: str) -> tuple[Fingerprint, ...]:
    """What a snapshot must hold; empty where no baseline says so."""
    baseline = baselines.get(snapshot)
    return baseline.data if baseline else ()


def dated(snapshot: Snapshot, baselines: Mapping[str, Baseline]) -> Snapshot:
    """A snapshot with the time of its data: what it holds was taken before it was kept, as its baseline says."""
    baseline = baselines.get(snapshot.id)
    return replace(snapshot, taken_at=min(snapshot.taken_at, baseline.taken_at)) if baseline else snapshot


def lost_of(baselines: Iterable[Baseline], found: Sequence[Snapshot]) -> Baseline | None:
    """The last baseline, where its snapshot is not found, and would be the latest; older ones may be pruned."""
    last = max(baselines, key=lambda one: one.taken_at, default=None)
    if last is None or last.snapshot in {one.id for one in found}:
        return None
    return last if all(one.taken_at < last.taken_at for one in found) else None


def differing(expected: Sequence[Fingerprint], actual: Sequence[Fingerprint]) -> set[str]:
    """The data sets that came back and are not what was expected."""
    known = {one.data: one.digest for one in expected}
    return {one.data for one in actual if known.get(one.data, one.digest) != one.digest}


def whole_seconds(seconds: float) -> timedelta:
    """A figure as records write it, in whole seconds; rounded up, so that nothing is made to look better."""
    return timedelta(seconds=ceil(seconds))


def in_words(seconds: float) -> str:
    """A measured time for a person: 0.42 s, 12.3 s, 4 min 10 s."""
    if seconds < 10:
        return f"{seconds:.2f} s"
    return f"{seconds:.1f} s" if seconds < 60 else format_duration(timedelta(seconds=seconds))
