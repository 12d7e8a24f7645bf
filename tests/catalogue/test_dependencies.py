"""What suffers when a service fails, what is around it, and which services need each other in a circle."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.catalogue.dependencies import MOST_CIRCLES, Edge, around, circles, edges_of, impact, landscape, suffering
from svcops.catalogue.model import Dependency
from svcops.store.graph import Graph


def edge(source, target, number=0, *, critical=True):
    return Edge(source, target, Dependency(service=target, critical=critical), number)


@pytest.fixture
def graph_of(store):
    """A graph from lines such as `a: b, c?`: a stops without b, and is degraded without c."""

    def build(text):
        for line in text.splitlines():
            name, _, needs = line.partition(":")
            items = [
                f"  - {{service: {one.rstrip('?')}, critical: {str(not one.endswith('?')).lower()}}}\n"
                for one in needs.replace(",", " ").split()
            ]
            body = "dependencies:\n" + "".join(items) if items else ""
            store.write(f"catalogue/services/{name}.yaml", f"title: {name.upper()}\nowner: team\n{body}")
        return Graph(store.root)

    return build


def told(found):
    return [(one.name, one.effect, " ".join(step.source for step in one.path)) for one in found]


def test_what_stops_and_what_is_degraded(graph_of):
    graph = graph_of("base:\nmiddle: base\ntop: middle?\nside: base?\nabove: side\nother: top?")
    assert told(impact(graph, "base")) == [
        ("middle", "stops", "middle"),
        ("side", "degraded", "side"),
        ("above", "degraded", "side above"),
        ("top", "degraded", "middle top"),
        ("other", "degraded", "middle top other"),
    ]


def test_a_longer_way_of_critical_dependencies_still_stops_it(graph_of):
    graph = graph_of("base:\na: base\nb: a\ntop: base?, b")
    assert told(impact(graph, "base"))[-1] == ("top", "stops", "a b top")


def chain(length):
    return "s00:\n" + "\n".join(f"s{number:02}: s{number - 1:02}" for number in range(1, length))


def test_a_long_way_is_given_by_its_last_step_alone(graph_of):
    found = impact(graph_of(chain(13)), "s00")
    assert [(one.name, one.steps, one.via, len(one.path)) for one in found[8:]] == [
        ("s09", 9, "s08", 9),
        ("s10", 10, "s09", 10),
        ("s11", 11, "s10", 0),
        ("s12", 12, "s11", 0),
    ]


def test_a_circle_ends_where_it_began(graph_of):
    graph = graph_of("a: b\nb: c\nc: a")
    assert told(impact(graph, "a")) == [("c", "stops", "c"), ("b", "stops", "c b")]


def test_nothing_depends_on_it(graph_of):
    assert impact(graph_of("a: b\nb:"), "a") == []


NAMES = "abcdef"
EDGES = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.booleans()), max_size=14)


@given(EDGES)
def test_impact_is_what_every_way_says(drawn):
    edges = [edge(source, target, number, critical=hard) for number, (source, target, hard) in enumerate(drawn)]
    found = suffering(edges, "a")
    stops = {one.name for one in found if one.effect == "stops"}
    assert stops == reaches({(one.source, one.target) for one in edges if one.critical}, "a")
    assert {one.name for one in found} == reaches({(one.source, one.target) for one in edges}, "a")
    for one in found:
        assert one.path[0].target == "a"
        assert one.path[-1] == one.edge
        assert (one.edge.source, len(one.path)) == (one.name, one.steps)
        assert all(low.source == high.target for low, high in itertools.pairwise(one.path))
    assert all(step.critical for one in found if one.effect == "stops" for step in one.path)


def reaches(pairs, goal):
    """Who leads to a goal over these pairs, by going on until nothing is added."""
    found = {source for source, target in pairs if target == goal}
    while more := {source for source, target in pairs if target in found} - found:
        found |= more
    return found - {goal}


@given(EDGES)
def test_a_circle_is_found_exactly_where_services_reach_themselves(drawn):
    edges = [edge(source, target, number) for number, (source, target, _) in enumerate(drawn)]
    pairs = {(one.source, one.target) for one in edges}
    found = circles(edges)
    for circle in found:
        assert all(low.target == high.source for low, high in itertools.pairwise([*circle, circle[0]]))
        assert circle[0].source == min(one.source for one in circle)
    in_circles = {name for name in NAMES if (name, name) in pairs or mutual(pairs, name)}
    assert {one.source for circle in found for one in circle} == in_circles
    inside = {(low, high) for low, high in pairs if low == high or high in mutual(pairs, low)}
    assert {(one.source, one.target) for circle in found for one in circle} == inside


@given(EDGES, st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)))
def test_a_dependency_that_closes_a_circle_is_in_one_that_was_not_there(drawn, new):
    edges = [edge(source, target, number) for number, (source, target, _) in enumerate(drawn)]
    pairs = {(one.source, one.target) for one in edges}
    before = {tuple(one.source for one in circle) for circle in circles(edges)}
    after = {tuple(one.source for one in circle) for circle in circles([*edges, edge(*new, len(edges))])}
    closes = new not in pairs and (new[0] == new[1] or new[0] in reaches({(b, a) for a, b in pairs}, new[1]))
    assert bool(after - before) == closes


def test_of_a_tangle_not_all_circles_are_given():
    names = [f"s{number}" for number in range(30)]
    edges = [edge(low, high, number) for low in names for number, high in enumerate(names) if low != high]
    assert len(circles(edges)) == MOST_CIRCLES


def mutual(pairs, name):
    """The others that a service reaches and that reach it."""
    back = reaches(pairs, name)
    return {one for one in back if name in reaches(pairs, one)}


def test_circles_of_a_long_chain_need_no_stack():
    names = [f"s{number:05}" for number in range(20_000)]
    edges = [edge(low, high) for low, high in itertools.pairwise([*names, names[0]])]
    (circle,) = circles(edges)
    assert len(circle) == 20_000


LINES = "ledger: identity, archive?\narchive: identity\nidentity:\nscanner: ledger?, gone"


@pytest.mark.parametrize(
    ("name", "asked", "names", "pairs"),
    [
        ("ledger", {"down": True}, "ledger archive identity", ["archive identity", "ledger identity", "ledger archive"]),
        ("identity", {"up": True, "depth": 1}, "identity archive ledger", ["archive identity", "ledger identity"]),
        ("archive", {"up": True, "down": True, "depth": 1}, "archive identity ledger", ["archive identity", "ledger archive"]),
        ("scanner", {"down": True, "depth": 1}, "scanner ledger gone", ["scanner ledger", "scanner gone"]),
    ],
)  # fmt: skip
def test_around_a_service(graph_of, name, asked, names, pairs):
    part = around(graph_of(LINES), name, **{"up": False, "down": False, **asked})
    assert list(part.services) == names.split()
    assert [f"{one.source} {one.target}" for one in part.edges] == pairs


def test_the_landscape_has_what_is_named_and_not_there(graph_of):
    part = landscape(graph_of(LINES))
    assert list(part.services) == ["archive", "identity", "ledger", "scanner", "gone"]
    assert part.services["gone"] is None
    assert len(part.edges) == len(edges_of(graph_of(LINES))) == 5
