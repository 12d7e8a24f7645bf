"""What a person reads who wrote a value of the wrong type: the line as it should stand."""

from typing import Any

import pytest

from svcops.catalogue.model import Agreement, Escalation, Service
from svcops.checking.model import At
from svcops.slo.model import SLO
from svcops.store.validation import validate

SERVICE = {"title": "T", "owner": "o"}
ORDERS: dict[str, Any] = {
    "apiVersion": "openslo/v1",
    "kind": "SLO",
    "metadata": {"name": "a"},
    "spec": {"service": "a", "budgetingMethod": "Occurrences", "objectives": []},
}


def helps(declared: Any, plain: Any) -> list[str]:
    value, found = validate(declared, plain, At("x.yaml"))
    assert value is None
    return [one.help for one in found]


@pytest.mark.parametrize(
    ("changed", "help_"),
    [
        ({"owner": ["platform"]}, "Write one name: owner: platform"),
        ({"owner": {"team": "platform"}}, "Write one name: owner: NAME"),
        ({"owner": None}, "Write one name: owner: NAME"),
        ({"system": ["suite", "other"]}, "Write one name: system: suite"),
        ({"title": ["Payroll: the run"]}, 'Write one text: title: "Payroll: the run"'),
        ({"title": 2026}, "Put it in quotes, as it stands there."),
        ({"tier": "one"}, "Write a whole number, without quotes."),
        ({"external": "maybe"}, "Write external: true, or external: false"),
        ({"tags": "a b"}, "Write a list: tags: [a b]"),
        ({"tags": "x" * 1000}, "Write a list: tags: [...]"),
        ({"dependencies": ["ledger"]}, "Write - service: ledger"),
        ({"dependencies": "ledger"}, "Write a list: dependencies: [{service: ledger}]"),
        ({"core_workflows": ["checkout"]}, "Write - {name: checkout, title: ...}"),
        ({"api": "openapi"}, "Write api: {type: openapi}"),
    ],
)
def test_values_of_a_service(changed: dict[str, Any], help_: str) -> None:
    assert helps(Service, {**SERVICE, **changed}) == [help_]


@pytest.mark.parametrize(
    ("written", "help_"),
    [
        (["CheckoutBudgetBurn"], "Write - alertPolicyRef: CheckoutBudgetBurn"),
        ("CheckoutBudgetBurn", "Write a list: alertPolicies: [{alertPolicyRef: CheckoutBudgetBurn}]"),
    ],
)
def test_plain_name_of_an_alert_policy(written: Any, help_: str) -> None:
    assert helps(SLO, {**ORDERS, "spec": {**ORDERS["spec"], "alertPolicies": written}}) == [help_]


def test_where_nothing_is_meant_for_certain_it_is_said_where_to_look() -> None:
    (said,) = helps(SLO, {**ORDERS, "spec": {**ORDERS["spec"], "objectives": [0.99]}})
    assert said == "svcops schema KIND shows what every key takes."
    _, found = validate(SLO, {**ORDERS, "spec": {**ORDERS["spec"], "objectives": [0.99]}}, At("slo/orders.yaml"))
    assert [one.help for one in found] == ["svcops schema slo shows what every key takes."]


def test_spans_of_time_and_needed_keys() -> None:
    plain = {"title": "T", "services": ["a"], "support_hours": "always", "rto": 4, "agreed": True}
    assert helps(Agreement, plain) == [
        "Write a span of time with its unit, such as rto: 4h",
        "Write agreed: {with: ..., at: ..., document: ...}",
    ]
    assert helps(Escalation, {"title": "T", "levels": [{"notify": ["ada"]}]}) == ["Write - person: ada"]
