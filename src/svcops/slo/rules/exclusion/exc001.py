"""An exclusion that cannot hold: it excludes nothing, or no one can tell what."""

from collections.abc import Iterator

from svcops.checking.model import Finding, KeyPath, Related
from svcops.checking.rule import Context, Rule
from svcops.slo.exclusion import Exclusion
from svcops.slo.exclusion_faults import faults_of_exclusion
from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    for entry in context.graph.all("exclusion").values():
        for fault in faults_of_exclusion(entry.value):
            at = entry.at(*fault.keys)
            yield Finding("EXC001", fault.message, at, fault.help, related=_beginning(entry, fault.keys))


def _beginning(entry: Entry[Exclusion], keys: KeyPath) -> tuple[Related, ...]:
    """Where a stretch begins whose end is at fault."""
    if keys[:1] != ("times",):
        return ()
    return (Related("it begins here", entry.at(*keys[:-1], "from")),)


RULE = Rule("EXC001", "an exclusion that cannot hold", find=_find)
