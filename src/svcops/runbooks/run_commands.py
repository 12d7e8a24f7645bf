"""The verbs of `svcops runbook` that run one, and tell of runs."""

from typing import TYPE_CHECKING, Annotated, Any

from svcops.errors import ANSWER_IS_NO, DONE, BadInput
from svcops.runbooks.noun import Name, app, runbook_called
from svcops.terminal.command import Argument, Context, Option

if TYPE_CHECKING:
    from svcops.runbooks.execution.deciding import Decider
    from svcops.runbooks.execution.journal import Journal
    from svcops.runbooks.execution.runs import Clock
    from svcops.runbooks.execution.walking import Book
    from svcops.terminal.session import Session


@app.verb(
    "run",
    examples="""
svcops runbook run ledger/postings-late
svcops runbook run ledger/postings-late --dry-run
svcops runbook run ledger/postings-late --from mitigation-2
svcops runbook run ledger/postings-late --resume
svcops runbook run ledger/postings-late --abandon --text "Somebody else mended it"
svcops runbook run ledger/close-period --auto --preconditions-hold --json
""",
)
def run(
    ctx: Context,
    given: Name,
    auto: Annotated[bool, Option("--auto", help="Ask nobody: stops at what only a person can do or judge.")] = False,
    dry_run: Annotated[bool, Option("--dry-run", help="Show the steps, and run nothing.")] = False,
    from_: Annotated[str, Option("--from", metavar="STEP", help="Begin with this step: mitigation-2.")] = "",
    step: Annotated[str, Option("--step", metavar="STEP", help="Run this step alone.")] = "",
    resume: Annotated[bool, Option("--resume", help="Go on with the run that was broken off.")] = False,
    abandon: Annotated[
        bool, Option("--abandon", help="Run no more of the run that was broken off, and record it as it stands.")
    ] = False,
    preconditions_hold: Annotated[
        bool, Option("--preconditions-hold", help="With --auto: you say that what has to be so before is so.")
    ] = False,
    allow_dangerous: Annotated[
        bool, Option("--allow-dangerous", help="With --auto: run steps that are said to be dangerous, too.")
    ] = False,
    text: Annotated[str, Option("--text", metavar="TEXT", help="What was seen, for the record.")] = "",
) -> int:
    """Walk through a runbook: show each step, ask, run it, and compare with what is expected.

    A step that fails leads to the section Rollback. What came of it is recorded as an exercise, with what each step
    said, secrets masked. A run that is broken off is kept in this clone. Exit code 0 where it passed, or was abandoned
    and recorded, 1 where it did not pass, as a step failed or was left out, 3 where it could not go on.
    """
    from svcops.runbooks.execution import runs

    session: Session = ctx.obj
    if bool(from_) + bool(step) + resume + dry_run + abandon > 1:
        given_alone = "--from, --step, --resume, --abandon and --dry-run are each on their own"
        raise BadInput(given_alone, help="Leave all but one out.")
    if dry_run:
        return _dry_run(session, given)
    if abandon:
        return _abandoned(session, given, text)
    if not auto and (session.options.no_input or not session.stdin.isatty()):
        help_ = "--auto runs what a program can judge; --dry-run shows the steps."
        raise BadInput("a run asks at each step, and there is no terminal", help=help_)
    clock = runs.Clock(session)
    decider = _decider(session, given, auto=auto, hold=preconditions_hold, dangerous=allow_dangerous)
    if resume:
        book, journal = _taken_up(session, given)
        journal.add("mode", mode=decider.mode)
    else:
        only = ("from", from_) if from_ else ("step", step) if step else ("", "")
        book, journal = _begun(session, given, clock, decider, only)
    try:
        return _through(session, book, journal, decider, clock, text)
    except BaseException:
        _say_it_is_kept(session, journal)
        raise
    finally:
        journal.close()


def _decider(session: "Session", given: str, *, auto: bool, hold: bool, dangerous: bool) -> "Decider":
    from svcops.runbooks.execution.deciding import Automatic, Terminal

    if auto:
        return Automatic(given, preconditions_hold=hold, allow_dangerous=dangerous)
    if hold or dangerous:
        raise BadInput("--preconditions-hold and --allow-dangerous go with --auto", help="At a terminal you are asked.")
    return Terminal(session)


def _taken_up(session: "Session", given: str) -> "tuple[Book, Journal]":
    from svcops.runbooks.execution import runs
    from svcops.runbooks.execution.journal import left, take_up

    folder = runs.folder_of_runs(session)
    named = [one.head.runbook for one in left(folder) if given in (one.head.runbook, one.head.runbook.split("/")[1])]
    name = named[0] if len(set(named)) == 1 else runbook_called(session.store.graph, given).name
    journal = take_up(folder, name)
    if runs.is_changed(session, journal):
        again = "--abandon records it as it stands, so that it can be run anew"
        session.warn(f"{name} was changed since this run began, which goes on with the text of then; {again}")
    return runs.book_in(journal), journal


def _abandoned(session: "Session", given: str, text: str) -> int:
    """Record a run that was left, as it stands."""
    from svcops.runbooks.execution import runs

    book, journal = _taken_up(session, given)
    try:
        clock = runs.Clock(session)
        if not journal.over:
            runs.abandon(book, journal, clock)
        _record(session, book, journal, clock, text)
    finally:
        journal.close()
    return DONE


def _begun(
    session: "Session", given: str, clock: "Clock", decider: "Decider", only: tuple[str, str]
) -> "tuple[Book, Journal]":
    from svcops.runbooks.execution import runs
    from svcops.runbooks.execution.journal import left

    entry = runbook_called(session.store.graph, given)
    book = runs.book_called(session, entry)
    there = left(runs.folder_of_runs(session), entry.name)
    if there:
        session.say(_standing(there[-1]))
    journal = runs.begun(session, entry.name, book, clock, decider.mode, only)
    return book, journal


def _standing(journal: "Journal") -> str:
    """How a run stands that is not recorded."""
    head = journal.head
    if journal.is_held:
        return f"{head.id} of {head.runbook} goes on in another process"
    if journal.over:
        return f"{head.id} is over, and not recorded yet: svcops runbook run {head.runbook} --resume records it"
    again = f"svcops runbook run {head.runbook} --resume goes on with it, --abandon records it as it stands"
    return f"{head.id} was broken off: {again}"


def _through(
    session: "Session", book: "Book", journal: "Journal", decider: "Decider", clock: "Clock", text: str
) -> int:
    from svcops.runbooks.execution import runs

    if not journal.over:
        runs.tell_start(session, journal, clock)
        runs.walk(session, book, journal, decider, clock)
    result = journal.over["result"]
    _record(session, book, journal, clock, text)
    return DONE if result == "passed" else ANSWER_IS_NO


def _record(session: "Session", book: "Book", journal: "Journal", clock: "Clock", text: str) -> None:
    from svcops.runbooks.execution import runs

    id_ = journal.head.id
    written = runs.record_run(session, book, journal, clock, text)
    session.finish(written, id_, "svcops.exercise/1", lambda: {"exercise": _content(session, id_)})


def _say_it_is_kept(session: "Session", journal: "Journal") -> None:
    if journal.folder.is_dir() and not journal.over:
        session.warn(f"{journal.head.id} is kept: svcops runbook run {journal.head.runbook} --resume goes on with it")


def _content(session: "Session", exercise_id: str) -> dict[str, Any]:
    from svcops.runbooks.exercise_presenting import detail

    return detail(session.store.graph.all("exercise")[exercise_id])


def _dry_run(session: "Session", given: str) -> int:
    """What a run would go through."""
    from svcops.runbooks.execution import runs
    from svcops.runbooks.execution.presenting import planned, planned_text

    entry = runbook_called(session.store.graph, given)
    book = runs.book_called(session, entry)
    if session.options.json:
        session.show_json("svcops.runbook-plan/1", runbook=entry.name, steps=planned(book))
    elif session.options.quiet:
        session.show("\n".join(one["step"] for one in planned(book)))
    else:
        session.show(planned_text(book))
        session.say("nothing was run")
    return session.mention_damage()


@app.verb("history", examples="svcops runbook history\nsvcops runbook history ledger/postings-late --json")
def history(
    ctx: Context,
    given: Annotated[str, Argument(metavar="[SERVICE/NAME]", help="One runbook; otherwise all.")] = "",
) -> int:
    """List what runs of runbooks did, the newest first."""
    from svcops.runbooks.contradicting import contradictions
    from svcops.runbooks.execution.journal import left
    from svcops.runbooks.exercise_presenting import COLUMNS, detail, row

    session: Session = ctx.obj
    graph = session.store.graph
    every = graph.all("exercise").values()
    name = given if any(one.value.runbook == given for one in every) else ""
    if given and not name:  # one that was retired since has a history too
        name = runbook_called(graph, given).name
    found = [one for one in every if name in ("", one.value.runbook)]
    found.sort(key=lambda one: one.value.ended_at, reverse=True)
    against = contradictions(graph)
    if session.options.json:
        listed = [detail(one, against.get(one.name, ())) for one in found]
        session.show_json("svcops.exercises/1", exercises=listed)
    else:
        rows = [row(one, against.get(one.name, ()), session.zone) for one in found]
        session.show_table(COLUMNS, rows, empty="no exercise is recorded")
    if session.store.git_dir:
        for one in left(session.store.git_dir / "svcops" / "runs", name):
            session.say(_standing(one))
    return session.mention_damage()
