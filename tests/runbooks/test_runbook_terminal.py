"""svcops runbook run at a real terminal: asked at each step, interrupted, killed, and taken up again."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import svcops
from svcops.store.yaml_reading import compose

BOOK = """\
---
title: Postings are late
kind: operation
services: [ledger]
---

## Diagnosis

1. Look at the queue.

   ```sh
   echo "the password is $PGPASSWORD"
   ```

   Expected: The queue is empty.

## Mitigation

1. Clear the queue.

   ```sh
   echo begun >>"$HOME/log"
   test ! -e "$HOME/slow" || exec -a "$MARK" sleep 300
   test ! -e "$HOME/bad"
   ```

   ```yaml step
   dangerous: It drops what waits.
   ```

2. Call the bank.

## Verification

1. Look again.

   ```sh
   echo verified
   ```

   ```yaml step
   text: verified
   ```

## Rollback

1. Bring it back.

   ```sh
   echo brought back
   ```

   ```yaml step
   exit: 0
   ```
"""


def _take_terminal() -> None:
    """So that ^C at it reaches whoever has it."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """A person at a terminal in which svcops runs."""

    def __init__(self, console: Any, *arguments: str) -> None:
        self.screen, terminal = pty.openpty()
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "svcops",
                "--store",
                str(console.store.root),
                "runbook",
                "run",
                "ledger/late",
                *arguments,
            ],
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            env={**console.store.env, "TERM": "xterm", "PYTHONPATH": str(Path(svcops.__file__).parents[1])},
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509 - this process has one thread
        )
        os.close(terminal)
        self.seen = ""
        self.looked = 0

    def until(self, wanted: str) -> str:
        """What the terminal shows from the last look on, once it shows that."""
        end = time.monotonic() + 20
        while wanted not in self.seen[self.looked :]:
            assert time.monotonic() < end, f"{wanted!r} is not in {self.seen[self.looked :]!r}"
            if select.select([self.screen], [], [], 0.5)[0]:
                try:
                    self.seen += os.read(self.screen, 65536).decode().replace("\r\n", "\n")
                except OSError:  # the other end is closed
                    assert wanted in self.seen[self.looked :], self.seen[self.looked :]
        at = self.seen.index(wanted, self.looked) + len(wanted)
        shown, self.looked = self.seen[self.looked : at], at
        return shown

    def answer(self, question: str, line: str) -> str:
        """Wait for a question, and answer it; what was shown until then."""
        shown = self.until(question) + self.until("] ")
        os.write(self.screen, f"{line}\n".encode())
        return shown

    def end(self) -> int:
        """Its exit code."""
        while True:
            try:
                data = os.read(self.screen, 65536)
            except OSError:
                break
            if not data:
                break
            self.seen += data.decode().replace("\r\n", "\n")
        return self.process.wait(20)


@pytest.fixture
def late(console: Any, tmp_path: Path) -> Any:
    console.store.write("runbooks/ledger/late.md", BOOK)
    console.store.commit("The runbook")
    console.store.env |= {"PGPASSWORD": "hunter2000", "MARK": f"slow-{tmp_path.name}-{os.getpid()}"}
    return console


@pytest.fixture
def at_terminal(late: Any) -> Iterator[Callable[..., Terminal]]:
    begun: list[Terminal] = []

    def start(*arguments: str) -> Terminal:
        begun.append(Terminal(late, *arguments))
        return begun[-1]

    yield start
    for one in begun:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
        os.close(one.screen)


def home(console: Any, name: str) -> Path:
    return Path(console.store.env["HOME"]) / name


def log(console: Any) -> list[str]:
    path = home(console, "log")
    return path.read_text().split() if path.exists() else []


def exercise(console: Any) -> dict[str, Any]:
    [path] = console.store.root.glob("exercises/*/*/exercise.yaml")
    text = console.store.at_head(path.relative_to(console.store.root).as_posix())
    found: dict[str, Any] = compose(text, str(path)).documents[0]
    return found


def results(console: Any) -> dict[str, str]:
    return {one["step"]: one["result"] for one in exercise(console)["steps"]}


def running(console: Any) -> list[str]:
    mark = console.store.env["MARK"]
    return subprocess.run(["pgrep", "-f", f"^{mark}"], capture_output=True, text=True, check=False).stdout.split()


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def in_the_middle(console: Any, at_terminal: Callable[..., Terminal]) -> Terminal:
    """A run in whose second step something hangs."""
    home(console, "slow").touch()
    person = at_terminal()
    person.answer("Run it?", "y")
    person.answer("Is it so?", "y")
    person.answer("Run it?", "y")
    until(lambda: running(console))
    home(console, "slow").unlink()
    return person


def test_each_step_is_shown_asked_about_run_and_judged(late, at_terminal):
    person = at_terminal()
    assert "diagnosis-1: Look at the queue." in person.answer("Run it? [yes/skip/rollback/no, which stops", "y")
    assert "Expected: The queue is empty." in person.answer("Is it so? [yes/no", "yes")
    second = person.answer("Run it?", "y")
    assert "DANGEROUS: It drops what waits." in second
    assert "at most 10 min" in second
    assert "yaml step" not in second, "a block for programs says nothing to a person"
    assert "mitigation-2: Call the bank." in person.answer("Do it by hand now?", "y")
    person.answer("Did it do what it should?", "y")
    person.answer("Run it?", "y")
    assert person.end() == 0
    assert exercise(late)["result"] == "passed"
    assert exercise(late)["mode"] == "terminal"
    judged = {one["step"]: one["judged_by"] for one in exercise(late)["steps"]}
    assert judged == {
        "diagnosis-1": "person",
        "mitigation-1": "program",
        "mitigation-2": "person",
        "verification-1": "program",
    }
    assert "the password is ***" in person.seen
    assert "hunter2000" not in person.seen
    assert not any(b"hunter2000" in path.read_bytes() for path in late.store.root.glob("exercises/*/*/output/*"))


def test_a_run_in_which_a_step_was_skipped_is_no_pass_and_says_so(late, at_terminal):
    person = at_terminal()
    person.answer("Run it?", "y")
    person.answer("Is it so?", "y")
    person.answer("Run it?", "y")
    person.answer("Do it by hand now?", "skip")
    person.answer("Run it?", "y")
    assert person.end() == 1
    assert "aborted: not a full run (mitigation-2: left out by whoever ran it)" in person.seen
    assert exercise(late)["result"] == "aborted"
    assert results(late)["verification-1"] == "passed"


def test_what_is_not_as_expected_in_diagnosis_is_found_and_leads_on(late, at_terminal):
    person = at_terminal()
    person.answer("Run it?", "y")
    person.answer("Is it so?", "no")
    person.answer("Run it?", "y")
    person.answer("Do it by hand now?", "y")
    person.answer("Did it do what it should?", "y")
    person.answer("Run it?", "y")
    assert person.end() == 0
    assert results(late)["diagnosis-1"] == "found"
    assert exercise(late)["result"] == "passed"


def test_no_stops_the_run_and_says_so_in_the_record(late, at_terminal):
    person = at_terminal()
    person.answer("Run it?", "perhaps")
    person.answer("Run it?", "n")
    assert person.end() == 1
    assert exercise(late)["result"] == "aborted"
    assert set(results(late).values()) == {"skipped"}


def test_a_step_that_failed_may_be_tried_again_or_be_gone_back_from(late, at_terminal):
    home(late, "bad").touch()
    person = at_terminal()
    person.answer("Run it?", "y")
    person.answer("Is it so?", "y")
    person.answer("Run it?", "y")
    assert "mitigation-1 failed: exit code 1" in person.answer("What now? [again/rollback/next/no", "again")
    person.answer("What now?", "rollback")
    assert "rollback-1: Bring it back." in person.answer("Run it?", "y")
    assert person.end() == 1
    assert exercise(late)["result"] == "failed"
    assert results(late)["rollback-1"] == "passed"
    assert exercise(late)["steps"][1]["attempts"] == 2


def test_a_run_that_was_broken_off_where_a_step_failed_is_taken_up_there(late, at_terminal):
    home(late, "bad").touch()
    person = at_terminal()
    person.answer("Run it?", "y")
    person.answer("Is it so?", "y")
    person.answer("Run it?", "y")
    person.until("What now?")
    os.write(person.screen, b"\x03")
    assert person.end() == 130

    again = at_terminal("--resume")
    shown = again.answer("What now? [again/rollback/next/no", "rollback")
    assert "mitigation-1: Clear the queue." in shown
    assert "DANGEROUS: It drops what waits." in shown
    assert "mitigation-1 failed: exit code 1" in shown
    assert "rollback-1: Bring it back." in again.answer("Run it?", "y")
    assert again.end() == 1
    assert log(late) == ["begun"]
    assert results(late)["mitigation-2"] == "skipped"


def test_without_a_person_a_run_that_stands_at_a_failure_goes_back(late, at_terminal):
    home(late, "bad").touch()
    person = at_terminal()
    person.answer("Run it?", "y")
    person.answer("Is it so?", "y")
    person.answer("Run it?", "y")
    person.until("What now?")
    os.write(person.screen, b"\x03")
    person.end()
    late("runbook", "run", "ledger/late", "--auto", "--resume", code=1)
    assert exercise(late)["result"] == "failed"
    assert results(late)["rollback-1"] == "passed"
    assert results(late)["mitigation-2"] == "skipped"


def test_a_precondition_that_did_not_hold_is_asked_for_again(late, at_terminal):
    late.store.write("runbooks/ledger/late.md", BOOK.replace("services:", "preconditions: [It is night]\nservices:"))
    late.store.commit("With a precondition")
    late.store.hook("pre-commit", "exit 0")
    person = at_terminal()
    person.until("Is it so?")
    os.write(person.screen, b"\x03")
    person.end()
    [journal] = (late.store.git_dir / "svcops" / "runs").glob("*/journal")
    said_no = {"step": "precondition-1", "title": "It is night", "result": "failed", "judged_by": "person"}
    with journal.open("a") as file:  # killed between this line and the one that says that the run is over
        file.write(json.dumps({"what": "end", "result": said_no}) + "\n")
    again = at_terminal("--resume")
    assert "precondition-1: It is night" in again.answer("Is it so?", "no")
    assert again.end() == 1
    assert exercise(late)["result"] == "aborted"


def test_a_person_sees_what_runs_and_what_does_not(late, at_terminal):
    settings = 'dangerous: It drops what waits.\n   argv: [sh, -c, "echo all of it is gone"]'
    late.store.write("runbooks/ledger/late.md", BOOK.replace("dangerous: It drops what waits.", settings))
    late.store.commit("With an argument list")
    person = at_terminal()
    person.answer("Run it?", "y")
    person.answer("Is it so?", "y")
    shown = person.answer("Run it?", "y")
    assert "$ sh -c 'echo all of it is gone'" in shown
    assert "The code above is not run" in shown
    assert "all of it is gone" in person.until("mitigation-2")


def test_what_looks_like_a_block_for_programs_inside_of_a_command_is_shown(late, at_terminal):
    hidden = 'cat <<END\n   ```yaml step\n   END\n   echo hidden >>"$HOME/log"'
    late.store.write("runbooks/ledger/late.md", BOOK.replace('echo begun >>"$HOME/log"', hidden))
    late.store.commit("With a trap")
    person = at_terminal()
    person.answer("Run it?", "y")
    person.answer("Is it so?", "y")
    assert 'echo hidden >>"$HOME/log"' in person.answer("Run it?", "n")


def test_somebody_who_goes_back_without_a_failure_did_not_pass(late, at_terminal):
    person = at_terminal()
    person.answer("Run it?", "y")
    person.answer("Is it so?", "y")
    person.answer("Run it?", "rollback")
    person.answer("Run it?", "y")
    assert person.end() == 1
    assert exercise(late)["result"] == "failed"


def test_an_interrupted_run_ends_its_command_and_is_taken_up_where_it_stopped(late, at_terminal):
    person = in_the_middle(late, at_terminal)
    os.write(person.screen, b"\x03")
    assert person.end() == 130 or person.process.returncode == 130
    assert running(late) == []
    assert "--resume goes on with it" in person.seen
    assert not list(late.store.root.glob("exercises"))

    again = at_terminal("--resume")
    assert "may have been done" in again.answer("What now? [again/passed/failed/skip/no", "again")
    again.answer("Do it by hand now?", "y")
    again.answer("Did it do what it should?", "y")
    again.answer("Run it?", "y")
    assert again.end() == 0
    assert log(late) == ["begun", "begun"]
    assert exercise(late)["result"] == "passed"
    assert exercise(late)["steps"][1]["attempts"] == 2
    assert len(exercise(late)["steps"]) == 4, "with what was done before"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is told of the death of svcops")
def test_a_run_that_was_killed_leaves_no_process_and_never_runs_a_step_twice_by_itself(late, at_terminal):
    person = in_the_middle(late, at_terminal)
    person.process.send_signal(signal.SIGKILL)
    person.end()
    until(lambda: not running(late))
    assert "nobody knows how that ended" in late("runbook", "run", "ledger/late", "--auto", "--resume", code=3).err
    assert log(late) == ["begun"]
    assert "broken off" in late("runbook", "history").err

    again = at_terminal("--resume")
    assert "DANGEROUS: It drops what waits." in again.answer("What now?", "passed")
    again.answer("Do it by hand now?", "y")
    again.answer("Did it do what it should?", "y")
    again.answer("Run it?", "y")
    assert again.end() == 0
    assert log(late) == ["begun"]
    assert re.search("broken off", exercise(late)["steps"][1]["reason"])


@pytest.mark.parametrize(("said", "result"), [("no", "aborted"), ("skip", "aborted"), ("failed", "failed")])
def test_what_was_begun_and_nobody_knows_of_is_recorded_as_unknown(late, at_terminal, said, result):
    person = in_the_middle(late, at_terminal)
    person.process.send_signal(signal.SIGKILL)
    person.end()
    until(lambda: not running(late))
    again = at_terminal("--resume")
    again.answer("What now?", said)
    if said == "failed":
        again.answer("What now? [again/rollback/next/no", "rollback")
        assert "rollback-1" in again.answer("Run it?", "y")
    if said == "skip":
        again.answer("Do it by hand now?", "n")
    assert again.end() == 1
    assert exercise(late)["result"] == result
    step = exercise(late)["steps"][1]
    assert step["result"] == ("failed" if said == "failed" else "unknown")
    assert step["started_at"]
    assert "output" not in step, "nobody knows which of it is secret"


def test_a_run_that_nobody_goes_on_with_is_abandoned_and_its_record_says_so(late, at_terminal):
    person = in_the_middle(late, at_terminal)
    person.process.send_signal(signal.SIGKILL)
    person.end()
    until(lambda: not running(late))
    assert "ledger/late: aborted: not a full run" in late("runbook", "run", "ledger/late", "--abandon").err
    assert exercise(late)["result"] == "aborted"
    assert results(late) == {
        "diagnosis-1": "passed",
        "mitigation-1": "unknown",
        "mitigation-2": "skipped",
        "verification-1": "skipped",
    }
    assert "no run of ledger/late was left" in late("runbook", "run", "ledger/late", "--abandon", code=1).err


def test_a_run_that_is_told_to_end_says_that_it_is_kept(late, at_terminal):
    person = in_the_middle(late, at_terminal)
    person.process.send_signal(signal.SIGTERM)
    assert person.end() == 143
    assert running(late) == []
    assert "is kept: svcops runbook run ledger/late --resume goes on with it" in person.seen


def test_a_run_that_somebody_is_at_is_not_taken_up_by_another(late, at_terminal):
    person = at_terminal()
    person.until("Run it?")
    assert "goes on in another process" in late("runbook", "run", "ledger/late", "--auto", "--resume", code=3).err
    assert person.process.poll() is None


def test_a_runbook_that_was_changed_meanwhile_is_run_on_as_it_was(late, at_terminal):
    person = at_terminal()
    person.answer("Run it?", "y")
    person.answer("Is it so?", "y")
    person.until("Run it?")
    os.write(person.screen, b"\x03")
    person.end()
    was = late.store.git("hash-object", "runbooks/ledger/late.md").strip()
    late.store.write("runbooks/ledger/late.md", BOOK.replace("Look at", "Stare at"))
    late.store.commit("Another text")
    again = at_terminal("--resume")
    again.answer("Run it?", "n")
    assert again.end() == 1
    assert exercise(late)["blob"] == was
    assert exercise(late)["steps"][0]["title"] == "Look at the queue."


def test_the_end_of_the_input_keeps_the_run(late, at_terminal):
    person = at_terminal()
    person.until("Run it?")
    os.write(person.screen, b"\x04")
    assert person.end() == 3
    assert "nobody answers" in person.seen
    assert "--resume goes on" in person.seen
