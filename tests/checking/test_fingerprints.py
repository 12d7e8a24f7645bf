"""Fingerprints stay when lines move, and tell apart what is not the same."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tries import tries

from svcops.checking.engine import check
from svcops.checking.fingerprints import fingerprints
from svcops.checking.formats.sources import Sources
from svcops.checking.model import At, Finding, Span
from svcops.store.graph import Graph

NOW = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
SERVICE = "catalogue/services/ledger.yaml"
RUNBOOK = "runbooks/ledger/restore.md"
OPENSLO = "slo/a.yaml"
DAMAGED: dict[str, str] = {
    SERVICE: "title: Ledger\nowner: opperations\ntier: one\ntags: [a, 1, 2]\ndependencies:\n  - service: legder\n",
    "catalogue/services/portal.yaml": "title: P\nowner: operations\ntitle: P\n",
    "catalogue/services/torn.yaml": "title: T\nowner: [\n",
    "catalogue/teams/operations.yaml": "title: Operations\nparent: nobody\n",
    RUNBOOK: "---\ntitle: R\nkind: recovery\nservices: [legder, ledger, legder]\n---\n\nText\n",
    OPENSLO: "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: a}\nspec: {}\nmore: 1\n",
}

Write = Callable[[Mapping[str, str | bytes]], Path]


def of_store(root: Path) -> dict[str, Finding]:
    graph = Graph(root)
    found = check(graph, NOW).findings
    marks = fingerprints(found, Sources(graph.tree).line)
    assert len(set(marks)) == len(marks)
    return dict(zip(marks, found, strict=True))


COMMENTS = st.lists(st.sampled_from(["# a comment\n", "\n", "# title: Other\n", "#\n"]), max_size=6).map("".join)


@tries(25)
@given(st.dictionaries(st.sampled_from(sorted(DAMAGED)), COMMENTS))
def test_comments_above_change_no_fingerprint(write: Write, comments: dict[str, str]) -> None:
    before = of_store(write(DAMAGED))
    assert len(before) >= 9
    moved = dict(DAMAGED)
    for path, lines in comments.items():
        moved[path] = f"---\n{lines}{moved[path][4:]}" if path.endswith(".md") else lines + moved[path]
    after = of_store(write(moved))
    assert after.keys() == before.keys()
    assert {mark: one.code for mark, one in after.items()} == {mark: one.code for mark, one in before.items()}


def test_an_item_above_changes_no_fingerprint(write: Write) -> None:
    before = of_store(write(DAMAGED))
    text = DAMAGED[SERVICE].replace("  - service: legder\n", "  - service: portal\n  - service: legder\n")
    assert of_store(write({**DAMAGED, SERVICE: text})).keys() >= before.keys()


def test_what_is_mended_is_the_only_one_that_goes(write: Write) -> None:
    before = of_store(write(DAMAGED))
    text = DAMAGED[SERVICE].replace("tier: one", "tier: 1")
    after = of_store(write({**DAMAGED, SERVICE: text}))
    assert [before[mark].message for mark in before.keys() - after.keys()] == ['tier must be a whole number, not "one"']


FINDINGS = st.builds(
    Finding,
    st.sampled_from(["REF001", "YAML001"]),
    st.sampled_from(["names nothing: a", "names nothing: b", "torn, as said", ""]),
    st.builds(At, st.sampled_from(["a.yaml", "b.yaml"]), st.sampled_from([(), ("owner",), ("tags", 0), ("tags", 4)])),
    span=st.none() | st.builds(lambda line: Span(line, 1, line, 2), st.integers(1, 5)),
)


def read_line(path: str, number: int) -> str | None:
    return f"  {path} {number}" if number < 5 else None


@given(st.lists(FINDINGS, max_size=12))
def test_no_two_findings_share_a_fingerprint(found: list[Finding]) -> None:
    marks = fingerprints(found, read_line)
    assert len(set(marks)) == len(found)
    assert all(len(mark) == 32 and int(mark, 16) >= 0 for mark in marks)


@given(FINDINGS, FINDINGS)
def test_different_findings_differ_also_between_two_checks(one: Finding, other: Finding) -> None:
    def counts(finding: Finding) -> tuple[object, ...]:
        keys = tuple(key for key in finding.at.keys if isinstance(key, str))
        line = read_line(finding.at.path, finding.span.line) if finding.span and not finding.at.keys else ""
        return finding.code, finding.message, finding.at.path, keys, line or ""

    same = fingerprints([one], read_line) == fingerprints([other], read_line)
    assert same == (counts(one) == counts(other))


@given(st.lists(FINDINGS, max_size=8), st.randoms())
def test_order_in_which_findings_are_given_does_not_count(found: list[Finding], random: object) -> None:
    found = list({finding.order(): finding for finding in found}.values())
    marks = dict(zip(found, fingerprints(found, read_line), strict=True))
    mixed = found[:]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert dict(zip(mixed, fingerprints(mixed, read_line), strict=True)) == marks


def test_alike_ones_are_numbered_by_place() -> None:
    def at(line: int) -> Finding:
        return Finding(
            "REF001", "services names no service: x", At("a", ("services", line)), span=Span(line, 1, line, 2)
        )

    three = fingerprints([at(1), at(5), at(9)], read_line)
    assert fingerprints([at(5), at(1)], read_line) == [three[1], three[0]]


@pytest.mark.parametrize(
    ("message", "other", "same"),
    [
        ("first set at line 3", "first set at line 12", True),
        ("at line 3, column 7", "at line 4, column 1", True),
        ("99 items are wrong", "98 items are wrong", False),
        ("deadline 3", "deadline 4", False),
    ],
)
def test_line_numbers_in_a_message_do_not_count(message: str, other: str, *, same: bool) -> None:
    finding = Finding("YAML001", message, At("a", ("x",)))
    marks = [fingerprints([one], read_line) for one in (finding, replace(finding, message=other))]
    assert (marks[0] == marks[1]) == same


def test_what_changes_from_day_to_day_does_not_count_where_a_gist_stands_for_it() -> None:
    finding = Finding("SCH001", "nobody is on call from Monday", At("a"), gist="nobody is on call")
    marks = fingerprints([finding, replace(finding, message="nobody is on call from Tuesday")], read_line)
    tomorrow = fingerprints([replace(finding, message="nobody is on call from Wednesday")], read_line)
    assert tomorrow == marks[:1] != fingerprints([replace(finding, gist="another")], read_line)


def test_how_far_a_line_is_set_in_does_not_count() -> None:
    finding = Finding("YAML001", "torn", At("a"), span=Span(2, 3, 2, 4))
    marks = [fingerprints([finding], lambda *_, line=line: line) for line in ("  - [", "- [", "- {")]
    assert marks[0] == marks[1] != marks[2]


def test_a_path_that_is_no_text_has_a_fingerprint() -> None:
    (mark,) = fingerprints([Finding("NAME001", "no name", At("catalogue/teams/\udcff.yaml"))], read_line)
    assert mark.isalnum()
