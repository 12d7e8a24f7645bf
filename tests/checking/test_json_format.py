"""Findings as JSON: a contract, so every key is spelled out here."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from svcops.checking.formats import render
from svcops.checking.formats.report import Report
from svcops.checking.model import At, Edit, Finding, Fix, Related, Span
from svcops.store.files import WorkTree

KEYS = [
    "code",
    "severity",
    "message",
    "path",
    "line",
    "column",
    "end_line",
    "end_column",
    "help",
    "related",
    "fix",
    "url",
    "fingerprint",
]

Write = Callable[[Mapping[str, str | bytes]], Path]


def shown(found: tuple[Finding, ...], root: Path, **more: Any) -> Any:
    (only,) = render("json", Report(found, 1, WorkTree(root), **more))
    return json.loads(only)


def test_finding_with_everything(tmp_path: Path) -> None:
    related = Related("first set here", At("b.yaml"), Span(1, 2, 3, 4))
    fix = Fix("remove the second", (Edit(At("c.yaml"), "x", span=Span(9, 1, 10, 1)),))
    found = Finding("YAML002", "twice", At("a.yaml"), "Keep one.", "warning", Span(5, 6, 7, 8), (related,), fix)
    site = "https://ops.example.org"
    assert shown((found,), tmp_path, site=site, fingerprints=("c0ffee",))["findings"] == [
        {
            "code": "YAML002",
            "severity": "warning",
            "message": "twice",
            "path": "a.yaml",
            "line": 5,
            "column": 6,
            "end_line": 7,
            "end_column": 8,
            "help": "Keep one.",
            "related": [
                {"label": "first set here", "path": "b.yaml", "line": 1, "column": 2, "end_line": 3, "end_column": 4}
            ],
            "fix": {
                "title": "remove the second",
                "edits": [
                    {"path": "c.yaml", "line": 9, "column": 1, "end_line": 10, "end_column": 1, "text": "x"},
                ],
            },
            "url": "https://ops.example.org/checks/YAML002.html",
            "fingerprint": "c0ffee",
        }
    ]


def test_finding_with_nothing(tmp_path: Path) -> None:
    (only,) = shown((Finding("FILE003", "leaves", At("a.yaml")),), tmp_path)["findings"]
    assert list(only) == KEYS
    absent = {"line", "column", "end_line", "end_column", "help", "fix", "url"}
    assert {key for key, value in only.items() if value is None} == absent
    assert only["related"] == []


def test_what_is_not_listed_is_counted(tmp_path: Path) -> None:
    fix = Fix("write x", (Edit(At("a.yaml"), "x", span=Span(1, 1, 1, 2)),))
    found = (Finding("X001", "m", At("a.yaml"), fix=fix), Finding("X001", "n", At("a.yaml"), severity="note"))
    answer = shown(found, tmp_path, waived=2, in_baseline=14, unchanged=3, uncertain=1, remarks=("profile: basic",))
    assert {key: value for key, value in answer.items() if key != "findings"} == {
        "schema": "svcops.findings/1",
        "counts": {"error": 1, "warning": 0, "note": 1},
        "records": 1,
        "fixable": 1,
        "waived": 2,
        "in_baseline": 14,
        "unchanged": 3,
        "uncertain": 1,
        "remarks": ["profile: basic"],
    }


def test_answer_of_a_check(write: Write, call: Callable[..., Any]) -> None:
    root = write({"catalogue/services/payroll.yaml": "title: Löhne\ntitle: Löhne\nowner: x\n", "slo/x.yml": ""})
    said = call(root, "check", "--json")
    answer = json.loads(said.out)
    assert said.code == 1
    assert said.err == ""
    assert answer["schema"] == "svcops.findings/1"
    assert answer["counts"] == {"error": 2, "warning": 0, "note": 0}
    assert answer["records"] == 1
    assert [one["code"] for one in answer["findings"]] == ["YAML002", "FILE004"]
    first = answer["findings"][0]
    assert (first["path"], first["line"], first["column"]) == ("catalogue/services/payroll.yaml", 2, 1)
    assert first["related"] == [
        {
            "label": "first set here",
            "path": "catalogue/services/payroll.yaml",
            "line": 1,
            "column": 1,
            "end_line": 1,
            "end_column": 6,
        }
    ]


def test_nothing_found(write: Write, call: Callable[..., Any]) -> None:
    said = call(write({}), "check", "--json")
    assert said.code == 0
    answer = json.loads(said.out)
    assert answer["findings"] == []
    assert answer["counts"] == {"error": 0, "warning": 0, "note": 0}
    assert answer["records"] == 1


def test_format_and_global_flag_say_the_same(write: Write, call: Callable[..., Any]) -> None:
    root = write({"catalogue/services/payroll.yaml": "title: P\n"})
    answers = {
        call(root, *arguments).out
        for arguments in (
            ["check", "--json"],
            ["--json", "check"],
            ["check", "--format", "json"],
            ["check", "--format=json"],
        )
    }
    assert len(answers) == 1
