"""`policy.sync: auto`: what is committed goes to the remote by itself, and nobody waits for it."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from svcops.store import background
from svcops.store.background import Waits
from svcops.store.lock import store_lock

WHAT = ("--service", "ledger", "--severity", "sev3", "--detected-by", "user")


@pytest.fixture
def auto(team):
    """Ada's store, in which changes are shared at once."""
    store = team.ada.store
    store.write("svcops.yaml", store.read("svcops.yaml") + "policy: {sync: auto}\n")
    store.commit("Share at once")
    store.git("push", "--quiet", "origin", "main")
    yield team
    wait_until(lambda: not is_at_work(store))


def is_at_work(store):
    return background.is_wanted(store.git_dir) or (background.folder_of(store.git_dir) / "began").exists()


def wait_until(true, seconds=30):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.05)


def at_hub(team):
    return team.hub_git("ls-tree", "-r", "--name-only", "main")


def test_a_change_is_at_the_remote_soon_after(auto):
    mine = auto.open(auto.ada)
    wait_until(lambda: mine in at_hub(auto))
    assert not auto.ada.store.status()


def test_many_changes_at_once_all_arrive_and_what_others_did_comes_in(auto):
    theirs = auto.open(auto.noor)
    auto.noor("sync")
    mine = [auto.open(auto.ada, f"Number {number}") for number in range(6)]
    wait_until(lambda: all(one in at_hub(auto) for one in mine))
    wait_until(lambda: theirs in auto.ada("incident", "list", "-q").out)


def test_without_a_commit_or_without_the_policy_nothing_is_started(auto, console):
    auto.open(auto.ada, "Not committed", "--no-commit")
    assert not background.folder_of(auto.ada.store.git_dir).exists()
    auto.open(auto.noor, "Noor's clone has the settings of before")
    assert not background.folder_of(auto.noor.store.git_dir).exists()


def test_a_change_during_a_sync_is_seen_to_by_that_sync(auto):
    store = auto.ada.store
    folder = background.folder_of(store.git_dir)
    folder.mkdir(parents=True)
    with store_lock(folder, print):
        mine = auto.open(auto.ada)
        time.sleep(1.5)
        assert background.is_wanted(store.git_dir), "who finds another sync at work leaves its mark"
        assert mine not in at_hub(auto)
    auto.ada("sync", "--background", "--quiet")
    assert mine in at_hub(auto)
    assert not background.is_wanted(store.git_dir)


def test_a_sync_goes_another_round_for_what_was_asked_for_meanwhile(auto):
    store = auto.ada.store
    folder, count = background.folder_of(store.git_dir), auto.hub.parent / "count"
    store.hook(
        "pre-push",
        f"[ -e {count} ] && exit 0; touch {count} {folder}/wanted; unset GIT_DIR GIT_INDEX_FILE\n"
        "git commit --quiet --allow-empty --no-verify -m Meanwhile",
    )
    folder.mkdir(parents=True)
    (folder / "wanted").touch()
    store.write("by-hand.txt", "x")
    store.commit("By hand")
    auto.ada("sync", "--background", "--quiet")
    assert auto.hub_git("log", "-1", "--format=%s", "main") == "Meanwhile"


def test_what_was_asked_for_during_a_sync_by_hand_is_done_after_it(auto):
    store = auto.ada.store
    count = auto.hub.parent / "count"
    store.hook("pre-push", f"[ -e {count} ] || touch {store.git_dir}/svcops/sync/wanted; touch {count}")
    auto.open(auto.ada, "First", "--no-commit")
    store.commit("By hand")
    auto.ada("sync")
    wait_until(lambda: not is_at_work(store))
    assert (background.folder_of(store.git_dir) / "log").read_text().count("process") == 1


def test_what_could_not_be_shared_is_told_by_the_next_change_and_no_more_once_it_is(auto):
    store = auto.ada.store
    auto.hub.rename(auto.hub.with_name("away.git"))
    short = auto.open(auto.ada)[-6:]
    wait_until(lambda: background.waits(store.git_dir) is not None)
    said = auto.ada("incident", "log", short, "Looking")
    assert "change waits since " in said.err
    assert "as origin cannot be reached: " in said.err
    assert said.err.index("svcops sync") < said.err.index("wrote ")
    assert auto.ada("incident", "log", short, "Quietly", "--quiet").err == ""
    wait_until(lambda: not is_at_work(store))
    auto.hub.with_name("away.git").rename(auto.hub)
    auto.ada("sync")
    assert background.waits(store.git_dir) is None
    assert "waits" not in auto.ada("incident", "log", short, "Again").err


def test_the_log_says_what_happened_and_does_not_grow_for_ever(auto):
    store = auto.ada.store
    log = background.folder_of(store.git_dir) / "log"
    log.parent.mkdir(parents=True)
    log.write_bytes(b"x" * 200_000)
    mine = auto.open(auto.ada)
    wait_until(lambda: mine in at_hub(auto))
    wait_until(lambda: mine in log.read_text())
    assert "process" in log.read_text()
    assert log.stat().st_size < 1000
    assert log.with_name("log.1").stat().st_size == 200_000


def test_nothing_of_a_strangers_store_is_run(auto, tmp_path):
    store = auto.ada.store
    proof = tmp_path / "ran"
    store.write("svcops/__init__.py", f"open({str(proof)!r}, 'w')\n")
    store.write("svcops/__main__.py", f"open({str(proof)!r}, 'w')\n")
    store.write("subprocess.py", f"open({str(proof)!r}, 'w')\n")
    store.commit("A trap")
    mine = auto.open(auto.ada)
    wait_until(lambda: mine in at_hub(auto))
    assert not proof.exists()


def test_the_command_ends_though_the_sync_goes_on(auto, tmp_path):
    """Neither an output that stays open nor a process to wait for keeps whoever called it."""
    store, go_on = auto.ada.store, tmp_path / "go-on"
    store.hook("pre-push", f"while [ ! -e '{go_on}' ]; do sleep 0.1; done")
    done = subprocess.run(
        [sys.executable, "-m", "svcops", "incident", "open", "x", *WHAT],
        cwd=store.root,
        env={**os.environ, **store.env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    assert done.stdout.split()[0] not in at_hub(auto)
    go_on.touch()
    wait_until(lambda: done.stdout.split()[0] in at_hub(auto))


def test_it_says_so_where_the_sync_cannot_be_started(auto):
    folder = background.folder_of(auto.ada.store.git_dir)
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("in the way")
    said = auto.ada("incident", "open", "x", *WHAT)
    assert "the sync could not be started" in said.err
    folder.unlink()


def test_a_note_of_what_waits_that_is_damaged_is_no_note(tmp_path):
    background.folder_of(tmp_path).mkdir(parents=True)
    for text in ("", "[]", "{", '{"changes": "many", "since": null, "why": ""}', '{"changes": 1}'):
        (background.folder_of(tmp_path) / "waits.json").write_text(text)
        assert background.waits(tmp_path) is None


def test_what_waits_is_told_by_the_clock_of_today_or_with_its_day():
    zone = timezone(timedelta(hours=1))
    now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert Waits(3, now.replace(hour=2, minute=12), "").told(now, zone) == "3 changes wait since 03:12"
    assert Waits(1, datetime(2026, 11, 22, 22, 59, tzinfo=UTC), "").told(now, zone) == (
        "1 change waits since 2026-11-22 23:59"
    )
    assert Waits(1, None, "").told(now, zone) == "1 change waits"
