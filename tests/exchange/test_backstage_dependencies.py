"""Whatever Backstage has for saying that one thing needs another becomes a dependency, and goes back as it was said."""

import pytest

from svcops.store.yaml_reading import compose

HEAD = "apiVersion: backstage.io/v1alpha1\n"
SPEC = "type: service, lifecycle: production, owner: platform"
BASE = HEAD + f"kind: Component\nmetadata: {{name: base}}\nspec: {{{SPEC}, dependencyOf: ['component:top']}}\n"
TOP = HEAD + f"kind: Component\nmetadata: {{name: top}}\nspec: {{{SPEC}, consumesApis: [ap]}}\n"
TOP_THAT_SAYS_IT_TOO = TOP.replace("consumesApis: [ap]", "dependsOn: [base]")
API = HEAD + f"kind: API\nmetadata: {{name: ap}}\nspec: {{{SPEC.replace('service', 'openapi')}, definition: x}}\n"
PLATFORM = HEAD + "kind: Group\nmetadata: {name: platform}\nspec: {type: team, children: []}\n"


def imported(console, *entities, options=()):
    """The report of an import of these entities, one file."""
    console.store.write("../input.yaml", "---\n".join(entities))
    return console("import", "backstage", "../input.yaml", "--json", *options).json


def needs(console, name):
    path = f"catalogue/services/{name}.yaml"
    found = compose(console.store.read(path), path).documents[0].get("dependencies", [])
    return [one["service"] for one in found]


def exported(console):
    """The spec of every entity, by name."""
    found = console("export", "backstage", "--json").json["entities"]
    return {one["metadata"]["name"]: one["spec"] for one in found}


def test_an_api_that_is_consumed_and_what_says_that_others_depend_on_it_are_dependencies(empty):
    report = imported(empty, BASE, TOP, API, PLATFORM)
    assert needs(empty, "top") == ["ap", "base"]
    assert report["dangling"] == []
    for name in ("base", "ap"):
        impact = empty("service", "impact", name, "--json").json["impact"]
        assert [one["service"] for one in impact["suffers"]] == ["top"]


def test_the_list_of_what_has_no_field_leaves_out_what_became_a_dependency(empty):
    text = BASE.replace("'component:top'", "'component:top', 'resource:db'")
    report = imported(empty, text, TOP, API, PLATFORM)
    assert {one["name"]: one["annotations"] for one in report["added"]} == {
        "base": ["backstage.io/dependencyOf"],
        "top": [],
        "ap": [],
        "platform": [],
    }


def test_each_goes_back_as_it_was_said(empty):
    imported(empty, BASE, TOP, API, PLATFORM)
    back = exported(empty)
    assert back["base"]["dependencyOf"] == ["component:top"]
    assert back["top"]["consumesApis"] == ["ap"]
    assert "dependsOn" not in back["top"]


def test_what_both_sides_say_goes_back_on_both_sides(empty):
    imported(empty, BASE, TOP_THAT_SAYS_IT_TOO, PLATFORM)
    assert needs(empty, "top") == ["base"]
    back = exported(empty)
    assert back["base"]["dependencyOf"] == ["component:top"]
    assert back["top"]["dependsOn"] == ["component:base"]


def test_a_dependency_is_exported_with_its_kind_for_which_backstage_has_no_default(empty):
    imported(empty, TOP.replace("consumesApis: [ap]", "dependsOn: ['component:default/base']"), API, PLATFORM)
    empty("service", "new", "mail", "--title", "Mail", "--owner", "platform", "--depends-on", "top")
    back = exported(empty)
    assert back["top"]["dependsOn"] == ["component:base"]
    assert back["mail"]["dependsOn"] == ["component:top"]


def test_what_was_written_without_a_kind_goes_back_with_it(empty):
    told = BASE.replace("'component:top'", "top, 'resource:db'")
    needed = TOP.replace("consumesApis: [ap]", "dependsOn: [base, gone, 'resource:db']")
    imported(empty, told, needed, PLATFORM)
    back = exported(empty)
    assert back["base"]["dependencyOf"] == ["component:top", "resource:db"]
    assert back["top"]["dependsOn"] == ["component:base", "component:gone", "resource:db"]
    empty("export", "backstage", "--output", "../out.yaml")
    again = empty("import", "backstage", "../out.yaml", "--json").json
    assert (again["added"], again["kept"]) == ([], [])


@pytest.mark.parametrize("is_defined", [False, True])
def test_a_component_and_an_api_of_one_name_are_both_named_again(empty, is_defined):
    front = TOP.replace("name: top", "name: front").replace("[ap]", "[base], dependsOn: ['component:base']")
    api = [API.replace("name: ap", "name: base")] if is_defined else []
    report = imported(empty, BASE.replace(", dependencyOf: ['component:top']", ""), front, *api, PLATFORM)
    nowhere = [] if is_defined else [("consumesApis", "api:default/base")]
    assert [(one["field"], one["target"]) for one in report["dangling"]] == nowhere
    assert needs(empty, "front") == ["base", "base-api" if is_defined else "api:default/base"]
    back = exported(empty)["front"]
    assert (back["consumesApis"], back["dependsOn"]) == (["base"], ["component:base"])


def test_a_dependency_on_an_api_that_was_added_here_is_exported_as_consumed(empty):
    imported(empty, TOP.replace(", consumesApis: [ap]", ""), API, PLATFORM)
    empty("service", "edit", "top", "--add-dependency", "ap")
    assert exported(empty)["top"]["consumesApis"] == ["ap"]


def test_a_dependency_that_was_taken_away_here_does_not_go_back(empty):
    imported(empty, BASE, TOP, API, PLATFORM)
    for name in ("ap", "base"):
        empty("service", "edit", "top", "--remove-dependency", name)
    back = exported(empty)
    assert "consumesApis" not in back["top"]
    assert "dependencyOf" not in back["base"]


def test_an_api_that_is_nowhere_is_listed_and_found_by_the_check(empty):
    report = imported(empty, TOP, PLATFORM)
    assert [(one["field"], one["target"]) for one in report["dangling"]] == [("consumesApis", "ap")]
    found = empty("check", "--json", code=1).json["findings"]
    assert [one["message"] for one in found if one["code"] == "REF001"] == [
        "service names no service of this store: ap"
    ]
    assert exported(empty)["top"]["consumesApis"] == ["ap"]


def test_what_depends_on_it_and_is_nowhere_stays_an_annotation_that_is_listed(empty):
    report = imported(empty, BASE, PLATFORM)
    assert [(one["field"], one["target"]) for one in report["dangling"]] == [("dependencyOf", "top")]
    assert {one["name"]: one["annotations"] for one in report["added"]}["base"] == ["backstage.io/dependencyOf"]
    assert exported(empty)["base"]["dependencyOf"] == ["component:top"]


def test_a_record_of_the_store_gets_a_dependency_only_where_that_is_asked_for(empty):
    ours = 'title: Top  # ours\nowner: platform\ntier: 1\nannotations: {backstage.io/labels: \'{"size": "big"}\'}\n'
    empty.store.put("catalogue/services/top.yaml", ours)
    report = imported(empty, BASE, PLATFORM)
    assert [(one["name"], one["differs"]) for one in report["kept"]] == [("top", ["dependencies"])]
    assert empty.store.read("catalogue/services/top.yaml") == ours
    report = imported(empty, BASE, PLATFORM, options=["--update"])
    assert [one["name"] for one in report["updated"]] == ["top"]
    assert needs(empty, "top") == ["base"]
    assert "title: Top  # ours\n" in empty.store.read("catalogue/services/top.yaml")
    assert imported(empty, BASE, PLATFORM)["kept"] == []


@pytest.mark.parametrize("says_it_too", [False, True])
@pytest.mark.parametrize(
    "files",
    [
        (("base", "top", "ap"),),
        (("top", "ap"), ("base",)),
        (("base",), ("ap",), ("top",)),
        (("ap", "base"), ("top",)),
        (("top",), ("base", "ap")),
    ],
)
def test_a_second_import_says_nothing_to_add_however_the_files_come(empty, files, says_it_too):
    texts = {"base": BASE, "top": TOP_THAT_SAYS_IT_TOO if says_it_too else TOP, "ap": API}
    for names in files:
        imported(empty, *(texts[name] for name in names), PLATFORM, options=["--update"])
    assert set(needs(empty, "top")) == ({"base"} if says_it_too else {"ap", "base"})
    for names in (*files, ("top",), ("base",), ("base", "top", "ap")):
        report = imported(empty, *(texts[name] for name in names), PLATFORM)
        assert report["written"] is None
        assert (report["added"], report["kept"]) == ([], [])


def test_what_was_refused_is_depended_on_all_the_same_and_leads_nowhere(empty):
    report = imported(empty, BASE.replace(", owner: platform", ""), TOP, API, PLATFORM)
    assert [(one["name"], one["reason"]) for one in report["unsupported"]] == [("base", "the key owner is missing")]
    assert [(one["name"], one["field"], one["target"]) for one in report["dangling"]] == [("top", "dependsOn", "base")]
    assert needs(empty, "top") == ["ap", "base"]


def test_a_name_that_is_defined_twice_speaks_only_once(empty):
    imported(empty, BASE.replace("dependencyOf", "note"), BASE, TOP, API, PLATFORM)
    assert needs(empty, "top") == ["ap"]


def test_a_record_that_is_only_in_the_store_and_needs_what_was_refused_says_so_too(empty):
    imported(empty, TOP, API, PLATFORM)
    report = imported(empty, BASE.replace(", owner: platform", ""), options=["--update"])
    assert [(one["name"], one["field"], one["target"]) for one in report["dangling"]] == [("top", "dependsOn", "base")]


@pytest.mark.parametrize("written", ["{a: 1}", "['component:top', 'resource:top']", "[1, 'component:top']"])
def test_a_list_that_became_dependencies_only_in_part_is_listed(empty, written):
    report = imported(empty, BASE.replace("['component:top']", written), TOP, API, PLATFORM)
    assert {one["name"]: one["annotations"] for one in report["added"]}["base"] == ["backstage.io/dependencyOf"]
    report = imported(empty, TOP.replace("name: top", "name: other").replace("[ap]", "{a: 1}"), PLATFORM)
    assert [one["annotations"] for one in report["added"]] == [["backstage.io/consumesApis"]]
