"""Baselines of what a backup holds, and the evidence that drills leave (decision 27)."""

from typing import Annotated, Literal

from svcops.recovery.plan import Environment, Reason
from svcops.store.model import (
    AtLeast,
    Blob,
    Date,
    Digest,
    Ref,
    Slug,
    Text,
    Who,
    record,
)
from svcops.timing.model import Duration, Instant


@record
class Part:
    """One part of a fingerprint: a table, or a file."""

    name: Text
    """The table with its schema, or the file's path."""
    count: Annotated[int, AtLeast(0, "a count is not below 0")]
    """Rows of a table, bytes of a file."""
    digest: Digest
    """Over its full content."""


@record
class Fingerprint:
    """What one data set holds, in full."""

    data: Slug
    """Which of the plan's."""
    digest: Digest
    """Over all of its parts, in their order."""
    parts: tuple[Part, ...] = ()
    """Its parts by name; left out where there are more than 2,000."""


@record
class Baseline:
    """What went into one snapshot of a backup, taken inside of it, and kept apart from it."""

    plan: Annotated[str, Ref("recovery-plan")]
    """Whose backup it is, by the name of the plan's file."""
    snapshot: Text
    """The snapshot, as the tool names it."""
    taken_at: Instant
    """The time of the data, with its offset."""
    by: Who
    """Who took it."""
    data: tuple[Fingerprint, ...]
    """One a data set."""


@record
class Content:
    """The exact text of a record that was followed."""

    path: Text
    """Where it stood in the store."""
    blob: Blob
    """Its bytes, as git names them."""
    commit: Blob | None = None
    """The commit from which they were taken; left out where they were committed nowhere."""


@record
class Target:
    """What was agreed: how long a recovery may take, and how much of the latest data may be missing."""

    agreement: str | None = None
    """The agreement that says so."""
    rto: Duration | None = None
    """At most, for the recovery."""
    rpo: Duration | None = None
    """At most, for the age of the data."""


@record
class Identity:
    """Which backup was restored."""

    tool: Text
    """What holds it: restic."""
    repository: Text
    """Where, without secrets."""
    snapshot: str | None = None
    """As the tool names it; left out where there was none."""
    taken_at: Instant | None = None
    """The time of its data."""
    chosen: str = ""
    """How it was chosen: the latest of 14."""


@record
class StageResult:
    """What became of one stage of a drill."""

    name: Text
    """choose, fetch, load NAME, verify NAME, clean-up."""
    started_at: Instant
    """With its offset."""
    ended_at: Instant
    """With its offset."""
    seconds: float
    """How long it took, by a clock that is never set."""
    exit: int | None = None
    """The exit code of its last command; left out where there was none, or it was ended from outside."""
    log: str | None = None
    """The file beside this record that holds what was said: logs/fetch.txt."""
    digest: Digest | None = None
    """The SHA-256 of that file."""


@record
class Fault:
    """A reason why a drill did not pass."""

    reason: Reason
    """What kind of reason: content-differs."""
    text: Text
    """What was seen: table public.entry: 50000 rows, digest differs."""


@record
class CaseResult:
    """What became of one damage case of a hardening."""

    case: Text
    """What was done: flip-bytes data/7a/7a31."""
    expected: tuple[Reason, ...] = ()
    """The reasons of which it had to fail for one; none of the copy without damage, which had to pass."""
    verdict: Literal["passed", "failed", "inconclusive"]
    """Of the drill under this damage: it has to be failed."""
    faults: tuple[Fault, ...] = ()
    """Why the drill did not pass under it."""
    noticed: bool
    """Whether it failed, and for a reason that was expected; of the copy without damage, whether it passed."""
    log: str | None = None
    """The file beside this record that holds what was said."""
    digest: Digest | None = None
    """The SHA-256 of that file."""


@record
class Defect:
    """What was found wrong with the plan, the backup or the runbook, and who sees to it by when."""

    text: Text
    """What is wrong."""
    owner: Who
    """Who sees to it."""
    due: Date
    """Until which day."""


@record
class Head:
    """An evidence before this one, which no other names yet."""

    id: Text
    """Its id: evidence-20261116-k7f3q2."""
    digest: Digest
    """Over the exact bytes of its evidence.yaml."""


@record
class Evidence:
    """evidence.yaml: what a drill of a plan showed. A restore is as fresh as the last of them that passed."""

    id: str | None = None
    """Its id, which its folder has for a name; without it nobody signs it: the bytes would be those of any other."""
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
    witness: Who | None = None
    """Who was there and saw it."""
    faults: tuple[Fault, ...] = ()
    """Why it did not pass."""
    scenario: str = ""
    """What had happened, as the plan said then."""
    scope: tuple[Text, ...] = ()
    """The data sets, by name."""
    followed: tuple[Content, ...] = ()
    """The plan and its runbook, as they were."""
    target: Target | None = None
    """What was agreed then."""
    backup: Identity | None = None
    """Which backup was restored; without it this was written down by hand."""
    environment: Environment | None = None
    """Where it was restored to."""
    host: str = ""
    """The machine that it ran on, and its system."""
    stages: tuple[StageResult, ...] = ()
    """In their order."""
    baseline: Content | None = None
    """What was expected."""
    expected: tuple[Fingerprint, ...] = ()
    """The baseline's fingerprints, without their parts."""
    actual: tuple[Fingerprint, ...] = ()
    """What came back; with the parts that differ."""
    deviations: tuple[Text, ...] = ()
    """What was done in another way than the plan says, and time that is no recovery time."""
    defects: tuple[Defect, ...] = ()
    """What was found wrong, and who sees to it."""
    hardening: bool = False
    """Whether this was a hardening, also where it did not come to its damage cases."""
    cases: tuple[CaseResult, ...] = ()
    """The damage cases of a hardening; before them a copy without damage, which shows that a copy says something."""
    cleaned_up: bool | None = None
    """Whether everything that the drill made is gone again."""
    next_due: Date | None = None
    """When the next drill is due, as the plan said then."""
    tools: dict[str, str] | None = None
    """The versions of what was used: restic 0.14.0."""
    after: tuple[Head, ...] = ()
    """The evidences before this one: so none can be taken away without a trace."""
