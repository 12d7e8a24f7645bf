"""What came back by being reopened: a recurrence, wherever one is told, and a measure that did not hold."""

from datetime import timedelta

import pytest


@pytest.fixture
def closed(console, incident, measure):
    """An incident that was closed with an anchored measure, and the measure: the ends of their ids."""
    short = incident()
    console("incident", "resolve", short)
    held = measure(short, console.now)
    console("incident", "close", short)
    return short, held


def reopened(console, short, after):
    console.now += after
    console("incident", "reopen", short, "It is back")


def measures(console):
    return [line.split("\t")[1] for line in console("measure", "list").out.splitlines()]


def recurrences(console):
    said = console("report", "response", "--since", "2026-11-01", "--explain", "recurrences").out
    rows = [line.split("\t") for line in said.splitlines() if "\t" in line]
    return [f"{row[0][-6:]}: {row[2]}" for row in rows]


def codes(console):
    return [one["code"] for one in console("check", "--json", code=None).json["findings"]]


def test_a_measure_did_not_hold_where_its_incident_was_reopened_after_it(console, closed):
    short, held = closed
    problem = console("problem", "open", "The queue fills up", "--incident", short).id[-6:]
    reopened(console, short, timedelta(days=8))
    text = console("problem", "show", problem).out
    assert f"DID NOT HOLD: {short} (reopened) came after it" in text
    assert "a measure did not hold" in console("problem", "list").out
    assert measures(console) == ["anchored, did not hold"]
    text = console("measure", "show", held).out
    assert "  standing  anchored, did not hold\n" in text
    assert "; anchored, did not hold)\n" in console("incident", "show", short).out
    assert f"incident {short} was reopened Tue 2026-12-01 08:21, problem {problem}\n" in text
    (failed,) = console("measure", "show", held, "--json").json["measure"]["did_not_hold"]
    assert (failed["incident"][-6:], failed["how"], failed["answered"]) == (short, "reopened", False)
    assert "PRB005" in codes(console)
    assert recurrences(console) == [f"{short}: despite an anchored measure"]


def test_it_says_so_without_a_problem_too_until_another_measure_is_anchored(console, closed, measure):
    short, held = closed
    reopened(console, short, timedelta(days=8))
    assert measures(console) == ["anchored, did not hold"]
    assert "PRB005" in codes(console)
    console.now += timedelta(hours=1)
    measure(short, console.now, "Something better")
    assert "PRB005" not in codes(console)
    assert "; a measure was anchored since" in console("measure", "show", held).out
    assert sorted(measures(console)) == ["anchored", "anchored, did not hold"]


def test_what_was_resolved_too_early_says_nothing_of_a_measure_that_came_later(console, incident, measure):
    short = incident()
    console("problem", "open", "The queue fills up", "--incident", short)
    console("incident", "resolve", short)
    reopened(console, short, timedelta(minutes=5))
    console("incident", "resolve", short)
    console.now += timedelta(days=1)
    measure(short, console.now)
    assert measures(console) == ["anchored"]
    assert "PRB005" not in codes(console)
    assert recurrences(console) == []


def test_what_was_closed_and_reopened_recurs_where_no_measure_was_anchored_too(console, incident):
    short = incident()
    console("problem", "open", "The queue fills up", "--incident", short)
    console("incident", "resolve", short)
    console("incident", "close", short)
    reopened(console, short, timedelta(days=1))
    assert recurrences(console) == [f"{short}: recurred"]


def test_a_problem_came_back_where_its_incident_was_reopened_after_it_was_verified(console, closed):
    short, _ = closed
    problem = console("problem", "open", "The queue fills up", "--incident", short).id[-6:]
    console("problem", "factor", problem, "No bound", "--evidence", "Its length on 23 November", "--why", "It fills")
    console("problem", "resolve", problem, "It is bounded")
    console.now += timedelta(days=31)
    console("problem", "verify", problem)
    reopened(console, short, timedelta(days=1))
    assert f"CAME BACK after it was resolved: {short} (reopened)" in console("problem", "show", problem).out
    assert "a measure did not hold, came back" in console("problem", "list").out


def test_what_counted_counts_still_when_it_is_merged_into_what_was_reopened(console, closed, incident):
    short, _ = closed
    problem = console("problem", "open", "The queue fills up", "--incident", short).id[-6:]
    console.now += timedelta(days=8)
    again = incident()
    console("problem", "link", problem, again)
    assert "a measure did not hold" in console("problem", "list").out
    console("incident", "reopen", short, "It is back")
    console("incident", "merge", again, "--into", short)
    assert "a measure did not hold" in console("problem", "list").out


def test_what_is_merged_into_one_that_was_resolved_before_happened_again(console, incident, measure):
    short = incident()
    problem = console("problem", "open", "The queue fills up", "--incident", short).id[-6:]
    console.store.git("branch", "stale")  # where it goes on
    console("incident", "resolve", short)
    measure(short, console.now)
    console.store.git("checkout", "--quiet", "stale")
    console.now += timedelta(days=1)
    console("incident", "merge", incident(), "--into", short)
    console.store.git("checkout", "--quiet", "main")
    console.store.git("merge", "--quiet", "--no-edit", "stale")
    assert f"DID NOT HOLD: {short} (declared again) came after it" in console("problem", "show", problem).out
