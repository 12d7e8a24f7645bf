"""The verbs of `svcops drill` that write: new, baseline, run, harden."""

from typing import TYPE_CHECKING, Annotated

from svcops.errors import ANSWER_IS_NO, DONE, NOT_DONE, BadInput
from svcops.recovery.noun import Plan, app, close_what_was_left, code_of, plan_called
from svcops.terminal.command import Argument, Context, Option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from svcops.recovery.drilling.drills import Drill, Said
    from svcops.recovery.model import Defect, Evidence
    from svcops.recovery.plan import Damage, RecoveryPlan
    from svcops.store.entries import Entry
    from svcops.terminal.session import Session

Witness = Annotated[str, Option("--witness", metavar="NAME", help="Who is there and sees it; not whoever runs it.")]
SeenText = Annotated[str, Option("--text", metavar="TEXT", help="What was seen, for the record.")]
Deviation = Annotated[
    list[str] | None,
    Option("--deviation", metavar="TEXT", help="What is done in another way than the plan says; may be repeated."),
]

Defects = Annotated[
    list[str] | None,
    Option(
        "--defect",
        metavar="'OWNER DAY TEXT'",
        help="What is known to be wrong, who sees to it, until when: 'ada 2026-12-01 The index is not in it'.",
    ),
]


@app.verb(
    "new",
    examples="""
svcops drill new archive-index --title "The index of the archive from its backup" --service document-archive \\
    --backup var/backups --sqlite index=var/archive/index.sqlite --files documents=var/archive/documents
""",
)
def new(
    ctx: Context,
    name: Annotated[str, Argument(metavar="NAME", help="A name of your own: ledger-database.")],
    title: Annotated[str, Option("--title", metavar="TEXT", help="What is brought back, in one line.")],
    service: Annotated[list[str], Option("--service", metavar="NAME", help="Whose data it is; may be repeated.")],
    backup: Annotated[str, Option("--backup", metavar="DIR", help="The folder in which copies are kept.")],
    sqlite: Annotated[
        list[str] | None, Option("--sqlite", metavar="NAME=FILE", help="A database of SQLite; may be repeated.")
    ] = None,
    files: Annotated[
        list[str] | None, Option("--files", metavar="NAME=DIR", help="A tree of files; may be repeated.")
    ] = None,
    scenario: Annotated[str, Option("--scenario", metavar="TEXT", help="What happened before.")] = "",
    runbook: Annotated[str, Option("--runbook", metavar="SERVICE/NAME", help="What people follow for real.")] = "",
) -> int:
    """Begin a recovery plan for databases of SQLite and files, with every damage case that it must notice.

    For restic, borg, pgBackRest, PostgreSQL and anything else write the plan: svcops schema recovery-plan shows its
    keys.
    """
    from svcops.catalogue.facts import called
    from svcops.recovery import changes

    session: Session = ctx.obj
    graph = session.store.graph
    if graph.find(("recovery-plan",), name):
        raise BadInput(f"there is a plan {name} already", help=f"svcops drill show {name}")
    services = tuple(dict.fromkeys(called(graph, "service", one).name for one in service))
    if runbook:
        called(graph, "runbook", runbook)
    data = changes.data_of(sqlite or [], files or [])
    change = changes.new(name, title, services, backup, data, scenario=scenario, runbook=runbook or None)
    written = session.apply(change)
    session.finish(written, name, "svcops.recovery-plan/1", lambda: {"plan": {"name": name}})
    session.say(f"next: svcops drill baseline {name}, then svcops drill harden {name}")
    return DONE


@app.verb("baseline", examples="svcops drill baseline archive-index")
def baseline(ctx: Context, given: Plan) -> int:
    """Take the data in, keep it as a new snapshot of the backup, and write down what it holds, in full.

    The figures come from the very state that is kept, so a drill can tell whether what comes back is that. It runs what
    the plan says: its tools, and its commands where it has any, as `drill run` and `drill harden` do.
    """
    from svcops.recovery import baselines
    from svcops.recovery.drilling.drills import check_it_may_be_run
    from svcops.store.yaml_writing import plain_of
    from svcops.terminal.progress import telling

    session: Session = ctx.obj
    close_what_was_left(session)
    entry = plan_called(session.store.graph, given)
    check_it_may_be_run(session, entry)
    with telling(session) as tell:
        name, record, change = baselines.take(session, entry, tell)
    try:
        written = session.apply(change)
    except Exception:
        session.warn(f"the snapshot {record.snapshot} is kept, and its baseline is not committed")
        raise
    detail = {"id": name, **plain_of(record)}
    session.finish(written, name, "svcops.baseline/1", lambda: {"baseline": detail})
    for one in record.data:
        parts = f"{len(one.parts):,} parts" if one.parts else "many parts"
        session.say(f"  {one.data}: {parts}, {one.digest[:19]}...")
    session.say(f"snapshot {record.snapshot}")
    return DONE


@app.verb(
    "run",
    examples="svcops drill run archive-index\nsvcops drill run archive-index --witness noor --json",
)
def run(
    ctx: Context,
    given: Plan,
    witness: Witness = "",
    text: SeenText = "",
    deviation: Deviation = None,
    defect: Defects = None,
) -> int:
    """Restore a backup into a scratch folder, compare all of it with its baseline, measure, and record what came of it.

    It passed where every stage ended well, no tool said damage, the content is the baseline's in full, the recovery
    took no longer than the RTO and the data was no older than the RPO that are agreed. Exit code 0 passed, 1 failed, 4
    where it could not tell, 3 where it could not be done.
    """
    session: Session = ctx.obj
    said = _said(session, witness, text, deviation, defect)
    return _drill(session, given, said, harden=False)


@app.verb("harden", examples="svcops drill harden archive-index")
def harden(
    ctx: Context,
    given: Plan,
    witness: Witness = "",
    text: SeenText = "",
    deviation: Deviation = None,
    defect: Defects = None,
) -> int:
    """Show that a drill of a plan can fail: run it well, then under each damage case of the plan, on copies.

    The plan is hardened where the good one passed, a copy without damage did, and each case failed for its own reason.
    Exit code 0 hardened, 1 not, 4 where it could not tell, 3 where it, or one of the cases, could not be done.
    """
    session: Session = ctx.obj
    said = _said(session, witness, text, deviation, defect)
    return _drill(session, given, said, harden=True)


def _drill(session: "Session", given: str, said: "Said", *, harden: bool) -> int:
    from svcops.recovery.drilling.drills import Drill, check_it_may_be_run
    from svcops.terminal.progress import telling

    close_what_was_left(session)
    entry = plan_called(session.store.graph, given)
    check_it_may_be_run(session, entry)
    cases = _cases(entry) if harden else ()
    with telling(session) as tell:
        drill = Drill(session, entry, tell, said)
        written = drill.run(cases)
    return _told(session, entry, drill, written, harden=harden)


def _told(session: "Session", entry: "Entry[RecoveryPlan]", drill: "Drill", written: object, *, harden: bool) -> int:
    from svcops.recovery.facts import why_not_hardened
    from svcops.recovery.presenting import evidence_text
    from svcops.store.writing import Written
    from svcops.store.yaml_writing import plain_of

    assert isinstance(written, Written)
    found = drill.evidence
    if session.options.json or session.options.quiet:
        detail = {"id": drill.id, **plain_of(found)}
        session.finish(written, drill.id, "svcops.evidence/1", lambda: {"evidence": detail})
    else:
        session.show(evidence_text(drill.id, found, session.zone))
        session.say_written(written)
    if not harden:
        return code_of(found)
    wrong = why_not_hardened(found, entry.value)
    if found.verdict != "passed":
        wrong = "no damage was tried, as the good case did not pass"
    session.say(f"{entry.name} is not hardened: {wrong}" if wrong else f"{entry.name} is hardened")
    return code_of(found) or (_code_of_cases(found) if wrong else DONE)


def _code_of_cases(found: "Evidence") -> int:
    """1 where a case that was tried did not come to what it must, 3 where some could not be tried."""
    from svcops.recovery.facts import is_tried

    if any(is_tried(one) and not one.noticed for one in found.cases):
        return ANSWER_IS_NO
    return ANSWER_IS_NO if all(map(is_tried, found.cases)) else NOT_DONE


def _cases(entry: "Entry[RecoveryPlan]") -> "Sequence[Damage]":
    if not entry.value.damage:
        help_ = "Write `damage` with the cases that it must notice, such as flip-bytes, change-value, slow."
        raise BadInput(f"{entry.name} says no damage that its drill must notice", help=help_)
    return entry.value.damage


def _said(
    session: "Session", witness: str, text: str, deviations: "Sequence[str] | None", defects: "Sequence[str] | None"
) -> "Said":
    """What whoever runs it adds to the record; BadInput where that cannot be."""
    from svcops.recovery.drilling.drills import Said

    known = tuple(_defect(session, one) for one in defects or ())
    return Said(_witness(session, witness), text, tuple(deviations or ()), known)


def _defect(session: "Session", given: str) -> "Defect":
    from datetime import date

    from svcops.recovery.model import Defect

    owner, _, rest = given.strip().partition(" ")
    day, _, text = rest.strip().partition(" ")
    try:
        date.fromisoformat(day)
    except ValueError:
        day = ""
    if len(day) != len("2026-12-01") or not text.strip():
        help_ = "Who sees to it, until which day, and what is wrong: 'ada 2026-12-01 The index is not in it'."
        raise BadInput(f"--defect {given!r}: not OWNER DAY TEXT", help=help_)
    return Defect(text=text.strip(), owner=_somebody(session, owner, "--defect"), due=day)


def _witness(session: "Session", given: str) -> str:
    if not given:
        return ""
    found = _somebody(session, given, "--witness")
    if found == session.store.me():
        raise BadInput("--witness is whoever runs it", help="A witness is somebody else.")
    return found


def _somebody(session: "Session", given: str, option: str) -> str:
    from svcops.store.people import is_nobody, who, why_nobody

    graph = session.store.graph
    found = who(graph, given)
    if is_nobody(graph, found):
        raise BadInput(f"{option}: {why_nobody(graph, found)}", help="A name of catalogue/people, or a mail address.")
    return found
