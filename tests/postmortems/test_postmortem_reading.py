"""What is shown of post-mortems: the list, one of them, its check, and who is reminded of what."""

import re
from datetime import timedelta

import pytest
from tests.conftest import ADA, NOOR

from svcops.postmortems.writers import writers_of
from svcops.store.opening import Store

OPEN = ("incident", "open", "Receipts are not extracted", "--service", "receipt-scanner", "--detected-by", "slo")


def resolved(console, severity="sev1", *more):
    short = console(*OPEN, "--severity", severity, *more).id[-6:]
    console("incident", "resolve", short)
    return short


@pytest.fixture
def short(console):
    """A resolved major incident with its post-mortem, not finished."""
    short = resolved(console)
    console("postmortem", "start", short)
    return short


def path_of(console):
    return next(console.store.root.glob("postmortems/2026/*.md")).relative_to(console.store.root).as_posix()


def finish(console, short):
    console("postmortem", "moderate", short, "kim@example.org")
    console.store.write(path_of(console), re.sub(r"(?m)^> .*$", "Said.", console.store.read(path_of(console))))
    console.store.commit("What happened")


def test_the_list_holds_what_is_written_and_what_nobody_started(console, short):
    other = resolved(console)
    resolved(console, "sev3")
    lines = [line.split("\t") for line in console("postmortem", "list").out.splitlines()]
    assert [(line[0][-6:], line[1], line[2]) for line in lines] == [
        (short, "draft", "2026-12-07"),
        (other, "not started", "2026-12-07"),
    ]
    found = console("postmortem", "list", "--json").json["postmortems"]
    assert [one["id"] and one["id"][-6:] for one in found] == [short, None]
    assert found[1]["incidents"][0].endswith(other)
    assert console("postmortem", "list", "--quiet").out.split() == [line[0] for line in lines]


def test_what_became_major_after_it_was_closed_is_waited_for(console):
    short = resolved(console, "sev3")
    console("incident", "close", short, "--no-measure-because", "A one-off")
    assert console("postmortem", "list").out == ""
    console("incident", "severity", short, "sev1")
    (one,) = console("postmortem", "list", "--open", "--json").json["postmortems"]
    assert one["incidents"][0].endswith(short)
    assert f"svcops postmortem start {short}" in console("postmortem", "remind", "--ahead", "30").out


def test_what_is_approved_is_neither_open_nor_due(console, short):
    finish(console, short)
    assert console("postmortem", "list", "--open").out.startswith("postmortem-")
    console.who = NOOR
    console("postmortem", "approve", short)
    assert console("postmortem", "list").out.split("\t")[1] == "approved"
    assert console("postmortem", "list", "--open").out == ""
    said = console("postmortem", "list", "--due")
    assert (said.out, said.err) == ("", "No post-mortem is waited for.\n")


def test_the_soonest_due_comes_first_and_what_is_late_says_so(console, short):
    console.store.write(
        "svcops.yaml", "severities:\n  - {name: sev1, major: true}\n  - {name: sev3, postmortem_within: 1}\n"
    )
    other = resolved(console, "sev3")
    console("postmortem", "start", other)
    console.now += timedelta(days=3)
    lines = [line.split("\t") for line in console("postmortem", "list", "--due").out.splitlines()]
    assert [(line[0][-6:], line[2]) for line in lines] == [(other, "2026-11-24 overdue"), (short, "2026-12-07")]


def test_no_post_mortem_is_no_error(console):
    said = console("postmortem", "list")
    assert (said.out, said.err) == ("", "No post-mortems.\n")
    assert console("postmortem", "list", "--json").json["postmortems"] == []


def test_a_damaged_one_is_said_and_left_out(console, short):
    console.store.write("postmortems/2026/postmortem-20261101-aaaaaa.md", "---\ntitle: 1\n---\n")
    said = console("postmortem", "list", code=2)
    assert "left out, damaged: postmortems/2026/postmortem-20261101-aaaaaa.md" in said.err
    assert short in said.out


def test_a_damaged_one_is_neither_missing_nor_to_be_started(console, short):
    """Whoever breaks its front matter is told so, and nobody is sent to start what is there."""
    (path,) = console.store.root.glob("postmortems/2026/*.md")
    console.store.write(
        path.relative_to(console.store.root).as_posix(), path.read_text().replace("title: ", "title: [", 1)
    )
    console.now += timedelta(days=40)
    assert "\tdamaged\t2026-" in (listed := console("postmortem", "list", code=2).out)
    assert "overdue" not in listed
    (one,) = console("postmortem", "list", "--json", code=2).json["postmortems"]
    assert (one["status"], one["overdue"], one["path"]) == ("damaged", None, f"postmortems/2026/{path.name}")
    mail = console("postmortem", "remind", code=2).out
    assert "is damaged: was due on" in mail
    assert "postmortem start" not in mail
    refused = console("incident", "close", short, code=None).err
    assert f"postmortems/2026/{path.name} is damaged" in refused
    assert "PMO007" not in {one["code"] for one in console("check", "--json", code=None).json["findings"]}


def test_one_shows_who_and_when_and_why_an_approval_does_not_count(console, short):
    finish(console, short)
    console.who = NOOR
    console("postmortem", "approve", short)
    console.who = ADA
    out = console("postmortem", "show", short).out
    assert "  status      approved\n" in out
    assert "  written by  ada\n" in out
    assert "  moderator   kim\n" in out
    assert "  due         Mon 2026-12-07\n" in out
    assert "noor, asserted: counts" in out
    console.store.write(path_of(console), console.store.read(path_of(console)) + "More.\n")
    console.store.commit("More")
    out = console("postmortem", "show", short).out
    assert "  status      draft\n" in out
    assert "noor: does not count, the file was changed afterwards" in out


def test_one_shows_what_is_to_do_with_its_lines(console, short):
    out = console("postmortem", "show", short).out
    assert "  moderator   nobody yet\n" in out
    line = console.store.read(path_of(console)).splitlines().index("## Contributing factors") + 1
    assert f"  {line}:1    the section Contributing factors is empty (PMO001)\n" in out
    found = console("postmortem", "show", short, "--json").json["postmortem"]
    assert {"PMO001", "PMO002", "PMO006"} == {one["code"] for one in found["findings"]}
    assert console("postmortem", "show", short, "--quiet").out == f"{found['id']}\n"


def approved_of(console):
    """Of the major incidents, those with an approved post-mortem: how many, of how many, and unknown of how many."""
    lines = [line.split("\t") for line in console("report", "response").out.splitlines()]
    return next([cell for cell in line[4:] if cell] for line in lines if "with an approved" in line[3])


def test_in_a_shallow_clone_an_approval_is_not_judged(console, short, tmp_path):
    finish(console, short)
    console.who = NOOR
    console("postmortem", "approve", short)
    clone = tmp_path / "shallow"
    console.store.git("clone", "--quiet", "--depth=1", f"file://{console.store.path}", str(clone))
    shallow = type(console)(type(console.store)(clone, console.store.env))
    shallow.now = console.now
    assert "  status      unknown\n" in shallow("postmortem", "show", short).out
    assert "perhaps others: this is a shallow clone" in shallow("postmortem", "show", short).out
    assert shallow("postmortem", "list", "--open").out.split("\t")[1] == "unknown"
    assert (approved_of(console), approved_of(shallow)) == (["1", "1", "0"], ["0", "0", "1"])
    assert "unshallow completes: who wrote it" in shallow("report", "response", "--explain", "postmortems").out


def test_an_imported_one_is_passed_by(console):
    imported = "---\ntitle: Old\nincidents: []\nauthor: ada\nstarted_at: 2020-01-01T00:00:00Z\nimported: {system: wiki, key: a}\n---\n"
    console.store.write("postmortems/2020/postmortem-20200101-aaaaaa.md", imported)
    assert console("postmortem", "list").out.split("\t")[1] == "imported"
    assert console("postmortem", "check").code == 0
    assert console("postmortem", "list", "--open").out == ""


# The check of what it says.


def test_the_check_says_no_until_it_can_be_approved(console, short):
    said = console("postmortem", "check", short, code=1)
    assert "error[PMO001]: the section Contributing factors is empty" in said.out
    assert "error[PMO006]: a major incident needs a moderator" in said.out
    finish(console, short)
    assert "All good: 1 record checked, nothing found." in console("postmortem", "check", short).out
    assert console("postmortem", "check", short, "--quiet").out == ""


def test_places_are_of_the_file(console, short):
    finish(console, short)
    path = path_of(console)
    text = console.store.read(path).replace("Said.", "Late: human error.", 1)
    console.store.write(path, text)
    (one,) = console("postmortem", "check", short, "--json").json["findings"]
    line = next(number for number, line in enumerate(text.splitlines(), 1) if "human error" in line)
    assert (one["code"], one["severity"], one["line"], one["column"]) == ("PMO004", "warning", line, 7)
    assert console("postmortem", "check", short, "--quiet").out == f"{path}:{line}:7 PMO004\n"


def test_what_is_late_is_among_the_findings_of_its_own(console, short):
    finish(console, short)
    late = resolved(console)
    console.now += timedelta(days=30)
    assert "warning[PMO007]" in console("postmortem", "check", short).out
    both = console("postmortem", "check", "--json").json["findings"]
    assert [one["code"] for one in both] == ["PMO007", "PMO007"]
    assert any(f"svcops postmortem start {late}" == one["help"] for one in both)


def test_the_check_of_the_store_warns_of_a_draft(console, short):
    found = console("check", "--json").json["findings"]
    assert {(one["code"], one["severity"]) for one in found} == {(f"PMO00{n}", "warning") for n in (1, 2, 6)}
    assert short


def test_a_template_of_the_store_asks_its_own_questions(console):
    console.store.write("templates/postmortem.md.j2", "## Why {{ short }}\n\n## Why\n\n> Why, {{ title }}?\n")
    console.store.write("templates/README.md", "ours\n")
    short = resolved(console, "sev3")
    console("postmortem", "start", short)
    found = console("postmortem", "check", short, "--json", code=1).json["findings"]
    assert [(one["code"], one["help"]) for one in found] == [
        ("PMO001", "Why, Receipts are not extracted? If it is nothing, say so.")
    ]


# Who is reminded.


def test_who_started_it_is_reminded_and_what_comes_first(console, short):
    assert console("postmortem", "remind").err == "nothing is overdue, or due within 7 days\n"
    out = console("postmortem", "remind", "--ahead", "14").out
    assert out.startswith("To: ada <ada@example.org>\n\n- The post-mortem of ")
    assert f"({short}) needs a moderator who did not lead the incident: due on Mon 2026-12-07\n" in out
    assert f"  svcops postmortem moderate {short} PERSON\n" in out
    finish(console, short)
    console.now += timedelta(days=20)
    out = console("postmortem", "remind").out
    assert "is not approved: was due on Mon 2026-12-07" in out
    console.who = NOOR
    console("postmortem", "approve", short)
    assert console("postmortem", "remind").out == ""


def test_who_led_it_is_reminded_of_what_nobody_started_else_the_team(console):
    led = console(*OPEN, "--severity", "sev1").id[-6:]
    console("incident", "role", led, "commander", "noor@example.org")
    console("incident", "resolve", led)
    nobody = resolved(console, "sev2")
    console("measure", "add", nobody, "Probe", "--type", "detect", "--owner", "platform", "--due", "2026-12-06")
    console.now += timedelta(days=30)
    found = console("postmortem", "remind", "--json").json["reminders"]
    assert [(one["to"], one["mail"], len(one["items"])) for one in found] == [
        ("platform", None, 2),
        ("noor", "noor@example.org", 1),
    ]
    assert found[0]["items"][0]["what"].startswith('The measure "Probe"')
    assert found[0]["items"][1]["command"] == f"svcops postmortem start {nobody}"
    assert found[1]["items"][0]["command"] == f"svcops postmortem start {led}"
    assert console("postmortem", "remind", "--quiet").out.split() == ["platform", "noor"]


def test_reminding_writes_nothing(console, short):
    head = console.store.head()
    console("postmortem", "remind", "--ahead", "14")
    assert console.store.head() == head
    assert console.store.is_clean()
    assert short


# Who wrote it.


def test_one_call_of_git_tells_of_all_what_the_history_of_each_does(console):
    paths = []
    for number in range(3):
        console.who = (ADA, NOOR, ("Kim", "kim@example.org"))[number]
        short = resolved(console)
        paths.append(f"postmortems/2026/{console('postmortem', 'start', short).id}.md")
        console.store.write(paths[0], console.store.read(paths[0]) + f"{number}\n")
        console.store.git("add", "--all")
        console.store.git("commit", "-qm", f"More\n\nco-authored-by: Lee <lee{number}@example.org>\n")
    store = Store(console.store.root, console.store.env, print)
    entries = list(store.graph.all("postmortem").values())
    together = writers_of(store, entries)
    assert sorted(together) == sorted(paths)
    for one in entries:
        assert together[one.path] == writers_of(store, [one])[one.path]
    assert {"lee0@example.org", "lee2@example.org", "ada"} <= together[paths[0]].people


def test_a_store_below_the_top_of_its_repository_knows_its_writers(new_store, new_console):
    console = new_console(new_store(below="ops"))
    console.store.write("ops/catalogue/teams/platform.yaml", "title: Platform\n")
    console.store.write("ops/catalogue/services/receipt-scanner.yaml", "title: Receipt scanner\nowner: platform\n")
    console.store.commit("The catalogue")
    for _ in range(2):
        console("postmortem", "start", resolved(console))
    console.who = NOOR
    for path in console.store.root.glob("postmortems/2026/*.md"):
        path.write_text(f"{path.read_text()}More.\n")
    console.store.git("-c", "user.email=noor@example.org", "commit", "-qam", "More")
    store = Store(console.store.root, console.store.env, print)
    found = writers_of(store, list(store.graph.all("postmortem").values()))
    assert [one.people for one in found.values()] == [frozenset({"ada@example.org", "noor@example.org"})] * 2
    assert "PMO001" in console("postmortem", "check", code=1).out


def test_who_writes_in_a_merge_is_an_author_and_who_only_merges_is_none(console, short):
    store, path = console.store, path_of(console)
    base = store.head()
    text = store.read(path)
    for branch, words in (("one", "One.\n"), ("two", "Two.\n")):
        store.git("checkout", "--quiet", "-b", branch, base)
        store.write(path, text + words)
        store.commit(words)
    robin = ("-c", "user.name=Robin", "-c", "user.email=robin@example.org")
    store.git("checkout", "--quiet", "main")
    store.git(*robin, "merge", "--quiet", "--no-ff", "--no-edit", "one")
    assert "robin@example.org" not in console("postmortem", "show", short).out
    store.git(*robin, "merge", "--quiet", "two", check=False)
    store.write(path, text + "One, two, and what Robin thinks.\n")
    store.git("add", "--all")
    store.git(*robin, "commit", "--quiet", "--no-edit")
    assert "robin@example.org" in console("postmortem", "show", short).out


def test_reminders_look_ahead_and_not_back(console):
    said = console("postmortem", "remind", "--ahead", "-1", code=2).err
    assert "--ahead -1: what is due is not in the past" in said
    assert "--ahead 0" in said
