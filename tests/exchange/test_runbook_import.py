"""Runbooks that are Markdown files become runbooks of a service: their texts, alerts, and links between them."""

import pytest

PAGES = {
    "alerts/net/NodeDown.md": "# NodeDown\n\n## Meaning\n\nSee [the other](../disk/DiskFull.md#what) and [x](gone.md).\n",
    "alerts/disk/DiskFull.md": "---\ntitle: The disk is full\nteam: x\n---\n## What\n\n[here](#what) [web](https://a.b/c)\n",
    "alerts/disk/README.md": "# About disks\n",
    "README.md": "# All of them\n",
    "LICENSE.md": "Free.\n",
}


@pytest.fixture
def folder(tmp_path):
    for path, text in PAGES.items():
        (tmp_path / "books" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "books" / path).write_text(text)
    return tmp_path / "books"


def imported(console, folder, *options, code=0):
    return console("import", "runbooks", str(folder), "--service", "ledger", *options, code=code)


def test_pages_become_runbooks_and_those_called_like_an_alert_answer_it(console, folder):
    imported(console, folder)
    assert console("runbook", "list", "--service", "ledger", "--quiet").out.splitlines() == [
        "ledger/disk",
        "ledger/diskfull",
        "ledger/nodedown",
    ]
    found = console("runbook", "show", "nodedown", "--json").json["runbook"]
    assert (found["title"], found["alerts"], found["kind"]) == ("NodeDown", ["NodeDown"], "operation")
    assert (
        console("runbook", "list", "--alert", "DiskFull", "--json").json["runbooks"][0]["title"] == "The disk is full"
    )


def test_folders_tell_for_which_services_pages_are_and_links_lead_across(console, folder):
    console.store.write("catalogue/services/net.yaml", "title: The net\nowner: platform\n")
    said = console("import", "runbooks", str(folder))
    assert "services: disk" in said.out, "as there is no such service yet"
    assert "services: net" not in said.out
    names = console("runbook", "list", "--quiet").out.split()
    assert {"disk/disk", "disk/diskfull", "net/nodedown"} <= set(names)
    assert "[the other](../disk/diskfull.md#what)" in console.store.read("runbooks/net/nodedown.md")
    assert "3 there already" in console("import", "runbooks", str(folder)).out


def test_the_nearest_folder_that_is_called_like_a_service_tells(console, folder):
    console.store.write("catalogue/services/alerts.yaml", "title: All alerts\nowner: platform\n")
    console("import", "runbooks", str(folder))
    assert console("runbook", "list", "--service", "alerts", "--quiet").out.split() == [
        "alerts/disk",
        "alerts/diskfull",
        "alerts/nodedown",
    ]


@pytest.mark.parametrize("front", ["alerts: 7", "alert: true", "alerts: {a: b}"])
def test_alerts_of_another_form_are_left_out_and_told(console, tmp_path, front):
    (tmp_path / "a.md").write_text(f"---\n{front}\n---\n# A\n")
    said = console("import", "runbooks", str(tmp_path / "a.md"), "--service", "ledger").out
    assert "left out of its front matter: alert" in said


def test_a_folder_that_is_no_service_tells_nothing(console, folder):
    said = console("import", "runbooks", str(folder / "alerts" / "net"), code=2)
    assert "no folder above it is called like a service" in said.err
    assert "--service NAME says it for all" in said.err


def test_what_a_page_says_of_itself_is_kept_where_it_may_be_said_here(console, folder):
    (folder / "Restore.md").write_text(
        "---\ntitle: Restore\nkind: recovery\nowner: platform\npreconditions: [The database is stopped]\n"
        "estimated: 20m\nsecrets: [DSN]\nservices: [ledger, receipt-scanner, gone]\nalert: LedgerLost\n"
        "reviewed: 2024-01-01\n---\n## Meaning\n"
    )
    (folder / "Odd.md").write_text("---\nkind: other\nowner: nobody-known\nestimated: soon\nteam: x\n---\n# Odd\n")
    said = imported(console, folder).out
    record = console.store.read("runbooks/ledger/restore.md")
    for line in (
        "kind: recovery",
        "owner: platform",
        "- The database is stopped",
        "estimated: 20m",
        "- DSN",
        "- receipt-scanner",
        "- LedgerLost",
    ):
        assert line in record
    assert "left out of its front matter: reviewed, services (gone)" in said
    assert "left out of its front matter: kind, estimated, team, owner (nobody-known)" in said
    assert "kind: operation" in console.store.read("runbooks/ledger/odd.md")
    assert "nothing written: there is nothing to add" in imported(console, folder).err


def test_a_link_that_leads_out_of_the_folder_is_refused(console, folder, tmp_path):
    (tmp_path / "private.md").write_text("# Not for you\n")
    (folder / "linked.md").symlink_to(tmp_path / "private.md")
    assert "is a link that leads out of" in imported(console, folder, code=2).err
    (folder / "linked.md").unlink()
    (folder / "linked.md").symlink_to("alerts/net/NodeDown.md")
    imported(console, folder)


def test_links_between_pages_lead_to_their_new_places_and_others_stay(console, folder):
    imported(console, folder)
    assert "See [the other](diskfull.md#what) and [x](gone.md)." in console.store.read("runbooks/ledger/nodedown.md")
    assert "[here](#what) [web](https://a.b/c)" in console.store.read("runbooks/ledger/diskfull.md")
    dead = [one for one in console("check", "--json", code=None).json["findings"] if one["code"] == "RBK003"]
    assert [one["message"] for one in dead] == ["a link that leads nowhere: there is no runbooks/ledger/gone.md"]


def test_twice_writes_nothing_the_second_time(console, folder):
    imported(console, folder)
    assert "nothing written: there is nothing to add" in imported(console, folder).err


def test_what_changed_there_is_taken_over_only_when_asked_and_never_over_an_edit_here(console, folder):
    imported(console, folder)
    (folder / "alerts/net/NodeDown.md").write_text("# Node is down\n\nNew text.\n")
    imported(console, folder)
    assert "New text" not in console.store.read("runbooks/ledger/nodedown.md")
    imported(console, folder, "--update")
    text = console.store.read("runbooks/ledger/nodedown.md")
    assert "New text" in text
    console.store.write("runbooks/ledger/nodedown.md", text.replace("New text", "Own text"))
    console.store.commit("edit")
    (folder / "alerts/net/NodeDown.md").write_text("# Node is down\n\nNewer text.\n")
    imported(console, folder, "--update")
    assert "Own text" in console.store.read("runbooks/ledger/nodedown.md")


def test_two_pages_of_one_name_are_told_apart_by_their_folders(console, folder):
    (folder / "alerts/net/DiskFull.md").write_text("# Another\n")
    imported(console, folder)
    assert {"ledger/diskfull", "ledger/net-diskfull"} <= set(
        console("runbook", "list", "--service", "ledger", "--quiet").out.split()
    )


def test_a_dry_run_writes_nothing(console, folder):
    assert "3 items: 3 to add" in imported(console, folder, "--dry-run").out
    assert console("runbook", "list", "--service", "ledger", "--quiet").out == ""


def test_what_was_written_here_is_never_overwritten(console, folder):
    console("runbook", "new", "ledger/nodedown", "--title", "Ours")
    assert "ledger/nodedown was written here" in imported(console, folder, "--update", code=2).out
    assert "Ours" in console.store.read("runbooks/ledger/nodedown.md")


@pytest.mark.parametrize(
    ("text", "why"),
    [("---\ntitle: [\n---\n", "YAML"), ("---\n- a\n---\n", "its front matter is no mapping"), ("\udcff", "UTF-8")],
)
def test_a_page_that_cannot_be_read_is_told_and_nothing_is_written(console, folder, text, why):
    (folder / "bad.md").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert why in imported(console, folder, code=2).err
    assert console("runbook", "list", "--service", "ledger", "--quiet").out == ""


def test_a_folder_without_pages_is_told(console, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "there is no Markdown file in it" in imported(console, tmp_path / "empty", code=2).err


def test_a_page_that_another_folder_has_too_is_told_and_none_is_lost(console, folder):
    (folder / "more").mkdir()
    (folder / "more" / "NodeDown.md").write_text("# Another\n")
    given = (str(folder / "alerts" / "net"), str(folder / "more"), "--service", "ledger")
    assert "are both NodeDown.md" in console("import", "runbooks", *given, code=2).err
    assert console("runbook", "list", "--service", "ledger", "--quiet").out == ""


def test_a_page_that_is_named_twice_comes_once(console, folder):
    given = (str(folder / "alerts" / "net"), str(folder / "alerts" / "net" / "NodeDown.md"), "--service", "ledger")
    assert ": 1 to add" in console("import", "runbooks", *given).out
