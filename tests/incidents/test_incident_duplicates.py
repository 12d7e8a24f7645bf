"""Two incidents that are one disruption: what goes on tells all of it, and of whom it was known first."""

import pytest

OPEN = ("incident", "open", "Nobody can sign in", "--severity", "sev1")


@pytest.fixture(autouse=True)
def services(console):
    """Two services more in the catalogue."""
    for name in ("identity", "payroll"):
        console.store.write(f"catalogue/services/{name}.yaml", f"title: {name.title()}\nowner: platform\ntier: 1\n")
    console.store.commit("Two more services")


@pytest.fixture
def noticed(console):
    """Users noticed at -3h, and somebody declared it at -2h, for identity."""
    return console(*OPEN, "--service", "identity", "--detected-by", "user", "--started", "-3h", "--at", "-2h").id


@pytest.fixture
def burning(console):
    """An alert of the ledger's error budget declared it five minutes ago."""
    return console(*OPEN, "--service", "ledger", "--detected-by", "slo", "--started", "-5m").id


def shown(console, incident):
    return console("incident", "show", incident, "--json").json["incident"]


def clocks(console, incident):
    return {one["name"]: one["seconds"] for one in shown(console, incident)["clocks"]}


def test_what_goes_on_takes_over_start_declaration_source_and_services(console, noticed, burning):
    before = shown(console, noticed)
    console("incident", "merge", noticed, "--into", burning)
    found = shown(console, burning)
    same = ("impact_started", "declared", "detected_by")
    assert {key: found[key] for key in same} == {key: before[key] for key in same}
    assert found["services"] == ["ledger", "identity"]
    console("incident", "ack", burning)
    console("incident", "resolve", burning)
    assert clocks(console, burning)["time to resolve"] > 3 * 3600
    assert clocks(console, burning)["time to acknowledge"] > 2 * 3600
    assert console("check").code == 0


def test_the_other_way_round_nothing_but_the_services_is_new(console, noticed, burning):
    before = shown(console, noticed)
    console("incident", "merge", burning, "--into", noticed)
    found = shown(console, noticed)
    assert [found[key] for key in ("impact_started", "declared", "detected_by")] == [
        before[key] for key in ("impact_started", "declared", "detected_by")
    ]
    assert found["services"] == ["identity", "ledger"]


def test_of_a_chain_the_last_is_told_as_what_goes_on(console, noticed, burning):
    last = console(*OPEN, "--service", "payroll", "--detected-by", "staff").id
    console("incident", "merge", noticed, "--into", burning)
    console("incident", "merge", burning, "--into", last)
    assert (
        f"goes on as {last}\n  help: svcops incident use {last[-6:]}"
        in console("incident", "log", noticed, "Still", code=1).err
    )
    assert f"help: svcops incident show {last[-6:]}" in console("incident", "ack", noticed, code=1).err


def test_both_events_are_in_one_commit(console, noticed, burning):
    commits = len(console.store.log())
    console("incident", "merge", noticed, "--into", burning)
    assert len(console.store.log()) == commits + 1
    assert sorted(path.split("-")[-2] for path in console.store.committed()) == ["merged", "over"]


def test_services_of_a_duplicate_list_what_goes_on(console, noticed, burning):
    console("incident", "merge", noticed, "--into", burning)
    assert console("incident", "list", "--open", "--service", "identity", "-q").out.split() == [burning]
    assert burning[-6:] in console("service", "show", "identity").out
    groups = console("report", "response", "--by", "service", "--json").out
    assert '"identity"' in groups


def test_whoever_took_care_of_the_duplicate_answered_in_time(console, noticed, burning):
    console("incident", "ack", noticed, "--at", "-110m")
    answered = clocks(console, noticed)["time to acknowledge"]
    assert answered < 900
    console("incident", "merge", noticed, "--into", burning)
    assert clocks(console, burning)["time to acknowledge"] == answered
    console("incident", "ack", burning)
    assert clocks(console, burning)["time to acknowledge"] == answered
    assert shown(console, burning)["phase"] == "remediation"


def test_what_was_taken_over_is_taken_over_again(console, noticed, burning):
    last = console(*OPEN, "--service", "payroll", "--detected-by", "staff").id
    console("incident", "merge", noticed, "--into", burning)
    console("incident", "merge", burning, "--into", last)
    found = shown(console, last)
    assert found["services"] == ["payroll", "ledger", "identity"]
    assert found["detected_by"] == "user"
    console("incident", "started", noticed, "--at", "-4h")
    assert {one["impact_started"] for one in (shown(console, name) for name in (noticed, burning, last))} == {
        shown(console, noticed)["impact_started"]
    }
    assert console("check").code == 0


def test_reopening_a_duplicate_gives_it_back(console, noticed, burning):
    before = shown(console, burning)
    console("incident", "merge", noticed, "--into", burning)
    console("incident", "reopen", noticed, "The other is another fault")
    found = shown(console, burning)
    same = ("impact_started", "declared", "detected_by", "services")
    assert {key: found[key] for key in same} == {key: before[key] for key in same}
    assert "is no duplicate of it any more" in console("incident", "show", burning).out
    assert console("check").code == 0


def test_a_duplicate_that_is_merged_into_another_by_a_correction_is_given_back(console, noticed, burning):
    right = console(*OPEN, "--service", "payroll", "--detected-by", "staff").id
    console("incident", "merge", noticed, "--into", burning)
    wrong = next(console.store.root.glob(f"incidents/*/{noticed}/timeline/*-merged-*.yaml"))
    console("incident", "merge", noticed, "--into", right, "--corrects", wrong.stem.rpartition("-")[2])
    assert shown(console, burning)["services"] == ["ledger"]
    assert shown(console, right)["services"] == ["payroll", "identity"]
    assert console("check").code == 0


def test_a_later_start_than_that_of_a_duplicate_is_corrected_there(console, noticed, burning):
    console("incident", "merge", noticed, "--into", burning)
    said = console("incident", "started", burning, "--at", "-10m", code=1).err
    assert f"svcops incident started {noticed[-6:]} --at TIME" in said
    assert noticed[-6:] in console("incident", "declared", burning, "--at", "-4m", code=1).err
    console("incident", "started", noticed, "--at", "-150m")
    assert shown(console, burning)["impact_started"] == shown(console, noticed)["impact_started"]


def test_a_merge_written_by_hand_is_found_until_it_is_said_again(console, noticed, burning):
    console("incident", "merge", noticed, "--into", burning)
    for path in console.store.root.glob("incidents/*/*/timeline/*-taken-over-*.yaml"):
        path.unlink()
    console.store.commit("By hand")
    found = console("check", code=1).out
    assert "INC015" in found
    assert f"svcops incident merge {noticed[-6:]} --into {burning[-6:]}" in found
    console("incident", "merge", noticed, "--into", burning)
    assert console("check").code == 0
    assert shown(console, burning)["services"] == ["ledger", "identity"]
    again = console("incident", "merge", noticed, "--into", burning, code=1).err
    assert "says all of it already" in again
    assert "Nothing to do" in again


def test_users_hear_more_when_the_duplicate_said_they_would(console, noticed, burning):
    console("incident", "update", noticed, "We look at it", "--next", "30m", "--at", "-5m")
    promised = shown(console, noticed)["next_update"]
    console("incident", "merge", noticed, "--into", burning)
    assert shown(console, burning)["next_update"] == promised
    console("incident", "update", burning, "It is the identity provider", "--next", "2h")
    assert shown(console, burning)["next_update"] > promised


def test_two_branches_that_merge_it_into_two_are_found_with_what_to_type(console, noticed, burning):
    other = console(*OPEN, "--service", "payroll", "--detected-by", "staff").id
    console.store.git("checkout", "--quiet", "-b", "branch")
    console("incident", "merge", noticed, "--into", other)
    console.store.git("checkout", "--quiet", "main")
    console("incident", "merge", noticed, "--into", burning)
    console.store.git("merge", "--quiet", "--no-edit", "branch")
    found = console("check", "--json", code=1).json["findings"]
    (wrong,) = [one for one in found if one["code"] == "INC015"]
    assert "which is not merged into it" in wrong["message"]
    event = wrong["help"].split("--corrects ")[1].split()[0]
    gone = wrong["path"].split("/")[2]
    console("incident", "log", gone, "No duplicate of this one", "--corrects", event)
    assert "INC015" not in console("check", code=None).out


def test_the_timeline_says_what_was_taken_over(console, noticed, burning):
    console("incident", "merge", noticed, "--into", burning)
    text = console("incident", "show", burning).out
    assert f"Takes over {noticed}: of identity, impact started 2026-11-23 05:16, declared 2026-11-23 06:16" in text


# What is over ends nothing that goes on -------------------------------------------------------------------------------


def of(console, code):
    return [one for one in console("check", "--json", code=None).json["findings"] if one["code"] == code]


def test_what_goes_on_is_not_merged_into_what_is_resolved(console, noticed, burning):
    console("incident", "resolve", burning)
    commits = console.store.log()
    refused = console("incident", "merge", noticed, "--into", burning, code=1).err
    assert f"{burning} was resolved at Mon 2026-11-23" in refused
    assert f"and {noticed[-6:]} goes on" in refused
    assert f"svcops incident reopen {burning[-6:]}" in refused
    assert f"svcops incident resolve {noticed[-6:]} --at TIME" in refused
    assert console.store.log() == commits
    assert noticed in console("incident", "list", "--open", "-q").out


def test_what_was_resolved_later_is_not_merged_into_what_was_resolved_before(console, noticed, burning):
    console("incident", "resolve", burning, "--at", "-1m")
    console("incident", "resolve", noticed)
    assert "was resolved later, at" in console("incident", "merge", noticed, "--into", burning, code=1).err
    console("incident", "merge", burning, "--into", noticed)
    assert not of(console, "INC012")


def test_a_resolved_duplicate_is_merged_into_what_was_resolved_after_it(console, noticed, burning):
    console("incident", "resolve", noticed, "--at", "-1m")
    console("incident", "resolve", burning)
    console("incident", "merge", noticed, "--into", burning)
    assert not of(console, "INC012")


def test_what_goes_on_is_not_resolved_before_its_duplicate_was(console, noticed, burning):
    console("incident", "resolve", noticed)
    console("incident", "merge", noticed, "--into", burning)
    refused = console("incident", "resolve", burning, "--at", "-3m", code=2).err
    assert f"it cannot be resolved before {noticed[-6:]}, which is the same" in refused
    console("incident", "resolve", burning)
    assert not of(console, "INC012")


def test_a_correction_does_not_merge_what_goes_on_into_what_is_resolved(console, noticed, burning):
    other = console(*OPEN, "--service", "payroll", "--detected-by", "staff").id
    console("incident", "merge", noticed, "--into", other)
    console("incident", "resolve", burning)
    (wrong,) = console.store.root.glob(f"incidents/*/{noticed}/timeline/*-merged-*.yaml")
    event = wrong.stem.rpartition("-")[2]
    assert "goes on" in console("incident", "merge", noticed, "--into", burning, "--corrects", event, code=1).err


def test_what_one_branch_resolves_and_the_other_lets_go_on_is_found(console, noticed, burning):
    console.store.git("checkout", "--quiet", "-b", "branch")
    console("incident", "resolve", burning)
    console.store.git("checkout", "--quiet", "main")
    console("incident", "merge", noticed, "--into", burning)
    console.store.git("merge", "--quiet", "--no-edit", "branch")
    (found,) = of(console, "INC012")
    assert f"merged into {burning}, which was resolved on" in found["message"]
    assert f"svcops incident reopen {burning[-6:]}" in found["help"]
    console("incident", "reopen", burning, "It went on")
    console("incident", "resolve", burning)
    assert not of(console, "INC012")


# Two branches that contradict each other ------------------------------------------------------------------------------


def test_one_duplicate_that_two_branches_merged_into_two_is_to_be_agreed_on(console, noticed, burning):
    other = console(*OPEN, "--service", "payroll", "--detected-by", "staff").id
    console.store.git("checkout", "--quiet", "-b", "branch")
    console("incident", "merge", noticed, "--into", other)
    console.store.git("checkout", "--quiet", "main")
    console("incident", "merge", noticed, "--into", burning)
    console.store.git("merge", "--quiet", "--no-edit", "branch")
    (found,) = of(console, "INC005")
    assert f"merged into {burning} while merged into {other} was recorded elsewhere" in found["message"]
    assert "Agree which of the two is right" in found["help"]
    event = found["help"].split("--corrects ")[1].split()[0]
    console("incident", "log", noticed, "It is that of payroll", "--corrects", event)
    assert not of(console, "INC005")


def test_one_duplicate_that_two_branches_merged_into_one_needs_nothing(console, noticed, burning):
    console.store.git("checkout", "--quiet", "-b", "branch")
    console("incident", "merge", noticed, "--into", burning)
    console.store.git("checkout", "--quiet", "main")
    console("incident", "merge", noticed, "--into", burning)
    console.store.git("merge", "--quiet", "--no-edit", "branch")
    (found,) = of(console, "INC005")
    assert "merged a second time" in found["message"]
    assert "nothing needs to be done" in found["help"]


def told_on_another_branch(console, duplicate, *rest, on_main=()):
    """Users are told by the duplicate on a branch, while main goes on; both are merged then."""
    console.store.git("checkout", "--quiet", "-b", "branch")
    console("incident", "update", duplicate, "We look at it", *rest)
    console.store.git("checkout", "--quiet", "main")
    for command in on_main:
        console("incident", *command)
    console.store.git("merge", "--quiet", "--no-edit", "branch")


def test_an_update_that_another_branch_promised_is_taken_over_when_merged_again(console, noticed, burning):
    console("incident", "update", burning, "It is the identity provider", "--next", "2h")
    into = ("merge", noticed, "--into", burning)
    told_on_another_branch(console, noticed, "--next", "15m", on_main=[into])
    promised = shown(console, noticed)["next_update"]
    assert shown(console, burning)["next_update"] > promised
    (found,) = of(console, "INC015")
    assert f"{noticed} says otherwise: next update Mon 2026-11-23" in found["message"]
    console("incident", *into)
    assert shown(console, burning)["next_update"] == promised
    assert not of(console, "INC015")
    console("incident", *into, code=1)


def test_what_the_one_that_goes_on_answered_is_no_news(console, noticed, burning):
    answer = ("update", burning, "It is the identity provider", "--next", "2h")
    told_on_another_branch(console, noticed, "--next", "15m", on_main=[("merge", noticed, "--into", burning), answer])
    due = shown(console, burning)["next_update"]
    assert not of(console, "INC015")
    console("incident", "started", noticed, "--at", "-4h")
    assert shown(console, burning)["next_update"] == due


def test_a_duplicate_that_takes_its_promise_back_is_found(console, noticed, burning):
    console("incident", "update", noticed, "We look at it", "--next", "15m")
    told_on_another_branch(console, noticed, on_main=[("merge", noticed, "--into", burning)])
    assert shown(console, burning)["next_update"]
    assert "next update none" in of(console, "INC015")[0]["message"]
    console("incident", "merge", noticed, "--into", burning)
    assert shown(console, burning)["next_update"] is None


def test_a_promise_of_a_duplicate_of_a_duplicate_is_taken_over_in_turn(console, noticed, burning):
    last = console(*OPEN, "--service", "payroll", "--detected-by", "staff").id
    merges = [("merge", noticed, "--into", burning), ("merge", burning, "--into", last)]
    told_on_another_branch(console, noticed, "--next", "15m", on_main=merges)
    console("incident", "merge", noticed, "--into", burning)
    assert shown(console, last)["next_update"] == shown(console, noticed)["next_update"]
    assert not of(console, "INC015")


def test_a_merge_by_hand_loses_no_promise(console, noticed, burning):
    console("incident", "update", noticed, "We look at it", "--next", "15m")
    console("incident", "merge", noticed, "--into", burning)
    (taken,) = console.store.root.glob("incidents/*/*/timeline/*-taken-over-*.yaml")
    taken.unlink()
    console.store.commit("By hand")
    assert "next update" in of(console, "INC015")[0]["message"]
    console("incident", "merge", noticed, "--into", burning)
    assert shown(console, burning)["next_update"] == shown(console, noticed)["next_update"]


def test_handover_and_show_tell_what_users_heard_of_a_duplicate(console, noticed, burning):
    console("incident", "update", noticed, "We look at it")
    console("incident", "merge", noticed, "--into", burning)
    assert f"told in {noticed[-6:]}: We look at it" in console("incident", "handover", burning).out
    assert f"in {noticed[-6:]}: We look at it" in console("incident", "show", burning).out
    found = console("incident", "handover", burning, "--json").json["last_update"]
    assert (found["text"], found["in"]) == ("We look at it", noticed)
    console("incident", "update", burning, "It is the identity provider")
    assert "told in" not in console("incident", "handover", burning).out
    assert "We look at it" not in console("incident", "show", burning).out


def test_within_one_second_what_was_recorded_later_was_told_later(console, noticed, burning):
    console("incident", "update", burning, "It is the identity provider", "--next", "2h", "--at", "-1m")
    console("incident", "update", noticed, "We look at it", "--next", "15m", "--at", "-2m")
    console("incident", "merge", noticed, "--into", burning, "--at", "-3m")
    assert shown(console, burning)["next_update"] == shown(console, noticed)["next_update"]
    console("incident", "update", burning, "They work on it", "--next", "2h", "--at", "-4m")
    assert shown(console, burning)["next_update"] > shown(console, noticed)["next_update"]
    assert not of(console, "INC015")
