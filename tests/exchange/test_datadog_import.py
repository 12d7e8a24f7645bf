"""Datadog's definitions, old and new, become records: nothing is guessed, and nothing they say is lost."""

import pytest

from svcops.store.yaml_reading import compose

V2 = """\
schema-version: v2
dd-service: Pay_Desk
team: Team Shop
contacts:
  - {type: email, contact: shop@example.org}
repos:
  - {name: Source, url: "https://git.example.com/pay"}
docs:
  - {name: Design, provider: wiki, url: "https://wiki.example.com/pay"}
tags: ["env:prod"]
integrations:
  pagerduty: https://x.pagerduty.com/service-directory/P1
---
schema-version: v2.2
dd-service: till
dd-team: shop
application: checkout
description: Takes money.
tier: High
lifecycle: sandbox
type: web
languages: [go]
integrations:
  opsgenie: {service-url: "https://x.opsgenie.com/service/1", region: EU}
"""
V3 = """\
apiVersion: v3
kind: system
metadata: {name: checkout, displayName: Checkout, owner: shop}
spec: {tier: "0", components: [service:cart, service:gone]}
---
apiVersion: v3
kind: service
metadata:
  name: cart
  owner: "team:shop"
  additionalOwners: [{name: platform}]
  links:
    - {name: Runbook, type: runbook, url: "https://wiki.example.com/cart"}
spec:
  tier: "1"
  lifecycle: production
  dependsOn: [datastore:orders, service:till]
  componentOf: [system:checkout]
integrations:
  pagerduty: {serviceURL: "https://x.pagerduty.com/service-directory/P2"}
extensions: {cost: 7}
---
apiVersion: v3
kind: datastore
metadata: {name: orders, owner: shop}
spec: {type: postgres, dependencyOf: [service:cart], componentOf: [system:checkout, service:cart]}
---
apiVersion: v3
kind: queue
metadata: {name: events, owner: shop}
spec: {dependsOn: [library:codec]}
---
apiVersion: v3
kind: api
metadata: {name: cart-api, owner: shop}
spec: {type: openapi, interface: {definition: {openapi: 3.1.0}}, implementedBy: [service:cart]}
---
apiVersion: v3
kind: library
metadata: {name: codec}
"""


def record(console, path):
    return compose(console.store.read(path), path).documents[0]


@pytest.fixture
def definitions(empty):
    """The names of a file of old and a file of new definitions."""
    empty.store.write("../service.datadog.yaml", V2)
    empty.store.write("../entity.datadog.yaml", V3)
    return "../service.datadog.yaml", "../entity.datadog.yaml"


def test_old_definitions_become_services(empty, definitions):
    empty("import", "datadog", *definitions)
    assert record(empty, "catalogue/services/pay_desk.yaml") == {
        "title": "Pay_Desk",
        "owner": "team-shop",
        "lifecycle": "unknown",
        "links": [
            {"url": "https://git.example.com/pay", "title": "Source", "type": "repo"},
            {"url": "https://wiki.example.com/pay", "title": "Design", "type": "doc"},
            {"url": "https://x.pagerduty.com/service-directory/P1", "title": "PagerDuty", "type": "oncall"},
        ],
        "tags": ["env:prod"],
        "annotations": {
            "datadoghq.com/name": "Pay_Desk",
            "datadoghq.com/owner": "Team Shop",
            "datadoghq.com/contacts": '[{"type": "email", "contact": "shop@example.org"}]',
            "datadoghq.com/docs": '[{"name": "Design", "provider": "wiki", "url": "https://wiki.example.com/pay"}]',
        },
    }
    assert record(empty, "catalogue/services/till.yaml") == {
        "title": "till",
        "description": "Takes money.",
        "owner": "shop",
        "lifecycle": "sandbox",
        "type": "web",
        "system": "checkout",
        "links": [{"url": "https://x.opsgenie.com/service/1", "title": "Opsgenie", "type": "oncall"}],
        "annotations": {
            "datadoghq.com/tier": "High",
            "datadoghq.com/languages": '["go"]',
            "datadoghq.com/integrations": '{"opsgenie": {"region": "EU"}}',
        },
    }


def test_each_kind_of_entity_becomes_a_record(empty, definitions):
    empty("import", "datadog", *definitions)
    assert record(empty, "catalogue/systems/checkout.yaml") == {
        "title": "Checkout",
        "owner": "shop",
        "annotations": {
            "datadoghq.com/tier": '"0"',
            "datadoghq.com/components": '["service:cart", "service:gone"]',
        },
    }
    assert record(empty, "catalogue/services/cart.yaml") == {
        "title": "cart",
        "owner": "shop",
        "tier": 1,
        "system": "checkout",
        "dependencies": [{"service": "orders"}, {"service": "till"}],
        "links": [
            {"url": "https://wiki.example.com/cart", "title": "Runbook", "type": "runbook"},
            {"url": "https://x.pagerduty.com/service-directory/P2", "title": "PagerDuty", "type": "oncall"},
        ],
        "annotations": {
            "datadoghq.com/additionalOwners": '[{"name": "platform"}]',
            "datadoghq.com/extensions": '{"cost": 7}',
            "datadoghq.com/owner": "team:shop",
        },
    }
    assert record(empty, "catalogue/services/orders.yaml") == {
        "title": "orders",
        "owner": "shop",
        "lifecycle": "unknown",
        "type": "postgres",
        "system": "checkout",
        "annotations": {
            "datadoghq.com/dependencyOf": '["service:cart"]',
            "datadoghq.com/kind": "datastore",
            "datadoghq.com/componentOf": '["system:checkout", "service:cart"]',
        },
    }
    assert record(empty, "catalogue/services/events.yaml")["type"] == "queue"
    assert record(empty, "catalogue/services/cart-api.yaml")["api"] == {
        "type": "openapi",
        "definition": '{"openapi": "3.1.0"}',
    }


def test_the_report_names_what_leads_nowhere_and_what_has_no_place(empty, definitions):
    report = empty("import", "datadog", *definitions, "--json").json
    assert {(one["kind"], one["field"], one["target"], one["source"]["line"]) for one in report["dangling"]} == {
        ("service", "owner", "team-shop", 3),
        ("service", "owner", "shop", 16),
        ("system", "owner", "shop", 3),
        ("system", "components", "gone", 4),
        ("service", "owner", "shop", 10),
        ("datastore", "owner", "shop", 25),
        ("queue", "owner", "shop", 30),
        ("api", "owner", "shop", 35),
    }
    assert [(one["kind"], one["name"], one["reason"]) for one in report["unsupported"]] == [
        ("library", "codec", "library has no place in a store")
    ]
    assert [one["annotations"] for one in report["added"] if one["name"] == "events"] == [
        ["datadoghq.com/dependsOn", "datadoghq.com/kind"]
    ]


def test_the_second_time_nothing_is_written(empty, definitions):
    empty("import", "datadog", *definitions)
    before = empty.store.head()
    assert "7 there already" in empty("import", "datadog", *definitions, "--update").out
    assert empty.store.head() == before


def test_links_and_texts_that_the_definitions_no_longer_have_stay_and_are_told(empty, definitions):
    empty("import", "datadog", *definitions)
    old = V2.replace("description: Takes money.\n", "").replace('/pay"}\ndocs', '/desk"}\ndocs')
    empty.store.write(definitions[0], old)
    report = empty("import", "datadog", *definitions, "--update", "--json").json
    found = {one["name"]: one["only_here"] for one in (*report["updated"], *report["unchanged"]) if one["only_here"]}
    assert found == {"pay_desk": {"links": ["https://git.example.com/pay"]}, "till": {"description": ["Takes money."]}}


@pytest.mark.parametrize(
    ("written", "tier"),
    [("1", 1), ('"2"', 2), ("Tier 3", 3), ("tier-1", 1), ("tier_02", 2), ('"4 "', 4)],
)
def test_a_tier_that_is_a_number_is_one(empty, written, tier):
    service = imported(empty, f"tier: {written}")
    assert service["tier"] == tier
    assert "annotations" not in service


@pytest.mark.parametrize("written", ["High", "critical", '"0"', "one", "1.5", "true", "P1", '"1 or 2"', "-1", "[1]"])
def test_a_tier_that_is_no_number_from_1_on_is_kept_as_it_is(empty, written):
    service = imported(empty, f"tier: {written}")
    assert "tier" not in service
    assert "datadoghq.com/tier" in service["annotations"]


def imported(console, more):
    console.store.write("../input.yaml", f"schema-version: v2.1\ndd-service: a\nteam: b\n{more}\n")
    console("import", "datadog", "../input.yaml")
    return record(console, "catalogue/services/a.yaml")


def test_what_names_nobody_needs_an_owner_said(empty):
    empty.store.write("../input.yaml", "schema-version: v2\ndd-service: a\n")
    said = empty("import", "datadog", "../input.yaml", code=2)
    assert "the key owner is missing" in said.out
    assert "--owner TEAM" in said.err
    empty.store.write("catalogue/teams/shop.yaml", "title: Shop\n")
    empty("import", "datadog", "../input.yaml", "--owner", "shop")
    assert record(empty, "catalogue/services/a.yaml")["owner"] == "shop"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("schema-version: v1\ninfo: {}\n", "input.yaml:1:17: schema-version is v1: what is read is"),
        ("apiVersion: v4\nkind: service\n", "input.yaml:1:13: apiVersion is v4"),
        ("apiVersion: v3\nkind: 3\n", "input.yaml:1:1: not a Datadog entity: it has no kind"),
        ("apiVersion: v3\nkind: service\nmetadata: {}\n", "input.yaml:1:1: metadata.name is missing"),
        ("schema-version: v2\n", "input.yaml:1:1: dd-service is missing"),
        ("- 1\n", "input.yaml:1:1: not a Datadog definition"),
        ("a: 1\na: 2\n", "input.yaml:2:1: the key a is set twice"),
    ],
)
def test_what_is_no_definition_stops_everything(empty, definitions, text, where):
    empty.store.write("../input.yaml", text)
    said = empty("import", "datadog", *definitions, "../input.yaml", code=2)
    assert where in said.err
    assert empty.store.log() == ["Start"]


@pytest.mark.parametrize(
    "spec",
    ["text", "[1]", "{dependsOn: x, componentOf: 7, tier: {a: 1}}", "{links: {a: 1}, tags: [[1]], integrations: x}"],
)
def test_what_has_another_shape_than_the_schema_says_is_kept(empty, spec):
    text = f"apiVersion: v3\nkind: service\nmetadata: {{name: a, owner: b, links: [1], repos: x}}\nspec: {spec}\n"
    empty.store.write("../input.yaml", text)
    empty("import", "datadog", "../input.yaml")
    annotations = record(empty, "catalogue/services/a.yaml")["annotations"]
    assert annotations["datadoghq.com/links"] == "[1]"
    assert len(annotations) > 2


LISTS = ["dependsOn", "dependencyOf", "componentOf", "components"]


@pytest.mark.parametrize("field", ["name", "kind", "namespace", *LISTS])
def test_what_the_old_schema_does_not_have_is_kept_with_its_place_and_read_as_nothing_else(empty, field):
    empty.store.write("../input.yaml", f"schema-version: v2\ndd-service: A b\nteam: c\n{field}: [service:x]\n")
    empty("import", "datadog", "../input.yaml")
    assert record(empty, "catalogue/services/a-b.yaml")["annotations"] == {
        "datadoghq.com/name": "A b",
        f"datadoghq.com/entity.{field}": '["service:x"]',
    }


@pytest.mark.parametrize(
    ("part", "field"),
    [("spec", "name"), ("spec", "kind"), *[(part, one) for part in ("metadata", "entity") for one in LISTS]],
)
def test_what_stands_in_another_part_than_the_schema_says_is_kept_with_its_place(empty, part, field):
    more = {"metadata": "", "spec": "", "entity": "", part: f"{field}: [service:x]"}
    empty.store.write(
        "../input.yaml",
        "apiVersion: v3\nkind: queue\nmetadata: {{name: A b, owner: c, {metadata}}}\nspec: {{{spec}}}\n{entity}\n".format(
            **more
        ),
    )
    empty("import", "datadog", "../input.yaml")
    assert record(empty, "catalogue/services/a-b.yaml")["annotations"] == {
        "datadoghq.com/name": "A b",
        "datadoghq.com/kind": "queue",
        f"datadoghq.com/{part}.{field}": '["service:x"]',
    }
