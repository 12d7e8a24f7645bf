"""An approval by an address that belongs to nobody of the catalogue."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.store.people import is_nobody, why_nobody
from svcops.trust.facts import over_what_stands

_HELP = "Add the address to emails of the person's file in catalogue/people, or have somebody of the catalogue approve."


def _find(context: Context) -> Iterator[Finding]:
    for entry in over_what_stands(context.graph):
        if is_nobody(context.graph, entry.value.by):
            message = f"the approval of {entry.value.of} does not count: {why_nobody(context.graph, entry.value.by)}"
            yield Finding("TRU004", message, entry.at("by"), _HELP)


RULE = Rule("TRU004", "an approval by nobody of the catalogue", rests_on=("person",), find=_find)
