"""Blame, and what only looks like it: names, errors, one root cause. The cases of tests/rules show each finding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.postmortems.template import parsed
from svcops.postmortems.wording import findings_in
from svcops.store.graph import Graph

FRONT = '---\ntitle: T\nincidents: []\nauthor: ada\nstarted_at: "2026-11-23T10:00:00+01:00"\n---\n'
NAME = "postmortem-20261123-k7f3q2"


@pytest.fixture
def said(store):
    """What is found in a text below the front matter, as code and the words that it is about."""
    store.write("templates/postmortem.md.j2", "## Contributing factors\n")
    store.write("catalogue/people/ada.yaml", "name: Ada Example\nemails: [ada@example.org]\n")
    store.write("catalogue/people/max-specimen.yaml", "name: Max (the 2nd) Specimen+\nemails: []\n")

    def find(body):
        text = f"{FRONT}{body}"
        store.write(f"postmortems/2026/{NAME}.md", text)
        found = findings_in(Graph(store.root), NAME)
        lines = text.split("\n")
        return [
            (one.code, lines[one.span.line - 1][one.span.column - 1 : one.span.end_column - 1])
            for one in found
            if one.span
        ]

    return find


def factors(text):
    return f"\n## What happened\n\nIt broke.\n\n## Contributing factors\n\n{text}\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ada Example was tired.", "Ada Example"),
        ("ADA EXAMPLE was tired.", "ADA EXAMPLE"),
        ("Asked ada@example.org, who knew.", "ada@example.org"),
        ("As @ada said.", "@ada"),
        ("max-specimen was new.", "max-specimen"),
        ("Max (the 2nd) Specimen+ was new.", "Max (the 2nd) Specimen+"),
        ("Because of Ada the queue grew.", "Ada"),
        ("It was the fault of Max.", "Max"),
        ("Max's mistake.", "Max"),
        ("Max\u2019s failure.", "Max"),
        ("Ada didn't check.", "Ada"),
        ("Ada should have known.", "Ada"),
        ("Ada was to blame.", "Ada"),
    ],
)
def test_a_person_as_a_cause(said, text, name):
    assert said(factors(text)) == [("PMO003", name)]


@pytest.mark.parametrize(
    "text",
    [
        "The adapter caused load.",
        "Max connections were reached.",
        "The maximum failed to hold.",
        "Canada failed over.",
        "The host ada.example.org failed.",
        "`ada@example.org` stands in the alert.",
        "Nobody should have to know that.",
        "The lock failed, and the job ran twice.",
    ],
)
def test_words_that_only_look_like_a_person(said, text):
    assert said(factors(text)) == []


def test_outside_of_the_factors_a_name_alone_is_a_fact(said):
    assert said("\nAda Example rolled back.\n" + factors("A lock.")) == []
    assert said("\nAda forgot to roll back.\n" + factors("A lock.")) == [("PMO003", "Ada")]


@pytest.mark.parametrize(
    "word", ["human error", "Operator errors", "user-error", "manual mistake", "negligence", "fat-fingered"]
)
def test_an_error_as_the_end_of_the_search(said, word):
    assert said(factors(f"It was {word}, again.")) == [("PMO004", word)]


@pytest.mark.parametrize(
    "text", ["the user error rate", "user error messages", "human errors budget", "an error of the user"]
)
def test_an_error_that_is_a_measurement_or_a_message(said, text):
    assert said(factors(f"We saw {text}.")) == []


def test_one_root_cause_is_named_once(said):
    assert said("\n## Root cause\n\nThe root cause is a lock.\n") == [("PMO001", ""), ("PMO005", "Root cause")]
    assert said("\n## Root cause\n\nA lock.\n\n## Contributing factors\n\n- no lock\n") == []
    assert said("\nThe root-cause analysis went on.\n")[1:] == []


def test_a_text_of_nothing_but_front_matter_has_no_sections(said):
    assert said("") == [("PMO001", "")]


@given(st.text(max_size=300))
def test_no_text_is_too_odd(said, text):
    for code, _ in said("".join(char for char in text if char.isprintable() or char == "\n")):
        assert code.startswith("PMO00")


def test_a_question_with_values_in_it_is_known_again():
    template = parsed("{# > no question #}\n## One\n## About {{ title }}\n> Why, {{ who }}?\n>\n> {{ x }}\n")
    assert template.sections == ("One",)
    assert template.is_question("  > Why, the ledger?")
    assert not template.is_question("> Because.")
    assert not template.is_question("> Why the ledger?")
