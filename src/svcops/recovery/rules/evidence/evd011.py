"""Evidence that comes after one that is not there, or is not what it was."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.recovery.chain import breaks

if TYPE_CHECKING:
    from svcops.recovery.model import Evidence
    from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    every: Mapping[str, Entry[Evidence]] = context.graph.all("evidence")
    for entry in every.values():
        for one in breaks(context.graph, entry) if entry.value.after else ():
            named = entry.value.after[one.number].id
            help_ = f"Bring it back as it was: git log -p -- 'recovery/evidence/*/{named}' shows what became of it."
            yield Finding("EVD011", f"the chain is broken: {one.why}", entry.at("after", one.number), help_)


RULE = Rule("EVD011", "evidence after one that is not there, or is not what it was", find=_find)
