"""An agreed time of an incident as a person, or a program, sees it."""

from datetime import datetime, timedelta, tzinfo
from typing import Any

from svcops.incidents.windows import Window
from svcops.timing.model import format_duration, format_hours, format_instant, with_offset
from svcops.timing.wall import shown_near


def promise(window: Window) -> str:
    """What was agreed: `respond in 15 min`."""
    return f"{window.what} in {_counted(window, window.promised)}"


def _counted(window: Window, span: timedelta) -> str:
    """A span in the hours of a window: days of support are not days of 24 hours, so these are told as hours."""
    return format_duration(span) if window.always else format_hours(span)


def kept(window: Window, now: datetime, zone: tzinfo) -> str:
    """`met`, `missed` or `running`, with the time that counts, and by which agreement."""
    hours = "every hour counts" if window.always else "in its support hours"
    by = f"{window.agreement.name}, {hours}"
    why = _why_unknown(window) if window.standing == "unknown" else ""
    if why or window.due is None:
        return f"unknown: {why} ({by})"
    due = f"due {shown_near(window.due, now, zone)}"
    if window.standing == "running":
        return f"running, {due}, in {format_duration(window.due - now)} ({by})"
    if window.standing == "missed":
        so_far = "" if window.end else ", nobody acknowledged it" if window.until else " so far"
        return f"MISSED{late_by(window)}{so_far}, {due} ({by})"
    return f"{window.standing}, {due} ({by})"


def _why_unknown(window: Window) -> str:
    if window.due is None:
        return window.no_hours or f"{window.start_name} is not known"
    if window.start and window.end and window.end < window.start:
        return f"{window.end_name} before {window.start_name}"
    if window.overtaken:
        return "its acknowledgement has no effect, as another branch had gone on"
    return "it was resolved, and nobody acknowledged it" if window.until else ""


def late_by(window: Window) -> str:
    """` by 2 h`, in the hours of the window; nothing where all of it was outside of them."""
    hours = "" if window.always else " of support hours"
    return f" by {_counted(window, window.late)}{hours}" if window.late else ""


def plain(one: Window, zone: tzinfo) -> dict[str, Any]:
    """A window for a program."""
    return {
        "what": one.what,
        "agreement": one.agreement.name,
        "seconds": one.promised.total_seconds(),
        "clock": "always" if one.always else "support-hours",
        "from": one.start_name,
        "to": one.end_name,
        "start": format_instant(one.start) if one.start else None,
        "end": format_instant(one.end) if one.end else None,
        "due": format_instant(with_offset(one.due, zone)) if one.due else None,
        "standing": one.standing,
    }
