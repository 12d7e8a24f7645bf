"""svcops rules: everything that the check looks for."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from svcops.checking.registry import codes, rules


def test_every_rule_is_a_line(call: Callable[..., Any], tmp_path: Path) -> None:
    said = call(tmp_path, "rules")
    assert (said.code, said.err) == (0, "")
    lines = [line.split("\t") for line in said.out.splitlines()]
    assert [line[0] for line in lines] == codes()
    assert ["REF001", "error", "a name that leads nowhere"] in [line[:3] for line in lines]
    assert [line[3] == "yes" for line in lines] == [one.fixes for one in rules()]


def test_json(call: Callable[..., Any], tmp_path: Path) -> None:
    answer = json.loads(call(tmp_path, "rules", "--json").out)
    assert list(answer) == ["schema", "rules"]
    assert answer["schema"] == "svcops.rules/1"
    assert [list(one) for one in answer["rules"]] == [["code", "severity", "title", "fix"]] * len(codes())
    assert [one["fix"] for one in answer["rules"]] == [one.fixes for one in rules()]


def test_quiet_is_codes_alone(call: Callable[..., Any], tmp_path: Path) -> None:
    assert call(tmp_path, "rules", "--quiet").out.split() == codes()
