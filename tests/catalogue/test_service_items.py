"""svcops service new and edit: the SLO of a core workflow, what a dependency is needed for."""

import pytest

PATH = "catalogue/services/shop.yaml"
SHOP = """\
title: Shop
owner: platform
dependencies:
  - {service: mail, critical: false}   # letters
  - service: identity
    why: people sign in   # all of them
core_workflows:
  # What brings the money.
  - name: buy   # short
    title: Buy something
  - {name: look, title: Look around, slo: SLO/looking}
"""
SLOS = """\
apiVersion: openslo/v1
kind: Service
metadata: {name: shop}
spec: {}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: buying}
spec: {service: shop, budgetingMethod: Occurrences, objectives: []}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: looking}
spec: {service: shop, budgetingMethod: Occurrences, objectives: []}
"""


@pytest.fixture
def shop(console):
    console.store.write(PATH, SHOP)
    console.store.write("slo/shop.yaml", SLOS)
    for name in ("identity", "mail"):
        console.store.write(f"catalogue/services/{name}.yaml", f"title: {name.title()}\nowner: platform\n")
    console.store.commit("Services")
    return console


@pytest.mark.parametrize(
    ("options", "before", "after", "said"),
    [
        (
            ["--workflow-slo", "buy=SLO/buying"],
            "    title: Buy something\n",
            "    title: Buy something\n    slo: SLO/buying\n",
            "slo of buy",
        ),
        (["--workflow-slo", "look=buying"], "slo: SLO/looking}", "slo: SLO/buying}", "slo of look"),
        (["--workflow-slo", "look="], ", slo: SLO/looking}", "}", "no slo of look"),
        (
            ["--dependency-why", "mail=so that  orders are\nconfirmed, if late"],
            "critical: false}   #",
            'critical: false, why: "so that orders are confirmed, if late"}   #',
            "why of mail",
        ),
        (["--dependency-why", "identity=a=b"], "why: people sign in   #", "why: a=b   #", "why of identity"),
        (
            ["--add-workflow", "pay=Pay", "--workflow-slo", "pay=SLO/buying"],
            "slo: SLO/looking}\n",
            "slo: SLO/looking}\n  - name: pay\n    title: Pay\n    slo: SLO/buying\n",
            "add core_workflows pay, slo of pay",
        ),
    ],
)
def test_edit_changes_one_value_of_an_item_and_no_other_byte(shop, options, before, after, said):
    assert SHOP.count(before) == 1
    shop("service", "edit", "shop", *options)
    assert shop.store.read(PATH) == SHOP.replace(before, after)
    assert shop.store.log()[0] == f"Edit service shop: {said}"


COMMENTED = """\
title: Shop
owner: platform
dependencies:
  # asked for every page
  - service: identity
    kind: data   # its copy of names
    critical: false   # they are cached
    why: people sign in   # all of them
  # letters, at night
  - {service: mail, why: letters}
core_workflows:
  - {name: look, title: Look around, slo: SLO/looking}   # most come for this
tags: [finance]   # how accounting finds it
"""


@pytest.mark.parametrize(
    ("options", "before", "after", "said"),
    [
        (
            ["--remove-dependency", "identity", "--add-dependency", "identity:event:not-critical"],
            "kind: data   #",
            "kind: event   #",
            "change dependencies identity",
        ),
        (
            ["--remove-dependency", "identity", "--add-dependency", "identity:data"],
            "    critical: false   # they are cached\n",
            "",
            "change dependencies identity",
        ),
        (
            ["--remove-dependency", "mail", "--add-dependency", "mail:not-critical", "--dependency-why", "mail=post"],
            "{service: mail, why: letters}",
            "{service: mail, critical: false, why: post}",
            "change dependencies mail, why of mail",
        ),
        (
            ["--remove-dependency", "mail", "--add-dependency", "ledger"],
            "  # letters, at night\n  - {service: mail, why: letters}\n",
            "  - service: ledger\n",
            "add dependencies ledger, remove dependencies mail",
        ),
        (
            ["--remove-workflow", "look", "--add-workflow", "look=Look at everything"],
            "Look around",
            "Look at everything",
            "change core_workflows look",
        ),
        (
            ["--remove-tag", "finance", "--add-tag", "accounting"],
            "[finance]",
            "[accounting]",
            "add tags accounting, remove tags finance",
        ),
    ],
)
def test_what_is_removed_and_added_in_one_call_is_changed_where_it_stands(shop, options, before, after, said):
    shop.store.put(PATH, COMMENTED)
    shop.store.put("catalogue/services/ledger.yaml", "title: Ledger\nowner: platform\n")
    assert COMMENTED.count(before) == 1
    shop("service", "edit", "shop", *options)
    assert shop.store.read(PATH) == COMMENTED.replace(before, after)
    assert shop.store.log()[0] == f"Edit service shop: {said}"


def test_of_two_dependencies_of_a_name_the_one_of_that_kind_is_changed(shop):
    both = "dependencies:\n  - {service: mail, kind: data}   # kept\n  - {service: mail, why: letters}   # sent\n"
    shop.store.put(PATH, f"title: Shop\nowner: platform\n{both}")
    change = ["--remove-dependency", "mail", "--add-dependency", "mail:not-critical"]
    shop("service", "edit", "shop", *change, "--add-dependency", "mail:data")
    assert shop.store.read(PATH).endswith(both.replace("mail, why", "mail, critical: false, why"))
    shop("service", "edit", "shop", *change)
    sent = "  - {service: mail, critical: false, why: letters}   # sent\n"
    assert shop.store.read(PATH).endswith(f"dependencies:\n{sent}")


def test_a_dependency_removed_and_added_as_it_was_is_no_change(shop):
    said = shop("service", "edit", "shop", "--remove-dependency", "mail", "--add-dependency", "mail:not-critical")
    assert said.err == "shop says so already; nothing to change\n"


def test_edit_of_several_values_of_items_in_one_go(shop):
    shop("service", "edit", "shop", "--dependency-why", "mail=letters", "--workflow-slo", "look=")
    assert shop.store.read(PATH) == SHOP.replace("critical: false}", "critical: false, why: letters}").replace(
        ", slo: SLO/looking}", "}"
    )
    assert shop.store.log()[0] == "Edit service shop: no slo of look, why of mail"
    assert shop("fmt", "--check").code == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--workflow-slo", "buy"], "'buy' is no SLO of a core workflow"),
        (["--workflow-slo", "=SLO/buying"], "sign-in=SLO/sign-in. Nothing after the = takes it away."),
        (["--dependency-why", "mail"], "'mail' is no reason for a dependency"),
        (["--workflow-slo", "bye=SLO/buying"], "has no bye in core_workflows\n  help: It has buy, look."),
        (["--dependency-why", "ledger=x"], "has no ledger in dependencies\n  help: It has mail, identity."),
        (["--workflow-slo", "buy=SLO/byuing"], "slo names no SLO of this store: SLO/byuing. Did you mean SLO/buying?"),
        (["--workflow-slo", "buy=Service/shop"], "slo names no SLO of this store: Service/shop"),
        (["--workflow-slo", "buy="], "says no slo of buy"),
        (["--dependency-why", "mail= "], "says no why of mail"),
    ],
)
def test_edit_refuses_values_of_what_is_not_there_and_writes_nothing(shop, options, says):
    head = shop.store.head()
    assert says in shop("service", "edit", "shop", *options, code=2).err
    assert shop.store.head() == head
    assert shop.store.is_clean()


def test_a_value_of_one_of_two_of_a_name_is_left_to_a_person(shop):
    twice = "title: Mail\nowner: platform\ndependencies: [{service: identity}, {service: identity, kind: data}]\n"
    shop.store.write("catalogue/services/mail.yaml", twice)
    said = shop("service", "edit", "mail", "--dependency-why", "identity=x", code=2).err
    assert "has identity in dependencies more than once" in said
    assert "service edit NAME" in said


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--workflow", "a=A", "--workflow-slo", "b=SLO/buying"], "has no b in core_workflows"),
        (["--workflow", "a=A", "--workflow-slo", "a=SLO/byuing"], "Did you mean SLO/buying?"),
        (["--depends-on", "mail", "--dependency-why", "mail"], "is no reason for a dependency"),
    ],
)
def test_new_refuses_values_of_what_is_not_there_and_writes_nothing(shop, more, says):
    assert says in shop("service", "new", "till", "--title", "Till", "--owner", "ada", *more, code=2).err
    assert shop.store.is_clean()


def test_new_takes_the_slo_of_a_workflow_and_the_why_of_a_dependency(shop):
    shop(
        "service", "new", "till", "--title", "Till", "--owner", "ada", "--depends-on", "mail", "--workflow", "sell=Sell",
        "--workflow-slo", "sell=buying", "--dependency-why", "mail=receipts",
    )  # fmt: skip
    assert shop.store.read("catalogue/services/till.yaml") == (
        "title: Till\nowner: ada\n"
        "dependencies:\n  - service: mail\n    why: receipts\n"
        "core_workflows:\n  - name: sell\n    title: Sell\n    slo: SLO/buying\n"
    )
