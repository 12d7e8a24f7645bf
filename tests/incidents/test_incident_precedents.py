"""What opening an incident says of what is known already: incidents like it, what worked, what is still undone."""

import os

import pytest

from svcops.incidents import precedents

OPEN = ("incident", "open", "Receipts are not extracted", "--service", "receipt-scanner", "--severity", "sev3")


@pytest.fixture
def before(console):
    """An incident that was resolved, with a measure that is not done yet; its tail, and the measure's."""
    incident = console(*OPEN, "--detected-by", "user").id[-6:]
    console("incident", "resolve", incident, "Rolled back\nto 4.2.0")
    measure = console(
        "measure", "add", incident, "Probe the queue", "--type", "detect", "--owner", "platform", "--due", "2026-12-20"
    ).id[-6:]
    return incident, measure


def test_the_first_of_a_store_is_like_no_other_and_not_like_itself(console):
    assert "similar" not in console(*OPEN, "--detected-by", "user").err


def again(console, title="No receipt is extracted", service="receipt-scanner"):
    return console("incident", "open", title, "--service", service, "--severity", "sev3", "--detected-by", "user")


def test_it_says_what_worked_then_and_what_is_still_undone(console, before):
    incident, measure = before
    lines = again(console).err.splitlines()
    (first,) = (number for number, line in enumerate(lines) if line.startswith("similar: "))
    assert lines[first].startswith(f"similar: {incident}  Receipts are not extracted (2026-11-23; same service: ")
    assert lines[first].endswith("receipt-scanner; same words in the title: extracted)")
    assert lines[first + 1 : first + 3] == [
        "  what worked: Rolled back to 4.2.0",
        f"  still undone: {measure}  Probe the queue (platform, due 2026-12-20)",
    ]


def test_what_is_like_it_and_still_open_is_told_as_the_duplicate_that_it_may_be(console, before):
    incident, _ = before
    assert "open now" not in again(console, "Receipts are not extracted again").err
    console("incident", "reopen", incident, "It fails again")
    said = again(console)
    assert f"  open now: svcops incident merge {said.id[-6:]} --into {incident}, if it is the same\n" in said.err
    console("incident", "merge", said.id[-6:], "--into", incident)


def test_what_worked_is_told_though_three_that_are_open_are_more_like_it(console, before):
    incident, _ = before
    storm = {again(console, "No receipt is extracted").id[-6:] for _ in range(4)}
    lines = again(console, "No receipt is extracted").err.splitlines()
    similar = [line.split()[1] for line in lines if line.startswith("similar: ")]
    assert (len(similar), similar[-1]) == (4, incident)
    assert set(similar[:3]) < storm
    assert "  what worked: Rolled back to 4.2.0" in lines


def test_those_that_tell_something_go_before_those_that_are_more_like_it_and_tell_nothing(console, before):
    incident, _ = before
    for _ in range(4):
        console("incident", "resolve", again(console).id)
    similar = again(console, "No receipt is extracted").err
    told = [line.split()[1] for line in similar.splitlines() if line.startswith("similar: ")]
    assert (len(told), told[0]) == (3, incident)


def test_a_program_gets_them_with_their_reasons(console, before):
    incident, measure = before
    (found,) = console(*OPEN, "--detected-by", "user", "--json").json["similar"]
    assert found["id"].endswith(incident)
    assert found["worked"] == "Rolled back\nto 4.2.0"
    assert [one[-6:] for one in found["open_measures"]] == [measure]
    assert 0 < found["score"] <= 1


def test_what_is_dropped_or_anchored_is_undone_no_more(console, before):
    _, measure = before
    console.store.write("runbooks/receipt-scanner/probe.md", "---\ntitle: P\nkind: operation\nservices: []\n---\n\nx\n")
    console.store.write("slo/probe.yaml", "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: probe}\nspec: {}\n")
    console.store.commit("Probe")
    console("measure", "anchor", measure, "--path", "slo/probe.yaml")
    assert "still undone" not in again(console).err


def test_what_was_anchored_before_did_not_hold(console, before):
    incident, measure = before
    console.store.write("slo/probe.yaml", "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: probe}\nspec: {}\n")
    console.store.commit("Probe")
    console("measure", "anchor", measure, "--path", "slo/probe.yaml")
    earlier = console(*OPEN, "--detected-by", "user", "--at", "-1m")
    assert "did not hold" not in earlier.err
    console("incident", "cancel", earlier.id, "A test")
    told = f"  did not hold, if it is the same: {measure}  Probe the queue (anchored 2026-11-23)"
    assert told in again(console).err.splitlines()
    found = console(*OPEN, "--detected-by", "user", "--json").json["similar"]
    assert [[one[-6:] for one in each["anchored_measures"]] for each in found if each["id"].endswith(incident)] == [
        [measure]
    ]


def test_nothing_like_it_is_nothing_said(console, before):
    assert "similar" not in again(console, "Payslips carry the wrong month", "ledger").err


def test_what_was_cancelled_is_no_precedent(console):
    incident = console(*OPEN, "--detected-by", "user").id[-6:]
    console("incident", "cancel", incident, "A test")
    assert "similar" not in again(console).err


def test_what_was_reopened_did_not_work(console, before):
    incident, _ = before
    console("incident", "reopen", incident, "It fails again")
    said = again(console).err
    assert f"similar: {incident}" in said
    assert "what worked" not in said


def test_what_mitigated_it_is_told_before_what_ended_it(console, before):
    incident = again(console).id
    console("incident", "mitigate", incident, "Switched to the other site")
    console("incident", "resolve", incident, "Queue is empty")
    assert "  what worked: Switched to the other site; Queue is empty" in again(console).err


def test_a_corrected_text_is_not_told(console, before):
    incident, _ = before
    timeline = console("incident", "show", incident, "--json").json["incident"]["timeline"]
    (resolved,) = (one["path"] for one in timeline if one["type"] == "resolved")
    console(
        "incident", "resolve", incident, "Restarted", "--corrects", resolved.rpartition("-")[2].removesuffix(".yaml")
    )
    said = again(console).err
    assert "what worked: Restarted" in said
    assert "Rolled back" not in said


def test_known_errors_of_the_service_come_with_their_workaround(console, before):
    problem = console("problem", "open", "The queue fills up", "--service", "receipt-scanner").id
    console("problem", "workaround", problem, "Empty the queue by hand")
    console("problem", "known-error", problem)
    said = again(console).err
    assert f"known error {problem[-6:]}: The queue fills up; workaround: Empty the queue by hand" in said


def test_what_was_resolved_and_is_not_verified_may_be_back(console, before):
    incident, _ = before
    problem = console("problem", "open", "The queue fills up", "--incident", incident).id
    console("problem", "workaround", problem, "Empty the queue by hand")
    console("problem", "factor", problem, "Unbounded", "--evidence", "400 entries, measured", "--why", "It grew")
    console("problem", "resolve", problem, "Bounded")
    said = again(console)
    told = f"resolved, not verified yet {problem[-6:]}: The queue fills up; workaround, should it be back: Empty"
    assert told in said.err
    assert f"problem (resolved) {problem[-6:]}: The queue" in console("incident", "handover", said.id).out


@pytest.fixture
def large(monkeypatch):
    """Every store is large enough for a second process."""
    monkeypatch.setattr(precedents, "_MANY", 1)


def test_a_second_process_finds_the_same(console, before, large):
    incident, measure = before
    said = again(console).err
    assert f"similar: {incident}" in said
    assert "what worked: Rolled back to 4.2.0" in said
    assert f"still undone: {measure}" in said


def test_a_second_process_that_dies_changes_nothing(console, before, large, monkeypatch):
    here, look = os.getpid(), precedents.similar_to
    monkeypatch.setattr(
        precedents, "similar_to", lambda *given, **more: look(*given, **more) if os.getpid() == here else os._exit(1)
    )
    assert "what worked: Rolled back to 4.2.0" in again(console).err


def test_nobody_is_left_looking_when_the_incident_cannot_be_written(console, before, large):
    console.store.hook("pre-commit", "exit 1")
    console(*OPEN, "--detected-by", "user", code=3)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
