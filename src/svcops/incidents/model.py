"""An incident: what is set once, and the events of its timeline."""

from typing import Annotated, Literal

from svcops.store.model import (
    AtLeast,
    Described,
    IncidentRef,
    Origin,
    ServiceRef,
    SeverityName,
    Slug,
    Tagged,
    Text,
    Who,
    record,
)
from svcops.timing.model import Instant

Phase = Literal["normal operations", "incident", "remediation", "post-mortem"]
DetectedBy = Literal["slo", "monitoring", "user", "staff"]


@record
class AlertGroup:
    """The group of alerts that an incident was opened for: one at a time has an incident that goes on."""

    key: Text
    """What Alertmanager calls the group: groupKey of its webhook payload."""
    source: str = ""
    """The Alertmanager, by its address. Intake leaves it out, and writes it into the events: replicas differ in it."""
    labels: dict[str, str] | None = None
    """What the group is made by: groupLabels of the payload."""


@record
class Incident:
    """incident.yaml: what is set once. Everything that changes is an event of the timeline."""

    title: Text
    """What users notice, in one line: Receipts are not extracted."""
    services: tuple[ServiceRef, ...]
    """What is disturbed, by the names of the catalogue; of an imported incident it may be unknown: []."""
    detected_by: DetectedBy | None
    """slo: an alert on an error budget. monitoring: another alert. user: somebody told us. staff: we saw it.
    null: unknown, of an imported incident."""
    alert: AlertGroup | None = None
    """The alerts that it was opened for; without it, a person opened it."""
    imported: Origin | None = None
    """Where it was imported from; without it, it was written here."""


@record
class Happened:
    """What every event of a timeline holds."""

    type: str
    at: Annotated[Instant, Described("When it happened, which may be long before anybody wrote it down.")]
    recorded_at: Annotated[Instant, Described("When this was written; events count in this order.")]
    by: Annotated[Who, Described("Who wrote this: a name of catalogue/people, or a mail address.")]
    supersedes: Annotated[
        Text | None,
        Described("An earlier event of this timeline, by its name, which this one corrects: that one counts no more."),
    ] = None


Left = Annotated[
    tuple[Text, ...],
    Described(
        "The event with which that phase began, by its name: where the incident left it since, this one has no effect, "
        "though it is in a phase of that name again. Without it `from` has to do."
    ),
]
"""Of a move: the time in a phase that it ended."""


@record
class ImpactStarted(Happened):
    """Users began to notice: the start of the clocks to detect, to mitigate and to resolve."""

    type: Literal["impact-started"]
    follows: tuple[Text, ...] = ()
    """The events that said so before, by their names, where this one says otherwise. Of several that no other follows
    the earliest counts."""


@record
class Opened(Happened):
    """The incident was declared, which is when it counts as detected."""

    type: Literal["opened"]
    severity: SeverityName
    """As judged then: one of svcops.yaml, such as sev1."""
    from_: Phase = "normal operations"
    """The phase that the writer saw; only from normal operations an incident is opened."""


@record
class Acknowledged(Happened):
    """Somebody takes care of it: remediation begins."""

    type: Literal["acknowledged"]
    from_: Phase
    """The phase that the writer saw; where it was another by then, this has no effect and is a finding."""
    follows: Left = ()
    text: str = ""
    """What is going to be done."""


@record
class RoleGiven(Happened):
    """Somebody takes a role, hands it over, or gives it up. With its first commander an incident is in remediation."""

    type: Literal["role"]
    role: Slug
    """incident-commander, operations-lead, communications-lead, scribe, or one of your own."""
    to: Text | None
    """Who has it from now on: a name of catalogue/people, or a mail address; null: nobody."""
    from_: Text | None = None
    """Who had it, as the writer saw it; left out: nobody. Where it was somebody else by then, this has no effect and is
    a finding."""
    follows: tuple[Text, ...] = ()
    """The event since which that one had it, by its name; where nobody ever did, the opening. Without it `from` has to
    do."""


@record
class Logged(Happened):
    """Somebody saw or did something."""

    type: Literal["log"]
    text: Text
    """What was seen or done, and what came of it."""


@record
class SeverityChanged(Happened):
    """It turned out worse, or less bad."""

    type: Literal["severity"]
    from_: SeverityName
    """The severity that the writer saw. Of what several branches ended with, the highest counts."""
    to: SeverityName
    """As judged now: one of svcops.yaml."""
    text: str = ""
    """What it is judged by."""
    follows: tuple[Text, ...] = ()
    """The events that said so, by their names: each branch's last opening, or change of severity, that the writer saw.
    Without them `from` alone tells which these were, and where it may have been another one, the higher counts."""


@record
class Updated(Happened):
    """What users and customers are told, apart from the internal log."""

    type: Literal["update"]
    text: Text
    """In their words: what does not work, what they can do meanwhile, when they hear more."""
    next_by: Instant | None = None
    """By when the next update was announced; null where none was."""


@record
class Mitigated(Happened):
    """Users can work again, though the cause may still be there."""

    type: Literal["mitigated"]
    text: str = ""
    """What brought it about."""


@record
class Resolved(Happened):
    """The disruption is over for users."""

    type: Literal["resolved"]
    from_: Phase
    """The phase that the writer saw; where it was another by then, this has no effect and is a finding."""
    follows: Left = ()
    text: str = ""
    """What ended it."""
    time_unknown: bool = False
    """Whether nobody knows since when it was over, as of some imported ones: it ends no clock, whatever `at` says."""


@record
class Reopened(Happened):
    """It was not over after all."""

    type: Literal["reopened"]
    from_: Phase
    """The phase that the writer saw; where it was another by then, this has no effect and is a finding."""
    follows: Left = ()
    text: Text
    """What shows that it goes on."""


@record
class Cancelled(Happened):
    """There was no disruption. It is not counted."""

    type: Literal["cancelled"]
    from_: Phase
    """The phase that the writer saw; where it was another by then, this has no effect and is a finding."""
    follows: Left = ()
    text: Text
    """What it was instead."""


@record
class Merged(Happened):
    """It is the same disruption as another incident, which is counted in its place."""

    type: Literal["merged"]
    from_: Phase
    """The phase that the writer saw; where it was another by then, this has no effect and is a finding."""
    follows: Left = ()
    into: IncidentRef
    """The incident that goes on, by its id."""


@record
class TakenOver(Happened):
    """A duplicate was merged into it: what that one said then, which this one says in its place from then on."""

    type: Literal["taken-over"]
    of: IncidentRef
    """The incident that was merged into this one, by its id."""
    services: tuple[ServiceRef, ...]
    """What it disturbed, with what it took over itself."""
    detected_by: DetectedBy | None
    """Who detected it; null: unknown."""
    declared: Instant
    """When it was declared: the earliest of all counts, and who detected the incident that was declared then."""
    impact_started: Instant | None = None
    """When users began to notice, if known: the earliest counts."""
    acknowledged: Instant | None = None
    """When somebody began to take care of it, if anybody did: the earliest counts."""
    next_update: Instant | None = None
    """By when users were told to hear more: it holds until they are told more."""


@record
class Linked(Happened):
    """Something belongs to it: another record, or a page elsewhere."""

    type: Literal["linked"]
    to: Text
    """The id of an incident, a path of the store, or an address such as https://tickets.example.com/4711."""
    text: str = ""
    """What it has to do with it."""


@record
class FiringAlert:
    """One alert of a group that fires."""

    fingerprint: Text
    """What Alertmanager tells it from others by: fingerprint of its webhook payload."""
    since: Instant
    """Since when it fires: startsAt of the payload."""


@record
class Alerted(Happened):
    """The monitoring says that alerts of the group fire, or fire no more."""

    type: Literal["alert"]
    status: Literal["firing", "resolved"]
    """resolved: none of the group fires any more."""
    firing: Annotated[int, AtLeast(0, "a number of alerts")] = 0
    """How many alerts of the group fire."""
    alerts: tuple[FiringAlert, ...] = ()
    """Which ones: how news are told from a repeated message."""
    source: str = ""
    """Which Alertmanager says so, by its address: externalURL of the payload."""
    group: Text | None = None
    """The key of their group, where it is that of an incident that was merged into this one; else the group is its
    own."""
    text: Text
    """Which ones, as the alerts themselves say it."""


@record
class NoticeFailed(Happened):
    """Somebody should have been told of an event, and was not."""

    type: Literal["notice-failed"]
    to: Slug
    """Which notice of svcops.yaml: its name there."""
    about: Text
    """The event that it was about, by its name."""
    text: Text
    """Why it did not get there."""


@record
class Closed(Happened):
    """Back to normal operations, with what was learned anchored, or with the stated reason why nothing was."""

    type: Literal["closed"]
    from_: Phase
    """The phase that the writer saw; where it was another by then, this has no effect and is a finding."""
    follows: Left = ()
    no_measure_because: str = ""
    """Why nothing is changed, after an incident that is not major; reports count these."""


AnyEvent = (
    ImpactStarted
    | Opened
    | Acknowledged
    | RoleGiven
    | Logged
    | SeverityChanged
    | Updated
    | Mitigated
    | Resolved
    | Reopened
    | Cancelled
    | Merged
    | TakenOver
    | Linked
    | Alerted
    | NoticeFailed
    | Closed
)
Event = Annotated[AnyEvent, Tagged("type")]
Move = Opened | Acknowledged | Resolved | Reopened | Cancelled | Merged | Closed
"""The events that move the phase, beside a first commander."""
COMMANDER = "incident-commander"
