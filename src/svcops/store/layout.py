"""The layout of a store: which records live where (DESIGN, "The store"), as one table.

Later rooms add a line here; nothing else needs to know a path.
"""

import re
from functools import cache

from svcops.store.model import Kind

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
    Kind("recovery-plan", "recovery/plans/{name}.yaml", "svcops.recovery.model:RecoveryPlan"),
    Kind("evidence", "recovery/evidence/{year}/{name}/evidence.yaml", "svcops.recovery.model:Evidence"),
    Kind("keydate", "keydates/{name}.yaml", "svcops.keydates.model:KeyDate"),
    Kind("slo", "slo/{name}.yaml", "svcops.slo.model:Document", key="{kind}/{metadata.name}", many=True),
    Kind("incident", "incidents/{year}/{name}/incident.yaml", "svcops.incidents.model:Incident"),
    Kind(
        "incident-event",
        "incidents/{year}/{owner}/timeline/{name}.yaml",
        "svcops.incidents.model:Event",
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

FOLDERS_OF_OTHERS = ("templates", "metrics", "trust")
"""Folders of a store that hold no records."""


def kind(name: str) -> Kind:
    """The kind of that name; KeyError for one that is not in the table."""
    return _BY_NAME[name]


def kind_of_path(path: str) -> tuple[Kind, dict[str, str]] | None:
    """Which kind a path below the store belongs to, with the named parts of its pattern; None where it is no record."""
    for candidate in _by_first_folder().get(path.split("/", 1)[0], ()):
        found = pattern_of(candidate).fullmatch(path)
        if found:
            return candidate, found.groupdict()
    return None


def is_record_folder(top: str) -> bool:
    """Whether a first folder below the store holds records."""
    return top in _by_first_folder()


@cache
def pattern_of(of: Kind) -> re.Pattern[str]:
    """The kind's path pattern as a regular expression; a literal file name wins over a named part (`measure.yaml`)."""
    taken = [re.escape(other.pattern.rpartition("/")[2]) for other in KINDS if other.folder == of.folder]
    literal = [name for name in taken if r"\{" not in name]
    *folders, file = (_segment(segment) for segment in of.pattern.split("/"))
    guard = f"(?!(?:{'|'.join(literal)})$)" if literal and "(?P" in file else ""
    return re.compile("/".join((*folders, guard + file)))


def _segment(segment: str) -> str:
    parts = re.split(r"\{(\w+)\}", segment)
    return "".join(f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))


@cache
def _by_first_folder() -> dict[str, list[Kind]]:
    table: dict[str, list[Kind]] = {}
    for one in KINDS:
        table.setdefault(one.pattern.split("/", 1)[0], []).append(one)
    return table


_BY_NAME = {one.name: one for one in KINDS}
