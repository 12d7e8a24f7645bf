"""What a group of alerts does to the store: one incident that goes on, and never two."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tries import tries

import svcops.store.opening
from svcops.store.lock import store_lock
from svcops.store.writing import Moved

GROUP = '{}/{service="receipt-scanner"}:{alertname="QueueStuck"}'
OPEN = (
    "incident",
    "open",
    "Receipts wait",
    "--service",
    "receipt-scanner",
    "--severity",
    "sev2",
    "--detected-by",
    "user",
)
LABELS = {"alertname": "QueueStuck", "severity": "critical", "service": "receipt-scanner"}


def alert(queue="a", *, since="07:10", ended=None, **labels):
    return {
        "status": "resolved" if ended else "firing",
        "labels": {**LABELS, "queue": queue, **labels},
        "annotations": {"summary": "Receipts wait"},
        "startsAt": f"2026-11-23T{since}:00.123Z",
        "endsAt": f"2026-11-23T{ended}:00Z" if ended else "0001-01-01T00:00:00Z",
        "fingerprint": f"{queue}00",
    }


def payload(*alerts, key=GROUP, **changed):
    common = set.intersection(*(set(one["labels"].items()) for one in alerts))
    return {
        "version": "4",
        "groupKey": key,
        "status": "firing" if any(one["status"] == "firing" for one in alerts) else "resolved",
        "receiver": "svcops",
        "externalURL": "http://alertmanager.example.org",
        "groupLabels": {"alertname": "QueueStuck"},
        "commonLabels": dict(common),
        "commonAnnotations": {"summary": "Receipts wait"},
        "truncatedAlerts": 0,
        "alerts": list(alerts),
        **changed,
    }


@pytest.fixture
def ingest(console, tmp_path):
    """Takes a payload; the answer as JSON, or with a `code` what was said."""

    def done(*alerts, options=(), code=0, key=GROUP, **changed):
        file = tmp_path / "payload.json"
        file.write_text(json.dumps(payload(*alerts, key=key, **changed)))
        said = console("incident", "ingest", str(file), *options, "--json", code=code)
        return said if code else said.json

    return done


def shown(console, incident):
    return console("incident", "show", incident, "--json").json["incident"]


def types(console, incident):
    return [one["type"] for one in shown(console, incident)["timeline"]]


def everyone(console):
    return [one["id"] for one in console("incident", "list", "--json").json["incidents"]]


def test_alerts_that_fire_open_an_incident(console, ingest):
    told = ingest(alert(), options=("--severity", "critical=sev2"))
    assert told["did"] == "opened"
    found = told["incident"]
    assert (found["title"], found["services"], found["severity"]) == ("QueueStuck", ["receipt-scanner"], "sev2")
    assert (found["detected_by"], found["phase"]) == ("monitoring", "incident")
    assert found["impact_started"] == "2026-11-23T08:10:00.123+01:00"
    assert [one["type"] for one in found["timeline"]] == ["impact-started", "opened", "alert"]
    assert told["written"]["commit"] == console.store.head()
    assert console.store.log()[0] == f"Open incident {found['id'][-6:]}: QueueStuck (sev2)"
    assert console("check").code == 0
    assert console.store.is_clean()


def test_what_it_was_opened_for_stands_in_the_record(console, ingest):
    """What follows from the group alone; who said it, and how, is in the events."""
    told = ingest(alert(), groupLabels={"service": "receipt-scanner", "queue": "a", "alertname": "QueueStuck"})
    text = console.store.read(f"incidents/2026/{told['incident']['id']}/incident.yaml")
    assert text == (
        "title: QueueStuck (queue=a)\n"
        "services:\n  - receipt-scanner\n"
        "detected_by: monitoring\n"
        "alert:\n"
        f"  key: '{GROUP}'\n"
        "  labels:\n    alertname: QueueStuck\n    queue: a\n    service: receipt-scanner\n"
    )
    assert told["incident"]["timeline"][-1]["source"] == "http://alertmanager.example.org"
    assert "Alerts firing (1): QueueStuck - Receipts wait" in console("incident", "show", told["incident"]["id"]).out


def test_the_same_payload_changes_nothing_a_second_time(console, ingest):
    first = ingest(alert("a"), alert("b"))
    head = console.store.head()
    for _ in range(2):
        again = ingest(alert("b"), alert("a"))
        assert (again["did"], again["incident"]["id"], again["written"]) == ("nothing", first["incident"]["id"], None)
    assert console.store.head() == head


def test_another_alert_of_the_group_is_one_event_more(console, ingest):
    first = ingest(alert("a"))["incident"]["id"]
    second = ingest(alert("a"), alert("b", since="07:20"))
    assert (second["did"], second["incident"]["id"]) == ("noted", first)
    assert types(console, first) == ["impact-started", "opened", "alert", "alert"]
    last = second["incident"]["timeline"][-1]
    assert (last["firing"], last["text"]) == (
        2,
        "QueueStuck (queue=a) - Receipts wait; QueueStuck (queue=b) - Receipts wait",
    )
    fewer = ingest(alert("a", ended="07:16"), alert("b", since="07:20"))
    assert fewer["did"] == "noted"
    assert fewer["incident"]["timeline"][-1]["firing"] == 1


def test_resolved_alerts_resolve_the_incident_when_the_last_fell_silent(console, ingest):
    first = ingest(alert())["incident"]["id"]
    told = ingest(alert(ended="07:16"))
    assert (told["did"], told["incident"]["id"]) == ("resolved", first)
    assert types(console, first) == ["impact-started", "opened", "alert", "alert", "mitigated", "resolved"]
    assert told["incident"]["resolved"] == "2026-11-23T08:16:00+01:00"
    assert told["incident"]["phase"] == "post-mortem"
    assert ingest(alert(ended="07:16"))["did"] == "nothing"
    assert console("check").code == 0


def test_what_people_did_meanwhile_stays(console, ingest):
    first = ingest(alert())["incident"]["id"]
    console("incident", "ack", first)
    console("incident", "mitigate", first, "The other site", "--at", "08:18")
    told = ingest(alert(ended="07:18"))
    assert told["did"] == "resolved"
    assert types(console, first).count("mitigated") == 1
    assert told["incident"]["mitigated"].startswith("2026-11-23T08:18")


def test_it_is_over_with_the_mitigation_where_alerts_had_fallen_silent_before_somebody_wrote_that(console, ingest):
    first = ingest(alert())["incident"]["id"]
    console("incident", "ack", first)
    console("incident", "mitigate", first, "The other site", "--at", "08:18")
    told = ingest(alert(ended="07:16"))
    assert told["incident"]["resolved"] == told["incident"]["mitigated"] == "2026-11-23T08:18:00+01:00"
    assert console("check").code == 0


@pytest.mark.parametrize("is_told", [True, False])
def test_what_a_person_reopened_is_not_over_with_alerts_that_ended_before_that(console, ingest, is_told):
    first = ingest(alert())["incident"]["id"]
    if is_told:
        ingest(alert(ended="07:16"))
    else:
        console("incident", "resolve", first, "Rolled back", "--at", "08:17")
    console("incident", "reopen", first, "Users still see errors", "--at", "08:18")
    told = ingest(alert(ended="07:16"))
    assert (told["did"], told["incident"]["phase"]) == ("nothing" if is_told else "noted", "remediation")
    (remark,) = told["remarks"]
    assert remark.startswith(f"{first} was reopened at 2026-11-23T08:18:00+01:00, after its alerts had fallen silent")
    assert remark.endswith(f"svcops incident resolve {first[-6:]}, if it is over")
    ingest(alert(), alert("b"))
    told = ingest(alert(ended="07:16"), alert("b", ended="07:20"))
    assert (told["did"], told["incident"]["resolved"]) == ("resolved", "2026-11-23T08:20:00+01:00")
    assert console("check").code == 0


def test_an_end_that_is_to_come_or_before_it_was_declared_is_none(console, ingest):
    first = ingest(alert(), key="one")["incident"]["id"]
    ingest(alert(ended="23:00"), key="one")
    assert shown(console, first)["resolved"] < "2026-11-23T08:30"
    other = ingest(alert(), key="two")["incident"]["id"]
    ingest(alert(ended="01:00"), key="two")
    assert shown(console, other)["resolved"] == shown(console, other)["declared"]


def test_resolved_alerts_of_which_nobody_heard_open_nothing(console, ingest):
    told = ingest(alert(ended="07:16"))
    assert (told["did"], told["incident"]) == ("nothing", None)
    assert "before any incident was opened" in told["remarks"][0]
    assert everyone(console) == []


def test_alerts_that_begin_anew_open_another_incident(console, ingest):
    first = ingest(alert())["incident"]["id"]
    ingest(alert(ended="07:17"))
    second = ingest(alert(since="07:20"))
    assert second["did"] == "opened"
    assert second["incident"]["id"] != first
    assert shown(console, first)["phase"] == "post-mortem"


def test_an_alert_that_nobody_heard_of_opens_another_however_early_it_began(console, ingest):
    ingest(alert("a"))
    ingest(alert("a", ended="07:17"))
    late = ingest(alert("b", since="07:11"))
    assert late["did"] == "opened"
    assert len(everyone(console)) == 2


def test_alerts_that_go_on_after_a_person_resolved_it_open_nothing(console, ingest):
    first = ingest(alert("a"), alert("b"))["incident"]["id"]
    console("incident", "resolve", first, "It is only the probe")
    head = console.store.head()
    again = ingest(alert("a"), alert("b"))
    assert again["did"] == "nothing"
    assert console.store.head() == head
    told = ingest(alert("a"))
    assert (told["did"], told["incident"]["phase"]) == ("noted", "post-mortem")
    ended = f"{first[-6:]} was resolved while its alerts fired, and nothing is opened until they fall silent"
    for one in (again, told):
        assert one["remarks"] == [f"{ended}: svcops incident reopen {first[-6:]}, if it goes on"]
    assert ingest(alert("a", ended="07:20"))["did"] == "noted"
    assert shown(console, first)["phase"] == "post-mortem"
    assert ingest(alert("a", since="07:25"))["did"] == "opened"


def test_alerts_that_were_never_silent_after_all_reopen_the_incident(console, ingest):
    """Alertmanager resolves what Prometheus could not tell it of for a while, and then learns that it fires as before."""
    first = ingest(alert())["incident"]["id"]
    ingest(alert(ended="07:16"))
    told = ingest(alert())
    assert (told["did"], told["incident"]["id"], told["incident"]["phase"]) == ("reopened", first, "remediation")
    assert told["incident"]["resolved"] is None
    (reopened,) = (one for one in told["incident"]["timeline"] if one["type"] == "reopened")
    assert ingest(alert())["did"] == "nothing"
    assert ingest(alert(), alert("b"))["did"] == "noted"
    over = ingest(alert(ended="07:16"), alert("b", ended="07:16"))
    assert (over["did"], over["incident"]["resolved"]) == ("resolved", reopened["at"]), "they fired then"
    assert console("check").code == 0


def test_what_the_alerts_reopened_is_acknowledged(console, ingest):
    first = ingest(alert())["incident"]["id"]
    ingest(alert(ended="07:16"))
    ingest(alert())
    console("incident", "ack", first)
    assert shown(console, first)["acknowledged"]
    assert console("check").code == 0


def test_a_message_that_was_kept_reopens_nothing_later(console, ingest):
    """It cannot be told from one of alerts that fire on, but for the time: those are heard of again soon."""
    first = ingest(alert())["incident"]["id"]
    ingest(alert(ended="07:16"))
    console.now += timedelta(hours=1, minutes=1)
    told = ingest(alert())
    assert (told["did"], told["incident"]["id"], told["incident"]["phase"]) == ("noted", first, "post-mortem")
    assert "resolved more than an hour ago, and the same alerts are said to fire on" in told["remarks"][0]
    assert ingest(alert())["did"] == "nothing"
    assert ingest(alert(ended="07:16"))["did"] == "noted"
    again = ingest(alert())
    assert (again["did"], again["incident"]["phase"]) == ("noted", "post-mortem"), "its resolution is as old as before"
    assert ingest(alert(since="07:25"))["did"] == "opened"


def test_alerts_that_fire_on_within_the_hour_reopen(console, ingest):
    ingest(alert())
    ingest(alert(ended="07:16"))
    console.now += timedelta(minutes=58)
    assert ingest(alert())["did"] == "reopened"


def test_what_fires_on_is_told_though_nothing_is_to_be_said(console, ingest, tmp_path):
    ingest(alert())
    ingest(alert(ended="07:16"))
    console.now += timedelta(hours=2)
    (tmp_path / "old.json").write_text(json.dumps(payload(alert())))
    said = console("incident", "ingest", "--quiet", str(tmp_path / "old.json"))
    assert "svcops incident reopen, if that is so" in said.err


def test_a_cancelled_incident_is_not_opened_again_by_the_same_alerts(console, ingest):
    first = ingest(alert())["incident"]["id"]
    console("incident", "cancel", first, "A test of the alert")
    assert ingest(alert())["did"] == "nothing"
    ingest(alert(ended="07:17"))
    assert ingest(alert())["did"] == "noted"
    assert ingest(alert(since="07:20"))["did"] == "opened"


def test_alerts_of_a_merged_incident_open_nothing_while_the_other_goes_on(console, ingest):
    first = ingest(alert())["incident"]["id"]
    other = console(
        "incident", "open", "All is down", "--service", "ledger", "--severity", "sev1", "--detected-by", "user"
    ).id
    console("incident", "merge", first, "--into", other)
    told = ingest(alert("a"), alert("b", since="07:20"))
    assert (told["did"], told["incident"]["id"]) == ("noted", other)
    assert ingest(alert("a", ended="07:21"), alert("b", since="07:20", ended="07:21"))["did"] == "noted"
    assert shown(console, other)["phase"] == "incident"
    console("incident", "resolve", other)
    assert ingest(alert("a", since="07:23"))["did"] == "opened"


def merged(console, ingest, *options):
    """An incident of alerts, of sev3, that is merged into one of sev3 which a person declared."""
    first = ingest(alert(severity="warning"), options=options)["incident"]["id"]
    by_hand = ("--service", "ledger", "--severity", "sev3", "--detected-by", "user")
    other = console("incident", "open", "Receipts are late", *by_hand).id
    console("incident", "merge", first, "--into", other)
    return first, other


def test_an_alert_that_joins_after_the_merge_makes_what_goes_on_worse(console, ingest):
    options = ("--severity", "warning=sev3", "--severity", "critical=sev1")
    first, other = merged(console, ingest, *options)
    told = ingest(alert(severity="warning"), alert("b", since="07:20"), options=options)
    assert (told["did"], told["incident"]["id"], told["incident"]["severity"]) == ("noted", other, "sev1")
    assert "Alert QueueStuck joined the group" in told["remarks"][0]
    assert types(console, other)[-2:] == ["alert", "severity"]
    assert types(console, first)[-1] == "merged"
    assert shown(console, other)["timeline"][-2]["group"] == GROUP
    again = ingest(alert(severity="warning"), alert("b", since="07:20"), options=options)
    assert (again["did"], again["incident"]["id"]) == ("nothing", other)


def test_what_a_person_declared_goes_on_though_the_alerts_merged_into_it_fall_silent(console, ingest):
    _, other = merged(console, ingest)
    told = ingest(alert(severity="warning", ended="07:21"))
    assert told["did"] == "noted"
    assert f"svcops incident resolve {other[-6:]}, if that is over, too" in told["remarks"][0]
    assert (types(console, other)[-1], shown(console, other)["phase"]) == ("alert", "incident")


def test_two_groups_that_are_one_incident_end_it_when_both_are_silent(console, ingest):
    first = ingest(alert())["incident"]["id"]
    other = ingest(alert("c"), key="another")["incident"]["id"]
    console("incident", "merge", first, "--into", other)
    told = ingest(alert("c", ended="07:21"), key="another")
    assert (told["did"], shown(console, other)["phase"]) == ("noted", "incident")
    assert f"goes on, as alerts of {first} fire" in told["remarks"][0]
    told = ingest(alert(ended="07:22"))
    assert (told["did"], told["incident"]["id"], shown(console, other)["phase"]) == ("resolved", other, "post-mortem")


@pytest.mark.parametrize("seed", range(6))
def test_an_alert_that_came_back_ends_the_later_incident_into_which_the_earlier_was_merged(console, ingest, seed):
    """Whichever of the two ids, which are random, sorts first."""
    console._seed = 1000 * seed  # other ids
    first = ingest(alert())["incident"]["id"]
    ingest(alert(ended="07:17"))
    later = ingest(alert(since="07:20"))["incident"]["id"]
    console("incident", "merge", first, "--into", later)
    assert ingest(alert(since="07:20"))["did"] == "nothing"
    told = ingest(alert(since="07:20", ended="07:23"))
    assert (told["did"], told["incident"]["id"], told["remarks"]) == ("resolved", later, [])


def test_what_is_reopened_hears_of_its_alerts_itself(console, ingest):
    first, other = merged(console, ingest)
    console("incident", "reopen", first, "Not the same")
    told = ingest(alert(severity="warning"), alert("b", since="07:20"))
    assert (told["did"], told["incident"]["id"]) == ("noted", first)
    assert "alert" not in types(console, other)


def test_an_incident_opened_by_hand_is_no_concern_of_the_alerts(console, ingest):
    console("incident", "open", "By hand", "--service", "ledger", "--severity", "sev1", "--detected-by", "user")
    assert ingest(alert())["did"] == "opened"
    assert ingest(alert("c"), key="another")["did"] == "opened"
    assert len(everyone(console)) == 3


def test_doubt_about_the_severity_means_the_highest(ingest):
    unmapped = ingest(alert(), key="1")
    assert unmapped["incident"]["severity"] == "sev1"
    assert "severity=critical is not mapped, so it counts as sev1" in unmapped["remarks"][0]
    assert ingest(alert(severity="sev3"), key="2")["incident"]["severity"] == "sev3"
    both = ingest(alert("a", severity="sev4"), alert("b", severity="sev2"), key="3")
    assert both["incident"]["severity"] == "sev2"
    rest = ingest(alert(), key="4", options=("--severity", "*=sev3"))
    assert (rest["incident"]["severity"], rest["remarks"]) == ("sev3", [])
    without = alert()
    del without["labels"]["severity"]
    assert "no label severity" in ingest(without, key="5")["remarks"][0]


def test_an_alert_that_joins_raises_the_severity_and_never_lowers_it(console, ingest):
    options = ("--severity", "critical=sev1", "--severity", "warning=sev3")
    first = ingest(alert("a", severity="warning"), options=options)["incident"]["id"]
    worse = ingest(alert("a", severity="warning"), alert("b", since="07:15"), options=options)
    assert worse["incident"]["severity"] == "sev1"
    console("incident", "severity", first, "sev3", "--because", "Only the test users")
    same = ingest(alert("b", since="07:15"), options=options)
    assert (same["did"], same["incident"]["severity"]) == ("noted", "sev3")
    ingest(alert("b", since="07:15"), alert("c", since="07:16", severity="warning"), options=options)
    assert shown(console, first)["severity"] == "sev3"


def test_where_an_alert_that_joins_makes_it_worse_it_says_so_and_whom_to_call(console, ingest, tmp_path):
    options = ("--severity", "critical=sev1", "--severity", "warning=sev3")
    ingest(alert("a", severity="warning"), options=options)
    joined = alert("b", since="07:15", service="ledger")
    (tmp_path / "worse.json").write_text(json.dumps(payload(alert("a", severity="warning"), joined)))
    said = console("incident", "ingest", str(tmp_path / "worse.json"), *options).err
    assert "sev3 -> sev1: Alert QueueStuck joined the group. It is about ledger." in said
    assert "ledger answers: " in said
    assert "receipt-scanner answers: " in said
    again = console("incident", "ingest", str(tmp_path / "worse.json"), *options).err
    assert "answers" not in again


def test_services_come_from_the_label_and_stand_in_where_there_is_none(ingest):
    both = ingest(alert("a"), alert("b", service="Ledger"), key="1")
    assert both["incident"]["services"] == ["ledger", "receipt-scanner"]
    some = ingest(alert("a"), alert("b", service="mail"), key="2")
    assert some["incident"]["services"] == ["receipt-scanner"]
    assert "no service 'mail'" in some["remarks"][0]
    none = ingest(alert(service="mail"), key="3", options=("--service", "ledger"))
    assert none["incident"]["services"] == ["ledger"]
    other = ingest(alert(job="ledger"), key="4", options=("--service-label", "job"))
    assert other["incident"]["services"] == ["ledger"]


def test_the_services_are_those_of_the_group_or_of_the_alerts_that_began(ingest):
    """Whoever joins later is in one message and not in the other: it changes nothing that is set once."""
    group = {"alertname": "QueueStuck", "service": "ledger"}
    grouped = ingest(alert("a"), alert("b", service="ledger"), key="1", groupLabels=group)
    assert (grouped["incident"]["services"], grouped["incident"]["title"]) == (["ledger"], "QueueStuck")
    began = ingest(alert("b", since="07:12", service="ledger", slo="x"), alert("a"), key="2")["incident"]
    assert (began["services"], began["detected_by"]) == (["receipt-scanner"], "monitoring")
    none_lost = ingest(alert("a", service="mail"), alert("b", since="07:12", service="ledger"), key="3")
    assert none_lost["incident"]["services"] == ["ledger"]
    assert ingest(alert(), key="4", groupLabels={"slo": "x"})["incident"]["detected_by"] == "slo"


def test_a_service_that_nobody_knows_is_refused_with_what_to_do(console, ingest):
    said = ingest(alert(service="receipt-scaner"), code=2)
    assert "service=receipt-scaner is no service of the catalogue" in said.err
    assert "Did you mean receipt-scanner?" in said.err
    assert "--service NAME" in said.err
    without = alert()
    del without["labels"]["service"]
    assert "without a label 'service'" in ingest(without, code=2).err
    assert everyone(console) == []
    assert ingest(alert(), code=2, options=("--service", "nothing")).err.startswith("error: there is no service")


@pytest.mark.parametrize(
    ("option", "said"), [("critical", "no mapping"), ("=sev1", "no mapping"), ("critical=sev9", "no severity 'sev9'")]
)
def test_a_mapping_that_is_none_is_refused(ingest, option, said):
    assert said in ingest(alert(), code=2, options=("--severity", option)).err


@pytest.mark.parametrize("label", ["slo", "sloth_slo"])
def test_an_alert_on_an_error_budget_says_so(ingest, label):
    assert ingest(alert(**{label: "receipts-extracted"}))["incident"]["detected_by"] == "slo"


def test_alerts_that_the_message_left_out_are_told_of(ingest):
    told = ingest(alert(), truncatedAlerts=40)
    assert told["incident"]["timeline"][-1]["text"].endswith("and 40 that the message left out")
    many = ingest(*(alert(f"q{number}") for number in range(30)), key="many")
    assert many["incident"]["timeline"][-1]["text"].endswith("and 20 more")
    assert many["incident"]["timeline"][-1]["firing"] == 30


def test_alerts_with_nothing_in_common_can_be_read_again(console, ingest):
    nothing = {"groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}}
    other = {"since": "07:12", "alertname": "A"}
    first = ingest(alert("b", **other), alert("a"), **nothing)["incident"]["id"]
    for _ in range(2):
        assert shown(console, first)["title"] == "QueueStuck"
    nameless = {**alert(), "labels": {"alertname": "\n", "service": "ledger"}, "annotations": {}}
    told = ingest(nameless, key="2", **nothing)
    assert told["incident"]["title"] == "an alert without a name"


def test_a_start_that_is_to_come_is_the_declaration(ingest):
    found = ingest(alert(since="22:00"))["incident"]
    assert found["impact_started"] == found["declared"]


@pytest.mark.parametrize("since", ["9999-12-31T23:59:59Z", "2026-11-24T08:00:00Z"])
@pytest.mark.parametrize("status", ["firing", "resolved"])
def test_a_start_that_is_more_than_a_day_to_come_is_no_payload(console, ingest, since, status):
    wrong = {**alert("b", ended="07:20" if status == "resolved" else None), "startsAt": since}
    said = ingest(alert(ended="07:20" if status == "resolved" else None), wrong, code=2)
    assert "alerts[1].startsAt is more than a day from now" in said.err
    assert everyone(console) == []


def test_an_end_at_the_end_of_time_is_none(console, ingest):
    ingest(alert())
    over = ingest({**alert(ended="07:20"), "endsAt": "9999-12-31T23:59:59Z"})
    assert over["did"] == "resolved"


@pytest.mark.parametrize("group", [{"alertname": "QueueStuck"}, {}, {"service": "receipt-scanner"}])
def test_clones_that_listen_to_two_replicas_merge_without_a_conflict(console, ingest, new_console, tmp_path, group):
    """One says it by another address, in other words, and one alert more has joined by then."""
    console.store.git("clone", "--quiet", str(console.store.path), str(tmp_path / "clone"))
    other = new_console(type(console.store)(tmp_path / "clone", console.store.env))
    other._seed = 1000
    first = ingest(alert("a"), groupLabels=group)["incident"]["id"]
    joined = alert("b", since="07:12", service="ledger", slo="x", severity="warning", alertname="Another")
    told = payload(
        joined,
        {**alert("a"), "annotations": {"summary": "Many receipts wait"}},
        groupLabels=group,
        externalURL="http://replica-2.example.org",
        commonAnnotations={},
    )
    (tmp_path / "other.json").write_text(json.dumps(told))
    assert other("incident", "ingest", str(tmp_path / "other.json"), "--json").json["incident"]["id"] == first
    path = f"incidents/2026/{first}/incident.yaml"
    assert console.store.read(path) == other.store.read(path)
    console.store.git("pull", "--quiet", "--no-rebase", "--no-edit", str(tmp_path / "clone"), "main")
    assert everyone(console) == [first]
    assert console.store.is_clean()


def test_two_clones_give_one_record(console, ingest, new_console, tmp_path):
    """And merging them, by plain git, leaves one incident that can go through its cycle."""
    console.store.git("clone", "--quiet", str(console.store.path), str(tmp_path / "clone"))
    first = ingest(alert())["incident"]["id"]
    other = new_console(type(console.store)(tmp_path / "clone", console.store.env))
    other._seed = 1000
    second = other("incident", "ingest", str(tmp_path / "payload.json"), "--json").json["incident"]["id"]
    assert second == first
    path = f"incidents/2026/{first}/incident.yaml"
    assert console.store.read(path) == other.store.read(path)
    console.store.git("pull", "--quiet", "--no-rebase", "--no-edit", str(tmp_path / "clone"), "main")
    assert everyone(console) == [first]
    findings = console("check", "--json", code=None).json["findings"]
    assert {(one["code"], one["severity"]) for one in findings} == {("INC005", "warning")}  # declared twice: visible
    assert ingest(alert())["did"] == "nothing"
    assert ingest(alert(ended="07:16"))["did"] == "resolved"


def test_of_two_clones_that_judge_one_alert_differently_the_higher_severity_counts(
    console, ingest, new_console, tmp_path
):
    console.store.git("clone", "--quiet", str(console.store.path), str(tmp_path / "clone"))
    first = ingest(alert(), options=("--severity", "critical=sev4"))["incident"]["id"]
    other = new_console(type(console.store)(tmp_path / "clone", console.store.env))
    other._seed = 1000
    other.now = console.now + timedelta(seconds=30)
    other("incident", "ingest", str(tmp_path / "payload.json"), "--severity", "critical=sev1")
    console.store.git("pull", "--quiet", "--no-rebase", "--no-edit", str(tmp_path / "clone"), "main")
    shown = console("incident", "show", first, "--json").json["incident"]
    assert (shown["severity"], shown["major"]) == ("sev1", True)
    assert "opened already; of both severities the higher counts" in console("incident", "show", first).out
    (said,) = console("check", "--json", code=None).json["findings"]
    assert (
        "opened a second time: the move recorded first counts, of this one a higher severity alone" in said["message"]
    )


def test_alerts_that_began_at_once_in_two_incidents_have_two_ids(console, ingest):
    first = ingest(alert("a"))["incident"]["id"]
    ingest(alert("a", ended="07:17"))
    second = ingest(alert("b"))["incident"]["id"]
    assert second != first


def test_a_payload_may_come_from_a_pipe(console):
    for words in ((), ("-",)):
        done = subprocess.run(
            [sys.executable, "-m", "svcops", "incident", "ingest", "--quiet", *words],
            cwd=console.store.root,
            env={**os.environ, **console.store.env},
            input=json.dumps(payload(alert())),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout.strip(), done.stderr) == (0, everyone(console)[0], "")


@pytest.mark.parametrize("data", [b"\xff\xfe{}", b'{"version": "caf\xe9"}'])
def test_what_is_no_utf_8_is_one_error_with_its_place_from_a_pipe_too(console, tmp_path, data):
    (tmp_path / "payload.json").write_bytes(data)
    said = [
        subprocess.run(
            [sys.executable, "-m", "svcops", "incident", "ingest", word],
            cwd=console.store.root,
            env={**os.environ, **console.store.env},
            input=data,
            capture_output=True,
            check=False,
        )
        for word in ("-", str(tmp_path / "payload.json"))
    ]
    assert [one.returncode for one in said] == [2, 2]
    assert said[0].stderr == said[1].stderr
    assert b"char 0" in said[0].stderr or b"position 16" in said[0].stderr
    assert b"Traceback" not in said[0].stderr


def test_opening_says_whom_to_call_and_what_was_written(console, tmp_path):
    (tmp_path / "payload.json").write_text(json.dumps(payload(alert())))
    said = console("incident", "ingest", str(tmp_path / "payload.json"))
    assert "receipt-scanner answers: platform (chat #platform)" in said.err
    assert "commit " in said.err
    assert said.out == said.id + "\n"


def test_opening_tells_known_errors_and_what_was_like_it(console, ingest, tmp_path):
    problem = console("problem", "open", "The queue fills up", "--service", "receipt-scanner").id
    console("problem", "workaround", problem, "Empty the queue by hand")
    console("problem", "known-error", problem)
    first = ingest(alert())["incident"]["id"]
    console("incident", "resolve", first, "Rolled back to 4.2.0")
    (tmp_path / "p.json").write_text(json.dumps(payload(alert(since="07:20"))))
    said = console("incident", "ingest", str(tmp_path / "p.json")).err
    assert f"known error {problem[-6:]}: The queue fills up; workaround: Empty the queue by hand" in said
    assert f"similar: {first[-6:]}" in said
    assert "same alert: QueueStuck" in said
    assert "  what worked: Rolled back to 4.2.0" in said
    third = ingest(alert(since="07:25"), key="another")
    assert first in [one["id"] for one in third["similar"]]


def test_what_people_wrote_worked_though_the_alerts_told_the_end(console, ingest):
    first = ingest(alert())["incident"]["id"]
    ingest(alert(ended="07:16"))
    (silent,) = ingest(alert(since="07:17"))["similar"]
    assert (silent["id"], silent["worked"]) == (first, None)
    second = everyone(console)[0]
    console("incident", "mitigate", second, "Rolled back to 4.2.0", "--at", "08:18")
    ingest(alert(ended="07:19"))
    told = {one["id"]: one["worked"] for one in ingest(alert(since="07:20"))["similar"]}
    assert told == {first: None, second: "Rolled back to 4.2.0"}


def test_what_is_no_payload_is_refused(console, tmp_path):
    (tmp_path / "x.json").write_text("{}")
    assert "its version is null" in console("incident", "ingest", str(tmp_path / "x.json"), code=2).err
    assert "No such file" in console("incident", "ingest", str(tmp_path / "y.json"), code=2).err
    (tmp_path / "x.json").write_bytes(b"\xff")
    assert "not JSON" in console("incident", "ingest", str(tmp_path / "x.json"), code=2).err


def test_a_hook_that_refuses_is_not_taken_for_done_by_the_retry(console, ingest):
    console.store.hook("pre-commit", "exit 1")
    assert "not committed" in ingest(alert(), code=3).err
    again = ingest(alert(), code=3)
    assert "is written, and not committed" in again.err
    assert "git add" in again.err


def test_what_a_hook_refused_is_committed_before_the_incident_is_resolved(console, ingest):
    console.store.hook("pre-commit", "exit 1")
    ingest(alert(), code=3)
    console.store.hook("pre-commit", "exit 0")
    assert "is written, and not committed" in ingest(alert(ended="07:20"), code=3).err
    console.store.commit("By hand", "incidents")
    assert ingest(alert(ended="07:20"))["did"] == "resolved"


@pytest.mark.parametrize("words", [("log", "Looked at the queue"), ("ack",), ("resolve", "Restarted")], ids=" ".join)
def test_no_step_is_committed_while_the_incident_itself_waits(console, words):
    console.store.hook("pre-commit", "exit 1")
    console(*OPEN, code=3)
    (found,) = (path.name for path in (console.store.root / "incidents/2026").iterdir())
    console.store.hook("pre-commit", "exit 0")
    verb, *text = words
    said = console("incident", verb, found, *text, code=3).err
    assert f"error: incidents/2026/{found}/incident.yaml is written, and not committed\n" in said
    assert f"git add -- incidents/2026/{found} && git commit -- incidents/2026/{found}" in said
    console("incident", verb, found, *text, "--no-commit")
    console.store.commit("By hand", "incidents")
    assert console("incident", "log", found, "It goes on").code == 0


def test_a_damaged_event_is_no_reason_to_lose_an_alert_and_none_to_resolve(console, ingest):
    first = ingest(alert("a"))["incident"]["id"]
    console.store.write(f"incidents/2026/{first}/timeline/20261123t080000000z-log-aaaaaa.yaml", "type: log\n")
    console.store.commit("Damage")
    assert ingest(alert("a"), alert("b"))["did"] == "noted"
    told = ingest(alert("a", ended="07:20"), alert("b", ended="07:20"))
    assert (told["did"], told["incident"]["phase"]) == ("noted", "incident")
    assert "is not resolved" in told["remarks"][0]


def test_a_damaged_record_elsewhere_keeps_no_alert_away(console, ingest):
    first = ingest(alert("a"), key="other")["incident"]["id"]
    console.store.write(f"incidents/2026/{first}/incident.yaml", "title: [\n")
    console.store.commit("Damage")
    assert ingest(alert("a"))["did"] == "opened"
    said = ingest(alert("a"), key="other", code=3)
    assert f"{first} stands for these alerts, and is damaged" in said.err


def test_a_writer_that_comes_between_is_noticed(console, ingest, monkeypatch, tmp_path):
    """What another call wrote between reading and writing is read, and nothing is opened twice."""
    real = svcops.store.opening.Store.apply
    others = []

    def slow(store, change, *, commit):
        if not others:
            others.append(True)
            other = payload(alert("z", since="07:05"))
            (tmp_path / "other.json").write_text(json.dumps(other))
            others.append(console("incident", "ingest", str(tmp_path / "other.json")).id)
        return real(store, change, commit=commit)

    monkeypatch.setattr(svcops.store.opening.Store, "apply", slow)
    told = ingest(alert("a"))
    assert (told["did"], told["incident"]["id"]) == ("noted", others[1])
    assert everyone(console) == [others[1]]


def test_what_somebody_else_noted_meanwhile_is_not_noted_again(console, ingest, monkeypatch, tmp_path):
    first = ingest(alert("a"))["incident"]["id"]
    real = svcops.store.opening.Store.apply
    others = []

    def slow(store, change, *, commit):
        if not others:
            others.append(True)
            console("incident", "ingest", str(tmp_path / "payload.json"))
        return real(store, change, commit=commit)

    monkeypatch.setattr(svcops.store.opening.Store, "apply", slow)
    assert ingest(alert("a"), alert("b"))["did"] == "nothing"
    assert types(console, first) == ["impact-started", "opened", "alert", "alert"]


def test_a_store_that_never_rests_is_told(console, ingest, monkeypatch):
    def moved(store, change, *, commit):
        raise Moved("incidents")

    monkeypatch.setattr(svcops.store.opening.Store, "apply", moved)
    assert "keep writing to the same incident" in ingest(alert(), code=3).err


def test_a_record_that_is_just_being_written_is_waited_for(console, tmp_path, ingest):
    """Its folder is there and its file is not, when the second call looks: it must not open another."""
    before = console.store.head()
    told = ingest(alert("a", since="07:10"))
    folder = console.store.root / f"incidents/2026/{told['incident']['id']}"
    files = {one: one.read_bytes() for one in folder.rglob("*.yaml")}
    console.store.git("reset", "--hard", "--quiet", before)
    (tmp_path / "b.json").write_text(json.dumps(payload(alert("b", since="07:05"))))
    command = [sys.executable, "-m", "svcops", "incident", "ingest", str(tmp_path / "b.json"), "--json"]
    with store_lock(console.store.git_dir / "svcops", print):
        (folder / "timeline").mkdir(parents=True)
        env = {**os.environ, **console.store.env}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        second = subprocess.Popen(command, cwd=console.store.root, env=env, text=True, **pipes)
        assert second.stderr
        assert "is writing; waiting" in second.stderr.readline()
        for path, data in files.items():
            path.write_bytes(data)
        console.store.commit()
    said, wrong = second.communicate(timeout=60)
    assert (second.returncode, wrong) == (0, "")
    assert json.loads(said)["did"] == "noted"
    assert everyone(console) == [told["incident"]["id"]]


def test_several_at_once_open_one_incident(console, tmp_path):
    """Whole processes: half of them with one alert of the group, half with another that began earlier."""
    for name, started in (("a", "07:10"), ("b", "07:05")):
        (tmp_path / f"{name}.json").write_text(json.dumps(payload(alert(name, since=started))))
    env = {**os.environ, **console.store.env}
    command = [sys.executable, "-m", "svcops", "incident", "ingest", "--quiet"]
    started = [
        subprocess.Popen(
            [*command, str(tmp_path / f"{'ab'[number % 2]}.json")],
            cwd=console.store.root,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(6)
    ]
    said = [one.communicate(timeout=120) for one in started]
    assert [(one.returncode, err) for one, (_, err) in zip(started, said, strict=True)] == [(0, "")] * 6
    found = everyone(console)
    assert {out.strip() for out, _ in said} == set(found)
    assert len(found) == 1
    assert console.store.is_clean()
    console.store.fsck()


ALERTS = st.dictionaries(st.sampled_from("abc"), st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=3)


@tries(15)
@given(st.lists(ALERTS, min_size=1, max_size=6))
def test_whatever_comes_at_most_one_incident_of_a_group_goes_on(new_store, new_console, tmp_path, messages):
    """And what was said twice is no news."""
    number = len(list(tmp_path.iterdir()))
    store = new_store(f"repository-{number}")
    store.write("catalogue/services/receipt-scanner.yaml", "title: Receipts\nowner: platform\ntier: 1\n")
    store.write("catalogue/teams/platform.yaml", "title: Platform\nmembers: []\n")
    store.commit()
    console = new_console(store)
    file = tmp_path / f"payload-{number}.json"
    for message in messages:
        alerts = [
            alert(queue, since=f"07:0{since}", ended=None if fires else "07:09")
            for queue, (since, fires) in message.items()
        ]
        file.write_text(json.dumps(payload(*alerts)))
        console("incident", "ingest", str(file))
        head = store.head()
        again = console("incident", "ingest", str(file), "--json").json
        assert (again["did"], store.head()) == ("nothing", head)
        listed = console("incident", "list", "--json").json["incidents"]
        going_on = [one for one in listed if one["phase"] in ("incident", "remediation")]
        assert len(going_on) == (1 if any(fires for _, fires in message.values()) else 0)
    assert console("check", code=None).code == 0


def test_it_is_quick_in_a_store_of_many(console, ingest):
    """Only the incidents of the group are folded; those of others are listed."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(300):
        at = (start + timedelta(hours=number)).isoformat()
        folder = f"incidents/2026/incident-{start + timedelta(hours=number):%Y%m%d}-{number:06d}"
        console.store.write(f"{folder}/incident.yaml", "title: T\nservices: [ledger]\ndetected_by: user\n")
        console.store.write(
            f"{folder}/timeline/1-opened.yaml", f"type: opened\nat: {at}\nrecorded_at: {at}\nby: ada\nseverity: sev4\n"
        )
    console.store.commit("Many")
    assert ingest(alert())["did"] == "opened"
    assert len(everyone(console)) == 301
