"""Findings for a person. The snapshots are what a person sees: read them when they change."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.checking.engine import Outcome
from svcops.checking.formats import text
from svcops.checking.model import At, Finding, Related, Span

PATH = "catalogue/services/payroll.yaml"
SNAPSHOTS = Path(__file__).parent / "snapshots"

SOURCES = {
    "plain.txt": "title: Payroll\nowner: nobody\n",
    "wide.txt": "title: 給与計算 🧾 e\u0301\nowner: nobody\n",
    "tabs.txt": "title:\t\tPayroll\n",
    "long-start.txt": "title: Payroll " + "x" * 500 + "\n",
    "long-middle.txt": "title: " + "a" * 300 + " Payroll " + "b" * 300 + "\n",
    "long-end.txt": "title: " + "a" * 300 + " Payroll\n",
    "many-lines.txt": "".join(f"line {number}\n" for number in range(1, 121)),
    "windows.txt": "title: Payroll\r\nowner: nobody\r\n",
    "separators.txt": "a: \x1c b\nowner: nobody\n",
}


def finding(path: str, span: Span | None, **more: object) -> Finding:
    fields = {"code": "REF001", "message": "owner names no team of this store: nobody", "at": At(path), "span": span}
    return Finding(**{**fields, **more})


def in_text(path: str, what: str, line: int = 1) -> Span:
    column = SOURCES[path].splitlines()[line - 1].index(what) + 1
    return Span(line, column, line, column + len(what))


FINDINGS = {
    "value": finding("plain.txt", in_text("plain.txt", "nobody", 2)),
    "key-with-help": finding("plain.txt", in_text("plain.txt", "owner", 2), help="Did you mean operations?"),
    "help-of-several-lines": finding("plain.txt", in_text("plain.txt", "owner", 2), help="One of:\n  a\n  b"),
    "file-as-a-whole": finding("plain.txt", None, help="Put the file itself here."),
    "file-that-is-gone": finding("gone.txt", Span(3, 4, 3, 5)),
    "line-that-is-not-there": finding("plain.txt", Span(99, 1, 99, 2)),
    "first-column-beyond-the-line": finding("plain.txt", Span(1, 15, 1, 15)),
    "empty-span-at-the-end": finding("plain.txt", Span(3, 1, 3, 1)),
    "several-lines": finding("plain.txt", Span(1, 8, 3, 1)),
    "wide-characters": finding("wide.txt", in_text("wide.txt", "計算")),
    "after-wide-characters": finding("wide.txt", in_text("wide.txt", "e\u0301")),
    "tabs": finding("tabs.txt", in_text("tabs.txt", "Payroll")),
    "long-line-at-its-start": finding("long-start.txt", in_text("long-start.txt", "Payroll")),
    "long-line-in-the-middle": finding("long-middle.txt", in_text("long-middle.txt", "Payroll")),
    "long-line-at-its-end": finding("long-end.txt", in_text("long-end.txt", "Payroll")),
    "long-line-underlined-to-its-end": finding("long-start.txt", Span(1, 8, 1, 500)),
    "line-ends-of-windows": finding("windows.txt", in_text("windows.txt", "nobody", 2)),
    "separators-that-are-no-line-ends": finding("separators.txt", Span(2, 8, 2, 14)),
    "warning": finding("plain.txt", in_text("plain.txt", "title"), severity="warning", code="FILE007"),
    "note": finding("plain.txt", in_text("plain.txt", "title"), severity="note"),
    "related-in-the-same-file": finding(
        "many-lines.txt",
        Span(99, 1, 99, 5),
        related=(Related("first set here", At("many-lines.txt"), Span(7, 1, 7, 5)),),
    ),
    "related-in-another-file": finding(
        "many-lines.txt",
        Span(9, 1, 9, 5),
        help="Rename one of the two.",
        related=(
            Related("first defined here", At("plain.txt"), in_text("plain.txt", "Payroll")),
            Related("operations is defined here", At("catalogue/teams/operations.yaml")),
        ),
    ),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, content in SOURCES.items():
        (tmp_path / name).write_bytes(content.encode())
    return tmp_path


def rendered(found: Finding, root: Path, paint: text.Paint = text.plain) -> str:
    return "\n".join(text.render(Outcome((found,), 1), root, paint)) + "\n"


@pytest.mark.parametrize("name", FINDINGS)
def test_finding(name: str, root: Path, snapshot: Callable[[str, str], None]) -> None:
    snapshot(f"text-{name}.txt", rendered(FINDINGS[name], root))


def test_colours(root: Path, snapshot: Callable[[str, str], None]) -> None:
    every = tuple(FINDINGS[name] for name in ("key-with-help", "warning", "note", "related-in-the-same-file"))
    shown = "\n".join(text.render(Outcome(every, 7), root, text.coloured)) + "\n"
    snapshot("text-colours.txt", shown.replace("\x1b", "␛"))
    plain = "\n".join(text.render(Outcome(every, 7), root, text.plain)) + "\n"
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown) == plain


@pytest.mark.parametrize(
    ("severities", "records", "expected"),
    [
        ([], 0, "All good: 0 records checked, nothing found."),
        ([], 1, "All good: 1 record checked, nothing found."),
        (["error"], 2, "1 error in 1 file; 2 records checked."),
        (["note", "error", "error", "warning"], 12, "2 errors, 1 warning, 1 note in 4 files; 12 records checked."),
        (["warning", "warning"], 1, "2 warnings in 2 files; 1 record checked."),
    ],
)
def test_summary(severities: list[str], records: int, expected: str) -> None:
    found = tuple(finding(f"{number}.txt", None, severity=one) for number, one in enumerate(severities))
    assert text.summary(Outcome(found, records), text.plain) == expected


def test_snapshots_are_all_of_a_test() -> None:
    assert {file.stem for file in SNAPSHOTS.glob("text-*")} == {f"text-{name}" for name in (*FINDINGS, "colours")}


HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\r\x01\u202e\u2028\x85\x7f\udcff"


def test_nothing_that_a_terminal_obeys_gets_through(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(f"title: {HOSTILE}x\n".encode("utf-8", "surrogateescape"))
    found = finding(
        "a.yaml",
        Span(1, 1, 1, 30),
        message=HOSTILE,
        help=HOSTILE,
        related=(Related(HOSTILE, At(HOSTILE)), Related(HOSTILE, At("a.yaml"), Span(1, 1, 1, 9))),
    )
    for one in (found, replace(found, span=None), replace(found, at=At(HOSTILE))):
        assert_printable(rendered(one, tmp_path))


@given(st.binary(max_size=60), st.text(max_size=20), st.integers(0, 4), st.integers(1, 40), st.integers(-3, 60))
def test_any_file_and_any_span_can_be_shown(
    tmp_path: Path, data: bytes, words: str, line: int, column: int, width: int
) -> None:
    (tmp_path / "a.yaml").write_bytes(data)
    span = Span(line, column, line + (width < 0), max(1, column + width))
    found = finding("a.yaml", span, message=words, help=words, related=(Related(words, At("a.yaml"), span),))
    assert_printable(rendered(found, tmp_path))


def assert_printable(shown: str) -> None:
    assert [char for char in shown if not char.isprintable() and char != "\n"] == []
