"""Fixes as text: only what is wrong changes, and only where nothing else rests on it."""

import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.checking.engine import check
from svcops.checking.fixing import change_of, diff, fixed, located, until_stable
from svcops.checking.formats.changes import hunks, is_located
from svcops.checking.formats.sources import Sources
from svcops.checking.model import At, Edit, Finding, Fix
from svcops.store.files import Tree
from svcops.store.graph import Graph
from svcops.store.writing import Moved

from .conftest import NOW

SERVICE = "catalogue/services/payroll.yaml"

BASE = {
    "catalogue/teams/operations.yaml": (
        "title: Operations\nmembers: [kim]\ncontacts: [{channel: chat, address: operations}]\n"
    ),
    "catalogue/people/kim.yaml": "name: Kim\n",
    "catalogue/services/ledger.yaml": "title: Ledger\nowner: operations\n",
}

SOUND = {
    SERVICE: """\
# «title is no place for a comment»
«title|Title|TITLE»: "Payroll: «x»"   # yes, on and Operations stay
'«owner|Owner»':\t«operations|Operations|teams/operations|../teams/operations.yaml»
"tier": «1|"1"|'1'»
lifecycle: production
«|lifecycle: production
»external: «true|yes|On|"true"»  # On
tags: «[wages]|wages»

core_workflows:
    # the one that counts
  - name: pay
    title: «"2026"|2026»
    slo: «SLO/pay|pay|slo/PAY»

dependencies:
  - {service: «ledger|LEDGER|ledger.yaml», "«critical|Critical»":«false|no|"off"», kind: «call|Call», why: w«|, why: w»}
  - service: "«ledger|Ledger»"
    why: |
      owner: Operations
      tier: "1"
«|    kind: infrastructure
»    kind: infrastructure
""",
    "catalogue/escalations/suite.yaml": """\
title: Suite
«support_hours|Support-Hours»:
  open:
    - days: «[mon-fri]|mon-fri»
      from: "08:00"
    - days: ["«sat|Sat|SAT»"]
levels:
  - notify: [{team: «operations|OPERATIONS»}]
  - after: «1h30m|1 h 30 min|1 hour and 30 minutes»
    notify: «[{team: operations}]|{team: operations}»
    during: «outside-hours|outside hours|Outside_Hours»
    severities: [sev1, «sev2|SEV2»]
""",
    "catalogue/agreements/pay.yaml": """\
title: Pay
services: [payroll]
support_hours: «always|Always|ALWAYS»
availability: {percent: «99.5|"99.5"»}
agreed: {with: Sales, at: "2026-01-01", document: https://wiki.example.com/pay, by: kim}
""",
    "runbooks/payroll/restore.md": """\
---
title: Restore
«kind|Kind»: «recovery|Recovery»
services: «[payroll]|payroll»
---

kind: Recovery, owner: Operations, `«x»`
""",
    "slo/pay.yaml": """\
apiVersion: openslo/v1
kind: «SLO|slo»
metadata: {name: pay«|, name: pay», «displayName|DisplayName»: Pay}
spec:
  service: «payroll|Payroll»
  «budgetingMethod|budgeting_method»: Occurrences
  timeWindow:
    - duration: «28d|28 days»
      isRolling: «true|yes»
  objectives:
    - target: «0.990|"0.990"»
---
# and a second one
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: page}
spec: {alertWhenNoData: «false|no»}
""",
}
"""Sound files with places that can be damaged: «what is right|ways to damage it»."""

PLACE = re.compile(r"«([^«»]*)»", re.DOTALL)
PLACES = [
    (path, number, found[1].split("|"))
    for path, text in SOUND.items()
    for number, found in enumerate(PLACE.finditer(text))
    if "|" in found[1]
]


def files_with(damage: Mapping[tuple[str, int], str], eol: str = "\n") -> dict[str, bytes]:
    """The sound files, but for some of their places."""
    files = {}
    for path, text in SOUND.items():
        places = iter(range(len(PLACE.findall(text))))
        whole = PLACE.sub(lambda found: damage.get((path, next(places)), found[1].split("|")[0]), text)  # noqa: B023
        files[path] = whole.replace("\n", eol).encode()
    return files


def judge_of(root: Path) -> Callable[[Tree], list[Finding]]:
    def judge(tree: Tree) -> list[Finding]:
        graph = Graph(root, tree=tree)
        return located(check(graph, NOW).findings, graph)

    return judge


def mended(root: Path) -> tuple[dict[str, bytes], list[Finding]]:
    """Every file that fixes change, and what is found afterwards."""
    judge, tree = judge_of(root), Graph(root).tree
    done, left = until_stable(tree, judge(tree), judge)
    return dict(done.files), left


@st.composite
def damages(draw: st.DrawFn) -> dict[tuple[str, int], str]:
    chosen = draw(st.lists(st.sampled_from(PLACES), unique_by=lambda place: place[:2], max_size=len(PLACES)))
    return {(path, number): draw(st.sampled_from(ways[1:])) for path, number, ways in chosen}


@given(damage=damages(), eol=st.sampled_from(["\n", "\r\n"]))
def test_what_was_damaged_is_as_it_was_to_the_byte(tmp_path_factory: pytest.TempPathFactory, damage, eol) -> None:
    root = tmp_path_factory.mktemp("store")
    sound, damaged = files_with({}, eol), files_with(damage, eol)
    for path, data in {**BASE, "svcops.yaml": "organisation: Example\n", **damaged}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data.encode() if isinstance(data, str) else data)
    files, left = mended(root)
    assert {**damaged, **files} == sound
    assert not [one for one in left if one.code.startswith(("SCHEMA", "YAML", "REF"))]


@pytest.mark.parametrize(("path", "number", "ways"), PLACES)
def test_each_way_of_damage_is_found_and_mended(write, path: str, number: int, ways: list[str]) -> None:
    for way in ways[1:]:
        root = write({**BASE, **files_with({(path, number): way})})
        files, _ = mended(root)
        assert files == {path: files_with({})[path]}, way


@pytest.mark.parametrize(
    "text",
    [
        "title: P\nowner: &who Operations\nlifecycle: *who\n",
        "title: &who Operations\nowner: *who\n",
        "title: P\nowner: operations\nlinks:\n  - &link {url: 1}\n  - *link\n",
        "title: P\nowner: !!str Operations\n",
        "title: P\nowner: >-\n  Operations\n",
        "title: P\nowner: operations\ndependencies:\n  service: ledger\n  kind: call\n",
        "title: P\nowner: operations\ntags: wages, hours\n",
        'title: P\nowner: operations\ntags: "wages, hours"\n',
        "title: P\nowner: operations\ntags: wages hours\n",
        "title: P\nowner: operations\ntitle: P  # the same\n",
        "title: P\nowner: operations\ntags: [a]\ntags:\n  # one\n  - a\n",
        "title: P\nowner: opperations\nteir: 1\n",
        "title: P\nowner: operations\nTier: 1\ntier: 2\n",
        "title: P\nowner: operations\nTier: 1\nTIER: 1\n",
        "title: P\nowner: operations\ntier: one\nexternal: y\n",
        "title: P\nowner: operations\ntier: 1_000\n",
        'title: P\nowner: operations\ntier: "2.0"\n',
        'title: P\nowner: operations\ntier: "1.5"\n',
        "title: P\nowner: operations\ntitle: Q\n",
        "title: P\nowner: operations\nowner: operations: x\n",
    ],
)
def test_what_is_not_certain_is_left_alone(write, text: str) -> None:
    files, left = mended(write({**BASE, SERVICE: text}))
    assert not files
    assert left
    assert not any(one.fix for one in left if one.at.path == SERVICE)


def test_a_name_of_two_records_is_no_fix(write) -> None:
    root = write(
        {**BASE, "catalogue/people/operations.yaml": "name: Mx Operations\n", SERVICE: "title: P\nowner: OPERATIONS\n"}
    )
    assert mended(root)[0] == {}


def test_a_name_that_yaml_would_read_as_something_else_is_written_in_quotes(write) -> None:
    files = {**BASE, "catalogue/teams/on.yaml": "title: On\n", SERVICE: "title: P\nowner: ON\n"}
    assert mended(write(files))[0] == {SERVICE: b'title: P\nowner: "on"\n'}


def test_the_written_digits_are_kept(write) -> None:
    text = "title: P\nowner: operations\ntags: [1.10, 0x1F, +5, 1e3, .5, 007, true]\n"
    quoted = 'title: P\nowner: operations\ntags: ["1.10", "0x1F", "+5", "1e3", ".5", "007", "true"]\n'
    assert mended(write({**BASE, SERVICE: text}))[0] == {SERVICE: quoted.encode()}


def test_byte_order_mark_stays(write) -> None:
    files, _ = mended(write({**BASE, SERVICE: "\ufefftitle: P\nowner: Operations\n"}))
    assert files == {SERVICE: "\ufefftitle: P\nowner: operations\n".encode()}


def test_three_of_a_kind_become_one(write) -> None:
    assert mended(write({**BASE, SERVICE: "title: P\nowner: operations\n" + "tier: 1\n" * 3}))[0] == {
        SERVICE: b"title: P\nowner: operations\ntier: 1\n"
    }


def test_last_line_without_a_line_end(write) -> None:
    assert mended(write({**BASE, SERVICE: "title: P\nowner: operations\ntitle: P"}))[0] == {
        SERVICE: b"title: P\nowner: operations"
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("title: P\nowner: operations\nowner: operations\n", (3, ["owner: operations"], [])),
        ("title: P\nowner: operations\ntitle: P", (3, ["title: P"], [])),
        (
            "title: P\nowner: operations\n" + "description: |\n  multi\n  line\n" * 2,
            (6, ["description: |", "  multi", "  line"], []),
        ),
        ("title: P\nowner: operations\ntags: wages\n", (3, ["tags: wages"], ["tags: [wages]"])),
        ("title: 2026\nowner: operations\n", (1, ["title: 2026"], ['title: "2026"'])),
    ],
)
@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_a_fix_shows_the_lines_that_it_changes_and_no_others(write, text: str, shown: object, eol: str) -> None:
    root = write({**BASE, SERVICE: text.replace("\n", eol)})
    graph = Graph(root)
    (found,) = [one for one in judge_of(root)(graph.tree) if one.fix]
    assert is_located(found.fix)
    (hunk,) = hunks(found.fix, {SERVICE: Sources(graph.tree).lines(SERVICE)})
    assert (hunk.first, list(hunk.old), list(hunk.new)) == shown


def approval(of: str) -> dict[str, str]:
    name = "approvals/2026/approval-20261123-k7f3q2.yaml"
    return {name: f"of: {of}\ndigest: sha256:{'0' * 64}\nrole: reviewer\nby: kim\nat: 2026-11-23T08:15:00Z\n"}


def test_what_an_approval_covers_is_not_mended_and_the_help_says_why(write) -> None:
    root = write({**BASE, SERVICE: "title: P\nowner: Operations\n", **approval(SERVICE)})
    files, left = mended(root)
    assert not files
    found = next(one for one in left if one.code == "REF001")
    assert found.fix is None
    assert found.help.endswith("No program mends it: approval-20261123-k7f3q2 is about its exact bytes.")


def test_proofs_and_what_is_signed_are_not_mended(write) -> None:
    evidence = "recovery/evidence/2026/evidence-20261123-k7f3q2/evidence.yaml"
    text = "plan: Ledger\nstarted_at: 2026-11-23T08:15:00Z\nended_at: 2026-11-23T08:15:00Z\nverdict: passed\nby: kim\n"
    plan = "title: P\nservices: [ledger]\n"
    signed = {SERVICE: "title: P\nowner: Operations\n", f"{SERVICE}.sig": "-----BEGIN SSH SIGNATURE-----\n"}
    root = write({**BASE, "recovery/plans/ledger.yaml": plan, evidence: text, **signed})
    files, left = mended(root)
    assert not files
    helps = {one.at.path: one.help for one in left if one.code == "REF001"}
    assert helps[evidence].endswith("No program mends it: evidence is about exact bytes.")
    assert helps[SERVICE].endswith("No program mends it: it is signed.")


def test_locating_twice_changes_nothing(write) -> None:
    root = write({**BASE, **files_with({(path, number): ways[1] for path, number, ways in PLACES})})
    graph = Graph(root)
    once = judge_of(root)(graph.tree)
    assert located(once, graph) == once


def test_of_fixes_that_touch_each_other_the_first_is_made(write) -> None:
    root = write({SERVICE: "title: P\nowner: Operations\n"})
    graph = Graph(root)
    at = At(SERVICE, ("owner",))
    two = [Finding("REF001", word, at, fix=Fix(word, (Edit(at, word),))) for word in ("operations", "platform")]
    done = fixed(graph.tree, located(two, graph))
    assert done.files == {SERVICE: b"title: P\nowner: operations\n"}
    assert [one.message for one in done.findings] == ["operations"]


def test_a_fix_that_would_change_more_than_its_place_is_not_made(write) -> None:
    root = write({SERVICE: "title: P\nowner: Operations\n"})
    graph = Graph(root)
    at = At(SERVICE, ("owner",))
    odd = Finding("REF001", "odd", at, fix=Fix("odd", (Edit(at, "operations\ntier: 1"),)))
    assert not fixed(graph.tree, located([odd], graph)).files


def test_diff_is_one_that_git_applies(tmp_path: Path) -> None:
    old, new = b"title: P\r\nowner: X\r\ntags: [a]", b"title: P\r\nowner: x\r\ntags: [b]"
    (tmp_path / "a.yaml").write_bytes(old)
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=diff(old, new, "a.yaml").encode(), check=True)
    assert (tmp_path / "a.yaml").read_bytes() == new
    assert diff(old, old, "a.yaml") == ""


def test_fixes_are_written_over_an_edit_that_is_not_committed_and_not_committed(store) -> None:
    for path, text in {**BASE, SERVICE: "title: P\nowner: operations\n"}.items():
        store.write(path, text)
    head = store.commit("Records")
    store.write(SERVICE, "title: Mine\nowner: Operations\n")
    store.write("catalogue/people/kim.yaml", "name: Kim, half done\n")
    tree = Graph(store.root).tree
    files, _ = mended(store.root)
    store.apply(change_of(tree, files, "Mend"), commit=False)
    assert store.read(SERVICE) == "title: Mine\nowner: operations\n"
    assert store.read("catalogue/people/kim.yaml") == "name: Kim, half done\n"
    assert store.head() == head
    assert not store.staged()
    assert not store.leftovers()


def test_a_file_that_changed_since_it_was_read_is_refused(store) -> None:
    for path, text in {**BASE, SERVICE: "title: P\nowner: Operations\n"}.items():
        store.write(path, text)
    tree = Graph(store.root).tree
    change = change_of(tree, mended(store.root)[0], "Mend")
    store.write(SERVICE, "title: Another\nowner: Operations\n")
    with pytest.raises(Moved):
        store.apply(change, commit=False)
    assert store.read(SERVICE) == "title: Another\nowner: Operations\n"
