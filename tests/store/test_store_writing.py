"""Applying a change: exactly these paths, in every kind of repository, and nobody else's work touched."""

import os
import resource
import shutil
import subprocess
import sys
import textwrap
import time

import pytest

from svcops.errors import NotDone
from svcops.store import lock, writing
from svcops.store.change import Change, digest_of
from svcops.store.git import Git, GitFailed, WhoAreYou
from svcops.store.lock import Locked
from svcops.store.writing import Moved, NotCommitted

EVENT = "incidents/2026/incident-20261123-k7f3q2/timeline/one.yaml"
ODD_FOLDERS = (
    "with spaces and umlauts äöü ß",
    "[x]",
    "a*b",
    "q?",
    ":(glob)**",
    "!not",
    "-dash",
    "ünïcode/日本/😀",
    "quote'double\"back\\slash",
    "tab\there",
    "#hash",
    "~tilde",
    "$HOME",
    "%s",
)


def as_they_were(store):
    return store.status(), store.staged(), store.unstaged()


# What a commit holds ---------------------------------------------------------------------------------------------


def test_a_change_is_one_commit_of_exactly_its_paths(store):
    store.write("catalogue/teams/old.yaml", "title: Old\n")
    store.write("catalogue/teams/kept.yaml", "title: Kept\n")
    store.commit("More")
    change = store.change(
        {EVENT: "type: log\n", "svcops.yaml": "organisation: Other\n", "catalogue/teams/old.yaml": None},
        "Do three things",
        body="Because they belong together.",
        records=("incident-20261123-k7f3q2", "old"),
    )
    written = store.apply(change)
    assert written.commit == store.head()
    assert written.branch == "refs/heads/main"
    assert written.paths == tuple(sorted(change.files))
    assert store.committed() == {EVENT: "A", "svcops.yaml": "M", "catalogue/teams/old.yaml": "D"}
    assert store.git("log", "-1", "--format=%B").strip() == (
        "Do three things\n\nBecause they belong together.\n\n"
        "Svcops-Record: incident-20261123-k7f3q2\nSvcops-Record: old"
    )
    assert store.git(
        "log", "-1", "--format=%an %ae %cn %(trailers:key=Svcops-Record,valueonly,separator=%x2C)"
    ).strip() == ("Ada Example ada@example.org Ada Example incident-20261123-k7f3q2,old")
    assert not (store.root / "catalogue/teams/old.yaml").exists()
    assert store.is_clean()
    store.fsck()


def test_without_commit_the_files_are_written_and_git_is_left_alone(store):
    before = store.head()
    index = (store.git_dir / "index").read_bytes()
    written = store.apply(store.change({EVENT: "a: 1\n"}), commit=False)
    assert written.commit is None
    assert store.read(EVENT) == "a: 1\n"
    assert store.head() == before
    assert (store.git_dir / "index").read_bytes() == index
    assert not store.leftovers()


def test_a_file_keeps_its_permissions(store):
    script = store.write("runbooks/a/check.sh", "#!/bin/sh\n")
    script.chmod(0o755)
    store.commit()
    store.put("runbooks/a/check.sh", "#!/bin/sh\ntrue\n")
    assert script.stat().st_mode & 0o777 == 0o755
    assert store.is_clean()


def test_a_new_file_has_the_permissions_of_the_umask(store):
    old = os.umask(0o027)
    try:
        store.put(EVENT, "a: 1\n")
    finally:
        os.umask(old)
    assert (store.root / EVENT).stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    "subject", ["# looks like a comment", "first\nsecond", "  spaced   out ", "Ünïcode 😀", "-m dash"]
)
def test_the_subject_is_one_line_and_never_lost(store, subject):
    store.put(EVENT, "a: 1\n", subject)
    expected = " ".join(subject.split()).lstrip("# ")
    assert store.git("log", "-1", "--format=%s").strip() == expected


def test_the_message_survives_what_git_is_set_to_do_with_messages(store):
    for key, value in (
        ("commit.cleanup", "strip"),
        ("core.commentChar", "S"),
        ("i18n.commitEncoding", "ISO-8859-1"),
        ("commit.template", str(store.write("../template", "Template\n"))),
        ("commit.verbose", "true"),
        ("core.editor", "false"),
    ):
        store.git("config", key, value)
    change = store.change({EVENT: "a: 1\n"}, "Störung", body="# a heading\nSome text", records=("x",))
    store.apply(change)
    raw = store.git("cat-file", "commit", "HEAD").split("\n\n", 1)
    assert raw[1] == "Störung\n\n# a heading\nSome text\n\nSvcops-Record: x\n"
    assert "encoding" not in raw[0]


# Kinds of repository ---------------------------------------------------------------------------------------------


def test_on_an_unborn_branch_the_first_commit_is_made(new_store):
    store = new_store(born=False)
    written = store.put(EVENT, "a: 1\n")
    assert written.branch == "refs/heads/main"
    assert store.committed() == {EVENT: "A"}
    assert [line[0] for line in store.status()] == ["?"], "svcops.yaml stays untracked"
    assert not store.leftovers()
    assert not store.locks()


def test_a_first_commit_of_somebody_elses_that_comes_between_keeps_its_files(new_store, monkeypatch):
    store = new_store(born=False)
    store.write("theirs.yaml", "a: 1\n")
    original = writing._write

    def meanwhile(*given):
        store.commit("Their first commit", "theirs.yaml")
        return original(*given)

    monkeypatch.setattr(writing, "_write", meanwhile)
    store.put(EVENT, "a: 1\n")
    assert store.committed() == {EVENT: "A"}
    assert store.log() == ["Change", "Their first commit"]
    assert not store.staged()


def test_where_git_cannot_tell_what_head_is_nothing_is_committed(store, monkeypatch):
    head = store.head()
    monkeypatch.setattr(Git, "head", lambda _: None)
    with pytest.raises(NotCommitted, match="git cannot tell which commit HEAD is"):
        store.put(EVENT, "a: 1\n")
    assert store.head() == head


def test_on_an_unborn_branch_what_others_staged_stays_staged(new_store):
    store = new_store(born=False)
    store.git("add", "svcops.yaml")
    staged = store.staged()
    store.put(EVENT, "a: 1\n")
    assert store.committed() == {EVENT: "A"}
    assert store.staged() == staged


def test_on_a_detached_head_the_commit_is_on_no_branch(store):
    store.git("checkout", "--quiet", "--detach")
    main = store.git("rev-parse", "main")
    written = store.put(EVENT, "a: 1\n")
    assert written.branch is None
    assert store.head() == written.commit
    assert store.git("rev-parse", "main") == main
    assert store.is_clean()


def test_in_a_linked_worktree_the_commit_is_on_its_branch(store, tmp_path):
    other = tmp_path / "other tree"
    store.git("worktree", "add", "--quiet", "-b", "other", str(other))
    linked = type(store)(other, store.env)
    written = linked.put(EVENT, "a: 1\n")
    assert written.branch == "refs/heads/other"
    assert linked.is_clean()
    assert store.is_clean()
    assert store.log() == ["Start"]
    assert store.git("log", "--format=%s", "other").splitlines() == ["Change", "Start"]
    store.put(EVENT.replace("one", "two"), "b: 1\n")
    assert store.is_clean()
    store.fsck()


def test_in_a_submodule_the_commit_is_the_submodules_own(store, new_repository):
    outer = new_repository("outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(store.path), "inner")
    outer.commit()
    inner = type(store)(outer.path / "inner", store.env)
    inner.git("config", "user.name", "Ada Example")
    inner.git("config", "user.email", "ada@example.org")
    inner.put(EVENT, "a: 1\n")
    assert inner.is_clean()
    assert inner.log() == ["Change", "Start"]
    assert [line.split()[-1] for line in outer.status()] == ["inner"]


def test_a_repository_with_a_submodule_beside_the_records_is_committed_to(store, new_repository):
    module = new_repository("module")
    module.write("a", "a")
    module.commit()
    store.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(module.path), "module")
    store.commit()
    (store.path / "module/a").write_text("changed in the submodule")
    before = as_they_were(store)
    store.put(EVENT, "a: 1\n")
    assert as_they_were(store) == before


def test_a_submodule_that_git_is_told_to_ignore_is_not_swept_in_though_it_is_staged(store, new_repository):
    module = new_repository("module")
    module.write("a", "a")
    module.commit()
    store.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(module.path), "module")
    store.git("config", "--file", ".gitmodules", "submodule.module.ignore", "all")
    store.commit()
    inside = type(module)(store.path / "module", {**store.env, "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@b.c"})
    inside.git("-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "--quiet", "--allow-empty", "-m", "Newer")
    store.git("add", "--force", "module")
    staged, before = store.git("ls-files", "--stage", "module"), store.git("ls-tree", "HEAD", "module")
    store.put(EVENT, "a: 1\n")
    assert store.git("ls-tree", "HEAD", "module") == before
    assert store.git("ls-files", "--stage", "module") == staged


def test_in_a_repository_of_sha_256_and_in_a_shallow_clone(new_repository, store, tmp_path, env):
    store.put("more.yaml", "more\n")
    store.git("clone", "--quiet", "--depth=1", f"file://{store.path}", str(tmp_path / "shallow"))
    env["GIT_DEFAULT_HASH"] = "sha256"
    new_repository("other")
    for name in ("shallow", "other"):
        one = type(store)(tmp_path / name, store.env)
        one.git("config", "user.name", "Ada Example")
        one.git("config", "user.email", "ada@example.org")
        one.put(EVENT, "a: 1\n")
        one.put(EVENT, "a: 2\n")
        assert one.committed() == {EVENT: "M"}
        one.put(EVENT, None)
        assert one.is_clean()
        one.fsck()
    assert len(one.head()) == 64


@pytest.mark.parametrize("folder", ODD_FOLDERS)
def test_a_path_full_of_odd_characters(new_store, folder):
    store = new_store(f"{folder}/repository", below=folder)
    path = f"runbooks/{folder.replace('/', '_')}/[a]*?.md"
    bystander = f"{folder}/runbooks/{folder.replace('/', '_')}/ax.md"
    store.write(bystander, "not ours")
    store.put(path, "one\n")
    store.put(path, "two\n")
    assert store.at_head(path) == "two\n"
    assert [line[0] for line in store.status()] == ["?"], "what the path would match as a pattern is left alone"
    store.put(path, None)
    assert list(store.committed().values()) == ["D"]


def test_a_store_in_a_subfolder_leaves_the_rest_of_the_repository_alone(new_store):
    store = new_store(below="ops/store")
    store.write("README.md", "Read me")
    store.write("ops/other.txt", "Other")
    store.commit()
    store.write("README.md", "Read me, changed")
    store.write("ops/other.txt", "Other, staged")
    store.git("add", "ops/other.txt")
    before = as_they_were(store)
    store.put(EVENT, "a: 1\n")
    assert store.committed() == {f"ops/store/{EVENT}": "A"}
    assert as_they_were(store) == before


def test_a_store_in_a_subfolder_names_a_changed_file_as_the_store_does(new_store):
    store = new_store(below="ops/store")
    store.write("ops/store/svcops.yaml", "organisation: Mine\n")
    with pytest.raises(NotDone, match=r"^svcops\.yaml has changes"):
        store.put("svcops.yaml", "organisation: Theirs\n")


@pytest.mark.parametrize("kind", ["splitIndex", "fsmonitor", "untrackedCache", "sparse", "manyFiles", "sparse index"])
def test_a_repository_whose_index_has_extensions(store, kind):
    for number in range(30):
        store.write(f"catalogue/teams/t{number}.yaml", "title: T\n")
        store.write(f"outside/{number}.txt", "x")
    store.commit()
    if kind == "fsmonitor":
        hook = store.write(".git/watch", '#!/bin/sh\nprintf "token\\0/\\0"\n')
        hook.chmod(0o755)
        store.git("config", "core.fsmonitor", str(hook))
        store.git("config", "core.fsmonitorHookVersion", "2")
    elif kind == "sparse":
        store.git("sparse-checkout", "set", "--no-cone", "/catalogue/", "/svcops.yaml")
    elif kind == "sparse index":
        store.git("sparse-checkout", "set", "--cone", "--sparse-index", "catalogue")
    elif kind == "manyFiles":
        store.git("config", "feature.manyFiles", "true")
        store.git("config", "index.threads", "true")
    else:
        store.git("config", f"core.{kind}", "true")
        store.git("update-index", "--split-index" if kind == "splitIndex" else "--untracked-cache")
    store.git("status")
    store.write("catalogue/teams/staged.yaml", "title: Staged\n")
    store.git("add", "catalogue/teams/staged.yaml")
    staged = store.staged()
    store.put("catalogue/teams/t1.yaml", "title: Other\n")
    store.put(EVENT, "a: 1\n", "Outside the sparse part")
    store.put("catalogue/teams/t2.yaml", None)
    assert store.committed("HEAD~2") == {"catalogue/teams/t1.yaml": "M"}
    assert store.committed("HEAD~1") == {EVENT: "A"}
    assert store.committed("HEAD") == {"catalogue/teams/t2.yaml": "D"}
    assert store.staged() == staged
    assert len(store.status()) == 1
    assert not store.locks()
    store.fsck()


@pytest.mark.parametrize("autocrlf", ["true", "input", "false"])
@pytest.mark.parametrize(
    "rule", ["", "* text=auto\n", "*.yaml text eol=crlf\n", "*.yaml text eol=lf\n", "*.yaml -text\n"]
)
def test_line_ends_that_git_changes_leave_the_work_tree_clean(store, autocrlf, rule):
    store.git("config", "core.autocrlf", autocrlf)
    if rule:
        store.write(".gitattributes", rule)
        store.commit("Attributes")
    store.git("config", "core.safecrlf", "true")
    store.put(EVENT, "a: 1\nb: 2\n")
    store.put(EVENT, "a: 1\nb: 3\n")
    assert store.at_head(EVENT) == "a: 1\nb: 3\n"
    assert store.is_clean()
    store.put(EVENT, None)
    assert store.is_clean()


def test_a_clean_filter_is_applied_once_and_the_work_tree_is_clean(store):
    store.git("config", "filter.upper.clean", "tr a-z A-Z")
    store.git("config", "filter.upper.smudge", "tr A-Z a-z")
    store.write(".gitattributes", "*.yaml filter=upper\n")
    store.commit("Attributes")
    store.put(EVENT, "a: 1\n")
    assert store.at_head(EVENT) == "A: 1\n"
    assert store.read(EVENT) == "a: 1\n"
    assert store.is_clean()


def test_an_ignored_path_is_committed_all_the_same(store):
    store.write(".gitignore", "incidents/\n*.yaml\n")
    store.git("add", ".gitignore")
    store.commit("Ignore", ".gitignore")
    store.put(EVENT, "a: 1\n")
    store.put(EVENT, "a: 2\n")
    assert store.at_head(EVENT) == "a: 2\n"
    assert store.is_clean()


def test_more_paths_than_a_command_line_holds_are_one_commit(store):
    deep = "/".join(f"{letter * 200}" for letter in "abcdefghijklmno")
    files = {f"{deep}/{number:06d}.yaml": f"n: {number}\n" for number in range(750)}
    assert sum(map(len, files)) > 2 * 1024 * 1024
    store.apply(store.change(files, "Import"))
    assert len(store.committed()) == len(files)
    assert store.is_clean()
    some = list(files)[::3]
    store.apply(store.change(dict.fromkeys(some, "other\n"), "Change many"))
    assert len(store.committed()) == len(some)
    assert store.is_clean()


# Other people's work ---------------------------------------------------------------------------------------------


def other_work(store):
    """Every state that a path can be in while somebody works."""
    names = ("modified", "staged", "staged-then-modified", "deleted", "staged-deletion", "renamed", "mode", "flagged")
    for name in names:
        store.write(f"others/{name}.txt", f"{name}\n" * 3)
    store.write("others/to-link.txt", "x")
    store.commit("Others")
    (store.path / "others/modified.txt").write_text("unstaged\n")
    (store.path / "others/staged.txt").write_text("staged\n")
    (store.path / "others/staged-then-modified.txt").write_text("staged\n")
    store.git("add", "others/staged.txt", "others/staged-then-modified.txt")
    (store.path / "others/staged-then-modified.txt").write_text("and modified\n")
    (store.path / "others/deleted.txt").unlink()
    store.git("rm", "--quiet", "others/staged-deletion.txt")
    store.git("mv", "others/renamed.txt", "others/new-name.txt")
    (store.path / "others/mode.txt").chmod(0o755)
    store.git("update-index", "--assume-unchanged", "others/flagged.txt")
    (store.path / "others/flagged.txt").write_text("hidden\n")
    store.write("others/staged-new.txt", "new\n")
    store.git("add", "others/staged-new.txt")
    store.write("others/intended.txt", "intended\n")
    store.git("add", "--intent-to-add", "others/intended.txt")
    store.write("others/untracked.txt", "untracked\n")
    (store.path / "others/to-link.txt").unlink()
    (store.path / "others/to-link.txt").symlink_to("staged.txt")
    store.git("rm", "--quiet", "--cached", "svcops.yaml")


def test_whatever_others_have_staged_or_changed_is_as_it_was(store):
    other_work(store)
    before = as_they_were(store)
    flags = store.git("ls-files", "-v", "others")
    files = {path: path.read_bytes() for path in (store.path / "others").iterdir()}
    store.put(EVENT, "a: 1\n")
    assert store.committed() == {EVENT: "A"}
    assert as_they_were(store) == before
    store.put(EVENT, "a: 2\n")
    assert store.committed() == {EVENT: "M"}
    assert as_they_were(store) == before
    store.put(EVENT, None)
    assert store.committed() == {EVENT: "D"}
    assert as_they_were(store) == before
    assert store.git("ls-files", "-v", "others") == flags
    assert {path: path.read_bytes() for path in (store.path / "others").iterdir()} == files
    store.git("commit", "--quiet", "--message=Theirs")
    assert EVENT not in store.committed()


def test_a_refused_commit_leaves_the_index_of_others_untouched(store):
    other_work(store)
    store.hook("pre-commit", "exit 1")
    store.git("status")
    index = (store.git_dir / "index").read_bytes()
    with pytest.raises(NotCommitted):
        store.put(EVENT, "a: 1\n")
    assert (store.git_dir / "index").read_bytes() == index


@pytest.mark.parametrize("how", ["modified", "staged", "staged and modified", "deleted from the index", "type changed"])
def test_a_path_with_changes_that_are_not_committed_is_refused(store, how):
    store.write(EVENT, "a: 1\n")
    store.commit()
    if how == "deleted from the index":
        store.git("rm", "--quiet", "--cached", EVENT)
    elif how == "type changed":
        store.git("update-index", "--cacheinfo", f"120000,{store.git('rev-parse', f'HEAD:{EVENT}').strip()},{EVENT}")
    else:
        store.write(EVENT, "a: 2\n")
        if how != "modified":
            store.git("add", EVENT)
        if how == "staged and modified":
            store.write(EVENT, "a: 3\n")
    before, text = as_they_were(store), store.read(EVENT)
    with pytest.raises(NotDone, match="changes that are not committed") as caught:
        store.put(EVENT, "a: 9\n")
    assert EVENT in caught.value.help
    assert as_they_were(store) == before
    assert store.read(EVENT) == text
    assert not store.leftovers()


@pytest.mark.parametrize("is_ignored", [False, True])
def test_a_file_that_was_never_committed_is_refused(store, is_ignored):
    if is_ignored:
        store.write(".gitignore", EVENT)
        store.commit("Ignore it")
    store.write(EVENT, "a: 1\n")
    before = as_they_were(store)
    with pytest.raises(NotDone, match=f"{EVENT} was never committed, and all of it would be swept in") as caught:
        store.put(EVENT, "a: 9\n")
    assert caught.value.help == f"Commit it first: git add --force -- {EVENT} && git commit -- {EVENT}"
    assert as_they_were(store) == before
    assert store.read(EVENT) == "a: 1\n"
    assert not store.leftovers()
    store.git("add", "--force", "--", EVENT)
    store.git("commit", "--quiet", "--message", "Mine", "--", EVENT)
    store.put(EVENT, "a: 9\n")
    assert store.committed() == {EVENT: "M"}


def test_a_file_that_was_never_committed_does_not_hinder_others(store):
    store.write(EVENT, "a: 1\n")
    store.put("incidents/2026/other.yaml", "a: 2\n")
    assert store.committed() == {"incidents/2026/other.yaml": "A"}


def test_a_new_path_that_somebody_staged_and_took_away_again_is_refused(store):
    store.write(EVENT, "theirs\n")
    store.git("add", EVENT)
    (store.root / EVENT).unlink()
    with pytest.raises(NotDone, match="changes that are not committed"):
        store.put(EVENT, "ours\n")
    assert store.git("show", f":{EVENT}") == "theirs\n", "what they staged is still there"


# What moved --------------------------------------------------------------------------------------------------------


def test_a_file_that_changed_since_it_was_read_is_refused(store):
    change = store.change({"svcops.yaml": "organisation: Mine\n"})
    store.write("svcops.yaml", "organisation: Theirs\n")
    with pytest.raises(Moved, match=r"svcops\.yaml changed while"):
        store.apply(change)
    assert store.read("svcops.yaml") == "organisation: Theirs\n"


def test_a_file_that_came_or_went_since_is_refused(store):
    change = store.change({EVENT: "a: 1\n"})
    store.write(EVENT, "a: 2\n")
    with pytest.raises(Moved):
        store.apply(change)
    change = store.change({EVENT: None})
    (store.root / EVENT).unlink()
    with pytest.raises(Moved):
        store.apply(change)
    assert not store.leftovers()


def test_a_folder_that_got_another_event_since_it_was_read_is_refused(store):
    store.put(EVENT, "a: 1\n")
    folder, _, name = EVENT.rpartition("/")
    change = Change("Close", {f"{folder}/close.yaml": b"a: 1\n"}, listings={folder: (name,)})
    store.put(f"{folder}/other.yaml", "a: 1\n")
    with pytest.raises(Moved, match=folder):
        store.apply(change)
    store.apply(Change("Close", {f"{folder}/close.yaml": b"a: 1\n"}, listings={folder: (name, "other.yaml")}))


def test_a_save_in_the_last_moment_is_not_overwritten(store, tmp_path):
    """An editor saves after the comparison, while git is asked for the state: here, while git runs."""
    shim = tmp_path / "bin" / "git"
    shim.parent.mkdir()
    shim.write_text(
        f'#!/bin/sh\nfor word; do [ "$word" = config ] && echo "organisation: Saved" > "{store.root}/svcops.yaml"; done\n'
        f'PATH="{store.env["PATH"]}" exec git "$@"\n'
    )
    shim.chmod(0o755)
    change = store.change({"svcops.yaml": "organisation: Mine\n"})
    plain = dict(store.env)
    store.env["PATH"] = f"{shim.parent}:{plain['PATH']}"
    with pytest.raises(NotDone):
        store.apply(change)
    store.env = plain
    assert store.read("svcops.yaml") == "organisation: Saved\n"
    assert not store.leftovers()


@pytest.mark.parametrize("state", ["merge", "cherry-pick", "revert"])
def test_in_the_middle_of_a_merge_nothing_is_written(store, state):
    store.write("a.txt", "one\n")
    base = store.commit("One")
    store.write("a.txt", "two\n")
    two = store.commit("Two")
    store.git("checkout", "--quiet", "-b", "side", base)
    store.write("a.txt", "three\n")
    store.commit("Three")
    if state == "revert":
        store.git("revert", "--no-edit", base, check=False)
    else:
        store.git(state, two, check=False)
    assert any(line.startswith("u") for line in store.status())
    before = as_they_were(store)
    with pytest.raises(NotDone, match=f"a {state} is in progress") as caught:
        store.put(EVENT, "a: 1\n")
    assert f"git {state} --abort" in caught.value.help
    assert as_they_were(store) == before
    assert not (store.root / EVENT).exists()
    assert not store.leftovers()
    store.apply(store.change({EVENT: "a: 1\n"}), commit=False)
    assert store.read(EVENT) == "a: 1\n"


@pytest.mark.parametrize("command", ["rebase", "stash"])
def test_unmerged_paths_of_others_stay_unmerged(store, command):
    store.write("a.txt", "one\n")
    base = store.commit("One")
    if command == "stash":
        store.write("a.txt", "mine\n")
        store.git("stash", "--quiet")
        store.write("a.txt", "two\n")
        store.commit("Two")
        store.git("stash", "pop", check=False)
    else:
        store.write("a.txt", "two\n")
        store.commit("Two")
        store.git("checkout", "--quiet", "-b", "side", base)
        store.write("a.txt", "three\n")
        store.commit("Three")
        store.git("rebase", "main", check=False)
    assert any(line.startswith("u") for line in store.status())
    before = as_they_were(store)
    try:
        store.put(EVENT, "a: 1\n")
    except NotDone as error:
        assert command in error.message  # noqa: PT017 - either answer is right, a half one is not
        assert not (store.root / EVENT).exists()
    assert as_they_were(store) == before
    assert not store.leftovers()


def test_the_message_of_a_squash_that_somebody_prepared_is_kept(store):
    store.git("checkout", "--quiet", "-b", "side")
    store.write("a.txt", "one\n")
    store.commit("On the side")
    store.git("checkout", "--quiet", "main")
    store.git("merge", "--squash", "side")
    message = (store.git_dir / "SQUASH_MSG").read_text()
    before = as_they_were(store)
    try:
        store.put(EVENT, "a: 1\n")
    except NotDone:
        assert not (store.root / EVENT).exists()
    assert (store.git_dir / "SQUASH_MSG").read_text() == message
    assert as_they_were(store) == before


# Hooks -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pre-commit", "commit-msg", "prepare-commit-msg"])
def test_a_hook_that_refuses_leaves_the_files_and_says_how_to_commit_them(store, name):
    store.hook(name, 'echo "the hook says no" >&2; exit 1')
    other = f"{EVENT} with space.yaml"
    before, index = store.head(), (store.git_dir / "index").read_bytes()
    with pytest.raises(NotCommitted, match="the hook says no") as caught:
        store.apply(store.change({EVENT: "a: 1\n", other: "b: 2\n"}))
    assert store.head() == before
    assert store.read(EVENT) == "a: 1\n"
    assert (store.git_dir / "index").read_bytes() == index
    assert not store.locks()
    assert not store.leftovers()
    (store.git_dir / f"hooks/{name}").unlink()
    command = caught.value.help.splitlines()[-1].replace("git commit", "git commit --quiet --message=Hand")
    subprocess.run(command, shell=True, cwd=store.root, env=store.env, check=True)
    assert sorted(store.committed()) == sorted([EVENT, other])
    assert store.is_clean()
    store.put(EVENT, "a: 2\n")
    assert store.is_clean()


def test_a_hook_that_refuses_is_asked_wherever_git_is_told_to_find_it(store, new_store, tmp_path):
    """In a folder of the repository's own, of which the store is a part; and in a linked worktree."""
    deep = new_store("deep", below="ops")
    deep.write(".githooks/pre-commit", "#!/bin/sh\nexit 1\n").chmod(0o755)
    deep.git("config", "core.hooksPath", ".githooks")
    with pytest.raises(NotCommitted):
        deep.put(EVENT, "a: 1\n")
    store.hook("pre-commit", "exit 1")
    store.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "other"))
    with pytest.raises(NotCommitted):
        type(store)(tmp_path / "other", store.env).put(EVENT, "a: 1\n")


def test_a_hook_that_refuses_a_deletion_leaves_it_and_says_how_to_commit_it(store):
    store.put(EVENT, "a: 1\n")
    store.hook("pre-commit", "exit 1")
    with pytest.raises(NotCommitted) as caught:
        store.put(EVENT, None)
    assert not (store.root / EVENT).exists()
    store.hook("pre-commit", "exit 0")
    command = caught.value.help.splitlines()[-1].replace("git commit", "git commit --quiet --message=Hand")
    subprocess.run(command, shell=True, cwd=store.root, env=store.env, check=True)
    assert store.is_clean()


def test_a_hook_that_reformats_and_adds_is_committed_and_clean(store):
    store.hook("pre-commit", f'printf "a: 1 # formatted\\n" > {EVENT} && git add {EVENT}')
    store.put(EVENT, "a:   1\n")
    assert store.at_head(EVENT) == store.read(EVENT) == "a: 1 # formatted\n"
    assert store.is_clean()


def test_a_hook_that_reformats_and_does_not_add_leaves_an_unstaged_change(store):
    store.hook("pre-commit", f'printf "a: 1 # formatted\\n" > {EVENT}')
    store.put(EVENT, "a:   1\n")
    assert store.at_head(EVENT) == "a:   1\n"
    assert store.read(EVENT) == "a: 1 # formatted\n"
    assert not store.staged()
    assert [line.split()[1] for line in store.status()] == [".M"]


def test_a_hook_sees_only_the_change_and_may_ask_git_anything(store):
    other_work(store)
    store.hook(
        "pre-commit",
        f"git status >/dev/null && git diff --cached --name-only > {store.path}/../seen && git write-tree >/dev/null"
        " && git stash list && git ls-files >/dev/null",
    )
    before = as_they_were(store)
    store.put(EVENT, "a: 1\n")
    assert (store.path / "../seen").read_text().split() == [EVENT]
    assert as_they_were(store) == before


def test_a_hook_may_check_the_store_and_read_it_with_svcops_itself(store):
    svcops = f"{sys.executable} -B -m svcops"
    store.hook("pre-commit", f"{svcops} check > ../seen && {svcops} incident list --json >> ../seen")
    store.put("catalogue/teams/finance.yaml", "title: Finance\n")
    assert '"incidents": []' in (store.path / "../seen").read_text()
    assert store.committed() == {"catalogue/teams/finance.yaml": "A"}
    with pytest.raises(NotCommitted, match="commit failed"):
        store.put("catalogue/teams/finance.yaml", "titel: Finance\n")
    assert "SCHEMA001" in (store.path / "../seen").read_text()
    assert not store.leftovers()


def test_a_hook_may_use_patterns(store):
    store.hook("pre-commit", f"git diff --cached --name-only -- '*.yaml' > {store.path}/../seen")
    store.put(EVENT, "a: 1\n")
    assert (store.path / "../seen").read_text().split() == [EVENT]


def test_a_hook_that_leaves_a_program_running_holds_up_nobody(store):
    store.hook("post-commit", "sleep 30 & echo $! > ../pid")
    started = time.monotonic()
    try:
        store.put(EVENT, "a: 1\n")
        store.put(EVENT, "a: 2\n")
        assert time.monotonic() - started < 10
    finally:
        os.kill(int((store.path / "../pid").read_text()), 9)
    assert store.is_clean()


def test_git_killed_right_after_the_commit_is_a_commit(store):
    """A post-commit hook kills git: HEAD has the commit, git's exit status says it failed."""
    other_work(store)
    store.hook("post-commit", "kill -9 $PPID")
    before = as_they_were(store)
    written = store.put(EVENT, "a: 1\n")
    assert written.commit == store.head()
    assert store.committed() == {EVENT: "A"}
    assert as_they_were(store) == before
    assert not store.leftovers()


def test_git_killed_before_the_commit_is_not_a_commit(store):
    store.hook("commit-msg", "kill -9 $PPID")
    before = store.head()
    with pytest.raises(NotCommitted):
        store.put(EVENT, "a: 1\n")
    assert store.head() == before
    assert store.read(EVENT) == "a: 1\n"
    assert not store.locks()
    assert not store.leftovers()


def test_nothing_to_commit_is_said_and_leaves_nothing_behind(store):
    with pytest.raises(NotCommitted) as caught:
        store.put("svcops.yaml", store.read("svcops.yaml"))
    assert "nothing" in caught.value.message or "no changes" in caught.value.message
    assert store.is_clean()


def test_a_file_that_git_does_not_track_can_be_deleted(store):
    store.write(EVENT, "a: 1\n")
    try:
        store.put(EVENT, None)
    except NotCommitted as error:
        assert "did not match" not in error.message  # noqa: PT017
    assert not (store.root / EVENT).exists()
    assert store.is_clean()


def test_an_untracked_and_a_tracked_file_are_deleted_together(store):
    store.write(EVENT, "a: 1\n")
    store.apply(store.change({EVENT: None, "svcops.yaml": None}))
    assert store.committed() == {"svcops.yaml": "D"}
    assert store.is_clean()


def test_a_commit_that_cannot_be_signed_is_a_clear_error_and_the_files_stay(store):
    store.git("config", "commit.gpgsign", "true")
    store.git("config", "gpg.program", str(store.write("../no-gpg", "#!/bin/sh\necho 'no secret key' >&2\nexit 2\n")))
    (store.path / "../no-gpg").chmod(0o755)
    with pytest.raises(NotCommitted, match="gpg failed to sign"):
        store.put(EVENT, "a: 1\n")
    assert store.read(EVENT) == "a: 1\n"
    assert not store.locks()
    assert not store.leftovers()


# Who is typing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "missing"), [({"name": None}, "user.name"), ({"mail": None}, "user.email")])
def test_without_an_identity_the_error_says_what_to_set(new_store, who, missing):
    store = new_store(born=False, **who)
    with pytest.raises(WhoAreYou, match=missing) as caught:
        store.put(EVENT, "a: 1\n")
    assert f"git config --global {missing}" in caught.value.help
    assert not (store.root / EVENT).exists()
    assert not store.leftovers()


def test_an_author_without_a_committer_is_refused_before_anything_is_written(new_store):
    store = new_store(born=False, name=None, mail=None)
    store.env |= {"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org", "EMAIL": ""}
    with pytest.raises(WhoAreYou):
        store.put(EVENT, "a: 1\n")
    assert not (store.root / EVENT).exists()
    store.env |= {"GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org"}
    store.put(EVENT, "a: 1\n")


def test_a_mail_address_from_the_environment_is_one(new_store):
    store = new_store(born=False, mail=None)
    store.env["EMAIL"] = "ada@example.net"
    store.put(EVENT, "a: 1\n")
    assert store.git("log", "-1", "--format=%ae").strip() == "ada@example.net"


# Locks of git ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["", "DIRC", "svcops"])
def test_a_lock_of_git_is_waited_for_and_never_removed(store, monkeypatch, content):
    monkeypatch.setattr(lock, "INDEX_WAIT_SECONDS", 0.4)
    foreign = store.git_dir / "index.lock"
    foreign.write_text(content)
    for _ in range(2):
        started = time.monotonic()
        with pytest.raises(Locked, match=r"index\.lock") as caught:
            store.put(EVENT, "a: 1\n")
        assert time.monotonic() - started >= 0.4
        assert f"remove {foreign}" in caught.value.help
        assert foreign.read_text() == content
        assert not (store.root / EVENT).exists()
        assert not store.leftovers()
    foreign.unlink()
    store.put(EVENT, "a: 1\n")
    assert store.is_clean()


def test_a_lock_of_git_that_goes_away_in_time_delays_the_commit(store):
    foreign = store.git_dir / "index.lock"
    foreign.touch()
    with subprocess.Popen(["sh", "-c", f"sleep 0.5; rm '{foreign}'"]):
        store.put(EVENT, "a: 1\n")
    assert store.is_clean()


@pytest.mark.parametrize("name", ["HEAD.lock", "refs/heads/main.lock"])
def test_a_lock_of_git_on_the_branch_is_a_clear_error_and_never_removed(store, name):
    foreign = store.git_dir / name
    foreign.touch()
    with pytest.raises(NotCommitted, match=r"\.lock"):
        store.put(EVENT, "a: 1\n")
    assert foreign.exists()
    foreign.unlink()
    assert store.read(EVENT) == "a: 1\n"
    assert not store.locks()
    store.put("b.yaml", "b\n")
    assert [line[0] for line in store.status()] == ["?"]


# Paths ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "../outside.yaml",
        "a/../../outside.yaml",
        "a/../b.yaml",
        "/tmp/outside.yaml",
        ".git/config",
        ".git/hooks/pre-commit",
        ".GIT/hooks/pre-commit",
        "a/.git/config",
        "./a.yaml",
        "a//b.yaml",
        "a/",
        "",
        ".",
        "a\0b",
        "new\nline/../../x",
    ],
)
@pytest.mark.parametrize("commit", [True, False])
def test_a_path_that_is_no_plain_path_below_the_store_is_refused(store, path, commit):
    config = (store.git_dir / "config").read_bytes()
    with pytest.raises(NotDone):
        store.apply(Change("Attack", {path: b"[core]\n"}), commit=commit)
    assert (store.git_dir / "config").read_bytes() == config
    assert not (store.path / "../outside.yaml").exists()
    assert not (store.git_dir / "hooks/pre-commit").exists()
    assert store.is_clean()


@pytest.mark.parametrize("target", ["outside", "inside"])
@pytest.mark.parametrize("commit", [True, False])
def test_nothing_is_written_through_a_symbolic_link(store, tmp_path, target, commit):
    elsewhere = tmp_path / "elsewhere" if target == "outside" else store.root / "elsewhere"
    (elsewhere / "folder").mkdir(parents=True)
    (elsewhere / "file.yaml").write_text("theirs\n")
    (store.root / "catalogue").symlink_to(elsewhere)
    (store.root / "link.yaml").symlink_to(elsewhere / "file.yaml")
    (store.root / "dangling.yaml").symlink_to(elsewhere / "new.yaml")
    store.commit("Links")
    head = store.head()
    attempts = (
        "catalogue/new.yaml",
        "catalogue/file.yaml",
        "catalogue/folder/deep/new.yaml",
        "link.yaml",
        "dangling.yaml",
    )
    for path in attempts:
        for data in (b"ours\n", None):
            there = (store.root / path).exists()
            change = Change("Through", {path: data}, {path: digest_of(b"theirs\n")} if there else {})
            with pytest.raises(NotDone):
                store.apply(change, commit=commit)
    assert (elsewhere / "file.yaml").read_text() == "theirs\n"
    assert sorted(path.name for path in elsewhere.iterdir()) == ["file.yaml", "folder"]
    assert (store.root / "link.yaml").is_symlink()
    assert store.head() == head
    assert store.is_clean()


def test_a_link_where_the_temporary_file_goes_is_not_written_through(store, tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text("theirs\n")
    (store.root / ".svcops.yaml.svcops").symlink_to(outside)
    store.put("svcops.yaml", "organisation: Ours\n")
    assert outside.read_text() == "theirs\n"
    assert not (store.root / "svcops.yaml").is_symlink()
    assert store.read("svcops.yaml") == "organisation: Ours\n"


def test_a_path_in_another_repository_inside_is_refused(store, new_repository):
    inner = new_repository("repository/inner")
    inner.write("a.txt", "a")
    inner.commit()
    with pytest.raises(NotDone):
        store.put("inner/records/a.yaml", "a: 1\n")
    assert not (inner.path / "records").exists()
    assert not store.leftovers()


def test_a_store_reached_through_a_link_is_written_where_it_is(new_store, tmp_path):
    store = new_store(below="ops")
    (tmp_path / "link").symlink_to(store.root)
    linked = type(store)(store.path, store.env)
    linked.root = tmp_path / "link"
    from svcops.store.git_places import git_dir_of

    assert git_dir_of(linked.root) is not None
    linked.put(EVENT, "a: 1\n")
    assert store.at_head(EVENT) == "a: 1\n"
    assert store.is_clean()


def test_a_file_where_a_folder_should_be_is_a_clear_error(store):
    store.write("incidents", "a file\n")
    store.commit()
    with pytest.raises(NotDone):
        store.put(EVENT, "a: 1\n")
    assert store.is_clean()


def test_a_folder_where_a_file_should_be_is_a_clear_error(store):
    store.write(f"{EVENT}/inner.yaml", "x\n")
    store.commit()
    with pytest.raises(NotDone):
        store.apply(Change("Attack", {"a.yaml": b"a\n", EVENT: b"a: 1\n"}))
    assert not (store.root / "a.yaml").exists()
    assert store.is_clean()


# Disks and rights --------------------------------------------------------------------------------------------------

CHILD = """
import os, sys
from pathlib import Path
from svcops.errors import SvcopsError
from svcops.store.change import Change, digest_of
from svcops.store.git_places import git_dir_of
from svcops.store.writing import apply

def main():
    root = Path(sys.argv[1])
    size = int(sys.argv[2])
    before = {"svcops.yaml": digest_of((root / "svcops.yaml").read_bytes())}
    change = Change("Large", {"svcops.yaml": b"organisation: New\\n", "z/large.yaml": b"x" * size}, before)
    try:
        apply(change, root=root, git_dir=git_dir_of(root), env=os.environ, commit=sys.argv[3:] != ["--no-commit"], say=print)
    except SvcopsError as error:
        print(type(error).__name__, error.message)
        sys.exit(error.exit_code)

main()
"""


def run_child(store, *arguments, before=None, prefix=()):
    return subprocess.run(
        [*prefix, sys.executable, "-B", "-c", CHILD, str(store.root), *map(str, arguments)],
        env=store.env,
        preexec_fn=before,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("limit", [200, 2_000, 20_000, 60_000])
def test_a_file_that_cannot_be_written_whole_changes_nothing_or_is_said_to_be_uncommitted(store, limit):
    for number in range(300):
        store.write(f"many/{number}.txt", "x")
    store.commit()
    before = store.read("svcops.yaml")
    noise = os.urandom(30_000).hex()
    store.write("noise.txt", noise)
    store.commit()

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = run_child(store, 50_000, before=limited)
    if done.returncode == 0:
        assert store.is_clean()
        return
    assert done.returncode == 3, done.stdout + done.stderr
    assert not done.stderr, done.stderr
    name = done.stdout.split()[0]
    assert not store.locks()
    assert not store.leftovers()
    assert not store.staged()
    if name == "NotCommitted":
        assert (store.root / "z/large.yaml").stat().st_size == 50_000
    else:
        assert name == "CannotWrite"
        assert store.read("svcops.yaml") == before
        assert store.is_clean()


def can_mount():
    return (
        shutil.which("unshare") is not None
        and subprocess.run(
            ["unshare", "--mount", "sh", "-c", "mount -t tmpfs none /mnt"], capture_output=True, check=False
        ).returncode
        == 0
    )


def may_mount(test):
    return pytest.mark.skipif(not can_mount(), reason="needs the right to mount")(test)


@may_mount
def test_a_full_disk_changes_nothing_or_is_said_to_be_uncommitted(store, tmp_path):
    """The same repository on a small disk, with ever less room left on it."""
    for number in range(300):
        store.write(f"many/{number}.txt", "x")
    store.commit()
    script = tmp_path / "on-small-disk.sh"
    script.write_text(
        textwrap.dedent("""
        set -eu
        mount -t tmpfs -o size=4m none /mnt
        cp -a "$1/." /mnt/
        dd if=/dev/zero of=/mnt/.git/filler bs=1k count=100000 2>/dev/null || true
        dd if=/dev/null of=/mnt/.git/filler bs=1k seek=$(( $(stat -c %s /mnt/.git/filler) / 1024 - $2 )) 2>/dev/null
        shift 2
        status=0
        "$@" || status=$?
        rm /mnt/.git/filler
        cd /mnt
        git status --porcelain | sed 's/^/status: /'
        find .git -name '*.lock' | sed 's/^/lock: /'
        find . -name '.*.svcops' | sed 's/^/leftover: /'
        ls .git/svcops | grep -v lock | sed 's/^/leftover: /' || true
        wc -c < svcops.yaml | sed 's/^/settings: /'
        exit $status
        """)
    )
    seen = set()
    for room in (0, 4, 8, 16, 32, 48, 64, 72, 80, 96, 112, 128, 160, 200, 400):
        prefix = ("unshare", "--mount", "sh", str(script), str(store.path), str(room))
        done = subprocess.run(
            [*prefix, sys.executable, "-B", "-c", CHILD, "/mnt", "20000"],
            env=store.env,
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout.splitlines()
        assert not done.stderr, (room, done.stderr)
        assert not [line for line in said if line.startswith(("lock:", "leftover:"))], (room, said)
        status = sorted(line for line in said if line.startswith("status:"))
        if done.returncode == 0:
            outcome = "written"
            assert not status, (room, said)
        else:
            assert done.returncode == 3, (room, said)
            outcome = said[0].split()[0]
            if outcome == "NotCommitted":
                assert status == ["status:  M svcops.yaml", "status: ?? z/"], (room, said)
            else:
                assert outcome == "CannotWrite", (room, said)
                assert not status, (room, said)
        seen.add(outcome)
    assert seen == {"CannotWrite", "NotCommitted", "written"}


def without_override():
    """What makes root as powerless over rights as everybody else; nothing where it is not root who tests."""
    if os.getuid() != 0:
        return ()
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")


@pytest.mark.skipif(os.getuid() == 0 and not shutil.which("setpriv"), reason="root may write everywhere")
@pytest.mark.parametrize("what", ["everything", "the work tree", "one folder", "the objects", "the git directory"])
def test_under_a_read_only_tree_nothing_is_written(store, what):
    store.write("z/there.yaml", "x\n")
    store.commit()
    top, git_dir = store.path, store.git_dir
    folders = {
        "everything": [top, *(path for path in top.rglob("*") if path.is_dir())],
        "the work tree": [top, top / "z"],
        "one folder": [top / "z"],
        "the objects": [git_dir / "objects", *(path for path in (git_dir / "objects").rglob("*") if path.is_dir())],
        "the git directory": [git_dir],
    }[what]
    before = store.read("svcops.yaml")
    for folder in folders:
        folder.chmod(0o555)
    done = run_child(store, 10, prefix=without_override())
    for folder in folders:
        folder.chmod(0o755)
    assert done.returncode == 3, done.stdout + done.stderr
    assert not done.stderr, done.stderr
    assert not store.locks()
    assert not store.leftovers()
    if what == "the objects":
        assert done.stdout.startswith("NotCommitted"), done.stdout
    else:
        assert done.stdout.startswith("CannotWrite"), done.stdout
        assert store.read("svcops.yaml") == before
        assert store.is_clean()


def test_git_that_is_not_installed_is_a_clear_error(store, tmp_path):
    store.git_dir  # noqa: B018 - found while git is there
    change, git_dir = store.change({EVENT: "a: 1\n"}), store.git_dir
    from svcops.store.writing import apply

    with pytest.raises(GitFailed, match="not installed"):
        apply(change, root=store.root, git_dir=git_dir, env={"PATH": str(tmp_path)}, commit=True, say=print)
    assert not (store.root / EVENT).exists()
    assert not store.leftovers()


# Many at once, and merges ------------------------------------------------------------------------------------------

WRITER = """
import os, sys
from pathlib import Path
from svcops.store.change import Change
from svcops.store.git_places import git_dir_of
from svcops.store.writing import apply

root, name = Path(sys.argv[1]), sys.argv[2]
sys.stdin.read()
apply(Change(f"Write {name}", {f"incidents/2026/x/timeline/{name}.yaml": b"a: 1\\n"}), root=root,
      git_dir=git_dir_of(root), env=os.environ, commit=True, say=lambda text: None)
"""


def start_writer(store, name):
    return subprocess.Popen(
        [sys.executable, "-B", "-c", WRITER, str(store.root), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=store.env,
    )


def test_twenty_processes_that_write_at_once_leave_twenty_commits(store):
    other_work(store)
    before = as_they_were(store)
    writers = [start_writer(store, f"w{number}") for number in range(20)]
    for writer in writers:
        writer.stdin.close()
    for writer in writers:
        said = writer.stdout.read()
        writer.stdout.close()
        assert writer.wait() == 0, said
    subjects = store.log()
    assert sorted(subjects) == sorted([*(f"Write w{number}" for number in range(20)), "Start", "Others"])
    assert all(len(store.committed(f"HEAD~{number}")) == 1 for number in range(20))
    assert as_they_were(store) == before
    assert not store.locks()
    assert not store.leftovers()
    store.fsck()


def test_plain_git_and_svcops_at_once_lose_nothing(store):
    """Somebody commits by hand in a loop while svcops writes: git may refuse for a lock, and then is asked again."""
    store.write("by-hand.txt", "0\n")
    store.commit()
    loop = (
        "for n in 1 2 3 4 5 6 7 8 9 10; do echo $n > by-hand.txt; "
        'until git commit --quiet -m "Hand $n" by-hand.txt 2>/dev/null; do sleep 0.01; done; done'
    )
    with subprocess.Popen(["sh", "-c", loop], cwd=store.path, env=store.env) as person:
        for number in range(10):
            store.put(f"incidents/2026/x/{number}.yaml", "a: 1\n", f"Svcops {number}")
        assert person.wait() == 0
    assert len([line for line in store.log() if line.startswith("Hand")]) == 10
    assert len([line for line in store.log() if line.startswith("Svcops")]) == 10
    assert store.is_clean()
    store.fsck()


@pytest.mark.parametrize("hook", ["reference-transaction", "post-commit"])
def test_when_the_branch_moves_the_index_has_moved(store, hook):
    """`git commit PATH` reads HEAD, then the index, and only then takes its lock, and writes what it read.

    One that begins between the two would write back an index without our files, and show them as deleted.
    """
    seen = store.path.parent / "seen"
    store.hook(
        hook,
        f"case $1 in prepared|aborted) exit 0;; esac\nunset $(git rev-parse --local-env-vars)\n"
        f"git --no-optional-locks status --porcelain >> {seen} && echo looked >> {seen}",
    )
    store.put(EVENT, "a: 1\n")
    assert set(seen.read_text().splitlines()) == {"looked"}
    store.put(EVENT, None)
    assert set(seen.read_text().splitlines()) == {"looked"}


def test_two_worktrees_write_at_once(store, tmp_path):
    store.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "other"))
    linked = type(store)(tmp_path / "other", store.env)
    writers = [start_writer(one, f"w{number}") for number in range(5) for one in (store, linked)]
    for writer in writers:
        writer.stdin.close()
    for writer in writers:
        said = writer.stdout.read()
        writer.stdout.close()
        assert writer.wait() == 0, said
    assert len(store.log()) == len(linked.log()) == 6
    assert store.is_clean()
    assert linked.is_clean()
    store.fsck()


def test_two_clones_that_each_add_an_event_merge_without_conflict(store, tmp_path):
    store.put("incidents/2026/x/timeline/first.yaml", "a: 1\n")
    clones = []
    for name in ("left", "right"):
        store.git("clone", "--quiet", str(store.path), str(tmp_path / name))
        clone = type(store)(tmp_path / name, store.env)
        clone.git("config", "user.name", name)
        clone.git("config", "user.email", f"{name}@example.org")
        clone.put(f"incidents/2026/x/timeline/{name}.yaml", f"by: {name}\n", f"From the {name}")
        clones.append(clone)
    left, right = clones
    left.git("pull", "--quiet", "--no-rebase", "--no-edit", str(right.path), "main")
    assert sorted(path.name for path in (left.root / "incidents/2026/x/timeline").iterdir()) == [
        "first.yaml",
        "left.yaml",
        "right.yaml",
    ]
    assert left.is_clean()
    left.fsck()
