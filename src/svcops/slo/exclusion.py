"""The record of a time that does not count against SLOs, beside the OpenSLO documents, which have no field for it."""

from typing import Annotated, Literal

from svcops.store.model import Matching, PersonRef, Ref, ServiceRef, Text, Zone, record
from svcops.timing.model import Duration, Instant

SLORef = Annotated[str, Ref("slo:SLO")]
RecurrenceRule = Annotated[
    str,
    Matching(
        r"FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)(?:;(?:INTERVAL=[1-9]\d{0,2}|COUNT=[1-9]\d{0,3}|UNTIL=\d{8}(?:T\d{6})?"
        r"|WKST=[A-Z]{2}|BYDAY=[0-9A-Z,+-]+|BYMONTH=[0-9,]+|BYMONTHDAY=[0-9,+-]+|BYSETPOS=[+-]?[1-5]))*",
        "not a recurrence rule of RFC 5545 by days, such as FREQ=WEEKLY;BYDAY=SU",
    ),
]
LocalTime = Annotated[
    str, Matching(r"(?:19[7-9]\d|2\d{3})-\d{2}-\d{2}T\d{2}:\d{2}", "not a local time such as 2026-01-04T02:00")
]


@record
class Times:
    """One stretch of time."""

    from_: Instant
    """With its offset: 2026-12-05T22:00:00+01:00."""
    until: Instant
    """The first moment that counts again, with its offset."""


@record
class Recurring:
    """A stretch of time that comes again and again."""

    rule: RecurrenceRule
    """On which days, as calendars write it (RFC 5545): FREQ=WEEKLY;BYDAY=SU, FREQ=MONTHLY;BYDAY=1TU. INTERVAL=,
    COUNT=, UNTIL= (on the same clocks: UNTIL=20261231), WKST=, BYMONTH=, BYMONTHDAY= and BYSETPOS= are known."""
    start: LocalTime
    """When it is the first time, on the clocks of time_zone; the rule keeps its time of day: 2026-01-04T02:00."""
    time_zone: Zone
    """By its IANA name: Europe/Berlin."""
    duration: Duration
    """How long it takes each time: 2h."""


@record
class Exclusion:
    """Times that do not count against SLOs, as it was agreed."""

    title: Text
    """What happens then, in one line: Weekly restart of the ledger."""
    reason: Text
    """Why it was agreed that it does not count."""
    reviewed_by: PersonRef
    """Who agreed to it, and did not ask for it alone."""
    slos: tuple[SLORef, ...] = ()
    """The SLOs that it is about, by metadata.name,"""
    services: tuple[ServiceRef, ...] = ()
    """or all SLOs of these services."""
    treatment: Literal["removed", "good"] = "removed"
    """removed: what happens then is not counted. good: it is counted, all of it as good."""
    times: tuple[Times, ...] = ()
    """Stretches of time, each once."""
    recurring: tuple[Recurring, ...] = ()
    """Stretches of time that come again."""
    maintenance: bool = False
    """Whether the maintenance of these services is excluded, too: what of it was planned and took place."""
