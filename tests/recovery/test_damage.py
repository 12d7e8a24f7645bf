"""Damage is done to a copy, whatever the backup is made of, and a case is noticed only for what it did."""

import os
import shutil
import subprocess
import sys
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
    ledger("drill", "harden", "books", code=1)
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
