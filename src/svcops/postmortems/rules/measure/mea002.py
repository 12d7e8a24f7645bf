"""An anchor in which nothing changed."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.postmortems.model import Anchored

if TYPE_CHECKING:
    from svcops.postmortems.model import MeasureEvent
    from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    events: Mapping[str, Entry[MeasureEvent]] = context.graph.all("measure-event")
    for entry in events.values():
        anchor = entry.value.anchor if isinstance(entry.value, Anchored) else None
        if anchor and anchor.before == anchor.after:
            message = f"{anchor.path} is the same before and after: nothing changed, so nothing is anchored"
            help_ = "Remove the event, change what it takes, and run svcops measure anchor ID --path PATH."
            yield Finding("MEA002", message, entry.at("anchor", "after"), help_)


RULE = Rule("MEA002", "an anchor in which nothing changed", find=_find)
