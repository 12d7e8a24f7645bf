"""Commands of a run: what they say, how they end, and that nothing of them is left, whoever is killed."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from svcops.runbooks import keeper
from svcops.runbooks.processes import CannotStart, Command, Keeper, KeeperGone, end_what_is_left

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="who descends from whom is read from /proc")

AWAY = """
import os, sys, time
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
open(sys.argv[1], "w").write(str(os.getpid()))
time.sleep(600)
"""
"""Leaves its parent and its session, as daemons do."""


def command(folder, script, *words, limit=20.0):
    env = {**os.environ, "SAID": "yes"}
    return Command(("bash", "-euo", "pipefail", "-c", script, "bash", *words), env, folder, timedelta(seconds=limit))


def run(kept, folder, script, *words, **more):
    said = []
    return kept.run(command(folder, script, *words, **more), said.append), b"".join(said).decode()


def is_there(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def gone(pid, seconds=10):
    end = time.monotonic() + seconds
    while is_there(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not is_there(pid)


def appears(path, seconds=10):
    end = time.monotonic() + seconds
    while not (path.exists() and path.read_text()) and time.monotonic() < end:
        time.sleep(0.02)
    return path.read_text()


def daemon(folder):
    """A line that starts a process that leaves, and the file to which that writes its pid."""
    (folder / "away.py").write_text(AWAY)
    return f"{sys.executable} away.py pid"


def test_a_command_says_what_it_says_in_its_order_and_ends_with_its_code(tmp_path):
    with Keeper() as kept:
        ended, said = run(kept, tmp_path, 'echo one; echo two >&2; echo "$SAID $1"; exit 7', "three")
    assert (ended.exit, ended.why, said) == (7, "exit", "one\ntwo\nyes three\n")
    assert ended.started_at <= ended.ended_at


def test_it_reads_nothing_from_the_terminal_and_has_a_session_of_its_own(tmp_path):
    with Keeper() as kept:
        ended, said = run(kept, tmp_path, "cat; ps -o sid= -p $$; echo $$")
    session, pid = said.split()
    assert (ended.exit, session) == (0, pid)


def test_more_output_than_a_pipe_holds_is_whole(tmp_path):
    with Keeper() as kept:
        _, said = run(kept, tmp_path, "seq 200000")
    assert said.splitlines()[-1] == "200000"


def test_many_commands_one_after_the_other(tmp_path):
    with Keeper() as kept:
        assert [run(kept, tmp_path, f"exit {code}")[0].exit for code in range(10)] == list(range(10))


def test_a_signal_is_no_exit_code(tmp_path):
    with Keeper() as kept:
        ended, _ = run(kept, tmp_path, "kill -SEGV $$")
    assert (ended.exit, ended.why, ended.signal) == (None, "signal", signal.SIGSEGV)


def test_what_is_not_installed_is_told(tmp_path):
    with Keeper() as kept, pytest.raises(CannotStart, match="no-such-tool cannot be started: No such file"):
        kept.run(Command(("no-such-tool",), os.environ, tmp_path, timedelta(seconds=5)), print)


def test_at_the_limit_the_whole_tree_is_ended_also_what_left_it(tmp_path):
    with Keeper() as kept:
        ended, said = run(kept, tmp_path, f"trap '' TERM; {daemon(tmp_path)}; echo up; sleep 600", limit=1.0)
        assert (ended.exit, ended.why, said) == (None, "limit", "up\n")
        assert gone(int(appears(tmp_path / "pid")))


def test_after_a_limit_others_can_run(tmp_path):
    with Keeper() as kept:
        run(kept, tmp_path, "sleep 600", limit=0.2)
        assert run(kept, tmp_path, "echo on")[1] == "on\n"


def test_what_is_broken_off_is_ended(tmp_path):
    def stop(_):
        raise KeyboardInterrupt

    with Keeper() as kept, pytest.raises(KeyboardInterrupt):
        kept.run(command(tmp_path, "echo $$ > pid; echo up; sleep 600"), stop)
    assert gone(int(appears(tmp_path / "pid")))


def test_at_the_end_nothing_is_left_of_what_was_started(tmp_path):
    with Keeper() as kept:
        run(kept, tmp_path, daemon(tmp_path))
        pid = int(appears(tmp_path / "pid"))
        assert is_there(pid)
    assert gone(pid)


def test_a_service_goes_on_beside_and_is_not_ended_with_another(tmp_path):
    with Keeper() as kept:
        server = kept.serve(command(tmp_path, "echo ready; sleep 600 & wait"), tmp_path / "log")
        assert appears(tmp_path / "log") == "ready\n"
        run(kept, tmp_path, "sleep 600", limit=0.2)
        assert server.exit() is None
        assert server.stop() == -signal.SIGTERM


def test_the_scratch_folder_is_removed_whatever_its_modes(tmp_path):
    scratch = tmp_path / "scratch"
    (scratch / "deep").mkdir(parents=True)
    (scratch / "deep" / "file").touch()
    (scratch / "deep").chmod(0o500)
    with Keeper(scratch) as kept:
        pass
    assert (kept.is_clean, scratch.exists()) == (True, False)


CALLER = """
import os, sys
from datetime import timedelta
from pathlib import Path
from svcops.runbooks.processes import Command, Keeper
folder = Path(sys.argv[1])
with Keeper(folder / "scratch", ["/bin/sh", "-c", f"echo closed > {folder}/then"], mark="run-1") as kept:
    words = ("bash", "-c", "python3 away.py pid; echo $$ > shell; sleep 600")
    kept.run(Command(words, os.environ, folder, timedelta(seconds=60)), print)
"""


@pytest.fixture
def caller(tmp_path):
    """A program that runs a command, and the pids of itself, its keeper, the command, and what left it."""
    daemon(tmp_path)
    (tmp_path / "scratch").mkdir()
    process = subprocess.Popen([sys.executable, "-c", CALLER, str(tmp_path)], cwd=tmp_path)
    shell, away = int(appears(tmp_path / "shell")), int(appears(tmp_path / "pid"))
    parent = int(Path(f"/proc/{shell}/stat").read_text().rpartition(")")[2].split()[1])
    yield process, parent, shell, away
    process.kill()
    process.wait()


def test_where_svcops_is_killed_the_keeper_ends_all_and_closes_the_run(caller, tmp_path):
    process, parent, shell, away = caller
    process.kill()
    process.wait()
    assert gone(shell)
    assert gone(away)
    assert appears(tmp_path / "then") == "closed\n"
    assert gone(parent)
    assert not (tmp_path / "scratch").exists()


def test_where_the_keeper_is_killed_svcops_ends_all(caller, tmp_path):
    process, parent, shell, away = caller
    os.kill(parent, signal.SIGKILL)
    assert process.wait(20)
    assert gone(shell)
    assert gone(away)
    assert not (tmp_path / "scratch").exists()
    assert not (tmp_path / "then").exists()


def test_where_both_are_killed_the_next_call_finds_what_is_left_by_its_mark(caller):
    process, parent, shell, away = caller
    os.kill(process.pid, signal.SIGSTOP)  # so that it cannot do what it would do next
    os.kill(parent, signal.SIGKILL)
    process.kill()
    process.wait()
    assert gone(shell)
    assert is_there(away)
    end_what_is_left("run-1")
    assert gone(away)


def test_a_keeper_that_is_gone_is_told(tmp_path):
    with Keeper() as kept:
        with pytest.raises(KeeperGone, match="was killed"):
            kept.run(command(tmp_path, "kill -KILL $PPID; sleep 5"), print)
        assert keeper.marked(kept.mark) == []
