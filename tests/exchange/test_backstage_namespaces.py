"""Backstage has namespaces, a store has none: no reference leads to an entity of another namespace than it means."""

import pytest

from svcops.store.yaml_reading import compose

GROUP = "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {{type: team, children: []}}\n"
PAY = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: pay, namespace: {namespace}}}
spec: {{type: service, lifecycle: production, owner: "{owner}", dependsOn: ["{needs}"]}}
"""


def group(name, namespace="default"):
    return GROUP.format(name=name, namespace=namespace)


def pay(owner="ops", needs="ledger", namespace="default"):
    return PAY.format(owner=owner, needs=needs, namespace=namespace)


def imported(console, *entities, code=0):
    console.store.write("../input.yaml", "---\n".join(entities))
    return console("import", "backstage", "../input.yaml", "--json", code=code).json


def record(console, path):
    return compose(console.store.read(path), path).documents[0]


def nowhere(report):
    return {(one["name"], one["field"], one["target"]) for one in report["dangling"]}


@pytest.fixture
def with_ledger(empty):
    """A store that has a ledger and the team ops, neither of them from Backstage."""
    empty.store.put("catalogue/teams/ops.yaml", "title: Ops\ncontacts: [{channel: telephone, address: '+49 30 1'}]\n")
    empty.store.put("catalogue/services/ledger.yaml", "title: Ledger\nowner: ops\n")
    return empty


def test_a_reference_into_another_namespace_leads_nowhere_and_says_so(with_ledger):
    report = imported(with_ledger, pay("group:acme/ops", "component:acme/ledger"))
    assert nowhere(report) == {("pay", "owner", "acme/ops"), ("pay", "dependsOn", "acme/ledger")}
    pays = record(with_ledger, "catalogue/services/pay.yaml")
    assert (pays["owner"], pays["dependencies"]) == ("acme/ops", [{"service": "acme/ledger"}])
    found = with_ledger("check", "--json", code=1).json["findings"]
    assert [one["code"] for one in found if one["path"] == "catalogue/services/pay.yaml"].count("REF001") == 2
    assert "+49 30 1" not in with_ledger("escalate", "pay", code=None).out


def test_a_reference_without_a_namespace_means_that_of_the_entity_that_makes_it(empty):
    report = imported(empty, group("ops"), pay("ops", "default/ledger", namespace="acme"))
    assert nowhere(report) == {("pay", "owner", "acme/ops"), ("pay", "dependsOn", "ledger")}
    report = imported(empty, group("ops"), pay("default/ops", namespace="other").replace("pay", "pay2"))
    assert ("pay2", "owner", "ops") not in nowhere(report)
    assert record(empty, "catalogue/services/pay2.yaml")["owner"] == "ops"


def test_of_two_namespaces_with_one_name_the_default_one_has_it_and_the_other_is_listed(empty):
    report = imported(empty, group("ops", "acme"), group("ops"), pay(needs="pay", namespace="acme"))
    assert [(one["name"], one["reason"]) for one in report["unsupported"]] == [
        ("acme/ops", "the team ops is default/ops here")
    ]
    assert report["duplicates"] == []
    assert nowhere(report) == {("pay", "owner", "acme/ops")}
    assert "annotations" not in record(empty, "catalogue/teams/ops.yaml")


def test_who_has_a_name_in_the_store_keeps_it(empty):
    imported(empty, group("ops", "acme"))
    report = imported(empty, group("ops"), group("ops", "acme"), pay())
    assert [(one["name"], one["reason"]) for one in report["unsupported"]] == [
        ("default/ops", "the team ops is acme/ops in the store")
    ]
    assert [one["name"] for one in report["unchanged"]] == ["ops"]
    assert ("pay", "owner", "default/ops") in nowhere(report)
    assert record(empty, "catalogue/services/pay.yaml")["owner"] == "default/ops"


def test_an_entity_is_no_record_of_the_store_that_is_of_another_namespace(with_ledger):
    report = imported(with_ledger, pay(namespace="acme").replace("name: pay", "name: ledger"), code=2)
    assert [(one["name"], one["reason"]) for one in report["unsupported"]] == [
        ("acme/ledger", "the service ledger is default/ledger in the store")
    ]
    assert report["kept"] == report["added"] == []


def test_a_namespace_of_its_own_is_imported_and_exported_again_as_it_is(empty):
    entities = [group("ops", "acme"), pay(needs="pay2", namespace="acme"), pay(namespace="acme").replace("pay", "pay2")]
    report = imported(empty, *entities, pay("acme/ops", "acme/pay").replace("name: pay", "name: ledger"))
    assert nowhere(report) == {("pay2", "dependsOn", "acme/ledger")}
    assert record(empty, "catalogue/services/pay.yaml")["owner"] == "ops"
    back = {one["metadata"]["name"]: one for one in empty("export", "backstage", "--json").json["entities"]}
    assert back["pay"]["metadata"]["namespace"] == "acme"
    assert (back["pay"]["spec"]["owner"], back["pay"]["spec"]["dependsOn"]) == ("ops", ["component:pay2"])
    assert (back["ledger"]["spec"]["owner"], back["ledger"]["spec"]["dependsOn"]) == (
        "acme/ops",
        ["component:acme/pay"],
    )
    assert back["pay2"]["spec"]["dependsOn"] == ["component:ledger"]


def test_members_and_users_are_those_of_the_namespace_that_is_meant(empty):
    user = "apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {name: ada, namespace: acme}\nspec: {memberOf: [ops]}\n"
    books = group("books").replace("children: []", "children: [], members: [ada, 'user:acme/ada']")
    imported(empty, user, books, group("ops"))
    assert record(empty, "catalogue/teams/books.yaml")["members"] == ["ada"]
    assert record(empty, "catalogue/teams/books.yaml")["annotations"] == {"backstage.io/members": '["ada"]'}
    assert "members" not in record(empty, "catalogue/teams/ops.yaml")
    assert record(empty, "catalogue/people/ada.yaml")["annotations"]["backstage.io/memberOf"] == '["ops"]'


def test_a_second_import_of_several_namespaces_writes_nothing(empty):
    entities = [group("ops", "acme"), group("ops"), pay(namespace="acme"), pay(namespace="other")]
    first = imported(empty, *entities)
    again = imported(empty, *entities)
    assert again["written"] is None
    assert [one["name"] for one in again["unsupported"]] == [one["name"] for one in first["unsupported"]]
    assert (again["kept"], again["dangling"]) == ([], first["dangling"])
