"""Folding a timeline: any order of files, any merge, one state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.incidents.facts import before as state_before
from svcops.incidents.facts import fold, may
from svcops.incidents.model import (
    COMMANDER,
    Acknowledged,
    Cancelled,
    Closed,
    ImpactStarted,
    Incident,
    Logged,
    Mitigated,
    Opened,
    Reopened,
    Resolved,
    RoleGiven,
    SeverityChanged,
)
from svcops.store.entries import Entry

T0 = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
INCIDENT = Entry("incident", "incident-20261123-k7f3q2", "p", Incident(title="T", services=(), detected_by="slo"), {})


def entry(name, event):
    return Entry("incident-event", f"incident-20261123-k7f3q2/{name}", f"timeline/{name}.yaml", event, {})


def event(cls, type_, minutes, *, recorded=None, **more):
    at, recorded_at = (T0 + timedelta(minutes=one) for one in (minutes, recorded or minutes))
    return cls(type=type_, at=at, recorded_at=recorded_at, by="a", **more)


CYCLE = [
    entry("1", event(ImpactStarted, "impact-started", 0)),
    entry("2", event(Opened, "opened", 5, severity="sev1")),
    entry("3", event(Logged, "log", 6, text="x")),
    entry("4", event(Resolved, "resolved", 30, from_="incident")),
    entry("5", event(Closed, "closed", 60, from_="post-mortem")),
]


def test_the_cycle_in_any_order_of_files_ends_in_normal_operations():
    states = {(s.phase, s.severity, s.void) for s in (fold(INCIDENT, order) for order in permutations(CYCLE))}
    assert states == {("normal operations", "sev1", ())}


def test_clocks_run_between_when_things_happened_not_when_they_were_written():
    late = event(Resolved, "resolved", 90, from_="incident")
    written_late = Resolved(
        type="resolved", at=T0 + timedelta(minutes=30), recorded_at=late.recorded_at, by="a", from_="incident"
    )
    state = fold(INCIDENT, [*CYCLE[:3], entry("4", written_late)])
    assert {clock.name: clock.span for clock in state.clocks} == {
        "time to detect": timedelta(minutes=5),
        "time to acknowledge": None,
        "time to mitigate": None,
        "time to resolve": timedelta(minutes=30),
    }


def mitigated(name, recorded, happened):
    at = [T0 + timedelta(minutes=minutes) for minutes in (happened, recorded)]
    return entry(name, Mitigated(type="mitigated", at=at[0], recorded_at=at[1], by="a"))


def test_of_several_mitigations_of_one_stretch_the_earliest_ends_the_clock():
    again = [mitigated("3a", 20, 15), mitigated("3b", 25, 24), mitigated("3c", 26, 10)]
    for order in permutations([*CYCLE[:3], *again]):
        assert fold(INCIDENT, order).mitigated == T0 + timedelta(minutes=10)
    reopened = entry("6", event(Reopened, "reopened", 40, from_="post-mortem", text="Again"))
    state = fold(INCIDENT, [*CYCLE[:4], *again, reopened])
    assert state.mitigated is None
    state = fold(INCIDENT, [*CYCLE[:4], *again, reopened, mitigated("7", 50, 48), mitigated("8", 52, 51)])
    assert state.mitigated == T0 + timedelta(minutes=48)


def test_the_same_instant_folds_by_file_name():
    first = entry("4a", event(Resolved, "resolved", 30, from_="incident", text="first"))
    second = entry("4b", event(Resolved, "resolved", 30, from_="incident", text="second"))
    assert fold(INCIDENT, [*CYCLE[:3], second, first]).void == (second,)


def test_nothing_is_known_of_an_incident_without_events():
    state = fold(INCIDENT, [])
    assert (state.severity, state.declared, state.is_over) == (None, None, False)
    assert [clock.span for clock in state.clocks] == [None] * 4


moves = st.sampled_from(["log", "resolved", "closed", "opened"])


@st.composite
def timelines(draw):
    events = []
    for number, type_ in enumerate(draw(st.lists(moves, max_size=7))):
        minutes = draw(st.integers(0, 5))
        if type_ == "log":
            one = event(Logged, "log", minutes, text="x")
        elif type_ == "opened":
            one = event(Opened, "opened", minutes, severity=draw(st.sampled_from(["sev1", "sev3"])))
        else:
            cls = Resolved if type_ == "resolved" else Closed
            phase = draw(st.sampled_from(["normal operations", "incident", "remediation", "post-mortem"]))
            one = event(cls, type_, minutes, from_=phase)
        events.append(entry(str(number), one))
    return events


@given(timelines(), st.randoms())
def test_any_order_of_merges_gives_one_state_and_loses_no_event(events, random):
    shuffled = list(events)
    random.shuffle(shuffled)
    one, other = fold(INCIDENT, events), fold(INCIDENT, shuffled)
    assert (one.phase, one.severity, one.void, one.events) == (other.phase, other.severity, other.void, other.events)
    assert set(map(id, one.events)) == set(map(id, events))


@given(timelines())
def test_the_phase_is_only_reached_through_the_cycle(events):
    state = fold(INCIDENT, events)
    counted = [one.value.type for one in state.events if one not in state.void and one.value.type != "log"]
    assert counted == ["opened", "resolved", "closed"][: len(counted)]
    assert state.phase == ["normal operations", "incident", "post-mortem", "normal operations"][len(counted)]


# Two branches -------------------------------------------------------------------------------------------------------

SEVERITIES = ("sev1", "sev2", "sev3")


def test_of_two_severities_from_one_the_higher_counts_whichever_is_merged_first():
    up = entry("4a", event(SeverityChanged, "severity", 10, from_="sev1", to="sev3"))
    down = entry("4b", event(SeverityChanged, "severity", 11, from_="sev1", to="sev2"))
    for order in permutations([*CYCLE[:3], up, down]):
        state = fold(INCIDENT, order, SEVERITIES)
        assert (state.severity, state.void) == ("sev2", ())
    unknown = entry("4c", event(SeverityChanged, "severity", 12, from_="sev1", to="catastrophe"))
    assert fold(INCIDENT, [*CYCLE[:3], up, down, unknown], SEVERITIES).severity == "catastrophe", "doubt is the higher"


def test_of_two_openings_the_higher_severity_counts_whichever_is_merged_first():
    minor = entry("2a", event(Opened, "opened", 5, severity="sev3"))
    major = entry("2b", event(Opened, "opened", 6, severity="sev1"))
    less = entry("3a", event(SeverityChanged, "severity", 7, from_="sev3", to="sev2"))
    for order in permutations([minor, major, less]):
        state = fold(INCIDENT, order, SEVERITIES)
        assert (state.severity, state.declared, state.void) == ("sev1", minor.value.at, (major,))
    seen = fold(INCIDENT, [minor, major, less], SEVERITIES).judged_by
    lowered = entry("4a", event(SeverityChanged, "severity", 8, from_="sev1", to="sev3", follows=seen))
    assert fold(INCIDENT, [minor, major, less, lowered], SEVERITIES).severity == "sev3", "who saw both judged it anew"
    unseen = entry("4a", event(SeverityChanged, "severity", 8, from_="sev1", to="sev3", follows=("2b",)))
    assert fold(INCIDENT, [minor, major, less, unseen], SEVERITIES).severity == "sev2", "who saw one left the other"
    late = entry("2c", event(Opened, "opened", 9, severity="sev3"))
    assert fold(INCIDENT, [major, late], SEVERITIES).severity == "sev1"


def judged(name, minutes, from_, to, *follows, **more):
    change = event(SeverityChanged, "severity", minutes, from_=from_, to=to, follows=follows, **more)
    return entry(name, change)


@pytest.mark.parametrize("named", [True, False])
def test_a_severity_of_another_branch_is_not_lost_where_the_first_branch_moved_twice(named):
    """Kim raises it and takes that back; Noor says sev2 meanwhile, before, between or after the two."""
    for minutes in (10, 12, 14):
        kim = [judged("a", 11, "sev3", "sev1", "2b"), judged("b", 13, "sev1", "sev3", "a")]
        noor = judged("c", minutes, "sev3", "sev2", "2b")
        events = [entry("2b", event(Opened, "opened", 5, severity="sev3")), *kim, noor]
        if not named:
            events = [without_names(one) for one in events]
        assert fold(INCIDENT, events, SEVERITIES).severity == "sev2"


def without_names(one):
    """The event as somebody writes it by hand, with `from` alone."""
    return one._replace(value=replace(one.value, follows=())) if isinstance(one.value, SeverityChanged) else one


def test_one_person_may_raise_and_lower_it_again_and_again():
    events = [entry("0", event(Opened, "opened", 5, severity="sev3"))]
    for number, to in enumerate(["sev1", "sev3", "sev1", "sev2", "sev3", "sev1", "sev3"], 1):
        state = fold(INCIDENT, events, SEVERITIES)
        events.append(judged(str(number), 5 + number, state.severity, to, *state.judged_by))
        assert fold(INCIDENT, events, SEVERITIES).severity == to


def test_without_names_doubt_about_which_of_two_was_lowered_means_the_higher():
    events = [judged(str(number), number, from_, to) for number, (from_, to) in enumerate(RAISED_TWICE, 6)]
    opened = entry("5", event(Opened, "opened", 5, severity="sev3"))
    assert fold(INCIDENT, [opened, *events], SEVERITIES).severity == "sev1", (
        "one branch may have raised it, and ended so"
    )
    state = fold(INCIDENT, [opened, *events], SEVERITIES)
    settled = judged("99", 99, state.severity, "sev3", *state.judged_by)
    assert fold(INCIDENT, [opened, *events, settled], SEVERITIES).severity == "sev3"


RAISED_TWICE = [("sev3", "sev1"), ("sev1", "sev3"), ("sev3", "sev1"), ("sev1", "sev3")]


@st.composite
def trees(draw):
    """A tree of branches: each change with the one that it follows, as its writer saw no other; and where they end."""
    said, parents = {"0": draw(st.sampled_from(SEVERITIES))}, {}
    for number in range(1, draw(st.integers(2, 9))):
        parents[str(number)] = draw(st.sampled_from(sorted(said)))
        said[str(number)] = draw(st.sampled_from(SEVERITIES))
    ends = [said[name] for name in said if name not in parents.values()]
    return said, parents, min(ends)


@given(trees(), st.data(), st.booleans())
def test_the_highest_end_of_any_branches_counts_in_any_order_that_they_are_recorded_in(tree, data, named):
    said, parents, highest_end = tree
    results = set()
    for _ in range(3):
        waiting, events = dict(parents), [entry("0", event(Opened, "opened", 1, severity=said["0"]))]
        while waiting:
            ready = [name for name, parent in waiting.items() if parent not in waiting]
            name = data.draw(st.sampled_from(sorted(ready)))
            parent = waiting.pop(name)
            follows = (parent,) if named else ()
            events.append(judged(name, len(events) + 1, said[parent], said[name], *follows))
        results.add(fold(INCIDENT, events, SEVERITIES).severity)
    (severity,) = results
    assert severity == highest_end if named else severity <= highest_end, "sev1 is the highest"


def test_a_change_of_what_was_corrected_in_words_alone_still_counts():
    opened = entry("0", event(Opened, "opened", 5, severity="sev1"))
    lowered, again = judged("a", 6, "sev1", "sev2", "0"), judged("b", 7, "sev2", "sev3", "a")
    why = judged("c", 8, "sev1", "sev2", "0", supersedes="a", text="Two branches alone")
    moved = entry("d", event(Opened, "opened", 4, severity="sev1", supersedes="0", recorded=9))
    assert fold(INCIDENT, [opened, lowered, again, why, moved], SEVERITIES).severity == "sev3"
    other = judged("c", 8, "sev1", "sev1", "0", supersedes="a")
    assert fold(INCIDENT, [opened, lowered, again, other], SEVERITIES).severity == "sev1", "doubt is the higher"


def role(name, minutes, from_, to, **more):
    return entry(name, event(RoleGiven, "role", minutes, role=COMMANDER, from_=from_, to=to, **more))


@pytest.mark.parametrize("second", [None, "noor"])
def test_of_two_who_hand_over_one_role_the_first_counts(second):
    took, first = role("3a", 10, None, "kim"), role("3b", 11, "kim", "robin")
    other = role("3c", 12, "kim", second)
    then = role("3d", 13, second, "ada")
    for order in permutations([took, first, other, then]):
        state = fold(INCIDENT, [*CYCLE[:3], *order])
        assert (dict(state.roles), state.void) == ({COMMANDER: "robin"}, (other, then))
        assert [state.overtaken.get(one.name) for one in state.void] == [first, first], "what a branch did then as well"


def test_two_who_hand_a_role_to_the_same_person_agree():
    events = [role("3a", 10, None, "kim"), role("3b", 11, "kim", "robin"), role("3c", 12, "kim", "robin")]
    state = fold(INCIDENT, [*CYCLE[:3], *events])
    assert (dict(state.roles), state.void) == ({COMMANDER: "robin"}, ())


def test_a_role_from_somebody_who_never_had_it_has_no_effect():
    wrong = role("3b", 11, "zoe", "robin")
    state = fold(INCIDENT, [*CYCLE[:3], role("3a", 10, None, "kim"), wrong])
    assert (dict(state.roles), state.void, state.overtaken.get(wrong.name)) == ({COMMANDER: "kim"}, (wrong,), None)


def test_a_role_stays_handed_over_where_who_had_it_first_is_corrected():
    took, over = role("3a", 10, None, "kim"), role("3b", 11, "kim", "robin")
    right = role("3c", 12, None, "noor", supersedes="3a")
    state = fold(INCIDENT, [*CYCLE[:3], took, over, right])
    assert (dict(state.roles), state.void) == ({COMMANDER: "robin"}, ())


def test_a_second_move_from_one_phase_is_void_and_names_the_first():
    first = entry("4a", event(Acknowledged, "acknowledged", 10, from_="incident"))
    second = entry("4b", event(Cancelled, "cancelled", 11, from_="incident", text="A test"))
    state = fold(INCIDENT, [*CYCLE[:3], second, first])
    assert (state.phase, state.void) == ("remediation", (second,))
    assert state.overtaken.get(second.name) == first


REOPENED = [
    *CYCLE[:3],
    entry("4", event(Cancelled, "cancelled", 7, from_="incident", text="A test")),
    entry("5", event(Reopened, "reopened", 8, from_="normal operations", text="It was none")),
]
"""In remediation, and nobody acknowledged it."""


def test_what_was_reopened_before_anybody_acknowledged_it_is_acknowledged_in_remediation():
    assert may(fold(INCIDENT, REOPENED), Acknowledged)
    ack = entry("6", event(Acknowledged, "acknowledged", 9, from_="remediation"))
    state = fold(INCIDENT, [*REOPENED, ack])
    assert (state.phase, state.acknowledged, state.void) == ("remediation", ack.value.at, ())
    assert not may(state, Acknowledged)
    commander = entry("6", event(RoleGiven, "role", 9, role=COMMANDER, to="ada"))
    assert fold(INCIDENT, [*REOPENED, commander]).acknowledged == commander.value.at


def test_of_two_acknowledgements_the_first_counts_though_one_named_a_commander():
    for before, came_from in ((CYCLE[:3], "incident"), (REOPENED, "remediation")):
        ack = entry("6a", event(Acknowledged, "acknowledged", 9, from_=came_from))
        second = entry("6c", event(Acknowledged, "acknowledged", 11, from_=came_from))
        commander = entry("6b", event(RoleGiven, "role", 10, role=COMMANDER, to="ada"))
        for first, *others in ((ack, second), (ack, commander, second), (commander, second)):
            state = fold(INCIDENT, [*before, *others, first])
            assert (state.acknowledged, state.void) == (first.value.at, (second,))
            assert state.overtaken.get(second.name) == first
        resolved = entry("7", event(Resolved, "resolved", 10, from_="remediation"))
        again = entry("8", event(Reopened, "reopened", 10, from_="post-mortem", text="Again"))
        assert fold(INCIDENT, [*before, ack, resolved, again, second]).overtaken[second.name] == ack


def test_an_acknowledgement_that_came_after_the_end_was_overtaken_by_it():
    resolved = entry("6", event(Resolved, "resolved", 9, from_="remediation"))
    late = entry("7", event(Acknowledged, "acknowledged", 10, from_="remediation"))
    state = fold(INCIDENT, [*REOPENED, resolved, late])
    assert (state.phase, state.acknowledged, state.void) == ("post-mortem", None, (late,))
    assert state.overtaken.get(late.name) == resolved


@pytest.mark.parametrize("acknowledged", [True, False])
def test_what_a_branch_did_after_a_move_that_was_overtaken_was_overtaken_too(acknowledged):
    cancelled = entry("4", event(Cancelled, "cancelled", 7, from_="incident", text="A test"))
    ack = entry("5", event(Acknowledged, "acknowledged", 8, from_="incident"))
    commander = entry("5", event(RoleGiven, "role", 8, role=COMMANDER, to="ada"))
    resolved = entry("6", event(Resolved, "resolved", 9, from_="remediation"))
    closed = entry("7", event(Closed, "closed", 10, from_="post-mortem"))
    events = [*CYCLE[:3], cancelled, ack if acknowledged else commander, resolved, closed]
    state = fold(INCIDENT, events)
    assert state.void == tuple(one for one in events[4:] if one is not commander)
    assert [state.overtaken.get(one.name) for one in state.void] == [cancelled] * len(state.void)
    left_out = fold(INCIDENT, [*CYCLE[:3], cancelled, resolved])
    assert resolved.name not in left_out.overtaken, "nobody saw it in remediation"


def test_what_goes_on_from_normal_operations_before_any_end_was_not_overtaken():
    reopened = entry("4", event(Reopened, "reopened", 8, from_="normal operations", text="x"))
    state = fold(INCIDENT, [*CYCLE[:3], reopened])
    assert (state.void, state.overtaken.get(reopened.name)) == ((reopened,), None)


def test_who_took_care_of_it_may_be_written_down_when_it_is_over():
    resolved = entry("4", event(Resolved, "resolved", 9, from_="incident"))
    early = entry("5", event(RoleGiven, "role", 8, role=COMMANDER, to="ada", recorded=20))
    late = entry("5", event(RoleGiven, "role", 21, role=COMMANDER, to="ada"))
    assert fold(INCIDENT, [*CYCLE[:3], resolved, early]).acknowledged == early.value.at
    assert fold(INCIDENT, [*CYCLE[:3], resolved, early]).phase == "post-mortem"
    assert fold(INCIDENT, [*CYCLE[:3], resolved, late]).acknowledged is None, "who came afterwards took care of nothing"


def test_a_move_that_is_never_allowed_was_not_overtaken():
    wrong = entry("6", event(Closed, "closed", 40, from_="incident"))
    state = fold(INCIDENT, [*CYCLE[:4], wrong])
    assert state.void == (wrong,)
    assert state.overtaken.get(wrong.name) is None


# Corrections --------------------------------------------------------------------------------------------------------


def log(name, minutes, **more):
    return entry(name, event(Logged, "log", minutes, text=name, **more))


def counted(*events):
    state = fold(INCIDENT, [*CYCLE[:2], *events])
    gone = {one.name for one in state.superseded}
    return [one.value.text for one in state.events[2:] if one.name not in gone]


def test_the_latest_correction_stands_in_the_place_of_what_it_corrects():
    assert counted(log("a", 10), log("b", 11, supersedes="a"), log("c", 12, supersedes="a")) == ["c"]
    assert counted(log("a", 10), log("b", 11, supersedes="a"), log("c", 12, supersedes="b")) == ["c"]
    assert counted(log("a", 10), log("b", 11, supersedes="nothing")) == ["a", "b"]


def test_a_circle_of_corrections_corrects_nothing():
    assert counted(log("a", 10, supersedes="b"), log("b", 11, supersedes="a")) == ["a", "b"]
    assert counted(log("a", 10, supersedes="a")) == ["a"]
    into = log("c", 12, supersedes="a")
    assert counted(log("a", 10, supersedes="b"), log("b", 11, supersedes="a"), into) == ["a", "b", "c"]


def test_a_corrected_move_takes_its_place_among_the_others():
    """The severity was wrong from the start: what came after it is judged as if it had been right."""
    right = entry("6", event(Opened, "opened", 70, severity="sev3", supersedes="2"))
    state = fold(INCIDENT, [*CYCLE, right])
    assert (state.phase, state.severity, state.void) == ("normal operations", "sev3", ())
    assert state.superseded == (CYCLE[1],)


def test_what_led_to_an_event_is_told_with_the_corrections_before_it_in_their_places():
    """Recorded last, they are earlier than what is corrected now."""
    opened = entry("0", event(Opened, "opened", 5, severity="sev3"))
    ack = entry("1", event(Acknowledged, "acknowledged", 6, from_="incident"))
    resolved = entry("2", event(Resolved, "resolved", 30, from_="remediation"))
    earlier = entry("3", event(Opened, "opened", 4, severity="sev3", supersedes="0", recorded=40))
    sooner = entry("4", event(Acknowledged, "acknowledged", 5, from_="incident", supersedes="1", recorded=41))
    state = fold(INCIDENT, [opened, ack, resolved, earlier, sooner])
    led = state_before(state, "2", SEVERITIES)
    assert (led.phase, led.severity, led.declared) == ("remediation", "sev3", earlier.value.at)
    assert led.counting == (earlier, sooner)


MOVES = {
    Acknowledged: ("acknowledged", {}),
    Resolved: ("resolved", {}),
    Reopened: ("reopened", {"text": "x"}),
    Cancelled: ("cancelled", {"text": "x"}),
    Closed: ("closed", {}),
    Opened: ("opened", {}),
}
PHASES = ("normal operations", "incident", "remediation", "post-mortem")


@st.composite
def branches(draw):
    """Two branches of random events, each of which goes on from what the other does not know."""
    events = list(CYCLE[:2])
    for number in range(draw(st.integers(0, 10))):
        cls = draw(st.sampled_from([*MOVES, SeverityChanged, RoleGiven, Logged]))
        minutes, name = draw(st.integers(6, 30)), f"e{number}"
        corrects = draw(st.none() | st.sampled_from(["1", "2", *(f"e{one}" for one in range(10))]))
        if cls is SeverityChanged:
            own = {"from_": draw(st.sampled_from(SEVERITIES)), "to": draw(st.sampled_from(SEVERITIES))}
            made = event(cls, "severity", minutes, supersedes=corrects, **own)
        elif cls is RoleGiven:
            made = event(cls, "role", minutes, role=COMMANDER, to=draw(st.sampled_from([None, "ada", "noor"])))
        elif cls is Logged:
            made = event(cls, "log", minutes, text=name, supersedes=corrects)
        elif cls is Opened:
            made = event(cls, "opened", minutes, severity=draw(st.sampled_from(SEVERITIES)), supersedes=corrects)
        else:
            type_, own = MOVES[cls]
            phase = draw(st.sampled_from(PHASES))
            made = event(cls, type_, minutes, from_=phase, supersedes=corrects, **own)
        events.append(entry(name, made))
    return events


@given(branches(), st.randoms())
def test_in_any_order_of_merges_the_state_is_the_same_and_no_event_is_lost(events, random):
    mixed = events[:]
    random.shuffle(mixed)
    one, other = fold(INCIDENT, events, SEVERITIES), fold(INCIDENT, mixed, SEVERITIES)
    assert one == other
    assert sorted(each.name for each in one.events) == sorted(each.name for each in events)
    assert one.phase in PHASES
    assert (one.phase == "normal operations") == (one.ending is not None or one.declared is None)


def test_where_nobody_knows_who_detected_it_nobody_knows_when():
    imported = Incident(title="T", services=(), detected_by=None)
    state = fold(Entry("incident", INCIDENT.name, "p", imported, {}), CYCLE)
    assert [clock.span for clock in state.clocks] == [None, None, None, timedelta(minutes=30)]
