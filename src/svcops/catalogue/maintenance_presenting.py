"""Planned maintenance as a person, or a program, sees it."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from svcops.catalogue.maintenance import coming, status
from svcops.catalogue.model import Maintenance
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.timing.model import format_duration, format_instant
from svcops.timing.wall import shown

COLUMNS = ("id", "status", "from", "until", "services", "title")


def row(entry: Entry[Maintenance], now: datetime, zone: tzinfo) -> tuple[str, ...]:
    """One line of a list: the actual times where there are some, else the planned ones."""
    one = entry.value
    begin = one.actual.from_ if one.actual else one.planned.from_
    end = one.actual.until if one.actual and one.actual.until else one.planned.until
    services = ", ".join(one.services)
    return (entry.name, status(one, now), _clock(begin, zone), _clock(end, zone), services, one.title)


def detail(entry: Entry[Maintenance], now: datetime) -> dict[str, Any]:
    """A maintenance as one JSON object."""
    one = entry.value
    actual = one.actual
    return {
        "id": entry.name,
        "title": one.title,
        "services": list(one.services),
        "reason": one.reason,
        "status": status(one, now),
        "planned": {"from": format_instant(one.planned.from_), "until": format_instant(one.planned.until)},
        "actual": {
            "from": format_instant(actual.from_),
            "until": format_instant(actual.until) if actual.until else None,
        }
        if actual
        else None,
        "by": one.by,
        "reviewed_by": one.reviewed_by,
        "cancelled": one.cancelled or None,
        "path": entry.path,
    }


def as_text(entry: Entry[Maintenance], now: datetime, zone: tzinfo) -> str:
    """A maintenance as a page to read in a terminal."""
    return "\n".join(_lines(entry, now, zone))


def _lines(entry: Entry[Maintenance], now: datetime, zone: tzinfo) -> Iterator[str]:
    one = entry.value
    yield f"{entry.name}  {one.title}"
    yield f"  status       {status(one, now)}"
    yield f"  services     {', '.join(one.services)}"
    yield f"  reason       {one.reason}"
    yield f"  planned      {span(one.planned.from_, one.planned.until, zone)}"
    if one.actual:
        yield f"  actual       {span(one.actual.from_, one.actual.until, zone)}"
    if one.cancelled:
        yield f"  cancelled    {one.cancelled}"
    yield f"  planned by   {one.by}"
    if one.reviewed_by:
        yield f"  reviewed by  {one.reviewed_by}"
    yield f"  record       {entry.path}"


def section(graph: Graph, service: str, now: datetime, zone: tzinfo) -> Iterator[str]:
    """What is planned for a service or under way, for its page."""
    found = coming(graph, service, now)
    if found:
        yield ""
        yield "Maintenance"
        for entry in found:
            yield f"  {entry.name}  {_when(entry.value, zone)}  {entry.value.title}"


def _when(one: Maintenance, zone: tzinfo) -> str:
    """When it is planned for; of what is under way when it began, and until when it is planned."""
    if one.actual is None:
        return f"planned, {span(one.planned.from_, one.planned.until, zone)}"
    return f"under way since {_clock(one.actual.from_, zone)}, planned until {_clock(one.planned.until, zone)}"


def span(begin: datetime, end: datetime | None, zone: tzinfo) -> str:
    """From when until when, and how long that is."""
    if end is None:
        return f"{_clock(begin, zone)} until now"
    return f"{_clock(begin, zone)} until {_clock(end, zone)} ({format_duration(end - begin)})"


def _clock(moment: datetime, zone: tzinfo) -> str:
    """Without its weekday; with its offset in the hour that clocks show twice."""
    return shown(moment, zone).partition(" ")[2]
