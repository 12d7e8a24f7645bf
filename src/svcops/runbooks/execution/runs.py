"""A run from the call to its record: begun or taken up, walked, recorded."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from svcops.checking.model import At
from svcops.errors import BadInput, NotDone, SvcopsError
from svcops.runbooks.execution import telling
from svcops.runbooks.execution.deciding import Decider
from svcops.runbooks.execution.journal import Head, Journal, begin
from svcops.runbooks.execution.outcome import exercise_of, folder_of, record, result_of_run, walked
from svcops.runbooks.execution.running import Runner
from svcops.runbooks.execution.walking import Book, Walk, book_of
from svcops.runbooks.exercise_presenting import why
from svcops.runbooks.masking import Masker, secrets_of
from svcops.runbooks.model import Runbook
from svcops.store.events import Author
from svcops.timing.model import format_instant, with_offset

if TYPE_CHECKING:
    from svcops.store.change import Change
    from svcops.store.entries import Entry
    from svcops.store.writing import Written
    from svcops.terminal.session import Session


_LEFT = (
    "something that a step left running is ended now, with the run; what is to go on is started by what keeps it, "
    "such as systemctl"
)


class EndedBySignal(NotDone):
    """Somebody told the process to end; its exit code is what shells give then."""

    def __init__(self, what: str, by: signal.Signals) -> None:
        super().__init__(f"{what} was ended by {by.name}")
        self.exit_code = 128 + by


class Clock:
    """The time of a run: that of the call's start, and what a clock that is never set has gone on since."""

    def __init__(self, session: "Session") -> None:
        self._start = session.now()
        self._zone = session.zone
        self._began = time.monotonic()

    def __call__(self) -> datetime:
        """Now, to the millisecond."""
        now = self._start + timedelta(seconds=time.monotonic() - self._began)
        return with_offset(now.replace(microsecond=now.microsecond // 1000 * 1000), self._zone)


def folder_of_runs(session: "Session") -> Path:
    """Where runs are that are not over; NotDone without a git directory."""
    from svcops.store.git import NotARepository

    if session.store.git_dir is None:
        raise NotARepository(session.store.root)
    return session.store.git_dir / "svcops" / "runs"


def book_called(session: "Session", entry: "Entry[Runbook]") -> Book:
    """A runbook as it stands in the work tree."""
    text = session.store.blob(entry.path).decode("utf-8-sig")
    return book_of(entry.value, text, entry.path)


def book_in(journal: Journal) -> Book:
    """The runbook as it was when a run began."""
    from svcops.store.documents import parse
    from svcops.store.validation import validate

    path = f"runbooks/{journal.head.runbook}.md"
    text = journal.text
    found, wrong = validate(Runbook, parse(text.encode(), path).documents[0], At(path))
    if wrong:
        raise BadInput(f"the text that {journal.head.id} runs is damaged: {wrong[0].message}")
    return book_of(found, text, path)


def is_changed(session: "Session", journal: Journal) -> bool:
    """Whether the runbook has another text by now than the run that was left."""
    from svcops.store.cache import blob_of

    path = f"runbooks/{journal.head.runbook}.md"
    return session.store.graph.tree.has(path) and blob_of(session.store.blob(path)) != journal.head.blob


def begun(session: "Session", name: str, book: Book, clock: Clock, mode: str, only: tuple[str, str]) -> Journal:
    """A new run. `only` is `from` or `step` with the name of a step, or two empty texts."""
    from svcops.incidents.noun import in_use
    from svcops.store.cache import blob_of
    from svcops.store.ids import new_id

    now = clock()
    names = _only(book, *only)
    head = Head(
        id=new_id("exercise", now, session.random_bytes),
        runbook=name,
        blob=blob_of(session.store.blob(f"runbooks/{name}.md")),
        by=session.store.me(),
        started_at=format_instant(now),
        mode=mode,
        incident=in_use(session),
        only=names,
        why_only=f"not asked for: --{only[0]} {only[1]}" if names else "",
    )
    return begin(folder_of_runs(session), head, book.text)


def _only(book: Book, what: str, name: str) -> tuple[str, ...]:
    if not what:
        return ()
    step = book.called(name)
    way = [one.name for one in walked(book.structure)]
    if step.name not in way:
        help_ = f"The steps of a run are {', '.join(way)}."
        raise BadInput(f"--{what} {name}: a step of the section {step.section}, which no run begins with", help=help_)
    return tuple(way[way.index(step.name) :]) if what == "from" else (step.name,)


def tell_start(session: "Session", journal: Journal, clock: Clock) -> None:
    """Log the start to the incident in use; where that cannot be now, the record of the run does it."""
    if not journal.head.incident or journal.told:
        return
    try:
        change = telling.events(session, journal.head.incident, _author(session, clock), [telling.start_of(journal)])
        session.apply(change)
    except (SvcopsError, OSError) as error:
        session.warn(f"the timeline of {journal.head.incident} is told later: {error}")
    else:
        journal.add("told")


def walk(session: "Session", book: Book, journal: Journal, decider: Decider, clock: Clock) -> None:
    """Run what is not over yet, with everything ended and cleaned up at the end, however that comes."""
    from svcops.runbooks.keeper import remove
    from svcops.runbooks.processes import Keeper

    env = {**session.env, **journal.variables}
    _refuse_without_secrets(journal, env)
    scratch = journal.folder / "scratch"  # what steps export stands in it: it goes with the run, whoever was killed
    remove(str(scratch))
    scratch.mkdir(mode=0o700)
    with ended_in_order("the run"), Keeper(scratch) as keeper:
        secrets = book.record.secrets
        runner = Runner(keeper, scratch, session.store.root, env, secrets, shower(session), session.warn)
        _say_what_is_not(session, journal, runner)
        Walk(book, journal, decider, runner, clock, session.say).go()
        if keeper.leaves_something():
            session.warn(_LEFT)


@contextmanager
def ended_in_order(what: str) -> Iterator[None]:
    """SIGTERM and SIGHUP end what is done as ^C does: with what it started ended, and word of what is kept of it."""

    def end(number: int, _: FrameType | None) -> None:
        for one in before:
            signal.signal(one, lambda *_: None)  # it is ending; one that came already finds a function, and not nothing
        raise EndedBySignal(what, signal.Signals(number))

    before = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is signal.SIG_DFL]
    for one in before:
        signal.signal(one, end)
    try:
        yield
    finally:
        for one in before:
            signal.signal(one, signal.SIG_DFL)


def abandon(book: Book, journal: Journal, clock: Clock) -> None:
    """End a run that was left where it stands: aborted, or failed where a step did."""
    found = result_of_run(journal, book.structure, book.preconditions)
    journal.add("over", result="failed" if found == "failed" else "aborted", at=format_instant(clock()))


def _say_what_is_not(session: "Session", journal: Journal, runner: Runner) -> None:
    """Which secrets are not masked, and which values of an earlier call are not there any more."""
    if runner.masker.too_short:
        session.warn(f"too short to be masked: {', '.join(runner.masker.too_short)}")
    told = ", ".join(_lacking(journal, runner.env))
    if told:
        session.warn(f"{told}: set by a step before, and not kept, as secret: set it in the environment where needed")


def _lacking(journal: Journal, env: Mapping[str, str]) -> list[str]:
    """Secrets that a step before set: they are in no journal, so whoever goes on has them, or has not."""
    return sorted(journal.not_kept - env.keys())


def _refuse_without_secrets(journal: Journal, env: Mapping[str, str]) -> None:
    """With nobody there a step that lacks one would fail, and lead to the rollback, for no fault of the runbook's."""
    told = ", ".join(_lacking(journal, env))
    if told and journal.mode == "automatic":
        what = f"{told}: set by a step before, and not kept, as secret, so the run stops here"
        help_ = f"Set it in the environment, or go on at a terminal: svcops runbook run {journal.head.runbook} --resume"
        raise NotDone(what, help=help_)


def shower(session: "Session") -> Callable[[str], None]:
    """Shows what steps say: as data, with --json as a remark, with --quiet not at all."""
    from svcops.terminal.session import printable

    stream = session.stderr if session.options.json else session.stdout

    def show(text: str) -> None:
        if not session.options.quiet:
            stream.write(printable(text.replace("\r\n", "\n")))
            stream.flush()

    return show


def record_run(session: "Session", book: Book, journal: Journal, clock: Clock, text: str) -> "Written":
    """Write the exercise, and what the incident is told. Where that cannot be, the run is kept to be recorded again."""
    from svcops.store.writing import NotCommitted, Written

    head = journal.head
    text = Masker(secrets_of({**session.env, **journal.variables}, book.record.secrets)).mask(text)
    outputs = {path: (journal.folder / path).read_bytes() for path in journal.outputs}
    exercise = exercise_of(journal, book.structure, tuple(book.preconditions), text, outputs)
    reason = why(exercise)
    is_cut_short = exercise.result == "aborted" and all(one.result != "failed" for one in exercise.steps)
    result = "aborted: not a full run" if is_cut_short else exercise.result
    session.say(f"{head.runbook}: {result}" + (f" ({reason})" if reason else ""))
    change = record(head.id, exercise, outputs)
    if (session.store.root / folder_of(head.id) / "exercise.yaml").exists():  # killed between the record and its end
        journal.close(keep=False)
        return Written(tuple(change.files), session.store.git.head(), "")
    if head.incident:
        change = _with_events(session, journal, clock, change)
    try:
        written = session.apply(change)
    except NotCommitted:  # it stands in the work tree
        journal.close(keep=False)
        raise
    except (NotDone, OSError) as error:
        raise _not_recorded(head.runbook, error) from None
    journal.close(keep=False)
    return written


def _with_events(session: "Session", journal: Journal, clock: Clock, change: "Change") -> "Change":
    """With what the incident is told; where that cannot be, as it is gone or damaged, the exercise has it all."""
    incident = journal.head.incident
    try:
        return change + telling.events(session, incident, _author(session, clock), telling.course_of(journal))
    except SvcopsError as error:
        session.warn(f"the timeline of {incident} is told nothing: {error}")
        return change


def _not_recorded(runbook: str, error: NotDone | OSError) -> NotDone:
    if isinstance(error, NotDone):
        said, help_ = error.message, error.help
    else:
        said, help_ = f"{error.filename or 'the store'}: {error.strerror}", ""
    again = f"Nothing of the run is lost: svcops runbook run {runbook} --resume records it."
    return NotDone(f"the run is over, and not recorded: {said}", help=f"{help_}\n{again}".strip())


def _author(session: "Session", clock: Clock) -> Author:
    return Author(session.store.me(), clock(), session.random_bytes, session.zone)
