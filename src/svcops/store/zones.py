"""The time zone of a store where nobody can tell which it is."""

from datetime import datetime, timedelta, tzinfo


class UnknownZone(tzinfo):
    """In place of a zone that nobody knows: instants are shown in UTC, and no time of the clock can be read in it.

    Whoever works out instants from times of the clock asks `known` first.
    """

    def __init__(self, why: str) -> None:
        self.why = why

    def __str__(self) -> str:
        return "UTC"

    def __repr__(self) -> str:
        return f"UnknownZone({self.why!r})"

    def utcoffset(self, _: datetime | None) -> timedelta:
        """None at all."""
        return timedelta()

    def dst(self, _: datetime | None) -> timedelta:
        """None at all."""
        return timedelta()

    def tzname(self, _: datetime | None) -> str:
        """What people read."""
        return "UTC"


def known(zone: tzinfo) -> tzinfo:
    """The zone of a store; ValueError, which says why, where nobody knows it."""
    if not isinstance(zone, UnknownZone):
        return zone
    raise ValueError(f"{zone.why} (svcops.yaml)")
