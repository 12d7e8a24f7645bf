"""svcops maintenance: planned, begun, over or cancelled, one commit each."""

import pytest

PLAN = (
    "maintenance",
    "plan",
    "New  release",
    "--service",
    "ledger",
    "--service",
    "receipt-scanner",
    "--from",
    "2026-11-23T22:00",
    "--until",
    "2026-11-24T02:00",
    "--reason",
    "The old one is not mended any more",
)


@pytest.fixture
def planned(console):
    return console(*PLAN).id


def moved(console, text):
    """Let time pass: to a moment in UTC."""
    console.now = console.now.fromisoformat(text)


def test_planning_writes_one_record_in_one_commit(console):
    said = console(*PLAN)
    path = f"maintenance/2026/{said.id}.yaml"
    assert said.id.startswith("maintenance-20261123-")
    assert said.err.endswith("planned for 2026-11-23 22:00 until 2026-11-24 02:00 (4 h)\n")
    assert console.store.committed() == {path: "A"}
    assert console.store.log()[0] == f"Plan maintenance {said.id[-6:]}: New release"
    assert console.store.read(path) == (
        "title: New release\n"
        "services:\n"
        "  - ledger\n"
        "  - receipt-scanner\n"
        "reason: The old one is not mended any more\n"
        "planned:\n"
        '  from: "2026-11-23T22:00:00+01:00"\n'
        '  until: "2026-11-24T02:00:00+01:00"\n'
        "by: ada\n"
    )
    assert console("check").out.startswith("All good")


@pytest.mark.parametrize(
    ("flag", "value", "says"),
    [
        ("--service", "ledgr", "Did you mean ledger?"),
        ("--from", "2026-11-23T07:00", "--from 2026-11-23T07:00 is past, and this is a plan"),
        ("--from", "-5m", "--from -5m is past, and this is a plan"),
        ("--from", "2026-11-23T", "not a time"),
        ("--until", "2026-11-23T22:00", "is not after --from"),
        ("--until", "22:00", "is not after --from"),
        ("--until", "+soon", "Write +30m, 08:15"),
        ("--reason", " ", "needs a title and a reason"),
    ],
)
def test_a_plan_that_makes_no_sense_writes_nothing(console, flag, value, says):
    words = list(PLAN)
    words[words.index(flag) + 1] = value
    before = console.store.head()
    assert says in console(*words, code=2).err
    assert (console.store.head(), console.store.is_clean()) == (before, True)


@pytest.mark.parametrize(
    ("begin", "end", "planned"),
    [
        ("now", "11:30", ("2026-11-23T08:16:00+01:00", "2026-11-23T11:30:00+01:00")),
        ("08:16", "+30m", ("2026-11-23T08:16:00+01:00", "2026-11-23T08:46:00+01:00")),
        ("07:00", "08:00", ("2026-11-24T07:00:00+01:00", "2026-11-24T08:00:00+01:00")),
        ("22:00", "02:00", ("2026-11-23T22:00:00+01:00", "2026-11-24T02:00:00+01:00")),
        ("2026-12-05T22:00", "02:00", ("2026-12-05T22:00:00+01:00", "2026-12-06T02:00:00+01:00")),
        ("+30m", "+2h", ("2026-11-23T08:46:00+01:00", "2026-11-23T10:46:00+01:00")),
    ],
)
def test_a_plan_is_about_the_next_time_that_a_clock_shows(console, begin, end, planned):
    words = list(PLAN)
    words[words.index("--from") + 1], words[words.index("--until") + 1] = begin, end
    found = console(*words, "--json").json["maintenance"]["planned"]
    assert (found["from"], found["until"]) == planned


@pytest.mark.parametrize(
    ("begin", "end", "until", "long"),
    [
        ("2027-03-28T01:30", "+2h", "2027-03-28T04:30:00+02:00", "2 h"),
        ("2027-03-28T01:30", "2027-03-28T03:30", "2027-03-28T03:30:00+02:00", "1 h"),
        ("2027-10-31T01:30", "+2h", "2027-10-31T02:30:00+01:00", "2 h"),
        ("2027-10-31T02:45+02:00", "2027-10-31T02:15+01:00", "2027-10-31T02:15:00+01:00", "30 min"),
    ],
)
def test_a_plan_over_a_clock_change_is_as_long_as_it_says(console, begin, end, until, long):
    words = list(PLAN)
    words[words.index("--from") + 1], words[words.index("--until") + 1] = begin, end
    said = console(*words)
    assert said.err.endswith(f"({long})\n")
    assert console("maintenance", "show", said.id, "--json").json["maintenance"]["planned"]["until"] == until
    if end.endswith("+01:00"):
        assert "planned for 2027-10-31 02:45 +0200 until 2027-10-31 02:15 +0100" in said.err
    assert console("check").out.startswith("All good")


def test_a_plan_that_only_the_clocks_show_in_order_is_refused(console):
    words = list(PLAN)
    words[words.index("--from") + 1] = "2027-10-31T02:15+01:00"
    words[words.index("--until") + 1] = "2027-10-31T02:45+02:00"
    assert "is not after --from" in console(*words, code=2).err


def test_it_begins_and_ends_and_every_other_byte_stays(console, planned):
    path = f"maintenance/2026/{planned}.yaml"
    text = console.store.read(path).replace("services:", "services: # both")
    console.store.write(path, text)
    console.store.commit("A comment")
    moved(console, "2026-11-23T21:10:00+00:00")
    assert console("maintenance", "start", planned[-6:], "--at", "22:05").id == planned
    assert console("maintenance", "list").out.split("\t")[1:4] == ["under way", "2026-11-23 22:05", "2026-11-24 02:00"]
    console("maintenance", "end", planned[-6:], "--at", "-1m")
    assert console.store.read(path) == (
        text.removesuffix("by: ada\n")
        + 'actual:\n  from: "2026-11-23T22:05:00+01:00"\n  until: "2026-11-23T22:12:00+01:00"\nby: ada\n'
    )
    assert console("fmt", "--check").code == 0
    assert console.store.log()[:2] == [
        f"End maintenance {planned[-6:]}: New release",
        f"Start maintenance {planned[-6:]}: New release",
    ]
    assert console("maintenance", "show", planned).out == (
        f"{planned}  New release\n"
        "  status       over\n"
        "  services     ledger, receipt-scanner\n"
        "  reason       The old one is not mended any more\n"
        "  planned      2026-11-23 22:00 until 2026-11-24 02:00 (4 h)\n"
        "  actual       2026-11-23 22:05 until 2026-11-23 22:12 (7 min)\n"
        "  planned by   ada\n"
        f"  record       {path}\n"
    )


def test_a_start_long_before_the_planned_one_is_remarked_on(console):
    early, late = console(*PLAN).id, console(*PLAN).id
    assert "planned for 13 h 42 min later: if another was meant" in console("maintenance", "start", early).err
    moved(console, "2026-11-23T20:30:00+00:00")
    assert "later" not in console("maintenance", "start", late).err


def test_a_start_of_another_than_was_meant_is_taken_back_as_is_said(console):
    planned = console(*PLAN).id
    said = console("maintenance", "start", planned).err
    assert "if another was meant, svcops undo takes it back" in said
    console("undo")
    assert console("maintenance", "show", planned, "--json").json["maintenance"]["status"] == "planned"
    path = f"maintenance/2026/{planned}.yaml"
    said = console("maintenance", "start", planned, "--no-commit").err
    assert f"if another was meant, git restore {path} takes it back" in said
    console.store.git("restore", path)
    assert console("maintenance", "show", planned, "--json").json["maintenance"]["status"] == "planned"


def test_it_is_cancelled_with_a_reason(console, planned):
    console("maintenance", "cancel", planned, "--reason", "Nobody has time")
    found = console("maintenance", "show", planned, "--json").json
    assert found["schema"] == "svcops.maintenance/1"
    assert (found["maintenance"]["status"], found["maintenance"]["cancelled"]) == ("cancelled", "Nobody has time")
    assert "needs a reason" in console("maintenance", "cancel", console(*PLAN).id, "--reason", " ", code=2).err


def test_what_is_not_its_turn_is_refused(console, planned):
    said = console("maintenance", "end", planned, code=1)
    assert f"{planned} cannot be ended: it is planned" in said.err
    console("maintenance", "start", planned)
    assert "cannot be started: it is under way" in console("maintenance", "start", planned, code=1).err
    assert "cannot be cancelled" in console("maintenance", "cancel", planned, "--reason", "x", code=1).err
    assert "before it began" in console("maintenance", "end", planned, "--at", "-2h", code=2).err


def test_a_plan_that_nobody_began_is_shown_as_not_started_and_may_still_begin(console, planned):
    moved(console, "2026-11-24T08:00:00+00:00")
    assert console("maintenance", "list", "--status", "not started", "--quiet").out == f"{planned}\n"
    console("maintenance", "start", planned, "--at", "2026-11-23T22:10")


def test_the_list_is_by_time_and_of_a_service(console, planned):
    words = list(PLAN)
    words[words.index("receipt-scanner")] = "ledger"
    words[words.index("2026-11-23T22:00")] = "2026-11-23T20:00"
    sooner = console(*words).id
    assert console("maintenance", "list", "--quiet").out.split() == [sooner, planned]
    assert console("maintenance", "list", "--quiet", "--service", "receipt-scanner").out.split() == [planned]
    assert [one["id"] for one in console("maintenance", "list", "--json").json["maintenances"]] == [sooner, planned]
    assert "One of planned, under way" in console("maintenance", "list", "--status", "soon", code=2).err


def test_the_page_of_a_service_says_what_is_coming(console, planned):
    line = f"Maintenance\n  {planned}  planned, 2026-11-23 22:00 until 2026-11-24 02:00 (4 h)  New release\n"
    assert line in console("service", "show", "ledger").out
    found = console("service", "show", "ledger", "--json").json["service"]["maintenance"]
    assert [one["id"] for one in found] == [planned]
    console("maintenance", "cancel", planned, "--reason", "x")
    assert "Maintenance" not in console("service", "show", "ledger").out


def test_the_page_of_a_service_says_since_when_work_is_under_way(console, planned):
    moved(console, "2026-11-24T08:00:00+00:00")
    console("maintenance", "start", planned, "--at", "2026-11-23T22:05")
    line = f"Maintenance\n  {planned}  under way since 2026-11-23 22:05, planned until 2026-11-24 02:00  New release\n"
    assert line in console("service", "show", "ledger").out


def test_an_unknown_id_is_an_error(console, planned):
    said = console("maintenance", "show", "zzzzzz", code=2)
    assert "there is no maintenance 'zzzzzz'" in said.err
    assert "svcops maintenance list" in said.err
    console.store.write(f"maintenance/2026/{planned}.yaml", "title: [\n")
    assert "is damaged" in console("maintenance", "show", planned, code=2).err
