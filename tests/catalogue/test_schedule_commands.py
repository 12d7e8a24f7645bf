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

Turns
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
    assert out.endswith("Turns\n  Mon 2027-03-01 00:00  Tue 2027-03-02 00:00  Noor Voorbeeld (noor)  rotation 2\n")


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


def test_a_typo_in_the_time_zone_of_the_store_is_a_warning(schedule):
    schedule.store.write("svcops.yaml", "time_zone: Europe/Berln\n")
    said = schedule("show", "platform")
    assert "  times   UTC\n" in said.out
    assert said.err.startswith("svcops.yaml: Europe/Berln is not a known time zone, so times are in UTC")


def test_somebody_whose_record_is_damaged_is_told_as_such(schedule):
    schedule.store.write("catalogue/people/ada.yaml", "name: [\n")
    assert "ada (damaged: catalogue/people/ada.yaml)" in schedule("show", "platform", code=2).out
