"""Recovery plans, and the evidence that drills of them leave."""

from typing import Annotated, Literal

from svcops.store.model import Ref, ServiceRef, Text, Who, record
from svcops.timing.model import Duration, Instant


@record
class RecoveryPlan:
    """How data of services is brought back, and how often that is proved."""

    title: Text
    """What is brought back: The ledger's database from its backup."""
    services: tuple[ServiceRef, ...]
    """Whose data it brings back; a drill that passed proves it for each of them."""
    every: Duration | None = None
    """How long a passed drill counts; without it as long as svcops.yaml says (policy.restore_proved)."""


@record
class Evidence:
    """evidence.yaml: what a drill of a plan showed. A restore is as fresh as the last of them that passed."""

    plan: Annotated[str, Ref("recovery-plan")]
    """The plan that was followed, by the name of its file."""
    started_at: Instant
    """With its offset: 2026-11-16T10:00:00+01:00."""
    ended_at: Instant
    """From here on the restore counts as proved, for as long as the plan says."""
    verdict: Literal["passed", "failed", "inconclusive"]
    """passed: the data was there, and right. failed: it was not. inconclusive: the drill could not tell."""
    by: Who
    """Who ran it: a name of catalogue/people, or a mail address."""
    rto: Duration | None = None
    """How long it took until the service's data was there again, such as 1h5m."""
    rpo: Duration | None = None
    """How much of the latest data was missing, as time: 10m."""
    text: str = ""
    """What was seen, for whoever reads the logs beside it."""
