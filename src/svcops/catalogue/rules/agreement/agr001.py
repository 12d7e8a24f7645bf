"""An agreement that contradicts itself, the clock, or the settings."""

from collections.abc import Iterator

from svcops.catalogue.agreements import percent_of, percent_text, today
from svcops.catalogue.model import Agreement
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.store.entries import Entry
from svcops.store.suggest import did_you_mean
from svcops.timing.model import format_duration


def _find(context: Context) -> Iterator[Finding]:
    severities = [level.name for level in context.graph.settings.severities]
    day = today(context.graph, context.now)
    for entry in context.graph.all("agreement").values():
        if not entry.value.services:
            help_ = "Name the services that it is about."
            yield Finding("AGR001", "services is empty: it promises nothing to anybody", entry.at("services"), help_)
        yield from _response(entry, severities)
        yield from _availability(entry)
        yield from _days(entry, day)


def _response(entry: Entry[Agreement], severities: list[str]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for number, window in enumerate(entry.value.response):
        if window.severity not in severities:
            at = entry.at("response", number, "severity")
            help_ = did_you_mean(window.severity, severities) or f"Its severities: {', '.join(severities)}."
            yield Finding("AGR001", f"svcops.yaml names no severity {window.severity}", at, help_)
        if first.setdefault(window.severity, number) != number:
            at = entry.at("response", number, "severity")
            earlier = Related("first here", entry.at("response", first[window.severity], "severity"))
            message = f"a second window for {window.severity}: which of them holds?"
            yield Finding("AGR001", message, at, "Keep one.", related=(earlier,))
        yield from _kept_by_nobody(entry, number)
        if window.resolve and window.resolve < window.respond:
            respond, resolve = format_duration(window.respond), format_duration(window.resolve)
            message = f"it works again after {resolve}, before anybody has to answer, after {respond}"
            at = entry.at("response", number, "resolve")
            yield Finding("AGR001", message, at, "resolve is at least as long as respond.")


def _kept_by_nobody(entry: Entry[Agreement], number: int) -> Iterator[Finding]:
    window = entry.value.response[number]
    for key, span, usual in (("respond", window.respond, "15m"), ("resolve", window.resolve, "4h")):
        if span is not None and not span:
            at = entry.at("response", number, key)
            yield Finding("AGR001", f"{key} is no time at all: nobody can keep that", at, f"Write {usual}, say.")


def _availability(entry: Entry[Agreement]) -> Iterator[Finding]:
    availability = entry.value.availability
    if availability is None:
        return
    percent = percent_of(availability)
    if not 0 < percent <= 100:
        message = f"percent is {percent_text(percent)}, which no availability can be"
        yield Finding("AGR001", message, entry.at("availability", "percent"), "Above 0 and up to 100, such as 99.5.")
    if not availability.window:
        at = entry.at("availability", "window")
        yield Finding("AGR001", "window is no time at all: nothing can be measured in it", at, "Write 30d, say.")


def _days(entry: Entry[Agreement], day: str) -> Iterator[Finding]:
    one = entry.value
    agreed = one.agreed.at if one.agreed else None
    if agreed is not None and agreed > day:
        message = f"it was agreed on {agreed}, a day that is still to come"
        help_ = "Leave agreed out until it is: without it this is a draft."
        yield Finding("AGR001", message, entry.at("agreed", "at"), help_)
    if one.valid_until is not None and one.valid_from is not None and one.valid_until < one.valid_from:
        earlier = Related("it begins here", entry.at("valid_from"))
        message = f"it ends on {one.valid_until}, before it begins on {one.valid_from}"
        yield Finding("AGR001", message, entry.at("valid_until"), "Correct one of the two.", related=(earlier,))


RULE = Rule("AGR001", "an agreement that cannot hold", find=_find)
