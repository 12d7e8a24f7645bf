"""Who is meant by a name or an address: one person, several, or nobody."""

import pytest

from svcops.store.graph import Graph
from svcops.store.people import is_no_name, is_nobody, meant, person_with, unread, who, why_nobody


@pytest.fixture
def graph(store):
    store.write(
        "catalogue/people/kim.yaml",
        "name: Kim Beispiel\nemails: [kim@example.com, KIM@example.com, both@example.com]\n",
    )
    store.write("catalogue/people/noor.yaml", "name: Noor Voorbeeld\nemails: [noor@example.com, Both@Example.com]\n")
    return Graph(store.root)


@pytest.mark.parametrize(
    "given", ["kim", "KIM", "@kim", "Kim Beispiel", "kim  beispiel", "Kim@Example.com", "K <kim@example.com>"]
)
def test_a_person_is_meant_however_people_write_them(graph, given):
    assert who(graph, given) == "kim"
    assert not is_nobody(graph, given)


def test_an_address_that_two_people_have_is_neither(graph):
    assert person_with(graph, "both@example.com") == "both@example.com"
    assert who(graph, "both@example.com") == "both@example.com"
    assert meant(graph, "both@example.com") == {"kim", "noor"}
    assert is_nobody(graph, "both@example.com")
    assert why_nobody(graph, "both@example.com") == "both@example.com may be kim or noor of catalogue/people"


def test_who_is_not_in_the_catalogue_is_nobody(graph):
    assert who(graph, "Ada@Example.org") == "ada@example.org"
    assert why_nobody(graph, "ada") == "ada is nobody of catalogue/people"


def test_whom_a_damaged_file_may_tell_of_is_unknown(store, graph):
    for name in ("ada", "bob"):
        store.write(f"catalogue/people/{name}.yaml", "name: [\n")
    assert unread(graph, "bob") == "catalogue/people/bob.yaml"
    assert why_nobody(graph, "bob") == "who bob is cannot be told, as catalogue/people/bob.yaml is damaged"
    assert unread(graph, "bob@example.org") == unread(graph, "Bob") == "catalogue/people/ada.yaml"
    assert unread(graph, "kim@example.com") == unread(graph, "both@example.com") == ""


def test_an_address_can_be_asked_and_a_name_that_nobody_has_cannot(store, graph):
    assert is_no_name(graph, "ada")
    assert is_no_name(graph, "@ada")
    assert not is_no_name(graph, "kim")
    assert not is_no_name(graph, "ada@example.org")
    assert not is_no_name(Graph(store.root / "elsewhere"), "ada"), "a store that has no people"
