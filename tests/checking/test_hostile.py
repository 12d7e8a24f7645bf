"""Whatever stands in a record's file, the check ends soon, with findings and never with an exception."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tries import tries

from svcops.checking.engine import Outcome, check
from svcops.checking.formats import FORMATS, render
from svcops.checking.formats.report import Report
from svcops.store.graph import Graph

NOW = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
INCIDENT = "incidents/2026/incident-20261123-k7f3q2"
EVENT = "at: 2026-11-23T08:15:00Z\nrecorded_at: 2026-11-23T08:15:00Z\nby: kim\n"

RECORDS = {
    "svcops.yaml": "organisation: E\ntime_zone: Europe/Berlin\nseverities:\n  - {name: sev1, major: true}\n",
    "catalogue/services/payroll.yaml": (
        "title: Payroll\nowner: operations\ntier: 1\nexternal: false\ndependencies:\n"
        "  - service: ledger\n    critical: true\nannotations: {a: b}\n"
    ),
    "catalogue/services/ledger.yaml": "title: Ledger\nowner: operations\ntier: 1\n",
    "catalogue/teams/company.yaml": "title: Company\n",
    "catalogue/teams/operations.yaml": (
        "title: Operations\nmembers: [kim]\nparent: company\ncontacts: [{channel: chat, address: ops}]\n"
    ),
    "catalogue/people/kim.yaml": "name: Kim\nemails: [kim@example.com]\ncontacts: [{channel: a, address: b}]\n",
    "runbooks/payroll/restore.md": "---\ntitle: R\nkind: recovery\nservices: [payroll]\n---\n\n## Meaning\n\n## Preconditions\n\n## Steps\n\n## Verification\n",
    "slo/a.yaml": (
        "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: a, labels: {x: [y]}}\nspec:\n  service: payroll\n"
        "  budgetingMethod: Occurrences\n  objectives: [{target: 0.99, timeSliceWindow: 5m}]\n---\n[]\n"
    ),
    f"{INCIDENT}/incident.yaml": "title: T\nservices: [payroll]\ndetected_by: user\n",
    f"{INCIDENT}/timeline/1-opened.yaml": f"type: opened\n{EVENT}severity: sev1\n",
    f"{INCIDENT}/timeline/2-log.yaml": f"type: log\n{EVENT}text: x\n",
    "approvals/2026/approval-20261123-k7f3q2.yaml": (
        f"of: svcops.yaml\nrole: reviewer\nby: kim\nat: 2026-11-23T08:15:00Z\ndigest: sha256:{'0' * 64}\n"
    ),
}

PIECES = [
    *"-:[]{}&*!|>%@`'\"#?,\n \t~<=.\\",
    *("\r\n", "\r", "\x85", "\u2028", "\ufeff", "ä", "🧾", "e\u0301", "\x00", "\x1b", "\x9b"),
    *(
        "---\n",
        "...\n",
        "- ",
        ": ",
        "? ",
        "<<: ",
        "&a ",
        "*a ",
        "!!int ",
        "!!str ",
        "!x ",
        "%YAML 1.1\n",
        "| \n",
        ">-\n",
    ),
    *(
        "null",
        "true",
        "1_000",
        "0x1f",
        "1e999",
        ".inf",
        "-.nan",
        "2026-11-23",
        "12:30:45",
        "yes",
        '"\\x1b"',
        '"\\ud800"',
    ),
    *("title", "owner", "kind", "metadata", "name", "spec", "type", "services", "incidents", "severities", "time_zone"),
    *("title: P\n", "owner: operations\n", "kind: SLO\n", "type: log\n", "  - service: x\n", "name: a\n"),
]
PATHS = st.sampled_from(sorted(RECORDS))
YAML_LIKE = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@st.composite
def changed_records(draw: st.DrawFn) -> tuple[str, bytes]:
    """A good record with a piece put in, cut out or repeated."""
    path = draw(PATHS)
    data = RECORDS[path]
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 12)))
        data = data[:start] + draw(st.sampled_from([*PIECES, data[start:end] * 2])) + data[end:]
    return path, data.encode()


PLAIN_FORMATS = tuple(name for name in FORMATS if name not in ("sarif", "junit"))
"""Those that do not list every rule, which takes longer than a small check."""


def show(outcome: Outcome, graph: Graph, formats: tuple[str, ...] = PLAIN_FORMATS) -> None:
    """Nothing is raised, and nothing is in it that a terminal would obey."""
    report = Report(outcome.findings, outcome.records, graph.tree)
    for name in formats:
        for block in render(name, report):
            assert all(char.isprintable() or char in "\n\u2060" for char in block), name


def checked(root: Path, path: str, data: bytes) -> Outcome:
    """Put one file into an otherwise good store, check it, show the findings in every format, put it back."""
    (root / path).write_bytes(data)
    try:
        graph = Graph(root)
        outcome = check(graph, NOW)
        show(outcome, graph)
    finally:
        (root / path).write_bytes(RECORDS[path].encode())
    lines = data.count(b"\n") + data.count(b"\r") + data.count(b"\xc2\x85") + data.count(b"\xe2\x80\xa8") + 2
    for one in outcome.findings:
        if one.at.path == path and one.span:
            assert 1 <= one.span.line <= lines
            assert one.span.column >= 1
            assert (one.span.line, one.span.column) <= (one.span.end_line, one.span.end_column)
    return outcome


@pytest.fixture
def root(write: Callable[[Mapping[str, str | bytes]], Path]) -> Path:
    return write(RECORDS)


def test_the_store_without_damage_is_good(root: Path) -> None:
    assert check(Graph(root), NOW).findings == ()


@tries(150)
@given(PATHS, st.binary(max_size=200))
def test_random_bytes(root: Path, path: str, data: bytes) -> None:
    checked(root, path, data)


@tries(300)
@given(PATHS, YAML_LIKE)
def test_text_like_yaml(root: Path, path: str, data: str) -> None:
    checked(root, path, data.encode())


@tries(400)
@given(changed_records())
def test_good_records_with_slips(root: Path, changed: tuple[str, bytes]) -> None:
    checked(root, *changed)


@tries(100)
@given(st.text(alphabet=st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_any_file_name(root: Path, name: str) -> None:
    if name in (".", "..") or len(name.encode()) > 200:
        return
    for suffix in ("", ".yaml"):
        full = root / "catalogue" / "teams" / (name + suffix)
        full.write_text("title: T\n", encoding="utf-8")
        try:
            graph = Graph(root)
            show(check(graph, NOW), graph, FORMATS)
        finally:
            full.unlink()


def test_file_name_that_is_not_utf_8(root: Path, call: Callable[..., Any]) -> None:
    (root / "catalogue" / "teams" / "\udcff\udcfe.yaml").write_text("title: T\n", encoding="utf-8")
    for format_ in ("text", "github"):
        said = call(root, "check", "--format", format_)
        assert said.code == 1
        assert "NAME001" in said.out
        said.out.encode()
    assert call(root, "check", "--json").code == 1


def test_a_line_break_in_a_file_name_is_no_line_of_a_quiet_check(root: Path, call: Callable[..., Any]) -> None:
    (root / "catalogue" / "teams" / "a\nb.yaml").write_text("title: T\n", encoding="utf-8")
    lines = call(root, "--quiet", "check").out.splitlines()
    assert [line for line in lines if "NAME001" in line] == ["catalogue/teams/a b.yaml:1:1 NAME001"]


@pytest.mark.parametrize("target", ["../../../outside/secret.yaml", "../../.git/config", "/etc/passwd"])
def test_nothing_is_told_of_a_file_behind_a_link_that_leaves(root: Path, call: Callable[..., Any], target: str) -> None:
    for secret in (root.parent / "outside" / "secret.yaml", root / ".git" / "config"):
        secret.parent.mkdir()
        secret.write_text("password: opensesame\nroot: x\n", encoding="utf-8")
    (root / "catalogue" / "services" / "link.yaml").symlink_to(target)
    for format_ in ("text", "github", "json"):
        said = call(root, "check", "--format", format_)
        assert "FILE003" in said.out
        assert "opensesame" not in said.out
        assert "password" not in said.out
        assert "root:" not in said.out


def test_a_record_behind_a_link_that_leaves_is_not_read(root: Path) -> None:
    (root.parent / "outside").mkdir()
    (root.parent / "outside" / "secret.yaml").write_text("title: T\nowner: operations\n", encoding="utf-8")
    (root / "catalogue" / "systems").symlink_to("../../outside")
    (root / "catalogue" / "services" / "link.yaml").symlink_to("../../../outside/secret.yaml")
    graph = Graph(root)
    assert set(graph.all("service")) == {"ledger", "payroll"}
    assert set(graph.all("system")) == set()


ALIAS_BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (letter, letter, b",".join([b"*%c" % (letter - 1)] * 9)) for letter in range(ord("b"), ord("z"))
)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (ALIAS_BOMB, "YAML004"),
        (b"[" * 1_000_000, "YAML007"),
        (b"{a: " * 250_000, "YAML007"),
        (b"? " * 500_000, "YAML005"),
        (b"- " * 500_000, "YAML007"),
        (b"&a " * 300_000, "YAML001"),
        (b"title: " + b"9" * 1_000_000, "YAML007"),
        (b"title: " + b"!" * 1_000_000, "YAML003"),
        (b"title: '" + b"x" * 1_000_000, "YAML001"),
        (b"title: |\n" + b" \n" * 500_000 + b"x", "YAML001"),
        (b"a: b\n" * 200_000, "YAML002"),
        (b"".join(b"k%d: 1\n" % number for number in range(90_000)), "SCHEMA001"),
        (b"title: P\nowner: operations\ntags: [" + b"1," * 190_000 + b"1]\n", "SCHEMA003"),
        (b"\n" * 1_000_000, "YAML001"),
        (b"#" * 1_000_000, "YAML001"),
        (b"\x00" * 1_000_000, "FILE001"),
        ("ä".encode() * 500_000 + b"\xff", "FILE001"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_largest_files_of_the_worst_kind_are_read_to_the_end(root: Path, data: bytes, code: str) -> None:
    (root / "catalogue/services/payroll.yaml").write_bytes(data)
    assert code in {one.code for one in check(Graph(root), NOW).findings}


def test_long_text_repeated_a_thousand_times(root: Path) -> None:
    data = b"title: &a " + b"x" * 100_000 + b"\nowner: operations\ntags: [" + b"*a," * 500 + b"]\n"
    (root / "catalogue/services/payroll.yaml").write_bytes(data)
    assert "YAML004" in {one.code for one in check(Graph(root), NOW).findings}


def test_of_very_many_problems_the_rest_is_counted(root: Path) -> None:
    (root / "catalogue/services/payroll.yaml").write_text("title: P\nowner: operations\ntags: [" + "1," * 150 + "]\n")
    found = [one for one in check(Graph(root), NOW).findings if one.code == "SCHEMA003"]
    assert len(found) == 101
    assert [one.message for one in found if "more" in one.message] == ["50 more values or keys are wrong here"]
