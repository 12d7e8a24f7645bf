"""A person who stands in for themselves."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    for entry in context.graph.all("person").values():
        for number, deputy in enumerate(entry.value.deputies):
            if deputy == entry.name:
                message = f"{entry.name} is their own deputy: when they are away, nobody stands in"
                yield Finding("TEAM005", message, entry.at("deputies", number), "Name somebody else.")


RULE = Rule("TEAM005", "a person who is their own deputy", find=_find)
