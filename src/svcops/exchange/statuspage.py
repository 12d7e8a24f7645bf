"""What Statuspage, or a log of what it said, tells about incidents and maintenance: files in, plain values out.

Two shapes: the API's own (https://developer.statuspage.io: `incidents.json`, `scheduled-maintenances.json`, or the list
in them alone, the newest update first), and JSON lines, an incident a line, with `title`, `url` and `updates`.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from svcops.checking.model import At, Finding, Span
from svcops.exchange.json_items import items
from svcops.exchange.sources import Input, Source, Unreadable
from svcops.store.frozen import frozen
from svcops.timing.model import parse_instant

SYSTEM = "statuspage"
IMPACTS = ("none", "minor", "major", "critical")
"""What Statuspage says of an incident, the least first; `maintenance` is no incident."""
_LISTS = ("incidents", "scheduled_maintenances")
_NOTHING = "no incident: expected are JSON lines, a list with incidents in it, or the API's object with " + " or ".join(
    f'"{one}"' for one in _LISTS
)
"""What is said of an empty file, or list: it is no export. An object that says it has no incidents is one."""
_NO_TIME = "0001-01-01T00:00:00"
"""What Go writes for no time at all: the incident is refused for it, not the file."""
_RESOLVED = ("resolved", "completed")
OVER = (*_RESOLVED, "postmortem")
"""The statuses after which nothing goes on."""
UNDER_WAY = ("in_progress", "verifying")
"""The statuses of a maintenance that has begun."""


@frozen
class Said:
    """An update: what users were told, and the status that it gave, in the words of the API (`in_progress`)."""

    at: datetime
    status: str
    text: str


@frozen
class Reported:
    """An incident or a maintenance as it stands there. Times are in UTC, to the millisecond."""

    key: str
    title: str
    url: str | None
    impact: str
    started: datetime
    resolved: datetime | None
    is_over: bool
    """Whether it is resolved, though it may not be told when."""
    planned: tuple[datetime, datetime] | None
    """Of a maintenance, where it is told: from when to when."""
    updates: tuple[Said, ...]
    """The oldest first."""
    parts: tuple[str, ...]
    """The components, by their names."""
    stated_minutes: float | None
    source: Source
    is_under_way: bool = False
    """Of a maintenance: whether it goes on, by its status."""

    @property
    def outside_key(self) -> str:
        """What ids are derived from."""
        return f"{SYSTEM}:{self.key}"

    @property
    def is_maintenance(self) -> bool:
        """Whether it was planned, and so is no incident."""
        return self.impact == "maintenance" or self.planned is not None


def read(inputs: Sequence[Input]) -> list[Reported]:
    """Everything that the files tell, in their order; Unreadable, with each place, where they are not of the format."""
    found: list[Reported] = []
    faults: list[Finding] = []
    for file in inputs:
        told = items(file, _LISTS)
        if not told and file.data.strip().removeprefix(b"\xef\xbb\xbf").lstrip()[:1] != b"{":
            faults.append(Finding("YAML001", _NOTHING, At(file.name), span=Span(1, 1, 1, 1)))
        for source, item in told:
            try:
                found.append(_reported(item, source))
            except _Fault as fault:
                span = Span(source.line, 1, source.line, 1)
                faults.append(Finding("YAML001", str(fault), At(source.file), span=span))
    if faults:
        raise Unreadable(faults)
    return found


class _Fault(Exception):
    """What keeps an item from being one of Statuspage."""


def _reported(item: Any, source: Source) -> Reported:
    if not isinstance(item, dict):
        raise _Fault("not an incident: it is no object")
    key = _first(item, "id")
    list_name, told = _told(item)
    updates = sorted(_updates(list_name, told), key=lambda one: one.at)
    started = _time(item, "started_at") or _time(item, "created_at")
    if started is None:
        raise _Fault("started_at is missing")
    resolved = _time(item, "resolved_at")
    is_over = resolved is not None or _word(item.get("status")) in OVER
    if resolved is None and is_over:
        resolved = next((one.at for one in reversed(updates) if one.status in _RESOLVED), None)
    begins, ends = _time(item, "scheduled_for"), _time(item, "scheduled_until")
    return Reported(
        key=key,
        title=" ".join(_first(item, "title", "name").split()),
        url=_text(item, "url") or _text(item, "shortlink") or None,
        impact=_word(item.get("impact")),
        started=started,
        resolved=resolved,
        is_over=is_over,
        planned=(begins, ends) if begins and ends else None,
        updates=tuple(updates),
        parts=tuple(dict.fromkeys(_parts(item, told))),
        stated_minutes=_minutes(item),
        source=source,
        is_under_way=not is_over and _word(item.get("status")) in UNDER_WAY,
    )


def _told(item: Mapping[str, Any]) -> tuple[str, Sequence[Mapping[str, Any]]]:
    """Under which key the updates are, and they themselves as they stand there; that of a log, where both tell some."""
    given = {key: item[key] for key in ("updates", "incident_updates") if item.get(key) is not None}
    key = next((key for key, found in given.items() if found != []), "updates")
    found = given.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _Fault(f"{key} is no list of objects")
    return key, found


def _updates(key: str, told: Sequence[Mapping[str, Any]]) -> Iterator[Said]:
    for one in reversed(told) if key == "incident_updates" else told:
        at = _time(one, "at") or _time(one, "display_at") or _time(one, "created_at")
        if at is None:
            raise _Fault("an update has no time: at, display_at or created_at")
        text = _text(one, "message") or _text(one, "body")
        status = _text(one, "status")
        yield Said(at, _word(status), text.replace("\r\n", "\n").strip() or status.strip() or "?")


def _parts(item: Mapping[str, Any], updates: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The names of the components: of the incident itself, else those that its updates name."""
    for found in (item.get("components"), *(one.get("affected_components") for one in updates)):
        names = [one.get("name") if isinstance(one, dict) else one for one in found] if isinstance(found, list) else []
        if names:
            yield from (" ".join(name.split()) for name in names if isinstance(name, str) and name.strip())
            if found is item.get("components"):
                return


def _first(item: Mapping[str, Any], *keys: str) -> str:
    """The text, or whole number, of the first of the keys that says something."""
    for key in keys:
        value = item.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    raise _Fault(f"{' or '.join(keys)} is missing, or no text")


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _Fault(f"{key} is no text")
    return value


def _word(value: Any) -> str:
    """`In progress` as the API writes it: `in_progress`."""
    return "_".join(value.lower().split()) if isinstance(value, str) else ""


def _time(item: Mapping[str, Any], key: str) -> datetime | None:
    value = _text(item, key).strip()
    if not value:
        return None
    if value.startswith(_NO_TIME):
        return datetime(1, 1, 1, tzinfo=UTC)
    try:
        moment = parse_instant(value).astimezone(UTC)
    except ValueError as error:
        raise _Fault(f"{key} is {value[:40]!r}: {error}") from None
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _minutes(item: Mapping[str, Any]) -> float | None:
    value = item.get("duration_minutes")
    if value is None:
        return None
    try:
        minutes = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    except OverflowError:  # a whole number of hundreds of digits
        minutes = math.inf
    if not math.isfinite(minutes):
        raise _Fault("duration_minutes is no number")
    return minutes
