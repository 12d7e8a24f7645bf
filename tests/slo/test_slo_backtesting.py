"""History replayed through alerts: when they are raised and over, what they catch, miss, and cry in vain."""

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from tests.slo.test_slo_attribution import JOURNEY, incident, measured

from svcops.slo.attributing import Impact
from svcops.slo.backtesting import Firing, Replay, in_slices, replay
from svcops.slo.burning import Alarm, Burn
from svcops.slo.counted import Bucket, Counted, Sampled
from svcops.slo.slices import Counts, Slices

__all__ = ["measured"]

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def minute(number: float) -> datetime:
    return NOON + number * MINUTE


def counts(bad: dict[int, int], total: int = 10_000, minutes: int = 60, without: Any = ()) -> Counts:
    """So many events in each of the minutes after noon, of which in some minutes so many were bad."""
    known = [number for number in range(minutes) if number not in without]
    of_bad, of_total = (
        Counted("n", [Bucket(minute(number), 1, value(number)) for number in known], Sampled())
        for value in (lambda number: bad.get(number, 0), lambda _: total)
    )
    return Counts(of_bad, of_total, part_is_good=False, part_may_be_absent=False)


def alarm(threshold: str, *windows: int, after: int = 0, op: Any = "gt") -> Alarm:
    burns = tuple(Burn(length * MINUTE, op, Fraction(threshold)) for length in windows)
    return Alarm("page", burns, after * MINUTE)


def replayed(one: Alarm, of: Counts, *impacts: Impact, minutes: int = 60) -> Replay:
    instants = [minute(number) for number in range(1, minutes + 1)]
    return replay(one, of, instants, Fraction(1, 1000), impacts)


def fired(of: Replay) -> list[tuple[float, float | None]]:
    """Minutes after noon."""
    return [((one.start - NOON) / MINUTE, one.end and (one.end - NOON) / MINUTE) for one in of.firings]


@pytest.mark.parametrize(("bad", "times"), [(143, []), (144, []), (1444, [(11, 12)])])
def test_it_is_raised_where_the_burn_rate_is_above_and_not_where_it_equals(bad: int, times: Any) -> None:
    scale = 100_000 if bad == 1444 else 10_000
    assert fired(replayed(alarm("14.4", 1), counts({10: bad}, total=scale))) == times


def test_both_windows_have_to_burn_and_the_short_one_ends_it() -> None:
    burning = counts(dict.fromkeys(range(10, 20), 1000))
    assert fired(replayed(alarm("14.4", 30), burning)) == [(12, 46)]
    assert fired(replayed(alarm("14.4", 30, 2), burning)) == [(12, 22)]


def test_it_has_to_hold_for_a_while() -> None:
    flickering = counts({5: 1000, **dict.fromkeys(range(10, 20), 1000)})
    assert fired(replayed(alarm("14.4", 1, after=3), flickering)) == [(14, 21)]


def test_what_still_burns_has_no_end() -> None:
    assert fired(replayed(alarm("14.4", 1), counts({59: 1000}))) == [(60, None)]


def test_where_nothing_is_known_it_is_not_raised() -> None:
    assert fired(replayed(alarm("0", 1, op="gte"), counts({}, without=range(10, 20)))) == [(1, 11), (21, None)]


def test_an_incident_is_caught_by_the_first_alert_in_it_and_missed_without_one() -> None:
    burning = counts(dict.fromkeys(range(10, 20), 1000))
    late, early, other = (
        Impact("late", minute(5), minute(30)),
        Impact("early", minute(12), None),
        Impact("other", minute(40), minute(50)),
    )
    found = replayed(alarm("14.4", 1), burning, late, early, other)
    assert [each.delay and each.delay / MINUTE for each in found.caught] == [6, -1, None]
    assert found.missed == (other,)
    assert found.false == ()


def test_without_an_incident_it_cried_in_vain_but_not_while_its_window_remembers_one() -> None:
    burning = counts({10: 1000, 40: 1000})
    found = replayed(alarm("14.4", 5), burning, Impact("one", minute(8), minute(9)))
    assert fired(found) == [(11, 16), (41, 46)]
    assert found.false == (Firing(minute(41), minute(46)),)


@pytest.mark.parametrize(("target", "good"), [(Fraction(99, 100), [0, 1]), (None, [Fraction(1, 2), 1])])
def test_slices_stand_in_the_place_of_events(target: Any, good: list[Any]) -> None:
    edges = [minute(0), minute(1), minute(2), minute(3)]
    found = in_slices(Slices(MINUTE, target), edges, counts({0: 5}, total=10, minutes=2))
    assert [one.amount for one in found.part.buckets] == good
    assert [one.amount for one in found.total.buckets] == [1, 1], "nothing is known of the third"


AT = ("--at", "2026-11-23T07:00Z")


def test_as_it_is_typed(measured: Any) -> None:
    console = measured()
    caught = incident(console, 121, 60)
    said = console("slo", "backtest", *AT, "--from", "2026-11-23T04:00Z", "--target", "0.995", "--window", "30d")
    first = said.out.splitlines()[0].split("\t")
    assert first == ["postings", "most", "page 14.4 on 1h/5min", "1", "1", "0", "45 min", "0"]
    details = console(
        "slo", "backtest", *AT, "--from", "2026-11-23T04:00Z", "--target", "0.995", "--window", "30d", "--details"
    )
    assert f"caught {caught[-6:]}, 45 min after" in details.out


def test_what_every_alert_missed_is_an_answer_of_no(measured: Any) -> None:
    console = measured()
    incident(console, 40, 20)
    other = ("--target", "0.9", "--window", "30d")
    said = console("slo", "backtest", *AT, "--from", "2026-11-23T04:00Z", *other, "--json", code=1)
    (one,) = said.json["slos"]
    assert all(not each["incidents"][0]["caught"] for each in one["alerts"])
    json.dumps(one)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--from", "2026-11-24T00:00Z", *AT), "--from 2026-11-24T00:00Z: after --at"),
        (("--target", "99"), "--target 99: not a share from 0 to below 1"),
        (("--target", "x"), "--target x: not a share"),
        (("--window", "1M"), "--window 1M: not a window of fixed length"),
        (("--window", "soon"), "--window soon: not a window of fixed length"),
    ],
)
def test_what_cannot_be_replayed_is_refused(measured: Any, words: tuple[str, ...], why: str) -> None:
    assert why in measured()("slo", "backtest", *words, code=2).err


def test_without_an_alert_that_fits_there_is_nothing_to_replay(measured: Any) -> None:
    said = measured()("slo", "backtest", *AT, code=4)
    assert "postings: no alert fits a window of 4h and a target of 0.9" in said.err


def test_of_a_composite_slo_the_objectives_are_replayed(measured: Any) -> None:
    console = measured()
    console.store.write("slo/journey.yaml", JOURNEY.partition("---\n")[2])
    said = console("slo", "backtest", "journey", *AT, "--from", "2026-11-23T04:00Z")
    assert {line.split("\t")[1] for line in said.out.splitlines()} == {"first", "second"}
    assert "journey is a composite SLO: alerts are those of its objectives, not of the whole" in said.err
