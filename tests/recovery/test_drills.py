"""svcops drill: real backups of real data in a real store, restored, compared, measured and recorded."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.recovery.books import DAMAGE, agree, evidence, is_clean, plan, reasons, snapshots

import svcops
from svcops.recovery.damage import EXPECTED


def test_a_good_drill_passes_and_says_all_that_an_auditor_asks(ledger):
    snapshot = ledger("drill", "baseline", "books").err.split("snapshot ")[-1].strip()
    said = ledger(
        "drill", "run", "books", "--witness", "noor", "--deviation", "At noon", "--defect", "noor 2026-12-01 It is slow"
    )
    assert said.out.startswith("PASSED  drill of books")
    found = evidence(ledger)
    assert found["verdict"] == "passed"
    assert (found["by"], found["witness"], found["deviations"]) == ("ada", "noor", ["At noon"])
    assert found["defects"] == [{"text": "It is slow", "owner": "noor", "due": "2026-12-01"}]
    assert found["target"] == {"agreement": "bookkeeping", "rto": "4h", "rpo": "1h"}
    assert found["rto"] == "1s"
    assert found["rpo"] == "1m"
    assert found["backup"]["snapshot"] == snapshot
    assert found["backup"]["chosen"] == "the latest of 1"
    assert found["cleaned_up"] is True
    assert found["next_due"] == "2027-02-21"
    assert [one["name"] for one in found["stages"]] == [
        *("choose", "fetch", "load books", "load papers", "verify books", "verify papers", "clean-up")
    ]
    assert found["tools"].keys() == {"svcops", "python", "sqlite"}
    assert [one["digest"] for one in found["expected"]] == [one["digest"] for one in found["actual"]]
    for one in [*found["followed"], found["baseline"]]:
        assert one["blob"] == ledger.store.git("rev-parse", f"{one['commit']}:{one['path']}").strip()
    assert is_clean(ledger)
    ledger("check", code=None)


def test_logs_stand_beside_the_record_with_their_digests(ledger):
    ledger("drill", "baseline", "books")
    ledger("drill", "run", "books")
    found = evidence(ledger)
    logs = {one["log"]: one["digest"] for one in found["stages"] if "log" in one}
    assert "logs/choose.txt" in logs
    for path, digest in logs.items():
        data = (ledger.store.root / found["folder"] / path).read_bytes()
        assert digest == f"sha256:{sha256(data).hexdigest()}"


def test_a_plan_is_hardened_once_each_damage_was_noticed_for_its_own_reason(ledger):
    ledger("drill", "baseline", "books")
    before = [one.read_bytes() for one in snapshots(ledger)[0].rglob("*") if one.is_file()]
    said = ledger("drill", "harden", "books")
    assert "books is hardened" in said.err
    cases = evidence(ledger)["cases"]
    assert [one["case"].split()[0].rstrip(":") for one in cases] == list(EXPECTED)
    for one, expected in zip(cases, EXPECTED.values(), strict=True):
        assert {fault["reason"] for fault in one["faults"]} & set(expected), one
        assert one["verdict"] == "failed"
        assert one["noticed"] is True
    assert [one.read_bytes() for one in snapshots(ledger)[0].rglob("*") if one.is_file()] == before, (
        "never the original"
    )
    (shown,) = ledger("drill", "list", "--json").json["plans"]
    assert shown["hardened"] is True
    assert is_clean(ledger)


def test_a_plan_that_was_changed_is_hardened_no_more(ledger):
    ledger("drill", "baseline", "books")
    ledger("drill", "harden", "books")
    plan(ledger, "every: 30d\n" + DAMAGE)
    (shown,) = ledger("drill", "list", "--json").json["plans"]
    assert (shown["hardened"], shown["why_not_hardened"]) == (False, "the plan was changed since it was hardened")


def test_damage_that_is_not_noticed_leaves_the_plan_unhardened(ledger):
    plan(ledger, "damage: [{case: slow, by: 1s}]\n")
    ledger("drill", "baseline", "books")
    said = ledger("drill", "harden", "books", code=1)
    assert "books is not hardened" in said.err
    assert "NOT NOTICED" in said.out
    assert evidence(ledger)["verdict"] == "passed"


def test_failing_for_a_reason_of_another_case_is_no_proof(ledger):
    plan(ledger, "damage: [{case: truncate, expect: [rpo-missed]}]\n")
    ledger("drill", "baseline", "books")
    ledger("drill", "harden", "books", code=1)
    (case,) = evidence(ledger)["cases"]
    assert (case["verdict"], case["noticed"]) == ("failed", False)


def change_a_row(snapshot: Path) -> None:
    with closing(sqlite3.connect(snapshot / "books.sqlite")) as books:
        books.execute("UPDATE entry SET amount = amount + 1 WHERE id = 7")
        books.commit()


@pytest.mark.parametrize(
    ("damage", "reason", "text"),
    [
        (change_a_row, "content-differs", "table entry: 2000 as expected, and the content is another"),
        (lambda one: (one / "papers/2026/receipt.txt").unlink(), "content-differs", "2026/receipt.txt: missing"),
        (lambda one: os.truncate(one / "books.sqlite", 9000), "load-failed", "does not open"),
        (lambda one: (one / "books.sqlite").unlink(), "load-failed", "the backup holds no such file"),
        (shutil.rmtree, "no-snapshot", "the repository holds no snapshot"),
        (lambda one: shutil.rmtree(one.parent), "no-snapshot", "cannot be listed"),
    ],
)
def test_a_drill_of_a_damaged_backup_fails_and_is_recorded(ledger, damage, reason, text):
    ledger("drill", "baseline", "books")
    damage(snapshots(ledger)[0])
    said = ledger("drill", "run", "books", code=1)
    assert said.out.startswith("FAILED")
    found = evidence(ledger)
    assert reasons(found)[0] == reason
    assert text in found["faults"][0]["text"]
    assert is_clean(ledger)


def test_data_older_than_the_rpo_fails(ledger):
    agree(ledger, rpo="90s")
    ledger("drill", "baseline", "books")
    ledger("drill", "run", "books")
    ledger("drill", "run", "books", code=1)
    assert reasons(evidence(ledger)) == ["rpo-missed"]


def test_a_snapshot_without_a_baseline_is_measured_and_nobody_can_tell(ledger):
    ledger("drill", "baseline", "books")
    shutil.copytree(snapshots(ledger)[0], snapshots(ledger)[0].with_name("20261123t071630.000000z"))
    ledger("drill", "run", "books", code=4)
    found = evidence(ledger)
    assert (found["verdict"], reasons(found), found["rto"]) == ("inconclusive", ["no-baseline"], "1s")


def test_without_an_agreement_nobody_can_judge_the_times(ledger):
    ledger.store.git("rm", "--quiet", "--force", "catalogue/agreements/bookkeeping.yaml", check=False)
    (ledger.store.root / "catalogue/agreements/bookkeeping.yaml").unlink(missing_ok=True)
    ledger.store.commit("No agreement")
    ledger("drill", "baseline", "books")
    ledger("drill", "run", "books", code=4)
    assert reasons(evidence(ledger)) == ["no-target"]


def test_who_may_not_run_drills_is_refused(ledger):
    plan(ledger, "may_execute: [noor]\n")
    assert "ada may not run drills of books" in ledger("drill", "run", "books", code=1).err
    ledger.who = ("Noor Voorbeeld", "noor@example.org")
    ledger("drill", "baseline", "books")
    ledger("drill", "run", "books")


def test_who_runs_it_is_no_witness(ledger):
    ledger("drill", "run", "books", "--witness", "ada", code=2)


@pytest.mark.parametrize(
    "given", ["ada", "ada soon It is slow", "ada 2026-12-01", "nobody-known 2026-12-01 It is slow"]
)
def test_a_defect_has_somebody_who_sees_to_it_and_a_day(ledger, given):
    assert "--defect" in ledger("drill", "run", "books", "--defect", given, code=2).err


def test_a_plan_that_a_person_drills_by_hand_is_not_run(ledger):
    plan(ledger, "", "title: By hand\nservices: [ledger]\n")
    assert "says no backup" in ledger("drill", "run", "books", code=2).err


def test_what_is_due_is_listed_until_it_passed(ledger):
    assert ledger("drill", "due", "--quiet", code=1).out == "books\n"
    ledger("drill", "baseline", "books")
    ledger("drill", "run", "books")
    assert ledger("drill", "due", "--quiet").out == ""


def test_the_trend_lists_every_drill_the_failed_among_them(ledger):
    ledger("drill", "baseline", "books")
    ledger("drill", "run", "books")
    shutil.rmtree(snapshots(ledger)[0])
    ledger("drill", "run", "books", code=1)
    drills = ledger("drill", "trend", "books", "--json").json["drills"]
    assert [one["verdict"] for one in drills] == ["failed", "passed"]
    assert drills[0]["after"] == [{"id": drills[1]["id"], "digest": "sha256:" + digest(ledger, drills[1]["path"])}], (
        "so none is taken away unseen"
    )


def digest(console: Any, path: str) -> str:
    return sha256((console.store.root / path).read_bytes()).hexdigest()


def test_a_new_plan_is_a_plan_that_can_be_hardened(ledger):
    options = ("--backup", "var/copies", "--sqlite", "books=var/books.sqlite", "--files", "papers=var/papers")
    ledger("drill", "new", "again", "--title", "Again", "--service", "ledger", *options)
    ledger("drill", "baseline", "again")
    ledger("drill", "harden", "again")
    ledger("check", code=None)


COMMANDS = """\
title: By commands
services: [ledger]
backup:
  tool: commands
  repository: var/tars
  list: [sh, -c, 'cd "$SVCOPS_REPOSITORY" && for one in *.tar; do printf "%s\\t2026-11-23T07:15:00Z\\n" "${one%.tar}"; done']
  fetch: [sh, -c, 'tar -xf "$SVCOPS_REPOSITORY/$SVCOPS_SNAPSHOT.tar" -C "$SVCOPS_FOLDER"']
  keep: [sh, -c, 'tar -cf "$SVCOPS_REPOSITORY/one.tar" -C "$SVCOPS_FOLDER" . && echo one']
data:
  - kind: commands
    name: papers
    export: [sh, -c, 'cp -r var/papers/. "$SVCOPS_FOLDER"']
    fingerprint:
      - bash
      - -euo
      - pipefail
      - -c
      - |
        cd "$SVCOPS_FOLDER"
        find . -type f | sort | while read -r one; do
          printf '%s\\t%s\\t%s\\n' "$one" "$(stat -c %s "$one")" "$(sha256sum <"$one" | cut -c -64)"
        done
"""


def test_any_tool_is_drilled_by_commands(ledger):
    (ledger.store.root / "var" / "tars").mkdir()
    (ledger.store.root / "var" / "papers" / "large").write_bytes(os.urandom(100_000))
    plan(ledger, "damage: [{case: truncate}, {case: slow}]\n", COMMANDS)
    ledger("drill", "baseline", "books")
    ledger("drill", "harden", "books")
    fetch = next(one for one in evidence(ledger)["stages"] if one["name"] == "fetch")
    assert fetch["exit"] == 0


def test_a_command_that_is_not_installed_says_nothing_of_the_backup(ledger):
    plan(ledger, "", COMMANDS.replace("[sh, -c, 'tar -xf", "[no-such-tool, -c, 'tar -xf"))
    (ledger.store.root / "var" / "tars").mkdir()
    ledger("drill", "baseline", "books")
    ledger("drill", "run", "books", code=3)
    found = evidence(ledger)
    assert (found["verdict"], reasons(found)) == ("inconclusive", ["not-possible"])
    assert "no-such-tool cannot be run" in found["faults"][0]["text"]


def test_a_stage_that_comes_to_its_limit_is_ended_and_fails(ledger):
    plan(ledger, "limits: {fetch: 1s}\n", COMMANDS.replace("tar -xf", "sleep 60; tar -xf"))
    (ledger.store.root / "var" / "tars").mkdir()
    ledger("drill", "baseline", "books")
    ledger("drill", "run", "books", code=1)
    assert reasons(evidence(ledger)) == ["timed-out"]


def test_secrets_are_masked_in_logs_and_reasons(ledger):
    fails = COMMANDS.replace("tar -xf", 'echo "$BACKUP_PASSWORD"; exit 5; tar -xf')
    plan(ledger, "", fails)
    (ledger.store.root / "var" / "tars").mkdir()
    ledger.store.env["BACKUP_PASSWORD"] = "correct-horse"
    ledger("drill", "baseline", "books")
    ledger("drill", "run", "books", code=1)
    found = evidence(ledger)
    assert found["faults"][0]["text"] == "sh ended with 5: ***"
    assert "***" in (ledger.store.root / found["folder"] / "logs" / "fetch.txt").read_text()
    assert "correct-horse" not in ledger.store.git("log", "-p")


# A drill in a process of its own, so that it can be killed.


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
    program.communicate()
    assert program.returncode == 130
    assert reasons(evidence(ledger)) == ["interrupted"]
    assert running(program.mark) == []
    assert list(temporary(ledger).iterdir()) == []
    assert is_clean(ledger)


@only_here
def test_a_second_drill_of_the_plan_at_the_same_time_is_not_begun(ledger, slow):
    program = slow()
    said = ledger("drill", "run", "books", code=3)
    assert "a drill of books goes on in another process" in said.err
    ledger("drill", "list")
    assert "Drill" not in ledger.store.git("log", "--format=%s"), "it goes on, and is not closed"
    program.send_signal(signal.SIGINT)
    program.communicate()


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


def test_evidence_that_a_hook_refuses_is_kept_and_recorded_by_the_next_call(ledger):
    ledger("drill", "baseline", "books")
    ledger.store.hook("pre-commit", "exit 1")
    said = ledger("drill", "run", "books", code=None)
    assert said.code != 0
    (ledger.store.root / ".git/hooks/pre-commit").unlink()
    ledger("drill", "list")
    every = list(ledger.store.root.glob("recovery/evidence/*/*/evidence.yaml"))
    assert len(every) == 1


def test_a_plan_that_is_not_there_is_said_with_what_lists_them(ledger):
    said = ledger("drill", "run", "nothing-like-it", code=2)
    assert said.err == (
        "error: there is no recovery plan 'nothing-like-it'\n  help: svcops drill list shows what there is.\n"
    )
