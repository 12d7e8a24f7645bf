"""What folders listed before: whatever happened to them since, the walk gives what it gives without."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tries import tries

from svcops.store import cache, held
from svcops.store.cache import Cache
from svcops.store.files import WorkTree
from svcops.store.graph import Graph
from svcops.store.layout import KINDS

_TICK = 0.02
INCIDENT = "incidents/2026/incident-20261123-k7f3q2"
_AT = "at: 2026-11-23T08:15:00Z\nrecorded_at: 2026-11-23T08:15:00Z\nby: ada\n"
LOG = f"type: log\n{_AT}text: Step\n"
FILES = {
    "svcops.yaml": "organisation: Example\ntime_zone: Europe/Berlin\n",
    "approvals/2026/approval-20261123-k7f3q2.yaml.sig": "x",
    "catalogue/services/ledger.yaml": "title: Ledger\nowner: platform\ntier: 1\n",
    "catalogue/services/README.md": "For people",
    f"{INCIDENT}/incident.yaml": "title: No receipts\nservices: []\ndetected_by: user\n",
    f"{INCIDENT}/timeline/1-log.yaml": LOG,
    f"{INCIDENT}/timeline/2-log.yaml": LOG,
    "incidents/2026/incident-20261124-b2m9aa/incident.yaml": "title: Late\nservices: []\ndetected_by: user\n",
    "incidents/2026/incident-20261124-b2m9aa/timeline/1-log.yaml": LOG,
    "catalogue/teams/platform.yaml": "title: Platform\nmembers: []\n",
}


@pytest.fixture(autouse=True)
def a_short_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What changed a moment ago is certain soon: nobody can set the time at which an inode changed."""
    monkeypatch.setattr(cache, "_TICK_NS", int(_TICK * 1e9))


def write(root: Path, path: str, text: str = LOG) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return made(tmp_path / "store")


def made(root: Path) -> Path:
    """A store, with all that it has held."""
    for path, text in FILES.items():
        write(root, path, text)
    time.sleep(_TICK * 1.5)
    known(root)
    return root


def known(root: Path) -> tuple[Any, ...]:
    """What there is by what is held, and what is held from then on."""
    return _read(Graph(root, root / ".git" / "cache"))


def _read(graph: Graph) -> tuple[Any, ...]:
    """The paths of all records, their signatures, every record by kind and name, and all that is wrong."""
    found = graph.take_inventory()
    records = {f"{kind.name} {name}": one for kind in KINDS for name, one in graph.all(kind.name).items()}
    signatures = graph.tree.signatures([path for paths in found.paths.values() for path in paths])
    return found.paths, signatures, records, {str(one) for one in (*found.findings, *graph.findings)}


def assert_same(root: Path) -> None:
    """As it is without anything held."""
    assert known(root) == _read(Graph(root))


@pytest.fixture
def lists(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders that are listed from now on."""
    seen: list[str] = []
    original = WorkTree.items

    def items(tree: WorkTree, folder: str) -> list[Any]:
        seen.append(folder)
        return original(tree, folder)

    monkeypatch.setattr(WorkTree, "items", items)
    return seen


def test_folders_that_did_not_change_are_not_listed_again(place: Path, lists: list[str]) -> None:
    assert_same(place)
    first = lists[: lists.index("", 1)]
    assert sorted(first) == [
        "",
        "approvals/2026",
        "catalogue/services",
    ]  # a page for people, a signature: no plain folders


def test_of_a_change_only_its_folder_is_listed(place: Path, lists: list[str]) -> None:
    write(place, f"{INCIDENT}/timeline/3-log.yaml")
    known(place)
    assert [one for one in lists if one.startswith("incidents")] == [f"{INCIDENT}/timeline"]


CHANGES: dict[str, Callable[[Path], object]] = {
    "a file more": lambda root: write(root, f"{INCIDENT}/timeline/3-log.yaml"),
    "a file less": lambda root: (root / INCIDENT / "timeline/2-log.yaml").unlink(),
    "a file of another name": lambda root: (root / INCIDENT / "timeline/2-log.yaml").rename(
        root / INCIDENT / "timeline/3-log.yaml"
    ),
    "other content": lambda root: write(root, f"{INCIDENT}/timeline/2-log.yaml", LOG.replace("Step", "Stop")),
    "another file in its place": lambda root: os.replace(
        root / INCIDENT / "incident.yaml", root / "catalogue/teams/platform.yaml"
    ),
    "a folder more": lambda root: write(root, "incidents/2027/incident-20270101-k7f3q2/incident.yaml"),
    "a folder less": lambda root: shutil.rmtree(root / INCIDENT),
    "a folder of another name": lambda root: (root / "incidents/2026").rename(root / "incidents/2027"),
    "all folders less": lambda root: shutil.rmtree(root / "incidents"),
    "a link in place of a folder": lambda root: (
        (root / INCIDENT).rename(root / "elsewhere"),
        (root / INCIDENT).symlink_to(root / "elsewhere"),
    ),
    "a link in place of a file": lambda root: (
        (root / "catalogue/teams/platform.yaml").unlink(),
        (root / "catalogue/teams/platform.yaml").symlink_to("/etc/hosts"),
    ),
    "a folder in place of a file": lambda root: (
        (root / "catalogue/teams/platform.yaml").unlink(),
        (root / "catalogue/teams/platform.yaml").mkdir(),
    ),
    "a page for people": lambda root: write(root, "incidents/README.md"),
    "a file that is no record": lambda root: write(root, f"{INCIDENT}/timeline/notes.txt"),
    "a hidden file": lambda root: write(root, f"{INCIDENT}/timeline/.3-log.yaml"),
    "a signature less": lambda root: (root / "approvals/2026/approval-20261123-k7f3q2.yaml.sig").unlink(),
    "no right to look": lambda root: (root / INCIDENT / "timeline").chmod(0),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_is_seen_at_once_and_later(place: Path, change: str) -> None:
    CHANGES[change](place)
    assert_same(place)
    time.sleep(_TICK * 1.5)
    assert_same(place)
    assert_same(place)


def test_beside_a_page_for_people_a_new_file_is_seen(place: Path) -> None:
    """The folder with the page is not held, and the one above and the one in it are."""
    write(place, "incidents/2026/README.md")
    shutil.rmtree(place / "incidents/2026/incident-20261124-b2m9aa")
    time.sleep(_TICK * 1.5)
    assert_same(place)
    write(place, "incidents/2026/incident-20261125-c3n8bb/incident.yaml")
    assert_same(place)


def step(root: Path, kind: str, first: str, other: str) -> None:
    """Change something, where that can be; the walk has to tell whatever comes of it."""
    here, there = root / first, root / other
    try:
        if kind == "write":
            write(root, first, kind + other)
        elif kind == "remove":
            shutil.rmtree(here) if here.is_dir() and not here.is_symlink() else here.unlink()
        elif kind == "move":
            here.rename(there)
        elif kind == "link":
            here.symlink_to(there)
        else:
            here.mkdir(parents=True)
    except OSError:
        return


PLACES = st.sampled_from(
    sorted({*FILES, *(str(above) for file in FILES for above in Path(file).parents if str(above) != ".")})
)
STEPS = st.tuples(st.sampled_from(["write", "remove", "move", "link", "folder"]), PLACES, PLACES)


@tries(40)
@given(st.lists(STEPS, min_size=1, max_size=4))
def test_whatever_happens_nothing_is_missed(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, str]]
) -> None:
    root = made(tmp_path_factory.mktemp("held") / "store")
    for one in steps:
        step(root, *one)
        assert_same(root)
        time.sleep(_TICK * 1.5)


def test_what_changed_just_now_is_not_held(place: Path, lists: list[str]) -> None:
    write(place, f"{INCIDENT}/timeline/3-log.yaml")
    known(place)
    lists.clear()
    known(place)
    assert f"{INCIDENT}/timeline" in lists


def test_where_the_times_of_folders_tell_nothing_all_are_listed(
    tmp_path: Path, lists: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on file systems that leave a folder's time alone when an entry comes or goes."""
    monkeypatch.setattr(held, "_shows", lambda *_: False)
    root = made(tmp_path / "store")
    lists.clear()
    known(root)
    assert f"{INCIDENT}/timeline" in lists


def test_where_nothing_can_be_written_all_is_listed(place: Path) -> None:
    shutil.rmtree(place / ".git")
    write(place, ".git", "no folder")
    assert_same(place)


def test_a_listing_that_is_damaged_is_none(place: Path) -> None:
    import sqlite3

    (file,) = (place / ".git/cache").glob("records-*.db")
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE packs SET files = replace(files, '2-log', '9-log') WHERE kind LIKE 'folders of %'")
    connection.close()
    assert_same(place)


def test_what_changed_within_a_tick_of_the_look_is_not_held_however_long_the_walk_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On file systems that tell times by the second, another file may have come in the same one, behind the look."""
    root = tmp_path / "store"
    for path, text in FILES.items():
        write(root, path, text)
    original = WorkTree.items
    folders = [one for one in root.rglob("*") if one.is_dir()]
    for folder in folders:
        os.utime(folder)
    began = max(one.stat().st_ctime_ns for one in folders) + 1  # however long the disk takes for the cache
    monkeypatch.setattr(time, "time_ns", lambda: began)

    def slow(tree: WorkTree, folder: str) -> list[Any]:
        time.sleep(_TICK * 2)
        return original(tree, folder)

    monkeypatch.setattr(WorkTree, "items", slow)
    known(root)
    assert held.listed_in(Cache(root / ".git" / "cache"), ["incidents", "catalogue"]) == {}


def test_a_copied_store_is_tried_anew(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it brings of listings is of other folders, and its file system may be another."""
    other = place.parent / "copied"
    shutil.copytree(place, other, symlinks=True)
    time.sleep(_TICK * 1.5)
    monkeypatch.setattr(held, "_shows", lambda *_: False)
    before = held.listed_in(Cache(other / ".git" / "cache"), ["incidents"])
    known(other)
    assert before
    assert held.listed_in(Cache(other / ".git" / "cache"), ["incidents"]) == before


@pytest.mark.parametrize("fails", [os.mkdir, os.rmdir])
def test_times_have_to_tell_of_what_comes_and_of_what_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: Callable[..., None]
) -> None:
    original = held._shows
    monkeypatch.setattr(held, "_shows", lambda folder, change: change is not fails and original(folder, change))
    root = made(tmp_path / "store")
    assert held.listed_in(Cache(root / ".git" / "cache"), ["incidents"]) == {}


def test_a_name_that_no_record_has_keeps_its_folder_from_being_held_and_nothing_else(place: Path) -> None:
    write(place, f"{INCIDENT}/timeline/für.yaml")
    time.sleep(_TICK * 1.5)
    assert_same(place)
    there = held.listed_in(Cache(place / ".git" / "cache"), ["incidents"])
    assert f"{INCIDENT}/timeline" not in there
    assert INCIDENT in there


def test_a_record_behind_a_link_is_never_taken_for_what_it_was(place: Path) -> None:
    """The link stays as it is while the file that it leads to changes."""
    team = place / "catalogue/teams/platform.yaml"
    team.rename(place / "catalogue/platform.txt")
    team.symlink_to("../platform.txt")
    shutil.rmtree(place / ".git" / "cache")
    known(place)
    time.sleep(_TICK * 1.5)
    assert_same(place)
    (place / "catalogue/platform.txt").write_text("title: Another\nmembers: []\n", encoding="utf-8")
    assert_same(place)


def test_a_kind_without_files_is_forgotten(place: Path, lists: list[str]) -> None:
    shutil.rmtree(place / "catalogue/teams")
    known(place)
    time.sleep(_TICK * 1.5)
    known(place)
    lists.clear()
    known(place)
    assert "catalogue" not in lists
    assert_same(place)


def test_a_second_look_at_one_record_sees_what_it_is_by_then(place: Path) -> None:
    graph = Graph(place, place / ".git" / "cache")
    (name,) = graph.part("incident", year="2026", name=INCIDENT.rpartition("/")[2])
    write(place, f"{INCIDENT}/incident.yaml", "title: Another title\nservices: []\ndetected_by: user\n")
    assert graph.part("incident", year="2026", name=name)[name].value.title == "Another title"
