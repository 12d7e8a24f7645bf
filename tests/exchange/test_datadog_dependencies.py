"""Whatever Datadog has for saying that things belong together becomes a dependency or a system, whoever says it."""

import pytest

from svcops.store.yaml_reading import compose

HEAD = "apiVersion: v3\n"
DB = HEAD + "kind: datastore\nmetadata: {name: db, owner: ops}\nspec: {dependencyOf: [service:shop]}\n"
SHOP = HEAD + "kind: service\nmetadata: {name: shop, owner: ops}\n"
SHOP_THAT_SAYS_IT_TOO = SHOP + "spec: {dependsOn: [datastore:db], componentOf: [system:till]}\n"
TILL = HEAD + "kind: system\nmetadata: {name: till, owner: ops}\nspec: {components: [service:shop, datastore:db]}\n"
OTHER = TILL.replace("name: till", "name: other").replace(", datastore:db", "")
TEAM = ("catalogue/teams/ops.yaml", "title: Ops\n")


def imported(console, *entities, options=()):
    """The report of an import of these entities, one file."""
    console.store.write("../input.yaml", "---\n".join(entities))
    return console("import", "datadog", "../input.yaml", "--json", *options).json


def service(console, name):
    path = f"catalogue/services/{name}.yaml"
    return compose(console.store.read(path), path).documents[0]


def needs(console, name):
    return [one["service"] for one in service(console, name).get("dependencies", [])]


def listed(report):
    """For each record that comes, the annotations that hold what it has no field for."""
    return {one["name"]: one["annotations"] for one in report["added"]}


def nowhere(report):
    return [(one["name"], one["field"], one["target"]) for one in report["dangling"]]


@pytest.fixture
def store(empty):
    """svcops on a store with one team."""
    empty.store.put(*TEAM)
    return empty


def test_what_says_that_others_depend_on_it_is_a_dependency_of_theirs(store):
    report = imported(store, DB, SHOP)
    assert needs(store, "shop") == ["db"]
    assert listed(report) == {"db": ["datadoghq.com/kind"], "shop": []}
    assert nowhere(report) == []
    impact = store("service", "impact", "db", "--json").json["impact"]
    assert [one["service"] for one in impact["suffers"]] == ["shop"]


def test_the_components_of_a_system_are_its_services(store):
    report = imported(store, DB, SHOP, TILL)
    assert (service(store, "shop")["system"], service(store, "db")["system"]) == ("till", "till")
    assert listed(report)["till"] == []


def test_how_it_was_written_is_kept_beside(store):
    imported(store, DB, SHOP, TILL)
    till = compose(store.store.read("catalogue/systems/till.yaml"), "").documents[0]
    assert till["annotations"] == {"datadoghq.com/components": '["service:shop", "datastore:db"]'}
    assert service(store, "db")["annotations"]["datadoghq.com/dependencyOf"] == '["service:shop"]'


def test_a_service_that_two_systems_name_is_in_none_and_both_lists_are_listed(store):
    report = imported(store, SHOP, TILL, OTHER)
    assert "system" not in service(store, "shop")
    assert listed(report) == {"shop": [], "till": ["datadoghq.com/components"], "other": ["datadoghq.com/components"]}


def test_what_a_service_says_of_its_system_goes_before_what_systems_say(store):
    report = imported(store, SHOP + "spec: {componentOf: [system:other]}\n", DB, TILL, OTHER)
    assert (service(store, "shop")["system"], service(store, "db")["system"]) == ("other", "till")
    assert listed(report)["till"] == ["datadoghq.com/components"]
    assert listed(report)["other"] == []


def test_a_component_that_is_no_service_stays_an_annotation(store):
    report = imported(store, SHOP, TILL.replace("datastore:db", "system:shop"))
    assert listed(report)["till"] == ["datadoghq.com/components"]
    assert nowhere(report) == [("till", "components", "shop")]


def test_what_another_namespace_is_said_to_need_is_not_ours(store):
    report = imported(store, DB.replace("service:shop", "service:acme/shop"), SHOP)
    assert needs(store, "shop") == []
    assert listed(report)["db"] == ["datadoghq.com/dependencyOf", "datadoghq.com/kind"]
    assert nowhere(report) == [("db", "dependencyOf", "acme/shop")]


def test_what_is_said_of_others_and_is_nowhere_stays_an_annotation_that_is_listed(store):
    report = imported(store, DB, TILL)
    assert nowhere(report) == [("db", "dependencyOf", "shop"), ("till", "components", "shop")]
    assert listed(report) == {
        "db": ["datadoghq.com/dependencyOf", "datadoghq.com/kind"],
        "till": ["datadoghq.com/components"],
    }


def test_a_record_of_the_store_takes_it_only_where_that_is_asked_for(store):
    ours = "title: Shop  # ours\nowner: ops\ntier: 1\nannotations: {datadoghq.com/languages: '[\"go\"]'}\n"
    store.store.put("catalogue/services/shop.yaml", ours)
    report = imported(store, DB, TILL)
    assert [(one["name"], one["differs"]) for one in report["kept"]] == [("shop", ["system", "dependencies"])]
    assert store.store.read("catalogue/services/shop.yaml") == ours
    report = imported(store, DB, TILL, options=["--update"])
    assert [one["name"] for one in report["updated"]] == ["shop"]
    shop = service(store, "shop")
    assert (shop["tier"], shop["system"], needs(store, "shop")) == (1, "till", ["db"])
    assert shop["annotations"] == {"datadoghq.com/languages": '["go"]'}
    assert "title: Shop  # ours\n" in store.store.read("catalogue/services/shop.yaml")
    assert imported(store, DB, TILL)["kept"] == []


def test_a_record_of_the_store_that_has_a_system_keeps_it(store):
    store.store.put("catalogue/services/shop.yaml", "title: Shop\nowner: ops\nsystem: ours\n")
    report = imported(store, TILL, DB, options=["--update"])
    assert service(store, "shop")["system"] == "ours"
    assert listed(report)["till"] == ["datadoghq.com/components"]


@pytest.mark.parametrize("says_it_too", [False, True])
@pytest.mark.parametrize(
    "files",
    [
        (("db", "shop", "till"),),
        (("shop", "till"), ("db",)),
        (("till",), ("db",), ("shop",)),
        (("db", "till"), ("shop",)),
        (("shop",), ("till", "db")),
    ],
)
def test_a_second_import_says_nothing_to_add_however_the_files_come(store, files, says_it_too):
    texts = {"db": DB, "till": TILL, "shop": SHOP_THAT_SAYS_IT_TOO if says_it_too else SHOP}
    for names in files:
        imported(store, *(texts[name] for name in names), options=["--update"])
    assert (needs(store, "shop"), service(store, "shop")["system"]) == (["db"], "till")
    assert service(store, "db")["system"] == "till"
    for names in (*files, ("shop",), ("db",), ("till",), ("db", "shop", "till")):
        report = imported(store, *(texts[name] for name in names))
        assert report["written"] is None
        assert (report["added"], report["kept"]) == ([], [])


def test_what_was_taken_away_here_does_not_come_back_with_the_service_itself(store):
    imported(store, DB, SHOP)
    store("service", "edit", "shop", "--remove-dependency", "db")
    assert imported(store, SHOP, options=["--update"])["written"] is None
    assert needs(store, "shop") == []


@pytest.mark.parametrize("there_already", [False, True])
def test_what_was_refused_is_said_of_others_all_the_same_and_leads_nowhere(store, there_already):
    if there_already:
        imported(store, SHOP)
    report = imported(store, DB.replace(", owner: ops", ""), SHOP, options=["--update"])
    assert [(one["name"], one["reason"]) for one in report["unsupported"]] == [("db", "the key owner is missing")]
    assert nowhere(report) == [("shop", "dependsOn", "db")]
    assert needs(store, "shop") == ["db"]


def test_a_record_that_is_only_in_the_store_and_needs_what_was_refused_says_so_too(store):
    imported(store, SHOP)
    report = imported(store, DB.replace(", owner: ops", ""), options=["--update"])
    assert nowhere(report) == [("shop", "dependsOn", "db")]


def test_a_name_that_is_defined_twice_speaks_only_once(store):
    imported(store, DB.replace("dependencyOf", "note"), DB, SHOP, OTHER.replace("components", "note"), OTHER)
    assert needs(store, "shop") == []
    assert "system" not in service(store, "shop")


def test_an_api_whose_service_is_nowhere_is_listed(store):
    api = HEAD + "kind: api\nmetadata: {name: ap, owner: ops}\nspec: {implementedBy: [service:shop]}\n"
    assert nowhere(imported(store, api)) == [("ap", "implementedBy", "shop")]


@pytest.mark.parametrize("field", ["dependsOn", "dependencyOf", "componentOf"])
@pytest.mark.parametrize("written", ["7", "service:db", "[[a]]"])
def test_what_is_no_list_of_references_is_kept_and_listed(store, field, written):
    report = imported(store, SHOP + f"spec: {{{field}: {written}}}\n")
    assert listed(report) == {"shop": [f"datadoghq.com/{field}"]}
    assert service(store, "shop")["annotations"] == {f"datadoghq.com/{field}": written.replace("[[a]]", '[["a"]]')}
