"""The text of a runbook as sections and steps: what is run, what is expected, and where it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.runbooks.markdown import structure_of
from svcops.runbooks.sections import role_of

BOOK = """\
A word before all sections.

## Meaning

Postings are late. See [the ledger](../../catalogue/services/ledger.yaml).

## Mitigation

1. **The queue is full.** Empty it.

   ```sh
   queue drain ledger
   queue length ledger
   ```

   Expected: `0`, within a minute.

   ```yaml step
   timeout: 1m
   ```

2. Tell the office by telephone.

   1. First the one on duty.
   2. Then the other.

## After the run

### Look at the log

```console
$ tail ledger.log
```

```bash
tail -n 1 ledger.log
```

### Tell them that it is over

By telephone.
"""


def test_a_step_is_a_numbered_item_or_a_heading_beside_others_or_with_code_below_it():
    found = structure_of(BOOK)
    assert [one.title for one in found.sections] == ["Meaning", "Mitigation", "After the run"]
    assert [(one.name, one.title, one.line) for one in found.steps] == [
        ("mitigation-1", "The queue is full.", 9),
        ("mitigation-2", "Tell the office by telephone.", 22),
        ("after-the-run-1", "Look at the log", 29),
        ("after-the-run-2", "Tell them that it is over", 39),
    ]


def test_what_is_run_is_code_of_a_shell_and_every_other_code_is_shown():
    drain, tell, look, _ = structure_of(BOOK).steps
    (command,) = drain.commands
    assert (command.text, command.line) == ("queue drain ledger\nqueue length ledger\n", 12)
    assert tell.commands == ()
    assert [(one.language, one.runs) for one in look.codes] == [("console", False), ("bash", True)]


def test_what_is_expected_is_said_to_a_person_and_settings_to_a_program():
    drain, tell, *_ = structure_of(BOOK).steps
    assert drain.expected == "`0`, within a minute."
    assert (drain.settings.text, drain.settings.line) == ("timeout: 1m\n", 19)
    assert (tell.expected, tell.settings) == ("", None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. Do it.\n\n   **Expected:** below 90 %.\n", "below 90 %."),
        ("1. Do it.\n\n   *Expected result*: all of it\n", "all of it"),
        ("1. Do it.\n\n   **Expected: below 90 %.**\n", "below 90 %."),
        ("1. Restart the agent. Expected: it is active.\n", "it is active."),
        ("1. Do it:\n   Expected: 71 %\n", "71 %"),
        ("1. Do it.\n\n   Expected output:\n\n   ```console\n   all well\n   ```\n", "all well"),
        ("1. Do it.\n\n   Expected: one of\n\n   - this\n   - that\n", "one of\n- this\n- that"),
        ("1. Do it:\n```sh\nrun\n```\nExpected: one of\n\n- this\n- that\n", "one of\n- this\n- that"),
        ("1. Do it:\n```sh\nrun\n```\n**Expected:** so\n```yaml step\nexit: 0\n```\n", "so"),
        ("### Do it\n\nExpected: so\n", "so"),
        ("1. Do it.\n\n   Expected:\n\n   ```sh\n   run\n   ```\n", ""),
        ("1. Do it as expected: well.\n", ""),
        ("1. Do the unExpected: it is well.\n", ""),
    ],
)
def test_what_is_expected_is_found_however_people_write_it(text, expected):
    found = structure_of(f"## Steps\n\n{text}")
    [step] = found.steps
    assert step.expected == expected
    assert found.stray == ()


def test_a_heading_without_code_is_a_step_where_it_says_what_is_expected_or_stands_beside_others():
    freeze, run, bank = "### Freeze\n\nPress it.\n\n", "### Run\n\n```sh\nrun\n```\n\n", "### Bank\n\nExpected: so\n\n"
    numbered = "### Numbered\n\n1. One.\n\n"
    titles = lambda text: [one.title for one in structure_of(f"## Steps\n\n{text}").steps]  # noqa: E731
    assert titles(freeze + run + bank) == ["Freeze", "Run", "Bank"]
    assert titles(freeze + bank) == ["Bank"], "a heading for those who read"
    assert titles(freeze + numbered) == ["One."]
    assert titles("### Empty\n\n" + run) == ["Run"]


def test_what_stands_between_steps_is_shown_with_the_one_below_it():
    text = "## Steps\n\n> **Note:** mind it.\n\n1. One.\n2. Two.\n\n| a | b |\n|---|---|\n\n### More\n\n1. Three.\n"
    assert [one.before for one in structure_of(text, 7).steps] == [
        "> **Note:** mind it.",
        "",
        "| a | b |\n|---|---|\n\n### More",
    ]
    assert [one.before for one in structure_of("Steps\n---\nFirst\n\n1. One.\n").steps] == ["First"]


def test_what_stands_behind_the_last_step_of_a_section_is_shown_before_the_next_or_at_the_end():
    text = "## Steps\n\n1. One.\n\nWait.\n\n## Notes\n\nMind it.\n\n## Impact\n\nBad.\n\n## Verification\n\n1. Two.\n\nDone.\n"
    back = "\n## Rollback\n\nQuickly:\n\n1. Back.\n\nSlowly.\n"
    found = structure_of(text + back)
    assert [one.before for one in found.steps] == ["", "Wait.\n\n## Notes\n\nMind it.", "Quickly:"]
    assert found.rest == "Done."


def test_a_section_in_which_something_is_done_is_one_step_where_it_has_none():
    text = (
        "## Meaning\n\nIt is.\n\n## Mitigation\n\n- Drain *it*. Now.\n- Start it.\n\n```sh\nrun\n```\n\n## Rollback\n"
    )
    [step] = structure_of(text).steps
    assert (step.name, step.title, step.commands, step.is_whole) == ("mitigation-1", "Drain *it*.", (), True)
    assert step.text == "- Drain *it*. Now.\n- Start it.\n\n```sh\nrun\n```"


def test_the_text_of_a_step_is_markdown_without_its_number():
    _, tell, *_ = structure_of(BOOK).steps
    assert tell.text == "Tell the office by telephone.\n\n1. First the one on duty.\n2. Then the other."


def test_ten_steps_and_more_have_their_commands():
    book = "## Steps\n\n" + "".join(f"{number}. Do it.\n\n    ```sh\n    true\n    ```\n\n" for number in range(8, 13))
    assert [len(one.commands) for one in structure_of(book).steps] == [1] * 5


def test_links_have_their_lines():
    assert [(one.to, one.line) for one in structure_of(BOOK, 10).links] == [
        ("../../catalogue/services/ledger.yaml", 14)
    ]


@pytest.mark.parametrize("book", ["", "Words.\n", "# Title\n\n1. Do it.\n"])
def test_a_text_without_sections_has_none(book):
    assert structure_of(book).sections == ()


def test_an_empty_section_says_so():
    meaning, impact = structure_of("## Meaning\n\n## Impact\n\nAll.\n").sections
    assert (meaning.is_empty, impact.is_empty) == (True, False)


@given(st.text(st.sampled_from("#123.)` \n\tabsh-*>[]()~"), max_size=200))
def test_any_text_can_be_read_and_every_step_begins_where_it_says(text):
    lines = text.split("\n")
    for step in structure_of(text).steps:
        assert 1 <= step.line <= len(lines)
        assert step.number >= 1


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("Rollback", "rollback"),
        ("Rollback plan", "rollback"),
        ("Roll back (if it fails)", "rollback"),
        ("How to roll back", "rollback"),
        ("Steps to roll back", "rollback"),
        ("Escalation path", "escalation"),
        ("Mitigation", "mitigation"),
        ("Impact and mitigation", "impact-and-mitigation"),
        ("Mitigation and rollback", "mitigation-and-rollback"),
        ("Rollbacks", "rollbacks"),
        ("Next steps", "next-steps"),
        ("Notes", "notes"),
    ],
)
def test_what_a_section_is_for_is_said_by_its_title_and_never_guessed_of_two(title, role):
    assert role_of(title) == role
