"""Writing recovery plans."""

import re
from collections.abc import Iterable, Sequence

from svcops.errors import BadInput
from svcops.recovery.plan import Damage, Data, Environment, FilesData, FolderBackup, RecoveryPlan, SqliteData
from svcops.store.change import Change
from svcops.store.events import subject
from svcops.store.model import SLUG
from svcops.store.recording import bytes_of

CASES = (
    Damage(case="flip-bytes"),
    Damage(case="truncate"),
    Damage(case="delete-file"),
    Damage(case="delete-snapshot"),
    Damage(case="empty-repository"),
    Damage(case="change-value"),
    Damage(case="break-pipe"),
    Damage(case="old-snapshot"),
    Damage(case="slow"),
)
"""What every backup in a folder must notice."""
ISOLATION = "a scratch folder, which is removed; the data in use is only read, and only for a baseline"


def data_of(sqlite: Sequence[str], files: Sequence[str]) -> tuple[Data, ...]:
    """The data sets that are given as NAME=PLACE; BadInput where there is none, or two of one name."""
    found: list[Data] = [
        SqliteData(kind="sqlite", name=name, source=place) for name, place in _pairs("--sqlite", sqlite)
    ]
    found += [FilesData(kind="files", name=name, source=place, path=name) for name, place in _pairs("--files", files)]
    names = [one.name for one in found]
    if not names:
        raise BadInput("a plan needs data", help="--sqlite index=var/index.sqlite, or --files documents=var/documents")
    twice = next((one for one in names if names.count(one) > 1), "")
    if twice:
        raise BadInput(f"two data sets are called {twice}", help="Give each a name of its own.")
    return tuple(found)


def _pairs(option: str, given: Iterable[str]) -> Iterable[tuple[str, str]]:
    for one in given:
        name, _, place = one.partition("=")
        if not re.fullmatch(SLUG, name) or not place.strip():
            raise BadInput(f"{option} {one}: not NAME=PLACE", help=f"{option} index=var/index")
        yield name, place


def new(
    name: str,
    title: str,
    services: tuple[str, ...],
    backup: str,
    data: tuple[Data, ...],
    *,
    scenario: str = "",
    runbook: str | None = None,
) -> Change:
    """Begin a plan over copies in a folder."""
    if not re.fullmatch(SLUG, name):
        raise BadInput(f"{name}: no name for a plan", help="Lower-case letters and digits: ledger-database.")
    record = RecoveryPlan(
        title=" ".join(title.split()),
        services=services,
        scenario=scenario,
        runbook=runbook,
        environment=Environment(where="the machine that runs the drill", isolation=ISOLATION),
        backup=FolderBackup(tool="folder", repository=backup),
        data=data,
        damage=CASES,
    )
    line = subject(f"Begin the recovery plan {name}: {record.title}")
    return Change(line, {f"recovery/plans/{name}.yaml": bytes_of(record)}, records=(name,))
