"""A person who is in no team and answers for nothing."""

from collections.abc import Iterator

from svcops.catalogue.answering import idle_people
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    idle = idle_people(context.graph)
    for entry in context.graph.all("person").values():
        if entry.name in idle:
            message = f"{entry.name} is in no team, owns nothing, and is nowhere on call"
            help_ = "Add them to the members of their team, or remove them."
            yield Finding("TEAM004", message, entry.at(), help_, severity="note")


RULE = Rule(
    "TEAM004",
    "a person who is in no team and answers for nothing",
    "note",
    rests_on=("service", "system", "team", "schedule", "escalation"),
    find=_find,
)
