"""Commands with all that they start: real processes, ended to the last one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from svcops.runbooks import keeper as keeper_program
from svcops.runbooks.processes import Command, Keeper, KeeperGone

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only a process group is ended")

ESCAPED = "setsid bash -c '(exec -a {mark} sleep 300) & ' & sleep 300"
"""A shell that leaves a process behind: its parent gone, in a session of its own."""
DEAF = ESCAPED.replace("exec", 'trap "" TERM; exec')


@pytest.fixture
def mark(tmp_path: Path) -> str:
    """A name that no other process has."""
    return f"stray-{tmp_path.name}-{os.getpid()}"


@pytest.fixture
def keeper() -> Iterator[Keeper]:
    with Keeper() as one:
        yield one


def bash(text: str, tmp_path: Path, seconds: float = 30, **env: str) -> Command:
    everything = {**os.environ, **env}
    return Command(("bash", "-c", text), everything, tmp_path, timedelta(seconds=seconds))


def running(mark: str) -> list[str]:
    """The processes that have that name."""
    return subprocess.run(["pgrep", "-f", f"^{mark}"], capture_output=True, text=True, check=False).stdout.split()


def until(holds: object) -> None:
    end = time.monotonic() + 20
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)


def test_both_streams_and_the_exit_code_are_given(keeper, tmp_path):
    said: list[bytes] = []
    ended = keeper.run(bash("echo $WORD; pwd; echo wrong >&2; exit 3", tmp_path, WORD="a b"), said.append)
    assert (ended.exit, ended.why) == (3, "exit")
    assert b"".join(said).decode().split("\n") == ["a b", str(tmp_path), "wrong", ""]
    assert ended.ended_at >= ended.started_at
    assert ended.seconds > 0


def test_a_command_has_no_input_and_no_terminal(keeper, tmp_path):
    said: list[bytes] = []
    assert keeper.run(bash("cat; tty; (: </dev/tty) 2>/dev/null || echo none", tmp_path), said.append).exit == 0
    assert b"".join(said) == b"not a tty\nnone\n"


@pytest.mark.parametrize(("argv", "code", "told"), [("svcops-no-such", 127, "No such file"), ("/", 126, "denied")])
def test_what_cannot_be_started_says_so_as_in_a_shell(keeper, tmp_path, argv, code, told):
    said: list[bytes] = []
    ended = keeper.run(Command((argv,), os.environ, tmp_path, timedelta(seconds=9)), said.append)
    assert (ended.exit, ended.why) == (code, "exit")
    assert told in b"".join(said).decode()


def test_a_signal_of_somebody_else_is_no_exit_code(keeper, tmp_path):
    ended = keeper.run(bash("kill -KILL $$", tmp_path), print)
    assert (ended.exit, ended.why) == (None, "signal")


def test_much_output_comes_whole(keeper, tmp_path):
    said: list[bytes] = []
    keeper.run(bash("head -c 3000000 /dev/zero", tmp_path), said.append)
    assert b"".join(said) == bytes(3_000_000)


def test_at_the_limit_the_whole_tree_is_ended_wherever_it_went(keeper, tmp_path, mark):
    ended = keeper.run(bash(DEAF.format(mark=mark), tmp_path, seconds=0.5), print)
    assert (ended.exit, ended.why) == (None, "limit")
    assert running(mark) == []


def test_what_a_command_leaves_running_goes_on_until_the_end(tmp_path, mark):
    with Keeper() as keeper:
        assert keeper.run(bash(f"exec -a {mark} sleep 300 & disown", tmp_path), print).exit == 0
        until(lambda: running(mark))
        keeper.run(bash("true", tmp_path), print)
        assert running(mark)
    assert running(mark) == []


def test_an_error_while_it_runs_ends_it(keeper, tmp_path, mark):
    def full(_: bytes) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        keeper.run(bash(f"echo x; exec -a {mark} sleep 300", tmp_path), full)
    assert running(mark) == []


def test_what_writes_into_a_full_pipe_is_ended_as_fast_as_what_does_not(keeper, tmp_path):
    def stop(_: bytes) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keeper.run(
            bash("trap 'seq 100000; touch ended; exit 1' TERM; while :; do seq 100000 || :; done", tmp_path), stop
        )
    assert (tmp_path / "ended").exists(), "its own clean-up was not cut off"


def test_a_service_goes_on_beside_other_commands_and_is_stopped_by_its_signal(keeper, tmp_path):
    log = tmp_path / "log"
    text = "trap 'echo stopped; exit 7' INT; echo ready; while :; do sleep 0.02; done"
    service = keeper.serve(bash(text, tmp_path), log)
    until(lambda: log.exists() and "ready" in log.read_text())
    keeper.run(bash("sleep 300", tmp_path, seconds=0.1), print)
    assert service.ended is None
    assert service.stop(signal.SIGINT).exit == 7
    assert log.read_text() == "ready\nstopped\n"


def test_a_service_that_does_not_stop_is_ended(keeper, tmp_path, mark):
    service = keeper.serve(bash(f"exec -a {mark} sleep 300", tmp_path), tmp_path / "log")
    until(lambda: running(mark))
    assert service.stop(signal.SIGWINCH, within=timedelta(seconds=0.1)).why == "stopped"
    assert running(mark) == []


def test_the_scratch_folder_goes_even_where_it_may_not_be_written(tmp_path):
    scratch = tmp_path / "scratch"
    with Keeper(scratch) as keeper:
        keeper.run(
            bash(f"mkdir -p {scratch}/a/b; touch {scratch}/a/b/c; chmod 500 {scratch}/a/b {scratch}/a", tmp_path), print
        )
        assert (scratch / "a").is_dir()
    assert not scratch.exists()


def test_where_the_keeper_is_killed_everything_is_ended_all_the_same(tmp_path, mark):
    with Keeper(tmp_path / "scratch") as keeper:
        (tmp_path / "scratch").mkdir()
        keeper.run(bash(f"exec -a {mark} sleep 300 & disown", tmp_path), print)
        until(lambda: running(mark))
        assert keeper._process
        os.kill(keeper._process.pid, signal.SIGKILL)
        with pytest.raises(KeeperGone):
            keeper.run(bash("sleep 300", tmp_path), print)
        assert running(mark) == []
    assert not (tmp_path / "scratch").exists()


PROGRAM = """
import os, sys
from datetime import timedelta
from pathlib import Path
from svcops.runbooks.processes import Command, Keeper
place, text = Path(sys.argv[1]), sys.argv[2]
(place / "scratch").mkdir()
with Keeper(place / "scratch", then=("sh", "-c", 'test ! -e "$1/scratch" && touch "$1/closed"', "sh", str(place))) as one:
    (place / "keeper").write_text(str(one._process.pid))
    one.run(Command(("bash", "-c", text), os.environ, place, timedelta(minutes=5)), print)
"""


def start(tmp_path: Path, mark: str) -> "subprocess.Popen[bytes]":
    """A program that keeps such a shell, once what that started is there."""
    program = subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path), ESCAPED.format(mark=mark)])
    until(lambda: running(mark))
    return program


def test_where_svcops_is_killed_the_keeper_ends_all_cleans_up_and_closes_the_run(tmp_path, mark):
    program = start(tmp_path, mark)
    program.kill()
    program.wait()
    until((tmp_path / "closed").exists)
    assert running(mark) == []


def test_where_both_are_killed_no_process_is_left(tmp_path, mark):
    program = start(tmp_path, mark)
    os.kill(int((tmp_path / "keeper").read_text()), signal.SIGSTOP)  # so it cannot see the other die
    program.kill()
    os.kill(int((tmp_path / "keeper").read_text()), signal.SIGKILL)
    program.wait()
    until(lambda: not running(mark))


def test_after_an_orderly_end_nothing_is_run_by_the_keeper(tmp_path):
    with Keeper(then=("touch", str(tmp_path / "closed"))):
        pass
    assert not (tmp_path / "closed").exists()


def test_interrupting_ends_the_command_first(tmp_path, mark):
    program = start(tmp_path, mark)
    program.send_signal(signal.SIGINT)
    assert program.wait() != 0
    assert running(mark) == []
    assert not (tmp_path / "closed").exists()


def test_messages_keep_names_that_are_no_text():
    odd = os.fsdecode(b"\xff\xfe")
    waiting = bytearray(keeper_program.message_of("run", odd, "") + keeper_program.message_of("close"))
    assert list(keeper_program.messages_in(waiting)) == [["run", odd, ""], ["close"]]
