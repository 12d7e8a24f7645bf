"""A team that answers for nothing."""

from collections.abc import Iterator

from svcops.catalogue.answering import idle_teams
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    idle = idle_teams(context.graph)
    for entry in context.graph.all("team").values():
        if entry.name in idle:
            message = f"{entry.name} owns no service or system, no team is part of it, and nobody in it is on call"
            help_ = "Make it the owner of what it answers for, or remove it."
            yield Finding("TEAM003", message, entry.at(), help_, severity="note")


RULE = Rule(
    "TEAM003",
    "a team that answers for nothing",
    "note",
    rests_on=("service", "system", "team", "schedule", "escalation"),
    find=_find,
)
