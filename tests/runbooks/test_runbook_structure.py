"""The text of a runbook as sections and steps: what is run, what is expected, and where it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.runbooks.structure import structure_of

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

### For later

A word, and no step.
"""


def test_a_step_is_a_numbered_item_or_a_heading_with_code_below_it():
    found = structure_of(BOOK)
    assert [one.title for one in found.sections] == ["Meaning", "Mitigation", "After the run"]
    assert [(one.name, one.title, one.line) for one in found.steps] == [
        ("mitigation-1", "The queue is full.", 9),
        ("mitigation-2", "Tell the office by telephone.", 22),
        ("after-the-run-1", "Look at the log", 29),
    ]


def test_what_is_run_is_code_of_a_shell_and_every_other_code_is_shown():
    drain, tell, look = structure_of(BOOK).steps
    (command,) = drain.commands
    assert (command.text, command.line) == ("queue drain ledger\nqueue length ledger\n", 12)
    assert tell.commands == ()
    assert [(one.language, one.runs) for one in look.codes] == [("console", False), ("bash", True)]


def test_what_is_expected_is_said_to_a_person_and_settings_to_a_program():
    drain, tell, _ = structure_of(BOOK).steps
    assert drain.expected == "`0`, within a minute."
    assert (drain.settings.text, drain.settings.line) == ("timeout: 1m\n", 19)
    assert (tell.expected, tell.settings) == ("", None)


def test_the_text_of_a_step_is_markdown_without_its_number():
    _, tell, _ = structure_of(BOOK).steps
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
