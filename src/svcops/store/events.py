"""Events: what every record that is a folder of events shares, whichever room it belongs to."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

from svcops.store.frozen import frozen
from svcops.store.ids import tail_of
from svcops.timing.model import with_offset

TICK = timedelta(milliseconds=1)
CLOCKS_DIFFER = timedelta(minutes=5)
"""By how much the clock of another machine may be ahead without its times being wrong."""
_LONGEST_SUBJECT = 100


@frozen
class Author:
    """Who writes, when, and where randomness comes from. `zone` is the one whose offset their times have."""

    by: str
    now: datetime
    random_bytes: Callable[[int], bytes]
    zone: tzinfo = UTC

    def written(self, moment: datetime) -> datetime:
        """An instant as they write it (`with_offset`)."""
        return with_offset(moment, self.zone)

    def after(self, newest: datetime | None) -> datetime:
        """When an event is recorded: now, but always after the newest event that its writer saw."""
        now = self.now.replace(microsecond=self.now.microsecond // 1000 * 1000)
        return now if newest is None or now > newest else self.written(newest + TICK)

    def file_name(self, recorded_at: datetime, type_: str) -> str:
        """A file name that sorts by the time of recording and that no other branch gives."""
        moment = recorded_at.astimezone(UTC)
        stamp = f"{moment:%Y%m%dt%H%M%S}{moment.microsecond // 1000:03d}z"
        return f"{stamp}-{type_}-{tail_of(self.random_bytes(4))}.yaml"


def subject(text: str) -> str:
    """A commit's subject line: one line, not longer than what people can read in a log."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_SUBJECT else line[: _LONGEST_SUBJECT - 1] + "…"
