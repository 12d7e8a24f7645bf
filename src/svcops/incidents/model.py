"""An incident: what is set once, and the events of its timeline."""

from typing import Annotated, Literal

from svcops.store.model import ServiceRef, Slug, Tagged, Text, record
from svcops.timing.model import Instant

Phase = Literal["normal operations", "incident", "remediation", "post-mortem"]
DetectedBy = Literal["slo", "monitoring", "user", "staff"]


@record
class Incident:
    """incident.yaml: what is set once. Everything that changes is an event of the timeline."""

    title: Text
    services: tuple[ServiceRef, ...]
    detected_by: DetectedBy


@record
class ImpactStarted:
    """Users began to notice: the start of the clocks to detect, to mitigate and to resolve."""

    type: Literal["impact-started"]
    at: Instant
    recorded_at: Instant
    by: Text


@record
class Opened:
    """The incident was declared."""

    type: Literal["opened"]
    at: Instant
    recorded_at: Instant
    by: Text
    severity: Slug
    from_: Phase = "normal operations"


@record
class Logged:
    """Somebody saw or did something."""

    type: Literal["log"]
    at: Instant
    recorded_at: Instant
    by: Text
    text: Text


@record
class Resolved:
    """The disruption is over for users."""

    type: Literal["resolved"]
    at: Instant
    recorded_at: Instant
    by: Text
    from_: Phase
    text: str = ""


@record
class Closed:
    """Back to normal operations, with what was learned anchored, or with the stated reason why nothing was."""

    type: Literal["closed"]
    at: Instant
    recorded_at: Instant
    by: Text
    from_: Phase
    no_measure_because: str = ""


Event = Annotated[ImpactStarted | Opened | Logged | Resolved | Closed, Tagged("type")]
AnyEvent = ImpactStarted | Opened | Logged | Resolved | Closed
