"""Datadog's entities have namespaces, a store has none: no reference leads to another entity than it means."""

import pytest

from svcops.store.yaml_reading import compose

ENTITY = (
    "apiVersion: v3\nkind: {kind}\nmetadata: {{name: {name}, namespace: {namespace}, owner: '{owner}'}}\nspec: {spec}\n"
)


def entity(name, namespace="default", kind="service", owner="ops", spec="{}"):
    return ENTITY.format(kind=kind, name=name, namespace=namespace, owner=owner, spec=spec)


def imported(console, *entities, options=()):
    console.store.write("../input.yaml", "---\n".join(entities))
    return console("import", "datadog", "../input.yaml", "--json", *options).json


def record(console, path):
    return compose(console.store.read(path), path).documents[0]


def nowhere(report):
    return {(one["name"], one["field"], one["target"]) for one in report["dangling"]}


@pytest.fixture
def with_ledger(empty):
    """A store that has a ledger and the team ops, neither of them from Datadog."""
    empty.store.put("catalogue/teams/ops.yaml", "title: Ops\ncontacts: [{channel: telephone, address: '+49 30 1'}]\n")
    empty.store.put("catalogue/services/ledger.yaml", "title: Ledger\nowner: ops\n")
    return empty


def test_a_reference_into_another_namespace_leads_nowhere_and_says_so(with_ledger):
    pay = entity(
        "pay", owner="team:acme/ops", spec="{dependsOn: ['service:acme/ledger'], componentOf: ['system:acme/till']}"
    )
    report = imported(with_ledger, pay, entity("till", kind="system"))
    assert nowhere(report) == {
        ("pay", "owner", "acme/ops"),
        ("pay", "dependsOn", "acme/ledger"),
        ("pay", "componentOf", "acme/till"),
    }
    pays = record(with_ledger, "catalogue/services/pay.yaml")
    assert (pays["owner"], pays["dependencies"], pays["system"]) == (
        "acme/ops",
        [{"service": "acme/ledger"}],
        "acme/till",
    )
    found = with_ledger("check", "--json", code=1).json["findings"]
    assert [one["code"] for one in found if one["path"] == "catalogue/services/pay.yaml"].count("REF001") == 3
    assert "+49 30 1" not in with_ledger("escalate", "pay", code=None).out


def test_a_reference_that_names_the_default_namespace_leads_there(with_ledger):
    report = imported(with_ledger, entity("pay", owner="default/ops", spec="{dependsOn: ['service:Default/Ledger']}"))
    assert nowhere(report) == set()
    assert record(with_ledger, "catalogue/services/pay.yaml")["dependencies"] == [{"service": "ledger"}]


def test_a_reference_without_a_namespace_means_that_of_the_entity_that_makes_it(with_ledger):
    pay = entity("pay", "acme", spec="{dependsOn: [service:books, service:ledger]}")
    report = imported(with_ledger, pay, entity("books", "acme", spec="{dependsOn: ['service:default/ledger']}"))
    assert nowhere(report) == {("pay", "dependsOn", "acme/ledger")}
    assert record(with_ledger, "catalogue/services/books.yaml")["dependencies"] == [{"service": "ledger"}]
    assert record(with_ledger, "catalogue/services/books.yaml")["annotations"] == {"datadoghq.com/namespace": "acme"}


def test_teams_have_no_namespace_so_an_owner_means_the_same_everywhere(with_ledger):
    assert nowhere(imported(with_ledger, entity("pay", "acme"))) == set()
    assert record(with_ledger, "catalogue/services/pay.yaml")["owner"] == "ops"


def test_the_default_namespace_goes_without_saying(with_ledger):
    report = imported(with_ledger, entity("pay"))
    assert [one["annotations"] for one in report["added"]] == [[]]
    assert "annotations" not in record(with_ledger, "catalogue/services/pay.yaml")


def test_of_two_namespaces_with_one_name_the_default_one_has_it_and_the_other_is_listed(empty):
    first = entity("pay", "acme"), entity("pay"), entity("shop", spec="{dependsOn: ['service:acme/pay']}")
    report = imported(empty, *first)
    assert [(one["name"], one["reason"]) for one in report["unsupported"]] == [
        ("acme/pay", "the service pay is default/pay here")
    ]
    assert report["duplicates"] == []
    assert ("shop", "dependsOn", "acme/pay") in nowhere(report)
    again = imported(empty, *first, options=["--update"])
    assert (again["written"], again["kept"], nowhere(again)) == (None, [], nowhere(report))
    assert [one["name"] for one in again["unsupported"]] == ["acme/pay"]


def test_who_has_a_name_in_the_store_keeps_it(with_ledger):
    imported(with_ledger, entity("pay", "acme"))
    report = imported(with_ledger, entity("pay"), entity("pay", "acme"), entity("ledger", "acme"))
    assert [(one["name"], one["reason"]) for one in report["unsupported"]] == [
        ("default/pay", "the service pay is acme/pay in the store"),
        ("acme/ledger", "the service ledger is default/ledger in the store"),
    ]
    assert [one["name"] for one in report["unchanged"]] == ["pay"]
    assert report["kept"] == report["added"] == []


def test_what_has_no_place_in_a_store_has_a_namespace_all_the_same(with_ledger):
    pay = entity("pay", spec="{dependsOn: ['library:acme/codec', 'library:codec']}")
    report = imported(with_ledger, pay, entity("codec", "acme", kind="library"))
    assert nowhere(report) == {("pay", "dependsOn", "codec")}


def test_names_of_old_definitions_are_no_references(with_ledger):
    old = "schema-version: v2.1\ndd-service: pay\nteam: Platform / Ops\napplication: acme/till\n"
    report = imported(with_ledger, old)
    assert nowhere(report) == {("pay", "owner", "platform-ops"), ("pay", "application", "acme-till")}


@pytest.mark.parametrize("namespace", ["[a]", "a/b", "7"])
def test_a_namespace_that_is_none_is_kept_as_it_is(with_ledger, namespace):
    imported(with_ledger, entity("pay", namespace, spec="{namespace: acme}"))
    kept = record(with_ledger, "catalogue/services/pay.yaml")["annotations"]
    assert kept["datadoghq.com/namespace"] == ('["a"]' if namespace == "[a]" else namespace)
    assert kept["datadoghq.com/spec.namespace"] == "acme"
    assert nowhere(imported(with_ledger, entity("till", spec="{dependsOn: [service:pay]}"))) == set()


@pytest.mark.parametrize("is_turned", [False, True])
def test_entities_of_several_kinds_with_one_name_are_all_imported(with_ledger, is_turned):
    kinds = ["datastore", "api", "service", "queue"]
    every = [entity("orders", kind=kind) for kind in (reversed(kinds) if is_turned else kinds)]
    shop = entity("shop", spec="{dependsOn: ['datastore:orders', 'api:orders', 'service:orders', 'queue:orders']}")
    report = imported(with_ledger, *every, shop)
    assert (report["duplicates"], report["dangling"], report["unsupported"]) == ([], [], [])
    assert [one["service"] for one in record(with_ledger, "catalogue/services/shop.yaml")["dependencies"]] == [
        *("orders-datastore", "orders-api", "orders", "orders-queue")
    ]
    kept = record(with_ledger, "catalogue/services/orders-datastore.yaml")["annotations"]
    assert kept == {"datadoghq.com/name": "orders", "datadoghq.com/kind": "datastore"}
    for one in every:
        assert imported(with_ledger, one, options=["--update"])["written"] is None


def test_a_service_of_the_store_is_no_datastore_of_that_name(with_ledger):
    report = imported(with_ledger, entity("ledger", kind="datastore"), options=["--update"])
    assert [(one["name"], one["notes"]) for one in report["added"]] == [
        ("ledger-datastore", ["this is datastore:default/ledger, as the service ledger is service:default/ledger"])
    ]
    assert record(with_ledger, "catalogue/services/ledger.yaml") == {"title": "Ledger", "owner": "ops"}


def test_a_system_and_an_application_of_one_name_have_the_components_that_each_names(with_ledger):
    system = entity("till", kind="system", spec="{components: ['service:pay']}")
    application = entity("till", kind="application", spec="{components: ['service:scan']}")
    imported(with_ledger, application, system, entity("pay"), entity("scan"))
    assert record(with_ledger, "catalogue/services/pay.yaml")["system"] == "till"
    assert record(with_ledger, "catalogue/services/scan.yaml")["system"] == "till-application"
    assert imported(with_ledger, application, system, entity("pay"), options=["--update"])["written"] is None


def test_an_old_definition_names_an_application_or_a_system(with_ledger):
    old = "schema-version: v2.1\ndd-service: pay\nteam: ops\napplication: till\n"
    for kind in ("application", "system"):
        assert nowhere(imported(with_ledger, old, entity("till", kind=kind), options=["--dry-run"])) == set()
