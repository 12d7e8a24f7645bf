"""Findings for a person. The snapshots are what a person sees: read them when they change."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.checking.formats import render, text
from svcops.checking.formats.paint import Paint, coloured, plain
from svcops.checking.formats.report import Report
from svcops.checking.formats.sources import columns
from svcops.checking.model import At, Edit, Finding, Fix, Related, Span
from svcops.store.files import WorkTree

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
    "block.txt": "title: Payroll\ndependencies:\n  - a\n  - b\n  - c\n  - d\n  - e\n\ntags: [x,\n  y,\n  z]\n",
}


def finding(path: str, span: Span | None, **more: object) -> Finding:
    fields = {"code": "REF001", "message": "owner names no team of this store: nobody", "at": At(path), "span": span}
    return Finding(**{**fields, **more})


def edit(path: str, span: Span, text: str) -> Edit:
    return Edit(At(path), text, span=span)


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
    "related-beside-it": finding(
        "plain.txt",
        in_text("plain.txt", "nobody", 2),
        related=(
            Related("needed by this one", At("plain.txt"), in_text("plain.txt", "title")),
            Related("this key", At("plain.txt"), in_text("plain.txt", "owner", 2)),
        ),
    ),
    "related-with-a-line-between": finding(
        "many-lines.txt",
        Span(3, 1, 3, 5),
        related=(Related("first set here", At("many-lines.txt"), Span(1, 1, 1, 5)),),
    ),
    "related-over-several-lines": finding(
        "many-lines.txt", Span(3, 1, 3, 5), related=(Related("in here", At("many-lines.txt"), Span(5, 6, 9, 1)),)
    ),
    "block-of-some-lines": finding("block.txt", Span(3, 3, 5, 6)),
    "block-of-many-lines": finding("block.txt", Span(2, 1, 9, 1), help="Take it out."),
    "block-that-begins-inside-a-line": finding(
        "block.txt", Span(9, 7, 11, 5), related=(Related("of this record", At("block.txt"), Span(1, 8, 1, 15)),)
    ),
    "block-with-a-mark-inside": finding(
        "block.txt", Span(3, 3, 5, 6), related=(Related("the last", At("block.txt"), Span(5, 5, 5, 6)),)
    ),
    "fix": finding(
        "plain.txt",
        in_text("plain.txt", "nobody", 2),
        help="Did you mean operations?",
        fix=Fix("write operations", (edit("plain.txt", in_text("plain.txt", "nobody", 2), "operations"),)),
    ),
    "fix-in-the-middle-of-a-long-line": finding(
        "long-middle.txt",
        in_text("long-middle.txt", "Payroll"),
        fix=Fix("write pay roll", (edit("long-middle.txt", in_text("long-middle.txt", "Payroll"), "Pay roll"),)),
    ),
    "fix-at-the-end-of-a-long-line": finding(
        "long-end.txt",
        in_text("long-end.txt", "title"),
        fix=Fix("say of whom", (edit("long-end.txt", Span(1, 316, 1, 316), " of the bank"),)),
    ),
    "fix-that-takes-a-line-out": finding(
        "plain.txt",
        in_text("plain.txt", "owner", 2),
        fix=Fix("remove the second owner", (edit("plain.txt", Span(2, 1, 3, 1), ""),)),
    ),
    "fix-in-several-places": finding(
        "block.txt",
        Span(3, 5, 3, 6),
        fix=Fix(
            "name what is meant",
            (
                edit("windows.txt", in_text("windows.txt", "nobody", 2), "ledger"),
                edit("block.txt", Span(3, 5, 3, 6), "ledger"),
                edit("block.txt", Span(4, 5, 4, 6), "{service: b,\n     critical: true}"),
                edit("block.txt", Span(7, 5, 7, 6), "archive"),
            ),
        ),
    ),
    "fix-that-is-not-located": finding(
        "plain.txt",
        in_text("plain.txt", "owner", 2),
        fix=Fix("put it in quotes", (Edit(At("plain.txt"), how="quote", span=in_text("plain.txt", "owner", 2)),)),
    ),
    "fix-outside-its-file": finding(
        "plain.txt",
        None,
        fix=Fix("mend it", (edit("plain.txt", Span(0, 1, 0, 2), "x"), edit("gone.txt", Span(1, 1, 1, 2), "x"))),
    ),
    "fix-with-two-edits-of-a-line": finding(
        "plain.txt",
        Span(2, 1, 2, 14),
        fix=Fix(
            "write both", (edit("plain.txt", Span(2, 1, 2, 6), "the_owner"), edit("plain.txt", Span(2, 8, 2, 14), "x"))
        ),
    ),
    "label-wider-than-the-room": finding(
        "plain.txt",
        Span(1, 1, 1, 6),
        related=(Related("needed by each of those that are listed above", At("plain.txt"), Span(2, 8, 2, 14)),),
    ),
    "long-help": finding(
        "plain.txt", in_text("plain.txt", "owner", 2), help="Write the name of a team, " * 8 + "or of a person."
    ),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, content in SOURCES.items():
        (tmp_path / name).write_bytes(content.encode())
    return tmp_path


def shown(found: tuple[Finding, ...], root: Path, paint: Paint = plain, width: int = 160, **more: object) -> str:
    report = Report(found, 1, WorkTree(root), **more)  # type: ignore[arg-type]
    return "\n".join(render("text", report, paint, width)) + "\n"


@pytest.mark.parametrize("name", FINDINGS)
def test_finding(name: str, root: Path, snapshot: Callable[[str, str], None]) -> None:
    snapshot(f"text-{name}.txt", shown((FINDINGS[name],), root))


def test_colours(root: Path, snapshot: Callable[[str, str], None]) -> None:
    names = ("key-with-help", "warning", "note", "related-in-the-same-file", "fix", "block-of-many-lines")
    every = tuple(FINDINGS[name] for name in names)
    painted = shown(every, root, coloured)
    snapshot("text-colours.txt", painted.replace("\x1b", "␛"))
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == shown(every, root)


def test_in_a_narrow_terminal(root: Path, snapshot: Callable[[str, str], None]) -> None:
    names = (
        "long-line-in-the-middle",
        "long-help",
        "block-of-many-lines",
        "related-in-another-file",
        "label-wider-than-the-room",
    )
    told = shown(tuple(FINDINGS[name] for name in names), root, width=52)
    snapshot("text-narrow.txt", told)
    heads = ("error", "  -->", " -->", " :::", "  = note")
    assert all(columns(line) <= 52 for line in told.splitlines() if not line.startswith(heads))


def summed_up(**more: object) -> str:
    return "\n".join(text.summary(Report(**{"findings": (), "records": 2, "tree": None, **more})))


@pytest.mark.parametrize(
    ("severities", "records", "expected"),
    [
        ([], 0, "All good: 0 records checked, nothing found."),
        ([], 1, "All good: 1 record checked, nothing found."),
        (["error"], 2, "1 error in 1 file; 2 records checked."),
        (["note", "error", "error", "warning"], 12, "2 errors, 1 warning, 1 note in 4 files; 12 records checked."),
        (["warning", "warning"], 1, "2 warnings in 2 files; 1 record checked."),
        (["error"], 100_000, "1 error in 1 file; 100,000 records checked."),
    ],
)
def test_summary(severities: list[str], records: int, expected: str) -> None:
    found = tuple(finding(f"{number}.txt", None, severity=one) for number, one in enumerate(severities))
    assert summed_up(findings=found, records=records).splitlines()[0] == expected


def test_summary_counts_what_is_not_shown() -> None:
    assert summed_up(waived=2, in_baseline=1_400, unchanged=3) == (
        "All good: 2 records checked, nothing found; 2 waived, 1,400 in the baseline, 3 as before."
    )
    told = summed_up(findings=(finding("a", None),), waived=1)
    assert told.startswith("1 error in 1 file; 2 records checked; 1 waived.\n")


def test_summary_says_what_can_be_fixed_and_where_to_read_on() -> None:
    found = (FINDINGS["fix"], FINDINGS["warning"], FINDINGS["value"])
    assert summed_up(findings=found, remarks=("profile: basic",)).splitlines()[1:] == [
        "1 can be fixed: svcops check --fix",
        "profile: basic",
        "What a code means: svcops explain FILE007 (REF001 likewise)",
    ]


def test_summary_gives_the_address_of_a_page_where_there_is_a_site() -> None:
    found = (FINDINGS["value"], FINDINGS["warning"], FINDINGS["value"])
    assert summed_up(findings=found, site="https://ops.example.org/").splitlines()[1:] == [
        "FILE007: https://ops.example.org/checks/FILE007.html",
        "REF001: https://ops.example.org/checks/REF001.html",
    ]


def test_snapshots_are_all_of_a_test() -> None:
    assert {file.stem for file in SNAPSHOTS.glob("text-*")} == {
        f"text-{name}" for name in (*FINDINGS, "colours", "narrow")
    }


HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\r\x01\u202e\u2028\x85\x7f\udcff"


def test_nothing_that_a_terminal_obeys_gets_through(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(f"title: {HOSTILE}x\n".encode("utf-8", "surrogateescape"))
    found = finding(
        "a.yaml",
        Span(1, 1, 1, 30),
        message=HOSTILE,
        help=HOSTILE,
        related=(Related(HOSTILE, At(HOSTILE)), Related(HOSTILE, At("a.yaml"), Span(1, 1, 1, 9))),
        fix=Fix(HOSTILE, (edit("a.yaml", Span(1, 1, 1, 3), HOSTILE),)),
    )
    for one in (found, replace(found, span=None), replace(found, at=At(HOSTILE))):
        assert_printable(shown((one,), tmp_path, remarks=(HOSTILE,)))


SPANS = st.builds(
    lambda line, column, lines, width: Span(line, column, line + lines, max(1, column + width)),
    *(st.integers(0, 4), st.integers(1, 40), st.integers(0, 9), st.integers(-3, 60)),
)


@given(st.binary(max_size=60), st.text(max_size=20), SPANS, SPANS, SPANS, st.integers(1, 90))
def test_any_file_and_any_span_can_be_shown(
    tmp_path: Path, data: bytes, words: str, span: Span, other: Span, edited: Span, width: int
) -> None:
    (tmp_path / "a.yaml").write_bytes(data)
    related = (Related(words, At("a.yaml"), other), Related(words, At("b.yaml"), other))
    fix = Fix(words, (edit("a.yaml", edited, words), edit("b.yaml", span, words)))
    found = finding("a.yaml", span, message=words, help=words, related=related, fix=fix)
    assert_printable(shown((found,), tmp_path, width=width))


def assert_printable(shown: str) -> None:
    assert [char for char in shown if not char.isprintable() and char != "\n"] == []
