"""What the cases in tests/rules do not show: the second places of findings, and rules that leave other rooms unread."""

from itertools import pairwise

import pytest

from svcops.checking.engine import check
from svcops.store.graph import Graph
from svcops.store.walk import misspelt


def test_a_long_circle_gives_the_places_of_its_first_dependencies(found):
    needs = {f"s{number:02}": f"s{(number + 1) % 15:02}" for number in range(15)}
    files = {
        f"catalogue/services/{name}.yaml": f"title: S\nowner: platform\ndependencies: [{{service: {needed}}}]\n"
        for name, needed in needs.items()
    }
    ((_, related),) = found("CAT001", files)
    assert [one.partition(" ")[2] for one in related] == [f"{name} needs {needs[name]}" for name in sorted(needs)[1:11]]


AGREED = "agreed: {with: Them, at: 2026-01-05, document: d}\n"


@pytest.fixture
def found(console):
    """The findings of a code, each with its second places as `path:line label`."""

    def find(code, files):
        for path, text in files.items():
            console.store.write(path, text)
        findings = check(Graph(console.store.root), console.now).findings
        return [
            (
                one.message,
                [
                    f"{also.at.path.rpartition('/')[2]}:{also.span.line if also.span else ''} {also.label}"
                    for also in one.related
                ],
            )
            for one in findings
            if one.code == code
        ]

    return find


def service(name, *needs):
    lines = "".join(f"  - service: {one}\n" for one in needs)
    return {f"catalogue/services/{name}.yaml": f"title: {name}\nowner: platform\ntier: 1\ndependencies:\n{lines}"}


def promise(name, percent, services):
    text = (
        f"title: {name}\nservices: [{services}]\nsupport_hours: always\navailability:\n  percent: {percent}\n{AGREED}"
    )
    return {f"catalogue/agreements/{name}.yaml": text}


def test_every_edge_of_a_circle_is_shown(found):
    files = {**service("a", "ledger", "b"), **service("b", "c"), **service("c", "a")}
    assert found("CAT001", files) == [
        (
            "none of these works without the next, in a circle: a -> b -> c -> a",
            ["b.yaml:5 b needs c", "c.yaml:5 c needs a"],
        )
    ]


def test_a_promise_that_is_not_carried_shows_the_promises_below(found):
    files = {
        **service("a", "ledger", "receipt-scanner"),
        **promise("top", 99.95, "a"),
        **promise("low", 99.9, "ledger"),
        **promise("other", 99.5, "receipt-scanner"),
    }
    assert found("AGR005", files) == [
        (
            (
                "promises 99.95 % for a, which stops without what promises less: "
                "ledger 99.9 % x receipt-scanner 99.5 % = 99.4005 %"
            ),
            ["low.yaml:5 ledger: 99.9 %", "other.yaml:5 receipt-scanner: 99.5 %"],
        )
    ]


def test_the_highest_of_several_promises_counts_on_both_sides(found):
    files = {
        **service("a", "ledger"),
        **promise("high", 99.9, "a"),
        **promise("low", 99, "a"),
        **promise("other", 99.9, "ledger"),
        **promise("lower", 98, "ledger"),
    }
    assert found("AGR005", files) == []
    assert len(found("AGR005", promise("other", 99.8, "ledger"))) == 1


def test_who_follows_the_advice_is_not_asked_again(found, console):
    """One agreement about a service, its dependency and another: lowering it lowers none of what carries it."""
    files = {**service("a", "ledger", "b"), **service("b"), **promise("b", 99.95, "b")}
    assert found("AGR005", {**files, **promise("both", 99.99, "a, ledger")}) != []
    (finding,) = (one for one in check(Graph(console.store.root), console.now).findings if one.code == "AGR005")
    assert finding.help.startswith("Promise at most 99.95 %,")
    assert found("AGR005", promise("both", 99.95, "a, ledger")) == []


def test_a_long_product_names_the_nearest_and_counts_the_rest(found):
    names = [f"s{number}" for number in range(8)]
    files = {**service("a", *names), **promise("top", 99.95, "a"), **promise("low", 99.99, ", ".join(names))}
    for name in names:
        files |= service(name, "ledger")
    ((message, related),) = found("AGR005", files)
    assert message.endswith("s5 99.99 % x 2 more = 99.920027… %")
    assert len(related) == 6


def times(name, services, promised):
    text = f"title: {name}\nservices: [{services}]\nsupport_hours: always\n{promised}{AGREED}"
    return {f"catalogue/agreements/{name}.yaml": text}


def test_a_time_that_is_not_kept_below_shows_the_longer_ones_the_longest_first(found):
    files = {
        **service("a", "b", "ledger"),
        **service("b", "c"),
        **service("c"),
        **times("own", "a", "rto: 1h\n"),
        **times("others", "ledger", "rto: 4h\n"),
        **times("last", "c", "rto: 8h\n"),
    }
    ((message, related),) = found("AGR007", files)
    assert message == "a has to be back after 1 h, and c, without which it stops by way of b, after 8 h"
    assert related == ["last.yaml:4 8 h for c", "others.yaml:4 4 h for ledger"]


def test_a_long_way_to_a_promise_names_its_first_services_and_counts_the_rest(found):
    chain = [f"s{number}" for number in range(9)]
    files = {**times("own", "s0", "rto: 1h\n"), **times("last", "s8", "rto: 8h\n"), **service("s8", "s0")}
    for one, needed in pairwise(chain):
        files |= service(one, needed)
    ((message, _),) = found("AGR007", files)
    assert "and s8, without which it stops by way of s1, s2, s3, s4, 3 more, after 8 h" in message


def test_a_window_that_is_not_kept_below_shows_each_longer_one_once(found):
    files = {
        **service("a", "b", "ledger"),
        **service("b", "ledger"),
        **times("own", "a, b", "response:\n  - {severity: sev1, respond: 1h, resolve: 2h}\n"),
        **times("others", "ledger", "response:\n  - {severity: sev1, respond: 1h, resolve: 4h, clock: always}\n"),
    }
    ((message, related),) = found("AGR011", files)
    assert "a works again within 2 h at any hour, and ledger, without which it stops, does within 4 h" in message
    assert related == ["others.yaml:5 4 h at any hour for ledger"]


@pytest.mark.parametrize(
    ("names", "near"),
    [
        (["catalog"], ["catalogue"]),
        (["Incidents"], ["incidents"]),
        (["postmortem", "keydate"], ["keydates", "postmortems"]),
        (["docs", "src", "tests", "scripts", "bench", "build", "site", "rust", "template", "logs"], []),
        (["catalogue", "slo", "templates", "metrics", ".catalog"], []),
    ],
)
def test_only_what_is_nearly_a_folder_of_records_is_misspelt(names, near):
    assert [one.help.partition("?")[0].removeprefix("Did you mean ") for one in misspelt(names)] == near
