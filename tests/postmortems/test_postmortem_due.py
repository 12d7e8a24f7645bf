"""The last day of a post-mortem: working days of whoever answers for the services."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.incidents.facts import states
from svcops.postmortems.due import day_of, due_day, expected, within
from svcops.store.graph import Graph

ID = "incident-20261120-k7f3q2"
FOLDER = f"incidents/2026/{ID}"
AGREEMENT = (
    "title: Books\nservices: [ledger]\nsupport_hours: {{open: [{{days: [mon-fri]}}], {hours}}}\n"
    'agreed: {{with: Them, at: "2026-01-26", document: "https://c.example.com/1"}}\n'
)


def due(store, resolved="2026-11-20T10:00:00Z", severity="sev1", **files):
    """The last day for an incident that was resolved then; 2026-11-20 is a Friday."""
    at = "2025-12-30T08:00:00Z"
    store.write(f"{FOLDER}/incident.yaml", "title: T\nservices: [ledger]\ndetected_by: user\n" + files.pop("more", ""))
    store.write(
        f"{FOLDER}/timeline/1.yaml", f"type: opened\nat: {at}\nrecorded_at: {at}\nby: a\nseverity: {severity}\n"
    )
    if resolved:
        move = f"type: resolved\nat: {resolved}\nrecorded_at: {resolved}\nby: a\nfrom: incident\n"
        store.write(f"{FOLDER}/timeline/2.yaml", move)
    for path, text in files.items():
        store.write(path.replace("__", "/"), text)
    graph = Graph(store.root)
    return due_day(graph, states(graph)[ID])


def test_ten_working_days_for_a_major_one_and_none_for_another(store):
    assert due(store) == date(2026, 12, 4)
    assert due(store, severity="sev3") is None
    assert due(store, severity="nothing-known") == date(2026, 12, 4)


def test_the_day_of_the_resolution_does_not_count_and_is_that_of_the_stores_zone(store):
    assert due(store, "2026-11-22T22:59:00Z") == date(2026, 12, 4)
    assert due(store, "2026-11-22T23:01:00Z") == date(2026, 12, 7)


def test_a_severity_says_how_many(store):
    settings = "time_zone: UTC\nseverities:\n  - {name: sev1, major: true, postmortem_within: 1}\n  - {name: sev3, postmortem_within: 5}\n"
    assert due(store, **{"svcops.yaml": settings}) == date(2026, 11, 23)
    assert due(store, severity="sev3", **{"svcops.yaml": settings}) == date(2026, 11, 27)
    assert within(Graph(store.root), "sev2") == 10


def test_holidays_and_closed_days_of_the_agreements_are_no_working_days(store):
    path = "catalogue/agreements/books.yaml"
    closed = 'closed: ["2026-11-23", "2026-11-28", "2026-12-04"]'
    assert due(store, **{path: AGREEMENT.format(hours=closed)}) == date(2026, 12, 8)
    christmas = due(store, "2026-12-18T10:00:00Z", **{path: AGREEMENT.format(hours="holidays: DE-BY")})
    assert christmas == date(2027, 1, 5)
    assert due(store, "2026-12-18T10:00:00Z", **{path: AGREEMENT.format(hours="holidays: GB-ENG")}) == date(2027, 1, 6)


def test_an_agreement_that_did_not_hold_closes_no_day(store):
    text = AGREEMENT.format(hours='closed: ["2026-11-23"]') + 'valid_until: "2026-11-19"\n'
    assert due(store, **{"catalogue/agreements/books.yaml": text}) == date(2026, 12, 4)


@pytest.mark.parametrize(
    "event",
    [
        "type: reopened\nat: {at}\nrecorded_at: {at}\nby: a\nfrom: post-mortem\ntext: it goes on\n",
        "type: merged\nat: {at}\nrecorded_at: {at}\nby: a\nfrom: post-mortem\ninto: incident-20261120-aaaaaa\n",
    ],
)
def test_what_goes_on_or_is_no_incident_of_its_own_is_not_waited_for(store, event):
    assert due(store, **{f"{FOLDER}/timeline/3.yaml": event.format(at="2026-11-21T10:00:00Z")}) is None


def test_neither_is_what_was_imported_or_not_resolved(store):
    assert due(store, resolved="") is None
    assert due(store, more="imported: {system: wiki, key: a}\n") is None


def test_a_calendar_without_working_days_ends_some_time(store):
    every = ", ".join(f'"{date(2026, 11, 20) + timedelta(days=n)}"' for n in range(1, 3700))
    found = due(store, **{"catalogue/agreements/books.yaml": AGREEMENT.format(hours=f"closed: [{every}]")})
    assert found > date(2035, 1, 1)


def test_what_is_expected_is_in_the_order_of_days(store):
    due(store)
    (one,) = expected(Graph(store.root))
    assert (one.state.id, one.day, one.entry) == (ID, date(2026, 12, 4), None)
    assert not one.is_overdue(date(2026, 12, 4))
    assert one.is_overdue(date(2026, 12, 5))


def test_today_is_that_of_the_stores_zone(store):
    graph = Graph(store.root)
    assert day_of(graph, datetime(2026, 11, 22, 22, 59, tzinfo=UTC)) == date(2026, 11, 22)
    assert day_of(graph, datetime(2026, 11, 22, 23, 0, tzinfo=UTC)) == date(2026, 11, 23)


@given(day=st.dates(date(2026, 1, 1), date(2027, 12, 31)), hour=st.integers(0, 23))
def test_there_are_always_ten_weekdays_between(store, day, hour):
    found = due(store, f"{day}T{hour:02}:00:00Z")
    local = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    from zoneinfo import ZoneInfo

    start = local.astimezone(ZoneInfo("Europe/Berlin")).date()
    days = [start + timedelta(days=n) for n in range(1, (found - start).days + 1)]
    assert sum(one.weekday() < 5 for one in days) == 10
    assert found.weekday() < 5
