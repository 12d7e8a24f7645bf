"""A person who is named like a team."""

from collections.abc import Iterator

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    teams = context.graph.all("team")
    for entry in context.graph.all("person").values():
        team = teams.get(entry.name)
        if team:
            message = f"{entry.name} is a team, too: who answers for something by that name is the team"
            help_ = f"Give the person another name: rename {entry.path}, and correct the records that mean the person."
            related = (Related("the team", team.at()),)
            yield Finding("TEAM007", message, entry.at(), help_, severity="warning", related=related)


RULE = Rule("TEAM007", "a person who is named like a team", "warning", find=_find)
