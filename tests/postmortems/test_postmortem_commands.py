"""Post-mortems begin with facts, are moderated by somebody who did not lead, and approved by somebody who did not write."""

import re
import shutil
import subprocess
from datetime import UTC, datetime

import pytest

OPEN = (
    "incident",
    "open",
    "Receipts are not extracted",
    "--service",
    "receipt-scanner",
    "--severity",
    "sev1",
    "--detected-by",
    "slo",
)
NOOR = ("Noor Voorbeeld", "noor@example.org")


@pytest.fixture
def short(console):
    """A resolved incident with its post-mortem."""
    short = console(*OPEN, "--started", "-20m").id[-6:]
    console("incident", "log", short, "Rolled back to 4.2.0")
    console("incident", "resolve", short)
    console("postmortem", "start", short)
    return short


@pytest.fixture
def finished(console, short):
    """As `short`, with a moderator and every question answered, committed by Ada."""
    console("postmortem", "moderate", short, "kim@example.org")
    finish(console)
    return short


def finish(console):
    console.store.write(path_of(console), re.sub(r"(?m)^> .*$", "Said.", console.store.read(path_of(console))))
    console.store.commit("What happened")


def path_of(console):
    return next(console.store.root.glob("postmortems/2026/*.md")).relative_to(console.store.root).as_posix()


def test_it_has_its_incidents_date_and_tail_and_the_facts_of_the_timeline(console, short):
    path = path_of(console)
    assert path == f"postmortems/2026/postmortem-20261123-{short}.md"
    text = console.store.read(path)
    assert "| time to detect | impact started | detected | 20 min |" in text
    assert "Rolled back to 4.2.0 (ada)" in text
    assert "author: ada\n" in text


def test_that_of_what_was_merged_is_that_of_the_one_that_goes_on(console, finished):
    other = console(*OPEN).id[-6:]
    console("incident", "resolve", other)
    console("incident", "merge", finished, "--into", other)
    (waited,) = console("postmortem", "list", "--due", "--json").json["postmortems"]
    assert (waited["id"][-6:], waited["status"], waited["due"]) == (finished, "draft", "2026-12-07")
    assert f"({finished}) is not approved" in console("postmortem", "remind", "--ahead", "30").out
    console.who = NOOR
    console("postmortem", "approve", finished)
    assert console("postmortem", "list", "--open", "--json").json["postmortems"] == []
    assert "nothing is overdue" in console("postmortem", "remind", "--ahead", "30").err
    assert "a post-mortem" not in console("incident", "close", other, code=1).err
    share = console("report", "response", "--json").json["figures"][0]["approved_postmortem"]
    assert (share["n"], share["of"]) == (1, 1)


def test_none_is_started_about_what_was_merged(console):
    gone, other = console(*OPEN).id[-6:], console(*OPEN).id[-6:]
    console("incident", "merge", gone, "--into", other)
    said = console("postmortem", "start", gone, code=1).err
    assert "was merged into" in said
    assert f"svcops postmortem start {other}" in said
    assert not list(console.store.root.glob("postmortems/2026/*"))


def test_what_was_cancelled_has_nothing_to_learn_from(console):
    gone = console(*OPEN).id[-6:]
    console("incident", "cancel", gone, "A test of the alert")
    assert "was cancelled: there was no disruption to learn from" in console("postmortem", "start", gone, code=1).err
    measure = ("measure", "add", gone, "Mute it", "--type", "detect", "--owner", "platform", "--due", "+14d")
    assert "was cancelled: there was no disruption to learn from" in console(*measure, code=1).err


def test_times_in_the_hour_that_clocks_show_twice_have_their_offset(console):
    console.now = datetime(2026, 10, 25, 2, tzinfo=UTC)
    short = console(*OPEN, "--at", "2026-10-25T02:30+02:00").id[-6:]
    console("incident", "resolve", short, "--at", "2026-10-25T02:30+01:00")
    console("postmortem", "start", short)
    text = console.store.read(path_of(console))
    assert "declared 2026-10-25 02:30 +0200, resolved 2026-10-25 02:30 +0100" in text


def test_who_led_the_one_that_goes_on_does_not_moderate(console, short):
    other = console(*OPEN).id[-6:]
    console("incident", "role", other, "commander", "noor")
    console("incident", "merge", short, "--into", other)
    assert "led" in console("postmortem", "moderate", short, "noor", code=1).err


def test_starting_twice_says_where_it_is(console, short):
    assert f"{path_of(console)} is there already" in console("postmortem", "start", short, code=2).err


def test_the_stores_own_template_wins_and_a_broken_one_is_named(console):
    short = console(*OPEN).id[-6:]
    console.store.write("templates/postmortem.md.j2", "\nOurs: {{ title }}\n")
    console("postmortem", "start", short)
    assert "Ours: Receipts are not extracted" in console.store.read(path_of(console))
    other = console(*OPEN).id[-6:]
    console.store.write("templates/postmortem.md.j2", "\n\n{{ nonsense }}\n")
    said = console("postmortem", "start", other, code=2)
    assert "templates/postmortem.md.j2" in said.err
    assert "'nonsense' is undefined" in said.err


def test_a_template_of_a_store_reaches_nothing(console):
    console.store.write("templates/postmortem.md.j2", "{{ ''.__class__.__mro__[1].__subclasses__() }}")
    short = console(*OPEN).id[-6:]
    assert "unsafe" in console("postmortem", "start", short, code=2).err


def test_its_author_cannot_approve_it_whichever_address_they_use(console, short):
    assert "ada wrote" in console("postmortem", "approve", short, code=1).err
    console.who = ("A. Example", "ADA@home.example")
    assert "ada wrote" in console("postmortem", "approve", short, code=1).err


def test_who_committed_a_change_to_it_is_an_author_too(console, short):
    path = path_of(console)
    console.store.write(path, console.store.read(path) + "Noor knows more.\n")
    console.store.git("-c", "user.name=Noor", "-c", "user.email=noor@example.org", "commit", "-qam", "More")
    console.who = NOOR
    assert "noor wrote" in console("postmortem", "approve", short, code=1).err


def test_a_co_author_is_an_author_too(console, short):
    path = path_of(console)
    console.store.write(path, console.store.read(path) + "More.\n")
    console.store.git("commit", "-qam", "More\n\nCo-authored-by: Noor Voorbeeld <noor@example.org>")
    console.who = NOOR
    assert "noor wrote" in console("postmortem", "approve", short, code=1).err


def test_an_approval_is_over_exact_bytes(console, finished):
    short = finished
    console.who = NOOR
    approval = console("postmortem", "approve", short)
    assert (
        f"digest: sha256:{subprocess.check_output(['sha256sum', console.store.root / path_of(console)], text=True)[:64]}"
        in (console.store.read(f"approvals/2026/{approval.id}.yaml"))
    )
    assert "has approved" in console("postmortem", "approve", short, code=1).err
    console.store.write(path_of(console), console.store.read(path_of(console)) + "Changed.\n")
    console.store.commit("Change it afterwards")
    console.who = ("Ada Example", "ada@example.org")
    assert (
        "that of noor does not count, the file was changed afterwards"
        in console("incident", "close", short, code=1).err
    )


def test_what_is_not_committed_cannot_be_approved(console, short):
    path = path_of(console)
    console.store.write(path, console.store.read(path) + "Not yet.\n")
    console.who = NOOR
    assert f"{path} is not committed as it is" in console("postmortem", "approve", short, code=3).err


def test_a_shallow_clone_does_not_judge_who_wrote_it(console, short, tmp_path):
    clone = tmp_path / "shallow"
    console.store.git("clone", "--quiet", "--depth=1", f"file://{console.store.path}", str(clone))
    shallow = type(console)(type(console.store)(clone, console.store.env))
    shallow.who = NOOR
    said = shallow("postmortem", "approve", short, code=4)
    assert "shallow clone" in said.err
    assert "git fetch --unshallow" in said.err
    shutil.rmtree(clone)


def test_there_is_nothing_to_approve_before_it_is_started(console):
    short = console(*OPEN).id[-6:]
    assert "there is no post-mortem" in console("postmortem", "approve", short, code=2).err


# What it begins with.


def test_it_begins_with_every_section_and_is_asked_for_in_each(console, short):
    text = console.store.read(path_of(console))
    sections = re.findall(r"(?m)^## (.*)$", text)
    assert sections == [
        *("Summary", "Impact", "What happened", "Contributing factors"),
        *("What surprised us", "What went well", "Where we were lucky", "Measures"),
    ]
    assert all("\n> " in part for part in text.split("\n## ")[1:])
    assert not re.search(r"\n\n\n|[ \t]$|\{|undefined", text)


def test_the_facts_are_those_of_the_timeline_and_the_agreement(console):
    console.store.write(
        "catalogue/agreements/receipts.yaml",
        "title: Receipts\nservices: [receipt-scanner]\nsupport_hours: always\n"
        'agreed: {with: Them, at: "2026-01-26", document: "https://c.example.com/1"}\n'
        "response:\n  - {severity: sev1, respond: 1m, resolve: 4h}\n",
    )
    short = console(*OPEN, "--started", "-20m").id[-6:]
    console("incident", "role", short, "commander", "ada", "--at", "-1m")
    console("incident", "role", short, "scribe", "kim@example.org")
    console("incident", "update", short, "We are looking into it", "--at", "-1m")
    console("incident", "resolve", short)
    console("measure", "add", short, "Probe", "--type", "detect", "--owner", "platform", "--due", "2026-12-20")
    measure = next(console.store.root.glob("measures/2026/*")).name[-6:]
    console("postmortem", "start", short)
    text = console.store.read(path_of(console))
    assert "- Times (Europe/Berlin): impact started 2026-11-23 07:56, declared 2026-11-23 08:16," in text
    assert "; unknown: mitigated\n" in text
    assert "- Agreed in receipts: respond in 1 min, due 2026-11-23 08:17: met\n" in text
    assert "- Agreed in receipts: resolve in 4 h, due 2026-11-23 11:56: met\n" in text
    assert "- Roles: incident commander ada, scribe kim\n" in text
    assert "- Users were told once, first at 2026-11-23 08:18\n" in text
    assert f"- {measure} Probe\n\n> " in text
    assert "Error budget" not in text


def test_text_of_the_timeline_never_becomes_a_heading_or_a_comment(console):
    short = console(*OPEN).id[-6:]
    console("incident", "log", short, "one\n## Summary\n<!-- never closed\n" + "long " * 200)
    console("postmortem", "start", short)
    text = console.store.read(path_of(console))
    assert "one ## Summary <!\\-- never closed long" in text
    assert text.count("\n## Summary") == 1
    assert max(map(len, text.splitlines())) < 500
    found = console("postmortem", "check", short, "--json", code=1).json["findings"]
    assert {one["code"] for one in found} == {"PMO001", "PMO002", "PMO006"}


def test_what_is_not_known_is_said_to_be_unknown(console):
    short = console(*OPEN).id[-6:]
    console("postmortem", "start", short)
    text = console.store.read(path_of(console))
    assert "| time to resolve | impact started | resolved | unknown |" in text
    assert "; unknown: impact started, acknowledged, mitigated, resolved\n" in text
    assert "- No update to users is recorded\n" in text


def test_a_post_mortem_is_not_started_without_the_whole_timeline(console):
    short = console(*OPEN).id[-6:]
    next(console.store.root.glob("incidents/2026/*/timeline/*opened*")).write_text("type: opened\nat: yesterday\n")
    assert "damaged file" in console("postmortem", "start", short, code=2).err
    assert not list(console.store.root.glob("postmortems/2026/*"))


def test_starting_without_committing_leaves_the_file(console):
    short = console(*OPEN).id[-6:]
    said = console("--no-commit", "postmortem", "start", short, "--json")
    assert said.json["written"]["commit"] is None
    assert said.json["postmortem"]["status"] == "draft"
    assert console.store.read(said.json["postmortem"]["path"])


# Who moderates.


def test_a_moderator_is_written_into_the_file_and_nothing_else_changes(console, short):
    path = path_of(console)
    console.store.write(
        path, console.store.read(path).replace("author: ada", "author: ada  # who else").replace("\n", "\r\n")
    )
    console.store.commit("Typed on Windows")
    before = (console.store.root / path).read_bytes().decode()
    said = console("postmortem", "moderate", short, "kim@example.org", "--json")
    after = (console.store.root / path).read_bytes().decode()
    assert after == before.replace("---\r\n\r\n", "moderator: kim\r\n---\r\n\r\n", 1)
    assert said.json["postmortem"]["moderator"] == "kim"
    console("postmortem", "moderate", short, "noor")
    assert (console.store.root / path).read_bytes().decode() == after.replace("moderator: kim", "moderator: noor")


def test_an_address_of_a_person_is_that_person(console, short):
    console("postmortem", "moderate", short, "ADA@home.example")
    assert "moderator: ada\n" in console.store.read(path_of(console))


def test_who_led_it_at_any_time_does_not_moderate(console):
    short = console(*OPEN).id[-6:]
    console("incident", "role", short, "commander", "ada")
    console("incident", "role", short, "commander", "kim@example.org")
    before = console.store.head()
    said = console("postmortem", "start", short, "--moderator", "ada@home.example", code=1)
    assert "ada led incident-" in said.err
    assert console.store.head() == before
    console("postmortem", "start", short, "--moderator", "noor")
    for person in ("ada", "ada@example.org", "Kim@example.org"):
        said = console("postmortem", "moderate", short, person, code=1)
        assert "as incident commander, and somebody else moderates" in said.err
        assert f"svcops postmortem moderate {short} SOMEBODY-ELSE" in said.err


def test_another_role_may_moderate_and_so_may_who_was_named_by_mistake(console):
    short = console(*OPEN).id[-6:]
    console("incident", "role", short, "commander", "ada")
    event = next(console.store.root.glob("incidents/2026/*/timeline/*-role-*")).stem[-6:]
    console("incident", "role", short, "commander", "kim@example.org", "--corrects", event)
    console("incident", "role", short, "scribe", "noor")
    console("postmortem", "start", short, "--moderator", "ada")
    console("postmortem", "moderate", short, "noor")


@pytest.mark.parametrize(
    ("person", "message"),
    [
        ("adda", "Did you mean ada?"),
        ("nobody", "no person 'nobody'"),
        ("a b@c", "no person"),
        ("", "must not be empty"),
    ],
)
def test_a_moderator_is_somebody(console, short, person, message):
    assert message in console("postmortem", "moderate", short, person, code=2).err


def test_naming_the_same_moderator_again_changes_nothing(console, finished):
    head = console.store.head()
    assert "moderates it already" in console("postmortem", "moderate", finished, "kim@example.org", code=2).err
    assert console.store.head() == head


def test_a_new_moderator_voids_the_approval_and_says_so(console, finished):
    console.who = NOOR
    console("postmortem", "approve", finished)
    console.who = ("Ada Example", "ada@example.org")
    said = console("postmortem", "moderate", finished, "noor")
    assert "noor has to approve it again" in said.err
    assert shown(console, finished)["status"] == "draft"


def test_nobody_is_named_where_the_timeline_is_damaged(console, short):
    next(console.store.root.glob("incidents/2026/*/timeline/*opened*")).write_text("type: opened\nat: yesterday\n")
    assert "damaged file" in console("postmortem", "moderate", short, "kim@example.org", code=2).err


def test_a_damaged_post_mortem_is_named(console, short):
    console.store.write(path_of(console), "---\ntitle: 1\n---\n")
    for words in (("moderate", short, "kim@example.org"), ("approve", short), ("show", short), ("check", short)):
        assert "is damaged" in console("postmortem", *words, code=2).err


# What cannot be approved yet.


def test_questions_that_are_left_and_a_moderator_that_is_missing_come_before_the_approval(console, short):
    console.who = NOOR
    said = console("postmortem", "approve", short, code=1)
    assert "is not finished; a change after the approval would void it:" in said.err
    assert "a major incident needs a moderator" in said.err
    assert "the section Contributing factors is empty" in said.err
    assert f"svcops postmortem check {short}" in said.err
    assert not list(console.store.root.glob("approvals/2026/*"))


def test_hints_hold_no_approval_up(console, finished):
    path = path_of(console)
    console.store.write(path, console.store.read(path).replace("Said.", "Because of human error. Said.", 1))
    console.store.commit("Blame")
    assert console("postmortem", "check", finished).code == 0
    console.who = NOOR
    console("postmortem", "approve", finished)


def test_a_minor_one_needs_no_moderator(console):
    short = console(*OPEN[:-3], "sev3", *OPEN[-2:]).id[-6:]
    console("postmortem", "start", short)
    finish(console)
    console.who = NOOR
    console("postmortem", "approve", short)


# What a major incident closes with.


@pytest.fixture
def anchored(console, finished):
    """As `finished`, with an anchored measure; only the approval is missing."""
    console("measure", "add", finished, "Probe", "--type", "detect", "--owner", "platform", "--due", "2026-12-20")
    console.store.write("slo/probe.yaml", "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: probe}\nspec: {}\n")
    console.store.commit("Probe")
    console("measure", "anchor", finished, "--path", "slo/probe.yaml")
    return finished


def test_it_closes_with_a_moderated_and_approved_post_mortem(console, anchored):
    assert "an approval of postmortems/" in console("incident", "close", anchored, code=1).err
    console.who = NOOR
    console("postmortem", "approve", anchored)
    console("incident", "close", anchored)
    assert console("check").code == 0


def test_it_does_not_close_without_a_moderator_that_somebody_took_out(console, anchored):
    path = path_of(console)
    console.store.write(path, console.store.read(path).replace("moderator: kim\n", ""))
    console.store.commit("No moderator")
    approve_by_hand(console)
    said = console("incident", "close", anchored, code=1)
    assert f"a moderator of {path}, who did not lead the incident" in said.err
    assert f"svcops postmortem moderate {anchored} PERSON" in said.err
    assert "an approval" not in said.err


def test_it_does_not_close_with_a_moderator_who_is_named_commander_afterwards(console, anchored):
    console.who = NOOR
    console("postmortem", "approve", anchored)
    console("incident", "role", anchored, "commander", "kim@example.org", "--at", "-3m")
    console("incident", "role", anchored, "commander", "lee@example.org", "--at", "-2m")
    said = console("incident", "close", anchored, code=1)
    assert "kim led the incident" in said.err


def test_a_closing_by_hand_without_a_moderator_is_found(console, anchored):
    path = path_of(console)
    console.store.write(path, console.store.read(path).replace("moderator: kim\n", ""))
    approve_by_hand(console)
    close_by_hand(console)
    assert codes(console) == {"INC002": "error", "PMO006": "warning"}


def test_a_merge_that_makes_the_moderator_who_led_it_is_found(console, anchored):
    console.who = NOOR
    console("postmortem", "approve", anchored)
    console.store.git("branch", "other")
    console("incident", "close", anchored)
    assert codes(console) == {}
    console.store.git("checkout", "-q", "other")
    console("incident", "role", anchored, "commander", "kim@example.org", "--at", "-3m")
    console.store.git("checkout", "-q", "main")
    console.store.git("merge", "-q", "--no-edit", "other")
    assert codes(console) == {"INC002": "error", "PMO006": "warning"}


def test_a_merge_of_two_texts_voids_the_approval_and_is_found(console, anchored):
    console.store.git("branch", "other")
    console.who = NOOR
    console("postmortem", "approve", anchored)
    console("incident", "close", anchored)
    console.store.git("checkout", "-q", "other")
    path = path_of(console)
    console.store.write(path, console.store.read(path) + "One thing more.\n")
    console.store.commit("More")
    console.store.git("checkout", "-q", "main")
    console.store.git("merge", "-q", "--no-edit", "other")
    assert codes(console) == {"INC002": "error"}
    found = console("check", "--json", code=1).json["findings"]
    lost = next(one for one in found if one["code"] == "INC002")
    assert "the file was changed afterwards" in lost["message"]
    approved, written = lost["related"]
    assert (approved["label"], approved["line"], approved["column"]) == ("last approved there", 2, 9)
    assert (written["label"], written["path"]) == ("the post-mortem", path)


def test_an_approval_by_hand_of_what_is_not_finished_is_found(console, short):
    approve_by_hand(console)
    assert {"PMO001", "PMO002", "PMO006"} == set(codes(console, 0))


def approve_by_hand(console):
    digest = subprocess.check_output(["sha256sum", console.store.root / path_of(console)], text=True)[:64]
    text = f"of: {path_of(console)}\ndigest: sha256:{digest}\nrole: reviewer\nby: noor@example.org\nat: 2026-11-23T09:00:00Z\n"
    console.store.write("approvals/2026/approval-20261123-aaaaaa.yaml", text)
    console.store.commit("Approved by hand")


def close_by_hand(console):
    folder = next(console.store.root.glob("incidents/2026/*/timeline"))
    at = "2026-11-23T12:00:00Z"
    (folder / "9-closed.yaml").write_text(f"type: closed\nat: {at}\nrecorded_at: {at}\nby: ada\nfrom: post-mortem\n")
    console.store.commit("Closed by hand")
    console.now = console.now.replace(hour=12, minute=1)


def codes(console, code=None):
    return {one["code"]: one["severity"] for one in console("check", "--json", code=code).json["findings"]}


def shown(console, short):
    return console("postmortem", "show", short, "--json").json["postmortem"]


def test_an_address_of_nobody_does_not_approve_it(console, finished):
    console.who = ("Ada Example", "ada@throwaway.example")
    said = console("postmortem", "approve", finished, code=1)
    assert "ada@throwaway.example is nobody of catalogue/people" in said.err
    assert "emails" in said.err
    assert not list(console.store.root.glob("approvals/*/*"))


def test_an_approval_of_nobody_by_hand_is_found_and_does_not_count(console, anchored):
    console.who = NOOR
    console("postmortem", "approve", anchored)
    path = next(console.store.root.glob("approvals/*/*.yaml")).relative_to(console.store.root).as_posix()
    console.store.put(path, console.store.read(path).replace("by: noor\n", "by: ada@throwaway.example\n"))
    console.who = ("Ada Example", "ada@example.org")
    said = console("incident", "close", anchored, code=1)
    assert "ada@throwaway.example does not count, ada@throwaway.example is nobody of catalogue/people" in said.err
    assert "TRU004" in console("check", code=1).out
    console.store.put("catalogue/people/robin.yaml", "name: Robin\nemails: [ada@throwaway.example]\n")
    assert "TRU004" not in console("check", code=None).out
    console("incident", "close", anchored)


def test_a_store_without_people_takes_every_address_for_a_person(console, finished):
    for name in ("ada", "kim", "noor"):
        console.store.put(f"catalogue/people/{name}.yaml", None)
    console.who = ("Robin", "robin@example.org")
    console("postmortem", "approve", finished)
    assert "TRU004" not in console("check", code=None).out


@pytest.fixture
def early(console):
    """A post-mortem that was started before its incident was resolved, with everything answered."""
    short = console(*OPEN, "--started", "-20m").id[-6:]
    console("postmortem", "start", short, "--moderator", "kim@example.org")
    finish(console)
    console("incident", "log", short, "Rolled back to 4.2.0")
    console("incident", "resolve", short)
    return short


def test_facts_that_the_timeline_contradicts_are_found_and_keep_it_from_being_approved(console, early):
    out = console("postmortem", "check", early, code=1).out
    assert "error[PMO008]" in out
    assert "time to resolve 23 min" in out
    assert f"svcops postmortem start {early} --facts" in out
    found = [one for one in console("check", "--json", code=None).json["findings"] if one["code"] == "PMO008"]
    assert {one["severity"] for one in found} == {"warning"}
    console.who = NOOR
    assert "is not finished" in console("postmortem", "approve", early, code=1).err


def test_facts_are_written_anew_and_nothing_else_changes(console, early):
    before = console.store.read(path_of(console)).splitlines()
    said = console("postmortem", "start", early, "--facts")
    after = console.store.read(path_of(console)).splitlines()
    changed = set(after) - set(before)
    assert "| time to resolve | impact started | resolved | 23 min |" in changed
    assert all(one.startswith(("| time to ", "- Times (")) for one in changed), changed
    assert len(after) == len(before)
    assert "+| time to resolve | impact started | resolved | 23 min |" in said.err
    assert console.store.is_clean()
    assert console("postmortem", "check", early).code == 0
    assert "Nothing to do" in console("postmortem", "start", early, "--facts", code=2).err
    console.who = NOOR
    console("postmortem", "approve", early)


def test_a_page_without_facts_has_none_to_renew(console):
    short = console(*OPEN).id[-6:]
    console.store.write("templates/postmortem.md.j2", "\nOurs: {{ title }}\n")
    console("postmortem", "start", short)
    assert "has no facts" in console("postmortem", "start", short, "--facts", code=2).err
