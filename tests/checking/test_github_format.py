"""Findings as workflow commands of GitHub Actions: one line each, whatever the record holds."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.checking.formats import render
from svcops.checking.formats.report import Report
from svcops.checking.model import At, Finding, Related, Span

Write = Callable[[Mapping[str, str | bytes]], Path]


def line(found: Finding, prefix: str = "") -> str:
    (only,) = render("github", Report((found,), 1, None, prefix))
    return only


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (
            Finding("REF001", "no team", At("a.yaml"), "Did you mean x?", "error", Span(3, 8, 3, 14)),
            "::error file=a.yaml,line=3,endLine=3,col=8,endColumn=13,title=REF001::no team%0ADid you mean x?",
        ),
        (
            Finding("FILE007", "link", At("a"), severity="warning"),
            "::warning file=a,title=FILE007::link",
        ),
        (
            Finding("X001", "note", At("a"), severity="note", span=Span(1, 1, 1, 1)),
            "::notice file=a,line=1,endLine=1,col=1,endColumn=1,title=X001::note",
        ),
        (
            Finding("X001", "lines", At("a"), span=Span(2, 5, 4, 3)),
            "::error file=a,line=2,endLine=4,title=X001::lines",
        ),
        (
            Finding("X001", "to a line's end", At("a"), span=Span(2, 5, 5, 1)),
            "::error file=a,line=2,endLine=4,title=X001::to a line's end",
        ),
        (
            Finding("X001", "100 % of a: b, c\r\n::warning::no", At("a,b:c%d\n.yaml")),
            "::error file=a%2Cb%3Ac%25d%0A.yaml,title=X001::100 %25 of a: b, c%0D%0A::warning::no",
        ),
        (
            Finding("X001", "%0A is written, not meant", At("a")),
            "::error file=a,title=X001::%250A is written, not meant",
        ),
        (
            Finding("X001", "\x1b[31mred\x07 \x9b0m\tü", At("a")),
            "::error file=a,title=X001::·[31mred· ·0m ü",
        ),
    ],
    ids=[
        "columns",
        "warning",
        "note",
        "several-lines",
        "to-a-line-s-end",
        "escaped",
        "escape-of-an-escape",
        "terminal",
    ],
)
def test_line(found: Finding, expected: str) -> None:
    assert line(found) == expected


def test_related_places_and_the_page_of_the_code_are_told_in_the_message() -> None:
    related = (Related("first defined here", At("b.yaml"), Span(4, 1, 4, 2)), Related("and named here", At("c.yaml")))
    found = Finding("NAME002", "a second one", At("a.yaml"), "Rename it.", related=related)
    (only,) = render("github", Report((found,), 1, None, "ops/", "https://ops.example.com"))
    assert only.partition("::a second one")[2] == (
        "%0ARename it.%0Afirst defined here: ops/b.yaml:4%0Aand named here: ops/c.yaml"
        "%0Ahttps://ops.example.com/checks/NAME002.html"
    )


def test_prefix_of_a_store_below_the_top() -> None:
    assert line(Finding("X001", "m", At("a.yaml")), "ops/") == "::error file=ops/a.yaml,title=X001::m"


@given(st.text(), st.text(), st.text())
def test_nothing_breaks_out_of_its_line(message: str, path: str, help_: str) -> None:
    only = line(Finding("X001", message, At(path), help_))
    assert only.isprintable()
    assert only.startswith("::error file=")
    properties, _, _ = only.removeprefix("::error ").partition("::")
    assert [part.partition("=")[0] for part in properties.split(",")] == ["file", "title"]


def test_worst_go_first_as_only_some_are_shown() -> None:
    found = tuple(Finding("X001", one, At("a"), severity=one) for one in ("note", "warning", "error", "note", "error"))
    shown = render("github", Report(found, 1, None))
    assert [one.split()[0] for one in shown] == ["::error", "::error", "::warning", "::notice", "::notice"]


def test_call(write: Write, call: Callable[..., Any]) -> None:
    root = write({"catalogue/services/payroll.yaml": "title: P\nowner: nobody\n"})
    said = call(root, "check", "--format", "github")
    assert said.code == 1
    assert said.out == (
        "::error file=catalogue/services/payroll.yaml,line=2,endLine=2,col=8,endColumn=13,title=REF001"
        "::owner names no team or person of this store: nobody%0A"
        "Add the team or person, catalogue/teams/nobody.yaml or catalogue/people/nobody.yaml, or name one that exists.\n"
    )


def test_paths_are_below_the_top_of_the_work_tree(
    new_store: Callable[..., Any], call: Callable[..., Any], tmp_path: Path
) -> None:
    store = new_store(below="ops")
    store.write("ops/slo/x.yml", "")
    store.commit("Start")
    linked = tmp_path / "linked"
    store.git("worktree", "add", "--quiet", str(linked), "HEAD")
    for root in (store.root, linked / "ops"):
        assert call(root, "check", "--format", "github").out.startswith("::error file=ops/slo/x.yml,")


def test_nothing_found_prints_nothing(write: Write, call: Callable[..., Any]) -> None:
    assert call(write({}), "check", "--format", "github").out == ""


def test_that_no_rule_was_applied_is_told_first() -> None:
    found = (Finding("SCHEMA001", "unknown key", At("svcops.yaml")),)
    first, _ = render("github", Report(found, 1, None, "ops/", stopped="No rule was applied: 100 %."))
    assert first == "::error file=ops/svcops.yaml,title=svcops check::No rule was applied: 100 %25."
