"""Opening a store: found from anywhere below, with one graph until something is written."""

import fcntl
import signal
import subprocess
import sys

import pytest

from svcops.errors import NotDone
from svcops.store.change import Change
from svcops.store.git import NotARepository, WhoAreYou
from svcops.store.opening import NoFolder, NoStore, Store, find_root


def opened(store):
    return Store(store.root, store.env, store.said.append)


def test_the_nearest_folder_with_settings_is_the_store(new_store):
    store = new_store(below="ops")
    below = store.root / "incidents/2026"
    below.mkdir(parents=True)
    assert find_root(store.root) == find_root(below) == store.root
    with pytest.raises(NoStore, match=r"no svcops\.yaml") as caught:
        find_root(store.path)
    assert "svcops init" in caught.value.help
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("name", "why"), [("nope", "not there"), ("svcops.yaml/x", "not there"), ("svcops.yaml", "no folder")]
)
def test_what_is_no_folder_opens_no_store_above_it(new_store, name, why):
    store = new_store()
    with pytest.raises(NoFolder, match=why):
        find_root(store.root / name)


def test_a_store_without_a_repository_is_read_and_not_written(tmp_path, env):
    (tmp_path / "svcops.yaml").write_text("organisation: Example\n")
    store = Store(tmp_path, env, print)
    assert store.graph.settings.organisation == "Example"
    store.recover()
    for attempt in (lambda: store.git, store.me, lambda: store.apply(Change("x", {"a.yaml": b"a\n"}), commit=False)):
        with pytest.raises(NotARepository):
            attempt()
    assert [path.name for path in tmp_path.iterdir()] == ["svcops.yaml"]


def test_who_is_typing_is_the_person_with_that_address_whatever_its_case(store):
    store.put("catalogue/people/ada.yaml", "name: Ada\nemails: [Other@example.org, ADA@Example.org]\n")
    assert opened(store).me() == "ada"
    assert opened(store).person_of("OTHER@example.org") == "ada"
    assert opened(store).person_of("Nobody@Example.org") == "nobody@example.org"


def test_nobody_is_guessed(new_store):
    with pytest.raises(WhoAreYou):
        opened(new_store(born=False, mail=None)).me()


def test_the_graph_is_read_anew_after_a_change(store):
    one = opened(store)
    assert one.graph is one.graph
    assert not one.graph.all("team")
    one.apply(store.change({"catalogue/teams/finance.yaml": "title: Finance\n"}), commit=True)
    assert set(one.graph.all("team")) == {"finance"}


def test_the_graph_is_read_anew_after_a_change_that_was_not_committed(store):
    store.hook("pre-commit", "exit 1")
    one = opened(store)
    assert not one.graph.all("team")
    with pytest.raises(NotDone):
        one.apply(store.change({"catalogue/teams/finance.yaml": "title: Finance\n"}), commit=True)
    assert set(one.graph.all("team")) == {"finance"}


def test_the_cache_is_under_the_git_directory_and_nothing_else_is_written(store, tmp_path):
    store.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    linked = type(store)(tmp_path / "linked", store.env)
    for one in (store, linked):
        before = one.status()
        opened(one).graph.read_everything()
        assert [path.name for path in (one.git_dir / "svcops").iterdir()] == ["cache"]
        assert one.status() == before == []


WRITER = """
import os, sys
from pathlib import Path
from svcops.store.change import Change
from svcops.store.opening import Store

Store(Path(sys.argv[1]), os.environ, print).apply(Change("Killed", {"a.yaml": b"a: 1\\n"}), commit=True)
"""


def test_what_a_killed_call_left_is_cleared_by_opening(store):
    store.hook("pre-commit", "kill -9 0")
    command = [sys.executable, "-B", "-c", WRITER, str(store.root)]
    done = subprocess.run(command, env=store.env, start_new_session=True, check=False)
    assert done.returncode == -signal.SIGKILL
    (store.git_dir / "hooks/pre-commit").unlink()
    with open(store.git_dir / "svcops/lock", "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
    opened(store).recover()
    assert len(store.said) == 2
    assert store.is_clean()
    opened(store).recover()
    assert len(store.said) == 2


def test_the_bytes_of_a_file_are_what_they_are(store):
    store.write("evidence.bin", b"\x00\xff\r\n")
    assert opened(store).blob("evidence.bin") == b"\x00\xff\r\n"
    with pytest.raises(NotDone, match=r"nothing\.bin cannot be read"):
        opened(store).blob("nothing.bin")
