"""svcops fmt: whole entries move, nothing else does."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.catalogue.model import Service
from svcops.store.formatting import CannotEdit, formatted, in_order, is_in_order
from svcops.store.yaml_reading import compose

SERVICE = "catalogue/services/payroll.yaml"
ORDERED = "title: Payroll\nowner: operations\ntier: 1\n"
SHUFFLED = "tier: 1\nowner: operations\ntitle: Payroll\n"


def fmt(text: str) -> str:
    return formatted(text, [((0,), Service)])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(SHUFFLED, ORDERED, id="keys"),
        pytest.param(
            "tags: []\n# the second\ntier: 1  # behind\n# the first,\n# in two lines\ntitle: P\nowner: o\n",
            "# the first,\n# in two lines\ntitle: P\nowner: o\n# the second\ntier: 1  # behind\ntags: []\n",
            id="comments go with the key below them, or before them",
        ),
        pytest.param(
            "# About this file\n\ntier: 1\ntitle: P\nowner: o\n\n# The end\n",
            "# About this file\n\ntitle: P\nowner: o\ntier: 1\n\n# The end\n",
            id="what is about the whole file stays",
        ),
        pytest.param(
            "# About this file\n\n# how critical\ntier: 1\ntitle: P\nowner: o\n",
            "# About this file\n\ntitle: P\nowner: o\n# how critical\ntier: 1\n",
            id="the first key's own comment goes with it",
        ),
        pytest.param(
            "# yaml-language-server: $schema=service.json\n# how critical\ntier: 1\n# it\ntitle: P\nowner: o\n",
            "# yaml-language-server: $schema=service.json\n# it\ntitle: P\nowner: o\n# how critical\ntier: 1\n",
            id="the line that names a schema to an editor stays, without a blank line, too",
        ),
        pytest.param(
            "# The platform team answers until May.\nowner: platform\ntitle: x\n",
            "title: x\n# The platform team answers until May.\nowner: platform\n",
            id="what the file begins with is about its first key, where no blank line parts them",
        ),
        pytest.param(
            "title: P\nowner: o\nlinks:\n  # of the first\n  - type: t\n    url: u\n",
            "title: P\nowner: o\nlinks:\n  # of the first\n  - url: u\n    type: t\n",
            id="comments above an item stay above it",
        ),
        pytest.param(
            "tier: 1\n\ntitle: P\nowner: o\n",
            "title: P\nowner: o\n\ntier: 1\n",
            id="no blank line comes first",
        ),
        pytest.param(
            "tags:\n  - a\n  # and no more\ntitle: P\nowner: o\n",
            "title: P\nowner: o\ntags:\n  - a\n  # and no more\n",
            id="comments further right belong to what is above",
        ),
        pytest.param(
            "title: P\nowner: o\nlinks:\n  - type: t\n    # where\n    url: u\n  - title: T\n    url: v\n",
            "title: P\nowner: o\nlinks:\n  - # where\n    url: u\n    type: t\n  - url: v\n    title: T\n",
            id="items of a list",
        ),
        pytest.param(
            "title: P\nowner: o\nlinks:\n- type: t\n  url: u\n-\n  title: T\n  url: v\n",
            "title: P\nowner: o\nlinks:\n- url: u\n  type: t\n-\n  url: v\n  title: T\n",
            id="other layouts of lists",
        ),
        pytest.param(
            "title: P\nowner: o\nlinks: [{type: t,   url: u}, {'title': \"T\", url: v}]\n",
            "title: P\nowner: o\nlinks: [{url: u,   type: t}, {url: v, 'title': \"T\"}]\n",
            id="brackets stay brackets, quotes stay quotes",
        ),
        pytest.param(
            '{"tier": 1,\n "title": "P", "owner": "o"}\n',
            '{"title": "P",\n "owner": "o", "tier": 1}\n',
            id="a file in brackets",
        ),
        pytest.param(
            "description: |\n  tier: 1\n\n  title: x\n\n\ntitle: P\nowner: o\n",
            "title: P\n\n\ndescription: |\n  tier: 1\n\n  title: x\nowner: o\n",
            id="blocks of text",
        ),
        pytest.param(
            "annotations:\n  z: 1\n  a: 2\ntitle: P\nowner: o",
            "title: P\nowner: o\nannotations:\n  z: 1\n  a: 2",
            id="keys of one's own stay in their order, and a last line without its end",
        ),
        pytest.param("tier: 1\r\n# c\r\ntitle: P\r\n", "# c\r\ntitle: P\r\ntier: 1\r\n", id="line ends of Windows"),
        pytest.param("\ufefftier: 1\ntitle: P\n", "\ufefftitle: P\ntier: 1\n", id="byte order mark"),
        pytest.param("---\ntier: 1\ntitle: P\n...\n", "---\ntitle: P\ntier: 1\n...\n", id="marks of a document"),
    ],
)
def test_entries_move_whole(before: str, after: str) -> None:
    assert fmt(before) == after
    assert fmt(after) == after


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("tier: &one 1\ntitle: P\nowner: o\napi: {definition: *one, type: t}\n", id="anchor left behind"),
        pytest.param("owner: &who o\ntitle: *who\n", id="alias before its anchor"),
        pytest.param("? tier\n: 1\n? title\n: P\n", id="keys behind question marks"),
        pytest.param("{tier: 1, # of three\n title: P}\n", id="comments in brackets"),
    ],
)
def test_what_only_a_person_can_keep_is_refused(text: str) -> None:
    try:
        new = fmt(text)
    except CannotEdit:
        return
    assert in_order(Service, compose(text, "").documents[0]) == compose(new, "").documents[0]


def test_a_file_in_order_is_not_touched_whatever_it_looks_like() -> None:
    odd = "\n\n#x\n title :   P\n\n\n \n owner:  'o'   # y\n\n links : [ {url: u,title: t},\n]\n#z"
    assert fmt(odd) == odd


Entry = tuple[str, Any]
ENTRIES: list[Entry] = [
    ("title", '"Payroll: on"'),
    ("description", "|\n  # no comment\n\n  tier: 2"),
    ("owner", "operations  # behind"),
    ("tier", "1"),
    (
        "dependencies",
        [
            [("service", "ledger"), ("kind", "data"), ("critical", "no # x"), ("why", ">-\n  a\n  b")],
            "{service: a, kind: call}",
        ],
    ),
    ("core_workflows", [[("name", "pay"), ("title", "'P'"), ("slo", "SLO/pay")]]),
    ("api", [("type", "t"), ("definition", "x")]),
    ("links", [[("url", "u"), ("title", "T")], [("url", "v"), ("type", "w")]]),
    ("tags", "[b, a]"),
    ("annotations", "\n  z: '1'\n  a: '2'\n  # the last"),
]
"""A service in the order of the model: entries are texts, records are lists of entries."""


def is_commented(entry: Entry) -> bool:
    return len(entry[0]) % 3 == 0


def document_of(entries: list[Entry], draw: random.Random, *, shuffled: bool) -> str:
    """A file with a comment that is about the whole of it."""
    entries = list(entries)
    if shuffled:
        draw.shuffle(entries)
    lines = [line for one in entries for line in lines_of([one], draw, shuffled=shuffled)]
    return "\n".join(["# about the file", "", *lines]) + "\n"


def lines_of(entries: list[Entry], draw: random.Random, *, shuffled: bool) -> Iterator[str]:
    """A record as lines; whether a key has a comment above it, and which, depends on its name alone."""
    entries = list(entries)
    if shuffled:
        draw.shuffle(entries)
    for key, value in entries:
        if is_commented((key, value)):
            yield f"# about {key}"
        if isinstance(value, str):
            yield from f"{key}: {value}".split("\n")
        elif isinstance(value[0], tuple):
            yield f"{key}:"
            yield from (f"  {line}" for line in lines_of(value, draw, shuffled=shuffled))
        else:
            yield f"{key}:"
            for item in value:
                yield from _item(item, draw, shuffled=shuffled)


def _item(item: Any, draw: random.Random, *, shuffled: bool) -> Iterator[str]:
    inner = [item] if isinstance(item, str) else list(lines_of(item, draw, shuffled=shuffled))
    for number, line in enumerate(inner):
        yield f"{'    ' if number else '  - '}{line}" if line else ""


@given(seed=st.integers(0, 2**32), chosen=st.sets(st.sampled_from([key for key, _ in ENTRIES]), min_size=2))
def test_any_order_comes_back_to_the_order_of_the_model_byte_for_byte(seed: int, chosen: set[str]) -> None:
    entries = [entry for entry in ENTRIES if entry[0] in chosen | {"title"}]
    draw = random.Random(seed)
    wanted, shuffled = (document_of(entries, draw, shuffled=one) for one in (False, True))
    assert fmt(wanted) == wanted
    new = fmt(shuffled)
    assert new == wanted
    plain = compose(new, "").documents[0]
    assert plain == compose(shuffled, "").documents[0]
    assert is_in_order(Service, plain)


@pytest.fixture
def team(console) -> Any:
    """A console on a store whose payroll has its keys out of order."""
    console.store.write(SERVICE, SHUFFLED.replace("operations", "platform"))
    console.store.commit("Payroll")
    return console


def test_writes_and_does_not_commit(team) -> None:
    team.store.write("catalogue/people/ada.yaml", "name: Half done\n")
    head = team.store.head()
    said = team("fmt")
    assert said.out == f"{SERVICE}\n"
    assert said.err == "wrote 1 file, not committed: git diff shows what moved\n"
    assert team.store.read(SERVICE) == ORDERED.replace("operations", "platform")
    assert team.store.read("catalogue/people/ada.yaml") == "name: Half done\n"
    assert team.store.head() == head
    assert not team.store.staged()
    assert "nothing to do" in team("fmt").err


def test_check_writes_nothing_and_says_no(team) -> None:
    said = team("fmt", "--check", code=1)
    assert said.out == f"{SERVICE}\n"
    assert said.err == "1 file would change: svcops fmt\n"
    assert team.store.is_clean()


def test_diff_writes_nothing(team) -> None:
    said = team("fmt", "--diff")
    assert said.out.startswith(f"--- a/{SERVICE}\n+++ b/{SERVICE}\n@@ -1,3 +1,3 @@\n")
    assert team.store.is_clean()
    assert team("fmt", "--diff", "--check", code=1).out == said.out


def test_diff_of_other_line_ends_and_of_a_hard_space_is_one_that_git_applies(team) -> None:
    wanted = ORDERED.replace("operations", "platform").replace("\n", "\r\n").replace("Payroll", "Pay\u00a0roll")
    shuffled = SHUFFLED.replace("operations", "platform").replace("\n", "\r\n").replace("Payroll", "Pay\u00a0roll")
    team.store.write(SERVICE, shuffled)
    team.store.git("apply", "-", stdin=team("fmt", "--diff").out)
    assert (team.store.root / SERVICE).read_bytes() == wanted.encode()


def test_json(team) -> None:
    team.store.write("catalogue/services/bad.yaml", "title: [\n")
    content = team("fmt", "--check", "--json", code=2).json
    assert content["schema"] == "svcops.fmt/1"
    assert content["changed"] == [SERVICE]
    assert content["written"] is False
    assert [one["path"] for one in content["left"]] == ["catalogue/services/bad.yaml"]


def test_paths_are_files_or_folders_below_where_one_stands(team) -> None:
    team.cwd = team.store.root / "catalogue"
    assert team("fmt", "--check", "people").out == ""
    assert team("fmt", "--check", "services", code=1).out == f"{SERVICE}\n"
    assert team("fmt", "--check", "services/payroll.yaml", code=1).out == f"{SERVICE}\n"
    assert "is not there" in team("fmt", "service", code=2).err
    assert "outside the store" in team("fmt", "../..", code=2).err


def test_a_damaged_file_is_left_alone_and_named_and_the_others_are_put_in_order(team) -> None:
    team.store.write("catalogue/services/bad.yaml", "teir: 1\ntitle: B\nowner: platform\n")
    said = team("fmt", code=2)
    assert said.out == f"{SERVICE}\n"
    assert "left alone, damaged: catalogue/services/bad.yaml: teir is not a key of this record" in said.err
    assert team.store.read("catalogue/services/bad.yaml") == "teir: 1\ntitle: B\nowner: platform\n"


def test_only_files_in_order_are_counted_as_such(team) -> None:
    every = team("fmt", "--check", "--json", code=1).json["files"]
    team.store.write(SERVICE, "type: service\ntitle: P\nowner: &o platform\ndescription: *o\n")
    team.store.write("catalogue/services/bad.yaml", "title: [\n")
    said = team("fmt", "--check", code=2).err
    assert f"left as it is: {SERVICE}, its layout is one that only a person can keep" in said
    assert "left alone, damaged: catalogue/services/bad.yaml" in said
    assert said.endswith(f"the keys of the other {every - 1} files are in order\n")
    assert "nothing to do" not in said


def test_front_matter_and_several_documents(team) -> None:
    runbook = "---\nservices: [ledger]\nkind: operation\ntitle: R\n---\n\nkind: x\n"
    slo = "kind: Service\napiVersion: openslo/v1\nmetadata: {displayName: A, name: a}\nspec: {}\n"
    team.store.write("runbooks/ledger/r.md", runbook)
    team.store.write("slo/more.yaml", f"# two\n\n{slo}---\n{slo.replace('name: a', 'name: b')}")
    team("fmt")
    assert team.store.read("runbooks/ledger/r.md") == (
        "---\ntitle: R\nkind: operation\nservices: [ledger]\n---\n\nkind: x\n"
    )
    one = "apiVersion: openslo/v1\nkind: Service\nmetadata: {{name: {}, displayName: A}}\nspec: {{}}\n"
    assert team.store.read("slo/more.yaml") == f"# two\n\n{one.format('a')}---\n{one.format('b')}"


def test_what_was_recorded_and_what_is_approved_stays(team) -> None:
    approval = "approvals/2026/approval-20261123-k7f3q2.yaml"
    digest = f"sha256:{'0' * 64}"
    team.store.write(approval, f"at: 2026-11-23T08:15:00Z\nby: ada\nrole: reviewer\ndigest: {digest}\nof: {SERVICE}\n")
    event = "incidents/2026/incident-20261101-base00/timeline/1-opened.yaml"
    at = "2026-11-01T08:00:00Z"
    team.store.write(event, f"by: ada\nat: {at}\nrecorded_at: {at}\nseverity: sev4\ntype: opened\n")
    team.store.commit("Recorded")
    said = team("fmt")
    assert said.out == ""
    assert f"left as it is: {SERVICE}, approval-20261123-k7f3q2 is about its exact bytes" in said.err
    assert team.store.is_clean()


def test_the_landscape_is_in_order() -> None:
    from svcops.checking.fmt import all_files, format_files
    from svcops.store.graph import Graph

    graph = Graph(Path(__file__).resolve().parents[2])
    done = format_files(graph, all_files(graph))
    assert done.files > 30
    assert not done.damaged
    assert not done.kept
