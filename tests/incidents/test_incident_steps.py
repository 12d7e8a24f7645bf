"""The steps of an incident, as they are typed: who does what, what users are told, and back again."""

import io
import shutil
from datetime import UTC, datetime, timedelta

import pytest

OPEN = ("incident", "open", "Receipts are not extracted", "--service", "receipt-scanner", "--detected-by", "slo")


@pytest.fixture
def short(console):
    """An incident of severity sev2, in use."""
    short = console(*OPEN, "--severity", "sev2", "--started", "-20m").id[-6:]
    console("incident", "use", short)
    return short


def shown(console, short):
    return console("incident", "show", short, "--json").json["incident"]


def clocks(console, short):
    return {clock["name"]: clock["seconds"] for clock in shown(console, short)["clocks"]}


def test_what_is_in_use_needs_no_name(console, short):
    console("incident", "log", "Rolled back 4.2.1")
    console("incident", "log", short, "Named all the same")
    assert [event.get("text") for event in shown(console, short)["timeline"]][2:] == [
        "Rolled back 4.2.1",
        "Named all the same",
    ]
    assert console("incident", "use").out.strip().endswith(short)
    console("incident", "use", "--none")
    assert "which incident?" in console("incident", "resolve", code=2).err
    assert "there is no incident" in console("incident", "log", "Who?", "x", code=2).err


@pytest.mark.parametrize("verb", ["ack", "mitigate", "resolve"])
def test_a_mistyped_id_is_no_text_for_the_incident_in_use(console, short, verb):
    before = console.store.head()
    assert "there is no incident 'k7x'" in console("incident", verb, "k7x", code=2).err
    assert console.store.head() == before
    console("incident", verb, "As a text of several words")


def test_outside_a_repository_incidents_can_still_be_read(console, short, tmp_path):
    shutil.copytree(console.store.root, tmp_path / "copy", ignore=shutil.ignore_patterns(".git"))
    console.cwd = tmp_path / "copy"
    assert "Receipts are not extracted" in console("incident", "show", short).out
    assert "which incident?" in console("incident", "show", code=2).err
    assert "no git repository" in console("incident", "use", short, code=3).err


def test_what_is_in_use_is_no_part_of_the_store(console, short):
    assert console.store.is_clean() or console.store.leftovers() == [console.store.git_dir / "svcops/incident-in-use"]
    assert not console.store.status()


def test_acknowledging_begins_remediation_and_ends_its_clock(console, short):
    console("incident", "ack", short, "Looking at the queue")
    assert shown(console, short)["phase"] == "remediation"
    assert clocks(console, short)["time to acknowledge"] == 120
    said = console("incident", "ack", short, code=1)
    assert "cannot be acknowledged" in said.err
    assert f"svcops incident resolve {short}" in said.err


def test_a_first_commander_begins_remediation_and_a_second_takes_over(console, short):
    console("incident", "role", "commander", "ada")
    found = shown(console, short)
    assert (found["phase"], found["roles"]) == ("remediation", {"incident-commander": "ada"})
    console("incident", "role", "commander", "noor@example.org")
    console("incident", "role", "scribe", "ada@home.example")
    assert shown(console, short)["roles"] == {"incident-commander": "noor", "scribe": "ada"}
    console("incident", "role", "scribe", "--nobody")
    assert "Incident commander: ada -> noor" in console("incident", "show", short).out
    assert "scribe" not in shown(console, short)["roles"]
    assert "there is no person 'adda'" in console("incident", "role", "scribe", "adda", code=2).err
    assert "already" in console("incident", "role", "commander", "noor@example.org", code=2).err


def test_a_commander_no_more_than_anybody_takes_it_before_it_was_declared(console, short):
    for call in (("ack",), ("role", "commander", "ada")):
        assert "before it was declared" in console("incident", *call, "--at", "-15m", code=2).err
    assert shown(console, short)["phase"] == "incident"
    console("incident", "role", "scribe", "ada", "--at", "-15m")


def test_severity_changes_by_an_event(console, short):
    console("incident", "severity", "sev1", "--because", "All branches report it")
    assert shown(console, short)["severity"] == "sev1"
    assert "Severity sev2 -> sev1: All branches report it" in console("incident", "show", short).out
    assert "no severity 'sev9'" in console("incident", "severity", "sev9", code=2).err
    assert "is sev1 already" in console("incident", "severity", "sev1", code=2).err


def test_nobody_makes_a_major_incident_a_minor_one_without_a_word(console, short):
    refused = console("incident", "severity", "sev3", code=2).err
    assert "from sev2, which asks for a post-mortem, to sev3, which does not: say what it is judged by" in refused
    assert f'svcops incident severity {short} sev3 --because "..."' in refused
    console("incident", "severity", "sev3", "--because", "One branch alone")
    console("incident", "severity", "sev4")
    assert shown(console, short)["severity"] == "sev4"


def test_what_users_are_told_is_kept_apart_and_says_when_they_hear_more(console, short):
    console("incident", "update", "Receipts are late; they are not lost.", "--next", "30m")
    found = shown(console, short)
    assert found["timeline"][-1]["type"] == "update"
    assert found["next_update"] == "2026-11-23T08:48:00+01:00"
    assert "next update  Mon 2026-11-23 08:48" in console("incident", "show", short).out
    assert "not a duration" in console("incident", "update", "x", "--next", "soon", code=2).err
    assert "too long" in console("incident", "update", "x", "--next", "999999w", code=2).err
    assert "too long" in console("incident", "update", "x", "--next", "99999999999w", code=2).err


def test_the_next_word_is_as_far_away_as_was_said_when_clocks_change(console):
    console.now = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    short = console(*OPEN, "--severity", "sev2").id[-6:]
    console.now = datetime(2027, 10, 31, 0, 40, tzinfo=UTC)
    console("incident", "update", short, "Late", "--at", "2027-10-31T02:35+02:00", "--next", "1h")
    assert shown(console, short)["next_update"] == "2027-10-31T02:35:00+01:00"


def test_a_text_may_come_from_a_file(console, short, monkeypatch):
    console.store.write("../message.txt", "First line\n\nSecond line\n")
    console("incident", "log", "-F", "../message.txt")
    assert shown(console, short)["timeline"][-1]["text"] == "First line\n\nSecond line"
    assert "No such file" in console("incident", "log", "-F", "nowhere.txt", code=2).err
    monkeypatch.setattr(io, "StringIO", lambda text="", make=io.StringIO: make(text or "from a pipe\n"))
    console("incident", "update", short, "-F", "-")
    assert shown(console, short)["timeline"][-1]["text"] == "from a pipe"


def test_colours_of_a_log_are_left_out_and_what_is_no_utf_8_is_said(console, short, monkeypatch):
    console.store.write("../app.log", "\x1b[1;31mERROR\x1b[0m no queue\n")
    console("incident", "log", "-F", "../app.log")
    assert shown(console, short)["timeline"][-1]["text"] == "ERROR no queue"
    monkeypatch.setattr(io, "StringIO", lambda text="", make=io.StringIO: make(text or "caf\udce9\n"))
    assert "--file - cannot be read: it is not UTF-8 text" in console("incident", "log", "-F", "-", code=2).err


def test_a_change_of_severity_is_corrected_by_another_and_by_nothing_else(console, short):
    console("incident", "severity", "sev1")
    raised = named(console, short, "Severity")
    refused = console("incident", "log", "Nothing", "--corrects", raised, code=2).err
    assert "a change of severity is corrected by another one" in refused
    assert f"svcops incident severity {short} sev2 --corrects {raised}" in refused
    refused = console("incident", "severity", "sev3", "--corrects", raised, code=2).err
    assert f'sev3 --because "..." --corrects {raised}' in refused
    console("incident", "severity", "sev2", "--corrects", raised)
    assert shown(console, short)["severity"] == "sev2"


def test_severity_is_judged_no_sooner_than_it_was_declared(console, short):
    assert "before it was declared" in console("incident", "severity", "sev1", "--at", "-3h", code=2).err


def test_what_comes_after_a_major_incident_is_its_post_mortem(console, short):
    console("incident", "resolve", "Queue drained")
    assert f"Next: svcops postmortem start {short}" in console("incident", "handover", short).out
    assert f"svcops postmortem start {short}" in console("incident", "cancel", short, "A test", code=1).err


@pytest.mark.parametrize(("verb", "kind"), [("ack", "acknowledged"), ("resolve", "resolved")])
def test_a_step_that_was_taken_is_not_taken_again_but_corrected(console, short, verb, kind):
    console("incident", verb)
    refused = console("incident", verb, "--at", "-1m", code=1).err
    assert f"To correct it: svcops incident {verb} {short} --at TIME --corrects 2026" in refused
    command = refused.split("svcops ")[-1].split()
    console(*["-1m" if word == "TIME" else word for word in command])
    (first, again) = [one for one in shown(console, short)["timeline"] if one["type"] == kind]
    assert sorted([first["superseded"], again["superseded"]]) == [False, True]


def test_an_incident_is_not_linked_to_itself(console, short):
    assert "cannot be linked to itself" in console("incident", "link", short, short, code=2).err


def test_mitigating_ends_a_clock_and_nothing_else(console, short):
    console("incident", "mitigate", "Traffic goes to the other site")
    assert shown(console, short)["phase"] == "incident"
    assert clocks(console, short)["time to mitigate"] == 22 * 60
    assert clocks(console, short)["time to resolve"] is None


def test_what_is_mitigated_is_not_mitigated_again_but_corrected(console, short):
    console("incident", "mitigate", "The other site", "--at", "-10m")
    head = console.store.head()
    refused = console("incident", "mitigate", "And again", "--at", "-1m", code=1).err
    assert "is mitigated already, since Mon 2026-11-23 08:" in refused
    assert console.store.head() == head
    event = refused.split("--corrects ")[1].split()[0]
    console("incident", "mitigate", "--at", "-5m", "--corrects", event)
    refused = console("incident", "resolve", "--at", "-8m", code=2).err
    assert "before it was mitigated" in refused
    assert "--corrects 2026" in refused
    assert clocks(console, short)["time to mitigate"] == 19 * 60
    console("incident", "resolve")
    console("incident", "reopen", "It fails again")
    console("incident", "mitigate", "Back to the other site")


def test_reopening_takes_the_end_back(console, short):
    console("incident", "mitigate", "The other site", "--at", "-1m")
    console("incident", "resolve", "Queue drained", "--at", "-1m")
    console("incident", "reopen", "Receipts fail again")
    found = shown(console, short)
    assert (found["phase"], found["mitigated"], found["resolved"]) == ("remediation", None, None)
    console("incident", "resolve")
    assert clocks(console, short)["time to resolve"] == 26 * 60


@pytest.mark.parametrize("end", [("resolve",), ("cancel", "A test")])
def test_what_was_reopened_before_anybody_acknowledged_it_still_can_be(console, short, end):
    console("incident", end[0], short, *end[1:])
    console("incident", "reopen", short, "It was none")
    assert f"svcops incident ack {short}" in console("incident", "handover", short).out
    said = console("incident", "close", short, "--no-measure-because", "So", code=1).err
    assert "it was reopened, and is not acknowledged yet" in said
    console("incident", "ack", short)
    assert shown(console, short)["phase"] == "remediation"
    assert clocks(console, short)["time to acknowledge"] is not None
    assert "it is acknowledged" in console("incident", "ack", short, code=1).err
    assert console("check", "--json", code=None).json["findings"] == []
    assert console("incident", "list", "--json").json["incidents"][0]["acknowledged"] is not None


def test_a_closed_incident_is_reopened_too(console):
    short = console(*OPEN, "--severity", "sev3").id[-6:]
    console("incident", "resolve", short)
    console("incident", "close", short, "--no-measure-because", "A one-off")
    assert shown(console, short)["ending"] == "closed"
    console("incident", "reopen", short, "It was none")
    assert (shown(console, short)["phase"], shown(console, short)["ending"]) == ("remediation", None)
    assert console("incident", "list", "--open", "-q").out.strip().endswith(short)


@pytest.mark.parametrize(("first", "verb"), [((), "cancel"), (("resolve",), "reopen")])
def test_a_reason_may_come_from_a_file(console, short, first, verb):
    for step in first:
        console("incident", step, short)
    console.store.write("reason.txt", "What was seen\n")
    console("incident", verb, short, "-F", str(console.store.root / "reason.txt"))
    assert shown(console, short)["timeline"][-1]["text"] == "What was seen"


@pytest.mark.parametrize(("verb", "missing"), [("severity", "the severity"), ("link", "what to link")])
def test_what_is_missing_is_named(console, short, verb, missing):
    console("incident", "use", "--none")
    assert f"{missing} is missing" in console("incident", verb, short, code=2).err


def test_an_update_announces_the_next_one_for_later(console, short):
    assert "no time at all" in console("incident", "update", short, "x", "--next", "0m", code=2).err


def test_an_update_written_down_later_leaves_what_the_latest_announced(console, short):
    console("incident", "update", short, "We work on it", "--next", "30m", "--at", "-1m")
    promised = shown(console, short)["next_update"]
    console("incident", "update", short, "Known, by phone", "--at", "-10m")
    assert shown(console, short)["next_update"] == promised
    console("incident", "update", short, "Known, by mail", "--next", "1h", "--at", "-9m")
    assert shown(console, short)["next_update"] == promised
    console("incident", "update", short, "It is over soon")
    assert shown(console, short)["next_update"] is None


def test_a_corrected_update_keeps_its_time_and_what_it_announced_unless_it_says_another(console, short):
    console("incident", "update", short, "We wrok on it", "--next", "30m", "--at", "-5m")
    first = shown(console, short)
    event = first["timeline"][-1]
    name = event["path"].rpartition("-")[2].removesuffix(".yaml")
    console("incident", "update", short, "We work on it", "--corrects", name)
    found = shown(console, short)
    assert found["next_update"] == first["next_update"]
    assert sorted(one["at"] for one in found["timeline"] if one["type"] == "update") == [event["at"]] * 2
    console("incident", "update", short, "We work on it, and on more", "--corrects", name)
    assert shown(console, short)["next_update"] == first["next_update"]
    console("incident", "update", short, "We work on it", "--next", "2h", "--corrects", name)
    assert shown(console, short)["next_update"] > first["next_update"]


def test_times_of_the_hour_that_comes_twice_tell_which_they_are(console, short):
    console.now = datetime(2026, 10, 25, 2, 0, tzinfo=UTC)
    autumn = console(*OPEN, "--severity", "sev3", "--at", "2026-10-25T01:50+02:00").id[-6:]
    for at in ("2026-10-25T02:30+02:00", "2026-10-25T02:00+01:00"):
        console("incident", "log", autumn, at, "--at", at)
    timeline = console("incident", "show", autumn).out
    assert "    02:30 +0200  2026-10-25T02:30+02:00" in timeline
    assert "    02:00 +0100  2026-10-25T02:00+01:00" in timeline
    assert "    01:50  Declared" in timeline


def test_what_was_no_disruption_is_cancelled_with_a_reason(console, short):
    assert "a text is missing" in console("incident", "cancel", code=2).err
    console("incident", "cancel", "A test of the alert")
    found = shown(console, short)
    assert (found["phase"], found["ending"]) == ("normal operations", "cancelled")
    assert "cancelled" in console("incident", "resolve", short, code=1).err
    assert console("check").code == 0


def test_a_duplicate_is_merged_and_its_id_still_answers(console, short):
    other = console(*OPEN, "--severity", "sev1").id
    said = console("incident", "merge", short, "--into", other[-6:])
    assert said.out.strip().endswith(short)
    found = shown(console, short)
    assert (found["ending"], found["merged_into"]) == ("merged", other)
    assert f"normal operations, merged into {other[-6:]}" in console("incident", "show", short).out
    assert f"normal operations, merged into {other[-6:]}" in console("incident", "list").out
    assert "does not go on" in console("incident", "merge", other, "--into", short, code=1).err
    assert "into itself" in console("incident", "merge", other, "--into", other, code=2).err
    assert console("incident", "list", "--open", "-q").out.split() == [other]


def test_of_duplicates_in_turn_the_one_that_goes_on_names_all(console, short):
    other = console(*OPEN, "--severity", "sev1").id
    last = console(*OPEN, "--severity", "sev1").id
    console("incident", "merge", short, "--into", other)
    console("incident", "merge", other, "--into", last)
    assert {one[-6:] for one in shown(console, last)["merged"]} == {short, other[-6:]}
    said = console("incident", "show", last).out
    assert all(f"Merged       {one[-6:]}" in said for one in (short, other))


def test_what_belongs_to_it_is_linked(console, short):
    console("incident", "link", "https://tickets.example.com/4711", "The ticket of the bank")
    console("incident", "link", short, "runbooks/receipt-scanner/queue.md")
    assert [event["to"] for event in shown(console, short)["timeline"][-2:]] == [
        "https://tickets.example.com/4711",
        "runbooks/receipt-scanner/queue.md",
    ]
    assert "is no incident, no path" in console("incident", "link", short, "nowhere", code=2).err


def test_an_event_is_corrected_by_another(console, short):
    console("incident", "resolve", "All good")
    names = [line.split()[1] for line in console("incident", "show", "--events").out.splitlines() if "Resolved" in line]
    console("incident", "log", "That was another service", "--corrects", names[0])
    found = shown(console, short)
    assert (found["phase"], found["resolved"]) == ("incident", None)
    assert [event["superseded"] for event in found["timeline"]] == [False, False, True, False]
    assert "(corrected later)" in console("incident", "show", short).out
    assert "no event of" in console("incident", "log", "x", "--corrects", "zzzzzz", code=2).err
    assert console("check").code == 0


def test_every_step_is_one_commit_and_says_what_it_wrote(console, short):
    before = len(console.store.log())
    for step in (["ack"], ["log", "Seen"], ["mitigate"], ["resolve"]):
        assert "; commit " in console("incident", *step).err
    assert len(console.store.log()) == before + 4
    assert console.store.log()[0] == f"Resolve incident {short}: Receipts are not extracted"


AGREEMENT = """\
title: Receipts
services: [receipt-scanner]
support_hours: {open: [{days: [mon-fri], from: "08:00", until: "18:00"}]}
agreed: {with: Accounting, at: 2026-01-10, document: https://example.org/agreement}
response:
  - {severity: sev2, respond: 15m, resolve: 1h}
  - {severity: sev1, respond: 5m, resolve: 30m, clock: always}
"""


@pytest.fixture
def agreed(console):
    """Response windows for the receipt scanner; it is Monday, 08:15, in Berlin."""
    console.store.write("catalogue/agreements/receipts.yaml", AGREEMENT)
    console.store.commit("What was agreed")


def windows(console, short):
    return {window["what"]: window for window in shown(console, short)["windows"]}


def test_an_agreed_window_of_hours_that_nobody_can_tell_is_unknown(console, agreed, short):
    console.store.write("svcops.yaml", console.store.read("svcops.yaml").replace("Europe/Berlin", "Europe/Berln"))
    said = console("incident", "show", short, "--json", code=2).json["incident"]
    held = [one for one in said["windows"] if one["clock"] == "support-hours"]
    assert held
    assert {(one["standing"], one["due"]) for one in held} == {("unknown", None)}
    page = console("incident", "show", short, code=2).out
    assert "unknown: Europe/Berln is not a known time zone (svcops.yaml) (" in page


def test_agreed_windows_are_met_missed_or_running(console, agreed, short):
    found = windows(console, short)
    assert {what: one["standing"] for what, one in found.items()} == {"respond": "running", "resolve": "running"}
    assert found["respond"]["due"] == "2026-11-23T08:31:00+01:00", "15 min after it was declared, in Berlin"
    assert found["resolve"]["due"] == "2026-11-23T09:00:00+01:00", "an hour of support hours: impact began before eight"
    console("incident", "ack", "--at", "-1m")
    assert windows(console, short)["respond"]["standing"] == "met"
    text = console("incident", "show").out
    assert "respond in 15 min    met, due Mon 08:31 (receipts, in its support hours)" in text
    assert "resolve in 1 h       running, due Mon 09:00, in 3" in text


def test_a_window_is_missed_while_it_still_runs(console, agreed, short):
    console("incident", "severity", "sev1")
    assert windows(console, short)["resolve"]["standing"] == "running"
    console.now = console.now.replace(hour=10)
    assert {one["standing"] for one in windows(console, short).values()} == {"missed"}
    assert "MISSED by" in console("incident", "show", short).out
    assert "so far" in console("incident", "show", short).out


def test_what_was_resolved_and_never_acknowledged_missed_its_response_if_it_was_late(console, agreed):
    late, quick = (console(*OPEN, "--severity", "sev2", "--at", at).id[-6:] for at in ("-9m", "-9m"))
    console("incident", "resolve", quick, "--at", "-1m")
    console.now += timedelta(hours=3)
    console("incident", "resolve", late, "--at", "-2h")
    assert [windows(console, one)["respond"]["standing"] for one in (late, quick)] == ["missed", "unknown"]
    assert "respond in 15 min    MISSED by 57 min of support hours, nobody acknowledged it" in shown_text(console, late)
    assert "respond in 15 min    unknown: it was resolved, and nobody acknowledged it" in shown_text(console, quick)
    said = console("incident", "ack", late, code=1).err
    assert f"svcops incident role {late} commander PERSON --at TIME" in said
    console("incident", "role", late, "commander", "ada", "--at", "-190m")
    assert windows(console, late)["respond"]["standing"] == "met", shown_text(console, late)


def shown_text(console, short):
    return console("incident", "show", short).out


def test_a_window_is_missed_by_the_hours_that_count(console, agreed):
    console.now = console.now.replace(day=27, hour=16, minute=14)  # Friday, 17:14 in Berlin
    short = console(*OPEN, "--severity", "sev2").id[-6:]
    console.now = console.now.replace(day=29)
    assert (
        "MISSED by 30 min of support hours so far, due Fri 17:30 (receipts, in its support hours)"
        in console("incident", "show", short).out
    )
    console.now = console.now.replace(day=30, hour=7, minute=59)
    console("incident", "ack", short)
    assert (
        "MISSED by 1 h 30 min of support hours, due Fri 17:30 (receipts, in its support hours)"
        in console("incident", "show", short).out
    )
    console("incident", "log", short, "Long ago", "--at", "2026-11-27T17:20")
    console.now = console.now.replace(month=12, day=7)  # a weekday says too little by then
    assert (
        "MISSED by 1 h 30 min of support hours, due Fri 2026-11-27 17:30 (receipts"
        in console("incident", "show", short).out
    )
    assert "  Fri 2026-11-27 17:20  Long ago" in console("incident", "handover", short).out
    console("incident", "resolve", short)
    console("postmortem", "start", short)
    (draft,) = console.store.root.glob("postmortems/2026/*.md")
    assert "respond in 15 min, due 2026-11-27 17:30: missed by 1 h 30 min of support hours" in draft.read_text()


def test_what_is_missed_outside_of_its_hours_alone_has_no_overrun(console, agreed):
    console.now = console.now.replace(
        day=27, hour=16, minute=44
    )  # due on Friday at 18:00, when nobody attends any more
    short = console(*OPEN, "--severity", "sev2").id[-6:]
    console.now = console.now.replace(day=28)
    assert "respond in 15 min    MISSED so far, due Fri 18:00" in console("incident", "show", short).out


def test_what_is_due_in_the_very_instant_is_met(console, agreed, short):
    console.now = console.now.replace(hour=9)
    console("incident", "ack", "--at", "2026-11-23T08:31:00+01:00")
    assert windows(console, short)["respond"]["standing"] == "met"


def test_without_its_start_a_window_is_unknown_and_without_an_agreement_there_is_none(console, agreed):
    unknown = console(*OPEN, "--severity", "sev2").id[-6:]
    assert windows(console, unknown)["resolve"]["standing"] == "unknown"
    assert "impact started is not known" in console("incident", "show", unknown).out
    assert not windows(console, console(*OPEN, "--severity", "sev4").id[-6:])


def test_a_window_that_ends_before_it_starts_is_unknown(console, agreed, short):
    (folder,) = console.store.root.glob("incidents/*/*/timeline")
    moment = "2026-11-23T07:30:00Z"
    (folder / "zzz-resolved.yaml").write_text(
        f"type: resolved\nat: 2026-11-23T05:00:00Z\nrecorded_at: {moment}\nby: ada\nfrom: incident\n"
    )
    assert windows(console, short)["resolve"]["standing"] == "unknown"
    shown_ = console("incident", "show", short).out
    assert "resolve in 1 h       unknown: resolved before impact started (receipts, in its support hours)" in shown_


def test_opening_says_whom_to_call_now_and_which_runbooks_there_are(console):
    console.store.write(
        "catalogue/escalations/receipts.yaml", "title: Receipts\nlevels:\n  - notify: [{person: ada}]\n"
    )
    console.store.write(
        "catalogue/people/ada.yaml",
        "name: Ada Example\nemails: [ada@example.org]\ncontacts: [{channel: telephone, address: '+49 30 1'}]\n",
    )
    service = console.store.read("catalogue/services/receipt-scanner.yaml")
    console.store.write("catalogue/services/receipt-scanner.yaml", f"{service}escalation: receipts\n")
    said = console(*OPEN, "--severity", "sev1").err.splitlines()
    assert said[:3] == [
        "Call Ada Example: telephone +49 30 1 (more: svcops escalate receipt-scanner --severity sev1)",
        "receipt-scanner answers: platform (chat #platform)",
        "runbook: runbooks/receipt-scanner/queue.md  Queue",
    ]


def test_of_what_was_cancelled_no_window_is_judged(console, agreed, short):
    console("incident", "cancel", "A test of the alert")
    assert windows(console, short) == {}


def test_of_two_starts_the_one_that_counts_no_more_is_marked(console, short):
    console("incident", "started", short, "--at", "-6h")
    lines = [line for line in console("incident", "show", short).out.splitlines() if "Impact started" in line]
    assert [line.endswith("(corrected later)") for line in lines] == [False, True]


def test_line_ends_of_windows_are_line_ends(console, short, monkeypatch):
    monkeypatch.setattr(io, "StringIO", lambda text="", make=io.StringIO: make(text or "one\r\ntwo\r\n"))
    console("incident", "log", short, "-F", "-")
    assert shown(console, short)["timeline"][-1]["text"] == "one\ntwo"


def test_a_move_is_corrected_where_it_stands(console, short):
    console("incident", "ack", short)
    console("incident", "resolve", short, "Rolled back")
    (name,) = (
        line.split()[1] for line in console("incident", "show", "--events").out.splitlines() if "Resolved" in line
    )
    console("incident", "resolve", short, "Restarted", "--corrects", name, "--at", "-1m")
    found = shown(console, short)
    assert (found["phase"], [event["type"] for event in found["timeline"] if event["void"]]) == ("post-mortem", [])
    assert [event["from"] for event in found["timeline"] if event["type"] == "resolved"] == ["remediation"] * 2
    lines = {line.split("  - ")[0].strip(): line for line in console("incident", "show").out.splitlines()}
    (old,), (new,) = ([line for key, line in lines.items() if text in key] for text in ("Rolled back", "Restarted"))
    assert old.endswith("  (corrected later)")
    assert new.endswith(f"  (corrects what was said for {old.split()[0]})")
    assert console("check").code == 0


def test_a_step_is_corrected_though_an_earlier_one_was_corrected_before(console, short):
    console("incident", "ack", short)
    console("incident", "resolve", short, "Rolled back")
    acknowledged, resolved = named(console, short, "Acknowledged"), named(console, short, "Resolved")
    console("incident", "declared", short, "--at", "-19m")
    console("incident", "resolve", short, "Restarted", "--corrects", resolved)
    console("incident", "reopen", short, "Again")
    console("incident", "ack", short, "--corrects", acknowledged, "--at", "-18m")
    console("incident", "reopen", short, "Once more", "--corrects", named(console, short, "Reopened"))
    found = shown(console, short)
    assert (found["phase"], [event["type"] for event in found["timeline"] if event["void"]]) == ("remediation", [])
    froms = [event.get("from") for event in found["timeline"] if event["type"] in ("resolved", "reopened")]
    assert froms == ["remediation"] * 2 + ["post-mortem"] * 2
    assert console("check").code == 0


def test_a_severity_is_corrected_though_the_declaration_was_corrected_before(console, short):
    console("incident", "severity", short, "sev3", "--because", "One branch")
    console("incident", "severity", short, "sev1")
    console("incident", "declared", short, "--at", "-19m")
    console(
        "incident", "severity", short, "sev4", "--because", "A typo", "--corrects", named(console, short, "-> sev1")
    )
    found = shown(console, short)
    assert (found["severity"], found["timeline"][-1]["from"]) == ("sev4", "sev3")


def test_a_severity_and_a_role_are_corrected_where_they_stand(console, short):
    console("incident", "severity", short, "sev1")
    console("incident", "role", short, "scribe", "ada@example.org")
    events = console("incident", "show", "--events").out.splitlines()
    severity, role = (next(line.split()[1] for line in events if what in line) for what in ("Severity", "Scribe"))
    console("incident", "severity", short, "sev3", "--corrects", severity, "--because", "One branch alone")
    console("incident", "role", short, "scribe", "noor@example.org", "--corrects", role)
    found = shown(console, short)
    assert (found["severity"], found["roles"]["scribe"]) == ("sev3", "noor")
    before = {event["type"]: event.get("from") for event in found["timeline"] if not event["superseded"]}
    assert (before["severity"], before.get("role")) == ("sev2", None)


def test_when_impact_began_may_be_said_later_and_again(console):
    short = console(*OPEN, "--severity", "sev3").id[-6:]
    assert clocks(console, short)["time to detect"] is None
    console("incident", "started", short, "--at", "-50m")
    console("incident", "started", short, "--at", "-30m")
    assert 20 * 60 < clocks(console, short)["time to detect"] < 35 * 60
    assert "after it was declared" in console("incident", "started", short, "--at", "now", code=2).err


def test_when_it_was_declared_is_corrected_with_all_that_follows_from_it(console):
    short = console(*OPEN, "--severity", "sev2", "--at", "-20m").id[-6:]
    console("incident", "ack", short, "--at", "-5m")
    for at in ("-12m", "-10m"):
        console("incident", "declared", short, "--at", at)
    found = shown(console, short)
    assert (found["severity"], found["phase"]) == ("sev2", "remediation")
    assert [event["superseded"] for event in found["timeline"] if event["type"] == "opened"] == [True, True, False]
    assert clocks(console, short)["time to acknowledge"] == 3 * 60
    assert console("check").code == 0


STEPS = {
    "acknowledged": [("ack",)],
    "mitigated": [("mitigate", "x")],
    "resolved": [("resolve",)],
    "cancelled": [("cancel", "x")],
    "reopened": [("resolve",), ("reopen", "x")],
}


@pytest.mark.parametrize("step", STEPS)
def test_nothing_is_declared_before_it_began_or_after_it_went_on(console, step):
    short = console(*OPEN, "--severity", "sev3", "--at", "-20m", "--started", "-30m").id[-6:]
    assert "before the impact started" in console("incident", "declared", short, "--at", "-40m", code=2).err
    for verb, *text in STEPS[step]:
        console("incident", verb, short, *text, "--at", "-10m")
    told = "resolved" if step == "reopened" else step
    assert f"declared after it was {told}" in console("incident", "declared", short, "--at", "-5m", code=2).err
    console("incident", "declared", short, "--at", "-15m")


def test_nor_after_its_first_commander_took_over_or_another_went_on_in_its_place(console):
    first, other = (console(*OPEN, "--severity", "sev3", "--at", "-20m").id[-6:] for _ in range(2))
    console("incident", "role", first, "commander", "ada@example.org", "--at", "-10m")
    assert "after it was acknowledged" in console("incident", "declared", first, "--at", "-5m", code=2).err
    console("incident", "merge", other, "--into", first, "--at", "-10m")
    assert "after it was merged" in console("incident", "declared", other, "--at", "-5m", code=2).err
    assert "--at" in console("incident", "declared", first, code=2).err


def test_declared_on_two_branches_and_corrected_on_one_is_a_warning(console, short):
    """A correction stands where the event stood that it corrects, so the first still counts."""
    console.now += timedelta(hours=1)
    console("incident", "declared", "--at", "-1m")
    folder = next(console.store.root.glob("incidents/2026/*/timeline"))
    moment = "2026-11-23T07:30:00Z"
    (folder / "20261123t073000000z-opened-zzzzzz.yaml").write_text(
        f"type: opened\nat: {moment}\nrecorded_at: {moment}\nby: noor\nfrom: normal operations\nseverity: sev3\n"
    )
    found = console("check", "--json").json["findings"]
    assert [(one["code"], one["severity"]) for one in found] == [("INC005", "warning")]


def test_an_incident_whose_record_is_not_there_is_told(console, short):
    (record,) = console.store.root.glob("incidents/*/*/incident.yaml")
    record.unlink()
    for call in (("log", short, "x"), ("ack", short), ("show", short), ("log", "with the one in use")):
        assert f"{record.parent.name} has no incident.yaml" in console("incident", *call, code=2).err


def named(console, short, what):
    """The name of the event of a timeline that is shown with these words."""
    (line,) = (line for line in console("incident", "show", short, "--events").out.splitlines() if what in line)
    return line.split()[1]


def test_a_time_or_a_text_alone_is_corrected_too(console, short):
    console("incident", "role", short, "scribe", "ada@example.org")
    console("incident", "severity", short, "sev1")
    console("incident", "mitigate", short, "--at", "-1m")
    console("incident", "resolve", short)
    console(
        "incident",
        "role",
        short,
        "scribe",
        "ada@example.org",
        "--at",
        "-2m",
        "--corrects",
        named(console, short, "Scribe"),
    )
    console("incident", "severity", short, "sev1", "--because", "All", "--corrects", named(console, short, "Severity"))
    console("incident", "mitigate", short, "--at", "-6m", "--corrects", named(console, short, "Mitigated"))
    found = shown(console, short)
    assert (found["severity"], found["phase"]) == ("sev1", "post-mortem")
    assert console("check").code == 0


@pytest.mark.parametrize(
    ("correction", "words"),
    [
        (["log", "Oops"], "nobody would have declared"),
        (["cancel", "A test"], "nobody would have declared"),
        (["severity", "sev1"], "nobody would have declared"),
    ],
)
def test_a_declaration_is_corrected_by_no_other_event(console, short, correction, words):
    before = console.store.head()
    said = console(
        "incident", correction[0], short, *correction[1:], "--corrects", named(console, short, "Declared"), code=1
    )
    assert words in said.err
    assert console.store.head() == before


def test_a_correction_that_takes_the_ground_from_a_later_step_is_refused(console, short):
    console("incident", "resolve", short)
    console("incident", "log", short, "Seen")
    assert (
        "cancelled would have no effect"
        in console("incident", "cancel", short, "A test", "--corrects", named(console, short, "Seen"), code=1).err
    )
    resolved = named(console, short, "Resolved")
    console("incident", "reopen", short, "Again")
    assert (
        "reopened would have no effect" in console("incident", "log", short, "No", "--corrects", resolved, code=1).err
    )


def test_what_no_record_may_hold_is_refused_before_anything_is_written(console, short):
    before = console.store.head()
    said = console("incident", "role", short, "big boss", "ada@example.org", code=2)
    assert 'role is "big boss": not a name' in said.err
    assert (console.store.head(), console.store.status()) == (before, [])


def test_who_leaves_the_text_out_does_not_write_the_id_into_another_incident(console, short):
    """`short` is in use; what was meant is another one."""
    other = console(*OPEN, "--severity", "sev3").id
    head = console.store.head()
    for call in (("update", other), ("log", other[-6:]), ("reopen", other), ("cancel", other[-6:].upper())):
        assert "is an incident, and no text" in console("incident", *call, code=2).err
    for verb in ("resolve", "mitigate", "ack"):
        assert f"{other[-6:]} is an incident, and no text" in console("incident", verb, short, other[-6:], code=2).err
    assert console.store.head() == head
    console("incident", "link", short, other[-6:])


@pytest.mark.parametrize("word", ["incident-20261123-000000", "Incident-20261123-000000", "problem-20261123-k7f3q2"])
def test_the_id_of_what_is_no_incident_is_no_text_either(console, short, word):
    head = console.store.head()
    for call in (("log", word), ("update", short, word)):
        said = console("incident", *call, code=2).err
        assert f"{word} is no incident of this store, and no text" in said
        assert "svcops incident list" in said
    assert console.store.head() == head
    console("incident", "log", f"as in {word}")


def test_a_merge_that_corrects_an_end_raises_what_goes_on_too(console):
    on, other = (console(*OPEN, "--severity", name).id[-6:] for name in ("sev3", "sev1"))
    console("incident", "cancel", other, "A test")
    (wrong,) = console.store.root.glob(f"incidents/2026/*{other}/timeline/*-cancelled-*")
    console("incident", "merge", other, "--into", on, "--corrects", wrong.stem.rpartition("-")[2])
    assert shown(console, on)["severity"] == "sev1"


def test_what_becomes_major_when_it_is_closed_says_what_is_missing(console):
    short = console(*OPEN, "--severity", "sev4").id[-6:]
    console("incident", "resolve", short)
    console("incident", "close", short, "--no-measure-because", "Nothing to learn")
    assert "postmortem" not in console("incident", "severity", short, "sev3").err
    assert f"svcops postmortem start {short}" in console("incident", "severity", short, "sev1").err


def test_a_word_that_no_incident_is_called_may_be_a_text_for_the_one_in_use(console, short):
    said = console("incident", "resolve", "fixed", code=2).err
    assert "there is no incident 'fixed'" in said
    assert f"say it behind that: {short} fixed" in said
    console("incident", "resolve", short, "fixed")


@pytest.mark.parametrize(("typed", "role"), [("ops", "operations-lead"), ("comms", "communications-lead")])
def test_roles_of_the_field_have_short_names(console, short, typed, role):
    console("incident", "role", typed, "ada@example.org")
    assert shown(console, short)["roles"] == {role: "ada"}


@pytest.mark.parametrize("verb", ["log", "update", "reopen", "cancel"])
@pytest.mark.parametrize("length", [3, 4, 5])
def test_a_single_word_that_may_be_an_id_is_no_text_for_the_one_in_use(console, short, verb, length):
    other = console(*OPEN, "--severity", "sev3").id[-6:]
    head, word = console.store.head(), other[:length]
    said = console("incident", verb, word, code=2).err
    assert f"{word} is an incident, and no text" in said
    assert f'svcops incident {verb} {other} "TEXT"' in said
    assert f"svcops incident {verb} {short} {word} " in said
    assert console.store.head() == head
    if verb == "reopen":
        console("incident", "resolve", short)
    console("incident", verb, short, word)  # as the help says
    assert shown(console, short)["timeline"][-1]["text"] == word


def test_where_several_begin_so_they_are_counted_and_other_words_are_texts(console, short):
    """Every id begins with the kind and the year."""
    console(*OPEN, "--severity", "sev3")
    said = console("incident", "log", "incident-20", code=2).err
    assert "incident-20 may be 2 incidents, and is no text" in said
    assert 'svcops incident log ID "TEXT"' in said
    for word in ("Restarting", "zz", f"{short}x"):
        console("incident", "log", word)
    texts = [one["text"] for one in shown(console, short)["timeline"] if one["type"] == "log"]
    assert texts == ["Restarting", "zz", f"{short}x"]


def test_a_severity_is_one_whatever_incidents_are_called(console, short, monkeypatch):
    monkeypatch.setattr("svcops.store.ids.tail_of", lambda _: "sev3xx")
    console(*OPEN, "--severity", "sev2")
    console("incident", "severity", "sev3", "--because", "One branch only")
    assert shown(console, short)["severity"] == "sev3"
    assert "is an incident, and no text" in console("incident", "severity", "sev3x", code=2).err


def test_without_one_in_use_it_is_said_that_none_is(console):
    console(*OPEN, "--severity", "sev3")
    for call in (
        ("log", "rolled back 4.2.1"),
        ("update", "We look"),
        ("severity", "sev1"),
        ("resolve", "all good now"),
    ):
        said = console("incident", *call, code=2)
        assert "which incident? None is in use" in said.err
        assert "svcops incident use ID" in said.err


def test_a_role_of_the_field_is_ones_own_where_nobody_is_named(console, short):
    console("incident", "role", "scribe")
    console("incident", "role", short, "commander")
    assert shown(console, short)["roles"] == {"scribe": "ada", "incident-commander": "ada"}
    assert "the person is missing" in console("incident", "role", "dispatcher", code=2).err
    console("incident", "use", "--none")
    assert "the person is missing" in console("incident", "role", short, "dispatcher", code=2).err


def test_what_is_said_of_a_duplicate_is_refused_with_where_to_say_it(console, short):
    other = console(*OPEN, "--severity", "sev2").id[-6:]
    console("incident", "merge", other, "--into", short)
    for call in (("log", other, "x"), ("update", other, "x"), ("role", other, "scribe", "ada@example.org")):
        said = console("incident", *call, code=1)
        assert f"{other} goes on as " in said.err
        assert f"svcops incident use {short}" in said.err


def test_of_two_that_are_the_same_the_higher_severity_counts(console):
    minor, major = (console(*OPEN, "--severity", one).id[-6:] for one in ("sev4", "sev1"))
    commits = len(console.store.log())
    said = console("incident", "merge", major, "--into", minor)
    assert f"{minor} is sev1 from now on, as {major} is" in said.err
    assert len(console.store.log()) == commits + 1
    found = shown(console, minor)
    why = [one["text"] for one in found["timeline"] if one["type"] == "severity"]
    assert (found["severity"], why) == ("sev1", [f"{major} is the same, and is it."])
    less = console(*OPEN, "--severity", "sev3").id[-6:]
    console("incident", "merge", less, "--into", minor)
    assert shown(console, minor)["severity"] == "sev1"
    assert console("check").code == 0


@pytest.mark.parametrize("used", [True, False])
@pytest.mark.parametrize("words", [("commander", "noor"), ("scribe",), ("negotiator", "Noor Voorbeeld")])
def test_an_incident_behind_its_role_is_told_to_come_first(console, short, words, used):
    if used:
        console("incident", "use", short)
    said = console("incident", "role", *words, short, code=2).err
    assert f"{short} is an incident, which comes before the role" in said
    typed = " ".join(f"'{one}'" if " " in one else one for one in words)
    assert f"svcops incident role {short} {typed}\n" in said


def test_a_role_that_is_nearly_one_of_the_field_is_a_slip(console, short):
    assert "Did you mean commander?" in console("incident", "role", "comander", "ada@example.org", code=2).err
    console("incident", "role", "dispatcher", "ada@example.org")
    assert shown(console, short)["roles"] == {"dispatcher": "ada"}
    assert "in the future" in console("incident", "log", "x", "--at", "+5m", code=2).err


def test_nothing_that_goes_on_is_merged_into_what_is_over(console, short):
    other = console(*OPEN, "--severity", "sev3").id
    console("incident", "resolve", other)
    console("incident", "close", other, "--no-measure-because", "A one-off")
    refused = console("incident", "merge", short, "--into", other, code=1).err
    assert f"{other} does not go on: it is closed" in refused
    assert f"svcops incident reopen {other[-6:]}" in refused
    assert f"--incident {other[-6:]} --incident {short}" in refused
    assert shown(console, short)["ending"] is None
    console("incident", "reopen", other, "It is the same")
    console("incident", "merge", short, "--into", other)


def test_what_others_were_merged_into_is_not_cancelled(console, short):
    other = console(*OPEN, "--severity", "sev2").id
    console("incident", "merge", short, "--into", other)
    refused = console("incident", "cancel", other, "None at all", code=1).err
    assert f"cannot be cancelled: {short} was merged into it" in refused
    assert f"svcops incident reopen {short}" in refused
    assert shown(console, other)["ending"] is None
    console("incident", "reopen", short, "It is another")
    console("incident", "cancel", other, "None at all")


def test_no_step_is_taken_before_the_one_that_it_follows(console):
    short = console(*OPEN, "--severity", "sev3", "--started", "-30m").id[-6:]
    assert "it cannot be resolved before it was declared" in (
        refused := console("incident", "resolve", short, "--at", "-25m", code=2).err
    )
    assert f"svcops incident declared {short} --at TIME" in refused
    assert "before it was declared" in console("incident", "cancel", short, "None", "--at", "-25m", code=2).err
    console("incident", "resolve", short)
    assert "it cannot be reopened before it was resolved" in (
        refused := console("incident", "reopen", short, "Again", "--at", "-1h", code=2).err
    )
    assert f"svcops incident show {short} --events" in refused
    because = ("--no-measure-because", "x")
    assert "before it was resolved" in console("incident", "close", short, *because, "--at", "-1d", code=2).err
    other = console(*OPEN, "--severity", "sev3").id
    assert "it cannot be merged before it was resolved" in (
        console("incident", "merge", short, "--into", other, "--at", "-1h", code=2).err
    )
    assert console("incident", "close", short, *because).code == 0
    assert not [one for one in console("check", "--json").json["findings"] if one["code"] == "INC009"]


@pytest.mark.parametrize(("verb", "kind"), [("mitigate", "mitigated"), ("resolve", "resolved"), ("log", "log")])
def test_better_words_keep_the_time_of_what_they_correct(console, short, verb, kind):
    console("incident", "mitigate", short, "Rolled back", "--at", "-1m")
    console("incident", "resolve", short, "Drained", "--at", "-1m")
    if verb == "log":
        console("incident", "log", short, "Drained", "--at", "-2m")
    before = shown(console, short)["timeline"]
    (wrong,) = (one for one in before if one["type"] == kind)
    console("incident", verb, short, "Rolled back to 4.2.0", "--corrects", wrong["path"].rpartition("/")[2][:-5])
    (counts,) = (one for one in shown(console, short)["timeline"] if one["type"] == kind and not one["superseded"])
    assert (counts["text"], counts["at"]) == ("Rolled back to 4.2.0", wrong["at"])
    assert console("check").code == 0


def test_a_mitigation_is_written_down_after_the_resolution_and_never_later_than_that(console, short):
    console("incident", "resolve", short, "Drained", "--at", "-1m")
    later = console("incident", "mitigate", short, "Rolled back", code=2).err
    assert "it cannot be mitigated after it was resolved, Mon 2026-11-23 08:17\n  help: --at TIME says" in later
    console("incident", "mitigate", short, "Rolled back", "--at", "08:10")
    assert clocks(console, short)["time to mitigate"] < clocks(console, short)["time to resolve"]
    event = named(console, short, "Mitigated")
    assert "after it was resolved" in (
        console("incident", "mitigate", short, "--at", "-10s", "--corrects", event, code=2).err
    )
    assert console("check").code == 0


def test_a_text_beside_a_file_is_refused_with_why(console, short, tmp_path):
    (tmp_path / "log.txt").write_text("Restarted\n")
    said = console("incident", "log", short, "Text", "-F", str(tmp_path / "log.txt"), code=2).err
    assert "help: With --file there is no text beside it." in said


def test_a_mitigation_is_not_written_into_what_was_cancelled(console, short):
    console("incident", "cancel", short, "A test")
    assert "cannot be mitigated: it is cancelled" in console("incident", "mitigate", short, code=1).err


def test_no_step_is_corrected_to_a_time_before_the_one_that_it_follows_or_after_the_next(console, short):
    console("incident", "ack", short)
    event = named(console, short, "Acknowledged")
    assert "before it was declared" in console("incident", "ack", "--at", "-15m", "--corrects", event, code=2).err
    console("incident", "resolve", short, "--at", "-1m")
    assert "it cannot be resolved before it was acknowledged" in (
        console("incident", "ack", "--at", "-10s", "--corrects", event, code=2).err
    )


def test_a_clock_that_is_a_little_behind_stops_nobody(console, short):
    console.now -= timedelta(minutes=4)
    console("incident", "ack", short)
    console("incident", "resolve", short)
    assert clocks(console, short)["time to acknowledge"] == 0
    assert console("check", "--fail-on", "error").code == 0
    console.now -= timedelta(minutes=20)
    assert "before it was resolved" in console("incident", "reopen", short, "Again", code=2).err


def test_what_was_missed_by_days_of_support_is_told_in_hours(console, agreed):
    """A day of support is not 24 hours: 4 weeks of 50 hours are 200 hours, and no 8 days."""
    short = console(*OPEN, "--severity", "sev2").id[-6:]
    console.now += timedelta(days=28)
    assert "MISSED by 199 h 46 min of support hours so far" in shown_text(console, short)


def test_what_no_agreement_names_is_said(console, agreed):
    short = console(*OPEN, "--severity", "sev4").id[-6:]
    assert "Agreed\n  nothing agreed for sev4\n" in shown_text(console, short)
    console("incident", "cancel", short, "A test")
    assert "Agreed" not in shown_text(console, short)
