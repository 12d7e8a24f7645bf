"""Two data sets of a plan that are called the same, or lie over each other in the backup."""

from collections.abc import Iterator
from itertools import combinations
from os.path import normpath
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.recovery.plan import CommandData, Data, FilesData, PostgresData, SqliteData

if TYPE_CHECKING:
    from svcops.recovery.plan import RecoveryPlan
    from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    for plan in context.graph.all("recovery-plan").values():
        yield from _below_itself(plan, context.graph.root)
        for (first, one), (second, other) in combinations(enumerate(plan.value.data), 2):
            related = (Related("the first of the two", plan.at("data", first)),)
            if one.name == other.name:
                message = f"two data sets are called {one.name}: one takes the place of the other"
                help_ = "Give each a name of its own."
                yield Finding("REC005", message, plan.at("data", second, "name"), help_, related=related)
            elif _overlap(one, other):
                message = f"{other.name} and {one.name} lie over each other in the backup"
                help_ = "Give each a `path` of its own; files lie at the top where they have none."
                yield Finding("REC005", message, plan.at("data", second), help_, related=related)


def _below_itself(plan: "Entry[RecoveryPlan]", root: Path) -> Iterator[Finding]:
    """Data that holds its own backup: each snapshot would hold all those before it."""
    repository: str = getattr(plan.value.backup, "repository", None) or ""
    for number, one in enumerate(plan.value.data if repository else ()):
        if isinstance(one, FilesData) and Path(normpath(root / repository)).is_relative_to(normpath(root / one.source)):
            related = (Related("the backup", plan.at("backup", "repository")),)
            message = f"{one.name} holds its own backup, so that each snapshot holds all those before it"
            help_ = "Keep the backup outside of the data."
            yield Finding("REC005", message, plan.at("data", number, "source"), help_, related=related)


def _overlap(one: Data, other: Data) -> bool:
    places = [_place(one), _place(other)]
    if None in places:
        return False
    first, second = (PurePosixPath(place or ".").parts for place in places)
    shorter = min(len(first), len(second))
    return first[:shorter] == second[:shorter]


def _place(data: Data) -> str | None:
    """Where it lies in the backup; None where only its commands know."""
    match data:
        case FilesData():
            return data.path
        case SqliteData():
            return data.path or f"{data.name}.sqlite"
        case PostgresData():
            return data.path or f"{data.name}.dump"
        case CommandData():
            return None
        case _:
            return data.path or data.name


RULE = Rule("REC005", "data sets of a recovery plan that are called the same, or lie over each other", find=_find)
