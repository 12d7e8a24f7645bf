"""What the verbs of `svcops drill` share: the app, and which plan is meant."""

from typing import TYPE_CHECKING, Annotated

from svcops.errors import ANSWER_IS_NO, DONE, NOT_DONE, NOT_ENOUGH_DATA
from svcops.terminal.command import App, Argument

if TYPE_CHECKING:
    from svcops.recovery.model import Evidence, RecoveryPlan
    from svcops.store.entries import Entry
    from svcops.store.graph import Graph
    from svcops.terminal.session import Session

app = App("Recovery that is proved: plans, baselines, drills, and the damage that a drill must notice.")

Plan = Annotated[str, Argument(metavar="PLAN", help="The recovery plan, by the name of its file.")]


def plan_called(graph: "Graph", name: str) -> "Entry[RecoveryPlan]":
    """The plan of that name; BadInput where there is none."""
    from svcops.catalogue.facts import called

    return called(graph, "recovery-plan", name)


def close_what_was_left(session: "Session") -> None:
    """Record drills that were interrupted, and say so."""
    git_dir = session.store.git_dir
    drills = git_dir / "svcops" / "drills" if git_dir else None
    if drills is None or not drills.is_dir() or all(one.is_file() for one in drills.iterdir()):
        return
    from svcops.recovery.drilling.drills import close_interrupted

    for name in close_interrupted(session):
        session.say(f"{name} was interrupted: it is recorded as that")


def code_of(evidence: "Evidence") -> int:
    """0 passed, 1 failed, 3 where it could not be done, 4 where it could not tell."""
    if evidence.verdict == "passed":
        return DONE
    if evidence.verdict == "failed":
        return ANSWER_IS_NO
    could_not = {"not-possible", "interrupted"} & {one.reason for one in evidence.faults}
    return NOT_DONE if could_not else NOT_ENOUGH_DATA
