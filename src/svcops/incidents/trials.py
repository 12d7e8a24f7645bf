"""What has to be tried before its change counts, and which run shows that it works.

Pure functions of graph and history.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from svcops.recovery.model import Evidence
from svcops.runbooks.model import Exercise
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.layout import place_of

if TYPE_CHECKING:
    from svcops.store.file_history import FileHistory, Touch

Run = Entry[Exercise] | Entry[Evidence]


@frozen
class Trial:
    """What has to be tried before its change counts. `runs` is the kind of record in which a run of it is kept."""

    noun: str
    name: str
    runs: Literal["exercise", "evidence"]
    run: str
    """What a run of it is called."""
    how: str
    """What to do so that there is one, as an order."""


def trial_of(path: str) -> Trial | None:
    """What has to be tried where a file of that path was changed; None where the change alone counts."""
    place = place_of(path)
    of = place.kind.name if place and place.kind else None
    name = place.name(path) if place and of else ""
    if of == "runbook":
        return Trial(
            "runbook", name, "exercise", "exercise", f"Exercise {name}, record it below exercises/, and commit that."
        )
    if of == "recovery-plan":
        how = f"Run a drill of {name}, record it below recovery/evidence/, and commit that."
        return Trial("recovery plan", name, "evidence", "drill", how)
    return None


def runs_that_passed(graph: Graph, trial: Trial, since: datetime | None, now: datetime | None) -> list[Run]:
    """The runs that passed, of those that began at `since` or later and are over by `now`, the first begun first."""
    passed = [one for one in _of(graph, trial) if _passed(one) and one.value.started_at <= one.value.ended_at]
    found = [one for one in passed if now is None or one.value.ended_at <= now]
    since_then = (one for one in found if since is None or one.value.started_at >= since)
    return sorted(since_then, key=lambda one: (one.value.started_at, one.name))


def counted(
    runs: list[Run], changed_at: datetime, came_with_it: Callable[[Run], bool], declared: datetime | None
) -> Run | None:
    """The first run that shows that the change works, of those that passed.

    One that `came_with_it` began before the change was in force for all, and tried it all the same.
    """
    after = (one for one in runs if declared is None or one.value.started_at >= declared)
    return next((one for one in after if one.value.started_at >= changed_at or came_with_it(one)), None)


def came_with(history: "FileHistory", change: "Touch", run: Run) -> bool:
    """Whether a run came to the line of history together with a change, and tried it.

    Where they came in one commit nobody knows which was first, as a squash leaves it. By one merge, or by a rebase,
    they came from a branch on which the change was there from when it was made.
    """
    brought = history.of(run.path)
    if not brought:
        return False
    first = brought[-1]
    if first.commit == change.commit:
        return True
    is_of_one_branch = first.arrival == change.arrival or (first.may_be_older and change.may_be_older)
    return is_of_one_branch and run.value.started_at.timestamp() >= change.at


def _of(graph: Graph, trial: Trial) -> list[Run]:
    if trial.runs == "exercise":
        return [one for one in graph.all("exercise").values() if one.value.runbook == trial.name]
    return [one for one in graph.all("evidence").values() if one.value.plan == trial.name]


def _passed(run: Run) -> bool:
    value = run.value
    if isinstance(value, Exercise):
        return value.result == "passed" and not value.against
    return value.verdict == "passed"
