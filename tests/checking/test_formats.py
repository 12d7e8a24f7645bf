"""What holds for every format."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.checking.formats import FORMATS, known
from svcops.checking.model import At, Edit, Finding, Fix, Related, Span
from svcops.errors import BadInput

Shown = Callable[..., str]

WORDS = st.text(max_size=12) | st.sampled_from(["\x1b[31m", "\ud800", "]]>", "<!--", "`|`", "\x00", "\ufffe", "@ops"])
PATHS = WORDS.map(lambda words: words.replace("\0", "").replace("\ud800", "\udcff") or "a")
"""Whatever a file may be called; bytes that are no UTF-8 read as the last of these."""
SPANS = st.none() | st.builds(
    lambda line, column, more, end: Span(line, column, line + more, end + (column if not more else 0)),
    *(st.integers(1, 9), st.integers(1, 9), st.integers(0, 3), st.integers(1, 30)),
)
EDITS = st.builds(lambda path, text, span: Edit(At(path), text, span=span), PATHS, WORDS, SPANS)
FINDINGS = st.builds(
    Finding,
    st.sampled_from(["REF001", "YAML001", "FILE005"]),
    WORDS,
    st.builds(At, PATHS),
    WORDS,
    st.sampled_from(["error", "warning", "note"]),
    SPANS,
    st.lists(st.builds(Related, WORDS, st.builds(At, PATHS), SPANS), max_size=2).map(tuple),
    st.none() | st.builds(Fix, WORDS, st.lists(EDITS, min_size=1, max_size=2).map(tuple)),
)


@given(st.lists(FINDINGS, max_size=3).map(tuple), st.sampled_from(FORMATS))
def test_nothing_that_a_terminal_obeys_gets_through(shown: Shown, found: tuple[Finding, ...], name: str) -> None:
    text = shown(name, found, remarks=("\x1b[31m",))
    assert [char for char in text if not char.isprintable() and char not in "\n\u2060"] == []


@pytest.mark.parametrize("name", FORMATS)
def test_same_report_same_text(shown: Shown, name: str) -> None:
    assert shown(name) == shown(name)


@pytest.mark.parametrize("name", FORMATS)
def test_a_name_is_known(name: str) -> None:
    assert known(name) == name


def test_an_unknown_name_has_the_nearest_and_the_list() -> None:
    with pytest.raises(BadInput) as error:
        known("sarf")
    assert error.value.message == "there is no format 'sarf'"
    assert error.value.help.startswith("Did you mean sarif? Formats: text, concise, json,")


@pytest.mark.parametrize("name", ["", "as_json", "report", "../text"])
def test_what_is_no_format_is_not_opened(shown: Shown, name: str) -> None:
    with pytest.raises(BadInput):
        shown(name)


def test_concise_is_a_line_a_finding(shown: Shown) -> None:
    assert shown("concise").splitlines() == [
        "catalogue/services/ledger.yaml:2:8: error[REF001] owner names no team: opperations",
        "catalogue/services/ledger.yaml:3:8: error[SCHEMA003] tags must be text, not {a: 1}",
        "runbooks/books: warning[FILE007] a link to a folder",
        "catalogue/teams/operations.yaml:1:1: note[TEAM003] owns nothing",
        "catalogue/services/torn äö%20.yaml:2:1: error[YAML001] not YAML: a [ that nothing ends",
        "catalogue/services/shut.yaml: error[FILE005] cannot be read: Permission denied",
    ]


@pytest.mark.parametrize(("name", "empty"), [("concise", ""), ("github", ""), ("gitlab", "[]")])
def test_nothing_found(shown: Shown, name: str, empty: str) -> None:
    assert shown(name, ()) == empty
