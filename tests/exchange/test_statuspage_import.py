"""Incidents and maintenance that a status page told of: the same bytes in every clone, and nothing twice."""

import io
import json
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.exchange.json_items import items
from svcops.exchange.sources import Input, Unreadable
from svcops.incidents.facts import states
from svcops.store.graph import Graph
from svcops.store.yaml_reading import compose

LEDGER = {
    "id": "p31zjtct2jer",
    "name": "Postings fail",
    "impact": "major",
    "status": "resolved",
    "created_at": "2026-10-01T09:00:00.123Z",
    "started_at": "2026-10-01T10:50:00.123+02:00",
    "monitoring_at": "2026-10-01T09:30:00Z",
    "resolved_at": "2026-10-01T10:00:00Z",
    "shortlink": "https://stspg.example/x1",
    "incident_updates": [
        {"id": "u4", "status": "postmortem", "body": "What we learned.", "display_at": "2026-10-03T08:00:00Z"},
        {"id": "u3", "status": "resolved", "body": "", "created_at": "2026-10-01T10:00:00Z"},
        {"id": "u2", "status": "monitoring", "body": "A fix:\r\n- it runs", "display_at": "2026-10-01T09:30:00Z"},
        {"id": "u1", "status": "investigating", "body": "We look.", "display_at": "2026-10-01T09:00:00Z"},
    ],
    "components": [{"name": "Ledger"}, {"name": "Web site"}, {"name": "Receipt Scanner"}],
}
OPEN = {
    "id": 4711,
    "title": "Slow",
    "impact": "minor",
    "started_at": "2026-11-20T08:00:00Z",
    "resolved_at": None,
    "updates": [{"at": "2026-11-20T08:05:00Z", "status": "Investigating", "message": "It is slow."}],
}
RELEASE = {
    "id": "m1",
    "name": "New release",
    "impact": "maintenance",
    "status": "completed",
    "created_at": "2026-09-01T08:00:00Z",
    "scheduled_for": "2026-09-05T20:00:00Z",
    "scheduled_until": "2026-09-05T22:00:00Z",
    "resolved_at": "2026-09-05T21:30:00Z",
    "incident_updates": [
        {"status": "completed", "body": "Done.", "display_at": "2026-09-05T21:30:00Z"},
        {"status": "in_progress", "body": "Begun.", "display_at": "2026-09-05T20:01:00Z"},
        {"status": "scheduled", "body": "The old one is not supported.", "display_at": "2026-09-01T08:00:00Z"},
    ],
}
RESOLVED = {
    **OPEN,
    "resolved_at": "2026-11-20T09:00:00Z",
    "updates": [*OPEN["updates"], {"at": "2026-11-20T09:00:00Z", "status": "Resolved", "message": "Quick again."}],
}


def lines(*ones):
    return "".join(json.dumps(one) + "\n" for one in ones)


def bring(console, text, *arguments, code=0):
    console.store.write("../status.json", text if isinstance(text, str | bytes) else lines(*text))
    return console("import", "statuspage", "../status.json", *arguments, code=code)


def incident(console, key):
    graph = Graph(console.store.root, None)
    return next(one for one in states(graph).values() if one.incident.imported.key == key)


def files(console, folder="."):
    below = console.store.root / folder
    return {
        str(path.relative_to(console.store.root)): path.read_bytes()
        for path in below.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


def test_an_incident_of_the_api_becomes_a_timeline(console):
    said = bring(console, json.dumps({"page": {"id": "x"}, "incidents": [LEDGER]}))
    assert "1 item: 1 to add." in said.out
    assert console.store.is_clean()
    state = incident(console, "p31zjtct2jer")
    assert state.id.startswith("incident-20261001-")
    assert state.incident.title == "Postings fail"
    assert state.incident.services == ("ledger", "receipt-scanner")
    assert state.incident.detected_by is None
    assert state.incident.imported.url == "https://stspg.example/x1"
    assert state.incident.imported.parts == ("Ledger", "Web site", "Receipt Scanner")
    assert (state.phase, state.ending, state.severity) == ("normal operations", "closed", "sev2")
    assert state.clocks[3].span.total_seconds() == 70 * 60 - 0.123
    assert [(one.value.type, getattr(one.value, "text", "")) for one in state.events] == [
        ("impact-started", ""),
        ("opened", ""),
        ("update", "We look."),
        ("update", "A fix:\n- it runs"),
        ("update", "resolved"),
        ("resolved", ""),
        ("closed", ""),
        ("update", "What we learned."),
    ]
    times = [one.value.recorded_at for one in state.events]
    assert times == sorted(set(times))
    assert state.void == ()


def test_maintenance_is_no_incident(console):
    bring(console, json.dumps({"scheduled_maintenances": [RELEASE]}), "--map", "Web site=ledger")
    (path,) = (name for name in files(console) if name.startswith("maintenance/"))
    record = compose(console.store.read(path), path).documents[0]
    assert set(record["imported"].pop("said")) == {"title", "services", "reason", "planned", "actual", "by"}
    assert record == {
        "title": "New release",
        "services": [],
        "reason": "The old one is not supported.",
        "planned": {"from": "2026-09-05T20:00:00Z", "until": "2026-09-05T22:00:00Z"},
        "actual": {"from": "2026-09-05T20:01:00Z", "until": "2026-09-05T21:30:00Z"},
        "by": "statuspage",
        "imported": {"system": "statuspage", "key": "m1"},
    }
    assert "incidents" not in "".join(files(console))
    assert "MNT001" not in console("check", code=None).out


def test_two_clones_get_the_same_bytes_and_a_second_time_writes_nothing(console, new_store, new_console):
    other = new_console(new_store("other"))
    for name, data in files(console).items():
        other.store.write(name, data)
    other.store.commit("The same catalogue")
    other.now += timedelta(days=3)
    bring(console, [LEDGER, RELEASE, OPEN])
    bring(other, [OPEN, LEDGER, RELEASE])
    assert files(console) == files(other)
    before = console.store.head()
    said = bring(console, [LEDGER, RELEASE, OPEN])
    assert "nothing written" in said.err
    assert "3 there already" in said.out
    assert console.store.head() == before


END = RELEASE["resolved_at"]


@pytest.mark.parametrize(
    ("told", "actual", "status"),
    [
        ({}, {"until": END}, "over"),
        ({"started_at": "2026-09-01T08:00:00Z"}, {"until": END}, "over"),
        ({"started_at": "2026-09-05T20:02:00Z"}, {"from": "2026-09-05T20:02:00Z", "until": END}, "over"),
        ({"status": "in_progress", "resolved_at": None}, {}, "under way"),
        ({"status": "scheduled", "resolved_at": None}, None, "not started"),
    ],
)
def test_a_maintenance_of_which_no_update_says_that_it_began(console, told, actual, status):
    """What a page calls the start of one may be when it was announced: then nobody knows when it began."""
    announced = RELEASE["incident_updates"][2:]
    bring(console, json.dumps({"scheduled_maintenances": [{**RELEASE, "incident_updates": announced, **told}]}))
    (path,) = (name for name in files(console) if name.startswith("maintenance/"))
    assert compose(console.store.read(path), path).documents[0].get("actual") == actual
    short = path.removesuffix(".yaml")[-6:]
    assert console("maintenance", "show", short, "--json").json["maintenance"]["status"] == status
    is_unknown = actual is not None and "from" not in actual
    assert ("  actual       unknown until " in console("maintenance", "show", short).out) == is_unknown
    assert "MNT001" not in console("check", code=None).out


def test_a_maintenance_that_is_over_and_nobody_says_since_when_is_not_imported(console):
    told = {**RELEASE, "resolved_at": None, "incident_updates": RELEASE["incident_updates"][1:]}
    said = bring(console, json.dumps({"scheduled_maintenances": [told]}), code=2)
    assert "it is over, and nobody says since when: resolved_at is missing" in said.out


def test_a_maintenance_to_come_is_planned(console):
    plan = {"scheduled_for": "2026-12-05T20:00:00Z", "scheduled_until": "2026-12-05T22:00:00Z"}
    told = {**RELEASE, **plan, "status": "scheduled", "resolved_at": None}
    told |= {"started_at": plan["scheduled_for"], "incident_updates": RELEASE["incident_updates"][2:]}
    assert "1 to add" in bring(console, [told]).out


def test_what_was_told_since_is_shown_and_added_when_asked_for(console):
    bring(console, [OPEN])
    before = files(console)
    said = bring(console, [RESOLVED])
    assert "1 update more, resolved" in said.out
    assert "nothing written" in said.err
    assert files(console) == before
    assert "+text: Quick again." in bring(console, [RESOLVED], "--update", "--dry-run").out
    assert files(console) == before
    said = bring(console, [RESOLVED], "--update")
    assert "+text: Quick again." in said.out
    new = re.findall(r"^--- /dev/null\n\+\+\+ b/(\S+)$", said.out, re.MULTILINE)
    assert sorted(new) == sorted(set(files(console)) - set(before)), "each new file by its own name, and no other"
    assert "incident.yaml" not in "".join(line for line in said.out.splitlines() if line.startswith(("---", "+++")))
    after = files(console)
    assert {name: after[name] for name in before} == before
    assert incident(console, "4711").ending == "closed"
    assert "nothing written" in bring(console, [RESOLVED], "--update").err


def test_what_people_wrote_meanwhile_stays_and_counts(console):
    bring(console, [OPEN])
    found = incident(console, "4711").id
    console("incident", "ack", found)
    console("incident", "severity", found, "sev1", "--because", "It is worse here")
    bring(console, [{**RESOLVED, "impact": "major"}], "--update")
    state = incident(console, "4711")
    assert (state.phase, state.ending, state.void) == ("normal operations", "closed", ())
    assert state.acknowledged is not None
    assert state.severity == "sev1"


def test_what_people_resolved_is_not_resolved_again(console):
    bring(console, [OPEN])
    found = incident(console, "4711").id
    console("incident", "resolve", found)
    bring(console, [RESOLVED], "--update")
    state = incident(console, "4711")
    assert (state.phase, state.void) == ("post-mortem", ())
    assert [one.value.by for one in state.events if one.value.type == "resolved"] == ["ada"]


def test_what_people_cancelled_stays_cancelled(console):
    bring(console, [OPEN])
    console("incident", "cancel", incident(console, "4711").id, "It was a test")
    bring(console, [RESOLVED], "--update")
    state = incident(console, "4711")
    assert (state.ending, state.void) == ("cancelled", ())


def test_step_by_step_gives_the_bytes_that_all_at_once_gives(console, new_store, new_console):
    other = new_console(new_store("other"))
    bring(other, [RESOLVED])
    bring(console, [OPEN])
    bring(console, [RESOLVED], "--update")
    assert files(console, "incidents") == files(other, "incidents")


def test_a_clone_that_saw_more_at_once_has_the_bytes_of_one_that_saw_it_step_by_step(console, new_store, new_console):
    later = {"at": "2026-11-22T09:00:00Z", "status": "Postmortem", "message": "What we learned."}
    told = {**RESOLVED, "updates": [*RESOLVED["updates"], later]}
    other = new_console(new_store("other"))
    bring(other, [told])
    bring(console, [OPEN])
    bring(console, [told], "--update")
    assert files(console, "incidents") == files(other, "incidents")
    assert [one.value.type for one in incident(console, "4711").events][-3:] == ["resolved", "closed", "update"]


def counted(console, key="4711"):
    """Type, minute and text of the events that count."""
    state = incident(console, key)
    assert state.void == ()
    events = [one.value for one in state.events if one not in state.superseded]
    return sorted((one.type, one.at.minute, getattr(one, "text", "")) for one in events)


def with_updates(*told):
    return {**OPEN, "updates": [{"at": f"2026-11-20T08:{at:02}:00Z", "message": text} for at, text in told]}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([(5, "We look.")], [(7, "We look.")]),
        ([(5, "We look."), (9, "Fixed.")], [(5, "We look."), (8, "Fixed.")]),
        ([(5, "A"), (6, "B")], [(6, "A"), (7, "B")]),
        ([(5, "A"), (6, "A")], [(5, "A"), (7, "A")]),
        ([(5, "A")], [(5, "B"), (6, "A")]),
        ([(5, "A"), (6, "B")], [(5, "C"), (6, "A")]),
        ([(5, "A"), (6, "B")], [(5, "B"), (6, "A")]),
    ],
)
def test_updates_whose_time_was_changed_are_corrected_and_not_doubled(console, before, after):
    bring(console, [with_updates(*before)])
    bring(console, [with_updates(*after)], "--update")
    opened = [("impact-started", 0, ""), ("opened", after[0][0], "")]
    assert counted(console) == [*opened, *sorted(("update", *one) for one in after)]
    assert incident(console, "4711").declared.minute == after[0][0]
    assert "nothing written" in bring(console, [with_updates(*after)], "--update").err
    bring(console, [with_updates(*before)], "--update")
    assert incident(console, "4711").declared.minute == before[0][0]
    assert "INC0" not in console("check", code=None).out


def test_a_declaration_at_another_time_is_named_and_keeps_what_people_judged_since(console):
    bring(console, [OPEN])
    found = incident(console, "4711").id
    console("incident", "severity", found, "sev4", "--because", "It is less bad here")
    moved = {**OPEN, "impact": "major", "updates": [{**OPEN["updates"][0], "at": "2026-11-20T08:07:00Z"}]}
    assert "opened at another time" in bring(console, [moved]).out
    for _ in range(2):
        bring(console, [moved], "--update")
        state = incident(console, "4711")
        assert (state.declared.minute, state.severity, state.phase) == (7, "sev4", "incident")
    assert "nothing written" in bring(console, [moved], "--update").err


def test_an_impact_and_a_declaration_that_both_changed_are_two_events(console):
    bring(console, [OPEN])
    moved = {**OPEN, "impact": "major", "updates": [{**OPEN["updates"][0], "at": "2026-11-20T08:07:00Z"}]}
    bring(console, [moved], "--update")
    state = incident(console, "4711")
    assert (state.declared.minute, state.severity) == (7, "sev2")
    assert "nothing written" in bring(console, [moved], "--update").err


@pytest.mark.parametrize("after", [(5, "It is slow."), (7, "It is slow."), (5, "Other.")])
def test_an_update_that_people_corrected_is_theirs_whatever_the_source_says_of_it(console, after):
    bring(console, [OPEN])
    state = incident(console, "4711")
    (name,) = (one.name.rpartition("/")[2] for one in state.events if one.value.type == "update")
    console(
        *("incident", "update", state.id, "It was slow.", "--at", "2026-11-20T08:06:00Z", "--corrects", name),
    )
    bring(console, [with_updates(after)], "--update")
    assert [one for one in counted(console) if one[0] == "update"] == [("update", 6, "It was slow.")]


def test_where_anything_was_refused_the_exit_code_says_so(console):
    told = [{**OPEN, "impact": "awful"}]
    for arguments in ((), ("--dry-run",), ("--quiet",), ("--json",), ("--update",)):
        said = bring(console, told, *arguments, code=2)
        assert "nothing of it could be imported" in said.err
    assert bring(console, told, "--json", code=2).json["unsupported"]
    for _ in range(2):
        assert "not imported, as told above: 1" in bring(console, [*told, LEDGER], code=2).err
    bring(console, [LEDGER])


def test_the_same_text_twice_is_two_updates(console):
    bring(console, [OPEN])
    bring(console, [{**OPEN, "updates": OPEN["updates"] * 2}], "--update")
    updates = [one.value for one in incident(console, "4711").events if one.value.type == "update"]
    assert len(updates) == 2
    assert "nothing written" in bring(console, [{**OPEN, "updates": OPEN["updates"] * 2}], "--update").err


def test_updates_of_one_instant_keep_their_order(console):
    told = [
        {"status": "x", "body": text, "display_at": "2026-10-01T09:10:00Z"} for text in ("third", "second", "first")
    ]
    bring(console, [{**LEDGER, "incident_updates": told}])
    texts = [one.value.text for one in incident(console, LEDGER["id"]).events if one.value.type == "update"]
    assert texts == ["first", "second", "third"]


def test_of_two_lists_of_updates_that_of_the_log_counts_in_its_own_order(console):
    told = [{"at": "2026-11-20T08:05:00Z", "message": text} for text in ("first", "second")]
    bring(
        console, [{**OPEN, "updates": told, "incident_updates": [{"body": "x", "affected_components": [{"name": 1}]}]}]
    )
    texts = [one.value.text for one in incident(console, "4711").events if one.value.type == "update"]
    assert texts == ["first", "second"]


def test_a_file_without_end_is_refused():
    with pytest.raises(Unreadable, match="more than 64 MiB"):
        items(Input("x", b" " * (64 * 1024 * 1024 + 1)), ("incidents",))


def test_what_is_open_there_again_is_named_and_left_to_people(console):
    bring(console, [RESOLVED])
    said = bring(console, [{**RESOLVED, "resolved_at": None}], "--update")
    assert "resolved here, not there, which is left as it is" in said.out
    assert "nothing written" in said.err


WORSE = {"at": "2026-11-20T11:00:00Z", "status": "Investigating", "message": "It is slow again."}
GOES_ON = {**RESOLVED, "resolved_at": None, "updates": [*RESOLVED["updates"], WORSE]}


def test_what_goes_on_there_is_reopened_by_the_update_that_says_so_and_ends_when_it_does(console):
    bring(console, [RESOLVED])
    assert "1 update more, reopened" in bring(console, [GOES_ON], "--update").out
    state = incident(console, "4711")
    assert (state.phase, state.resolved, state.void) == ("remediation", None, ())
    (again,) = (one.value for one in state.events if one.value.type == "reopened")
    assert (again.at, again.text, again.by) == (datetime(2026, 11, 20, 11, tzinfo=UTC), WORSE["message"], "statuspage")
    before = files(console, "incidents")
    bring(console, [GOES_ON], "--update")
    bring(console, [RESOLVED], "--update")
    assert files(console, "incidents") == before
    over = {"at": "2026-11-20T12:00:00Z", "status": "Resolved", "message": "Now it is."}
    ended = {**GOES_ON, "resolved_at": over["at"], "updates": [*GOES_ON["updates"], over]}
    bring(console, [ended], "--update")
    state = incident(console, "4711")
    assert (state.phase, state.ending, state.void) == ("normal operations", "closed", ())
    assert state.resolved == datetime(2026, 11, 20, 12, tzinfo=UTC)
    before = files(console, "incidents")
    bring(console, [ended], "--update")
    assert files(console, "incidents") == before
    assert [one for one in console("check", "--json", code=None).json["findings"] if one["severity"] == "error"] == []


def test_what_a_person_ended_here_stays_so_though_it_goes_on_there(console):
    bring(console, [OPEN])
    console("incident", "resolve", incident(console, "4711").id)
    late = {**WORSE, "at": "2026-11-23T07:16:30Z"}
    said = bring(console, [{**GOES_ON, "updates": [*OPEN["updates"], late]}], "--update")
    assert "resolved here, not there, which is left as it is" in said.out
    assert incident(console, "4711").phase == "post-mortem"


@pytest.mark.parametrize("status", ["resolved", "Postmortem"])
def test_what_is_over_nobody_knows_since_when_is_not_open_and_ends_no_clock(console, status):
    over = {**OPEN, "status": status}
    said = bring(console, [over])
    assert "Over, and it is not told since when, so that the time to resolve is unknown: 4711" in said.out
    state = incident(console, "4711")
    assert (state.phase, state.ending, state.resolved) == ("normal operations", "closed", None)
    assert {one.name: one.span for one in state.clocks}["time to resolve"] is None
    assert not [one for one in console("incident", "list", "--json").json["incidents"] if one["phase"] != state.phase]
    assert "since when is not known" in console("incident", "show", state.id).out
    before = files(console, "incidents")
    bring(console, [over])
    bring(console, [over], "--update")
    assert files(console, "incidents") == before
    bring(console, [{**RESOLVED, "status": status}], "--update")
    assert incident(console, "4711").resolved == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    before = files(console, "incidents")
    bring(console, [over], "--update")
    assert incident(console, "4711").resolved is not None
    assert files(console, "incidents") == before
    assert [one for one in console("check", "--json", code=None).json["findings"] if one["severity"] == "error"] == []


def test_another_impact_and_a_text_that_was_changed_are_events_of_their_own(console):
    bring(console, [OPEN])
    changed = {
        **OPEN,
        "impact": "major",
        "started_at": "2026-11-20T07:55:00Z",
        "updates": [{**OPEN["updates"][0], "message": "Very slow."}],
    }
    said = bring(console, [changed])
    assert "1 update said otherwise" in said.out
    assert "sev3 is sev2" in said.out
    assert "impact-started at another time" in said.out
    bring(console, [changed], "--update")
    state = incident(console, "4711")
    assert state.severity == "sev2"
    assert state.impact_started.minute == 55
    assert len(state.superseded) == 2
    assert "nothing written" in bring(console, [changed], "--update").err
    assert "INC0" not in console("check", code=None).out


def test_an_incident_whose_start_moved_to_another_day_is_not_doubled(console):
    bring(console, [OPEN])
    bring(console, [{**OPEN, "started_at": "2026-11-19T23:00:00Z"}], "--update")
    assert len(states(Graph(console.store.root, None))) == 1


def test_a_name_that_was_mapped_and_services_that_people_added_stay(console):
    bring(console, [LEDGER], "--map", "Web site=ledger", "--severity", "major=sev4")
    state = incident(console, LEDGER["id"])
    assert state.severity == "sev4"
    path = state.entry.path
    text = console.store.read(path).replace("detected_by: null", "detected_by: user  # they called")
    console.store.put(path, text)
    bring(console, [{**LEDGER, "name": "Postings failed"}], "--update", "--severity", "major=sev4")
    assert "detected_by: user  # they called" in console.store.read(path)
    assert "title: Postings failed" in console.store.read(path)


def test_a_title_that_was_changed_here_is_kept_and_told(console):
    bring(console, [OPEN])
    path = incident(console, "4711").entry.path
    console.store.put(path, console.store.read(path).replace("title: Slow", "title: Postings are slow"))
    assert "title kept: edited here since" in bring(console, [OPEN]).out
    assert "nothing written" in bring(console, [{**OPEN, "title": "Slower"}], "--update").err
    said = bring(console, [{**OPEN, "title": "Slower", "url": "https://s.example/1"}], "--update")
    assert "title kept: edited here since, imported" in said.out
    said = bring(console, [{**OPEN, "title": "Slowest", "url": "https://s.example/1"}], "--update")
    assert "nothing written" in said.err
    found = incident(console, "4711").incident
    assert (found.title, found.imported.url) == ("Postings are slow", "https://s.example/1")


def test_a_severity_that_was_judged_here_is_kept_and_told(console):
    bring(console, [OPEN])
    before = incident(console, "4711")
    assert "severity" not in bring(console, [OPEN]).out
    console("incident", "severity", before.id, "sev1", "--because", "Nobody can pay")
    assert "severity kept: judged here since" in bring(console, [OPEN]).out
    assert "nothing written" in bring(console, [OPEN], "--update").err
    assert incident(console, "4711").severity == "sev1"


def test_a_title_that_nobody_changed_here_follows_the_source_again_and_again(console, new_store, new_console):
    bring(console, [OPEN])
    for title in ("Slower", "Slowest"):
        bring(console, [{**OPEN, "title": title}], "--update")
        assert "nothing written" in bring(console, [{**OPEN, "title": title}], "--update").err
    other = new_console(new_store("other"))
    bring(other, [{**OPEN, "title": "Slowest"}])
    assert files(console, "incidents") == files(other, "incidents")


def test_a_service_that_was_taken_out_here_is_not_put_back(console):
    bring(console, [LEDGER])
    path = incident(console, LEDGER["id"]).entry.path
    console.store.put(path, console.store.read(path).replace("  - receipt-scanner\n", ""))
    assert "services kept: edited here since" in bring(console, [LEDGER], "--update").out
    assert incident(console, LEDGER["id"]).incident.services == ("ledger",)


def test_the_plan_of_a_maintenance_that_was_changed_here_is_kept(console):
    bring(console, [RELEASE])
    (path,) = (name for name in files(console) if name.startswith("maintenance/"))
    text = console.store.read(path).replace("22:00", "23:00")
    console.store.put(path, text)
    said = bring(console, [{**RELEASE, "scheduled_until": "2026-09-05T22:30:00Z"}], "--update")
    assert "planned kept: edited here since" in said.out
    assert console.store.read(path) == text


def test_severities_follow_the_settings(console):
    console.store.put("svcops.yaml", "severities: [{name: high, major: true}, {name: low}]\n")
    bring(console, [LEDGER, OPEN])
    assert incident(console, LEDGER["id"]).severity == "low"
    assert "INC003" not in console("check", code=None).out


def test_from_standard_input_with_json_and_quiet(console, monkeypatch):
    from svcops.terminal.session import Session

    made = Session.__init__

    def with_text(self, *given, **named):
        made(self, *given, **{**named, "stdin": io.StringIO(lines(OPEN))})

    monkeypatch.setattr(Session, "__init__", with_text)
    report = console("import", "statuspage", "-", "--dry-run", "--json").json
    assert report["schema"] == "svcops.import/1"
    assert report["written"] is None
    (added,) = report["added"]
    assert added["source"] == {"file": "standard input", "line": 1}
    assert console("import", "statuspage", "-", "--quiet").out == f"{added['name']}\n"
    assert console.store.log()[0] == "Import 1 record from Statuspage"


def test_without_a_commit_the_files_stand_there(console):
    bring(console, [OPEN], "--no-commit")
    assert console.store.log()[0] == "The catalogue"
    assert incident(console, "4711")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "status.json:1:1: no incident: expected are JSON lines, a list with incidents in it, or the API's object"),
        (b"\xef\xbb\xbf \n", "status.json:1:1: no incident"),
        ("[]", "status.json:1:1: no incident"),
        ('{"page": {"id": "x"}, "incidents": []}', ""),
        ('{"scheduled_maintenances": []}', ""),
        ("nonsense", "status.json:1:1: not JSON"),
        (lines(OPEN) + "{", "status.json:2:2: not JSON"),
        (lines(OPEN) + "[1]", "status.json:2:1: not an incident: it is no object"),
        ("[1, 2", "status.json:1:6: not JSON: , is missing here"),
        ("[{}] x", "something follows"),
        ("[" * 100_000, "nested too deep"),
        ('{"id": ' + "9" * 5000 + "}", "not JSON"),
        (b'{"id": "\xff"}', "status.json:1:1: not UTF-8"),
        (lines(OPEN, {}), "status.json:2:1: id is missing"),
        (lines({"id": "x", "started_at": "now"}), "not a time"),
        (lines({**OPEN, "id": {}}), "id is missing, or no text"),
        (lines({**OPEN, "title": " "}), "title or name is missing"),
        (lines({**OPEN, "started_at": None}), "started_at is missing"),
        (lines({**OPEN, "started_at": "2026-11-20T08:00:00"}), "started_at is '2026-11-20T08:00:00': a time without"),
        (lines({**OPEN, "started_at": 5}), "started_at is no text"),
        (lines({**OPEN, "updates": {}}), "updates is no list of objects"),
        (lines({**OPEN, "updates": [], "incident_updates": [1]}), "incident_updates is no list of objects"),
        (lines({**OPEN, "updates": [], "incident_updates": 1}), "incident_updates is no list of objects"),
        (lines({**OPEN, "updates": [{}]}), "an update has no time"),
        (lines({**OPEN, "duration_minutes": "1"}), "duration_minutes is no number"),
        (lines(LEDGER, {**OPEN, "duration_minutes": 10**400}), "status.json:2:1: duration_minutes is no number"),
        (lines({**OPEN, "duration_minutes": True}), "duration_minutes is no number"),
        ('{"id": 1, "title": "x", "started_at": "2026-11-20T08:00:00Z", "duration_minutes": NaN}', "is no number"),
    ],
)
def test_what_is_not_of_the_format_is_refused_at_its_line_and_nothing_is_written(console, text, said):
    before = console.store.head()
    result = bring(console, text, code=2 if said else 0)
    assert said in result.err
    assert "Traceback" not in result.err
    assert console.store.head() == before
    assert console.store.is_clean()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"resolved_at": "2026-11-19T08:00:00Z"}, "resolved before it started"),
        ({"started_at": "2027-11-19T08:00:00Z"}, "it starts in the future"),
        ({"resolved_at": "2026-11-23T09:00:00Z"}, "it ends in the future"),
        (
            {"updates": [{"at": "2026-11-23T09:00:00Z", "message": "x"}]},
            "its update of 2026-11-23 09:00 is in the future",
        ),
        ({**RELEASE, "id": 4711, "resolved_at": "2026-12-05T21:30:00Z"}, "it ends in the future"),
        (
            {
                **RELEASE,
                "id": 4711,
                "updates": None,
                "incident_updates": [{"status": "in_progress", "body": "x", "display_at": "2026-12-01T08:00:00Z"}],
            },
            "its update of 2026-12-01 08:00 is in the future",
        ),
        ({"started_at": "0001-01-01T00:00:00Z"}, "it starts before 1970"),
        ({"resolved_at": "0001-01-01T00:00:00Z"}, "it ends before 1970"),
        ({"updates": [{"at": "1969-12-31T23:59:59Z", "message": "x"}]}, "is before 1970"),
        ({**RELEASE, "id": 4711, "scheduled_for": "0001-01-01T00:00:00Z"}, "it is planned before 1970"),
        ({"id": "\ud800"}, "a character that no file can hold"),
        ({"title": "\ud800"}, "control character U+D800"),
        ({"impact": "awful"}, "impact is awful"),
        ({"impact": None}, "impact is missing"),
        ({"title": "a\x1b[31mb"}, "control character U+001B"),
        ({"id": "\x00"}, "control character U+0000"),
        ({"updates": [{"at": "2026-11-20T08:05:00Z", "message": "x\x07"}]}, "its update of 2026-11-20 08:05: "),
        ({"updates": [{"at": "2026-11-20T08:05:00Z", "message": "x" * 10_000_000}]}, "more than the 1,048,576 bytes"),
        ({"updates": [{"at": "2026-11-20T08:05:00Z", "message": "ü " * 400_000}]}, "more than the 1,048,576 bytes"),
        ({"impact": "maintenance"}, "nobody says until when"),
        (
            {
                "impact": "maintenance",
                "scheduled_for": "2026-11-20T08:05:00Z",
                "scheduled_until": "2026-11-20T08:05:00Z",
            },
            "it ends before it begins",
        ),
    ],
)
def test_what_cannot_be_a_record_is_named_and_the_others_are_imported(console, change, reason):
    said = bring(console, [LEDGER, {**OPEN, **change}], code=2)
    assert reason in said.out
    assert "not imported, as told above: 1" in said.err
    assert "status.json:2" in said.out
    assert "1 to add, 1 not imported" in said.out
    assert [one.incident.imported.key for one in states(Graph(console.store.root, None)).values()] == [LEDGER["id"]]
    assert "error" not in console("check", "--json", code=None).out.split('"findings"')[0]


def test_odd_ids_are_as_good_as_any(console):
    keys = ["../../etc/passwd", "a\nb", "ü/…", "'\"", "x" * 3000, "-", "Incident/9"]
    bring(console, [{**OPEN, "id": key} for key in keys])
    found = states(Graph(console.store.root, None)).values()
    assert {one.incident.imported.key for one in found} == set(keys)
    assert console.store.is_clean()


def test_an_id_that_is_told_twice_counts_once_and_is_named(console):
    said = bring(console, [OPEN, OPEN, LEDGER, {**OPEN, "title": "Other"}])
    assert "Defined more than once, the first is kept" in said.out
    assert "incident (not the same each time) 4711" in said.out
    assert incident(console, "4711").incident.title == "Slow"


def test_a_damaged_incident_is_left_alone(console):
    bring(console, [OPEN])
    state = incident(console, "4711")
    console.store.put(state.events[-1].path, "type: [")
    said = bring(console, [RESOLVED], "--update", code=2)
    assert "nothing written" in said.err
    assert "damaged" in said.err
    assert f"no update can change them:\n  {state.entry.path}  an event of it is damaged" in said.out
    console.store.put(state.entry.path, "title: [")
    said = bring(console, [RESOLVED], "--update", code=2)
    assert "nothing written" in said.err
    assert f"{state.entry.path}  damaged" in said.out


def test_a_record_that_says_no_more_that_it_was_imported_is_not_called_damaged(console):
    bring(console, [OPEN])
    path = incident(console, "4711").entry.path
    console.store.put(path, console.store.read(path).partition("imported:")[0])
    said = bring(console, [OPEN], "--update").out
    assert f"{path}  its record says no more that it was imported" in said


def test_an_incident_that_became_a_maintenance_is_not_doubled(console):
    bring(console, [OPEN])
    said = bring(console, [{**RELEASE, "id": "4711"}], code=2)
    assert "it was imported as incident" in said.out


@pytest.mark.parametrize(
    ("arguments", "said", "help_"),
    [
        (("--map", "Ledger"), "not NAME=VALUE", "Git Operations=git"),
        (("--map", "Ledger=leger"), "there is no service leger", "ledger"),
        (("--map", "A=ledger", "--map", "A=receipt-scanner"), "A is ledger already", "Say it once"),
        (("--severity", "awful=sev1"), "no such impact", "critical"),
        (("--severity", "major=sev9"), "svcops.yaml has no severity sev9", "sev1, sev2"),
    ],
)
def test_options_that_cannot_hold_are_refused_with_what_to_type(console, arguments, said, help_):
    result = bring(console, [OPEN], *arguments, code=2)
    assert said in result.err
    assert help_ in result.err


def test_a_file_that_is_not_there_is_said(console):
    assert "cannot be read" in console("import", "statuspage", "nowhere.json", code=2).err


def test_the_check_passes_imported_ones_by(console):
    bring(console, [{**LEDGER, "impact": "critical"}, {**OPEN, "impact": "critical"}])
    text = console("check", code=None).out
    for code in ("INC001", "INC002", "INC003", "INC004", "INC005", "INC006"):
        assert code not in text


def test_what_is_known_of_an_imported_incident_is_shown(console):
    bring(console, lines(OPEN | {"components": [{"name": "Codespaces"}], "shortlink": "https://stspg.example/x2"}))
    short = console("incident", "list", "-q").id[-6:]
    out = console("incident", "show", short).out
    assert "  components   Codespaces\n  imported     statuspage, https://stspg.example/x2\n" in out
    assert "  time to detect       unknown " in out, "nobody writes down when it was detected there"
    assert "  time to resolve      running " in out
    assert "  components: Codespaces\n  imported: statuspage, https://" in console("incident", "handover", short).out
    assert console("incident", "list").out.split("\t")[4] == "Codespaces"
    source = console("incident", "show", short, "--json").json["incident"]["imported"]
    assert (source["system"], source["url"], source["parts"]) == (
        "statuspage",
        "https://stspg.example/x2",
        ["Codespaces"],
    )


def test_components_that_are_no_service_are_counted(console):
    said = bring(console, [LEDGER])
    assert "Web site 1" in said.out
    assert '--map "NAME=SERVICE"' in said.out


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(), below, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(), JSON, min_size=1), max_size=4), st.sampled_from(["lines", "list", "object"]))
def test_the_items_of_a_file_are_what_json_says_in_whichever_shape(found, shape):
    found = [{"id": number, **one} for number, one in enumerate(found)]
    text = {
        "lines": "\n".join(map(json.dumps, found)),
        "list": json.dumps(found, indent=1),
        "object": json.dumps({"page": {"incidents": [1]}, "incidents": found}),
    }[shape]
    read = items(Input("x", text.encode()), ("incidents",))
    assert [item for _, item in read] == found
    assert [source.line for source, _ in read] == sorted(source.line for source, _ in read)


@given(st.text(alphabet='[]{}",:1ab \n\\') | st.text())
def test_any_text_is_items_or_unreadable(text):
    with suppress(Unreadable):
        items(Input("x", text.encode("utf-8", "surrogatepass")), ("incidents",))
