"""What runs, who answers and what was promised: services, systems, teams, people, agreements, who is called when."""

from datetime import timedelta
from typing import Literal

from svcops.store.model import (
    Date,
    EscalationRef,
    Mail,
    OwnerRef,
    PersonRef,
    ScheduleRef,
    ServiceRef,
    SloRef,
    Slug,
    SystemRef,
    TeamRef,
    Text,
    Zone,
    record,
)
from svcops.timing.model import Duration, Hours, Instant, OpenHours, TimeOfDay


@record
class Link:
    """An address outside the store that helps."""

    url: Text
    title: str = ""
    type: str = ""


@record
class CoreWorkflow:
    """What users come for: the thing whose failure they notice, and that an SLO should measure."""

    name: Slug
    title: Text
    slo: SloRef | None = None
    """The SLO that measures it, as SLO/name."""


@record
class Dependency:
    """A service that this one needs."""

    service: ServiceRef
    kind: Literal["call", "data", "event", "infrastructure"] = "call"
    critical: bool = True
    """Whether this service's core workflows stop without it."""
    why: str = ""


@record
class Api:
    """What makes a catalogue entry an API: the form of its definition, and the definition itself."""

    type: Text
    definition: str = ""


@record
class Service:
    """A service that is operated, or an API it offers."""

    title: Text
    description: str = ""
    owner: OwnerRef
    """The team, or person, that answers for it."""
    tier: int | None = None
    """How critical, 1 the most."""
    lifecycle: str = "production"
    """experimental, production, deprecated, or a word of your own."""
    type: str = ""
    system: SystemRef | None = None
    escalation: EscalationRef | None = None
    """Who is called when; without it that of the owning team, of the teams above it, or of the store."""
    external: bool = False
    """Run by somebody else: no runbooks or SLOs are expected here."""
    dependencies: tuple[Dependency, ...] = ()
    core_workflows: tuple[CoreWorkflow, ...] = ()
    api: Api | None = None
    links: tuple[Link, ...] = ()
    tags: tuple[str, ...] = ()
    annotations: dict[str, str] | None = None
    """What other catalogues know of it and this one has no field for."""


@record
class System:
    """Services that together serve one purpose."""

    title: Text
    description: str = ""
    owner: OwnerRef | None = None
    tags: tuple[str, ...] = ()
    annotations: dict[str, str] | None = None


@record
class Contact:
    """A way to reach a team: a channel, a mailing list, a telephone number."""

    channel: Text
    address: Text


@record
class Team:
    """People who answer for services together."""

    title: Text
    description: str = ""
    parent: TeamRef | None = None
    escalation: EscalationRef | None = None
    """Who is called when something of this team fails."""
    members: tuple[PersonRef, ...] = ()
    contacts: tuple[Contact, ...] = ()
    tags: tuple[str, ...] = ()
    annotations: dict[str, str] | None = None


@record
class Person:
    """Somebody who acts; every mail address that their commits carry."""

    name: Text
    emails: tuple[Mail, ...] = ()
    """The first is where mail goes; all of them are this person."""
    deputies: tuple[PersonRef, ...] = ()
    """Who stands in, in this order."""
    contacts: tuple[Contact, ...] = ()
    annotations: dict[str, str] | None = None


@record
class Rotation:
    """People who take turns."""

    people: tuple[PersonRef, ...]
    starts: Date
    """The day on which the first of them has the first turn."""
    hand_over: TimeOfDay = "09:00"
    """When one hands over to the next, by the clock on the wall."""
    turn: Duration = timedelta(days=7)
    """How long a turn is, in whole days."""
    hours: tuple[OpenHours, ...] = ()
    """Only at these hours; without them around the clock."""
    until: Date | None = None
    """The first day without it."""


@record
class Override:
    """Somebody else than the rotation says, for a while."""

    person: PersonRef
    from_: Instant
    until: Instant
    reason: str = ""


@record
class Schedule:
    """Who is on call when."""

    title: Text
    description: str = ""
    team: TeamRef | None = None
    time_zone: Zone | None = None
    """The zone of its clock times; without it the store's."""
    hours: Hours | Literal["always"] = "always"
    """When somebody has to be on call."""
    rotations: tuple[Rotation, ...] = ()
    """The first that has somebody at an hour counts."""
    overrides: tuple[Override, ...] = ()
    """They go before the rotations; of several the last one written counts."""


@record
class Responder:
    """One of person, schedule and team, and how to reach them."""

    person: PersonRef | None = None
    schedule: ScheduleRef | None = None
    team: TeamRef | None = None
    by: tuple[Slug, ...] = ()
    """Channels in the order in which to try them, such as [telephone, chat]; without them every contact there is."""


@record
class EscalationLevel:
    """Who is called after how long without an answer."""

    after: Duration = timedelta(0)
    """Since the incident was declared, while nobody has acknowledged it."""
    during: Literal["always", "support-hours", "outside-hours"] = "always"
    """Only in, or only outside, the support hours."""
    severities: tuple[Slug, ...] = ()
    """Only at these; without them at every severity."""
    notify: tuple[Responder, ...]


@record
class Escalation:
    """An escalation policy."""

    title: Text
    description: str = ""
    support_hours: Hours | Literal["always"] | None = None
    """Without them those of the service's agreement; without that, around the clock."""
    levels: tuple[EscalationLevel, ...]


@record
class Scope:
    """What an agreement is about, in words."""

    in_: tuple[Text, ...] = ()
    out: tuple[Text, ...] = ()


@record
class ResponseWindow:
    """How fast somebody answers, and how fast it works again."""

    severity: Slug
    respond: Duration
    """From declared to acknowledged."""
    resolve: Duration | None = None
    """From the start of the impact to resolved."""
    clock: Literal["support-hours", "always"] = "support-hours"
    """Whether time outside the support hours counts."""


@record
class Availability:
    """The part of what users do that has to work."""

    percent: float
    """Such as 99.5."""
    window: Duration = timedelta(days=30)
    slos: tuple[SloRef, ...] = ()
    """What measures it, as users experience it: SLO/NAME."""


@record
class Agreed:
    """That it was agreed: with whom, when, in which document."""

    with_: Text
    """The other party."""
    at: Date
    document: Text
    """Where the signed text is: a path of the store, or an address."""
    by: PersonRef | None = None
    """Who agreed for us."""


@record
class Agreement:
    """A service level agreement, as it was agreed in writing."""

    title: Text
    description: str = ""
    services: tuple[ServiceRef, ...]
    scope: Scope | None = None
    support_hours: Hours | Literal["always"]
    """When somebody attends."""
    response: tuple[ResponseWindow, ...] = ()
    """One a severity."""
    availability: Availability | None = None
    rto: Duration | None = None
    """Recovery time objective: how long until the service works again after a disaster, at most."""
    rpo: Duration | None = None
    """Recovery point objective: how much of the latest data may be lost, as time, at most."""
    agreed: Agreed | None = None
    """Without it this is a draft that promises nothing yet."""
    valid_from: Date | None = None
    valid_until: Date | None = None
    """The last day on which it holds."""


@record
class Planned:
    """When maintenance is to be."""

    from_: Instant
    until: Instant


@record
class Actual:
    """When maintenance was."""

    from_: Instant
    until: Instant | None = None


@record
class Maintenance:
    """Planned maintenance of services."""

    title: Text
    services: tuple[ServiceRef, ...]
    reason: Text
    planned: Planned
    actual: Actual | None = None
    by: Text
    """Who planned it."""
    reviewed_by: PersonRef | None = None
    cancelled: str = ""
    """Why it does not take place."""
