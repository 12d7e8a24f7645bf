"""An event at a time that is still to come: it happened, or was recorded, in the future."""

from collections.abc import Iterable, Iterator
from typing import Any

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.store.corrections import short
from svcops.store.entries import Entry
from svcops.store.events import CLOCKS_DIFFER, TICK


def _find(context: Context) -> Iterator[Finding]:
    limit = context.now + CLOCKS_DIFFER
    for kind in context.kinds:
        if "{owner}" in kind.pattern:
            every = context.graph.all(kind.name).values()
            late = [one for one in every if one.value.at > limit or one.value.recorded_at > limit]
            if late:
                corrected = {(_record(one), getattr(one.value, "supersedes", None)) for one in every}
                happened = [one for one in late if one.value.at > limit]
                yield from _happened(one for one in happened if (_record(one), short(one)) not in corrected)
                yield from _recorded(one for one in late if one.value.recorded_at > limit)


def _happened(late: Iterable[Entry[Any]]) -> Iterator[Finding]:
    for one in late:
        help_ = "Write when it happened, in an event that corrects this one: --corrects, or supersedes by hand."
        yield Finding("EVT001", f"{one.value.type} happened in the future", one.at("at"), help_)


def _recorded(late: Iterable[Entry[Any]]) -> Iterator[Finding]:
    """Of those that svcops put right behind one of them, as it does, nothing is said before that one is mended."""
    last: Entry[Any] | None = None
    for one in sorted(late, key=lambda one: (_record(one), one.value.recorded_at, one.name)):
        behind = last and _record(last) == _record(one) and one.value.recorded_at - last.value.recorded_at <= TICK
        last = one
        if not behind:
            message = f"{one.value.type} was recorded in the future: all that comes later is put behind it"
            help_ = "Write there by hand when it was recorded; no other event takes that back."
            yield Finding("EVT001", message, one.at("recorded_at"), help_)


def _record(one: Entry[Any]) -> str:
    return one.name.partition("/")[0]


RULE = Rule("EVT001", "an event in the future", find=_find)
