"""A team that answers for something and has nobody in it."""

from collections.abc import Iterator

from svcops.catalogue.answering import teams_that_answer
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    answering = context.graph.once(teams_that_answer)
    teams = context.graph.all("team")
    parents = {one.value.parent for one in teams.values()}
    for entry in teams.values():
        if entry.name in answering and not entry.value.members and entry.name not in parents:
            message = f"{entry.name} answers for something, and nobody is in it"
            help_ = "Add members, or give what it answers for to another team."
            yield Finding("TEAM002", message, entry.at(), help_, severity="warning")


RULE = Rule(
    "TEAM002", "a team that answers for something and has no members", "warning", rests_on=("team",), find=_find
)
