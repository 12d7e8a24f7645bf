"""Each evidence names every head before it: what that finds, and what the next one names."""

from hashlib import sha256

import pytest

from svcops.recovery.chain import breaks, heads
from svcops.recovery.model import Head
from svcops.store.graph import Graph


def path_of(tail):
    return f"recovery/evidence/2026/evidence-20261116-{tail}/evidence.yaml"


def head(store, tail):
    digest = sha256((store.root / path_of(tail)).read_bytes()).hexdigest()
    return Head(id=f"evidence-20261116-{tail}", digest=f"sha256:{digest}")


@pytest.fixture
def drilled(store):
    """Writes evidence that names others, as they are now."""

    def write(tail, *after):
        named = "".join(
            f"\n  - {{id: {one.id}, digest: '{one.digest}'}}" for one in (head(store, name) for name in after)
        )
        store.write(
            path_of(tail),
            "plan: ledger\nstarted_at: '2026-11-16T10:00:00Z'\nended_at: '2026-11-16T11:00:00Z'\nverdict: passed\nby: ada\n"
            + (f"after:{named}\n" if named else ""),
        )
        return head(store, tail)

    return write


def broken(store):
    graph = Graph(store.root)
    return {entry.name[-6:]: [one.why for one in breaks(graph, entry)] for entry in graph.all("evidence").values()}


def test_the_first_evidence_has_no_heads_before_it(store):
    assert heads(Graph(store.root)) == ()


def test_the_next_names_the_last(store, drilled):
    drilled("aaaaaa")
    last = drilled("bbbbbb", "aaaaaa")
    assert heads(Graph(store.root)) == (last,)


def test_after_two_branches_the_next_names_both(store, drilled):
    drilled("aaaaaa")
    both = (drilled("bbbbbb", "aaaaaa"), drilled("cccccc", "aaaaaa"))
    assert heads(Graph(store.root)) == both
    last = drilled("dddddd", "bbbbbb", "cccccc")
    assert heads(Graph(store.root)) == (last,)
    assert not any(broken(store).values())


def test_what_was_changed_after_others_named_it_is_a_head_again(store, drilled):
    drilled("aaaaaa")
    last = drilled("bbbbbb", "aaaaaa")
    store.write(path_of("aaaaaa"), store.read(path_of("aaaaaa")).replace("ada", "kim"))
    assert heads(Graph(store.root)) == (head(store, "aaaaaa"), last)


def test_a_damaged_one_is_named_by_its_bytes(store, drilled):
    drilled("aaaaaa")
    store.write(path_of("bbbbbb"), ": no record\n")
    assert heads(Graph(store.root)) == (head(store, "aaaaaa"), head(store, "bbbbbb"))


def test_what_is_named_and_not_there_is_missed(store, drilled):
    drilled("aaaaaa")
    drilled("bbbbbb", "aaaaaa")
    (store.root / path_of("aaaaaa")).unlink()
    assert broken(store) == {"bbbbbb": ["it names evidence-20261116-aaaaaa, which is not there"]}


def test_what_is_named_and_has_other_bytes_is_told(store, drilled):
    drilled("aaaaaa")
    drilled("bbbbbb", "aaaaaa")
    store.write(path_of("aaaaaa"), store.read(path_of("aaaaaa")) + "text: More\n")
    assert broken(store) == {"aaaaaa": [], "bbbbbb": ["it names evidence-20261116-aaaaaa, which was changed since"]}
