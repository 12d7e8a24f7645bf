"""A look at the files of some kinds: what the walk has of them, or nothing where the walk has to decide."""

import os
from pathlib import Path
from typing import Any

import pytest

from svcops.store.files import WorkTree
from svcops.store.layout import KINDS, kind
from svcops.store.looking import look

FOLDERS = sorted({one.pattern.partition("/")[0] for one in KINDS if "/" in one.pattern})
FILES = (
    "incidents/2026/incident-20261123-k7f3q2/incident.yaml",
    "incidents/2026/incident-20261123-k7f3q2/timeline/1-opened.yaml",
    "incidents/2026/incident-20261123-k7f3q2/timeline/.2-log.yaml",
    "incidents/2026/incident-20261123-k7f3q2/timeline/README.md",
    "incidents/2026/incident-20261123-k7f3q2/notes.txt",
    "incidents/2026/incident-20261124-k7f3q2/timeline/1-opened.yaml",
    "incidents/2026/README.md",
    "measures/2026/measure-20261123-k7f3q2/measure.yaml",
    "measures/2026/measure-20261123-k7f3q2/1-anchored.yaml",
    "postmortems/2026/postmortem-20261123-k7f3q2.md",
    "postmortems/2026/README.md",
    "runbooks/ledger/late.md",
    "runbooks/ledger/README.md",
    "slo/ledger.yaml",
    "slo/.yaml",
    "catalogue/services/ledger.yaml",
    "catalogue/services/ledger.yml",
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for path in FILES:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(path, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("folder", FOLDERS)
def test_it_sees_what_the_walk_sees_of_every_kind(place: Path, folder: str) -> None:
    kinds = [one for one in KINDS if one.pattern.startswith(f"{folder}/")]
    seen, walked = look(str(place), kinds), WorkTree(place).inventory({folder})
    assert seen is not None
    assert {one.name: seen.paths[one.name] for one in kinds} == {one.name: walked.paths[one.name] for one in kinds}
    assert seen.signatures == walked.signatures


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    seen = look(str(tmp_path), [kind("incident")])
    assert seen is not None
    assert not seen.paths["incident"]


EVENTS = "incidents/2026/incident-20261123-k7f3q2/timeline"


def linked_file(place: Path) -> None:
    (place / EVENTS / "3-log.yaml").symlink_to("1-opened.yaml")


def linked_folder(place: Path) -> None:
    target = place / "incidents/2026/incident-20261125-k7f3q2"
    target.mkdir()
    (target / "timeline").symlink_to(place / EVENTS)


def folder_of_a_file_s_name(place: Path) -> None:
    (place / EVENTS / "3-log.yaml").mkdir()


def pipe(place: Path) -> None:
    os.mkfifo(place / EVENTS / "3-log.yaml")


def file_of_a_folder_s_name(place: Path) -> None:
    target = place / "incidents/2026/incident-20261125-k7f3q2"
    target.mkdir()
    (target / "timeline").write_text("x", encoding="utf-8")


@pytest.mark.parametrize(
    "odd",
    [linked_file, linked_folder, folder_of_a_file_s_name, pipe, file_of_a_folder_s_name],
    ids=lambda one: one.__name__,
)
def test_where_something_is_odd_the_walk_decides(place: Path, odd: Any) -> None:
    odd(place)
    assert look(str(place), [kind("incident"), kind("incident-event")]) is None


def test_where_the_first_folder_is_a_link_the_walk_decides(place: Path) -> None:
    (place / "incidents").rename(place / "elsewhere")
    (place / "incidents").symlink_to("elsewhere")
    assert look(str(place), [kind("incident")]) is None


def test_a_link_among_the_folders_is_none_of_them(place: Path) -> None:
    (place / "incidents/2027").symlink_to(place / "incidents/2026")
    seen, walked = look(str(place), [kind("incident")]), WorkTree(place).inventory({"incidents"})
    assert seen is not None
    assert seen.paths["incident"] == walked.paths["incident"]
