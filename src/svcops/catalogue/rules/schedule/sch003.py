"""Somebody on call whom nobody can reach."""

from collections.abc import Iterator

from svcops.catalogue.facts import contacts_of
from svcops.catalogue.model import Schedule
from svcops.checking.model import Finding, KeyPath, Related
from svcops.checking.rule import Context, Rule
from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    people = context.graph.all("person")
    silent = {name for name, one in people.items() if not contacts_of(one.value)}
    for entry in context.graph.all("schedule").values():
        for name, keys in _first_places(entry).items():
            if name in silent:
                yield Finding(
                    "SCH003",
                    f"{name} is on call and cannot be reached: no mail address, no contact",
                    entry.at(*keys),
                    f"Add emails or contacts to {people[name].path}.",
                    severity="warning",
                    related=(Related("this person", people[name].at()),),
                )


def _first_places(entry: Entry[Schedule]) -> dict[str, KeyPath]:
    """The people of a schedule, each with the first place that names them."""
    found: dict[str, KeyPath] = {}
    for number, rotation in enumerate(entry.value.rotations):
        for place, name in enumerate(rotation.people):
            found.setdefault(name, ("rotations", number, "people", place))
    for number, override in enumerate(entry.value.overrides):
        found.setdefault(override.person, ("overrides", number, "person"))
    return found


RULE = Rule("SCH003", "somebody on call whom nobody can reach", "warning", find=_find)
