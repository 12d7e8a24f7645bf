"""Which measures there are, which are late, and what one is."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.incidents.measures import MeasureState
from svcops.postmortems.measure_facts import grouped, in_order, overdue
from svcops.postmortems.model import Measure
from svcops.store.entries import Entry

NOOR = ("Noor Voorbeeld", "noor@example.org")
SLO = "slo/receipts.yaml"
OBJECTIVE = "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: r}\nspec: {description: One}\n"
TODAY = date(2026, 11, 23)


def opened(console, *services, title="No receipts"):
    named = [word for service in services for word in ("--service", service)]
    return console("incident", "open", title, *named, "--severity", "sev3", "--detected-by", "slo").id[-6:]


def added(console, incident, title, due, owner="platform"):
    return console("measure", "add", incident, title, "--type", "detect", "--owner", owner, "--due", due).id


def titles(console, *options, code=0):
    return [one["title"] for one in console("measure", "list", *options, "--json", code=code).json["measures"]]


def cells(said):
    return [line.split("\t") for line in said.out.splitlines()]


@pytest.fixture
def four(console):
    """Two incidents, and a measure of each kind: anchored, dropped, open, and late by the 30th of November."""
    console.store.write(SLO, OBJECTIVE)
    console.store.commit("An objective")
    first, second = opened(console, "receipt-scanner"), opened(console, "receipt-scanner", "ledger")
    anchored = added(console, first, "Alert earlier", "2026-12-01")
    dropped = added(console, first, "Rewrite it", "2026-12-02", "ada")
    added(console, second, "Name the rollback", "2026-12-20")
    added(console, second, "Probe the queue", "2026-11-25", "ada")
    console.store.write(SLO, OBJECTIVE.replace("One", "Two\nmore"))
    console.store.commit("A better one")
    console("measure", "anchor", anchored, "--path", SLO)
    console("measure", "drop", dropped, "--because", "It is replaced in March")
    console.who = NOOR
    console("measure", "approve", dropped)
    console.now = datetime(2026, 11, 30, 7, tzinfo=UTC)
    return first, second


def test_open_ones_come_first_by_their_last_day(console, four):
    assert titles(console) == ["Probe the queue", "Name the rollback", "Rewrite it", "Alert earlier"]
    first = cells(console("measure", "list"))[0]
    assert first[1:] == ["open, 5 d overdue", "2026-11-25", "ada", four[1], "Probe the queue"]


def test_a_list_is_narrowed(console, four):
    first, _ = four
    assert titles(console, "--open") == ["Probe the queue", "Name the rollback"]
    assert titles(console, "--anchored") == ["Alert earlier"]
    assert titles(console, "--dropped") == ["Rewrite it"]
    assert titles(console, "--overdue") == ["Probe the queue"]
    assert titles(console, "--owner", "ada") == ["Probe the queue", "Rewrite it"]
    assert titles(console, "--service", "ledger") == ["Probe the queue", "Name the rollback"]
    assert titles(console, "--incident", first, "--anchored") == ["Alert earlier"]
    assert "No measure matches" in console("measure", "list", "--service", "ledger", "--dropped").err
    ids = console("measure", "list", "--open", "--quiet").out.split()
    assert [one[:17] for one in ids] == ["measure-20261123-"] * 2


def test_a_measure_is_of_the_services_that_came_to_its_incident_by_a_merge_too(console):
    goes_on, duplicate = opened(console, "receipt-scanner"), opened(console, "ledger")
    added(console, goes_on, "Probe the queue", "2026-11-25")
    added(console, duplicate, "Name the rollback", "2026-11-26")
    console("incident", "merge", duplicate, "--into", goes_on)
    both = ["Probe the queue", "Name the rollback"]
    for service in ("receipt-scanner", "ledger"):
        assert titles(console, "--service", service) == both
    for measure in titles_to_ids(console).values():
        assert "services  receipt-scanner, ledger\n" in console("measure", "show", measure).out
    console.now = datetime(2026, 11, 30, 7, tzinfo=UTC)
    late = console("measure", "overdue", "--by", "service", "--service", "ledger", "--json", code=1).json
    assert [one["title"] for one in late["measures"]] == both
    assert [one["name"] for one in late["by_service"]] == ["ledger", "receipt-scanner"]


def test_the_old_id_of_what_was_merged_still_answers(console):
    goes_on, duplicate = opened(console, "receipt-scanner"), opened(console, "ledger")
    added(console, goes_on, "Probe the queue", "2026-11-25")
    console("incident", "merge", duplicate, "--into", goes_on)
    assert titles(console, "--incident", duplicate) == titles(console, "--incident", goes_on) == ["Probe the queue"]
    assert "Probe the queue\n" in console("measure", "show", duplicate).out


@pytest.mark.parametrize(
    ("options", "message", "help_"),
    [
        (("--open", "--dropped"), "exclude one another", "Leave all but one out"),
        (("--overdue", "--anchored"), "exclude one another", ""),
        (("--owner", "platfrom"), "no team or person 'platfrom'", "Did you mean platform?"),
        (("--service", "legder"), "no service 'legder'", "Did you mean ledger?"),
        (("--incident", "zzz"), "no incident 'zzz'", ""),
    ],
)
def test_a_list_of_what_is_not_there_is_refused(console, options, message, help_):
    said = console("measure", "list", *options, code=2)
    assert message in said.err
    assert help_ in said.err


def test_who_left_the_catalogue_still_has_measures(console, four):
    (console.store.root / "catalogue/people/ada.yaml").unlink()
    assert titles(console, "--owner", "ada") == ["Probe the queue", "Rewrite it"]


def test_overdue_is_a_question_whose_answer_no_is_zero(console, four):
    said = console("measure", "overdue", code=1)
    assert cells(said)[0][1:] == ["5 d", "2026-11-25", "ada", "receipt-scanner, ledger", four[1], "Probe the queue"]
    assert console("measure", "overdue", "--owner", "platform").out == ""
    assert "No measure is overdue" in console("measure", "overdue", "--owner", "platform").err
    console.now = datetime(2026, 11, 25, 22, 58, tzinfo=UTC)  # the last day is over at midnight of the store's zone
    console("measure", "overdue")
    console("measure", "overdue", code=1)


def test_overdue_by_owner_and_by_service(console, four):
    added(console, four[0], "Bound the queue", "2026-11-30", "ada")
    console.now = datetime(2026, 12, 2, 7, tzinfo=UTC)
    by_owner = cells(console("measure", "overdue", "--by", "owner", code=1))
    assert [row[:3] for row in by_owner] == [["ada", "2", "7 d"]]
    assert "Probe the queue" in by_owner[0][3]
    by_service = console("measure", "overdue", "--by", "service", "--json", code=1).json
    assert [(one["name"], one["longest_days"]) for one in by_service["by_service"]] == [
        ("receipt-scanner", 7),
        ("ledger", 7),
    ]
    assert [one["overdue_days"] for one in by_service["measures"]] == [7, 2]
    assert "--by team: no such way" in console("measure", "overdue", "--by", "team", code=2).err


def test_a_service_that_nobody_knows_is_unknown(console):
    incident = opened(console, "receipt-scanner")
    added(console, incident, "Probe the queue", "2026-11-24")
    path = next(console.store.root.glob("incidents/2026/*/incident.yaml"))
    path.write_text("title: No receipts\nservices: []\ndetected_by: null\nimported: {system: statuspage, key: a}\n")
    console.now = datetime(2026, 11, 30, 7, tzinfo=UTC)
    assert cells(console("measure", "overdue", "--by", "service", code=1))[0][0] == "unknown"
    assert console("measure", "overdue", "--by", "service", "--json", code=1).json["by_service"][0]["name"] is None


def test_the_check_warns_from_the_day_and_fails_after_the_grace(console, four):
    def found(day):
        console.now = datetime(2026, day[0], day[1], 7, tzinfo=UTC)
        return [(one["code"], one["severity"]) for one in console("check", "--json", code=None).json["findings"]]

    assert found((11, 25)) == []
    assert found((11, 26)) == [("MEA008", "warning")]
    assert found((12, 9)) == [("MEA008", "warning")]
    assert found((12, 10)) == [("MEA005", "error")]


def test_one_is_shown_with_what_changed(console, four):
    measure = titles_to_ids(console)["Alert earlier"]
    out = console("measure", "show", measure[-6:]).out
    assert f"{measure[-6:]}  Alert earlier\n" in out
    assert "standing  anchored\n" in out
    assert f"incident  {four[0]}  No receipts\n" in out
    assert f"Anchored in {SLO}\n" in out
    assert "    -spec: {description: One}\n    +spec: {description: Two\n    +more}" in out
    assert "Missing" not in out


def titles_to_ids(console):
    return {one["title"]: one["id"] for one in console("measure", "list", "--json").json["measures"]}


def test_one_is_shown_with_who_drops_it_and_who_agreed(console, four):
    out = console("measure", "show", titles_to_ids(console)["Rewrite it"]).out
    assert "Dropped, Mon 2026-11-23" in out
    assert "because   It is replaced in March" in out
    assert "by noor" in out


def test_one_that_is_open_says_what_is_missing_and_the_command(console, four):
    measure = titles_to_ids(console)["Probe the queue"]
    out = console("measure", "show", measure).out
    assert "due       2026-11-25, 5 d ago" in out
    assert "Missing: an anchor, or the reason why it is not done" in out
    assert f"  svcops measure anchor {measure[-6:]} --path PATH" in out
    console("measure", "drop", measure, "--because", "Not now")
    out = console("measure", "show", measure).out
    assert "standing  open, 5 d overdue, dropping waits for approval" in out
    assert f"  svcops measure approve {measure[-6:]}" in out
    assert console("measure", "show", measure, "--quiet").out == f"{measure}\n"


def test_a_long_change_is_shortened_with_the_command_that_shows_it_whole(console, four):
    measure = titles_to_ids(console)["Name the rollback"]
    console.store.write("templates/long.j2", "".join(f"line {number}\n" for number in range(30)))
    console.store.commit("A long one")
    console("measure", "anchor", measure, "--path", "templates/long.j2")
    out = console("measure", "show", measure).out
    assert "    +line 11\n    and 18 lines more: git show " in out


def test_one_that_an_incident_names_must_be_its_only_one(console, four):
    assert "Name the measure itself" in console("measure", "show", four[0], code=2).err
    assert "there is no measure 'zzz'" in console("measure", "show", "zzz", code=2).err


def test_what_a_damaged_file_may_say_is_unknown(console, four):
    measure = titles_to_ids(console)["Probe the queue"]
    folder = console.store.root / "measures/2026" / measure
    (folder / "1-anchored.yaml").write_text("type: anchored\n")
    said = console("measure", "list", code=2)
    assert [row[1] for row in cells(said) if row[0] == measure] == ["unknown"]
    assert "left out, damaged: measures/2026/" in said.err
    assert titles(console, "--open", code=2) == ["Name the rollback"]
    assert console("measure", "overdue", code=2).out == ""
    assert "standing  unknown" in console("measure", "show", measure, code=2).out
    shown = console("measure", "show", measure, "--json", code=2).json["measure"]
    assert (shown["standing"], shown["overdue_days"]) == (None, None)
    codes = {one["code"] for one in console("check", "--json", code=1).json["findings"]}
    assert not codes & {"MEA005", "MEA008"}


def state(number, due, owner, standing):
    value = Measure(
        title="T",
        type="detect",
        incident="incident-20261123-aaaaaa",
        owner=owner,
        due=(TODAY + timedelta(days=due)).isoformat(),
        added_at=datetime(2026, 11, 1, tzinfo=UTC),
        by="ada",
    )
    name = f"measure-20261101-{number:06}"
    return MeasureState(Entry("measure", name, f"measures/2026/{name}/measure.yaml", value), (), (), None, standing)


measures = st.lists(
    st.tuples(st.integers(-30, 30), st.sampled_from("abc"), st.sampled_from(("open", "anchored", "dropped"))),
    max_size=12,
).map(lambda ones: [state(number, *one) for number, one in enumerate(ones)])


@given(measures)
def test_a_measure_is_overdue_when_it_is_open_and_its_day_is_over_and_is_counted_once_by_owner(ones):
    late = overdue(ones, TODAY)
    assert {one.id for one in late} == {
        one.id for one in ones if one.standing == "open" and one.measure.due < TODAY.isoformat()
    }
    assert [one.measure.due for one in late] == sorted(one.measure.due for one in late)
    groups = grouped(late, lambda one: [one.measure.owner], TODAY)
    assert sorted(one.id for group in groups for one in group.measures) == sorted(one.id for one in late)
    for group in groups:
        assert group.longest == max(TODAY - date.fromisoformat(one.measure.due) for one in group.measures)


@given(measures)
def test_the_order_of_a_list_is_the_same_whatever_order_they_are_read_in(ones):
    ordered = in_order(ones)
    assert ordered == in_order(list(reversed(ones)))
    assert sorted(one.id for one in ordered) == sorted(one.id for one in ones)
    standings = [one.standing == "open" for one in ordered]
    assert standings == sorted(standings, reverse=True)
