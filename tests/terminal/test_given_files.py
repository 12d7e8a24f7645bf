"""A file that was named and cannot be read: which, why, and what to type instead."""

import os
from pathlib import Path

import pytest

from svcops.errors import BadInput
from svcops.terminal.given_files import unread


def told(name: str, cwd: Path) -> BadInput:
    try:
        with open(cwd / name, encoding="utf-8") as file:
            file.read()
    except (OSError, UnicodeDecodeError) as error:
        return unread(f"--file {name}", name, cwd / name, error)
    raise AssertionError(f"{name} can be read")


@pytest.fixture
def cwd(tmp_path: Path) -> Path:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/incidents.jsonl").write_text("{}", encoding="utf-8")
    (tmp_path / "latin.txt").write_bytes(b"\xe4")
    return tmp_path


def test_a_name_that_is_nearly_right_is_offered(cwd: Path) -> None:
    error = told("notes/incident.jsonl", cwd)
    assert error.message == "--file notes/incident.jsonl cannot be read: No such file or directory"
    assert error.help == "Did you mean notes/incidents.jsonl?"


def test_a_name_that_has_but_its_ending_in_common_is_not_offered(cwd: Path) -> None:
    (cwd / "bin.yaml").write_text("", encoding="utf-8")
    (cwd / "away.yaml").symlink_to("nowhere")
    assert told("missing.yaml", cwd).help == f"There is no such file in {cwd}."
    assert told("away.yaml", cwd).help == f"There is no such file in {cwd}."


def test_where_it_was_looked_for_is_said(cwd: Path) -> None:
    assert told("nowhere.txt", cwd).help == f"There is no such file in {cwd}."
    assert told("nowhere/x.txt", cwd).help == f"There is no folder {cwd / 'nowhere'}."


def test_a_folder_is_no_file(cwd: Path) -> None:
    assert told("notes", cwd).help == "It is a folder: name a file in it, notes/FILE."


def test_text_of_another_encoding_is_told(cwd: Path) -> None:
    error = told("latin.txt", cwd)
    assert (error.message, error.help) == ("--file latin.txt cannot be read: it is not UTF-8 text", "Save it as UTF-8.")


@pytest.mark.skipif(os.geteuid() == 0, reason="to root every file is open")
def test_a_file_that_is_shut_is_told(cwd: Path) -> None:
    (cwd / "latin.txt").chmod(0)
    assert told("latin.txt", cwd).help == "See who may: ls -l latin.txt"
