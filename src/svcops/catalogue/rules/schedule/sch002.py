"""A schedule that cannot hold."""

from collections.abc import Iterator

from svcops.catalogue.oncall import faults
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    for entry in context.graph.all("schedule").values():
        for fault in faults(entry.value):
            yield Finding("SCH002", fault.message, entry.at(*fault.keys), fault.help)


RULE = Rule("SCH002", "a schedule that cannot hold", find=_find)
