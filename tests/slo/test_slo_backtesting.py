"""History replayed through alerts: when they are raised and over, what they catch, miss, and cry in vain."""

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from tests.slo.test_slo_attribution import JOURNEY, agree, incident, measured
from tests.slo.test_slo_attribution import minute as before

from svcops.slo.attributing import Impact
from svcops.slo.backtesting import Firing, Replay, replay
from svcops.slo.burning import Alarm, Burn
from svcops.slo.counted import Bucket, Counted, Sampled
from svcops.slo.pacing import Apart, Pacing, in_slices
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
    return replay(one, Pacing(of, Fraction(1, 1000)), instants, impacts)


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
    found = in_slices(Slices(MINUTE, target), edges, counts({0: 5}, total=10, minutes=2), Apart())
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


HISTORY = (*AT, "--from", "2026-11-23T04:00Z", "--target", "0.995", "--window", "30d")


def alerts_of(said: Any) -> Any:
    (one,) = said.json["slos"]
    return one["alerts"]


@pytest.mark.parametrize("treatment", ["removed", "good"])
@pytest.mark.parametrize(
    ("method", "objective"),
    [("Occurrences", "displayName: most"), ("Timeslices", "timeSliceWindow: 1m, timeSliceTarget: 0.95")],
)
def test_what_is_excluded_raises_nothing(measured: Any, method: str, objective: str, treatment: str) -> None:
    console = measured(method, objective)
    assert any(one["firings"] for one in alerts_of(console("slo", "backtest", *HISTORY, "--json")))
    agree(console, 121, 59, treatment=treatment)
    assert not any(one["firings"] for one in alerts_of(console("slo", "backtest", *HISTORY, "--json")))


def test_an_incident_in_excluded_time_is_not_missed_but_unknown(measured: Any) -> None:
    console = measured()
    agree(console, 121, 59)
    found = incident(console, 110, 70)
    said = console("slo", "backtest", *HISTORY, "--json", code=4)
    each = alerts_of(said)[0]["incidents"][0]
    assert (each["caught"], each["reason"]) == (None, "all of the incident is excluded")
    assert (
        f"postings: whether {found[-6:]} would have been caught is unknown: all of the incident is excluded" in said.err
    )


def test_without_samples_nothing_is_known_of_history(measured: Any) -> None:
    console = measured()
    words = ("slo", "backtest", "--at", "2026-10-01T00:00Z", "--from", "2026-09-30T00:00Z", *HISTORY[-2:])
    said = console(*words, "--target", "0.995", code=4)
    assert said.out.splitlines()[0].split("\t")[3:] == ["-"] * 5
    why = "no samples of total from 2026-09-30T00:00:00Z to 2026-10-01T00:00:00Z"
    assert f"postings: {why}" in said.err
    assert f"unknown: {why}" in console(*words, "--target", "0.995", "--details", code=4).out
    (one,) = console(*words, "--target", "0.995", "--json", code=4).json["slos"]
    assert (one["reason"], one["coverage"]) == (why, 0)
    assert {(each["firings"], each["incidents"]) for each in one["alerts"]} == {(None, None)}


def test_an_incident_without_samples_is_not_missed_but_unknown(measured: Any) -> None:
    console = measured(without=range(20, 50))
    found = incident(console, 45, 25)
    quiet = ("--from", "2026-11-23T04:00Z", "--target", "0.9", "--window", "30d")
    said = console("slo", "backtest", *AT, *quiet, "--details", code=4)
    told = "the samples do not cover the incident"
    assert f"  unknown whether it missed {found[-6:]}, which began Mon 2026-11-23 07:15: {told}" in said.out
    assert "  missed" not in said.out
    assert f"postings: whether {found[-6:]} would have been caught is unknown: {told}" in said.err
    assert "postings: 83.3 % of its history is known" in said.err


def test_an_incident_of_which_one_alert_is_enough_to_know_that_it_was_caught(measured: Any) -> None:
    console = measured(without=range(60, 100))
    incident(console, 115, 65)
    console("slo", "backtest", *HISTORY, code=0)


def test_a_firing_tells_of_which_incident_it_is(measured: Any) -> None:
    console = measured()
    bad = {*range(146, 151), *range(106, 111), *range(46, 51)}
    lines = [f"{before(one):%Y-%m-%dT%H:%M:%SZ},{10 if one in bad else 0},10" for one in range(301)]
    console.store.write("metrics/samples.csv", "\n".join(["timestamp,bad,total", *lines]) + "\n")
    first, second = incident(console, 151, 100), incident(console, 152, 130)
    (told, *_) = console("slo", "backtest", *HISTORY, "--details").out.split("\npostings, most: page 6")
    assert [line.partition(": ")[2] for line in told.splitlines()[1:]] == [
        f"caught {second[-6:]}, 6 min after; caught {first[-6:]}, 5 min after",
        f"{first[-6:]} again, caught before",
        f"explained by {first[-6:]} before it",
    ]


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
