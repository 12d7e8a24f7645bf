"""The landscape as a tree, as Mermaid and as DOT: what is drawn, and that no title can break out of it."""

import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.catalogue.dependencies import Edge, Slice
from svcops.catalogue.graphing import dot, mermaid, plain, trees
from svcops.catalogue.model import Dependency, Service
from svcops.store.entries import Entry

HOSTILE = 'A "title"; with [brackets], #hash, <b>tags</b> & `ticks`\\n \\" \u2028 end subgraph'


def part(edges, titles=None, external=(), unknown=()):
    """A slice from lines such as `a b` (critical) and `a b?`."""
    made = []
    for number, line in enumerate(edges):
        source, target = line.rstrip("?").split()
        made.append(Edge(source, target, Dependency(service=target, critical=not line.endswith("?")), number))
    names = dict.fromkeys(name for one in made for name in (one.source, one.target))
    services = {name: None if name in unknown else entry(name, titles, external) for name in names}
    return Slice(services, tuple(made), dict.fromkeys(unknown, "not in the catalogue"))


def entry(name, titles, external):
    service = Service(title=(titles or {}).get(name, name.upper()), owner="team", external=name in external)
    return Entry("service", name, f"catalogue/services/{name}.yaml", service)


def tree(*arguments, start="", up=False, down=True, depth=None, **more):
    return "\n".join(trees(part(*arguments, **more), start, up=up, down=down, depth=depth))


def test_a_tree_names_what_is_repeated_once_and_marks_circles():
    assert tree(["a b", "b c", "b d?", "a c", "a b", "d b"], start="a") == (
        "a\n"
        "├── b  [call]\n"
        "│   ├── c  [call]\n"
        "│   └── d  [call, not critical]\n"
        "│       └── b  [call]  (a circle)\n"
        "├── c  [call]\n"
        "└── b  [call]  (see above)"
    )


def test_a_tree_marks_what_others_run_and_what_is_not_there():
    assert tree(["a b", "a c"], start="a", external=["b"], unknown=["c"]) == (
        "a\n├── b (run by somebody else)  [call]\n└── c (not in the catalogue)  [call]"
    )


def test_a_tree_upwards_and_both_ways():
    assert tree(["a b", "b c"], start="b", up=True, down=False) == "b\n└── a  [call]"
    assert tree(["a b", "b c"], start="b", up=True, down=True) == (
        "What b needs\nb\n└── c  [call]\n\nWhat needs b\nb\n└── a  [call]"
    )


def test_the_whole_landscape_begins_with_what_nobody_needs_and_leaves_no_circle_out():
    assert (
        tree(["a b", "x y", "y x", "z b"])
        == "a\n└── b  [call]\nz\n└── b  [call]\nx\n└── y  [call]\n    └── x  [call]  (a circle)"
    )
    assert tree(["a b", "c b"], up=True, down=False) == "b\n├── a  [call]\n└── c  [call]"


def test_a_tree_ends_at_the_depth():
    assert tree(["a b", "b c", "c d"], start="a", depth=2) == "a\n└── b  [call]\n    └── c  [call]"


def test_a_long_chain_needs_no_stack():
    lines = tree([f"s{number:04} s{number + 1:04}" for number in range(3000)], start="s0000").splitlines()
    assert len(lines) == 3001


def test_mermaid_draws_what_is_critical_and_what_others_run():
    assert mermaid(part(["pay-roll ledger", "ledger pay.roll?"], external=["ledger"], unknown=["pay.roll"])) == (
        "flowchart LR\n"
        '    s_pay_roll["PAY-ROLL<br/>pay-roll"]\n'
        '    s_ledger(["LEDGER<br/>ledger"])\n'
        '    s_pay__roll["not in the catalogue<br/>pay.roll"]:::unknown\n'
        "    s_pay_roll -->|call| s_ledger\n"
        "    s_ledger -.->|call| s_pay__roll\n"
        "    classDef unknown stroke-dasharray: 4"
    )


def test_mermaid_is_told_no_title_that_it_would_obey():
    found = mermaid(part(["a b"], titles={"a": HOSTILE}))
    (line,) = [one for one in found.splitlines() if one.startswith("    s_a[")]
    label = re.fullmatch(r'    s_a\["(.*)<br/>a"\]', line)[1]
    assert re.fullmatch(r"(?:[\w .,:/()-]|#\d+;)*", label)
    assert re.sub(r"#(\d+);", lambda one: chr(int(one[1])), label) == " ".join(HOSTILE.split())


@given(st.lists(st.from_regex(r"[a-c0]([._-][a-c0]){0,3}", fullmatch=True), unique=True, max_size=8))
def test_every_name_has_a_mermaid_id_of_its_own(names):
    from svcops.catalogue.graphing import _mermaid_id

    ids = [_mermaid_id(name, number) for number, name in enumerate(names)]
    assert len(set(ids)) == len(names)
    assert all(re.fullmatch(r"s_\w+", one) for one in ids)


def test_dot_draws_what_is_critical_and_what_others_run():
    assert dot(part(["a b", "b c?"], external=["b"], unknown=["c"])) == (
        "digraph services {\n"
        "    rankdir=LR;\n"
        '    node [shape=box, fontname="sans-serif"];\n'
        '    "a" [label="A\\na"];\n'
        '    "b" [label="B\\nb", style=rounded];\n'
        '    "c" [label="not in the catalogue\\nc", style=dashed];\n'
        '    "a" -> "b" [label="call"];\n'
        '    "b" -> "c" [label="call", style=dashed];\n'
        "}"
    )


DOT_LINE = re.compile(r'    "(?:[^"\\]|\\.)*"(?: -> "(?:[^"\\]|\\.)*")? \[label="(?:[^"\\]|\\.)*"(?:, style=\w+)?\];')


@given(st.text(min_size=1), st.text(min_size=1))
def test_dot_keeps_every_text_inside_its_quotes(title, other):
    name, target = "a", other if other.strip() else "b"
    needs = Edge(name, target, Dependency(service=target), 0)
    found = dot(Slice({name: entry(name, {name: title}, ()), target: None}, (needs,), {target: other}))
    assert all(DOT_LINE.fullmatch(line) for line in found.split("\n")[3:-1])


@pytest.mark.skipif(not shutil.which("dot"), reason="graphviz is not installed")
def test_graphviz_reads_it():
    done = subprocess.run(
        ["dot", "-Tplain"],
        input=dot(part(["a b", "b c?"], titles={"a": HOSTILE, "b": "\\"})),
        capture_output=True,
        text=True,
        check=True,
    )
    assert not done.stderr
    assert [line.split()[1] for line in done.stdout.splitlines() if line.startswith("node")] == ["a", "b", "c"]


def test_json_says_unknown_where_nothing_is_known():
    found = plain(part(["a b?"], unknown=["b"]))
    assert found["nodes"][1] == {
        "name": "b",
        "title": None,
        "owner": None,
        "tier": None,
        "external": None,
        "path": None,
        "missing": "not in the catalogue",
    }
    assert found["nodes"][0]["missing"] is None
    assert found["edges"] == [{"from": "a", "to": "b", "kind": "call", "critical": False, "why": ""}]
