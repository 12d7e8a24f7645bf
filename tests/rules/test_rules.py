"""Every rule finds what its cases say, and nothing beside it; every code has a module, a page and cases."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

import svcops
from svcops.checking import registry
from svcops.checking.engine import check
from svcops.checking.model import Finding, Related
from svcops.checking.registry import codes, page, rule
from svcops.store.graph import Graph
from svcops.store.layout import KINDS

HERE = Path(__file__).parent
SOURCES = sorted(Path(svcops.__file__).parent.rglob("*.py"))
NOW = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)

_CODE = re.compile(r"(?!SHA)[A-Z]{3,}[0-9]{3}")
_EXPECTED = re.compile(r".+?(?::\d+:\d+)? [A-Z]+\d{3} (?P<part>.*)", re.DOTALL)


@dataclass(frozen=True)
class Case:
    """A store, and what the check finds in it: nothing, or exactly these."""

    code: str
    name: str
    files: dict[str, Any]
    findings: tuple[str, ...] = ()
    help: tuple[str, ...] | None = None
    related: tuple[str, ...] | None = None
    """The related places of all findings, where the case names them."""


def cases() -> Iterator[Case]:
    for file in sorted(HERE.glob("*.yaml")):
        data = yaml.safe_load(file.read_bytes())
        for one in data["pass"]:
            yield Case(file.stem, one["name"], one["files"])
        for one in data["fail"]:
            help_, related = (tuple(one[key]) if key in one else None for key in ("help", "related"))
            yield Case(file.stem, one["name"], one["files"], tuple(one["findings"]), help_, related)


UNCONNECTED = ("SCH006", "ESC004", "RBK002", "RBK007")
"""What nothing leads to, and runbooks without a text or a run that passed, as in cases of other rules; only their own
look at them."""
CASES = list(cases())
FAILING = [case for case in CASES if case.findings]


@pytest.mark.parametrize("case", CASES, ids=[f"{case.code}-{case.name}" for case in CASES])
def test_case(case: Case, store_of: Callable[[dict[str, Any]], Path]) -> None:
    everything = check(Graph(store_of(case.files)), NOW).findings
    found = [one for one in everything if one.code == case.code or one.code not in UNCONNECTED]
    assert len(found) == len(case.findings), "\n".join(map(place_and_message, found))
    for finding, expected in zip(found, case.findings, strict=True):
        assert_is(finding, expected)
        assert finding.severity == rule(finding.code).severity
        assert finding.help, "a finding says what to do"
    if case.help is not None:
        assert tuple(finding.help for finding in found) == case.help
    if case.related is not None:
        places = [f"{place_of(one)} {one.label}" for finding in found for one in finding.related]
        assert tuple(places) == case.related


@pytest.mark.parametrize("case", FAILING, ids=[f"{case.code}-{case.name}" for case in FAILING])
def test_the_same_finding_says_the_same_a_day_later(case: Case, store_of: Callable[[dict[str, Any]], Path]) -> None:
    """A baseline would know it no more: where a message says how many days something is from now, it has a gist."""
    graph = Graph(store_of(case.files))
    today, tomorrow = (check(graph, NOW + timedelta(days=days)).findings for days in (0, 1))
    said: dict[tuple[str, object], set[str]] = {}
    for finding in today:
        said.setdefault((finding.code, finding.at), set()).add(finding.gist or finding.message)
    for finding in tomorrow:
        gist = finding.gist or finding.message
        assert gist in said.get((finding.code, finding.at), {gist})


def assert_is(finding: Finding, expected: str) -> None:
    wanted = _EXPECTED.fullmatch(expected)
    assert wanted, f"{expected!r} is not path:line:column CODE message-part"
    part = wanted["part"]
    assert place_and_message(finding) == expected.removesuffix(part) + finding.message
    assert part in finding.message


def place_and_message(finding: Finding) -> str:
    return f"{place_of(finding)} {finding.code} {finding.message}"


def place_of(one: Finding | Related) -> str:
    return f"{one.at.path}:{one.span.line}:{one.span.column}" if one.span else one.at.path


@pytest.mark.parametrize("code", codes())
def test_code_has_page_and_cases(code: str) -> None:
    assert page(code).startswith(f"# {code}: ")
    if code in ("MRG001", "HIS001", "EVD015"):
        return  # only git shows it: tests/checking/test_since.py, tests/recovery/test_evidence_attacks.py
    of_it = [case for case in CASES if case.code == code]
    assert any(not case.findings for case in of_it), "no case that passes"
    failing = [case for case in of_it if case.findings]
    assert failing, "no case that fails"
    for case in failing:
        assert any(f" {code} " in expected for expected in case.findings), f"{case.name} does not show {code}"


def test_cases_and_pages_are_of_rules() -> None:
    assert {case.code for case in CASES} <= set(codes())
    package = Path(svcops.__file__).parent
    pages = {file.stem for folder in ("rules", "told") for file in package.glob(f"*/{folder}/**/*.md")}
    assert pages == set(codes())


def test_a_rule_that_runs_is_where_the_check_looks_for_it() -> None:
    every = [kind.name for kind in KINDS]
    assert [one.code for one in registry.running(every)] == [one.code for one in registry.rules() if one.find]


def test_a_rule_about_a_kind_runs_with_that_kind_alone() -> None:
    def codes_of(*kinds: str) -> set[str]:
        return {one.code for one in registry.running(kinds)}

    about_all = codes_of()
    assert about_all == {"EVT001", "NAME001", "REF001"}
    assert codes_of("maintenance") == about_all | {"MNT001", "MNT002", "MNT003"}
    assert "INC001" in codes_of("incident") - codes_of(*(kind.name for kind in KINDS if kind.name != "incident"))


def test_case_names_are_unique() -> None:
    names = [(case.code, case.name) for case in CASES]
    assert len(names) == len(set(names))


def test_every_code_in_the_sources_is_a_rule() -> None:
    assert {code for source in SOURCES for code, _ in codes_in(source)} == set(codes())


def test_findings_have_the_severity_of_their_rule() -> None:
    for source in SOURCES:
        for code, severity in codes_in(source):
            if severity is not None:
                assert severity == rule(code).severity, f"{source}: {code} is found as {severity}"


def codes_in(source: Path) -> Iterator[tuple[str, str | None]]:
    """Every code written in a module; with the severity where it makes a finding."""
    for node in ast.walk(ast.parse(source.read_bytes())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CODE.fullmatch(node.value):
            yield node.value, None
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding" and node.args:
            code = node.args[0]
            given = [keyword.value for keyword in node.keywords if keyword.arg == "severity"]
            severity = given[0].value if given and isinstance(given[0], ast.Constant) else "error"
            if isinstance(code, ast.Constant):
                yield str(code.value), str(severity)


@pytest.mark.parametrize(("other", "code"), [("title: [\n", "YAML001"), ("title: B\nservices: [a]\nsupport_hours: always\n", "AGR006")])
def test_what_a_damaged_agreement_promises_is_not_missing(store_of: Any, other: str, code: str) -> None:
    promised = (
        "title: A\nservices: [a]\nsupport_hours: always\navailability: {percent: 99.9, slos: [SLO/ledger]}\n"
        'agreed: {with: Them, at: "2026-01-26", document: "https://c.example.com/1"}\n'
    )
    files = {
        "catalogue/services/a.yaml": "title: A\nowner: operations\ntier: 1\ndependencies:\n  - {service: ledger}\n",
        "catalogue/agreements/a.yaml": promised,
        "catalogue/agreements/b.yaml": other,
    }
    found = {one.code for one in check(Graph(store_of(files)), NOW).findings}
    assert code in found
    assert ("AGR006" in found) == (code == "AGR006")
