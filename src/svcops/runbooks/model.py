"""A runbook's front matter, whose steps are the Markdown below it; and exercises, what a run of one did."""

from typing import Literal

from svcops.store.model import Origin, OwnerRef, RunbookRef, ServiceRef, Text, Who, record
from svcops.timing.model import Duration, Instant

Kind = Literal["operation", "recovery", "key-date"]


@record
class Runbook:
    """What a runbook is for; the file's folder names the service it belongs to."""

    title: Text
    """What is wrong or what is done, as one would look for it at night: Postings are late."""
    kind: Kind
    """operation: what to do when something is wrong, or has to be done. recovery: how to bring data back.
    key-date: what carries a day on which nothing may fail."""
    services: tuple[ServiceRef, ...]
    """Under which services it is found; it belongs to the one that its folder names."""
    owner: OwnerRef | None = None
    """Who keeps it right; without it whoever owns the service of its folder."""
    alerts: tuple[str, ...] = ()
    """Names of the alerts that it answers, exactly as the alerting has them."""
    preconditions: tuple[Text, ...] = ()
    """What has to be so before it is begun, a point an item."""
    estimated: Duration | None = None
    """How long it takes somebody who knows it: 20m."""
    imported: Origin | None = None
    """Where it was imported from; without it, it was written here."""


@record
class Exercise:
    """exercise.yaml: what a run of a runbook did. A runbook is as fresh as the last of them that passed."""

    runbook: RunbookRef
    """As SERVICE/NAME: ledger/late."""
    started_at: Instant
    """With its offset: 2026-11-09T14:00:00+01:00."""
    ended_at: Instant
    """From here on it counts as exercised, for as long as the policy of svcops.yaml says."""
    by: Who
    """Who ran it: a name of catalogue/people, or a mail address."""
    result: Literal["passed", "failed", "aborted"]
    """passed: every step did what it says. failed: one did not. aborted: it was not run to its end."""
    text: str = ""
    """What was seen, and what to change in the runbook."""
