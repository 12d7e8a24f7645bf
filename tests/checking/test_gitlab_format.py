"""Findings as a Code Quality report of GitLab."""

import json
from collections.abc import Callable
from typing import Any

from jsonschema import Draft202012Validator

SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "additionalProperties": False,
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!\\./|/)"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "additionalProperties": False,
                        "properties": {
                            "begin": {"type": "integer", "minimum": 1},
                            "end": {"type": "integer", "minimum": 1},
                        },
                    },
                },
            },
        },
    },
}
"""What GitLab's page on Code Quality asks for; it publishes no schema."""

Shown = Callable[..., str]


def issues(text: str) -> list[Any]:
    found = json.loads(text)
    Draft202012Validator(SCHEMA).validate(found)
    return found  # type: ignore[no-any-return]


def test_issue_with_everything(shown: Shown) -> None:
    assert issues(shown("gitlab", prefix="ops/"))[0] | {"fingerprint": ""} == {
        "description": "owner names no team: opperations. Did you mean operations?",
        "check_name": "REF001",
        "fingerprint": "",
        "severity": "major",
        "location": {"path": "ops/catalogue/services/ledger.yaml", "lines": {"begin": 2, "end": 2}},
    }


def test_severities_and_lines(shown: Shown) -> None:
    found = issues(shown("gitlab"))
    assert [one["severity"] for one in found] == ["major", "major", "minor", "info", "major", "major"]
    assert found[1]["location"]["lines"] == {"begin": 3, "end": 5}
    assert found[2]["location"]["lines"] == {"begin": 1}


def test_fingerprints_are_those_that_were_worked_out_among_all(shown: Shown) -> None:
    marks = tuple(f"{number:032x}" for number in range(6))
    assert tuple(one["fingerprint"] for one in issues(shown("gitlab", fingerprints=marks))) == marks
