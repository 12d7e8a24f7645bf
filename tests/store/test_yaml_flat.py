"""The quick way through plain YAML: what it reads, the whole parser reads the same; what may be wrong it leaves alone."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.tries import tries

from svcops.store.yaml_flat import flat
from svcops.store.yaml_reading import compose

ROOT = Path(__file__).resolve().parents[2]

PIECES = [
    *("a", "type", "null", "true", "b_2", "a-b", "1", "Ö", "x" * 70, "Null", "yes", "no", "é", "漢", "²"),
    *("\n  ", "\n  b", "b c", ": b\n  c"),
    *(": ", ":", ":\n", ": \n", "\n", " ", "  - ", "- ", "    - ", "-", "\n\n", "\t", "\r\n"),
    *('"', "'", '""', "''", "\\", "\\n", "#", " #", "&a ", "*a", "!!str ", "|\n", ">\n", "? ", "%", "@", "`"),
    *("{}", "[]", "[a, b]", "[a,b]", "[a, 1]", "[true, no]", "[a", "]", "{a: b}", ", ", "---", "---\n", "...\n", "<<"),
    *("0", "7", "007", "1.5", "0x1f", "0o17", "1e3", "-3", "+4", ".5", ".inf", "2026-11-23T07:00:00Z", "12:30", "~"),
    *("\x00", "\x7f", "\x85", "\u00a0", "\u2028", "\ufeff", "\ud800"),
]
texts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
"""What YAML is made of, in any order."""
lines = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "at", "true", "services"]),
        st.sampled_from([": ", ":", ":  "]),
        st.text(max_size=12) | st.sampled_from(PIECES),
    ).map("".join),
    min_size=1,
    max_size=4,
).map("\n".join)
"""Lines that may be keys and values, of any characters."""


def whole(text: str) -> object:
    """What the parser makes of it; None where it finds fault."""
    parsed = compose(text, "x.yaml", many=True)  # a file of several documents is never read in the quick way
    return None if parsed.findings or len(parsed.documents) != 1 else parsed.documents[0]


def is_same(one: object, other: object) -> bool:
    """Equal, and of the same types: 1 is not true, and not 1.0."""
    return repr(one) == repr(other)


@tries(1500)
@given(texts | lines)
@example("a: b\n  - c\n")
@example("a:\n  - b\n- c\n")
@example("a:\nb: c\n")
@example("a: '\n'\n")
@example("a: 'it''s'\n")
@example("a: b:\n")
@example("a: ²\n")
@example("a: 1\na: 1\n")
@example("a:\n  - b: c\n")
@example("a: 2 \n")
@example("a: b\n  c\n  d\nb: c\n  - d\n")
@example("a: 1\n  2\n")
@example("a: 'b'\n  c\n")
@example("a: b\n  c: d\n")
@example("a: [b]\n  c\n")
@example("a:\n  - b\n  c\n")
@example("a: b\n  c \n")
@example("")
@example("\n")
def test_what_it_reads_the_whole_parser_reads_the_same(text: str) -> None:
    found = flat(text)
    if found is not None:
        assert is_same(found, whole(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("type: log\ntext: Rolled back to 4.2.0\n", {"type": "log", "text": "Rolled back to 4.2.0"}),
        (
            'at: "2026-11-23T08:15:00+01:00"\nfrom: post-mortem',
            {"at": "2026-11-23T08:15:00+01:00", "from": "post-mortem"},
        ),
        ("services:\n  - ledger\n  - payroll\ntier: 1\n", {"services": ["ledger", "payroll"], "tier": 1}),
        ("services: [ledger, web-shop]\nexternal: true\n", {"services": ["ledger", "web-shop"], "external": True}),
        ("services: []\ndetected_by: null\ntitle: ''\n", {"services": [], "detected_by": None, "title": ""}),
        ("url: https://example.org/a:b\n", {"url": "https://example.org/a:b"}),
        (
            "text: We saw 5xx\n  for 2026-11-23, 3\n  times\nby: ada\n",
            {"text": "We saw 5xx for 2026-11-23, 3 times", "by": "ada"},
        ),
    ],
)
def test_records_are_read_in_the_quick_way(text: str, expected: object) -> None:
    assert is_same(flat(text), expected)


@pytest.mark.parametrize(
    "text",
    ["a: b # c\n", "a: {b: c}\n", "a: |\n  b\n", "a: *b\n", "a: b: c\n", "- a\n", "a\n", 'a: "\\n"\n', "a: 1.5\n"],
)
def test_what_is_not_plain_is_left_to_the_whole_parser(text: str) -> None:
    assert flat(text) is None


def test_events_that_commands_write_are_read_in_the_quick_way(console: object) -> None:
    said = console(
        "incident", "open", "No receipts", "--service", "ledger", "--severity", "sev1", "--detected-by", "user"
    )
    console("incident", "role", said.id, "commander", "ada")
    console("incident", "log", said.id, "Rolled back")
    console("incident", "resolve", said.id, "Queue: drained")
    files = list(console.store.root.glob("incidents/**/*.yaml"))
    slow = [path.name for path in files if flat(path.read_text(encoding="utf-8")) is None]
    assert (len(files), slow) == (5, [])


def test_the_project_s_own_records_are_read_alike() -> None:
    files = [path for folder in ("catalogue", "maintenance", "slo") for path in (ROOT / folder).rglob("*.yaml")]
    for path in files:
        text = path.read_text(encoding="utf-8")
        found = flat(text)
        assert found is None or is_same(found, whole(text)), path
