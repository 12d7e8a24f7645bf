"""Recovery plans, and the evidence that drills of them leave."""

from typing import Annotated, Literal

from svcops.store.model import Ref, ServiceRef, Text, record
from svcops.timing.model import Duration, Instant


@record
class RecoveryPlan:
    """How data of services is brought back, and how often that is proved."""

    title: Text
    services: tuple[ServiceRef, ...]
    every: Duration | None = None
    """How long a passed drill counts; without it as long as svcops.yaml says (policy.restore_proved)."""


@record
class Evidence:
    """evidence.yaml: what a drill of a plan showed. A restore is as fresh as the last of them that passed."""

    plan: Annotated[str, Ref("recovery-plan")]
    started_at: Instant
    ended_at: Instant
    verdict: Literal["passed", "failed", "inconclusive"]
    by: Text
    rto: Duration | None = None
    """How long it took until the service's data was there again."""
    rpo: Duration | None = None
    """How much of the latest data was missing, as time."""
    text: str = ""
