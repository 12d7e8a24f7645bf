"""What rests on a damaged file is unknown, and the file is named: an approval, whoever gave it, an author, a measure.

Nobody is told to do again what may be done already.
"""

import re
from functools import partial

import pytest

NOOR = ("Noor Voorbeeld", "noor@example.org")
KIM = "catalogue/people/kim.yaml"
OPEN = ("incident", "open", "Receipts", "--service", "receipt-scanner", "--detected-by", "slo", "--severity")
ADD = ("--type", "detect", "--owner", "platform", "--due", "2026-12-20")
SLO = "slo/receipts.yaml"
OBJECTIVE = "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: r}\nspec: {description: One}\n"


def break_(console, path):
    """Damage a file so that its lines still say what they said."""
    console.store.write(path, console.store.read(path) + "\nx: [\n")


def break_front(console, path):
    """The same of a file with front matter."""
    console.store.write(path, console.store.read(path).replace("---\n", "---\nx: [\n", 1))


def the_one(console, pattern):
    (found,) = console.store.root.glob(pattern)
    return found.relative_to(console.store.root).as_posix()


@pytest.fixture
def short(console):
    """A resolved major incident with a finished post-mortem by ada, moderated by kim and approved by noor."""
    short = console(*OPEN, "sev1").id[-6:]
    console("incident", "resolve", short)
    console("postmortem", "start", short)
    console("postmortem", "moderate", short, "kim")
    path = the_one(console, "postmortems/2026/*.md")
    console.store.write(path, re.sub(r"(?m)^> .*$", "Said.", console.store.read(path)))
    console.store.commit("What happened")
    console.who = NOOR
    console("postmortem", "approve", short)
    return short


@pytest.mark.parametrize(
    ("pattern", "status"),
    [
        ("catalogue/people/noor.yaml", "unknown"),
        ("catalogue/people/ada.yaml", "unknown"),
        ("catalogue/people/kim.yaml", "approved"),
        ("approvals/2026/*.yaml", "unknown"),
    ],
)
def test_whether_it_is_approved_is_unknown_where_the_file_is_damaged_that_decides_it(console, short, pattern, status):
    path = the_one(console, pattern)
    break_(console, path)
    shown = console("postmortem", "show", short, "--json", code=2).json["postmortem"]
    assert shown["status"] == status
    assert [one["counts"] for one in shown["approvals"] if status == "unknown"] in ([None], [])
    found = console("report", "response", "--json", code=None).json["figures"][0]["approved_postmortem"]
    if status == "unknown":
        assert (found["yes"], found["no"]) == ([], [])
        assert list(found["unknown"].values()) == [f"{path} is damaged"]
        said = console("incident", "close", short, code=1).err
        assert f"{path} is damaged" in said
        assert "postmortem approve" not in said
        assert "svcops check" in said
    else:
        assert found["n"] == 1


def test_a_moderator_whose_file_is_damaged_is_no_reason_to_name_another(console, short):
    break_(console, KIM)
    said = console("incident", "close", short, code=1).err
    assert f"who kim is cannot be told, as {KIM} is damaged" in said
    assert "postmortem moderate" not in said


def test_who_approves_is_told_of_the_damaged_file_and_not_to_add_an_address(console, short):
    console.who = ("Kim Beispiel", "kim@example.org")
    break_(console, KIM)
    said = console("postmortem", "approve", short, code=1).err
    assert f"who kim@example.org is cannot be told, as {KIM} is damaged" in said
    assert "Add the address" not in said


def test_a_check_of_post_mortems_that_cannot_be_read_is_not_all_good(console, short):
    break_front(console, the_one(console, "postmortems/2026/*.md"))
    said = console("postmortem", "check", code=2)
    assert said.out == "0 records checked, nothing found in those that can be read.\n"


@pytest.mark.parametrize("words", [("overdue",), ("list",), ("list", "--open")])
def test_where_the_only_measure_is_damaged_no_list_says_that_there_is_none(console, minor, words):
    console("measure", "add", minor, "Probe the queue", *ADD)
    break_(console, the_one(console, "measures/2026/*/measure.yaml"))
    assert "No measure that can be read" in console("measure", *words, code=2).err


@pytest.fixture
def minor(console):
    """A resolved minor incident."""
    minor = console(*OPEN, "sev3").id[-6:]
    console("incident", "resolve", minor)
    return minor


def anchored(console, incident):
    console.store.put(SLO, OBJECTIVE)
    measure = console("measure", "add", incident, "Probe the queue", *ADD).id[-6:]
    console.store.put(SLO, OBJECTIVE.replace("One", "Two"))
    console("measure", "anchor", measure, "--path", SLO)
    return measure


@pytest.mark.parametrize("pattern", ["measures/2026/*/*anchored*.yaml", "measures/2026/*/measure.yaml"])
def test_a_measure_with_a_damaged_file_is_neither_open_nor_to_be_added_again(console, minor, pattern):
    anchored(console, minor)
    path = the_one(console, pattern)
    break_(console, path)
    said = console("incident", "close", minor, code=1).err
    assert f"{path} is damaged" in said
    assert "measure add" not in said
    assert "measure anchor" not in said


def test_the_damaged_measure_of_another_incident_stands_in_nobodys_way(console, minor):
    other = console(*OPEN, "sev3").id[-6:]
    anchored(console, other)
    break_(console, the_one(console, "measures/2026/*/measure.yaml"))
    close = partial(console, "incident", "close", minor, code=1)
    assert "measure add" in close().err
    path = the_one(console, "measures/2026/*/measure.yaml")
    console.store.write(path, console.store.read(path).replace("incident:", "incidnt:"))
    assert "measure add" not in close().err


def test_a_damaged_problem_may_be_the_one_that_explains_it(console, minor):
    console.store.write("problems/2026/problem-20261101-aaaaaa/problem.yaml", "title: [\n")
    said = console("incident", "close", minor, code=1).err
    assert "problems/2026/problem-20261101-aaaaaa/problem.yaml is damaged" in said
