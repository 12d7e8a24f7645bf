"""The text of a runbook as the check reads it: the same sections as the parser finds, links with their places, anchors."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.runbooks.markdown import structure_of
from svcops.runbooks.outline import key_of, outline_of

OWN = sorted((Path(__file__).parents[2] / "runbooks").rglob("*.md"))


def links(text):
    return [(one.to, one.span.line, one.span.column) for one in outline_of(text).links]


@pytest.mark.parametrize("path", OWN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_it_finds_the_sections_and_links_that_the_parser_finds(path):
    text = path.read_text().split("---\n", 2)[2]
    quick, whole = outline_of(text), structure_of(text)
    assert [key_of(one.title) for one in quick.sections] == [key_of(one.title) for one in whole.sections]
    assert [one.to for one in quick.links] == [one.to for one in whole.links]


_LINES = st.sampled_from(["## A", "### B", "# C", "```", "~~~", "text", "", "1. Do", "[a](b.md)", "## D ##", "````"])


@given(st.lists(_LINES, max_size=12))
def test_whatever_the_lines_it_finds_the_sections_that_the_parser_finds(lines):
    text = "\n".join(lines)
    quick, whole = outline_of(text), structure_of(text)
    assert [(one.title, one.line) for one in quick.sections] == [(one.title, one.line) for one in whole.sections]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a [b](c.md) d", [("c.md", 1, 7)]),
        ("[b](<c d.md>)", [("c d.md", 1, 5)]),
        ('![p](p.png "Title") [q](q_(1).md)', [("p.png", 1, 6), ("q_(1).md", 1, 25)]),
        ("[![in](i.svg)](o.md)", [("o.md", 1, 16)]),
        ("\n [r]: r.md", [("r.md", 2, 7)]),
        ("<https://a.b> [c](<d>) <br>", [("https://a.b", 1, 2), ("d", 1, 19)]),
        ("`[no](c.md)` [yes](d.md)", [("d.md", 1, 20)]),
        ("```\n[no](c.md)\n```\n", []),
        ("   - x\n\n     ```sh\n     [no](c.md)\n     ```\n", []),
    ],
)
def test_links_are_found_where_they_stand(text, found):
    assert links(text) == found


def test_headings_are_led_to_as_git_hosts_do_it():
    text = '# The *queue* is `full`!\n## A & B\n## A & B\n<a name="here"></a>\n'
    assert outline_of(text).anchors == {"the-queue-is-full", "a--b", "a--b-1", "here"}


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("Meaning\n-------\ntext\n\nThe top\n===\n", ["Meaning"]),
        ("text\n\n---\n\n- a\n---\n\n> b\n---\n", []),
        ("```\nMeaning\n---\n```\n## A\n---\n", ["A"]),
    ],
)
def test_headings_may_be_underlined(text, titles):
    assert [one.title for one in outline_of(text).sections] == titles
    assert [one.title for one in structure_of(text).sections] == titles
