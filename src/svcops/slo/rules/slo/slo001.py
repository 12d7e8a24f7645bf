"""An SLO in which something is written that contradicts OpenSLO, or itself."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from svcops.checking.model import At, Finding
from svcops.checking.rule import Context, Rule
from svcops.slo.burning import own_alarms
from svcops.slo.documents import BadSLO, Documents, sort_out
from svcops.slo.model import SLO, DataSource
from svcops.slo.questions import UNKNOWN_ZONE, faults, questions
from svcops.store.entries import Entry
from svcops.timing.wall import zone_called

if TYPE_CHECKING:
    from svcops.slo.sources import BadSource

_HELP = "Write what OpenSLO v1 asks for there; svcops explain SLO001 shows an example."
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_ELSEWHERE = re.compile(r"(SLI|AlertPolicy|AlertCondition) ([^:]+): (.+)")
"""A field of another document, to which the SLO refers."""


def _find(context: Context) -> Iterator[Finding]:
    yield from _slos(context.graph.all("slo"))
    for entry in context.graph.all("slo").values():
        if isinstance(entry.value, DataSource):
            yield from _source(entry, entry.value)


def _source(entry: Entry[Any], document: DataSource) -> Iterator[Finding]:
    """A source of a type that is read here, and cannot be, as it is written."""
    details = document.spec.connectionDetails
    if not isinstance(details, dict):
        return  # of another tool's form
    if told := _zone(entry, details.get("zone")):
        yield told
    elif error := _wrong(entry.path, document):
        at = entry.at("spec", "connectionDetails", *([error.key] if error.key else ()))
        yield Finding("SLO001", f"{error.key or 'connectionDetails'}: {error.reason}", at, error.help or _HELP)


def _zone(entry: Entry[Any], name: object) -> Finding | None:
    """A time zone that nobody knows."""
    if not isinstance(name, str):
        return None
    try:
        zone_called(name)
    except ValueError:
        from svcops.timing.faults import help_of_zone

        at = entry.at("spec", "connectionDetails", "zone")
        return Finding("SLO001", f"zone: {name} is {UNKNOWN_ZONE}", at, help_of_zone(name))
    return None


def _wrong(path: str, document: DataSource) -> "BadSource | None":
    """Why samples cannot be read as it says; None where it only says too little, of which the report tells."""
    from svcops.slo.prometheus_host import check_host
    from svcops.slo.sources import FORMS, MISSING, PROMETHEUS, BadSource, file_source

    if document.spec.type not in FORMS:
        return None
    try:
        if document.spec.type == PROMETHEUS:
            check_host(document, path)
        file_source(document, path)
    except BadSource as error:
        return None if error.reason == MISSING else error
    return None


def _slos(entries: Mapping[str, Entry[Any]]) -> Iterator[Finding]:
    slos, known = sort_out([(one.path, one.value) for one in entries.values()])
    for path, slo in slos:
        entry = entries.get(f"SLO/{slo.metadata.name}")
        if entry is None or entry.value is not slo:
            continue  # the second of a name, which NAME002 tells
        for error in _faults(path, slo, known):
            if error.lacks or error.field.endswith("Ref"):
                continue  # svcops slo report says what is missing to work it out, and REF001 what leads nowhere
            yield Finding(
                "SLO001", f"{_last(error.field)}: {error.why}", _place(entry, entries, error.field), error.help or _HELP
            )


def _faults(path: str, slo: SLO, known: Documents) -> list[BadSLO]:
    try:
        questions(path, slo, known)
        own_alarms(path, slo, known)  # of which a report without them says nothing
    except BadSLO as error:
        return faults(path, slo, known) or [error]
    return []


def _last(field: str) -> str:
    """The end of a field's way, which says enough at its place."""
    return field.rpartition(".")[2].removesuffix("]").split("[")[0]


def _place(entry: Entry[Any], entries: Any, field: str) -> At:
    """Where a field stands, or the nearest that is written above it."""
    elsewhere = _ELSEWHERE.fullmatch(field)
    if elsewhere:
        entry, field = entries.get(f"{elsewhere[1]}/{elsewhere[2]}", entry), elsewhere[3]
    keys: list[str | int] = []
    value: Any = entry.value
    for name, number in _STEP.findall(field):
        step = int(number) if number else name
        value = _below(value, step)
        if value is None:
            break
        keys.append(step)
    return entry.at(*keys)


def _below(value: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return value[step] if isinstance(value, tuple) and step < len(value) else None
    return value.get(step) if isinstance(value, dict) else getattr(value, step, None)


RULE = Rule("SLO001", "an SLO that contradicts OpenSLO, or itself", rests_on=("slo",), find=_find)
