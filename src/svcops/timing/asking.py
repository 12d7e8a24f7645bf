"""Times given on the command line, read in the zone of the store.

Where nobody knows that zone, `-20m`, `now` and times with an offset go on working, and others are refused.
"""

from datetime import datetime

from svcops.terminal.session import Session
from svcops.timing.model import parse_duration, with_offset
from svcops.timing.when import BadTime, parse_coming, parse_past, parse_today, parse_when

_YEARS = range(1970, 9001)
"""In which calendars, clock changes and holidays can be worked out without running off their end."""


def past(session: Session, text: str, option: str) -> datetime:
    """When something happened, to be recorded; BadInput names the option."""
    return parse_past(text, now=session.now(), zone=session.zone, option=option)


def moment(session: Session, text: str, option: str) -> datetime:
    """Any instant, the future included; BadInput names the option."""
    return parse_when(text, now=session.now(), zone=session.zone, option=option)


def looked_at(session: Session, text: str, option: str) -> datetime:
    """Any instant that a plan can be about, past or to come: a time of day is today's, `+2h` is ahead of now.

    From 1970 to 9000; BadInput names the option.
    """
    found = parse_today(text, now=session.now(), zone=session.zone, option=option)
    return _within_years(found, text, option)


def coming(session: Session, text: str, option: str, after: datetime | None = None) -> datetime:
    """As `looked_at`, a time of day being the next one, and a span such as `+2h` ahead of `after`, or of now."""
    found = parse_coming(text, now=session.now(), zone=session.zone, option=option, after=after)
    return _within_years(found, text, option)


def later(session: Session, moment: datetime, span: str, option: str) -> datetime:
    """What is a span such as `30m` after an instant, to be recorded; BadInput names the option."""
    try:
        found = with_offset(moment + parse_duration(span.strip()), session.zone)
    except OverflowError:
        raise BadTime(span, "too long", option, "Such as 30m or 2h.") from None
    except ValueError as error:
        raise BadTime(span, str(error), option, "Such as 30m or 2h.") from None
    if found <= moment:
        raise BadTime(span, "no time at all", option, "Such as 30m or 2h.")
    return _within_years(found, span, option)


def _within_years(found: datetime, text: str, option: str) -> datetime:
    if found.year not in _YEARS:
        raise BadTime(text, f"outside the years {_YEARS[0]} to {_YEARS[-1]}", option)
    return found
