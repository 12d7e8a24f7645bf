"""An agreement as a person, or a program, sees it: what is promised, and how long it still holds."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from svcops.catalogue.agreements import Clock, agreements_of, days_left, percent_of, percent_text, standing
from svcops.catalogue.model import Agreement, Availability, ResponseWindow
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.timing.hours import opened
from svcops.timing.model import Hours, OpenHours, format_duration

COLUMNS = ("name", "services", "availability", "RTO", "RPO", "standing", "valid until", "days left")


def row(entry: Entry[Agreement], day: str) -> tuple[str, ...]:
    """One line of a list."""
    one = entry.value
    left = days_left(one, day)
    return (
        entry.name,
        ", ".join(one.services),
        f"{percent_text(percent_of(one.availability))} %" if one.availability else "",
        format_duration(one.rto) if one.rto is not None else "",
        format_duration(one.rpo) if one.rpo is not None else "",
        standing(one, day),
        one.valid_until or "",
        "" if left is None else str(left),
    )


def detail(entry: Entry[Agreement], day: str) -> dict[str, Any]:
    """An agreement as one JSON object; spans of time are in seconds, percentages as they are written."""
    from svcops.store.yaml_writing import plain_of

    one = entry.value
    return {
        "name": entry.name,
        "title": one.title,
        "description": one.description,
        "services": list(one.services),
        "scope": {"in": list(one.scope.in_ if one.scope else ()), "out": list(one.scope.out if one.scope else ())},
        "support_hours": plain_of(one.support_hours),
        "response": [
            {
                "severity": window.severity,
                "respond_seconds": window.respond.total_seconds(),
                "resolve_seconds": _seconds(window.resolve),
                "clock": window.clock,
            }
            for window in one.response
        ],
        "availability": _availability_json(one.availability) if one.availability else None,
        "rto_seconds": _seconds(one.rto),
        "rpo_seconds": _seconds(one.rpo),
        "agreed": plain_of(one.agreed) if one.agreed else None,
        "valid_from": one.valid_from,
        "valid_until": one.valid_until,
        "standing": standing(one, day),
        "days_left": days_left(one, day),
        "path": entry.path,
    }


def as_text(entry: Entry[Agreement], day: str) -> str:
    """An agreement as a page to read in a terminal."""
    return "\n".join(_lines(entry, day))


def _lines(entry: Entry[Agreement], day: str) -> Iterator[str]:
    one = entry.value
    yield f"{entry.name}  {one.title}"
    yield from (f"  {line}" for line in one.description.splitlines())
    yield ""
    yield f"  standing       {standing_text(one, day)}"
    if one.agreed:
        by = f", by {one.agreed.by}" if one.agreed.by else ""
        yield f"  agreed         with {one.agreed.with_} on {one.agreed.at}{by}: {one.agreed.document}"
    yield f"  services       {', '.join(one.services)}"
    for label, items in (("in scope", one.scope.in_), ("not in scope", one.scope.out)) if one.scope else ():
        yield from (f"  {label if not number else '':<15}{item}" for number, item in enumerate(items))
    yield f"  record         {entry.path}"
    yield ""
    yield "Promised"
    yield from promises(one)


def standing_text(agreement: Agreement, day: str) -> str:
    """How an agreement stands on a day, with the day on which that changes."""
    stands = standing(agreement, day)
    left = days_left(agreement, day)
    if stands == "draft":
        return "a draft: nobody agreed yet"
    if stands == "to come":
        assert agreement.agreed
        return f"to come, from {max(agreement.agreed.at, agreement.valid_from or '')}"
    if stands == "expired":
        return f"expired on {agreement.valid_until}"
    if not agreement.valid_until:
        return "in force, with no end"
    return f"in force until {agreement.valid_until} ({f'{left} d left' if left else 'its last day'})"


def promises(agreement: Agreement) -> Iterator[str]:
    """What an agreement promises, one line a promise."""
    yield f"  support hours  {hours_text(agreement.support_hours)}"
    if agreement.availability:
        yield f"  availability   {availability_text(agreement.availability)}"
    for label, span in (("RTO", agreement.rto), ("RPO", agreement.rpo)):
        if span is not None:
            yield f"  {label:<15}{format_duration(span)}"
    for window in agreement.response:
        yield f"  {window.severity:<15}{_window_text(window)}"


def section(graph: Graph, service: str, day: str) -> Iterator[str]:
    """What is promised for a service, for its page: of each agreement in force, else how those there are stand."""
    every = agreements_of(graph, service)
    held = [one for one in every if standing(one.value, day) == "in force"]
    for entry in held:
        yield ""
        yield f"Promised by {entry.name} ({entry.value.title}), {standing_text(entry.value, day)}"
        yield from promises(entry.value)
    if not every:
        yield ""
        yield f"Promised: no agreement{' that can be read' if graph.damaged('agreement') else ''}"
    elif not held:
        yield ""
        yield "Promised: nothing is in force"
        yield from (f"  {one.name}  {standing_text(one.value, day)}" for one in every)


def hours_text(hours: Hours | str) -> str:
    """Support hours in words: `mon-fri 08:00-18:00, Europe/Berlin, not on public holidays (DE-BE)`."""
    if isinstance(hours, str):
        return "always"
    parts = [", ".join(map(_open_text, hours.open)) or "never"]
    if hours.time_zone:
        parts.append(hours.time_zone)
    if hours.holidays:
        parts.append(f"not on public holidays ({hours.holidays})")
    if hours.closed:
        parts.append(f"closed on {', '.join(hours.closed)}")
    if days := opened(hours):
        parts.append(f"open on {', '.join(days)}")
    return ", ".join(parts)


def availability_text(availability: Availability) -> str:
    """`99.5 % over 30 d, measured by SLO/sign-in`."""
    measured = f"measured by {', '.join(availability.slos)}" if availability.slos else "measured by no SLO"
    percent = percent_text(percent_of(availability))
    return f"{percent} % over {format_duration(availability.window)}, {measured}"


def _open_text(stretch: OpenHours) -> str:
    return f"{' '.join(stretch.days)} {stretch.from_}-{stretch.until}"


def clock_text(clock: Clock) -> str:
    """Which hours count, in words."""
    return "around the clock" if clock == "always" else "in support hours"


def _window_text(window: ResponseWindow) -> str:
    resolve = f", works again within {format_duration(window.resolve)}" if window.resolve is not None else ""
    return f"answered within {format_duration(window.respond)}{resolve}, {clock_text(window.clock)}"


def _availability_json(availability: Availability) -> dict[str, Any]:
    return {
        "percent": availability.percent,
        "window_seconds": availability.window.total_seconds(),
        "slos": list(availability.slos),
    }


def _seconds(span: timedelta | None) -> float | None:
    return span.total_seconds() if span is not None else None
