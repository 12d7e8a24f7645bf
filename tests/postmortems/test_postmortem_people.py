"""People of a post-mortem as somebody wrote them by hand, or a file from elsewhere did: by name, in capitals, unknown.

Whoever must not be the same person is not taken for another one because of how a name is written.
"""

import re

import pytest

OPEN = ("incident", "open", "Receipts", "--service", "receipt-scanner", "--severity", "sev1", "--detected-by", "slo")
NOOR = ("Noor Voorbeeld", "noor@example.org")


@pytest.fixture
def short(console):
    """A resolved major incident that kim led, with a finished post-mortem by ada that nobody moderates yet."""
    short = console(*OPEN, "--started", "-20m").id[-6:]
    console("incident", "role", short, "commander", "kim")
    console("incident", "resolve", short)
    console("postmortem", "start", short)
    edit(console, r"(?m)^> .*$", "Said.")
    return short


def path_of(console):
    return next(console.store.root.glob("postmortems/2026/*.md")).relative_to(console.store.root).as_posix()


def edit(console, pattern, by):
    """Change the file of the post-mortem by hand, and commit it as ada."""
    console.store.write(path_of(console), re.sub(pattern, by, console.store.read(path_of(console))))
    console.store.git("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-qam", "By hand")


def front(console, key, value):
    edit(console, rf"(?m)^({key}: .*\n)?started_at:", f"{key}: {value}\nstarted_at:")


def codes(console):
    return {one["code"] for one in console("check", "--json", code=None).json["findings"]}


def share(console):
    found = console("report", "response", "--json").json["figures"][0]["approved_postmortem"]
    return found["n"], found["of"]


@pytest.mark.parametrize("moderator", ["Kim Beispiel", "KIM", "kim  beispiel", "'@kim'", "ghost", "someone@else.org"])
def test_a_moderator_by_hand_who_led_it_or_whom_nobody_knows_is_none(console, short, moderator):
    front(console, "moderator", moderator)
    console.who = NOOR
    assert "PMO006" in console("postmortem", "check", short, code=1).out
    assert "is not finished" in console("postmortem", "approve", short, code=1).err
    assert "another moderator of" in console("incident", "close", short, code=1).err
    assert "PMO006" in codes(console)


def test_a_moderator_is_named_as_people_write_them_and_is_known_afterwards(console, short):
    assert "kim led" in console("postmortem", "moderate", short, "Kim Beispiel", code=1).err
    console("postmortem", "moderate", short, "noor VOORBEELD")
    assert "moderator: noor\n" in console.store.read(path_of(console))


def test_a_name_of_several_is_asked_about(console, short):
    console.store.put("catalogue/people/noor-2.yaml", "name: Noor Voorbeeld\n")
    said = console("postmortem", "moderate", short, "Noor Voorbeeld", code=2).err
    assert "Noor Voorbeeld may be noor or noor-2" in said


def test_a_stranger_moderates_no_major_incident(console, short):
    said = console("postmortem", "moderate", short, "stranger@else.org", code=1).err
    assert "stranger@else.org is nobody of catalogue/people" in said
    other = console(*OPEN).id[-6:]
    said = console("postmortem", "start", other, "--moderator", "stranger@else.org", code=1).err
    assert "--moderator SOMEBODY-ELSE" in said


@pytest.mark.parametrize("author", ["Noor Voorbeeld", "NOOR", "Noor <noor@example.org>"])
def test_who_wrote_it_by_the_name_that_people_write_does_not_approve_it(console, short, author):
    front(console, "author", author)
    console("postmortem", "moderate", short, "ada")
    console.who = NOOR
    assert "noor wrote" in console("postmortem", "approve", short, code=1).err
    assert "written by  ada, noor\n" in console("postmortem", "show", short).out


@pytest.mark.parametrize("author", ["ghost", "noor@home.example"])
def test_what_nobody_known_wrote_is_approved_by_nobody(console, short, author):
    front(console, "author", author)
    console("postmortem", "moderate", short, "ada")
    console.who = NOOR
    assert "PMO010" in console("postmortem", "check", short, code=1).out
    said = console("postmortem", "approve", short, code=1).err
    assert f"its author may be anybody: {author} is nobody of catalogue/people" in said
    assert f"$EDITOR {path_of(console)}" in said


# Imported ones -----------------------------------------------------------------------------------------------------


@pytest.fixture
def imported(console, tmp_path):
    """A resolved major incident of this store, and its post-mortem, which was written elsewhere by Noor."""
    short = console(*OPEN, "--started", "-20m").id[-6:]
    console("incident", "role", short, "commander", "kim")
    console("incident", "resolve", short)
    own = f"---\ntitle: Ours\nincident: incident-20261123-{short}\ndate: 2026-11-22\nauthor: Noor Voorbeeld\n---\n# What\n"
    (tmp_path / "c.md").write_text(own)
    console("import", "postmortem", str(tmp_path / "c.md"))
    return short


def test_who_wrote_it_elsewhere_does_not_approve_it(console, imported):
    console("postmortem", "moderate", imported, "ada")
    console.who = NOOR
    assert "noor wrote" in console("postmortem", "approve", imported, code=1).err
    assert share(console) == (0, 1)


def test_of_an_incident_of_this_store_it_is_waited_for_and_started_once(console, imported):
    (one,) = console("postmortem", "list", "--json").json["postmortems"]
    assert (one["id"][-6:], one["status"], one["due"]) == (imported, "draft", "2026-12-07")
    assert "due         Mon 2026-12-07" in console("postmortem", "show", imported).out
    reminder = console("postmortem", "remind", "--ahead", "30").out
    assert reminder.startswith("To: noor <noor@example.org>")
    assert f"svcops postmortem moderate {imported} PERSON" in reminder
    assert "PMO006" in codes(console)


def test_approved_it_is_so_everywhere(console, imported):
    console("postmortem", "moderate", imported, "noor")
    console.store.write("catalogue/people/sam.yaml", "name: Sam Ejemplo\nemails: [sam@example.org]\n")
    console.store.commit("Sam")
    console.who = ("Sam Ejemplo", "sam@example.org")
    console("postmortem", "approve", imported)
    (one,) = console("postmortem", "list", "--json").json["postmortems"]
    assert (one["status"], one["overdue"]) == ("approved", False)
    assert share(console) == (1, 1)
    assert "a post-mortem" not in console("incident", "close", imported, code=1).err
    assert console("postmortem", "list", "--due", "--quiet").out == ""
