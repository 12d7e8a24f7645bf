"""svcops runbook new, list, show."""

import re

import pytest

from svcops.runbooks.presenting import painted

BOOK = """\
---
title: Postings are late
kind: operation
services: [ledger]
alerts: [PostingLate]
preconditions: [Somebody told accounting.]
estimated: 20m
---

## Meaning

Late.

## Impact

Old figures.

## Diagnosis

1. Look.

   ```sh
   queue length
   ```

   Expected: `0`.

## Mitigation

1. Empty it.
"""
EXERCISE = """\
runbook: ledger/late
started_at: "2026-11-01T10:00:00Z"
ended_at: "2026-11-01T10:30:00Z"
by: ada
result: {result}
"""


@pytest.fixture
def book(console):
    console.store.write("runbooks/ledger/late.md", BOOK)
    return console


def exercised(console, day, result):
    text = EXERCISE.format(result=result).replace("2026-11-01", f"2026-{day}")
    name = f"exercise-2026{day.replace('-', '')}-aaaaaa"
    console.store.write(f"exercises/2026/{name}/exercise.yaml", text)


def test_a_list_says_when_each_was_last_exercised_and_what_failed_since(book):
    assert book("runbook", "list", "--service", "ledger").out.splitlines() == [
        "ledger/late\toperation\tnever\tplatform\tPostings are late",
    ]
    exercised(book, "11-01", "passed")
    exercised(book, "11-05", "failed")
    assert "\tfailed 2026-11-05, passed 2026-11-01, stale\t" in book("runbook", "list", "--service", "ledger").out


def test_a_list_marks_what_passed_too_long_ago(book):
    exercised(book, "02-01", "passed")
    assert "\tpassed 2026-02-01, stale\t" in book("runbook", "list", "--service", "ledger").out


def test_what_failed_after_it_passed_is_stale_and_what_passed_is_not(book):
    assert book("runbook", "list", "--service", "ledger", "--stale", "--quiet").out == "ledger/late\n"
    exercised(book, "11-01", "passed")
    assert book("runbook", "list", "--service", "ledger", "--stale", "--quiet").out == ""
    exercised(book, "11-05", "failed")
    assert book("runbook", "list", "--service", "ledger", "--stale", "--quiet").out == "ledger/late\n"


def test_an_alert_leads_to_its_runbook(book):
    assert book("runbook", "list", "--alert", "PostingLate", "--quiet").out == "ledger/late\n"
    assert book("runbook", "list", "--alert", "Other", "--quiet").out == ""


def test_a_page_has_what_is_known_and_then_the_text(book):
    shown = book("runbook", "show", "late").out
    assert shown.startswith("ledger/late  Postings are late\n  kind         operation\n")
    assert "  answers      PostingLate\n  takes        20 min\n  exercised    never\n" in shown
    assert "\n  before       Somebody told accounting.\n" in shown
    assert shown.rstrip().endswith("1. Empty it.")


def test_colours_change_no_character_of_a_page_and_fold_no_command():
    command = "queue drain --all " + "--verbose " * 30
    page = f"ledger/late  Late\n\n## Steps\n\n1. Do\n\n   ```sh\n   {command}\n   ```\n\n   Expected: `0`.\n"
    shown = painted(page)
    assert re.sub(r"\x1b\[\d+m", "", shown) == page
    assert "\x1b[1m## Steps\x1b[0m" in shown
    assert f"\x1b[36m   {command}\x1b[0m" in shown
    assert "   \x1b[32mExpected:\x1b[0m `0`." in shown


def test_programs_get_sections_and_steps(book):
    found = book("runbook", "show", "ledger/late", "--json").json["runbook"]
    assert [one["title"] for one in found["sections"]] == ["Meaning", "Impact", "Diagnosis", "Mitigation"]
    assert [(one["step"], one["commands"], one["expected"], one["line"]) for one in found["steps"]] == [
        ("diagnosis-1", ["queue length\n"], "`0`.", 20),
        ("mitigation-1", [], None, 30),
    ]
    assert [one["needs"] for one in found["steps"]] == ["person", "person"], "nothing says what a program may expect"
    assert (found["last_exercised"], found["stale"]) == (None, "ledger/late never passed")


def test_a_new_one_has_the_sections_of_its_kind(console):
    assert console("runbook", "new", "ledger/restore", "--title", "Restore it", "--kind", "recovery").out == (
        "ledger/restore\n"
    )
    text = console.store.read("runbooks/ledger/restore.md")
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == [
        "Meaning",
        "Preconditions",
        "Steps",
        "Verification",
        "Escalation",
    ]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("new", "restore", "--title", "T"), "restore: not SERVICE/NAME"),
        (("new", "ledger/A b", "--title", "T"), "ledger/A b: not SERVICE/NAME"),
        (("new", "lodger/a", "--title", "T"), "there is no service 'lodger'"),
        (("new", "ledger/late", "--title", "T"), "there is a runbook ledger/late already"),
        (("new", "ledger/a", "--title", "T", "--kind", "other"), "--kind other: no such kind"),
        (("show", "ledger/lat"), "there is no runbook 'ledger/lat'"),
    ],
)
def test_what_is_wrong_is_told(book, words, why):
    assert why in book("runbook", *words, code=2).err


def test_what_is_stale_is_told_once_by_the_rule_or_by_the_profile(book):
    exercised(book, "02-01", "passed")

    def told():
        findings = book("check", "--json", code=None).json["findings"]
        of = [one for one in findings if "ledger/late last passed on 2026-02-01" in one["message"]]
        return [one["code"] for one in of]

    settings = book.store.read("svcops.yaml")
    assert told() == ["RBK007"]
    text = settings.replace("profile: operated", "profile: provable")
    book.store.write("svcops.yaml", text if text != settings else f"{settings}profile: provable\n")
    assert "RBK007" not in told()


def test_what_a_new_one_still_has_to_answer_is_found_by_the_check(console):
    console("runbook", "new", "ledger/restore", "--title", "Restore it", "--kind", "recovery")
    findings = console("check", "--json", code=None).json["findings"]
    found = {one["code"] for one in findings if one["path"] == "runbooks/ledger/restore.md"}
    assert found == {"RBK005"}
