"""The page of every rule tells the truth: its bad example has that finding and no other, its good example has none."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from svcops.checking.engine import check
from svcops.checking.registry import codes, page, rule
from svcops.store.graph import Graph
from svcops.store.layout import KINDS

NOW = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
SECTIONS = ["Bad", "Good", "What to do"]

NOT_TEXT: dict[str, dict[str, Any]] = {
    "FILE001": {"catalogue/services/payroll.yaml": [{"hex": "7469746c653a204cf6686e65"}]},
    "FILE002": {"runbooks/ledger/restore.md": {"repeat": "a line of a log\n", "times": 138394}},
    "FILE003": {"catalogue/services/payroll.yaml": {"link": "../../../outside/secret.yaml"}},
    "FILE005": {"catalogue/services/payroll.yaml": {"pipe": True}},
    "FILE007": {"runbooks/ledger/README.md": "Text\n", "runbooks/books": {"link": "ledger"}},
}
"""What a page says in words because a fenced text cannot show it: bytes, sizes, links and pipes."""

UNCONNECTED = {"SCH006", "ESC004", "RBK002"}
"""Notes on what nothing leads to, as in most examples of other rules."""
IN_GIT = {"MRG001", "HIS001", "EVD015"}
"""Codes of what only git shows: `tests/checking/test_since.py`, `tests/recovery/test_evidence_attacks.py`."""

Build = Callable[[dict[str, Any]], Path]


def examples(code: str, section: str) -> dict[str, str]:
    """The fenced texts of a section whose info string names a file: `yaml catalogue/services/payroll.yaml`."""
    found, heading = {}, ""
    tokens = MarkdownIt().parse(page(code))
    for number, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            heading = tokens[number + 1].content
        path = token.info.partition(" ")[2].strip()
        if token.type == "fence" and heading == section and path:
            found[path] = token.content
    return found


def codes_found(root: Path) -> set[str]:
    return {finding.code for finding in check(Graph(root), NOW).findings}


@pytest.mark.parametrize("code", codes())
def test_bad_example_is_found(code: str, store_of: Build) -> None:
    if code in IN_GIT:
        return
    files = NOT_TEXT.get(code) or examples(code, "Bad")
    assert files, "an example of what is bad, in a fence that names its file"
    assert codes_found(store_of(files)) - (UNCONNECTED - {code}) == {code}


@pytest.mark.parametrize("code", codes())
def test_good_example_is_clean(code: str, store_of: Build) -> None:
    files = examples(code, "Good")
    assert files, "an example of what is good, in a fence that names its file"
    assert codes_found(store_of(files)) - (UNCONNECTED - {code}) == set()


@pytest.mark.parametrize("code", codes())
def test_page_has_its_parts(code: str) -> None:
    lines = page(code).splitlines()
    assert re.fullmatch(rf"# {code}: [a-z].*[^.]", lines[0])
    prose = re.sub(r"^```.*?^```", "", page(code), flags=re.MULTILINE | re.DOTALL)
    assert re.findall(r"^## (.*)$", prose, re.MULTILINE) == SECTIONS
    assert lines[1] == ""
    assert lines[2][0].isupper() or lines[2][0] == "`"
    assert max(map(len, lines)) <= 140


@pytest.mark.parametrize("code", codes())
def test_title_completes_a_sentence(code: str) -> None:
    title = rule(code).title
    assert title
    assert title[0].islower()
    assert not title.endswith(".")


def test_what_is_said_in_words_has_no_example() -> None:
    for code in NOT_TEXT:
        assert not examples(code, "Bad"), f"{code} can be shown, so it needs no entry here"


def test_layout_is_explained_in_full() -> None:
    """`svcops explain FILE004` is where the help of a stray file sends people."""
    text = page("FILE004")
    assert [kind.pattern for kind in KINDS if kind.pattern not in text] == []
