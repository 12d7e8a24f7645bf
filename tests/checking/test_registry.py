"""Which rules there are, and what explains them."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from svcops.checking.registry import UnknownCode, codes, page, rule, rules
from svcops.errors import BAD_INPUT


def test_rules_are_listed_by_code() -> None:
    assert [one.code for one in rules()] == codes() == sorted(codes())
    assert {"FILE001", "REF001", "SCHEMA003", "YAML007"} <= set(codes())


def test_a_code_is_found_in_any_letter_case() -> None:
    assert rule("ref001") is rule("REF001")
    assert page("ref001") == page("REF001")


@pytest.mark.parametrize(("wrong", "near"), [("REF01", "REF001"), ("yaml0002", "YAML002"), ("SHEMA001", "SCHEMA001")])
def test_unknown_code_has_a_suggestion(wrong: str, near: str) -> None:
    with pytest.raises(UnknownCode) as error:
        rule(wrong)
    assert error.value.help == f"Did you mean {near}?"
    assert wrong in error.value.message


@pytest.mark.parametrize("wrong", ["", "x", "../../errors", "__init__"])
def test_unknown_code_that_resembles_none_lists_them_all(wrong: str) -> None:
    with pytest.raises(UnknownCode) as error:
        rule(wrong)
    assert error.value.help == "svcops rules lists them all."


def test_explain_prints_the_page(call: Callable[..., Any], tmp_path: Path) -> None:
    said = call(tmp_path, "explain", "REF001")
    assert (said.code, said.err) == (0, "")
    assert said.out == page("REF001")


def test_explain_in_a_terminal_names_the_files_of_its_examples(call: Callable[..., Any], tmp_path: Path) -> None:
    said = call(tmp_path, "explain", "NAME001", terminal=True)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said.out)
    assert "catalogue/services/Payroll.yaml:" in plain
    assert "```" not in plain


def test_explain_without_colour(call: Callable[..., Any], tmp_path: Path) -> None:
    for arguments, env in ((["--no-color"], {}), ([], {"NO_COLOR": "1"})):
        said = call(tmp_path, "explain", "REF001", *arguments, terminal=True, env=env)
        assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", said.out)


def test_explain_of_an_unknown_code(call: Callable[..., Any], tmp_path: Path) -> None:
    said = call(tmp_path, "explain", "REF01")
    assert said.code == BAD_INPUT
    assert said.out == ""
    assert said.err == "error: there is no rule 'REF01'\n  help: Did you mean REF001?\n"


def test_explain_without_a_code(call: Callable[..., Any], tmp_path: Path) -> None:
    assert call(tmp_path, "explain").code == BAD_INPUT


def test_unknown_format(call: Callable[..., Any], write: Callable[[Mapping[str, str]], Path]) -> None:
    said = call(write({}), "check", "--format", "sarf")
    assert said.code == BAD_INPUT
    assert "help: Did you mean sarif? Formats: text, concise, json, " in said.err
