"""What an anchor must show beside changed content: that a runbook or a recovery plan was tried since. Pure functions.

A run counts that passed, is over, and began when the change was in place or later.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from svcops.postmortems.model import Anchored, AnchoredElsewhere
from svcops.recovery.model import Evidence
from svcops.runbooks.model import Exercise
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.layout import place_of

Run = Entry[Exercise] | Entry[Evidence]

HELP_FOR_PLACE = (
    "Anchor it in what will work next time: a runbook, an SLO, an agreement, an escalation, a schedule, a service."
)
_PAST = (
    "incidents/",
    "problems/",
    "postmortems/",
    "measures/",
    "approvals/",
    "exercises/",
    "recovery/evidence/",
    "metrics/",
)


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


@frozen
class Fault:
    """Why an anchor as it is written proves nothing. `keys` lead to what says so in its event."""

    keys: tuple[str, ...]
    why: str
    help: str


def is_of_people(path: str) -> bool:
    """Whether a path says who somebody is: who works here, or in which team, makes nothing less likely or shorter."""
    return path.startswith(("catalogue/people/", "catalogue/teams/"))


def is_anchor_place(path: str) -> bool:
    """Whether a path can hold what works next time: records of what happened cannot."""
    return not path.startswith((*_PAST, "."))


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


def runs_that_passed(graph: Graph, trial: Trial, since: datetime | None, now: datetime) -> list[Run]:
    """The runs that passed and are over by `now`, of those that began at `since` or later, the first begun first."""
    found = [one for one in _of(graph, trial) if _passed(one) and one.value.started_at <= one.value.ended_at <= now]
    since_then = (one for one in found if since is None or one.value.started_at >= since)
    return sorted(since_then, key=lambda one: (one.value.started_at, one.name))


def fault(graph: Graph, event: Anchored | AnchoredElsewhere, declared: datetime | None, now: datetime) -> Fault | None:
    """Why an anchor proves nothing; None where it does, or where nobody can tell, as an exercise is damaged.

    `declared` is when its incident was declared, None where nobody knows.
    """
    if declared and event.at < declared:
        why = "was in place before the incident was declared, and did not help"
        return Fault(("at",), why, "Write under `at` when the change was in place, or remove the event.")
    if isinstance(event, AnchoredElsewhere):
        return None
    path = event.anchor.path
    if not is_anchor_place(path):
        why = f"is in {path}, which records what happened; it changes nothing next time"
        return Fault(("anchor", "path"), why, HELP_FOR_PLACE)
    if is_of_people(path):
        return Fault(("anchor", "path"), f"is in {path}, which says who people are", HELP_FOR_PLACE)
    trial = trial_of(path)
    if trial is None or runs_that_passed(graph, trial, event.at, now) or graph.damaged(trial.runs):
        return None
    why = f"is in a {trial.noun} of which no {trial.run} passed since it was changed"
    return Fault(("anchor", "path"), why, trial.how)


def counted(
    runs: list[Run], changed_at: datetime, came_with_it: Callable[[Run], bool], declared: datetime | None
) -> Run | None:
    """The first run that shows that the change works, of those that passed.

    Where run and change came in one commit nobody knows which was first, as a squash leaves it: that the run began
    after the incident was declared is enough then.
    """
    after = (one for one in runs if declared is None or one.value.started_at >= declared)
    return next((one for one in after if one.value.started_at >= changed_at or came_with_it(one)), None)


def _of(graph: Graph, trial: Trial) -> list[Run]:
    if trial.runs == "exercise":
        return [one for one in graph.all("exercise").values() if one.value.runbook == trial.name]
    return [one for one in graph.all("evidence").values() if one.value.plan == trial.name]


def _passed(run: Run) -> bool:
    value = run.value
    return (value.result if isinstance(value, Exercise) else value.verdict) == "passed"
