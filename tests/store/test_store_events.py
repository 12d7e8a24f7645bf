"""Who writes events, and when."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from svcops.store.events import TICK, Author

BERLIN = ZoneInfo("Europe/Berlin")
WINTER = datetime(2027, 10, 31, 1, 10, tzinfo=UTC)
SUMMER = datetime(2027, 10, 31, 0, 50, tzinfo=UTC)


def author(now):
    return Author("ada", now, bytes, BERLIN)


def test_an_author_writes_an_instant_with_the_offset_that_the_zone_has_then():
    ada = author(WINTER)
    assert ada.written(SUMMER).isoformat() == "2027-10-31T02:50:00+02:00"
    assert ada.written(WINTER).isoformat() == "2027-10-31T02:10:00+01:00"
    assert ada.written(WINTER) - ada.written(SUMMER) == timedelta(minutes=20)


def test_an_event_is_recorded_after_the_newest_also_where_clocks_go_back_between_them():
    ada = author(SUMMER)
    assert ada.after(SUMMER - timedelta(minutes=1)) == SUMMER
    assert ada.after(ada.written(WINTER)) == WINTER + TICK
    assert author(WINTER).after(ada.written(SUMMER)) == WINTER
    assert ada.after(WINTER).isoformat() == "2027-10-31T02:10:00.001000+01:00"
