"""What the verbs of `svcops drill` share: the app, and which plan is meant."""

from typing import TYPE_CHECKING, Annotated

from svcops.errors import ANSWER_IS_NO, DONE, NOT_DONE, NOT_ENOUGH_DATA, BadInput, NotDone
from svcops.terminal.command import App, Argument

if TYPE_CHECKING:
    from pathlib import Path

    from svcops.recovery.model import Evidence
    from svcops.recovery.plan import RecoveryPlan
    from svcops.store.entries import Entry
    from svcops.store.graph import Graph
    from svcops.terminal.session import Session

app = App("Recovery that is proved: plans, baselines, drills, and the damage that a drill must notice.")

Plan = Annotated[str, Argument(metavar="PLAN", help="The recovery plan, by the name of its file.")]


def plan_called(graph: "Graph", name: str) -> "Entry[RecoveryPlan]":
    """The plan of that name; BadInput where there is none."""
    from svcops.catalogue.facts import called

    try:
        return called(graph, "recovery-plan", name)
    except BadInput as error:
        if graph.find(("recovery-plan",), name) or "recovery-plan list" not in error.help:
            raise
        raise BadInput(f"there is no recovery plan {name!r}", help="svcops drill list shows what there is.") from None


def mention_what_was_left(session: "Session") -> None:
    """Record drills that were interrupted, for a verb that shows: where that cannot be now, it is said, and no more."""
    from svcops.store.lock import is_stuck

    git_dir = session.store.git_dir
    if git_dir is None or not _is_any_left(git_dir):
        return
    if is_stuck(git_dir):
        session.warn(f"a drill that was interrupted is not recorded yet: {git_dir / 'index.lock'} is there")
        return
    try:
        close_what_was_left(session)
    except NotDone as error:
        session.warn(f"a drill that was interrupted is not recorded yet: {error.message}")


def close_what_was_left(session: "Session") -> None:
    """Record drills that were interrupted, and say so."""
    git_dir = session.store.git_dir
    if git_dir is None or not _is_any_left(git_dir):
        return
    from svcops.recovery.drilling.drills import close_interrupted

    for what in close_interrupted(session):
        session.say(what)


def _is_any_left(git_dir: "Path") -> bool:
    drills = git_dir / "svcops" / "drills"
    return drills.is_dir() and any(not one.is_file() for one in drills.iterdir())


def code_of(evidence: "Evidence") -> int:
    """0 passed, 1 failed, 3 where it could not be done, 4 where it could not tell."""
    if evidence.verdict == "passed":
        return DONE
    if evidence.verdict == "failed":
        return ANSWER_IS_NO
    could_not = {"not-possible", "interrupted"} & {one.reason for one in evidence.faults}
    return NOT_DONE if could_not else NOT_ENOUGH_DATA
