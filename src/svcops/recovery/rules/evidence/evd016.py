"""Evidence that calls itself by another id than its folder has, or by none."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule

if TYPE_CHECKING:
    from svcops.recovery.model import Evidence
    from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    every: Mapping[str, Entry[Evidence]] = context.graph.all("evidence")
    for entry in every.values():
        own = entry.value.id
        if own is None:
            message = "it does not name itself, so what is signed could be a copy of any other"
            yield Finding("EVD016", message, entry.at(), f"Before it is committed, write into it id: {entry.name}")
        elif own != entry.name:
            message = f"it calls itself {own}, and its folder is called {entry.name}: a copy counts one drill twice"
            yield Finding(
                "EVD016", message, entry.at("id"), "Take the copy away, or write evidence of a drill that ran."
            )


RULE = Rule("EVD016", "evidence with the id of another, or with none", find=_find)
