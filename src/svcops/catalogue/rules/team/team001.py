"""A team that answers for something and cannot be reached."""

from collections.abc import Iterator

from svcops.catalogue.answering import teams_that_answer
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    answering = context.graph.once(teams_that_answer)
    for entry in context.graph.all("team").values():
        if entry.name in answering and not entry.value.contacts:
            help_ = "Add contacts: a channel, such as telephone, chat or mail, and an address each."
            message = f"{entry.name} {answering[entry.name]}, and nothing says how to reach it"
            yield Finding("TEAM001", message, entry.at(), help_, severity="warning")


RULE = Rule("TEAM001", "a team that answers for something and has no contacts", "warning", find=_find)
