"""svcops.yaml: what holds for the whole store."""

from datetime import timedelta, tzinfo
from typing import Annotated, Literal

from svcops.store.model import AtLeast, Date, EscalationRef, Matching, PersonRef, SeverityName, Slug, Text, Zone, record
from svcops.timing.model import Duration

Code = Annotated[str, Matching(r"[A-Z]{3,}[0-9]{3}", "not the code of a finding such as REF001")]
Branch = Annotated[
    str,
    Matching(
        r"(?!HEAD$)(?!.*(?:\.\.|//|/\.|\.lock(?:/|$)))[A-Za-z0-9_](?:[A-Za-z0-9._/-]*[A-Za-z0-9_-])?",
        "not the name of a branch as git takes it: letters, digits, and . _ - / between them",
    ),
]
"""As `git check-ref-format --branch` takes it, of these characters."""
Profile = Literal["basic", "operated", "provable"]
"""How much a store proves; each asks for all that the one before it asks for."""


@record
class SeverityLevel:
    """One line of the severity matrix, the highest first."""

    name: Slug
    """What people type: sev1."""
    title: str = ""
    """What it means, in one line."""
    major: bool = False
    """A major incident closes only with an approved post-mortem and an anchored measure."""
    postmortem_within: Annotated[int, AtLeast(1, "a number of working days")] | None = None
    """Working days from the resolution until its post-mortem is approved; 10 for a major one, where nothing is said."""


@record
class Policy:
    """How old a proof may be before it counts no more, and how far ahead the check looks."""

    runbook_exercised: Duration = timedelta(days=180)
    """A runbook counts as rehearsed for this long after an exercise of it that passed."""
    restore_proved: Duration = timedelta(days=90)
    """A restore counts as proved for this long after a drill that passed."""
    agreement_notice: Duration = timedelta(days=60)
    """How long before an agreement ends it is time to renew it."""
    on_call_ahead: Duration = timedelta(days=28)
    """How far ahead somebody has to be on call at every hour of a schedule."""
    measure_grace: Duration = timedelta(days=14)
    """How long after its last day a measure that is neither anchored nor dropped may stay a warning."""
    quiet: Duration = timedelta(days=30)
    """How long nothing may recur before a resolved problem counts as verified."""
    approvals: Literal["asserted", "proved"] = "asserted"
    """Which approvals by people of the catalogue count. asserted: every one. proved: signed ones alone, with a key of
    trust/allowed_signers."""
    sync: Literal["manual", "auto"] = "manual"
    """auto: what svcops commits goes to the remote at once, in the background. manual: svcops sync takes it there."""
    sync_branch: Branch | None = None
    """Where the main branch is protected: the branch to which svcops sync pushes instead."""
    pull_request: Text | None = None
    """Where to open the pull request for that branch, such as https://git.example.org/ops/compare/{branch}."""


@record
class Waiver:
    """A finding that is known and left until a day: it is not reported, and not forgotten."""

    code: Code
    """Of the finding, such as REF001."""
    path: Text
    """Of the record below the store; * stands for anything in a name, ** for any folders."""
    reason: Text
    """Why it may stay for now, for whoever reads it later."""
    by: PersonRef
    """Who takes the responsibility."""
    until: Date
    """The last day on which it holds."""


@record
class Notice:
    """Somebody outside who is told when something happens to an incident."""

    name: Slug
    """What people call it: chat, pager."""
    kind: Literal["json", "slack", "pagerduty"]
    """json: the event and the incident as they are. slack: an incoming webhook, of Slack or whatever is like it.
    pagerduty: an event of the Events API v2."""
    address: Annotated[
        str,
        Matching(r"SVCOPS_NOTICE_[A-Z0-9_]+", "not the name of an environment variable such as SVCOPS_NOTICE_CHAT"),
    ]
    """The environment variable that holds the address, or PagerDuty's routing key: a secret, so no part of the store.
    Its name begins with SVCOPS_NOTICE_, so that a store can name no other secret. Where it is not set, nothing is
    sent."""
    on: tuple[Text, ...] = ("opened", "severity", "update", "mitigated", "resolved", "reopened")
    """Which events it hears of, by their type."""
    severities: tuple[SeverityName, ...] = ()
    """Of incidents of which severities; without it, of all."""
    template: str = ""
    """The text, as a Jinja template over event and incident; without it, one line."""


@record
class Settings:
    """svcops.yaml: what holds for the whole store."""

    organisation: str = ""
    """Whose services these are."""
    time_zone: Zone = "UTC"
    """The zone in which times are shown and typed; empty where a damaged svcops.yaml does not say it."""
    severities: tuple[SeverityLevel, ...] = (
        SeverityLevel(name="sev1", title="A core workflow does not work", major=True),
        SeverityLevel(name="sev2", title="A core workflow is badly degraded", major=True),
        SeverityLevel(name="sev3", title="Part of a service is degraded"),
        SeverityLevel(name="sev4", title="A blemish, or a near miss"),
    )
    """The severities of this store, the highest first."""
    severity_matrix: dict[Text, dict[Text, SeverityName]] | None = None
    """By what a disruption does to users, and to how many, its severity: {stopped: {everybody: sev1, some: sev2}}."""
    profile: Profile | None = None
    """What every service has to meet; where it does not, that is an error. Without it nothing is asked for."""
    policy: Policy = Policy()
    """How old a proof may be, and how far ahead the check looks."""
    escalation: EscalationRef | None = None
    """The escalation policy of services for which neither they nor their teams name one."""
    waivers: tuple[Waiver, ...] = ()
    """Findings that are known, and left for a while."""
    notices: tuple[Notice, ...] = ()
    """Who outside is told when something happens to an incident."""
    site: Annotated[str, Matching(r"https?://\S+", "not a web address")] | None = None
    """Where the rendered site is published: the pages of the rules are found below it."""

    def zone(self) -> tzinfo:
        """The store's time zone; ValueError where it cannot be read, or this machine knows no such zone."""
        if not self.time_zone:
            raise ValueError("the store's time zone cannot be read")
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, OSError):
            raise ValueError(f"{self.time_zone} is not a known time zone") from None

    def severity(self, name: str) -> SeverityLevel | None:
        """The severity of that name, or None."""
        return next((level for level in self.severities if level.name == name), None)
