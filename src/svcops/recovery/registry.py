"""Which module knows a tool, and which a kind of data; it is imported only where a plan names it."""

from importlib import import_module
from typing import TYPE_CHECKING

from svcops.errors import NotDone

if TYPE_CHECKING:
    from svcops.recovery.interface import DataSet, Repository, Work
    from svcops.recovery.plan import Backup, Data

TOOLS = {
    "folder": "svcops.recovery.repositories.folder:Folder",
    "restic": "svcops.recovery.repositories.restic:Restic",
    "borg": "svcops.recovery.repositories.borg:Borg",
    "pgbackrest": "svcops.recovery.repositories.pgbackrest:Pgbackrest",
    "commands": "svcops.recovery.repositories.commands:Commands",
}
KINDS = {
    "files": "svcops.recovery.data.files:Files",
    "sqlite": "svcops.recovery.data.sqlite:Sqlite",
    "postgres": "svcops.recovery.data.postgres:Postgres",
    "postgres-cluster": "svcops.recovery.data.postgres_cluster:PostgresCluster",
    "commands": "svcops.recovery.data.commands:Commands",
}


def repository_of(plan: "Backup", work: "Work") -> "Repository":
    """The backup of a plan, by the tool that it names."""
    return _made(TOOLS, plan.tool, plan, work)  # type: ignore[no-any-return]


def data_set_of(plan: "Data", work: "Work") -> "DataSet":
    """A data set of a plan, by its kind."""
    return _made(KINDS, plan.kind, plan, work)  # type: ignore[no-any-return]


def _made(known: dict[str, str], name: str, plan: object, work: "Work"):  # type: ignore[no-untyped-def] # noqa: ANN202
    if name not in known:
        raise NotDone(f"this svcops cannot drill {name}", help=f"It knows {', '.join(known)}; commands does for any.")
    module, _, made = known[name].partition(":")
    return getattr(import_module(module), made)(plan, work)
