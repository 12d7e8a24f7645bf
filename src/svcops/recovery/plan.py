"""Recovery plans: what is brought back from which backup, and how that is proved (decision 27)."""

from typing import Annotated, Literal

from svcops.store.model import (
    Matching,
    OwnerRef,
    Ref,
    RunbookRef,
    ServiceRef,
    Slug,
    Tagged,
    Text,
    record,
)
from svcops.timing.model import Duration

Argv = tuple[Text, ...]
Inside = Annotated[
    str, Matching(r"(?!/)(?!(?:.*/)?\.\.(?:/|$)).*", "not a path inside the backup: it begins with / or holds ..")
]
Variable = Annotated[str, Matching(r"[A-Za-z_][A-Za-z0-9_]*", "not the name of an environment variable")]

Case = Literal[
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
"""What damage is done."""
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

    case: Case
    """flip-bytes, truncate, delete-file: one file of the repository, the largest, or that of `file`. delete-snapshot:
    the one that is chosen. empty-repository: there is none. change-value: one value of the data is another before it is
    backed up. break-pipe: the export breaks off, and what came is kept. old-snapshot: the oldest one in place of the
    chosen, its time put back by `by` where it is not that old. slow: the load takes longer by `by`."""
    file: str | None = None
    """Which file of the repository, of break-pipe of the snapshot, by a pattern of the shell from its top: data/*/*."""
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
