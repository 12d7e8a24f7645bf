"""Steps that do not say what is expected, commands of no step, and steps that are called the same."""

from pathlib import Path

import pytest

from svcops.runbooks.gaps import gaps_of
from svcops.runbooks.markdown import structure_of

OWN = sorted((Path(__file__).parents[2] / "runbooks").rglob("*.md"))


def gaps(text):
    found = gaps_of(structure_of(text))
    return [*((one.step, one.line) for one in found.mute), *found.loose]


@pytest.mark.parametrize("path", OWN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_runbooks_of_the_landscape_say_what_is_expected_of_every_command(path):
    text = path.read_text().split("---\n", 2)[2]
    assert gaps(text) == []
    assert gaps(text.replace("Expected:", "Hoped for:")) != []


def test_steps_of_two_sections_of_one_title_are_called_the_same():
    text = "## Steps\n\n1. a\n2. b\n\n## Impact\n\n## *Steps*\n\n1. c\n2. d\n"
    assert [(one.step, one.line) for one in gaps_of(structure_of(text)).twice] == [("steps-1", 10)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("## A\n1. Do\n   ```sh\n   run\n   ```\n   Expected: so\n2. b\n", []),
        ("## A\n1. Do\n   Expected: so\n\n   ```sh\n   run\n   ```\n", []),
        ("## A\n1. Do\n```sh\nrun\n```\n2. b\n   ```sh\n   run\n   ```\n", [("a-1", 2), ("a-2", 6)]),
        ("## A\n1. Do\n\n```sh\nrun\n```\n\nExpected: so\n\n2. b\n\n```sh\nrun\n```\n", [("a-2", 10)]),
        ("## A\n```sh\nrun\n```\n1. Do\n\nWhat else:\n\n```sh\nrun\n```\n", [2, 9]),
        ("## A\n- x\n\n1. Do\n```sh\nrun\n```\n", [("a-1", 4)]),
        ("## A\n```sh\nrun\n```\n## B\n1. Do\n", [2]),
        ("## Impact\n```sh\nrun\n```\n## B\n1. Do\n", []),
        ("# T\n```sh\nrun\n```\n## B\n1. Do\n", [2]),
        ("## B\n<!--\n1. Old\n   ```sh\n   run\n   ```\n-->\n1. Do\n   ```sh\n   run\n   ```\n", [("b-1", 8)]),
        ("## B\n1. Do\n   ```sh\n   run <!-- x\n   ```\n   <!-- Expected: so -->\n2. b\n", [("b-1", 2)]),
        ("## B\n1. Do\n   <!-- no\n\n2. b\n   ```sh\n   run\n   ```\n", [("b-2", 5)]),
        ("## A\n```sh\nrun\n```\n## Escalation\n1. Do\n", []),
        ("## A\n### By heading\n```sh\nrun\n```\n1. Do\n", [3]),
        ("## A\n- x\n  1. Do\n\n```sh\nrun\n```\n", [5]),
        ("## A\n- x\n  1. Do\n\n     ```sh\n     run\n     ```\n", [("a-1", 3)]),
        ("1. Do\n   ```sh\n   run\n   ```\n## A\n", []),
        ("## A\n1. Do\n   ```sh\n   run\n   ``\n\nafter\n2. b\n", [("a-1", 2)]),
        ("## The `x` of *y*\n1. Do\n   ```sh\n   run\n   ```\n", [("the-x-of-y-1", 2)]),
        ("## A\n1. Do\n   ```sh\n   run\n   ```\n\n   Expected:\n   so\n", []),
        ("## A\n1. Do\n```sh\nrun\n```\nExpected: so\n2. b\n```sh\nrun\n```\n", [("a-2", 7)]),
        ("## A\n- x\n2. b\n```sh\nrun\n```\n", [("a-1", 3)]),
        ("## A\nYear\n2. b\n```sh\nrun\n```\n1. c\n", [4]),
    ],
)
def test_a_step_is_what_common_mark_makes_of_it(text, found):
    assert gaps(text) == found
