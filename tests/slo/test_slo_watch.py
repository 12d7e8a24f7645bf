"""Alerts that are watched: one that fires opens an incident, once, its end resolves it, and silence does nothing."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SLO = """\
apiVersion: openslo/v1
kind: DataSource
metadata: {name: samples}
spec:
  type: CSV
  connectionDetails: {path: metrics/samples.csv}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: postings}
spec:
  service: ledger
  indicator:
    metadata: {name: accepted}
    spec:
      ratioMetric:
        counter: false
        bad: {metricSource: {metricSourceRef: samples, spec: {query: bad}}}
        total: {metricSource: {metricSourceRef: samples, spec: {query: total}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.99}]
"""
POLICY = """\
  alertPolicies:
    - kind: AlertPolicy
      metadata: {name: PostingsFail}
      spec:
        alertWhenBreaching: BREACHING
        alertWhenNoData: NO_DATA
        conditions:
          - kind: AlertCondition
            metadata: {name: fast}
            spec:
              severity: page
              condition: {kind: burnrate, op: gt, threshold: 10, lookbackWindow: WINDOW, alertAfter: AFTER}
        notificationTargets: []
"""


def samples(
    console: Any, bad: range = range(0), *, until: int = 0, without: range = range(0), start: int = -300
) -> None:
    """Ten postings a minute, of which four are bad in some of the minutes after noon."""
    minutes = [minute for minute in range(start, until + 1) if minute not in without]
    lines = [f"{NOON + timedelta(minutes=one):%Y-%m-%dT%H:%M:%SZ},{4 if one in bad else 0},10" for one in minutes]
    console.store.write("metrics/samples.csv", "\n".join(["timestamp,bad,total", *lines]) + "\n")


@pytest.fixture
def watched(console: Any) -> Any:
    """The console, and `watched(minute)`: one evaluation so many minutes after noon."""
    console.store.write("slo/ledger.yaml", SLO)
    samples(console)

    def once(minute: int, *words: str, code: int | None = None) -> Any:
        console.now = NOON + timedelta(minutes=minute - 1)
        return console("slo", "watch", "--once", *words, code=code)

    once.console = console  # type: ignore[attr-defined]
    return once


def policy(window: str = "10m", after: str = "0m", breaching: str = "true", no_data: str = "false") -> str:
    words = {"WINDOW": window, "AFTER": after, "BREACHING": breaching, "NO_DATA": no_data}
    text = POLICY
    for word, value in words.items():
        text = text.replace(word, value)
    return SLO + text


def agree(console: Any, *minutes: tuple[int, int], **more: Any) -> None:
    """These minutes after noon do not count, as it was agreed."""
    times = [dict(zip(("from", "until"), map(moment, pair), strict=True)) for pair in minutes]
    about = {"title": "Restart", "reason": "Agreed", "reviewed_by": "kim", "services": ["ledger"], "times": times}
    console.store.write("slo/exclusions/restart.yaml", json.dumps({**about, **more}))
    console.store.write("catalogue/people/kim.yaml", "name: Kim\nemails: [kim@example.com]\n")


def moment(minute: int) -> str:
    return (NOON + timedelta(minutes=minute)).isoformat()


def incidents(console: Any) -> list[tuple[str, str]]:
    found = console("incident", "list", "--json").json["incidents"]
    return [(one["phase"], one["severity"]) for one in found]


def test_where_samples_are_damaged_nothing_is_said_of_alerts_that_there_are_none(watched: Any) -> None:
    watched.console.store.write("metrics/samples.csv", "timestamp,bad,total\nnoon,few,many\n")
    said = watched(5, code=2)
    assert said.out == ""
    assert said.err.startswith("error: metrics/samples.csv")


def test_an_alert_that_fires_opens_an_incident_once_and_its_end_resolves_it(watched: Any) -> None:
    console = watched.console
    samples(console, range(-30, 1))
    said = watched(1, code=1)
    assert "postings: opened" in said.err
    assert "page 14.4 on 1h/5min\tfires" in said.out
    commits = console.store.git("rev-list", "--count", "HEAD")
    again = watched(2, code=1)
    assert "opened" not in again.err
    assert console.store.git("rev-list", "--count", "HEAD") == commits, "no news"
    assert incidents(console) == [("incident", "sev1")]
    samples(console, range(-30, 1), until=4 * 24 * 60)
    over = watched(4 * 24 * 60, code=0)
    assert "postings: resolved" in over.err
    assert [phase for phase, _ in incidents(console)] == ["post-mortem"]


def test_what_a_hook_refused_is_committed_before_the_incident_is_resolved(watched: Any) -> None:
    console = watched.console
    samples(console, range(-30, 1))
    console.store.hook("pre-commit", "exit 1")
    watched(1, code=3)
    console.store.hook("pre-commit", "exit 0")
    samples(console, range(-30, 1), until=4 * 24 * 60)
    commits = console.store.git("rev-list", "--count", "HEAD")
    said = watched(4 * 24 * 60, code=3)
    assert "resolved" not in said.err
    assert "incident.yaml is written, and not committed" in said.err
    assert console.store.git("rev-list", "--count", "HEAD") == commits
    console.store.commit("By hand", "incidents")
    assert "postings: resolved" in watched(4 * 24 * 60 + 1, code=0).err
    assert console.store.git("status", "--porcelain", "--", "incidents") == ""


def test_it_began_when_the_samples_say_so_and_not_when_somebody_looked(watched: Any) -> None:
    samples(watched.console, range(-30, 1))
    first = watched(1, "--json", code=1).json
    since = {one["alert"]: one["since"] for one in first["alerts"]}
    console = watched.console
    console.store.git("reset", "--quiet", "--hard", "HEAD~1")
    second = watched(3, "--json", code=1).json
    assert {one["alert"]: one["since"] for one in second["alerts"]} == since
    assert first["incidents"][0]["incident"] == second["incidents"][0]["incident"], "the same id, whoever looks"


def test_what_joins_is_told_the_same_incident(watched: Any) -> None:
    console = watched.console
    console.store.write("slo/ledger.yaml", policy())
    samples(console, range(-5, 1))
    watched(0, code=1)
    console.store.write("slo/ledger.yaml", SLO)
    samples(console, range(-60, 61), until=60)
    assert "postings: noted" in watched(60, code=1).err
    assert len(incidents(console)) == 1


def test_where_nothing_is_known_any_more_nothing_is_resolved(watched: Any) -> None:
    console = watched.console
    console.store.write("slo/ledger.yaml", policy())
    samples(console, range(-30, 1))
    watched(1, code=1)
    said = watched(120, code=4)
    assert "unknown" in said.out
    assert incidents(console) == [("incident", "sev1")]
    samples(console, range(-30, 1), until=180, without=range(1, 120))
    assert "resolved" in watched(180, code=0).err


def test_nothing_is_opened_where_nothing_is_known(watched: Any) -> None:
    said = watched(12 * 60, code=4)
    assert "all alerts\tunknown" in said.out or "of 4 alerts\tunknown" in said.out
    assert incidents(watched.console) == []
    assert "samples: the newest sample is 12 h old" in said.err


def test_samples_that_stay_away_alert_where_a_policy_asks_for_it(watched: Any) -> None:
    console = watched.console
    console.store.write("slo/ledger.yaml", policy(no_data="true", window="15m"))
    said = watched(16, "--json", code=1).json
    (silent,) = [one for one in said["alerts"] if one["now"] == "firing"]
    assert (silent["alert"], silent["since"]) == ("PostingsFail fast (no data)", "2026-11-23T12:15:00Z")
    assert [one["did"] for one in said["incidents"]] == ["opened"]
    samples(console, until=30)
    assert [one["did"] for one in watched(30, "--json", code=0).json["incidents"]] == ["resolved"]


@pytest.mark.parametrize("treatment", ["removed", "good"])
def test_what_is_excluded_opens_no_incident_and_has_the_burn_rates_of_the_report(watched: Any, treatment: str) -> None:
    console = watched.console
    samples(console, range(-30, 1))
    agree(console, (-40, 120), treatment=treatment)
    said = watched(1, "--json", code=0)
    assert incidents(console) == []
    assert "postings: excluded now: Restart (slo/exclusions/restart.yaml)" in said.err
    rates = {one["window"]: one["rate"] for alert in said.json["alerts"] for one in alert["burn"]}
    (reported,) = console("slo", "report", "--json", "--at", moment(0), code=None).json["slos"]
    assert rates == {one["window"]: one["rate"] for one in reported["burn"]}
    assert (rates[300], rates[3600]) == (None, 0)


def test_maintenance_under_way_opens_no_incident_where_it_is_excluded(watched: Any) -> None:
    console = watched.console
    samples(console, range(-30, 1))
    planned, actual = {"from": moment(-60), "until": moment(60)}, {"from": moment(-40)}
    about = {"title": "New disks", "services": ["ledger"], "planned": planned, "actual": actual}
    about |= {"reason": "Old ones", "by": "kim"}
    console.store.write("maintenance/2026/mnt-20261123-7f3kq2.yaml", json.dumps(about))
    agree(console, maintenance=True)
    assert "postings: excluded now: New disks" in watched(1, code=0).err
    assert incidents(console) == []
    agree(console, (-200, -190))
    watched(1, code=1)


def test_a_damaged_exclusion_is_told_as_nothing_is_excluded_by_it(watched: Any) -> None:
    console = watched.console
    samples(console, range(-30, 1))
    agree(console, (-40, 120), treatment="forgotten")
    said = watched(1, "--json", code=2)
    assert "left out, damaged: slo/exclusions/restart.yaml" in said.err
    assert said.json["damaged"] == ["slo/exclusions/restart.yaml"]


def test_while_all_that_an_alert_looks_at_is_excluded_nothing_is_resolved(watched: Any) -> None:
    console = watched.console
    console.store.write("slo/ledger.yaml", policy())
    samples(console, range(-5, 1), until=60)
    watched(0, code=1)
    agree(console, (1, 40))
    assert "unknown" in watched(30, code=4).out
    assert incidents(console) == [("incident", "sev1")]
    assert "resolved" in watched(60, code=0).err


def test_nobody_waits_for_samples_while_excluded_times_last(watched: Any) -> None:
    console = watched.console
    console.store.write("slo/ledger.yaml", policy(no_data="true", window="15m"))
    agree(console, (5, 35))
    watched(30, code=4)
    assert incidents(console) == [], "fifteen minutes of them, all excluded"
    assert "waits" in watched(40, code=4).out, "five minutes before and five after"
    (silent,) = [one for one in watched(46, "--json", code=1).json["alerts"] if one["now"] == "firing"]
    assert silent["since"] == "2026-11-23T12:45:00Z"


def test_it_waits_for_as_long_as_the_policy_asks(watched: Any) -> None:
    console = watched.console
    console.store.write("slo/ledger.yaml", policy(after="10m"))
    samples(console, range(1, 60), until=60)
    assert "waits" in watched(5, code=0).out
    assert incidents(console) == []
    assert "fires\tMon 2026-11-23 13:13" in watched(20, code=1).out, "in the zone of the store"


@pytest.mark.parametrize(
    ("words", "how"), [(("cancel", "A test"), "cancelled"), (("resolve", "It works again"), "resolved")]
)
def test_what_a_person_ended_while_it_fires_is_told_each_time(watched: Any, words: tuple[str, str], how: str) -> None:
    console = watched.console
    console.store.write("slo/ledger.yaml", policy())
    samples(console, range(30), until=20)
    watched(20)
    (found,) = console("incident", "list", "--json").json["incidents"]
    short, (verb, text) = found["id"][-6:], words
    console("incident", verb, short, text)
    told = f"{short} was {how} while its alerts fired, and nothing is opened until they fall silent"
    told = f"{told}: svcops incident reopen {short}, if it goes on"
    for minute in (21, 22):
        samples(console, range(30), until=minute)
        assert watched(minute, code=1).err.count(f"postings: {told}") == 1
    assert watched(22, "--json", code=1).json["incidents"][0]["remarks"] == [told]
    console("incident", "reopen", short, "It goes on")
    assert short not in watched(22, code=1).err


def test_a_second_disruption_after_a_person_resolved_the_first_opens_another(watched: Any) -> None:
    console = watched.console
    console.store.write("slo/ledger.yaml", policy())
    samples(console, range(-10, 1))
    first = watched(1, "--quiet", code=1).out.strip()
    console("incident", "resolve", first, "--at", "2026-11-23T12:01Z")
    samples(console, [*range(-10, 1), *range(90, 100)], until=100)  # type: ignore[arg-type]
    second = watched(100, "--quiet", code=1).out.strip()
    assert second != first
    assert len(incidents(console)) == 2


@pytest.mark.parametrize(("bad", "now", "rates"), [(1000, "quiet", "10 in 10 min"), (1001, "fires", "10.01 in 10 min")])
def test_a_burn_rate_has_as_many_digits_as_tell_it_from_its_threshold(
    watched: Any, bad: int, now: str, rates: str
) -> None:
    console = watched.console
    console.store.write("slo/ledger.yaml", policy())
    lines = [f"{NOON + timedelta(minutes=one):%Y-%m-%dT%H:%M:%SZ},{bad},10000" for one in range(-20, 1)]
    console.store.write("metrics/samples.csv", "\n".join(["timestamp,bad,total", *lines]) + "\n")
    said = watched(1, "--no-incidents", code=None).out
    assert now in said
    assert said.rstrip().endswith(f"\t{rates}")


def test_severities_are_mapped_or_page_is_the_highest_and_ticket_the_lowest(watched: Any) -> None:
    console = watched.console
    samples(console, range(-30, 1))
    watched(1, "--severity", "page=sev2", code=1)
    assert incidents(console) == [("incident", "sev2")]
    assert "there is no severity" in watched(2, "--severity", "page=high", code=2).err


@pytest.mark.parametrize("words", [("--no-incidents",), ("--at", "2026-11-23T12:01Z")])
def test_who_only_looks_changes_nothing(watched: Any, words: tuple[str, ...]) -> None:
    samples(watched.console, range(-30, 1))
    assert "fires" in watched(1, *words, code=1).out
    assert incidents(watched.console) == []


def test_an_slo_that_is_wrong_hides_no_other(watched: Any) -> None:
    console = watched.console
    other = SLO.partition("---\n")[2].replace("postings}", "uploads}").replace("query: bad", "query: absent")
    console.store.write("slo/other.yaml", other)
    samples(console, range(-30, 1))
    said = watched(1, code=2)
    assert "error: " in said.err
    assert "absent" in said.err
    console.store.write("slo/other.yaml", other.replace("metricSourceRef: samples", "metricSourceRef: none"))
    said = watched(2, code=2)
    assert "postings" in said.out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--every", "soon"), "--every soon: not a duration"),
        (("--every", "0s"), "--every 0s: from a second to a day"),
        (("--json",), "--json is for one look"),
        (("--severity", "page"), "--severity page: no mapping"),
        (("nothing",), "there is no SLO 'nothing'"),
    ],
)
def test_what_cannot_be_watched_is_refused(watched: Any, words: tuple[str, ...], why: str) -> None:
    assert why in watched.console("slo", "watch", *words, code=2).err


def test_it_goes_on_until_it_is_told_to_end(watched: Any) -> None:
    store = watched.console.store
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    lines = [f"{now - timedelta(minutes=one):%Y-%m-%dT%H:%M:%SZ},4,10" for one in range(60, -3, -1)]
    store.write("metrics/samples.csv", "\n".join(["timestamp,bad,total", *lines]) + "\n")
    command = [sys.executable, "-m", "svcops", "slo", "watch", "--every", "1s"]
    env = {**os.environ, **store.env, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, cwd=store.root, env=env, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        seen = ""
        while "opened" not in seen:
            line = running.stdout.readline()
            assert line, seen
            seen += line
        running.send_signal(signal.SIGTERM)
        rest, _ = running.communicate(timeout=30)
    assert running.returncode == 0
    assert (seen + rest).count("opened") == 1
    assert "fires" in seen


def test_within_a_minute_what_is_shown_is_how_it_stood_at_the_last_whole_one(watched: Any) -> None:
    console = watched.console
    every = [NOON + timedelta(seconds=20 * one) for one in range(-3 * 60 * 3, 60)]
    lines = [f"{one:%Y-%m-%dT%H:%M:%SZ},{9 if one.second == 20 else 0},10" for one in every]
    console.store.write("metrics/samples.csv", "\n".join(["timestamp,bad,total", *lines]) + "\n")
    asked, minute = "2026-11-23T12:05:40Z", "2026-11-23T12:05:00Z"
    console.now = datetime.fromisoformat(asked) - timedelta(minutes=1)
    shown = json.loads(console("slo", "watch", "--once", "--no-incidents", "--json", code=1).out)
    assert shown["at"] == minute
    assert evaluated(console, minute) == {rate for one in shown["alerts"] for rate in map(short, one["burn"])}
    said = console("slo", "watch", "--at", asked, code=1).err
    assert f"evaluated at {minute}: alerts are looked at on whole minutes" in said
    assert "evaluated at" not in console("slo", "watch", "--at", minute, code=1).err


def evaluated(console: Any, at: str) -> set[tuple[int, float]]:
    """The windows and burn rates that the report gives."""
    found = console("slo", "report", "--at", at, "--json", code=None).json["slos"][0]
    return set(map(short, found["burn"]))


def short(burn: dict[str, Any]) -> tuple[int, float]:
    return burn["window"], round(burn["rate"], 9)


def test_what_is_over_in_the_minute_in_which_it_was_declared_is_not_resolved_before_that(watched: Any) -> None:
    console = watched.console
    samples(console, range(-30, 0), until=-1)
    console.now = NOON + timedelta(seconds=10) - timedelta(minutes=1)
    opened = console("slo", "watch", "--once", code=1)
    assert "postings: opened" in opened.err
    samples(console)  # what came late says that all was well
    console.now = NOON + timedelta(seconds=20) - timedelta(minutes=1)
    assert "postings: resolved" in console("slo", "watch", "--once").err
    found = console("incident", "list", "--json").json["incidents"][0]
    assert found["declared"] == found["resolved"]
