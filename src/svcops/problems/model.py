"""A problem: why incidents happen, and what helps meanwhile. What is set once, and the events beside it."""

from typing import Annotated, Literal

from svcops.incidents.model import Happened
from svcops.store.model import IncidentRef, ServiceRef, Tagged, Text, Who, record
from svcops.timing.model import Instant

Status = Literal["investigating", "known error", "resolved", "verified"]


@record
class Problem:
    """problem.yaml: what is set once. Everything that changes is an event beside it."""

    title: Text
    """What goes wrong again and again, in one line: The extraction queue fills up after each release."""
    services: tuple[ServiceRef, ...]
    """What is disturbed by it, by the names of the catalogue; where its incidents do not say, it may be unknown: []."""
    opened_at: Instant
    """When somebody began to look into it."""
    by: Who
    """Who wrote this: a name of catalogue/people, or a mail address."""


@record
class IncidentLinked(Happened):
    """An incident that this problem explains."""

    type: Literal["incident"]
    incident: IncidentRef
    """By its id."""
    text: str = ""
    """What shows that it is the same problem."""


@record
class IncidentRuledOut(Happened):
    """An incident that looked like this problem, or was linked to it, and is something else."""

    type: Literal["incident-ruled-out"]
    incident: IncidentRef
    """By its id. Of all events about one incident the latest counts."""
    text: Text
    """What shows that it is something else."""


@record
class Factor(Happened):
    """Something that contributed: a claim that can be checked. There is hardly ever only one."""

    type: Literal["factor"]
    claim: Text
    """What was so: The queue has no upper bound."""
    evidence: Text
    """What shows it: a path of the store, an address, or what was measured."""
    why: Text
    """Why the disturbance follows from it."""


@record
class Workaround(Happened):
    """What helps until the problem is gone; the latest counts."""

    type: Literal["workaround"]
    text: Text
    """What to do, step by step, or the runbook that says it."""


@record
class KnownError(Happened):
    """The problem is understood, and can be lived with: there is a workaround."""

    type: Literal["known-error"]
    from_: Status
    """The status that the writer saw; where it was another by then, this has no effect and is a finding."""
    text: str = ""
    """What is known of the cause."""


@record
class ProblemResolved(Happened):
    """What caused it was changed."""

    type: Literal["resolved"]
    from_: Status
    """The status that the writer saw; where it was another by then, this has no effect and is a finding."""
    text: Text
    """What was changed."""


@record
class Verified(Happened):
    """It has not come back for the quiet time of the policy, and a measure is anchored."""

    type: Literal["verified"]
    from_: Status
    """The status that the writer saw; where it was another by then, this has no effect and is a finding."""
    text: str = ""
    """What shows it, beside the time."""


@record
class ProblemReopened(Happened):
    """It came back: what was changed did not hold."""

    type: Literal["reopened"]
    from_: Status
    """The status that the writer saw; where it was another by then, this has no effect and is a finding."""
    text: Text
    """What shows it."""


AnyEvent = (
    IncidentLinked | IncidentRuledOut | Factor | Workaround | KnownError | ProblemResolved | Verified | ProblemReopened
)
Event = Annotated[AnyEvent, Tagged("type")]
Move = KnownError | ProblemResolved | Verified | ProblemReopened
"""The events that move the status."""
