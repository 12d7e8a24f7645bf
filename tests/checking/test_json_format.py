"""Findings as JSON: a contract, so every key is spelled out here."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from svcops.checking.engine import Outcome
from svcops.checking.formats.as_json import findings
from svcops.checking.model import At, Finding, Related, Span

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
]

Write = Callable[[Mapping[str, str | bytes]], Path]


def test_finding_with_everything() -> None:
    related = Related("first set here", At("b.yaml"), Span(1, 2, 3, 4))
    found = Finding("YAML002", "twice", At("a.yaml"), "Keep one.", "warning", Span(5, 6, 7, 8), (related,))
    assert findings(Outcome((found,), 1)) == [
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
            "fix": None,
            "url": None,
        }
    ]


def test_finding_with_nothing() -> None:
    shown = findings(Outcome((Finding("FILE003", "leaves", At("a.yaml")),), 1))[0]
    assert list(shown) == KEYS
    absent = {"line", "column", "end_line", "end_column", "help", "fix", "url"}
    assert {key for key, value in shown.items() if value is None} == absent
    assert shown["related"] == []


def test_whole_answer(write: Write, call: Callable[..., Any]) -> None:
    root = write({"catalogue/services/payroll.yaml": "title: Löhne\ntitle: Löhne\nowner: x\n", "slo/x.yml": ""})
    said = call(root, "check", "--json")
    answer = json.loads(said.out)
    assert said.code == 1
    assert said.err == ""
    assert list(answer) == ["schema", "findings", "counts", "records"]
    assert answer["schema"] == "svcops.findings/1"
    assert answer["counts"] == {"error": 2, "warning": 0, "note": 0}
    assert answer["records"] == 1
    assert [list(one) for one in answer["findings"]] == [KEYS, KEYS]
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
    assert json.loads(said.out) == {
        "schema": "svcops.findings/1",
        "findings": [],
        "counts": {"error": 0, "warning": 0, "note": 0},
        "records": 1,
    }


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
