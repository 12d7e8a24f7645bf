"""A Backstage catalogue becomes records: nothing is lost, nothing overwritten, nothing that leads nowhere is hidden."""

import json

import pytest

from svcops.store.yaml_reading import compose

COMPONENT = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: {name}}}\nspec: {{type: service, lifecycle: production, owner: {owner}}}\n"


def component(name="ledger", owner="books"):
    return COMPONENT.format(name=name, owner=owner)


def imported(console, text, *arguments, code=0):
    """The report of an import of one file with that text."""
    console.store.write("../input.yaml", text)
    said = console("import", "backstage", "../input.yaml", "--json", *arguments, code=code)
    return said.json


def record(console, path):
    return compose(console.store.read(path), path).documents[0]


def test_each_kind_becomes_a_record(empty, entities):
    empty("import", "backstage", entities)
    assert record(empty, "catalogue/services/ledger.yaml") == {
        "title": "The ledger",
        "description": "Keeps the books.\nFor ever.\n",
        "owner": "books",
        "type": "service",
        "system": "suite",
        "dependencies": [{"service": "archive"}],
        "links": [{"url": "https://ledger.example.com", "title": "For users"}],
        "tags": ["java", "books"],
        "annotations": {
            "backstage.io/techdocs-ref": "dir:.",
            "example.com/on-call": "false",
            "backstage.io/name": "Ledger",
            "backstage.io/namespace": "finance",
            "backstage.io/labels": '{"size": "big"}',
            "backstage.io/links": '[{"url": "https://ledger.example.com", "title": "For users", "icon": "web"}]',
            "backstage.io/dependsOn": '["component:default/archive", "resource:default/db", "component:Default/archive"]',
            "backstage.io/providesApis": '["default/postings"]',
        },
    }
    assert record(empty, "catalogue/services/postings.yaml") == {
        "title": "postings",
        "owner": "books",
        "system": "nowhere",
        "api": {"type": "openapi", "definition": "openapi: 3.1.0\n"},
    }
    assert record(empty, "catalogue/systems/suite.yaml") == {
        "title": "Suite",
        "owner": "books",
        "annotations": {"backstage.io/domain": "money"},
    }
    assert record(empty, "catalogue/teams/books.yaml") == {
        "title": "Bookkeepers",
        "parent": "company",
        "members": ["ada", "noor"],
        "contacts": [{"channel": "mail", "address": "books@example.com"}],
        "annotations": {
            "backstage.io/members": '["stranger", "user:default/other"]',
            "backstage.io/profile": '{"picture": "https://example.com/p.png"}',
        },
    }
    assert record(empty, "catalogue/people/ada.yaml") == {
        "name": "Ada Example",
        "emails": ["ada@example.org"],
    }
    assert record(empty, "catalogue/people/noor.yaml")["annotations"] == {
        "backstage.io/memberOf": '["elsewhere"]',
        "backstage.io/profile": '{"email": "no mail"}',
    }


def test_what_the_name_of_an_owner_does_not_say_is_kept(empty, entities):
    empty("import", "backstage", entities)
    archive = record(empty, "catalogue/services/archive.yaml")
    assert archive["owner"] == "ada"
    assert archive["annotations"]["backstage.io/owner"] == "user:ada"
    assert archive["dependencies"] == [{"service": "postings"}, {"service": "gone"}]


def test_the_report_lists_what_leads_nowhere_and_what_has_no_place(empty, entities):
    report = empty("import", "backstage", entities, "--json").json
    assert report["schema"] == "svcops.import/1"
    assert {
        (one["kind"], one["name"], one["field"], one["target"], one["source"]["line"]) for one in report["dangling"]
    } == {
        ("component", "archive", "dependsOn", "gone", 29),
        ("api", "postings", "system", "nowhere", 38),
        ("system", "suite", "domain", "money", 46),
        ("group", "books", "parent", "company", 54),
        ("user", "noor", "memberOf", "elsewhere", 68),
    }
    assert [(one["kind"], one["name"], one["source"]["line"]) for one in report["unsupported"]] == [
        ("resource", "db", 72),
        ("template", "new-service", 77),
    ]
    assert report["entities"] == 9
    assert [one["path"] for one in report["added"]] == report["written"]["paths"]
    assert report["duplicates"] == report["kept"] == report["unchanged"] == []


def test_the_check_afterwards_finds_the_dangling_references(empty, entities):
    empty("import", "backstage", entities)
    every = empty("check", "--json", code=1).json["findings"]
    found = [one for one in every if one["code"].startswith(("REF", "SCHEMA", "YAML"))]
    assert [(one["code"], one["path"], one["message"].split()[0]) for one in found] == [
        ("REF001", "catalogue/services/archive.yaml", "service"),
        ("REF001", "catalogue/services/postings.yaml", "system"),
        ("REF001", "catalogue/teams/books.yaml", "parent"),
    ]


def test_it_is_one_commit_that_says_where_it_came_from(empty, entities):
    said = empty("import", "backstage", entities)
    assert empty.store.log() == ["Import 7 records from Backstage", "Start"]
    message = empty.store.git("log", "-1", "--format=%B")
    assert "entities.yaml sha256:" in message
    assert "Svcops-Record: ledger" in message
    assert empty.store.is_clean()
    assert "commit " + empty.store.head()[:10] in said.err
    assert said.out.splitlines()[-1] == "9 items: 7 to add, 2 not imported."


def test_the_second_time_nothing_is_written(empty, entities):
    empty("import", "backstage", entities)
    before = empty.store.head()
    said = empty("import", "backstage", entities)
    assert "nothing written" in said.err
    assert said.out.splitlines()[-1] == "9 items: 7 there already, 2 not imported."
    assert empty.store.head() == before
    assert empty("import", "backstage", entities, "--json").json["written"] is None


def test_a_dry_run_only_shows(empty, entities):
    said = empty("import", "backstage", entities, "--dry-run")
    assert "7 to add" in said.out
    assert "dry run" in said.err
    assert empty.store.log() == ["Start"]
    assert empty.store.is_clean()
    assert empty("import", "backstage", entities, "--dry-run", "--quiet").out.split() == [
        *("ada", "noor", "archive", "ledger", "postings", "suite", "books")
    ]


def test_no_commit_leaves_the_commit_to_the_caller(empty, entities):
    empty("import", "backstage", entities, "--no-commit")
    assert empty.store.log() == ["Start"]
    assert (empty.store.root / "catalogue/teams/books.yaml").is_file()


def test_what_the_store_says_already_is_never_overwritten(empty):
    empty.store.put("catalogue/services/ledger.yaml", "title: Ours\nowner: books\n")
    empty.store.put("catalogue/teams/books.yaml", "title: [\n")
    text = component() + "---\n" + component("new").replace("name: new", "name: books").replace("Component", "Group")
    report = imported(empty, text, code=2)
    assert [one["path"] for one in report["kept"]] == ["catalogue/services/ledger.yaml", "catalogue/teams/books.yaml"]
    assert report["added"] == []
    assert empty.store.read("catalogue/services/ledger.yaml") == "title: Ours\nowner: books\n"
    assert report["kept"][0]["differs"] == ["type"]
    said = empty("import", "backstage", "../input.yaml", code=2)
    assert "left as they are" in said.out
    assert "catalogue/services/ledger.yaml  type  input.yaml:3" in said.out
    stays = "Already there, and no update can change them:\n  catalogue/teams/books.yaml  damaged  input.yaml:8\n"
    assert stays in said.out
    assert said.out.endswith("1 there with other content, 1 there and not to be updated.\n")
    assert [one["stays"] for one in report["kept"]] == [None, "damaged"]
    updated = empty("import", "backstage", "../input.yaml", "--update", code=2).out
    assert stays in updated
    assert "--update" not in updated
    assert "catalogue/teams/books.yaml" in said.err


def test_a_reference_may_lead_to_what_the_store_has(empty):
    empty.store.put("catalogue/teams/books.yaml", "title: Books\n")
    empty.store.put("catalogue/people/ada.yaml", "name: Ada\n")
    group = "---\napiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: g}\nspec: {type: team, children: [], members: [ada]}\n"
    report = imported(empty, component() + group)
    assert report["dangling"] == []
    assert record(empty, "catalogue/teams/g.yaml")["members"] == ["ada"]
    found = empty("check", "--json", code=None).json["findings"]
    assert "REF001" not in {one["code"] for one in found}


def test_a_name_defined_twice_keeps_the_first(empty):
    first, second = component(), component("LEDGER", "others")
    report = imported(empty, f"{first}---\n{second}")
    assert [
        (one["kind"], one["name"], [source["line"] for source in one["sources"]]) for one in report["duplicates"]
    ] == [("component", "ledger", [3, 8])]
    assert [one["target"] for one in report["dangling"]] == ["books", "others"]
    assert record(empty, "catalogue/services/ledger.yaml")["owner"] == "books"


@pytest.mark.parametrize(
    ("reference", "target"),
    [
        ("group:Books", "books"),
        ("Group:Default/BOOKS", "books"),
        ("books", "books"),
        ("team/books", "team/books"),
        ("a:b:c", "a:b:c"),
    ],
)
def test_references_are_read_as_backstage_does(empty, reference, target):
    report = imported(empty, component(owner=json.dumps(reference)))
    assert [one["target"] for one in report["dangling"]] == [target]
    assert record(empty, "catalogue/services/ledger.yaml")["owner"] == target


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (component().replace(", owner: books", ""), "owner is missing"),
        (component(owner="[books]"), 'owner must be text, not ["books"]'),
        (component(owner="7"), "owner must be text, not 7"),
        (component("aux"), "cannot be the name"),
        (component("_x_"), "cannot be the name"),
        (component().replace("type: service", 'type: service, note: "\\a"'), "control character"),
        (component().replace("lifecycle", "x: " + "y" * 1_100_000 + ", lifecycle"), "1,048,576 bytes"),
        (component().replace("Component", "API").replace("type: service, ", ""), "type"),
    ],
)
def test_an_entity_that_no_record_can_hold_is_listed_and_the_rest_imported(empty, text, reason):
    report = imported(empty, text + "---\n" + component("other"))
    (refused,) = report["unsupported"]
    assert reason in refused["reason"]
    assert [one["name"] for one in report["added"]] == ["other"]


def test_what_depends_on_an_entity_that_was_refused_leads_nowhere(empty):
    text = component("aux") + "---\n" + component("other").replace("owner:", "dependsOn: [component:aux], owner:")
    assert ("dependsOn", "aux") in {(one["field"], one["target"]) for one in imported(empty, text)["dangling"]}


def test_two_separators_in_a_name_become_one(empty):
    imported(empty, component("a--b") + "---\n" + component("c").replace("owner:", "dependsOn: [a--b], owner:"))
    assert record(empty, "catalogue/services/a-b.yaml")["annotations"]["backstage.io/name"] == "a--b"
    assert record(empty, "catalogue/services/c.yaml")["dependencies"] == [{"service": "a-b"}]


def test_odd_values_are_kept_as_they_are(empty):
    text = """\
apiVersion: backstage.io/v1beta1
kind: Component
metadata:
  name: odd
  title: ""
  annotations: {flag: true, backstage.io/view-url: x}
  tags: [1, a]
  links: [{title: no address}, plain]
  view-url: y
spec:
  owner: books
  type: 2
  lifecycle: "on"
  system: [a]
  dependsOn: component:x
  definition: {$text: ./file}
status: {items: []}
"""
    imported(empty, text)
    odd = record(empty, "catalogue/services/odd.yaml")
    assert odd["lifecycle"] == "on"
    assert odd["title"] == "odd"
    assert odd["annotations"] == {
        "flag": "true",
        "backstage.io/view-url": "x",
        "backstage.io/apiVersion": "backstage.io/v1beta1",
        "backstage.io/tags": '[1, "a"]',
        "backstage.io/links": '[{"title": "no address"}, "plain"]',
        "backstage.io/metadata.view-url": "y",
        "backstage.io/type": "2",
        "backstage.io/system": '["a"]',
        "backstage.io/dependsOn": "component:x",
        "backstage.io/definition": '{"$text": "./file"}',
        "backstage.io/status": '{"items": []}',
    }


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a: [\n", "input.yaml:1:4: not YAML"),
        ("a: 1\na: 2\n", "input.yaml:2:1: the key a is set twice"),
        (component() + "---\n- list\n", "input.yaml:6:1: not a Backstage entity"),
        (component() + "---\nkind: Component\nmetadata: {title: x}\n", "input.yaml:7:11: not a Backstage entity"),
        (b"a: \xff\n", "input.yaml:1:4: not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_stops_everything(empty, entities, text, where):
    empty.store.write("../input.yaml", text)
    said = empty("import", "backstage", entities, "../input.yaml", code=2)
    assert where in said.err
    assert said.out == ""
    assert empty.store.log() == ["Start"]
    assert empty.store.is_clean()


@pytest.mark.parametrize(
    ("entity", "told"),
    [
        ("kind: Component\nmetadata: {title: x}\n", "2:11: not a Backstage entity: metadata.name is missing"),
        ("kind: Component\nmetadata: {name: ' '}\n", "2:18: not a Backstage entity: metadata.name is empty"),
        (
            "kind: Component\nmetadata: {name: 123}\n",
            "2:18: not a Backstage entity: metadata.name is 123, which is no text: put it in quotes",
        ),
        ("kind: [x]\nmetadata: {name: x}\n", '1:7: not a Backstage entity: kind is ["x"], which is no text'),
        ("metadata: {name: x}\n", "1:1: not a Backstage entity: kind is missing"),
        ("kind: Component\n", "1:1: not a Backstage entity: metadata is missing"),
        ("kind: Component\nmetadata: x\n", "2:11: not a Backstage entity: metadata is x, which is no mapping"),
    ],
)
def test_what_makes_it_no_entity_is_said_at_its_place(empty, entity, told):
    empty.store.write("../input.yaml", entity)
    said = empty("import", "backstage", "../input.yaml", code=2)
    assert said.err.splitlines()[1].strip() == f"../input.yaml:{told}"


def test_an_entity_without_an_api_version_says_so(empty):
    report = imported(empty, "kind: Component\nmetadata: {name: ledger}\nspec: {owner: books}\n", code=2)
    assert [one["reason"] for one in report["unsupported"]] == ["apiVersion is missing"]


def test_a_file_that_is_not_there_is_named(empty):
    assert "../gone.yaml cannot be read: No such file" in empty("import", "backstage", "../gone.yaml", code=2).err
    assert "Missing argument" in empty("import", "backstage", code=2).err


@pytest.mark.parametrize("format_", ["backstage", "gitlab-catalog", "datadog"])
@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n---\n"])
def test_an_empty_file_is_an_error_in_every_format(empty, format_, text):
    empty.store.write("../input.yaml", text)
    said = empty("import", format_, "../input.yaml", code=2)
    assert "nothing imported" in said.err
    assert "../input.yaml:1:1: the file is empty" in said.err


def test_a_file_larger_than_a_record_may_be_is_read(empty):
    entity = component("service-{}").replace("type: service", "type: service, note: " + "x" * 4000)
    text = "".join(f"---\n{entity.replace('{}', str(number))}" for number in range(300))
    assert len(text) > 1024 * 1024
    assert len(imported(empty, text, "--dry-run")["added"]) == 300
