from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from svcops.slo.localtime import stretches

BERLIN = ZoneInfo("Europe/Berlin")


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def resolve(zone: ZoneInfo | timezone, local: int) -> int | None:
    """The one instant of a local time, or None."""
    found = [local - one.offset for one in stretches(zone, local, local) if one.start <= local < one.end]
    assert len(found) <= 1
    return found[0] if found else None


def test_a_local_time_is_its_instant() -> None:
    assert resolve(BERLIN, seconds("2026-07-01 12:00")) == seconds("2026-07-01 10:00")
    assert resolve(BERLIN, seconds("2026-12-01 12:00")) == seconds("2026-12-01 11:00")
    assert resolve(timezone(timedelta(hours=-3, minutes=-30)), seconds("2026-12-01 12:00")) == seconds(
        "2026-12-01 15:30"
    )


def test_the_hour_that_clocks_show_twice_is_no_instant() -> None:
    assert resolve(BERLIN, seconds("2026-10-25 01:59:59")) == seconds("2026-10-24 23:59:59")
    assert resolve(BERLIN, seconds("2026-10-25 02:00")) is None
    assert resolve(BERLIN, seconds("2026-10-25 02:59:59")) is None
    assert resolve(BERLIN, seconds("2026-10-25 03:00")) == seconds("2026-10-25 02:00")


def test_the_hour_that_clocks_leave_out_is_no_instant() -> None:
    assert resolve(BERLIN, seconds("2026-03-29 01:59:59")) == seconds("2026-03-29 00:59:59")
    assert resolve(BERLIN, seconds("2026-03-29 02:00")) is None
    assert resolve(BERLIN, seconds("2026-03-29 03:00")) == seconds("2026-03-29 01:00")


def test_a_long_range_has_a_stretch_between_every_two_changes() -> None:
    found = stretches(BERLIN, seconds("2026-01-01 00:00"), seconds("2026-12-31 00:00"))
    assert [one.offset for one in found] == [3600, 7200, 3600]


@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata"]),
    st.integers(seconds("1972-01-01 00:00"), seconds("2037-01-01 00:00")),
)
def test_what_resolves_is_what_the_zone_says_and_what_does_not_is_folded_or_skipped(name: str, local: int) -> None:
    zone = ZoneInfo(name)
    naive = datetime.fromtimestamp(local, UTC).replace(tzinfo=None)
    early, late = (naive.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    assert early is not None
    expected = local - int(early.total_seconds()) if early == late else None
    assert resolve(zone, local) == expected
