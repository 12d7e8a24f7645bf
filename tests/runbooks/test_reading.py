"""What is read in texts is held with their content, and is never that of another text."""

from pathlib import Path

import pytest

from svcops.runbooks.facts import reading
from svcops.runbooks.reading import plain_of, reading_of
from svcops.store.graph import Graph

FRONT = "---\ntitle: R\nkind: operation\nservices: [ledger]\n---\n"
TEXT = f"{FRONT}## Steps\n[a](b.md) TODO\n1. Do\n\n   ```sh\n   run\n   ```\n"


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "store" / "runbooks" / "ledger" / "late.md"
    path.parent.mkdir(parents=True)
    (tmp_path / "store" / "svcops.yaml").write_text("")
    path.write_text(TEXT)
    return path


def read(book):
    """In a call of its own, with the cache of the calls before it."""
    store = book.parents[2]
    graph = Graph(store, store.parent / "cache")
    return reading(graph, graph.all("runbook")["ledger/late"])


def test_what_is_held_is_what_was_read():
    found = reading_of(plain_of(TEXT.encode()))
    assert [one.title for one in found.outline.headings] == ["Steps"]
    assert [(one.to, one.span.line, one.span.column) for one in found.outline.links] == [("b.md", 7, 5)]
    assert [(one.step, one.line) for one in found.gaps.mute] == [("steps-1", 8)]
    assert [(one.text, one.span.line, one.span.end_column) for one in found.placeholders] == [("TODO", 7, 15)]


def test_a_warm_call_reads_no_text(book, monkeypatch):
    cold = read(book)
    monkeypatch.setattr("svcops.runbooks.reading.plain_of", None)
    assert read(book) == cold


def test_a_text_that_was_changed_is_read_again(book):
    read(book)
    book.write_text(TEXT.replace("TODO", "FIXME").replace("## Steps", "## Impact"))
    found = read(book)
    assert (found.placeholders[0].text, found.outline.headings[0].title) == ("FIXME", "Impact")


def test_a_runbook_that_was_renamed_is_that_of_its_path(book):
    read(book)
    other = book.with_name("other.md")
    book.rename(other)
    book.write_text(f"{FRONT}## Impact\n")
    assert [one.title for one in read(book).outline.headings] == ["Impact"]


def test_damaged_text_and_no_front_matter_are_read_as_no_text():
    assert reading_of(plain_of(b"\xff# A\n")).outline.headings == ()


def test_all_code_that_says_what_is_read_is_known_to_the_version_of_the_cache():
    from svcops.store.cache_version import _OF_TEXTS

    room = Path(__file__).parents[2] / "src" / "svcops" / "runbooks"
    used = {"reading.py"}
    while (
        new := {
            f"{name}.py"
            for file in used
            for name in (
                "blocks",
                "gaps",
                "markdown",
                "outline",
                "scanning",
                "structure",
                "step_settings",
                "unfinished",
                "sections",
            )
            if f"from svcops.runbooks.{name} import" in (room / file).read_text()
        }
        - used
    ):
        used |= new
    assert used == set(_OF_TEXTS)
