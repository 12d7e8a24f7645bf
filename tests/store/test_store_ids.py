"""Ids: never the same twice by chance, always the same for the same thing outside, and found by a few characters."""

import os
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.store.ids import (
    ALPHABET,
    AmbiguousName,
    UnknownName,
    derived_id,
    matching,
    new_id,
    resolve,
    tail,
    tail_of,
    year_of,
)
from svcops.store.model import ID

AT = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
tails = st.text(ALPHABET, min_size=6, max_size=6)
ids = st.builds(
    lambda kind, day, end: f"{kind}-{day:%Y%m%d}-{end}",
    st.sampled_from(("incident", "problem", "measure")),
    st.dates(),
    tails,
)


def bytes_of(number):
    return lambda count: number.to_bytes(4, "big")[:count]


def test_an_id_is_its_kind_its_date_and_six_characters():
    assert new_id("incident", AT, bytes_of(0)) == "incident-20261123-000000"
    assert new_id("incident", AT, bytes_of(2**32 - 1)) == "incident-20261123-zzzzzz"
    assert new_id("incident", AT, bytes_of(1 << 2)) == "incident-20261123-000001"


@given(st.binary(min_size=4, max_size=4), st.datetimes(datetime(1000, 1, 1), timezones=st.just(UTC)))
def test_every_id_has_the_form_that_records_refuse_others_for(data, at):
    made = new_id("incident", at, lambda count: data[:count])
    assert re.fullmatch(ID, made)
    assert year_of(made) == f"{at.year}"
    assert tail(made) == tail_of(data)
    assert made == made.lower()


@given(st.integers(0, 2**30 - 1), st.integers(0, 2**30 - 1))
def test_different_randomness_gives_different_tails(one, other):
    assert (tail_of((one << 2).to_bytes(4, "big")) == tail_of((other << 2).to_bytes(4, "big"))) == (one == other)


def test_ten_thousand_ids_of_a_day_hardly_collide():
    made = {new_id("incident", AT, os.urandom) for _ in range(10_000)}
    assert len(made) > 9_990


def test_the_date_is_that_of_the_zone_it_is_given_in():
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert new_id("incident", late, bytes_of(0)).split("-")[1] == "20261123"
    berlin = timezone(timedelta(hours=1))
    assert new_id("incident", late.astimezone(berlin), bytes_of(0)).split("-")[1] == "20261124"


@given(st.text(), st.text())
def test_the_same_thing_outside_has_the_same_id_and_another_has_another(one, other):
    assert (derived_id("incident", AT, one) == derived_id("incident", AT, other)) == (one == other)


# Look-up -------------------------------------------------------------------------------------------------------------

NAMES = ("incident-20261123-k7f3q2", "incident-20261123-k7zzzz", "incident-20261124-0a1b2c", "incident-20261124-k70000")


@pytest.mark.parametrize(
    "given_", ["incident-20261123-k7f3q2", "INCIDENT-20261123-K7F3Q2", "k7f3q2", "k7f", "K7F", " k7f "]
)
def test_any_unique_beginning_of_the_id_or_its_tail_is_enough(given_):
    assert resolve(given_, NAMES, noun="incident") == NAMES[0]


@pytest.mark.parametrize("given_", ["oa1", "OA1", "0al", "0ai", "OALB2C", "incident-20261124-0a"])
def test_characters_that_people_misread_are_understood_in_a_tail(given_):
    assert resolve(given_, NAMES, noun="incident") == NAMES[2]


def test_an_exact_name_goes_before_those_that_it_begins():
    assert resolve("ledger", ["ledger", "ledger-archive", "main-ledger"], noun="service") == "ledger"


def test_an_ambiguous_beginning_lists_its_candidates():
    with pytest.raises(AmbiguousName) as caught:
        resolve("k7", NAMES, noun="incident", describe=lambda name: f"{name}  Title of it")
    assert caught.value.message.splitlines() == [
        "k7 may be 3 incidents:",
        "  incident-20261123-k7f3q2  Title of it",
        "  incident-20261123-k7zzzz  Title of it",
        "  incident-20261124-k70000  Title of it",
    ]
    assert caught.value.exit_code == 2


def test_very_many_candidates_are_counted():
    names = [f"incident-20261123-{number:06d}" for number in range(50)]
    with pytest.raises(AmbiguousName) as caught:
        resolve("incident-", names, noun="incident")
    lines = caught.value.message.splitlines()
    assert len(lines) == 12
    assert lines[-1] == "  and 40 more"


@pytest.mark.parametrize("given_", ["", "  ", "zzz", "incident-2025", "k7f3q2x", "-", "💥", "*", "k?f"])
def test_what_nothing_begins_with_is_unknown(given_):
    with pytest.raises(UnknownName, match="there is no incident") as caught:
        resolve(given_, NAMES, noun="incident")
    assert caught.value.help


def test_an_unknown_name_near_one_that_exists_is_asked_about():
    with pytest.raises(UnknownName) as caught:
        resolve("ledgre", ["ledger", "payroll"], noun="service")
    assert caught.value.help == "Did you mean ledger?"


@given(st.lists(ids, min_size=1, max_size=30, unique=True), st.data())
def test_whatever_prefix_is_typed_the_right_one_is_among_those_found(names, data):
    wanted = data.draw(st.sampled_from(names))
    of_tail = data.draw(st.booleans())
    text = tail(wanted) if of_tail else wanted
    typed = text[: data.draw(st.integers(1, len(text)))]
    found = matching(typed, names)
    misread = typed.translate(str.maketrans("ilo", "110"))
    assert wanted in found
    assert set(found) == {name for name in names if name.startswith(typed) or tail(name).startswith(misread)}
