"""Folding the events of a problem: any order of files, any merge, one state."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from svcops.incidents.problems import fold, may, overtaken
from svcops.problems.model import (
    Factor,
    IncidentLinked,
    IncidentRuledOut,
    KnownError,
    Problem,
    ProblemReopened,
    ProblemResolved,
    Verified,
    Workaround,
)
from svcops.store.entries import Entry

T0 = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PROBLEM = Entry(
    "problem", "problem-20261123-p4w8aa", "p", Problem(title="T", services=("ledger",), opened_at=T0, by="a")
)
ONE, OTHER = "incident-20261123-k7f3q2", "incident-20261123-x3d7aa"


def event(name, cls, type_, minutes, **more):
    at = T0 + timedelta(minutes=minutes)
    made = cls(type=type_, at=at, recorded_at=at, by="a", **more)
    return Entry("problem-event", f"{PROBLEM.name}/{name}", f"{name}.yaml", made)


def linked(name, minutes, incident=ONE, **more):
    return event(name, IncidentLinked, "incident", minutes, incident=incident, **more)


def helps(name, minutes, text="x", **more):
    return event(name, Workaround, "workaround", minutes, text=text, **more)


CYCLE = [
    linked("1", 1),
    helps("2", 2),
    event("3", KnownError, "known-error", 3, from_="investigating"),
    event("4", ProblemResolved, "resolved", 4, from_="known error", text="x"),
    event("5", Verified, "verified", 5, from_="resolved"),
]


def test_the_cycle_in_any_order_of_files_ends_verified():
    states = [fold(PROBLEM, order) for order in permutations(CYCLE)]
    assert {(state.status, state.void, tuple(state.about)) for state in states} == {("verified", (), (ONE,))}
    assert states[0].resolved_at == T0 + timedelta(minutes=4)
    assert list(states[0].moved) == ["known error", "resolved", "verified"]


def test_nothing_was_found_out_about_a_problem_without_events():
    state = fold(PROBLEM, [])
    assert (state.status, state.workaround, state.resolved_at) == ("investigating", None, None)
    assert (state.about, state.factors) == ({}, ())


def test_what_came_back_is_investigated_again_and_its_resolution_counts_no_more():
    back = event("6", ProblemReopened, "reopened", 6, from_="verified", text="x")
    state = fold(PROBLEM, [*CYCLE, back])
    assert (state.status, state.resolved_at, list(state.moved)) == ("investigating", None, ["investigating"])
    assert state.workaround, "what helps meanwhile helps again"


def test_a_move_from_another_status_is_void_and_one_that_never_was_allowed_was_not_overtaken():
    early = event("0", Verified, "verified", 0, from_="investigating")
    state = fold(PROBLEM, [early, *CYCLE])
    assert (state.status, state.void) == ("verified", (early,))
    assert overtaken(state, early) is None
    assert may(state, ProblemReopened)
    assert not may(state, ProblemResolved)


def test_of_two_branches_that_both_moved_on_the_first_counts():
    resolved = event("4b", ProblemResolved, "resolved", 7, from_="known error", text="y")
    for order in permutations([*CYCLE, resolved]):
        state = fold(PROBLEM, order)
        assert (state.status, state.void) == ("verified", (resolved,))
        assert overtaken(state, resolved) == CYCLE[3]


def test_a_move_from_where_it_no_more_is_is_void_though_it_could_go_there_from_here():
    """One branch verified it, and the other had it back before: it was resolved, not verified, as that one saw it."""
    back = event("6", ProblemReopened, "reopened", 6, from_="resolved", text="x")
    state = fold(PROBLEM, [*CYCLE, back])
    assert (state.status, state.void) == ("verified", (back,))
    assert overtaken(state, back) == CYCLE[4]


def test_the_latest_word_about_an_incident_counts():
    ruled_out = event("6", IncidentRuledOut, "incident-ruled-out", 6, incident=ONE, text="x")
    state = fold(PROBLEM, [*CYCLE, ruled_out])
    assert [type(one.value) for one in state.about.values()] == [IncidentRuledOut]
    state = fold(PROBLEM, [*CYCLE, ruled_out, linked("7", 7)])
    assert [type(one.value) for one in state.about.values()] == [IncidentLinked]


def test_the_latest_workaround_counts_and_a_correction_stands_in_the_place_of_what_it_corrects():
    second = helps("6", 6, "second")
    assert fold(PROBLEM, [*CYCLE, second]).workaround == second
    corrected = helps("7", 7, "first, corrected", supersedes="2")
    state = fold(PROBLEM, [*CYCLE, second, corrected])
    assert (state.workaround, state.superseded) == (second, (CYCLE[1],))


def test_a_corrected_move_is_taken_back():
    none = event("6", Factor, "factor", 6, claim="c", evidence="e", why="w", supersedes="4")
    state = fold(PROBLEM, [*CYCLE, none])
    assert state.status == "known error"
    assert state.void == (CYCLE[4],), "it was verified from a status that is no more"


STATUSES = ("investigating", "known error", "resolved", "verified")


@st.composite
def events(draw):
    """Branches of random events, each of which goes on from what the others do not know."""
    made = []
    for number in range(draw(st.integers(0, 9))):
        name, minutes = f"e{number}", draw(st.integers(0, 20))
        corrects = draw(st.none() | st.sampled_from([f"e{one}" for one in range(9)]))
        kind = draw(st.sampled_from(["incident", "workaround", "known-error", "resolved", "verified", "reopened"]))
        status = draw(st.sampled_from(STATUSES))
        if kind == "incident":
            made.append(linked(name, minutes, draw(st.sampled_from([ONE, OTHER])), supersedes=corrects))
        elif kind == "workaround":
            made.append(helps(name, minutes, name, supersedes=corrects))
        else:
            cls = {
                "known-error": KnownError,
                "resolved": ProblemResolved,
                "verified": Verified,
                "reopened": ProblemReopened,
            }[kind]
            made.append(event(name, cls, kind, minutes, from_=status, text="x", supersedes=corrects))
    return made


@given(events(), st.randoms())
def test_in_any_order_of_merges_the_state_is_the_same_and_no_event_is_lost(made, random):
    mixed = made[:]
    random.shuffle(mixed)
    one, other = fold(PROBLEM, made), fold(PROBLEM, mixed)
    assert one == other
    assert (list(one.about), list(one.moved)) == (list(other.about), list(other.moved))
    assert sorted(each.name for each in one.events) == sorted(each.name for each in made)


@given(events())
def test_verified_is_only_reached_by_way_of_resolved(made):
    state = fold(PROBLEM, made)
    if state.status == "verified":
        assert list(state.moved)[-2:] == ["resolved", "verified"]
        assert state.resolved_at
    assert (state.resolved_at is not None) == state.is_over
