"""Incidents whose start is not known, as they were opened in a hurry: they count from when they were declared.

What they spent is then at least what is told, what nobody explains at most that, and no alert on them was false.
"""

from typing import Any

import pytest
from tests.slo.test_slo_attribution import AT, attributed, incident, measured, minute
from tests.slo.test_slo_backtesting import HISTORY, alarm, alerts_of, counts, fired, replayed
from tests.slo.test_slo_backtesting import minute as noon

from svcops.slo.attributing import Impact

__all__ = ["measured"]


def undated(console: Any, declared: float, end: float | None) -> str:
    """Declared so many minutes before now, and resolved; nobody said when users began to notice."""
    words = ("--service", "ledger", "--severity", "sev3", "--detected-by", "user")
    found = console("incident", "open", "Postings fail", *words, "--at", f"{minute(declared):%Y-%m-%dT%H:%MZ}").id
    if end is not None:
        console("incident", "resolve", found, "--at", f"{minute(end):%Y-%m-%dT%H:%MZ}")
    return str(found)


def tighten(console: Any) -> None:
    """Of the postings one of a hundred may fail: the hour that was bad is more than that."""
    text = console.store.read("slo/ledger.yaml")
    console.store.write("slo/ledger.yaml", text.replace("target: 0.9,", "target: 0.99,"))


def test_it_counts_from_when_it_was_declared_and_both_sides_are_bounds(measured: Any) -> None:
    console = measured()
    found = undated(console, 117, 60)
    said = console("slo", "attribute", *AT, code=4)
    rows = [line.split("\t")[2:] for line in said.out.splitlines()]
    assert rows == [
        [found[-6:], "Mon 2026-11-23 06:03", "Mon 2026-11-23 07:00", "at least 57", "at least 23.7", "user"],
        ["no incident", "", "", "at most 3", "at most 1.2", ""],
    ]
    assert f"{found[-6:]} (Postings fail): when users began to notice is not known" in said.err
    assert f"counted from when it was declared: svcops incident started {found[-6:]} --at TIME" in said.err


def test_a_program_is_told_that_these_are_bounds(measured: Any) -> None:
    console = measured()
    undated(console, 117, 60)
    one = attributed(console, code=4)
    (spent,) = one["incidents"]
    assert spent["impact"] == {"from": "2026-11-23T05:03:00Z", "until": "2026-11-23T06:00:00Z", "since_declared": True}
    assert (spent["bad"], one["unexplained"], one["unexplained_at_most"]) == (57, 3, True)


def test_once_its_start_is_told_all_is_exact(measured: Any) -> None:
    console = measured()
    found = undated(console, 117, 60)
    console("incident", "started", found, "--at", f"{minute(120):%Y-%m-%dT%H:%MZ}")
    one = attributed(console)
    assert (one["incidents"][0]["bad"], one["unexplained"], one["unexplained_at_most"]) == (60, 0, False)
    assert one["incidents"][0]["impact"]["since_declared"] is False


def test_one_declared_before_the_window_is_all_of_what_is_judged(measured: Any) -> None:
    console = measured()
    undated(console, 270, 60)
    one = attributed(console)
    assert (one["incidents"][0]["bad"], one["incidents"][0]["impact"]["since_declared"]) == (60, False)


def test_nobody_is_asked_for_a_disruption_that_it_may_explain(measured: Any) -> None:
    console = measured()
    tighten(console)
    found = undated(console, 70, 60)
    said = console("slo", "attribute", *AT, code=4).err
    assert "a disruption nobody declared?" not in said
    assert f"postings was missed by what no incident explains, unless {found[-6:]} began before it was declared" in said


def test_an_slo_that_saw_nothing_of_it_since_it_was_declared_is_pointed_out(measured: Any) -> None:
    console = measured()
    found = undated(console, 50, 40)
    said = console("slo", "attribute", *AT, code=4).err
    assert f"postings saw nothing of {found[-6:]} (Postings fail) since it was declared" in said


def test_several_are_in_the_order_in_which_they_began_as_far_as_is_known(measured: Any) -> None:
    console = measured()
    second, first = undated(console, 90, 80), incident(console, 100, 95)
    assert [one["incident"] for one in attributed(console, code=4)["incidents"]] == [first, second]


def test_an_alert_that_fires_when_it_is_declared_caught_it_and_nobody_knows_how_soon(measured: Any) -> None:
    console = measured()
    found = undated(console, 70, 60)
    alert = alerts_of(said := console("slo", "backtest", *HISTORY, "--json"))[0]
    (each,) = alert["incidents"]
    assert (each["caught"], each["delay"], each["impact"]["since_declared"]) == (True, None, True)
    assert [one["false"] for one in alert["firings"]] == [False]
    assert f"caught {found[-6:]}, whose start is not known" in console("slo", "backtest", *HISTORY, "--details").out
    row = console("slo", "backtest", *HISTORY).out.splitlines()[0].split("\t")
    assert row[2:] == ["page 14.4 on 1h/5min", "1", "1", "0", "-", "0"]
    assert said.err == ""


def test_the_median_delay_is_that_of_the_incidents_whose_start_is_known(measured: Any) -> None:
    console = measured()
    incident(console, 121, 72)
    undated(console, 70, 60)
    row = console("slo", "backtest", *HISTORY).out.splitlines()[0].split("\t")
    assert row[4:] == ["2", "0", "45 min", "0"]


@pytest.mark.parametrize(("declared", "may_be"), [(20, True), (25, True), (30, False)])
def test_of_an_alert_that_fell_silent_shortly_before_it_was_declared_nobody_knows(declared: int, may_be: bool) -> None:
    burning = counts(dict.fromkeys(range(10, 15), 1000))
    impact = Impact("one", noon(declared), noon(declared + 5), since_declared=True)
    found = replayed(alarm("14.4", 10, 1), burning, impact)
    assert fired(found) == [(12, 16)]
    assert [(one.firing, one.delay) for one in found.caught] == [(None, None)]
    assert (found.false == (), found.missed == (), found.perhaps(found.firings[0]) == (impact,)) == (may_be,) * 3


def test_that_it_is_not_known_is_told_with_the_reason(measured: Any) -> None:
    console = measured()
    text = console.store.read("slo/ledger.yaml")
    burn = "{severity: page, condition: {op: gt, threshold: 2, lookbackWindow: 30m}}"
    policy = f"{{metadata: {{name: Burn}}, spec: {{alertWhenBreaching: true, conditions: [{{spec: {burn}}}]}}}}"
    console.store.write("slo/ledger.yaml", f"{text.rstrip()}\n  alertPolicies: [{policy}]\n".replace("0.9,", "0.98,"))
    found = undated(console, 35, 30)[-6:]
    why = "an alert was over when it was declared, and when users began to notice is not known"
    told = console("slo", "backtest", *HISTORY[:4], "--details", code=4)
    assert f"may be of {found}, whose start is not known" in told.out
    assert f"unknown whether it missed {found}, which was declared Mon 2026-11-23 07:25: {why}" in told.out
    assert f"postings: whether {found} would have been caught is unknown: {why}" in told.err


@pytest.mark.parametrize(("declared", "told"), [(90, "counted from when it was declared"), (270, None)])
def test_the_dashboard_marks_it_from_when_it_was_declared(measured: Any, declared: int, told: str | None) -> None:
    console = measured()
    found = undated(console, declared, 60)
    page = console("slo", "report", *AT, "--format", "html", code=None).out
    assert f"<code>{found}</code>" in page
    assert (f", {told}" in page) is (told is not None)
