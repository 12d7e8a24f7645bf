"""What is exported comes back as it was, what is imported goes back to its place, and edits on either side survive."""

import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.tries import tries

from svcops.exchange.backstage import read
from svcops.exchange.backstage_export import export
from svcops.exchange.drafts import validated
from svcops.exchange.sources import Input
from svcops.store.graph import Graph
from svcops.store.layout import kind as kind_called
from svcops.store.yaml_reading import compose
from svcops.store.yaml_writing import dump

LANDSCAPE = Path(__file__).resolve().parents[2]
KINDS = ("service", "system", "team", "person")

NAMES = st.sampled_from(["a", "b-1", "c.d", "e_f", "x" * 64])
TEXT = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=6) | st.sampled_from(
    ["true", "1.10", '"q"', "null", " padded ", "two\nlines\n", "unknown", "service", "~"]
)
REFERENCES = st.sampled_from(
    ["a", "x", "x/a", "group:default/A", "user:b-1", "nowhere", "api:b-1", "resource:db", "a:b:c"]
)
ANNOTATIONS = st.dictionaries(
    st.sampled_from(
        [
            *("backstage.io/owner", "backstage.io/dependsOn", "backstage.io/profile", "backstage.io/memberOf"),
            *("backstage.io/members", "backstage.io/name", "backstage.io/namespace", "backstage.io/links"),
            *("backstage.io/spec.size", "backstage.io/metadata.etag", "backstage.io/status", "backstage.io/type"),
            *("backstage.io/dependencyOf", "backstage.io/consumesApis"),
            *("backstage.io/annotations.type", "backstage.io/techdocs-ref", "backstage.io/title", "svcops/tier"),
            *("example.com/on-call", "not a key", "gitlab.com/tier", "svcops/unheard-of"),
        ]
    ),
    TEXT
    | REFERENCES
    | st.sampled_from(
        [
            '["component:a", "api:b-1", "resource:db"]',
            '["a", "b-1", "default/c.d", "x/a"]',
            '["b-1", "nowhere"]',
            '{"picture": "p"}',
            "[{}]",
            "{}",
            "A",
            "7",
            "[7]",
        ]
    ),
    min_size=1,
    max_size=3,
)
CONTACTS = st.lists(st.fixed_dictionaries({"channel": st.sampled_from(["mail", "chat"]), "address": TEXT}), max_size=3)
COMMON = {"tags": st.lists(TEXT | st.just("java"), max_size=2), "annotations": ANNOTATIONS}
TITLED = {"title": TEXT | NAMES, "description": TEXT | st.just("")}
RECORDS = {
    "service": st.fixed_dictionaries(
        {**TITLED, "owner": NAMES},
        optional={
            **COMMON,
            "tier": st.integers(0, 4),
            "lifecycle": TEXT | st.sampled_from(["", "production", "deprecated"]),
            "type": TEXT | st.just(""),
            "system": NAMES,
            "escalation": NAMES,
            "external": st.booleans(),
            "dependencies": st.lists(
                st.fixed_dictionaries({"service": NAMES}, optional={"critical": st.booleans(), "why": TEXT}), max_size=3
            ),
            "core_workflows": st.lists(st.fixed_dictionaries({"name": NAMES, "title": TEXT}), max_size=2),
            "api": st.fixed_dictionaries({"type": TEXT}, optional={"definition": TEXT | st.just("")}),
            "links": st.lists(st.fixed_dictionaries({"url": TEXT}, optional={"title": TEXT, "type": TEXT}), max_size=3),
        },
    ),
    "system": st.fixed_dictionaries(TITLED, optional={**COMMON, "owner": NAMES}),
    "team": st.fixed_dictionaries(
        TITLED,
        optional={
            **COMMON,
            "parent": NAMES,
            "escalation": NAMES,
            "members": st.lists(NAMES, max_size=3),
            "contacts": CONTACTS,
        },
    ),
    "person": st.fixed_dictionaries(
        {"name": TEXT},
        optional={
            "annotations": ANNOTATIONS,
            "emails": st.lists(st.sampled_from(["a@b.example", "c@d.example"]), max_size=2),
            "deputies": st.lists(NAMES, max_size=2),
            "contacts": CONTACTS,
        },
    ),
}
CATALOGUES = st.fixed_dictionaries({kind: st.dictionaries(NAMES, one, max_size=3) for kind, one in RECORDS.items()})


def records(root):
    """Every record of the catalogue by kind and name."""
    graph = Graph(Path(root))
    found = {(kind, name): entry.value for kind in KINDS for name, entry in graph.all(kind).items()}
    assert not graph.findings
    return found


def read_anew(exported, folder):
    """What an empty store in that folder would take of an export."""
    return read([Input("export.yaml", exported.text().encode())], Graph(folder))


def written(folder, catalogue):
    """A store with these records, those that no store takes left out."""
    for kind, plains in catalogue.items():
        for name, plain in plains.items():
            if not validated(kind, plain)[1]:
                path = folder / kind_called(kind).pattern.format(name=name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(dump(plain), encoding="utf-8")
    return folder


@given(CATALOGUES)
@tries(150)
def test_an_export_comes_back_as_the_records_that_it_was_made_of(tmp_path_factory, catalogue):
    root = written(tmp_path_factory.mktemp("store"), catalogue)
    exported = export(Graph(root))
    assume(exported.entities)  # an empty file is an error
    batch = read_anew(exported, tmp_path_factory.mktemp("empty"))
    assert not batch.unsupported
    expected = {key: one for key, one in records(root).items() if len(key[1]) <= 63}
    assert {one.key: one.record for one in batch.drafts} == expected
    left_out = {(one.kind, one.name) for one in exported.left_out}
    assert left_out == records(root).keys() - expected.keys()


@given(CATALOGUES)
@tries(50)
def test_what_is_exported_is_as_backstage_wants_it(tmp_path_factory, catalogue):
    demanded = {
        "Component": {"type", "lifecycle", "owner"},
        "API": {"type", "lifecycle", "owner", "definition"},
        "System": {"owner"},
        "Group": {"type", "children"},
        "User": {"memberOf"},
    }
    name = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]")
    for one in export(Graph(written(tmp_path_factory.mktemp("store"), catalogue))).entities:
        assert name.fullmatch(one.entity["metadata"]["name"])
        assert demanded[one.entity["kind"]] <= one.entity["spec"].keys()
        for key, text in one.entity["metadata"].get("annotations", {}).items():
            assert isinstance(text, str)
            assert name.fullmatch(key.rpartition("/")[2])


def test_the_landscape_comes_back_and_goes_out_again_the_same(empty):
    empty.store.write("catalogue/.keep", "")
    out = empty("--store", str(LANDSCAPE), "export", "backstage", "--output", "../out.yaml")
    assert out.out == "../out.yaml\n"
    empty("import", "backstage", "../out.yaml")
    assert records(empty.store.root) == records(LANDSCAPE)
    again = empty("export", "backstage").out
    assert again == empty.store.read("../out.yaml")
    assert "nothing to add" in empty("import", "backstage", "../out.yaml").err


LEDGER = """\
title: Ledger
owner: books
tier: 1
type: service
dependencies:
  - service: archive
    critical: false
    why: shows the voucher
  - service: identity
core_workflows: [{name: post, title: Enter a posting}]
"""
BOOKS = "title: Books\ncontacts: [{channel: chat, address: '#books'}, {channel: mail, address: b@example.org}]\n"


def test_what_backstage_has_no_words_for_goes_into_annotations(empty):
    empty.store.write("catalogue/services/ledger.yaml", LEDGER)
    said = empty("export", "backstage")
    assert (
        said.out
        == """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: ledger
  title: Ledger
  annotations:
    svcops/tier: "1"
    svcops/dependencies: '[{"service": "archive", "critical": false, "why": "shows the voucher"}, {"service": "identity"}]'
    svcops/core_workflows: '[{"name": "post", "title": "Enter a posting"}]'
spec:
  type: service
  lifecycle: production
  owner: books
  dependsOn:
    - component:archive
    - component:identity
"""
    )
    assert said.err.splitlines() == [
        "only as svcops/... annotations, Backstage has no words for them: core_workflows 1, dependencies 1, tier 1"
    ]


def test_what_somebody_changed_in_backstage_is_taken_and_our_own_fields_stay(empty, new_store, console):
    empty.store.write("catalogue/services/ledger.yaml", LEDGER)
    empty.store.write("catalogue/teams/books.yaml", BOOKS)
    text = empty("export", "backstage").out
    text = text.replace("    - component:identity\n", "    - component:payroll\n").replace("email: b@", "email: new@")
    other = type(console)(new_store("other"))
    other.store.write("../changed.yaml", text)
    other("import", "backstage", "../changed.yaml")
    ledger = records(other.store.root)["service", "ledger"]
    assert [(one.service, one.why) for one in ledger.dependencies] == [
        ("archive", "shows the voucher"),
        ("payroll", ""),
    ]
    assert (ledger.tier, ledger.core_workflows[0].name) == (1, "post")
    books = records(other.store.root)["team", "books"]
    assert [(one.channel, one.address) for one in books.contacts] == [("chat", "#books"), ("mail", "new@example.org")]


def test_an_annotation_that_no_field_may_hold_is_no_record(empty):
    entity = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: a, annotations: {svcops/tier: high}}\nspec: {owner: b}\n"
    empty.store.write("../input.yaml", entity)
    report = empty("import", "backstage", "../input.yaml", "--json", code=2).json
    assert report["unsupported"][0]["reason"] == 'tier must be a whole number, not "high"'


def test_what_came_from_backstage_goes_back_to_its_place(empty, entities):
    empty("import", "backstage", entities)
    back = {one["metadata"]["name"]: one for one in empty("export", "backstage", "--json").json["entities"]}
    assert back["Ledger"] == {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {
            "name": "Ledger",
            "namespace": "finance",
            "title": "The ledger",
            "description": "Keeps the books.\nFor ever.\n",
            "labels": {"size": "big"},
            "annotations": {"backstage.io/techdocs-ref": "dir:.", "example.com/on-call": "false"},
            "tags": ["java", "books"],
            "links": [{"url": "https://ledger.example.com", "title": "For users", "icon": "web"}],
        },
        "spec": {
            "type": "service",
            "lifecycle": "production",
            "owner": "default/books",
            "system": "default/suite",
            "dependsOn": ["component:default/archive", "resource:default/db", "component:Default/archive"],
            "providesApis": ["default/postings"],
        },
    }
    assert back["archive"]["spec"]["owner"] == "user:ada"
    assert back["archive"]["spec"]["dependsOn"] == ["api:postings", "component:gone"]
    assert back["suite"]["spec"] == {"owner": "books", "domain": "money"}
    assert back["books"]["spec"]["members"] == ["ada", "noor", "stranger", "user:default/other"]
    assert back["noor"]["spec"] == {
        "profile": {"displayName": "noor", "email": "no mail"},
        "memberOf": ["books", "elsewhere"],
    }


LINKS = [{"url": "https://x.example", "title": "One", "icon": "web"}, {"url": "https://x.example", "title": "Two"}]


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Component", {"type": "service", "lifecycle": "production", "owner": "books"}),
        ("System", {"owner": "books"}),
        ("Group", {"type": "team", "children": []}),
        ("User", {"memberOf": []}),
    ],
)
def test_description_tags_and_links_go_back_to_their_place_whatever_the_kind(empty, kind, spec):
    metadata = {"name": "a", "title": "A", "description": "What it is.", "tags": ["x"], "links": LINKS}
    entity = {"apiVersion": "backstage.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}
    empty.store.write("../input.yaml", dump(entity))
    empty("import", "backstage", "../input.yaml")
    assert empty("import", "backstage", "../input.yaml", "--json").json["kept"] == []
    (back,) = empty("export", "backstage", "--json").json["entities"]
    assert back["metadata"] == metadata


def test_an_annotation_that_looks_like_a_field_stays_an_annotation(empty):
    entity = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: a, annotations: {backstage.io/type: x}}\nspec: {owner: b}\n"
    empty.store.write("../input.yaml", entity)
    empty("import", "backstage", "../input.yaml")
    (back,) = empty("export", "backstage", "--json").json["entities"]
    assert back["metadata"]["annotations"]["backstage.io/type"] == "x"
    assert back["spec"]["type"] == "service"


def test_a_member_that_could_not_go_along_stays_a_member(tmp_path):
    people = {"ada": {"name": "Ada"}, "x" * 64: {"name": "Long"}}
    root = written(tmp_path, {"team": {"books": {"title": "Books", "members": [*people]}}, "person": people})
    batch = read_anew(export(Graph(root)), tmp_path / "empty")
    (team,) = [one.record for one in batch.drafts if one.kind == "team"]
    assert team == records(root)["team", "books"]


def test_who_says_to_belong_to_a_team_that_does_not_name_them_makes_no_member_of_it(tmp_path):
    ada = {"name": "Ada", "annotations": {"backstage.io/memberOf": '["books", "elsewhere"]'}}
    root = written(tmp_path, {"team": {"books": {"title": "Books"}}, "person": {"ada": ada}})
    exported = export(Graph(root))
    (user,) = [one.entity for one in exported.entities if one.kind == "person"]
    assert user["spec"]["memberOf"] == ["books", "elsewhere"]
    assert {one.key: one.record for one in read_anew(exported, tmp_path / "empty").drafts} == records(root)


def test_what_was_kept_and_no_longer_holds_does_not_go_back(empty, entities):
    empty("import", "backstage", entities)
    path = "catalogue/services/archive.yaml"
    empty.store.write(path, empty.store.read(path).replace("owner: ada", "owner: books"))
    ledger = "catalogue/services/ledger.yaml"
    empty.store.write(ledger, empty.store.read(ledger).replace("service: archive", "service: identity"))
    back = {one["metadata"]["name"]: one for one in empty("export", "backstage", "--json").json["entities"]}
    assert back["archive"]["spec"]["owner"] == "books"
    assert back["Ledger"]["spec"]["dependsOn"] == ["resource:default/db", "component:default/identity"]


def test_a_folder_gets_a_file_a_kind_and_nothing_there_is_overwritten(empty, entities):
    empty("import", "backstage", entities)
    said = empty("export", "backstage", "--output", "../catalog")
    assert said.out.split() == [
        f"../catalog/{name}.yaml" for name in ("components", "apis", "systems", "groups", "users")
    ]
    kinds = {one["kind"] for one in compose(empty.store.read("../catalog/groups.yaml"), "", many=True).documents}
    assert kinds == {"Group"}
    empty.store.write("../catalog/groups.yaml", "mine\n")
    refused = empty("export", "backstage", "--output", "../catalog", code=2)
    assert "there already, nothing written" in refused.err
    assert "--force" in refused.err
    assert empty.store.read("../catalog/groups.yaml") == "mine\n"
    empty("export", "backstage", "--out", "../catalog", "--force")
    assert "mine" not in empty.store.read("../catalog/groups.yaml")


@pytest.mark.parametrize("place", ["catalog", "catalogue/services/x.yaml", ".", "../repository/../empty/x"])
def test_nothing_is_exported_into_the_store(empty, place):
    said = empty("export", "backstage", "--output", place, code=2)
    assert "lies in the store" in said.err
    assert empty.store.is_clean()


def test_what_has_no_place_in_backstage_is_named(empty):
    long = "x" * 64
    empty.store.write(f"catalogue/services/{long}.yaml", "title: Long\nowner: books\n")
    empty.store.write("catalogue/schedules/weekly.yaml", "title: Weekly\n")
    empty.store.write("catalogue/teams/books.yaml", "title: [\n")
    said = empty("export", "backstage", "--json", code=2)
    assert said.json["schema"] == "svcops.export/1"
    assert [(one["kind"], one["name"]) for one in said.json["left_out"]] == [("service", long), ("schedule", "weekly")]
    assert "left out: schedule weekly (Backstage has nothing for it)" in said.err
    assert "left out, damaged: catalogue/teams/books.yaml" in said.err


def test_quiet_gives_the_references_alone(empty):
    empty.store.write("catalogue/services/ledger.yaml", LEDGER)
    said = empty("export", "backstage", "--quiet")
    assert (said.out, said.err) == ("component:ledger\n", "")
