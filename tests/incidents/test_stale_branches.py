"""A branch that goes on from what another one left, and came to anew: of both ways one counts, in any order."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.incidents.facts import before, fold, may
from svcops.incidents.folding import MOVES
from svcops.incidents.model import (
    COMMANDER,
    Acknowledged,
    Cancelled,
    Closed,
    ImpactStarted,
    Incident,
    Logged,
    Opened,
    Reopened,
    Resolved,
    RoleGiven,
)
from svcops.store.corrections import short
from svcops.store.entries import Entry

T0 = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
INCIDENT = Entry("incident", "incident-20261123-k7f3q2", "p", Incident(title="T", services=(), detected_by="slo"), {})
TYPES = {
    ImpactStarted: "impact-started",
    Opened: "opened",
    Acknowledged: "acknowledged",
    RoleGiven: "role",
    Logged: "log",
    Resolved: "resolved",
    Reopened: "reopened",
    Cancelled: "cancelled",
    Closed: "closed",
}
TEXT = {Reopened: {"text": "It goes on"}, Cancelled: {"text": "A test"}, Logged: {"text": "Agreed"}}


def wrote(name, cls, minutes, *, happened=None, **own):
    """An event that was recorded so many minutes past eight, and happened then, or as said."""
    recorded = T0 + timedelta(minutes=minutes)
    at = recorded if happened is None else T0 + timedelta(minutes=happened)
    value = cls(type=TYPES[cls], at=at, recorded_at=recorded, by="ada", **TEXT.get(cls, {}), **own)
    return Entry("incident-event", f"{INCIDENT.name}/{name}", f"timeline/{name}.yaml", value, {})


def saw(events, name, cls, minutes, **own):
    """An event of somebody who saw these, and nothing else."""
    return wrote(name, cls, minutes, **fold(INCIDENT, events).seen, **own)


def gave(events, name, to, minutes):
    """Somebody who saw these names a commander."""
    return wrote(name, RoleGiven, minutes, role=COMMANDER, to=to, **fold(INCIDENT, events).seen_of(COMMANDER))


def told(state):
    """Of what has no effect: its name, and that of what counts in its place."""
    return {short(one): short(state.overtaken[one.name]) for one in state.void}


def in_any_order(events):
    """The one state that events lead to, in whichever order their files are read."""
    states = [fold(INCIDENT, order) for order in permutations(events)]
    assert all(state == states[0] for state in states)
    return states[0]


SHARED = [
    wrote("opened", Opened, 0, severity="sev1"),
    wrote("ack", Acknowledged, 1, from_="incident", follows=("opened",)),
]


def reopened(minutes=(10, 20)):
    """Main: resolved, and reopened."""
    resolved = saw(SHARED, "resolved", Resolved, minutes[0])
    return [resolved, saw([*SHARED, resolved], "reopened", Reopened, minutes[1])]


@pytest.mark.parametrize("cls", [Resolved, Cancelled])
def test_what_a_branch_says_of_the_remediation_before_a_reopening_does_not_end_the_one_after(cls):
    state = in_any_order([*SHARED, *reopened(), saw(SHARED, "late", cls, 30)])
    assert (state.phase, state.resolved, state.ending) == ("remediation", None, None)
    assert told(state) == {"late": "resolved"}


def test_a_branch_does_not_close_over_a_reopening_that_its_writer_never_saw():
    resolved, again = reopened()
    seen = [*SHARED, resolved]
    anew = saw([*seen, again], "anew", Resolved, 30)
    state = in_any_order([*seen, again, anew, saw(seen, "closed", Closed, 40)])
    assert (state.phase, state.ending) == ("post-mortem", None)
    assert told(state) == {"closed": "reopened"}


def test_what_a_branch_reopens_and_cancels_does_not_end_what_another_one_resolved_anew():
    resolved, again = reopened()
    seen = [*SHARED, resolved]
    anew = saw([*seen, again], "anew", Resolved, 30)
    other = saw(seen, "other", Reopened, 35)
    late = saw([*seen, other], "late", Cancelled, 45)
    state = in_any_order([*seen, again, anew, other, late])
    assert (state.phase, state.ending) == ("post-mortem", None)
    assert told(state) == {"other": "reopened", "late": "anew"}, "both reopened one resolution, and went on from there"


@pytest.mark.parametrize("minutes", [5, 15, 25])
def test_what_was_reopened_goes_on_though_another_resolution_of_it_came_first(minutes):
    """Two resolutions of one remediation are one: who reopens the one reopens the other."""
    other = saw(SHARED, "other", Resolved, minutes)
    state = in_any_order([*SHARED, *reopened(), other])
    assert (state.phase, state.resolved) == ("remediation", None)
    assert told(state) == ({"resolved": "other"} if minutes < 10 else {"other": "resolved"})


def test_an_event_without_names_is_judged_by_the_name_of_the_phase():
    by_hand = wrote("hand", Resolved, 30, from_="remediation")
    unknown = wrote("hand", Resolved, 30, from_="remediation", follows=("lost",))
    for one in (by_hand, unknown):
        state = in_any_order([*SHARED, *reopened(), one])
        assert (state.phase, state.void) == ("post-mortem", ())


def test_a_correction_stands_in_the_place_of_the_event_that_others_follow():
    resolved, again = reopened()
    seen = [*SHARED, resolved, again]
    sooner = wrote("sooner", Resolved, 40, happened=8, supersedes="resolved", **before_of(seen, "resolved"))
    anew = saw(seen, "anew", Resolved, 30)
    late = saw(SHARED, "late", Resolved, 50)
    state = in_any_order([*seen, sooner, anew])
    assert (state.phase, state.void) == ("post-mortem", ())
    assert fold(INCIDENT, [*seen, sooner]).entered == again
    assert told(fold(INCIDENT, [*seen, sooner, late])) == {"late": "sooner"}
    closed = saw([*seen, anew], "closed", Closed, 60)
    right = wrote("right", Resolved, 70, happened=29, supersedes="anew", **before_of([*seen, anew], "anew"))
    assert fold(INCIDENT, [*seen, sooner, anew, closed, right]).ending == "closed"


def before_of(events, name):
    """What a correction of an event comes from."""
    return before(fold(INCIDENT, events), name, ()).seen


def test_what_followed_a_move_that_was_settled_stays_without_effect():
    resolved, again = reopened()
    seen = [*SHARED, resolved, again]
    anew = saw(seen, "anew", Resolved, 25)
    other = saw(SHARED, "other", Resolved, 30)
    back = saw([*SHARED, other], "back", Reopened, 40)
    settled = wrote("settled", Logged, 50, supersedes="other")
    state = fold(INCIDENT, [*seen, anew, other, back, settled])
    assert (state.phase, told(state)) == ("post-mortem", {"back": "reopened"})


def test_who_acknowledges_what_was_reopened_does_not_begin_another_remediation():
    cancelled = saw(SHARED[:1], "cancelled", Cancelled, 2)
    seen = [SHARED[0], cancelled]
    seen.append(saw(seen, "reopened", Reopened, 3))
    for answer in (saw(seen, "answer", Acknowledged, 4), gave(seen, "answer", "kim", 4)):
        state = in_any_order([*seen, answer, saw(seen, "resolved", Resolved, 5)])
        assert (state.phase, state.acknowledged, state.void) == ("post-mortem", answer.value.at, ())


def test_a_first_commander_and_an_acknowledgement_begin_one_remediation():
    commander, answer = gave(SHARED[:1], "commander", "kim", 1), SHARED[1]
    resolved = saw([SHARED[0], commander], "resolved", Resolved, 10)
    for minutes in (1, 2):
        other = wrote("ack", Acknowledged, minutes, from_="incident", follows=answer.value.follows)
        state = in_any_order([SHARED[0], commander, other, resolved])
        assert (state.phase, state.resolved) == ("post-mortem", resolved.value.at)


# Roles --------------------------------------------------------------------------------------------------------------


def test_a_hand_over_from_somebody_who_had_the_lead_another_time_has_no_effect():
    events = [*SHARED, gave(SHARED, "kim", "kim", 5)]
    sam = gave(events, "sam", "sam", 30)
    max_ = gave(events, "max", "max", 10)
    again = gave([*events, max_], "again", "kim", 20)
    state = in_any_order([*events, sam, max_, again])
    assert (dict(state.roles), told(state)) == ({COMMANDER: "kim"}, {"sam": "max"})


def test_a_role_that_another_branch_gave_and_took_back_is_not_what_nobody_ever_had():
    kim = gave(SHARED, "kim", "kim", 10)
    nobody = gave([*SHARED, kim], "nobody", None, 20)
    state = in_any_order([*SHARED, kim, nobody, gave(SHARED, "sam", "sam", 30)])
    assert (dict(state.roles), told(state)) == ({}, {"sam": "kim"})


def test_two_who_give_a_role_to_one_person_agree_and_both_may_hand_it_on():
    events = [*SHARED, gave(SHARED, "kim", "kim", 5)]
    one, other = gave(events, "one", "robin", 10), gave(events, "other", "robin", 11)
    onwards = gave([*events, other], "onwards", "sam", 20)
    state = in_any_order([*events, one, other, onwards])
    assert (dict(state.roles), state.void) == ({COMMANDER: "sam"}, ())


# The start of the impact --------------------------------------------------------------------------------------------


def began(events, name, minutes, happened, **own):
    own = {"follows": fold(INCIDENT, events).started_by, **own}
    return wrote(name, ImpactStarted, minutes, happened=happened, **own)


@pytest.mark.parametrize(("first", "second"), [(10, 20), (20, 10)])
def test_of_two_starts_that_branches_say_the_earlier_counts_and_the_other_is_told(first, second):
    events = [*SHARED, began([], "known", 1, 15)]
    one, other = began(events, "one", 30, first), began(events, "other", 40, second)
    state = in_any_order([*events, one, other])
    assert state.impact_started == T0 + timedelta(minutes=10)
    assert told(state) == ({"other": "one"} if first < second else {"one": "other"})
    assert [short(one) for one in state.superseded] == ["known"]
    seen = began([*events, one, other], "seen", 50, 18)
    state = fold(INCIDENT, [*events, one, other, seen])
    assert (state.impact_started, state.void) == (seen.value.at, ()), "who saw both may say a later one"


def test_a_start_that_is_corrected_to_a_later_one_counts():
    events = [*SHARED, began([], "known", 1, 10)]
    follows = began(events, "later", 30, 20)
    corrects = began([], "later", 30, 20, supersedes="known")
    for one in (follows, corrects):
        state = in_any_order([*events, one])
        assert (state.impact_started, state.void) == (one.value.at, ())


# Random branches ----------------------------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(
            [Resolved, Reopened, Reopened, Acknowledged, Closed, Cancelled, RoleGiven, ImpactStarted, None]
        ),
        st.integers(0, 9),
    ),
    min_size=4,
    max_size=14,
)
"""Which of three branches goes on, by what, or None: it takes over the next one; and how many minutes pass."""


@st.composite
def histories(draw):
    """The events of three branches, each of which goes on as the commands let it."""
    branches = [[SHARED[0]] for _ in range(3)]
    clocks = [1, 1, 1]
    for number, (who, cls, minutes) in enumerate(draw(STEPS)):
        known = branches[who]
        if cls is None:
            known += [one for one in branches[(who + 1) % 3] if one not in known]
            continue
        newest = max(one.value.recorded_at for one in known)
        clocks[who] = max(clocks[who] + minutes, int((newest - T0) / timedelta(minutes=1)) + 1)
        name, state = f"{number:02}", fold(INCIDENT, known)
        if cls is ImpactStarted:
            known.append(began(known, name, clocks[who], draw(st.integers(0, 9))))
        elif cls is RoleGiven:
            to = draw(st.sampled_from([one for one in (None, "kim", "sam") if one != state.roles.get(COMMANDER)]))
            known.append(gave(known, name, to, clocks[who]))
        elif may(state, cls):
            known.append(saw(known, name, cls, clocks[who]))
    return list({one.name: one for branch in branches for one in branch}.values())


@given(histories(), st.randoms())
def test_in_any_order_of_merges_branches_that_reopen_give_one_state(events, random):
    mixed = events[:]
    random.shuffle(mixed)
    assert fold(INCIDENT, mixed) == fold(INCIDENT, events)


def ways_of(events):
    """The phases that each move led through, told by what it follows; and the moves by the way that they left."""
    ways, moves = {"": ()}, {}
    for one in events:
        event, name = one.value, short(one)
        if type(event) is RoleGiven and event.to:  # may be the first commander, who acknowledges
            ways[name] = ("incident", "remediation")
        elif type(event) in MOVES and event.from_ != MOVES[type(event)][1]:
            left = ways[event.follows[0]] if type(event) is not Opened else ()
            ways[name] = (*left, MOVES[type(event)][1])
            moves.setdefault(left, []).append(one)
    return ways, moves


@given(histories())
def test_of_all_moves_that_left_one_time_in_a_phase_exactly_one_has_an_effect(events):
    """Whatever happened on each branch afterwards; only a first commander may be it instead of a move."""
    state = fold(INCIDENT, events)
    ways, moves = ways_of(state.events)
    went = ways[short(state.entered)]
    counted = {left: [one for one in found if one not in state.void] for left, found in moves.items()}
    for length in range(len(went)):
        led = [one.value for one in counted.get(went[:length], [])]
        assert len(led) <= 1
        if led:
            assert MOVES[type(led[0])][1] == went[length]
        else:
            assert went[: length + 1] == ("incident", "remediation")
    assert not [one for left, found in counted.items() if left == went or left != went[: len(left)] for one in found]
    assert state.phase == went[-1]
