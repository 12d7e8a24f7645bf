"""The brief for whoever takes over: one screen, what counts first."""

from datetime import timedelta

import pytest

AGREEMENT = """\
title: Books
services: [ledger]
support_hours: always
agreed: {with: Them, at: "2026-01-26", document: "https://c.example.com/1"}
response:
  - {severity: sev1, respond: 15m, resolve: 4h}
"""


@pytest.fixture
def short(console):
    """An incident of the ledger that has an agreement."""
    console.store.write("catalogue/agreements/books.yaml", AGREEMENT)
    console.store.commit("What was agreed")
    said = console(
        "incident", "open", "Entries are refused", "--service", "ledger", "--severity", "sev1", "--detected-by", "user",
        "--started", "-20m",
    )  # fmt: skip
    return said.id[-6:]


def test_everything_that_matters_is_on_one_screen(console, short):
    console("incident", "role", short, "commander", "ada")
    console("incident", "update", short, "Entries wait; none is lost.", "--next", "30m")
    console("incident", "log", short, "Rolled back to 4.2.0")
    console("incident", "link", short, "https://tickets.example.com/4711", "The ticket")
    said = console("incident", "handover", short)
    assert said.out.splitlines() == [
        f"{short}  Entries are refused",
        "  sev1, major, remediation, declared 5 min ago",
        "  services: ledger",
        "",
        "Who",
        "  incident-commander: ada",
        "",
        "Due",
        "  resolve in 4 h: running, due Mon 11:56, in 3 h 35 min (books, every hour counts)",
        "  next update for users: Mon 2026-11-23 08:48, in 27 min",
        "",
        "Users were told",
        "  Mon 08:18  Entries wait; none is lost.",
        "",
        "Latest (Europe/Berlin)",
        "  Mon 07:56  Impact started  - ada",
        "  Mon 08:16  Declared, sev1  - ada",
        "  Mon 08:17  Incident commander: ada  - ada",
        "  Mon 08:19  Rolled back to 4.2.0  - ada",
        "",
        "Where help is",
        "  https://tickets.example.com/4711  The ticket",
        "",
        f"Next: svcops incident resolve {short}",
    ]


def test_what_is_missing_is_said(console, short):
    out = console("incident", "handover", short).out
    assert f"  incident-commander: nobody (svcops incident role {short} commander PERSON)\n" in out
    assert "Users were told\n  nothing yet\n" in out


def test_what_is_late_is_loud(console, short):
    console("incident", "update", short, "We look.", "--next", "10m")
    console.now += timedelta(minutes=30)
    out = console("incident", "handover", short).out
    (late,) = (line for line in out.splitlines() if line.startswith("  respond in 15 min: MISSED by "))
    console.now -= timedelta(minutes=1)  # as it was then
    assert late.split(": ")[1] in console("incident", "show", short).out, "the same figure, in the same words"
    assert "next update for users: Mon 2026-11-23 08:27, OVERDUE by" in out
    assert "OVERDUE by" in console("incident", "show", short).out


def test_only_the_latest_events_are_told_and_what_was_corrected_is_not(console, short):
    for number in range(12):
        console("incident", "log", short, f"Step {number}")
    names = [one["path"] for one in console("incident", "show", short, "--json").json["incident"]["timeline"]]
    console("incident", "log", short, "Step eleven", "--corrects", names[-1].rpartition("-")[2].removesuffix(".yaml"))
    told = [line for line in console("incident", "handover", short).out.splitlines() if "Step" in line]
    assert len(told) == 8
    assert "Step 11" not in told[-1]
    assert "Step eleven" in told[-1]


def test_a_text_of_many_lines_stays_on_one(console, short):
    console("incident", "log", short, "A\n\nB " + "x" * 500)
    (told,) = (line for line in console("incident", "handover", short).out.splitlines() if "A B" in line)
    assert told.count("…") == 1
    assert len(told) < 140


def test_a_program_gets_the_incident_and_what_the_brief_shows(console, short):
    console("incident", "update", short, "We look.")
    found = console("incident", "handover", short, "--json").json
    assert found["schema"] == "svcops.handover/1"
    assert found["incident"]["id"].endswith(short)
    assert found["last_update"]["text"] == "We look."
    assert found["next"] == f"svcops incident ack {short}"


def test_one_that_is_over_has_nothing_due_and_nobody_missing(console, short):
    console("incident", "cancel", short, "A test")
    out = console("incident", "handover", short).out
    assert "Due" not in out
    assert "nobody (svcops" not in out
    assert "svcops incident reopen" in out


def test_it_cannot_be_acknowledged_before_it_was_declared(console, short):
    assert "before it was declared" in console("incident", "ack", short, "--at", "-30m", code=2).err
    console("incident", "ack", short, "--at", "-1m")


@pytest.fixture
def known_error(console):
    """A known error of the ledger; its tail."""
    problem = console("problem", "open", "The journal locks up", "--service", "ledger").id[-6:]
    console("problem", "workaround", problem, "Restart the journal\nof the ledger")
    console("problem", "known-error", problem)
    return problem


def test_known_errors_of_its_services_are_help(console, short, known_error):
    told = f"Where help is\n  known error {known_error}: The journal locks up; workaround: Restart the journal of the ledger\n"
    assert told in console("incident", "handover", short).out
    shown = f"Workaround   {known_error}  The journal locks up (known error): Restart the journal of the ledger"
    assert shown in console("incident", "show", short).out.splitlines()
    console("problem", "link", known_error, short)
    assert told in console("incident", "handover", short).out
    assert console("incident", "show", short).out.splitlines().count(shown) == 1
    (found,) = console("incident", "show", short, "--json").json["incident"]["workarounds"]
    assert found["problem"].endswith(known_error)
    assert found["text"] == "Restart the journal\nof the ledger"


def test_what_was_ruled_out_for_it_is_no_help(console, short, known_error):
    console("problem", "link", known_error, short, "--not", "The disk was full")
    assert "Restart the journal" not in console("incident", "handover", short).out
    assert "Restart the journal" not in console("incident", "show", short).out
    assert console("incident", "show", short, "--json").json["incident"]["workarounds"] == []
    console("problem", "link", known_error, short)
    assert "Restart the journal" in console("incident", "handover", short).out


def test_so_is_what_helps_with_the_problems_it_is_linked_to(console, short):
    problem = console("problem", "open", "The bank is slow", "--service", "receipt-scanner").id[-6:]
    console("problem", "link", problem, short)
    assert "The bank is slow; workaround" not in console("incident", "handover", short).out, "there is none"
    console("problem", "workaround", problem, "Wait")
    told = f"  problem (investigating) {problem}: The bank is slow; workaround: Wait\n"
    assert told in console("incident", "handover", short).out
    assert f"Workaround   {problem}  The bank is slow (investigating): Wait\n" in console("incident", "show", short).out


def test_what_is_over_needs_no_help(console, short, known_error):
    console("incident", "cancel", short, "A test")
    assert "The journal locks up" not in console("incident", "handover", short).out
    assert "The journal locks up" not in console("incident", "show", short).out
    assert console("incident", "show", short, "--json").json["incident"]["workarounds"] == []


def test_of_a_duplicate_the_first_lines_say_where_it_goes_on(console, short):
    other = console(
        "incident", "open", "The same", "--service", "ledger", "--severity", "sev1", "--detected-by", "user"
    ).id
    console("incident", "merge", short, "--into", other)
    assert console("incident", "handover", short).out.splitlines()[1].endswith(f"operations, merged into {other[-6:]}")


def test_of_what_is_resolved_it_says_since_when(console, short):
    console("incident", "resolve", short, "Rolled back")
    assert (
        console("incident", "handover", short).out.splitlines()[1] == "  sev1, major, post-mortem, resolved 1 min ago"
    )


def test_what_a_damaged_agreement_promises_is_unknown(console, short):
    console.store.write("catalogue/agreements/books.yaml", AGREEMENT + "bad: [\n")
    told = "what was agreed is unknown: catalogue/agreements/books.yaml cannot be read"
    shown = console("incident", "show", short, code=None).out
    assert f"Agreed\n  {told}\n" in shown
    assert "nothing agreed" not in shown
    assert f"Due\n  {told}\n" in console("incident", "handover", short, code=None).out
