"""Steps that do not say what is expected: the check finds those that the parser finds, under the same names."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.tries import tries

from svcops.runbooks.expecting import gaps_of
from svcops.runbooks.structure import structure_of

OWN = sorted((Path(__file__).parents[2] / "runbooks").rglob("*.md"))


def quick(text):
    found = gaps_of(text)
    return [*((one.step, one.line) for one in found.mute), *found.loose]


def whole(text):
    found = structure_of(text)
    mute = [(one.name, one.line) for one in found.steps if one.commands and not (one.expected or one.settings)]
    return [*mute, *(code.line - 1 for code in found.loose)]


@pytest.mark.parametrize("path", OWN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_runbooks_of_the_landscape_say_what_is_expected_of_every_command(path):
    text = path.read_text().split("---\n", 2)[2]
    assert quick(text) == whole(text) == []
    without = text.replace("Expected:", "Hoped for:")
    assert quick(without) == whole(without) != []


_BLOCKS = [
    "## Steps",
    "## Check it ##",
    "### By heading",
    "#### Lower",
    "1. Do",
    "2. Then",
    "text",
    "- point",
    "   more of it",
    "   ```sh\n   run\n   ```",
    "```sh\nrun\n```",
    "```yaml step\nexit: 1\n```",
    "```console\n$ run\n```",
    "   ```yaml step\n   exit: 1\n   ```",
    "   Expected: `0`",
    "Expected: `0`",
    "   Expected:",
    "   1. inner",
    "   - Expected result: x",
]
_APART = ["Verify\n------", "Top\n===", "10) ```bash\n    run\n    ```"]
"""Below a line of text they would be part of its paragraph, as nobody writes them."""
_SETS = st.one_of(
    st.tuples(st.sampled_from(["\n", "\n\n"]), st.sampled_from(_BLOCKS)),
    st.tuples(st.just("\n\n"), st.sampled_from(_APART)),
)


@tries(300)
@given(st.lists(_SETS, max_size=12))
@example([("\n\n", one) for one in ("## Steps", "1. Do", "   ```sh\n   run\n``", "2. Then")])
def test_whatever_the_blocks_it_finds_the_steps_that_the_parser_finds(blocks):
    text = "## A" + "".join(gap + block for gap, block in blocks)
    assert quick(text) == whole(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("## A\n1. Do\n   ```sh\n   run\n   ```\n   Expected: so\n2. b\n", []),
        ("## A\n1. Do\n   Expected: so\n\n   ```sh\n   run\n   ```\n", [("a-1", 2)]),
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
    assert quick(text) == whole(text) == found
