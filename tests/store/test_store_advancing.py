"""Moving branch, index and work tree on: all of it or nothing, at whichever instant it is killed."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from svcops.store import advancing
from svcops.store.advancing import BranchMoved, InTheWay, Move, advance
from svcops.store.git import Git, GitFailed

CRASH = Path(__file__).parent / "children" / "sync_crash.py"


@pytest.fixture
def crash(env, tmp_path):
    """Runs sync_crash.py in memory where that can be: a killed process loses nothing that a disk would keep."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else tmp_path))

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "-B", str(CRASH), arguments[0], str(folder), *map(str, arguments[1:])],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.returncode, done.stderr
        faults = [line for line in done.stdout.splitlines() if line.startswith("FAULT")]
        assert not faults, "\n".join(faults[:5])
        return int(done.stdout.split()[-1])

    yield run
    shutil.rmtree(folder)


@pytest.mark.parametrize(("how", "part"), [("merge", 2), ("forward", 5)])
def test_killed_at_instants_of_bringing_commits_in(crash, how, part):
    assert crash("points", how, part, 8) > 30


@pytest.mark.parametrize("how", ["merge", "forward"])
def test_killed_at_random_instants_git_included(crash, how):
    assert crash("random", how, 3, 12) > 0  # the others were over before: how fast it is here nobody knows


@pytest.mark.soak
@pytest.mark.parametrize("how", ["merge", "forward"])
def test_killed_at_every_instant_and_at_many_random_ones(crash, how):
    crash("points", how, 0, 1)
    crash("random", how, 5, 200)


@pytest.fixture
def ahead(store):
    """A store that `main` and `theirs` have, of which `theirs` has more."""
    store.write("changed.yaml", "old\n")
    store.write("gone/x.yaml", "old\n")
    store.commit("Old")
    store.git("switch", "--quiet", "--create", "theirs")
    store.write("changed.yaml", "new and longer\n")
    store.write("fresh/y.yaml", "new\n")
    (store.path / "gone/x.yaml").unlink()
    store.commit("New")
    store.git("switch", "--quiet", "main")
    return store


def move_of(store):
    return Move("refs/heads/main", store.head(), store.git("rev-parse", "theirs").strip(), "test")


def advance_(store, move=None):
    advance(Git(store.path, store.env), store.git_dir, move or move_of(store), store.said.append)


def begun(store, **files):
    """A move that was killed: its journal, and files as its git left them."""
    folder = store.git_dir / "svcops/advance"
    folder.mkdir(parents=True)
    move = move_of(store)
    held = {"branch": move.branch, "head": move.head, "to": move.to, "started_ns": 0}
    (folder / "journal.json").write_text(json.dumps(held))


def test_branch_index_and_work_tree_move_together(ahead):
    move = move_of(ahead)
    advance_(ahead)
    assert ahead.head() == move.to
    assert ahead.read("changed.yaml") == "new and longer\n"
    assert not (ahead.path / "gone").exists()
    assert ahead.git("log", "-1", "--walk-reflogs", "--format=%gs").strip() == "test"
    assert ahead.is_clean()


def test_a_file_that_was_only_touched_is_not_in_the_way(ahead):
    os.utime(ahead.path / "changed.yaml", (1, 1))
    advance_(ahead)
    assert ahead.read("changed.yaml") == "new and longer\n"


def test_a_branch_that_moved_or_another_one_is_left(ahead):
    move = move_of(ahead)
    ahead.put("more.yaml", "a: 1\n")
    head = ahead.head()
    with pytest.raises(BranchMoved):
        advance_(ahead, move)
    ahead.git("switch", "--quiet", "--create", "other", move.head)
    with pytest.raises(BranchMoved):
        advance_(ahead, move)
    assert ahead.git("rev-parse", "main").strip() == head
    assert ahead.is_clean()


def test_what_is_in_the_way_is_named_and_nothing_is_changed(ahead):
    ahead.write("changed.yaml", "mine\n")
    ahead.write("fresh/y.yaml", "mine\n")
    (ahead.path / "gone/x.yaml").unlink()
    with pytest.raises(InTheWay) as caught:
        advance_(ahead)
    for path in ("changed.yaml", "fresh/y.yaml", "gone/x.yaml"):
        assert path in caught.value.message
    assert ahead.read("changed.yaml") == "mine\n"
    assert not ahead.leftovers()


def test_a_folder_that_cannot_be_written_leaves_everything_as_it_was(ahead):
    (ahead.path / "fresh").mkdir()
    blocker = ahead.path / "fresh/y.yaml"
    blocker.mkdir()
    (blocker / "mine").write_text("mine")
    before = ahead.head()
    with pytest.raises((GitFailed, InTheWay)):
        advance_(ahead)
    assert ahead.head() == before
    assert ahead.read("changed.yaml") == "old\n"
    assert (blocker / "mine").read_text() == "mine"
    assert not ahead.locks()
    assert not ahead.leftovers()


def test_what_git_had_begun_to_write_is_taken_back(ahead):
    begun(ahead)
    ahead.write("changed.yaml", "new a")  # torn: the beginning of what was coming
    ahead.write("fresh/y.yaml", "new\n")
    (ahead.path / "gone/x.yaml").unlink()
    ahead.recover()
    assert ahead.read("changed.yaml") == "old\n"
    assert ahead.read("gone/x.yaml") == "old\n"
    assert not (ahead.path / "fresh").exists()
    assert "took back what an interrupted svcops sync had begun to bring in" in ahead.said[0]
    assert ahead.is_clean()


def test_what_somebody_changed_since_the_kill_is_left_and_named(ahead):
    begun(ahead)
    ahead.write("changed.yaml", "mine, since\n")
    ahead.write("fresh/y.yaml", "new\n")
    ahead.recover()
    assert ahead.read("changed.yaml") == "mine, since\n"
    assert "changed.yaml" in ahead.said[0]
    assert not (ahead.path / "fresh").exists()


def test_what_somebody_staged_since_the_kill_is_left(ahead):
    begun(ahead)
    ahead.write("changed.yaml", "new and longer\n")
    ahead.write("fresh/y.yaml", "new\n")
    ahead.git("add", "changed.yaml", "fresh/y.yaml")
    ahead.recover()
    assert ahead.read("changed.yaml") == "new and longer\n"
    assert ahead.read("fresh/y.yaml") == "new\n"
    assert "new and longer" in ahead.staged()


@pytest.fixture
def turning(store):
    """A store whose `theirs` has a folder where `main` has a file, and a file where `main` has a folder."""
    store.write("page", "old\n")
    store.write("folder/x.yaml", "old\n")
    store.commit("Old")
    store.git("switch", "--quiet", "--create", "theirs")
    (store.path / "page").unlink()
    store.write("page/y.yaml", "new\n")
    store.git("rm", "--quiet", "-r", "folder")
    store.write("folder", "new\n")
    store.commit("New")
    store.git("switch", "--quiet", "main")
    begun(store)
    (store.path / "page").unlink()
    store.write("page/y.yaml", "new\n")
    shutil.rmtree(store.path / "folder")
    store.write("folder", "new\n")
    return store


def test_files_that_became_folders_and_folders_that_became_files_are_taken_back(turning):
    turning.recover()
    assert turning.read("page") == "old\n"
    assert turning.read("folder/x.yaml") == "old\n"
    assert "left as they are" not in turning.said[0]
    assert turning.is_clean()


def test_an_empty_folder_that_a_killed_git_had_made_gives_way(turning):
    (turning.path / "page/y.yaml").unlink()
    turning.recover()
    assert turning.read("page") == "old\n"
    assert turning.is_clean()


@pytest.mark.parametrize("where", ["page/mine", "page/deeper/mine"])
def test_a_folder_in_which_somebody_put_something_since_the_kill_is_left_and_named(turning, where):
    turning.write(where, "mine\n")
    turning.recover()
    assert turning.read(where) == "mine\n"
    assert turning.said[0].endswith("somebody changed them since: page")
    assert turning.read("folder/x.yaml") == "old\n"
    assert not turning.locks()


@pytest.mark.parametrize("is_link", [False, True])
def test_what_somebody_put_where_a_folder_was_is_left_and_named(turning, is_link):
    place = turning.path / "folder"
    place.unlink()
    if is_link:
        turning.write("elsewhere/y", "mine\n")
        place.symlink_to("elsewhere")
    else:
        place.write_text("mine\n")
    turning.recover()
    assert place.is_symlink() if is_link else place.read_text() == "mine\n"
    assert "folder" in turning.said[0].partition("somebody changed them since: ")[2]
    assert turning.read("page") == "old\n"


def test_where_the_branch_had_moved_the_index_follows_but_not_where_somebody_staged(ahead):
    begun(ahead)
    move = move_of(ahead)
    ahead.write("changed.yaml", "mine\n")
    ahead.git("add", "changed.yaml")
    ahead.write("fresh/y.yaml", "new\n")
    (ahead.path / "gone/x.yaml").unlink()
    ahead.git("update-ref", "HEAD", move.to)
    ahead.recover()
    assert "finished bringing in" in ahead.said[0]
    assert [line.split()[-1] for line in ahead.status()] == ["changed.yaml"]
    assert "+mine" in ahead.staged()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"branch": 1, "head": "x", "to": "y", "started_ns": "z"}'])
def test_a_damaged_journal_is_put_aside_and_said(ahead, text):
    begun(ahead)
    (ahead.git_dir / "svcops/advance/journal.json").write_text(text)
    ahead.recover()
    assert "is put aside" in ahead.said[0]
    ahead.put("next.yaml", "a: 1\n")


def test_a_journal_of_commits_that_are_gone_is_put_aside(ahead):
    begun(ahead)
    place = ahead.git_dir / "svcops/advance/journal.json"
    place.write_text(place.read_text().replace(move_of(ahead).to, "1" * 40))
    ahead.recover()
    assert "is put aside" in ahead.said[0]


def test_a_folder_without_a_journal_is_scratch(ahead):
    (ahead.git_dir / "svcops/advance").mkdir(parents=True)
    ahead.recover()
    assert not ahead.said
    assert ahead.is_clean()


def test_the_next_change_takes_back_first(ahead):
    begun(ahead)
    ahead.write("fresh/y.yaml", "new\n")
    ahead.put("next.yaml", "a: 1\n")
    assert not (ahead.path / "fresh").exists()
    assert ahead.is_clean()


def test_odd_names_links_and_modes_are_taken_back(store):
    names = ("with space", "ümläut", "[x]", "new\nline", '"quoted"', "-dash")
    for name in names:
        store.write(f"a/{name}", "old\n")
    (store.path / "link").symlink_to("old")
    store.write("tool", "x\n")
    store.commit("Old")
    store.git("switch", "--quiet", "--create", "theirs")
    for name in names:
        store.write(f"a/{name}", "new\n")
        store.write(f"b/{name}", "new\n")
    (store.path / "link").unlink()
    (store.path / "link").symlink_to("new")
    (store.path / "tool").chmod(0o755)
    store.commit("New")
    store.git("switch", "--quiet", "main")
    begun(store)
    store.git("checkout", "theirs", "--", ".")
    store.git("reset", "--quiet")
    store.recover()
    assert store.is_clean()
    assert os.readlink(store.path / "link") == "old"
    assert not os.access(store.path / "tool", os.X_OK)
    assert not (store.path / "b").exists()


def test_a_sparse_checkout_stays_as_sparse_as_it_is(ahead):
    ahead.git("sparse-checkout", "set", "--no-cone", "/*", "!/fresh/")
    advance_(ahead)
    assert not (ahead.path / "fresh").exists()
    assert not ahead.status()


def test_the_modes_of_a_file_system_that_has_none_do_not_count(ahead):
    ahead.git("config", "core.fileMode", "false")
    (ahead.path / "changed.yaml").chmod(0o755)
    begun(ahead)
    ahead.recover()
    assert advancing._standing(Git(ahead.path, ahead.env), ["changed.yaml"])["changed.yaml"].mode == "100644"


def test_a_folder_that_git_made_before_it_was_killed_at_its_first_file_is_taken_back(ahead):
    begun(ahead)
    (ahead.path / "fresh").mkdir()
    ahead.recover()
    assert not (ahead.path / "fresh").exists()
    assert ahead.is_clean()
