"""svcops undo: one's own last change, where nothing rests on it."""

import time

import pytest

from svcops.store.change import Change

OPEN = ("--service", "ledger", "--severity", "sev3", "--detected-by", "user")
NOOR = ("Noor Voorbeeld", "noor@example.org")


def open_(console, title="Receipts are late"):
    return console("incident", "open", title, *OPEN).id


def as_noor(console, *arguments, code=0):
    before, console.who = console.who, NOOR
    said = console(*arguments, code=code)
    console.who = before
    return said


def with_a_failed_notice(console, change):
    """Make a change of which nobody outside can be told, as no address is in the variable for it; what it gave.

    With the path of the event that says so, which is committed in the background.
    """
    settings = console.store.read("svcops.yaml")
    if "notices" not in settings:
        notice = "{name: desk, kind: json, address: SVCOPS_NOTICE_DESK}"
        console.store.write("svcops.yaml", f"{settings}notices: [{notice}]\n")
        console.store.commit("Notices")
    console.store.env["SVCOPS_NOTICE_DESK"] = "no address"
    made = change()
    del console.store.env["SVCOPS_NOTICE_DESK"]
    end = time.monotonic() + 40
    while not console.store.log()[0].startswith("Note a failed notice of "):
        assert time.monotonic() < end, "nothing was noted"
        time.sleep(0.05)
    (path,) = console.store.committed()
    return made, path


def test_the_last_change_is_taken_back_by_a_commit(console):
    store = console.store
    before = store.git("rev-parse", "HEAD^{tree}")
    mine = open_(console)
    opened = store.head()
    said = console("undo")
    assert said.out == f"{mine}\n"
    assert f"commit {store.head()[:10]}" in said.err
    assert "taken back: Open incident" in said.err
    assert "took away incidents/2026/" in said.err
    assert "wrote" not in said.err
    assert store.git("rev-parse", "HEAD^{tree}") == before
    assert store.git("log", "-1", "--format=%B").strip() == (
        f"Undo: Open incident {mine[-6:]}: Receipts are late (sev3)\n\nTakes back commit {opened}.\n\n"
        f"Svcops-Record: {mine}"
    )
    assert store.git("rev-parse", "HEAD~1").strip() == opened
    assert console("incident", "list", "-q").out == ""
    assert not (store.root / "incidents").exists()
    assert store.is_clean()


def test_what_was_changed_or_removed_stands_again_as_it_was(console):
    store = console.store
    store.git("config", "core.autocrlf", "true")
    (store.git_dir / "info").mkdir(exist_ok=True)
    (store.git_dir / "info/attributes").write_text("*.yaml text eol=crlf\n")
    store.git("rm", "--quiet", "-r", "--cached", ".")
    store.git("reset", "--quiet", "--hard")
    team, ledger = "catalogue/teams/platform.yaml", "catalogue/services/ledger.yaml"
    before = (store.root / team).read_bytes(), (store.root / ledger).read_bytes()
    assert b"\r\n" in before[0]
    store.apply(store.change({team: before[0] + b"# x\r\n", ledger: None}, "Two at once", records=("ledger",)))
    console("undo")
    assert ((store.root / team).read_bytes(), (store.root / ledger).read_bytes()) == before
    assert not store.status()


def test_a_dry_run_says_what_would_be_and_leaves_it(console):
    mine = open_(console)
    head = console.store.head()
    said = console("undo", "--dry-run")
    assert all(line.endswith("\tremoved") for line in said.out.splitlines())
    assert len(said.out.splitlines()) == 2
    assert f"would take back {head[:10]}: Open incident" in said.err
    assert console("undo", "--dry-run", "--quiet").out == f"{mine}\n"
    shown = console("undo", "--dry-run", "--json").json
    assert shown["dry_run"]
    assert shown["undone"]["records"] == [mine]
    assert console.store.head() == head


def test_json_and_no_commit(console):
    mine = open_(console)
    head = console.store.head()
    shown = console("undo", "--json", "--no-commit").json
    assert shown["schema"] == "svcops.undo/1"
    assert shown["undone"]["commit"] == head
    assert shown["written"]["commit"] is None
    assert {one["then"] for one in shown["undone"]["files"]} == {"removed"}
    assert mine not in console("incident", "list", "-q").out
    assert console.store.head() == head


def test_it_is_ones_own_last_change_whoever_came_after(console):
    mine, other = open_(console), as_noor(console, "incident", "open", "Other", *OPEN).id
    console.store.write("by-hand.txt", "x")
    console.store.commit("By hand")
    assert console("undo").out == f"{mine}\n"
    assert other in console("incident", "list", "-q").out


def test_one_person_with_two_addresses_is_one(console):
    mine = open_(console)
    console.who = ("Ada at home", "Ada@Home.Example")
    assert console("undo").out == f"{mine}\n"


def test_an_address_that_only_contains_ones_own_is_somebody_elses(console):
    console.who = ("Someone", "not-ada@example.org")
    open_(console)
    console.who = ("Ada Example", "ada@example.org")
    assert "there is no change here that svcops made for ada@example.org" in console("undo", code=1).err


def test_with_nothing_of_ones_own_there_is_nothing_to_take_back(console):
    as_noor(console, "incident", "open", "Other", *OPEN)
    assert "there is no change here" in console("undo", code=1).err


def test_a_step_of_an_incident_is_taken_back_and_the_incident_stays(console):
    mine = open_(console)
    console("incident", "ack", mine[-6:])
    console("undo")
    assert console("incident", "show", mine, "--json").json["incident"]["phase"] == "incident"


def test_what_took_back_is_not_taken_back_but_told_how(console):
    open_(console)
    console("undo")
    said = console("undo", code=1)
    assert "your last change took one back already" in said.err
    assert f"git revert {console.store.head()[:10]}" in said.err
    console.store.git("revert", "--no-edit", "HEAD")
    assert console("incident", "list", "-q").out


def test_an_incident_to_which_others_added_something_stays(console):
    mine = open_(console)
    as_noor(console, "incident", "log", mine[-6:], "I look at it")
    said = console("undo", code=1)
    assert "since then there came: incidents/2026/" in said.err
    assert "-log-" in said.err
    assert "incident cancel" in said.err
    assert mine in console("incident", "list", "-q").out


def test_a_typo_that_others_wrote_after_is_corrected_by_the_command_that_is_named(console):
    mine = open_(console)
    console("incident", "log", mine[-6:], "Roled back")
    as_noor(console, "incident", "log", mine[-6:], "I look at it")
    refused = console("undo", code=1).err
    event = refused.split(f'svcops incident log {mine[-6:]} "AS IT SHOULD BE" --corrects ')[1].split()[0]
    console("incident", "log", mine[-6:], "Rolled back", "--corrects", event)
    console("incident", "ack", mine[-6:])
    as_noor(console, "incident", "log", mine[-6:], "Me too")
    refused = console("undo", code=1).err
    event = refused.split(f"the same command again for {mine[-6:]}, with --corrects ")[1].split()[0]
    console("incident", "ack", mine[-6:], "Noor looks", "--corrects", event)
    assert "Noor looks" in console("incident", "show", mine[-6:]).out


def test_what_others_wrote_and_did_not_commit_counts_too(console):
    mine = open_(console)
    as_noor(console, "incident", "log", mine[-6:], "I look at it", "--no-commit")
    assert "since then there came" in console("undo", code=1).err


def test_what_the_background_noted_of_a_notice_is_no_change_of_ones_own_and_goes_with_its_incident(console):
    store = console.store
    mine, note = with_a_failed_notice(console, lambda: open_(console))
    assert f"{note}\tremoved" in console("undo", "--dry-run").out
    assert console("undo").out == f"{mine}\n"
    assert store.log()[0].startswith(f"Undo: Open incident {mine[-6:]}")
    assert not (store.root / "incidents").exists()
    assert not store.status()


def test_a_note_of_a_failed_notice_stays_where_its_incident_does(console):
    mine = open_(console)
    _, note = with_a_failed_notice(console, lambda: console("incident", "severity", mine[-6:], "sev4"))
    console("undo")
    shown = console("incident", "show", mine, "--json").json["incident"]
    assert shown["severity"] == "sev3"
    assert [one["type"] for one in shown["timeline"]][-1] == "notice-failed"
    assert console.store.read(note)


def test_whoever_has_noted_failed_notices_alone_has_nothing_to_take_back(console):
    as_noor(console, "incident", "open", "Other", *OPEN)
    path = next(console.store.root.glob("incidents/*/*/timeline/*.yaml")).relative_to(console.store.root).as_posix()
    note = path.replace("-opened-", "-notice-failed-")
    console.store.apply(console.store.change({note: console.store.read(path)}, "Note it", records=("x",)))
    assert "there is no change here" in console("undo", code=1).err


@pytest.mark.parametrize("known", [True, False])
def test_a_note_that_is_not_committed_as_it_stands_is_not_lost(console, known):
    _, note = with_a_failed_notice(console, lambda: open_(console))
    changed = note if known else note.replace("-notice-failed-", "-notice-failed-again-")
    console.store.write(changed, console.store.read(note) + "# mine\n")
    assert f"since then there came: {changed}" in console("undo", code=1).err
    assert "# mine" in console.store.read(changed)


def test_a_service_that_is_called_like_a_failed_notice_is_none(console):
    path = "catalogue/services/a-notice-failed-b.yaml"
    console.store.apply(console.store.change({path: "title: A\nowner: platform\ntier: 1\n"}, "New", records=("a",)))
    assert console("undo").out == "a\n"


def test_a_file_that_was_changed_again_stays(console):
    store, path = console.store, "catalogue/services/ledger.yaml"
    console("service", "edit", "ledger", "--tier", "2")
    console.who = NOOR
    console("service", "edit", "ledger", "--tier", "3")
    console.who = ("Ada Example", "ada@example.org")
    said = console("undo", code=1)
    assert "changed again since: " in said.err
    assert "Noor Voorbeeld" in said.err
    assert "tier: 3" in store.read(path)


def test_a_file_with_uncommitted_changes_stays(console):
    store, path = console.store, "catalogue/services/ledger.yaml"
    console("service", "edit", "ledger", "--tier", "2")
    store.write(path, store.read(path) + "# note\n")
    for way in ((), ("--dry-run",)):
        assert f"{path} has changes that are not committed" in console("undo", *way, code=3).err
    assert "# note" in store.read(path)


def test_a_record_that_another_names_stays(console):
    console("service", "new", "orders", "--title", "Orders", "--owner", "platform", "--tier", "3")
    as_noor(console, "service", "edit", "ledger", "--add-dependency", "orders")
    said = console("undo", code=1)
    assert "these records name it: catalogue/services/ledger.yaml" in said.err


def test_a_record_that_is_only_spoken_of_goes(console):
    console("service", "new", "orders", "--title", "Orders", "--owner", "platform", "--tier", "3")
    as_noor(console, "incident", "open", "No orders in the ledger", *OPEN)
    assert console("undo").out == "orders\n"


def test_a_record_that_names_it_and_is_not_committed_yet_counts_too(console):
    console("service", "new", "orders", "--title", "Orders", "--owner", "platform", "--tier", "3")
    as_noor(console, "incident", "open", "Late", "--service", "orders", *OPEN[2:], "--no-commit")
    assert "these records name it: incidents/2026/" in console("undo", code=1).err


def test_whoever_lets_git_go_into_submodules_takes_back_all_the_same(console):
    console.store.git("config", "submodule.recurse", "true")
    console("service", "new", "orders", "--title", "Orders", "--owner", "platform", "--tier", "3")
    as_noor(console, "service", "edit", "ledger", "--add-dependency", "orders")
    assert "these records name it: catalogue/services/ledger.yaml" in console("undo", code=1).err
    console.who = NOOR
    console("undo")
    console.who = ("Ada Example", "ada@example.org")
    assert console("undo").out == "orders\n"


def test_a_file_whose_path_is_named_stays(console):
    mine = open_(console)
    console("incident", "resolve", mine[-6:])
    console.store.apply(console.store.change({"runbooks/ledger/late.md": "x\n"}, "Write it", records=("late",)))
    as_noor(console, "incident", "link", mine[-6:], "runbooks/ledger/late.md")
    assert "these records name it: incidents/2026/" in console("undo", code=1).err


def test_it_says_where_others_have_it_already(console, tmp_path):
    store = console.store
    store.git("init", "--quiet", "--bare", str(tmp_path / "hub.git"))
    store.git("remote", "add", "origin", str(tmp_path / "hub.git"))
    console("incident", "log", open_(console)[-6:], "Seen")
    console("sync")
    assert "others have it already" in console("undo").err
    console("sync")
    assert console("sync", "--json").json["went_out"] == []


def test_a_record_that_others_have_is_not_taken_from_under_what_they_add(console, tmp_path):
    store = console.store
    store.git("init", "--quiet", "--bare", str(tmp_path / "hub.git"))
    store.git("remote", "add", "origin", str(tmp_path / "hub.git"))
    mine = open_(console)
    console("sync")
    head = store.head()
    for way in ((), ("--dry-run",)):
        refused = console("undo", *way, code=1).err
        assert f"others have {mine} already" in refused
        assert f"svcops incident cancel {mine[-6:]}" in refused
    assert store.head() == head
    console("incident", "cancel", mine[-6:], "Opened in error")
    other = open_(console)
    console("sync")
    for begins, instead in (
        (("problem", "open", "The queue is full", "--service", "ledger"), "svcops problem link {}"),
        (
            ("measure", "add", other, "Bound it", "--type", "prevent", "--owner", "platform", "--due", "2026-12-20"),
            "svcops measure drop {} --because",
        ),
    ):
        begun = console(*begins).id
        assert "would take back" in console("undo", "--dry-run").err, "nobody else has it yet"
        console("sync")
        assert instead.format(begun[-6:]) in console("undo", code=1).err


def test_what_an_undo_took_from_under_others_comes_back_as_the_check_says(console):
    store = console.store
    mine = open_(console)
    store.git("checkout", "--quiet", "-b", "theirs")
    as_noor(console, "incident", "log", mine[-6:], "I look at it")
    store.git("checkout", "--quiet", "main")
    console("undo")
    store.git("merge", "--quiet", "--no-edit", "theirs")
    (found,) = console("check", "--json", code=1).json["findings"]
    log, checkout = found["help"].split(" names the commit that took it away, and ")
    commit = store.git("log", "--format=%H", *log.split()[2:]).strip()
    store.git(*checkout.removesuffix(" brings it back.").replace("COMMIT", commit).split()[1:])
    assert "I look at it" in console("incident", "show", mine).out
    assert console("incident", "show", mine, "--json").json["incident"]["severity"] == "sev3"


def test_a_hook_that_refuses_the_commit_leaves_what_was_written_and_says_so(console):
    mine = open_(console)
    console.store.hook("pre-commit", "echo not today; exit 1")
    said = console("undo", code=3)
    assert "written, but not committed" in said.err
    assert "not today" in said.err
    assert mine not in console("incident", "list", "-q").out


def test_an_event_that_comes_while_it_runs_is_not_lost(console, monkeypatch):
    """Between the look and the write: the change is refused, as the folder is no longer what it was."""
    from svcops.store.opening import Store

    mine = open_(console)
    apply = Store.apply

    def slow(store, change, **more):
        if change.subject.startswith("Undo: "):
            monkeypatch.undo()
            as_noor(console, "incident", "log", mine[-6:], "Just now")
        return apply(store, change, **more)

    monkeypatch.setattr(Store, "apply", slow)
    assert "changed while the command ran" in console("undo", code=3).err
    assert "Just now" in console("incident", "show", mine).out


def test_before_the_first_commit_and_where_the_store_begins(new_store, new_console):
    store = new_store(born=False)
    assert "there is no change here" in new_console(store)("undo", code=1).err
    store.apply(Change("Begin", {"a.yaml": b"a: 1\n"}, records=("a",)))
    assert "is where the store begins" in new_console(store)("undo", code=1).err


def test_a_change_of_more_than_the_store_is_left_to_git(new_store, new_console):
    store = new_store(below="ops")
    store.write("ops/a.yaml", "a: 1\n")
    store.write("code.py", "x\n")
    store.git("add", "--all")
    store.git("commit", "--quiet", "-m", "Both\n\nSvcops-Record: a")
    assert "is about more than this store: code.py" in new_console(store)("undo", code=1).err


def test_in_a_store_below_the_top_it_works_as_anywhere(new_store, new_console):
    store = new_store(below="ops")
    console = new_console(store)
    store.write("ops/catalogue/teams/platform.yaml", "title: Platform\nmembers: []\n")
    store.write("ops/catalogue/services/ledger.yaml", "title: Ledger\nowner: platform\ntier: 1\n")
    store.commit()
    open_(console)
    console("undo")
    assert not (store.root / "incidents").exists()
    assert not store.status()


@pytest.mark.parametrize("number", [300])
def test_a_change_of_many_files_is_taken_back_at_once(console, number):
    store = console.store
    files = {f"runbooks/ledger/r{n}.md": f"{n}\n" for n in range(number)}
    store.apply(store.change(files, "Import runbooks", records=("r0",)))
    console("undo")
    assert not (store.root / "runbooks/ledger").exists()
    assert not store.status()


@pytest.mark.parametrize("number", [3, 210])
def test_an_import_of_many_records_is_taken_back_with_few_calls_of_git(console, tmp_path, number):
    store = console.store
    mine = open_(console)
    folder = next(store.root.glob("incidents/*/*"))
    files = {
        f"incidents/2026/incident-20261101-{n:06d}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for n in range(number)
        for path in folder.rglob("*.yaml")
    }
    store.apply(store.change(files, "Import incidents", records=("incident-20261101-000000",)))
    trace = tmp_path / "trace"
    store.env["GIT_TRACE"] = str(trace)
    assert len(console("undo", "--dry-run").out.splitlines()) == len(files)
    assert trace.read_text().count("git ls-tree") < 6
    late = next(path for path in files if "timeline" in path).replace(".yaml", "x.yaml")
    store.write(late, "type: log\n")
    assert f"since then there came: {late}" in console("undo", code=1).err
    (store.root / late).unlink()
    console("undo")
    assert console("incident", "list", "-q").out == f"{mine}\n"
