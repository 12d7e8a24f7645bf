"""An incident that clones saw change by change, or at once: merged and imported once more, nothing is there twice."""

import json
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.exchange.outside_records import event_file
from svcops.exchange.sources import Source
from svcops.exchange.statuspage import SYSTEM, Reported, Said
from svcops.exchange.statuspage_news import news
from svcops.exchange.statuspage_records import events_of
from svcops.incidents.facts import fold, states
from svcops.incidents.model import Acknowledged, Incident
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.store.model import Origin

START = datetime(2026, 11, 20, 8, tzinfo=UTC)
NAME = "incident-20261120-aaaaaa"
INCIDENT = Incident(title="Slow", services=(), detected_by=None, imported=Origin(system=SYSTEM, key="1"))


def told(updates, *, resolved=None, started=0):
    """What the source tells: updates as minutes and texts."""
    return Reported(
        key="1",
        title="Slow",
        url=None,
        impact="minor",
        started=START + timedelta(minutes=started),
        resolved=None if resolved is None else START + timedelta(minutes=resolved),
        is_over=None if resolved is None else START + timedelta(minutes=resolved) is not None,
        planned=None,
        updates=tuple(
            Said(START + timedelta(minutes=at), "", text) for at, text in sorted(updates, key=lambda one: one[0])
        ),
        parts=(),
        stated_minutes=None,
        source=Source("x", 1),
    )


def folded(timeline):
    entries = [
        Entry("incident-event", f"{NAME}/{name}", f"incidents/2026/{NAME}/timeline/{name}.yaml", event)
        for name, event in timeline.items()
    ]
    return fold(Entry("incident", NAME, f"incidents/2026/{NAME}/incident.yaml", INCIDENT), entries)


def brought(timeline, one):
    """A timeline, as names and events, after an import with --update."""
    found = news(one, folded(timeline), "sev3").events if timeline else events_of(one, "sev3")
    named = {event_file(one.outside_key, event)[0].removesuffix(".yaml"): event for event in found}
    assert len(named) == len(found)
    assert not set(named) & set(timeline)
    return {**timeline, **named}


def counted(timeline):
    """Type, minutes and text of what counts, without the lines that stand in the place of what was there twice."""
    state = folded(timeline)
    assert state.void == ()
    events = [one.value for one in state.events if one not in state.superseded]
    return sorted(
        (one.type, (one.at - START) / timedelta(minutes=1), getattr(one, "text", ""))
        for one in events
        if one.type not in ("log", "closed")
    )


def steps(*snapshots):
    timeline = {}
    for one in snapshots:
        timeline = brought(timeline, one)
    return timeline


FIRST = [(5, "A"), (9, "B")]
MOVED = [(7, "A"), (9, "B")]
REWORDED = [(5, "A!"), (9, "B")]
LATER = [(8, "C"), (12, "D")]


@pytest.mark.parametrize("changed", [MOVED, REWORDED])
@pytest.mark.parametrize("new_ones", [[], LATER])
@pytest.mark.parametrize("resolved", [None, 12])
@pytest.mark.parametrize(
    "other",
    [
        lambda last, _: [last],
        lambda last, first: [first, last],
        lambda _last, first: [first],
    ],
)
def test_what_was_seen_step_by_step_and_at_once_is_there_once_after_a_merge(changed, new_ones, resolved, other):
    first, last = told(FIRST), told([*changed, *new_ones], resolved=resolved)
    one = steps(first, told(changed), last)
    merged = {**one, **steps(*other(last, first))}
    again = brought(merged, last)
    assert counted(again) == counted(steps(last))
    assert brought(again, last) == again
    assert counted(brought({**again, **steps(last)}, last)) == counted(again)


def test_new_updates_have_the_bytes_of_a_first_import_though_others_were_corrected():
    one = steps(told(FIRST), told([*MOVED, *LATER]))
    fresh = steps(told([*MOVED, *LATER]))
    new = [{name for name, event in each.items() if getattr(event, "text", "") in ("C", "D")} for each in (one, fresh)]
    assert new[0] == new[1]
    assert len(new[0]) == 2


def test_a_move_comes_after_what_people_did_meanwhile():
    first = steps(told(FIRST))
    (opened,) = (event for event in first.values() if event.type == "opened")
    ack = Acknowledged(
        type="acknowledged",
        at=START + timedelta(hours=2),
        recorded_at=START + timedelta(hours=2),
        by="ada",
        from_="incident",
    )
    after = brought({**first, "20261120t100000000z-acknowledged-aaaaaa": ack}, told(FIRST, resolved=12))
    assert opened in after.values()
    assert folded(after).ending == "closed"
    assert folded(after).void == ()


@st.composite
def histories(draw):
    """How an incident changed: updates move, or are reworded, or come; one change to an update, each text its own."""
    updates, found = [[5, "0"]], []
    for number in range(draw(st.integers(2, 5))):
        for one in draw(st.lists(st.sampled_from(updates), max_size=2, unique_by=lambda one: one[1])):
            if len(one) > 2:
                continue
            place = draw(st.booleans())
            one[0 if place else 1] = one[0] + 0.25 if place else f"{one[1]}!"
            one.append("changed")
        more = range(draw(st.integers(0, 2)))
        updates += [[draw(st.integers(6, 40)) + number / 8 + new / 16, f"{number}.{new}"] for new in more]
        found.append(told([one[:2] for one in updates], resolved=60 if draw(st.booleans()) else None))
    return [
        *found[:-1],
        told([one[:2] for one in updates], resolved=60 if any(one.resolved for one in found) else None),
    ]


@given(histories(), st.data())
def test_whatever_two_clones_saw_one_more_import_gives_what_the_source_tells(found, data):
    seen = [[one for one in found if data.draw(st.booleans())] or [found[0]] for _ in range(2)]
    kept = []
    for one in seen:
        resolved = [number for number, each in enumerate(one) if each.resolved]
        kept.append([each for number, each in enumerate(one) if each.resolved or not resolved or number < resolved[0]])
    one, other = (steps(*each) for each in kept)
    again = brought({**one, **other}, found[-1])
    assert counted(again) == counted(steps(found[-1]))
    assert brought(again, found[-1]) == again


@pytest.mark.parametrize("change", [lambda at, text: (at, f"{text}!"), lambda at, text: (at + 0.5, text)])
def test_the_work_grows_with_the_updates_that_changed_and_not_with_their_square(change):
    def calls(number):
        updates = [(5 + each, f"text {each}") for each in range(number)]
        state = folded(steps(told(updates)))
        counted = 0

        def count(*_):
            nonlocal counted
            counted += 1

        sys.setprofile(count)
        try:
            found = news(told([change(*one) for one in updates]), state, "sev3")
        finally:
            sys.setprofile(None)
        assert len(found.events) >= number
        return counted

    assert calls(1600) < 6 * calls(400)


def test_two_repositories_merged_by_git_have_nothing_twice(console, new_store, new_console):
    def snapshot(updates):
        return {
            "id": "1",
            "title": "Slow",
            "impact": "minor",
            "started_at": "2026-11-20T08:00:00Z",
            "updates": [{"at": f"2026-11-20T08:{at:02}:00Z", "message": text} for at, text in updates],
        }

    def bring(where, updates):
        where.store.write("../status.json", json.dumps([snapshot(updates)]))
        return where("import", "statuspage", "../status.json", "--update")

    last = [*MOVED, *LATER]
    console.store.git("clone", "--quiet", ".", "../other")
    other = new_console(type(console.store)(console.store.path.parent / "other", console.store.env))
    for name, value in (("user.name", "Ada Example"), ("user.email", "ada@example.org")):
        other.store.git("config", name, value)
    bring(console, FIRST)
    bring(console, MOVED)
    bring(console, last)
    bring(other, last)
    console.store.git("pull", "--quiet", "--no-rebase", "--no-edit", "../other", "main")
    assert "there twice" in bring(console, last).out
    (state,) = states(Graph(console.store.root, None)).values()
    gone = {one.name for one in state.superseded}
    texts = [one.value.text for one in state.events if one.value.type == "update" and one.name not in gone]
    assert sorted(texts) == ["A", "B", "C", "D"]
    assert state.void == ()
    assert "nothing written" in bring(console, last).err
