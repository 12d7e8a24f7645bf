"""A team that answers for something and has nobody in it."""

from collections.abc import Iterator

from svcops.catalogue.answering import owners, teams_that_answer
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    answering, owning = context.graph.once(teams_that_answer), context.graph.once(owners)
    teams = context.graph.all("team")
    parents = {one.value.parent for one in teams.values()}
    for entry in teams.values():
        if entry.name in answering and not entry.value.members and entry.name not in parents:
            message = f"{entry.name} {answering[entry.name]}, and nobody is in it"
            given = "give what it answers for to another team" if entry.name in owning else "let another team be called"
            help_ = f"Add members, or {given}."
            yield Finding("TEAM002", message, entry.at(), help_, severity="warning")


RULE = Rule(
    "TEAM002", "a team that answers for something and has no members", "warning", rests_on=("team",), find=_find
)
