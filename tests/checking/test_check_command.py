"""`svcops check --fix`, `--diff` and `--fail-on`, as they are typed."""

from typing import Any

import pytest

LEDGER = "catalogue/services/ledger.yaml"
DAMAGED = (
    "# The books.\ntitle: Ledger\nowner: Platform   # who answers\ntier: '1'\ndependencies: [{service: nothing}]\n"
)
MENDED = "# The books.\ntitle: Ledger\nowner: platform   # who answers\ntier: 1\ndependencies: [{service: nothing}]\n"


@pytest.fixture
def damaged(console: Any) -> Any:
    """Two errors that can be mended for certain, and one that a person has to think about."""
    console.store.write(LEDGER, DAMAGED)
    return console.store


def test_fix_mends_what_is_certain_and_leaves_the_rest_to_a_person(console: Any, damaged: Any) -> None:
    head = damaged.head()
    said = console("check", "--fix", code=1)
    assert damaged.read(LEDGER) == MENDED
    assert f"mended 2 findings in {LEDGER}" in said.err
    assert "not committed: git diff shows what changed" in said.err
    assert "names no service of this store: nothing" in said.out
    assert "1 error" in said.out
    assert damaged.head() == head


def test_fix_takes_nobody_elses_work_into_a_commit_or_the_index(console: Any, damaged: Any) -> None:
    damaged.git("add", LEDGER)
    staged = damaged.staged()
    console("check", "--fix", code=1)
    assert damaged.staged() == staged
    assert damaged.leftovers() == []


def test_fix_a_second_time_changes_nothing(console: Any, damaged: Any) -> None:
    console("check", "--fix", code=1)
    said = console("check", "--fix", code=1)
    assert "mended" not in said.err
    assert damaged.read(LEDGER) == MENDED


def test_diff_only_shows_it_and_applies_as_a_patch(console: Any, damaged: Any) -> None:
    said = console("check", "--diff", code=1)
    assert damaged.read(LEDGER) == DAMAGED
    damaged.git("apply", "-", stdin=said.out)
    assert damaged.read(LEDGER) == MENDED


def test_diff_for_a_program(console: Any, damaged: Any) -> None:
    found = console("check", "--diff", "--json", code=1).json
    assert (found["schema"], found["fixable"]) == ("svcops.diff/1", 2)
    assert found["diff"] == console("check", "--diff", code=1).out
    assert "--diff shows a diff, not sarif" in console("check", "--diff", "--format", "sarif", code=2).err


def test_diff_with_nothing_to_mend(console: Any) -> None:
    said = console("check", "--diff")
    assert said.out == ""
    assert said.err == "nothing can be fixed\n"


def test_fix_leaves_alone_what_the_baseline_lists(console: Any, damaged: Any) -> None:
    damaged.commit("As it is")
    console("check", "--write-baseline")
    console("check", "--baseline", "--fix")
    assert damaged.read(LEDGER) == DAMAGED


@pytest.mark.parametrize("flag", ["--fix", "--diff"])
def test_a_merge_that_does_not_exist_cannot_be_mended(console: Any, damaged: Any, flag: str) -> None:
    assert "--since looks at a merge" in console("check", "--since", "HEAD", flag, code=2).err
    assert damaged.read(LEDGER) == DAMAGED


def test_two_formats_at_once_are_refused(console: Any) -> None:
    assert "--json and --format sarif: which of the two?" in console("check", "--json", "--format", "sarif", code=2).err
    assert console("check", "--json", "--format", "json").json["schema"] == "svcops.findings/1"


def test_fail_on_says_what_the_answer_no_is(console: Any) -> None:
    console.store.write("catalogue/teams/silent.yaml", "title: Silent\nmembers: [ada]\n")
    console.store.write(LEDGER, "title: Ledger\nowner: silent\ntier: 1\n")
    assert "1 warning" in console("check").out
    console("check", "--fail-on", "error")
    console("check", "--fail-on", "warning", code=1)
    assert "error or warning" in console("check", "--fail-on", "note", code=2).err
