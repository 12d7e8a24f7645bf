"""Which agreements hold on a day, and which of their promises is the tightest."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.catalogue.agreements import (
    agreements_of,
    days_left,
    highest_availability,
    in_force,
    percent_of,
    percent_text,
    shortest_resolution,
    shortest_response,
    shortest_rpo,
    shortest_rto,
    standing,
    today,
)
from svcops.catalogue.model import Agreed, Agreement, Availability
from svcops.store.graph import Graph

DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))


def agreement(agreed="2026-02-01", begin=None, end=None, **more):
    signed = Agreed(with_="Them", at=agreed, document="d") if agreed else None
    return Agreement(
        title="A",
        services=("ledger",),
        support_hours="always",
        agreed=signed,
        valid_from=begin,
        valid_until=end,
        **more,
    )


@pytest.mark.parametrize(
    ("record", "day", "expected"),
    [
        (agreement(agreed=None, begin="2026-01-01"), "2026-06-01", "draft"),
        (agreement(), "2026-01-31", "to come"),
        (agreement(), "2026-02-01", "in force"),
        (agreement(begin="2026-03-01"), "2026-02-28", "to come"),
        (agreement(begin="2026-03-01"), "2026-03-01", "in force"),
        (agreement(begin="2026-01-01"), "2026-01-15", "to come"),
        (agreement(end="2026-12-31"), "2026-12-31", "in force"),
        (agreement(end="2026-12-31"), "2027-01-01", "expired"),
    ],
)
def test_it_holds_from_when_it_is_agreed_or_begins_through_its_last_day(record, day, expected):
    assert standing(record, day) == expected


@given(day=DAYS, agreed=DAYS, begin=st.none() | DAYS, end=st.none() | DAYS)
def test_text_sorts_as_days_count(day, agreed, begin, end):
    record = agreement(agreed.isoformat(), begin and begin.isoformat(), end and end.isoformat())
    first = max(agreed, begin or agreed)
    expected = "to come" if day < first else "expired" if end and end < day else "in force"
    assert standing(record, day.isoformat()) == expected


@given(day=DAYS, left=st.integers(-400, 400))
def test_days_left_lead_to_the_last_day(day, left):
    record = agreement(end=(day + timedelta(days=left)).isoformat())
    assert days_left(record, day.isoformat()) == left


def test_days_left_are_unknown_without_an_end():
    assert days_left(agreement(), "2026-11-23") is None


@pytest.mark.parametrize("written", ["99.5", "99.95", "99.999", "100", "0.1", "33.333333333333"])
def test_a_percentage_is_what_is_written(written):
    assert percent_of(Availability(percent=float(written))) == Fraction(written)


@pytest.mark.parametrize(
    ("percent", "text"),
    [
        (Fraction("99.5"), "99.5"),
        (Fraction(100), "100"),
        (Fraction("99.4005"), "99.4005"),
        (Fraction(200, 3), "66.666666…"),
        (Fraction("99.9990001"), "99.999…"),
    ],
)
def test_what_is_cut_off_of_a_percentage_shows(percent, text):
    assert percent_text(percent) == text


FILES = {
    "loose": "availability: {percent: 99}\nrto: 8h\nrpo: 1h\nresponse: [{severity: sev1, respond: 1h, resolve: 2h}]\n",
    "tight": "availability: {percent: 99.9}\nrto: 4h\nresponse: [{severity: sev2, respond: 1m}, {severity: sev1, respond: 15m}]\n",
    "over": "availability: {percent: 100}\nrto: 1m\nrpo: 0s\nresponse: [{severity: sev1, respond: 1s}]\nvalid_until: 2026-11-22\n",
}


@pytest.fixture
def graph(store):
    for name, text in FILES.items():
        store.write(
            f"catalogue/agreements/{name}.yaml",
            f"title: A\nservices: [ledger, ledger]\nsupport_hours: always\nagreed: {{with: T, at: 2026-01-01, document: d}}\n{text}",
        )
    return Graph(store.root)


def test_the_tightest_promise_in_force_counts_and_names_its_place(graph):
    held = in_force(graph, "2026-11-23")["ledger"]
    assert [one.name for one in held] == ["loose", "tight"]
    highest, rto, rpo = highest_availability(held), shortest_rto(held), shortest_rpo(held)
    assert (highest.value, highest.agreement.name, highest.keys) == (
        Fraction("99.9"),
        "tight",
        ("availability", "percent"),
    )
    assert (rto.value, rto.agreement.name) == (timedelta(hours=4), "tight")
    assert (rpo.value, rpo.agreement.name) == (timedelta(hours=1), "loose")
    answer = shortest_response(held, "sev1")["always"]
    assert (answer.value, answer.keys) == (timedelta(minutes=15), ("response", 1, "respond"))
    again = shortest_resolution(held, "sev1")["always"]
    assert (again.value, again.agreement.name, again.keys) == (
        timedelta(hours=2),
        "loose",
        ("response", 0, "resolve"),
    )
    assert shortest_response(held, "sev3") == {}
    assert shortest_resolution(held, "sev2") == {}
    assert [one.name for one in agreements_of(graph, "ledger")] == ["loose", "over", "tight"]


def test_the_day_is_that_of_the_store(store):
    graph = Graph(store.root)
    assert today(graph, datetime(2026, 11, 23, 22, 59, tzinfo=UTC)) == "2026-11-23"
    assert today(graph, datetime(2026, 11, 23, 23, 0, tzinfo=UTC)) == "2026-11-24"


def test_without_a_known_zone_the_day_is_that_of_utc(store):
    store.write("svcops.yaml", "time_zone: Nowhere/Land\n")
    assert today(Graph(store.root), datetime(2026, 11, 23, 23, 59, tzinfo=UTC)) == "2026-11-23"
