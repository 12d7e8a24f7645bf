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
    """What users notice, in one line: Receipts are not extracted."""
    services: tuple[ServiceRef, ...]
    """What is disturbed, by the names of the catalogue."""
    detected_by: DetectedBy
    """slo: an alert on an error budget. monitoring: another alert. user: somebody told us. staff: we saw it."""


@record
class ImpactStarted:
    """Users began to notice: the start of the clocks to detect, to mitigate and to resolve."""

    type: Literal["impact-started"]
    at: Instant
    """When users began to notice, which may be long before anybody wrote it down."""
    recorded_at: Instant
    """When this was written; events count in this order."""
    by: Text
    """Who wrote this: a name of catalogue/people, or a mail address."""


@record
class Opened:
    """The incident was declared."""

    type: Literal["opened"]
    at: Instant
    """When it was declared, which is when it counts as detected."""
    recorded_at: Instant
    """When this was written; events count in this order."""
    by: Text
    """Who wrote this: a name of catalogue/people, or a mail address."""
    severity: Slug
    """As judged then: one of svcops.yaml, such as sev1."""
    from_: Phase = "normal operations"
    """The phase that the writer saw; only from normal operations an incident is opened."""


@record
class Logged:
    """Somebody saw or did something."""

    type: Literal["log"]
    at: Instant
    """When it was seen or done."""
    recorded_at: Instant
    """When this was written; events count in this order."""
    by: Text
    """Who wrote this: a name of catalogue/people, or a mail address."""
    text: Text
    """What was seen or done, and what came of it."""


@record
class Resolved:
    """The disruption is over for users."""

    type: Literal["resolved"]
    at: Instant
    """When users could work again."""
    recorded_at: Instant
    """When this was written; events count in this order."""
    by: Text
    """Who wrote this: a name of catalogue/people, or a mail address."""
    from_: Phase
    """The phase that the writer saw; where it was another by then, this has no effect and is a finding."""
    text: str = ""
    """What ended it."""


@record
class Closed:
    """Back to normal operations, with what was learned anchored, or with the stated reason why nothing was."""

    type: Literal["closed"]
    at: Instant
    """When everything was done that closing asks for."""
    recorded_at: Instant
    """When this was written; events count in this order."""
    by: Text
    """Who wrote this: a name of catalogue/people, or a mail address."""
    from_: Phase
    """The phase that the writer saw; where it was another by then, this has no effect and is a finding."""
    no_measure_because: str = ""
    """Why nothing is changed, after an incident that is not major; reports count these."""


Event = Annotated[ImpactStarted | Opened | Logged | Resolved | Closed, Tagged("type")]
AnyEvent = ImpactStarted | Opened | Logged | Resolved | Closed
