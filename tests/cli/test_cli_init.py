"""svcops init: a store, empty or with the reference landscape."""

from pathlib import Path

import pytest

from svcops.store.git_places import git_dir_of

PROJECT = Path(__file__).resolve().parents[2]


def test_an_empty_store_passes_its_check(console, tmp_path):
    console.cwd = tmp_path
    said = console("init", "new")
    assert said.id == str(tmp_path / "new")
    assert console.store.git("-C", str(tmp_path / "new"), "log", "--format=%s") == "Start an empty store\n"
    assert said.err.splitlines()[-5:] == [
        "next: cd new, and write people first, then teams, then services from the bottom up",
        "  catalogue/people/ada.yaml    name: Ada Example",
        "  catalogue/teams/shop.yaml    title: Shop, members: [ada], and contacts",
        '  svcops service new orders --title "Orders" --owner shop',
        "  svcops check says what is missing; svcops schema shows every record",
    ]
    console.cwd = tmp_path / "new"
    assert "All good: 1 record checked" in console("check").out


def test_git_changes_no_line_ends_in_what_is_signed(console, tmp_path):
    console.cwd = tmp_path
    console("init", "new")
    paths = ("recovery/evidence/2026/x/evidence.yaml", "approvals/2026/x.yaml", "catalogue/people/ada.yaml")
    said = console.store.git("-C", str(tmp_path / "new"), "check-attr", "text", *paths)
    assert [line.rpartition(" ")[2] for line in said.splitlines()] == ["unset", "unset", "set"]


def test_the_reference_landscape_is_a_store_of_its_own_that_passes_its_check(console, tmp_path):
    console.cwd = tmp_path
    console("init", "--example", "ops")
    console.cwd = tmp_path / "ops"
    assert "nothing found" in console("check").out
    assert git_dir_of(tmp_path / "ops") == tmp_path / "ops" / ".git"
    assert console.store.git("-C", str(tmp_path / "ops"), "status", "--porcelain") == ""
    assert (tmp_path / "ops/metrics/receipts.csv").is_file()
    tracked = console.store.git("-C", str(tmp_path / "ops"), "ls-files").split()
    assert "slo/receipt-scanner.yaml" in tracked
    assert "metrics/receipts.csv" not in tracked


def test_inside_a_repository_no_other_is_made(console):
    (console.store.root / "svcops.yaml").unlink()
    console.store.commit("No store any more")
    console("init", "below")
    assert git_dir_of(console.store.root / "below") == console.store.git_dir


def test_nothing_is_overwritten(console, tmp_path):
    assert "is a store already" in console("init", code=2).err
    folder = tmp_path / "used"
    folder.mkdir()
    (folder / ".gitignore").write_text("mine")
    console.cwd = tmp_path
    assert "is there already" in console("init", "used", code=2).err
    assert (folder / ".gitignore").read_text() == "mine"


def test_without_a_name_nothing_is_made(console, tmp_path):
    console.who = ("", "")
    console.cwd = tmp_path
    assert "does not know who you are" in console("init", "new", code=3).err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["with space", "ümläut"])
def test_any_folder_name_will_do(console, tmp_path, name):
    console.cwd = tmp_path
    console("init", name)
    assert (tmp_path / name / "svcops.yaml").is_file()
