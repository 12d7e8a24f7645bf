"""Recovery plans, baselines of what a backup holds, and the evidence that drills leave (decision 27)."""

from typing import Annotated, Literal

from svcops.store.model import (
    AtLeast,
    Blob,
    Date,
    Digest,
    Matching,
    OwnerRef,
    Ref,
    RunbookRef,
    ServiceRef,
    Slug,
    Tagged,
    Text,
    Who,
    record,
)
from svcops.timing.model import Duration, Instant

Argv = tuple[Text, ...]
Inside = Annotated[
    str, Matching(r"(?!/)(?!(?:.*/)?\.\.(?:/|$)).*", "not a path inside the backup: it begins with / or holds ..")
]
Variable = Annotated[str, Matching(r"[A-Za-z_][A-Za-z0-9_]*", "not the name of an environment variable")]

Stage = Literal["choose", "fetch", "load", "verify", "clean-up"]
Reason = Literal[
    "no-snapshot",
    "fetch-failed",
    "load-failed",
    "said-damaged",
    "content-differs",
    "rto-missed",
    "rpo-missed",
    "timed-out",
    "no-baseline",
    "no-target",
    "interrupted",
    "not-possible",
]
"""Why a drill did not pass.

no-snapshot: none that the plan chooses. fetch-failed, load-failed: a tool ended badly, or a server did not start.
said-damaged: it ended well, and what it said means damage. content-differs: what came back is not the baseline's.
rto-missed, rpo-missed: it took longer, or the data was older, than was agreed. timed-out: a stage came to its limit.
The others leave the drill inconclusive: no-baseline of the snapshot, no-target that was agreed, interrupted, and
not-possible: a tool is not installed, or a disk was full.
"""


@record
class FilesData:
    """A tree of files."""

    kind: Literal["files"]
    name: Slug
    """What it is called in baselines and evidence."""
    source: Text
    """The folder that is backed up; a path, relative ones from the top of the store."""
    path: Inside = "."
    """Where it lies in the backup."""


@record
class SqliteData:
    """A database of SQLite."""

    kind: Literal["sqlite"]
    name: Slug
    """What it is called in baselines and evidence."""
    source: Text
    """The database file that is in use; a path, relative ones from the top of the store."""
    path: Inside = ""
    """Where its copy lies in the backup; without it NAME.sqlite."""


@record
class PostgresData:
    """A database of PostgreSQL, by pg_dump; it is loaded into a server of its own in the scratch folder."""

    kind: Literal["postgres"]
    name: Slug
    """What it is called in baselines and evidence."""
    source: Text
    """How the running one is reached: a connection string, which holds no password: service=ledger."""
    path: Inside = ""
    """Where the dump lies in the backup; without it NAME.dump."""
    format: Literal["custom", "plain"] = "custom"
    """What pg_dump is asked for."""


@record
class PostgresCluster:
    """A whole server of PostgreSQL, by a base backup; it is started in the scratch folder."""

    kind: Literal["postgres-cluster"]
    name: Slug
    """What it is called in baselines and evidence."""
    source: Text
    """How the running one is reached: a connection string, which holds no password: service=ledger."""
    databases: tuple[Text, ...]
    """The databases that are compared."""
    path: Inside = ""
    """Where the base backup lies in the backup; without it NAME."""


@record
class CommandData:
    """Anything else: commands take it in, load it, and say what it is. They are told folders by the environment."""

    kind: Literal["commands"]
    name: Slug
    """What it is called in baselines and evidence."""
    export: Argv
    """Writes the data into the folder of $SVCOPS_FOLDER."""
    load: Argv = ()
    """Makes it usable from $SVCOPS_FOLDER; left out where that is not needed."""
    fingerprint: Argv
    """Writes a line a part for what is loaded from $SVCOPS_FOLDER: name, count and SHA-256, with tabs between."""


Data = Annotated[FilesData | SqliteData | PostgresData | PostgresCluster | CommandData, Tagged("kind")]


@record
class FolderBackup:
    """Copies in a folder, one below it a snapshot, named by its time."""

    tool: Literal["folder"]
    repository: Text
    """The folder; a path, relative ones from the top of the store."""


@record
class ResticBackup:
    """A repository of restic; its password comes from the environment (RESTIC_PASSWORD), or from a file."""

    tool: Literal["restic"]
    repository: Text
    """As restic takes it with --repo; damage is done to a copy, so hardening needs a local folder."""
    password_file: str | None = None
    """The file that holds the password; a path outside of the store."""
    tags: tuple[Text, ...] = ()
    """Only snapshots with all of these."""
    host: str | None = None
    """Only snapshots of that host."""


@record
class BorgBackup:
    """A repository of borg; its passphrase comes from the environment (BORG_PASSPHRASE, BORG_PASSCOMMAND)."""

    tool: Literal["borg"]
    repository: Text
    """As borg takes it; damage is done to a copy, so hardening needs a local folder."""
    archives: str = "*"
    """Only archives whose name matches this pattern of the shell."""


@record
class PgbackrestBackup:
    """A repository of pgBackRest, which holds clusters of PostgreSQL and nothing else."""

    tool: Literal["pgbackrest"]
    repository: Text
    """The folder of its repository (repo1-path)."""
    stanza: Text
    """What the cluster is called there."""
    config: str | None = None
    """Its configuration file, for what else it needs; a path outside of the store."""


@record
class CommandBackup:
    """Any other tool: commands list snapshots, bring one, and keep one."""

    tool: Literal["commands"]
    list: Argv
    """Writes a line a snapshot: its id and the time of its data (2026-11-27T10:00:00Z), with a tab between."""
    fetch: Argv
    """Brings the snapshot $SVCOPS_SNAPSHOT into the folder $SVCOPS_FOLDER."""
    keep: Argv = ()
    """Keeps the folder $SVCOPS_FOLDER as a new snapshot and writes its id; without it no baseline can be taken."""
    repository: str | None = None
    """The local folder that holds the backup, told as $SVCOPS_REPOSITORY; hardening needs it."""


Backup = Annotated[
    FolderBackup | ResticBackup | BorgBackup | PgbackrestBackup | CommandBackup,
    Tagged("tool"),
]


@record
class Environment:
    """Where a drill restores to, and what keeps that apart from what is in use."""

    where: Text
    """The machine and the place: the runner of the nightly job."""
    isolation: Text
    """Why nothing in use can be touched: a scratch folder, servers listen on loopback sockets in it alone."""
    scratch: str | None = None
    """The folder below which the scratch folder is made; without it the one for temporary files."""


@record
class Limits:
    """How long each stage may take, with all that tools try again: some do for 45 s before they give up."""

    fetch: Duration | None = None
    """To bring the snapshot; without it 1h."""
    load: Duration | None = None
    """To load the data and start what serves it; without it 1h."""
    verify: Duration | None = None
    """To work out what came back; without it 1h."""


@record
class Damage:
    """A case that a drill must fail: damage done to a copy of the backup, or a condition that is made worse."""

    case: Literal[
        "flip-bytes",
        "truncate",
        "delete-file",
        "delete-snapshot",
        "empty-repository",
        "change-value",
        "break-pipe",
        "old-snapshot",
        "slow",
    ]
    """flip-bytes, truncate, delete-file: one file of the repository, the largest, or that of `file`. delete-snapshot:
    the one that is chosen. empty-repository: there is none. change-value: one value of the data is another before it is
    backed up. break-pipe: the export breaks off, and what came is kept. old-snapshot: the oldest one in place of the
    chosen, its time put back by `by` where it is not that old. slow: the load takes longer by `by`."""
    file: str | None = None
    """Which file of the repository, by a pattern of the shell from its top: data/*/*."""
    by: Duration | None = None
    """Of slow and old-snapshot: by how long; without it, as long as the agreed RTO, or RPO."""
    expect: tuple[Reason, ...] = ()
    """The reasons of which it must fail for one; without any, those that follow from case and tool."""


@record
class RecoveryPlan:
    """How data of services is brought back, and how often that is proved."""

    title: Text
    """What is brought back: The ledger's database from its backup."""
    services: tuple[ServiceRef, ...]
    """Whose data it brings back; a drill that passed proves it for each of them."""
    every: Duration | None = None
    """How long a passed drill counts; without it as long as svcops.yaml says (policy.restore_proved)."""
    scenario: str = ""
    """What happened before: The disks of the database server are lost."""
    runbook: RunbookRef | None = None
    """What a person follows, where it is done for real."""
    agreement: Annotated[str, Ref("agreement")] | None = None
    """The agreement whose RTO and RPO hold; without it the strictest of its services."""
    environment: Environment | None = None
    """Where a drill restores to, and why that is safe."""
    backup: Backup | None = None
    """Where the backup is; without it drills are done by hand, and written down."""
    snapshot: Literal["latest", "oldest"] = "latest"
    """Which of its snapshots a drill takes."""
    data: tuple[Data, ...] = ()
    """What of the backup is data, and how it is read."""
    limits: Limits | None = None
    """How long each stage may take."""
    damage: tuple[Damage, ...] = ()
    """What a drill of it must notice; without any it cannot be hardened."""
    may_execute: tuple[OwnerRef, ...] = ()
    """Teams and persons who may run its drills; without any, everybody."""
    secrets: tuple[Variable, ...] = ()
    """Environment variables whose values are masked in logs, beside those that sound like it."""


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
    """What was done in another way than the plan says."""
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
