"""`svcops check --since REV`: what the branch changed, judged on the result of merging it."""

import json
from typing import Any

import pytest

TEAM = "title: Finance\nmembers: [ada]\ncontacts:\n  - channel: chat\n    address: '#finance'\n"
LEDGER = "catalogue/services/ledger.yaml"


def found(console: Any, *arguments: str, code: int = 1) -> list[str]:
    said = console("check", "--since", "main", "--json", *arguments, code=code)
    return [
        f"{one['path']}:{one['line']} {one['code']}"
        for one in json.loads(said.out)["findings"]
        if one["severity"] == "error"
    ]


@pytest.fixture
def branch(console: Any) -> Any:
    """A branch beside main, which has a finding of its own."""
    store = console.store
    store.write("catalogue/services/archive.yaml", "title: Archive\nowner: nobody\n")
    store.commit("What nobody has mended yet")
    store.git("switch", "--quiet", "--create", "mine")
    return store


def test_what_was_there_before_is_left_out(console: Any, branch: Any) -> None:
    branch.write(LEDGER, "title: The ledger\nowner: platform\ntier: 1\n")
    branch.commit("A title")
    assert found(console, code=0) == []


def test_what_the_branch_changed_is_shown(console: Any, branch: Any) -> None:
    branch.write(LEDGER, "title: Ledger\nowner: platfrm\n")
    branch.commit("A slip")
    assert found(console) == [f"{LEDGER}:2 REF001"]


ARCHIVE = "catalogue/services/archive.yaml"


def test_what_was_there_before_on_a_line_that_stayed_is_left_out_and_counted(console: Any, branch: Any) -> None:
    branch.write(ARCHIVE, "title: The archive\n# Moved down.\nowner: nobody\n")
    branch.commit("A title")
    assert found(console, code=0) == []
    assert "1 as before" in console("check", "--since", "main", code=0).out


def test_what_was_there_before_is_the_branchs_own_once_it_changes_the_line(console: Any, branch: Any) -> None:
    branch.write(ARCHIVE, "title: Archive\nowner: nobody # yet\n")
    branch.commit("A remark")
    assert found(console) == [f"{ARCHIVE}:2 REF001"]


def test_of_findings_that_are_alike_the_one_that_the_branch_made_is_shown(console: Any, branch: Any) -> None:
    before = "dependencies:\n  - service: nothing\n    kind: call\n"
    branch.git("switch", "--quiet", "main")
    branch.write(LEDGER, f"title: Ledger\nowner: platform\ntier: 1\n{before}")
    branch.commit("A dependency")
    branch.git("switch", "--quiet", "--create", "more")
    more = before.replace(":\n", ":\n  - service: nothing\n    kind: data\n", 1)
    branch.write(LEDGER, f"title: Ledger\nowner: platform\ntier: 1\n{more}")
    branch.commit("Another one, above it")
    assert found(console) == [f"{LEDGER}:5 REF001"]


def test_what_is_found_anew_on_a_line_that_stayed_is_shown(console: Any, branch: Any) -> None:
    branch.write(ARCHIVE, "title: Archive\nowner: ghost\n")
    branch.git("mv", LEDGER, "catalogue/services/books.yaml")
    branch.commit("A title")
    assert f"{ARCHIVE}:2 REF001" in found(console)


def test_what_was_there_before_is_shown_once_a_place_that_explains_it_changes(console: Any, branch: Any) -> None:
    document = "apiVersion: openslo/v1\nkind: Service\nmetadata:\n  name: ledger\nspec: {}\n"
    branch.git("switch", "--quiet", "main")
    for name in ("a", "b"):
        branch.write(f"slo/{name}.yaml", document)
    branch.commit("One name twice")
    branch.git("switch", "--quiet", "--create", "named")
    branch.write("slo/a.yaml", document.replace("spec: {}", "spec: {description: The ledger}"))
    branch.commit("Beside the name")
    assert found(console, code=0) == []
    branch.write("slo/a.yaml", document.replace("name: ledger", "name: ledger # The first one"))
    branch.commit("The name")
    assert found(console) == ["slo/b.yaml:4 NAME002"]


def test_a_record_as_a_whole_is_no_line_of_it(console: Any, branch: Any) -> None:
    branch.git("switch", "--quiet", "main")
    branch.write("catalogue/teams/finance.yaml", "title: Finance\n")
    branch.write(ARCHIVE, "title: Archive\nowner: finance\n")
    branch.commit("A team without members")
    branch.git("switch", "--quiet", "--create", "titled")
    branch.write("catalogue/teams/finance.yaml", "title: The finance department\n")
    branch.commit("A title, on the line at which the record is shown")
    assert "TEAM002" in console("check", "--format", "concise", code=0).out
    assert console("check", "--since", "main", "--json", code=0).json["findings"] == []


def test_what_keeps_a_changed_file_from_being_judged_is_shown(console: Any, branch: Any) -> None:
    branch.git("switch", "--quiet", "main")
    branch.write(LEDGER, "title: Ledger\nowner: platform\ntyp: 1\n")
    branch.commit("A slip")
    branch.git("switch", "--quiet", "--create", "over")
    branch.write(LEDGER, "title: The ledger\nowner: platform\ntyp: 1\n")
    branch.commit("A title in a damaged record")
    assert [one for one in found(console) if LEDGER in one] == [f"{LEDGER}:3 SCHEMA001"]


def test_lines_that_only_yaml_tells_apart_are_not_counted_by_git(console: Any, branch: Any) -> None:
    branch.git("switch", "--quiet", "main")
    branch.write(ARCHIVE, "title: Archive\r# One\rowner: nobody\n")
    branch.commit("Ends of lines of an old machine")
    branch.git("switch", "--quiet", "--create", "old")
    branch.write(ARCHIVE, "title: Archive\r# Two\rowner: nobody\n")
    branch.commit("A remark")
    assert found(console) == [f"{ARCHIVE}:3 REF001"]


def test_a_file_of_which_no_line_changed_is_as_before(console: Any, branch: Any) -> None:
    branch.git("update-index", "--chmod=+x", ARCHIVE)
    branch.git("commit", "--quiet", "--message", "It may be run")
    (branch.root / ARCHIVE).chmod(0o755)
    assert found(console, code=0) == []


def test_a_path_that_git_would_quote_is_known(console: Any, branch: Any) -> None:
    branch.git("switch", "--quiet", "main")
    branch.write("runbooks/ledger/ä b.md", "---\ntitle: Close\nkind: operation\nservices: [nothing]\n---\n\nClose.\n")
    branch.commit("A name")
    branch.git("switch", "--quiet", "--create", "named")
    text = branch.read("runbooks/ledger/ä b.md")
    branch.write("runbooks/ledger/ä b.md", text.replace("Close.", "Close it."))
    branch.commit("A word")
    assert found(console, code=0) == []


def test_what_its_change_breaks_elsewhere_is_shown(console: Any, branch: Any) -> None:
    branch.git("rm", "--quiet", LEDGER)
    branch.write("catalogue/services/books.yaml", "title: Books\nowner: platform\ntier: 1\n")
    branch.write("catalogue/teams/finance.yaml", TEAM)
    branch.commit("Rename the ledger")
    branch.git("switch", "--quiet", "main")
    branch.write("runbooks/ledger/close.md", "---\ntitle: Close\nkind: operation\nservices: [ledger]\n---\n\nClose.\n")
    branch.commit("A runbook, meanwhile")
    branch.git("switch", "--quiet", "mine")
    assert "runbooks/ledger/close.md:4 REF001" in found(console)
    branch.git("switch", "--quiet", "main")
    branch.git("switch", "--quiet", "--create", "other", "main")
    assert found(console, code=0) == []


def test_a_name_that_both_took_is_found_before_the_merge(console: Any, branch: Any) -> None:
    document = "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: ledger}\nspec: {}\n"
    branch.write("slo/mine.yaml", document)
    branch.commit("Mine")
    assert found(console, code=0) == []
    branch.git("switch", "--quiet", "main")
    branch.write("slo/another.yaml", document)
    branch.commit("Theirs")
    branch.git("switch", "--quiet", "mine")
    assert found(console) == ["slo/mine.yaml:3 NAME002"]
    assert [one["code"] for one in json.loads(console("check", "--json", code=1).out)["findings"]].count("NAME002") == 0


def test_what_cannot_be_merged_is_a_finding_and_nothing_else_is_said_of_it(console: Any, branch: Any) -> None:
    branch.write(LEDGER, "title: Ledger\nowner: nobody\n")
    branch.commit("Mine")
    branch.git("switch", "--quiet", "main")
    branch.write(LEDGER, "title: Ledger\nowner: ada\n")
    branch.commit("Theirs")
    branch.git("switch", "--quiet", "mine")
    assert found(console) == [f"{LEDGER}:None MRG001"]


def test_what_is_not_committed_counts(console: Any, branch: Any) -> None:
    branch.write(LEDGER, "title: Ledger\nowner: platfrm\n")
    branch.write("catalogue/teams/finance.yaml", TEAM.replace("ada", "bea"))
    branch.git("add", "catalogue/teams/finance.yaml")
    assert found(console) == [f"{LEDGER}:2 REF001", "catalogue/teams/finance.yaml:2 REF001"]


def test_nothing_is_written(console: Any, branch: Any) -> None:
    branch.write(LEDGER, "title: Ledger\nowner: platfrm\n")
    objects = sorted(branch.git_dir.glob("objects/??/*"))
    before = (branch.status(), branch.staged(), branch.unstaged(), branch.git("for-each-ref"))
    found(console)
    assert (branch.status(), branch.staged(), branch.unstaged(), branch.git("for-each-ref")) == before
    assert sorted(branch.git_dir.glob("objects/??/*")) == objects
    branch.fsck()


def test_a_store_below_the_top_of_its_repository(new_store: Any, new_console: Any) -> None:
    store = new_store("repository", below="ops")
    store.write("ops/catalogue/services/ledger.yaml", "title: Ledger\nowner: nobody\n")
    store.commit("Ledger")
    store.git("switch", "--quiet", "--create", "mine")
    store.write("ops/catalogue/services/books.yaml", "title: Books\nowner: nobody\n")
    store.commit("Books")
    assert found(new_console(store)) == ["catalogue/services/books.yaml:2 REF001"]


@pytest.mark.parametrize("revision", ["nothing", "-x", "main..mine", "HEAD:svcops.yaml"])
def test_a_revision_that_git_does_not_know(console: Any, branch: Any, revision: str) -> None:
    said = console("check", f"--since={revision}", code=2)
    assert "git knows no revision" in said.err


def test_no_common_history(console: Any, branch: Any) -> None:
    branch.git("switch", "--quiet", "--orphan", "alone")
    branch.write("svcops.yaml", "organisation: Example\n")
    branch.commit("Another beginning")
    assert "no common history" in console("check", "--since", "main", code=2).err


def test_a_shallow_clone_cannot_know(console: Any, branch: Any, new_store: Any, tmp_path: Any) -> None:
    branch.write(LEDGER, "title: The ledger\nowner: platform\ntier: 1\n")
    branch.commit("A title")
    branch.git(
        "clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{branch.path}", str(tmp_path / "shallow")
    )
    console.cwd = tmp_path / "shallow"
    said = console("check", "--since", "origin/main", code=4)
    assert "shallow clone" in said.err
    assert "git fetch --unshallow" in said.err
    assert "git fetch --unshallow brings more" in console("check", "--since", "HEAD~1", code=2).err


@pytest.mark.parametrize("command", ["merge", "rebase", "cherry-pick"])
def test_what_is_not_finished_is_named_with_how_it_is_taken_back(console: Any, branch: Any, command: str) -> None:
    branch.write(LEDGER, "title: Ledger\nowner: nobody\n")
    branch.commit("Mine")
    branch.git("switch", "--quiet", "main")
    branch.write(LEDGER, "title: Ledger\nowner: ada\n")
    branch.commit("Theirs")
    branch.git(command, "mine", check=False)
    said = console("check", "--since", "mine", code=2).err
    assert f"a {command} is not finished here\n  help: Finish it, or git {command} --abort.\n" in said
    branch.git(command, "--abort")
    assert branch.is_clean()


def test_a_stash_that_met_with_other_changes_names_the_files_to_resolve(console: Any, branch: Any) -> None:
    branch.write(LEDGER, "title: Ledger\nowner: nobody\n")
    branch.git("stash", "--quiet")
    branch.write(LEDGER, "title: Ledger\nowner: ada\n")
    branch.commit("Theirs")
    branch.git("stash", "pop", check=False)
    said = console("check", "--since", "main", code=2).err
    assert f"changes that git could not merge are open here, in {LEDGER}\n" in said
    assert f"help: Keep what holds of both sides, then git add -- {LEDGER}\n" in said
    branch.write(LEDGER, "title: Ledger\nowner: ada\n")
    branch.git("add", "--", LEDGER)
    console("check", "--since", "main")


def test_a_merge_that_takes_the_store_away_is_refused(new_store: Any, new_console: Any) -> None:
    store = new_store("repository", below="ops")
    store.git("switch", "--quiet", "--create", "mine")
    store.write("ops/catalogue/services/books.yaml", "title: Books\nowner: nobody\n")
    store.commit("Books")
    store.git("switch", "--quiet", "main")
    store.git("mv", "ops", "operations")
    store.commit("Move the store")
    store.git("switch", "--quiet", "mine")
    said = new_console(store)("check", "--since", "main", code=2)
    assert "merged with main, this folder has no svcops.yaml" in said.err
    assert said.out == ""


def test_a_store_that_git_ignores_is_refused(console: Any, branch: Any) -> None:
    branch.git("rm", "--quiet", "--cached", "svcops.yaml")
    branch.write(".gitignore", "svcops.yaml\n")
    assert "or git ignores it" in console("check", "--since", "main", code=2).err


def test_a_revision_that_is_a_branch_and_a_tag_is_refused(console: Any, branch: Any) -> None:
    branch.git("branch", "release", "main")
    branch.git("tag", "release", "main")
    said = console("check", "--since", "release", code=2)
    assert "release is ambiguous" in said.err
    assert "refs/heads/NAME" in said.err
    console("check", "--since", "refs/heads/release", "--quiet")


def test_a_conflict_in_the_settings_is_all_that_is_said(console: Any, branch: Any) -> None:
    branch.write(LEDGER, "title: Ledger\nowner: nobody\n")
    for name in ("mine", "main"):
        branch.git("switch", "--quiet", name)
        branch.write("svcops.yaml", f"organisation: {name}\n")
        branch.commit(name)
    branch.git("switch", "--quiet", "mine")
    said = console("check", "--since", "main", "--json", code=1)
    assert [f"{one['path']} {one['code']}" for one in said.json["findings"]] == ["svcops.yaml MRG001"]
    assert "Until then nothing else is judged." in said.json["findings"][0]["help"]
    assert said.json["remarks"] == [], "which profile the store meets is a judgement, too"
    assert "Nothing was judged, as svcops.yaml cannot be merged" in said.err
    tests = console("check", "--since", "main", "--format", "junit", code=1).out
    assert tests.count("<skipped ") == tests.count("<testsuite ") - 1, "all but the conflict"


def test_a_file_here_and_a_folder_there_are_named_as_they_are(console: Any, branch: Any) -> None:
    branch.write("catalogue/docs", "A file.\n")
    branch.commit("A file")
    branch.git("switch", "--quiet", "main")
    branch.write("catalogue/docs/page.md", "A page.\n")
    branch.commit("A folder")
    branch.git("switch", "--quiet", "mine")
    assert found(console) == ["catalogue/docs:None MRG001"]


def test_a_repository_inside_without_a_commit(console: Any, branch: Any) -> None:
    branch.git("init", "--quiet", "vendor/tools")
    said = console("check", "--since", "main", code=2)
    assert "vendor/tools is a git repository of its own, without a commit" in said.err


EVENT = "incidents/2026/incident-20261120-aaaaaa/timeline/20261120t081500000z-aaaaaa.yaml"
NAME = "incident-20261120-aaaaaa/20261120t081500000z-aaaaaa"
MEASURE = "measures/2026/measure-20261102-k7f3q2/measure.yaml"


def warnings(console: Any) -> list[str]:
    said = console("check", "--since", "main", "--json", code=None)
    listed = json.loads(said.out)["findings"]
    return [f"{one['path']} {one['message']}" for one in listed if one["code"] == "HIS001"]


def test_a_record_of_what_happened_that_was_changed_later_is_shown(console: Any, branch: Any) -> None:
    branch.git("switch", "--quiet", "main")
    branch.write(MEASURE, 'title: Alert\ntype: detect\nowner: platform\ndue: "2026-12-20"\n')
    branch.write(EVENT, "type: log\n")
    branch.commit("What happened")
    branch.git("switch", "--quiet", "mine")
    branch.git("merge", "--quiet", "--no-edit", "main")
    assert warnings(console) == []
    branch.write(MEASURE, 'title: Alert\ntype: detect\nowner: platform\ndue: "2027-12-31"\n')
    branch.git("rm", "--quiet", EVENT)
    branch.write(LEDGER, "title: The ledger\nowner: platform\ntier: 1\n")
    branch.commit("Later is better")
    assert warnings(console) == [
        f"{EVENT} a record of what happened that was taken away since: incident-event {NAME}",
        f"{MEASURE} a record of what happened that was changed since: measure measure-20261102-k7f3q2",
    ]


EXERCISE = "exercises/2026/exercise-20261101-aaaaaa/exercise.yaml"
PASSED = """\
runbook: ledger/late
started_at: 2026-11-01T08:00:00Z
ended_at: 2026-11-01T10:00:00Z
by: ada
result: passed
text: All went well
"""


def since_it_was(console: Any, before: str, after: str) -> list[str]:
    """What is said of an exercise that main has as it was `before`, and a branch as it is `after`."""
    store = console.store
    store.git("switch", "--quiet", "main")
    store.write("runbooks/ledger/late.md", "---\ntitle: Late\nkind: operation\nservices: [ledger]\n---\n\nLook.\n")
    store.write(EXERCISE, before)
    store.commit("An exercise")
    store.git("switch", "--quiet", "--create", "mending")
    store.write(EXERCISE, after)
    store.commit("Mended")
    return warnings(console)


@pytest.mark.parametrize(
    ("sound", "damaged"),
    [
        ("result: passed", "result: Passed"),
        ("result: passed", "result: pass"),
        ("text: All", "txt: All"),
        ("by: ada\n", ""),
        ("by: ada\n", "by: ada\nby: ada\n"),
        ("by: ada\n", "by: ada\nfoo: 1\n"),
        ("ledger/late", "Ledger/Late"),
        ("ledger/late", "ledger/latte"),
        ("by: ada", "by: adaa"),
        ("by: ada", "by: somebody"),
    ],
)
@pytest.mark.usefixtures("branch")
def test_mending_what_was_damaged_rewrites_no_history(console: Any, sound: str, damaged: str) -> None:
    assert since_it_was(console, PASSED.replace(sound, damaged), PASSED) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (PASSED.replace("passed", "Passed"), PASSED.replace("10:00", "11:00")),
        (PASSED.replace("passed", "Passed"), PASSED.replace("text: All went well\n", "")),
        (PASSED.replace("passed", "Passed"), PASSED.replace("passed", "Failed")),
        (PASSED.replace("ledger/late", "Ledger/Late"), PASSED.replace("passed", "failed")),
        (PASSED.replace("ledger/late", "Ledger/Late"), PASSED.replace("ledger/late", "ledger/other")),
        (PASSED.replace("ledger/late", "ledger/latte"), PASSED.replace("ledger/late", "ledger/other")),
        (PASSED.replace("by: ada", "by: adaa"), PASSED.replace("passed", "failed")),
        (PASSED.replace("by: ada", "by: ada@example.org"), PASSED),
        (PASSED.replace("by: ada\n", "by: kim\nby: ada\n"), PASSED),
        ("", PASSED),
        ("runbook: [\n", PASSED),
        (PASSED, f"{PASSED}# A remark.\n"),
    ],
)
@pytest.mark.usefixtures("branch")
def test_what_else_changes_with_it_does(console: Any, before: str, after: str) -> None:
    assert len(since_it_was(console, before, after)) == 1


@pytest.mark.usefixtures("branch")
def test_keys_that_were_only_put_in_order_say_what_they_said(console: Any) -> None:
    first, *others = PASSED.splitlines(keepends=True)
    assert since_it_was(console, "".join([*others, first]), PASSED) == []


@pytest.mark.usefixtures("branch")
def test_of_what_could_not_be_read_nobody_can_tell(console: Any) -> None:
    (told,) = since_it_was(console, PASSED.replace("passed", '"passed'), PASSED)
    assert told.endswith("and could not be read before"), "and its help does not ask for the damage back"


def test_what_fix_mends_is_not_told_as_changed_later(console: Any, branch: Any) -> None:
    slip = PASSED.replace("passed", "Passed")
    assert len(since_it_was(console, slip, f"{slip}# A remark.\n")) == 1
    branch.write(EXERCISE, slip)
    console("check", "--fix", code=None)
    assert branch.read(EXERCISE) == PASSED
    branch.commit("Mended")
    assert warnings(console) == []
    branch.git("switch", "--quiet", "main")
    branch.write(EXERCISE, PASSED)
    branch.commit("Mended there, too")
    branch.git("switch", "--quiet", "mending")
    assert warnings(console) == []


def test_one_more_event_changes_no_history(console: Any, branch: Any) -> None:
    branch.write(EVENT, "type: log\n")
    branch.commit("An event")
    assert warnings(console) == []


def rewritten(console: Any) -> Any:
    """A measure that is due later than main has it."""
    store = console.store
    store.git("switch", "--quiet", "main")
    store.write(MEASURE, 'title: Alert\ntype: detect\nowner: platform\ndue: "2026-12-20"\nincident: x\n')
    store.commit("What happened")
    store.git("switch", "--quiet", "mine")
    store.git("merge", "--quiet", "--no-edit", "main")
    store.write(MEASURE, 'title: Alert\ntype: detect\nowner: platform\ndue: "2027-12-31"\nincident: x\n')
    return store


BY_SETTINGS = "waivers:\n  - {code: HIS001, path: measures/**, reason: a slip of the pen, by: ada, until: 2027-01-31}\n"
BESIDE = "# svcops: waive HIS001 until 2027-01-31 by ada: a slip of the pen\n"


@pytest.mark.parametrize(("path", "waiver"), [("svcops.yaml", BY_SETTINGS), (MEASURE, BESIDE)])
def test_what_was_changed_later_is_waived_like_other_findings(
    console: Any, branch: Any, path: str, waiver: str
) -> None:
    store = rewritten(console)
    store.write(path, store.read(path) + waiver)
    store.commit("A slip of the pen")
    said = console("check", "--since", "main", "--json", code=None).json
    assert not [one for one in said["findings"] if one["code"] in ("HIS001", "WAI003")]
    assert said["waived"] == 1


def test_a_waiver_of_what_only_a_branch_can_show_is_unused_only_there(console: Any, branch: Any) -> None:
    def unused(*arguments: str) -> list[str]:
        said = console("check", "--json", *arguments, code=None).json
        return [one["message"] for one in said["findings"] if one["code"] == "WAI003"]

    branch.write("svcops.yaml", branch.read("svcops.yaml") + BY_SETTINGS)
    branch.commit("For a change that never came")
    assert unused() == []
    assert unused("--since", "main") == ["a waiver of HIS001, and there is no such finding"]
    branch.git("switch", "--quiet", "main")
    branch.git("merge", "--quiet", "mine")
    branch.git("switch", "--quiet", "--create", "other")
    branch.write("catalogue/services/books.yaml", "title: Books\nowner: nobody\n")
    branch.commit("Another change")
    assert unused("--since", "main") == []


def test_a_record_that_was_changed_later_shows_the_first_line_that_differs(console: Any, branch: Any) -> None:
    store = rewritten(console)
    store.commit("Later is better")
    lines = {
        one["code"]: one["line"] for one in console("check", "--since", "main", "--json", code=None).json["findings"]
    }
    assert lines["HIS001"] == 4


def test_a_conflict_in_a_record_of_what_happened_is_all_that_is_said_of_it(console: Any, branch: Any) -> None:
    store = rewritten(console)
    store.commit("Later is better")
    store.git("switch", "--quiet", "main")
    store.write(MEASURE, store.read(MEASURE).replace("2026-12-20", "2027-06-30"))
    store.commit("Later, but not as late")
    store.git("switch", "--quiet", "mine")
    said = console("check", "--since", "main", "--json", code=1).json
    assert [one["code"] for one in said["findings"] if one["path"] == MEASURE] == ["MRG001"]


def test_a_conflict_that_was_committed_in_a_text_is_shown(console: Any, branch: Any) -> None:
    page = "---\ntitle: Late\nkind: operation\nservices: [ledger]\n---\n\n<<<<<<< HEAD\nLook.\n=======\nWait.\n>>>>>>> main\n"
    branch.write("runbooks/ledger/late.md", page)
    branch.commit("Both")
    assert found(console) == ["runbooks/ledger/late.md:7 FILE009"]
