"""Damage is done to a copy, whatever the backup is made of, and a case is noticed only for what it did."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.recovery.books import agree, evidence, plan, snapshots

import svcops


def content(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def cases(console: Any) -> dict[str, Any]:
    """What became of each case, by its first word."""
    return {one["case"].split()[0].rstrip(":"): one for one in evidence(console)["cases"]}


def test_a_snapshot_that_is_a_link_is_copied_and_never_damaged_itself(ledger, tmp_path):
    ledger("drill", "baseline", "books")
    (snapshot,) = snapshots(ledger)
    shutil.move(snapshot, tmp_path / "large")
    snapshot.symlink_to(tmp_path / "large")
    before = content(tmp_path / "large")
    assert "books is hardened" in ledger("drill", "harden", "books").err
    assert content(tmp_path / "large") == before


COMMANDS = """\
title: By commands
services: [ledger]
backup:
  tool: commands
  repository: var/kept
  list: [sh, -c, 'cd "$SVCOPS_REPOSITORY" && printf "%s\\t2026-11-23T07:15:00Z\\n" one']
  fetch: [sh, -c, 'cp -r "$SVCOPS_REPOSITORY"/data/. "$SVCOPS_FOLDER"']
  keep: [sh, -c, 'cp -r "$SVCOPS_FOLDER"/. "$SVCOPS_REPOSITORY/data" && echo one']
data: [{kind: files, name: papers, source: var/papers}]
"""


def test_nothing_is_damaged_where_the_repository_leads_elsewhere_by_a_link(ledger, tmp_path):
    plan(ledger, "damage: [{case: delete-file}, {case: change-value}, {case: break-pipe}]\n", COMMANDS)
    (tmp_path / "away").mkdir()
    (ledger.store.root / "var" / "kept").mkdir()
    (ledger.store.root / "var" / "kept" / "data").symlink_to(tmp_path / "away")
    ledger("drill", "baseline", "books")
    before = content(tmp_path / "away")
    said = ledger("drill", "harden", "books", code=3)
    assert "not tried        delete-file" in said.out
    assert "NOT NOTICED" not in said.out
    assert "a copy without damage could not be tried" in said.err
    assert content(tmp_path / "away") == before
    for one in cases(ledger).values():
        assert (one["verdict"], one["noticed"]) == ("inconclusive", False)
    assert "the link data leads out of it" in str(cases(ledger))


without_privilege = pytest.mark.skipif(
    os.geteuid() == 0 and not shutil.which("setpriv"), reason="nothing here gives up the right to write everywhere"
)


@without_privilege
def test_a_tree_with_folders_that_may_not_be_written_is_hardened(ledger):
    folder = ledger.store.root / "var" / "papers" / "2026"
    (folder / "large").write_bytes(os.urandom(300_000))
    folder.chmod(0o555)
    agree(ledger, rpo="9000d")  # the clock of the test stands in the past of the other process
    ledger("drill", "baseline", "books")
    give_up = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    env = {**ledger.store.env, "PYTHONPATH": str(Path(svcops.__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"}
    said = subprocess.run(
        [*give_up, sys.executable, "-m", "svcops", "drill", "harden", "books"],
        cwd=ledger.store.root,
        env=env,
        check=False,
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stdout


COPIES = """\
title: By commands
services: [ledger]
backup:
  tool: commands
  repository: var/kept
  list: [sh, -c, 'cd "$SVCOPS_REPOSITORY" && printf "%s\\t2026-11-23T07:15:00Z\\n" one']
  fetch: [sh, -c, 'case $SVCOPS_REPOSITORY in */var/kept) cp -r "$SVCOPS_REPOSITORY"/. "$SVCOPS_FOLDER";; *) exit 1; esac']
  keep: [sh, -c, 'cp -r "$SVCOPS_FOLDER"/. "$SVCOPS_REPOSITORY" && echo one']
data: [{kind: files, name: papers, source: var/papers}]
"""


def test_a_copy_that_does_not_come_back_shows_nothing_of_the_damage_to_it(ledger):
    plan(ledger, "damage: [{case: flip-bytes}, {case: truncate}, {case: slow}]\n", COPIES)
    (ledger.store.root / "var" / "kept").mkdir()
    ledger("drill", "baseline", "books")
    assert "books is not hardened" in ledger("drill", "harden", "books", code=1).err
    assert {name: (one["verdict"], one["noticed"]) for name, one in cases(ledger).items()} == {
        "a": ("failed", False),
        "flip-bytes": ("inconclusive", False),
        "truncate": ("inconclusive", False),
        "slow": ("failed", True),
    }
    (shown,) = ledger("drill", "list", "--json").json["plans"]
    assert shown["why_not_hardened"] == "a copy without damage did not pass, so damage to one shows nothing"


def test_a_value_of_each_data_set_is_changed_and_each_has_to_differ(ledger):
    ledger("drill", "baseline", "books")
    ledger("drill", "harden", "books")
    case = cases(ledger)["change-value"]
    assert case["case"] == "change-value: amount of one row of entry; the first byte of papers/2026/receipt.txt"
    assert [one["text"].split(":")[0] for one in case["faults"]] == ["books", "papers"]


def test_the_last_hardening_counts_also_where_its_good_case_failed(ledger):
    ledger("drill", "baseline", "books")
    ledger("drill", "harden", "books")
    (snapshots(ledger)[0] / "papers" / "2026" / "receipt.txt").write_text("another")
    said = ledger("drill", "harden", "books", code=1)
    assert said.out.startswith("FAILED  hardening of books")
    assert ledger.store.git("log", "-1", "--format=%s").startswith("Hardening")
    (shown,) = ledger("drill", "list", "--json").json["plans"]
    assert (shown["hardened"], shown["why_not_hardened"]) == (False, "the good case failed")
    assert "hardened     amber, not hardened: the good case failed" in ledger("drill", "show", "books").out


def test_a_snapshot_that_was_deleted_is_missed_though_an_older_one_is_there(ledger):
    ledger("drill", "baseline", "books")
    ledger("drill", "baseline", "books")
    ledger("drill", "harden", "books")
    older, newer = snapshots(ledger)
    shutil.rmtree(newer)
    ledger("drill", "run", "books", code=1)
    (fault,) = evidence(ledger)["faults"]
    assert fault["reason"] == "no-snapshot"
    assert fault["text"].startswith(f"the snapshot {newer.name} of 2026-11-23T")
    assert fault["text"].endswith(", whose baseline is kept, is not there")
    ledger("drill", "baseline", "books")
    shutil.rmtree(older)
    ledger("drill", "run", "books")


def test_bytes_are_flipped_all_over_a_file_as_room_in_its_middle_may_be_unused(ledger):
    """Rows that were deleted leave such room in a database; what is there is no content."""
    with closing(sqlite3.connect(ledger.store.root / "var/books.sqlite")) as books:
        books.executemany("INSERT INTO entry (note) VALUES (?)", [(f"{one:0200}",) for one in range(9000)])
        books.execute("DELETE FROM entry WHERE id BETWEEN 3500 AND 9500")
        books.commit()
    plan(ledger, "damage: [{case: flip-bytes}, {case: change-value}]\n")
    ledger("drill", "baseline", "books")
    ledger("drill", "harden", "books")
    assert cases(ledger)["flip-bytes"]["noticed"] is True
