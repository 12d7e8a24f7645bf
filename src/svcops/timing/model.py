"""Instants and durations as records spell them.

Times are ISO 8601 with an offset; durations are `90s`, `15m`, `4h`, `30d`, `2w`, or several parts together (`1h30m`).
"""

import re
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta, timezone, tzinfo
from typing import Annotated, Any

from svcops.store.model import Date, Matching, Zone, record

_DURATION = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_UNITS = ("weeks", "days", "hours", "minutes", "seconds")
_DATE_AND_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}")


def parse_instant(text: str) -> datetime:
    """Read `2026-11-23T08:15:00+01:00` as an aware datetime; ValueError says what is missing."""
    if not _DATE_AND_TIME.match(text):
        raise ValueError("not a time such as 2026-11-23T08:15:00+01:00")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("not a time such as 2026-11-23T08:15:00+01:00") from None
    if moment.tzinfo is None:
        raise ValueError("a time without an offset: add one, such as +01:00 or Z")
    if not MINYEAR < moment.year < MAXYEAR:
        try:
            moment.astimezone(UTC)
        except OverflowError:
            raise ValueError("a time outside the years 1 to 9999") from None
    return moment


def parse_recorded(text: str) -> datetime:
    """The same, of a record: not in the first or the last year, from which there is no calculating in every zone."""
    moment = parse_instant(text)
    if moment.year in (MINYEAR, MAXYEAR):
        raise ValueError(f"a time outside the years {MINYEAR + 1} to {MAXYEAR - 1}")
    return moment


def trusted_instant(text: str) -> datetime:
    """What `parse_recorded` gives, for a text that it has accepted before."""
    return datetime.fromisoformat(text)


def with_offset(moment: datetime, zone: tzinfo) -> datetime:
    """An instant as a record of that zone spells it: with the offset that the zone has then, and keeps no longer.

    Python compares, subtracts and adds to datetimes of one ZoneInfo by the clock on the wall, which is an hour off
    across a clock change. Those with an offset of their own are instants. OverflowError outside the years 1 to 9999.
    """
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return moment.astimezone(timezone(offset))


def format_instant(moment: datetime) -> str:
    """Write an aware datetime, to the millisecond, so that `parse_instant` gives it back; UTC is `Z`."""
    text = moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def parse_duration(text: str) -> timedelta:
    """Read `15m`, `4h`, `30d`, `1h30m`; ValueError where it is none of these."""
    found = _DURATION.fullmatch(text)
    if not found or not any(found.groups()):
        raise ValueError("not a duration such as 15m, 4h or 30d")
    parts = {unit: int(number) for unit, number in zip(_UNITS, found.groups(), strict=True) if number}
    try:
        return timedelta(**parts)
    except OverflowError:
        raise ValueError("a duration that is too long") from None


def format_duration(span: timedelta) -> str:
    """Write a duration for a person: its two largest units, `1 h 30 min`, `2 d 4 h`, `45 s`."""
    seconds = int(span.total_seconds())
    if seconds < 0:
        return "-" + format_duration(-span)
    parts = [
        f"{amount} {name}"
        for amount, name in (
            (seconds // 86400, "d"),
            (seconds // 3600 % 24, "h"),
            (seconds // 60 % 60, "min"),
            (seconds % 60, "s"),
        )
        if amount
    ]
    return " ".join(parts[:2]) or "0 s"


def format_hours(span: timedelta) -> str:
    """The same without days, for hours that are not all hours of a day: `239 h`, `2 h 30 min`."""
    hours, rest = divmod(span, timedelta(hours=1))
    if not hours:
        return format_duration(rest)
    minutes = rest // timedelta(minutes=1)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


class _Text:
    """Marks a field that is written as text and held as a value; `read` raises ValueError with the reason."""

    __slots__ = ("example", "pattern", "read", "what")

    def __init__(self, read: Any, example: str, pattern: str, what: str) -> None:
        self.read = read
        self.example = example
        self.pattern = pattern
        self.what = what

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(
            self.read, core_schema.str_schema(), serialization=core_schema.to_string_ser_schema()
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return {
            "type": "string",
            "pattern": self.pattern,
            "patternErrorMessage": self.what,
            "examples": [self.example],
        }


Instant = Annotated[
    datetime,
    _Text(
        parse_recorded,
        "2026-11-23T08:15:00+01:00",
        r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*([Zz]|[+-]\d\d:?\d\d)$",
        "not a time with its offset, such as 2026-11-23T08:15:00+01:00",
    ),
]
Duration = Annotated[
    timedelta,
    _Text(
        parse_duration,
        "15m",
        r"^(?=\d)(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?$",
        "not a duration such as 15m, 4h or 30d",
    ),
]

TimeOfDay = Annotated[str, Matching(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00", "not a time of day such as 08:00")]
_DAY = "(?:mon|tue|wed|thu|fri|sat|sun)"
Days = Annotated[str, Matching(f"{_DAY}(?:-{_DAY})?", "not a day, or days, such as sat or mon-fri")]


@record
class OpenHours:
    """A stretch of some days of the week."""

    days: tuple[Days, ...] = ("mon-sun",)
    """Such as [mon-fri] or [mon, wed]; a stretch past midnight belongs to the day on which it begins."""
    from_: TimeOfDay = "00:00"
    """By the clock on the wall, in quotes: "08:00"."""
    until: TimeOfDay = "24:00"
    """"24:00" is the end of the day. Not after from means: on the next day."""


class _Holidays(Matching):
    """Marks a country, or a part of one, whose holidays are known. Asked of the library when a record is validated."""

    __slots__ = ()

    def check(self, text: str) -> str:
        """The text; ValueError where no such holidays are known."""
        from svcops.timing.public_holidays import holidays_in

        holidays_in(super().check(text), 2000)
        return text


HolidayCode = Annotated[str, _Holidays(r"[A-Z]{2}(?:-[A-Z0-9]{1,4})?", "not a country or part of one such as DE-BY")]


@record
class Hours:
    """The hours of the week in which somebody attends, without holidays."""

    open: tuple[OpenHours, ...]
    """Those that overlap or adjoin are one; without any it is never open."""
    time_zone: Zone | None = None
    """The zone of these hours; without it the store's."""
    holidays: HolidayCode | None = None
    """Public holidays on which nobody attends: a country (ISO 3166-1), or a part of one (ISO 3166-2), such as DE-BY."""
    closed: tuple[Date, ...] = ()
    """Further days on which nobody attends: [2026-12-24, 2026-12-31]."""
    open_on: tuple[Date, ...] = ()
    """Days on which somebody attends although they are holidays, at the hours of their weekday."""
