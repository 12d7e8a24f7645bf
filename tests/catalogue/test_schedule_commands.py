"""svcops schedule: who is on call now, who is next, and when nobody is."""

import pytest

RECORDS = {
    "catalogue/people/ada.yaml": "name: Ada Example\nemails: [ada@example.org]\n",
    "catalogue/people/noor.yaml": "name: Noor Voorbeeld\ncontacts: [{channel: telephone, address: '+49 2'}]\n",
    "catalogue/schedules/platform.yaml": """\
title: Platform
description: Around the clock.
team: platform
rotations:
  - {people: [ada, noor], starts: 2026-11-02, until: 2026-12-02}
  - {people: [noor], starts: 2026-12-03}
overrides:
  - {person: ada, from: 2026-11-24T12:00:00+01:00, until: 2026-11-24T18:00:00+01:00, reason: Noor is on a train}
""",
    "catalogue/schedules/strange.yaml": "title: Strange\ntime_zone: Nowhere\nrotations: [{people: [ada], starts: 2026-11-02}]\n",
    "catalogue/schedules/later.yaml": "title: Later\nrotations: [{people: [gone], starts: 2026-11-30}]\n",
}


@pytest.fixture
def schedule(console, new_store):
    """svcops schedule, on Monday 2026-11-23 at about 08:15 in Berlin."""
    store = new_store("schedules")
    for path, text in RECORDS.items():
        store.write(path, text)
    store.commit("Schedules")
    svcops = type(console)(store)

    def call(*arguments, code=0):
        return svcops("schedule", *arguments, code=code)

    call.store = store
    return call


def test_the_list_says_who_is_on_call_until_when_and_who_is_next(schedule):
    said = schedule("list", code=2)
    assert said.err == "nobody can tell who is on call in strange: svcops check shows why\n"
    assert said.out == (
        "later\tnobody\t\tgone (not in the catalogue) from Mon 2026-11-30 09:00\tLater\n"
        "platform\tAda Example\tMon 2026-11-23 09:00\tNoor Voorbeeld from Mon 2026-11-23 09:00\tPlatform\n"
        "strange\tcannot be read: svcops check\t\t\tStrange\n"
    )


def test_show_begins_with_who_is_on_call_now(schedule):
    assert (
        schedule("show", "platform", "--from", "2026-11-24T00:00", "--days", "10").out
        == """\
On call now: Ada Example (ada) until Mon 2026-11-23 09:00 (44 min)
  mail  ada@example.org

platform  Platform
  Around the clock.
  team    platform
  times   Europe/Berlin
  record  catalogue/schedules/platform.yaml

Turns from Tue 2026-11-24 00:00 until Fri 2026-12-04 00:00
  Tue 2026-11-24 00:00  Tue 2026-11-24 12:00  Noor Voorbeeld (noor)  rotation 1
  Tue 2026-11-24 12:00  Tue 2026-11-24 18:00  Ada Example (ada)      override: Noor is on a train
  Tue 2026-11-24 18:00  Mon 2026-11-30 09:00  Noor Voorbeeld (noor)  rotation 1
  Mon 2026-11-30 09:00  Wed 2026-12-02 09:00  Ada Example (ada)      rotation 1
  Wed 2026-12-02 09:00  Thu 2026-12-03 09:00  NOBODY                 gap of 1 d
  Thu 2026-12-03 09:00  Fri 2026-12-04 00:00  Noor Voorbeeld (noor)  rotation 2
"""
    )


def test_a_window_may_lie_anywhere(schedule):
    out = schedule("show", "platform", "--from", "2027-03-01", "--days", "1").out
    assert out.endswith(
        "Turns from Mon 2027-03-01 00:00 until Tue 2027-03-02 00:00\n"
        "  Mon 2027-03-01 00:00  Tue 2027-03-02 00:00  Noor Voorbeeld (noor)  rotation 2\n"
    )


@pytest.mark.parametrize(
    ("start", "told"),
    [
        ("23:00", "Mon 2026-11-23 23:00 until Tue 2026-11-24 23:00"),
        ("08:00", "Mon 2026-11-23 08:00 until Tue 2026-11-24 08:00"),
        ("+2h", "Mon 2026-11-23 10:16 until Tue 2026-11-24 10:16"),
        ("-20m", "Mon 2026-11-23 07:56 until Tue 2026-11-24 07:56"),
    ],
)
def test_a_time_of_day_is_todays_and_the_days_are_told(schedule, start, told):
    assert f"\nTurns from {told}\n" in schedule("show", "platform", "--from", start, "--days", "1").out


def turns_of(schedule, text, *more):
    schedule.store.write("catalogue/schedules/some.yaml", f"title: Some\n{text}")
    return schedule("show", "some", *more).out.partition("Turns from ")[2].splitlines()[1:]


DAY_AND_NIGHT = """\
rotations:
  - {people: [ada], starts: 2026-11-02, hand_over: "08:00", hours: [{from: "08:00", until: "20:00"}]}
  - {people: [noor, ada], starts: 2026-11-02, hand_over: "20:00", hours: [{from: "20:00", until: "08:00"}]}
"""


def test_the_same_hours_day_after_day_are_one_line(schedule):
    assert turns_of(schedule, DAY_AND_NIGHT, "--from", "2026-11-30T08:00", "--days", "8") == [
        "  Mon 2026-11-30 08:00  Sun 2026-12-06 20:00  Ada Example (ada)      daily 08:00 to 20:00, rotation 1",
        "  Mon 2026-11-30 20:00  Mon 2026-12-07 08:00  Noor Voorbeeld (noor)  daily 20:00 to 08:00, rotation 2",
        "  Mon 2026-12-07 08:00  Tue 2026-12-08 08:00  Ada Example (ada)      rotation 1, rotation 2",
    ]


def test_as_json_every_turn_is_as_it_is(schedule):
    schedule.store.write("catalogue/schedules/some.yaml", f"title: Some\n{DAY_AND_NIGHT}")
    found = schedule("show", "some", "--from", "08:00", "--days", "7", "--json").json["schedule"]
    assert (found["from"], found["until"]) == ("2026-11-23T07:00:00Z", "2026-11-30T07:00:00Z")
    assert len(found["turns"]) == 14
    assert {one["until"][11:16] for one in found["turns"]} == {"07:00", "19:00"}


def test_an_override_that_goes_on_in_the_turn_of_the_same_person_is_told_in_its_line(schedule):
    override = (
        "overrides: [{person: ada, from: 2026-11-28T09:00:00+01:00, until: 2026-11-30T09:00:00+01:00, reason: A swap}]"
    )
    some = f"rotations: [{{people: [noor, ada], starts: 2026-11-23}}]\n{override}\n"
    assert turns_of(schedule, some, "--from", "2026-11-24", "--days", "14") == [
        "  Tue 2026-11-24 00:00  Sat 2026-11-28 09:00  Noor Voorbeeld (noor)",
        "  Sat 2026-11-28 09:00  Mon 2026-12-07 09:00  Ada Example (ada)      override until Mon 2026-11-30 09:00: A swap",
        "  Mon 2026-12-07 09:00  Tue 2026-12-08 00:00  Noor Voorbeeld (noor)",
    ]


def test_a_gap_at_the_same_hours_every_day_is_one_line(schedule):
    some = (
        'hours: {open: [{from: "09:00", until: "18:00"}]}\n'
        'rotations: [{people: [ada], starts: 2026-11-02, hours: [{from: "09:00", until: "17:00"}]}]\n'
    )
    assert turns_of(schedule, some, "--from", "2026-11-24", "--days", "3") == [
        "  Tue 2026-11-24 09:00  Thu 2026-11-26 17:00  Ada Example (ada)  daily 09:00 to 17:00",
        "  Tue 2026-11-24 17:00  Thu 2026-11-26 18:00  NOBODY             daily 17:00 to 18:00, gap",
    ]


def test_a_time_without_turns_says_so(schedule):
    some = (
        'hours: {open: [{days: [mon], from: "09:00", until: "17:00"}]}\n'
        'rotations: [{people: [ada], starts: 2026-11-02, hours: [{days: [mon], from: "09:00", until: "17:00"}]}]\n'
    )
    assert turns_of(schedule, some, "--from", "2026-11-24", "--days", "2") == ["  nobody, and nobody is asked for"]


def test_somebody_is_on_call_until_somebody_else_is_whatever_says_so(schedule):
    some = "rotations: [{people: [ada, ada, noor], turn: 1d, starts: 2026-11-23}]\n"
    override = "overrides: [{person: ada, from: 2026-11-22T09:00:00+01:00, until: 2026-11-23T09:00:00+01:00}]\n"
    schedule.store.write("catalogue/schedules/some.yaml", f"title: Some\n{some}{override}")
    assert schedule("show", "some").out.startswith(
        "On call now: Ada Example (ada) until Wed 2026-11-25 09:00 (2 d 44 min)\n"
    )
    until = "some\tAda Example\tWed 2026-11-25 09:00\tNoor Voorbeeld from Wed 2026-11-25 09:00\tSome\n"
    assert until in schedule("list", code=2).out


def test_somebody_whom_nobody_relieves_is_on_call_until_further_notice(schedule):
    schedule.store.write(
        "catalogue/schedules/some.yaml", "title: Some\nrotations: [{people: [ada], starts: 2026-11-02}]\n"
    )
    assert schedule("show", "some").out.startswith("On call now: Ada Example (ada) until further notice\n")
    assert "some\tAda Example\tfurther notice\t\tSome\n" in schedule("list", code=2).out


def test_nobody_now_says_who_is_next(schedule):
    out = schedule("show", "later").out
    assert out.startswith("Nobody is on call now; gone (not in the catalogue) is from Mon 2026-11-30 09:00\n")
    assert "NOBODY  gap of 7 d" in out
    assert "gone is not in the catalogue" in out


def test_as_json(schedule):
    found = schedule("list", "--json", code=2).json
    assert found["schema"] == "svcops.schedules/1"
    assert [(one["name"], one["on_call"] and one["on_call"]["person"]) for one in found["schedules"]] == [
        ("later", None),
        ("platform", "ada"),
        ("strange", None),
    ]
    found = schedule("show", "platform", "--json").json
    assert found["schema"] == "svcops.schedule/1"
    assert found["schedule"]["on_call"]["until"] == "2026-11-23T08:00:00Z"
    assert found["schedule"]["turns"][2] == {
        "from": "2026-11-24T11:00:00Z",
        "until": "2026-11-24T17:00:00Z",
        "person": "ada",
        "title": "Ada Example",
        "source": ["overrides", 0],
    }
    assert [(one["from"], one["until"]) for one in found["schedule"]["gaps"]] == [
        ("2026-12-02T08:00:00Z", "2026-12-03T08:00:00Z")
    ]


def test_quiet_is_the_names(schedule):
    assert schedule("list", "--quiet", code=2).out.split() == ["later", "platform", "strange"]
    assert schedule("show", "platform", "--quiet").out == "platform\n"


def test_days_are_those_of_the_calendar_when_clocks_change_too(schedule):
    found = schedule("show", "platform", "--from", "2027-03-27", "--days", "3", "--json").json["schedule"]
    assert found["turns"][-1]["until"] == "2027-03-29T22:00:00Z"  # midnight in Berlin, after a day of 23 hours


def test_columns_stay_where_they_are_in_the_night_in_which_an_hour_comes_twice(schedule):
    turns = 'rotations: [{people: [ada, noor], starts: 2027-10-25, turn: 1d, hand_over: "02:30"}]\n'
    lines = turns_of(schedule, turns, "--from", "2027-10-29", "--days", "4")
    assert any("+0200" in line for line in lines)
    names = [name for line in lines for name in ("Ada", "Noor") if name in line]
    assert len({line.index(name) for line, name in zip(lines, names, strict=True)}) == 1


def test_what_is_unknown_is_an_error_that_says_what_to_type(schedule):
    assert "Did you mean platform?" in schedule("show", "platfrom", code=2).err
    said = schedule("show", "strange", code=2)
    assert "the schedule strange cannot be read: Nowhere is not a known time zone" in said.err
    assert "catalogue/schedules/strange.yaml" in said.err
    assert "--days 0" in schedule("show", "platform", "--days", "0", code=2).err
    assert "--from" in schedule("show", "platform", "--from", "soon", code=2).err
    assert "--from" in schedule("show", "platform", "--from", "9999-12-31T10:00", code=2).err
    schedule.store.write("catalogue/schedules/strange.yaml", "title: [\n")
    assert "damaged: catalogue/schedules/strange.yaml" in schedule("show", "strange", code=2).err


def test_none_says_so(console):
    assert (console("schedule", "list").out, console("schedule", "list").err) == ("", "no schedules\n")


def test_with_a_typo_in_the_time_zone_of_the_store_nobody_can_tell_who_is_on_call(schedule):
    schedule.store.write("svcops.yaml", "time_zone: Europe/Berln\n")
    why = "the schedule platform cannot be read: Europe/Berln is not a known time zone (svcops.yaml)\n"
    assert why in schedule("show", "platform", code=2).err
    said = schedule("list", "--json", code=2)
    assert said.json["damaged"] == ["svcops.yaml"]
    found = next(one for one in said.json["schedules"] if one["name"] == "platform")
    assert (found["on_call"], found["next"], found["time_zone"]) == (None, None, None)


def test_somebody_whose_record_is_damaged_is_told_as_such(schedule):
    schedule.store.write("catalogue/people/ada.yaml", "name: [\n")
    assert "ada (damaged: catalogue/people/ada.yaml)" in schedule("show", "platform", code=2).out


def test_who_comes_after_a_long_time_of_nobody_is_named(schedule):
    schedule.store.write(
        "catalogue/schedules/some.yaml", "title: Some\nrotations: [{people: [ada], starts: 2028-06-01}]\n"
    )
    told = "Nobody is on call now; Ada Example (ada) is from Thu 2028-06-01 09:00\n"
    assert schedule("show", "some").out.startswith(told)
    assert "some\tnobody\t\tAda Example from Thu 2028-06-01 09:00\tSome\n" in schedule("list", code=2).out
