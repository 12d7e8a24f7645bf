"""Opening hours that cannot hold."""

from collections.abc import Iterator
from typing import Any

from svcops.catalogue.model import Schedule
from svcops.checking.model import Finding, KeyPath
from svcops.checking.rule import Context, Rule
from svcops.store.entries import Entry
from svcops.timing.faults import Fault, faults_of_hours, faults_of_stretches
from svcops.timing.model import Hours

_KEYS = {"agreement": "support_hours", "escalation": "support_hours", "schedule": "hours"}
"""Where each kind of record has hours."""


def _find(context: Context) -> Iterator[Finding]:
    for kind, key in _KEYS.items():
        for entry in context.graph.all(kind).values():
            yield from _judge(entry, key)


def _judge(entry: Entry[Any], key: str) -> Iterator[Finding]:
    hours = getattr(entry.value, key)
    if isinstance(hours, Hours):
        yield from _at(entry, (key,), faults_of_hours(hours))
    if isinstance(entry.value, Schedule):
        for number, rotation in enumerate(entry.value.rotations):
            yield from _at(entry, ("rotations", number, "hours"), faults_of_stretches(rotation.hours))


def _at(entry: Entry[Any], base: KeyPath, found: Iterator[Fault]) -> Iterator[Finding]:
    for fault in found:
        yield Finding("HRS001", fault.message, entry.at(*base, *fault.keys), fault.help)


RULE = Rule("HRS001", "opening hours that cannot hold", find=_find)
