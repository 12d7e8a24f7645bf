"""svcops drill: real backups of real data in a real store, restored, compared, measured and recorded."""

import os
import shutil
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.recovery.books import COMMANDS, DAMAGE, PLAN, agree, evidence, is_clean, plan, reasons, snapshots

from svcops.recovery import damage
from svcops.recovery.damage import EXPECTED, undamaged
from svcops.recovery.data.files import Files


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
    assert found["rpo"] in {"1m", "1m1s"}, "rounded up"
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
    without, *cases = evidence(ledger)["cases"]
    assert without["case"] == "a copy without damage"
    assert (without["verdict"], without["noticed"]) == ("passed", True)
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
    _, case = evidence(ledger)["cases"]
    assert (case["verdict"], case["noticed"]) == ("failed", False)


def test_a_case_that_cannot_be_tried_is_told_apart_from_one_that_was_not_noticed(ledger):
    """Of a plan that takes the oldest snapshot nobody can notice that it was deleted: the next is the oldest then."""
    plan(ledger, "snapshot: oldest\ndamage: [{case: delete-snapshot}, {case: change-value}]\n")
    ledger("drill", "baseline", "books")
    said = ledger("drill", "harden", "books", code=3)
    assert "not tried        delete-snapshot: not-possible: the plan takes the oldest snapshot" in said.out
    assert "1 of 2 cases noticed" in said.out
    assert "books is not hardened: not tried: delete-snapshot" in said.err


def test_damage_by_commands_is_done_to_the_snapshot_that_is_drilled_however_large_others_are(ledger):
    many = COMMANDS.replace("one.tar", '$(ls "$SVCOPS_REPOSITORY" | wc -l).tar').replace(
        "echo one", 'ls -t "$SVCOPS_REPOSITORY" | sed -n "1s/.tar//p"'
    )
    many = many.replace("2026-11-23T07:15:00Z", "2026-11-23T07:1${one%.tar}:00Z")
    plan(ledger, "damage: [{case: truncate}, {case: delete-file}, {case: change-value}]\n", many)
    (ledger.store.root / "var/tars").mkdir()
    large = ledger.store.root / "var/papers/large"
    large.write_bytes(os.urandom(200_000))
    ledger("drill", "baseline", "books")
    large.write_bytes(os.urandom(60_000))
    ledger("drill", "baseline", "books")
    said = ledger("drill", "harden", "books").out
    assert "noticed          truncate 1.tar" in said
    assert "noticed          delete-file 1.tar" in said


def test_one_value_of_each_data_set_is_changed_and_not_one_of_its_neighbour(ledger):
    second = COMMANDS[COMMANDS.index("  - kind: commands") :].replace("name: papers", "name: letters")
    second = second.replace("var/papers/.", "var/letters/.").replace("find . -type f", "find . -type f -name 'a-*'")
    first = COMMANDS.replace("find . -type f", "find . -type f -name 'receipt*'")
    plan(ledger, "damage: [{case: change-value}]\n", first + second)
    (ledger.store.root / "var/tars").mkdir()
    (ledger.store.root / "var/letters").mkdir()
    (ledger.store.root / "var/letters/a-letter.txt").write_text("Dear all")
    ledger("drill", "baseline", "books")
    said = ledger("drill", "harden", "books").out
    assert "change-value: the first byte of 2026/receipt.txt; the first byte of a-letter.txt" in said


def test_a_snapshot_that_comes_while_a_plan_is_hardened_is_in_no_case_the_latest(ledger, monkeypatch):
    """As the nightly job of another plan brings one, whose baseline was not there when the hardening began."""
    ledger("drill", "baseline", "books")

    def meanwhile(*arguments):
        snapshots(ledger)[0].with_name("20261123t235900.000000z").mkdir()
        return undamaged(*arguments)

    monkeypatch.setattr(damage, "undamaged", meanwhile)
    assert "books is hardened" in ledger("drill", "harden", "books").err


def test_a_drill_names_what_was_taken_away_before_it_so_that_no_squash_hides_it(ledger):
    ledger("drill", "baseline", "books")
    (ledger.store.root / "var/papers/2026/receipt.txt").write_text("another")
    plan(ledger, "", PLAN.replace("var/backups", "var/nothing"))
    ledger("drill", "run", "books", code=1)
    failed = evidence(ledger)
    ledger.store.git("rm", "-r", "--quiet", failed["folder"])
    ledger.store.commit("Never mind")
    plan(ledger)
    ledger("drill", "run", "books")
    assert [one["id"] for one in evidence(ledger)["after"]] == [failed["id"]]
    assert f"it names {failed['id']}, which is not there" in ledger("evidence", "verify", code=1).out
    ledger("drill", "run", "books")
    assert failed["id"] not in [one["id"] for one in evidence(ledger)["after"]], "it is named once"


def test_a_file_that_is_a_whole_snapshot_is_missed_as_that(ledger):
    plan(ledger, "damage: [{case: delete-file}, {case: change-value}]\n", COMMANDS)
    (ledger.store.root / "var" / "tars").mkdir()
    ledger("drill", "baseline", "books")
    assert "noticed          delete-file one.tar: no-snapshot" in ledger("drill", "harden", "books", code=None).out


def test_plans_that_keep_into_one_folder_do_not_stand_in_each_others_way(ledger):
    other = PLAN.replace("books.sqlite", "other.sqlite").replace("papers", "letters")
    with closing(sqlite3.connect(ledger.store.root / "var/other.sqlite")) as file:
        file.execute("CREATE TABLE a (b)")
        file.execute("INSERT INTO a VALUES (1)")
        file.commit()
    (ledger.store.root / "var/letters").mkdir()
    (ledger.store.root / "var/letters/one.txt").write_text("Dear all")
    ledger.store.write("recovery/plans/letters.yaml", other)
    ledger.store.commit("One more plan, of which nothing is kept yet")
    ledger("drill", "baseline", "books")
    said = ledger("drill", "run", "letters", code=4).out
    assert "no-baseline      what the repository holds is another plan's, by its baselines: books" in said
    ledger("drill", "baseline", "letters")
    for name in ("books", "letters"):
        assert ledger("drill", "run", name).out.startswith("PASSED")
        assert evidence(ledger)["backup"]["chosen"] == "the latest of 1"
    shutil.rmtree(snapshots(ledger)[0])
    assert "whose baseline is kept, is not there" in ledger("drill", "run", "books", code=1).out
    assert ledger("drill", "run", "letters").out.startswith("PASSED")
    ledger("drill", "baseline", "books")
    ledger("drill", "baseline", "letters")
    for is_damaged in (True, False):  # whatever becomes of the other plan, its snapshots stay its own
        path = ledger.store.root / "recovery/plans/letters.yaml"
        path.write_text(other.replace("title", "titel")) if is_damaged else path.unlink()
        ledger.store.commit("The other plan")
        assert ledger("drill", "run", "books").out.startswith("PASSED")


def test_plans_by_commands_may_call_their_snapshots_the_same(ledger):
    plan(ledger, "", COMMANDS)
    (ledger.store.root / "var/tars").mkdir()
    ledger.store.write("recovery/plans/other.yaml", COMMANDS)
    ledger.store.commit("The other plan")
    ledger("drill", "baseline", "books")
    ledger("drill", "baseline", "other")
    for name in ("books", "other"):
        assert ledger("drill", "run", name).out.startswith("PASSED")


def test_what_cannot_be_read_is_not_told_as_missing(ledger):
    ledger("drill", "baseline", "books")
    [path] = ledger.store.root.glob("recovery/baselines/books/*.yaml")
    path.write_text(path.read_text().replace("snapshot:", "snapshott:"))
    ledger.store.commit("A slip")
    damaged = f"damaged, and left out: {path.relative_to(ledger.store.root)}"
    assert damaged in ledger("drill", "run", "books", code=4).out
    path.write_text(path.read_text().replace("snapshott:", "snapshot:"))
    agreement = ledger.store.root / "catalogue/agreements/bookkeeping.yaml"
    agreement.write_text(agreement.read_text().replace("rto:", "rtoo:"))
    ledger.store.commit("Another one")
    assert "damaged, and left out: catalogue/agreements/bookkeeping.yaml" in ledger("drill", "run", "books", code=4).out


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
        (shutil.rmtree, "no-snapshot", "whose baseline is kept, is not there"),
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


def test_time_that_only_a_drill_takes_is_no_recovery_time_and_stands_in_the_record(ledger, monkeypatch):
    ledger("drill", "baseline", "books")
    load = Files.load

    def with_a_long_try(data: Files, folder: Path) -> None:
        data.work.current._discounted["a try"] = -18_000  # as if the rest had taken five hours more
        load(data, folder)

    monkeypatch.setattr(Files, "load", with_a_long_try)
    ledger("drill", "run", "books", "--deviation", "At noon", code=1)
    found = evidence(ledger)
    assert reasons(found) == ["rto-missed"]
    assert found["deviations"] == ["At noon", "-18000.0 s that do not count as recovery time: a try"]


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


def test_after_a_drill_that_did_not_pass_the_next_is_due_at_once(ledger):
    ledger("drill", "baseline", "books")
    ledger("drill", "run", "books")
    shutil.rmtree(snapshots(ledger)[0])
    ledger("drill", "run", "books", code=1)
    assert ledger("drill", "due", "--quiet", code=1).out == "books\n"
    assert "now, as the last failed" in ledger("drill", "list").out
    (shown,) = ledger("drill", "list", "--json").json["plans"]
    assert shown["is_overdue"] is True
    said = ledger("check", "--json", code=None).json["findings"]
    assert "REC002" in [one["code"] for one in said]


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


CURRENT = """\
title: By commands
services: [ledger]
backup:
  tool: commands
  list: [sh, -c, 'printf "current\\t%s\\n" "$(cat var/at)"']
  fetch: [sh, -c, 'cp -r var/current/. "$SVCOPS_FOLDER"']
  keep: [sh, -c, 'rm -rf var/current; cp -r "$SVCOPS_FOLDER" var/current; echo current']
data: [{kind: files, name: papers, source: var/papers}]
"""


def test_of_two_baselines_of_one_snapshot_the_later_counts(ledger):
    plan(ledger, "", CURRENT)
    for number in range(6):  # so that the later is not the last by name each time
        (ledger.store.root / "var" / "at").write_text(f"2026-11-23T07:{20 + number}:00Z")
        (ledger.store.root / "var" / "papers" / "2026" / "receipt.txt").write_text(f"receipt {number}")
        ledger("drill", "baseline", "books")
        ledger("drill", "run", "books", code=None)
        assert evidence(ledger)["verdict"] == "passed"
    (ledger.store.root / "var" / "current" / "2026" / "receipt.txt").write_text("receipt 0")
    ledger("drill", "run", "books", code=1)


def test_data_is_as_old_as_its_export_was_begun(ledger):
    agree(ledger, rpo="1h")
    text = CURRENT.replace("kind: files", "kind: commands").replace(
        "source: var/papers",
        """
      export: [sh, -c, 'cp -r var/papers/. "$SVCOPS_FOLDER"; sleep 2'],
      fingerprint: [sh, -c, 'printf "a\\t1\\t%064d\\n" 1']""",
    )
    plan(ledger, "", text)
    (ledger.store.root / "var" / "at").write_text("2026-11-23T09:00:00Z")  # when it was kept, as its tool says
    said = ledger("drill", "baseline", "books", "--json").json["baseline"]
    assert said["taken_at"] < "2026-11-23T09:00:00"


STRANGE = "x\x1by"


def test_what_files_and_tables_are_called_never_hinders_the_record(ledger):
    (ledger.store.root / "var" / "papers" / STRANGE).write_text("one")
    with closing(sqlite3.connect(ledger.store.root / "var" / "books.sqlite")) as books:
        books.execute(f'CREATE TABLE "{STRANGE}" (a)')
        books.commit()
    ledger("drill", "baseline", "books")
    ledger("drill", "harden", "books")
    assert evidence(ledger)["verdict"] == "passed"
    snapshot = snapshots(ledger)[0]
    (snapshot / "papers" / STRANGE).rename(snapshot / "papers" / "x\x1cy")
    (snapshot / "papers" / "new\x1b").write_text("two")
    ledger("drill", "run", "books", code=1)
    found = evidence(ledger)
    assert (found["verdict"], reasons(found)) == ("failed", ["content-differs"])
    assert "new·: not in the baseline" in found["faults"][0]["text"]


def test_whatever_cannot_be_written_down_leaves_the_verdict(ledger, monkeypatch):
    ledger("drill", "baseline", "books")
    monkeypatch.setattr("svcops.recovery.drilling.recording.printable", lambda text: text)
    monkeypatch.setattr("svcops.recovery.drilling.recording.versions_of", lambda _: {"tool": "1\x1b"})
    shutil.rmtree(snapshots(ledger)[0])
    ledger("drill", "run", "books", code=1)
    found = evidence(ledger)
    assert (found["verdict"], reasons(found)) == ("failed", ["no-snapshot"])
    assert "Not all of it could be written down" in found["text"]


@pytest.mark.parametrize("line", ["a\\t²\\t%064d", "a\\t1\\t%063d", "\\t1\\t%064d", "a\\t-1\\t%064d"])
def test_a_line_that_is_no_fingerprint_is_said(ledger, line):
    text = CURRENT.replace("kind: files", "kind: commands").replace(
        "source: var/papers",
        f"""
      export: [touch, var/taken], fingerprint: [sh, -c, 'printf "{line}\\n" 1']""",
    )
    plan(ledger, "", text)
    assert "no name, count and SHA-256" in ledger("drill", "baseline", "books", code=3).err


@pytest.mark.parametrize(
    ("was", "now", "reason"),
    [
        ('cd "$SVCOPS_REPOSITORY" &&', "exit 1;", "not-possible"),
        ('cd "$SVCOPS_REPOSITORY" &&', "echo nothing;", "not-possible"),
        ("tar -xf", "echo tar: ./a: Wrote only 512 of 1024 bytes >&2; exit 2; tar -xf", "not-possible"),
        ("tar -xf", "echo ssh: connect to host: Connection refused >&2; exit 255; tar -xf", "not-possible"),
        ("tar -xf", "echo tar: This does not look like a tar archive >&2; exit 2; tar -xf", "fetch-failed"),
    ],
)
def test_commands_that_could_not_do_their_work_say_nothing_of_the_backup(ledger, was, now, reason):
    plan(ledger, "", COMMANDS)
    (ledger.store.root / "var/tars").mkdir()
    ledger("drill", "baseline", "books")
    plan(ledger, "", COMMANDS.replace(was, now))
    ledger("drill", "run", "books", code=3 if reason == "not-possible" else 1)
    assert reasons(evidence(ledger))[0] == reason


def test_a_backup_by_commands_whose_folder_is_gone_holds_no_snapshot(ledger):
    plan(ledger, "", COMMANDS)
    (ledger.store.root / "var/tars").mkdir()
    ledger("drill", "baseline", "books")
    shutil.rmtree(ledger.store.root / "var/tars")
    assert "no-snapshot      var/tars is not there" in ledger("drill", "run", "books", code=1).out


def test_a_drill_that_was_over_and_could_not_be_recorded_is_recorded_as_what_it_came_to(ledger):
    ledger("drill", "baseline", "books")
    (ledger.store.git_dir / "REVERT_HEAD").write_text(ledger.store.head())
    assert "the drill is over, passed, and not recorded" in ledger("drill", "run", "books", code=3).err
    (ledger.store.git_dir / "REVERT_HEAD").unlink()
    said = ledger("drill", "list").err
    assert "was over, passed, and is recorded now" in said
    assert evidence(ledger)["verdict"] == "passed"


def test_any_tool_is_drilled_by_commands(ledger):
    (ledger.store.root / "var" / "tars").mkdir()
    (ledger.store.root / "var" / "papers" / "large").write_bytes(os.urandom(100_000))
    plan(ledger, "damage: [{case: truncate}, {case: slow}, {case: change-value}]\n", COMMANDS)
    ledger("drill", "baseline", "books")
    ledger("drill", "harden", "books")
    fetch = next(one for one in evidence(ledger)["stages"] if one["name"] == "fetch")
    assert fetch["exit"] == 0


def test_a_fingerprint_that_is_longer_than_is_read_proves_nothing(ledger, monkeypatch):
    """A cut at the end of a line is seen by nobody: what is beyond it would never be compared."""
    plan(ledger, "", COMMANDS)
    (ledger.store.root / "var" / "tars").mkdir()
    ledger("drill", "baseline", "books")
    line = len("./2026/receipt.txt\t11\t") + 64 + 1
    monkeypatch.setattr("svcops.recovery.interface.MOST_HEARD", line)
    ledger("drill", "run", "books", code=0)
    (ledger.store.root / "var/papers/2026/second.txt").write_text("another")
    said = ledger("drill", "baseline", "books", code=3).err
    assert f"{line} bytes of what it said were read, and there was more" in said


def test_warnings_on_standard_error_are_no_data(ledger):
    warns = COMMANDS.replace('cd "$SVCOPS_REPOSITORY" &&', 'echo warning: slow >&2; cd "$SVCOPS_REPOSITORY" &&')
    plan(ledger, "", warns.replace('cd "$SVCOPS_FOLDER"\n', 'echo warning: old >&2; cd "$SVCOPS_FOLDER"\n'))
    (ledger.store.root / "var" / "tars").mkdir()
    ledger("drill", "baseline", "books")
    ledger("drill", "run", "books")
    found = evidence(ledger)
    assert found["verdict"] == "passed"
    assert "warning: slow" in (ledger.store.root / found["folder"] / "logs/choose.txt").read_text()


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


def test_what_came_of_a_drill_is_not_taken_back_and_is_corrected_by_another(ledger):
    ledger("drill", "baseline", "books")
    shutil.rmtree(ledger.store.root / "var" / "backups")
    ledger("drill", "run", "books", code=1)
    before = ledger.store.head()
    said = ledger("undo", code=1)
    assert "cannot be taken back: what came of a drill stays" in said.err
    assert "svcops drill run PLAN --deviation" in said.err
    assert ledger.store.head() == before


def test_a_plan_of_which_no_case_damages_content_is_not_hardened(ledger):
    plan(ledger, "damage: [{case: slow}]\n")
    ledger("drill", "baseline", "books")
    ledger("drill", "harden", "books", code=None)
    shown = ledger("drill", "show", "books", "--json").json["plan"]
    assert shown["why_not_hardened"] == "none of its cases was noticed by comparing content, as change-value is"


def test_a_plan_of_which_no_case_was_noticed_by_its_content_is_not_hardened(ledger):
    """Its fingerprints may say the same of everything."""
    plan(ledger, "damage: [{case: delete-file}]\n")
    ledger("drill", "baseline", "books")
    said = ledger("drill", "harden", "books", code=1).err
    assert "books is not hardened: none of its cases was noticed by comparing content" in said
    assert [one["faults"][0]["reason"] for one in evidence(ledger)["cases"][1:]] == ["load-failed"]
    shown = ledger("drill", "show", "books", "--json").json["plan"]
    assert shown["why_not_hardened"] == "none of its cases was noticed by comparing content, as change-value is"


def test_a_plan_that_was_never_seen_to_fail_is_amber(ledger):
    ledger("drill", "baseline", "books")
    ledger("drill", "run", "books")
    assert "\tamber\t" in ledger("drill", "list").out
    assert "hardened     amber, not hardened: never hardened" in ledger("drill", "show", "books").out
    assert "books is not hardened (amber)" in ledger("score", "ledger", "--json", code=None).out
    ledger("drill", "harden", "books")
    assert "amber" not in ledger("drill", "list").out
    assert "amber" not in ledger("score", "ledger", "--json", code=None).out


def test_a_log_that_a_branch_changes_is_a_finding_of_that_branch(ledger):
    ledger("drill", "baseline", "books")
    ledger("drill", "run", "books")
    (log,) = ledger.store.root.glob("recovery/evidence/*/*/logs/choose.txt")
    log.write_text("another\n")
    ledger.store.commit("A log is tidied")
    assert "DRL001" in ledger("check", "--since", "HEAD^", "--json", code=1).out


def test_what_was_not_measured_is_told_with_what_is_agreed_also_where_that_is_nothing(ledger):
    agree(ledger, rpo="0s")
    ledger("drill", "baseline", "books")
    shutil.rmtree(snapshots(ledger)[0])
    assert "age of the data  not measured, RPO 0 s" in ledger("drill", "run", "books", code=1).out
