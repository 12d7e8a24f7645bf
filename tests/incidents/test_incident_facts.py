"""Folding a timeline: any order of files, any merge, one state."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from svcops.incidents.facts import fold
from svcops.incidents.model import Closed, ImpactStarted, Incident, Logged, Opened, Resolved
from svcops.store.graph import Entry

T0 = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
INCIDENT = Entry("incident", "incident-20261123-k7f3q2", "p", Incident(title="T", services=(), detected_by="slo"), {})


def entry(name, event):
    return Entry("incident-event", f"incident-20261123-k7f3q2/{name}", f"timeline/{name}.yaml", event, {})


def event(cls, type_, minutes, **more):
    return cls(
        type=type_, at=T0 + timedelta(minutes=minutes), recorded_at=T0 + timedelta(minutes=minutes), by="a", **more
    )


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
        "time to resolve": timedelta(minutes=30),
    }


def test_the_same_instant_folds_by_file_name():
    first = entry("4a", event(Resolved, "resolved", 30, from_="incident", text="first"))
    second = entry("4b", event(Resolved, "resolved", 30, from_="incident", text="second"))
    assert fold(INCIDENT, [*CYCLE[:3], second, first]).void == (second,)


def test_nothing_is_known_of_an_incident_without_events():
    state = fold(INCIDENT, [])
    assert (state.severity, state.declared, state.is_over) == (None, None, False)
    assert [clock.span for clock in state.clocks] == [None, None]


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
