"""An index in place before the branch moves: it comes back where that does not move, and nobody's staged work goes."""

import errno
import os
import subprocess
import sys

import pytest

from svcops.store.git import Git, Held
from svcops.store.git_index import copy_of_index, entries, is_placed, move_entries, placed, take_back

PATH = "catalogue/teams/finance.yaml"


@pytest.fixture
def folder(store):
    """Where a journal would be."""
    place = store.git_dir / "svcops/transaction"
    place.mkdir(parents=True)
    return place


def git_of(store):
    return Git(store.root, store.env)


def staged_index(store, folder, text="a: 1\n"):
    """A copy of the index with a new file in it."""
    place = store.root / PATH
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    index = copy_of_index(store.git_dir, folder / "index-to-come")
    git_of(store).stage([PATH], index=index)
    return index


KILLED = """
import os, sys
from pathlib import Path
from svcops.store.git_index import placed

git_dir, index, folder = map(Path, sys.argv[1:])
with placed(git_dir, index, folder):
    os._exit(0)
"""


def left_by_a_kill(store, folder):
    """As `placed` leaves the folder and the index when the process dies in it."""
    index = staged_index(store, folder)
    subprocess.run([sys.executable, "-B", "-c", KILLED, store.git_dir, index, folder], env=store.env, check=True)


def test_what_follows_sees_the_new_index_and_it_stays(store, folder):
    index = staged_index(store, folder)
    with placed(store.git_dir, index, folder):
        assert store.git("ls-files", PATH).strip() == PATH
    assert store.git("ls-files", PATH).strip() == PATH


@pytest.mark.parametrize("without_links", [False, True])
def test_where_what_follows_fails_the_same_index_is_back(store, folder, monkeypatch, without_links):
    if without_links:

        def refused(*_, **__):
            raise OSError(errno.EPERM, "no links here")

        monkeypatch.setattr(os, "link", refused)
    index, before = staged_index(store, folder), (store.git_dir / "index").read_bytes()
    with pytest.raises(KeyboardInterrupt), placed(store.git_dir, index, folder):
        raise KeyboardInterrupt
    assert (store.git_dir / "index").read_bytes() == before
    assert not is_placed(folder)


def test_where_there_was_no_index_there_is_none_again(new_store):
    store = new_store(born=False)
    folder = store.git_dir / "svcops/transaction"
    folder.mkdir(parents=True)
    with pytest.raises(ValueError, match="fails"), placed(store.git_dir, staged_index(store, folder), folder):
        raise ValueError("fails")
    assert not (store.git_dir / "index").exists()
    assert not is_placed(folder)


def test_where_nothing_is_staged_and_there_is_no_index_none_is_put_in_place(new_store):
    store = new_store(born=False)
    with placed(store.git_dir, store.git_dir / "none", store.git_dir):
        assert not (store.git_dir / "index").exists()


@pytest.mark.parametrize("below", ["", "ops"])
@pytest.mark.parametrize("born", [True, False])
def test_after_a_kill_it_is_taken_back_and_once_more_changes_nothing(new_store, below, born):
    store = new_store(below=below, born=born)
    folder = store.git_dir / "svcops/transaction"
    folder.mkdir(parents=True)
    before = store.git("ls-files", "--stage")
    left_by_a_kill(store, folder)
    assert store.git("ls-files", "--stage") != before
    assert is_placed(folder)
    for _ in range(2):
        take_back(git_of(store), store.git_dir, folder, [PATH])
        assert store.git("ls-files", "--stage") == before


def test_what_somebody_staged_since_the_kill_stays(store, folder):
    left_by_a_kill(store, folder)
    store.write(PATH, "a: mine\n")
    store.write("other.yaml", "a: mine\n")
    store.git("add", PATH, "other.yaml")
    take_back(git_of(store), store.git_dir, folder, [PATH])
    assert "+a: mine" in store.git("diff", "--cached", "--", PATH)
    assert "other.yaml" in store.git("diff", "--cached", "--name-only").split()


def test_an_entry_moves_only_where_it_is_what_was_said(store):
    git = git_of(store)
    store.write(PATH, "a: 1\n")
    store.git("add", PATH)
    (one,) = entries(git, [PATH]).values()
    other = Held("100755", one.blob)
    move_entries(git, {PATH: (other, None)}, index=store.git_dir / "index")
    assert entries(git, [PATH, "not there"]) == {PATH: one}
    move_entries(git, {PATH: (one, other), "not there": (one, other)}, index=store.git_dir / "index")
    assert entries(git, [PATH, "not there"]) == {PATH: other}
    move_entries(git, {PATH: (other, None)}, index=store.git_dir / "index")
    assert entries(git, [PATH]) == {}
