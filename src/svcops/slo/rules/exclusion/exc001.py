"""An exclusion that cannot hold: it excludes nothing, or no one can tell what."""

from collections.abc import Iterator

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.slo.exclusion import Exclusion
from svcops.slo.recurring import faults_of
from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    for entry in context.graph.all("exclusion").values():
        yield from _of_what(entry)
        yield from _times(entry)
        yield from _recurring(entry)


def _of_what(entry: Entry[Exclusion]) -> Iterator[Finding]:
    of = entry.value
    if not of.slos and not of.services:
        yield Finding("EXC001", "it is about no SLO and no service", entry.at(), "Name slos, or services.")
    if not of.times and not of.recurring and not of.maintenance:
        help_ = "Write times, recurring, or maintenance: true."
        yield Finding("EXC001", "it excludes no time", entry.at(), help_)
    if of.maintenance and not of.services:
        help_ = "Maintenance is of services: name them."
        yield Finding("EXC001", "the maintenance of no service", entry.at("maintenance"), help_)


def _times(entry: Entry[Exclusion]) -> Iterator[Finding]:
    for number, one in enumerate(entry.value.times):
        if one.until <= one.from_:
            related = (Related("it begins here", entry.at("times", number, "from")),)
            at = entry.at("times", number, "until")
            yield Finding("EXC001", "it is over before it begins", at, "Correct one of the two.", related=related)


def _recurring(entry: Entry[Exclusion]) -> Iterator[Finding]:
    for number, one in enumerate(entry.value.recurring):
        for fault in faults_of(one):
            yield Finding("EXC001", fault.message, entry.at("recurring", number, *fault.keys), fault.help)


RULE = Rule("EXC001", "an exclusion that cannot hold", find=_find)
