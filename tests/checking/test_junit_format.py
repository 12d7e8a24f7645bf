"""Findings as a JUnit report: well-formed, with the elements and attributes that Jenkins and GitLab know."""

from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from svcops.checking.model import At, Finding, Span
from svcops.checking.registry import codes, rules

KNOWN = {
    "testsuites": ({"name", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "time"}, {"testcase"}),
    "testcase": ({"classname", "name", "file", "time"}, {"failure", "skipped", "system-out"}),
    "failure": ({"type", "message"}, set()),
    "skipped": ({"message"}, set()),
    "system-out": (set(), set()),
}
"""The attributes and children that an element may have."""

Shown = Callable[..., str]


def parsed(text: str) -> ET.Element:
    root = ET.fromstring(text.encode())
    for element in root.iter():
        attributes, children = KNOWN[element.tag]
        assert set(element.attrib) <= attributes, element.tag
        assert {child.tag for child in element} <= children, element.tag
        if element.tag in ("testsuite", "testsuites"):
            assert element.get("tests") == str(len(element.findall(".//testcase")))
            assert element.get("failures") == str(len(element.findall(".//failure")))
        if element.tag == "testsuite":
            assert element.get("skipped") == str(len(element.findall(".//skipped")))
    names = [(test.get("classname"), test.get("name")) for test in root.iter("testcase")]
    assert len(set(names)) == len(names), "hosts tell tests apart by these two"
    return root


def test_a_suite_is_a_rule(shown: Shown) -> None:
    suites = parsed(shown("junit"))
    assert [suite.get("name", "").partition(":")[0] for suite in suites] == codes()


def test_a_rule_that_found_nothing_is_a_test_that_passed(shown: Shown) -> None:
    suites = parsed(shown("junit", ()))
    assert (suites.get("tests"), suites.get("failures")) == (str(len(codes())), "0")


def test_a_rule_that_was_not_applied_is_a_test_that_was_skipped(shown: Shown) -> None:
    suites = parsed(shown("junit", (Finding("SCHEMA001", "m", At("svcops.yaml")),), stopped="No rule was applied."))
    skipped = suites.findall("testsuite/testcase[skipped]")
    assert [test.get("classname") for test in skipped] == [f"svcops.{one.code}" for one in rules() if one.find]
    assert {one.get("message") for one in suites.iter("skipped")} == {"No rule was applied."}
    assert (suites.get("tests"), suites.get("failures")) == (str(len(codes())), "1")


def test_where_nothing_was_read_only_what_is_found_is_no_skipped_test(shown: Shown) -> None:
    found = (Finding("MRG001", "m", At("svcops.yaml")),)
    suites = parsed(shown("junit", found, stopped="No rule was applied.", is_read=False))
    run = [test.get("classname") for test in suites.iter("testcase") if test.find("skipped") is None]
    assert run == ["svcops.MRG001"]


def test_failure_says_it_all(shown: Shown) -> None:
    suites = parsed(shown("junit", prefix="ops/"))
    test = suites.find("testsuite/testcase[@classname='svcops.REF001']")
    assert test is not None
    assert test.get("name") == "catalogue/services/ledger.yaml: owner names no team: opperations"
    assert test.get("file") == "ops/catalogue/services/ledger.yaml"
    failure = test.find("failure")
    assert failure is not None
    assert failure.attrib == {"type": "error", "message": "owner names no team: opperations"}
    assert (failure.text or "").splitlines() == [
        "ops/catalogue/services/ledger.yaml:2:8: error[REF001] owner names no team: opperations",
        "operations is defined here: ops/catalogue/teams/operations.yaml",
        "of this {service} [x](https://evil.example): ops/catalogue/services/ledger.yaml:1",
        "help: Did you mean operations?",
        "fix: write operations",
        "svcops explain REF001",
    ]


@pytest.mark.parametrize(("fail_on", "failing"), [("error", 4), ("warning", 5), ("note", 6)])
def test_what_does_not_fail_the_check_fails_no_test(shown: Shown, fail_on: str, failing: int) -> None:
    suites = parsed(shown("junit", fail_on=fail_on))
    assert suites.get("failures") == str(failing)
    assert len(suites.findall(".//system-out")) == 6 - failing


def test_names_do_not_change_with_lines(shown: Shown) -> None:
    def names(line: int) -> list[str | None]:
        found = tuple(Finding("REF001", "m", At("a"), span=Span(line + more, 1, line, 2)) for more in (0, 5))
        return [test.get("name") for test in parsed(shown("junit", found)).findall(".//*[failure]")]

    assert names(3) == names(40) == ["a: m", "a: m (2)"]


@pytest.mark.parametrize(
    "text", ["\x00\x08\x0b\x1b", "\ufffe\uffff", "\ud800", "<a b='c'>&amp;]]>", "a\r\nb\tc", "\x85"]
)
def test_any_text_is_well_formed(shown: Shown, text: str) -> None:
    parsed(shown("junit", (Finding("REF001", text, At(text.replace("\x00", "")), text, span=Span(1, 1, 1, 2)),)))
