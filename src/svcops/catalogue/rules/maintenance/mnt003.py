"""A maintenance whose planned time is long past, and of which nobody said what became of it."""

from collections.abc import Iterator
from datetime import timedelta

from svcops.catalogue.maintenance import status
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.store.ids import tail

_GRACE = timedelta(days=1)
"""Who works at night may write it down in the morning."""


def _find(context: Context) -> Iterator[Finding]:
    for entry in context.graph.all("maintenance").values():
        one = entry.value
        if one.imported or context.now - one.planned.until <= _GRACE:
            continue
        stands, id_, at = status(one, context.now), tail(entry.name), entry.at("planned", "until")
        if stands == "not started":
            message = "its planned end is past, and nobody said that it began, or that it was cancelled"
            help_ = (
                f"Where it took place, svcops maintenance start {id_} --at TIME, then end likewise; "
                f'else svcops maintenance cancel {id_} --reason "...".'
            )
            yield Finding("MNT003", message, at, help_, severity="warning")
        elif stands == "under way":
            message = "its planned end is past, and nobody said that it is over"
            help_ = f"Once it is: svcops maintenance end {id_} --at TIME."
            related = (Related("under way since then", entry.at("actual", "from")),)
            yield Finding("MNT003", message, at, help_, severity="warning", related=related)


RULE = Rule("MNT003", "a maintenance of which nobody said what became of it", "warning", find=_find)
