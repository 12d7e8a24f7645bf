"""Damage that a drill must notice: done to a copy of the backup, or a condition that is made worse (decision 27)."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from fnmatch import fnmatch
from pathlib import Path

from svcops.recovery.copying import changing
from svcops.recovery.drilling.course import Condition, Course
from svcops.recovery.interface import Failed, Repository, Snapshot, failed
from svcops.recovery.model import Target
from svcops.recovery.plan import Case, Damage, Reason
from svcops.timing.model import format_duration

_BROKEN: tuple[Reason, ...] = ("fetch-failed", "load-failed", "said-damaged", "content-differs")
EXPECTED: Mapping[str, tuple[Reason, ...]] = {
    "flip-bytes": _BROKEN,
    "truncate": _BROKEN,
    "delete-file": (*_BROKEN, "no-snapshot"),
    "delete-snapshot": ("no-snapshot",),
    "empty-repository": ("no-snapshot",),
    "change-value": ("content-differs",),
    "break-pipe": ("load-failed", "said-damaged", "content-differs"),
    "old-snapshot": ("rpo-missed",),
    "slow": ("rto-missed",),
}
"""The reasons of which a case must fail for one, where the plan says none."""

_FLIPPED, _PLACES = 256, 16
"""Bytes that are flipped, and in how many places all over a file, so that not all are in room that nobody uses."""
_MOST_WAITED = timedelta(seconds=0.25)
"""How long `slow` really waits; the rest is added to the clock."""
_FETCHED = "to-damage"
_WAL = "pg_wal"
"""The folder of PostgreSQL's log, whose segments may end in what no recovery reads: taken where all else is."""
WITHOUT = "a copy without damage"
"""The case before the others: where a drill of it does not pass, no damage to a copy shows anything."""


def expected_of(damage: Damage) -> tuple[Reason, ...]:
    """For which reasons a case must fail for one."""
    return damage.expect or EXPECTED[damage.case]


def is_noticed(damage: Damage, reasons: Collection[Reason]) -> bool:
    """Whether a drill under this damage failed for a reason that is its own."""
    return bool(set(expected_of(damage)) & set(reasons))


def undamaged(course: Course, good: Snapshot) -> tuple[str, Condition]:
    """A copy, and no damage."""
    course.repository = course.repository.copied(course.work.scratch / "repository")
    return WITHOUT, Condition(pinned=good)


def do(damage: Damage, course: Course, good: Snapshot, target: Target) -> tuple[str, Condition]:
    """Do the damage to a copy below the scratch folder of a course; what was done, and how the drill goes then.

    Failed where it cannot be done, so that nothing is shown by it.
    """
    if damage.case == "slow":
        return _slow(damage, course, good, target)
    course.repository = course.repository.copied(course.work.scratch / "repository")
    if damage.case == "old-snapshot":
        return _old(damage, course, target)
    return _DONE[damage.case](damage, course, good)


def _slow(damage: Damage, course: Course, good: Snapshot, target: Target) -> tuple[str, Condition]:
    import time

    by = damage.by or target.rto
    if by is None:
        raise Failed("not-possible", "no RTO is agreed, and `by` says nothing: nobody knows what is slow")
    waits = min(by, _MOST_WAITED)
    course.before_load = lambda: time.sleep(waits.total_seconds())
    told = f"slow by {format_duration(by)}" + (" (the clock put forward)" if by > waits else "")
    return told, Condition(pinned=good, waits=by - waits)


def _old(damage: Damage, course: Course, target: Target) -> tuple[str, Condition]:
    """The oldest, which is made as old as the agreement does not allow, where it is not that old."""
    found = course.snapshots()
    if not found:
        raise Failed("not-possible", "the repository holds no snapshot")
    by = damage.by or target.rpo
    if by is None:
        raise Failed("not-possible", "no RPO is agreed, and `by` says nothing: nobody knows what is old")
    age = course.setting.clock() - found[0].taken_at
    later = timedelta() if age > by else by - age + timedelta(seconds=1)
    told = f"old-snapshot {found[0].id}" + (f" (its time put back by {format_duration(later)})" if later else "")
    return told, Condition(oldest=True, later=later)


def _at_file(change: Callable[[Path], None]) -> Callable[[Damage, Course, Snapshot], tuple[str, Condition]]:
    """A case that changes one file of the repository."""

    def case(damage: Damage, course: Course, good: Snapshot) -> tuple[str, Condition]:
        path = _file(damage, course.repository, good)
        try:
            with changing(path, course.work.scratch):
                change(path)
        except OSError as error:
            raise failed("not-possible", str(path), error) from None
        return f"{damage.case} {path.relative_to(course.repository.top).as_posix()}", Condition(pinned=good)

    return case


def _file(damage: Damage, repository: Repository, good: Snapshot) -> Path:
    """The largest, or the first in that order that the pattern names."""
    for path in sorted(repository.files(good.id), key=lambda one: _WAL in one.parts):
        if path.stat().st_size and fnmatch(path.relative_to(repository.top).as_posix(), damage.file or "*"):
            return path
    raise Failed("not-possible", f"no file of the repository is called {damage.file or 'anything'}")


def _flip(path: Path) -> None:
    size = path.stat().st_size
    step = max(_FLIPPED, size // _PLACES)
    with path.open("r+b") as file:
        for start in range((step - _FLIPPED) // 2, size, step):
            file.seek(start)
            flipped = bytes(one ^ 0xFF for one in file.read(_FLIPPED))
            file.seek(start)
            file.write(flipped)


def _truncate(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def _delete_snapshot(damage: Damage, course: Course, good: Snapshot) -> tuple[str, Condition]:
    if course.setting.plan.snapshot == "oldest":
        raise Failed("not-possible", "the plan takes the oldest snapshot, and whichever is left then is that")
    course.repository.forget(good.id)
    return f"{damage.case} {good.id}", Condition()


def _empty(damage: Damage, course: Course, good: Snapshot) -> tuple[str, Condition]:  # noqa: ARG001 - it takes all
    found = course.repository.snapshots()
    for one in found:
        course.repository.forget(one.id)
    return f"{damage.case}: {len(found)} snapshots taken away", Condition()


def _change_value(damage: Damage, course: Course, good: Snapshot) -> tuple[str, Condition]:
    """What the snapshot holds, each data set with another value, backed up anew; each must be found to differ."""
    folder = _fetched(course, good)
    changed = {name: one.change_one_value(folder) for name, one in course.data}
    how = replace(_kept(course, folder, good), changed=tuple(changed))
    return f"{damage.case}: {'; '.join(changed.values())}", how


def _break_pipe(damage: Damage, course: Course, good: Snapshot) -> tuple[str, Condition]:
    """What a backup holds whose export broke off."""
    folder = _fetched(course, good)
    every = [one for one in folder.rglob("*") if one.is_file() and not one.is_symlink()]
    every = [one for one in every if fnmatch(one.relative_to(folder).as_posix(), damage.file or "*")]
    if not every:
        raise Failed("not-possible", f"no file of the snapshot is called {damage.file or 'anything'}")
    largest = max(sorted(every), key=lambda one: (_WAL not in one.parts, one.stat().st_size))
    with changing(largest, folder):
        _truncate(largest)
    return f"{damage.case} in {largest.relative_to(folder).as_posix()}", _kept(course, folder, good)


def _fetched(course: Course, good: Snapshot) -> Path:
    folder = course.work.scratch / _FETCHED
    folder.mkdir()
    course.repository.fetch(good.id, folder)
    return folder


def _kept(course: Course, folder: Path, good: Snapshot) -> Condition:
    new = course.repository.keep(folder)
    return Condition(pinned=new, expected_as=good.id)


_DONE: Mapping[Case, Callable[[Damage, Course, Snapshot], tuple[str, Condition]]] = {
    "flip-bytes": _at_file(_flip),
    "truncate": _at_file(_truncate),
    "delete-file": _at_file(Path.unlink),
    "delete-snapshot": _delete_snapshot,
    "empty-repository": _empty,
    "change-value": _change_value,
    "break-pipe": _break_pipe,
}
