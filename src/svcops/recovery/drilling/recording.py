"""The record of a drill: what is known when it begins, what it came to, what is left of one that was killed."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from svcops.errors import BadInput
from svcops.recovery import damage
from svcops.recovery.drilling.course import Course
from svcops.recovery.drilling.journal import RECORD, Journal
from svcops.recovery.drilling.judging import for_the_record, verdict_of, whole_seconds, without_parts
from svcops.recovery.model import CaseResult, Content, Evidence, Fault, Identity, StageResult, Target
from svcops.recovery.plan import Damage, Reason, RecoveryPlan
from svcops.store.change import Change
from svcops.store.entries import Entry
from svcops.store.events import subject
from svcops.store.ids import tail, year_of
from svcops.store.recording import bytes_of
from svcops.terminal.session import printable
from svcops.timing.model import parse_instant

if TYPE_CHECKING:
    from datetime import tzinfo

    from svcops.terminal.session import Session


def base_of(session: "Session", evidence_id: str, plan: Entry[RecoveryPlan], target: Target, at: datetime) -> Evidence:
    """The evidence as far as it is known when the drill begins; until it is over, nobody can tell."""
    from svcops.recovery.chain import heads
    from svcops.recovery.completeness import lost_heads

    value = plan.value
    graph = session.store.graph
    assert value.backup, "a plan without a backup is drilled by hand"
    paths = [plan.path, *([f"runbooks/{value.runbook}.md"] if value.runbook else [])]
    return Evidence(
        id=evidence_id,
        plan=plan.name,
        started_at=at,
        ended_at=at,
        verdict="inconclusive",
        by=session.store.me(),
        scenario=value.scenario,
        scope=tuple(one.name for one in value.data),
        followed=tuple(content_of(session, path) for path in paths if (session.store.root / path).is_file()),
        target=target,
        backup=Identity(tool=value.backup.tool, repository=getattr(value.backup, "repository", None) or "commands"),
        environment=value.environment,
        host=_host(),
        after=(*heads(graph), *lost_heads(graph, session.store.history)),
    )


def content_of(session: "Session", path: str) -> Content:
    """The exact text that is followed, and the commit that holds it, where one does."""
    from svcops.store.cache import blob_of

    blob = blob_of(session.store.blob(path))
    git = session.store.git
    head = git.head()
    is_committed = head is not None and git.blob_at("HEAD", path) == blob
    return Content(path=path, blob=blob, commit=head if is_committed else None)


def versions_of(course: Course) -> dict[str, str]:
    """The versions of what a drill used, and of what measured it."""
    import platform

    import svcops

    return {"svcops": svcops.__version__, "python": platform.python_version(), **course.versions()}


def evidence_of(
    base: Evidence, course: Course, faults: Sequence[Fault], at: datetime, *, cases: Sequence[CaseResult] = ()
) -> Evidence:
    """What a drill came to."""
    assert base.backup, "set at the start"
    snapshot, measured = course.snapshot, course.measured
    taken = snapshot.taken_at if snapshot else None
    return replace(
        base,
        ended_at=at,
        verdict=verdict_of(faults),
        rto=whole_seconds(measured.rto) if measured.rto is not None else None,
        rpo=whole_seconds(measured.rpo.total_seconds()) if measured.rpo is not None else None,
        faults=tuple(faults),
        backup=replace(base.backup, snapshot=snapshot.id if snapshot else None, taken_at=taken, chosen=course.chosen),
        stages=tuple(course.stages),
        expected=without_parts(course.expected),
        actual=for_the_record(course.expected, course.actual),
        cases=tuple(cases),
        deviations=(*base.deviations, *course.deviations),
        tools=versions_of(course),
    )


def case_of(told: str, expected: Sequence[Reason], course: Course) -> CaseResult:
    """What a drill under a case came to; whether that is noticed is judged by whoever knows the case."""
    last = course.stages[-1]
    return CaseResult(
        case=told,
        expected=tuple(expected),
        verdict=verdict_of(course.faults),
        faults=tuple(course.faults),
        noticed=False,
        log=last.log,
        digest=last.digest,
    )


def untried(one: Damage) -> CaseResult:
    """A case that would show nothing."""
    fault = Fault(reason="not-possible", text=f"{damage.WITHOUT} did not pass, so damage to one would show nothing")
    expected = damage.expected_of(one)
    return CaseResult(case=one.case, expected=expected, verdict="inconclusive", faults=(fault,), noticed=False)


def interrupted(journal: Journal, zone: "tzinfo") -> Evidence:
    """What is known of a drill that was killed: as far as it came, and that nobody can tell.

    Of one that was over, all that it came to. BadInput where the journal is damaged.
    """
    from svcops.timing.model import with_offset

    if journal.over:
        return _read(journal.over)
    plain = {"id": journal.id, **journal.plain}
    where = f"in the stage {journal.begun}" if journal.begun else "between two stages"
    fault = {"reason": "interrupted", "text": f"it was ended from outside {where}"}
    logs = {f"logs/{one.name}" for one in journal.logs.glob("*.txt")}
    plain |= {
        "ended_at": journal.last_at,
        "stages": [one for one in journal.stages if one.get("log") in {None, *logs}],
        "faults": [*journal.faults, fault],
        "cases": journal.cases,
        "cleaned_up": not os.path.lexists(journal.scratch),
    }
    found = _read({key: value for key, value in plain.items() if value not in ([], ())})
    return replace(found, ended_at=with_offset(parse_instant(journal.last_at), zone), verdict=verdict_of(found.faults))


def _read(plain: dict[str, Any]) -> Evidence:
    from svcops.checking.model import At
    from svcops.store.validation import validate

    found, wrong = validate(Evidence, plain, At("recovery/evidence/"))
    if wrong:
        raise BadInput(f"the journal of a drill is damaged: {wrong[0].message}")
    assert isinstance(found, Evidence)
    return found


def fit_to_write(evidence: Evidence, base: Evidence) -> tuple[Evidence, bytes]:
    """A record, and its bytes; without what could not be written, where something could not: the verdict stays."""
    shown: Evidence = _shown(evidence)
    try:
        return shown, bytes_of(shown)
    except BadInput as error:
        faults = tuple(Fault(reason=one.reason, text="what was seen cannot be written down") for one in shown.faults)
        less = replace(
            base,
            ended_at=shown.ended_at,
            verdict=shown.verdict,
            rto=shown.rto,
            rpo=shown.rpo,
            faults=faults,
            text=f"{base.text}\nNot all of it could be written down: {error.message}".strip(),
            cleaned_up=shown.cleaned_up,
            next_due=shown.next_due,
        )
        return less, bytes_of(less)


def _shown(value: Any) -> Any:
    """The same with every text as it can be shown: what tools, files and tables are called may hold anything."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, tuple):
        return tuple(map(_shown, value))
    if isinstance(value, dict):
        return {name: _shown(one) for name, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: _shown(getattr(value, one.name)) for one in fields(value)})
    return value


def change_of(evidence_id: str, data: bytes, logs: Mapping[str, bytes], line: str) -> Change:
    """The change that records a drill, with what was said."""
    folder = folder_of(evidence_id)
    files: dict[str, bytes | None] = {f"{folder}/{RECORD}": data}
    files |= {f"{folder}/{path}": text for path, text in logs.items()}
    return Change(line, files, records=(evidence_id,))


def line_of(evidence_id: str, evidence: Evidence) -> str:
    """The first line of the commit."""
    what = "Hardening" if evidence.hardening else "Drill"
    return subject(f"{what} {tail(evidence_id)} of {evidence.plan}: {evidence.verdict}")


def folder_of(evidence_id: str) -> str:
    """The folder of an evidence."""
    return f"recovery/evidence/{year_of(evidence_id)}/{evidence_id}"


def last_stage(name: str, started: datetime, ended: datetime, seconds: float) -> StageResult:
    """A stage that says nothing."""
    return StageResult(name=name, started_at=started, ended_at=ended, seconds=round(seconds, 3))


def _host() -> str:
    known = os.uname()
    return f"{known.nodename}, {known.sysname} {known.release} {known.machine}"
