"""Somebody whom an escalation policy calls and nobody can reach."""

from collections.abc import Iterator

from svcops.catalogue.facts import contacts_of
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    people = context.graph.all("person")
    for entry in context.graph.all("escalation").values():
        told = set()
        for number, level in enumerate(entry.value.levels):
            for place, responder in enumerate(level.notify):
                person = people.get(responder.person or "")
                if person and person.name not in told and not contacts_of(person.value):
                    told.add(person.name)
                    yield Finding(
                        "ESC005",
                        f"{person.name} is called and cannot be reached: no mail address, no contact",
                        entry.at("levels", number, "notify", place, "person"),
                        f"Add emails or contacts to {person.path}.",
                        severity="warning",
                        related=(Related("this person", person.at()),),
                    )


RULE = Rule("ESC005", "somebody whom an escalation policy calls and nobody can reach", "warning", find=_find)
