"""The store's lock: one writer at a time, none kept out by the dead; and git's index lock, never anybody else's."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from svcops.store import lock
from svcops.store.lock import CannotWrite, Locked, clear_dead_lock, clear_index_lock, index_lock, store_lock

HOLDER = """
import sys, time
from pathlib import Path
from svcops.store.lock import store_lock
with store_lock(Path(sys.argv[1]), print) as held:
    print("held", flush=True)
    sys.stdin.read()
"""


def start_holder(folder):
    holder = subprocess.Popen(
        [sys.executable, "-B", "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    return holder


def test_the_second_waits_until_the_first_is_done(tmp_path):
    with start_holder(tmp_path) as holder:
        said = []
        expected = f"another svcops \\(process {holder.pid}\\) is writing"
        with pytest.raises(Locked, match=expected) as caught, store_lock(tmp_path, said.append, wait=0.1):
            raise AssertionError
        assert "nothing was written" in caught.value.help
        assert caught.value.exit_code == 3
        holder.stdin.close()
        with store_lock(tmp_path, said.append, wait=5):
            pass
        assert not said


def test_waiting_long_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "_SAY_AFTER", 0.05)
    said = []
    with start_holder(tmp_path) as holder:
        with pytest.raises(Locked), store_lock(tmp_path, said.append, wait=0.3):
            raise AssertionError
        holder.stdin.close()
    assert said == [f"another svcops (process {holder.pid}) is writing; waiting"]


def test_a_killed_holder_keeps_nobody_out(tmp_path):
    with start_holder(tmp_path) as holder:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with store_lock(tmp_path, print, wait=0.0):
            pass


def test_a_program_that_the_holder_started_and_killed_itself_keeps_others_out(tmp_path):
    program = HOLDER.replace(
        'print("held", flush=True)',
        "import subprocess, os, signal\n"
        '    child = subprocess.Popen(["sleep", "60"], pass_fds=(held,))\n'
        '    print("held", flush=True)\n    print(child.pid, flush=True)\n    os.kill(os.getpid(), signal.SIGKILL)',
    )
    with subprocess.Popen(
        [sys.executable, "-B", "-c", program, str(tmp_path)], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        child = int(holder.stdout.readline())
        holder.wait()
    with pytest.raises(Locked), store_lock(tmp_path, print, wait=0.1):
        raise AssertionError
    os.kill(child, signal.SIGKILL)
    with store_lock(tmp_path, print, wait=5):
        pass


def test_a_program_that_outlives_the_holder_in_good_order_keeps_nobody_out(tmp_path):
    with store_lock(tmp_path, print) as held:
        child = subprocess.Popen(["sleep", "60"], pass_fds=(held,))
    try:
        with store_lock(tmp_path, print, wait=0.0):
            pass
    finally:
        child.kill()
        child.wait()


def test_the_lock_file_is_empty_when_nobody_holds_it(tmp_path):
    with store_lock(tmp_path, print):
        assert (tmp_path / "lock").read_text() == str(os.getpid())
    assert (tmp_path / "lock").read_text() == ""


def test_a_lock_file_that_was_taken_away_meanwhile_is_made_anew(tmp_path):
    """The second waits on a file that somebody removes: it must not hold a lock that the third cannot see."""
    with start_holder(tmp_path) as holder:
        second = subprocess.Popen(
            [sys.executable, "-B", "-c", HOLDER, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        time.sleep(0.5)
        (tmp_path / "lock").unlink()
        holder.stdin.close()
        with second:
            assert second.stdout.readline() == "held\n"
            with pytest.raises(Locked), store_lock(tmp_path, print, wait=0.1):
                raise AssertionError
            second.stdin.close()


@pytest.mark.parametrize("obstacle", ["a file", "a folder where the lock goes"])
def test_a_place_that_cannot_be_written_is_a_clear_error(tmp_path, obstacle):
    place = tmp_path / "svcops"
    if obstacle == "a file":
        place.write_text("")
    else:
        (place / "lock").mkdir(parents=True)
    with pytest.raises(CannotWrite, match="cannot be written"), store_lock(place, print):
        raise AssertionError


def test_an_error_under_the_lock_gives_it_back(tmp_path):
    with pytest.raises(ZeroDivisionError), store_lock(tmp_path, print):
        _ = 1 / 0
    with store_lock(tmp_path, print, wait=0.0):
        pass


# Git's index lock --------------------------------------------------------------------------------------------------


@pytest.fixture
def git_dir(repository):
    (repository.git_dir / "scratch").mkdir()
    return repository.git_dir


def test_the_index_lock_keeps_git_out_and_is_gone_afterwards(repository, git_dir):
    repository.write("a", "a")
    with index_lock(git_dir, git_dir / "scratch", print):
        repository.git("add", "a", check=False)
        assert not (git_dir / "index").exists()
    assert not repository.locks()
    assert not list((git_dir / "scratch").iterdir())
    repository.git("add", "a")


def test_an_index_lock_with_our_mark_is_cleared_and_said(git_dir):
    with index_lock(git_dir, git_dir / "scratch", print):
        left = (git_dir / "index.lock").read_bytes()
    (git_dir / "index.lock").write_bytes(left)
    assert clear_index_lock(git_dir) == f"removed {git_dir}/index.lock, left by a svcops that was killed"
    assert not (git_dir / "index.lock").exists()
    assert clear_index_lock(git_dir) is None


@pytest.mark.parametrize("content", [b"", b"DIRC\0\0\0\2", b"svcops", b"svcops write", b"SVCOPS WRITER 1"])
def test_an_index_lock_without_our_mark_is_never_cleared(git_dir, content):
    (git_dir / "index.lock").write_bytes(content)
    assert clear_index_lock(git_dir) is None
    assert (git_dir / "index.lock").read_bytes() == content


def test_the_index_lock_of_another_git_is_not_removed_when_ours_was_taken_away(git_dir):
    """A person follows git's advice and removes index.lock while svcops writes; another git then takes it."""
    with index_lock(git_dir, git_dir / "scratch", print):
        (git_dir / "index.lock").unlink()
        (git_dir / "index.lock").write_text("theirs")
    assert (git_dir / "index.lock").read_text() == "theirs"


def test_the_index_lock_is_given_back_after_an_error(git_dir):
    with pytest.raises(ZeroDivisionError), index_lock(git_dir, git_dir / "scratch", print):
        _ = 1 / 0
    assert not (git_dir / "index.lock").exists()


def test_without_hard_links_the_index_lock_is_taken_all_the_same(git_dir, monkeypatch):
    """Some file systems have none (exFAT): simulated by the one call that fails there."""
    import errno

    def none(*_: object) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", none)
    with index_lock(git_dir, git_dir / "scratch", print):
        assert (git_dir / "index.lock").read_text().startswith("svcops writer ")
    assert not (git_dir / "index.lock").exists()
    (git_dir / "index.lock").touch()
    monkeypatch.setattr(lock, "INDEX_WAIT_SECONDS", 0.1)
    with pytest.raises(Locked), index_lock(git_dir, git_dir / "scratch", print):
        raise AssertionError


# Locks that a killed git left --------------------------------------------------------------------------------------


def test_a_dead_lock_is_cleared_and_said(tmp_path):
    dead = tmp_path / "HEAD.lock"
    dead.touch()
    assert (
        clear_dead_lock(dead, time.time_ns() - 10**9) == f"removed {dead}, left by the git of a svcops that was killed"
    )
    assert not dead.exists()
    assert clear_dead_lock(dead, 0) is None


def test_a_lock_that_is_older_than_the_writer_is_not_cleared(tmp_path):
    old = tmp_path / "HEAD.lock"
    old.touch()
    assert clear_dead_lock(old, time.time_ns() + 10**9) is None
    assert old.exists()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files cannot be seen here")
def test_a_lock_that_a_process_has_open_is_not_cleared(tmp_path):
    alive = tmp_path / "HEAD.lock"
    with alive.open("w"):
        assert clear_dead_lock(alive, 0) is None
    assert alive.exists()


def test_a_lock_that_moves_is_not_cleared(tmp_path):
    moving = tmp_path / "HEAD.lock"
    moving.touch()
    with subprocess.Popen(["sh", "-c", f"sleep 0.2; echo x > '{moving}'"]):
        assert clear_dead_lock(moving, 0) is None
    assert moving.exists()
