"""svcops escalate: whom to call, how, until when, and who is next."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

RECORDS = {
    "svcops.yaml": "organisation: Example\ntime_zone: Europe/Berlin\nescalation: everybody\n",
    "catalogue/services/ledger.yaml": "title: Ledger\nowner: finance\n",
    "catalogue/services/identity.yaml": "title: Identity\nowner: platform\n",
    "catalogue/services/bank.yaml": "title: Bank\nowner: finance\nexternal: true\nescalation: office\n",
    "catalogue/services/wiki.yaml": "title: Wiki\nowner: ada\n",
    "catalogue/teams/company.yaml": "title: Company\nparent: finance\nescalation: day-and-night\ncontacts: [{channel: telephone, address: '+49 100'}]\n",
    "catalogue/teams/finance.yaml": "title: Finance\nparent: company\nmembers: [noor, kim]\n",
    "catalogue/teams/platform.yaml": "title: Platform\nmembers: [ada]\ncontacts: [{channel: chat, address: '#platform'}]\n",
    "catalogue/people/ada.yaml": "name: Ada Example\nemails: [ada@example.org]\ncontacts: [{channel: chat, address: '@ada'}, {channel: telephone, address: '+49 1'}]\ndeputies: [noor, gone]\n",
    "catalogue/people/noor.yaml": "name: Noor Voorbeeld\ncontacts: [{channel: telephone, address: '+49 2'}]\n",
    "catalogue/people/kim.yaml": "name: Kim Beispiel\nemails: [kim@example.org]\n",
    "catalogue/schedules/finance.yaml": """\
title: Finance
team: company
rotations:
  - {people: [noor, kim], starts: 2026-11-02, until: 2026-12-14, hours: [{days: [mon-fri], from: "08:00", until: "18:00"}]}
  - {people: [noor], starts: 2026-11-02, until: 2026-12-21}
""",
    "catalogue/schedules/platform.yaml": "title: Platform\nrotations: [{people: [ada], starts: 2026-11-02}]\n",
    "catalogue/escalations/day-and-night.yaml": """\
title: By day and by night
levels:
  - {notify: [{schedule: finance, by: [telephone, mail]}], during: support-hours}
  - {notify: [{schedule: platform, by: [telephone]}], during: outside-hours}
  - {notify: [{person: ada, by: [telephone]}, {team: company}], after: 30m, severities: [sev1, sev2]}
""",
    "catalogue/escalations/everybody.yaml": "title: Everybody's\nlevels: [{notify: [{person: ada}]}]\n",
    "catalogue/escalations/office.yaml": """\
title: At the office
support_hours: {open: [{days: [mon-fri], from: "08:00", until: "18:00"}]}
levels:
  - {notify: [{person: kim}], during: support-hours}
""",
    "catalogue/agreements/ledger.yaml": """\
title: Ledger
services: [ledger]
support_hours: {open: [{days: [mon-fri], from: "08:00", until: "18:00"}], holidays: DE}
response:
  - {severity: sev1, respond: 15m, resolve: 4h}
  - {severity: sev2, respond: 1h, clock: always}
agreed: {with: The board, at: 2026-01-01, document: contract.pdf}
""",
}


@pytest.fixture
def escalate(console, new_store):
    """svcops escalate on a store with two teams that are each other's parents, two schedules and three policies."""
    store = new_store("escalation")
    for path, text in RECORDS.items():
        store.write(path, text)
    store.commit("The catalogue")
    svcops = type(console)(store)

    def call(*arguments, code=0):
        return svcops("escalate", *arguments, code=code)

    call.store = store
    call.svcops = svcops
    return call


def plan_of(escalate, *arguments, code=0):
    said = escalate(*arguments, "--json", code=code).json
    assert said["schema"] == "svcops.escalation/1"
    return said["escalation"]


def levels_of(escalate, *arguments):
    """Who is called at which time of UTC: `07:15 noor`."""
    levels = plan_of(escalate, *arguments)["levels"]
    return [f"{level['at'][5:16]} {call['to'] and call['to']['name']}" for level in levels for call in level["calls"]]


def test_the_first_line_says_whom_to_call_and_how(escalate):
    assert (
        escalate("ledger", "--at", "2026-11-23T10:00").out
        == """\
Call Kim Beispiel: mail kim@example.org

At Mon 2026-11-23 10:00
  Kim Beispiel (kim), on call in finance until Mon 2026-11-23 18:00 (8 h)
    mail  kim@example.org
    ! kim has no telephone

No answer by Mon 2026-11-23 10:30, after 30 min
  Ada Example (ada)
    telephone  +49 1
    or Noor Voorbeeld (noor): telephone +49 2
  Company (company)
    telephone  +49 100

ledger  Ledger
  severity  sev1  A core workflow does not work
  declared  Mon 2026-11-23 10:00, in 1 h 44 min
  policy    day-and-night (By day and by night), named by team company
  hours     in the support hours of agreement ledger
  respond   by Mon 2026-11-23 10:15, 15 min of support hours (agreement ledger)
  resolve   by Mon 2026-11-23 14:00, 4 h of support hours (agreement ledger)
  times     Europe/Berlin
"""
    )


@pytest.mark.parametrize(
    ("at", "called"),
    [
        ("2026-11-23T10:00", "kim"),
        ("2026-11-27T17:59", "kim"),
        ("2026-11-27T18:00", "ada"),
        ("2026-11-22T12:00", "ada"),
        ("2026-12-25T12:00", "ada"),
    ],
)
def test_support_hours_are_those_of_the_agreement_and_know_holidays(escalate, at, called):
    assert levels_of(escalate, "ledger", "--severity", "sev3", "--at", at) == [
        f"{at[5:10]}T{int(at[11:13]) - 1:02}:{at[14:16]} {called}"
    ]


def test_the_hours_of_a_level_are_judged_when_it_is_reached(escalate):
    escalate.store.write(
        "catalogue/escalations/day-and-night.yaml",
        "title: D\nlevels:\n  - {notify: [{person: kim}], during: support-hours}\n"
        "  - {notify: [{person: ada}], after: 30m, during: outside-hours}\n"
        "  - {notify: [{person: noor}], after: 30m, during: support-hours}\n",
    )
    assert levels_of(escalate, "ledger", "--at", "2026-11-23T17:20") == ["11-23T16:20 kim", "11-23T16:50 noor"]
    assert levels_of(escalate, "ledger", "--at", "2026-11-23T17:40") == ["11-23T16:40 kim", "11-23T17:10 ada"]
    said = escalate("ledger", "--at", "2026-11-23T07:40").out
    assert said.startswith(
        "Call Noor Voorbeeld: telephone +49 2\n"
        "! the policy day-and-night calls nobody before Mon 2026-11-23 08:10\n\n"
        "No answer by Mon 2026-11-23 08:10, after 30 min\n"
    )


@pytest.mark.parametrize(
    ("hour", "utc"), [("01:45+02:00", "00:15"), ("02:45+02:00", "01:15"), ("02:45+01:00", "02:15")]
)
def test_times_are_right_in_the_hour_that_comes_twice(escalate, hour, utc):
    levels = plan_of(escalate, "ledger", "--at", f"2026-10-25T{hour}")["levels"]
    assert levels[-1]["at"] == f"2026-10-25T{utc}:00Z"


def test_the_hour_that_comes_twice_is_shown_with_its_offset(escalate):
    assert "No answer by Sun 2026-10-25 02:15 +0100" in escalate("ledger", "--at", "2026-10-25T02:45+02:00").out


@pytest.mark.parametrize(
    ("service", "policy", "named_by"),
    [
        ("bank", "office", "the service"),
        ("ledger", "day-and-night", "team company"),
        ("identity", "everybody", "the store"),
        ("wiki", "everybody", "the store"),
    ],
)
def test_the_nearest_policy_counts(escalate, service, policy, named_by):
    found = plan_of(escalate, service, "--at", "2026-11-23T10:00")
    assert (found["policy"]["name"], found["policy"]["named_by"]) == (policy, named_by)


def test_a_policy_that_is_not_there_is_passed_over_and_said(escalate):
    escalate.store.write("catalogue/services/ledger.yaml", "title: Ledger\nowner: finance\nescalation: typo\n")
    found = plan_of(escalate, "ledger")
    assert found["policy"]["name"] == "day-and-night"
    assert found["notes"] == ["the escalation policy typo, named by the service, is not in the catalogue"]


def test_a_damaged_policy_is_not_told_to_be_none(escalate):
    escalate.store.write("svcops.yaml", "organisation: Example\n")
    escalate.store.write("catalogue/teams/platform.yaml", "title: Platform\nescalation: everybody\n")
    escalate.store.write("catalogue/escalations/everybody.yaml", "title: Everybody's\nlevels: [\n")
    assert plan_of(escalate, "identity", code=2)["notes"] == [
        "the escalation policy everybody, named by team platform, is damaged: catalogue/escalations/everybody.yaml",
        "no other escalation policy: neither the service, nor its teams, nor the store name another",
    ]


def test_a_damaged_team_may_name_a_policy(escalate):
    escalate.store.write("svcops.yaml", "organisation: Example\n")
    escalate.store.write("catalogue/teams/platform.yaml", "title: [\n")
    assert plan_of(escalate, "identity", code=2)["notes"] == [
        "no escalation policy is known: the team platform is damaged, and may name one"
    ]


def test_a_policy_that_stands_in_for_that_of_a_damaged_team_is_said_to(escalate):
    escalate.store.write("svcops.yaml", "organisation: Example\nescalation: day-and-night\n")
    escalate.store.write("catalogue/teams/platform.yaml", "title: [\n")
    found = plan_of(escalate, "identity", code=2)
    assert found["policy"]["name"] == "day-and-night"
    assert "the team platform is damaged, and may name another escalation policy" in found["notes"]


def test_a_policy_that_stands_in_for_that_of_a_misspelt_owner_is_said_to(escalate):
    escalate.store.write("catalogue/services/ledger.yaml", "title: Ledger\nowner: finanec\n")
    found = plan_of(escalate, "ledger")
    assert found["policy"]["name"] == "everybody"
    note = "the owner finanec is not in the catalogue, and the one that is meant may name another escalation policy"
    assert found["notes"] == [note]
    assert f"\n! {note}\n" in escalate("ledger").out
    assert f"\n  ! {note}\n" in escalate.svcops("service", "show", "ledger").out


def test_a_policy_that_stands_in_for_that_of_a_misspelt_parent_is_said_to(escalate):
    escalate.store.write("catalogue/teams/finance.yaml", "title: Finance\nparent: compnay\nmembers: [noor, kim]\n")
    found = plan_of(escalate, "ledger")
    assert found["policy"]["name"] == "everybody"
    which = "the team compnay, the parent of finance,"
    note = f"{which} is not in the catalogue, and the one that is meant may name another escalation policy"
    assert found["notes"] == [note]
    assert [call["notes"] for call in found["owners"]][1] == ["the team compnay is not in the catalogue"]


def test_a_misspelt_owner_does_not_matter_where_the_service_names_its_policy(escalate):
    escalate.store.write("catalogue/services/bank.yaml", "title: Bank\nowner: finanec\nescalation: office\n")
    assert plan_of(escalate, "bank", "--at", "2026-11-23T10:00")["notes"] == []


def test_a_damaged_person_who_owns_names_no_policy(escalate):
    escalate.store.write("catalogue/people/ada.yaml", "name: [\n")
    assert not [one for one in plan_of(escalate, "wiki", code=2)["notes"] if "another escalation policy" in one]


def test_where_the_owner_is_misspelt_no_policy_is_known(escalate):
    escalate.store.write("svcops.yaml", "organisation: Example\n")
    escalate.store.write("catalogue/services/ledger.yaml", "title: Ledger\nowner: finanec\n")
    assert plan_of(escalate, "ledger", code=4)["notes"] == [
        "no escalation policy is known: the owner finanec is not in the catalogue, and the one that is meant may name one"
    ]


def test_an_external_service_is_called_for_by_its_owner(escalate):
    said = escalate("bank", "--at", "2026-11-23T10:00").out
    assert said.startswith("Call Kim Beispiel: mail kim@example.org\n")
    assert "bank  Bank  (run by somebody else: finance talks to them)" in said


def test_where_the_policy_calls_nobody_the_owners_are_named(escalate):
    said = escalate("bank", "--at", "2026-11-22T10:00").out
    assert said.startswith(
        "Call Noor Voorbeeld: telephone +49 2\n"
        "! the policy office calls nobody at sev1 at this hour\n\n"
        "Who answers for it\n"
    )
    assert "! finance has no contact" in said
    assert "  Company (company)\n    telephone  +49 100\n" in said
    assert "outside the support hours of policy office" in said


def test_without_any_policy_the_owners_are_named(escalate):
    escalate.store.write("svcops.yaml", "organisation: Example\n")
    said = escalate("identity").out
    assert said.startswith("Call Platform: chat #platform\n")
    assert "policy    none" in said
    assert "! no escalation policy: neither the service, nor its teams, nor the store name one" in said


def test_a_gap_names_the_team_of_the_schedule_and_who_is_next(escalate):
    said = escalate("ledger", "--at", "2026-12-22T10:00").out
    assert said.startswith("Call Company: telephone +49 100\n")
    assert "! nobody is on call in finance at Tue 2026-12-22 10:00\n" in said
    said = escalate("ledger", "--at", "2026-10-27T10:00").out
    assert "nobody is on call in finance at Tue 2026-10-27 10:00; the next is noor from Mon 2026-11-02 09:00" in said


def test_somebody_on_call_who_cannot_be_reached_leads_to_the_team_of_the_schedule(escalate):
    escalate.store.write("catalogue/people/kim.yaml", "name: Kim Beispiel\n")
    said = escalate("ledger", "--at", "2026-11-23T10:00").out
    assert said.startswith("Call Company: telephone +49 100\n")
    assert (
        "  Kim Beispiel (kim), on call in finance until Mon 2026-11-23 18:00 (8 h)\n    ! kim has no contact\n" in said
    )


def test_somebody_whom_nobody_knows_is_no_dead_end(escalate):
    escalate.store.write(
        "catalogue/escalations/everybody.yaml",
        "title: E\nlevels:\n  - notify: [{person: typo}, {schedule: typo}, {team: typo}, {}]\n  - {notify: [{}], after: 5m}\n",
    )
    said = escalate("identity").out
    assert said.startswith("Call Platform: chat #platform\n")
    for note in (
        "! typo is not in the catalogue",
        "! the schedule typo is not in the catalogue",
        "! the team typo is not in the catalogue",
        "! level 2 names nobody",
    ):
        assert note in said


def test_nobody_at_all_is_exit_code_4(escalate):
    escalate.store.write("svcops.yaml", "organisation: Example\n")
    escalate.store.write("catalogue/teams/platform.yaml", "title: Platform\n")
    said = escalate("identity", code=4)
    assert said.out.startswith("Nobody can be reached for identity: ")
    assert plan_of(escalate, "identity", code=4)["call_first"] is None


def test_deadlines_count_the_hours_of_the_agreement(escalate):
    def deadlines(*arguments):
        found = plan_of(escalate, "ledger", *arguments)["deadlines"]
        return [(one["what"], one["seconds"], one["ends"]) for one in found]

    assert deadlines("--at", "2026-12-24T17:50") == [
        ("respond", 900.0, "2026-12-28T07:05:00Z"),
        ("resolve", 14400.0, "2026-12-28T10:50:00Z"),
    ]
    assert deadlines("--severity", "sev2", "--at", "2026-12-24T17:50") == [("respond", 3600.0, "2026-12-24T17:50:00Z")]
    assert deadlines("--severity", "sev4") == []
    assert deadlines("--at", "2025-12-31T12:00") == []


def test_deadlines_are_told_in_the_order_in_which_they_run_out(escalate):
    agreement = RECORDS["catalogue/agreements/ledger.yaml"]
    late = agreement.replace("15m, resolve: 4h", "30m, resolve: 2h")
    for name, text in (("audit", late), ("board", agreement)):
        escalate.store.write(f"catalogue/agreements/{name}.yaml", text)
    found = plan_of(escalate, "ledger", "--at", "2026-11-23T10:00")["deadlines"]
    assert [(one["agreement"], one["what"], one["seconds"] / 60) for one in found] == [
        ("board", "respond", 15),
        ("ledger", "respond", 15),
        ("audit", "respond", 30),
        ("audit", "resolve", 120),
        ("board", "resolve", 240),
        ("ledger", "resolve", 240),
    ]


AGREEMENT = "catalogue/agreements/ledger.yaml"
NIGHT = ("ledger", "--severity", "sev3", "--at", "2026-11-22T03:00")
BOTH = "levels for the support hours and for other hours both count"


def test_hours_that_cannot_be_told_call_levels_of_both_kinds(escalate):
    escalate.store.write(AGREEMENT, RECORDS[AGREEMENT].replace("holidays: DE", "time_zone: Mars/Phobos"))
    assert levels_of(escalate, *NIGHT) == ["11-22T02:00 noor", "11-22T02:00 ada"]
    found = plan_of(escalate, *NIGHT)
    assert found["support_hours"] == {"of": "agreement ledger", "open": None}
    said = "the support hours of agreement ledger cannot be told, as Mars/Phobos is not a known time zone"
    assert found["notes"] == [f"{said}: {BOTH}"]
    page = escalate(*NIGHT).out
    assert page.splitlines()[1] == f"! {said}: {BOTH}"
    assert "At Sun 2026-11-22 03:00, if in the support hours\n" in page
    assert "At Sun 2026-11-22 03:00, if outside the support hours\n" in page


def test_hours_that_can_be_told_of_one_of_two_agreements_are_certain_only_when_they_are_on(escalate):
    strange = RECORDS[AGREEMENT].replace("holidays: DE", "time_zone: Mars/Phobos")
    escalate.store.write("catalogue/agreements/strange.yaml", strange)
    assert plan_of(escalate, *NIGHT)["support_hours"]["open"] is None
    assert plan_of(escalate, "ledger", "--at", "2026-11-23T10:00")["support_hours"]["open"] is True


@pytest.mark.parametrize(
    ("agreement", "told"),
    [
        ("valid_until: 2026-10-31", "which ended on 2026-10-31"),
        ("valid_from: 2027-01-01", "which begins on 2027-01-01"),
    ],
)
def test_without_an_agreement_in_force_the_last_one_known_says_the_hours(escalate, agreement, told):
    escalate.store.write(AGREEMENT, RECORDS[AGREEMENT] + agreement + "\n")
    assert levels_of(escalate, *NIGHT) == ["11-22T02:00 ada"]
    assert levels_of(escalate, "ledger", "--severity", "sev3", "--at", "2026-11-23T10:00") == ["11-23T09:00 kim"]
    page = escalate(*NIGHT).out
    assert page.splitlines()[:2] == [
        "Call Ada Example: telephone +49 1",
        f"! no agreement is in force: the support hours are those of ledger, {told}",
    ]
    assert "respond" not in page


def test_of_several_that_ended_the_last_one_says_the_hours_and_not_the_one_to_come(escalate):
    escalate.store.write(AGREEMENT, RECORDS[AGREEMENT] + "valid_until: 2026-10-31\n")
    escalate.store.write("catalogue/agreements/old.yaml", RECORDS[AGREEMENT] + "valid_until: 2026-03-31\n")
    escalate.store.write("catalogue/agreements/new.yaml", RECORDS[AGREEMENT] + "valid_from: 2027-01-01\n")
    assert plan_of(escalate, *NIGHT)["support_hours"]["of"] == "agreement ledger"


@pytest.mark.parametrize("text", ["title: [\n", None, RECORDS[AGREEMENT].partition("agreed:")[0]])
def test_where_no_agreement_can_be_read_levels_of_both_kinds_are_called(escalate, text):
    if text:
        escalate.store.write(AGREEMENT, text)
    else:
        (escalate.store.root / AGREEMENT).unlink()
    damaged = text == "title: [\n"
    code = 2 if damaged else 0
    found = plan_of(escalate, *NIGHT, code=code)
    assert [call["to"]["name"] for level in found["levels"] for call in level["calls"]] == ["noor", "ada"]
    told = f"; {AGREEMENT} cannot be read" if damaged else ""
    assert found["notes"] == [f"no agreement says which are the support hours{told}: {BOTH}"]
    assert "hours     unknown: neither the policy nor an agreement says" in escalate(*NIGHT, code=code).out


def test_beside_an_agreement_that_cannot_be_read_only_the_hours_of_the_others_are_known(escalate):
    escalate.store.write("catalogue/agreements/more.yaml", "title: [\n")
    found = plan_of(escalate, *NIGHT, code=2)
    assert [call["to"]["name"] for level in found["levels"] for call in level["calls"]] == ["noor", "ada"]
    doubt = "catalogue/agreements/more.yaml cannot be read, and may name more support hours than agreement ledger: "
    assert found["notes"] == [f"{doubt}{BOTH} outside them"]


def test_in_unknown_hours_who_is_on_call_goes_before_who_stands_in_for_nobody(escalate):
    escalate.store.write(AGREEMENT, RECORDS[AGREEMENT].partition("agreed:")[0])
    escalate.store.write("catalogue/schedules/finance.yaml", "title: Finance\nteam: company\n")
    page = escalate(*NIGHT).out
    assert page.startswith("Call Ada Example: telephone +49 1\n! no agreement says")
    assert page.index("Nobody from finance") < page.index("Ada Example (ada), on call in platform")


def test_in_unknown_hours_what_rings_goes_before_what_is_read_in_the_morning(escalate):
    """The level for the support hours calls a team by its chat, the one for other hours who is on call."""
    escalate.store.write(AGREEMENT, RECORDS[AGREEMENT].partition("agreed:")[0])
    team = "title: Finance\nmembers: [ada]\ncontacts: [{channel: chat, address: finance}]\n"
    escalate.store.write("catalogue/teams/chatters.yaml", team)
    policy = (
        "title: E\nlevels:\n  - {during: support-hours, notify: [{team: chatters}]}\n"
        "  - {during: outside-hours, notify: [{schedule: platform, by: [telephone]}]}\n"
    )
    escalate.store.write("catalogue/escalations/day-and-night.yaml", policy)
    assert escalate(*NIGHT).out.startswith("Call Ada Example: telephone +49 1\n! no agreement says")


def test_a_policy_whose_levels_do_not_ask_for_the_hours_has_no_doubts(escalate):
    assert plan_of(escalate, "identity")["notes"] == []


def test_a_deadline_beyond_ten_years_is_told_at_once(escalate):
    escalate.store.write(AGREEMENT, RECORDS[AGREEMENT].replace("resolve: 4h", "resolve: 9999999d"))
    assert "resolve   at no time of the next ten years" in escalate("ledger").out
    assert plan_of(escalate, "ledger")["deadlines"][1]["ends"] is None


def without_a_zone(escalate):
    """A typo in the time zone of the store; what says so on standard error."""
    escalate.store.write("svcops.yaml", RECORDS["svcops.yaml"].replace("Europe/Berlin", "Europe/Berln"))
    return "svcops.yaml: Europe/Berln is not a known time zone, so times are in UTC: svcops check shows the place\n"


def test_a_typo_in_the_time_zone_does_not_stop_anybody(escalate):
    warning = without_a_zone(escalate)
    said = escalate("identity", "--at", "2026-11-23T09:00Z", code=2)
    assert said.out.startswith("Call Ada Example: chat @ada\n\nAt Mon 2026-11-23 09:00\n")
    assert said.out.endswith("times     UTC\n")
    assert said.err.startswith(warning)
    assert plan_of(escalate, "identity", code=2)["call_first"]["name"] == "ada"


def test_with_a_typo_in_the_time_zone_nobody_can_tell_hours_and_hand_overs(escalate):
    without_a_zone(escalate)
    why = "Europe/Berln is not a known time zone (svcops.yaml)"
    said = escalate("ledger", "--at", "2026-11-23T06:30Z", "--json", code=2).json
    assert said["damaged"] == ["svcops.yaml"]
    plan = said["escalation"]
    assert plan["support_hours"] == {"of": "agreement ledger", "open": None}
    assert plan["notes"] == [f"the support hours of agreement ledger cannot be told, as {why}: {BOTH}"]
    calls = [call for level in plan["levels"] for call in level["calls"]]
    assert [(call["schedule"], call["to"], call["notes"]) for call in calls[:2]] == [
        (name, None, [f"the schedule {name} cannot be read: {why}"]) for name in ("finance", "platform")
    ]


def test_with_a_typo_in_the_time_zone_hours_and_schedules_with_a_zone_of_their_own_hold(escalate):
    without_a_zone(escalate)
    of_its_own = "time_zone: Europe/Berlin"
    escalate.store.write(AGREEMENT, RECORDS[AGREEMENT].replace("holidays: DE", of_its_own))
    path = "catalogue/schedules/finance.yaml"
    escalate.store.write(path, f"{RECORDS[path]}{of_its_own}\n")
    plan = plan_of(escalate, "ledger", "--at", "2026-11-23T08:30Z", code=2)
    assert plan["support_hours"]["open"] is True
    assert plan["call_first"]["name"] == "kim"


@pytest.mark.parametrize("more", ["colour: red\n", "severities: [{name: SEV1}]\n"])
def test_what_is_wrong_elsewhere_in_the_settings_leaves_the_time_zone_and_the_policy_of_the_store(escalate, more):
    escalate.store.write("svcops.yaml", RECORDS["svcops.yaml"] + more)
    said = escalate("ledger", "--at", "2026-11-23T09:30", code=2)
    assert said.out.startswith("Call Kim Beispiel: mail kim@example.org\n\nAt Mon 2026-11-23 09:30\n")
    assert said.out.endswith("times     Europe/Berlin\n")
    assert "svcops.yaml is damaged, and what can be read of it is used" in said.err
    assert plan_of(escalate, "identity", code=2)["policy"]["named_by"] == "the store"


def test_where_the_settings_cannot_be_read_at_all_nobody_knows_the_time_zone(escalate):
    escalate.store.write("svcops.yaml", RECORDS["svcops.yaml"] + "x: [\n")
    plan = plan_of(escalate, "ledger", "--at", "2026-11-23T06:30Z", code=2)
    assert plan["support_hours"]["open"] is None
    assert "as the store's time zone cannot be read (svcops.yaml)" in plan["notes"][0]


INCIDENT = ("incident", "open", "Nothing works", "--service", "ledger", "--severity", "sev1", "--detected-by", "user")
MAINTENANCE = ("maintenance", "plan", "Database", "--service", "ledger", "--reason", "An update")


@pytest.mark.parametrize(
    "call",
    [
        (*INCIDENT, "--at", "08:00"),
        (*INCIDENT, "--started", "2026-11-23T02:30"),
        (*MAINTENANCE, "--from", "2026-11-28T22:00", "--until", "23:30"),
    ],
)
@pytest.mark.parametrize("settings", ["time_zone: Europe/Berln\n", "time_zone: Europe/Berlin\nx: [\n"])
def test_a_time_of_the_clock_in_a_zone_that_nobody_knows_is_not_recorded(escalate, settings, call):
    escalate.store.write("svcops.yaml", settings)
    said = escalate.svcops(*call, code=2)
    assert "a time without an offset, and " in said.err
    assert "(svcops.yaml)\n" in said.err
    assert not [name for name in ("incidents", "maintenance") if (escalate.store.root / name).exists()]


@pytest.mark.parametrize("more", [(), ("--started", "-20m"), ("--started", "2026-11-23T08:00+01:00")])
@pytest.mark.parametrize("settings", ["time_zone: Europe/Berln\n", "time_zone: Europe/Berlin\nx: [\n"])
def test_an_incident_is_opened_whatever_the_time_zone_and_its_times_are_in_utc(escalate, settings, more):
    escalate.store.write("svcops.yaml", settings)
    opened = escalate.svcops(*INCIDENT, *more)
    assert "so times are in UTC" in opened.err
    events = sorted((escalate.store.root / "incidents/2026" / opened.id / "timeline").iterdir())
    times = [line for one in events for line in one.read_text(encoding="utf-8").splitlines() if "at: " in line]
    assert len(times) == (4 if more else 2)
    assert all(line.endswith('Z"') for line in times)


def test_with_a_damaged_key_beside_the_time_zone_a_time_of_the_clock_is_recorded_in_it(escalate):
    escalate.store.write("svcops.yaml", RECORDS["svcops.yaml"] + "colour: red\n")
    planned = escalate.svcops(*MAINTENANCE, "--from", "2026-11-28T22:00", "--until", "23:30")
    assert 'from: "2026-11-28T22:00:00+01:00"' in escalate.store.read(f"maintenance/2026/{planned.id}.yaml")


def test_a_schedule_that_cannot_be_read_leads_to_its_team(escalate):
    path = "catalogue/schedules/finance.yaml"
    escalate.store.write(path, RECORDS[path] + "time_zone: Nowhere\n")
    said = escalate("ledger", "--at", "2026-11-23T10:00").out
    assert said.startswith(
        "Call Company: telephone +49 100\n\nAt Mon 2026-11-23 10:00\n  Nobody from finance\n"
        "    ! the schedule finance cannot be read: Nowhere is not a known time zone\n"
        "    call Company (company): telephone +49 100\n"
    )


def test_somebody_whose_record_is_damaged_is_not_told_as_unknown(escalate):
    path = "catalogue/people/ada.yaml"
    escalate.store.write(path, "name: [\n")
    said = escalate("identity", code=2).out
    assert f"! ada is damaged: {path}\n" in said
    assert "not in the catalogue" not in said


def test_the_owner_goes_before_a_level_that_is_reached_days_later(escalate):
    text = "title: E\nlevels: [{{notify: [{{person: ada}}], after: {}}}]\n"
    escalate.store.write("catalogue/escalations/everybody.yaml", text.format("1000d"))
    page = escalate("identity").out
    assert page.startswith("Call Platform: chat #platform\n")
    assert "Who answers for it\n  Platform (platform)\n" in page
    escalate.store.write("catalogue/escalations/everybody.yaml", text.format("1d"))
    assert escalate("identity", "--quiet").out == "ada\n"


def test_an_owner_without_a_policy_is_called_by_telephone_where_it_cannot_wait(escalate):
    escalate.store.write("svcops.yaml", "organisation: Example\n")
    assert escalate("wiki").out.startswith("Call Ada Example: telephone +49 1\n")
    assert escalate("wiki", "--severity", "sev3").out.startswith("Call Ada Example: chat @ada\n")


def test_channels_are_tried_in_the_order_that_the_policy_gives(escalate):
    def contacts(by):
        escalate.store.write(
            "catalogue/escalations/everybody.yaml", f"title: E\nlevels: [{{notify: [{{person: ada{by}}}]}}]\n"
        )
        return [one["channel"] for one in plan_of(escalate, "identity")["call_first"]["contacts"]]

    assert contacts("") == ["chat", "telephone", "mail"]
    assert contacts(", by: [mail, telephone]") == ["mail", "telephone"]
    assert contacts(", by: [pager]") == ["chat", "telephone", "mail"]
    assert "! ada has no pager" in escalate("identity").out


def test_what_is_unknown_names_the_nearest(escalate):
    assert "Did you mean ledger?" in escalate("ledgr", code=2).err
    assert (
        "Did you mean sev2? svcops.yaml names sev1, sev2, sev3, sev4."
        in escalate("ledger", "--severity", "seve2", code=2).err
    )
    assert "--at" in escalate("ledger", "--at", "soon", code=2).err
    assert "--at" in escalate("ledger", "--at", "9999-12-31T10:00", code=2).err


def test_durations_beyond_the_calendar_are_survived(escalate):
    escalate.store.write(
        "catalogue/escalations/everybody.yaml",
        "title: E\nlevels: [{notify: [{schedule: platform}], after: 999999999d}]\n",
    )
    assert escalate("identity").code == 0


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("23:00", "Mon 2026-11-23 23:00, in 14 h 44 min"),
        ("08:00", "Mon 2026-11-23 08:00, 16 min ago"),
        ("+2h", "Mon 2026-11-23 10:16, in 2 h"),
        ("-20m", "Mon 2026-11-23 07:56, 20 min ago"),
        ("2026-12-24", "Thu 2026-12-24 00:00, in 30 d 15 h"),
        ("now", "Mon 2026-11-23 08:16, now"),
        ("", "Mon 2026-11-23 08:16, now"),
    ],
)
def test_a_time_of_day_is_todays_and_the_day_is_told(escalate, at, told):
    escalate.svcops.now = escalate.svcops.now.replace(microsecond=999_000)
    page = escalate("ledger", *(["--at", at] if at else [])).out
    assert f"\n  declared  {told}\n" in page
    begin = "At once (Mon 2026-11-23 08:16)" if told.endswith("now") else f"At {told.partition(',')[0]}"
    assert f"\n\n{begin}\n" in page


def test_the_day_is_told_where_no_level_is(escalate):
    escalate.store.write("svcops.yaml", "organisation: Example\ntime_zone: Europe/Berlin\n")
    assert "\n  declared  Mon 2026-11-23 23:00, in 14 h 44 min\n" in escalate("identity", "--at", "23:00").out


def test_an_hour_of_today_that_the_clocks_repeat_is_asked_about(escalate):
    escalate.svcops.now = datetime(2026, 10, 25, 8, tzinfo=UTC)
    said = escalate("ledger", "--at", "02:30", code=2).err
    assert "--at 02:30: happens twice that night, the clocks change: add an offset" in said


def test_quiet_is_the_name(escalate):
    assert escalate("identity", "--quiet").out == "ada\n"


def test_nothing_in_a_record_is_obeyed_by_the_terminal(escalate):
    escalate.store.write("catalogue/people/ada.yaml", 'name: "A\\u202eda"\nemails: [ada@example.org]\n')
    assert "\u202e" not in escalate("identity").out


def test_a_warm_call_imports_nothing_heavy(escalate):
    program = (
        "import os, sys\nos._exit = sys.exit\n"
        "sys.argv = ['svcops', 'escalate', 'identity']\n"
        "from svcops.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "heavy = ('pydantic', 'yaml', 'ruamel', 'rich', 'git', 'holidays', 'dateutil', 'duckdb')\n"
        "print('IMPORTED', *[name for name in heavy if name in sys.modules], file=sys.stderr)\n"
    )
    for path in escalate.store.root.rglob("*.*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    env = {**os.environ, **escalate.store.env}
    deadline = time.monotonic() + 20
    while True:
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, cwd=escalate.store.root, env=env, capture_output=True, text=True, check=True)
        if done.stderr.strip() == "IMPORTED" or time.monotonic() > deadline:
            break
    assert done.stderr.strip() == "IMPORTED"


ANN = "name: Ann\ncontacts: [{channel: telephone, address: '+49 7'}]\n"


@pytest.fixture
def deputised(escalate):
    """A team whose only member has no contact, and a deputy with a telephone."""
    escalate.store.write("catalogue/people/ann.yaml", ANN)
    escalate.store.write("catalogue/people/dee.yaml", "name: Dee\ndeputies: [ann]\n")
    escalate.store.write("catalogue/teams/team.yaml", "title: Team\nmembers: [dee]\n")
    return escalate


@pytest.mark.parametrize("responder", ["team: team", "person: dee"])
def test_deputies_of_members_are_called_as_those_of_a_person(deputised, responder):
    owner = responder.split()[1]
    deputised.store.write("catalogue/services/books.yaml", f"title: Books\nowner: {owner}\n")
    deputised.store.write(
        "catalogue/escalations/everybody.yaml", f"title: All\nlevels: [{{notify: [{{{responder}}}]}}]\n"
    )
    of_policy = deputised("books")
    assert of_policy.out.startswith("Call Ann: telephone +49 7\n")
    assert "    or Ann (ann): telephone +49 7\n" in of_policy.out
    deputised.store.write("svcops.yaml", "organisation: Example\n")
    of_owner = plan_of(deputised, "books")
    assert of_owner["call_first"]["name"] == "ann"


def by_telephone(escalate, responder, *, ann=ANN):
    """A policy that asks for the telephone, of a team that has mail only and a member who may have a telephone."""
    mail = "contacts: [{channel: mail, address: team@example.org}]"
    escalate.store.write("catalogue/people/ann.yaml", ann)
    escalate.store.write("catalogue/teams/team.yaml", f"title: Team\nmembers: [ann]\n{mail}\n")
    escalate.store.write(
        "catalogue/schedules/s.yaml", "title: S\nteam: team\nrotations: [{people: [ada], starts: 2030-01-01}]\n"
    )
    escalate.store.write("catalogue/services/books.yaml", "title: Books\nowner: team\nescalation: phone\n")
    escalate.store.write(
        "catalogue/escalations/phone.yaml", f"title: P\nlevels: [{{notify: [{{{responder}, by: [telephone]}}]}}]\n"
    )


@pytest.mark.parametrize("responder", ["schedule: s", "team: team"])
def test_who_can_be_reached_as_the_policy_asks_goes_first(escalate, responder):
    by_telephone(escalate, responder)
    assert escalate("books").out.startswith("Call Ann: telephone +49 7\n")
    assert plan_of(escalate, "books")["call_first"]["name"] == "ann"
    assert escalate("books", "--quiet").out == "ann\n"


@pytest.mark.parametrize("responder", ["schedule: s", "team: team"])
def test_where_nobody_can_be_reached_as_the_policy_asks_any_way_does(escalate, responder):
    by_telephone(escalate, responder, ann="name: Ann\nemails: [ann@example.org]\n")
    assert escalate("books").out.startswith("Call Team: mail team@example.org\n")


def test_of_those_called_at_one_instant_who_can_be_reached_as_asked_goes_first(escalate):
    by_telephone(escalate, "team: team", ann="name: Ann\n")
    policy = "title: P\nlevels:\n  - {notify: [{team: team, by: [telephone]}, {person: noor, by: [telephone]}]}\n"
    escalate.store.write("catalogue/escalations/phone.yaml", policy)
    assert plan_of(escalate, "books")["call_first"]["name"] == "noor"


def test_only_the_agreements_that_are_open_are_said_to_be(escalate):
    escalate.store.write(
        "catalogue/agreements/night.yaml",
        "title: Night\nservices: [ledger]\nsupport_hours:\n  open:\n"
        "    - {days: [mon-sun], from: '20:00', until: '06:00'}\n"
        "agreed: {with: The factory, at: 2026-01-01, document: night.pdf}\n",
    )
    for at, named in (("2026-11-23T23:00", "night"), ("2026-11-23T10:00", "ledger")):
        plan = plan_of(escalate, "ledger", "--at", at)
        assert plan["support_hours"] == {"of": f"agreement {named}", "open": True}
    assert plan_of(escalate, "ledger", "--at", "2026-11-23T19:00")["support_hours"]["of"] == "agreement ledger, night"
