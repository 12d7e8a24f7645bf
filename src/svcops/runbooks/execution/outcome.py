"""What a run's steps come to, and the record of it. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from svcops.runbooks.execution.journal import Journal
from svcops.runbooks.model import Exercise, StepResult
from svcops.runbooks.outline import key_of
from svcops.runbooks.sections import PRECONDITIONS, READ_ONLY, ROLLBACK, role_of
from svcops.runbooks.structure import Code, Step, Structure
from svcops.store.change import Change
from svcops.store.events import subject
from svcops.store.ids import tail, year_of
from svcops.store.recording import bytes_of
from svcops.timing.model import parse_instant

Result = Literal["passed", "failed", "aborted"]

DIAGNOSIS = "diagnosis"
UNKNOWN = "it was begun, and nobody knows what came of it"


def walked(structure: Structure) -> tuple[Step, ...]:
    """The steps that a run goes through where all goes well."""
    return tuple(one for one in structure.steps if role_of(one.section) not in READ_ONLY)


def unwalked(structure: Structure) -> Iterator[tuple[str, Code]]:
    """The sections of the way to success with commands that belong to no step, each with the first of them.

    Nobody is led to them; so it is with what stands above the first section, which has no title.
    """
    if structure.above:
        yield "", structure.above[0]
    for one in structure.sections:
        is_by_hand = any(step.is_whole for step in one.steps)  # whoever does it is led to them
        if one.loose and not is_by_hand and role_of(one.title) not in READ_ONLY:
            yield one.title, one.loose[0]


def is_precondition(step: Step) -> bool:
    """Whether a step tells if anything may be done at all."""
    return role_of(step.section) == PRECONDITIONS


def rollback(structure: Structure) -> tuple[Step, ...]:
    """The steps that a run goes through once one failed."""
    return tuple(one for one in structure.steps if role_of(one.section) == ROLLBACK)


def result_of(steps: Iterable[Step], results: Mapping[str, StepResult], preconditions: Iterable[str]) -> Result:
    """What they come to: passed takes that each step passed, and that somebody, or a program, said so.

    What Diagnosis finds is no failure. Where a step was left out it was not a full run, and where a precondition does
    not hold nothing was tried, so it is aborted.
    """
    every = list(steps)
    found = [results.get(one.name) for one in every]
    if any(one and one.result == "failed" for one in found):
        return "failed" if has_begun(every, results) else "aborted"
    is_whole = every and all(map(_passed, [*found, *map(results.get, preconditions)]))
    return "passed" if is_whole else "aborted"


def has_begun(steps: Iterable[Step], results: Mapping[str, StepResult]) -> bool:
    """Whether anything was done besides telling whether it may be."""
    found = [results.get(one.name) for one in steps if not is_precondition(one)]
    return any(one is not None and one.result != "skipped" for one in found)


def result_of_run(journal: Journal, structure: Structure, preconditions: Iterable[str]) -> Result:
    """What a run has come to by now: one that goes back failed, whether or not a step did."""
    result = result_of(walked(structure), journal.results, preconditions)
    if result == "passed" and any(unwalked(structure)):
        return "aborted"
    return "failed" if journal.rolls_back and result == "aborted" and journal.results else result


def _passed(result: StepResult | None) -> bool:
    return result is not None and result.result in ("passed", "found") and result.judged_by is not None


def unknown(journal: Journal, step: Step) -> StepResult:
    """Of a step in which the run was broken off, and of which nobody says what came of it."""
    began = parse_instant(journal.began_at)
    tries = journal.attempts[step.name]
    return StepResult(
        step=step.name, title=step.title, result="unknown", started_at=began, attempts=tries, reason=UNKNOWN
    )


def exercise_of(
    journal: Journal, structure: Structure, preconditions: tuple[str, ...], text: str, outputs: Mapping[str, bytes]
) -> Exercise:
    """The record of a run that is over, with the digests of what its steps said as it is kept now."""
    head, over = journal.head, journal.over
    of = {one.name: one for one in structure.steps}
    wanted = [*preconditions, *(one.name for one in walked(structure))]
    wanted += [one.name for one in rollback(structure)] if journal.rolls_back else []
    steps = []
    for name in dict.fromkeys((*preconditions, *of)):
        if name in journal.results:
            steps.append(_with_digest(journal.results[name], outputs))
        elif name in of and name == journal.begun:
            steps.append(unknown(journal, of[name]))
        elif name in wanted:
            title = of[name].title if name in of else ""
            steps.append(StepResult(step=name, title=title, result="skipped", reason="not reached"))
    for section, code in unwalked(structure):
        why = f"its commands belong to no step: line {code.line - 1}"
        steps.append(StepResult(step=key_of(section) or "above", title=section, result="skipped", reason=why))
    result: Result = next(one for one in ("passed", "failed", "aborted") if one == over["result"])
    return Exercise(
        runbook=head.runbook,
        started_at=parse_instant(head.started_at),
        ended_at=parse_instant(over["at"]),
        by=head.by,
        result=result,
        text=text,
        blob=head.blob,
        mode="automatic" if journal.mode == "automatic" else "terminal",
        incident=head.incident or None,
        steps=tuple(steps),
    )


def _with_digest(result: StepResult, outputs: Mapping[str, bytes]) -> StepResult:
    from dataclasses import replace
    from hashlib import sha256

    if not result.output:
        return result
    return replace(result, digest=f"sha256:{sha256(outputs[result.output]).hexdigest()}")


def folder_of(exercise_id: str) -> str:
    """The folder of an exercise."""
    return f"exercises/{year_of(exercise_id)}/{exercise_id}"


def record(exercise_id: str, exercise: Exercise, outputs: Mapping[str, bytes]) -> Change:
    """The change that records an exercise, with what its steps said."""
    folder = folder_of(exercise_id)
    files: dict[str, bytes | None] = {f"{folder}/exercise.yaml": bytes_of(exercise)}
    files |= {f"{folder}/{path}": data for path, data in outputs.items()}
    line = subject(f"Exercise {tail(exercise_id)} of {exercise.runbook}: {exercise.result}")
    return Change(line, files, records=(exercise_id,))
