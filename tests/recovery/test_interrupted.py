"""Drills that are killed, stopped, or stand in each other's way: what is left of them is a record, and nothing else."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.recovery.books import COMMANDS, PLAN, agree, evidence, is_clean, plan, reasons

import svcops
from svcops.runbooks.processes import Keeper, KeeperGone


@pytest.fixture
def slow(ledger: Any) -> Callable[[], "subprocess.Popen[str]"]:
    """Starts a drill that waits in its fetch, in a process of its own."""
    mark = f"6{time.monotonic_ns() % 10**6}"
    fetch = f'[sh, -c, \'echo begun >>"$HOME/begun"; setsid sleep {mark} & sleep {mark}; tar -xf'
    plan(ledger, "", COMMANDS.replace("[sh, -c, 'tar -xf", fetch))
    (ledger.store.root / "var" / "tars").mkdir()
    ledger("drill", "baseline", "books")

    def start() -> "subprocess.Popen[str]":
        program = svcops_run(ledger, "drill", "run", "books")
        until((Path(ledger.store.env["HOME"]) / "begun").exists)
        program.mark = mark  # type: ignore[attr-defined]
        return program

    return start


def svcops_run(console: Any, *arguments: str) -> "subprocess.Popen[str]":
    env = {
        **console.store.env,
        "PYTHONPATH": str(Path(svcops.__file__).parents[1]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(temporary(console)),
    }
    command = [sys.executable, "-m", "svcops", *arguments]
    return subprocess.Popen(
        command, cwd=console.store.root, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def temporary(console: Any) -> Path:
    place = Path(console.store.env["HOME"]) / "tmp"
    place.mkdir(exist_ok=True)
    return place


def until(happened: Callable[[], Any]) -> None:
    for _ in range(3000):
        if happened():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen within half a minute")


def running(mark: str) -> list[str]:
    return [one for one in os.listdir("/proc") if one.isdigit() and mark in command_of(one)]


def command_of(process: str) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return ""


only_here = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")


@only_here
def test_a_drill_that_is_killed_leaves_a_record_that_says_so_and_nothing_else(ledger, slow):
    program = slow()
    program.kill()
    program.communicate()
    until(lambda: "inconclusive" in ledger.store.git("log", "--format=%s"))
    found = evidence(ledger)
    assert (found["verdict"], reasons(found)) == ("inconclusive", ["interrupted"])
    assert found["faults"][0]["text"] == "it was ended from outside in the stage fetch"
    assert [one["name"] for one in found["stages"]] == ["choose"]
    assert found["cleaned_up"] is True
    assert running(program.mark) == []
    assert list(temporary(ledger).iterdir()) == []
    until(lambda: is_clean(ledger))
    ledger("check", code=None)


@only_here
def test_where_the_keeper_was_killed_too_the_next_call_records_it(ledger, slow):
    program = slow()
    (keeper,) = Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()
    os.kill(int(keeper), signal.SIGSTOP)  # so it cannot see the other die
    program.kill()
    os.kill(int(keeper), signal.SIGKILL)
    program.communicate()
    until(lambda: not running(program.mark))
    said = ledger("drill", "list")
    assert "was interrupted: it is recorded as that" in said.err
    assert reasons(evidence(ledger)) == ["interrupted"]
    assert list(temporary(ledger).iterdir()) == []
    assert is_clean(ledger)


@only_here
def test_a_drill_that_is_stopped_by_the_person_is_recorded_as_that(ledger, slow):
    program = slow()
    program.send_signal(signal.SIGINT)
    _, said = program.communicate()
    assert program.returncode == 130
    found = evidence(ledger)
    assert reasons(found) == ["interrupted"]
    assert f"{found['folder']}/evidence.yaml says how far it came" in said
    assert running(program.mark) == []
    assert list(temporary(ledger).iterdir()) == []
    assert is_clean(ledger)


@pytest.fixture
def recording(ledger: Any) -> Callable[[], bool]:
    """Has each commit wait for a moment in a hook; whether one does."""
    ledger.store.hook("pre-commit", 'echo waits >>"$HOME/waits"; sleep 1')
    waits = Path(ledger.store.env["HOME"]) / "waits"
    return waits.exists


@only_here
def test_who_loses_patience_loses_no_record(ledger, slow, recording):
    """A second ^C, while what the first one ended is recorded."""
    program = slow()
    (Path(ledger.store.env["HOME"]) / "waits").unlink(missing_ok=True)
    program.send_signal(signal.SIGINT)
    until(recording)
    program.send_signal(signal.SIGINT)
    _, said = program.communicate()
    assert program.returncode == 130
    assert reasons(evidence(ledger)) == ["interrupted"]
    assert "says how far it came" in said
    assert list(temporary(ledger).iterdir()) == []
    assert is_clean(ledger)


@only_here
def test_a_drill_that_is_stopped_when_it_is_over_is_recorded_as_what_it_came_to(ledger, recording):
    agree(ledger, rpo="9000d")  # the clock of the test stands in the past of the other process
    ledger("drill", "baseline", "books")
    (Path(ledger.store.env["HOME"]) / "waits").unlink()
    program = svcops_run(ledger, "drill", "run", "books")
    until(recording)
    program.send_signal(signal.SIGINT)
    program.communicate()
    assert program.returncode == 130
    assert evidence(ledger)["verdict"] == "passed"
    assert is_clean(ledger)


@only_here
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGHUP])
def test_a_drill_that_is_told_to_end_is_recorded_as_that_and_says_where(ledger, slow, by):
    program = slow()
    program.send_signal(by)
    _, said = program.communicate()
    assert program.returncode == 128 + by
    found = evidence(ledger)
    assert (found["verdict"], reasons(found)) == ("inconclusive", ["interrupted"])
    assert found["faults"][0]["text"] == f"the drill was ended by {by.name}"
    assert found["cleaned_up"] is True
    assert f"{found['folder']}/evidence.yaml says how far it came" in said
    assert running(program.mark) == []
    assert list(temporary(ledger).iterdir()) == []
    assert is_clean(ledger)


@only_here
def test_a_second_drill_of_the_plan_at_the_same_time_is_not_begun(ledger, slow):
    program = slow()
    said = ledger("drill", "run", "books", code=3)
    assert "a drill or a baseline of books goes on in another process" in said.err
    ledger("drill", "list")
    assert "Drill" not in ledger.store.git("log", "--format=%s"), "it goes on, and is not closed"
    program.send_signal(signal.SIGINT)
    program.communicate()


@only_here
def test_a_baseline_and_a_drill_of_a_plan_exclude_each_other(ledger, slow):
    program = slow()
    said = ledger("drill", "baseline", "books", code=3)
    assert "a drill or a baseline of books goes on in another process" in said.err
    program.send_signal(signal.SIGINT)
    program.communicate()


@only_here
def test_a_baseline_that_waits_for_who_holds_a_database_ends_when_it_is_told(ledger):
    with closing(sqlite3.connect(ledger.store.root / "var/books.sqlite")) as other:
        other.execute("BEGIN EXCLUSIVE")
        program = svcops_run(ledger, "drill", "baseline", "books")
        until(lambda: any(temporary(ledger).glob("*/exported/books.sqlite")))
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            program.send_signal(number)
        _, said = program.communicate(timeout=30)
    assert program.returncode in (128 + signal.SIGTERM, 128 + signal.SIGHUP, 130)
    assert "Traceback" not in said
    assert "OSError" not in said
    assert list(temporary(ledger).iterdir()) == []


@only_here
def test_a_baseline_that_is_told_to_end_says_so_and_leaves_nothing(ledger):
    export = """export: [sh, -c, 'echo begun >"$HOME/begun"; sleep 600']"""
    plan(ledger, "", COMMANDS.replace("""export: [sh, -c, 'cp -r var/papers/. "$SVCOPS_FOLDER"']""", export))
    program = svcops_run(ledger, "drill", "baseline", "books")
    until((Path(ledger.store.env["HOME"]) / "begun").exists)
    program.terminate()
    _, said = program.communicate()
    assert program.returncode == 128 + signal.SIGTERM
    assert "taking a baseline of books was ended by SIGTERM" in said
    assert list(temporary(ledger).iterdir()) == []
    assert is_clean(ledger)


@only_here
def test_what_a_killed_baseline_left_in_the_backup_is_taken_away_by_the_next(ledger):
    ledger("drill", "baseline", "books")
    left = ledger.store.root / "var" / "backups" / "20261123t071601.000000z.new"
    left.mkdir()
    (left / "half").write_text("a")
    ledger("drill", "run", "books")
    found = evidence(ledger)
    assert "is not whole" in (ledger.store.root / found["folder"] / "logs" / "choose.txt").read_text()
    assert left.exists(), "a drill takes nothing out of a backup"
    ledger("drill", "baseline", "books")
    assert not left.exists()


def test_where_no_keeper_can_be_there_is_no_scratch_folder_either(ledger, monkeypatch, tmp_path):
    ledger("drill", "baseline", "books")
    plan(ledger, "", PLAN.replace("isolation: a scratch folder", f"isolation: a scratch folder, scratch: {tmp_path}"))

    def killed(keeper: Keeper) -> None:
        keeper._channel.close()
        raise KeeperGone

    monkeypatch.setattr(Keeper, "__enter__", killed)
    before = set(tmp_path.iterdir())
    for verb in ("run", "baseline"):
        ledger("drill", verb, "books", code=3)
    assert set(tmp_path.iterdir()) == before


def left_over(console: Any, *lines: str) -> Path:
    """A drill that nobody is at any more, with such a journal."""
    folder: Path = console.store.git_dir / "svcops" / "drills" / "evidence-20261123-aaaaaa"
    (folder / "logs").mkdir(parents=True)
    (folder / "journal").write_text("".join(f"{one}\n" for one in lines))
    return folder


def begun(console: Any) -> str:
    """The first line of the journal of a drill."""
    when = "2026-11-23T08:15:00+01:00"
    base = {"plan": "books", "started_at": when, "ended_at": when, "verdict": "inconclusive", "by": "ada"}
    return json.dumps({"what": "drill", "evidence": base, "scratch": str(temporary(console) / "gone"), "at": when})


def test_a_line_of_a_journal_that_is_none_hinders_nothing(ledger):
    left_over(ledger, begun(ledger), '{"what": "begin", "stage": "fetch"}', "3", '["a"]')
    assert "recorded as that" in ledger("drill", "list").err
    assert reasons(evidence(ledger)) == ["interrupted"]


def test_a_damaged_journal_is_told_and_hinders_nothing(ledger):
    folder = left_over(ledger, begun(ledger).replace('"by": "ada"', '"by": 3'))
    said = ledger("drill", "list")
    assert f"look at {folder}, and take it away" in said.err
    assert said.out.startswith("books")


def test_a_drill_that_was_over_is_recorded_with_its_verdict(ledger):
    over = json.loads(begun(ledger))
    over["evidence"]["verdict"] = "passed"
    left_over(ledger, begun(ledger), json.dumps(over | {"what": "over"}))
    ledger("drill", "list")
    found = evidence(ledger)
    assert (found["verdict"], reasons(found)) == ("passed", [])


def test_where_git_is_stuck_what_is_known_is_shown_at_once(ledger):
    left_over(ledger, begun(ledger))
    lock = ledger.store.git_dir / "index.lock"
    lock.touch()
    os.utime(lock, (0, 0))
    said = ledger("drill", "list")
    assert said.out.startswith("books")
    assert "a drill that was interrupted is not recorded yet" in said.err
    lock.unlink()
    ledger("drill", "list")
    assert reasons(evidence(ledger)) == ["interrupted"]


def test_a_hardening_that_was_stopped_in_its_cases_says_so(ledger):
    ledger("drill", "baseline", "books")
    ledger("drill", "harden", "books")
    base = json.loads(begun(ledger))
    blob = ledger.store.git("rev-parse", "HEAD:recovery/plans/books.yaml").strip()
    base["evidence"] |= {"hardening": True, "followed": [{"path": "recovery/plans/books.yaml", "blob": blob}]}
    base["evidence"] |= {"started_at": "2026-11-23T08:16:30+01:00", "ended_at": "2026-11-23T08:16:30+01:00"}
    left_over(ledger, json.dumps(base | {"at": "2026-11-23T08:17:30+01:00"}))
    ledger("drill", "list")
    (shown,) = ledger("drill", "list", "--json").json["plans"]
    assert shown["why_not_hardened"] == "its hardening was stopped before its end"


def test_a_full_disk_says_nothing_of_the_backup(ledger):
    agree(ledger, rpo="9000d")
    (ledger.store.root / "var" / "papers" / "large").write_bytes(os.urandom(200_000))
    ledger("drill", "baseline", "books")
    command = 'ulimit -f 128; exec "$0" -m svcops drill run books'  # in blocks of 1024 bytes
    env = {**ledger.store.env, "PYTHONPATH": str(Path(svcops.__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"}
    program = subprocess.run(
        ["bash", "-c", command, sys.executable],
        cwd=ledger.store.root,
        env=env,
        check=False,
        capture_output=True,
        text=True,
    )
    assert program.returncode == 3, program.stderr
    found = evidence(ledger)
    assert (found["verdict"], reasons(found)[0]) == ("inconclusive", "not-possible")
    assert (ledger.store.status(), is_clean(ledger)) == ([], True)
