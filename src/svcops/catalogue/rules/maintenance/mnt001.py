"""A maintenance that contradicts itself, or the clock."""

from collections.abc import Iterator

from svcops.catalogue.model import Maintenance
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    for entry in context.graph.all("maintenance").values():
        one = entry.value
        if not one.services and not one.imported:  # of an imported one they may be unknown
            yield Finding("MNT001", "services is empty: nothing is worked on", entry.at("services"), "Name them.")
        if one.planned.until <= one.planned.from_:
            yield _ends_first(entry, "planned")
        if one.actual is not None:
            yield from _actual(entry, context)


def _actual(entry: Entry[Maintenance], context: Context) -> Iterator[Finding]:
    actual = entry.value.actual
    assert actual
    if actual.until is not None and actual.from_ is not None and actual.until <= actual.from_:
        yield _ends_first(entry, "actual")
    last, key = (actual.until, "until") if actual.until else (actual.from_, "from")
    if last is not None and last > context.now:
        help_ = "actual says what happened; what is to come belongs into planned."
        yield Finding("MNT001", "it happened in the future", entry.at("actual", key), help_)
    if entry.value.cancelled:
        related = (Related("it began here", entry.at("actual", "from")),) if actual.from_ else ()
        message = "it was cancelled, and took place all the same"
        yield Finding("MNT001", message, entry.at("cancelled"), "Keep what is true.", related=related)


def _ends_first(entry: Entry[Maintenance], which: str) -> Finding:
    related = (Related("it begins here", entry.at(which, "from")),)
    message = "it is over before it begins, or in the same instant"
    return Finding("MNT001", message, entry.at(which, "until"), "Correct one of the two.", related=related)


RULE = Rule("MNT001", "a maintenance that cannot hold", find=_find)
