"""The check as a whole: the same store gives the same list, and nothing is ever written to it."""

import json
import os
import shutil
import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from svcops.checking.engine import check
from svcops.store.documents import body
from svcops.store.files import WorkTree
from svcops.store.graph import Graph
from svcops.store.walk import Inventory

NOW = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
Write = Callable[[Mapping[str, str | bytes]], Path]

DAMAGED: dict[str, str | bytes] = {
    "catalogue/teams/operations.yaml": "title: Operations\nparent: nobody\n",
    "catalogue/services/Payroll.yaml": "title: Payroll\nowner: opperations\ntier: one\n",
    "catalogue/services/ledger.yaml": "title: Ledger\nowner: opperations\ndependencies: [{service: legder}]\n",
    "catalogue/services/portal.yaml": "title: [\n",
    "catalogue/services/latin.yaml": b"title: L\xf6hne\n",
    "catalogue/services/twice.yaml": "title: T\nowner: operations\ntitle: T\nowner: x\n",
    "catalogue/services/stray.yml": "",
    "runbooks/ledger/restore.md": "no fields\n",
    "slo/a.yaml": "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: a}\nspec: {}\n",
    "slo/b.yaml": "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: a}\nspec: {}\n",
}


def answer(root: Path, call: Callable[..., Any]) -> Any:
    return json.loads(call(root, "check", "--json").out)


def traces(root: Path, *, skip: tuple[str, ...] = ()) -> dict[str, tuple[int, ...]]:
    """What a write to a file or folder would change."""
    found = {}
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if os.path.relpath(os.path.join(folder, name), root) not in skip]
        for name in (".", *names):
            stat = os.lstat(os.path.join(folder, name))
            path = os.path.relpath(os.path.join(folder, name), root)
            found[path] = (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino, stat.st_mode)
    return found


def test_same_store_same_list(write: Write, call: Callable[..., Any], tmp_path: Path) -> None:
    root = write(DAMAGED)
    first = answer(root, call)
    found = {one["code"] for one in first["findings"]}
    assert found >= {"FILE001", "FILE004", "FILE006", "NAME001", "NAME002", "REF001", "SCHEMA003", "YAML001", "YAML002"}
    assert answer(root, call) == first
    copy = tmp_path / "copy"
    for path in sorted(DAMAGED, reverse=True):
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / path, copy / path)
    shutil.copy(root / "svcops.yaml", copy / "svcops.yaml")
    assert answer(copy, call) == first


def test_a_related_place_has_a_line_unless_its_record_is_the_whole_file(write: Write, call: Callable[..., Any]) -> None:
    documents = "apiVersion: openslo/v1\nkind: SLI\nmetadata: {name: answered}\nspec: {}\n"
    slo = (
        "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: a}\n"
        "spec: {indicatorRef: anwered, service: legder, budgetingMethod: Occurrences, objectives: [{target: 0.9}]}\n"
    )
    root = write({"slo/a.yaml": documents, "slo/b.yaml": slo, "catalogue/services/ledger.yaml": "title: L\nowner: x\n"})
    found = [
        one["related"][0] for one in answer(root, call)["findings"] if one["path"] == "slo/b.yaml" and one["related"]
    ]
    assert [(one["label"], one["path"], one["line"]) for one in found] == [
        ("answered is defined here", "slo/a.yaml", 3),
        ("ledger is defined here", "catalogue/services/ledger.yaml", None),
    ]


def test_findings_are_in_the_order_of_their_places(write: Write, call: Callable[..., Any]) -> None:
    found = answer(write(DAMAGED), call)["findings"]
    places = [(one["path"], one["line"] or 0, one["column"] or 0, one["code"]) for one in found]
    assert places == sorted(places)


def test_cold_and_warm_cache_say_the_same(store: Any, call: Callable[..., Any]) -> None:
    for path, content in DAMAGED.items():
        store.write(path, content)
    past = time.time() - 60
    for path in DAMAGED:
        os.utime(store.root / path, (past, past))
    cold = answer(store.root, call)
    assert (store.git_dir / "svcops" / "cache").is_dir()
    assert answer(store.root, call) == cold
    shutil.rmtree(store.git_dir / "svcops")
    assert answer(store.root, call) == cold


def test_a_repaired_file_is_seen_at_once(store: Any, call: Callable[..., Any]) -> None:
    store.write("catalogue/teams/operations.yaml", "title: [\n")
    assert answer(store.root, call)["counts"]["error"] == 1
    store.write("catalogue/teams/operations.yaml", "title: O\n")
    assert answer(store.root, call)["counts"]["error"] == 0
    store.write("catalogue/teams/operations.yaml", "tilte: O\n")
    assert answer(store.root, call)["counts"]["error"] == 2


@pytest.mark.parametrize(
    "arguments", [["check"], ["check", "--json"], ["check", "--format", "github"], ["explain", "REF001"]]
)
def test_nothing_is_written_to_the_work_tree(store: Any, call: Callable[..., Any], arguments: list[str]) -> None:
    for path, content in DAMAGED.items():
        store.write(path, content)
    store.commit("Damaged")
    store.write("catalogue/services/staged.yaml", "title: S\nowner: operations\n")
    store.git("add", "catalogue/services/staged.yaml")
    store.write("catalogue/services/portal.yaml", "title: [changed\n")
    (store.git_dir / "svcops").mkdir()
    status = store.status()
    before = traces(store.path, skip=(".git/svcops",))
    call(store.root, *arguments)
    assert traces(store.path, skip=(".git/svcops",)) == before
    assert store.status() == status


def test_nothing_at_all_is_written_without_git(write: Write, call: Callable[..., Any]) -> None:
    root = write(DAMAGED)
    before = traces(root)
    assert call(root, "check").code == 1
    assert traces(root) == before


def test_store_is_named_from_elsewhere(write: Write, call: Callable[..., Any], tmp_path: Path) -> None:
    root = write(DAMAGED)
    inside = call(root, "check").out
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert call(elsewhere, "check", "--store", "../store").out == inside
    assert call(elsewhere, f"--store={root}", "check").out == inside
    assert call(root / "catalogue" / "services", "check").out == inside


def test_no_store(call: Callable[..., Any], tmp_path: Path) -> None:
    said = call(tmp_path, "check")
    assert said.code == 2
    assert "no svcops.yaml" in said.err


def test_damaged_settings_are_a_finding_and_the_rest_is_checked(write: Write, call: Callable[..., Any]) -> None:
    root = write({"svcops.yaml": "time_zone: [\n", "catalogue/services/a.yaml": "title: A\n"})
    assert [one["code"] for one in answer(root, call)["findings"]] == ["SCHEMA002", "YAML001"]


def test_exit_code_is_of_errors_alone(write: Write, call: Callable[..., Any]) -> None:
    root = write({"runbooks/ledger/README.md": "Text\n"})
    (root / "runbooks" / "books").symlink_to("ledger")
    said = call(root, "check")
    assert said.code == 0
    assert "1 warning in 1 file" in said.out


def test_folder_that_cannot_be_read(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Permissions do not hold root back, so the operating system is asked to refuse."""
    root = write({"catalogue/services/a.yaml": "title: A\nowner: b\n"})
    scandir = os.scandir

    def refusing(path: Any = ".") -> Any:
        if str(path).rstrip("/").endswith("services"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    (found,) = check(Graph(root), NOW).findings
    assert (found.code, found.at.path) == ("FILE005", "catalogue/services")
    assert "Permission denied" in found.message


class Restless(WorkTree):
    """A work tree out of which somebody takes a file once it is listed."""

    def __init__(self, root: Path, gone: str, after: str) -> None:
        super().__init__(root)
        self.gone = root / gone
        self.after = after

    def items(self, folder: str) -> list["os.DirEntry[str]"]:
        """What a folder holds; the file vanishes before anybody looks at it."""
        found = super().items(folder)
        if self.after == "listing" and folder == "catalogue/teams":
            self.gone.unlink()
        return found

    def inventory(self, only: Collection[str] | None = None, *, by_two: bool = False) -> Inventory:
        """Everything; the file vanishes before anybody reads it."""
        found = super().inventory(only, by_two=by_two)
        if self.after == "walk":
            self.gone.unlink()
        return found


@pytest.mark.parametrize("after", ["listing", "walk"])
def test_file_that_vanishes_meanwhile(write: Write, after: str) -> None:
    root = write({"catalogue/teams/a.yaml": "title: A\n"})
    tree = Restless(root, "catalogue/teams/a.yaml", after)
    (found,) = check(Graph(root, tree=tree), NOW).findings
    assert (found.code, found.at.path) == ("FILE005", "catalogue/teams/a.yaml")


def test_the_store_itself_cannot_be_listed(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write({"catalogue/services/a.yaml": "title: A\nowner: b\n"})
    scandir = os.scandir

    def refusing(path: Any = ".") -> Any:
        if str(path).rstrip("/") == str(root):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert [(one.code, one.at.path) for one in check(Graph(root), NOW).findings] == [("FILE005", ".")]


def test_text_names_the_place_and_the_summary(write: Write, call: Callable[..., Any], snapshot: Any) -> None:
    said = call(write(DAMAGED), "check")
    assert said.code == 1
    assert said.err == ""
    snapshot("check-damaged.txt", said.out)


def test_colour_in_a_terminal_only(write: Write, call: Callable[..., Any]) -> None:
    root = write(DAMAGED)
    assert "\x1b[1;31merror[" in call(root, "check", terminal=True).out
    assert "\x1b" not in call(root, "check").out
    assert "\x1b" not in call(root, "check", "--no-color", terminal=True).out
    assert "\x1b" not in call(root, "check", terminal=True, env={"NO_COLOR": "1"}).out


def test_text_below_the_fields_is_found_behind_a_byte_order_mark(write: Write) -> None:
    root = write({"runbooks/ledger/restore.md": "\ufeff---\ntitle: R\n---\n\nText\n"})
    assert body(WorkTree(root), "runbooks/ledger/restore.md") == "\nText\n"
