"""A runbook's front matter, whose steps are the Markdown below it; and exercises, what a run of one did."""

from typing import Annotated, Literal

from svcops.store.model import (
    Blob,
    Digest,
    IncidentRef,
    Matching,
    Origin,
    OwnerRef,
    RunbookRef,
    ServiceRef,
    Text,
    Who,
    record,
)
from svcops.timing.model import Duration, Instant

Kind = Literal["operation", "recovery", "key-date"]
Variable = Annotated[str, Matching(r"[A-Za-z_][A-Za-z0-9_]*", "not the name of an environment variable")]


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
    """What has to be so before it is begun, a point an item: a run asks for each."""
    estimated: Duration | None = None
    """How long it takes somebody who knows it: 20m."""
    secrets: tuple[Variable, ...] = ()
    """Environment variables whose values are masked in what a run shows and keeps, beside those that sound like it."""
    imported: Origin | None = None
    """Where it was imported from; without it, it was written here."""


@record
class StepResult:
    """What became of one step of a run."""

    step: Text
    """Its section and number: mitigation-2."""
    title: str = ""
    """Its first sentence, as it was then."""
    result: Literal["passed", "found", "failed", "skipped", "unknown"]
    """passed: it did what it says. found: of Diagnosis, it came out otherwise, which is what one looks for there.
    failed: it did not what it says. skipped: it was left out, or not reached. unknown: it was begun, the run was broken
    off in it, and nobody says what came of it."""
    started_at: Instant | None = None
    """When it was begun, with its offset; left out where it was not."""
    ended_at: Instant | None = None
    """When it was over, with its offset."""
    exit: int | None = None
    """The exit code of its last command that was run; left out where none was, or it was ended from outside."""
    attempts: int = 1
    """How often it was tried."""
    judged_by: Literal["program", "person"] | None = None
    """Who said that it did what is expected: a comparison that the runbook holds, or whoever ran it."""
    reason: str = ""
    """Why it failed, or was skipped."""
    output: str | None = None
    """The file beside this record that holds what it said: output/mitigation-2.txt."""
    digest: Digest | None = None
    """The SHA-256 of that file."""


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
    blob: Blob | None = None
    """The runbook's exact text, as git names it; without it, it was written down by hand."""
    mode: Literal["terminal", "automatic"] | None = None
    """Whether a person was asked at each step, or a program ran what can be judged without one."""
    incident: IncidentRef | None = None
    """The incident for which it was run; without it, it was an exercise."""
    steps: tuple[StepResult, ...] = ()
    """In the order of the runbook."""

    @property
    def against(self) -> tuple[StepResult, ...]:
        """The steps that do not let it be one that passed, where it says that it did."""
        return tuple(one for one in self.steps if self.result == "passed" and one.result not in ("passed", "found"))
