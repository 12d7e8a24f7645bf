"""Two people, two clones, one incident: whatever they do and however their branches are merged, one state comes out.

Real repositories, merged as the button of a git host does it; nothing is lost and nothing conflicts.
"""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tries import tries

from svcops.incidents.facts import State, states
from svcops.store.graph import Graph

VERBS = {
    "ack": (),
    "commander": ("role", "commander", "ada@example.org"),
    "hand over": ("role", "commander", "noor@example.org"),
    "give up": ("role", "commander", "--nobody"),
    "log": ("log", "Rolled back"),
    "worse": ("severity", "sev1"),
    "less bad": ("severity", "sev4"),
    "tell": ("update", "It is late.", "--next", "30m"),
    "mitigate": ("mitigate",),
    "resolve": ("resolve",),
    "reopen": ("reopen", "It fails again"),
    "cancel": ("cancel", "A test"),
    "close": ("close", "--no-measure-because", "A one-off"),
    "link": ("link", "https://tickets.example.com/4711"),
}
steps = st.lists(
    st.tuples(
        st.sampled_from(["ada", "noor"]),
        st.sampled_from([*VERBS, "resolve", "reopen", "take over"]),
        st.integers(0, 3),
    ),
    max_size=12,
)
"""Who does what, and how many minutes pass; `take over`: they merge the other's branch. Much is resolved and reopened."""


class Clones(NamedTuple):
    """The consoles of the two, and the id of the incident that both have."""

    ada: Any
    noor: Any
    id: str


@pytest.fixture
def new_clones(console: Any, new_console: Callable[..., Any], tmp_path: Path) -> Callable[[int], Clones]:
    """Makes two clones of a store with an open incident, in folders of their own."""
    opened = console(
        "incident", "open", "No receipts", "--service", "ledger", "--severity", "sev3", "--detected-by", "user"
    )

    def make(number: int) -> Clones:
        clones = []
        for name in ("ada", "noor"):
            path = tmp_path / f"{name}-{number}"
            shutil.copytree(console.store.path, path)
            clones.append(new_console(type(console.store)(path, console.store.env)))
        ada, noor = clones
        noor.who = ("Noor Voorbeeld", "noor@example.org")
        noor._seed = 10_000  # other random ids than the other's
        ada.now = noor.now = console.now
        return Clones(ada, noor, opened.id)

    return make


def merge(into: Any, other: Any) -> None:
    """Merge the other's branch as a git host does; a conflict fails the test."""
    name, mail = into.who
    who = ("-c", f"user.name={name}", "-c", f"user.email={mail}")
    into.store.git("fetch", "--quiet", str(other.store.path), "main")
    into.store.git(*who, "merge", "--quiet", "--no-edit", "FETCH_HEAD")


def folded(console: Any, incident_id: str) -> State:
    graph = Graph(console.store.root)
    state = states(graph)[incident_id]
    assert not graph.findings
    return state


def events(console: Any) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in console.store.root.glob("incidents/*/*/timeline/*.yaml")}


@tries(12)
@given(steps)
def test_in_any_order_of_merges_both_see_the_same_and_no_event_is_lost(
    new_clones: Callable[[int], Clones], taken: list[tuple[str, str, int]]
) -> None:
    clones = new_clones(next(_numbers))
    written: dict[str, bytes] = events(clones.ada)
    for who, verb, minutes in taken:
        console, other = (clones.ada, clones.noor) if who == "ada" else (clones.noor, clones.ada)
        console.now += timedelta(minutes=minutes)
        if verb == "take over":
            merge(console, other)
        else:
            command = VERBS[verb] or (verb,)
            console("incident", command[0], clones.id, *command[1:], code=None)  # an illegal order is refused
            written |= events(console)
    merge(clones.ada, clones.noor)
    merge(clones.noor, clones.ada)
    assert events(clones.ada) == events(clones.noor) == written
    assert folded(clones.ada, clones.id) == folded(clones.noor, clones.id)
    clones.ada.store.fsck()


_numbers = iter(range(1_000_000))

REFUSED = {
    "acknowledge what is acknowledged": (("ack",), ("ack",), "acknowledged", "remediation", "INC005"),
    "resolve what is resolved": (("resolve",), ("resolve",), "resolved", "post-mortem", "INC005"),
    "resolve what was cancelled": (("cancel", "A test"), ("resolve",), "resolved", "normal operations", "INC005"),
    "cancel what is resolved": (("resolve",), ("cancel", "A test"), "cancelled", "post-mortem", "INC005"),
    "reopen what goes on": ((), ("reopen", "Again"), "reopened", "incident", "INC001"),
    "close what goes on": ((), ("close", "--no-measure-because", "So"), "closed", "incident", "INC001"),
}
"""What was done first; what cannot be done then; the event that would record it; the phase that stays; the finding."""


@pytest.mark.parametrize("what", REFUSED)
def test_an_illegal_order_is_refused_by_the_command(new_clones: Callable[[int], Clones], what: str) -> None:
    first, then, _, phase, _ = REFUSED[what]
    ada, _, incident_id = new_clones(0)
    if first:
        ada("incident", first[0], incident_id, *first[1:])
    before = ada.store.head()
    said = ada("incident", then[0], incident_id, *then[1:], code=1)
    assert "cannot be" in said.err
    assert (ada.store.head(), ada.store.is_clean()) == (before, True)
    assert folded(ada, incident_id).phase == phase


@pytest.mark.parametrize("what", REFUSED)
def test_an_illegal_order_by_hand_has_no_effect_and_is_found(new_clones: Callable[[int], Clones], what: str) -> None:
    first, then, kind, phase, _ = REFUSED[what]
    ada, _, incident_id = new_clones(0)
    if first:
        ada("incident", first[0], incident_id, *first[1:])
    moment = "2026-11-23T09:30:00Z"
    text = "" if then[0] in {"ack", "resolve", "close"} else f"text: {then[-1]}\n"
    (folder,) = ada.store.root.glob("incidents/*/*/timeline")
    came_from = "post-mortem" if then[0] in {"reopen", "close"} else "remediation"
    (folder / f"zzz-{kind}.yaml").write_text(
        f"type: {kind}\nat: {moment}\nrecorded_at: {moment}\nby: ada\nfrom: {came_from}\n{text}", encoding="utf-8"
    )
    ada.store.commit("By hand")
    ada.now += timedelta(hours=3)
    found = ada("check", "--json", code=None).json["findings"]
    assert [one["code"] for one in found if one["path"].endswith(f"zzz-{kind}.yaml")] == ["INC001"]
    assert folded(ada, incident_id).phase == phase


@pytest.mark.parametrize("what", [what for what, row in REFUSED.items() if row[4] == "INC005"])
def test_an_illegal_order_by_a_merge_stays_visible_and_is_found(new_clones: Callable[[int], Clones], what: str) -> None:
    first, then, kind, phase, code = REFUSED[what]
    ada, noor, incident_id = new_clones(0)
    ada("incident", first[0], incident_id, *first[1:])
    noor.now += timedelta(minutes=5)
    noor("incident", then[0], incident_id, *then[1:])
    merge(ada, noor)
    state = folded(ada, incident_id)
    assert (state.phase, [one.value.type for one in state.void]) == (phase, [kind])
    found = ada("check", "--json", code=None).json["findings"]
    assert [one["code"] for one in found if one["path"] == state.void[0].path] == [code]
    assert "no effect" in ada("incident", "show", incident_id).out


def test_an_acknowledgement_that_another_branch_overtook_leaves_the_window_unknown(
    new_clones: Callable[[int], Clones],
) -> None:
    clones = new_clones(0)
    agreement = (
        "title: Books\nservices: [ledger]\nsupport_hours: always\n"
        "response: [{severity: sev3, respond: 1m, resolve: 4h}]\n"
        'agreed: {with: All, at: "2026-01-26", document: https://contracts.example.com/2026}\n'
    )
    clones.noor("incident", "resolve", clones.id, "It is back")
    clones.ada.now += timedelta(minutes=5)
    clones.ada.store.write("catalogue/agreements/books.yaml", agreement)
    clones.ada.store.commit("What was agreed")
    clones.ada("incident", "ack", clones.id, "--at", "-3m")
    merge(clones.ada, clones.noor)
    told = clones.ada("incident", "show", clones.id).out
    assert "respond in 1 min     unknown: its acknowledgement has no effect, as another branch had gone on" in told
    help_ = f"svcops incident role {clones.id[-6:]} commander PERSON --at TIME"
    assert help_ in clones.ada("check", code=None).out


def test_closing_a_major_one_with_a_reason_is_refused_and_found_after_a_merge(
    new_clones: Callable[[int], Clones],
) -> None:
    ada, noor, incident_id = new_clones(0)
    ada("incident", "resolve", incident_id)
    merge(noor, ada)
    noor("incident", "severity", incident_id, "sev1")
    ada("incident", "close", incident_id, "--no-measure-because", "A one-off")
    assert "major" in noor("incident", "close", incident_id, "--no-measure-because", "A one-off", code=1).err
    merge(ada, noor)
    state = folded(ada, incident_id)
    assert (state.severity, state.ending) == ("sev1", "closed")
    found = ada("check", "--json", code=1).json["findings"]
    assert {one["code"] for one in found if one["severity"] == "error"} == {"INC002"}


@pytest.mark.parametrize("minutes", [1, 20])
def test_a_severity_of_another_branch_counts_until_somebody_saw_it(
    new_clones: Callable[[int], Clones], minutes: int
) -> None:
    ada, noor, incident_id = new_clones(0)
    ada.now += timedelta(minutes=5)
    ada("incident", "severity", incident_id, "sev1")
    noor.now += timedelta(minutes=5 + minutes)
    noor("incident", "severity", incident_id, "sev2")
    ada.now += timedelta(minutes=10)
    ada("incident", "severity", incident_id, "sev3", "--because", "Only one branch")
    merge(ada, noor)
    assert folded(ada, incident_id).severity == "sev2"
    assert "sev2 of another branch is higher, and counts" in ada("incident", "show", incident_id).out
    ada("incident", "severity", incident_id, "sev4", "--because", "One desk alone")
    assert folded(ada, incident_id).severity == "sev4", "who saw both judged it anew"


@pytest.mark.parametrize("late", [("resolve",), ("cancel", "A test"), ("merge", "--into", "other")])
def test_what_a_branch_says_of_the_remediation_before_a_reopening_does_not_end_the_incident(
    new_clones: Callable[[int], Clones], late: tuple[str, ...]
) -> None:
    ada, noor, incident_id = new_clones(0)
    ada._seed = 20_000
    other = ada(
        "incident", "open", "No invoices", "--service", "ledger", "--severity", "sev3", "--detected-by", "user"
    ).id
    ada("incident", "ack", incident_id)
    merge(noor, ada)
    ada("incident", "resolve", incident_id)
    ada("incident", "reopen", incident_id, "It goes on")
    noor.now += timedelta(minutes=5)
    noor("incident", late[0], incident_id, *(other if word == "other" else word for word in late[1:]))
    merge(ada, noor)
    state = folded(ada, incident_id)
    assert (state.phase, state.ending, state.resolved) == ("remediation", None, None)
    assert "no effect" in ada("incident", "show", incident_id).out
    found = ada("check", "--json", code=None).json["findings"]
    (told,) = [one for one in found if one["path"] == state.void[0].path]
    assert told["code"] == "INC005"
    assert "no effect" in told["message"]
    if late[0] == "resolve":
        assert f"if it is over by now: svcops incident resolve {incident_id[-6:]}" in told["help"]


def test_a_close_on_a_branch_that_never_saw_a_reopening_has_no_effect(new_clones: Callable[[int], Clones]) -> None:
    ada, noor, incident_id = new_clones(0)
    ada("incident", "resolve", incident_id)
    merge(noor, ada)
    ada("incident", "reopen", incident_id, "It goes on")
    ada("incident", "resolve", incident_id)
    noor.now += timedelta(minutes=5)
    noor("incident", "close", incident_id, "--no-measure-because", "A one-off")
    merge(ada, noor)
    state = folded(ada, incident_id)
    assert (state.phase, [one.value.type for one in state.void]) == ("post-mortem", ["closed"])
    found = ada("check", "--json", code=None).json["findings"]
    message = next(one["message"] for one in found if one["path"] == state.void[0].path)
    assert message.startswith("closed while reopened was recorded elsewhere")


def test_a_hand_over_by_a_branch_has_no_effect_where_the_lead_came_back_meanwhile(
    new_clones: Callable[[int], Clones],
) -> None:
    ada, noor, incident_id = new_clones(0)
    ada("incident", "role", incident_id, "commander")
    merge(noor, ada)
    ada("incident", "role", incident_id, "commander", "robin@example.org")
    ada("incident", "role", incident_id, "commander")
    noor.now += timedelta(minutes=5)
    noor("incident", "role", incident_id, "commander", "sam@example.org")
    merge(ada, noor)
    state = folded(ada, incident_id)
    assert [one.value.to for one in state.void] == ["sam@example.org"]
    found = ada("check", "--json", code=None).json["findings"]
    assert [one["code"] for one in found if one["path"] == state.void[0].path] == ["INC005"]


def test_of_two_starts_that_branches_say_the_earlier_counts_until_somebody_saw_both(
    new_clones: Callable[[int], Clones],
) -> None:
    ada, noor, incident_id = new_clones(0)
    ada.now = noor.now = ada.now + timedelta(minutes=5)
    ada("incident", "started", incident_id, "--at", "-40m")
    noor.now += timedelta(minutes=1)
    noor("incident", "started", incident_id, "--at", "-20m")
    merge(ada, noor)
    state = folded(ada, incident_id)
    assert state.impact_started == ada.now - timedelta(minutes=40)
    assert "(that of another branch is earlier, and counts)" in ada("incident", "show", incident_id).out
    (found,) = [one for one in ada("check", "--json", code=None).json["findings"] if one["code"] == "INC005"]
    assert "the earlier counts" in found["message"]
    assert f"svcops incident started {incident_id[-6:]} --at TIME" in found["help"]
    ada.now += timedelta(minutes=2)
    ada("incident", "started", incident_id, "--at", "-25m")
    assert folded(ada, incident_id).impact_started == ada.now - timedelta(minutes=25)
    assert not [one for one in ada("check", "--json", code=None).json["findings"] if one["code"] == "INC005"]
    ada("incident", "started", incident_id, "--at", "-15m")
    assert folded(ada, incident_id).impact_started == ada.now - timedelta(minutes=15), "a later one counts, too"
    brief = ada("incident", "handover", incident_id).out
    assert brief.count("Impact started") == 1, "a brief tells what counts"


@pytest.mark.parametrize("second", [("--nobody",), ("noor@example.org",)])
def test_of_two_who_hand_over_the_lead_the_first_counts_and_the_second_is_found(
    new_clones: Callable[[int], Clones], second: tuple[str, ...]
) -> None:
    ada, noor, incident_id = new_clones(0)
    ada("incident", "role", incident_id, "commander")
    merge(noor, ada)
    ada("incident", "role", incident_id, "commander", "robin@example.org")
    noor.now += timedelta(minutes=5)
    noor("incident", "role", incident_id, "commander", *second)
    merge(ada, noor)
    assert dict(folded(ada, incident_id).roles) == {"incident-commander": "robin@example.org"}
    assert "(no effect)" in ada("incident", "show", incident_id).out
    found = [one for one in ada("check", "--json", code=None).json["findings"] if one["code"] == "INC005"]
    assert len(found) == 1
    assert "given to robin@example.org elsewhere" in found[0]["message"]
    settles = found[0]["help"].partition("then svcops ")[2].split(" settles")[0].split('"')
    ada(*settles[0].split(), "Robin leads", *settles[2].split())
    assert not [one for one in ada("check", "--json", code=None).json["findings"] if one["code"] == "INC005"]


def merged_by_one(new_clones: Callable[[int], Clones]) -> tuple[Any, Any, str, str]:
    """Two clones that have two incidents, of which the first clone has merged the first into the second."""
    ada, noor, first = new_clones(0)
    ada._seed = 20_000  # other random ids than the first incident has
    second = ada(
        "incident", "open", "No invoices", "--service", "ledger", "--severity", "sev3", "--detected-by", "user"
    ).id
    merge(noor, ada)
    ada("incident", "merge", first, "--into", second)
    return ada, noor, first, second


def test_two_incidents_merged_into_each_other_are_found_until_one_is_reopened(
    new_clones: Callable[[int], Clones],
) -> None:
    ada, noor, first, second = merged_by_one(new_clones)
    noor("incident", "merge", second, "--into", first)
    merge(ada, noor)
    (found,) = ada("check", "--json", code=1).json["findings"]
    assert (found["code"], found["severity"]) == ("INC011", "error")
    assert first in found["message"]
    assert second in found["message"]
    assert "svcops incident reopen" in found["help"]
    for one, other in ((first, second), (second, first)):
        assert "does not go on" in ada("incident", "merge", one, "--into", other, code=1).err
    ada("incident", "reopen", first, "This one goes on")
    assert ada("check").code == 0
    assert ada("incident", "list", "--open", "-q").out.split() == [first]


def test_an_incident_merged_into_one_that_is_cancelled_elsewhere_is_found_until_it_is_reopened(
    new_clones: Callable[[int], Clones],
) -> None:
    ada, noor, first, second = merged_by_one(new_clones)
    noor("incident", "cancel", second, "A test")
    merge(ada, noor)
    (found,) = ada("check", "--json", code=1).json["findings"]
    assert (found["code"], found["severity"]) == ("INC012", "error")
    ada(*found["help"].removeprefix("svcops ").split(' "')[0].split(), "It goes on")
    assert ada("check").code == 0
    assert ada("incident", "list", "--open", "-q").out.split() == [first]


def test_a_duplicate_that_another_branch_made_worse_raises_what_goes_on(new_clones: Callable[[int], Clones]) -> None:
    ada, noor, incident_id = new_clones(0)
    ada._seed = 20_000
    other = ada(
        "incident", "open", "No invoices", "--service", "ledger", "--severity", "sev3", "--detected-by", "user"
    ).id
    merge(noor, ada)
    noor("incident", "severity", other, "sev1")
    ada("incident", "merge", other, "--into", incident_id)
    merge(ada, noor)
    (found,) = ada("check", "--json", code=None).json["findings"]
    assert (found["code"], found["severity"]) == ("INC014", "error")
    ada("incident", "resolve", incident_id)
    said = ada("incident", "close", incident_id, "--no-measure-because", "x", code=1).err
    assert f"svcops incident severity {incident_id[-6:]} sev1" in said
    ada("incident", "severity", incident_id, "sev1")
    assert not [one for one in ada("check", "--json", code=None).json["findings"] if one["code"] == "INC014"]
