"""The layout of a store: which records live where (DESIGN, "The store"), as one table.

Later rooms add a line here; nothing else needs to know a path.
"""

import re
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING

from svcops.store.model import SLUG, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SETTINGS = "svcops.yaml"

KINDS = (
    Kind("settings", SETTINGS, "svcops.store.settings:Settings", key="settings"),
    Kind("service", "catalogue/services/{name}.yaml", "svcops.catalogue.model:Service"),
    Kind("system", "catalogue/systems/{name}.yaml", "svcops.catalogue.model:System"),
    Kind("team", "catalogue/teams/{name}.yaml", "svcops.catalogue.model:Team"),
    Kind("person", "catalogue/people/{name}.yaml", "svcops.catalogue.model:Person"),
    Kind("schedule", "catalogue/schedules/{name}.yaml", "svcops.catalogue.model:Schedule"),
    Kind("agreement", "catalogue/agreements/{name}.yaml", "svcops.catalogue.model:Agreement"),
    Kind("escalation", "catalogue/escalations/{name}.yaml", "svcops.catalogue.model:Escalation"),
    Kind("maintenance", "maintenance/{year}/{name}.yaml", "svcops.catalogue.model:Maintenance"),
    Kind("runbook", "runbooks/{service}/{name}.md", "svcops.runbooks.model:Runbook", key="{service}/{name}"),
    Kind("exercise", "exercises/{year}/{name}/exercise.yaml", "svcops.runbooks.model:Exercise"),
    Kind("recovery-plan", "recovery/plans/{name}.yaml", "svcops.recovery.plan:RecoveryPlan"),
    Kind("baseline", "recovery/baselines/{plan}/{name}.yaml", "svcops.recovery.model:Baseline"),
    Kind("evidence", "recovery/evidence/{year}/{name}/evidence.yaml", "svcops.recovery.model:Evidence"),
    Kind("keydate", "keydates/{name}.yaml", "svcops.keydates.model:KeyDate"),
    Kind("slo", "slo/{name}.yaml", "svcops.slo.model:Document", key="{kind}/{metadata.name}", many=True),
    Kind("exclusion", "slo/exclusions/{name}.yaml", "svcops.slo.exclusion:Exclusion"),
    Kind("incident", "incidents/{year}/{name}/incident.yaml", "svcops.incidents.model:Incident"),
    Kind(
        "incident-event",
        "incidents/{year}/{owner}/timeline/{name}.yaml",
        "svcops.incidents.model:Event",
        key="{owner}/{name}",
    ),
    Kind("problem", "problems/{year}/{name}/problem.yaml", "svcops.problems.model:Problem"),
    Kind(
        "problem-event",
        "problems/{year}/{owner}/{name}.yaml",
        "svcops.problems.model:Event",
        key="{owner}/{name}",
    ),
    Kind("postmortem", "postmortems/{year}/{name}.md", "svcops.postmortems.model:Postmortem"),
    Kind("measure", "measures/{year}/{name}/measure.yaml", "svcops.postmortems.model:Measure"),
    Kind(
        "measure-event",
        "measures/{year}/{owner}/{name}.yaml",
        "svcops.postmortems.model:MeasureEvent",
        key="{owner}/{name}",
    ),
    Kind("approval", "approvals/{year}/{name}.yaml", "svcops.trust.model:Approval"),
)

NO_RECORD = "README.md"
"""A page for people, welcome in every folder."""

FOLDERS_OF_OTHERS = ("templates", "metrics", "trust")
"""Folders of a store that hold no records."""

FILES_OF = {"exercise": "output", "evidence": "logs"}
"""Of kinds of records, the folder beside one that holds files of it, whatever they are called."""

SIGNATURE = ".sig"
"""What the name of a detached signature adds to that of the file it signs, as ssh-keygen names it."""
_SIGNED = ("approval", "evidence")
"""The kinds of records beside which a signature may lie."""


class Place:
    """A place in a store's folders: what may stand below it, or which kind of record it is."""

    __slots__ = ("below", "ending", "endings", "folder", "holds_files", "key", "kind", "named", "only", "pick")

    def __init__(self) -> None:
        self.below: dict[str, Place] = {}
        """What stands below by a name of its own."""
        self.folder: Place | None = None
        """What any other folder below is."""
        self.endings: list[Place] = []
        """What any other file below is, by the end of its name."""
        self.only: Place | None = None
        """What every file below is, where there can be nothing else."""
        self.holds_files = False
        """Whether it is a folder with files of a record, which are not looked at here."""
        self.kind: Kind | None = None
        """The kind of record that a file at this place is; None for a folder."""
        self.named: tuple[tuple[int, str], ...] = ()
        """Of a record's place: which steps of its path are named parts."""
        self.ending = ""
        """Of a record's place: what follows the last named part in the file's name."""
        self.key: tuple[int, ...] = ()
        """Of a record's place: the steps of its path that make its name; none where its content names it."""
        self.pick: Callable[[list[str]], str | tuple[str, ...]] = tuple
        """Gives these steps."""

    def child(self, name: str) -> "Place | None":
        """The place below of that name; None for a name that the layout does not know. README.md is never a record."""
        found = self.below.get(name)
        if found is not None:
            return found
        for place in self.endings:
            if name.endswith(place.ending) and len(name) > len(place.ending):
                return None if name == NO_RECORD else place
        return self.folder

    def name(self, path: str) -> str:
        """The name of the record at a path of this place."""
        if not self.key:
            assert self.kind, path
            return self.kind.key
        picked = self.pick(path.removesuffix(self.ending).split("/"))
        return picked if type(picked) is str else "/".join(picked)

    def parts(self, path: str) -> dict[str, str]:
        """The named parts of the path of a record at this place."""
        steps = path.removesuffix(self.ending).split("/")
        return {name: steps[index] for index, name in self.named}


def kind(name: str) -> Kind:
    """The kind of that name; KeyError for one that is not in the table."""
    return _BY_NAME[name]


@cache
def place_of_kind(of: Kind) -> Place:
    """The place of a kind's records."""
    place = place_of(re.sub(r"{[a-z]+}", "x", of.pattern))
    assert place, of
    return place


def place_of(path: str) -> Place | None:
    """The place of a record's path in the layout; None where a file of that path is no record."""
    place: Place | None = top()
    for name in path.split("/"):
        place = place.child(name) if place else None
    return place if place and place.kind else None


def kind_of_path(path: str) -> tuple[Kind, dict[str, str]] | None:
    """Which kind a path below the store belongs to, with the named parts of its pattern; None where it is no record."""
    place = place_of(path)
    return (place.kind, place.parts(path)) if place and place.kind else None


def path_named(kind_name: str, name: str) -> str:
    """Where a record of that name is written; empty where no file can have it, or its path says more than its name."""
    pattern = kind(kind_name).pattern
    steps = name.split("/") if re.fullmatch(rf"{SLUG}(?:/{SLUG})?", name) else []
    named = re.findall(r"{[a-z]+}", pattern)
    return re.sub(r"{[a-z]+}", lambda _: steps.pop(0), pattern) if len(named) == len(steps) else ""


def signed_by(path: str) -> str | None:
    """The path of the record that a file of that path is the signature of; None where it is no such file."""
    of = path.removesuffix(SIGNATURE)
    place = place_of(of) if of != path else None
    return of if place and place.kind and place.kind.name in _SIGNED else None


def parts_of(path: str) -> dict[str, str]:
    """The named parts of the path of a record; KeyError where it is none."""
    place = place_of(path)
    if place is None:
        raise KeyError(path)
    return place.parts(path)


def is_record_folder(name: str) -> bool:
    """Whether a first folder below the store holds records."""
    return name != SETTINGS and name in top().below


@cache
def top() -> Place:
    """The store itself, with all that may stand below it."""
    root = Place()
    for one in KINDS:
        *folders, file = one.pattern.split("/")
        here = root
        for segment in folders:
            here = _folder(here, segment)
        if one.name in FILES_OF:
            here.below[FILES_OF[one.name]] = beside = Place()
            beside.holds_files = True
        place = Place()
        place.kind = one
        steps = enumerate(one.pattern.split("/"))
        place.named = tuple((number, segment[1:].partition("}")[0]) for number, segment in steps if segment[0] == "{")
        steps_of = {name: number for number, name in place.named}
        place.key = tuple(steps_of[name] for name in re.findall(r"{([a-z]+)}", one.key)) if not one.many else ()
        place.pick = itemgetter(*place.key) if place.key else tuple
        if file.startswith("{"):
            place.ending = file.partition("}")[2]
            here.endings.append(place)
            here.only = place
        else:
            here.below[file] = place
    for here in _all(root):
        if here.below or here.folder or len(here.endings) > 1:
            here.only = None
    return root


def _all(place: Place) -> "Iterator[Place]":
    yield place
    for one in (*place.below.values(), *((place.folder,) if place.folder else ())):
        yield from _all(one)


def _folder(above: Place, segment: str) -> Place:
    if not segment.startswith("{"):
        return above.below.setdefault(segment, Place())
    above.folder = above.folder or Place()
    return above.folder


_BY_NAME = {one.name: one for one in KINDS}
