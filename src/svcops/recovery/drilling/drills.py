"""A drill from the call to its record: begun, gone through, judged, and recorded whatever came of it."""

import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

from svcops.errors import BadInput, NotDone, Refused
from svcops.recovery import damage
from svcops.recovery.drilling import recording
from svcops.recovery.drilling.course import LIMIT, Condition, Course, Setting
from svcops.recovery.drilling.journal import Goes, Journal, held, left
from svcops.recovery.drilling.judging import differing, verdict_of
from svcops.recovery.facts import baselines_of, may_execute, needs_copy, others_of, span_of, target_of
from svcops.recovery.interface import Snapshot
from svcops.recovery.model import CaseResult, Defect, Evidence, Fault, StageResult
from svcops.recovery.plan import Damage, RecoveryPlan
from svcops.runbooks.execution.runs import Clock, EndedBySignal, ended_in_order
from svcops.runbooks.masking import Masker, secrets_of
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.lock import CannotWrite
from svcops.store.recording import bytes_of
from svcops.timing.model import format_instant
from svcops.timing.wall import in_zone

if TYPE_CHECKING:
    from svcops.runbooks.processes import Keeper
    from svcops.store.writing import Written
    from svcops.terminal.session import Session

PREFIX = "svcops-drill-"
"""What the name of a scratch folder begins with."""


def folder_of_drills(session: "Session") -> Path:
    """Where drills are that are not over; NotDone without a git directory."""
    from svcops.store.git import NotARepository

    if session.store.git_dir is None:
        raise NotARepository(session.store.root)
    return session.store.git_dir / "svcops" / "drills"


def check_it_may_be_run(session: "Session", plan: Entry[RecoveryPlan]) -> None:
    """BadInput where the plan has nothing to run, Refused where who is typing may not."""
    if plan.value.backup is None or not plan.value.data:
        help_ = (
            "With `backup` and `data` svcops runs it; without them it is done by hand, and written down as evidence."
        )
        raise BadInput(f"{plan.name} says no backup, or no data", help=help_)
    me = session.store.me()
    if not may_execute(session.store.graph, plan.value, me):
        raise Refused(
            f"{me} may not run drills of {plan.name}", help=f"may_execute: {', '.join(plan.value.may_execute)}"
        )


@frozen
class Said:
    """What whoever runs a drill adds to its record."""

    witness: str = ""
    text: str = ""
    deviations: tuple[str, ...] = ()
    defects: tuple[Defect, ...] = ()


class Drill:
    """A drill of a plan. `run` it, or `harden` the plan by it; both record it."""

    def __init__(self, session: "Session", plan: Entry[RecoveryPlan], tell: Callable[[str], None], said: Said) -> None:
        from svcops.store.ids import new_id

        self._session = session
        self._plan = plan
        self._tell = tell
        self.clock = Clock(session)
        now = self.clock()
        graph = session.store.graph
        self._target = target_of(graph, plan.value, now.astimezone(graph.zone).date().isoformat())
        baselines = baselines_of(graph, plan.name)
        self._baselines = {name: one.value for name, one in baselines.items()}
        self._others = others_of(graph, plan)
        self._damaged = (*graph.damaged("agreement"), *graph.damaged("baseline"))
        self._paths = {name: one.path for name, one in baselines.items()}
        self.id = new_id("evidence", now, session.random_bytes)
        self._base = replace(
            recording.base_of(session, self.id, plan, self._target, now),
            witness=said.witness or None,
            text=said.text,
            deviations=said.deviations,
            defects=said.defects,
        )
        self.journal = Journal(folder_of_drills(session) / self.id)
        self._env = dict(session.env)
        self._secrets = secrets_of(self._env, plan.value.secrets)
        self.evidence = self._base

    def run(self, cases: Sequence[Damage] = ()) -> "Written":
        """Go through it, under each damage case too, and record it; Goes where one of the plan is at work."""
        folder = folder_of_drills(self._session)
        try:
            with held(folder, self._plan.name) as is_free:
                if not is_free:
                    raise Goes(self._plan.name)
                return self._held(cases)
        except (KeyboardInterrupt, EndedBySignal):
            with _undisturbed():
                close_interrupted(self._session)  # in case that came while it was about to be recorded
            raise

    def _held(self, cases: Sequence[Damage]) -> "Written":
        store = str(self._session.store.root)
        then = [sys.executable, "-P", "-m", "svcops", "--store", store, "--quiet", "drill", "list"]
        with (
            ended_in_order("the drill"),
            kept_in_scratch(self._session, self._plan.value, then) as (keeper, scratch),
        ):
            self._base = replace(self._base, hardening=bool(cases))
            course = Course(self._setting(keeper), scratch / "good", self.journal.logs)
            results: list[CaseResult] = []
            faults: list[Fault] = []
            try:
                self.journal.begin(self._base, scratch, format_instant(self.clock()))
                course.go()
                faults = course.faults
                if verdict_of(faults) == "passed":
                    self._through(cases, keeper, course, scratch, results)
            except (KeyboardInterrupt, EndedBySignal) as error:
                text = error.message if isinstance(error, EndedBySignal) else "it was stopped by ^C"
                faults = [*course.faults, Fault(reason="interrupted", text=text)]
                with _undisturbed():
                    self._close(course, faults, results, keeper, scratch)
                    where = recording.folder_of(self.id)
                    self._session.warn(f"the drill did not come to its end: {where}/evidence.yaml says how far it came")
                raise
            with _undisturbed():
                return self._close(course, faults, results, keeper, scratch)

    def _through(
        self, cases: Sequence[Damage], keeper: "Keeper", good: Course, scratch: Path, results: list[CaseResult]
    ) -> None:
        """Each damage case, in a scratch folder of its own; before them a copy without damage, which has to pass."""
        assert good.snapshot, "the good case passed"
        snapshot = good.snapshot

        def end(result: CaseResult) -> None:
            results.append(result)
            self.journal.end_case(result, format_instant(self.clock()))

        def course_of(name: str) -> Course:
            return Course(self._setting(keeper, good.listed), scratch / name, self.journal.logs, name)

        says_something = True
        if any(map(needs_copy, cases)):
            self._tell(damage.WITHOUT)
            end(self._without(course_of("case-0-without-damage"), snapshot))
            says_something = results[-1].noticed
        for number, one in enumerate(cases, 1):
            self._tell(f"damage {number} of {len(cases)}: {one.case}")
            if says_something or not needs_copy(one):
                end(self._under(one, course_of(f"case-{number}-{one.case}"), snapshot))
            else:
                end(recording.untried(one))

    def _without(self, course: Course, good: Snapshot) -> CaseResult:
        """A drill of a copy without damage."""
        done = course.do("copy", LIMIT, lambda: damage.undamaged(course, good))
        if done:
            course.go(done[1])
        course.stop()
        found = recording.case_of(damage.WITHOUT, (), course)
        return replace(found, noticed=found.verdict == "passed")

    def _under(self, one: Damage, course: Course, good: Snapshot) -> CaseResult:
        """A drill under a damage."""
        told, how = str(one.case), Condition()
        done = course.do("damage", LIMIT, lambda: damage.do(one, course, good, self._target))
        if done:
            told, how = done
            course.go(how)
        course.stop()
        found = recording.case_of(told, damage.expected_of(one), course)
        noticed = found.verdict == "failed" and damage.is_noticed(one, {fault.reason for fault in course.faults})
        return replace(found, noticed=noticed and set(how.changed) <= differing(course.expected, course.actual))

    def _setting(self, keeper: "Keeper", known: frozenset[str] | None = None) -> Setting:
        """`known` are the snapshots of the good case, where it is for a damage case."""
        journal, clock, is_case = self.journal, self.clock, known is not None

        def begin(name: str) -> None:
            if not is_case:
                self._tell(name)
                journal.begin_stage(name, format_instant(clock()))

        def end(result: StageResult, faults: Sequence[Fault]) -> None:
            if not is_case:
                journal.end_stage(result, faults, format_instant(clock()))

        return Setting(
            plan=self._plan.value,
            target=self._target,
            baselines=self._baselines,
            others=self._others,
            known=known,
            damaged=self._damaged,
            keeper=keeper,
            root=self._session.store.root,
            env=self._env,
            clock=clock,
            masker=lambda: Masker(self._secrets),
            on_begin=begin,
            on_end=end,
        )

    def _close(
        self, course: Course, faults: Sequence[Fault], cases: Sequence[CaseResult], keeper: "Keeper", scratch: Path
    ) -> "Written":
        """Clean up, and record what came of it."""
        self._tell("clean-up")
        started, began = self.clock(), time.monotonic()
        course.stop()
        keeper.end_all()
        ended = self.clock()
        course.stages.append(recording.last_stage("clean-up", started, ended, time.monotonic() - began))
        found = recording.evidence_of(self._base, course, faults, ended, cases=cases)
        path = self._paths.get(course.snapshot.id) if course.snapshot else None
        found = replace(
            found,
            baseline=recording.content_of(self._session, path) if path else None,
            cleaned_up=not scratch.exists(),
            next_due=self._next_due(found),
        )
        self.evidence, data = recording.fit_to_write(found, self._base)
        with suppress(CannotWrite):  # there may be room for the record
            self.journal.end(self.evidence, format_instant(ended))
        return record(self._session, self.journal, self.evidence, data)

    def _next_due(self, found: Evidence) -> str:
        """After a drill that passed, when it counts no more; after any other, at once."""
        graph = self._session.store.graph
        at = found.ended_at + span_of(graph, self._plan.value) if found.verdict == "passed" else found.ended_at
        return in_zone(at, graph.zone).date().isoformat()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """^C waits until a drill is cleaned up and recorded: it ends neither this nor the git that does so."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def kept_in_scratch(
    session: "Session", plan: RecoveryPlan, then: Sequence[str] = ()
) -> "Iterator[tuple[Keeper, Path]]":
    """A keeper, and a scratch folder for nobody else to read, which it removes; NotDone where it cannot be made.

    The keeper is there before the folder is: whenever this is killed, nothing of it is left.
    """
    from secrets import token_hex

    from svcops.runbooks.processes import Keeper

    place = plan.environment.scratch if plan.environment else None
    with _said_where_no_scratch_can_be():
        below = session.store.root / place if place else Path(gettempdir())
    scratch = below / f"{PREFIX}{token_hex(8)}"
    with Keeper(scratch, then) as keeper:
        with _said_where_no_scratch_can_be():
            scratch.mkdir(mode=0o700)
        yield keeper, scratch


@contextmanager
def _said_where_no_scratch_can_be() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise NotDone(
            f"{where}no scratch folder can be made: {error.strerror}", help="environment.scratch names where."
        ) from None


def record(session: "Session", journal: Journal, evidence: Evidence, data: bytes) -> "Written":
    """Write the evidence with its logs; where that cannot be, it is kept, and the next drill verb records it."""
    from svcops.store.writing import NotCommitted

    change = recording.change_of(journal.id, data, journal.kept_logs(), recording.line_of(journal.id, evidence))
    try:
        written = session.apply(change)
    except NotCommitted:  # it stands in the work tree
        journal.forget()
        raise
    except (NotDone, OSError) as error:
        said = error.message if isinstance(error, NotDone) else f"{error.filename or 'the store'}: {error.strerror}"
        help_ = f"{getattr(error, 'help', '')}\nNothing is lost: svcops drill list records it.".strip()
        raise NotDone(f"the drill is over, {evidence.verdict}, and not recorded: {said}", help=help_) from None
    journal.forget()
    return written


def close_interrupted(session: "Session") -> list[str]:
    """Record drills that nobody is at any more; what is to be said of each that was recorded."""
    if session.store.git_dir is None:
        return []
    drills = folder_of_drills(session)
    if not any(left(drills)):
        return []
    with held(drills, ".closing") as is_free:
        return [_what_was_closed(one) for one in left(drills) if _closed(session, one, drills)] if is_free else []


def _what_was_closed(journal: Journal) -> str:
    if journal.over:
        return f"{journal.id} was over, {journal.over['verdict']}, and is recorded now"
    return f"{journal.id} was interrupted: it is recorded as that"


def _closed(session: "Session", journal: Journal, drills: Path) -> bool:
    """Whether a drill was left, and is recorded by now."""
    if not journal.read():
        if not _is_young(journal):
            journal.forget()  # killed before it began
        return False
    with held(drills, journal.plain["plan"]) as is_free:
        if not is_free or not journal.folder.is_dir():
            return False
        _remove_scratch(journal)
        try:
            evidence = recording.interrupted(journal, session.zone)
        except BadInput as error:
            session.warn(f"{error.message}; look at {journal.folder}, and take it away")
            return False
        if (session.store.root / recording.folder_of(journal.id) / "evidence.yaml").exists():
            journal.forget()  # killed between its record and its end
            return False
        line = recording.line_of(journal.id, evidence)
        session.apply(recording.change_of(journal.id, bytes_of(evidence), journal.kept_logs(), line))
        journal.forget()
    return True


def _remove_scratch(journal: Journal) -> None:
    """Of a drill of which the keeper was killed too: nothing else would."""
    from svcops.runbooks import keeper

    place = Path(journal.scratch)
    if place.name.startswith(PREFIX) and place.is_dir() and not place.is_symlink():
        keeper.remove(str(place))


def _is_young(journal: Journal) -> bool:
    """Whether it may be about to begin."""
    try:
        return time.time() - journal.folder.stat().st_mtime < LIMIT.total_seconds()
    except OSError:
        return True
