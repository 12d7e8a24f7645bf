"""What runs, who answers and what was promised: services, systems, teams, people, agreements, who is called when."""

from datetime import timedelta
from typing import Annotated, Literal

from svcops.store.model import (
    AtLeast,
    Date,
    EscalationRef,
    Mail,
    Origin,
    OwnerRef,
    PersonRef,
    ScheduleRef,
    ServiceRef,
    SeverityName,
    SloRef,
    Slug,
    SystemRef,
    TeamRef,
    Text,
    Who,
    Zone,
    record,
)
from svcops.timing.model import Duration, Hours, Instant, OpenHours, TimeOfDay


@record
class Link:
    """An address outside the store that helps."""

    url: Text
    """Such as https://wiki.example.org/ledger."""
    title: str = ""
    """What one finds there, for people; without it the address, or its type, is shown."""
    type: str = ""
    """A word of your own that tells links apart, such as dashboard, wiki or source."""


@record
class CoreWorkflow:
    """What users come for: the thing whose failure they notice, and that an SLO should measure."""

    name: Slug
    """Short, in small letters, once in a service: checkout."""
    title: Text
    """What the user does, in their words: Pay for what is in the basket."""
    slo: SloRef | None = None
    """The SLO that measures it, as SLO/name. Without it nobody can tell whether it works."""


@record
class Dependency:
    """A service that this one needs."""

    service: ServiceRef
    """By its name in the catalogue; what others run is there too, with external: true."""
    kind: Literal["call", "data", "event", "infrastructure"] = "call"
    """call: it is asked while somebody waits. data: what it keeps is needed, so its RPO counts here.
    event: its messages are worked on. infrastructure: this service runs on it."""
    critical: bool = True
    """Whether this service's core workflows stop without it; false: they go on, degraded."""
    why: str = ""
    """What it is needed for, for whoever wonders at night whether it matters."""


@record
class Api:
    """What makes a catalogue entry an API: the form of its definition, and the definition itself."""

    type: Text
    """The form of the definition: openapi, asyncapi, graphql, grpc, or a word of your own."""
    definition: str = ""
    """The definition itself, as a block of text; without it only the form is known."""


@record
class Service:
    """A service that is operated, or an API it offers."""

    title: Text
    """What people call it. Records refer to it by the name of its file."""
    description: str = ""
    """What it does and for whom, in a sentence or a few."""
    owner: OwnerRef
    """The team, or person, that answers for it."""
    tier: Annotated[int, AtLeast(1, "tiers begin at 1, the most critical")] | None = None
    """How critical, 1 the most; of a tier-1 service, what it needs has to promise as much. Without it unknown."""
    lifecycle: str = "production"
    """experimental, production, deprecated, or a word of your own."""
    type: str = ""
    """A word of your own, such as service, website or library."""
    system: SystemRef | None = None
    """The system that it serves together with other services."""
    escalation: EscalationRef | None = None
    """Who is called when; without it that of the owning team, of the teams above it, or of the store."""
    external: bool = False
    """Run by somebody else: no runbooks or SLOs are expected here."""
    dependencies: tuple[Dependency, ...] = ()
    """What it needs to work: what suffers when that fails, and whether promises hold, is worked out from it."""
    core_workflows: tuple[CoreWorkflow, ...] = ()
    """What users come for; the profile operated wants an SLO for each."""
    api: Api | None = None
    """Makes this entry an API; without it, it is a service."""
    links: tuple[Link, ...] = ()
    """Dashboards, documentation, source code: what helps whoever works on it."""
    tags: tuple[Text, ...] = ()
    """Words of your own, for svcops service list --tag."""
    annotations: dict[str, str] | None = None
    """What other catalogues know of it and this one has no field for, as text by key."""


@record
class System:
    """Services that together serve one purpose."""

    title: Text
    """What people call it. Services name it by the name of its file."""
    description: str = ""
    """What purpose its services serve, in a sentence or a few."""
    owner: OwnerRef | None = None
    """The team, or person, that answers for the whole; each service has an owner of its own."""
    tags: tuple[Text, ...] = ()
    """Words of your own."""
    annotations: dict[str, str] | None = None
    """What other catalogues know of it and this one has no field for, as text by key."""


@record
class Contact:
    """A way to reach a team: a channel, a mailing list, a telephone number."""

    channel: Text
    """mail, chat, telephone, or a word of your own; escalation policies choose by it (by: [telephone])."""
    address: Text
    """In quotes: "#shop" would be a comment without them, and "+4930123456" a number."""


@record
class Team:
    """People who answer for services together."""

    title: Text
    """What people call it. Records refer to it by the name of its file."""
    description: str = ""
    """What it is there for, in a sentence or a few."""
    parent: TeamRef | None = None
    """The team above; it is asked where this one names no escalation policy."""
    escalation: EscalationRef | None = None
    """Who is called when something of this team fails; without it what the teams above name, or the store."""
    members: tuple[PersonRef, ...] = ()
    """Where a team is called, its own contacts come first, then these people."""
    contacts: tuple[Contact, ...] = ()
    """Ways to reach whoever is there, the first to be tried first."""
    tags: tuple[Text, ...] = ()
    """Words of your own."""
    annotations: dict[str, str] | None = None
    """What other catalogues know of it and this one has no field for, as text by key."""


@record
class Person:
    """Somebody who acts; every mail address that their commits carry."""

    name: Text
    """As people write it. Records refer to them by the name of the file."""
    emails: tuple[Mail, ...] = ()
    """The first is where mail goes; all of them are this person."""
    deputies: tuple[PersonRef, ...] = ()
    """Who stands in, in this order."""
    contacts: tuple[Contact, ...] = ()
    """The first to be tried first; the first of emails follows as the last."""
    annotations: dict[str, str] | None = None
    """What other catalogues know of them and this one has no field for, as text by key."""


@record
class Rotation:
    """People who take turns."""

    people: tuple[PersonRef, ...]
    """In the order of their turns; after the last the first again. Somebody may stand there twice."""
    starts: Date
    """The day on which the first of them has the first turn: 2026-11-02."""
    hand_over: TimeOfDay = "09:00"
    """When one hands over to the next, by the clock on the wall."""
    turn: Duration = timedelta(days=7)
    """How long a turn is, in whole days: 1d, 7d, 2w."""
    hours: tuple[OpenHours, ...] = ()
    """Only at these hours; without them around the clock."""
    until: Date | None = None
    """The first day without it."""


@record
class Override:
    """Somebody else than the rotation says, for a while."""

    person: PersonRef
    """Who is on call instead."""
    from_: Instant
    """With its offset: 2026-12-01T09:00:00+01:00."""
    until: Instant
    """The first moment without it, with its offset."""
    reason: str = ""
    """Such as a visit to the dentist, or with whom it was swapped."""


@record
class Schedule:
    """Who is on call when."""

    title: Text
    """What people call it: Platform on call."""
    description: str = ""
    """What is expected of whoever has it, in a sentence or a few."""
    team: TeamRef | None = None
    """Whose schedule it is: the team is called where nobody is on call, or they cannot be reached."""
    time_zone: Zone | None = None
    """The zone of its clock times; without it the store's."""
    hours: Hours | Literal["always"] = "always"
    """When somebody has to be on call, always or hours of the week; a gap outside them is no finding."""
    rotations: tuple[Rotation, ...] = ()
    """The first that has somebody at an hour counts."""
    overrides: tuple[Override, ...] = ()
    """They go before the rotations; of several the last one written counts."""


@record
class Responder:
    """One of person, schedule and team, and how to reach them."""

    person: PersonRef | None = None
    """This person, on call or not; then their deputies."""
    schedule: ScheduleRef | None = None
    """Whoever is on call when the level is reached; then their deputies, or the schedule's team."""
    team: TeamRef | None = None
    """The team's own contacts, then its members."""
    by: tuple[Slug, ...] = ()
    """Channels in the order in which to try them, such as [telephone, chat]; without them every contact there is."""


@record
class EscalationLevel:
    """Who is called after how long without an answer."""

    after: Duration = timedelta(0)
    """How long after the incident was declared, while nobody has acknowledged it: 15m. Without it, at once."""
    during: Literal["always", "support-hours", "outside-hours"] = "always"
    """support-hours: only where the level is reached in them. outside-hours: only outside. always: whenever."""
    severities: tuple[SeverityName, ...] = ()
    """Only at these of svcops.yaml, such as [sev1, sev2]; without them at every severity."""
    notify: tuple[Responder, ...]
    """Who is called, the first of them first."""


@record
class Escalation:
    """An escalation policy."""

    title: Text
    """What people call it, such as Finance applications."""
    description: str = ""
    """The idea behind it, for whoever changes it."""
    support_hours: Hours | Literal["always"] | None = None
    """Without them those of the service's agreement; where nobody knows any, levels of both kinds are called."""
    levels: tuple[EscalationLevel, ...]
    """Who is called first, and who next while nobody answers: by after, then as they are written."""


@record
class Scope:
    """What an agreement is about, in words."""

    in_: tuple[Text, ...] = ()
    """What it covers, a point an item."""
    out: tuple[Text, ...] = ()
    """What it does not cover, so that nobody expects it."""


@record
class ResponseWindow:
    """How fast somebody answers, and how fast it works again."""

    severity: SeverityName
    """One of svcops.yaml, such as sev1; each at most once."""
    respond: Duration
    """From declared to acknowledged, at most: 15m."""
    resolve: Duration | None = None
    """From the start of the impact to resolved, at most; without it that is not promised."""
    clock: Literal["support-hours", "always"] = "support-hours"
    """support-hours: time outside them does not count. always: every hour counts."""


@record
class Availability:
    """The part of what users do that has to work."""

    percent: float
    """Above 0 and up to 100, taken exactly as it is written, to 15 digits: 99.5."""
    window: Duration = timedelta(days=30)
    """The time over which it is counted."""
    slos: tuple[SloRef, ...] = ()
    """What measures it, as users experience it: SLO/NAME. Without any, nobody can tell whether it is kept."""


@record
class Agreed:
    """That it was agreed: with whom, when, in which document."""

    with_: Text
    """The other party, such as a department or a customer."""
    at: Date
    """The day of the agreement, such as 2026-10-05."""
    document: Text
    """Where the signed text is: a path of the store, or an address."""
    by: PersonRef | None = None
    """Who agreed for us."""


@record
class Agreement:
    """A service level agreement, as it was agreed in writing."""

    title: Text
    """What both parties call it."""
    description: str = ""
    """What it is about, in a sentence or a few."""
    services: tuple[ServiceRef, ...]
    """Every promise below is made for each of them."""
    scope: Scope | None = None
    """What is covered and what is not, in words; nothing is worked out from it."""
    support_hours: Hours | Literal["always"]
    """When somebody attends: always, or hours of the week."""
    response: tuple[ResponseWindow, ...] = ()
    """How fast at which severity; at one that is not named, no time is promised."""
    availability: Availability | None = None
    """How much of what users do has to work; without it no level is promised."""
    rto: Duration | None = None
    """Recovery time objective: how long until the service works again after a disaster, at most: 4h."""
    rpo: Duration | None = None
    """Recovery point objective: how much of the latest data may be lost, as time, at most: 15m."""
    agreed: Agreed | None = None
    """Without it this is a draft that promises nothing yet."""
    valid_from: Date | None = None
    """The first day on which it holds, such as 2026-11-01; without it the day of the agreement."""
    valid_until: Date | None = None
    """The last day on which it holds; without it, it has no end."""


@record
class Planned:
    """When maintenance is to be."""

    from_: Instant
    """With its offset: 2026-12-05T22:00:00+01:00."""
    until: Instant
    """When it is to be over, with its offset."""


@record
class Actual:
    """When maintenance was."""

    from_: Instant | None = None
    """When it began, with its offset; without it, of an imported one, nobody knows."""
    until: Instant | None = None
    """When it was over; without it, it is under way."""


@record
class Maintenance:
    """Planned maintenance of services."""

    title: Text
    """What is done, in one line: New database release."""
    services: tuple[ServiceRef, ...]
    """What is worked on, and may be gone meanwhile."""
    reason: Text
    """Why it has to be, for those whom it disturbs."""
    planned: Planned
    """As announced; what came of it goes into actual."""
    actual: Actual | None = None
    """When it took place, as svcops maintenance start and end write it; without it, it has not begun."""
    by: Who
    """Who planned it."""
    reviewed_by: PersonRef | None = None
    """Who looked the plan over before it began."""
    cancelled: str = ""
    """Why it does not take place; without it, it does."""
    imported: Origin | None = None
    """Where it was imported from; without it, it was written here."""
