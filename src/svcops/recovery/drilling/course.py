"""One way through a recovery, stage by stage, with a clock, and what was found on it."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self, TypeVar

from svcops.errors import NotDone
from svcops.recovery.copying import remove
from svcops.recovery.drilling.judging import (
    Measured,
    dated,
    expected_of,
    faults_of_content,
    faults_of_time,
    lost_of,
)
from svcops.recovery.interface import Current, DataSet, Failed, Repository, Snapshot, Work, failed
from svcops.recovery.model import Baseline, Fault, Fingerprint, StageResult, Target
from svcops.recovery.plan import Reason, RecoveryPlan
from svcops.recovery.registry import data_set_of, repository_of
from svcops.runbooks.execution.runs import EndedBySignal
from svcops.runbooks.masking import Masker
from svcops.store.change import digest_of
from svcops.store.frozen import frozen
from svcops.store.lock import CannotWrite
from svcops.timing.model import format_instant

if TYPE_CHECKING:
    from svcops.runbooks.processes import Keeper

T = TypeVar("T")

LIMIT = timedelta(hours=1)
"""How long a stage may take where the plan says nothing."""
MOST_KEPT = 1_000_000
"""Bytes of what a stage said that are kept; the rest is counted."""
_LONGEST = 400
"""Characters of a reason; the log has all that was said."""
_SKEW = timedelta(seconds=5)
"""How far the clocks of two machines may be apart before it is said."""


@frozen
class Setting:
    """What every course of a drill has in common."""

    plan: RecoveryPlan
    target: Target
    baselines: Mapping[str, Baseline]
    """Those of the plan, by the snapshot that they are of."""
    others: Mapping[str, str]
    """Snapshots that are another plan's, with its name."""
    known: frozenset[str] | None
    """Those that were there when the good case of a hardening chose; None where nothing is left out."""
    damaged: tuple[str, ...]
    """Agreements and baselines that cannot be read, so that what they say is missing."""
    keeper: "Keeper"
    root: Path
    env: Mapping[str, str]
    clock: Callable[[], datetime]
    masker: Callable[[], Masker]
    on_begin: Callable[[str], None]
    """Is told what begins."""
    on_end: Callable[[StageResult, Sequence[Fault]], None]
    """Is told how it ended, and every fault so far."""


@frozen
class Condition:
    """What is another than in a good drill."""

    pinned: Snapshot | None = None
    """The snapshot that is insisted on."""
    oldest: bool = False
    expected_as: str = ""
    """The snapshot whose content is expected, where it is another."""
    changed: tuple[str, ...] = ()
    """The data sets in which something is another, so that each must differ."""
    waits: timedelta = timedelta()
    """How much the clock of the recovery is put forward."""
    later: timedelta = timedelta()
    """How much older the data is made at the start."""


class Course:
    """A way through; `go` it once. `faults` are why it does not pass."""

    def __init__(self, setting: Setting, scratch: Path, logs: Path, one_log: str = "") -> None:
        self.setting = setting
        self.faults: list[Fault] = []
        self.stages: list[StageResult] = []
        self.snapshot: Snapshot | None = None
        self.chosen = ""
        self.listed = frozenset[str]()
        """The snapshots of which it was chosen."""
        self.measured = Measured()
        self.expected: tuple[Fingerprint, ...] = ()
        self.actual: tuple[Fingerprint, ...] = ()
        self.before_load: Callable[[], None] = lambda: None
        """What makes the load slower, as damage."""
        self._versions: dict[str, str] = {}
        self._logs = logs
        self._one_log = one_log
        scratch.mkdir(parents=True, exist_ok=True)
        self._current = Current()
        self.work = Work(setting.keeper, scratch, setting.root, setting.env, setting.clock, self._current)
        plan = setting.plan
        assert plan.backup, "a plan without a backup is drilled by hand"
        self.repository: Repository = repository_of(plan.backup, self.work)
        self._data: list[tuple[str, DataSet]] = [(one.name, data_set_of(one, self.work)) for one in plan.data]

    @property
    def data(self) -> list[tuple[str, DataSet]]:
        """The data sets by name."""
        return self._data

    @property
    def deviations(self) -> Sequence[str]:
        """What was done that a recovery would not do."""
        return self._current.deviations

    def versions(self) -> dict[str, str]:
        """Those of all that was used; asked at the end of the way, while commands can be run."""
        return self._versions

    def go(self, how: Condition = Condition()) -> None:  # noqa: B008 - frozen
        """Choose, fetch, load and verify; what fails is a fault, and ends it where nothing more can be known."""
        self._go(how)
        if not self._one_log:
            self._versions = self._asked_versions()

    def _go(self, how: Condition) -> None:
        limits = self.setting.plan.limits
        began, start = time.monotonic(), self.setting.clock()
        self.snapshot = self.do("choose", LIMIT, lambda: self._choose(how, start))
        if self.snapshot is None:
            self.faults += faults_of_time(self.measured, self.setting.target, self._damaged())
            return
        snapshot = self.snapshot
        self.expected = self._expected(how, snapshot)
        folder = self.work.scratch / "fetched"
        self.do("fetch", (limits and limits.fetch) or LIMIT, lambda: self._fetch(snapshot, folder))
        loaded = [] if self.faults else self._load(folder)
        if loaded and len(loaded) == len(self._data):
            seconds = time.monotonic() - began - self._current.discounted + how.waits.total_seconds()
            self.measured = Measured(seconds, self.measured.rpo)
        self._verify(loaded)
        if not self.expected and loaded:
            text = f"no baseline is of {snapshot.id}, so nobody knows what it has to hold{self._damaged()}"
            self.faults.append(Fault(reason="no-baseline", text=text))
        self.faults += faults_of_content(self.expected, self.actual) if self.expected else []
        self.faults += faults_of_time(self.measured, self.setting.target, self._damaged())

    def _damaged(self) -> str:
        """What may be why something is missing."""
        told = ", ".join(self.setting.damaged)
        return f"; damaged, and left out: {told}" if told else ""

    def do(self, name: str, limit: timedelta, work: Callable[[], T]) -> T | None:
        """A stage: what it says goes to its log, and how it ended is kept. None where it failed."""
        setting = self.setting
        setting.on_begin(name)
        started, began = setting.clock(), time.monotonic()
        with _Log(self._log_of(name), setting.masker()) as log:
            if self._one_log:
                log.add(f"== {name}\n".encode())
            self._current.begin(log.add, limit)
            result = self._tried(work)
        seconds = time.monotonic() - began
        self.stages.append(
            StageResult(
                name=name,
                started_at=started,
                ended_at=setting.clock(),
                seconds=round(seconds, 3),
                exit=self._current.exit,
                log=log.name if log.digest else None,
                digest=log.digest,
            )
        )
        setting.on_end(self.stages[-1], self.faults)
        return result

    def stop(self) -> None:
        """End what serves the data, and take away what was fetched."""
        for _, one in self._data:
            one.stop()
        self._current.begin(lambda _: None, LIMIT)
        with suppress(Failed, NotDone):
            self.work.run(["rm", "-rf", "--", str(self.work.scratch)])  # twice as fast as we are
        remove(self.work.scratch)

    def _asked_versions(self) -> dict[str, str]:
        self._current.begin(lambda _: None, LIMIT)
        found: dict[str, str] = {}
        used: list[Repository | DataSet] = [self.repository, *(one for _, one in self._data)]
        for one in used:
            with suppress(Failed, NotDone):  # what is not there has no version, and the drill has said so
                found |= one.versions()
        return found

    def _tried(self, work: Callable[[], T]) -> T | None:
        try:
            result = work()
            self._current.left()  # what runs no command ends only now
        except Failed as error:
            self._fault(error.reason, error.message)
            self._current.exit = error.code if error.code is not None else self._current.exit
        except (CannotWrite, EndedBySignal):
            raise
        except NotDone as error:
            self._fault("not-possible", error.message)
        except OSError as error:
            wrong = failed("not-possible", str(error.filename or "the system"), error)
            self._fault(wrong.reason, wrong.message)
        else:
            return result
        return None

    def _fault(self, reason: Reason, text: str) -> None:
        from svcops.terminal.session import printable

        said = self.setting.masker().mask(printable(" ".join(text.split())))[:_LONGEST]
        self._current.log(f"{reason}: {text}\n".encode("utf-8", "surrogateescape"))
        self.faults.append(Fault(reason=reason, text=said))

    def _choose(self, how: Condition, start: datetime) -> Snapshot:
        chosen = dated(self._one_of(how), self.setting.baselines)
        age = start - chosen.taken_at + how.later
        if age < -_SKEW:
            raise Failed("not-possible", f"{chosen.id} is from the future: the clocks of two machines differ")
        self.measured = Measured(None, max(age, timedelta()))
        return chosen

    def snapshots(self) -> list[Snapshot]:
        """Those of which the plan chooses: none that is another plan's, or came after a hardening began."""
        return self._own(self._listed())

    def _listed(self) -> list[Snapshot]:
        others, found = self.setting.others, self.repository.snapshots()
        for one in found:
            whose = f"\tof the plan {others[one.id]}" if one.id in others else ""
            self._current.log(f"{one.id}\t{one.taken_at.isoformat()}{whose}\n".encode())
        return found

    def _own(self, found: Sequence[Snapshot]) -> list[Snapshot]:
        others, known = self.setting.others, self.setting.known
        return [one for one in found if one.id not in others and (known is None or one.id in known)]

    def _one_of(self, how: Condition) -> Snapshot:
        """The one that is insisted on, or that the plan chooses; Failed (no-snapshot) where it is not there."""
        every = self._listed()
        if how.pinned:
            if how.pinned.id not in {one.id for one in every}:
                raise Failed("no-snapshot", f"{how.pinned.id} is not there any more")
            return how.pinned
        found = self._own(every)
        self.listed = frozenset(one.id for one in found)
        oldest = how.oldest or self.setting.plan.snapshot == "oldest"
        lost = None if oldest else lost_of(self.setting.baselines.values(), found)
        if lost:
            when = format_instant(lost.taken_at)
            raise Failed("no-snapshot", f"the snapshot {lost.snapshot} of {when}, whose baseline is kept, is not there")
        if not found:
            raise self._none_of(every)
        self.chosen = f"the {'oldest' if oldest else 'latest'} of {len(found)}"
        return found[0] if oldest else found[-1]

    def _none_of(self, every: Sequence[Snapshot]) -> Failed:
        """Why the plan chooses none of all that are there."""
        whose = sorted({self.setting.others[one.id] for one in every if one.id in self.setting.others})
        if not whose:
            return Failed("no-snapshot", "the repository holds no snapshot that the plan chooses")
        reason: Reason = "no-snapshot" if self.setting.baselines else "no-baseline"
        return Failed(reason, f"what the repository holds is another plan's, by its baselines: {', '.join(whose)}")

    def _expected(self, how: Condition, snapshot: Snapshot) -> tuple[Fingerprint, ...]:
        return expected_of(self.setting.baselines, how.expected_as or snapshot.id)

    def _fetch(self, snapshot: Snapshot, folder: Path) -> None:
        folder.mkdir()
        self.repository.fetch(snapshot.id, folder)

    def _load(self, folder: Path) -> list[tuple[str, DataSet]]:
        limits = self.setting.plan.limits
        loaded = []
        self.before_load()
        for name, one in self._data:
            before = len(self.faults)
            self.do(f"load {name}", (limits and limits.load) or LIMIT, partial(one.load, folder))
            if len(self.faults) == before:
                loaded.append((name, one))
        return loaded

    def _verify(self, loaded: Sequence[tuple[str, DataSet]]) -> None:
        limits = self.setting.plan.limits
        found = []
        for name, one in loaded:
            actual = self.do(f"verify {name}", (limits and limits.verify) or LIMIT, one.fingerprint)
            if actual:
                found.append(actual)
        self.actual = tuple(found)

    def _log_of(self, stage: str) -> Path:
        return self._logs / f"{self._one_log or stage.replace(' ', '-')}.txt"


class _Log:
    """The log of a stage, masked; no file where nothing is said."""

    def __init__(self, path: Path, masker: Masker) -> None:
        self.name = f"logs/{path.name}"
        self.digest: str | None = None
        self._path = path
        self._masker = masker
        self._file: IO[bytes] | None = None
        self._kept = path.stat().st_size if path.exists() else 0
        self._more = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._write(self._masker.rest())
        if self._more:
            self._append(b"\n[%d more bytes were not kept]\n" % self._more)
        if self._file:
            self._file.close()
        if self._path.exists():
            self.digest = f"sha256:{digest_of(self._path.read_bytes())}"

    def add(self, data: bytes) -> None:
        """What was said."""
        self._write(self._masker.feed(data))

    def _write(self, data: bytes) -> None:
        keep = data[: max(0, MOST_KEPT - self._kept)]
        self._kept += len(keep)
        self._more += len(data) - len(keep)
        if keep:
            self._append(keep)

    def _append(self, data: bytes) -> None:
        try:
            self._file = self._file or self._path.open("ab", buffering=0)
            self._file.write(data)
        except OSError as error:
            raise CannotWrite(self._path, error) from None
